//! What is brushed, as rows one can read and click, and the line under a map that says what is under the pointer.

use crate::core::item::Item;
use crate::core::scm;
use crate::figure::color_by::mean_scores;
use crate::run::contents::RunContents;
use crate::window::canvas::numbers;
use crate::window::canvas::paint::{self, run as words_run};
use crate::window::command::Command;
use crate::window::theme::{font, height};
use crate::window::view::ViewContext;
use crate::window::widgets::paint::{icon_at, text_in};
use crate::window::widgets::{Button, focus_ring};
use egui::{Align2, Rect, Role, Sense, Ui, WidgetInfo, pos2};

/// Rows of the list are this high.
const ROW: f32 = height::ROW;

/// Draws the brushed turns into `rect`, as many as fit; what to do when none is.
pub fn brushed_ui(ui: &Ui, context: &mut ViewContext<'_>, rect: Rect, delta: &[f64]) {
    let t = context.tokens;
    let Some(run) = context.run.cloned() else { return };
    let brushed = context.selection.brushed.clone();
    let at = pos2(rect.left(), rect.top() + 9.0);
    if brushed.is_empty() {
        text_in(
            ui,
            at,
            Align2::LEFT_CENTER,
            "No turns brushed",
            font::heading(),
            t.text_strong,
            rect.width(),
        );
        let hint = "Draw around turns to brush them in every view; click one to read it";
        let galley = crate::window::widgets::paint::lines(
            ui,
            hint,
            font::label_regular(),
            t.text_subdued,
            rect.width(),
            3,
            Some(16.0),
        );
        ui.painter().galley(pos2(rect.left(), rect.top() + 22.0), galley, t.text_subdued);
        return;
    }
    let title = numbers::counted(brushed.len(), "turn brushed", "turns brushed");
    text_in(ui, at, Align2::LEFT_CENTER, &title, font::heading(), t.text_strong, rect.width());
    let known: Vec<f64> =
        brushed.iter().filter_map(|r| delta.get(*r).copied()).filter(|v| v.is_finite()).collect();
    if let Some(mean) = crate::core::stats::mean(&known) {
        let words = format!("mean D {}", numbers::signed(mean, 2));
        let pos = pos2(rect.right(), rect.top() + 9.0);
        let color = paint::delta_color(t, mean);
        paint::text(ui.painter(), pos, Align2::RIGHT_CENTER, &words, font::label_number(), color);
    }
    let top = rect.top() + 24.0;
    let fits = (((rect.bottom() - top) / ROW).floor().max(0.0)) as usize;
    let shown = if brushed.len() > fits { fits.saturating_sub(1) } else { brushed.len() };
    for (i, row) in brushed.iter().take(shown).enumerate() {
        let y = top + ROW * i as f32;
        let line = Rect::from_min_max(pos2(rect.left(), y), pos2(rect.right(), y + ROW));
        turn_row(ui, context, line, &run, *row, delta.get(*row).copied().unwrap_or(f64::NAN));
    }
    if shown < brushed.len() && fits > 0 {
        let words = format!("and {} more", numbers::count(brushed.len() - shown));
        let pos = pos2(rect.left(), top + ROW * (shown as f32 + 0.5));
        paint::text(ui.painter(), pos, Align2::LEFT_CENTER, &words, font::small(), t.text_subdued);
    }
}

fn turn_row(ui: &Ui, context: &mut ViewContext<'_>, rect: Rect, run: &RunContents, row: usize, d: f64) {
    let t = context.tokens;
    let Some(turn) = run.turns.get(row) else { return };
    let response = ui.interact(rect, ui.scope_id().with(("brushed turn", row)), Sense::click());
    let words = format!("turn {}, D {}", turn.turn_id, numbers::delta_words(d));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &words));
    let chosen = context.selection.focused_turn() == Some(row);
    if chosen {
        ui.painter().rect_filled(rect, 3.0, t.accent_fill);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, 3.0, t.hover_bg);
    }
    paint::hline(ui.painter(), rect.left()..=rect.right(), rect.bottom() - 1.0, t.line_faint);
    focus_ring(ui, &response);
    let y = rect.center().y;
    let painter = ui.painter();
    let shown = if d.is_finite() { numbers::signed(d, 2) } else { "\u{2013}".to_owned() };
    let pos = pos2(rect.right() - 4.0, y);
    let value = paint::text(
        painter,
        pos,
        Align2::RIGHT_CENTER,
        &shown,
        font::label_number(),
        paint::delta_color(t, d),
    );
    let id = text_in(
        ui,
        pos2(rect.left() + 4.0, y),
        Align2::LEFT_CENTER,
        &turn.turn_id,
        font::mono_small(),
        t.text,
        84.0,
    );
    let from = id.right() + 10.0;
    let room = value.left() - 8.0 - from;
    if room > 30.0 {
        let goal = turn.goal_text.replace('\n', " ");
        text_in(ui, pos2(from, y), Align2::LEFT_CENTER, &goal, font::label_regular(), t.text_subdued, room);
    }
    if response.hovered() {
        context.commands.push(Command::Hover(Item::Turn(row)));
    }
    if response.clicked() {
        context.commands.push(Command::Cursor { row, column: None });
        context.commands.push(Command::Select(Some(Item::Turn(row))));
    }
}

/// The line under a map: the hovered turn, else the cursor's, in words; at the right what is brushed and the button that keeps it.
pub fn read_out_ui(ui: &mut Ui, context: &mut ViewContext<'_>, rect: Rect, hint: &str) {
    let t = context.tokens;
    paint::hline(ui.painter(), rect.left()..=rect.right(), rect.top(), t.line);
    let y = rect.center().y + 0.5;
    let x = rect.left() + 16.0;
    icon_at(ui.painter(), pos2(x + 7.0, y), "crosshair", 14.0, t.text_subdued);
    let right = kept(ui, context, rect);
    let at = pos2(x + 22.0, y);
    let room = (right - at.x - 12.0).max(10.0);
    let row = match &context.selection.hovered {
        Some(Item::Turn(row)) => Some(*row),
        _ => context.selection.focused_turn(),
    };
    let turn = row.and_then(|r| Some((r, context.run?.turns.get(r)?)));
    let Some((row, turn)) = turn else {
        let face = font::label_regular();
        paint::text_cut(ui.painter(), at, Align2::LEFT_CENTER, hint, face, t.text_subdued, room);
        return;
    };
    let value = |m: Option<&crate::core::matrix::Matrix>| {
        let m = m.filter(|m| row < m.rows() && m.cols() == scm::N_COLUMNS);
        m.map_or(f64::NAN, |m| f64::from(m.get(row, scm::AGGREGATE)))
    };
    let run = context.run;
    let a = value(run.and_then(|r| r.a.as_ref()).map(|p| &p.scm));
    let b = value(run.and_then(|r| r.b.as_ref()).map(|p| &p.scm));
    let d = value(run.and_then(|r| r.delta.as_deref()));
    let (a, b) = (format!("A {}", numbers::value(a)), format!("B {}", numbers::value(b)));
    let delta = format!("D {}", numbers::delta_words(d));
    let goal = turn.goal_text.replace('\n', " ");
    let line = [
        words_run(&turn.turn_id, font::mono(), t.text),
        words_run("aggregate", font::label_number_medium(), t.text_strong).after(20.0),
        words_run(&a, font::label_number(), t.mind_a_text).after(16.0),
        words_run(&b, font::label_number(), t.mind_b_text).after(16.0),
        words_run(&delta, font::label_number_strong(), t.text_strong).after(16.0),
        words_run(&goal, font::label_regular(), t.text_subdued).after(20.0),
    ];
    paint::line(ui.painter(), at, Align2::LEFT_CENTER, &line, room);
}

/// How many are brushed, and the button that makes a slice of them; gives the left edge of what it took.
fn kept(ui: &mut Ui, context: &mut ViewContext<'_>, rect: Rect) -> f32 {
    let t = context.tokens;
    let n = context.selection.brushed.len();
    let y = rect.center().y + 0.5;
    let mut x = rect.right() - 14.0;
    if n == 0 {
        return x;
    }
    let button = Rect::from_min_max(pos2(x - 96.0, y - 11.0), pos2(x, y + 11.0));
    if ui.put(button, Button::new("Keep as slice").height(22.0)).clicked() {
        context.commands.push(Command::KeepSlice(format!("Brushed {n}")));
    }
    x = button.left() - 14.0;
    let words = format!("{} brushed", numbers::count(n));
    let face = font::label_number_medium();
    let taken = paint::text(ui.painter(), pos2(x, y), Align2::RIGHT_CENTER, &words, face, t.accent_text);
    icon_at(ui.painter(), pos2(taken.left() - 12.0, y), "selection", 14.0, t.accent_text);
    taken.left() - 34.0
}

/// Mean D of every row, empty without a field.
pub fn deltas(run: &RunContents) -> Vec<f64> {
    run.delta.as_deref().filter(|d| d.cols() == scm::N_COLUMNS).map(mean_scores).unwrap_or_default()
}
