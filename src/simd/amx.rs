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

/// Values between two strides of 32 columns and 32 of k: three parts of half the size each.
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

    pub fn pack(_: Operand<'_>, _: usize, _: usize, _: &mut [f32]) {}

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
    }
}
#[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
pub use none::{available, gemm, pack};

#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
#[allow(clippy::wildcard_imports)]
mod unit {
    use super::super::gemm::Start;
    use super::{HEAD, Operand, STEP, packed_len};
    use std::arch::asm;
    use std::arch::x86_64::*;
    use std::cell::RefCell;
    use std::ops::Range;
    use std::sync::OnceLock;

    /// Whether the processor has the unit and the system lets this process use it.
    pub fn available() -> bool {
        static ANSWER: OnceLock<bool> = OnceLock::new();
        *ANSWER.get_or_init(|| {
            // Leaf 7: AMX-BF16 and AMX-TILE.
            let features = __cpuid_count(7, 0).edx;
            let vectors =
                std::is_x86_feature_detected!("avx512f") && std::is_x86_feature_detected!("avx512bw");
            vectors && features >> 22 & 1 == 1 && features >> 24 & 1 == 1 && permitted()
        })
    }

    /// Asks Linux for the unit's registers (arch_prctl, ARCH_REQ_XCOMP_PERM, XTILEDATA); older kernels refuse.
    fn permitted() -> bool {
        let (call, request, state) = (158_isize, 0x1023_usize, 18_usize);
        let answer: isize;
        // SAFETY: the call touches no memory of this process.
        unsafe {
            asm!("syscall", inlateout("rax") call => answer, in("rdi") request, in("rsi") state,
                out("rcx") _, out("r11") _, options(nostack));
        }
        answer == 0
    }

    /// One row of a tile: sixteen pairs of parts.
    #[derive(Clone, Copy)]
    #[repr(C, align(64))]
    struct Line([u32; 16]);

    const EMPTY: Line = Line([0; 16]);
    /// Lines of a step: three parts of two tiles of sixteen.
    const LINES: usize = 96;
    /// Rows of the left operand, and steps of it, that are cut at once: 590 KB, which with a piece of a panel stay in the
    /// second-level cache.
    const ROWS: usize = 128;
    const DEPTH: usize = 24;

    thread_local! {
        static LEFT: RefCell<Vec<Line>> = const { RefCell::new(Vec::new()) };
    }

    /// Cuts a `[k, n]` operand into parts and panels of 32 columns, filled up with zeros.
    pub fn pack(b: Operand<'_>, k: usize, n: usize, out: &mut [f32]) {
        check(b, n, k);
        let out = &mut out[..packed_len(k, n)];
        let head = (out.as_ptr().wrapping_add(1)).align_offset(64).min(HEAD - 1) + 1;
        out[0] = f32::from_bits(head as u32);
        let (to, steps) = (out[head..].as_mut_ptr(), k.div_ceil(32));
        for panel in 0..n.div_ceil(32) {
            // SAFETY: `available` was asked before anybody came here; the operand was checked, and `out` has room for every panel.
            unsafe { cut::<false>(b, panel * 32, n, 0..steps, k, to.add(panel * steps * STEP)) }
        }
    }

    fn check(x: Operand<'_>, outers: usize, k: usize) {
        assert!(x.outer == 1 || x.inner == 1, "an operand of the matrix unit lies in rows or in columns");
        assert!(
            outers == 0 || k == 0 || (outers - 1) * x.outer + (k - 1) * x.inner < x.data.len(),
            "operand too short"
        );
    }

    /// `c = start + a b`: a `[m, k]`, b packed, c row-major, rows `width` apart.
    #[allow(clippy::too_many_arguments)]
    pub fn gemm(
        a: Operand<'_>,
        b: &[f32],
        m: usize,
        k: usize,
        n: usize,
        c: &mut [f32],
        width: usize,
        start: Start<'_>,
    ) {
        check(a, m, k);
        assert!(packed_len(k, n) <= b.len(), "packed operand too short");
        assert!(width >= n && (m - 1) * width + n <= c.len(), "result too short");
        if let Start::Bias(bias) = start {
            assert!(n <= bias.len(), "bias too short");
        }
        let head = b[0].to_bits() as usize;
        assert!((1..=HEAD).contains(&head), "not a packed operand");
        let (steps, panels) = (k.div_ceil(32), n.div_ceil(32));
        LEFT.with_borrow_mut(|left| {
            left.resize(m.min(ROWS).div_ceil(32) * steps.clamp(1, DEPTH) * LINES, EMPTY);
            configure();
            let mut out = Out { c, width, n, start };
            for first in (0..m).step_by(ROWS) {
                let rows = first..(first + ROWS).min(m);
                for from in (0..steps.max(1)).step_by(DEPTH) {
                    out.start = if from == 0 { start } else { Start::Keep };
                    let depth = DEPTH.min(steps - from);
                    for block in 0..rows.len().div_ceil(32) {
                        let to = left[block * depth * LINES..].as_mut_ptr().cast();
                        // SAFETY: the operand was checked and `left` has room for the block.
                        unsafe { cut::<true>(a, first + block * 32, m, from..from + depth, k, to) }
                    }
                    let right = |panel: usize| b[head + (panel * steps + from) * STEP..].as_ptr();
                    // SAFETY: both operands have these steps.
                    unsafe { out.rows(rows.clone(), panels, depth, left, right) }
                }
            }
            release();
        });
    }

    /// 32 rows of 64 columns: where the unit puts its results. Straight into the result's rows it would be slow, because these
    /// begin anywhere on a line of the cache and fall on few of its sets.
    #[repr(C, align(64))]
    struct Tile([f32; 32 * 64]);

    struct Out<'a> {
        c: &'a mut [f32],
        width: usize,
        n: usize,
        start: Start<'a>,
    }

    impl Out<'_> {
        /// The product of some rows, cut into `left`, with `depth` steps of every panel.
        ///
        /// # Safety
        /// `left` and every panel must hold that many steps.
        #[target_feature(enable = "avx512f")]
        unsafe fn rows(
            &mut self,
            rows: Range<usize>,
            panels: usize,
            depth: usize,
            left: &[Line],
            right: impl Fn(usize) -> *const f32,
        ) {
            let mut tile = Tile([0.0; 32 * 64]);
            let full = (rows.len() + 15) / 32; // blocks of more than sixteen rows
            let block = |at: usize| {
                let from = rows.start + at * 32;
                (from..(from + 32).min(rows.end), left[at * depth * LINES..].as_ptr())
            };
            for pair in (0..panels).step_by(2) {
                for panel in pair..panels.min(pair + 2) {
                    for at in 0..full {
                        let (rows, left) = block(at);
                        // SAFETY: the caller vouches for the steps.
                        unsafe { two_by_two(left, right(panel), depth, &mut tile) }
                        self.put(&tile, rows, panel * 32, 32);
                    }
                }
                if full * 32 < rows.len() {
                    let (rows, left) = block(full);
                    let second = (pair + 1).min(panels - 1);
                    // SAFETY: as above.
                    unsafe {
                        if second > pair {
                            one_by_four(left, (right(pair), right(second)), depth, &mut tile);
                        } else {
                            one_by_two(left, right(pair), depth, &mut tile);
                        }
                    }
                    self.put(&tile, rows, pair * 32, (second - pair + 1) * 32);
                }
            }
        }

        /// Adds a tile to what the result starts from.
        #[target_feature(enable = "avx512f")]
        #[inline]
        fn put(&mut self, tile: &Tile, rows: Range<usize>, from: usize, columns: usize) {
            let columns = columns.min(self.n - from);
            for (line, row) in tile.0.chunks_exact(64).zip(rows) {
                let to = &mut self.c[row * self.width + from..][..columns];
                for at in (0..columns).step_by(16) {
                    let mask = lanes(columns - at);
                    // SAFETY: lanes beyond the columns are neither read nor written; the bias has `n` values.
                    unsafe {
                        let sum = _mm512_loadu_ps(line[at..].as_ptr());
                        let sum = match self.start {
                            Start::Zero => sum,
                            Start::Keep => _mm512_add_ps(_mm512_maskz_loadu_ps(mask, to[at..].as_ptr()), sum),
                            Start::Bias(bias) => {
                                _mm512_add_ps(_mm512_maskz_loadu_ps(mask, bias[from + at..].as_ptr()), sum)
                            }
                        };
                        _mm512_mask_storeu_ps(to[at..].as_mut_ptr(), mask, sum);
                    }
                }
            }
        }
    }

    /// Eight tiles of sixteen rows of 64 bytes.
    fn configure() {
        let mut tiles = [EMPTY; 1];
        let words = &mut tiles[0].0;
        words[0] = 1; // palette
        words[4..8].fill(64 << 16 | 64);
        words[12..14].fill(0x1010_1010);
        // SAFETY: `available` says that the unit is there; the configuration is 64 bytes.
        unsafe { asm!("ldtilecfg [{}]", in(reg) tiles.as_ptr(), options(nostack)) }
    }

    /// Gives the tiles back, so that the system need not save them.
    fn release() {
        // SAFETY: as in `configure`.
        unsafe { asm!("tilerelease", options(nostack)) }
    }

    fn lanes(n: usize) -> __mmask16 {
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
    unsafe fn cut<const LEFT: bool>(
        x: Operand<'_>,
        first: usize,
        outers: usize,
        steps: Range<usize>,
        k: usize,
        to: *mut f32,
    ) {
        let to = to.cast::<Line>();
        for (place, step) in steps.enumerate() {
            for tile in 0..2 {
                let first = first + tile * 16;
                let (outers, deep) = (outers.saturating_sub(first).min(16), (k - step * 32).min(32));
                let from = x.data.as_ptr().wrapping_add(first * x.outer + step * 32 * x.inner);
                let to = to.wrapping_add(place * LINES + tile * 16);
                // SAFETY: `from` is followed by that many rows or columns and values of k.
                unsafe {
                    let mut lines = if x.inner == 1 {
                        along(from, x.outer, outers, deep)
                    } else {
                        across(from, x.inner, outers, deep)
                    };
                    for (part, lines) in lines.iter_mut().enumerate() {
                        if (x.inner == 1) != LEFT {
                            transpose(lines);
                        }
                        for (row, line) in lines.iter().enumerate() {
                            _mm512_storeu_si512(to.wrapping_add(part * 32 + row).cast(), *line);
                        }
                    }
                }
            }
        }
    }

    type Lines = [[__m512i; 16]; 3];

    /// Rows contiguous along k: a line holds the 32 k of one row or column.
    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    unsafe fn along(from: *const f32, outer: usize, outers: usize, deep: usize) -> Lines {
        let mut odd = [0_u16; 32];
        odd.iter_mut().enumerate().for_each(|(at, o)| *o = 2 * at as u16 + 1);
        let mut out = [[_mm512_setzero_si512(); 16]; 3];
        // SAFETY: the caller vouches for the rows; what lies beyond `deep` is not read.
        unsafe {
            let odd = _mm512_loadu_si512(odd.as_ptr().cast());
            for row in 0..outers {
                let p = from.wrapping_add(row * outer);
                let low = parts(_mm512_maskz_loadu_ps(lanes(deep), p));
                let high = parts(_mm512_maskz_loadu_ps(lanes(deep.saturating_sub(16)), p.wrapping_add(16)));
                for part in 0..3 {
                    out[part][row] = _mm512_permutex2var_epi16(low[part], odd, high[part]);
                }
            }
        }
        out
    }

    /// Rows contiguous across k: a line holds a pair of k of sixteen rows or columns.
    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    unsafe fn across(from: *const f32, inner: usize, outers: usize, deep: usize) -> Lines {
        let upper = _mm512_set1_epi32(0xFFFF_0000_u32 as i32);
        let mut out = [[_mm512_setzero_si512(); 16]; 3];
        for pair in 0..deep.div_ceil(2) {
            let p = from.wrapping_add(2 * pair * inner);
            let second = if 2 * pair + 1 < deep { outers } else { 0 };
            // SAFETY: the caller vouches for the values; what lies beyond `outers` and `deep` is not read.
            let (even, odd) = unsafe {
                let even = _mm512_maskz_loadu_ps(lanes(outers), p);
                (parts(even), parts(_mm512_maskz_loadu_ps(lanes(second), p.wrapping_add(inner))))
            };
            for part in 0..3 {
                let low = _mm512_srli_epi32::<16>(even[part]);
                out[part][pair] = _mm512_or_si512(low, _mm512_and_si512(odd[part], upper));
            }
        }
        out
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

    /// The steps of a tile, in the same order for every shape, so that a row's numbers do not depend on it, and so that each
    /// product shares a part with the one before: a3 b1, a2 b1, a2 b2, a1 b2, a1 b1, a1 b3. Parts lie 2,048 bytes apart.
    /// `$a` and `$b` load them, `$multiply` is one product; the result goes to `$store`.
    macro_rules! tiles {
        ($a:ident, $b:ident, $multiply:expr, $next:literal, [$($store:literal),*], $($operands:tt)*) => {
            asm!(
                "tilezero tmm0",
                "tilezero tmm1",
                "tilezero tmm2",
                "tilezero tmm3",
                "test {k}, {k}",
                "jz 3f",
                "2:",
                $a!("4096"), $b!("0"), $multiply,
                $a!("2048"), $multiply,
                $b!("2048"), $multiply,
                $a!("0"), $multiply,
                $b!("0"), $multiply,
                $b!("4096"), $multiply,
                "add {a}, 6144",
                $next,
                "dec {k}",
                "jnz 2b",
                "3:",
                $($store,)*
                s = in(reg) 64_usize, width = in(reg) 256_usize,
                $($operands)*
                out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                options(nostack),
            )
        };
    }

    /// Loads one tile of a part.
    macro_rules! one {
        ($at:literal) => {
            concat!("tileloadd tmm4, [{a} + {s} + ", $at, "]")
        };
    }

    /// Loads two.
    macro_rules! two {
        ($at:literal) => {
            concat!("tileloadd tmm6, [{b} + {s} + ", $at, "]\ntileloadd tmm7, [{b} + {s} + 1024 + ", $at, "]")
        };
    }

    /// 32 rows by 32 columns.
    #[inline]
    unsafe fn two_by_two(a: *const Line, b: *const f32, steps: usize, to: &mut Tile) {
        macro_rules! left {
            ($at:literal) => {
                concat!(
                    "tileloadd tmm4, [{a} + {s} + ",
                    $at,
                    "]\ntileloadd tmm5, [{a} + {s} + 1024 + ",
                    $at,
                    "]"
                )
            };
        }
        // SAFETY: the caller vouches for both operands; a tile has 32 rows of 64.
        unsafe {
            tiles!(
                left, two,
                "tdpbf16ps tmm0, tmm4, tmm6\ntdpbf16ps tmm1, tmm4, tmm7\ntdpbf16ps tmm2, tmm5, tmm6\ntdpbf16ps tmm3, tmm5, tmm7",
                "add {b}, 6144",
                ["tilestored [{to} + {width}], tmm0", "tilestored [{to} + {width} + 64], tmm1",
                 "tilestored [{to} + {width} + 4096], tmm2", "tilestored [{to} + {width} + 4160], tmm3"],
                a = inout(reg) a => _, b = inout(reg) b => _, k = inout(reg) steps => _, to = in(reg) to.0.as_mut_ptr(),
            );
        }
    }

    /// 16 rows by the 64 columns of two panels.
    #[inline]
    unsafe fn one_by_four(a: *const Line, (b, b2): (*const f32, *const f32), steps: usize, to: &mut Tile) {
        macro_rules! product {
            ($a:literal, $b:literal) => {
                concat!(
                    "tileloadd tmm4, [{a} + {s} + ",
                    $a,
                    "]\n",
                    "tileloadd tmm5, [{b} + {s} + ",
                    $b,
                    "]\n",
                    "tdpbf16ps tmm0, tmm4, tmm5\n",
                    "tileloadd tmm6, [{b} + {s} + 1024 + ",
                    $b,
                    "]\n",
                    "tdpbf16ps tmm1, tmm4, tmm6\n",
                    "tileloadd tmm7, [{b2} + {s} + ",
                    $b,
                    "]\n",
                    "tdpbf16ps tmm2, tmm4, tmm7\n",
                    "tileloadd tmm5, [{b2} + {s} + 1024 + ",
                    $b,
                    "]\n",
                    "tdpbf16ps tmm3, tmm4, tmm5"
                )
            };
        }
        macro_rules! all {
            ("4096") => {
                product!("4096", "0")
            };
            ("2048") => {
                concat!(product!("2048", "0"), "\n", product!("2048", "2048"))
            };
            ("0") => {
                concat!(product!("0", "2048"), "\n", product!("0", "0"), "\n", product!("0", "4096"))
            };
        }
        macro_rules! nothing {
            ($at:literal) => {
                ""
            };
        }
        // SAFETY: as above.
        unsafe {
            tiles!(
                all, nothing, "", "add {b}, 6144\nadd {b2}, 6144",
                ["tilestored [{to} + {width}], tmm0", "tilestored [{to} + {width} + 64], tmm1",
                 "tilestored [{to} + {width} + 128], tmm2", "tilestored [{to} + {width} + 192], tmm3"],
                a = inout(reg) a => _, b = inout(reg) b => _, b2 = inout(reg) b2 => _, k = inout(reg) steps => _,
                to = in(reg) to.0.as_mut_ptr(),
            );
        }
    }

    /// 16 rows by 32 columns.
    #[inline]
    unsafe fn one_by_two(a: *const Line, b: *const f32, steps: usize, to: &mut Tile) {
        // SAFETY: as above.
        unsafe {
            tiles!(
                one, two, "tdpbf16ps tmm0, tmm4, tmm6\ntdpbf16ps tmm1, tmm4, tmm7", "add {b}, 6144",
                ["tilestored [{to} + {width}], tmm0", "tilestored [{to} + {width} + 64], tmm1"],
                a = inout(reg) a => _, b = inout(reg) b => _, k = inout(reg) steps => _, to = in(reg) to.0.as_mut_ptr(),
            );
        }
    }
}
