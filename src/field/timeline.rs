//! Frames of a window of rows that scrolls over the run, as palette indices for a GIF.

use super::vpm::{
    Band, IndexTable, IndexedImage, Layout, Limits, Normalisation, Reducer, Scope, VpmError, raster,
};
use crate::core::matrix::Matrix;
use std::ops::Range;
use std::sync::Arc;

/// How the run scrolls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineOptions {
    /// Rows seen at once, at least 1.
    pub window_rows: usize,
    /// Rows by which each frame moves on, at least 1: frames go by step, not by wall clock.
    pub step_rows: usize,
    /// Width of one panel in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Columns in groups.
    pub groups: Vec<Vec<usize>>,
    /// Pixels between groups.
    pub gap_px: u32,
}

/// A scrolling run. Every panel (A, B, D) drawn from one timeline shows the same turns in the same frame.
#[derive(Clone, Debug)]
pub struct Timeline {
    order: Arc<Vec<u32>>,
    options: TimelineOptions,
}

impl Timeline {
    /// Over the rows of `order` (position -> row; time or score).
    ///
    /// # Errors
    /// As [`Layout::new`].
    pub fn new(order: Arc<Vec<u32>>, mut options: TimelineOptions) -> Result<Self, VpmError> {
        options.window_rows = options.window_rows.max(1);
        options.step_rows = options.step_rows.max(1);
        let timeline = Self { order, options };
        timeline.layout(0)?;
        Ok(timeline)
    }

    /// Scale of A and B: each column robust (1-99) over the whole run and both passes.
    pub fn score_limits(passes: &[&Matrix]) -> Limits {
        Limits::of(passes, Normalisation::Robust(Band::P1To99, Scope::Column))
    }

    /// Scale of D: each column symmetric about zero, robust over the whole run.
    pub fn delta_limits(d: &Matrix) -> Limits {
        Limits::of(&[d], Normalisation::Symmetric(Scope::Column))
    }

    /// How many frames there are; the last one ends with the run's last row.
    pub fn frames(&self) -> usize {
        let hidden = self.order.len().saturating_sub(self.options.window_rows);
        hidden.div_ceil(self.options.step_rows) + 1
    }

    /// Positions of the order seen in a frame.
    pub fn positions(&self, frame: usize) -> Range<usize> {
        let n = self.order.len();
        let last = n.saturating_sub(self.options.window_rows);
        let start = (frame.saturating_mul(self.options.step_rows)).min(last);
        start..(start + self.options.window_rows).min(n)
    }

    /// Arrangement of a frame, also for the cursor.
    ///
    /// # Errors
    /// As [`Layout::new`].
    pub fn layout(&self, frame: usize) -> Result<Layout, VpmError> {
        let o = &self.options;
        Layout::new(o.width, o.height, &self.order, self.positions(frame), &o.groups, o.gap_px)
    }

    /// One panel of one frame.
    ///
    /// # Errors
    /// As [`raster::reduce`].
    pub fn frame(
        &self,
        frame: usize,
        m: &Matrix,
        limits: &Limits,
        reducer: Reducer,
        table: &IndexTable,
    ) -> Result<IndexedImage, VpmError> {
        raster::draw_indexed(m, &self.layout(frame)?, limits, reducer, table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::vpm::Palette;

    fn timeline(rows: u32, window: usize, step: usize) -> Timeline {
        let options = TimelineOptions {
            window_rows: window,
            step_rows: step,
            width: 12,
            height: 10,
            groups: vec![vec![0, 1], vec![2]],
            gap_px: 1,
        };
        Timeline::new(Arc::new((0..rows).collect()), options).unwrap()
    }

    #[test]
    fn frames_go_by_step_and_end_with_the_last_row() {
        let t = timeline(25, 10, 4);
        let seen: Vec<Range<usize>> = (0..t.frames()).map(|f| t.positions(f)).collect();
        assert_eq!(seen, [0..10, 4..14, 8..18, 12..22, 15..25]);
        assert_eq!(timeline(6, 10, 4).frames(), 1);
        assert_eq!(timeline(10, 10, 4).frames(), 1);
    }

    #[test]
    fn a_frame_is_the_window_scrolled() {
        let palette = Palette {
            map: std::array::from_fn(|i| [i as u8, 0, 0]),
            hatch: [[9, 9, 9], [8, 8, 8]],
            gap: [7, 7, 7, 255],
        };
        let table = IndexTable::new(&palette);
        let m = Matrix::from_fn(25, 3, |r, c| (r * 3 + c) as f32);
        let limits = Timeline::score_limits(&[&m]);
        let t = timeline(25, 10, 1);
        let frame = |k| t.frame(k, &m, &limits, Reducer::Mean, &table).unwrap();
        let (first, second) = (frame(0), frame(1));
        assert_eq!(first.indices[12..], second.indices[..12 * 9], "one row a pixel, one row a step");
        let both = IndexedImage::beside(&[first.clone(), second], 2, table.gap).unwrap();
        assert_eq!((both.width, both.height), (26, 10));
        assert_eq!(&both.indices[..12], &first.indices[..12]);
        assert_eq!(&both.indices[12..14], [table.gap; 2]);
    }
}
