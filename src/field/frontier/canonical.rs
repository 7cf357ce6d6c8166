//! The canonical map: regularised canonical correlations between A's and B's columns, and what of A they leave over.

use super::chance::{SHUFFLES, largest_under_shuffles};
use super::complete_rows;
use crate::core::eigen;
use crate::core::matrix::Matrix;
use crate::core::scm;
use serde::{Deserialize, Serialize};

/// Added to the unit diagonal of both correlation matrices, so that columns that are nearly the same do not make
/// correlations out of rounding.
pub const RIDGE: f64 = 0.01;
/// Columns that take part. `length` is the same for both by design and would correlate at 1; `aggregate` is the mean of
/// the five scores and adds nothing.
pub const COLUMNS: [usize; 10] =
    [0, 1, 2, 3, 4, scm::UNCERTAINTY, scm::OOD, scm::CONSISTENCY, scm::TEMP, scm::AGREE];
/// Fewest turns for a column pair.
const FEWEST: usize = 20;

/// The numbers of the canonical map.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CanonicalMetrics {
    /// Turns with all columns.
    pub n: usize,
    /// Columns of A that vary.
    pub columns_a: Vec<String>,
    /// Columns of B that vary.
    pub columns_b: Vec<String>,
    /// The ridge on both correlation matrices.
    pub ridge: f64,
    /// Canonical correlations, largest first, in \[0,1\].
    pub correlations: Vec<f64>,
    /// Largest correlation that 95 of 100 shuffles of the pairing stay below.
    pub chance_q95: f64,
    /// Share of shuffles that reach the first correlation, the data counted among them.
    pub p: f64,
    /// Shuffles.
    pub shuffles: usize,
    /// Share of each column of A that B's columns predict linearly, in \[0,1\], same order as `columns_a`.
    pub explained_a: Vec<f64>,
    /// Mean over turns of the residual's length, standard deviations of A's columns.
    pub residual_norm_mean: f64,
    /// Its 95th percentile.
    pub residual_norm_q95: f64,
}

/// The canonical map of two passes.
#[derive(Clone, Debug, PartialEq)]
pub struct Canonical {
    /// Rows of the run, ascending.
    pub rows: Vec<usize>,
    /// SCM columns of A that take part.
    pub columns_a: Vec<usize>,
    /// SCM columns of B that take part.
    pub columns_b: Vec<usize>,
    /// Correlation of each column of A with A's first canonical variate.
    pub loadings_a: Vec<f64>,
    /// Correlation of each column of B with B's first canonical variate.
    pub loadings_b: Vec<f64>,
    /// First canonical variates of A and B a row, unit variance: what the two share most.
    pub variates: Vec<[f32; 2]>,
    /// A minus its linear prediction from B, `[rows, columns_a]`, in standard deviations of A's columns.
    pub residual: Matrix,
    /// Length of each row of the residual over the root of the number of columns.
    pub norm: Vec<f64>,
    /// Numbers for the run folder.
    pub metrics: CanonicalMetrics,
}

/// One side: z-scored columns and the whitening of their regularised correlation matrix.
pub(super) struct Side {
    pub(super) columns: Vec<usize>,
    /// `[rows][columns]`.
    pub(super) z: Vec<Vec<f64>>,
    /// (R + ridge)^(-1/2), `[columns][columns]`.
    pub(super) whitening: Vec<Vec<f64>>,
}

impl Canonical {
    /// Of two passes `[turns, 12]`, row by row the same turns; `None` with fewer than 20 complete turns or when one of
    /// them is constant in every column.
    pub fn of(a: &Matrix, b: &Matrix, seed: u64) -> Option<Self> {
        if a.cols() != scm::N_COLUMNS || b.cols() != scm::N_COLUMNS || a.rows() != b.rows() {
            return None;
        }
        // A pass that tells only its scores (a judge, a table) takes part with these.
        let told = |m: &Matrix| -> Vec<usize> {
            let has = |c: &usize| (0..m.rows()).any(|r| m.get(r, *c).is_finite());
            COLUMNS.into_iter().filter(has).collect()
        };
        Self::between(a, &told(a), b, &told(b), RIDGE, seed)
    }

    /// The same for chosen columns and ridge.
    pub fn between(
        a: &Matrix,
        columns_a: &[usize],
        b: &Matrix,
        columns_b: &[usize],
        ridge: f64,
        seed: u64,
    ) -> Option<Self> {
        let whole_a = complete_rows(a, a, columns_a);
        let whole_b = complete_rows(b, b, columns_b);
        let rows: Vec<usize> = whole_a.into_iter().filter(|r| whole_b.binary_search(r).is_ok()).collect();
        if rows.len() < FEWEST {
            return None;
        }
        let side_a = Side::new(a, &rows, columns_a, ridge)?;
        let side_b = Side::new(b, &rows, columns_b, ridge)?;
        let cross = correlation(&side_a.z, &side_b.z);
        let pairs = Pairs::of(&side_a, &side_b, &cross);
        let largest = pairs.correlations.first().copied().unwrap_or(0.0);
        let shuffled = largest_under_shuffles(&side_a, &side_b, seed);
        let reached = shuffled.iter().filter(|s| **s >= largest).count();
        let (residual, explained_a) = residual(&side_a, &side_b, &cross);
        let width = side_a.columns.len() as f64;
        let norm: Vec<f64> =
            residual.iter().map(|r| (r.iter().map(|v| v * v).sum::<f64>() / width).sqrt()).collect();
        let variate = |side: &Side, w: &[f64]| scaled(side.z.iter().map(|z| dot(z, w)).collect());
        let (u, v) = (variate(&side_a, &pairs.first_a), variate(&side_b, &pairs.first_b));
        let names = |columns: &[usize]| columns.iter().map(|c| scm::SHORT[*c].to_owned()).collect();
        let metrics = CanonicalMetrics {
            n: rows.len(),
            columns_a: names(&side_a.columns),
            columns_b: names(&side_b.columns),
            ridge,
            correlations: pairs.correlations,
            chance_q95: crate::core::stats::quantile(&shuffled, 0.95).unwrap_or(f64::NAN),
            p: (1 + reached) as f64 / (1 + SHUFFLES) as f64,
            shuffles: SHUFFLES,
            explained_a,
            residual_norm_mean: crate::core::stats::mean(&norm).unwrap_or(f64::NAN),
            residual_norm_q95: crate::core::stats::quantile(&norm, 0.95).unwrap_or(f64::NAN),
        };
        Some(Self {
            loadings_a: loadings(&side_a, &u),
            loadings_b: loadings(&side_b, &v),
            variates: u.iter().zip(&v).map(|(u, v)| [*u as f32, *v as f32]).collect(),
            residual: Matrix::from_fn(rows.len(), side_a.columns.len(), |r, c| residual[r][c] as f32),
            columns_a: side_a.columns,
            columns_b: side_b.columns,
            rows,
            norm,
            metrics,
        })
    }
}

impl Side {
    fn new(m: &Matrix, rows: &[usize], columns: &[usize], ridge: f64) -> Option<Self> {
        let n = rows.len() as f64;
        let mut kept = Vec::new();
        let mut scored: Vec<Vec<f64>> = Vec::new();
        for &c in columns {
            let x: Vec<f64> = rows.iter().map(|&r| f64::from(m.get(r, c))).collect();
            let mean = x.iter().sum::<f64>() / n;
            let sd = (x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
            // A column that says the same of every turn correlates with nothing.
            if sd > 1e-6 {
                kept.push(c);
                scored.push(x.iter().map(|v| (v - mean) / sd).collect());
            }
        }
        if kept.is_empty() {
            return None;
        }
        let z: Vec<Vec<f64>> = (0..rows.len()).map(|r| scored.iter().map(|c| c[r]).collect()).collect();
        let own = correlation(&z, &z);
        Some(Self { columns: kept, z, whitening: inverse_root(&own, ridge) })
    }
}

/// Canonical pairs: correlations and the weights of the first.
struct Pairs {
    correlations: Vec<f64>,
    first_a: Vec<f64>,
    first_b: Vec<f64>,
}

impl Pairs {
    /// Singular values of K = Raa^(-1/2) Rab Rbb^(-1/2) (Hotelling 1936; with ridges, Vinod 1976).
    fn of(a: &Side, b: &Side, cross: &[Vec<f64>]) -> Self {
        let k = product(&product(&a.whitening, cross), &b.whitening);
        let kt = flipped(&k);
        let square = product(&k, &kt);
        let found = eigen::symmetric(square.len(), &square.concat());
        let pairs = a.columns.len().min(b.columns.len());
        let correlations: Vec<f64> =
            found.values.iter().take(pairs).map(|v| v.max(0.0).sqrt().min(1.0)).collect();
        let left = &found.vectors[0];
        let right: Vec<f64> = kt.iter().map(|row| dot(row, left)).collect();
        let weights = |w: &[Vec<f64>], x: &[f64]| w.iter().map(|row| dot(row, x)).collect::<Vec<f64>>();
        Self { correlations, first_a: weights(&a.whitening, left), first_b: weights(&b.whitening, &right) }
    }
}

/// The largest canonical correlation when row `r` of A is paired with row `paired[r]` of B.
pub(super) fn largest(a: &Side, b: &Side, paired: &[usize]) -> f64 {
    let shuffled: Vec<Vec<f64>> = paired.iter().map(|&r| b.z[r].clone()).collect();
    let cross = correlation(&a.z, &shuffled);
    let k = product(&product(&a.whitening, &cross), &b.whitening);
    let square = product(&k, &flipped(&k));
    let found = eigen::symmetric(square.len(), &square.concat());
    found.values.first().map_or(0.0, |v| v.max(0.0).sqrt().min(1.0))
}

/// A's z-scores minus their regularised linear prediction from B's, and the share of each column that is predicted.
/// With all canonical pairs the prediction is (Rbb + ridge)^-1 Rba, which is how it is computed.
fn residual(a: &Side, b: &Side, cross: &[Vec<f64>]) -> (Vec<Vec<f64>>, Vec<f64>) {
    let inverse = product(&b.whitening, &b.whitening);
    let weights = flipped(&product(&inverse, &flipped(cross)));
    let rows: Vec<Vec<f64>> =
        a.z.iter()
            .zip(&b.z)
            .map(|(za, zb)| za.iter().zip(&weights).map(|(v, w)| v - dot(zb, w)).collect())
            .collect();
    let left = |c: usize| rows.iter().map(|r: &Vec<f64>| r[c] * r[c]).sum::<f64>() / rows.len() as f64;
    let explained = (0..a.columns.len()).map(|c| (1.0 - left(c)).clamp(0.0, 1.0)).collect();
    (rows, explained)
}

/// Mean products of z-scores, `[columns of x][columns of y]`.
fn correlation(x: &[Vec<f64>], y: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let (p, q) = (x.first().map_or(0, Vec::len), y.first().map_or(0, Vec::len));
    let mut out = vec![vec![0.0; q]; p];
    for (x, y) in x.iter().zip(y) {
        for (row, x) in out.iter_mut().zip(x) {
            row.iter_mut().zip(y).for_each(|(s, y)| *s += x * y);
        }
    }
    out.iter_mut().flatten().for_each(|v| *v /= x.len() as f64);
    out
}

/// (R + ridge)^(-1/2) by eigenvalues; directions without variance stay without weight.
fn inverse_root(r: &[Vec<f64>], ridge: f64) -> Vec<Vec<f64>> {
    let p = r.len();
    let found = eigen::symmetric(p, &r.concat());
    let largest = found.values[0].max(0.0);
    let mut out = vec![vec![0.0; p]; p];
    for (value, v) in found.values.iter().zip(&found.vectors) {
        let value = value.max(0.0) + ridge;
        if value <= 1e-12 * largest {
            continue;
        }
        let root = 1.0 / value.sqrt();
        for i in 0..p {
            for j in 0..p {
                out[i][j] += root * v[i] * v[j];
            }
        }
    }
    out
}

fn product(x: &[Vec<f64>], y: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let columns = flipped(y);
    x.iter().map(|row| columns.iter().map(|c| dot(row, c)).collect()).collect()
}

fn flipped(x: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let q = x.first().map_or(0, Vec::len);
    (0..q).map(|j| x.iter().map(|row| row[j]).collect()).collect()
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(a, b)| a * b).sum()
}

/// The same values with unit variance (their mean is 0 already).
fn scaled(x: Vec<f64>) -> Vec<f64> {
    let sd = (x.iter().map(|v| v * v).sum::<f64>() / x.len().max(1) as f64).sqrt();
    x.into_iter().map(|v| if sd > 0.0 { v / sd } else { 0.0 }).collect()
}

fn loadings(side: &Side, variate: &[f64]) -> Vec<f64> {
    let n = variate.len().max(1) as f64;
    (0..side.columns.len())
        .map(|c| side.z.iter().zip(variate).map(|(z, u)| z[c] * u).sum::<f64>() / n)
        .collect()
}
