//! `histograms`: how A and B spread their scores, one panel a dimension and one for the aggregate.

use super::panels::{self, Grid, Key};
use super::shown;
use crate::core::scm;
use crate::core::stats;
use crate::figure::canvas::{CURVE_PT, Canvas, count, number};
use crate::figure::chart::{self, Axes, Frame};
use crate::figure::scene::{Mark, Rect};
use crate::figure::spec::FigureSpec;
use crate::figure::{FigureError, Scene};
use crate::run::contents::RunContents;

/// Bins over [0,1].
const BINS: usize = 20;

/// Draws the histograms.
///
/// # Errors
/// When the run lacks a pass, or the spec names something unknown.
pub fn draw(run: &RunContents, spec: &FigureSpec) -> Result<Scene, FigureError> {
    let (a, b) = (shown::pass_a(run, spec)?, shown::pass_b(run, spec)?);
    let mut canvas = Canvas::new(run, spec)?;
    let columns =
        if spec.columns.is_empty() { (0..=scm::AGGREGATE).collect() } else { shown::columns(spec)? };
    let n = a.scm.rows().min(b.scm.rows());
    let rows = shown::rows(run, &FigureSpec { order: "time".into(), ..spec.clone() }, n, None)?.all;
    let binned: Vec<[Vec<usize>; 2]> = columns
        .iter()
        .map(|c| [&a.scm, &b.scm].map(|m| bins(rows.iter().map(|r| f64::from(m.get(*r, *c))))))
        .collect();
    let names = [format!("A, {}", a.name), format!("B, {}", b.name)];
    let words = [names[0].as_str(), names[1].as_str()];
    let caption = canvas.caption_lines(&[
        format!("N = {}", count(rows.len(), "turn")),
        format!("{BINS} bins over 0 to 1; A filled, B dashed outline"),
    ]);
    let legend = panels::legend_height(&canvas, panels::legend_lines(&canvas, &words));
    let top = canvas.title();
    let across = if canvas.width < 300.0 { 2 } else { 3 };
    let foot = legend + canvas.caption_height(&caption);
    let grid = Grid::new(&canvas, top, columns.len(), across, 0.42, foot)?;
    let most = binned.iter().flatten().flatten().copied().max().unwrap_or(1).max(1);
    for (i, (column, both)) in columns.iter().zip(&binned).enumerate() {
        let (at, outer) = grid.panel(&canvas, i);
        canvas.heading(at, panels::letter(i), scm::SHORT[*column], grid.cell.0);
        let y = 0.0..chart::round_up(most as f64 * 1.05);
        let y_title = if i % grid.across == 0 { "turns" } else { "" };
        let axes = Axes { outer, x: 0.0..1.0, y, x_title: "score", y_title, x_ticks: 6, y_ticks: 4 };
        let mark = canvas.marks.len();
        let frame = chart::axes(&mut canvas, &axes)?;
        let axis_marks = canvas.marks.split_off(mark);
        fill(&mut canvas, &frame, &both[0]);
        outline(&mut canvas, &frame, &both[1]);
        canvas.marks.extend(axis_marks);
    }
    let bottom = grid.bottom(columns.len());
    let keys = [
        (Key::Area(canvas.inks.mind_a.with_alpha(0.55)), words[0]),
        (Key::Curve(panels::mind(&canvas, false), CURVE_PT * 1.2), words[1]),
    ];
    panels::legend(&mut canvas, bottom, &keys);
    let alt = alt(&rows, &columns, [&a.scm, &b.scm]);
    Ok(canvas.finish(bottom + legend, &caption, alt))
}

fn bins(values: impl Iterator<Item = f64>) -> Vec<usize> {
    let mut out = vec![0; BINS];
    for v in values.filter(|v| v.is_finite()) {
        out[((v * BINS as f64).max(0.0) as usize).min(BINS - 1)] += 1;
    }
    out
}

fn fill(canvas: &mut Canvas<'_>, frame: &Frame, counts: &[usize]) {
    let step = 1.0 / BINS as f64;
    for (i, n) in counts.iter().enumerate().filter(|(_, n)| **n > 0) {
        let (a, b) = (frame.at(i as f64 * step, *n as f64), frame.at((i + 1) as f64 * step, 0.0));
        let bar = Rect { x: a.0 + 0.15, y: a.1, w: b.0 - a.0 - 0.3, h: b.1 - a.1 };
        canvas.rect(bar, canvas.inks.mind_a.with_alpha(0.55));
    }
}

fn outline(canvas: &mut Canvas<'_>, frame: &Frame, counts: &[usize]) {
    let step = 1.0 / BINS as f64;
    // From the first to the last bin that holds a turn: along the axis there is nothing to say.
    let Some(first) = counts.iter().position(|n| *n > 0) else { return };
    let end = counts.iter().rposition(|n| *n > 0).map_or(BINS, |i| i + 1);
    let mut line = vec![frame.at(first as f64 * step, 0.0)];
    for (i, n) in counts.iter().enumerate().take(end).skip(first) {
        line.push(frame.at(i as f64 * step, *n as f64));
        line.push(frame.at((i + 1) as f64 * step, *n as f64));
    }
    line.push(frame.at(end as f64 * step, 0.0));
    let series = panels::mind(canvas, false);
    canvas.marks.push(Mark::Line(line, chart::stroke(&series, CURVE_PT * 1.2)));
}

fn alt(rows: &[usize], columns: &[usize], minds: [&crate::core::matrix::Matrix; 2]) -> String {
    let mean = |m: &crate::core::matrix::Matrix, c: usize| {
        let values: Vec<f64> =
            rows.iter().map(|r| f64::from(m.get(*r, c))).filter(|v| v.is_finite()).collect();
        stats::mean(&values).unwrap_or(f64::NAN)
    };
    let one = |c: &usize| {
        let (a, b) = (mean(minds[0], *c), mean(minds[1], *c));
        format!("{} A {} and B {}", scm::SHORT[*c], number(a, 2), number(b, 2))
    };
    let means: Vec<String> = columns.iter().map(one).collect();
    format!("Histograms of the scores of A and B over {} turns; means: {}.", rows.len(), means.join(", "))
}
