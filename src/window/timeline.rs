//! The timeline: mean D of every turn in time, with the cursor that all row pictures share.

use crate::core::item::Item;
use crate::core::matrix::Matrix;
use crate::field::order::mean_scores;
use crate::window::canvas::numbers;
use crate::window::canvas::paint::{self, run};
use crate::window::command::Command;
use crate::window::theme::{Tokens, font};
use crate::window::view::ViewContext;
use crate::window::widgets::{IconButton, focus_ring};
use egui::{Align2, Id, Mesh, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};
use std::sync::Arc;

/// Rows a second while playing.
const ROWS_PER_SECOND: f64 = 12.0;

/// State of the player, kept in the context's memory.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Player {
    playing: bool,
    looping: bool,
    /// Time at which the next row is due.
    due: f64,
}

/// The bars for one run and width.
#[derive(Clone)]
struct Bars {
    key: (u64, u32, bool, usize),
    /// One value a pixel column or row: the mean farthest from zero of the rows there.
    values: Arc<Vec<f32>>,
    /// Largest absolute value.
    most: f32,
}

/// Draws the timeline strip.
pub fn timeline_ui(ui: &mut Ui, ctx: &mut ViewContext<'_>) {
    let full = ui.available_rect_before_wrap();
    ui.advance_cursor_after_rect(full);
    let t = ctx.tokens;
    let delta = ctx.run.and_then(|r| r.delta.clone()).filter(|d| d.rows() > 0);
    let n = delta.as_ref().map_or(0, |d| d.rows());
    let left = controls(ui, ctx, full, n);
    let Some(delta) = delta else {
        let words = "The timeline appears with the first field";
        let pos = pos2(left + 12.0, full.center().y);
        paint::text(ui.painter(), pos, Align2::LEFT_CENTER, words, font::small(), t.text_subdued);
        return;
    };
    let wide = full.width() > 1400.0;
    let words = if wide { "In time, mean D" } else { "In time" };
    let label = pos2(left + 12.0, full.center().y);
    let taken = paint::text(ui.painter(), label, Align2::LEFT_CENTER, words, font::small(), t.text_subdued);
    let place = place_words(ui, ctx, full, n);
    let strip = Rect::from_min_max(
        pos2(taken.right() + 36.0, full.top() + 8.0),
        pos2(place - 24.0, full.bottom() - 4.0),
    );
    if strip.width() > 20.0 {
        strip_ui(ui, ctx, strip, &delta);
    }
}

/// "turn 283 of 480" at the right; gives its left edge.
fn place_words(ui: &Ui, ctx: &ViewContext<'_>, full: Rect, n: usize) -> f32 {
    let t = ctx.tokens;
    let total = format!("of {}", numbers::count(n));
    let turn = ctx.selection.cursor_row.filter(|r| *r < n).map(|r| format!("turn {}", numbers::count(r + 1)));
    let words = match &turn {
        Some(turn) => vec![
            run(turn, font::label_number_medium(), t.text_strong),
            run(&total, font::label_number(), t.text_subdued).after(4.0),
        ],
        None => vec![run("no turn", font::label_number(), t.text_subdued)],
    };
    let right = pos2(full.right() - 14.0, full.center().y);
    let taken = paint::line(ui.painter(), right, Align2::RIGHT_CENTER, &words, 200.0);
    // The width of the widest place, so that the strip stays still while the cursor moves.
    let widest = format!("turn {} of {}", numbers::count(n), numbers::count(n));
    let width = ui.painter().layout_no_wrap(widest, font::label_number_medium(), t.text).size().x;
    taken.left().min(full.right() - 14.0 - width - 6.0)
}

/// Previous, play, next, loop; gives the right edge.
fn controls(ui: &mut Ui, ctx: &mut ViewContext<'_>, full: Rect, n: usize) -> f32 {
    let id = Id::unique("timeline player");
    let before = ui.data(|d| d.get_temp::<Player>(id)).unwrap_or_default();
    let mut player = before;
    if n == 0 {
        player.playing = false;
    }
    let y = full.center().y;
    let mut x = full.left() + 24.0;
    let mut button = |ui: &mut Ui, icon: &str, name: &str, on: bool| {
        let rect = Rect::from_center_size(pos2(x, y), vec2(26.0, 26.0));
        x += 28.0;
        ui.put(rect, IconButton::new(icon, name).enabled(n > 0).on(on)).clicked()
    };
    let back = button(ui, "skip-back", "Previous turn in time", false);
    let (icon, name) = if player.playing { ("pause", "Pause") } else { ("play", "Play turn by turn") };
    let toggle = button(ui, icon, name, false);
    let forward = button(ui, "skip-forward", "Next turn in time", false);
    let repeat = button(ui, "repeat", "Play in a loop", player.looping);
    let now = ui.input(|i| i.time);
    if toggle {
        player.playing = !player.playing;
        player.due = now;
    }
    player.looping ^= repeat;
    let cursor = ctx.selection.cursor_row;
    if back {
        go(ctx, cursor.map_or(0, |c| c.saturating_sub(1)));
    }
    if forward {
        go(ctx, cursor.map_or(0, |c| (c + 1).min(n.saturating_sub(1))));
    }
    if player.playing {
        play(ui, ctx, &mut player, n, now);
    }
    if player != before {
        ui.data_mut(|d| d.insert_temp(id, player));
    }
    x - 14.0
}

/// Moves the cursor when the next row is due and asks for the frame in which the one after is.
fn play(ui: &Ui, ctx: &mut ViewContext<'_>, player: &mut Player, n: usize, now: f64) {
    if now >= player.due {
        match next_row(ctx.selection.cursor_row, n, player.looping) {
            Some(row) => go(ctx, row),
            None => {
                player.playing = false;
                return;
            }
        }
        player.due = (player.due + 1.0 / ROWS_PER_SECOND).max(now);
    }
    let wait = (player.due - now).max(0.001);
    ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(wait));
}

/// The row after the cursor; the first again in a loop, `None` at the end.
fn next_row(cursor: Option<usize>, n: usize, looping: bool) -> Option<usize> {
    match cursor {
        _ if n == 0 => None,
        None => Some(0),
        Some(row) if row + 1 < n => Some(row + 1),
        Some(_) => looping.then_some(0),
    }
}

fn go(ctx: &mut ViewContext<'_>, row: usize) {
    ctx.commands.push(Command::Cursor { row, column: ctx.selection.cursor_column });
    if matches!(ctx.selection.selected, Some(Item::Turn(_))) {
        ctx.commands.push(Command::Select(Some(Item::Turn(row))));
    }
}

/// Bars, brush ticks and cursor.
fn strip_ui(ui: &mut Ui, ctx: &mut ViewContext<'_>, strip: Rect, delta: &Arc<Matrix>) {
    let t = ctx.tokens;
    let n = delta.rows();
    let response = ui.interact(strip, ui.scope_id().with("timeline"), Sense::click_and_drag());
    let row_of = |x: f32| {
        let at = ((x - strip.left()) / strip.width()).clamp(0.0, 1.0);
        ((at * n as f32) as usize).min(n - 1)
    };
    if (response.dragged() || response.clicked())
        && let Some(p) = response.interact_pointer_pos()
    {
        response.request_focus();
        go(ctx, row_of(p.x));
    } else if let Some(p) = response.hover_pos() {
        ctx.commands.push(Command::Hover(Item::Turn(row_of(p.x))));
    }
    keys(ui, ctx, &response, n);
    let bars_rect = Rect::from_min_max(strip.min, pos2(strip.right(), strip.bottom() - 8.0));
    let bars = bars(ui, ctx, delta, bars_rect.width());
    paint_bars(ui, t, bars_rect, &bars);
    let x_of = |row: usize| strip.left() + (row as f32 + 0.5) / n as f32 * strip.width();
    let mut ticks = Mesh::default();
    let mut last = f32::NEG_INFINITY;
    for row in ctx.selection.brushed.iter().filter(|r| **r < n) {
        let x = x_of(*row);
        if x - last < 0.5 {
            continue; // Brushed rows ascend: one tick stands for all that share a pixel.
        }
        last = x;
        let tick =
            Rect::from_min_max(pos2(x - 1.0, strip.bottom() - 5.0), pos2(x + 1.0, strip.bottom() - 1.0));
        ticks.add_colored_rect(tick, t.accent);
    }
    ui.painter().add(ticks);
    if let Some(Item::Turn(row)) = &ctx.selection.hovered
        && *row < n
    {
        paint::vline(ui.painter(), x_of(*row), bars_rect.top()..=bars_rect.bottom(), t.text_subdued);
    }
    if let Some(row) = ctx.selection.cursor_row.filter(|r| *r < n) {
        let x = x_of(row);
        let top = strip.top() - 2.0;
        paint::vline(ui.painter(), x, top..=bars_rect.bottom(), t.accent);
        let triangle = vec![pos2(x - 5.0, top), pos2(x + 5.0, top), pos2(x, top + 6.0)];
        ui.painter().add(Shape::convex_polygon(triangle, t.accent, Stroke::NONE));
    }
    focus_ring(ui, &response);
    response.widget_info(|| {
        let place = ctx.selection.cursor_row.map_or_else(
            || "no turn under the cursor".to_owned(),
            |r| format!("cursor at turn {} of {}", r + 1, n),
        );
        WidgetInfo::labeled(Role::Slider, true, format!("timeline, mean D of {n} turns, {place}"))
    });
}

fn keys(ui: &Ui, ctx: &mut ViewContext<'_>, response: &egui::Response, n: usize) {
    if !response.has_focus() {
        return;
    }
    let filter = egui::EventFilter { horizontal_arrows: true, ..egui::EventFilter::default() };
    ui.memory_mut(|m| m.set_focus_lock_filter(response.id, filter));
    let presses = |key| ui.input(|i| i.num_presses(key)) as i64;
    let by = presses(egui::Key::ArrowRight) - presses(egui::Key::ArrowLeft);
    if by != 0 {
        let row = ctx.selection.cursor_row.unwrap_or(0) as i64 + by;
        go(ctx, row.clamp(0, n as i64 - 1) as usize);
    }
}

/// The bars of this run at this width, computed once.
fn bars(ui: &Ui, ctx: &ViewContext<'_>, delta: &Matrix, width: f32) -> Bars {
    let id = Id::unique("timeline bars");
    let columns = (width * ui.pixels_per_point()).max(1.0) as u32;
    let key = (ctx.run_version, columns, ctx.tokens.dark, delta.rows());
    if let Some(bars) = ui.data(|d| d.get_temp::<Bars>(id))
        && bars.key == key
    {
        return bars;
    }
    let means: Vec<f32> = mean_scores(delta).into_iter().map(|v| v as f32).collect();
    let values = reduced(&means, columns as usize / 2);
    let most = values.iter().filter(|v| v.is_finite()).fold(0.0_f32, |m, v| m.max(v.abs()));
    let bars = Bars { key, values: Arc::new(values), most: most.max(1e-6) };
    ui.data_mut(|d| d.insert_temp(id, bars.clone()));
    bars
}

/// At most `slots` values: of the rows that share a slot the one farthest from zero, so that no hot turn is lost.
pub fn reduced(means: &[f32], slots: usize) -> Vec<f32> {
    let slots = slots.max(1);
    if means.len() <= slots {
        return means.to_vec();
    }
    (0..slots)
        .map(|s| {
            let from = s * means.len() / slots;
            let to = ((s + 1) * means.len() / slots).max(from + 1);
            let finite = means[from..to].iter().copied().filter(|v| v.is_finite());
            finite.fold(f32::NAN, |best, v| if best.is_nan() || v.abs() > best.abs() { v } else { best })
        })
        .collect()
}

fn paint_bars(ui: &Ui, t: &Tokens, rect: Rect, bars: &Bars) {
    let zero = paint::snap1(ui.painter(), rect.center().y);
    let half = rect.height() / 2.0 - 1.0;
    let step = rect.width() / bars.values.len().max(1) as f32;
    let width = (step - 1.0).clamp(1.0, 6.0);
    let mut mesh = Mesh::default();
    let floor = Rect::from_min_max(pos2(rect.left(), zero), pos2(rect.right(), zero + 1.0));
    mesh.add_colored_rect(floor, t.line);
    for (i, v) in bars.values.iter().enumerate().filter(|(_, v)| v.is_finite()) {
        let x = paint::snap1(ui.painter(), rect.left() + (i as f32 + 0.5) * step - width / 2.0);
        let reach = (v.abs() / bars.most * half).max(0.5);
        let (top, bottom) = if *v >= 0.0 { (zero - reach, zero) } else { (zero, zero + reach) };
        let bar = Rect::from_min_max(pos2(x, top), pos2(x + width, bottom));
        mesh.add_colored_rect(bar, paint::delta_fill(t, f64::from(*v)));
    }
    ui.painter().add(mesh);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn playing_stops_at_the_end_unless_it_loops() {
        assert_eq!(next_row(None, 3, false), Some(0));
        assert_eq!(next_row(Some(1), 3, false), Some(2));
        assert_eq!(next_row(Some(2), 3, false), None);
        assert_eq!(next_row(Some(2), 3, true), Some(0));
        assert_eq!(next_row(Some(0), 0, true), None);
    }

    #[test]
    fn no_hot_turn_is_lost_when_many_share_a_bar() {
        let mut means = vec![0.01_f32; 100_000];
        means[54_321] = -0.9;
        means[7] = f32::NAN;
        let bars = reduced(&means, 500);
        assert_eq!(bars.len(), 500);
        assert!(bars.contains(&-0.9));
        assert!(bars.iter().all(|v| v.is_finite()));
        assert_eq!(reduced(&[0.1, 0.2], 500), [0.1, 0.2]);
    }
}
