//! The one place where wishes become changes of the app.

use crate::core::item::Item;
use crate::run::contents::RunContents;
use crate::window::app::App;
use crate::window::command::{Command, Severity, Toast};
use crate::window::dialogs::Question;
use crate::window::format;
use crate::window::layout;
use crate::window::services::TurnsPreview;
use crate::window::view::ViewKind;
use crate::window::widgets::toast;
use std::path::{Path, PathBuf};

impl App {
    /// Applies all wishes of the frame, in order; wishes that arise while applying are taken too.
    /// True when there was any.
    pub(crate) fn apply_all(&mut self, ctx: &egui::Context) -> bool {
        // Bounded: a wish may wish again (a sample opens a run), but never without end.
        for round in 0..8 {
            let commands = self.commands.drain();
            if commands.is_empty() {
                return round > 0;
            }
            ctx.request_repaint();
            for command in commands {
                self.apply(ctx, command);
            }
        }
        true
    }

    fn apply(&mut self, ctx: &egui::Context, command: Command) {
        match command {
            Command::OpenRun(folder) => self.open_run(ctx, folder),
            Command::OpenRunDialog => self.ask(ctx, Question::Run),
            Command::OpenSample(name) => self.open_sample(&name),
            Command::ImportTurnsDialog => self.ask(ctx, Question::Turns),
            Command::ImportTurns(path) => self.import_turns(ctx, path),
            Command::WeightsDialog(mind, folder) => self.ask(ctx, Question::Weights(mind, folder)),
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
            Command::PauseJob(wait) => self.jobs.pause(wait),
            Command::RateFactor(factor) => self.jobs.set_rate_factor(factor, &mut self.log),
            Command::ExploreTopology(wanted) => self.explore(*wanted),
            Command::StopExploring => self.exploring.cancel(),
            Command::DeclaredTopology => self.show_declared(),
            Command::TrainPage(page) => {
                self.train_page = Some(page);
                self.show_view(ViewKind::Train);
            }
            Command::Show(kind) => self.show_view(kind),
            Command::CloseView(kind) => self.close_view(kind),
            Command::Escape => self.escape(),
            Command::StepRow(step) => self.step_row(step),
            Command::StepRun(step) => self.step_run(step),
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
            Command::ExportFigure(kind) => {
                let spec = self.figure_of_view(&kind);
                self.open_studio(spec);
            }
            Command::Project(key) => {
                if let Some(run) = &self.run {
                    self.projections.start(self.services.project, run, key);
                    ctx.request_repaint();
                }
            }
            Command::StopProjecting => self.projections.stop(),
            Command::OpenStudio(spec) => self.open_studio(*spec),
            Command::BrowseFigure(kind) => self.ask(ctx, crate::window::studio::question(&kind)),
            Command::ExportReport => self.export_report(ctx),
            Command::Copy(text) => ctx.copy_text(text),
            Command::Toast(t) => {
                self.log.push(t.severity, format!("{} {}", t.what, t.detail).trim().to_owned());
                self.toasts.push(t, ctx.input(|i| i.time));
            }
            Command::RescanRuns => self.rescan(ctx),
            Command::CloseRun => self.close_run(),
            Command::KeepSlice(name) => self.keep_slice(ctx, &name),
            Command::RenameSlice { from, to } => self.rename_slice(ctx, &from, &to),
            Command::RemoveSlice(name) => self.remove_slice(ctx, &name),
            Command::RestoreSlice(name, rows) => self.restore_slice(ctx, &name, rows),
            Command::SaveSlices => self.save_slices(ctx),
            Command::ExportRows(name, rows) => self.ask(ctx, Question::Rows(name, rows)),
            Command::ExportSelection => self.export_selection(ctx),
            Command::Undo => self.step_look(ctx, false),
            Command::Redo => self.step_look(ctx, true),
            Command::OpenFigure(path) => self.open_figure(ctx, path),
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
            Command::ToggleMotion => {
                self.layout.reduced_motion = !self.layout.reduced_motion;
                self.apply_motion(ctx);
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

    pub(crate) fn ask(&mut self, ctx: &egui::Context, question: Question) {
        if let Some(command) = self.dialogs.ask(ctx, question) {
            self.commands.push(command);
        }
    }

    pub(crate) fn question_was_answered(&mut self, ctx: &egui::Context, question: Question, path: PathBuf) {
        self.commands.push(match question {
            Question::Run => Command::OpenRun(path),
            Question::Turns => Command::ImportTurns(path),
            Question::Weights(mind, _) => {
                let mut draft = self.draft.clone();
                let pass = if mind == 0 { &mut draft.a } else { &mut draft.b };
                pass.weights = Some(path);
                Command::DraftRun(Box::new(draft))
            }
            Question::Figure(_) => return self.studio.set_path(path),
            Question::Report => return self.write_report_later(ctx, path),
            Question::Rows(_, rows) => return self.write_rows_later(ctx, rows, path),
        });
    }

    fn open_run(&mut self, ctx: &egui::Context, folder: PathBuf) {
        if folder.is_file() {
            self.commands.push(crate::window::app::dropped(&folder));
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
                self.show_opened_figure();
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
        if self.studio.close() {
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

    fn close_view(&mut self, kind: ViewKind) {
        crate::window::frame::tabs::close(&mut self.tree, kind);
        if self.tree.is_empty() || self.tree.active_tiles().is_empty() {
            self.tree = layout::default_tabs(self.run.is_some());
        }
        self.save_layout();
    }

    fn close_run(&mut self) {
        self.run = None;
        self.exploring.reset();
        self.projections.reset(&[]);
        self.data_words = crate::window::app::data_words(None);
        self.run_version += 1;
        self.selection = Default::default();
        self.slices.clear();
        self.layout.last_run = None;
        self.show_view(ViewKind::Start);
    }

    /// A short message that something is as it is.
    pub(crate) fn tell(&mut self, what: &str, detail: &str) {
        self.commands.push(Command::Toast(Toast {
            severity: Severity::Info,
            what: what.to_owned(),
            detail: detail.to_owned(),
            action: None,
        }));
    }

    pub(crate) fn fail(&mut self, what: &str, detail: &str, action: Option<(&str, Command)>) {
        self.commands.push(Command::Toast(Toast {
            severity: Severity::Error,
            what: what.to_owned(),
            detail: detail.to_owned(),
            action: action.map(|(label, c)| (label.to_owned(), Box::new(c))),
        }));
    }
}
