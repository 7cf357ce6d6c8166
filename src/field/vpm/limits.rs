//! Which value gets the first and which the last colour of the map.

use crate::core::matrix::Matrix;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Over which values a scale is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Each column has its own scale.
    Column,
    /// One scale for the whole run.
    Run,
}

/// Percentiles that a robust scale spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// 1 to 99.
    P1To99,
    /// 10 to 90.
    P10To90,
}

/// How values become colours (spec: unit, minmax, robust, symmetric).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Normalisation {
    /// Values are already in \[0,1\].
    Unit,
    /// From the smallest to the largest value.
    MinMax(Scope),
    /// Between two percentiles; what lies outside is clamped.
    Robust(Band, Scope),
    /// From -limit to limit, limit = the larger of abs p1 and abs p99; zero stays in the middle. For D.
    Symmetric(Scope),
}

/// The scale of each column: first and last colour's value.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    low: Vec<f32>,
    high: Vec<f32>,
    clamped: (bool, bool),
}

impl Limits {
    /// The scale of the panels that are compared side by side (same columns in each), measured on all of them together.
    /// A scale without width (constant column) is widened around its value, so that the value gets the middle colour.
    pub fn of(panels: &[&Matrix], normalisation: Normalisation) -> Self {
        let columns = panels.iter().map(|m| m.cols()).max().unwrap_or(0);
        let per_column = |measure: &(dyn Fn(&mut [f32]) -> (f32, f32) + Sync)| -> Vec<(f32, f32)> {
            (0..columns).into_par_iter().map(|c| measure(&mut column_values(panels, c))).collect()
        };
        let measure: &(dyn Fn(&mut [f32]) -> (f32, f32) + Sync) = match normalisation {
            Normalisation::Unit => &|_| (0.0, 1.0),
            Normalisation::MinMax(_) => &extremes,
            Normalisation::Robust(Band::P1To99, _) => &|v| (quantile(v, 0.01), quantile(v, 0.99)),
            Normalisation::Robust(Band::P10To90, _) => &|v| (quantile(v, 0.1), quantile(v, 0.9)),
            Normalisation::Symmetric(_) => &|v| {
                let limit = quantile(v, 0.01).abs().max(quantile(v, 0.99).abs());
                (-limit, limit)
            },
        };
        let ranges = match normalisation {
            Normalisation::Unit => vec![(0.0, 1.0); columns],
            Normalisation::MinMax(Scope::Column)
            | Normalisation::Robust(_, Scope::Column)
            | Normalisation::Symmetric(Scope::Column) => per_column(measure),
            _ => vec![measure(&mut all_values(panels)); columns],
        };
        let (low, high): (Vec<f32>, Vec<f32>) =
            ranges.into_iter().map(|(low, high)| widened(low, high)).unzip();
        let clamped = clamped(panels, &low, &high);
        Self { low, high, clamped }
    }

    /// One given range for every one of `columns`.
    pub fn fixed(columns: usize, low: f32, high: f32) -> Self {
        let (low, high) = widened(low, high);
        Self { low: vec![low; columns], high: vec![high; columns], clamped: (false, false) }
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.low.len()
    }

    /// Values of the first and the last colour in a column.
    pub fn range(&self, column: usize) -> Option<(f32, f32)> {
        Some((*self.low.get(column)?, *self.high.get(column)?))
    }

    /// The range if it is the same for all columns (one colour bar tells all), else `None`.
    pub fn common_range(&self) -> Option<(f32, f32)> {
        let first = self.range(0)?;
        (1..self.columns()).all(|c| self.range(c) == Some(first)).then_some(first)
    }

    /// Whether some value lies below the first / above the last colour: the colour bar's ends are then pointed.
    pub fn clamped(&self) -> (bool, bool) {
        self.clamped
    }

    /// What both rasters use: x = (max(v, low) - low) * scale, at most 255, rounded to even.
    pub(super) fn scale(&self, column: usize) -> f32 {
        255.0 / (self.high[column] - self.low[column])
    }

    pub(super) fn low(&self, column: usize) -> f32 {
        self.low[column]
    }
}

fn column_values(panels: &[&Matrix], column: usize) -> Vec<f32> {
    let of = |m: &&Matrix| -> Vec<f32> { if column < m.cols() { m.column(column) } else { Vec::new() } };
    panels.iter().flat_map(of).filter(|v| v.is_finite()).collect()
}

fn all_values(panels: &[&Matrix]) -> Vec<f32> {
    panels.iter().flat_map(|m| m.data()).copied().filter(|v| v.is_finite()).collect()
}

fn extremes(values: &mut [f32]) -> (f32, f32) {
    let ends = values.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
    if values.is_empty() { (0.0, 1.0) } else { ends }
}

/// Linear-interpolation quantile (type 7, as `core::stats`), by selection instead of sorting; 0 when empty.
fn quantile(values: &mut [f32], q: f64) -> f32 {
    let Some(last) = values.len().checked_sub(1) else { return 0.0 };
    let at = q * last as f64;
    let below = at.floor() as usize;
    let (_, low, rest) = values.select_nth_unstable_by(below, f32::total_cmp);
    let low = f64::from(*low);
    let high = rest.iter().copied().reduce(f32::min).map_or(low, f64::from);
    (low + (high - low) * (at - below as f64)) as f32
}

fn widened(low: f32, high: f32) -> (f32, f32) {
    if high - low >= 1e-12 && (high - low).is_finite() {
        return (low, high);
    }
    if !(low.is_finite() && high.is_finite()) || high - low >= 1e-12 {
        return (0.0, 1.0);
    }
    let half = (low.abs() * 1e-3).max(0.5);
    (low - half, high + half)
}

fn clamped(panels: &[&Matrix], low: &[f32], high: &[f32]) -> (bool, bool) {
    let beyond = |m: &&Matrix| {
        m.data().chunks(m.cols().max(1)).fold((false, false), |seen, row| {
            row.iter().enumerate().fold(seen, |(l, h), (c, v)| {
                (l || (v.is_finite() && *v < low[c]), h || (v.is_finite() && *v > high[c]))
            })
        })
    };
    panels.iter().map(beyond).fold((false, false), |(l, h), (a, b)| (l || a, h || b))
}
