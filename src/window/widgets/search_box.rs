//! A text field with a looking glass.

use super::paint::icon_at;
use super::text_field::framed;
use crate::window::theme::{self, font, height};
use egui::{Response, Sense, Ui, vec2};

/// A search field `width` wide; `name` is shown while it is empty and read by screen readers.
pub fn search_box(ui: &mut Ui, text: &mut String, name: &str, width: f32) -> Response {
    let t = theme::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(width, height::CONTROL), Sense::hover());
    let field = egui::Rect::from_min_max(rect.min + vec2(28.0, 0.0), rect.max - vec2(6.0, 0.0));
    let response = framed(ui, rect, field, text, name, font::label_regular(), t.text_strong);
    let at = rect.left_center() + vec2(16.0, 0.0);
    icon_at(ui.painter(), at, "magnifying-glass", 14.0, t.text_subdued);
    response
}
