//! Grey blocks where something will stand, shown only while nothing was there before.

use crate::window::theme::{self, height, radius};
use egui::{Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

/// One grey block: a line of text or a picture that is not there yet.
pub fn skeleton_block(ui: &Ui, rect: Rect) {
    if rect.is_positive() {
        ui.painter().rect_filled(rect, f32::from(radius::CHIP), theme::of(ui).hover_bg);
    }
}

/// Rows of blocks over the room that is left; `what` is read by screen readers ("Reading the run").
pub fn skeleton(ui: &mut Ui, what: &str) {
    let t = theme::of(ui);
    let rect = ui.available_rect_before_wrap().shrink(16.0);
    let response = ui.interact(rect, ui.scope_id().with(("skeleton", what)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, what));
    let block = |x: f32, y: f32, w: f32, h: f32| {
        let r = Rect::from_min_size(rect.min + vec2(x, y), vec2(w.min(rect.width() - x), h));
        if r.bottom() <= rect.bottom() {
            skeleton_block(ui, r);
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

/// The shape of a table whose rows are being read; `what` is said above it.
pub fn skeleton_table(ui: &mut Ui, what: &str) {
    let t = theme::of(ui);
    let rect = ui.available_rect_before_wrap().shrink2(vec2(16.0, 0.0));
    let response = ui.interact(rect, ui.scope_id().with(("skeleton", what)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, what));
    let head = pos2(rect.left(), rect.top() + height::TABLE_HEADER / 2.0);
    ui.painter().text(head, egui::Align2::LEFT_CENTER, what, theme::font::small(), t.text_subdued);
    let mut y = rect.top() + height::TABLE_HEADER;
    super::paint::hline(ui, rect.left()..=rect.right(), y - 1.0, t.line);
    // As many rows as a list of runs usually has: a page full of grey would look like a long list.
    for _ in 0..6 {
        if y + height::ROW > rect.bottom() {
            break;
        }
        let block = |from: f32, to: f32| {
            let x = |share: f32| rect.left() + share * rect.width();
            skeleton_block(ui, Rect::from_min_max(pos2(x(from), y + 8.0), pos2(x(to), y + 18.0)));
        };
        block(0.0, 0.02);
        block(0.05, 0.3);
        block(0.42, 0.5);
        block(0.54, 0.62);
        block(0.7, 0.76);
        block(0.8, 0.87);
        block(0.93, 1.0);
        y += height::ROW;
        super::paint::hline(ui, rect.left()..=rect.right(), y - 1.0, t.line_faint);
    }
}
