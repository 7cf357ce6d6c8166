//! Products on the matrix unit of recent Intel processors (AMX), at the precision of f32.
//!
//! The unit multiplies bfloat16, which has 8 significant bits. An f32 has 24: it is cut into three bfloat16 whose sum it is
//! exactly, a = a1 + a2 + a3, and of the nine products of parts the six largest are added up in f32 (Henry, Tang and
//! Heinecke 2019, "Leveraging the bfloat16 artificial intelligence datatype for higher-precision computations"). Those left
//! out, a2 b3 + a3 b2 + a3 b3, are about 2^-23 of a b: no more than the rounding of a chain of multiply-adds, which a test
//! holds against. One step does 16 times the multiplications of the widest vectors, so six of them are still 2.7 times as fast.
//!
//! Each element of the result is one chain over k, in steps of 32, whatever rows and columns stand beside it. Not the same
//! chain as without the unit: the last bits differ between machines with and without it. Parts below 2^-126 count as zero
//! and an infinite operand gives a result that is no number.
#![allow(unsafe_code)]

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod cut;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod tiles;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod unit;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
pub use unit::{available, gemm, pack};

/// How an operand lies in memory: the matrix unit wants either rows or columns contiguous.
#[derive(Clone, Copy)]
pub struct Operand<'a> {
    /// Values.
    pub data: &'a [f32],
    /// Distance between rows of the left operand, or between columns of the right one.
    pub outer: usize,
    /// Distance along k.
    pub inner: usize,
}

/// Values that one step of a panel takes, 32 columns by 32 of k: three parts of half the size each.
const STEP: usize = 32 * 32 * 3 / 2;
/// Values before the panels: where they begin, so that they can begin on a line of the cache.
const HEAD: usize = 16;

/// Length of a packed `[k, n]` operand.
pub fn packed_len(k: usize, n: usize) -> usize {
    HEAD + k.div_ceil(32) * n.div_ceil(32) * STEP
}

/// Other machines have no such unit.
#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
mod none {
    use super::super::gemm::Start;
    use super::Operand;

    pub fn available() -> bool {
        false
    }

    pub fn pack(_: Operand<'_>, _: usize, _: usize, _: &mut [f32]) {
        assert!(available(), "this machine has no matrix unit");
    }

    #[allow(clippy::too_many_arguments)]
    pub fn gemm(
        _: Operand<'_>,
        _: &[f32],
        _: usize,
        _: usize,
        _: usize,
        _: &mut [f32],
        _: usize,
        _: Start<'_>,
    ) {
        assert!(available(), "this machine has no matrix unit");
    }
}
#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
pub use none::{available, gemm, pack};
