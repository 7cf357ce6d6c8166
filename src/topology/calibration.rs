//! Does the primary test keep its promise? p-values of fields drawn from the null must be uniform.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::error::TopologyError;
use super::hooks::Hooks;
use super::points::Points;
use super::significance::{SignificanceOptions, significance};
use crate::core::seed;

/// Rows of a drawn field, as in the trial of the method.
pub const ROWS: usize = 150;
/// Columns of a drawn field.
pub const COLUMNS: usize = 5;

/// The p-values of many fields without structure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// One p-value a field, in the order of seeds.
    pub p: Vec<f64>,
    /// Null fields of every test.
    pub nulls: usize,
    /// Largest distance of their distribution function to the uniform one (Kolmogorov-Smirnov).
    pub ks: f64,
    /// Distance that 95 of 100 samples of as many uniform values stay below (asymptotic: 1.358 / sqrt(n)).
    pub ks_95: f64,
    /// Share of fields rejected at .05.
    pub rejected: f64,
}

/// Tests `fields` seeded fields of [`ROWS`] x [`COLUMNS`] with a Gaussian copula and heavy-tailed margins (sinh), each
/// against `nulls` null fields. Errors on zero fields or nulls, and on cancel.
pub fn calibrate(
    fields: usize,
    nulls: usize,
    from: u64,
    hooks: &Hooks,
) -> Result<Calibration, TopologyError> {
    if fields == 0 || nulls == 0 {
        return Err(TopologyError::NoNulls);
    }
    let done = std::sync::atomic::AtomicU64::new(0);
    let one = |i: usize| {
        let seed = seed::derive(from, &format!("topology.calibration.{i}"));
        let options = SignificanceOptions { nulls, seed, secondary: false, ..SignificanceOptions::default() };
        let p = significance(&field(seed)?, None, &options, &hooks.quiet(), &|_, _| {})?.primary.p;
        let now = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        (hooks.progress)("fields", now, fields as u64);
        Ok(p)
    };
    let p: Vec<f64> =
        (0..fields).into_par_iter().with_max_len(1).map(one).collect::<Result<_, TopologyError>>()?;
    let rejected = p.iter().filter(|p| **p <= 0.05).count() as f64 / fields as f64;
    Ok(Calibration { nulls, ks: uniform_distance(&p), ks_95: 1.358 / (fields as f64).sqrt(), rejected, p })
}

/// A field without loops: correlated normal rows, margins with tails as of sinh.
fn field(seed: u64) -> Result<Points, TopologyError> {
    let mut rng = seed::stream(seed, "field");
    let mut data = Vec::with_capacity(ROWS * COLUMNS);
    for _ in 0..ROWS {
        let shared = seed::normal(&mut rng);
        data.extend((0..COLUMNS).map(|_| (1.5 * (0.6 * shared + 0.8 * seed::normal(&mut rng))).sinh()));
    }
    Points::new(ROWS, COLUMNS, data)
}

/// Kolmogorov-Smirnov distance of a sample to the uniform distribution on \[0, 1\].
pub fn uniform_distance(p: &[f64]) -> f64 {
    let mut p = p.to_vec();
    p.sort_by(f64::total_cmp);
    let n = p.len() as f64;
    p.iter()
        .enumerate()
        .map(|(i, p)| (p - i as f64 / n).abs().max((p - (i + 1) as f64 / n).abs()))
        .fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_is_that_of_the_staircase() {
        assert_eq!(uniform_distance(&[0.5]), 0.5);
        assert_eq!(uniform_distance(&[0.25, 0.75]), 0.25);
        assert!((uniform_distance(&[0.9, 0.95, 1.0]) - 0.9).abs() < 1e-12, "all large is far from uniform");
    }

    #[test]
    fn a_calibration_repeats_and_can_be_stopped() {
        let a = calibrate(4, 9, 1, &Hooks::none()).unwrap();
        assert_eq!((a.p.len(), &a), (4, &calibrate(4, 9, 1, &Hooks::none()).unwrap()));
        assert!(a.p.iter().all(|p| *p > 0.0 && *p <= 1.0));
        assert!(calibrate(0, 9, 1, &Hooks::none()).is_err());
        let stop = Hooks { cancelled: &|| true, ..Hooks::none() };
        assert_eq!(calibrate(4, 9, 1, &stop).err(), Some(TopologyError::Cancelled));
    }
}
