//! `persistence-image`: the diagram as a picture, every bar a bump at its birth and length, weighted by length.

use super::panels;
use super::persistence::{self, class};
use crate::core::bar::Bar;
use crate::figure::canvas::{Canvas, GAP_PT, number};
use crate::figure::chart::{self, Axes};
use crate::figure::colormap::ColorMap;
use crate::figure::scene::{Anchor, Indexed, Mark, Rect, Stroke};
use crate::figure::spec::FigureSpec;
use crate::figure::{FigureError, Scene};
use crate::run::contents::RunContents;
use crate::topology::landscape::persistence_image;
use std::sync::Arc;

/// Cells along either axis.
const SIDE: usize = 128;
/// Standard deviation of a bump, in cells.
const SIGMA: f64 = 3.0;

/// Draws the images of loops and voids.
///
/// # Errors
/// When the run has no persistence diagram, or none beyond pieces.
pub fn draw(run: &RunContents, spec: &FigureSpec) -> Result<Scene, FigureError> {
    let diagram = persistence::diagram(run, spec)?;
    let dims: Vec<usize> = (1..diagram.by_dim.len()).collect();
    if dims.is_empty() {
        let hint = "an image needs loops; run the topology up to dimension 1";
        return Err(super::missing(run, spec, "an H1 bar", hint));
    }
    let mut canvas = Canvas::new(run, spec)?;
    let map = if canvas.inks.dark { ColorMap::Batlow } else { ColorMap::GrayC };
    let mut parts = diagram.caption(run);
    parts.pop();
    parts.push(format!(
        "each bar a Gaussian of {SIGMA} of {SIDE} cells at its birth and length, weighted by length"
    ));
    if let Some(band) = diagram.band {
        let words = "dashed: length that the longest H1 bar of 95 in 100 null fields stays below";
        parts.push(format!("{words}, {}", number(band, 3)));
    }
    let caption = canvas.caption_lines(&parts);
    let top = canvas.title();
    let heading = canvas.label * 1.8;
    let across = if canvas.width < 300.0 { 1 } else { dims.len() };
    let rows = dims.len().div_ceil(across) as f64;
    let width = (canvas.width - GAP_PT * (across as f64 - 1.0)) / across as f64;
    let one = match canvas.fixed_height {
        Some(h) => (h - canvas.caption_height(&caption) - top) / rows,
        None => heading + (width * 0.7).clamp(80.0, 240.0) + chart::bottom_space(&canvas, true),
    };
    if one < heading + 50.0 {
        return Err(canvas.too_small(one * rows));
    }
    for (place, dim) in dims.iter().enumerate() {
        let bars: Vec<Bar> = diagram.by_dim[*dim].iter().map(|b| (*b).clone()).collect();
        let x = (place % across) as f64 * (width + GAP_PT);
        let y = top + (place / across) as f64 * one;
        let letter = if dims.len() > 1 { panels::letter(place) } else { "" };
        let words = format!("H{dim}, persistence image of {}", class(*dim));
        canvas.heading((x, y + canvas.label), letter, &words, width);
        let chance = if *dim == 1 { diagram.band } else { None };
        let outer = Rect { x, y: y + heading, w: width - 2.0, h: one - heading };
        panel(&mut canvas, outer, (*dim as u8, &bars), chance, map)?;
    }
    let alt = diagram.alt("Persistence image");
    Ok(canvas.finish(top + one * rows, &caption, alt))
}

fn panel(
    canvas: &mut Canvas<'_>,
    outer: Rect,
    (dim, bars): (u8, &[Bar]),
    chance: Option<f64>,
    map: ColorMap,
) -> Result<(), FigureError> {
    let most = |f: fn(&Bar) -> Option<f64>| bars.iter().filter_map(f).fold(0.0, f64::max);
    let births = chart::round_up(most(|b| b.death.map(|_| b.birth)) * 1.1);
    let lengths = chart::round_up(most(Bar::length).max(chance.unwrap_or(0.0)) * 1.1);
    let bar_room = 34.0;
    let axes = Axes {
        outer: Rect { w: outer.w - bar_room, ..outer },
        x: 0.0..births,
        y: 0.0..lengths,
        x_title: "birth",
        y_title: "length",
        x_ticks: 6,
        y_ticks: 5,
    };
    let mark = canvas.marks.len();
    let frame = chart::axes(canvas, &axes)?;
    let axis_marks = canvas.marks.split_off(mark);
    let image = persistence_image(bars, dim, (births, lengths), SIDE, SIGMA);
    let highest = image.values.iter().copied().fold(0.0, f64::max);
    let table = ground_first(map, canvas.inks.dark);
    // A root lets single loops be seen beside the crowd of short ones; the scale beside it says so.
    let shade = |v: f64| if highest > 0.0 { ((v / highest).sqrt() * 255.0).round() as u8 } else { 0 };
    let rows = (0..SIDE).rev().flat_map(|r| image.values[r * SIDE..(r + 1) * SIDE].iter());
    let indexed = Indexed {
        width: SIDE as u32,
        height: SIDE as u32,
        indices: rows.map(|v| shade(*v)).collect(),
        palette: table.to_vec(),
    };
    canvas.marks.push(Mark::Image(frame.area, Arc::new(indexed)));
    canvas.marks.extend(axis_marks);
    if let Some(chance) = chance {
        let stroke = Stroke { color: canvas.inks.text, width: 0.6, dash: vec![2.0, 1.6] };
        canvas.marks.push(Mark::Line(vec![frame.at(0.0, chance), frame.at(births, chance)], stroke));
    }
    scale(canvas, frame.area, table);
    Ok(())
}

/// The map with its end nearest the ground first, so that nothing has the ground's colour.
fn ground_first(map: ColorMap, dark: bool) -> [[u8; 3]; 256] {
    let mut table = map.table();
    let light = |c: [u8; 3]| c.iter().map(|v| u32::from(*v)).sum::<u32>();
    if (light(table[0]) > light(table[255])) == dark {
        table.reverse();
    }
    table
}

/// The scale of shades at the right of an area: from none to most, in steps of a root.
fn scale(canvas: &mut Canvas<'_>, area: Rect, table: [[u8; 3]; 256]) {
    let indexed =
        Indexed { width: 1, height: 256, indices: (0..=255).rev().collect(), palette: table.to_vec() };
    let rect = Rect { x: canvas.snap(area.right() + 7.0), y: area.y, w: 6.0, h: area.h };
    canvas.marks.push(Mark::Image(rect, Arc::new(indexed)));
    let (tick, ink) = (canvas.tick, canvas.inks.text);
    let x = rect.right() + 3.0;
    canvas.text((x, area.y + tick * 0.75), "most", tick, ink, Anchor::Start);
    canvas.text((x, area.y + area.h / 2.0 + tick * 0.3), "1/4", tick, ink, Anchor::Start);
    canvas.text((x, area.bottom()), "none", tick, ink, Anchor::Start);
}
