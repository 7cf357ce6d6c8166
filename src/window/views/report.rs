//! The report view: what the run asked, found and cannot show, read as one page, with its figures.

mod gallery;
mod page;

use crate::report::document::Document;
use crate::run::contents::RunContents;
use crate::window::background::Background;
use crate::window::command::{Command, Severity};
use crate::window::view::{View, ViewContext, ViewKind};
use crate::window::widgets::{self, Banner, Button, EmptyState, IconButton, segmented, skeleton};
use egui::{ScrollArea, Ui, vec2};
use gallery::Gallery;
pub use gallery::words_of as figure_words;
use serde::{Deserialize, Serialize};

/// Widest column of text that is read without losing the line, points.
const MEASURE: f32 = 820.0;

/// What the view shows of the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Part {
    #[default]
    Text,
    Figures,
}

/// The report view.
#[derive(Default)]
pub struct ReportView {
    part: Part,
    document: Option<(u64, Document)>,
    writing: Background<(u64, Document)>,
    wanted: Option<u64>,
    gallery: Gallery,
}

impl View for ReportView {
    fn kind(&self) -> ViewKind {
        ViewKind::Report
    }

    fn help(&self) -> &'static str {
        "The report of the run: the claim first, then what was asked, data and labels, training and quality, the \
         field, topology with its p-values, and what this cannot show. Every number is read from the run's metrics, \
         so the page is the file report.md of the run folder.\n\n\
         Figures shows them as a gallery; a click opens one in the figure studio, where size, palette and format are \
         chosen. Export... writes the report as one self-contained web page or as Markdown."
    }

    fn summary(&self, context: &ViewContext<'_>) -> String {
        match (&self.document, context.run) {
            (Some((_, document)), Some(_)) => {
                format!("Report view, {}, {} parts", document.title, document.blocks.len())
            }
            _ => "Report view, no report to read".to_owned(),
        }
    }

    fn is_busy(&self) -> bool {
        self.writing.is_running() || self.gallery.is_busy()
    }

    fn look(&self) -> serde_json::Value {
        serde_json::to_value(self.part).unwrap_or_default()
    }

    fn set_look(&mut self, look: &serde_json::Value) {
        if let Ok(part) = serde_json::from_value(look.clone()) {
            self.part = part;
        }
    }

    fn ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        self.prepare(ui.ctx(), context);
        self.toolbar(ui, context);
        let Some(run) = context.run.cloned() else {
            if context.loading {
                let needs = "The report appears as soon as it is read";
                EmptyState::new("file-text", "Reading the run", needs).ui(ui);
                return;
            }
            let needs = "Open a run: its report says what was found, with intervals, and what it cannot show";
            if EmptyState::new("file-text", "No report to read", needs).action("Go to Start").ui(ui) {
                context.commands.push(Command::Show(ViewKind::Start));
            }
            return;
        };
        unfinished(ui, context, &run);
        match (self.part, &self.document) {
            (Part::Figures, _) => self.gallery.ui(ui, context, &run),
            (Part::Text, Some((_, document))) => {
                ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
                    page::page_ui(ui, context, document, &mut self.gallery, &run, MEASURE);
                });
            }
            (Part::Text, None) => skeleton(ui, "Putting the report together"),
        }
    }
}

/// A run that is not complete has a report of what is there so far, and says so.
fn unfinished(ui: &mut Ui, context: &mut ViewContext<'_>, run: &RunContents) {
    if run.status.is_empty() || run.status == "complete" || context.job.running {
        return;
    }
    let detail = format!("{}, so some parts are missing", run.status);
    let banner = Banner::new(Severity::Warning, "This run is not complete.", &detail).action("Resume");
    let pad = crate::window::theme::panel::VIEW_PADDING;
    ui.add_space(8.0);
    let at = egui::Rect::from_min_size(
        ui.cursor().min + vec2(pad, 0.0),
        vec2(ui.available_width() - 2.0 * pad, crate::window::theme::height::BANNER),
    );
    let pressed = ui.scope_builder(egui::UiBuilder::new().max_rect(at), |ui| banner.ui(ui)).inner;
    if pressed {
        context.commands.push(Command::ResumeRun(run.folder.clone()));
    }
}

impl ReportView {
    /// Puts the document together on a thread when the run changed; the last page stays meanwhile.
    fn prepare(&mut self, ctx: &egui::Context, context: &ViewContext<'_>) {
        let Some(run) = context.run.cloned() else {
            self.document = None;
            self.wanted = None;
            return;
        };
        if let Some(ready) = self.writing.poll()
            && self.wanted == Some(ready.0)
        {
            self.document = Some(ready);
        }
        let version = context.run_version;
        if self.wanted == Some(version) {
            return;
        }
        self.wanted = Some(version);
        self.document = None;
        let work = move || (version, crate::report::outline(&run));
        if let Err(error) = self.writing.start("write report", ctx, work) {
            tracing::error!("no thread to put the report together: {error}");
        }
    }

    fn toolbar(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        let part = &mut self.part;
        let folder = context.run.map(|r| r.folder.clone());
        let figures = context.run.map_or(0, |r| r.figures.len());
        widgets::toolbar_exporting(
            ui,
            context.commands,
            |ui, commands| {
                let why = folder.is_none().then_some("Open a run first");
                if ui.add(Button::new("Export...").icon("export").disabled(why)).clicked() {
                    commands.push(Command::ExportReport);
                }
            },
            |ui, _| {
                let label = format!("Figures, {figures}");
                segmented(ui, part, &[(Part::Text, "Text"), (Part::Figures, &label)]);
            },
            |ui, commands| {
                if let Some(folder) = &folder
                    && ui.add(IconButton::new("copy", "Copy the path of the run folder")).clicked()
                {
                    commands.push(Command::Copy(folder.display().to_string()));
                }
            },
        );
    }
}
