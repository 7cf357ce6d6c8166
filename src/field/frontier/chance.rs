//! What canonical correlation chance gives: B's turns are shuffled against A's, so that only the pairing is lost.

use super::canonical::{Side, largest};
use crate::core::seed::{permutation, stream};
use rayon::prelude::*;

/// Shuffles of the pairing.
pub(super) const SHUFFLES: usize = 199;

/// The largest canonical correlation under each shuffle, in a fixed order.
pub(super) fn largest_under_shuffles(a: &Side, b: &Side, seed: u64) -> Vec<f64> {
    (0..SHUFFLES)
        .into_par_iter()
        .map(|i| {
            let mut rng = stream(seed, &format!("frontier/canonical/{i}"));
            largest(a, b, &permutation(&mut rng, a.z.len()))
        })
        .collect()
}
