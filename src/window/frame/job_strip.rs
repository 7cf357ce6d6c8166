//! The strip at the bottom: what runs, how far, how fast, how long still; stop; what is done; the log.

use super::Room;
use crate::window::app::App;
use crate::window::command::Command;
use crate::window::format;
use crate::window::theme::{self, font};
use crate::window::view::JobStatus;
use crate::window::widgets::paint::{hline, icon_at, text_in, width};
use crate::window::widgets::{IconButton, ProgressState, focus_ring, progress_bar};
use egui::{Align, Align2, Layout, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

/// Draws the job strip.
pub fn job_strip_ui(app: &mut App, ui: &mut Ui, room: Room) {
    let t = theme::of(ui);
    let rect = ui.max_rect();
    hline(ui, rect.left()..=rect.right(), rect.top(), t.line);
    let strip = Rect::from_min_max(rect.min + vec2(12.0, 1.0), rect.max - vec2(12.0, 0.0));
    let mut right =
        ui.new_child(UiBuilder::new().max_rect(strip).layout(Layout::right_to_left(Align::Center)));
    if log_button(&mut right).clicked() {
        app.commands.push(Command::ToggleLog);
    }
    right.add_space(16.0);
    if room >= Room::Narrow {
        finished(&mut right, &app.jobs.status);
    }
    let edge = right.min_rect().left();
    let left_rect = Rect::from_min_max(strip.min, pos2(edge - 12.0, strip.bottom()));
    let mut left =
        ui.new_child(UiBuilder::new().max_rect(left_rect).layout(Layout::left_to_right(Align::Center)));
    left.set_clip_rect(left_rect.intersect(ui.clip_rect()));
    left.spacing_mut().item_spacing.x = 12.0;
    if app.jobs.status.running {
        running(app, &mut left, room);
    } else {
        idle(&mut left, &app.jobs.status);
    }
    ui.expand_to_include_rect(rect);
}

fn log_button(ui: &mut Ui) -> egui::Response {
    let t = theme::of(ui);
    let w = 24.0 + width(ui, "Log", font::label());
    let (rect, response) = ui.allocate_exact_size(vec2(w, 24.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Log"));
    let color = if response.hovered() { t.text_strong } else { t.text_subdued };
    icon_at(ui.painter(), rect.left_center() + vec2(8.0, 0.0), "list-bullets", 15.0, color);
    ui.painter().text(rect.right_center(), Align2::RIGHT_CENTER, "Log", font::label(), color);
    focus_ring(ui, &response);
    response
}

/// "Pass A 18.4 s, pass B 6.1 s": the last finished stages.
fn finished(ui: &mut Ui, status: &JobStatus) {
    if status.stages.is_empty() {
        return;
    }
    let t = theme::of(ui);
    let mut parts: Vec<String> = Vec::new();
    for (stage, seconds) in status.stages.iter().rev().take(3).rev() {
        parts.push(format!("{stage} {}", format::duration(*seconds)));
    }
    let mut text = parts.join(", ");
    if let Some(first) = text.get(..1).map(str::to_uppercase) {
        text.replace_range(..1, &first);
    }
    let w = width(ui, &text, font::label_number()).min(ui.available_width() * 0.5);
    let (rect, response) = ui.allocate_exact_size(vec2(w + 22.0, 24.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("done {text}")));
    icon_at(ui.painter(), rect.left_center() + vec2(8.0, 0.0), "check", 14.0, t.text_subdued);
    text_in(
        ui,
        rect.left_center() + vec2(20.0, 0.0),
        Align2::LEFT_CENTER,
        &text,
        font::label_number(),
        t.text_subdued,
        w + 2.0,
    );
}

fn idle(ui: &mut Ui, status: &JobStatus) {
    let t = theme::of(ui);
    let (text, color) = match &status.ended {
        Some(ended) if status.failed => (format!("{} failed, {ended}", status.title), t.error),
        Some(ended) => (format!("{} {ended}", status.title), t.text_subdued),
        None => ("No job is running".to_owned(), t.text_subdued),
    };
    let room = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(room, 24.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &text));
    let mut at = rect.left_center();
    if status.failed {
        icon_at(ui.painter(), at + vec2(8.0, 0.0), "warning-circle", 15.0, t.error);
        at.x += 22.0;
    }
    text_in(ui, at, Align2::LEFT_CENTER, &text, font::label_number(), color, room - 22.0);
    if status.ended.is_some() {
        response.on_hover_text(text);
    }
}

fn running(app: &mut App, ui: &mut Ui, room: Room) {
    let t = theme::of(ui);
    let status = &app.jobs.status;
    let stage = status.progress.as_ref().map_or("starting", |p| p.stage.as_str());
    let label = format!("{}, {stage}", status.title);
    let shown = if room == Room::Wide { label.as_str() } else { stage };
    icon_label(ui, "hard-drives", shown);
    let (done, total, unit) = status.progress.as_ref().map_or((0, 0, ""), |p| (p.done, p.total, p.unit));
    let state = if status.paused { ProgressState::Paused } else { ProgressState::Running };
    let fraction = (total > 0).then(|| done as f32 / total as f32);
    progress_bar(ui, if room == Room::Wide { 200.0 } else { 120.0 }, fraction, state);
    let count = if total > 0 {
        format!("{} of {} {unit}", format::count(done as usize), format::count(total as usize))
    } else if done > 0 {
        format!("{} {unit}", format::count(done as usize))
    } else {
        "starting".to_owned()
    };
    // Every figure has a slot as wide as it can become, so that nothing moves while numbers grow.
    let most = format!("{0} of {0} {unit}", format::count(total.max(done) as usize));
    slot(ui, &count, &most, t.text);
    if room == Room::Wide {
        let rate = status.rate.map(|r| match r {
            r if r < 0.5 => format!("{} each", format::duration(1.0 / r)),
            r => format!("{} per s", format::number(r, if r < 10.0 { 1 } else { 0 })),
        });
        slot(ui, &rate.unwrap_or_default(), "00000 per s", t.text_subdued);
    }
    let eta = match status.paused {
        true => Some("paused".to_owned()),
        false => status.eta_s.map(|s| format!("{} left", format::duration(s))),
    };
    slot(ui, &eta.unwrap_or_default(), "00 min 00 s left", t.text_subdued);
    let paused = app.jobs.status.paused;
    let (icon, words) = if paused { ("play", "Go on with the job") } else { ("pause", "Pause the job") };
    if ui.add(IconButton::new(icon, words)).clicked() {
        app.commands.push(Command::PauseJob(!paused));
    }
    if ui.add(IconButton::new("x", "Stop the job")).clicked() {
        app.commands.push(Command::CancelJob);
    }
}

/// Text in a place as wide as `widest`.
fn slot(ui: &mut Ui, text: &str, widest: &str, color: egui::Color32) {
    let w = width(ui, widest, font::label_number());
    let (rect, response) = ui.allocate_exact_size(vec2(w, 24.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    text_in(ui, rect.left_center(), Align2::LEFT_CENTER, text, font::label_number(), color, w + 40.0);
}

fn icon_label(ui: &mut Ui, icon: &str, text: &str) {
    let t = theme::of(ui);
    let w = width(ui, text, font::label()).min(320.0);
    let (rect, response) = ui.allocate_exact_size(vec2(w + 22.0, 24.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, format!("running {text}")));
    icon_at(ui.painter(), rect.left_center() + vec2(8.0, 0.0), icon, 15.0, t.text);
    let at = rect.left_center() + vec2(22.0, 0.0);
    text_in(ui, at, Align2::LEFT_CENTER, text, font::label(), t.text_strong, w + 2.0);
}
