//! Two dimensions out of many, for pictures: UMAP and PCA of the rows of a table, with the trustworthiness of the result.
//!
//! Pictures only: no statistic is computed on a projection. The one number that goes with it, its trustworthiness, says
//! how far the picture may be believed.

pub mod curve;
pub mod fuzzy;
pub mod layout;
pub mod neighbours;
pub mod pca;
mod power;
pub mod table;
#[cfg(test)]
mod tests;
pub mod trust;

use crate::core::matrix::Matrix;
use crate::core::seed;
use crate::job::{Cancelled, JobContext};
pub use crate::run::projection::Method;
use serde::{Deserialize, Serialize};
pub use trust::Trustworthiness;

/// What decides a projection.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// UMAP or PCA.
    pub method: Method,
    /// Neighbours of a point, itself counted (as umap-learn counts); at least 2.
    pub n_neighbors: usize,
    /// Distance at which neighbours settle, 0 to 1.
    pub min_dist: f64,
    /// Passes over the edges; 0 takes 500 up to 10,000 points and 200 beyond.
    pub epochs: usize,
    /// The run's seed.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { method: Method::Umap, n_neighbors: 15, min_dist: 0.2, epochs: 0, seed: 0 }
    }
}

/// Points on the plane.
#[derive(Clone, Debug, PartialEq)]
pub struct Projected {
    /// One position a row, centred, the longer axis of the cloud horizontal.
    pub xy: Vec<[f32; 2]>,
    /// How far neighbours on the picture are neighbours in the table.
    pub trust: Trustworthiness,
    /// Share of variance along each axis, for PCA.
    pub explained: Option<[f64; 2]>,
}

/// Why there is no projection.
#[derive(Debug, thiserror::Error)]
pub enum ProjectionError {
    /// Too few rows.
    #[error("a projection needs at least {FEWEST} turns with all values; there are {0}")]
    TooFew(usize),
    /// A value is missing or infinite.
    #[error(
        "row {row} of the table to project has a missing or infinite value in column {column}; leave it out"
    )]
    NotFinite {
        /// Row from 0.
        row: usize,
        /// Column from 0.
        column: usize,
    },
    /// An option out of range.
    #[error("{0}")]
    Option(String),
    /// A stop was asked for.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// Fewest rows that can be projected.
pub const FEWEST: usize = 5;
/// Tables wider than this go through PCA first.
const WIDE: usize = 100;
/// Components kept of a wide table.
const KEPT: usize = 50;

/// Projects the rows of `points` `[n, columns]`. The same input and options give the same bytes on any number of threads.
///
/// # Errors
/// [`ProjectionError`].
pub fn project(points: &Matrix, options: &Options, ctx: &JobContext) -> Result<Projected, ProjectionError> {
    check(points, options)?;
    let mut explained = None;
    let xy = match options.method {
        Method::Pca => {
            let found = pca::pca(points, 2);
            explained = Some([0, 1].map(|k| found.explained.get(k).copied().unwrap_or(0.0)));
            on_plane(&found.scores)
        }
        Method::Umap => umap(points, options, ctx)?,
    };
    ctx.check()?;
    let trust = trust::trustworthiness(points, &xy, trust::NEIGHBOURS, options.seed, ctx)?;
    Ok(Projected { xy, trust, explained })
}

fn check(points: &Matrix, options: &Options) -> Result<(), ProjectionError> {
    if points.rows() < FEWEST || points.cols() == 0 {
        return Err(ProjectionError::TooFew(if points.cols() == 0 { 0 } else { points.rows() }));
    }
    if let Some(at) = points.data().iter().position(|v| !v.is_finite()) {
        return Err(ProjectionError::NotFinite { row: at / points.cols(), column: at % points.cols() });
    }
    if options.n_neighbors < 2 {
        return Err(ProjectionError::Option("a projection needs at least 2 neighbours".to_owned()));
    }
    if !(0.0..=1.0).contains(&options.min_dist) {
        return Err(ProjectionError::Option(format!("min_dist is {}, it must be 0 to 1", options.min_dist)));
    }
    Ok(())
}

/// UMAP: exact neighbours, fuzzy graph, then stochastic layout from the first two principal components.
fn umap(points: &Matrix, options: &Options, ctx: &JobContext) -> Result<Vec<[f32; 2]>, ProjectionError> {
    let reduced;
    let table = if points.cols() > WIDE {
        reduced = pca::pca(points, KEPT).scores;
        &reduced
    } else {
        points
    };
    let k = (options.n_neighbors - 1).min(points.rows() - 1);
    let near = neighbours::nearest(table, k, ctx)?;
    let epochs = match options.epochs {
        0 if points.rows() <= 10_000 => 500,
        0 => 200,
        n => n,
    };
    let graph = fuzzy::graph(&near).pruned(epochs);
    let start =
        layout::start(&on_plane(&pca::pca(table, 2).scores), seed::derive(options.seed, "projection/start"));
    let plan = layout::Plan {
        curve: curve::fit(options.min_dist, 1.0),
        epochs,
        seed: seed::derive(options.seed, "projection/layout"),
    };
    let xy = layout::optimise(start, &graph, &plan, ctx)?;
    Ok(upright(&xy))
}

/// The first two columns as positions.
fn on_plane(scores: &Matrix) -> Vec<[f32; 2]> {
    let y = |r: usize| if scores.cols() > 1 { scores.get(r, 1) } else { 0.0 };
    (0..scores.rows()).map(|r| [scores.get(r, 0), y(r)]).collect()
}

/// The cloud centred and turned so that its longer axis lies across: UMAP leaves the orientation to chance.
fn upright(xy: &[[f32; 2]]) -> Vec<[f32; 2]> {
    let table = Matrix::from_fn(xy.len(), 2, |r, c| xy[r][c]);
    on_plane(&pca::pca(&table, 2).scores)
}
