//! Grey blocks where something will stand, shown only while nothing was there before.

use crate::window::theme::{self, radius};
use egui::{Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

/// Rows of blocks over the room that is left; `what` is read by screen readers ("Reading the run").
pub fn skeleton(ui: &mut Ui, what: &str) {
    let t = theme::of(ui);
    let rect = ui.available_rect_before_wrap().shrink(16.0);
    let response = ui.interact(rect, ui.scope_id().with(("skeleton", what)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, what));
    let block = |x: f32, y: f32, w: f32, h: f32| {
        let r = Rect::from_min_size(rect.min + vec2(x, y), vec2(w.min(rect.width() - x), h));
        if r.is_positive() && r.bottom() <= rect.bottom() {
            ui.painter().rect_filled(r, f32::from(radius::CHIP), t.hover_bg);
        }
    };
    block(0.0, 4.0, 320.0, 16.0);
    block(0.0, 36.0, rect.width(), 110.0);
    let mut y = 170.0;
    while y + 12.0 < rect.height() {
        block(0.0, y, 70.0, 12.0);
        block(90.0, y, rect.width() * 0.4, 12.0);
        block(rect.width() * 0.6, y, rect.width() * 0.4, 12.0);
        y += 26.0;
    }
    let at = pos2(rect.left() + 340.0, rect.top() + 12.0);
    ui.painter().text(at, egui::Align2::LEFT_CENTER, what, theme::font::small(), t.text_subdued);
}
