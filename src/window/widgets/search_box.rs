//! A text field with a looking glass.

use super::paint::icon_at;
use crate::window::theme::{self, font, height, radius};
use egui::{Margin, Response, Sense, Stroke, StrokeKind, TextEdit, Ui, vec2};

/// A search field `width` wide; `name` is shown while it is empty and read by screen readers.
pub fn search_box(ui: &mut Ui, text: &mut String, name: &str, width: f32) -> Response {
    let t = theme::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(width, height::CONTROL), Sense::hover());
    ui.painter().rect_filled(rect, f32::from(radius::CONTROL), t.input_bg);
    icon_at(ui.painter(), rect.left_center() + vec2(16.0, 0.0), "magnifying-glass", 14.0, t.text_subdued);
    let field = egui::Rect::from_min_max(rect.min + vec2(28.0, 0.0), rect.max - vec2(6.0, 0.0));
    let response = super::paint::put_at(
        ui,
        field,
        TextEdit::singleline(text)
            .frame(egui::Frame::NONE)
            .margin(Margin::ZERO)
            .font(font::label_regular())
            .text_color(t.text_strong)
            .align(egui::Align2::LEFT_CENTER)
            .min_size(field.size())
            .hint_text(egui::RichText::new(name).font(font::label_regular()).color(t.text_subdued))
            .desired_width(field.width()),
    );
    let focused = response.has_focus();
    let border = if focused { t.focus_ring } else { t.line_strong };
    let (w, kind) = if focused { (2.0, StrokeKind::Outside) } else { (1.0, StrokeKind::Inside) };
    ui.painter().rect_stroke(rect, f32::from(radius::CONTROL), Stroke::new(w, border), kind);
    response
}
