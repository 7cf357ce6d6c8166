//! Figures and reports that go out, and figures that come back: the run and the view that one was drawn from.

use crate::figure::{FigureSpec, Kind, provenance};
use crate::window::app::App;
use crate::window::command::Command;
use crate::window::dialogs::Question;
use crate::window::view::ViewKind;
use crate::window::widgets::toast;
use anyhow::Context as _;
use std::path::{Path, PathBuf};

/// The run folder of a figure and what the figure shows.
pub type Found = anyhow::Result<(PathBuf, Box<FigureSpec>)>;

/// Reads a figure's provenance and looks for its run; slow, call it off the window's thread.
///
/// # Errors
/// One sentence: not readable, no provenance inside, or the run is not on this machine.
pub fn find(path: &Path, find_run: fn(&str) -> Option<PathBuf>) -> Found {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let found = provenance::of_file(&bytes)?;
    let value = found.with_context(|| {
        format!(
            "this picture carries no provenance of a run, so there is nothing to open: {}",
            path.display()
        )
    })?;
    let text = |key: &str| value.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    let folder = find_run(&text("fingerprint")).with_context(|| {
        format!(
            "the run of this figure (\"{}\", {}) is not on this machine; open its folder first, then the figure",
            text("title"),
            text("fingerprint")
        )
    })?;
    // A figure of a later version may ask for what this one does not know: then only the run opens.
    let spec = value.get("spec").cloned().and_then(|s| serde_json::from_value(s).ok()).unwrap_or_default();
    Ok((folder, Box::new(spec)))
}

/// The view that shows what a figure shows.
pub fn view_of(kind: Kind) -> ViewKind {
    match kind {
        Kind::Barcode | Kind::Diagram | Kind::Betti => ViewKind::Topology,
        Kind::Frontier | Kind::Arrows | Kind::Canonical | Kind::Epistemic => ViewKind::Frontier,
        Kind::Projection => ViewKind::Projection,
        Kind::TrainingCurves => ViewKind::Train,
        Kind::Histograms => ViewKind::Data,
        Kind::Timeline => ViewKind::Timeline,
        _ => ViewKind::Field,
    }
}

/// The figure that stands for a view that has none of its own.
pub fn kind_of(view: ViewKind) -> Kind {
    match view {
        ViewKind::Frontier => Kind::Frontier,
        ViewKind::Projection => Kind::Projection,
        ViewKind::Topology => Kind::Barcode,
        ViewKind::Train => Kind::TrainingCurves,
        ViewKind::Data => Kind::Histograms,
        ViewKind::Timeline => Kind::Timeline,
        ViewKind::Runs => Kind::IntensityBars,
        _ => Kind::Vpm,
    }
}

impl App {
    /// Looks for the run of a figure, on a thread.
    pub(crate) fn open_figure(&mut self, ctx: &egui::Context, path: PathBuf) {
        let find_run = self.services.find_run;
        // The open run may lie anywhere, not only where runs are looked for.
        let open = self.run.as_ref().map(|r| (r.result_id().to_owned(), r.folder.clone()));
        let recent = self.layout.recent.clone();
        let work = move || {
            find(&path, find_run).or_else(|error| {
                let bytes = std::fs::read(&path).unwrap_or_default();
                let value = provenance::of_file(&bytes).ok().flatten().unwrap_or_default();
                let wanted = value.get("fingerprint").and_then(|v| v.as_str()).unwrap_or_default().to_owned();
                let spec = || value.get("spec").cloned().and_then(|s| serde_json::from_value(s).ok());
                let known = |folder: &PathBuf| fingerprint_of(folder).is_some_and(|f| f == wanted);
                let here =
                    open.filter(|(id, _)| !wanted.is_empty() && *id == wanted).map(|(_, folder)| folder);
                let folder = here.or_else(|| recent.into_iter().find(|f| !wanted.is_empty() && known(f)));
                folder.map(|f| (f, spec().unwrap_or_default())).ok_or(error)
            })
        };
        if let Err(error) = self.finding.start("find figure", ctx, work) {
            self.fail("The figure was not opened", &error.to_string(), None);
        }
    }

    pub(crate) fn figure_was_found(&mut self, found: Found) {
        match found {
            Ok((folder, spec)) => {
                self.figure_to_show = Some(spec);
                if self.run.as_ref().is_some_and(|r| r.folder == folder) {
                    self.show_opened_figure();
                } else {
                    self.commands.push(Command::OpenRun(folder));
                }
            }
            Err(error) => self.fail("The figure was not opened", &format!("{error:#}"), None),
        }
    }

    /// Shows what the figure that was opened shows, now that its run is there.
    pub(crate) fn show_opened_figure(&mut self) {
        let Some(spec) = self.figure_to_show.take() else { return };
        let kind = view_of(spec.kind);
        self.show_view(kind);
        if let Some(view) = self.views.get(kind) {
            view.show_figure(&spec);
        }
        if !spec.rows.is_empty() {
            self.commands.push(Command::Brush(spec.rows.clone()));
        }
    }
}

impl App {
    pub(crate) fn export_report(&mut self, ctx: &egui::Context) {
        match &self.run {
            Some(_) => self.ask(ctx, Question::Report),
            None => self.tell("No report to write", "open a run first"),
        }
    }

    /// Draws the report anew and writes it: one self-contained web page, or Markdown.
    pub(crate) fn write_report_later(&mut self, ctx: &egui::Context, path: PathBuf) {
        let Some(run) = self.run.clone() else { return };
        let work = move || {
            let report = crate::report::report(&run, &crate::report::illustrations::illustrate(&run));
            let is_page = path.extension().is_none_or(|e| !e.eq_ignore_ascii_case("md"));
            let text = if is_page { report.html } else { report.markdown };
            let result = crate::run::atomic::write(&path, text.as_bytes()).map_err(anyhow::Error::from);
            (path, result)
        };
        if let Err(error) = self.exporting.start("write report", ctx, work) {
            self.fail("The report was not written", &error.to_string(), None);
        }
    }

    pub(crate) fn figure_was_written(&mut self, path: &Path, result: anyhow::Result<()>) {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        match result {
            Ok(()) => self.commands.push(toast::done(format!("{name} written"), path.display().to_string())),
            Err(error) => self.fail("The file was not written", &format!("{error:#}"), None),
        }
    }
}

fn fingerprint_of(folder: &Path) -> Option<String> {
    let run = crate::run::folder::RunFolder::open(folder).ok()?;
    Some(run.manifest().fingerprint.clone())
}
