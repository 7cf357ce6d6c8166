//! The canonical map: correlations over what chance gives, and the field of what is left of A once B has spoken.

use super::maps::missing;
use super::prepared::Prepared;
use super::select_row;
use crate::core::item::Item;
use crate::core::scm;
use crate::field::frontier::canonical::Canonical;
use crate::figure::colormap::ColorMap;
use crate::window::canvas::axes::{self, AxisLook, Plot};
use crate::window::canvas::{numbers, paint};
use crate::window::command::Command;
use crate::window::theme::{Tokens, font, from_map};
use crate::window::view::ViewContext;
use egui::{
    Align2, ColorImage, Painter, Pos2, Rect, Role, Sense, Stroke, TextureHandle, TextureOptions, Ui,
    WidgetInfo, pos2, vec2,
};

/// Texture rows at most; more turns share one, the strongest residual shown.
const TEXTURE_ROWS: usize = 1024;

/// The texture of the residual field.
#[derive(Default)]
pub struct Heat {
    key: Option<(u64, bool)>,
    texture: Option<TextureHandle>,
}

/// Draws the map.
pub fn canonical_ui(
    ui: &Ui,
    context: &mut ViewContext<'_>,
    rect: Rect,
    prepared: &Prepared,
    heat: &mut Heat,
) {
    let t = context.tokens;
    let Some(found) = &prepared.statistics.canonical else {
        let why = "It needs 20 turns on which both passes have all their columns and vary";
        missing(ui, t, rect, "Canonical", why);
        return;
    };
    let m = &found.metrics;
    let note = format!("N = {}; {} shuffles, {}", numbers::count(m.n), m.shuffles, numbers::p_value(m.p));
    axes::caption(ui.painter(), t, rect, "Canonical", &note);
    let body = Rect::from_min_max(pos2(rect.left(), rect.top() + 22.0), rect.max);
    let cut = body.left() + (body.width() * 0.42).floor();
    let left = Rect::from_min_max(body.min, pos2(cut - 14.0, body.bottom()));
    let right = Rect::from_min_max(pos2(cut + 6.0, body.top()), body.max);
    let tall = body.height() > 420.0;
    let bars =
        if tall { Rect::from_min_max(left.min, pos2(left.right(), left.center().y - 8.0)) } else { left };
    correlations(ui, t, bars, found);
    if tall {
        let lower = Rect::from_min_max(pos2(left.left(), left.center().y + 8.0), left.max);
        loadings(ui, t, lower, found);
    }
    residual(ui, context, right, prepared, found, heat);
}

fn correlations(ui: &Ui, t: &Tokens, rect: Rect, found: &Canonical) {
    let m = &found.metrics;
    let n = m.correlations.len();
    let painter = ui.painter();
    // Above the bars: the axis' name, what the dashed line is, and room for the first bar's value.
    let area = Rect::from_min_max(
        pos2(rect.left() + 30.0, rect.top() + 50.0),
        pos2(rect.right(), rect.bottom() - 34.0),
    );
    paint::text(painter, rect.min, Align2::LEFT_TOP, "correlation", font::small(), t.text_subdued);
    chance_key(painter, t, pos2(rect.left(), rect.top() + 23.0), rect.width(), m.chance_q95);
    let plot = Plot { rect: area, x: (0.4, n as f64 + 0.6), y: (0.0, 1.0) };
    let look = AxisLook { x_ticks: n.min(10), y_ticks: 4, x_name: "canonical pair", ..AxisLook::default() };
    axes::axes(painter, t, &plot, &look);
    for (i, r) in m.correlations.iter().enumerate() {
        let bar = Rect::from_two_pos(plot.at(i as f64 + 0.7, 0.0), plot.at(i as f64 + 1.3, *r));
        paint::fill(painter, bar, if *r > m.chance_q95 { t.series_1 } else { t.plot_band });
    }
    let y = plot.sy(m.chance_q95);
    let stroke = Stroke::new(1.0, t.text_subdued);
    paint::dashed(painter, &[pos2(area.left(), y), pos2(area.right(), y)], stroke, 4.0, 3.0);
    if let Some(first) = m.correlations.first() {
        // From the bar's left edge on, so that it stays clear of the axis' labels.
        let pos = plot.at(0.7, *first) - vec2(0.0, 2.0);
        let words = numbers::fixed(*first, 2);
        paint::text(painter, pos, Align2::LEFT_BOTTOM, &words, font::tick_strong(), t.text_strong);
    }
    let response = ui.interact(rect, ui.scope_id().with("canonical correlations"), Sense::hover());
    let all: Vec<String> = m.correlations.iter().map(|r| numbers::fixed(*r, 2)).collect();
    let words =
        format!("canonical correlations {}; chance {}", all.join(", "), numbers::fixed(m.chance_q95, 2));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &words));
}

/// A piece of the dashed line and what it means, in as many words as there is room for.
fn chance_key(painter: &Painter, t: &Tokens, at: Pos2, width: f32, chance: f64) {
    let value = numbers::fixed(chance, 2);
    let stroke = Stroke::new(1.0, t.text_subdued);
    paint::dashed(painter, &[at, at + vec2(18.0, 0.0)], stroke, 4.0, 3.0);
    let room = width - 24.0;
    let forms = ["95% of shuffles stay below ", "95% of shuffles below ", "chance (95%) ", "chance "];
    let words = forms.map(|w| format!("{w}{value}"));
    let fits =
        |w: &&String| painter.layout_no_wrap((*w).clone(), font::small(), t.text_subdued).size().x <= room;
    let shown = words.iter().find(fits).unwrap_or(&words[3]);
    let pos = at + vec2(24.0, 0.0);
    paint::text_cut(painter, pos, Align2::LEFT_CENTER, shown, font::small(), t.text_subdued, room);
}

/// What carries the first pair: the correlation of each column with its own side's variate.
fn loadings(ui: &Ui, t: &Tokens, rect: Rect, found: &Canonical) {
    let painter = ui.painter();
    paint::text(
        painter,
        rect.min,
        Align2::LEFT_TOP,
        "What carries the first pair",
        font::small_strong(),
        t.text,
    );
    let body = Rect::from_min_max(
        pos2(rect.left() + 76.0, rect.top() + 20.0),
        pos2(rect.right() - 6.0, rect.bottom() - 18.0),
    );
    let mut columns: Vec<usize> = found.columns_a.iter().chain(&found.columns_b).copied().collect();
    columns.sort_unstable();
    columns.dedup();
    let pitch = body.height() / columns.len().max(1) as f32;
    let x = |v: f64| body.left() + ((v + 1.0) / 2.0) as f32 * body.width();
    paint::vline(painter, x(0.0), body.top()..=body.bottom(), t.plot_axis);
    let of = |columns: &[usize], values: &[f64], c: usize| {
        columns.iter().position(|k| *k == c).and_then(|k| values.get(k).copied())
    };
    for (i, c) in columns.iter().enumerate() {
        let y = body.top() + pitch * (i as f32 + 0.5);
        let pos = pos2(body.left() - 8.0, y);
        paint::text(painter, pos, Align2::RIGHT_CENTER, scm::SHORT[*c], font::small(), t.text);
        paint::hline(painter, body.left()..=body.right(), y, t.plot_grid);
        if let Some(v) = of(&found.columns_b, &found.loadings_b, *c) {
            painter.circle_filled(pos2(x(v), y), 4.0, t.mind_b);
        }
        if let Some(v) = of(&found.columns_a, &found.loadings_a, *c) {
            painter.rect_filled(Rect::from_center_size(pos2(x(v), y), vec2(7.0, 7.0)), 0.0, t.mind_a);
        }
    }
    for (v, anchor) in [(-1.0, Align2::LEFT_TOP), (0.0, Align2::CENTER_TOP), (1.0, Align2::RIGHT_TOP)] {
        let pos = pos2(x(v), body.bottom() + 3.0);
        paint::text(painter, pos, anchor, &numbers::signed(v, 0), font::tick(), t.text_subdued);
    }
}

/// Residual of A, turns by column, the longest first, with the length of each beside it.
fn residual(
    ui: &Ui,
    context: &mut ViewContext<'_>,
    rect: Rect,
    prepared: &Prepared,
    found: &Canonical,
    heat: &mut Heat,
) {
    let t = context.tokens;
    let painter = ui.painter();
    let names = 66.0;
    let strip = 40.0;
    let area = Rect::from_min_max(
        pos2(rect.left(), rect.top() + names),
        pos2(rect.right() - strip - 8.0, rect.bottom() - 34.0),
    );
    if area.width() < 40.0 || area.height() < 30.0 {
        return;
    }
    let order = &prepared.statistics.by_norm;
    let limit = limit_of(found);
    heat.update(ui, prepared, found, limit, t.dark);
    if let Some(texture) = &heat.texture {
        let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        painter.image(texture.id(), area, uv, egui::Color32::WHITE);
    }
    let pitch = area.width() / found.columns_a.len().max(1) as f32;
    for (i, c) in found.columns_a.iter().enumerate() {
        let foot = pos2(area.left() + pitch * (i as f32 + 0.5), area.top() - 4.0);
        paint::text_up(painter, foot, scm::SHORT[*c], font::small(), t.text);
    }
    let most = order.first().map_or(1.0, |r| found.norm[*r]).max(1e-9);
    let line = Rect::from_min_max(pos2(area.right() + 8.0, area.top()), pos2(rect.right(), area.bottom()));
    lengths(ui, t, line, found, order, most);
    let y = area.bottom() + 4.0;
    let most_sd = numbers::fixed(limit, 1);
    let forms = ["left of A after B, ", "left of A, ", ""].map(|w| format!("{w}−{most_sd} to +{most_sd} sd"));
    let fits = |w: &&String| paint::width(painter, w, font::small()) <= area.width();
    paint::text_cut(
        painter,
        pos2(area.left(), y),
        Align2::LEFT_TOP,
        forms.iter().find(fits).unwrap_or(&forms[2]),
        font::small(),
        t.text_subdued,
        area.width(),
    );
    paint::text(painter, pos2(rect.right(), y), Align2::RIGHT_TOP, "length", font::small(), t.text_subdued);
    pointer(ui, context, area, found, order);
}

/// Hover, click and marks of the residual field.
fn pointer(ui: &Ui, context: &mut ViewContext<'_>, area: Rect, found: &Canonical, order: &[usize]) {
    let t = context.tokens;
    let n = order.len().max(1);
    let response = ui.interact(area, ui.scope_id().with("residual field"), Sense::click());
    let words = format!(
        "residual field, {} turns by {} columns, the longest first; mean length {}",
        order.len(),
        found.columns_a.len(),
        numbers::fixed(found.metrics.residual_norm_mean, 2)
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &words));
    let row_at = |y: f32| {
        let place = ((y - area.top()) / area.height() * n as f32).max(0.0) as usize;
        order.get(place.min(n - 1)).and_then(|k| found.rows.get(*k)).copied()
    };
    if let Some(row) = response.hover_pos().and_then(|p| row_at(p.y)) {
        context.commands.push(Command::Hover(Item::Turn(row)));
    }
    if response.clicked()
        && let Some(row) = response.interact_pointer_pos().and_then(|p| row_at(p.y))
    {
        select_row(context, row);
    }
    let brushed = &context.selection.brushed;
    let focused = context.selection.focused_turn();
    let painter = ui.painter();
    for (place, k) in order.iter().enumerate() {
        let Some(row) = found.rows.get(*k) else { continue };
        let y = area.top() + area.height() * (place as f32 + 0.5) / n as f32;
        if brushed.binary_search(row).is_ok() {
            let tick = Rect::from_center_size(
                pos2(area.left() - 4.0, y),
                vec2(3.0, (area.height() / n as f32).max(1.5)),
            );
            paint::fill(painter, tick, t.accent);
        }
        if focused == Some(*row) {
            paint::hline(painter, area.left() - 6.0..=area.right() + 6.0, y, t.text_strong);
        }
    }
}

/// Length of each turn's residual, the same rows as the field.
fn lengths(ui: &Ui, t: &Tokens, rect: Rect, found: &Canonical, order: &[usize], most: f64) {
    let painter = ui.painter();
    let pixels = (rect.height() as usize).clamp(1, order.len().max(1));
    let mut mesh = egui::Mesh::default();
    for i in 0..pixels {
        let k = order.get(i * order.len() / pixels).copied().unwrap_or(0);
        let w = (found.norm.get(k).copied().unwrap_or(0.0) / most) as f32 * rect.width();
        let (top, bottom) = (i as f32 / pixels as f32, (i + 1) as f32 / pixels as f32);
        let bar = Rect::from_min_max(
            pos2(rect.left(), rect.top() + top * rect.height()),
            pos2(rect.left() + w, rect.top() + bottom * rect.height()),
        );
        mesh.add_colored_rect(bar, t.series_8);
    }
    painter.add(mesh);
    let pos = pos2(rect.right(), rect.top() - 4.0);
    paint::text(painter, pos, Align2::RIGHT_BOTTOM, &numbers::fixed(most, 1), font::tick(), t.text_subdued);
}

/// The 99th percentile of the absolute residuals: the value of the last colour.
fn limit_of(found: &Canonical) -> f64 {
    let absolute: Vec<f64> = found.residual.data().iter().map(|v| f64::from(v.abs())).collect();
    crate::core::stats::quantile(&absolute, 0.99).filter(|l| *l > 0.0).unwrap_or(1.0)
}

impl Heat {
    fn update(&mut self, ui: &Ui, prepared: &Prepared, found: &Canonical, limit: f64, dark: bool) {
        let key = Some((prepared.key.version, dark));
        if self.key == key && self.texture.is_some() {
            return;
        }
        self.key = key;
        let table = ColorMap::delta(dark).table();
        let order = &prepared.statistics.by_norm;
        let (columns, rows) = (found.columns_a.len(), order.len().clamp(1, TEXTURE_ROWS));
        let mut pixels = Vec::with_capacity(rows * columns);
        for y in 0..rows {
            let members =
                y * order.len() / rows..((y + 1) * order.len() / rows).max(y * order.len() / rows + 1);
            for c in 0..columns {
                let strongest = order[members.start..members.end.min(order.len())]
                    .iter()
                    .map(|k| f64::from(found.residual.get(*k, c)))
                    .fold(0.0_f64, |most, v| if v.abs() > most.abs() { v } else { most });
                let place = ((strongest / limit + 1.0) / 2.0).clamp(0.0, 1.0);
                pixels.push(from_map(table[(place * 255.0).round() as usize]));
            }
        }
        let image = ColorImage::new([columns, rows], pixels);
        self.texture = Some(ui.ctx().load_texture("residual field", image, TextureOptions::NEAREST));
    }
}
