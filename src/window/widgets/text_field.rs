//! One line of text to write, in a box like the other controls of a form.

use crate::window::theme::{self, font, height, radius};
use egui::{Color32, FontId, Margin, Rect, Response, Sense, Stroke, StrokeKind, TextEdit, Ui, vec2};

/// A field `width` wide; `hint` is shown while it is empty.
pub fn text_field(
    ui: &mut Ui,
    text: &mut String,
    hint: &str,
    width: f32,
    face: FontId,
    color: Color32,
) -> Response {
    let (rect, _) = ui.allocate_exact_size(vec2(width, height::CONTROL), Sense::hover());
    let field = Rect::from_min_max(rect.min + vec2(8.0, 0.0), rect.max - vec2(8.0, 0.0));
    framed(ui, rect, field, text, hint, face, color)
}

/// The text itself at `field` inside the box `rect`, which shows whether it has the focus.
pub fn framed(
    ui: &mut Ui,
    rect: Rect,
    field: Rect,
    text: &mut String,
    hint: &str,
    face: FontId,
    color: Color32,
) -> Response {
    let t = theme::of(ui);
    ui.painter().rect_filled(rect, f32::from(radius::CONTROL), t.input_bg);
    let edit = TextEdit::singleline(text)
        .frame(egui::Frame::NONE)
        .margin(Margin::ZERO)
        .font(face)
        .text_color(color)
        .align(egui::Align2::LEFT_CENTER)
        .min_size(field.size())
        .hint_text(egui::RichText::new(hint).font(font::label_regular()).color(t.text_subdued))
        .desired_width(field.width());
    let response = super::paint::put_at(ui, field, edit);
    let focused = response.has_focus();
    let border = if focused { t.focus_ring } else { t.line_strong };
    let (w, kind) = if focused { (2.0, StrokeKind::Outside) } else { (1.0, StrokeKind::Inside) };
    ui.painter().rect_stroke(rect, f32::from(radius::CONTROL), Stroke::new(w, border), kind);
    response
}
