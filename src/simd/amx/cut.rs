//! Operands cut into bfloat16 parts, in the order in which tiles load them.
#![allow(clippy::wildcard_imports)]

use super::Operand;
use std::arch::x86_64::*;
use std::ops::Range;

/// One row of a tile: sixteen pairs of parts.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Line(pub(super) [u32; 16]);

pub(super) const EMPTY: Line = Line([0; 16]);
/// Lines of a step: three parts of two tiles of sixteen.
pub(super) const LINES: usize = 96;

pub(super) fn lanes(n: usize) -> __mmask16 {
    if n >= 16 { u16::MAX } else { (1 << n) - 1 }
}

/// The three parts of sixteen values, each in the upper half of its lane.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn parts(x: __m512) -> [__m512i; 3] {
    let upper = _mm512_set1_epi32(0xFFFF_0000_u32 as i32);
    let a = _mm512_and_si512(_mm512_castps_si512(x), upper);
    let rest = _mm512_sub_ps(x, _mm512_castsi512_ps(a));
    let b = _mm512_and_si512(_mm512_castps_si512(rest), upper);
    let c = _mm512_castps_si512(_mm512_sub_ps(rest, _mm512_castsi512_ps(b)));
    [a, b, c]
}

/// Cuts 32 rows of the left operand, or 32 columns of the right one, from `first` on: a step of 32 k after the other,
/// in each the parts, in each of those two tiles. Of `outers` rows or columns those beyond count
/// as zero.
///
/// # Safety
/// The operand must have been checked, and `to` have room for `STEP` values a step. The unit must be there.
#[target_feature(enable = "avx512f,avx512bw")]
pub(super) unsafe fn cut<const LEFT: bool>(
    x: Operand<'_>,
    first: usize,
    outers: usize,
    steps: Range<usize>,
    k: usize,
    to: *mut f32,
) {
    let to = to.cast::<Line>();
    for (at, step) in steps.enumerate() {
        for tile in 0..2 {
            let first = first + tile * 16;
            let (outers, deep) = (outers.saturating_sub(first).min(16), (k - step * 32).min(32));
            let from = x.data.as_ptr().wrapping_add(first * x.outer + step * 32 * x.inner);
            let to = to.wrapping_add(at * LINES + tile * 16);
            let place = |part: usize, line: usize| to.wrapping_add(part * 32 + line).cast::<__m512i>();
            // Lines as they lie: of rows the 32 k of one, of columns a pair of k of sixteen.
            let line = |at: usize| {
                // SAFETY: `from` is followed by that many rows or columns and values of k.
                unsafe {
                    if x.inner == 1 {
                        along(from.wrapping_add(at * x.outer), if at < outers { deep } else { 0 })
                    } else {
                        let second = from.wrapping_add((2 * at + 1) * x.inner);
                        let here = |k: usize| if k < deep { outers } else { 0 };
                        across(from.wrapping_add(2 * at * x.inner), here(2 * at), second, here(2 * at + 1))
                    }
                }
            };
            if (x.inner == 1) == LEFT {
                for at in 0..16 {
                    for (part, values) in line(at).into_iter().enumerate() {
                        // SAFETY: the caller vouches for the room.
                        unsafe { _mm512_storeu_si512(place(part, at), values) }
                    }
                }
                continue;
            }
            let mut lines = [[_mm512_setzero_si512(); 16]; 3];
            for at in 0..16 {
                for (lines, values) in lines.iter_mut().zip(line(at)) {
                    lines[at] = values;
                }
            }
            for (part, lines) in lines.iter_mut().enumerate() {
                transpose(lines);
                for (at, values) in lines.iter().enumerate() {
                    // SAFETY: as above.
                    unsafe { _mm512_storeu_si512(place(part, at), *values) }
                }
            }
        }
    }
}

/// The parts of `deep` values that follow each other along k, filled up to 32 with zeros.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
unsafe fn along(from: *const f32, deep: usize) -> [__m512i; 3] {
    // The upper halves of all lanes.
    const ODD: [u16; 32] = {
        let (mut out, mut at) = ([0; 32], 0);
        while at < 32 {
            out[at] = 2 * at as u16 + 1;
            at += 1;
        }
        out
    };
    // SAFETY: the caller vouches for the values; what lies beyond `deep` is not read.
    unsafe {
        let odd = _mm512_loadu_si512(ODD.as_ptr().cast());
        let low = parts(_mm512_maskz_loadu_ps(lanes(deep), from));
        let high = parts(_mm512_maskz_loadu_ps(lanes(deep.saturating_sub(16)), from.wrapping_add(16)));
        std::array::from_fn(|part| _mm512_permutex2var_epi16(low[part], odd, high[part]))
    }
}

/// The parts of a pair of k of rows or columns that follow each other, filled up to sixteen with zeros.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
unsafe fn across(even: *const f32, evens: usize, odd: *const f32, odds: usize) -> [__m512i; 3] {
    let upper = _mm512_set1_epi32(0xFFFF_0000_u32 as i32);
    // SAFETY: the caller vouches for the values; what lies beyond them is not read.
    let (even, odd) = unsafe {
        let even = _mm512_maskz_loadu_ps(lanes(evens), even);
        (parts(even), parts(_mm512_maskz_loadu_ps(lanes(odds), odd)))
    };
    std::array::from_fn(|part| {
        _mm512_or_si512(_mm512_srli_epi32::<16>(even[part]), _mm512_and_si512(odd[part], upper))
    })
}

/// Transposes sixteen lines of sixteen pairs.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn transpose(lines: &mut [__m512i; 16]) {
    let mut t = *lines;
    for at in 0..8 {
        t[2 * at] = _mm512_unpacklo_epi32(lines[2 * at], lines[2 * at + 1]);
        t[2 * at + 1] = _mm512_unpackhi_epi32(lines[2 * at], lines[2 * at + 1]);
    }
    let mut u = t;
    for at in 0..4 {
        let f = 4 * at;
        u[f] = _mm512_unpacklo_epi64(t[f], t[f + 2]);
        u[f + 1] = _mm512_unpackhi_epi64(t[f], t[f + 2]);
        u[f + 2] = _mm512_unpacklo_epi64(t[f + 1], t[f + 3]);
        u[f + 3] = _mm512_unpackhi_epi64(t[f + 1], t[f + 3]);
    }
    for at in 0..4 {
        let low = _mm512_shuffle_i32x4::<0x88>(u[at], u[at + 4]);
        let high = _mm512_shuffle_i32x4::<0xDD>(u[at], u[at + 4]);
        let low2 = _mm512_shuffle_i32x4::<0x88>(u[at + 8], u[at + 12]);
        let high2 = _mm512_shuffle_i32x4::<0xDD>(u[at + 8], u[at + 12]);
        lines[at] = _mm512_shuffle_i32x4::<0x88>(low, low2);
        lines[at + 4] = _mm512_shuffle_i32x4::<0x88>(high, high2);
        lines[at + 8] = _mm512_shuffle_i32x4::<0xDD>(low, low2);
        lines[at + 12] = _mm512_shuffle_i32x4::<0xDD>(high, high2);
    }
}
