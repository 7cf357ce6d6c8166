//! The one place where wishes become changes of the app.

use crate::core::item::Item;
use crate::job::JobHandle;
use crate::run::config::RunConfig;
use crate::run::contents::RunContents;
use crate::window::app::{App, Slice};
use crate::window::command::{Command, Severity, Toast};
use crate::window::dialogs::Question;
use crate::window::format;
use crate::window::jobs::Ended;
use crate::window::layout;
use crate::window::services::TurnsPreview;
use crate::window::view::ViewKind;
use crate::window::widgets::toast;
use std::path::{Path, PathBuf};

impl App {
    /// Applies all wishes of the frame, in order; wishes that arise while applying are taken too.
    pub(crate) fn apply_all(&mut self, ctx: &egui::Context) {
        // Bounded: a wish may wish again (a sample opens a run), but never without end.
        for _ in 0..8 {
            let commands = self.commands.drain();
            if commands.is_empty() {
                return;
            }
            ctx.request_repaint();
            for command in commands {
                self.apply(ctx, command);
            }
        }
    }

    fn apply(&mut self, ctx: &egui::Context, command: Command) {
        match command {
            Command::OpenRun(folder) => self.open_run(ctx, folder),
            Command::OpenRunDialog => self.ask(ctx, Question::Run),
            Command::OpenSample(name) => self.open_sample(&name),
            Command::ImportTurnsDialog => self.ask(ctx, Question::Turns),
            Command::ImportTurns(path) => self.import_turns(ctx, path),
            Command::DraftRun(config) => {
                let back = self.draft.turns.is_some() && config.turns.is_none();
                self.draft = *config;
                if back {
                    self.draft_turns = None;
                    self.count_bundled(ctx);
                }
            }
            Command::StartRun(config) => self.start_run(*config),
            Command::ResumeRun(folder) => self.resume_run(folder),
            Command::CancelJob => self.jobs.cancel(),
            Command::Show(kind) => self.show_view(kind),
            Command::CloseView(kind) => self.close_view(kind),
            Command::Escape => self.escape(),
            Command::StepRow(step) => self.step_row(step),
            Command::StepRun(step) => self.step_run(step),
            Command::KeepSlice(name) => self.keep_slice(name),
            Command::Select(item) => self.select(item),
            Command::Hover(item) => self.next_hover = Some(item),
            Command::Cursor { row, column } => {
                self.selection.cursor_row = Some(row);
                self.selection.cursor_column = column.or(self.selection.cursor_column);
            }
            Command::Brush(mut rows) => {
                rows.sort_unstable();
                rows.dedup();
                self.selection.brushed = rows;
            }
            Command::RowOrder(view, order) => {
                self.orders.insert(view, order);
            }
            Command::ExportFigure(kind) => self.export_figure(ctx, kind),
            Command::Project(key) => {
                if let Some(run) = &self.run {
                    self.projections.start(self.services.project, run, key);
                    ctx.request_repaint();
                }
            }
            Command::StopProjecting => self.projections.stop(),
            Command::Copy(text) => ctx.copy_text(text),
            Command::Toast(t) => {
                self.log.push(t.severity, format!("{} {}", t.what, t.detail).trim().to_owned());
                self.toasts.push(t, ctx.input(|i| i.time));
            }
            Command::RescanRuns => self.rescan(ctx),
            Command::CloseRun => self.close_run(),
            Command::Quit => ctx.send_viewport_cmd(egui::ViewportCommand::Close),
            other => self.apply_look(ctx, other),
        }
    }

    /// Commands that change only how things look.
    fn apply_look(&mut self, ctx: &egui::Context, command: Command) {
        match command {
            Command::TogglePalette | Command::Search => self.palette.toggle(),
            Command::ToggleHelp => {
                self.help = if self.help.is_some() { None } else { Some(self.focused) };
            }
            Command::ToggleTheme => {
                self.layout.dark = !self.layout.dark;
                ctx.set_theme(if self.layout.dark { egui::Theme::Dark } else { egui::Theme::Light });
            }
            Command::ToggleFocus => self.focus_mode = !self.focus_mode,
            Command::ToggleLog => self.log_open = !self.log_open,
            Command::ToggleRail => self.layout.rail_open = !self.layout.rail_open,
            Command::ToggleInspector => self.layout.inspector_open = !self.layout.inspector_open,
            Command::UiScale(factor) => {
                self.layout.ui_scale = (self.layout.ui_scale * factor).clamp(0.75, 2.0);
                ctx.set_zoom_factor(self.layout.ui_scale);
            }
            Command::ResetLayout => {
                let fresh = layout::Layout::default();
                self.layout.rail_width = fresh.rail_width;
                self.layout.inspector_width = fresh.inspector_width;
                self.layout.rail_open = true;
                self.layout.inspector_open = true;
                self.focus_mode = false;
                self.tree = layout::default_tabs(self.run.is_some());
            }
            _ => return,
        }
        self.save_layout();
    }

    fn ask(&mut self, ctx: &egui::Context, question: Question) {
        if let Some(command) = self.dialogs.ask(ctx, question) {
            self.commands.push(command);
        }
    }

    pub(crate) fn question_was_answered(&mut self, ctx: &egui::Context, question: Question, path: PathBuf) {
        self.commands.push(match question {
            Question::Run => Command::OpenRun(path),
            Question::Turns => Command::ImportTurns(path),
            Question::Figure(kind) => return self.write_figure_later(ctx, kind, path),
        });
    }

    fn open_run(&mut self, ctx: &egui::Context, folder: PathBuf) {
        if folder.is_file() {
            self.commands.push(Command::ImportTurns(folder));
            return;
        }
        let load = self.services.load_run;
        let work = move || {
            let result = load(&folder);
            (folder, result)
        };
        if let Err(error) = self.reading.start("read run", ctx, work) {
            self.fail("The run was not opened", &error.to_string(), None);
        }
    }

    pub(crate) fn run_was_read(&mut self, folder: &Path, result: anyhow::Result<RunContents>) {
        match result {
            Ok(run) => {
                let same = self.run.as_ref().is_some_and(|r| r.folder == run.folder);
                let kept = (same && self.jobs.status.ended.is_some()).then(|| self.selection.clone());
                for problem in &run.problems {
                    self.log.push(Severity::Warning, problem.clone());
                }
                self.show_run(run);
                if let Some(selection) = kept {
                    self.selection = selection;
                }
                self.layout.remember(folder);
                self.layout.last_run = Some(folder.to_owned());
                if self.focused == ViewKind::Start {
                    self.show_view(ViewKind::Field);
                }
                self.save_layout();
            }
            Err(error) => {
                let sentence = format!("{error:#}");
                self.problem = Some(sentence.clone());
                self.fail("The run was not opened", &sentence, None);
            }
        }
    }

    fn open_sample(&mut self, name: &str) {
        match self.services.samples_dir.as_ref().map(|d| d.join(name)) {
            Some(folder) => self.commands.push(Command::OpenRun(folder)),
            None => self.fail("No sample runs here", "start the window from the project's folder", None),
        }
    }

    fn import_turns(&mut self, ctx: &egui::Context, path: PathBuf) {
        self.draft.turns = Some(path.clone());
        self.draft_turns = None;
        self.bundled = false;
        let count = self.services.preview_turns;
        if let Err(error) = self.preview.start("preview turns", ctx, move || count(&path)) {
            self.fail("The turns were not read", &error.to_string(), None);
        }
        self.show_view(ViewKind::Start);
    }

    pub(crate) fn turns_were_previewed(&mut self, ctx: &egui::Context, result: anyhow::Result<TurnsPreview>) {
        match result {
            Ok(preview) if self.bundled => self.draft_turns = Some(preview),
            Err(error) if self.bundled => {
                self.fail("The bundled corpus was not read", &format!("{error:#}"), None)
            }
            Ok(preview) => {
                let n = format::counted(preview.turns, "turn", "turns");
                self.commands.push(toast::done("Turns read", n));
                self.draft_turns = Some(preview);
            }
            Err(error) => {
                self.draft.turns = None;
                self.count_bundled(ctx);
                self.fail("The turns were not read", &format!("{error:#}"), None);
            }
        }
    }

    fn start_run(&mut self, config: RunConfig) {
        if self.jobs.is_running() {
            self.fail("A job is running", "stop it or wait for its end", None);
            return;
        }
        let folder = self.services.runs_dir.join(folder_name(&config.title));
        let (start, title, out) = (self.services.start_run, config.title.clone(), folder.clone());
        self.begin_job(JobHandle::spawn("run", move |ctx| start(config, out, ctx)), title, folder);
    }

    fn resume_run(&mut self, folder: PathBuf) {
        if self.jobs.is_running() {
            self.fail("A job is running", "stop it or wait for its end", None);
            return;
        }
        let (resume, path) = (self.services.resume_run, folder.clone());
        let title = self.library.runs.iter().find(|r| r.folder == folder).map_or_else(
            || folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
            |r| r.title.clone(),
        );
        self.begin_job(JobHandle::spawn("run", move |ctx| resume(&path, ctx)), title, folder);
    }

    fn begin_job(&mut self, handle: std::io::Result<JobHandle<PathBuf>>, title: String, folder: PathBuf) {
        match handle {
            Ok(handle) => {
                self.log.push(Severity::Info, format!("{title} started"));
                self.jobs.begin(handle, title, folder);
                self.show_view(ViewKind::Train);
            }
            Err(error) => self.fail("The run did not start", &error.to_string(), None),
        }
    }

    pub(crate) fn job_ended(&mut self, ctx: &egui::Context, ended: Ended) {
        self.rescan(ctx);
        match ended {
            Ended::Done(folder) => {
                let took = self.jobs.status.ended.clone().unwrap_or_default();
                self.commands.push(toast::done(format!("{} is there", self.jobs.status.title), took));
                self.commands.push(Command::OpenRun(folder));
                self.commands.push(Command::Show(ViewKind::Field));
            }
            Ended::Cancelled(folder) => {
                let action = Some(("Resume".to_owned(), Box::new(Command::ResumeRun(folder))));
                self.commands.push(Command::Toast(Toast {
                    severity: Severity::Info,
                    what: format!("{} stopped", self.jobs.status.title),
                    detail: "nothing was lost".to_owned(),
                    action,
                }));
            }
            Ended::Failed(folder, sentence) => {
                let action = folder.join("manifest.json").is_file().then_some(Command::ResumeRun(folder));
                self.fail("The run failed", &sentence, action.map(|c| ("Resume", c)));
            }
        }
    }

    fn select(&mut self, item: Option<Item>) {
        match &item {
            Some(Item::Turn(row)) => self.selection.cursor_row = Some(*row),
            Some(Item::Column(column)) => self.selection.cursor_column = Some(*column),
            Some(Item::Slice(name)) => {
                if let Some(slice) = self.slices.iter().find(|s| s.name == *name) {
                    self.selection.brushed.clone_from(&slice.rows);
                }
            }
            _ => {}
        }
        self.selection.selected = item;
    }

    /// Closes what is open on top first, then the selection, then the brush, then focus mode.
    fn escape(&mut self) {
        if self.palette.is_open() {
            self.palette.toggle();
            return;
        }
        if self.help.take().is_some() || self.selection.selected.take().is_some() {
            return;
        }
        if self.selection.brushed.is_empty() {
            self.focus_mode = false;
        }
        self.selection.brushed.clear();
    }

    /// Moves the cursor in the order in which the focused view shows the rows, else in time.
    fn step_row(&mut self, step: i64) {
        let Some(n) = self.run.as_ref().map(|r| r.turns.len()).filter(|n| *n > 0) else { return };
        let order = self.orders.get(&self.focused).filter(|o| !o.is_empty() && o.iter().all(|r| *r < n));
        let now = self.selection.cursor_row.unwrap_or(0);
        let place = order.map_or(Some(now), |o| o.iter().position(|r| *r == now));
        let last = order.map_or(n, |o| o.len()) as i64 - 1;
        let place = place.map_or(0, |p| (p as i64).saturating_add(step).clamp(0, last)) as usize;
        let row = order.map_or(Some(place), |o| o.get(place).copied()).unwrap_or(now);
        self.selection.cursor_row = Some(row);
        if matches!(self.selection.selected, Some(Item::Turn(_))) {
            self.selection.selected = Some(Item::Turn(row));
        }
    }

    fn step_run(&mut self, step: i64) {
        if self.library.runs.is_empty() {
            return;
        }
        let open =
            self.run.as_ref().and_then(|r| self.library.runs.iter().position(|s| s.folder == r.folder));
        let last = self.library.runs.len() as i64 - 1;
        let at = open.map_or(0, |i| (i as i64 + step).clamp(0, last));
        if let Some(summary) = self.library.runs.get(at as usize) {
            self.commands.push(Command::OpenRun(summary.folder.clone()));
        }
    }

    fn keep_slice(&mut self, name: String) {
        if self.selection.brushed.is_empty() {
            return;
        }
        let name = if name.trim().is_empty() { format!("Slice {}", self.slices.len() + 1) } else { name };
        let rows = self.selection.brushed.clone();
        let n = format::counted(rows.len(), "turn", "turns");
        self.slices.retain(|s| s.name != name);
        self.slices.push(Slice { name, rows });
        self.commands.push(toast::done("Slice kept", n));
    }

    fn close_view(&mut self, kind: ViewKind) {
        crate::window::frame::tabs::close(&mut self.tree, kind);
        if self.tree.is_empty() || self.tree.active_tiles().is_empty() {
            self.tree = layout::default_tabs(self.run.is_some());
        }
        self.save_layout();
    }

    fn close_run(&mut self) {
        self.run = None;
        self.projections.reset(&[]);
        self.data_words = crate::window::app::data_words(None);
        self.run_version += 1;
        self.selection = Default::default();
        self.slices.clear();
        self.layout.last_run = None;
        self.show_view(ViewKind::Start);
    }

    fn export_figure(&mut self, ctx: &egui::Context, kind: String) {
        let kind = if kind.is_empty() { figure_of(self.focused).to_owned() } else { kind };
        match &self.run {
            Some(_) => self.ask(ctx, Question::Figure(kind)),
            None => self.fail("No figure to write", "open a run first", None),
        }
    }

    fn write_figure_later(&mut self, ctx: &egui::Context, kind: String, path: PathBuf) {
        let Some(run) = &self.run else { return };
        let (folder, write) = (run.folder.clone(), self.services.export_figure);

        let work = move || {
            let result = write(&folder, &kind, &path);
            (path, result)
        };
        if let Err(error) = self.exporting.start("write figure", ctx, work) {
            self.fail("The figure was not written", &error.to_string(), None);
        }
    }

    pub(crate) fn figure_was_written(&mut self, path: &Path, result: anyhow::Result<()>) {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        match result {
            Ok(()) => self.commands.push(toast::done("Figure written", name)),
            Err(error) => self.fail("The figure was not written", &format!("{error:#}"), None),
        }
    }

    fn fail(&mut self, what: &str, detail: &str, action: Option<(&str, Command)>) {
        self.commands.push(Command::Toast(Toast {
            severity: Severity::Error,
            what: what.to_owned(),
            detail: detail.to_owned(),
            action: action.map(|(label, c)| (label.to_owned(), Box::new(c))),
        }));
    }
}

/// The figure kind a view exports when none is named.
fn figure_of(view: ViewKind) -> &'static str {
    match view {
        ViewKind::Frontier => "frontier",
        ViewKind::Projection => "projection",
        ViewKind::Topology => "barcode",
        ViewKind::Train => "training",
        _ => "vpm",
    }
}

/// A folder name from a title and the time, in small letters.
fn folder_name(title: &str) -> String {
    let slug: String =
        title.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let slug = slug.split('-').filter(|p| !p.is_empty()).collect::<Vec<_>>().join("-");
    let seconds =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs());
    format!("{}-{seconds:x}", if slug.is_empty() { "run" } else { &slug })
}

#[cfg(test)]
mod tests {
    use super::folder_name;

    #[test]
    fn folder_names_are_plain() {
        let name = folder_name("Deep / and  tiny: ü");
        assert!(name.starts_with("deep-and-tiny-"), "{name}");
        assert!(folder_name("///").starts_with("run-"));
    }
}
