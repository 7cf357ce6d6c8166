//! The arrow map: both passes in the plane of their first two common principal components, an arrow from B to A a turn.

use super::complete_rows;
use crate::core::matrix::Matrix;
use crate::core::scm;
use crate::core::seed::{permutation, stream};
use crate::field::projection::pca;
use serde::{Deserialize, Serialize};

/// Arrows drawn at most; the numbers are of all turns.
pub const DRAWN: usize = 600;
/// Fewest turns worth a plane.
const FEWEST: usize = 5;

/// The arrow map's numbers, over all turns. The plane is linear, so they are plain averages of D seen from one side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ArrowMetrics {
    /// Turns with all five scores in both passes.
    pub n: usize,
    /// Share of the variance of both passes along each axis.
    pub explained: [f64; 2],
    /// Share of the squared length of D that lies in the plane.
    pub delta_shown: f64,
    /// Mean arrow, score units.
    pub mean: [f64; 2],
    /// Mean length of an arrow, score units.
    pub mean_length: f64,
    /// How far the arrows point one way: length of the mean over mean of the lengths, 0 (every way) to 1.
    pub one_way: f64,
}

/// Both passes on one plane.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrows {
    /// Rows of the run, ascending.
    pub rows: Vec<usize>,
    /// B's position of each row.
    pub from: Vec<[f32; 2]>,
    /// A's position of each row.
    pub to: Vec<[f32; 2]>,
    /// Weights of the five scores on the two axes.
    pub axes: [[f64; 5]; 2],
    /// Numbers over all of them.
    pub metrics: ArrowMetrics,
}

impl Arrows {
    /// Of the five scores of both passes `[turns, 12]`; `None` with fewer than five complete turns.
    pub fn of(a: &Matrix, b: &Matrix) -> Option<Self> {
        let columns: Vec<usize> = scm::SCORES.collect();
        if a.cols() < scm::SCORES.end || b.cols() < scm::SCORES.end {
            return None;
        }
        let rows = complete_rows(a, b, &columns);
        if rows.len() < FEWEST {
            return None;
        }
        let n = rows.len();
        // A above B: the plane is that of both passes together.
        let both = Matrix::from_fn(2 * n, columns.len(), |r, c| {
            if r < n { a.get(rows[r], c) } else { b.get(rows[r - n], c) }
        });
        let found = pca::pca(&both, 2);
        let at = |r: usize| [found.scores.get(r, 0), found.scores.get(r, 1)];
        let (to, from): (Vec<_>, Vec<_>) = (0..n).map(|r| (at(r), at(n + r))).unzip();
        let axes = [0, 1].map(|k| std::array::from_fn(|c| found.components[k][c]));
        let squared: f64 = rows
            .iter()
            .flat_map(|&r| {
                columns.iter().map(move |&c| (f64::from(a.get(r, c)) - f64::from(b.get(r, c))).powi(2))
            })
            .sum();
        let metrics = metrics(&from, &to, [found.explained[0], found.explained[1]], squared);
        Some(Self { rows, from, to, axes, metrics })
    }

    /// Places (into `rows`) of the arrows that are drawn: all, or a seeded sample of [`DRAWN`], ascending.
    pub fn drawn(&self, seed: u64) -> Vec<usize> {
        let mut places: Vec<usize> = (0..self.rows.len()).collect();
        if places.len() > DRAWN {
            places = permutation(&mut stream(seed, "frontier/arrows"), places.len());
            places.truncate(DRAWN);
            places.sort_unstable();
        }
        places
    }
}

fn metrics(from: &[[f32; 2]], to: &[[f32; 2]], explained: [f64; 2], squared: f64) -> ArrowMetrics {
    let n = from.len();
    let arrows: Vec<[f64; 2]> =
        from.iter().zip(to).map(|(f, t)| [0, 1].map(|k| f64::from(t[k]) - f64::from(f[k]))).collect();
    let mean = [0, 1].map(|k| arrows.iter().map(|a| a[k]).sum::<f64>() / n as f64);
    let mean_length = arrows.iter().map(|a| a[0].hypot(a[1])).sum::<f64>() / n as f64;
    let shown: f64 = arrows.iter().map(|a| a[0] * a[0] + a[1] * a[1]).sum();
    ArrowMetrics {
        n,
        explained,
        delta_shown: if squared > 0.0 { (shown / squared).min(1.0) } else { 0.0 },
        mean,
        mean_length,
        one_way: if mean_length > 0.0 { mean[0].hypot(mean[1]) / mean_length } else { 0.0 },
    }
}
