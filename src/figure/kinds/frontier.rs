//! `frontier`: every turn at (B score, A score); on the diagonal the minds agree.

use super::panels::{self, Grid, Key};
use super::{missing, shown};
use crate::core::scm;
use crate::figure::canvas::{Canvas, count};
use crate::figure::chart::{self, Axes};
use crate::figure::ink::Series;
use crate::figure::scene::{Mark, Shape};
use crate::figure::spec::FigureSpec;
use crate::figure::{FigureError, Scene};
use crate::run::contents::RunContents;

/// Differences up to this are drawn as agreement.
const CLOSE: f64 = 0.05;

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
    let points: Vec<Vec<(f64, f64)>> = columns
        .iter()
        .map(|c| rows.iter().map(|r| (value(&b.scm, *r, *c), value(&a.scm, *r, *c))).collect::<Vec<_>>())
        .map(|p| p.into_iter().filter(|(x, y)| x.is_finite() && y.is_finite()).collect())
        .collect();
    if points.iter().all(Vec::is_empty) {
        return Err(missing(run, spec, "turns scored by both passes", "score the same turns with both"));
    }
    let caption = canvas.caption_lines(&[
        format!("N = {}", count(rows.len(), "turn")),
        format!("diagonal: A and B agree; close: |D| up to {CLOSE}"),
    ]);
    let series = series(&canvas);
    let (a_name, b_name) = (format!("A, {}", a.name), format!("B, {}", b.name));
    let words = ["A higher", "B higher", "close"];
    let legend = panels::legend_height(&canvas, 1);
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
            x_title: &b_name,
            y_title: &a_name,
            x_ticks: 6,
            y_ticks: 6,
        };
        let frame = chart::axes(&mut canvas, &axes)?;
        let thin = panels::thin(&canvas);
        canvas.marks.push(Mark::Line(vec![frame.at(0.0, 0.0), frame.at(1.0, 1.0)], thin));
        for (x, y) in points {
            let s = &series[side(*y - *x)];
            let color = s.color.with_alpha(0.6);
            canvas.marks.push(Mark::Marker { at: frame.at(*x, *y), size, shape: s.shape, color });
        }
    }
    let bottom = grid.bottom(columns.len());
    let keys = [0, 1, 2].map(|k: usize| (Key::Point(series[k]), words[k]));
    panels::legend(&mut canvas, bottom, &keys);
    let alt = alt(&columns, &points);
    Ok(canvas.finish(bottom + legend, &caption, alt))
}

/// A higher, B higher, close.
fn series(canvas: &Canvas<'_>) -> [Series; 3] {
    let close = Series { color: canvas.inks.series[7].color, dash: &[], shape: Shape::Diamond };
    [panels::mind(canvas, true), panels::mind(canvas, false), close]
}

fn side(d: f64) -> usize {
    match d {
        d if d.abs() <= CLOSE + 1e-6 => 2,
        d if d > 0.0 => 0,
        _ => 1,
    }
}

fn alt(columns: &[usize], points: &[Vec<(f64, f64)>]) -> String {
    let one = |(c, p): (&usize, &Vec<(f64, f64)>)| {
        let of = |k| p.iter().filter(|(x, y)| side(y - x) == k).count();
        format!("{}: A higher {}, B higher {}, close {}", scm::SHORT[*c], of(0), of(1), of(2))
    };
    let counts: Vec<String> = columns.iter().zip(points).map(one).collect();
    format!("Each turn at its score by B and by A. {}.", counts.join("; "))
}
