//! The texts of a turn: conversation, user, context folded, answer shortened until asked for.

use super::heading;
use crate::run::contents::RunContents;
use crate::window::canvas::numbers;
use crate::window::theme::{Tokens, font};
use crate::window::view::ViewContext;
use crate::window::widgets::paint::{icon_at, lines, text_in};
use crate::window::widgets::{focus_ring, link};
use egui::{Align2, Id, Role, Sense, Ui, WidgetInfo, pos2, vec2};

/// Lines of an answer shown until all of it is asked for.
const ANSWER_LINES: usize = 6;
/// Lines of a user message shown until all of it is asked for.
const USER_LINES: usize = 6;

/// Draws the texts of one turn.
pub fn texts_ui(ui: &mut Ui, ctx: &ViewContext<'_>, run: &RunContents, row: usize) {
    let t = ctx.tokens;
    let turn = &run.turns[row];
    if turn.goal_text.is_empty() && turn.response_text.is_empty() {
        unreadable_ui(ui, t);
        return;
    }
    let same = |i: &usize| run.turns[*i].conversation_id == turn.conversation_id;
    // Conversations stand together in the table; walking out from the row keeps this independent of the run's size.
    let before = (0..row).rev().take_while(same).count();
    let after = (row + 1..run.turns.len()).take_while(same).count();
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 20.0), Sense::hover());
    let place = format!("{} of {}", before + 1, before + 1 + after);
    let right =
        text_in(ui, rect.right_center(), Align2::RIGHT_CENTER, &place, font::small(), t.text_subdued, 60.0);
    let room = right.left() - rect.left() - 10.0;
    text_in(ui, rect.left_center(), Align2::LEFT_CENTER, &turn.title, font::small(), t.text_subdued, room);
    ui.add_space(6.0);

    heading(ui, t, "User", "");
    let id = Id::unique(("inspector texts", run.run_id(), &turn.turn_id));
    folded_text(ui, t, id.with("user"), &turn.goal_text, USER_LINES, "Show all of the message");
    if let Some(context) = turn.context.as_ref().filter(|c| !c.trim().is_empty()) {
        context_ui(ui, t, id.with("context"), context);
    }
    ui.add_space(10.0);
    let words = numbers::counted(numbers::words_in(&turn.response_text), "word", "words");
    heading(ui, t, "Answer", &words);
    folded_text(ui, t, id.with("answer"), &turn.response_text, ANSWER_LINES, "Show all of the answer");
}

/// Stands in for a turn of which only the id is known.
fn unreadable_ui(ui: &mut Ui, t: &Tokens) {
    ui.add_space(6.0);
    heading(ui, t, "Texts", "");
    let words = "The texts of this run cannot be read; the log says why";
    let galley = lines(ui, words, font::label_regular(), t.text_subdued, ui.available_width(), 3, Some(17.0));
    let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
    ui.painter().galley(rect.min, galley, t.text_subdued);
}

/// A text cut after some lines, with a link that shows the rest.
fn folded_text(ui: &mut Ui, t: &Tokens, id: Id, text: &str, rows: usize, more: &str) {
    let open = ui.data(|d| d.get_temp::<bool>(id)).unwrap_or(false);
    let width = ui.available_width();
    let cut = lines(ui, text, font::body(), t.text, width, if open { usize::MAX } else { rows }, Some(19.0));
    let is_cut = cut.elided;
    let (rect, response) = ui.allocate_exact_size(vec2(width, cut.size().y), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    ui.painter().galley(rect.min, cut, t.text);
    if is_cut || open {
        ui.add_space(3.0);
        let words = if open { "Show less" } else { more };
        if link(ui, words, font::small()).clicked() {
            ui.data_mut(|d| d.insert_temp(id, !open));
        }
    }
}

/// The context, folded to one line that says how long it is.
fn context_ui(ui: &mut Ui, t: &Tokens, id: Id, context: &str) {
    ui.add_space(8.0);
    let open = ui.data(|d| d.get_temp::<bool>(id)).unwrap_or(false);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::click());
    let fill = if response.hovered() { t.pressed_bg } else { t.hover_bg };
    ui.painter().rect_filled(rect, 3.0, fill);
    let icon = if open { "caret-down" } else { "caret-right" };
    icon_at(ui.painter(), pos2(rect.left() + 14.0, rect.center().y), icon, 12.0, t.text_subdued);
    let words = format!("Context, {}", numbers::counted(numbers::words_in(context), "word", "words"));
    let pos = pos2(rect.left() + 28.0, rect.center().y);
    text_in(ui, pos, Align2::LEFT_CENTER, &words, font::small(), t.text_subdued, rect.width() - 36.0);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, open, &words));
    focus_ring(ui, &response);
    if response.clicked() {
        ui.data_mut(|d| d.insert_temp(id, !open));
    }
    if open {
        ui.add_space(6.0);
        let galley = lines(
            ui,
            context,
            font::label_regular(),
            t.text_subdued,
            ui.available_width(),
            usize::MAX,
            Some(17.0),
        );
        let (rect, _) = ui.allocate_exact_size(galley.size(), Sense::hover());
        ui.painter().galley(rect.min, galley, t.text_subdued);
    }
}
