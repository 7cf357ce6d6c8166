//! A row of name and value, 24 high.

use super::paint::{one_line, text_in};
use crate::window::theme::{self, font, height};
use egui::{Align2, Color32, FontId, Response, Role, Sense, Ui, WidgetInfo, vec2};

/// Name left in subdued text, value right in `text`. Gives the response of the row (click copies what the caller likes).
pub fn property_row(ui: &mut Ui, name: &str, value: &str) -> Response {
    let t = theme::of(ui);
    property_row_with(ui, name, value, font::label_number(), t.text)
}

/// A property row whose value is an id, hash or path: mono 11, shortened in the middle, copied whole by a click.
pub fn property_row_id(ui: &mut Ui, name: &str, value: &str) -> Response {
    let t = theme::of(ui);
    let shown = shorten_middle(value, 26);
    let response = property_row_with(ui, name, &shown, font::mono_small(), t.text).on_hover_text(value);
    if response.clicked() {
        ui.ctx().copy_text(value.to_owned());
    }
    response
}

/// A property row with its value in this font and colour.
pub fn property_row_with(ui: &mut Ui, name: &str, value: &str, font: FontId, color: Color32) -> Response {
    let t = theme::of(ui);
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), height::PROPERTY_ROW), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name} {value}")));
    let name_galley = one_line(ui, name, theme::font::label_regular(), t.text_subdued, rect.width() * 0.6);
    let name_width = name_galley.size().x;
    let y = rect.center().y - name_galley.size().y / 2.0;
    ui.painter().galley(egui::pos2(rect.left(), y), name_galley, t.text_subdued);
    let room = rect.width() - name_width - 12.0;
    text_in(ui, rect.right_center(), Align2::RIGHT_CENTER, value, font, color, room);
    response
}

/// At most `max` characters, cut in the middle.
pub fn shorten_middle(text: &str, max: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= max || max < 3 {
        return text.to_owned();
    }
    let head = max.div_ceil(2) - 1;
    let tail = max - head - 1;
    let start: String = chars.iter().take(head).collect();
    let end: String = chars.iter().skip(chars.len() - tail).collect();
    format!("{start}…{end}")
}

#[cfg(test)]
mod tests {
    use super::shorten_middle;

    #[test]
    fn an_id_keeps_its_two_ends() {
        assert_eq!(shorten_middle("8412067713905526142", 9), "8412…6142");
        assert_eq!(shorten_middle("short", 9), "short");
        assert_eq!(shorten_middle("äöüäöüäöü", 5).chars().count(), 5);
    }
}
