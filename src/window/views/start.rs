//! The start view: recent runs, sample runs, a new run in three steps, a place to drop files, and what can go on.

mod cards;
mod form;
mod new_run;

pub use new_run::pass_name;

use crate::window::command::{Command, Severity};
use crate::window::format;
use crate::window::library::RunSummary;
use crate::window::theme::{self, font, radius};
use crate::window::view::{View, ViewContext, ViewKind};
use crate::window::widgets::paint::{dashed_rect, icon_at, lines, text_in, width};
use crate::window::widgets::{Banner, Button, link, section_heading};
use egui::{Align2, Rect, Role, ScrollArea, Sense, Stroke, Ui, UiBuilder, WidgetInfo, pos2, vec2};

/// Width of the content at most.
const CONTENT: f32 = 1230.0;
/// Width of the content at most in a window from [`ROOMY`] on: a fourth card a row.
const CONTENT_ROOMY: f32 = 1560.0;
/// Width of the view from which there is room for more.
const ROOMY: f32 = 1900.0;
/// Under this height of the view everything is closer together and only one row of recent runs is shown, so that the
/// page needs no scrolling on a small screen.
const SHORT: f32 = 720.0;
/// Under this content width the right column goes below the left.
const STACKED: f32 = 760.0;

/// The start view.
#[derive(Default)]
pub struct Start {
    form: new_run::Form,
}

impl View for Start {
    fn kind(&self) -> ViewKind {
        ViewKind::Start
    }

    fn help(&self) -> &'static str {
        "Open a run you made before, look at a sample run, or start a new one: choose the turns, the two minds that \
         score them, and how to look at the difference. A new run trains both minds on the same judgements, scores \
         all turns with each, subtracts, and shows where they disagree. A run that was stopped goes on where it was."
    }

    fn summary(&self, context: &ViewContext<'_>) -> String {
        let runs = format::counted(context.library.runs.len(), "recent run", "recent runs");
        let samples = format::counted(context.library.samples.len(), "sample run", "sample runs");
        format!("Start view, {runs}, {samples}")
    }

    fn ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| self.page(ui, context));
    }
}

impl Start {
    fn page(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        let room = ui.available_width();
        let margin = if room > 1000.0 { 32.0 } else { 16.0 };
        let content = (room - 2.0 * margin).clamp(240.0, if room < ROOMY { CONTENT } else { CONTENT_ROOMY });
        let left = (ui.cursor().left() + (room - content) / 2.0).floor();
        let top = ui.cursor().top();
        let stacked = content < STACKED;
        let right_width = if stacked { content } else { (content * 0.35).clamp(320.0, 430.0).round() };
        let gap = if content > 1100.0 { 46.0 } else { 32.0 };
        let left_width = if stacked { content } else { content - right_width - gap };
        let short = ui.clip_rect().height() < SHORT;
        let mut y = head(ui, pos2(left, top + if short { 16.5 } else { 32.5 }), content, short);
        y += problem(ui, Rect::from_min_size(pos2(left, y), vec2(content, 38.0)), context);
        let column = |ui: &mut Ui, x: f32, y: f32, w: f32| {
            let rect = Rect::from_min_size(pos2(x, y), vec2(w, 10_000.0));
            let mut child = ui.new_child(UiBuilder::new().max_rect(rect));
            child.spacing_mut().item_spacing = vec2(0.0, 0.0);
            child
        };
        let mut first = column(ui, left, y, left_width);
        runs(&mut first, context, short);
        let first_end = first.min_rect().bottom();
        let (x, y) = if stacked { (left, first_end + 32.0) } else { (left + left_width + gap, y) };
        let mut second = column(ui, x, y, right_width);
        self.form.ui(&mut second, context);
        drop_zone(&mut second, context, short);
        resume(&mut second, context);
        let bottom = first_end.max(second.min_rect().bottom()) + 24.0;
        ui.allocate_rect(Rect::from_min_max(pos2(left, top), pos2(left + content, bottom)), Sense::hover());
    }
}

/// The two lines at the top; gives where the blocks begin.
fn head(ui: &mut Ui, at: egui::Pos2, content: f32, short: bool) -> f32 {
    let t = theme::of(ui);
    let title = "Look at what lies between two minds";
    let rect = Rect::from_min_size(at, vec2(content, 32.0));
    let response = ui.interact(rect, ui.scope_id().with("title"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, title));
    text_in(ui, rect.left_center(), Align2::LEFT_CENTER, title, font::display(), t.text_strong, content);
    let words = "Score the same turns twice, subtract, and see where the two disagree";
    let font = egui::FontId::new(14.0, font::body().family);
    let below = if short { 42.0 } else { 48.0 };
    text_in(ui, at + vec2(0.0, below), Align2::LEFT_CENTER, words, font, t.text_subdued, content);
    at.y + if short { 68.5 } else { 90.5 }
}

/// Why the last run was not opened; gives the height it took.
fn problem(ui: &mut Ui, rect: Rect, context: &mut ViewContext<'_>) -> f32 {
    let Some(sentence) = context.problem else { return 0.0 };
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect));
    let banner = Banner::new(Severity::Error, "The run was not opened.", sentence).action("Open another...");
    if banner.ui(&mut child) {
        context.commands.push(Command::OpenRunDialog);
    }
    rect.height() + 16.0
}

fn runs(ui: &mut Ui, context: &mut ViewContext<'_>, short: bool) {
    let t = theme::of(ui);
    // What was listed stays while the list is read again; only the first reading has nothing to show.
    let reading = context.library.scanning && context.library.runs.is_empty();
    let heading = section_heading(ui, "Recent", if reading { "reading the list of runs" } else { "" });
    if !context.library.runs.is_empty() {
        let w = width(ui, "All runs", font::small_medium());
        let at =
            Rect::from_min_size(pos2(heading.rect.right() - w, heading.rect.center().y - 6.5), vec2(w, 16.0));
        let mut child = ui.new_child(UiBuilder::new().max_rect(at));
        if link(&mut child, "All runs", font::small_medium()).clicked() {
            context.commands.push(Command::Show(ViewKind::Runs));
        }
    }
    ui.add_space(9.0);
    let columns = match ui.available_width() {
        w if w > 1000.0 => 4,
        w if w > 560.0 => 3,
        _ => 2,
    };
    let recent: Vec<&RunSummary> =
        context.library.runs.iter().take(if short { columns } else { 2 * columns }).collect();
    if reading {
        cards::recent_skeleton(ui, columns);
    } else if recent.is_empty() {
        nothing_yet(ui);
    } else {
        let open = context.run.map(|r| r.folder.clone());
        for row in recent.chunks(columns) {
            if let Some(command) =
                cards::recent_row(ui, context.library.version, row, columns, open.as_deref())
            {
                context.commands.push(command);
            }
            ui.add_space(cards::GAP);
        }
        ui.add_space(-cards::GAP);
    }
    ui.add_space(if short { 18.0 } else { 28.0 });
    let none = context.library.samples.is_empty();
    let reading = none && context.library.scanning;
    let note = match (none, reading) {
        (_, true) => "reading the sample runs",
        (true, _) => "",
        _ => "included, nothing to download",
    };
    section_heading(ui, "Sample runs", note);
    ui.add_space(9.0);
    if reading {
        cards::sample_skeleton(ui, 2, short);
    } else if none {
        let text = "No sample runs were found beside the program";
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::hover());
        text_in(
            ui,
            rect.left_center(),
            Align2::LEFT_CENTER,
            text,
            font::small(),
            t.text_subdued,
            rect.width(),
        );
    }
    // Four samples stand two by two: one alone in a second row looks forgotten.
    let columns = if context.library.samples.len() == 4 { 2 } else { columns };
    for row in context.library.samples.chunks(columns) {
        if let Some(command) = cards::sample_row(ui, context.library.version, row, columns, short) {
            context.commands.push(command);
        }
        ui.add_space(if short { 12.0 } else { cards::GAP });
    }
}

fn nothing_yet(ui: &mut Ui) {
    let t = theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), cards::RECENT), Sense::hover());
    let (what, detail) = ("No runs yet", "Start one at the right, or open a sample run below");
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{what}. {detail}")));
    let stroke = Stroke::new(1.0, t.line);
    ui.painter().rect_stroke(rect, f32::from(radius::CARD), stroke, egui::StrokeKind::Inside);
    let c = rect.center();
    icon_at(ui.painter(), c - vec2(0.0, 28.0), "exclude", 32.0, t.text_subdued);
    ui.painter().text(c + vec2(0.0, 8.0), Align2::CENTER_CENTER, what, font::heading(), t.text_strong);
    ui.painter().text(c + vec2(0.0, 28.0), Align2::CENTER_CENTER, detail, font::small(), t.text_subdued);
}

fn drop_zone(ui: &mut Ui, context: &mut ViewContext<'_>, short: bool) {
    let t = theme::of(ui);
    ui.add_space(if short { 14.0 } else { 24.0 });
    let tall = if short { 130.0 } else { 196.0 };
    let (icon_y, what_y, words_y, foot) =
        if short { (27.0, 54.0, 72.0, 44.0) } else { (48.0, 83.0, 104.0, 56.0) };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), tall), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Group, true, "Drop a run or a turns file here"));
    let over = ui.input(|i| !i.raw.hovered_files.is_empty());
    let color = if over { t.accent } else { t.line_strong };
    dashed_rect(ui.painter(), rect.shrink(0.75), 8.0, Stroke::new(1.5, color), 5.0, 4.0);
    let c = rect.center();
    let size = if short { 24.0 } else { 30.0 };
    icon_at(ui.painter(), pos2(c.x, rect.top() + icon_y), "tray-arrow-down", size, t.text_subdued);
    let what = "Drop a run or a turns file";
    ui.painter().text(
        pos2(c.x, rect.top() + what_y),
        Align2::CENTER_CENTER,
        what,
        font::heading(),
        t.text_strong,
    );
    let detail = if short {
        "Run folders, figures, and tables of turns"
    } else {
        "Run folders, figures, and tables of turns with judgements as JSONL, CSV or Parquet"
    };
    let galley = lines(ui, detail, font::small(), t.text_subdued, rect.width() - 64.0, 2, Some(15.0));
    for (i, row) in galley.rows.iter().enumerate() {
        let at = pos2(c.x, rect.top() + words_y + 15.0 * i as f32);
        ui.painter().text(at, Align2::CENTER_CENTER, row.text(), font::small(), t.text_subdued);
    }
    let widths: Vec<f32> = ["Open folder...", "Import turns..."]
        .iter()
        .map(|s| (width(ui, s, font::label()) + 42.0).ceil())
        .collect();
    let total = widths.iter().sum::<f32>() + 8.0;
    let at =
        Rect::from_min_size(pos2((c.x - total / 2.0).round(), rect.bottom() - foot), vec2(total + 2.0, 28.0));
    let mut child =
        ui.new_child(UiBuilder::new().max_rect(at).layout(egui::Layout::left_to_right(egui::Align::Center)));
    child.spacing_mut().item_spacing.x = 8.0;
    if child.add(Button::new("Open folder...").icon("folder-open")).clicked() {
        context.commands.push(Command::OpenRunDialog);
    }
    if child.add(Button::new("Import turns...").icon("upload-simple")).clicked() {
        context.commands.push(Command::ImportTurnsDialog);
    }
}

/// The newest run that was stopped, with the button that lets it go on.
fn resume(ui: &mut Ui, context: &mut ViewContext<'_>) {
    let Some(run) = context.library.resumable().filter(|_| !context.job.running) else { return };
    let t = theme::of(ui);
    ui.add_space(22.0);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 52.0), Sense::hover());
    let what = format!("{} can go on", run.title);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &what));
    ui.painter().rect_filled(rect, f32::from(radius::CARD), t.hover_bg);
    icon_at(ui.painter(), rect.left_top() + vec2(20.0, 20.0), "clock-counter-clockwise", 16.0, t.accent_text);
    let x = rect.left() + 36.0;
    let button = Rect::from_min_size(pos2(rect.right() - 76.0, rect.center().y - 13.0), vec2(64.0, 26.0));
    let room = button.left() - x - 8.0;
    let at = pos2(x, rect.top() + 18.0);
    text_in(ui, at, Align2::LEFT_CENTER, &what, font::label(), t.text_strong, room);
    let detail = format!("{}; nothing was lost", run.note);
    let at = pos2(x, rect.top() + 34.0);
    text_in(ui, at, Align2::LEFT_CENTER, &detail, font::small(), t.text_subdued, room);
    if crate::window::widgets::paint::put_at(ui, button, Button::new("Resume")).clicked() {
        context.commands.push(Command::ResumeRun(run.folder.clone()));
    }
}
