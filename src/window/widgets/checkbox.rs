//! A small box with a tick.

use super::focus_ring;
use super::paint::{icon_at, width};
use crate::window::theme::{self, font, height, radius};
use egui::{Align2, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

/// A box 14 wide with words after it; toggles `value` when clicked.
pub fn checkbox(ui: &mut Ui, value: &mut bool, text: &str) -> Response {
    let t = theme::of(ui);
    let w = if text.is_empty() { 18.0 } else { 22.0 + width(ui, text, font::label_regular()) };
    let (rect, mut response) = ui.allocate_exact_size(vec2(w, height::CONTROL), Sense::click());
    if response.clicked() {
        *value = !*value;
        response.mark_changed();
    }
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, *value, text));
    let side = egui::Rect::from_center_size(pos2(rect.left() + 7.0, rect.center().y), vec2(14.0, 14.0));
    let (fill, border) = if *value {
        (t.accent, t.accent)
    } else if response.hovered() {
        (t.hover_bg, t.line_control)
    } else {
        (t.input_bg, t.line_control)
    };
    ui.painter().rect(side, f32::from(radius::CHIP), fill, Stroke::new(1.0, border), StrokeKind::Inside);
    if *value {
        icon_at(ui.painter(), side.center(), "check", 11.0, t.on_accent);
    }
    let at = pos2(side.right() + 8.0, rect.center().y);
    ui.painter().text(at, Align2::LEFT_CENTER, text, font::label_regular(), t.text);
    focus_ring(ui, &response);
    response
}
