//! The left rail: runs, slices, and what data is loaded. Folded it shows only icons.

use super::Room;
use crate::window::app::App;
use crate::window::command::Command;
use crate::window::library::{RunState, RunSummary};
use crate::window::theme::{self, Tokens, font, height, panel};
use crate::window::widgets::paint::{hline, icon_at, lines, text_in, vline, width};
use crate::window::widgets::{IconButton, focus_ring};
use egui::{
    Align, Align2, Color32, Frame, Layout, Panel, Rect, Response, Role, ScrollArea, Sense, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};
use std::time::SystemTime;

/// Height of a run row.
const RUN_ROW: f32 = height::ROW_TWO_LINE + 2.0;
/// Height of the line at the foot.
const FOOT: f32 = 34.0;

/// Draws the rail as a panel at the left.
pub fn rail_panel(app: &mut App, ui: &mut Ui, room: Room) {
    let t = theme::of(ui);
    let frame = Frame::NONE.fill(t.panel_bg);
    if room == Room::Small || !app.layout.rail_open {
        Panel::left("rail folded")
            .exact_size(panel::RAIL_FOLDED + 1.0)
            .resizable(false)
            .show_separator_line(false)
            .frame(frame)
            .show(ui, |ui| folded(app, ui));
        return;
    }
    let narrow = room <= Room::Narrow;
    let (id, size) =
        if narrow { ("rail narrow", panel::RAIL_NARROW) } else { ("rail", app.layout.rail_width) };
    let shown = Panel::left(id)
        .default_size(size + 1.0)
        .size_range(panel::RAIL_NARROW + 1.0..=panel::RAIL_MAX + 1.0)
        .resizable(true)
        .show_separator_line(false)
        .frame(frame)
        .show(ui, |ui| rail_ui(app, ui, narrow));
    if !narrow {
        app.layout.rail_width = (shown.response.rect.width() - 1.0).round();
    }
}

fn rail_ui(app: &mut App, ui: &mut Ui, narrow: bool) {
    let t = theme::of(ui);
    let rect = ui.max_rect();
    vline(ui, rect.right() - 1.0, rect.top()..=rect.bottom(), t.line);
    let inner = Rect::from_min_max(rect.min, rect.max - vec2(1.0, FOOT + 1.0));
    ui.scope_builder(UiBuilder::new().max_rect(inner), |ui| {
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
            runs(app, ui, narrow);
            ui.add_space(12.0);
            let at = ui.cursor().min;
            hline(ui, rect.left()..=rect.right() - 2.0, at.y, t.line);
            ui.add_space(1.0);
            super::rail_slices::slices_ui(app, ui);
        });
    });
    foot(
        app,
        ui,
        Rect::from_min_max(pos2(rect.left(), rect.bottom() - FOOT - 1.0), rect.max - vec2(1.0, 0.0)),
    );
    ui.expand_to_include_rect(rect);
}

pub(super) fn section(ui: &mut Ui, title: &str, buttons: impl FnOnce(&mut Ui)) {
    let t = theme::of(ui);
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), height::RAIL_HEADER), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, title));
    ui.painter().text(
        rect.left_center() + vec2(12.0, 0.0),
        Align2::LEFT_CENTER,
        title,
        font::small_medium(),
        t.text_subdued,
    );
    let mut right = ui.new_child(
        UiBuilder::new().max_rect(rect.shrink2(vec2(6.0, 0.0))).layout(Layout::right_to_left(Align::Center)),
    );
    right.spacing_mut().item_spacing.x = 0.0;
    buttons(&mut right);
}

fn runs(app: &mut App, ui: &mut Ui, narrow: bool) {
    let mut wishes = Vec::new();
    section(ui, "Runs", |ui| {
        if ui.add(IconButton::new("plus", "New run").small()).clicked() {
            wishes.push(Command::Show(crate::window::view::ViewKind::Start));
        }
        if ui.add(IconButton::new("arrows-clockwise", "Read the list of runs again").small()).clicked() {
            wishes.push(Command::RescanRuns);
        }
    });
    for wish in wishes {
        app.commands.push(wish);
    }
    let now = SystemTime::now();
    let open = app.run.as_ref().map(|r| r.folder.clone());
    if app.library.runs.is_empty() {
        let text = if app.library.scanning {
            "Reading the list of runs"
        } else {
            "No runs yet. Start one, or open a sample run"
        };
        note(ui, text);
    }
    for run in &app.library.runs {
        let selected = open.as_ref() == Some(&run.folder);
        if run_row(ui, run, selected, narrow, now).clicked() {
            app.commands.push(Command::OpenRun(run.folder.clone()));
        }
    }
}

pub(super) fn note(ui: &mut Ui, text: &str) {
    let t = theme::of(ui);
    let w = ui.available_width() - 28.0;
    let galley = lines(ui, text, font::small(), t.text_subdued, w, 4, Some(15.0));
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), galley.size().y + 12.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    ui.painter().galley(rect.min + vec2(14.0, 4.0), galley, t.text_subdued);
}

/// Ground and edge of a row that is hovered or selected.
pub(super) fn row_ground(ui: &Ui, t: &Tokens, rect: Rect, response: &Response, selected: bool) {
    if selected {
        ui.painter().rect_filled(rect, 0.0, t.accent_fill);
        ui.painter().rect_filled(Rect::from_min_size(rect.min, vec2(2.0, rect.height())), 0.0, t.accent);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, 0.0, t.hover_bg);
    }
}

fn state_color(t: &Tokens, state: RunState) -> Color32 {
    match state {
        RunState::Done | RunState::Unfinished => t.text_subdued,
        RunState::Warning => t.warn,
        RunState::Broken => t.error,
    }
}

fn run_row(ui: &mut Ui, run: &RunSummary, selected: bool, narrow: bool, now: SystemTime) -> Response {
    let t = theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), RUN_ROW), Sense::click());
    response
        .widget_info(|| WidgetInfo::selected(Role::ListItem, true, selected, format!("run {}", run.title)));
    if ui.is_rect_visible(rect) {
        row_ground(ui, t, rect, &response, selected);
        let color = if selected { t.text } else { state_color(t, run.state) };
        icon_at(ui.painter(), pos2(rect.left() + 19.0, rect.top() + 15.5), run.state.icon(), 14.0, color);
        let x = rect.left() + 34.0;
        let w = rect.right() - x - 10.0;
        let at = pos2(x, rect.top() + 12.0);
        let title = if selected { t.text_strong } else { t.text };
        text_in(ui, at, Align2::LEFT_CENTER, &run.title, font::label(), title, w);
        let at = pos2(x, rect.top() + 28.0);
        below(ui, run, narrow, &run.age(now), at, w);
    }
    focus_ring(ui, &response);
    let tip = if run.note.is_empty() { run.folder.display().to_string() } else { run.note.clone() };
    response.on_hover_text(tip)
}

/// The second line of a run: what it compares, what is wrong with it, how old it is. The age is never cut.
fn below(ui: &Ui, run: &RunSummary, narrow: bool, age: &str, at: egui::Pos2, room: f32) {
    let t = theme::of(ui);
    let note = if run.state == RunState::Done { "" } else { run.note.as_str() };
    let join =
        |parts: &[&str]| parts.iter().copied().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(", ");
    let short = if note.is_empty() { run.subtitle.clone() } else { note.to_owned() };
    let whole = join(&[run.subtitle.as_str(), note]);
    let forms = if narrow { vec![String::new()] } else { vec![whole, short] };
    let after =
        |lead: &str| if lead.is_empty() || age.is_empty() { age.to_owned() } else { format!(", {age}") };
    let left = |lead: &str| room - width(ui, &after(lead), font::small());
    let fits = |lead: &&String| width(ui, lead, font::small()) <= left(lead);
    let lead = forms.iter().find(fits).or(forms.last()).map_or("", String::as_str);
    let words = text_in(ui, at, Align2::LEFT_CENTER, lead, font::small(), t.text_subdued, left(lead));
    let age = after(lead);
    let at = pos2(if lead.is_empty() { at.x } else { words.right() }, at.y);
    text_in(ui, at, Align2::LEFT_CENTER, &age, font::small(), t.text_subdued, room);
}

fn foot(app: &App, ui: &mut Ui, rect: Rect) {
    let t = theme::of(ui);
    hline(ui, rect.left()..=rect.right() - 1.0, rect.top(), t.line);
    let [all, short] = &app.data_words;
    let font = font::label_number_medium();
    let text = if width(ui, all, font.clone()) > rect.width() - 44.0 { short } else { all };
    let response = ui.interact(rect, ui.scope_id().with("rail foot"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text.as_str()));
    icon_at(ui.painter(), rect.left_center() + vec2(19.0, 0.0), "database", 14.0, t.text_subdued);
    let at = rect.left_center() + vec2(32.0, 0.0);
    text_in(ui, at, Align2::LEFT_CENTER, text, font, t.text_subdued, rect.width() - 40.0);
}

fn folded(app: &mut App, ui: &mut Ui) {
    let t = theme::of(ui);
    let rect = ui.max_rect();
    vline(ui, rect.right() - 1.0, rect.top()..=rect.bottom(), t.line);
    ui.spacing_mut().item_spacing = vec2(0.0, 2.0);
    ui.add_space(6.0);
    let open = app.run.as_ref().map(|r| r.folder.clone());
    ui.vertical_centered(|ui| {
        if ui.add(IconButton::new("sidebar-simple", "Open the rail")).clicked() {
            app.commands.push(Command::ToggleRail);
        }
        ui.add_space(4.0);
        for run in app.library.runs.iter().take(12) {
            let button = IconButton::new(run.state.icon(), &run.title).on(open.as_ref() == Some(&run.folder));
            if ui.add(button).clicked() {
                app.commands.push(Command::OpenRun(run.folder.clone()));
            }
        }
    });
    ui.expand_to_include_rect(rect);
}
