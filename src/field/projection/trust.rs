//! Trustworthiness: how far the neighbours seen on a picture are neighbours in the table it was made of.

use super::neighbours::{Blocks, nearest, scratch};
use crate::core::matrix::Matrix;
use crate::core::seed::{permutation, stream};
use crate::job::{Cancelled, JobContext};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Neighbours looked at, where there are enough points.
pub const NEIGHBOURS: usize = 15;
/// Up to this many rows every one is looked at; of more, a seeded sample of [`SAMPLE`].
const ALL: usize = 10_000;
const SAMPLE: usize = 2_000;

/// Trustworthiness of a projection (Venna and Kaski 2001), in \[0,1\]; 1 when no stranger is among the neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trustworthiness {
    /// In \[0,1\]; about 0.5 for positions drawn at random.
    pub value: f64,
    /// Neighbours looked at.
    pub k: usize,
    /// Rows looked at.
    pub rows: usize,
}

/// 1 - 2 / (n k (2n - 3k - 1)) times the sum, over all rows and their k neighbours on the picture that are none in the
/// table, of rank - k: scikit-learn's definition. `k` is lowered to less than half the rows where they are few.
///
/// # Errors
/// [`Cancelled`] when a stop was asked for.
pub fn trustworthiness(
    points: &Matrix,
    xy: &[[f32; 2]],
    k: usize,
    seed: u64,
    ctx: &JobContext,
) -> Result<Trustworthiness, Cancelled> {
    let n = points.rows().min(xy.len());
    let k = k.min(n.saturating_sub(1) / 2);
    if k == 0 {
        return Ok(Trustworthiness { value: f64::NAN, k, rows: 0 });
    }
    let plane = Matrix::from_fn(n, 2, |r, c| xy[r][c]);
    let near = nearest(&plane, k, ctx)?;
    let mut rows: Vec<usize> = (0..n).collect();
    if n > ALL {
        rows = permutation(&mut stream(seed, "projection/trust"), n);
        rows.truncate(SAMPLE);
        rows.sort_unstable();
    }
    let blocks = Blocks::new(points);
    let strangers: Vec<u64> = rows
        .par_iter()
        .map(
            |&row| {
                if ctx.is_cancelled() { 0 } else { excess(&blocks, points.row(row), row, near.of(row), k) }
            },
        )
        .collect();
    ctx.check()?;
    let total: u64 = strangers.iter().sum();
    let (n, k_) = (n as f64, k as f64);
    let most = rows.len() as f64 * k_ * (2.0 * n - 3.0 * k_ - 1.0);
    Ok(Trustworthiness { value: 1.0 - 2.0 * total as f64 / most, k, rows: rows.len() })
}

/// Sum of rank - k over the neighbours on the picture whose rank in the table is beyond k.
fn excess(blocks: &Blocks, point: &[f32], row: usize, neighbours: &[u32], k: usize) -> u64 {
    let mut squared = scratch();
    let mut all: Vec<f32> = Vec::new();
    for block in 0..blocks.count() {
        let (_, len) = blocks.squared(block, point, &mut squared);
        all.extend_from_slice(&squared[..len]);
    }
    all[row] = f32::INFINITY;
    neighbours
        .iter()
        .map(|&other| {
            let own = all[other as usize];
            let closer = all.iter().map(|d| u32::from(*d < own)).sum::<u32>();
            // Of equal distances the earlier row ranks first; few are equal, so they are looked at apart.
            let ties = all[..other as usize].iter().map(|d| u32::from(*d == own)).sum::<u32>();
            u64::from(closer + ties + 1).saturating_sub(k as u64)
        })
        .sum()
}
