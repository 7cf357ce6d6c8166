//! Headings of blocks: semibold words left, a subdued note at the right.

use super::paint::{text_in, width};
use crate::window::theme::{self, font};
use egui::{Align2, Response, Role, Sense, Ui, WidgetInfo, vec2};

/// A heading with a note at the right end ("included, nothing to download"), 22 high. A note may end in `|` and a
/// shorter one, shown where the long one would be cut.
pub fn section_heading(ui: &mut Ui, text: &str, note: &str) -> Response {
    let t = theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 22.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, text));
    let w = width(ui, text, font::heading());
    text_in(ui, rect.left_center(), Align2::LEFT_CENTER, text, font::heading(), t.text_strong, rect.width());
    let room = rect.width() - w - 16.0;
    let fits = |words: &&str| width(ui, words, font::small()) <= room;
    let note = note.split('|').find(fits).or_else(|| note.split('|').next_back()).unwrap_or_default();
    if !note.is_empty() && room > 40.0 {
        text_in(ui, rect.right_center(), Align2::RIGHT_CENTER, note, font::small(), t.text_subdued, room);
    }
    response
}
