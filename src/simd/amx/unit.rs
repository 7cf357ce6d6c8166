//! The product itself: operands cut and packed, tiles multiplied, results put in their place.

use super::super::gemm::Start;
use super::cut::{EMPTY, LINES, Line, cut, lanes};
use super::tiles::{Tile, one_by_four, one_by_two, two_by_two};
use super::{HEAD, Operand, STEP, packed_len};
use std::arch::asm;
use std::arch::x86_64::{
    __cpuid_count, _mm512_add_ps, _mm512_loadu_ps, _mm512_mask_storeu_ps, _mm512_maskz_loadu_ps,
};
use std::cell::RefCell;
use std::ops::Range;
use std::sync::OnceLock;

/// Whether the processor has the unit and the system lets this process use it.
pub fn available() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(|| {
        // Leaf 7: AMX-BF16 and AMX-TILE.
        let features = __cpuid_count(7, 0).edx;
        let vectors = std::is_x86_feature_detected!("avx512f") && std::is_x86_feature_detected!("avx512bw");
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

/// Rows of the left operand, and steps of it, that are cut at once: 590 KB, which with a piece of a panel stay in the
/// second-level cache.
const ROWS: usize = 128;
const DEPTH: usize = 24;

thread_local! {
    static LEFT: RefCell<Vec<Line>> = const { RefCell::new(Vec::new()) };
}

/// Cuts a `[k, n]` operand into parts and panels of 32 columns, filled up with zeros.
pub fn pack(b: Operand<'_>, k: usize, n: usize, out: &mut [f32]) {
    assert!(available(), "this machine has no matrix unit");
    check(b, n, k);
    let out = &mut out[..packed_len(k, n)];
    let head = (out.as_ptr().wrapping_add(1)).align_offset(64).min(HEAD - 1) + 1;
    out[0] = f32::from_bits(head as u32);
    let (to, steps) = (out[head..].as_mut_ptr(), k.div_ceil(32));
    for panel in 0..n.div_ceil(32) {
        // SAFETY: the unit is there; the operand was checked, and `out` has room for every panel.
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
    assert!(available(), "this machine has no matrix unit");
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
