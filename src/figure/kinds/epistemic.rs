//! `epistemic`: the gap in score against the gap in uncertainty, four named quadrants with their counts.

use super::panels::{self, Grid};
use super::points::{self, Points};
use super::{missing, shown};
use crate::core::dimension::Dimension;
use crate::core::scm;
use crate::field::frontier::epistemic::{Quadrant, Quadrants};
use crate::field::frontier::uncertainty_gap;
use crate::figure::canvas::{Canvas, count};
use crate::figure::chart::{self, Axes, Frame};
use crate::figure::scene::{Anchor, Mark};
use crate::figure::spec::FigureSpec;
use crate::figure::{FigureError, Scene};
use crate::run::contents::RunContents;

/// Height of the strip of a corner's words, in heights of a tick's label.
const STRIP: f64 = 1.35;

/// Draws a panel a dimension, or the one that the spec names.
///
/// # Errors
/// When the run lacks a pass or its uncertainty, or the spec names something unknown.
pub fn draw(run: &RunContents, spec: &FigureSpec) -> Result<Scene, FigureError> {
    let (a, b) = (shown::pass_a(run, spec)?, shown::pass_b(run, spec)?);
    let mut canvas = Canvas::new(run, spec)?;
    let own = run.uncertainty_gap.as_deref();
    let Some(gap) = uncertainty_gap(&a.scm, &b.scm, own) else {
        return Err(missing(
            run,
            spec,
            "uncertainty of the dimensions in both passes",
            "compare two scorers that tell theirs",
        ));
    };
    let dimensions: Vec<Dimension> = match spec.dimension.as_str() {
        "" => Dimension::ALL.to_vec(),
        name => vec![Dimension::from_name(name).ok_or_else(|| FigureError::Spec {
            field: "dimension",
            value: name.to_owned(),
            hint: format!("take {}", Dimension::ALL.map(Dimension::name).join(", ")),
        })?],
    };
    let points = Points::of(run, spec, &canvas)?;
    let n = a.scm.rows().min(b.scm.rows());
    let rows = shown::rows(run, &FigureSpec { order: "time".into(), ..spec.clone() }, n, None)?.all;
    let d = |r: usize, c: usize| f64::from(a.scm.get(r, c)) - f64::from(b.scm.get(r, c));
    let e = |r: usize, c: usize| f64::from(gap.get(r, c));
    let reach = |f: &dyn Fn(usize, usize) -> f64| {
        let all = dimensions.iter().flat_map(|k| rows.iter().map(move |r| (*r, k.index())));
        chart::round_up(all.map(|(r, c)| f(r, c).abs()).filter(|v| v.is_finite()).fold(0.0, f64::max) * 1.02)
    };
    let (q_end, e_end) = (reach(&d), reach(&e));
    let caption = canvas.caption_lines(&[
        format!("N = {}", count(rows.len(), "turn")),
        "right: A scores higher; up: A is less sure; corners: turns in each quadrant".to_owned(),
        if own.is_some() {
            "uncertainty of each dimension's own model".to_owned()
        } else {
            "uncertainty: the mean of the five models".to_owned()
        },
        points.words(),
    ]);
    let top = canvas.title();
    let foot = points.key_height(&canvas) + canvas.caption_height(&caption);
    let across = match (dimensions.len(), canvas.width < 300.0) {
        (1, _) => 1,
        (_, true) => 2,
        _ => 3,
    };
    let aspect = if dimensions.len() == 1 { 0.62 } else { 0.85 };
    let grid = Grid::new(&canvas, top, dimensions.len(), across, aspect, foot)?;
    // The words in the corners have strips of their own at the top and at the foot of each panel.
    let high = (grid.cell.1 - 1.8 * canvas.label - chart::bottom_space(&canvas, true)).max(1.0);
    let e_end = e_end / (1.0 - 2.0 * STRIP * canvas.tick / high).clamp(0.5, 1.0);
    let size = points::size_among(rows.len()) * if across > 1 { 0.8 } else { 1.0 };
    let mut told = Vec::new();
    for (i, dimension) in dimensions.iter().enumerate() {
        let c = dimension.index();
        let (at, outer) = grid.panel(&canvas, i);
        let letter = if dimensions.len() > 1 { panels::letter(i) } else { "" };
        canvas.heading(at, letter, scm::SHORT[c], grid.cell.0);
        let axes = Axes {
            outer,
            x: -q_end..q_end,
            y: -e_end..e_end,
            x_title: "dQ, score of A − B",
            y_title: if i % across == 0 { "dE, uncertainty of A − B" } else { "" },
            x_ticks: 5,
            y_ticks: 5,
        };
        let frame = chart::axes(&mut canvas, &axes)?;
        let thin = panels::thin(&canvas);
        canvas.marks.push(Mark::Line(vec![frame.at(0.0, -e_end), frame.at(0.0, e_end)], thin.clone()));
        canvas.marks.push(Mark::Line(vec![frame.at(-q_end, 0.0), frame.at(q_end, 0.0)], thin));
        for place in points.order(&rows) {
            let (q, u) = (d(rows[place], c), e(rows[place], c));
            if q.is_finite() && u.is_finite() {
                points.dot(&mut canvas, frame.at(q, u), size, rows[place]);
            }
        }
        let column =
            |f: &dyn Fn(usize, usize) -> f64| rows.iter().map(|r| f(*r, c) as f32).collect::<Vec<_>>();
        let counts = Quadrants::of(&column(&d), &column(&e));
        corners(&mut canvas, &frame, &counts, across == 1);
        told.push(format!("{}: {}", dimension.name(), words(&counts)));
    }
    let bottom = grid.bottom(dimensions.len());
    points.key(&mut canvas, bottom);
    let alt = format!("Score gap against uncertainty gap of {} turns. {}.", rows.len(), told.join("; "));
    let end = bottom + points.key_height(&canvas);
    Ok(canvas.finish(end, &caption, alt))
}

/// Name and count of each quadrant in its corner; small panels only count.
fn corners(canvas: &mut Canvas<'_>, frame: &Frame, counts: &Quadrants, named: bool) {
    let (tick, area) = (canvas.tick, frame.area);
    for quadrant in Quadrant::ALL {
        let a_side = quadrant.is_a_higher();
        let (x, anchor) =
            if a_side { (area.right() - 2.0, Anchor::End) } else { (area.x + 3.0, Anchor::Start) };
        let y = if quadrant.is_a_less_sure() { area.y + tick } else { area.bottom() - 3.0 };
        let count = counts.count(quadrant).to_string();
        let words = if named { format!("{}, {count}", quadrant.name()) } else { count };
        let ink = if a_side { canvas.inks.mind_a } else { canvas.inks.mind_b };
        canvas.bold((x, y), &words, tick, ink, anchor);
    }
}

fn words(counts: &Quadrants) -> String {
    let one = |q: Quadrant| format!("{} {}", q.name(), counts.count(q));
    Quadrant::ALL.map(one).join(", ")
}
