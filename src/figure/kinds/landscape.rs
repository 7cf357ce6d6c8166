//! `landscape`: the first persistence landscapes, one panel a dimension from loops on.

use super::panels::{self, Grid, Key};
use super::persistence::{self, class};
use crate::core::bar::Bar;
use crate::figure::canvas::{CURVE_PT, Canvas};
use crate::figure::chart::{self, Axes};
use crate::figure::scene::{Mark, Stroke};
use crate::figure::spec::FigureSpec;
use crate::figure::{FigureError, Scene};
use crate::run::contents::RunContents;
use crate::topology::landscape::landscape;

/// Landscapes drawn.
const LEVELS: usize = 5;
/// Scales at which they are drawn.
const SCALES: usize = 400;

/// Draws the landscapes.
///
/// # Errors
/// When the run has no persistence diagram, or none beyond pieces.
pub fn draw(run: &RunContents, spec: &FigureSpec) -> Result<Scene, FigureError> {
    let diagram = persistence::diagram(run, spec)?;
    let dims: Vec<usize> = (1..diagram.by_dim.len()).collect();
    if dims.is_empty() {
        let hint = "a landscape needs loops; run the topology up to dimension 1";
        return Err(super::missing(run, spec, "an H1 bar", hint));
    }
    let mut canvas = Canvas::new(run, spec)?;
    let mut parts = diagram.caption(run);
    parts.pop();
    if let Some(band) = diagram.band {
        parts.push(format!(
            "grey: half of {}, the height that 95 in 100 of {} null fields stay below",
            crate::figure::canvas::number(band, 3),
            diagram.nulls
        ));
    }
    let caption = canvas.caption_lines(&parts);
    let top = canvas.title();
    let names: Vec<String> = (1..=LEVELS).map(|k| format!("λ{k}")).collect();
    let words: Vec<&str> = names.iter().map(String::as_str).collect();
    let foot = panels::legend_height(&canvas, panels::legend_lines(&canvas, &words));
    let below = foot + canvas.caption_height(&caption);
    let across = if canvas.width < 300.0 { 1 } else { dims.len() };
    let aspect = if across == 1 { 0.5 } else { 0.62 };
    let grid = Grid::new(&canvas, top, dims.len(), across, aspect, below)?;
    for (place, dim) in dims.iter().enumerate() {
        let bars: Vec<Bar> = diagram.by_dim[*dim].iter().map(|b| (*b).clone()).collect();
        let last = bars.iter().filter_map(|b| b.death).fold(0.0, f64::max);
        let end = chart::round_up(last.max(diagram.end * 0.2) * 1.02);
        let scales: Vec<f64> = (0..=SCALES).map(|i| end * i as f64 / SCALES as f64).collect();
        let levels = landscape(&bars, *dim as u8, LEVELS, &scales);
        let chance = if *dim == 1 { diagram.band.map(|b| b / 2.0) } else { None };
        let highest = levels[0].iter().copied().fold(chance.unwrap_or(0.0), f64::max);
        let (at, outer) = grid.panel(&canvas, place);
        let letter = if dims.len() > 1 { panels::letter(place) } else { "" };
        canvas.heading(at, letter, &format!("H{dim}, landscapes of {}", class(*dim)), grid.cell.0);
        let axes = Axes {
            outer,
            x: 0.0..end,
            y: 0.0..chart::round_up(highest * 1.08),
            x_title: "scale",
            y_title: "height",
            x_ticks: 6,
            y_ticks: 5,
        };
        let mark = canvas.marks.len();
        let frame = chart::axes(&mut canvas, &axes)?;
        let axis_marks = canvas.marks.split_off(mark);
        if let Some(chance) = chance {
            let corners = [(0.0, 0.0), (0.0, chance), (end, chance), (end, 0.0)];
            let belt = corners.iter().map(|(x, y)| frame.at(*x, *y)).collect();
            canvas.marks.push(Mark::Polygon(belt, canvas.inks.null_band));
        }
        canvas.marks.extend(axis_marks);
        // The first lies on top.
        for (k, level) in levels.iter().enumerate().rev() {
            let series = canvas.inks.dimension(k);
            let points: Vec<(f64, f64)> = scales.iter().zip(level).map(|(s, h)| frame.at(*s, *h)).collect();
            let stroke: Stroke = chart::stroke(&series, if k == 0 { CURVE_PT * 1.4 } else { CURVE_PT });
            canvas.marks.push(Mark::Line(points, stroke));
        }
    }
    let bottom = grid.bottom(dims.len());
    let keys: Vec<(Key, &str)> =
        words.iter().enumerate().map(|(k, w)| (Key::Line(canvas.inks.dimension(k), CURVE_PT), *w)).collect();
    panels::legend(&mut canvas, bottom, &keys);
    let alt = diagram.alt("Persistence landscapes");
    Ok(canvas.finish(bottom + foot, &caption, alt))
}
