//! The head of a map: what one sees in plain words, its reason, and the numbers that go with it.

use crate::window::canvas::paint;
use crate::window::theme::font;
use crate::window::view::ViewContext;
use crate::window::widgets::paint::text_in;
use egui::{Align2, Rect, Role, Sense, Ui, WidgetInfo, pos2};

/// Height of a head.
pub const HEIGHT: f32 = 62.0;
/// Numbers give way to the words below this width.
const WORDS: f32 = 420.0;
/// Between two numbers.
const GAP: f32 = 22.0;

/// Draws a head into `rect`; `numbers` are values and names, from left to right, at the right. `name` tells heads apart.
pub fn map_head_ui(
    ui: &Ui,
    context: &ViewContext<'_>,
    rect: Rect,
    name: &str,
    words: (&str, &str),
    numbers: &[(String, &str)],
) {
    let t = context.tokens;
    let painter = ui.painter();
    let mut x = rect.right();
    for (value, name) in numbers.iter().rev() {
        let face = font::label_number_strong();
        let at = pos2(x, rect.top() + 22.0);
        let a = paint::text(painter, at, Align2::RIGHT_CENTER, value, face, t.text_strong);
        let at = pos2(x, rect.top() + 38.0);
        let b = paint::text(painter, at, Align2::RIGHT_CENTER, name, font::small(), t.text_subdued);
        x = a.left().min(b.left()) - GAP;
        if x - rect.left() < WORDS {
            break;
        }
    }
    let room = (x - rect.left()).max(60.0);
    let (title, detail) = words;
    let at = pos2(rect.left(), rect.top() + 22.0);
    text_in(ui, at, Align2::LEFT_CENTER, title, font::title(), t.text_strong, room);
    let at = pos2(rect.left(), rect.top() + 41.0);
    text_in(ui, at, Align2::LEFT_CENTER, detail, font::label_number(), t.text_subdued, room);
    paint::hline(painter, rect.left()..=rect.right(), rect.bottom() - 1.0, t.line);
    let response = ui.interact(rect, ui.scope_id().with(("head", name)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{title}. {detail}")));
}
