//! Which turns and columns fall into which pixel, in whole numbers, for both rasters and for the pointer.

use super::VpmError;
use std::ops::Range;
use std::sync::Arc;

/// Largest side of a canvas in pixels.
pub const MAX_SIDE: u32 = 8192;
/// Marks a pixel column between two groups.
pub(super) const GAP: u32 = u32::MAX;

/// A rectangle of pixels, `x1` and `y1` exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PxRect {
    /// Left.
    pub x0: u32,
    /// Top.
    pub y0: u32,
    /// One past the right.
    pub x1: u32,
    /// One past the bottom.
    pub y1: u32,
}

/// What lies under a pixel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Positions in the row order.
    pub positions: Range<usize>,
    /// The rows (turns) at those positions.
    pub rows: Vec<usize>,
    /// The columns, as indices into the matrix.
    pub columns: Vec<usize>,
}

/// Columns of the matrix that share one vertical stripe of the canvas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    /// First column position.
    pub first: u32,
    /// One past the last column position.
    pub end: u32,
    /// First pixel column.
    pub x0: u32,
    /// One past the last pixel column.
    pub x1: u32,
}

/// The arrangement of a matrix on a canvas: visible rows in an order, columns in groups with gaps.
///
/// With n visible rows on H pixel rows, pixel row y shows positions from floor(y n / H) up to, not including,
/// max(that + 1, floor((y + 1) n / H)): every row is in exactly one pixel row when n >= H, and every pixel row shows
/// exactly one row when n <= H. Columns follow the same rule on the width left by the gaps.
/// Gaps are dropped when the columns would not have a pixel each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    width: u32,
    height: u32,
    order: Arc<Vec<u32>>,
    visible: Range<usize>,
    columns: Vec<u32>,
    row_start: Vec<u32>,
    slots: Vec<Slot>,
    slot_of_x: Vec<u32>,
    needs: (usize, usize),
}

impl Layout {
    /// Arranges the positions `visible` of `order` (position -> row) and the columns of `groups` on `width` x `height` pixels
    /// with `gap_px` pixels between groups. `visible` is cut to the order.
    ///
    /// # Errors
    /// [`VpmError::Canvas`] for sides outside 1..=[`MAX_SIDE`], [`VpmError::Empty`] without a row or column.
    pub fn new(
        width: u32,
        height: u32,
        order: &Arc<Vec<u32>>,
        visible: Range<usize>,
        groups: &[Vec<usize>],
        gap_px: u32,
    ) -> Result<Self, VpmError> {
        if !(1..=MAX_SIDE).contains(&width) || !(1..=MAX_SIDE).contains(&height) {
            return Err(VpmError::Canvas { width, height });
        }
        let visible = visible.start.min(order.len())..visible.end.min(order.len());
        let columns: Vec<u32> = groups.iter().flatten().map(|c| *c as u32).collect();
        if visible.is_empty() || columns.is_empty() {
            return Err(VpmError::Empty);
        }
        let row_start =
            (0..=height).map(|y| (visible.start + part(y, visible.len(), height)) as u32).collect();
        let (slots, slot_of_x) = slots(width, groups, gap_px);
        let rows = order[visible.clone()].iter().max().map_or(0, |r| *r as usize + 1);
        let needs = (rows, columns.iter().max().map_or(0, |c| *c as usize + 1));
        Ok(Self {
            width,
            height,
            order: Arc::clone(order),
            visible,
            columns,
            row_start,
            slots,
            slot_of_x,
            needs,
        })
    }

    /// All rows in time order and all columns without gaps: the plain picture of a `rows` x `columns` matrix.
    ///
    /// # Errors
    /// As [`Layout::new`].
    pub fn plain(width: u32, height: u32, rows: usize, columns: usize) -> Result<Self, VpmError> {
        let order = Arc::new((0..rows as u32).collect());
        Self::new(width, height, &order, 0..rows, &[(0..columns).collect()], 0)
    }

    /// Width of the canvas in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height of the canvas in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The row order: position -> row.
    pub fn order(&self) -> &Arc<Vec<u32>> {
        &self.order
    }

    /// Visible positions of the order.
    pub fn visible(&self) -> Range<usize> {
        self.visible.clone()
    }

    /// The matrix's columns from left to right.
    pub fn columns(&self) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.columns.iter().map(|c| *c as usize)
    }

    /// What lies under pixel (x, y); `None` outside the canvas and in a gap.
    pub fn locate(&self, x: u32, y: u32) -> Option<Spot> {
        if y >= self.height {
            return None;
        }
        let slot = self.slots.get(*self.slot_of_x.get(x as usize)? as usize)?;
        let span = self.row_span(y);
        let positions = span.start as usize..span.end as usize;
        Some(Spot {
            rows: self.order[positions.clone()].iter().map(|r| *r as usize).collect(),
            positions,
            columns: self.columns[slot.first as usize..slot.end as usize]
                .iter()
                .map(|c| *c as usize)
                .collect(),
        })
    }

    /// Pixels in which the row at `position` is drawn, `y0..y1`; `None` when it is not visible.
    pub fn y_of_position(&self, position: usize) -> Option<Range<u32>> {
        if !self.visible.contains(&position) {
            return None;
        }
        let at = position as u32;
        let y0 = self.row_start.partition_point(|start| *start <= at) as u32;
        // The last pixel row starting at or before the position; with fewer rows than pixels several start there.
        let last = y0.saturating_sub(1).min(self.height - 1);
        let start = self.row_start[last as usize];
        let first = self.row_start.partition_point(|s| *s < start) as u32;
        Some(first..last + 1)
    }

    /// Pixels in which a column of the matrix is drawn, `x0..x1`; `None` when it is not shown.
    pub fn x_of_column(&self, column: usize) -> Option<Range<u32>> {
        let position = self.columns.iter().position(|c| *c as usize == column)? as u32;
        let slot = self.slots.iter().find(|s| (s.first..s.end).contains(&position))?;
        Some(slot.x0..slot.x1)
    }

    /// The rectangle of one cell, for a cursor; `None` when it is not visible.
    pub fn rect(&self, position: usize, column: usize) -> Option<PxRect> {
        let (x, y) = (self.x_of_column(column)?, self.y_of_position(position)?);
        Some(PxRect { x0: x.start, y0: y.start, x1: x.end, y1: y.end })
    }

    /// Positions drawn in pixel row y (below the height).
    pub(super) fn row_span(&self, y: u32) -> Range<u32> {
        let start = self.row_start[y as usize];
        start..self.row_start[y as usize + 1].max(start + 1)
    }

    /// Positions at which pixel rows start, height + 1 entries.
    pub(super) fn row_start(&self) -> &[u32] {
        &self.row_start
    }

    pub(super) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// Slot of each pixel column or [`GAP`].
    pub(super) fn slot_of_x(&self) -> &[u32] {
        &self.slot_of_x
    }

    /// Matrix column of each column position.
    pub(super) fn column_at(&self) -> &[u32] {
        &self.columns
    }

    /// Largest number of values in one pixel, along rows or along columns.
    pub(super) fn longest_span(&self) -> usize {
        let rows = self.visible.len().div_ceil(self.height as usize);
        let columns = self.slots.iter().map(|s| (s.end - s.first) as usize).max().unwrap_or(1);
        rows.max(columns).max(1)
    }

    /// # Errors
    /// [`VpmError::Layout`] unless a `rows` x `columns` matrix has all that is laid out.
    pub(super) fn check(&self, rows: usize, columns: usize) -> Result<(), VpmError> {
        if self.needs.0 <= rows && self.needs.1 <= columns {
            return Ok(());
        }
        Err(VpmError::Layout { rows: self.needs.0, columns: self.needs.1 })
    }
}

/// floor(at * n / whole), exact.
fn part(at: u32, n: usize, whole: u32) -> usize {
    (u64::from(at) * n as u64 / u64::from(whole)) as usize
}

fn slots(width: u32, groups: &[Vec<usize>], gap_px: u32) -> (Vec<Slot>, Vec<u32>) {
    let sizes: Vec<usize> = groups.iter().map(Vec::len).filter(|n| *n > 0).collect();
    let n: usize = sizes.iter().sum();
    let gaps = gap_px as usize * (sizes.len() - 1);
    let gap_px = if n + gaps > width as usize { 0 } else { gap_px };
    let content = width - gap_px * (sizes.len() as u32 - 1);
    let mut slot_of_x = vec![GAP; width as usize];
    let mut slots = Vec::new();
    if n > content as usize {
        for x in 0..width {
            let first = part(x, n, width) as u32;
            let end = (part(x + 1, n, width) as u32).max(first + 1);
            slots.push(Slot { first, end, x0: x, x1: x + 1 });
        }
    } else {
        let edge = |position: usize| (position as u64 * u64::from(content)).div_ceil(n as u64) as u32;
        let (mut position, mut shift) = (0, 0);
        for size in sizes {
            for _ in 0..size {
                let (x0, x1) = (edge(position) + shift, edge(position + 1) + shift);
                slots.push(Slot { first: position as u32, end: position as u32 + 1, x0, x1 });
                position += 1;
            }
            shift += gap_px;
        }
    }
    for (i, slot) in slots.iter().enumerate() {
        slot_of_x[slot.x0 as usize..slot.x1 as usize].fill(i as u32);
    }
    (slots, slot_of_x)
}
