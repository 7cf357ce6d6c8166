//! Where the distances of a cloud come from, when not from the engine's own loops.

use super::error::TopologyError;
use super::points::Points;

/// Receives blocks of whole rows of the distance matrix: the first row, then its distances and those of the rows
/// after it, `[rows, n]`.
pub type EachBlock<'a> = dyn FnMut(usize, &[f32]) -> Result<(), TopologyError> + 'a;

/// Another way to measure a cloud, to f32. The engine knows no graphics adapter; it takes what it is handed.
pub trait Distances: Sync {
    /// Gives every row of the distance matrix once, ascending, in blocks; `false` when it does not serve this cloud or
    /// failed, and then what was given so far is forgotten and the engine measures for itself.
    ///
    /// # Errors
    /// Those of `each`, at once.
    fn measure(&self, points: &Points, each: &mut EachBlock) -> Result<bool, TopologyError>;
}
