//! Vectors of f32 on the processor: AVX-512, AVX2 or plain arrays, chosen at run time by what the machine has.
//!
//! This file, `gemm.rs` and `amx` hold the crate's only unsafe code: processor instructions that the compiler cannot check for.
//! Every load and store goes through a slice whose length is asserted, except in the product's inner loop.
#![allow(unsafe_code)]

use std::sync::atomic::{AtomicU8, Ordering};

/// Instruction sets, the widest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Plain arrays, whatever the compiler makes of them.
    Portable,
    /// 8 lanes with fused multiply-add.
    Avx2,
    /// 16 lanes.
    Avx512,
    /// 16 lanes, and products of packed operands on the matrix unit (AMX).
    Matrix,
}

/// The instruction set in use. `GAPFIELD_SIMD` (portable, avx2, avx512) may lower it: for tests, and for numbers that are
/// the same to the last bit on machines with and without a matrix unit.
pub fn level() -> Level {
    static CHOSEN: AtomicU8 = AtomicU8::new(u8::MAX);
    match CHOSEN.load(Ordering::Relaxed) {
        0 => Level::Portable,
        1 => Level::Avx2,
        2 => Level::Avx512,
        3 => Level::Matrix,
        _ => {
            let asked = match std::env::var("GAPFIELD_SIMD").as_deref() {
                Ok("portable") => Level::Portable,
                Ok("avx2") => Level::Avx2,
                Ok("avx512") => Level::Avx512,
                _ => Level::Matrix,
            };
            let chosen = best().min(asked);
            CHOSEN.store(chosen as u8, Ordering::Relaxed);
            chosen
        }
    }
}

/// The widest instruction set of this machine.
pub fn best() -> Level {
    #[cfg(target_arch = "x86_64")]
    {
        if std::is_x86_feature_detected!("avx512f") && std::is_x86_feature_detected!("fma") {
            return if super::amx::available() { Level::Matrix } else { Level::Avx512 };
        }
        if std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma") {
            return Level::Avx2;
        }
    }
    Level::Portable
}

/// A few lanes of f32. Every implementation rounds each operation once (a fused multiply-add rounds once in all), so
/// results do not depend on how rows are grouped.
pub trait Lanes: Copy {
    /// How many.
    const N: usize;
    /// All lanes the same.
    fn splat(x: f32) -> Self;
    /// Reads `N` lanes.
    ///
    /// # Safety
    /// `p` must be readable for `N` values.
    unsafe fn load(p: *const f32) -> Self;
    /// Writes `N` lanes.
    ///
    /// # Safety
    /// `p` must be writable for `N` values.
    unsafe fn store(self, p: *mut f32);
    /// Sum.
    fn add(self, o: Self) -> Self;
    /// Difference.
    fn sub(self, o: Self) -> Self;
    /// Product.
    fn mul(self, o: Self) -> Self;
    /// Quotient.
    fn div(self, o: Self) -> Self;
    /// `self * b + c`.
    fn fma(self, b: Self, c: Self) -> Self;
    /// Smaller of two.
    fn min(self, o: Self) -> Self;
    /// Larger of two.
    fn max(self, o: Self) -> Self;
    /// Square root.
    fn sqrt(self) -> Self;
    /// Nearest whole number.
    fn round(self) -> Self;
    /// Two to the power of a whole number within -126..=127.
    fn pow2(self) -> Self;
    /// Sum of the lanes, in a fixed order.
    fn sum(self) -> f32;
    /// Asks for the memory at `p` to be fetched; any address will do.
    #[inline(always)]
    fn fetch(_p: *const f32) {}

    /// The first `N` values of a slice; fewer are filled up with zeros.
    #[inline(always)]
    fn read(s: &[f32]) -> Self {
        if s.len() >= Self::N {
            // SAFETY: the slice holds at least N values.
            return unsafe { Self::load(s.as_ptr()) };
        }
        let mut part = [0.0_f32; 16];
        part[..s.len()].copy_from_slice(s);
        // SAFETY: N is at most 16.
        unsafe { Self::load(part.as_ptr()) }
    }

    /// Writes the first `N` values of a slice, or as many as it holds.
    #[inline(always)]
    fn write(self, s: &mut [f32]) {
        if s.len() >= Self::N {
            // SAFETY: the slice holds at least N values.
            return unsafe { self.store(s.as_mut_ptr()) };
        }
        let mut part = [0.0_f32; 16];
        // SAFETY: N is at most 16.
        unsafe { self.store(part.as_mut_ptr()) };
        let n = s.len();
        s.copy_from_slice(&part[..n]);
    }
}

/// Eight lanes without special instructions.
#[derive(Clone, Copy)]
pub struct Portable([f32; 8]);

macro_rules! lanewise {
    ($($name:ident($($o:ident),*) = $f:expr;)*) => {$(
        #[inline(always)]
        fn $name(self, $($o: Self),*) -> Self {
            Self(std::array::from_fn(|i| ($f)(self.0[i], $($o.0[i]),*)))
        }
    )*};
}

impl Lanes for Portable {
    const N: usize = 8;
    #[inline(always)]
    fn splat(x: f32) -> Self {
        Self([x; 8])
    }
    #[inline(always)]
    unsafe fn load(p: *const f32) -> Self {
        // SAFETY: the caller vouches for 8 values.
        Self(unsafe { p.cast::<[f32; 8]>().read_unaligned() })
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f32) {
        // SAFETY: the caller vouches for 8 values.
        unsafe { p.cast::<[f32; 8]>().write_unaligned(self.0) }
    }
    lanewise! {
        add(o) = |a: f32, b: f32| a + b;
        sub(o) = |a: f32, b: f32| a - b;
        mul(o) = |a: f32, b: f32| a * b;
        div(o) = |a: f32, b: f32| a / b;
        // Not fused: without the instruction a fused multiply-add is a slow library call.
        fma(b, c) = |a: f32, b: f32, c: f32| a * b + c;
        min(o) = f32::min;
        max(o) = f32::max;
        sqrt() = f32::sqrt;
        round() = f32::round_ties_even;
        pow2() = |a: f32| f32::from_bits((((a as i32) + 127) as u32) << 23);
    }
    #[inline(always)]
    fn sum(self) -> f32 {
        let [a, b, c, d, e, f, g, h] = self.0;
        ((a + e) + (c + g)) + ((b + f) + (d + h))
    }
}

#[cfg(target_arch = "x86_64")]
pub use x86::{V256, V512};

#[cfg(target_arch = "x86_64")]
#[allow(clippy::wildcard_imports)]
mod x86 {
    use super::Lanes;
    use std::arch::x86_64::*;

    macro_rules! x86_lanes {
        ($name:ident, $reg:ty, $n:expr, $splat:ident, $load:ident, $store:ident, $add:ident, $sub:ident, $mul:ident,
         $div:ident, $fma:ident, $min:ident, $max:ident, $sqrt:ident, $round:expr, $pow2:expr, $sum:expr) => {
            /// Lanes in one processor register. Only functions that [`super::level`] has allowed may hold one.
            #[derive(Clone, Copy)]
            pub struct $name($reg);

            // SAFETY of every block: values of this type exist only inside functions entered through `simd_entry!`,
            // which has checked that the processor has the instructions.
            impl Lanes for $name {
                const N: usize = $n;
                #[inline(always)]
                fn splat(x: f32) -> Self {
                    Self(unsafe { $splat(x) })
                }
                #[inline(always)]
                unsafe fn load(p: *const f32) -> Self {
                    Self(unsafe { $load(p) })
                }
                #[inline(always)]
                unsafe fn store(self, p: *mut f32) {
                    unsafe { $store(p, self.0) }
                }
                #[inline(always)]
                fn add(self, o: Self) -> Self {
                    Self(unsafe { $add(self.0, o.0) })
                }
                #[inline(always)]
                fn sub(self, o: Self) -> Self {
                    Self(unsafe { $sub(self.0, o.0) })
                }
                #[inline(always)]
                fn mul(self, o: Self) -> Self {
                    Self(unsafe { $mul(self.0, o.0) })
                }
                #[inline(always)]
                fn div(self, o: Self) -> Self {
                    Self(unsafe { $div(self.0, o.0) })
                }
                #[inline(always)]
                fn fma(self, b: Self, c: Self) -> Self {
                    Self(unsafe { $fma(self.0, b.0, c.0) })
                }
                #[inline(always)]
                fn min(self, o: Self) -> Self {
                    Self(unsafe { $min(self.0, o.0) })
                }
                #[inline(always)]
                fn max(self, o: Self) -> Self {
                    Self(unsafe { $max(self.0, o.0) })
                }
                #[inline(always)]
                fn sqrt(self) -> Self {
                    Self(unsafe { $sqrt(self.0) })
                }
                #[inline(always)]
                fn round(self) -> Self {
                    Self(unsafe { $round(self.0) })
                }
                #[inline(always)]
                fn pow2(self) -> Self {
                    Self(unsafe { $pow2(self.0) })
                }
                #[inline(always)]
                fn sum(self) -> f32 {
                    unsafe { $sum(self.0) }
                }
                #[inline(always)]
                fn fetch(p: *const f32) {
                    unsafe { _mm_prefetch::<_MM_HINT_T0>(p.cast()) }
                }
            }
        };
    }

    x86_lanes!(
        V256,
        __m256,
        8,
        _mm256_set1_ps,
        _mm256_loadu_ps,
        _mm256_storeu_ps,
        _mm256_add_ps,
        _mm256_sub_ps,
        _mm256_mul_ps,
        _mm256_div_ps,
        _mm256_fmadd_ps,
        _mm256_min_ps,
        _mm256_max_ps,
        _mm256_sqrt_ps,
        |v| _mm256_round_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(v),
        |v| _mm256_castsi256_ps(_mm256_slli_epi32::<23>(_mm256_add_epi32(
            _mm256_cvtps_epi32(v),
            _mm256_set1_epi32(127)
        ))),
        |v| {
            let half = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps::<1>(v));
            let pair = _mm_add_ps(half, _mm_movehl_ps(half, half));
            _mm_cvtss_f32(_mm_add_ss(pair, _mm_shuffle_ps::<1>(pair, pair)))
        }
    );
    x86_lanes!(
        V512,
        __m512,
        16,
        _mm512_set1_ps,
        _mm512_loadu_ps,
        _mm512_storeu_ps,
        _mm512_add_ps,
        _mm512_sub_ps,
        _mm512_mul_ps,
        _mm512_div_ps,
        _mm512_fmadd_ps,
        _mm512_min_ps,
        _mm512_max_ps,
        _mm512_sqrt_ps,
        |v| _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(v),
        |v| _mm512_castsi512_ps(_mm512_slli_epi32::<23>(_mm512_add_epi32(
            _mm512_cvtps_epi32(v),
            _mm512_set1_epi32(127)
        ))),
        |v| _mm512_reduce_add_ps(v)
    );
}

/// Defines a function that runs the generic `$inner` with the lanes of this machine.
macro_rules! simd_entry {
    ($(#[$doc:meta])* $vis:vis fn $name:ident($($a:ident: $t:ty),* $(,)?) $(-> $r:ty)? = $inner:ident) => {
        $(#[$doc])*
        #[allow(clippy::too_many_arguments, unsafe_code)]
        $vis fn $name($($a: $t),*) $(-> $r)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx2,fma")]
                fn wide($($a: $t),*) $(-> $r)? {
                    $inner::<$crate::simd::lanes::V512>($($a),*)
                }
                #[target_feature(enable = "avx2,fma")]
                fn middle($($a: $t),*) $(-> $r)? {
                    $inner::<$crate::simd::lanes::V256>($($a),*)
                }
                match $crate::simd::lanes::level() {
                    // SAFETY: the level says that the processor has these instructions.
                    $crate::simd::lanes::Level::Avx512 | $crate::simd::lanes::Level::Matrix => return unsafe { wide($($a),*) },
                    // SAFETY: as above.
                    $crate::simd::lanes::Level::Avx2 => return unsafe { middle($($a),*) },
                    $crate::simd::lanes::Level::Portable => {}
                }
            }
            $inner::<$crate::simd::lanes::Portable>($($a),*)
        }
    };
}
pub(crate) use simd_entry;
