//! Products of small matrices on one thread: the caller spreads models and rows over threads.
//!
//! Each element of the result is one chain of multiply-adds over k in order, whatever rows or columns stand beside it, so
//! a row's numbers do not depend on how rows are grouped or spread over threads. Where the processor has a matrix unit,
//! operands packed for it go through it (see `simd::amx`), with a chain of its own that keeps the same promise.
#![allow(unsafe_code)]

use super::amx::{self, Operand};
use super::lanes::{self, Lanes, Level, simd_entry};

/// The left operand: element (i, k) lies at `i * row + k * col`.
#[derive(Clone, Copy)]
pub struct Left<'a> {
    /// Values.
    pub data: &'a [f32],
    /// Distance between rows.
    pub row: usize,
    /// Distance between columns.
    pub col: usize,
}

impl<'a> Left<'a> {
    /// Row-major with that many columns.
    pub fn rows(data: &'a [f32], width: usize) -> Self {
        Self { data, row: width, col: 1 }
    }

    /// The transpose of a row-major matrix with that many columns.
    pub fn transposed(data: &'a [f32], width: usize) -> Self {
        Self { data, row: 1, col: width }
    }
}

/// The right operand, row-major `[k, n]`.
#[derive(Clone, Copy)]
pub enum Right<'a> {
    /// As it lies in memory, rows `width` apart.
    Plain(&'a [f32], usize),
    /// Cut into panels beforehand for a unit, for operands used many times.
    Packed(Unit, &'a [f32]),
}

/// What multiplies a packed operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Lanes of f32.
    Lanes,
    /// The matrix unit; it needs packed operands half as large again.
    Matrix,
}

impl Unit {
    /// The best unit of this machine for products of so many rows: below 48 the matrix unit spends more on packing a weight
    /// than it gains.
    pub fn for_rows(rows: usize) -> Self {
        if rows >= 48 && lanes::level() == Level::Matrix { Self::Matrix } else { Self::Lanes }
    }
}

/// Widest panel in columns: two registers of sixteen lanes.
const PANEL: usize = 32;

/// What becomes of the values already in the result.
#[derive(Clone, Copy, PartialEq)]
pub enum Start<'a> {
    /// Overwritten.
    Zero,
    /// Added to.
    Keep,
    /// Overwritten; every row of the product begins with these values, one for each column.
    Bias(&'a [f32]),
}

/// Length of a packed `[k, n]` operand.
pub fn packed_len(unit: Unit, k: usize, n: usize) -> usize {
    if unit == Unit::Matrix {
        return amx::packed_len(k, n);
    }
    k * n.div_ceil(PANEL) * PANEL
}

/// Cuts a row-major `[k, n]` matrix, rows `width` apart, into panels of 32 columns, each contiguous, the last filled up
/// with zeros.
pub fn pack(unit: Unit, b: &[f32], width: usize, k: usize, n: usize, out: &mut [f32]) {
    if unit == Unit::Matrix {
        return amx::pack(Operand { data: b, outer: 1, inner: width }, k, n, out);
    }
    for (p, panel) in out[..packed_len(unit, k, n)].chunks_exact_mut((k * PANEL).max(1)).enumerate() {
        let from = p * PANEL;
        let w = PANEL.min(n - from);
        for (row, to) in panel.chunks_exact_mut(PANEL).enumerate() {
            to[..w].copy_from_slice(&b[row * width + from..row * width + from + w]);
            to[w..].fill(0.0);
        }
    }
}

/// `c = start + a b`: a `[m, k]`, b `[k, n]`, c row-major, rows `width` apart.
#[allow(clippy::too_many_arguments)]
pub fn gemm(
    a: Left<'_>,
    b: Right<'_>,
    m: usize,
    k: usize,
    n: usize,
    c: &mut [f32],
    width: usize,
    start: Start<'_>,
) {
    match b {
        _ if m == 0 || n == 0 => {}
        Right::Packed(Unit::Matrix, b) => {
            amx::gemm(Operand { data: a.data, outer: a.row, inner: a.col }, b, m, k, n, c, width, start);
        }
        _ => by_lanes(a, b, m, k, n, c, width, start),
    }
}

/// Packs a transpose for the matrix unit: `[k, n]` where `b` is row-major `[n, k]`, rows `width` apart. Without the unit a
/// weight is better read as it lies, as the left operand. Panics where there is no unit ([`Unit::for_rows`] tells).
pub fn pack_transposed(b: &[f32], width: usize, k: usize, n: usize, out: &mut [f32]) {
    amx::pack(Operand { data: b, outer: width, inner: 1 }, k, n, out);
}

simd_entry! {
    fn by_lanes(a: Left<'_>, b: Right<'_>, m: usize, k: usize, n: usize, c: &mut [f32], width: usize, start: Start<'_>)
    = product
}

#[inline(always)]
#[allow(clippy::too_many_arguments)]
fn product<S: Lanes>(
    a: Left<'_>,
    b: Right<'_>,
    m: usize,
    k: usize,
    n: usize,
    c: &mut [f32],
    width: usize,
    start: Start<'_>,
) {
    assert!(k == 0 || (m - 1) * a.row + (k - 1) * a.col < a.data.len(), "left operand too short");
    assert!(width >= n && (m - 1) * width + n <= c.len(), "result too short");
    match b {
        Right::Plain(b, w) => assert!(k == 0 || (k - 1) * w + n <= b.len(), "right operand too short"),
        Right::Packed(unit, b) => assert!(packed_len(unit, k, n) <= b.len(), "packed operand too short"),
    }
    let mut edge: Vec<f32> = Vec::new();
    // A left operand much longer than the right is read once: a few of its rows meet all panels. Otherwise a panel
    // meets all rows.
    let tall = matches!(b, Right::Plain(..)) && m > 2 * n;
    let chunk = if tall { 24 } else { m };
    for (first, from) in (0..m).step_by(chunk).flat_map(|i| (0..n).step_by(PANEL).map(move |j| (i, j))) {
        let cols = PANEL.min(n - from);
        let rows = first..(first + chunk).min(m);
        // A panel of 32 columns is one tile of two registers of 16 lanes, or two tiles of two registers of 8. `step` is a
        // macro because the compiler would not carry the instruction set into a closure.
        macro_rules! step {
            ($panel:expr, $stride:expr) => {
                for at in (0..cols).step_by(2 * S::N) {
                    let (from, cols) = (from + at, (cols - at).min(2 * S::N));
                    let panel: &[f32] = &$panel[at..];
                    // While the last rows of a packed panel are worked on, the next panel is fetched.
                    let ahead = panel.as_ptr().wrapping_add(if $stride == PANEL { k * PANEL } else { 0 });
                    let place = Place { c: &mut *c, width, from, cols, start, ahead };
                    if cols > S::N {
                        tiles::<S, 2>(a, panel.as_ptr(), $stride, rows.clone(), k, place);
                    } else {
                        tiles::<S, 1>(a, panel.as_ptr(), $stride, rows.clone(), k, place);
                    }
                }
            };
        }
        match b {
            Right::Packed(_, b) => step!(b[from * k..], PANEL),
            Right::Plain(b, w) if cols.is_multiple_of(S::N) && (tall || m <= 12) => step!(b[from..], w),
            // Rows of a wide matrix fall on the same few lines of the first cache: the panel is copied together.
            Right::Plain(b, w) => {
                if edge.is_empty() {
                    edge = vec![0.0; k * PANEL];
                }
                for (row, to) in edge.chunks_exact_mut(PANEL).enumerate() {
                    to[..cols].copy_from_slice(&b[row * w + from..row * w + from + cols]);
                    to[cols..].fill(0.0);
                }
                step!(edge, PANEL);
            }
        }
    }
}

struct Place<'a> {
    c: &'a mut [f32],
    width: usize,
    from: usize,
    cols: usize,
    start: Start<'a>,
    ahead: *const f32,
}

#[inline(always)]
fn tiles<S: Lanes, const V: usize>(
    a: Left<'_>,
    panel: *const f32,
    stride: usize,
    rows: std::ops::Range<usize>,
    k: usize,
    mut place: Place<'_>,
) {
    let mut i = rows.start;
    macro_rules! rows {
        ($tile:ident, $r:literal) => {{
            if i + $r >= rows.end {
                $tile::<S, V, true>(a, panel, stride, i, k, &mut place);
            } else {
                $tile::<S, V, false>(a, panel, stride, i, k, &mut place);
            }
            i += $r;
        }};
    }
    while i < rows.end {
        let left = rows.end - i;
        // Sixteen registers of eight lanes hold six rows, thirty-two of sixteen lanes twelve.
        if S::N == 16 {
            match left {
                24.. | 12 => rows!(tile12, 12),
                16.. | 8..=11 => rows!(tile8, 8),
                13..=15 | 6 | 7 => rows!(tile6, 6),
                4 | 5 => rows!(tile4, 4),
                2 | 3 => rows!(tile2, 2),
                _ => rows!(tile1, 1),
            }
        } else {
            match left {
                6.. => rows!(tile6, 6),
                4 | 5 => rows!(tile4, 4),
                2 | 3 => rows!(tile2, 2),
                _ => rows!(tile1, 1),
            }
        }
    }
}

impl Place<'_> {
    /// What is there already, when it is to be kept.
    #[inline(always)]
    fn old<S: Lanes>(&self, row: usize, register: usize) -> S {
        let old = match self.start {
            Start::Zero => return S::splat(0.0),
            Start::Keep => &self.c[row * self.width + self.from..][..self.cols],
            Start::Bias(bias) => &bias[self.from..][..self.cols],
        };
        S::read(&old[(register * S::N).min(old.len())..])
    }

    #[inline(always)]
    fn put<S: Lanes>(&mut self, row: usize, register: usize, lanes: S) {
        let at = row * self.width + self.from;
        let to = &mut self.c[at..at + self.cols];
        let cut = (register * S::N).min(to.len());
        lanes.write(&mut to[cut..]);
    }
}

/// A tile of rows by V registers, written out row by row: sums stay in registers however little the build optimises.
macro_rules! tile {
    ($name:ident: $($r:literal $s:ident $t:ident)*) => {
        #[inline(always)]
        fn $name<S: Lanes, const V: usize, const FETCH: bool>(
            a: Left<'_>,
            panel: *const f32,
            stride: usize,
            i: usize,
            k: usize,
            place: &mut Place<'_>,
        ) {
            $(
                let mut $s: S = place.old(i + $r, 0);
                let mut $t: S = if V == 2 { place.old(i + $r, 1) } else { S::splat(0.0) };
            )*
            // SAFETY: `product` has checked that these rows and columns 0..k of `a` exist and that the panel holds k rows
            // of V * N values, `stride` apart.
            unsafe {
                let mut left = a.data.as_ptr().wrapping_add(i * a.row);
                let mut right = panel;
                let mut ahead = place.ahead;
                let mut todo = k;
                while todo > 0 {
                    if FETCH {
                        S::fetch(ahead);
                        if V == 2 {
                            S::fetch(ahead.wrapping_add(S::N));
                        }
                        ahead = ahead.wrapping_add(stride);
                    }
                    let b = S::load(right);
                    let c = if V == 2 { S::load(right.add(S::N)) } else { b };
                    $(
                        let x = S::splat(*left.add($r * a.row));
                        $s = x.fma(b, $s);
                        if V == 2 {
                            $t = x.fma(c, $t);
                        }
                    )*
                    left = left.wrapping_add(a.col);
                    right = right.wrapping_add(stride);
                    todo -= 1;
                }
            }
            $(
                place.put(i + $r, 0, $s);
                if V == 2 {
                    place.put(i + $r, 1, $t);
                }
            )*
        }
    };
}

tile!(tile1: 0 s0 t0);
tile!(tile2: 0 s0 t0 1 s1 t1);
tile!(tile4: 0 s0 t0 1 s1 t1 2 s2 t2 3 s3 t3);
tile!(tile6: 0 s0 t0 1 s1 t1 2 s2 t2 3 s3 t3 4 s4 t4 5 s5 t5);
tile!(tile8: 0 s0 t0 1 s1 t1 2 s2 t2 3 s3 t3 4 s4 t4 5 s5 t5 6 s6 t6 7 s7 t7);
tile!(tile12: 0 s0 t0 1 s1 t1 2 s2 t2 3 s3 t3 4 s4 t4 5 s5 t5 6 s6 t6 7 s7 t7 8 s8 t8 9 s9 t9 10 s10 t10 11 s11 t11);

/// `out[j, i] = x[i, j]` for x `[rows, cols]`, rows of x `width` apart, rows of `out` `to` apart.
pub fn transpose(x: &[f32], width: usize, rows: usize, cols: usize, out: &mut [f32], to: usize) {
    for j0 in (0..cols).step_by(16) {
        for i0 in (0..rows).step_by(16) {
            // Plain counting: iterators cost a call an element where the build optimises little.
            let (j1, i1) = ((j0 + 16).min(cols), (i0 + 16).min(rows));
            let mut j = j0;
            while j < j1 {
                let mut i = i0;
                while i < i1 {
                    out[j * to + i] = x[i * width + j];
                    i += 1;
                }
                j += 1;
            }
        }
    }
}
