//! One call from a table of numbers to its bars, cycles and summaries.

use serde::{Deserialize, Serialize};

use super::cycles::{CycleChoice, cycles_of};
use super::diagram::{Summary, bars_of, betti_curve, scale_grid, sort_bars, summaries};
use super::error::TopologyError;
use super::filtration::{self, Filtration, MAX_VERTICES};
use super::hooks::Hooks;
use super::landmarks::farthest_points;
use super::paths;
use super::points::{Merged, Points, merge_duplicates};
use super::rips;
use super::surfaces::surfaces_of;
use super::voids;
use crate::core::bar::{Bar, Cycle};
use crate::core::matrix::Matrix;

/// Points treated in full; more are represented by landmarks.
pub const MAX_POINTS: usize = 5_000;

/// Rows above which landmarks must be asked for: choosing them would take minutes.
pub const MAX_ROWS_UNASKED: usize = 100_000;

/// When landmarks stand in for the whole cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LandmarkChoice {
    /// Above [`Options::max_points`] distinct points, and up to [`MAX_ROWS_UNASKED`] rows.
    #[default]
    Automatic,
    /// Never: too many points are an error.
    Never,
    /// This many, if the cloud has more distinct points.
    Count(usize),
}

/// What to compute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// Highest homological dimension: 0 pieces, 1 loops, 2 voids.
    pub max_dim: u8,
    /// Largest scale (distance) looked at; `None` for the enclosing radius, beyond which nothing changes.
    pub threshold: Option<f64>,
    /// Which loops and voids get a representative cycle.
    pub cycles: CycleChoice,
    /// Distinct points treated in full.
    pub max_points: usize,
    /// What happens to more points than that.
    pub landmarks: LandmarkChoice,
    /// Refuse to start when the predicted peak is above this, bytes.
    pub budget_bytes: u64,
    /// Number of scales of the Betti curves.
    pub betti_scales: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_dim: 1,
            threshold: None,
            cycles: CycleChoice::None,
            max_points: MAX_POINTS,
            landmarks: LandmarkChoice::Automatic,
            budget_bytes: 4 << 30,
            betti_scales: 64,
        }
    }
}

/// The persistent homology of a cloud. Simplices index *vertices*; [`Analysis::rows_of`] leads back to rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// Rows of the input.
    pub n_points: usize,
    /// Rows that were merged into an earlier row equal to them in every coordinate.
    pub n_merged: usize,
    /// Vertices of the complex: distinct points, or landmarks.
    pub n_vertices: usize,
    /// Largest distance of a point to its nearest landmark; `None` when every distinct point is a vertex.
    pub covering_radius: Option<f64>,
    /// The threshold asked for.
    pub threshold: Option<f64>,
    /// Scale from which the complex is a cone; nothing changes beyond it.
    pub enclosing_radius: f64,
    /// Scale up to which bars were computed: the smaller of the two above.
    pub radius: f64,
    /// Bars of positive length, ordered by dimension, birth, death.
    pub bars: Vec<Bar>,
    /// One representative of many for each chosen loop and void; vertices are rows of the input.
    pub cycles: Vec<Cycle>,
    /// One entry a dimension.
    pub summaries: Vec<Summary>,
    /// Scales of the Betti curves.
    pub scales: Vec<f64>,
    /// For every dimension the Betti number at every scale.
    pub betti: Vec<Vec<u32>>,
    /// For every vertex the rows of the input it stands for (equal rows), ascending.
    pub rows_of: Vec<Vec<u32>>,
    /// Memory the computation was predicted to need at most, bytes.
    pub predicted_bytes: u64,
}

impl Analysis {
    /// The longest bar of a dimension that ends, and its place in `bars`.
    pub fn longest(&self, dim: u8) -> Option<(usize, &Bar)> {
        let mut best: Option<(usize, &Bar)> = None;
        for (at, bar) in self.bars.iter().enumerate().filter(|(_, b)| b.dim == dim && b.death.is_some()) {
            if best.is_none_or(|(_, other)| bar.length() > other.length()) {
                best = Some((at, bar));
            }
        }
        best
    }
}

/// Persistent homology of the rows of a matrix. See [`analyse_points`].
pub fn analyse(matrix: &Matrix, options: &Options, hooks: &Hooks) -> Result<Analysis, TopologyError> {
    analyse_points(&Points::from_matrix(matrix)?, options, hooks)
}

/// Vietoris-Rips persistent homology over Z/2 of a cloud with Euclidean distances. Exact: scales are f64 distances of
/// the given coordinates, ties are broken by vertices, bars of length zero are left out.
///
/// Errors on a bad threshold or dimension, on too many points, on a predicted peak above the budget, and on cancel.
pub fn analyse_points(points: &Points, options: &Options, hooks: &Hooks) -> Result<Analysis, TopologyError> {
    check_options(options)?;
    let merged = merge_duplicates(points);
    let (cloud, covering_radius) = vertices(&merged, options, hooks)?;
    let n = cloud.points.len();
    let predicted_bytes = check_memory(n, options)?;
    let filtration = Filtration::new(&cloud.points, options.threshold, hooks)?;
    let mut rips = rips::walk(&filtration, options.max_dim >= 1, hooks)?;
    let mut bars = bars_of(&filtration, &rips);
    if options.max_dim >= 2 {
        bars.extend(
            voids::bars(&filtration, &rips, options.budget_bytes, hooks)?.into_iter().map(|b| (b, None)),
        );
        sort_bars(&mut bars);
    }
    let mut cycles = cycles_of(&filtration, &mut rips, &bars, options.cycles, &cloud.rows_of, hooks)?;
    cycles.extend(surfaces_of(&filtration, &mut rips, &bars, options.cycles, &cloud.rows_of, hooks)?);
    let bars: Vec<Bar> = bars.into_iter().map(|(bar, _)| bar).collect();
    let scales = scale_grid(filtration.radius, options.betti_scales);
    Ok(Analysis {
        n_points: points.len(),
        n_merged: merged.dropped(),
        n_vertices: n,
        covering_radius,
        threshold: options.threshold,
        enclosing_radius: filtration.enclosing_radius,
        radius: filtration.radius,
        cycles,
        summaries: summaries(&bars, options.max_dim, 0.0),
        betti: (0..=options.max_dim).map(|dim| betti_curve(&bars, dim, &scales)).collect(),
        scales,
        bars,
        rows_of: cloud.rows_of,
        predicted_bytes,
    })
}

fn check_options(options: &Options) -> Result<(), TopologyError> {
    if let Some(t) = options.threshold.filter(|t| t.is_nan() || *t < 0.0) {
        return Err(TopologyError::BadThreshold(t));
    }
    if options.max_dim > 2 {
        return Err(TopologyError::BadDimension(options.max_dim));
    }
    Ok(())
}

/// Peak bytes predicted for `n` distinct points up to a homological dimension; an upper bound that any threshold
/// below the enclosing radius undercuts.
pub fn predicted_bytes(n: usize, max_dim: u8) -> u64 {
    filtration::predicted_bytes(n) + if max_dim >= 2 { voids::predicted_bytes(n) } else { 0 }
}

fn check_memory(n: usize, options: &Options) -> Result<u64, TopologyError> {
    let neighbours = if options.cycles == CycleChoice::None { 0 } else { paths::predicted_bytes(n) };
    let predicted_bytes = predicted_bytes(n, options.max_dim) + neighbours;
    if predicted_bytes > options.budget_bytes || n > MAX_VERTICES {
        return Err(TopologyError::Memory {
            points: n,
            max_dim: options.max_dim,
            predicted_bytes,
            budget_bytes: options.budget_bytes,
        });
    }
    Ok(predicted_bytes)
}

/// The distinct points, or landmarks among them.
fn vertices(
    merged: &Merged,
    options: &Options,
    hooks: &Hooks,
) -> Result<(Merged, Option<f64>), TopologyError> {
    let n = merged.points.len();
    let count = match options.landmarks {
        LandmarkChoice::Count(count) => count.clamp(1, options.max_points.max(1)),
        LandmarkChoice::Automatic if n <= MAX_ROWS_UNASKED => options.max_points,
        _ if n <= options.max_points => n,
        _ => {
            return Err(TopologyError::TooManyPoints {
                points: n,
                limit: options.max_points,
                predicted_mb: predicted_bytes(n, options.max_dim) / 1_000_000,
            });
        }
    };
    if n <= count {
        return Ok((merged.clone(), None));
    }
    let mut landmarks = farthest_points(&merged.points, count, hooks)?;
    landmarks.chosen.sort_unstable();
    let rows_of = landmarks.chosen.iter().map(|i| merged.rows_of[*i].clone()).collect();
    Ok((Merged { points: merged.points.select(&landmarks.chosen), rows_of }, Some(landmarks.covering_radius)))
}
