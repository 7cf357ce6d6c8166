//! How a long computation is watched and stopped from outside.

use super::distances::Distances;
use super::error::TopologyError;

/// The callbacks of a computation; both may be called from several threads.
#[derive(Clone, Copy)]
pub struct Hooks<'a> {
    /// Answers whether to stop; asked at least every 100 ms of work.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
    /// Told (phase, done, total) as work proceeds.
    pub progress: &'a (dyn Fn(&str, u64, u64) + Sync),
    /// Measures the distances of a large cloud elsewhere; `None` for the engine's own loops.
    pub distances: Option<&'a dyn Distances>,
}

impl Hooks<'_> {
    /// Nobody watches, nobody stops.
    pub fn none() -> Hooks<'static> {
        Hooks { cancelled: &|| false, progress: &|_, _, _| {}, distances: None }
    }

    /// These hooks with progress silenced and exact distances, for the many small computations inside a large one.
    pub fn quiet(&self) -> Hooks<'_> {
        Hooks { cancelled: self.cancelled, ..Hooks::none() }
    }

    /// `Err(Cancelled)` when the caller asked to stop.
    pub fn check(&self) -> Result<(), TopologyError> {
        if (self.cancelled)() { Err(TopologyError::Cancelled) } else { Ok(()) }
    }
}
