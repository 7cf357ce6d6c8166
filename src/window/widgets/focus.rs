//! The ring around what has the keyboard focus.

use crate::window::theme::{self, radius, stroke};
use egui::{Response, Stroke, StrokeKind, Ui};

/// Paints the focus ring, 1 point off the control, when `response` has the keyboard focus.
pub fn focus_ring(ui: &Ui, response: &Response) {
    if response.has_focus() {
        let t = theme::of(ui);
        ui.painter().rect_stroke(
            response.rect.expand(1.0),
            f32::from(radius::CONTROL) + 1.0,
            Stroke::new(stroke::FOCUS, t.focus_ring),
            StrokeKind::Outside,
        );
    }
}
