//! How a long computation is watched and stopped from outside.

use super::error::TopologyError;

/// The callbacks of a computation; both may be called from several threads.
#[derive(Clone, Copy)]
pub struct Hooks<'a> {
    /// Answers whether to stop; asked at least every 100 ms of work.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
    /// Told (phase, done, total) as work proceeds.
    pub progress: &'a (dyn Fn(&str, u64, u64) + Sync),
}

impl Hooks<'_> {
    /// Nobody watches, nobody stops.
    pub fn none() -> Hooks<'static> {
        Hooks { cancelled: &|| false, progress: &|_, _, _| {} }
    }

    /// These hooks with progress silenced, for the many small computations inside a large one.
    pub fn quiet(&self) -> Hooks<'_> {
        Hooks { cancelled: self.cancelled, progress: &|_, _, _| {} }
    }

    /// `Err(Cancelled)` when the caller asked to stop.
    pub fn check(&self) -> Result<(), TopologyError> {
        if (self.cancelled)() { Err(TopologyError::Cancelled) } else { Ok(()) }
    }
}
