//! `timeline`: a window of rows scrolls through A, B and D side by side, the same turns in all three.

use super::{legend, shown};
use crate::core::matrix::Matrix;
use crate::figure::FigureError;
use crate::figure::canvas::{Canvas, GAP_PT, count};
use crate::figure::colormap::ColorMap;
use crate::figure::raster::{self, Block, Limit, Section, Span};
use crate::figure::scene::{Anchor, Indexed, Mark, Rect, Scene};
use crate::figure::spec::{FigureSpec, Size};
use crate::figure::writers::{Movie, scene_rgb};
use crate::run::contents::RunContents;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Colours of the one palette: magnitudes, differences (odd, so that zero has its own), hatch, ground to ink.
const MAGNITUDES: usize = 120;
const DIFFERENCES: usize = 121;
const HATCH: u8 = (MAGNITUDES + DIFFERENCES) as u8;
const FIRST_INK: usize = MAGNITUDES + DIFFERENCES + 2;
const INKS: usize = 256 - FIRST_INK;
/// Least rows of a window that is not asked for.
const LEAST_WINDOW: usize = 24;
/// Frames aimed at when the step is not asked for.
const FRAMES: usize = 90;
/// Dots an inch of a movie whose size is given in mm and DPI of print: 170 mm become 803 px.
const SCREEN_DPI: f64 = 120.0;

struct Show<'a> {
    panels: [(String, &'a Matrix, bool); 3],
    rows: Vec<usize>,
    columns: Vec<usize>,
    spans: Vec<Span>,
    limit: Limit,
    maps: (ColorMap, ColorMap),
    order: String,
}

/// Where things stand on a frame, pt.
struct Places {
    areas: [Rect; 3],
    track: Rect,
    counter: Rect,
}

/// The first frame as a still.
///
/// # Errors
/// When the run lacks a pass or the field, or the spec names something unknown.
pub fn draw(run: &RunContents, spec: &FigureSpec) -> Result<Scene, FigureError> {
    let show = Show::new(run, spec)?;
    let (mut canvas, places, caption, body) = layout(run, spec, &show)?;
    let (window, _) = window_and_step(spec, show.rows.len());
    let palette = palette(&show, &canvas);
    for (i, area) in places.areas.iter().enumerate() {
        let (width, height) = (canvas.px(area.w), canvas.px(area.h));
        let indices = show.block(i, 0..window, &canvas).indices(width, height);
        let picture = Indexed { width, height, indices, palette: palette.clone() };
        canvas.marks.push(Mark::Image(*area, Arc::new(picture)));
    }
    position(&mut canvas, &places, 0, window, show.rows.len());
    let alt = alt(&show, window);
    Ok(canvas.finish(body, &caption, alt))
}

/// All frames.
///
/// # Errors
/// As [`draw`]; also when the picture is larger than a GIF can be.
pub fn movie(run: &RunContents, spec: &FigureSpec) -> Result<Movie, FigureError> {
    let spec = &on_screen(spec);
    let show = Show::new(run, spec)?;
    let (canvas, places, caption, body) = layout(run, spec, &show)?;
    let (window, step) = window_and_step(spec, show.rows.len());
    let palette = palette(&show, &canvas);
    let mut nearest = Nearest { palette: &palette, seen: BTreeMap::new() };
    let scale = canvas.px_per_pt;
    let (inks, width_pt) = (canvas.inks.clone(), canvas.width);
    let strips = Strips { run, spec, places: &places, rows: show.rows.len(), window };
    let scene = canvas.finish(body, &caption, String::new());
    let ((width, height), rgb) = scene_rgb(&scene)?;
    let too_large = |_| FigureError::Size { width: i64::from(width), height: i64::from(height) };
    let (gif_width, gif_height) =
        (u16::try_from(width).map_err(too_large)?, u16::try_from(height).map_err(too_large)?);
    let base: Vec<u8> = rgb.chunks_exact(3).map(|c| nearest.index([c[0], c[1], c[2]])).collect();
    let still = Canvas::new(run, spec)?;
    let starts: Vec<usize> = starts(show.rows.len(), window, step);
    let mut frames = Vec::with_capacity(starts.len());
    for (at, start) in starts.iter().enumerate() {
        let mut indices = base.clone();
        for (i, area) in places.areas.iter().enumerate() {
            let (w, h) = (still.px(area.w), still.px(area.h));
            let block = show.block(i, *start..start + window, &still).indices(w, h);
            paste(&mut indices, (width, height), &block, (w, h), (px(area.x, scale), px(area.y, scale)));
        }
        let strip = strips.draw(*start, width_pt, inks.ground)?;
        let ((w, h), rgb) = scene_rgb(&strip)?;
        let block: Vec<u8> = rgb.chunks_exact(3).map(|c| nearest.index([c[0], c[1], c[2]])).collect();
        paste(&mut indices, (width, height), &block, (w, h), (0, px(places.track.y - 2.0, scale)));
        let last = at + 1 == starts.len();
        frames.push((indices, if last { spec.frames.hold_cs } else { spec.frames.delay_cs }));
    }
    Ok(Movie { width: gif_width, height: gif_height, palette, frames, repeat: spec.frames.repeat })
}

/// A print size becomes a screen size: GIFs are looked at, not printed.
fn on_screen(spec: &FigureSpec) -> FigureSpec {
    let size = match spec.size {
        Size::Mm { width, height, dpi } => Size::Mm { width, height, dpi: dpi.min(SCREEN_DPI) },
        px @ Size::Px { .. } => px,
    };
    FigureSpec { size, ..spec.clone() }
}

fn window_and_step(spec: &FigureSpec, rows: usize) -> (usize, usize) {
    let window = if spec.frames.window > 0 { spec.frames.window } else { (rows / 8).max(LEAST_WINDOW) };
    let window = window.clamp(1, rows.max(1));
    let step = if spec.frames.step > 0 { spec.frames.step } else { (rows - window).div_ceil(FRAMES).max(1) };
    (window, step)
}

/// First row of each frame; the last frame ends with the last row.
fn starts(rows: usize, window: usize, step: usize) -> Vec<usize> {
    let end = rows.saturating_sub(window);
    let mut starts: Vec<usize> = (0..end).step_by(step.max(1)).collect();
    starts.push(end);
    starts
}

impl<'a> Show<'a> {
    fn new(run: &'a RunContents, spec: &FigureSpec) -> Result<Self, FigureError> {
        let (a, b, d) = (shown::pass_a(run, spec)?, shown::pass_b(run, spec)?, shown::delta(run, spec)?);
        let columns = shown::columns(spec)?;
        let n = a.scm.rows().min(b.scm.rows()).min(d.rows());
        let order = if spec.order.is_empty() { "time".to_owned() } else { spec.order.clone() };
        let rows = shown::rows(run, &FigureSpec { order, ..spec.clone() }, n, None)?;
        let inks = crate::figure::ink::Inks::of(spec.theme);
        Ok(Self {
            spans: raster::spans(&[&a.scm, &b.scm], &rows.all, &columns, spec.normalisation),
            limit: raster::symmetric(d, &rows.all, &columns, spec.normalisation),
            maps: raster::maps(spec, &inks)?,
            panels: [
                (format!("A, {}", a.name), &a.scm, false),
                (format!("B, {}", b.name), &b.scm, false),
                ("D = A − B".to_owned(), d, true),
            ],
            rows: rows.all,
            columns,
            order: rows.order,
        })
    }

    fn block<'b>(&'b self, panel: usize, rows: std::ops::Range<usize>, canvas: &Canvas<'_>) -> Owned<'b> {
        let (_, matrix, is_delta) = &self.panels[panel];
        let spans = if *is_delta {
            vec![Span { low: -self.limit.limit, high: self.limit.limit }; self.columns.len()]
        } else {
            self.spans.clone()
        };
        let rows = &self.rows[rows.start.min(self.rows.len())..rows.end.min(self.rows.len())];
        let missing = [HATCH, HATCH + 1];
        let section = if *is_delta {
            Section { first: MAGNITUDES as u8, levels: DIFFERENCES, missing }
        } else {
            Section { first: 0, levels: MAGNITUDES, missing }
        };
        let spec = canvas.spec;
        let reduce = if *is_delta { spec.reduce_delta } else { spec.reduce };
        Owned { matrix, rows, columns: &self.columns, spans, reduce, section }
    }
}

/// A block with its own spans.
struct Owned<'a> {
    matrix: &'a Matrix,
    rows: &'a [usize],
    columns: &'a [usize],
    spans: Vec<Span>,
    reduce: crate::figure::spec::Reduce,
    section: Section,
}

impl Owned<'_> {
    fn indices(&self, width: u32, height: u32) -> Vec<u8> {
        let (matrix, rows, columns) = (self.matrix, self.rows, self.columns);
        let (spans, reduce, section) = (&self.spans, self.reduce, self.section);
        Block { matrix, rows, columns, spans, reduce, section, hatch_px: 4 }.indices(width, height)
    }
}

fn palette(show: &Show<'_>, canvas: &Canvas<'_>) -> Vec<[u8; 3]> {
    let mut palette = raster::colors(show.maps.0, MAGNITUDES);
    palette.extend(raster::colors(show.maps.1, DIFFERENCES));
    palette.extend([canvas.inks.missing_a.rgb, canvas.inks.missing_b.rgb]);
    let (from, to) = (canvas.inks.ground.rgb, canvas.inks.strong.rgb);
    for i in 0..INKS {
        let t = i as f64 / (INKS - 1) as f64;
        palette.push(std::array::from_fn(|k| {
            (f64::from(from[k]) + t * (f64::from(to[k]) - f64::from(from[k]))).round() as u8
        }));
    }
    palette
}

fn layout<'a>(
    run: &'a RunContents,
    spec: &'a FigureSpec,
    show: &Show<'_>,
) -> Result<(Canvas<'a>, Places, Vec<String>, f64), FigureError> {
    let mut canvas = Canvas::new(run, spec)?;
    let (window, _) = window_and_step(spec, show.rows.len());
    let caption = canvas.caption_lines(&[
        format!("{} of {} at a time, {}", count(window, "row"), count(show.rows.len(), "turn"), show.order),
        format!("columns: {}", super::panels::column_words(&show.columns)),
    ]);
    let top = canvas.title() + canvas.label * 1.8;
    let wide = (canvas.width - 2.0 * GAP_PT) / 3.0;
    let bars = if spec.legend { legend::BAR_PT + canvas.tick * 1.9 + 6.0 } else { 0.0 };
    let strip = canvas.tick * 1.3 + 8.0;
    let height = match canvas.fixed_height {
        Some(h) => h - top - bars - strip - canvas.caption_height(&caption),
        None => canvas.width * 0.36,
    };
    if height < 16.0 {
        return Err(canvas.too_small(canvas.fixed_height.unwrap_or(height)));
    }
    let y = canvas.snap(top);
    let height = canvas.snap(height);
    let area = |i: f64| {
        let x = canvas.snap(i * (wide + GAP_PT));
        Rect { x, y, w: canvas.snap(i * (wide + GAP_PT) + wide) - x, h: height }
    };
    let areas = [area(0.0), area(1.0), area(2.0)];
    let heads: Vec<&str> = show.panels.iter().map(|(t, _, _)| t.as_str()).collect();
    for (i, (head, area)) in heads.iter().zip(&areas).enumerate() {
        let letter = ["a", "b", "c"][i];
        canvas.heading((area.x, y - canvas.label * 0.6), letter, head, area.w);
    }
    let track_y = y + height + 6.0;
    let track = Rect { x: 0.0, y: track_y, w: canvas.width - 84.0, h: 2.0 };
    let counter = Rect { x: canvas.width - 80.0, y: track_y, w: 80.0, h: strip - 8.0 };
    if spec.legend {
        let y = track_y + strip - 2.0;
        let w = areas[2].w.max(118.0 * canvas.label / 8.0);
        let bar = Rect { x: areas[2].right() - w, y, w, h: legend::BAR_PT };
        legend::delta_bar(&mut canvas, bar, show.maps.1, show.limit);
        let words = match spec.normalisation {
            crate::figure::spec::Normalisation::Unit => ("low 0", "1 high"),
            _ => ("column's low", "high"),
        };
        let bar = Rect { x: 0.0, y, w: bar.x - GAP_PT, h: legend::BAR_PT };
        legend::magnitude_bar(&mut canvas, bar, show.maps.0, words);
    }
    Ok((canvas, Places { areas, track, counter }, caption, y + height + strip + 4.0 + bars))
}

/// The track below the fields and the counter at its right.
fn position(canvas: &mut Canvas<'_>, places: &Places, start: usize, window: usize, rows: usize) {
    let Places { track, counter, .. } = places;
    canvas.rect(*track, canvas.inks.null_band);
    let along = |row: usize| track.x + track.w * row as f64 / rows.max(1) as f64;
    let (from, to) = (along(start), along((start + window).min(rows)));
    canvas.rect(
        Rect { x: from, y: track.y - 0.8, w: (to - from).max(1.0), h: track.h + 1.6 },
        canvas.inks.text,
    );
    let words = format!("{} to {} of {rows}", start + 1, (start + window).min(rows));
    let (tick, ink) = (canvas.tick, canvas.inks.text);
    let baseline = track.y + track.h / 2.0 + crate::figure::text::CAP_HEIGHT * tick / 2.0;
    canvas.text((counter.right(), baseline), &words, tick, ink, Anchor::End);
}

/// Draws the strip of a frame that changes besides the fields.
struct Strips<'a> {
    run: &'a RunContents,
    spec: &'a FigureSpec,
    places: &'a Places,
    rows: usize,
    window: usize,
}

impl Strips<'_> {
    fn draw(
        &self,
        start: usize,
        width: f64,
        ground: crate::figure::scene::Color,
    ) -> Result<Scene, FigureError> {
        let mut canvas = Canvas::new(self.run, self.spec)?;
        let up = self.places.track.y - 2.0;
        let shifted = Places {
            areas: self.places.areas,
            track: Rect { y: 2.0, ..self.places.track },
            counter: Rect { y: 2.0, ..self.places.counter },
        };
        position(&mut canvas, &shifted, start, self.window, self.rows);
        let height = (self.places.counter.bottom() - up).max(33.0 / canvas.px_per_pt);
        let px_per_pt = canvas.px_per_pt;
        Ok(Scene { width, height, px_per_pt, ground, alt: String::new(), marks: canvas.marks })
    }
}

/// The palette's entry nearest to a colour, remembered.
struct Nearest<'a> {
    palette: &'a [[u8; 3]],
    seen: BTreeMap<[u8; 3], u8>,
}

impl Nearest<'_> {
    fn index(&mut self, color: [u8; 3]) -> u8 {
        if let Some(index) = self.seen.get(&color) {
            return *index;
        }
        let distance = |c: &[u8; 3]| -> i32 {
            c.iter().zip(color).map(|(a, b)| (i32::from(*a) - i32::from(b)).pow(2)).sum()
        };
        // Colours of the sheet first: of two equally near entries the ink wins over the map.
        let inks = (FIRST_INK..256).chain(0..FIRST_INK);
        let index = inks.min_by_key(|i| self.palette.get(*i).map_or(i32::MAX, distance)).unwrap_or(0) as u8;
        self.seen.insert(color, index);
        index
    }
}

fn px(v: f64, scale: f64) -> u32 {
    (v * scale).round().max(0.0) as u32
}

/// Copies a block of indices to `at`, cut at the picture's edges.
fn paste(into: &mut [u8], (width, height): (u32, u32), block: &[u8], (w, h): (u32, u32), at: (u32, u32)) {
    let cols = w.min(width.saturating_sub(at.0)) as usize;
    for y in 0..h.min(height.saturating_sub(at.1)) {
        let to = ((at.1 + y) * width + at.0) as usize;
        let from = (y * w) as usize;
        into[to..to + cols].copy_from_slice(&block[from..from + cols]);
    }
}

fn alt(show: &Show<'_>, window: usize) -> String {
    format!(
        "A window of {window} of {} turns, {}, in A, B and their difference D.",
        show.rows.len(),
        show.order
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_frame_ends_with_the_last_row() {
        assert_eq!(starts(100, 24, 30), vec![0, 30, 60, 76]);
        assert_eq!(starts(10, 10, 1), vec![0]);
        assert_eq!(starts(0, 1, 1), vec![0]);
    }
}
