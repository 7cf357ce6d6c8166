//! `timeline`: a window of rows scrolls through A, B and D side by side, the same turns in all three.

use super::{legend, shown};
use crate::core::scm;
use crate::field::vpm::IndexTable;
use crate::figure::FigureError;
use crate::figure::canvas::{Canvas, GAP_PT, count};
use crate::figure::colormap::ColorMap;
use crate::figure::ink::Inks;
use crate::figure::raster::{self, Shown};
use crate::figure::scene::{Anchor, Indexed, Mark, Rect, Scene, Weight};
use crate::figure::spec::{FigureSpec, Size};
use crate::figure::text;
use crate::figure::writers::{Movie, scene_rgb};
use crate::run::contents::RunContents;
use std::collections::BTreeMap;
use std::ops::Range;
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
/// Most bytes that all frames together may take before compression.
const MOST_BYTES: u64 = 1 << 30;
/// Dots an inch of a movie whose size is given in mm and DPI of print: 170 mm become 803 px.
const SCREEN_DPI: f64 = 120.0;

struct Show {
    titles: [String; 3],
    shown: Vec<Shown>,
    columns: Vec<usize>,
    rows: usize,
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
    let (window, _) = window_and_step(spec, show.rows);
    let palette = palette(&show, &canvas);
    for (i, area) in places.areas.iter().enumerate() {
        let (width, height) = (canvas.px(area.w), canvas.px(area.h));
        let indices = show.indices(i, 0..window, (width, height), &palette)?;
        let picture = Indexed { width, height, indices, palette: palette.clone() };
        canvas.marks.push(Mark::Image(*area, Arc::new(picture)));
    }
    position(&mut canvas, &places, 0, window, show.rows);
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
    let (window, step) = window_and_step(spec, show.rows);
    let palette = palette(&show, &canvas);
    let mut nearest = Nearest { palette: &palette, seen: BTreeMap::new() };
    let (scale, margin) = (canvas.px_per_pt, canvas.margin);
    let (inks, width_pt) = (canvas.inks.clone(), canvas.width);
    let strips = Strips { run, spec, places: &places, rows: show.rows, window };
    let scene = canvas.finish(body, &caption, String::new());
    let ((width, height), rgb) = scene_rgb(&scene)?;
    let too_large = |_| FigureError::Size { width: i64::from(width), height: i64::from(height) };
    let (gif_width, gif_height) =
        (u16::try_from(width).map_err(too_large)?, u16::try_from(height).map_err(too_large)?);
    let base: Vec<u8> = rgb.chunks_exact(3).map(|c| nearest.index([c[0], c[1], c[2]])).collect();
    let still = Canvas::new(run, spec)?;
    let starts: Vec<usize> = starts(show.rows, window, step);
    let bytes = starts.len() as u64 * u64::from(width) * u64::from(height);
    if bytes > MOST_BYTES {
        return Err(FigureError::Spec {
            field: "frames.step",
            value: step.to_string(),
            hint: format!("it gives {} frames, too many for one GIF; take a larger step", starts.len()),
        });
    }
    let mut frames = Vec::with_capacity(starts.len());
    for (at, start) in starts.iter().enumerate() {
        let mut indices = base.clone();
        for (i, area) in places.areas.iter().enumerate() {
            let (w, h) = (still.px(area.w), still.px(area.h));
            let block = show.indices(i, *start..start + window, (w, h), &palette)?;
            paste(
                &mut indices,
                (width, height),
                &block,
                (w, h),
                (px(area.x + margin, scale), px(area.y + margin, scale)),
            );
        }
        let strip = strips.draw(*start, width_pt, inks.ground)?;
        let ((w, h), rgb) = scene_rgb(&strip)?;
        let block: Vec<u8> = rgb.chunks_exact(3).map(|c| nearest.index([c[0], c[1], c[2]])).collect();
        paste(
            &mut indices,
            (width, height),
            &block,
            (w, h),
            (px(margin, scale), px(places.track.y - 2.0 + margin, scale)),
        );
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

impl Show {
    fn new(run: &RunContents, spec: &FigureSpec) -> Result<Self, FigureError> {
        let (a, b, d) = (shown::pass_a(run, spec)?, shown::pass_b(run, spec)?, shown::delta(run, spec)?);
        let columns = shown::columns(spec)?;
        let n = a.scm.rows().min(b.scm.rows()).min(d.rows());
        let order = if spec.order.is_empty() { "time".to_owned() } else { spec.order.clone() };
        let rows = shown::rows(run, &FigureSpec { order, ..spec.clone() }, n, None)?;
        let panels = [(&a.scm, false), (&b.scm, false), (d.as_ref(), true)];
        Ok(Self {
            titles: [format!("A, {}", a.name), format!("B, {}", b.name), "D = A − B".to_owned()],
            shown: raster::shown(&panels, &rows.all, &columns, spec),
            maps: raster::maps(spec, &Inks::of(spec.theme))?,
            columns,
            rows: rows.all.len(),
            order: rows.order,
        })
    }

    /// Palette indices of a panel's rows on a canvas of pixels.
    fn indices(
        &self,
        panel: usize,
        rows: Range<usize>,
        size: (u32, u32),
        palette: &[[u8; 3]],
    ) -> Result<Vec<u8>, FigureError> {
        let table = table(panel == 2, palette);
        let positions: Vec<usize> = (0..self.columns.len()).collect();
        let shown = &self.shown[panel];
        shown.indices(&shown.layout(size, rows, &[positions], 0)?, &table)
    }
}

/// The part of the palette that a panel uses.
fn table(is_delta: bool, palette: &[[u8; 3]]) -> IndexTable {
    let (first, levels) = if is_delta { (MAGNITUDES, DIFFERENCES) } else { (0, MAGNITUDES) };
    let map = std::array::from_fn(|i| {
        (first as f64 + (i as f64 * (levels - 1) as f64 / 255.0).round()).min(255.0) as u8
    });
    IndexTable { palette: palette.to_vec(), map, hatch: [HATCH, HATCH + 1], gap: FIRST_INK as u8 }
}

fn palette(show: &Show, canvas: &Canvas<'_>) -> Vec<[u8; 3]> {
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
    show: &Show,
) -> Result<(Canvas<'a>, Places, Vec<String>, f64), FigureError> {
    let mut canvas = Canvas::new(run, spec)?;
    let (window, _) = window_and_step(spec, show.rows);
    let caption = canvas.caption_lines(&[
        format!("{} of {} at a time, {}", count(window, "row"), count(show.rows, "turn"), show.order),
        format!("columns: {}", super::panels::column_words(&show.columns)),
    ]);
    let head = canvas.title() + canvas.label;
    let wide = (canvas.width - 2.0 * GAP_PT) / 3.0;
    let cell = wide / show.columns.len() as f64;
    let names = if cell >= canvas.tick * 0.98 {
        text::widest(show.columns.iter().map(|c| scm::SHORT[*c]), canvas.tick, Weight::Regular) + 6.0
    } else {
        0.0
    };
    let top = head + canvas.label * 0.6 + names;
    let bars = if spec.legend { legend::BAR_PT + canvas.tick * 1.6 } else { 0.0 };
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
    let baseline = head;
    for (i, (head, area)) in show.titles.iter().zip(&areas).enumerate() {
        canvas.heading((area.x, baseline), super::panels::letter(i), head, area.w);
        if names > 0.0 {
            column_names(&mut canvas, &show.columns, *area);
        }
    }
    let track_y = y + height + 6.0;
    let track = Rect { x: 0.0, y: track_y, w: canvas.width - 84.0, h: 2.0 };
    let counter = Rect { x: canvas.width - 80.0, y: track_y, w: 80.0, h: strip - 8.0 };
    if spec.legend {
        let y = track_y + strip;
        let w = areas[2].w.max(118.0 * canvas.label / 8.0);
        let right = areas[2].right().min(canvas.width);
        let bar = Rect { x: right - w, y, w, h: legend::BAR_PT };
        legend::delta_bar(&mut canvas, bar, show.maps.1, show.shown[2].delta_scale());
        let words = legend::magnitude_words(spec.normalisation);
        let bar = Rect { x: 0.0, y, w: bar.x - GAP_PT, h: legend::BAR_PT };
        legend::magnitude_bar(&mut canvas, bar, show.maps.0, words);
    }
    Ok((canvas, Places { areas, track, counter }, caption, track_y + strip + bars))
}

/// Names above a panel's columns, reading upwards.
fn column_names(canvas: &mut Canvas<'_>, columns: &[usize], area: Rect) {
    let (tick, ink) = (canvas.tick, canvas.inks.text);
    let cell = area.w / columns.len() as f64;
    for (i, column) in columns.iter().enumerate() {
        let x = area.x + cell * (i as f64 + 0.5) + text::CAP_HEIGHT / 2.0 * 0.9 * tick;
        canvas.upwards((x, area.y - 3.0), scm::SHORT[*column], tick, ink, Anchor::Start);
    }
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
    let baseline = track.y + track.h / 2.0 + text::CAP_HEIGHT * tick / 2.0;
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
        let height = self.places.counter.bottom() - up;
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

fn alt(show: &Show, window: usize) -> String {
    format!("A window of {window} of {} turns, {}, in A, B and their difference D.", show.rows, show.order)
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
