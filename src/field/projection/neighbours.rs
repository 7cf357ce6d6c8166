//! Exact nearest neighbours by blocks: every distance is computed, in an order that lets the compiler use vectors.

use crate::core::matrix::Matrix;
use crate::job::{Cancelled, JobContext};
use rayon::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};

/// Points of a block: their coordinates lie dimension by dimension, so that one block stays in the cache.
const BLOCK: usize = 256;
/// Rows that share a walk over the blocks.
const ROWS: usize = 32;

/// The nearest neighbours of every row, nearest first, the row itself left out; ties by index.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbours {
    /// Neighbours a row.
    pub k: usize,
    /// `[rows, k]` row indices.
    pub index: Vec<u32>,
    /// `[rows, k]` Euclidean distances.
    pub distance: Vec<f32>,
}

impl Neighbours {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.index.len().checked_div(self.k).unwrap_or(0)
    }

    /// Neighbours of one row.
    pub fn of(&self, row: usize) -> &[u32] {
        &self.index[row * self.k..(row + 1) * self.k]
    }

    /// Distances of one row.
    pub fn distances(&self, row: usize) -> &[f32] {
        &self.distance[row * self.k..(row + 1) * self.k]
    }
}

/// A table laid out by blocks, for distances from any row to all.
pub struct Blocks {
    rows: usize,
    cols: usize,
    /// Block after block; inside a block dimension after dimension, [`BLOCK`] values each.
    data: Vec<f32>,
}

impl Blocks {
    /// Lays a table out.
    pub fn new(points: &Matrix) -> Self {
        let (rows, cols) = (points.rows(), points.cols());
        let mut data = vec![0.0; rows.div_ceil(BLOCK) * BLOCK * cols];
        for r in 0..rows {
            let base = r / BLOCK * BLOCK * cols + r % BLOCK;
            for (c, v) in points.row(r).iter().enumerate() {
                data[base + c * BLOCK] = *v;
            }
        }
        Self { rows, cols, data }
    }

    /// Number of blocks.
    pub fn count(&self) -> usize {
        self.rows.div_ceil(BLOCK)
    }

    /// Squared distances from `point` to the rows of a block; gives the block's first row and how many it has.
    pub fn squared(&self, block: usize, point: &[f32], out: &mut [f32; BLOCK]) -> (usize, usize) {
        let size = BLOCK * self.cols;
        let block_data = &self.data[block * size..(block + 1) * size];
        out.fill(0.0);
        let mut dims = point.chunks_exact(4);
        let mut lanes = block_data.chunks_exact(4 * BLOCK);
        for (q, four) in dims.by_ref().zip(lanes.by_ref()) {
            let (a, rest) = four.split_at(BLOCK);
            let (b, rest) = rest.split_at(BLOCK);
            let (c, d) = rest.split_at(BLOCK);
            for ((((sum, a), b), c), d) in out.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                let (a, b, c, d) = (q[0] - a, q[1] - b, q[2] - c, q[3] - d);
                *sum += a * a + b * b + (c * c + d * d);
            }
        }
        for (q, lane) in dims.remainder().iter().zip(lanes.remainder().chunks_exact(BLOCK)) {
            for (sum, v) in out.iter_mut().zip(lane) {
                let d = q - v;
                *sum += d * d;
            }
        }
        let first = block * BLOCK;
        (first, (self.rows - first).min(BLOCK))
    }
}

/// An array for [`Blocks::squared`].
pub fn scratch() -> [f32; BLOCK] {
    [0.0; BLOCK]
}

/// The `k` nearest rows of every row (`k` below the number of rows). Values must be finite.
///
/// # Errors
/// [`Cancelled`] when a stop was asked for.
pub fn nearest(points: &Matrix, k: usize, ctx: &JobContext) -> Result<Neighbours, Cancelled> {
    let n = points.rows();
    let k = k.min(n.saturating_sub(1));
    let blocks = Blocks::new(points);
    let done = AtomicU64::new(0);
    let starts: Vec<usize> = (0..n).step_by(ROWS).collect();
    let parts: Vec<Vec<(f32, u32)>> = starts
        .into_par_iter()
        .map(|from| {
            let rows = from..(from + ROWS).min(n);
            if ctx.is_cancelled() {
                return Vec::new();
            }
            let found = nearest_of(points, &blocks, rows.clone(), k);
            let so_far = done.fetch_add(rows.len() as u64, Ordering::Relaxed) + rows.len() as u64;
            ctx.progress("neighbours", so_far, n as u64, "turns");
            found
        })
        .collect();
    ctx.check()?;
    let flat = || parts.iter().flatten();
    let index = flat().map(|f| f.1).collect();
    let distance = flat().map(|f| f.0.sqrt()).collect();
    Ok(Neighbours { k, index, distance })
}

fn nearest_of(points: &Matrix, blocks: &Blocks, rows: std::ops::Range<usize>, k: usize) -> Vec<(f32, u32)> {
    let mut best: Vec<Vec<(f32, u32)>> = rows.clone().map(|_| Vec::with_capacity(k + 1)).collect();
    if k == 0 {
        return Vec::new();
    }
    let mut squared = scratch();
    for block in 0..blocks.count() {
        for (row, best) in rows.clone().zip(&mut best) {
            let (first, len) = blocks.squared(block, points.row(row), &mut squared);
            let mut worst = if best.len() == k { best[k - 1].0 } else { f32::INFINITY };
            for (j, d) in squared[..len].iter().enumerate() {
                if *d < worst || best.len() < k {
                    let other = (first + j) as u32;
                    if other as usize == row {
                        continue;
                    }
                    // Rows come in ascending order, so that a later one of equal distance goes behind.
                    let at = best.partition_point(|b| b.0 <= *d);
                    best.insert(at, (*d, other));
                    best.truncate(k);
                    worst = if best.len() == k { best[k - 1].0 } else { f32::INFINITY };
                }
            }
        }
    }
    best.concat()
}
