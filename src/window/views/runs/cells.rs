//! The cells of the table of runs that are more than a word or a number.

use crate::core::dimension::N_DIMENSIONS;
use crate::window::library::{RunState, RunSummary};
use crate::window::theme::{Tokens, font, height};
use crate::window::widgets::legend::series_marker;
use crate::window::widgets::paint::{icon_at, text_in};
use crate::window::widgets::table::CELL_PAD;
use crate::window::widgets::{Mind, checkbox, mind_mark, table};
use egui::{Align2, Rect, Role, Ui, WidgetInfo, pos2, vec2};

/// Tick and marker of a run; true when the tick was pressed.
pub fn tick(ui: &mut Ui, t: &Tokens, run: &RunSummary, chosen: Option<usize>, open: bool) -> bool {
    table::rule(ui);
    let rect = ui.max_rect();
    if open {
        ui.painter().rect_filled(Rect::from_min_size(rect.min, vec2(2.0, rect.height())), 0.0, t.accent);
    }
    let at = Rect::from_min_size(rect.min + vec2(10.0, 0.0), vec2(18.0, height::ROW));
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(at));
    let mut on = chosen.is_some();
    let response = checkbox(&mut child, &mut on, "");
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, on, format!("compare {}", run.title)));
    if let Some(i) = chosen {
        series_marker(ui.painter(), i, pos2(rect.left() + 42.0, rect.center().y), 9.0, t.series(i));
    }
    response.changed()
}

/// Name of a run, whether it is a sample, and what is wrong with it.
pub fn name(ui: &mut Ui, t: &Tokens, run: &RunSummary, strong: bool, sample: bool) {
    let (font, color) = if strong { (font::label(), t.text_strong) } else { (font::label_regular(), t.text) };
    let used = table::text(ui, &run.title, font, color);
    let rect = ui.max_rect();
    let mut left = used.right() + 10.0;
    if sample && rect.right() - left > 50.0 {
        let at = pos2(left, rect.center().y);
        let room = rect.right() - left;
        let tag = text_in(ui, at, Align2::LEFT_CENTER, "sample", font::small(), t.text_subdued, room);
        left = tag.right() + 10.0;
    }
    if run.state == RunState::Done || rect.right() - left < 60.0 {
        return;
    }
    let color = match run.state {
        RunState::Warning => t.warn,
        RunState::Broken => t.error,
        _ => t.text_subdued,
    };
    icon_at(ui.painter(), pos2(left + 7.0, rect.center().y), run.state.icon(), 13.0, color);
    let at = pos2(left + 18.0, rect.center().y);
    text_in(ui, at, Align2::LEFT_CENTER, &run.note, font::small(), color, rect.right() - at.x - CELL_PAD);
}

/// Mark and name of a mind.
pub fn mind_cell(ui: &mut Ui, t: &Tokens, mind: Mind, text: &str) {
    table::rule(ui);
    let rect = ui.max_rect();
    if text.is_empty() {
        return;
    }
    mind_mark(ui.painter(), t, mind, pos2(rect.left() + CELL_PAD + 4.0, rect.center().y), 8.0);
    let at = pos2(rect.left() + CELL_PAD + 14.0, rect.center().y);
    text_in(ui, at, Align2::LEFT_CENTER, text, font::label_regular(), t.text, rect.right() - at.x - 4.0);
}

/// The mean as a bar and its interval as a box on it, on one scale down the column.
pub fn interval_cell(ui: &mut Ui, t: &Tokens, run: &RunSummary, most: f64) {
    table::rule(ui);
    let rect = ui.max_rect();
    let Some((mean, ci)) = run.mean_abs else {
        let at = pos2(rect.left() + CELL_PAD, rect.center().y);
        text_in(ui, at, Align2::LEFT_CENTER, "not yet", font::small(), t.text_subdued, rect.width());
        return;
    };
    let track = Rect::from_center_size(rect.center(), vec2(rect.width() - 2.0 * CELL_PAD, 4.0));
    let x = |v: f64| track.left() + track.width() * (v / most).clamp(0.0, 1.0) as f32;
    ui.painter().rect_filled(track, 0.0, t.track_bg);
    ui.painter().rect_filled(Rect::from_min_max(track.min, pos2(x(mean), track.bottom())), 0.0, t.text);
    if let Some([low, high]) = ci {
        let y = track.y_range().expand(3.0);
        let band = Rect::from_x_y_ranges(x(low)..=x(high).max(x(low) + 2.0), y);
        ui.painter().rect_filled(band, 0.0, crate::window::theme::blend(t.text_subdued, t.view_bg, 0.7));
        let tick = Rect::from_center_size(pos2(x(mean), track.center().y), vec2(2.0, 10.0));
        ui.painter().rect_filled(tick, 0.0, t.text_strong);
    }
}

/// Mean D of the five dimensions as small bars, warm upwards, blue downwards.
pub fn bias_cell(ui: &mut Ui, t: &Tokens, run: &RunSummary, most: f64) {
    table::rule(ui);
    let rect = ui.max_rect();
    let Some(bias) = run.bias else { return };
    let slot = (rect.width() - 2.0 * CELL_PAD) / N_DIMENSIONS as f32;
    let y = crate::window::widgets::paint::pixel_center(ui, rect.center().y);
    for (i, v) in bias.iter().enumerate().filter(|(_, v)| v.is_finite()) {
        let x = rect.left() + CELL_PAD + slot * (i as f32 + 0.5);
        let h = ((v.abs() / most).min(1.0) * 10.0).max(1.0) as f32;
        let color = if *v > 0.0 { t.mind_a } else { t.mind_b };
        let (top, bottom) = if *v > 0.0 { (y - h, y) } else { (y, y + h) };
        ui.painter().rect_filled(Rect::from_min_max(pos2(x - 5.0, top), pos2(x + 5.0, bottom)), 0.0, color);
    }
}
