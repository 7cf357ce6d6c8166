//! `projection`: every turn on the plane by UMAP or PCA, its trustworthiness printed on it.

use super::missing;
use super::points::{self, Points};
use crate::figure::canvas::{Canvas, count, number};
use crate::figure::chart::{self, Axes};
use crate::figure::scene::{Anchor, Rect};
use crate::figure::spec::FigureSpec;
use crate::figure::{FigureError, Scene};
use crate::run::contents::RunContents;
use crate::run::projection::{Method, Projection};

/// Draws the projection that the spec names.
///
/// # Errors
/// When the run does not hold it, or the spec names something unknown.
pub fn draw(run: &RunContents, spec: &FigureSpec) -> Result<Scene, FigureError> {
    let key = spec.projection;
    let what = || format!("the {} of {}", key.method.title(), key.source.title());
    let found = run.projection(key).filter(|p| !p.rows.is_empty());
    let Some(found) = found else {
        return Err(missing(run, spec, &what(), "resume the run until the projection stage is done"));
    };
    let mut canvas = Canvas::new(run, spec)?;
    let points = Points::of(run, spec, &canvas)?;
    let facts = &found.facts;
    let left_out = if facts.left_out > 0 { format!(", {} left out", facts.left_out) } else { String::new() };
    let caption = canvas.caption_lines(&[
        what(),
        facts.parameters.clone(),
        format!("N = {}{left_out}", count(found.rows.len(), "turn")),
        points.words(),
        "a picture only: no statistic is computed on it".to_owned(),
    ]);
    let top = canvas.title();
    let foot = points.key_height(&canvas) + canvas.caption_height(&caption);
    let heading = canvas.label * 1.8;
    let height = match canvas.fixed_height {
        Some(h) => h - top - heading - foot,
        None => (canvas.width * 0.7).min(340.0),
    };
    if height < 60.0 {
        return Err(canvas.too_small(height));
    }
    canvas.heading((0.0, top + canvas.label), "", &what(), canvas.width * 0.5);
    let trust = format!("trustworthiness {} (k = {})", number(facts.trustworthiness, 3), facts.k);
    let (width, tick, ink) = (canvas.width, canvas.tick, canvas.inks.text);
    canvas.text((width - 1.0, top + canvas.label), &trust, tick, ink, Anchor::End);
    let area = Rect { x: 0.0, y: top + heading, w: canvas.width - 2.0, h: height };
    scatter(&mut canvas, found, &points, area)?;
    let bottom = area.bottom();
    points.key(&mut canvas, bottom);
    let alt = format!(
        "{} of {} turns, {}, {}.",
        what(),
        found.rows.len(),
        points.words(),
        trust.replace(" (k = ", " at k ").replace(')', "")
    );
    let end = bottom + points.key_height(&canvas);
    Ok(canvas.finish(end, &caption, alt))
}

/// The points. PCA has axes with shares of variance; those of UMAP mean nothing and are not drawn.
fn scatter(
    canvas: &mut Canvas<'_>,
    found: &Projection,
    points: &Points,
    area: Rect,
) -> Result<(), FigureError> {
    let axis = |k: usize| points::range(found.xy.iter().map(|p| f64::from(p[k])));
    let (x, y) = (axis(0), axis(1));
    let explained = found.facts.explained.filter(|_| found.key.method == Method::Pca);
    let at: Box<dyn Fn(f64, f64) -> (f64, f64)> = if let Some(shares) = explained {
        let (x_title, y_title) = (points::component(0, shares[0]), points::component(1, shares[1]));
        let axes = Axes { outer: area, x, y, x_title: &x_title, y_title: &y_title, x_ticks: 6, y_ticks: 6 };
        let frame = chart::axes(canvas, &axes)?;
        Box::new(move |px, py| frame.at(px, py))
    } else {
        // One scale for both axes: distances on the picture are distances of the layout.
        let inner = Rect { x: area.x + 4.0, y: area.y + 4.0, w: area.w - 8.0, h: area.h - 8.0 };
        let scale = (inner.w / (x.end - x.start)).min(inner.h / (y.end - y.start));
        let middle = (f64::midpoint(x.start, x.end), f64::midpoint(y.start, y.end));
        Box::new(move |px, py| {
            (
                inner.x + inner.w / 2.0 + (px - middle.0) * scale,
                inner.y + inner.h / 2.0 - (py - middle.1) * scale,
            )
        })
    };
    let size = points::size_among(found.rows.len());
    for place in points.order(&found.rows) {
        let [px, py] = found.xy[place];
        points.dot(canvas, at(f64::from(px), f64::from(py)), size, found.rows[place]);
    }
    Ok(())
}
