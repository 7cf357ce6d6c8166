//! `diagram`: every class at (birth, death); far above the diagonal means long-lived, the grey belt is chance.

use super::persistence::{self, class};
use crate::figure::canvas::{AXIS_PT, Canvas, GAP_PT, number};
use crate::figure::chart::{self, Axes, Frame};
use crate::figure::scene::{Anchor, Mark, Rect, Shape, Stroke, Weight};
use crate::figure::spec::FigureSpec;
use crate::figure::{FigureError, Scene, text};
use crate::run::contents::RunContents;

/// Draws the diagram; on a wide sheet the null fields stand beside it.
///
/// # Errors
/// When the run has no persistence diagram.
pub fn draw(run: &RunContents, spec: &FigureSpec) -> Result<Scene, FigureError> {
    let diagram = persistence::diagram(run, spec)?;
    let mut canvas = Canvas::new(run, spec)?;
    let caption = canvas.caption_lines(&diagram.caption(run));
    let top = canvas.title();
    let beside = canvas.width > 300.0 && diagram.band.is_some();
    let width = if beside { (canvas.width - 2.0 * GAP_PT) / 2.0 } else { canvas.width };
    let left = chart::left_space(&canvas, &(0.0..diagram.end), 6, true);
    let square = (width - left).min(300.0);
    let heading = if beside { canvas.label * 1.7 } else { 4.0 };
    let free = top + heading + square + chart::bottom_space(&canvas, true);
    let body = canvas.fixed_height.map_or(free, |h| h - canvas.caption_height(&caption));
    let end = chart::round_up(diagram.end * 1.05);
    let outer = Rect { x: 0.0, y: top + heading, w: width - 2.0, h: body - top - heading };
    if outer.h < 40.0 {
        return Err(canvas.too_small(body));
    }
    if beside {
        let (y, x) = (top + canvas.label, width + 2.0 * GAP_PT);
        canvas.heading((0.0, y), "a", "Persistence diagram", width);
        canvas.heading((x, y), "b", "Longest loop of each null field", width);
    }
    let axes =
        Axes { outer, x: 0.0..end, y: 0.0..end, x_title: "birth", y_title: "death", x_ticks: 6, y_ticks: 6 };
    let mark = canvas.marks.len();
    let frame = chart::axes(&mut canvas, &axes)?;
    let axis_marks = canvas.marks.split_off(mark);
    belt(&mut canvas, &frame, end, diagram.band);
    canvas.marks.extend(axis_marks);
    points(&mut canvas, &frame, &diagram);
    if spec.legend {
        legend(&mut canvas, &frame, &diagram);
    }
    if beside {
        let x = width + 2.0 * GAP_PT;
        let right = Rect { x, w: canvas.width - x - 2.0, ..outer };
        null_histogram(&mut canvas, &diagram, right)?;
    }
    let alt = diagram.alt("Persistence diagram");
    Ok(canvas.finish(body, &caption, alt))
}

fn belt(canvas: &mut Canvas<'_>, frame: &Frame, end: f64, band: Option<f64>) {
    if let Some(band) = band.filter(|b| *b < end) {
        let corners = [(0.0, 0.0), (0.0, band), (end - band, end), (end, end)];
        let polygon = corners.iter().map(|(x, y)| frame.at(*x, *y)).collect();
        canvas.marks.push(Mark::Polygon(polygon, canvas.inks.null_band));
    }
    let diagonal = vec![frame.at(0.0, 0.0), frame.at(end, end)];
    canvas.marks.push(Mark::Line(diagonal, Stroke::solid(canvas.inks.axis, AXIS_PT)));
}

/// H0 as strokes on the death axis (all are born at 0), H1 as circles, H2 as triangles.
fn points(canvas: &mut Canvas<'_>, frame: &Frame, diagram: &persistence::Diagram<'_>) {
    for (dim, bars) in diagram.by_dim.iter().enumerate() {
        let series = canvas.inks.homology(dim as u8);
        for bar in bars {
            let Some(death) = bar.death else { continue };
            let at = frame.at(bar.birth, death);
            if dim == 0 {
                let stroke = Stroke::solid(series.color, 0.5);
                canvas.marks.push(Mark::Line(vec![at, (at.0 + 4.0, at.1)], stroke));
            } else {
                let shape = if dim == 1 { Shape::Circle } else { Shape::TriangleDown };
                let color = series.color.with_alpha(0.85);
                canvas.marks.push(Mark::Marker { at, size: 3.0, shape, color });
            }
        }
    }
}

/// Under the diagonal, where no point can be.
fn legend(canvas: &mut Canvas<'_>, frame: &Frame, diagram: &persistence::Diagram<'_>) {
    let (tick, inks) = (canvas.tick, canvas.inks.clone());
    let line = tick * 1.45;
    let mut entries: Vec<String> = diagram
        .by_dim
        .iter()
        .enumerate()
        .map(|(dim, bars)| {
            let open = bars.iter().filter(|b| b.death.is_none()).count();
            let open = if open > 0 { format!(", {open} infinite") } else { String::new() };
            format!("H{dim}, {} {}{open}", bars.len(), class(dim))
        })
        .collect();
    if diagram.band.is_some() {
        entries.push("within chance".to_owned());
    }
    let widest = text::widest(entries.iter().map(String::as_str), tick, Weight::Regular);
    let x = frame.area.right() - widest - 2.0;
    let mut baseline = frame.area.bottom() - 5.0 - line * (entries.len() as f64 - 1.0);
    for (i, words) in entries.iter().enumerate() {
        let middle = baseline - text::CAP_HEIGHT * tick / 2.0;
        let mark = (x - 6.5, middle);
        if i >= diagram.by_dim.len() {
            canvas.rect(Rect { x: mark.0 - 4.0, y: middle - 2.4, w: 8.0, h: 4.8 }, inks.null_band);
        } else if i == 0 {
            let stroke = Stroke::solid(inks.homology(0).color, 0.9);
            canvas.marks.push(Mark::Line(vec![(mark.0 - 3.0, middle), (mark.0 + 3.0, middle)], stroke));
        } else {
            let shape = if i == 1 { Shape::Circle } else { Shape::TriangleDown };
            canvas.marks.push(Mark::Marker {
                at: mark,
                size: 3.4,
                shape,
                color: inks.homology(i as u8).color,
            });
        }
        canvas.text((x, baseline), words, tick, inks.text, Anchor::Start);
        baseline += line;
    }
}

/// How long the longest loop of each null field is, and where the observed one stands.
fn null_histogram(
    canvas: &mut Canvas<'_>,
    d: &persistence::Diagram<'_>,
    outer: Rect,
) -> Result<(), FigureError> {
    let observed = d.by_dim.get(1).and_then(|b| b.iter().find_map(|b| b.length()));
    let nulls: Vec<f64> = canvas.run.nulls.iter().copied().filter(|v| v.is_finite()).collect();
    let most = nulls.iter().copied().chain(observed).fold(0.0, f64::max);
    let end = chart::round_up(most * 1.05);
    let bins = 24;
    let mut counts = vec![0_usize; bins];
    for v in &nulls {
        counts[((v / end * bins as f64).max(0.0) as usize).min(bins - 1)] += 1;
    }
    let top = chart::round_up(*counts.iter().max().unwrap_or(&1) as f64 * 1.2);
    let (x, y) = (0.0..end, 0.0..top);
    let axes =
        Axes { outer, x, y, x_title: "longest H1 bar", y_title: "null fields", x_ticks: 6, y_ticks: 5 };
    let frame = chart::axes(canvas, &axes)?;
    let step = end / bins as f64;
    for (i, n) in counts.iter().enumerate().filter(|(_, n)| **n > 0) {
        let (a, b) = (frame.at(i as f64 * step, *n as f64), frame.at((i + 1) as f64 * step, 0.0));
        let bar = Rect { x: a.0 + 0.2, y: a.1, w: b.0 - a.0 - 0.4, h: b.1 - a.1 };
        canvas.rect(bar, canvas.inks.series[7].color);
    }
    let tick = canvas.tick;
    if let Some(band) = d.band {
        let (low, high) = (frame.at(band, 0.0), frame.at(band, top));
        let stroke = Stroke { color: canvas.inks.text, width: 0.6, dash: vec![2.0, 1.6] };
        canvas.marks.push(Mark::Line(vec![low, high], stroke));
        let right = observed.is_none_or(|o| o < band);
        let (x, anchor) = if right { (high.0 + 3.0, Anchor::Start) } else { (high.0 - 3.0, Anchor::End) };
        canvas.text((x, high.1 + tick), "95%", tick, canvas.inks.subdued, anchor);
    }
    if let Some(observed) = observed {
        let (low, high) = (frame.at(observed, 0.0), frame.at(observed, top));
        let ink = canvas.inks.homology(1).color;
        canvas.marks.push(Mark::Line(vec![low, high], Stroke::solid(ink, 1.2)));
        let words = format!("here {}", number(observed, 3));
        let fits = high.0 + 4.0 + text::width(&words, tick, Weight::SemiBold) < canvas.width;
        let (x, anchor) = if fits { (high.0 + 3.0, Anchor::Start) } else { (high.0 - 3.0, Anchor::End) };
        canvas.bold((x, high.1 + tick * 2.3), &words, tick, canvas.inks.strong, anchor);
    }
    Ok(())
}
