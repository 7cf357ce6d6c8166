//! The VPM on the CPU: for export, for tests, and wherever there is no graphics device.

use super::layout::{GAP, Slot};
use super::palette::hatch_at;
use super::{IndexTable, Layout, Limits, MISSING, Palette, Reducer, VpmError};
use crate::core::matrix::Matrix;
use rayon::prelude::*;

/// Pixel rows painted by one task.
const BAND: usize = 32;

/// The reduced picture: one code for each pixel row and slot of columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellGrid {
    slots: usize,
    codes: Vec<u16>,
}

impl CellGrid {
    /// Whether any cell is without a value.
    pub fn has_missing(&self) -> bool {
        self.codes.contains(&MISSING)
    }

    fn row(&self, y: usize) -> &[u16] {
        &self.codes[y * self.slots..(y + 1) * self.slots]
    }
}

/// A picture of palette indices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexedImage {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Row-major, one index a pixel.
    pub indices: Vec<u8>,
}

impl IndexedImage {
    /// Pictures of one height from left to right, `gap_px` pixels of index `gap` between them; `None` when heights differ
    /// or there is none.
    pub fn beside(images: &[Self], gap_px: u32, gap: u8) -> Option<Self> {
        let height = images.first()?.height;
        if images.iter().any(|i| i.height != height) {
            return None;
        }
        let width = images.iter().map(|i| i.width).sum::<u32>() + gap_px * (images.len() as u32 - 1);
        let mut indices = Vec::with_capacity(width as usize * height as usize);
        for y in 0..height as usize {
            for (at, image) in images.iter().enumerate() {
                if at > 0 {
                    indices.resize(indices.len() + gap_px as usize, gap);
                }
                let w = image.width as usize;
                indices.extend_from_slice(&image.indices[y * w..(y + 1) * w]);
            }
        }
        Some(Self { width, height, indices })
    }
}

/// Reduces a matrix to cells.
///
/// # Errors
/// [`VpmError::Layout`] when the layout or the limits do not fit the matrix.
pub fn reduce(m: &Matrix, layout: &Layout, limits: &Limits, reducer: Reducer) -> Result<CellGrid, VpmError> {
    layout.check(m.rows(), m.cols().min(limits.columns()))?;
    let reciprocals = reciprocals(layout);
    let scales: Vec<(f32, f32)> = (0..limits.columns()).map(|c| (limits.low(c), limits.scale(c))).collect();
    let slots = layout.slots().len();
    let mut codes = vec![MISSING; slots * layout.height() as usize];
    codes.par_chunks_mut(slots * BAND).enumerate().for_each(|(band, codes)| {
        for at in 0..codes.len() / slots {
            let y = (band * BAND + at) as u32;
            if at > 0 && layout.row_span(y) == layout.row_span(y - 1) {
                codes.copy_within((at - 1) * slots..at * slots, at * slots);
                continue;
            }
            let cell = Cell { m, layout, scales: &scales, reciprocals: &reciprocals, reducer, y };
            for (code, slot) in codes[at * slots..(at + 1) * slots].iter_mut().zip(layout.slots()) {
                *code = cell.code(slot);
            }
        }
    });
    Ok(CellGrid { slots, codes })
}

/// 1/k for every number k of values that can meet in a pixel: both rasters multiply by it, so that their means agree.
pub(super) fn reciprocals(layout: &Layout) -> Vec<f32> {
    (0..=layout.longest_span()).map(|k| if k == 0 { 0.0 } else { 1.0 / k as f32 }).collect()
}

struct Cell<'a> {
    m: &'a Matrix,
    layout: &'a Layout,
    scales: &'a [(f32, f32)],
    reciprocals: &'a [f32],
    reducer: Reducer,
    y: u32,
}

impl Cell<'_> {
    /// Code of the map for one slot, or [`MISSING`].
    fn code(&self, slot: &Slot) -> u16 {
        let (mut best, mut best_abs, mut count) = (0.0_f32, 0.0_f32, 0_usize);
        for &column in &self.layout.column_at()[slot.first as usize..slot.end as usize] {
            let Some(value) = self.rows(column as usize) else { continue };
            let (low, scale) = self.scales[column as usize];
            let x = ((value.max(low) - low) * scale).min(255.0);
            let first = count == 0;
            count += 1;
            match self.reducer {
                Reducer::Mean => best += x,
                Reducer::Min if first || x < best => best = x,
                Reducer::Max if first || x > best => best = x,
                Reducer::MaxAbs if first || value.abs() > best_abs => (best, best_abs) = (x, value.abs()),
                _ => {}
            }
        }
        if count == 0 {
            return MISSING;
        }
        if self.reducer == Reducer::Mean {
            best *= self.reciprocals[count];
        }
        best.clamp(0.0, 255.0).round_ties_even() as u16
    }

    /// The rows of this pixel in one column, reduced; `None` when none has a value.
    fn rows(&self, column: usize) -> Option<f32> {
        let span = self.layout.row_span(self.y);
        let (mut best, mut count) = (0.0_f32, 0_usize);
        for &row in &self.layout.order()[span.start as usize..span.end as usize] {
            let v = self.m.get(row as usize, column);
            if !v.is_finite() {
                continue;
            }
            let first = count == 0;
            count += 1;
            match self.reducer {
                Reducer::Mean => best += v,
                Reducer::Min if first || v < best => best = v,
                Reducer::Max if first || v > best => best = v,
                Reducer::MaxAbs if first || v.abs() > best.abs() => best = v,
                _ => {}
            }
        }
        match (count, self.reducer) {
            (0, _) => None,
            (n, Reducer::Mean) => Some(best * self.reciprocals[n]),
            _ => Some(best),
        }
    }
}

/// RGBA bytes, row-major, `width * height * 4`.
pub fn paint_rgba(cells: &CellGrid, layout: &Layout, palette: &Palette) -> Vec<u8> {
    let opaque = |[r, g, b]: [u8; 3]| [r, g, b, 255];
    paint(cells, layout, &palette.map.map(opaque), palette.hatch.map(opaque), palette.gap).into_flattened()
}

/// Palette indices for 8-bit PNG and GIF.
pub fn paint_indexed(cells: &CellGrid, layout: &Layout, table: &IndexTable) -> IndexedImage {
    IndexedImage {
        width: layout.width(),
        height: layout.height(),
        indices: paint(cells, layout, &table.map, table.hatch, table.gap),
    }
}

/// Reduces and paints in one go, RGBA bytes.
///
/// # Errors
/// As [`reduce`].
pub fn draw_rgba(
    m: &Matrix,
    layout: &Layout,
    limits: &Limits,
    reducer: Reducer,
    palette: &Palette,
) -> Result<Vec<u8>, VpmError> {
    Ok(paint_rgba(&reduce(m, layout, limits, reducer)?, layout, palette))
}

/// Reduces and paints in one go, palette indices.
///
/// # Errors
/// As [`reduce`].
pub fn draw_indexed(
    m: &Matrix,
    layout: &Layout,
    limits: &Limits,
    reducer: Reducer,
    table: &IndexTable,
) -> Result<IndexedImage, VpmError> {
    Ok(paint_indexed(&reduce(m, layout, limits, reducer)?, layout, table))
}

fn paint<T: Copy + Send + Sync>(
    cells: &CellGrid,
    layout: &Layout,
    map: &[T; 256],
    hatch: [T; 2],
    gap: T,
) -> Vec<T> {
    let width = layout.width() as usize;
    let mut out = vec![gap; width * layout.height() as usize];
    debug_assert!(layout.slot_of_x().iter().all(|s| *s == GAP || (*s as usize) < cells.slots));
    out.par_chunks_mut(width * BAND).enumerate().for_each(|(band, pixels)| {
        for at in 0..pixels.len() / width {
            let y = band * BAND + at;
            let codes = cells.row(y);
            let missing = codes.contains(&MISSING);
            if at > 0 && !missing && codes == cells.row(y - 1) {
                pixels.copy_within((at - 1) * width..at * width, at * width);
                continue;
            }
            let row = &mut pixels[at * width..(at + 1) * width];
            for (slot, &code) in layout.slots().iter().zip(codes) {
                let stripe = &mut row[slot.x0 as usize..slot.x1 as usize];
                if let Some(colour) = map.get(code as usize) {
                    stripe.fill(*colour);
                } else {
                    for (x, pixel) in (slot.x0..).zip(stripe) {
                        *pixel = hatch[hatch_at(x, y as u32)];
                    }
                }
            }
        }
    });
    out
}
