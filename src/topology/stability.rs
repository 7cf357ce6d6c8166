//! How much the bars depend on the sample: half-samples, and a confidence band.

use rand::RngExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::analysis::{Options, analyse_points};
use super::bottleneck::bottleneck;
use super::cycles::CycleChoice;
use super::error::TopologyError;
use super::hooks::Hooks;
use super::points::Points;
use crate::core::bar::Bar;
use crate::core::{seed, stats};

/// Half-samples drawn.
pub const HALF_SAMPLES: usize = 20;

/// Subsamples drawn for the confidence band.
pub const SUBSAMPLES: usize = 200;

/// Distances between the diagram of the whole field and those of half-samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stability {
    /// Homological dimension.
    pub dim: u8,
    /// Rows in each half-sample.
    pub half: usize,
    /// Bottleneck distance of every half-sample, in units of scale; `None` where a threshold leaves the two diagrams
    /// with different numbers of bars that never end.
    pub distances: Vec<Option<f64>>,
    /// Median of the finite distances.
    pub median: Option<f64>,
    /// Largest of the finite distances.
    pub largest: Option<f64>,
}

/// A length that a bar must exceed to be more than what sampling alone explains. It covers the worst point of the
/// cloud, so a few outliers make it wide: a bar within it is not shown to be noise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfidenceBand {
    /// Chance that some bar of the underlying set is missed, or some bar longer than the band is noise.
    pub alpha: f64,
    /// Rows in each subsample.
    pub subsample: usize,
    /// Number of subsamples.
    pub n_subsamples: usize,
    /// Bound on the Hausdorff distance between the sample and the set it came from.
    pub hausdorff: f64,
    /// Bars no longer than this are within the band: four times the Hausdorff bound, because both ends of a bar in
    /// units of edge length move by up to twice that distance.
    pub length: f64,
}

/// Bottleneck distances (dimension 1) between `bars`, those of the whole field, and of [`HALF_SAMPLES`] halves drawn
/// without replacement.
pub fn stability(
    points: &Points,
    bars: &[Bar],
    options: &Options,
    seed: u64,
    hooks: &Hooks,
) -> Result<Stability, TopologyError> {
    let half = points.len().div_ceil(2);
    let options = Options { cycles: CycleChoice::None, max_dim: 1, betti_scales: 0, ..options.clone() };
    let done = std::sync::atomic::AtomicU64::new(0);
    let one = |i: usize| {
        hooks.check()?;
        let rows = sample(points.len(), half, seed, &format!("topology.half.{i}"));
        let analysis = analyse_points(&points.select(&rows), &options, &hooks.quiet())?;
        let distance = bottleneck(bars, &analysis.bars, 1);
        let now = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        (hooks.progress)("half-samples", now, HALF_SAMPLES as u64);
        Ok(distance)
    };
    let distances: Vec<Option<f64>> =
        (0..HALF_SAMPLES).into_par_iter().with_max_len(1).map(one).collect::<Result<_, TopologyError>>()?;
    let finite: Vec<f64> = distances.iter().copied().flatten().collect();
    let median = stats::quantile(&finite, 0.5);
    Ok(Stability { dim: 1, half, median, largest: stats::quantile(&finite, 1.0), distances })
}

/// The subsampling bound of Fasy et al. 2014 ("Confidence sets for persistence diagrams", section 4.1): with T the
/// Hausdorff distances between the field and subsamples of b rows, the bound is 2 q(1 - alpha) of T. Here
/// b = n / (ln n)^1.5, which is o(n / log n) as the theorem asks.
pub fn confidence_band(
    points: &Points,
    alpha: f64,
    seed: u64,
    hooks: &Hooks,
) -> Result<ConfidenceBand, TopologyError> {
    let n = points.len();
    let log = (n as f64).ln().max(1.0);
    let subsample = ((n as f64 / log.powf(1.5)).ceil() as usize).clamp(1, n);
    let done = std::sync::atomic::AtomicU64::new(0);
    let one = |i: usize| {
        let rows = sample(n, subsample, seed, &format!("topology.subsample.{i}"));
        let distance = farthest_from(points, &rows, hooks)?;
        let now = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        (hooks.progress)("confidence band", now, SUBSAMPLES as u64);
        Ok(distance)
    };
    let distances: Vec<f64> =
        (0..SUBSAMPLES).into_par_iter().with_max_len(4).map(one).collect::<Result<_, TopologyError>>()?;
    let hausdorff = 2.0 * stats::quantile(&distances, 1.0 - alpha).unwrap_or(0.0);
    Ok(ConfidenceBand { alpha, subsample, n_subsamples: SUBSAMPLES, hausdorff, length: 4.0 * hausdorff })
}

/// `count` of `0..n` without replacement, ascending.
fn sample(n: usize, count: usize, seed: u64, name: &str) -> Vec<usize> {
    let mut rng = seed::stream(seed, name);
    let mut rows: Vec<usize> = (0..n).collect();
    for i in 0..count {
        let j = rng.random_range(i..n);
        rows.swap(i, j);
    }
    rows.truncate(count);
    rows.sort_unstable();
    rows
}

/// Largest distance of any point to the nearest chosen one.
fn farthest_from(points: &Points, chosen: &[usize], hooks: &Hooks) -> Result<f64, TopologyError> {
    let mut worst: f64 = 0.0;
    let metric = points.metric();
    for i in 0..points.len() {
        if i % 256 == 0 {
            hooks.check()?;
        }
        let row = points.row(i);
        let nearest =
            chosen.iter().map(|c| metric.distance(row, points.row(*c))).fold(f64::INFINITY, f64::min);
        worst = worst.max(nearest);
    }
    Ok(worst)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::matrix::Matrix;
    use crate::topology::analyse_points;

    fn ring(n: usize) -> Points {
        let mut rng = seed::stream(3, "ring");
        let angles: Vec<f32> = (0..n).map(|_| rng.random::<f32>() * std::f32::consts::TAU).collect();
        let ring = Matrix::from_fn(n, 2, |r, c| if c == 0 { angles[r].cos() } else { angles[r].sin() });
        Points::from_matrix(&ring).unwrap()
    }

    #[test]
    fn a_dense_ring_is_stable_and_beyond_the_band() {
        let field = ring(600);
        let options = Options::default();
        let a = analyse_points(&field, &options, &Hooks::none()).unwrap();
        let longest = a.longest(1).unwrap().1.length().unwrap();
        let s = stability(&field, &a.bars, &options, 1, &Hooks::none()).unwrap();
        assert_eq!((s.half, s.distances.len()), (300, 20));
        assert!(s.largest.unwrap() < 0.25 * longest, "{s:?}");
        let band = confidence_band(&field, 0.05, 1, &Hooks::none()).unwrap();
        assert!(band.length > 0.0 && band.subsample < 60, "{band:?}");
        let coarse = confidence_band(&ring(60), 0.05, 1, &Hooks::none()).unwrap();
        assert!(coarse.length > band.length, "fewer points, wider band");
    }

    #[test]
    fn samples_are_distinct_rows() {
        let s = sample(10, 5, 1, "x");
        assert!(s.len() == 5 && s.windows(2).all(|w| w[0] < w[1]) && s[4] < 10);
        assert_eq!(sample(3, 3, 1, "x"), vec![0, 1, 2]);
    }
}
