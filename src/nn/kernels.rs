//! Which form of the scorers' inner loops computes: hand-written kernels or plain tensor operations.

pub use crate::run::config::Kernels;
use std::sync::atomic::{AtomicU8, Ordering};

static CHOSEN: AtomicU8 = AtomicU8::new(0);

/// Sets the form for all forward passes from now on. One setting a process: a job sets it from its config when it starts.
pub fn choose(kernels: Kernels) {
    CHOSEN.store(u8::from(kernels == Kernels::Plain), Ordering::Relaxed);
}

/// The form in use.
pub fn chosen() -> Kernels {
    if CHOSEN.load(Ordering::Relaxed) == 0 { Kernels::Fused } else { Kernels::Plain }
}
