//! HRM's two recurrent cells on the processor: N cycles of T steps zL = RMSNorm(GRU([x~, zH], zL)), then
//! zH = RMSNorm(GRU([zL, zH], zH)); the state of each cycle is RMSNorm(zH) and has its own halt logit.

use super::tape::{Block, Field, blocks, fields, give, spread, take};
use crate::simd::gemm::{Left, Right, Start, Unit, gemm, pack, packed_len};
use crate::simd::rows::{Gates, add_scaled, dot, gru, rms_norm};

pub use super::hrm_back::{Gradients, backward};

/// Sizes of one call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// Stacked models.
    pub models: usize,
    /// Rows.
    pub rows: usize,
    /// Width of zH and of x~.
    pub high: usize,
    /// Width of zL.
    pub low: usize,
    /// Slow cycles, at least one.
    pub cycles: usize,
    /// Fast steps a cycle, at least one.
    pub steps: usize,
}

/// One cell with its normalisation, stacked `[models, ..]`; PyTorch's gate order r, z, n.
#[derive(Clone, Copy)]
pub struct Cell<'a> {
    /// `[inputs, 3 width]`.
    pub input: &'a [f32],
    /// `[width, 3 width]`.
    pub hidden: &'a [f32],
    /// `[3 width]`.
    pub input_bias: &'a [f32],
    /// `[3 width]`.
    pub hidden_bias: &'a [f32],
    /// `[width]`.
    pub gain: &'a [f32],
}

/// All inputs.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// x~ `[models, rows, high]`.
    pub x: &'a [f32],
    /// The fast cell, reading [x~, zH].
    pub fast: Cell<'a>,
    /// The slow cell, reading [zL, zH].
    pub slow: Cell<'a>,
    /// Gain of the last normalisation `[models, high]`.
    pub gain: &'a [f32],
    /// Halt head `[models, high]`.
    pub halt: &'a [f32],
    /// Its bias `[models]`.
    pub halt_bias: &'a [f32],
}

fields! {
    /// What a cell keeps of each step: the state before, gates, normalised state; and on the way back the gradients of
    /// the normalised state (`dy`), of the hidden product (`dh`) and of the input product (`di`).
    CellTape,
    /// The same of one block of rows.
    CellRows { h, r, z, n, q, hat, scale, dy, dh, di }
}
fields! {
    /// What each cycle keeps: zL read by the slow cell, the normalised state, and its gradient on the way back.
    CycleTape,
    /// The same of one block of rows.
    CycleRows { zl, hat, scale, ds, halt_cycle, total }
}

/// Everything kept for the way back.
#[derive(Debug)]
pub struct Tape {
    pub(super) shape: Shape,
    pub(super) fast: CellTape,
    pub(super) slow: CellTape,
    pub(super) cycle: CycleTape,
}

impl Tape {
    fn new(shape: Shape, keep: bool) -> Self {
        let Shape { models, rows, high, low, cycles, steps } = shape;
        let many = |n: usize| if keep { n } else { 1 };
        let cell = |steps: usize, di: usize, w: usize| {
            let field = |width: usize| Field::new(models, many(steps), rows, width);
            let back = |steps: usize, width: usize| {
                Field::new(models, many(steps), rows, if keep { width } else { 0 })
            };
            CellTape {
                h: field(w),
                r: field(w),
                z: field(w),
                n: field(w),
                q: field(w),
                hat: field(w),
                scale: field(1),
                dy: back(steps, w),
                dh: back(steps, 3 * w),
                di: back(di, 3 * w),
            }
        };
        let field = |width: usize| Field::new(models, many(cycles), rows, width);
        let back =
            |steps: usize, width: usize| Field::new(models, many(steps), rows, if keep { width } else { 0 });
        let cycle = CycleTape {
            zl: field(low),
            hat: field(high),
            scale: field(1),
            ds: back(cycles, high),
            halt_cycle: Field::new(models, 1, rows, 1),
            total: back(1, 3 * low),
        };
        // The input's share of the fast gates is the same in all steps of a cycle: its gradient is kept by cycle.
        Self { shape, fast: cell(cycles * steps, cycles, low), slow: cell(cycles, cycles, high), cycle }
    }
}

/// A model's part of stacked values.
pub(super) fn of(stacked: &[f32], model: usize, len: usize) -> &[f32] {
    &stacked[model * len..(model + 1) * len]
}

/// The recursion: `[models, rows, high + 1]`, the last state and behind it the largest halt logit. With `keep` also what the
/// way back needs.
pub fn forward(shape: Shape, inputs: &Inputs<'_>, keep: bool) -> (Vec<f32>, Option<Tape>) {
    let Shape { models, rows, high, .. } = shape;
    let mut tape = Tape::new(shape, keep);
    let mut out = Field::new(models, 1, rows, high + 1);
    let blocks = blocks(models, rows, rayon::current_num_threads());
    let packed = pack_all(shape, inputs);
    let (fast, slow) = (tape.fast.split(&blocks), tape.slow.split(&blocks));
    let parts = fast.into_iter().zip(slow).zip(tape.cycle.split(&blocks)).zip(out.split(&blocks));
    spread(blocks.iter().zip(parts).collect(), |(block, (((fast, slow), cycle), mut out))| {
        Pass { shape, inputs, block, packed: &packed }.run(fast, slow, cycle, out[0]);
        out.clear();
    });
    give(packed);
    (out.into_vec(), keep.then_some(tape))
}

/// Weights of one model cut into panels: of the fast cell those for x~, zH and zL, of the slow one those for zL, zH and zH.
fn pack_all(shape: Shape, inputs: &Inputs<'_>) -> Vec<f32> {
    let Shape { models, high, low, .. } = shape;
    let one: usize = parts(shape).iter().sum();
    let mut packed = take(models * one);
    spread(packed.chunks_exact_mut(one).enumerate().collect(), |(m, to): (usize, &mut [f32])| {
        let fast = of(inputs.fast.input, m, 6 * high * low);
        let slow = of(inputs.slow.input, m, 3 * (low + high) * high);
        let pieces = [
            (&fast[..3 * high * low], high, low),
            (&fast[3 * high * low..], high, low),
            (of(inputs.fast.hidden, m, 3 * low * low), low, low),
            (&slow[..3 * low * high], low, high),
            (&slow[3 * low * high..], high, high),
            (of(inputs.slow.hidden, m, 3 * high * high), high, high),
        ];
        let (unit, mut rest) = (Unit::for_rows(shape.rows), to);
        for (weight, from, width) in pieces {
            let (head, tail) = rest.split_at_mut(packed_len(unit, from, 3 * width));
            pack(unit, weight, 3 * width, from, 3 * width, head);
            rest = tail;
        }
    });
    packed
}

fn parts(shape: Shape) -> [usize; 6] {
    let Shape { high, low, .. } = shape;
    [(high, low), (high, low), (low, low), (low, high), (high, high), (high, high)]
        .map(|(from, width)| packed_len(Unit::for_rows(shape.rows), from, 3 * width))
}

struct Pass<'a> {
    shape: Shape,
    inputs: &'a Inputs<'a>,
    block: &'a Block,
    packed: &'a [f32],
}

/// Both biases of the reset and update gates, and the input's of the candidate.
fn bias(cell: &Cell<'_>, m: usize, width: usize) -> Vec<f32> {
    let mut out = of(cell.input_bias, m, 3 * width).to_vec();
    add_scaled(&of(cell.hidden_bias, m, 3 * width)[..2 * width], 1.0, &mut out[..2 * width]);
    out
}

impl Pass<'_> {
    fn run(&self, mut fast: CellRows<'_>, mut slow: CellRows<'_>, mut cycle: CycleRows<'_>, out: &mut [f32]) {
        let (Shape { rows, high, low, cycles, steps, .. }, m) = (self.shape, self.block.model);
        let (from, n) = (self.block.rows.start, self.block.rows.len());
        let (unit, sizes) = (Unit::for_rows(rows), parts(self.shape));
        let mut rest = of(self.packed, m, sizes.iter().sum());
        let [fx, fh, ff, sl, sh, ss] = sizes.map(|len| {
            let (head, tail) = rest.split_at(len);
            rest = tail;
            head
        });
        let x = &of(self.inputs.x, m, rows * high)[from * high..(from + n) * high];
        let (gain, halt) = (of(self.inputs.gain, m, high), of(self.inputs.halt, m, high));
        let product = |x: &[f32], k: usize, w: &[f32], width: usize, to: &mut [f32], start: Start<'_>| {
            gemm(Left::rows(x, k), Right::Packed(unit, w), n, k, width, to, width, start);
        };
        let mut from_x = vec![0.0; n * 3 * low];
        product(x, high, fx, 3 * low, &mut from_x, Start::Bias(&bias(&self.inputs.fast, m, low)));
        let slow_bias = bias(&self.inputs.slow, m, high);
        let (mut zl, mut zh, mut state) = (vec![0.0; n * low], vec![0.0; n * high], vec![0.0; n * high]);
        let (mut gates, mut hidden) = (vec![0.0; n * 3 * low], vec![0.0; n * 3 * low]);
        let (mut slow_gates, mut slow_hidden) = (vec![0.0; n * 3 * high], vec![0.0; n * 3 * high]);
        let mut best = vec![f32::NEG_INFINITY; n];
        for c in 0..cycles {
            gates.copy_from_slice(&from_x);
            if c > 0 {
                product(&zh, high, fh, 3 * low, &mut gates, Start::Keep);
            }
            for t in 0..steps {
                if c + t > 0 {
                    product(&zl, low, ff, 3 * low, &mut hidden, Start::Zero);
                }
                cell(&self.inputs.fast, m, low, &mut fast, c * steps + t, &gates, &hidden, &mut zl);
            }
            let at = c % cycle.hat.len();
            cycle.zl[at].copy_from_slice(&zl);
            product(&zl, low, sl, 3 * high, &mut slow_gates, Start::Bias(&slow_bias));
            if c > 0 {
                product(&zh, high, sh, 3 * high, &mut slow_gates, Start::Keep);
                product(&zh, high, ss, 3 * high, &mut slow_hidden, Start::Zero);
            }
            cell(&self.inputs.slow, m, high, &mut slow, c, &slow_gates, &slow_hidden, &mut zh);
            rms_norm(&zh, gain, cycle.hat[at], cycle.scale[at], &mut state);
            for (row, state) in state.chunks_exact(high).enumerate() {
                let logit = dot(state, halt) + self.inputs.halt_bias[m];
                // A logit that is no number counts as the largest, so that it is not hidden.
                if logit > best[row] || logit.is_nan() {
                    best[row] = logit;
                    cycle.halt_cycle[0][row] = c as f32;
                }
            }
        }
        for (row, to) in out.chunks_exact_mut(high + 1).enumerate() {
            to[..high].copy_from_slice(&state[row * high..(row + 1) * high]);
            to[high] = best[row];
        }
    }
}

/// One step of a cell and its normalisation: `state` before becomes `state` after.
#[allow(clippy::too_many_arguments)]
fn cell(
    weights: &Cell<'_>,
    m: usize,
    w: usize,
    keep: &mut CellRows<'_>,
    step: usize,
    gates: &[f32],
    hidden: &[f32],
    state: &mut [f32],
) {
    let at = step % keep.h.len();
    let candidate_bias = &of(weights.hidden_bias, m, 3 * w)[2 * w..];
    keep.h[at].copy_from_slice(state);
    for row in 0..state.len() / w {
        let (one, three) = (row * w..(row + 1) * w, row * 3 * w..(row + 1) * 3 * w);
        let gates_kept = Gates {
            r: &mut keep.r[at][one.clone()],
            z: &mut keep.z[at][one.clone()],
            n: &mut keep.n[at][one.clone()],
            q: &mut keep.q[at][one.clone()],
        };
        let h = &keep.h[at][one.clone()];
        gru(&gates[three.clone()], &hidden[three], candidate_bias, h, gates_kept, &mut state[one]);
    }
    let raw = state.to_vec();
    rms_norm(&raw, of(weights.gain, m, w), keep.hat[at], keep.scale[at], state);
}
