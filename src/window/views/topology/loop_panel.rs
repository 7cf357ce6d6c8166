//! The selected loop: its turns in the plane where they spread, and a table of its steps.

use super::plots::Marks;
use super::prepared::Prepared;
use super::select_bar;
use crate::core::item::Item;
use crate::core::scm;
use crate::field::vpm::Limits;
use crate::window::canvas::loop_plot::loop_plot;
use crate::window::canvas::numbers;
use crate::window::canvas::paint::{self, run};
use crate::window::command::Command;
use crate::window::theme::{Tokens, font};
use crate::window::view::{ViewContext, ViewKind};
use crate::window::views::field::swatch;
use crate::window::widgets::{Button, focus_ring};
use egui::{Align2, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

const ROW: f32 = 23.0;
const HEAD: f32 = 44.0;

/// Draws the panel.
pub fn loop_ui(
    ui: &mut Ui,
    context: &mut ViewContext<'_>,
    rect: Rect,
    prepared: &mut Prepared,
    marks: &Marks,
) {
    let t = context.tokens;
    let Some(bar) = marks.shown else {
        let pos = rect.min + vec2(0.0, 20.0);
        paint::text(
            ui.painter(),
            pos,
            Align2::LEFT_TOP,
            "No loop opens in this field",
            font::label_regular(),
            t.text_subdued,
        );
        return;
    };
    head_ui(ui, context, rect, prepared, marks, bar);
    let walk = prepared.walk_of(bar);
    let Some(plot) = prepared.loop_plot(bar) else {
        let words = match prepared.run.bars.get(bar).map(|b| b.dim) {
            Some(0) => "A piece has no cycle: it is what holds together below the scale at which it merges",
            Some(2) if prepared.rows_of(bar).is_some() => {
                "A void is closed in by its turns; they are brushed in every view"
            }
            _ => "No representative was computed for this bar; the longest bars have one",
        };
        let pos = rect.min + vec2(0.0, HEAD);
        paint::text_cut(
            ui.painter(),
            pos,
            Align2::LEFT_TOP,
            words,
            font::label_regular(),
            t.text_subdued,
            rect.width(),
        );
        return;
    };
    let plot_width = (rect.width() * 0.37).min(rect.height() - 20.0);
    let area = Rect::from_min_max(
        pos2(rect.left(), rect.top() + HEAD - 10.0),
        pos2(rect.left() + plot_width, rect.bottom() - 4.0),
    );
    let at_step = context.selection.focused_turn().and_then(|row| walk.iter().position(|r| *r == row));
    let response = ui.interact(area, ui.scope_id().with("loop plot"), Sense::click());
    let pointed = response.hover_pos().and_then(|p| plot.row_at(area, p));
    if let Some(row) = pointed {
        context.commands.push(Command::Hover(Item::Turn(row)));
        if response.clicked() {
            go_to(context, row);
        }
    }
    let ringed = pointed.or_else(|| at_step.map(|s| walk[s]));
    loop_plot(ui.painter(), t, area, &plot, ringed);
    response.widget_info(|| {
        let words = format!("{}, {} and {}", marks.name, plot.names.0, plot.names.1);
        WidgetInfo::labeled(Role::Image, true, words)
    });
    focus_ring(ui, &response);
    let table = Rect::from_min_max(
        pos2(area.right() + 16.0, rect.top() + HEAD - 8.0),
        pos2(rect.right(), rect.bottom()),
    );
    table_ui(ui, context, table, prepared, &walk, at_step);
}

fn head_ui(
    ui: &mut Ui,
    context: &mut ViewContext<'_>,
    rect: Rect,
    prepared: &Prepared,
    marks: &Marks,
    bar: usize,
) {
    let t = context.tokens;
    let y = rect.top() + 21.0;
    let turns = prepared.rows_of(bar).map_or(0, |r| r.len());
    let mut name = marks.name.clone();
    if let Some(first) = name.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    let counted = numbers::counted(turns, "turn", "turns");
    let mut notes = if turns > 0 {
        [format!("{counted}, one representative of many"), format!("{counted}, one of many"), counted]
    } else {
        Default::default()
    };
    let length = prepared.run.bars.get(bar).and_then(|b| b.length());
    if let (Some(length), Some(band)) = (length, prepared.barcode.band)
        && length <= band
        && turns > 0
    {
        notes.iter_mut().for_each(|note| note.push_str(", within chance"));
    }
    let wide = rect.width() > 470.0;
    let mut right = rect.right();
    if turns > 0 {
        let width = 102.0;
        let show = Rect::from_min_max(pos2(right - width, y - 11.0), pos2(right, y + 11.0));
        if ui.put(show, Button::new("Show in field").height(22.0)).clicked() {
            select_bar(context, prepared, bar);
            context.commands.push(Command::Show(ViewKind::Field));
        }
        right = show.left() - 8.0;
        if wide {
            let keep = Rect::from_min_max(pos2(right - 100.0, y - 11.0), pos2(right, y + 11.0));
            if ui.put(keep, Button::new("Keep as slice").height(22.0)).clicked() {
                select_bar(context, prepared, bar);
                context.commands.push(Command::KeepSlice(name.clone()));
            }
            right = keep.left() - 8.0;
        }
    }
    let room = right - rect.left() - paint::width(ui.painter(), &name, font::heading()) - 12.0;
    let fits = |note: &&String| paint::width(ui.painter(), note, font::small()) <= room;
    let note = notes.iter().find(fits).unwrap_or(&notes[2]);
    let words =
        [run(&name, font::heading(), t.text_strong), run(note, font::small(), t.text_subdued).after(8.0)];
    paint::line(ui.painter(), pos2(rect.left(), y), Align2::LEFT_CENTER, &words, right - rect.left());
}

/// The steps around the turn under the cursor.
fn table_ui(
    ui: &mut Ui,
    context: &mut ViewContext<'_>,
    rect: Rect,
    prepared: &Prepared,
    walk: &[usize],
    at_step: Option<usize>,
) {
    let t = context.tokens;
    let cells = 5.0 * 17.0;
    let (step_x, turn_x, user_x) = (rect.left() + 26.0, rect.left() + 36.0, rect.left() + 98.0);
    let cell_x = rect.right() - cells - 4.0;
    let head = rect.top() + 9.0;
    let small = font::small_medium();
    for (x, anchor, words) in [
        (step_x, Align2::RIGHT_CENTER, "step"),
        (turn_x, Align2::LEFT_CENTER, "turn"),
        (user_x, Align2::LEFT_CENTER, "user"),
        (cell_x, Align2::LEFT_CENTER, "D, five scores"),
    ] {
        paint::text(ui.painter(), pos2(x, head), anchor, words, small.clone(), t.text_subdued);
    }
    paint::hline(ui.painter(), rect.left()..=rect.right(), head + 11.0, t.line);
    let Some(d) = prepared.run.delta.as_ref() else { return };
    let Some(limits) = prepared.limits.as_ref() else { return };
    let first_y = head + 12.0;
    let shown = (((rect.bottom() - 6.0 - first_y) / ROW).floor().max(0.0) as usize).min(walk.len());
    let first = at_step.map_or(0, |s| (s + walk.len()).saturating_sub(shown / 2) % walk.len().max(1));
    for i in 0..shown {
        let step = (first + i) % walk.len();
        let row = walk[step];
        let y = first_y + i as f32 * ROW;
        let line = Rect::from_min_max(pos2(rect.left(), y), pos2(rect.right(), y + ROW));
        let response = ui.interact(line, ui.scope_id().with(("loop step", step)), Sense::click());
        let turn = prepared.run.turns.get(row);
        let id = turn.map_or_else(|| format!("row {}", row + 1), |t| t.turn_id.clone());
        let words = turn.map_or_else(String::new, |t| t.goal_text.replace('\n', " "));
        response.widget_info(|| WidgetInfo::labeled(Role::Row, true, format!("step {}, {id}", step + 1)));
        let selected = at_step == Some(step);
        if selected {
            paint::fill(ui.painter(), line, t.accent_fill);
            paint::fill(ui.painter(), Rect::from_min_size(line.min, vec2(2.0, ROW)), t.accent);
        } else if response.hovered() {
            paint::fill(ui.painter(), line, t.hover_bg);
        }
        if response.hovered() {
            context.commands.push(Command::Hover(Item::Turn(row)));
        }
        if response.clicked() {
            go_to(context, row);
        }
        let painter = ui.painter();
        let middle = line.center().y;
        let number = (step + 1).to_string();
        let color = t.text_subdued;
        paint::text(painter, pos2(step_x, middle), Align2::RIGHT_CENTER, &number, font::small(), color);
        let (at, anchor) = (pos2(turn_x, middle), Align2::LEFT_CENTER);
        paint::text_cut(painter, at, anchor, &id, font::mono_small(), t.text, user_x - turn_x - 8.0);
        let room = (cell_x - user_x - 10.0).max(0.0);
        let pos = pos2(user_x, middle);
        paint::text_cut(painter, pos, Align2::LEFT_CENTER, &words, font::label_regular(), t.text, room);
        delta_cells(painter, t, d, limits, row, pos2(cell_x, middle));
        paint::hline(painter, rect.left()..=rect.right(), line.bottom() - 1.0, t.line_faint);
    }
}

/// Five squares in the colours of D.
fn delta_cells(
    painter: &egui::Painter,
    t: &Tokens,
    d: &crate::core::matrix::Matrix,
    limits: &Limits,
    row: usize,
    at: egui::Pos2,
) {
    if row >= d.rows() {
        return;
    }
    for column in scm::SCORES {
        let left = at.x + column as f32 * 17.0;
        let cell = Rect::from_min_max(pos2(left, at.y - 7.0), pos2(left + 16.0, at.y + 7.0));
        let color = swatch(t, limits, column, f64::from(d.get(row, column)));
        paint::fill(painter, cell, color.unwrap_or(t.missing_a));
    }
}

fn go_to(context: &mut ViewContext<'_>, row: usize) {
    let column = context.selection.cursor_column;
    context.commands.push(Command::Cursor { row, column });
    context.commands.push(Command::Select(Some(Item::Turn(row))));
}
