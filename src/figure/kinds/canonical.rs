//! `canonical`: canonical correlations of A's and B's columns against chance, what carries the first, and what is left of
//! A once B has spoken.

use super::legend::{self, BAR_PT};
use super::{missing, shown};
use crate::core::scm;
use crate::field::frontier::canonical::Canonical;
use crate::field::vpm::{Limits, Normalisation, Reducer, Scope};
use crate::figure::canvas::{Canvas, GAP_PT, count, number, signed};
use crate::figure::chart::{self, Axes};
use crate::figure::raster::{self, DeltaScale, Shown};
use crate::figure::scene::{Anchor, Mark, Rect, Shape, Stroke, Weight};
use crate::figure::spec::FigureSpec;
use crate::figure::{FigureError, Scene, text};
use crate::run::contents::RunContents;
use std::sync::Arc;

/// Draws the map.
///
/// # Errors
/// When the run lacks a pass, or the passes do not vary over enough turns.
pub fn draw(run: &RunContents, spec: &FigureSpec) -> Result<Scene, FigureError> {
    let (a, b) = (shown::pass_a(run, spec)?, shown::pass_b(run, spec)?);
    let mut canvas = Canvas::new(run, spec)?;
    let seed = run.seed();
    let Some(found) = Canonical::of(&a.scm, &b.scm, seed) else {
        return Err(missing(run, spec, "20 complete turns on which both passes vary", "score more turns"));
    };
    let m = &found.metrics;
    let caption = canvas.caption_lines(&[
        format!("N = {}", count(m.n, "turn")),
        format!("ridge {}; length and aggregate take no part", m.ridge),
        format!("dashed: 95 of {} shuffles of the pairing stay below; p = {}", m.shuffles, number(m.p, 3)),
        "residual: A minus its linear prediction from B, standard deviations of A".to_owned(),
    ]);
    let top = canvas.title();
    let foot = canvas.caption_height(&caption);
    let wide = canvas.width > 300.0;
    let height = match canvas.fixed_height {
        Some(h) => h - top - foot,
        None if wide => 250.0,
        None => 400.0,
    };
    let left = if wide { (canvas.width - 2.0 * GAP_PT) * 0.44 } else { canvas.width };
    if height < if wide { 170.0 } else { 300.0 } || left < 90.0 {
        return Err(canvas.too_small(height));
    }
    let heading = canvas.label * 1.8;
    let (bars, loads, heat) = if wide {
        let cut = (height * 0.46).floor();
        let x = left + 2.0 * GAP_PT;
        (
            Rect { x: 0.0, y: top, w: left, h: cut },
            Rect { x: 0.0, y: top + cut + 6.0, w: left, h: height - cut - 6.0 },
            Rect { x, y: top, w: canvas.width - x, h: height },
        )
    } else {
        let (h1, h2) = ((height * 0.24).floor(), (height * 0.3).floor());
        (
            Rect { x: 0.0, y: top, w: left, h: h1 },
            Rect { x: 0.0, y: top + h1 + 6.0, w: left, h: h2 },
            Rect { x: 0.0, y: top + h1 + h2 + 12.0, w: left, h: height - h1 - h2 - 12.0 },
        )
    };
    canvas.heading((0.0, bars.y + canvas.label), "a", "Canonical correlations", bars.w);
    correlations(&mut canvas, &found, Rect { y: bars.y + heading, h: bars.h - heading, ..bars })?;
    canvas.heading((0.0, loads.y + canvas.label), "b", "What carries the first", loads.w);
    loadings(&mut canvas, &found, Rect { y: loads.y + heading, h: loads.h - heading, ..loads });
    canvas.heading((heat.x, heat.y + canvas.label), "c", "Left of A after B", heat.w);
    residual(&mut canvas, &found, Rect { y: heat.y + heading, h: heat.h - heading, ..heat })?;
    let alt = alt(&found);
    Ok(canvas.finish(top + height, &caption, alt))
}

fn correlations(canvas: &mut Canvas<'_>, found: &Canonical, outer: Rect) -> Result<(), FigureError> {
    let m = &found.metrics;
    let n = m.correlations.len();
    // The first bar's value stands above it.
    let head = canvas.tick * 0.7;
    let axes = Axes {
        outer: Rect { y: outer.y + head, w: outer.w - 2.0, h: outer.h - head, ..outer },
        x: 0.4..n as f64 + 0.6,
        y: 0.0..1.0,
        x_title: "pair",
        y_title: "correlation",
        x_ticks: n.min(10),
        y_ticks: 5,
    };
    let frame = chart::axes(canvas, &axes)?;
    for (i, r) in m.correlations.iter().enumerate() {
        let (foot, tip) = (frame.at(i as f64 + 0.7, 0.0), frame.at(i as f64 + 1.3, *r));
        let above = *r > m.chance_q95;
        let ink = if above { canvas.inks.series[0].color } else { canvas.inks.null_band };
        canvas.rect(Rect { x: foot.0, y: tip.1, w: tip.0 - foot.0, h: foot.1 - tip.1 }, ink);
    }
    let chance = vec![frame.at(0.4, m.chance_q95), frame.at(n as f64 + 0.6, m.chance_q95)];
    let stroke = Stroke { color: canvas.inks.text, width: 0.6, dash: vec![2.0, 1.6] };
    canvas.marks.push(Mark::Line(chance, stroke));
    if let Some(first) = m.correlations.first() {
        let at = frame.at(0.7, *first);
        let (tick, ink) = (canvas.tick, canvas.inks.strong);
        canvas.bold((at.0, at.1 - 2.0), &number(*first, 2), tick, ink, Anchor::Start);
    }
    Ok(())
}

/// Correlation of each column with its side's first variate: A's square, B's circle.
fn loadings(canvas: &mut Canvas<'_>, found: &Canonical, area: Rect) {
    let mut columns: Vec<usize> = found.columns_a.iter().chain(&found.columns_b).copied().collect();
    columns.sort_unstable();
    columns.dedup();
    let tick = canvas.tick;
    let names = text::widest(columns.iter().map(|c| scm::SHORT[*c]), tick, Weight::Regular) + 6.0;
    let (left, right) = (area.x + names, area.right() - 4.0);
    let foot = tick * 1.5;
    let pitch = (area.h - foot) / columns.len().max(1) as f64;
    let x = |v: f64| left + (v + 1.0) / 2.0 * (right - left);
    let (axis, grid, ink) = (canvas.inks.axis, canvas.inks.grid, canvas.inks.text);
    canvas.rule((x(0.0), area.y), (x(0.0), area.y + area.h - foot), axis, 0.5);
    let of = |columns: &[usize], values: &[f64], c: usize| {
        columns.iter().position(|x| *x == c).and_then(|k| values.get(k).copied())
    };
    for (i, c) in columns.iter().enumerate() {
        let y = area.y + pitch * (i as f64 + 0.5);
        let baseline = y + text::CAP_HEIGHT * tick / 2.0;
        canvas.text((left - 5.0, baseline), scm::SHORT[*c], tick, ink, Anchor::End);
        canvas.rule((left, y), (right, y), grid, 0.4);
        let a = of(&found.columns_a, &found.loadings_a, *c);
        let b = of(&found.columns_b, &found.loadings_b, *c);
        for (value, shape, color) in
            [(b, Shape::Circle, canvas.inks.mind_b), (a, Shape::Square, canvas.inks.mind_a)]
        {
            if let Some(v) = value {
                canvas.marks.push(Mark::Marker { at: (x(v), y), size: 3.8, shape, color });
            }
        }
    }
    let y = area.bottom() - 1.5;
    for (v, anchor) in [(-1.0, Anchor::Start), (0.0, Anchor::Middle), (1.0, Anchor::End)] {
        canvas.text((x(v), y), &signed(v, 0), tick, ink, anchor);
    }
}

/// Residuals a turn and column, the largest rows first, and the length of each row beside it.
fn residual(canvas: &mut Canvas<'_>, found: &Canonical, area: Rect) -> Result<(), FigureError> {
    let tick = canvas.tick;
    let mut order: Vec<usize> = (0..found.rows.len()).collect();
    order.sort_by(|x, y| found.norm[*y].total_cmp(&found.norm[*x]).then(x.cmp(y)));
    let cells = found.residual.select_rows(&order);
    let limits = Limits::of(&[&cells], Normalisation::Symmetric(Scope::Run));
    let columns = found.columns_a.len();
    let shown = Shown { limits, reducer: Reducer::MaxAbs, cells };
    let names = text::widest(found.columns_a.iter().map(|c| scm::SHORT[*c]), tick, Weight::Regular) + 4.0;
    let strip = 26.0;
    let foot = BAR_PT + tick * 2.6;
    let (x0, y0) = (canvas.snap(area.x), canvas.snap(area.y + names));
    let (x1, y1) = (canvas.snap(area.right() - strip - 6.0), canvas.snap(area.bottom() - foot));
    let (w, h) = (x1 - x0, y1 - y0);
    if w < 30.0 || h < 30.0 {
        return Err(canvas.too_small(area.h));
    }
    let size = (canvas.px(w), canvas.px(h));
    let layout = shown.layout(size, 0..order.len(), &[(0..columns).collect()], 0)?;
    let (_, map) = raster::maps(canvas.spec, &canvas.inks)?;
    let picture = shown.picture(&layout, map, &canvas.inks)?;
    canvas.marks.push(Mark::Image(Rect { x: x0, y: y0, w, h }, Arc::new(picture)));
    let pitch = w / columns as f64;
    for (i, c) in found.columns_a.iter().enumerate() {
        let x = x0 + pitch * (i as f64 + 0.5) + text::CAP_HEIGHT * tick / 2.0;
        let ink = canvas.inks.text;
        canvas.upwards((x, y0 - 3.0), scm::SHORT[*c], tick, ink, Anchor::Start);
    }
    norm_strip(canvas, found, &order, Rect { x: x1 + 6.0, y: y0, w: strip, h });
    let DeltaScale { range, clamped, .. } = shown.delta_scale();
    residual_bar(canvas, Rect { x: x0, y: y1 + 4.0, w, h: BAR_PT }, map, range, clamped);
    Ok(())
}

/// Length of each turn's residual, the same rows as the picture.
fn norm_strip(canvas: &mut Canvas<'_>, found: &Canonical, order: &[usize], area: Rect) {
    let most = order.first().map_or(1.0, |r| found.norm[*r]).max(1e-9);
    let n = order.len() as f64;
    let mut line = vec![(area.x, area.y)];
    for (i, r) in order.iter().enumerate() {
        let x = area.x + found.norm[*r] / most * area.w;
        line.push((x, area.y + area.h * i as f64 / n));
        line.push((x, area.y + area.h * (i as f64 + 1.0) / n));
    }
    line.push((area.x, area.bottom()));
    let (tick, ink) = (canvas.tick, canvas.inks.text);
    canvas.marks.push(Mark::Polygon(line, canvas.inks.series[7].color));
    canvas.text((area.right(), area.y - 3.0), "length", tick, ink, Anchor::End);
    canvas.text((area.right(), area.bottom() + tick * 1.2), &number(most, 1), tick, ink, Anchor::End);
}

/// The bar of residuals: their words differ from those of D.
fn residual_bar(
    canvas: &mut Canvas<'_>,
    area: Rect,
    map: crate::figure::colormap::ColorMap,
    range: Option<(f64, f64)>,
    clamped: (bool, bool),
) {
    let scale = DeltaScale { range: None, clamped, beyond: 0, empty: false };
    let mark = canvas.marks.len();
    legend::delta_bar(canvas, area, map, scale);
    // Its own words are for columns with scales of their own: these take their place.
    let kept: Vec<Mark> =
        canvas.marks.split_off(mark).into_iter().filter(|m| !matches!(m, Mark::Text(_))).collect();
    canvas.marks.extend(kept);
    let (tick, ink, y) = (canvas.tick, canvas.inks.text, area.bottom() + 2.0 + canvas.tick * 0.95);
    let limit = range.map_or(0.0, |r| r.1);
    canvas.text((area.x, y), &format!("{} below", signed(-limit, 1)), tick, ink, Anchor::Start);
    canvas.text((area.right(), y), &format!("above {}", signed(limit, 1)), tick, ink, Anchor::End);
    canvas.text((area.x + area.w / 2.0, y), "0", tick, ink, Anchor::Middle);
}

fn alt(found: &Canonical) -> String {
    let m = &found.metrics;
    let all: Vec<String> = m.correlations.iter().map(|r| number(*r, 2)).collect();
    let above = m.correlations.iter().filter(|r| **r > m.chance_q95).count();
    format!(
        "Canonical correlations of A and B over {} turns: {}; {above} above chance ({}). Residual of A, mean length {}.",
        m.n,
        all.join(", "),
        number(m.chance_q95, 2),
        number(m.residual_norm_mean, 2)
    )
}
