//! `arrows`: both passes in the plane of their common principal components, an arrow from B to A a turn.

use super::points::{self, Points};
use super::{missing, shown};
use crate::field::frontier::arrows::Arrows;
use crate::figure::canvas::{Canvas, count, number, signed};
use crate::figure::chart::{self, Axes};
use crate::figure::scene::{Color, Mark, Rect, Shape, Stroke};
use crate::figure::spec::FigureSpec;
use crate::figure::{FigureError, Scene};
use crate::run::contents::RunContents;

/// Draws the map.
///
/// # Errors
/// When the run lacks a pass or has too few complete turns.
pub fn draw(run: &RunContents, spec: &FigureSpec) -> Result<Scene, FigureError> {
    let (a, b) = (shown::pass_a(run, spec)?, shown::pass_b(run, spec)?);
    let mut canvas = Canvas::new(run, spec)?;
    let Some(found) = Arrows::of(&a.scm, &b.scm) else {
        return Err(missing(run, spec, "five turns with all scores in both passes", "score more turns"));
    };
    let points = Points::of(run, spec, &canvas)?;
    let seed = run.seed();
    let drawn = found.drawn(seed);
    let m = &found.metrics;
    let sampled =
        if drawn.len() < m.n { format!("{} of them drawn", drawn.len()) } else { "all drawn".to_owned() };
    let caption = canvas.caption_lines(&[
        format!("N = {}, {sampled}", count(m.n, "turn")),
        "ring: B's scores, head: A's, in the first two principal components of both".to_owned(),
        format!("mean arrow ({}, {}), thick", signed(m.mean[0], 2), signed(m.mean[1], 2)),
        format!("mean length {}, one way {} of 1", number(m.mean_length, 2), number(m.one_way, 2)),
        format!("the plane shows {}% of D", number(100.0 * m.delta_shown, 0)),
        points.words(),
    ]);
    let top = canvas.title();
    let foot = points.key_height(&canvas) + canvas.caption_height(&caption);
    let height = match canvas.fixed_height {
        Some(h) => h - top - foot,
        None => (canvas.width * 0.72).min(350.0),
    };
    if height < 70.0 {
        return Err(canvas.too_small(height));
    }
    let ends = |k: usize| points::range(found.from.iter().chain(&found.to).map(move |p| f64::from(p[k])));
    let (x_title, y_title) = (points::component(0, m.explained[0]), points::component(1, m.explained[1]));
    let axes = Axes {
        outer: Rect { x: 0.0, y: top + 3.0, w: canvas.width - 2.0, h: height - 3.0 },
        x: ends(0),
        y: ends(1),
        x_title: &x_title,
        y_title: &y_title,
        x_ticks: 6,
        y_ticks: 6,
    };
    let frame = chart::axes(&mut canvas, &axes)?;
    let rows: Vec<usize> = drawn.iter().map(|p| found.rows[*p]).collect();
    let at = |p: [f32; 2]| frame.at(f64::from(p[0]), f64::from(p[1]));
    let width = if drawn.len() > 200 { 0.5 } else { 0.8 };
    for k in points.order(&rows) {
        let place = drawn[k];
        let (color, _) = points.look(&canvas, rows[k]);
        let ink = readable(color, &canvas);
        arrow(&mut canvas, at(found.from[place]), at(found.to[place]), ink.with_alpha(0.75), width);
    }
    let strong = canvas.inks.strong;
    let middle = |p: &[[f32; 2]]| {
        let mean = |k: usize| p.iter().map(|v| f64::from(v[k])).sum::<f64>() / p.len() as f64;
        frame.at(mean(0), mean(1))
    };
    arrow(&mut canvas, middle(&found.from), middle(&found.to), strong, 1.6);
    points.key(&mut canvas, top + height);
    let alt = format!(
        "Arrows from B's to A's scores of {} turns in one plane; mean length {}, pointing one way to {} of 1.",
        m.n,
        number(m.mean_length, 2),
        number(m.one_way, 2)
    );
    let end = top + height + points.key_height(&canvas);
    Ok(canvas.finish(end, &caption, alt))
}

/// A colour that stands out from the ground: agreement melts into it and would leave no arrow.
fn readable(color: Color, canvas: &Canvas<'_>) -> Color {
    let distance =
        |a: [u8; 3], b: [u8; 3]| a.iter().zip(b).map(|(x, y)| u32::from(x.abs_diff(y))).sum::<u32>();
    if distance(color.rgb, canvas.inks.ground.rgb) < 150 { canvas.inks.axis } else { color }
}

/// A ring at the tail, a line, a head.
fn arrow(canvas: &mut Canvas<'_>, from: (f64, f64), to: (f64, f64), color: Color, width: f64) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx.hypot(dy);
    let head = (3.2 * width).max(2.2);
    canvas.marks.push(Mark::Marker { at: from, size: head * 0.7, shape: Shape::Circle, color });
    if length < head * 0.8 {
        return;
    }
    let (ux, uy) = (dx / length, dy / length);
    let neck = (to.0 - ux * head, to.1 - uy * head);
    canvas.marks.push(Mark::Line(vec![from, neck], Stroke::solid(color, width)));
    let half = head * 0.42;
    let corners =
        vec![to, (neck.0 - uy * half, neck.1 + ux * half), (neck.0 + uy * half, neck.1 - ux * half)];
    canvas.marks.push(Mark::Polygon(corners, color));
}
