//! `frontier`: every turn at (A score, B score); on the diagonal the minds agree, contours hold half and nine tenths.

use super::panels::{self, Grid, Key};
use super::points::Points;
use super::{missing, shown};
use crate::core::scm;
use crate::field::frontier::agreement::{CLOSE, Side, side};
use crate::field::frontier::density::Density;
use crate::figure::canvas::{Canvas, count};
use crate::figure::chart::{self, Axes, Frame};
use crate::figure::ink::Series;
use crate::figure::scene::{Mark, Shape, Stroke};
use crate::figure::spec::FigureSpec;
use crate::figure::{FigureError, Scene};
use crate::run::contents::RunContents;

/// Shares of the turns inside the two contours.
const SHARES: [f64; 2] = [0.5, 0.9];

/// Draws the map: all score columns and the aggregate, or the one that the spec names.
///
/// # Errors
/// When the run lacks a pass, or the spec names something unknown.
pub fn draw(run: &RunContents, spec: &FigureSpec) -> Result<Scene, FigureError> {
    let (a, b) = (shown::pass_a(run, spec)?, shown::pass_b(run, spec)?);
    let mut canvas = Canvas::new(run, spec)?;
    let columns = match spec.dimension.as_str() {
        "" if spec.columns.is_empty() => (0..=scm::AGGREGATE).collect(),
        "" => shown::columns(spec)?,
        name => shown::columns(&FigureSpec { columns: vec![name.to_owned()], ..spec.clone() })?,
    };
    let n = a.scm.rows().min(b.scm.rows());
    let rows = shown::rows(run, &FigureSpec { order: "time".into(), ..spec.clone() }, n, None)?.all;
    let value = |m: &crate::core::matrix::Matrix, r: usize, c: usize| f64::from(m.get(r, c));
    let points: Vec<Vec<(usize, f64, f64)>> = columns
        .iter()
        .map(|c| rows.iter().map(|r| (*r, value(&a.scm, *r, *c), value(&b.scm, *r, *c))).collect::<Vec<_>>())
        .map(|p| p.into_iter().filter(|p| p.1.is_finite() && p.2.is_finite()).collect())
        .collect();
    if points.iter().all(Vec::is_empty) {
        return Err(missing(run, spec, "turns scored by both passes", "score the same turns with both"));
    }
    let colored = if spec.color.is_empty() { None } else { Some(Points::of(run, spec, &canvas)?) };
    let caption = canvas.caption_lines(&[
        format!("N = {}", count(rows.len(), "turn")),
        format!("diagonal: A and B agree; close: |D| up to {CLOSE}"),
        "contours: half and nine tenths of the turns".to_owned(),
        colored.as_ref().map_or_else(String::new, Points::words),
    ]);
    let series = series(&canvas);
    let (a_name, b_name) = (format!("A, {}", a.name), format!("B, {}", b.name));
    let words = ["A higher", "B higher", "close"];
    let legend =
        colored.as_ref().map_or_else(|| panels::legend_height(&canvas, 1), |p| p.key_height(&canvas));
    let top = canvas.title();
    let across = match (columns.len(), canvas.width < 300.0) {
        (1, _) => 1,
        (_, true) => 2,
        _ => 3,
    };
    let foot = legend + canvas.caption_height(&caption);
    let aspect = if columns.len() == 1 && canvas.width > 300.0 { 0.6 } else { 0.78 };
    let grid = Grid::new(&canvas, top, columns.len(), across, aspect, foot)?;
    let size = (3.4 - (rows.len() as f64).log10() * 0.55).clamp(0.9, 3.0);
    for (i, (column, points)) in columns.iter().zip(&points).enumerate() {
        let (at, outer) = grid.panel(&canvas, i);
        let letter = if columns.len() > 1 { panels::letter(i) } else { "" };
        canvas.heading(at, letter, scm::SHORT[*column], grid.cell.0);
        let axes = Axes {
            outer,
            x: 0.0..1.0,
            y: 0.0..1.0,
            x_title: &a_name,
            y_title: &b_name,
            x_ticks: 6,
            y_ticks: 6,
        };
        let frame = chart::axes(&mut canvas, &axes)?;
        let thin = panels::thin(&canvas);
        canvas.marks.push(Mark::Line(vec![frame.at(0.0, 0.0), frame.at(1.0, 1.0)], thin));
        let rows: Vec<usize> = points.iter().map(|p| p.0).collect();
        let order = colored.as_ref().map_or_else(|| (0..points.len()).collect(), |c| c.order(&rows));
        for (row, x, y) in order.into_iter().map(|k| points[k]) {
            if let Some(colored) = &colored {
                colored.dot(&mut canvas, frame.at(x, y), size, row);
                continue;
            }
            let s = &series[place(x - y)];
            let color = s.color.with_alpha(0.6);
            canvas.marks.push(Mark::Marker { at: frame.at(x, y), size, shape: s.shape, color });
        }
        contours(&mut canvas, &frame, points);
    }
    let bottom = grid.bottom(columns.len());
    match &colored {
        Some(colored) => colored.key(&mut canvas, bottom),
        None => {
            let keys = [0, 1, 2].map(|k: usize| (Key::Point(series[k]), words[k]));
            panels::legend(&mut canvas, bottom, &keys);
        }
    }
    let alt = alt(&columns, &points);
    Ok(canvas.finish(bottom + legend, &caption, alt))
}

/// A higher, B higher, close.
fn series(canvas: &Canvas<'_>) -> [Series; 3] {
    let close = Series { color: canvas.inks.series[7].color, dash: &[], shape: Shape::Diamond };
    [panels::mind(canvas, true), panels::mind(canvas, false), close]
}

/// Place of a difference in the legend.
fn place(d: f64) -> usize {
    match side(d) {
        Side::A => 0,
        Side::B => 1,
        Side::Close => 2,
    }
}

/// Lines around the densest half and nine tenths of the turns.
fn contours(canvas: &mut Canvas<'_>, frame: &Frame, points: &[(usize, f64, f64)]) {
    let cloud: Vec<(f64, f64)> = points.iter().map(|p| (p.1, p.2)).collect();
    let Some(density) = Density::of(&cloud, (0.0, 1.0), (0.0, 1.0)) else { return };
    let lines = SHARES.into_iter().flat_map(|share| density.contour(density.level(share)));
    let marks = lines
        .map(|line| {
            let points = line.into_iter().map(|(x, y)| frame.at(x, y)).collect();
            Mark::Line(points, Stroke::solid(canvas.inks.strong, 0.6))
        })
        .collect();
    canvas.marks.push(Mark::Clip(frame.area, marks));
}

fn alt(columns: &[usize], points: &[Vec<(usize, f64, f64)>]) -> String {
    let one = |(c, p): (&usize, &Vec<(usize, f64, f64)>)| {
        let of = |k| p.iter().filter(|(_, x, y)| place(x - y) == k).count();
        format!("{}: A higher {}, B higher {}, close {}", scm::SHORT[*c], of(0), of(1), of(2))
    };
    let counts: Vec<String> = columns.iter().zip(points).map(one).collect();
    format!("Each turn at its score by A and by B. {}.", counts.join("; "))
}
