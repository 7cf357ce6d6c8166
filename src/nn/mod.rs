//! The two minds: which device they run on, what they compute, and how their weights are kept.
//!
//! Every scorer is five models (one a dimension) stacked on a leading axis: weights `[models, in, out]`, activations
//! `[models, rows, width]`. One batched computation gives the same numbers as five separate ones.

pub mod checkpoint;
pub mod cpu;
pub mod device;
pub mod foreign;
pub mod fused;
pub mod heads;
pub mod hrm;
pub mod kernels;
pub mod novelty;
pub mod ops;
pub mod pairs;
pub mod params;
pub mod readings;
pub mod scorer;
pub mod tiny;
pub mod torch;
pub mod wgsl;
mod wgsl_back;
pub mod wide;
