//! `betti`: how many classes are open at each scale, one panel a dimension.

use super::panels;
use super::persistence::{self, class};
use crate::core::bar::Bar;
use crate::figure::canvas::{CURVE_PT, Canvas, GAP_PT};
use crate::figure::chart::{self, Axes};
use crate::figure::scene::{Mark, Rect};
use crate::figure::spec::FigureSpec;
use crate::figure::{FigureError, Scene};
use crate::run::contents::RunContents;

/// Draws the curves.
///
/// # Errors
/// When the run has no persistence diagram.
pub fn draw(run: &RunContents, spec: &FigureSpec) -> Result<Scene, FigureError> {
    let diagram = persistence::diagram(run, spec)?;
    let mut canvas = Canvas::new(run, spec)?;
    let mut parts = diagram.caption(run);
    // The band is about lengths of bars; it says nothing about a Betti curve.
    parts.pop();
    let bands: Vec<Option<Band>> = (0..diagram.by_dim.len()).map(|d| band(run, d)).collect();
    if bands.iter().any(Option::is_some) {
        parts.push("grey: 5th to 95th percentile of the null fields at each scale".to_owned());
    }
    let caption = canvas.caption_lines(&parts);
    let top = canvas.title();
    let n = diagram.by_dim.len();
    let across = if canvas.width < 300.0 { 1 } else { n };
    let rows = n.div_ceil(across);
    let width = (canvas.width - GAP_PT * (across as f64 - 1.0)) / across as f64;
    let heading = canvas.label * 1.8;
    let one = match canvas.fixed_height {
        Some(h) => (h - canvas.caption_height(&caption) - top) / rows as f64,
        None => heading + (width * 0.62).clamp(80.0, 150.0) + chart::bottom_space(&canvas, true),
    };
    if one < heading + 40.0 {
        return Err(canvas.too_small(one * rows as f64));
    }
    let end = chart::round_up(diagram.end * 1.02);
    for (dim, bars) in diagram.by_dim.iter().enumerate() {
        let x = (dim % across) as f64 * (width + GAP_PT);
        let y = top + (dim / across) as f64 * one;
        let letter = panels::letter(dim);
        let baseline = y + canvas.label;
        canvas.heading((x, baseline), letter, &format!("H{dim}, open {}", class(dim)), width);
        let steps = curve(bars);
        let most = steps.iter().map(|(_, n)| *n as f64).fold(0.0, f64::max);
        let highest = bands[dim].iter().flat_map(|b| b.iter().map(|p| p.2)).fold(0.0, f64::max);
        let outer = Rect { x, y: y + heading, w: width - 3.0, h: one - heading };
        let axes = Axes {
            outer,
            x: 0.0..end,
            y: 0.0..chart::round_up(most.max(highest) * 1.05),
            x_title: "scale",
            y_title: "",
            x_ticks: 6,
            y_ticks: 5,
        };
        let mark = canvas.marks.len();
        let frame = chart::axes(&mut canvas, &axes)?;
        let axis_marks = canvas.marks.split_off(mark);
        if let Some(band) = &bands[dim] {
            let within = || band.iter().filter(|p| p.0 <= end);
            let upper = within().map(|p| frame.at(p.0, p.2));
            let lower = within().rev().map(|p| frame.at(p.0, p.1));
            canvas.marks.push(Mark::Polygon(upper.chain(lower).collect(), canvas.inks.null_band));
        }
        canvas.marks.extend(axis_marks);
        let mut line = Vec::new();
        let mut last = 0.0;
        for (at, open) in &steps {
            line.push(frame.at(at.min(end), last));
            line.push(frame.at(at.min(end), *open as f64));
            last = *open as f64;
        }
        line.push(frame.at(end, last));
        let series = canvas.inks.homology(dim as u8);
        canvas.marks.push(Mark::Line(line, chart::stroke(&series, CURVE_PT * 1.2)));
    }
    let alt = diagram.alt("Betti curves");
    Ok(canvas.finish(top + one * rows as f64, &caption, alt))
}

/// Scale, 5th and 95th percentile of the null fields' curves.
type Band = Vec<(f64, f64, f64)>;

/// What chance gives for a dimension, when the run measured it.
fn band(run: &RunContents, dim: usize) -> Option<Band> {
    let bands = run.metrics.get("topology")?.get("betti_bands")?.as_array()?;
    let of_dim =
        bands.iter().find(|b| b.get("dim").and_then(serde_json::Value::as_u64) == Some(dim as u64))?;
    let numbers = |key: &str| -> Option<Vec<f64>> {
        of_dim.get(key)?.as_array()?.iter().map(serde_json::Value::as_f64).collect()
    };
    let (scales, low, high) = (numbers("scales")?, numbers("q05")?, numbers("q95")?);
    let band: Band = scales.into_iter().zip(low).zip(high).map(|((s, l), h)| (s, l, h)).collect();
    (band.len() > 1).then_some(band)
}

/// Scales at which the number of open classes changes, and the number from there on. A class is open on [birth, death).
fn curve(bars: &[&Bar]) -> Vec<(f64, usize)> {
    let mut changes: Vec<(f64, i64)> = Vec::new();
    for bar in bars {
        changes.push((bar.birth, 1));
        changes.extend(bar.death.map(|d| (d, -1)));
    }
    changes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut out: Vec<(f64, usize)> = Vec::new();
    let mut open = 0_i64;
    for (at, change) in changes {
        open += change;
        match out.last_mut() {
            Some(last) if last.0 == at => last.1 = open.max(0) as usize,
            _ => out.push((at, open.max(0) as usize)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_counts_from_its_birth_to_just_before_its_death() {
        let bar = |birth, death| Bar { dim: 1, birth, death, birth_simplex: vec![], death_simplex: vec![] };
        let bars = [bar(0.1, Some(0.3)), bar(0.2, Some(0.3)), bar(0.3, None)];
        let steps = curve(&bars.iter().collect::<Vec<_>>());
        assert_eq!(steps, vec![(0.1, 1), (0.2, 2), (0.3, 1)]);
    }
}
