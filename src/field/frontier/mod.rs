//! Where the two minds stand to each other: four maps of A against B and the numbers that go with them.
//!
//! Frontier: every turn at (A, B). Arrows: both passes in one plane. Canonical: what A's and B's columns share.
//! Epistemic: the gap in score against the gap in uncertainty.

pub mod agreement;
pub mod arrows;
pub mod canonical;
mod chance;
pub mod density;
pub mod epistemic;
#[cfg(test)]
mod tests;

use crate::core::dimension::{Dimension, N_DIMENSIONS};
use crate::core::matrix::Matrix;
use crate::core::scm;
use agreement::Agreement;
use arrows::{ArrowMetrics, Arrows};
use canonical::{Canonical, CanonicalMetrics};
use epistemic::Quadrants;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `metrics/frontier.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FrontierMetrics {
    /// Turns in the run.
    pub turns: usize,
    /// Per dimension and for the aggregate: on how many turns who is higher.
    pub agreement: BTreeMap<String, Agreement>,
    /// Both passes in one plane; absent with too few turns.
    pub arrows: Option<ArrowMetrics>,
    /// Canonical correlations; absent where either pass has too little to correlate.
    pub canonical: Option<CanonicalMetrics>,
    /// Per dimension: turns in each quadrant of score gap and uncertainty gap; empty when a pass tells no uncertainty.
    pub epistemic: BTreeMap<String, Quadrants>,
    /// Whether the uncertainty is each dimension's own or the mean of all five.
    pub uncertainty_by_dimension: bool,
}

/// Measures everything. `a` and `b` are `[turns, 12]`, row by row the same turns, NaN where missing; `own` holds the
/// uncertainty gap of every dimension `[turns, 5]` where both passes tell it by dimension.
pub fn measure(a: &Matrix, b: &Matrix, own: Option<&Matrix>, seed: u64) -> FrontierMetrics {
    let gap = uncertainty_gap(a, b, own);
    let agreement = (0..=scm::AGGREGATE)
        .map(|c| (scm::SHORT[c].to_owned(), Agreement::of(&a.column(c), &b.column(c))))
        .collect();
    let epistemic = gap.as_ref().map_or_else(BTreeMap::new, |gap| {
        Dimension::ALL
            .into_iter()
            .map(|d| {
                let c = d.index();
                (d.name().to_owned(), Quadrants::of(&difference(a, b, c), &gap.column(c)))
            })
            .collect()
    });
    FrontierMetrics {
        turns: a.rows(),
        agreement,
        arrows: Arrows::of(a, b).map(|x| x.metrics),
        canonical: Canonical::of(a, b, seed).map(|x| x.metrics),
        epistemic,
        uncertainty_by_dimension: own.is_some(),
    }
}

/// Uncertainty of A minus that of B, `[turns, 5]`: each dimension's own where the passes tell it, else the one of the
/// shared metrics for all five. `None` when a pass tells none.
pub fn uncertainty_gap(a: &Matrix, b: &Matrix, own: Option<&Matrix>) -> Option<Matrix> {
    if let Some(own) = own.filter(|m| m.rows() == a.rows() && m.cols() == N_DIMENSIONS) {
        return Some(own.clone());
    }
    let fits = |m: &Matrix| m.cols() == scm::N_COLUMNS;
    if !fits(a) || !fits(b) || a.rows() != b.rows() {
        return None;
    }
    let gap = difference(a, b, scm::UNCERTAINTY);
    let any = gap.iter().any(|v| v.is_finite());
    any.then(|| Matrix::from_fn(a.rows(), N_DIMENSIONS, |r, _| gap[r]))
}

fn difference(a: &Matrix, b: &Matrix, column: usize) -> Vec<f32> {
    (0..a.rows()).map(|r| a.get(r, column) - b.get(r, column)).collect()
}

/// Rows in which both passes have a finite value in all of `columns`.
pub fn complete_rows(a: &Matrix, b: &Matrix, columns: &[usize]) -> Vec<usize> {
    let whole = |m: &Matrix, r: usize| columns.iter().all(|&c| m.get(r, c).is_finite());
    (0..a.rows().min(b.rows())).filter(|&r| whole(a, r) && whole(b, r)).collect()
}
