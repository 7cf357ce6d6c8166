//! Two or three exclusive options side by side.

use super::focus_ring;
use super::paint::width;
use crate::window::theme::{self, font, height, radius};
use egui::{Align2, CornerRadius, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};

/// Shows the options as one control; true when `value` changed.
pub fn segmented<T: Copy + PartialEq>(ui: &mut Ui, value: &mut T, options: &[(T, &str)]) -> bool {
    let t = theme::of(ui);
    let widths: Vec<f32> = options.iter().map(|(_, s)| (width(ui, s, font::label()) + 20.0).ceil()).collect();
    let (rect, _) =
        ui.allocate_exact_size(vec2(widths.iter().sum::<f32>() + 2.0, height::CONTROL), Sense::hover());
    let radius = f32::from(radius::CONTROL);
    ui.painter().rect_filled(rect, radius, t.raised_bg);
    let mut changed = false;
    let mut x = rect.left() + 1.0;
    for (i, ((option, text), w)) in options.iter().zip(&widths).enumerate() {
        let part = egui::Rect::from_min_size(egui::pos2(x, rect.top() + 1.0), vec2(*w, rect.height() - 2.0));
        let response =
            ui.interact(part, ui.scope_id().with(("segment", text, rect.left() as i32)), Sense::click());
        let chosen = *value == *option;
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, chosen, *text));
        if response.clicked() && !chosen {
            *value = *option;
            changed = true;
        }
        let fill = if chosen {
            t.pressed_bg
        } else if response.hovered() {
            t.hover_bg
        } else {
            t.raised_bg
        };
        let (left, right) = (if i == 0 { 4 } else { 0 }, if i + 1 == options.len() { 4 } else { 0 });
        ui.painter().rect_filled(part, CornerRadius { nw: left, sw: left, ne: right, se: right }, fill);
        let color = if chosen { t.text_strong } else { t.text_subdued };
        ui.painter().text(part.center(), Align2::CENTER_CENTER, text, font::label(), color);
        focus_ring(ui, &response);
        x += w;
    }
    ui.painter().rect_stroke(rect, radius, Stroke::new(1.0, t.line_strong), StrokeKind::Inside);
    changed
}
