//! Gapfield: two minds score the same conversation turns, the lab subtracts them and shows what lies between.
//!
//! The house has floors (see `ARCHITECTURE.md`): a room imports only rooms on floors below it, or beside it where
//! the architecture says so. `tests/architecture.rs` holds the rule.

pub mod core; // floor 1

pub mod job; // floor 2
pub mod run;
pub mod simd;

pub mod data; // floor 3
pub mod field;
pub mod nn;
pub mod topology;

pub mod score; // floor 4
pub mod train;

pub mod figure; // floor 5
pub mod pipeline;
pub mod report;

pub mod cli; // floor 6
pub mod window;
