//! Passes: a scorer over all turns, alone on the device, written in Shared Canonical Metrics.

pub mod memory;
pub mod pass;
pub mod recipe;
pub mod skill;
