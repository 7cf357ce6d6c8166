//! The bar at the top: the product's mark, the open run with its two minds, the search field, device, theme, help.

use super::Room;
use crate::window::app::App;
use crate::window::command::Command;
use crate::window::theme::{self, Tokens, font, panel, radius};
use crate::window::widgets::paint::{hline, icon_at, text_in, width};
use crate::window::widgets::{Button, IconButton, Mind, choice, choice_row, mind_chip};
use egui::{
    Align, Align2, Layout, Popup, Rect, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2,
    vec2,
};

/// Height of the controls in the bar.
const CONTROL: f32 = 30.0;

/// Draws the top bar.
pub fn top_bar_ui(app: &mut App, ui: &mut Ui, room: Room) {
    let t = theme::of(ui);
    let rect = ui.max_rect();
    hline(ui, rect.left()..=rect.right(), rect.bottom() - 1.0, t.line);
    let bar = Rect::from_min_max(rect.min, rect.max - vec2(0.0, 1.0));
    mark(ui, t, bar);
    let rail = match room {
        Room::Small => 140.0,
        Room::Medium | Room::Narrow => panel::RAIL_NARROW,
        Room::Wide => app.layout.rail_width.max(panel::RAIL),
    };
    let left = Rect::from_min_max(pos2(bar.left() + rail + 12.0, bar.top()), bar.max);
    let mut left_ui =
        ui.new_child(UiBuilder::new().max_rect(left).layout(Layout::left_to_right(Align::Center)));
    left_ui.spacing_mut().item_spacing.x = 12.0;
    run_ui(app, &mut left_ui, room);
    let right = Rect::from_min_max(bar.min, bar.max - vec2(12.0, 0.0));
    let mut right_ui =
        ui.new_child(UiBuilder::new().max_rect(right).layout(Layout::right_to_left(Align::Center)));
    right_ui.spacing_mut().item_spacing.x = 2.0;
    right_side(app, &mut right_ui, room);
    let (from, to) = (left_ui.min_rect().right() + 16.0, right_ui.min_rect().left() - 16.0);
    search_ui(app, ui, from, to, bar);
    ui.expand_to_include_rect(rect);
}

/// The mark: three strips for A, D and B, and the name.
fn mark(ui: &Ui, t: &Tokens, bar: Rect) {
    let y = bar.center().y;
    let strip = |x: f32, w: f32, color| {
        let r = Rect::from_min_size(pos2(bar.left() + x, y - 9.0), vec2(w, 18.0));
        ui.painter().rect_filled(r, 0.0, color);
    };
    strip(13.0, 7.0, t.mind_a);
    strip(21.0, 2.0, t.text);
    strip(24.0, 7.0, t.mind_b);
    ui.painter().text(
        pos2(bar.left() + 40.0, y),
        Align2::LEFT_CENTER,
        "Gapfield",
        egui::FontId::new(14.0, font::heading().family),
        t.text_strong,
    );
}

fn run_ui(app: &mut App, ui: &mut Ui, room: Room) {
    let Some(run) = app.run.clone() else {
        let open = Button::new("Open a run").icon("folder-open").shortcut("Ctrl O").height(CONTROL);
        if ui.add(open).clicked() {
            app.commands.push(Command::OpenRunDialog);
        }
        return;
    };
    ui.spacing_mut().interact_size.y = CONTROL;
    let title = run.title();
    let runs: Vec<_> = app.library.runs.iter().map(|r| (r.title.clone(), r.folder.clone())).collect();
    let picked = choice(ui, "", &title, |ui| {
        let mut picked = None;
        for (title, folder) in &runs {
            if choice_row(ui, *folder == run.folder, title).clicked() {
                picked = Some(Command::OpenRun(folder.clone()));
            }
        }
        if choice_row(ui, false, "Open a run...").clicked() {
            picked = Some(Command::OpenRunDialog);
        }
        picked
    });
    if let Some(command) = picked.inner.flatten() {
        app.commands.push(command);
    }
    let name = |p: &Option<std::sync::Arc<crate::run::contents::Pass>>| {
        p.as_ref().filter(|_| room == Room::Wide).map(|p| p.name.clone()).unwrap_or_default()
    };
    if run.a.is_some() || run.b.is_some() {
        ui.spacing_mut().item_spacing.x = 6.0;
        mind_chip(ui, Mind::A, &name(&run.a));
        let t = theme::of(ui);
        ui.label(egui::RichText::new("\u{2212}").font(font::label()).color(t.text_subdued));
        mind_chip(ui, Mind::B, &name(&run.b));
    }
}

fn right_side(app: &mut App, ui: &mut Ui, room: Room) {
    let t = theme::of(ui);
    let gear = ui.add(IconButton::new("gear-six", "Settings"));
    let scale = app.layout.ui_scale;
    Popup::menu(&gear).gap(4.0).show(|ui| settings_menu(app, ui, scale));
    if ui.add(IconButton::new("question", "Help for this view")).clicked() {
        app.commands.push(Command::ToggleHelp);
    }
    let (icon, words) = if app.layout.dark { ("sun", "Light theme") } else { ("moon", "Dark theme") };
    if ui.add(IconButton::new(icon, words)).clicked() {
        app.commands.push(Command::ToggleTheme);
    }
    if room == Room::Small {
        return;
    }
    ui.add_space(12.0);
    let text = match &app.devices {
        Some(d) if room == Room::Wide => {
            format!("{}, {}", d.chosen, super::super::format::counted(d.threads, "thread", "threads"))
        }
        Some(d) => d.chosen.clone(),
        None => "Looking for devices".to_owned(),
    };
    let text_width = width(ui, &text, font::label()).min(220.0);
    let (rect, response) = ui.allocate_exact_size(vec2(text_width + 30.0, CONTROL), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Device {text}")));
    let color = if response.hovered() { t.text_strong } else { t.text };
    icon_at(ui.painter(), rect.left_center() + vec2(12.0, 0.0), "cpu", 16.0, color);
    let at = rect.left_center() + vec2(26.0, 0.0);
    text_in(ui, at, Align2::LEFT_CENTER, &text, font::label(), color, text_width + 2.0);
    crate::window::widgets::focus_ring(ui, &response);
    let why = app.devices.as_ref().map(|d| d.why.clone()).unwrap_or_default();
    let response = if why.is_empty() { response } else { response.on_hover_text(why) };
    if response.clicked() {
        app.commands.push(Command::Show(crate::window::view::ViewKind::Device));
    }
}

fn settings_menu(app: &mut App, ui: &mut Ui, scale: f32) {
    let t = theme::of(ui);
    ui.set_min_width(200.0);
    ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
    let head = format!("Scale {:.0}%", scale * 100.0);
    ui.add_space(4.0);
    ui.horizontal(|ui| {
        ui.add_space(10.0);
        ui.label(egui::RichText::new(head).font(font::small()).color(t.text_subdued));
    });
    for step in [0.75_f32, 1.0, 1.25, 1.5, 2.0] {
        let chosen = (scale - step).abs() < 0.01;
        if choice_row(ui, chosen, &format!("{:.0}%", step * 100.0)).clicked() {
            app.commands.push(Command::UiScale(step / scale));
        }
    }
    ui.separator();
    for entry in crate::window::command::table() {
        let wanted = matches!(
            entry.command,
            Command::ResetLayout
                | Command::ToggleLog
                | Command::ToggleFocus
                | Command::ToggleMotion
                | Command::Quit
        );
        if wanted
            && choice_row(ui, entry.command == Command::ToggleMotion && app.layout.reduced_motion, entry.text)
                .clicked()
        {
            app.commands.push(entry.command);
        }
    }
}

/// The field that opens the palette, in the middle of what is left.
fn search_ui(app: &mut App, ui: &mut Ui, from: f32, to: f32, bar: Rect) {
    let room = to - from;
    if room < 120.0 {
        return;
    }
    let t = theme::of(ui);
    let w = room.min(400.0);
    let rect = Rect::from_center_size(pos2(((from + to) / 2.0).round(), bar.center().y), vec2(w, CONTROL));
    let response = ui.interact(rect, ui.scope_id().with("search"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Search turns, runs and commands"));
    let border = if response.hovered() { t.line_control } else { t.line_strong };
    ui.painter().rect(
        rect,
        f32::from(radius::CONTROL),
        t.panel_bg,
        Stroke::new(1.0, border),
        StrokeKind::Inside,
    );
    icon_at(ui.painter(), rect.left_center() + vec2(19.0, 0.0), "magnifying-glass", 16.0, t.text_subdued);
    let words = if w > 320.0 { "Search turns, runs and commands" } else { "Search or command" };
    let right = if w > 200.0 {
        crate::window::widgets::button::shortcut_box(ui, rect.right_center() - vec2(8.0, 0.0), "Ctrl K", t)
    } else {
        rect.right()
    };
    let x = rect.left() + 34.0;
    text_in(
        ui,
        pos2(x, rect.center().y),
        Align2::LEFT_CENTER,
        words,
        font::label_regular(),
        t.text_subdued,
        right - x - 8.0,
    );
    crate::window::widgets::focus_ring(ui, &response);
    if response.clicked() {
        app.commands.push(Command::TogglePalette);
    }
}
