//! Dense arithmetic on f32 rows for this processor: products of small matrices and row-wise steps, written once over
//! lanes whose width is chosen at run time. The scorers' bodies and the embedder are built on it.

pub(crate) mod amx;
pub mod gemm;
pub mod lanes;
pub(crate) mod math;
pub mod rows;
