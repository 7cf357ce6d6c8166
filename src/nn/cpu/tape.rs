//! What a forward pass keeps for the way back, cut so that each thread writes its own rows; and the spreading of work.

use crate::simd::gemm::{Left, Right, Start, Unit, gemm, pack, pack_transposed, packed_len, transpose};
use std::ops::Range;
use std::sync::Mutex;

/// Rows of one model that one thread takes through all steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Model.
    pub model: usize,
    /// Its rows.
    pub rows: Range<usize>,
}

/// Most rows of a block: their inner activations stay in the second-level cache.
const BLOCK_ROWS: usize = 160;

/// Cuts models and rows into blocks for so many threads: whole models as long as they go round evenly (their weights are
/// then read once a step), the rest by rows. A row's numbers do not depend on the cut.
pub fn blocks(models: usize, rows: usize, threads: usize) -> Vec<Block> {
    let mut out = Vec::new();
    let whole = models - models % threads.max(1);
    for model in 0..models {
        let parts = if model < whole { 1 } else { threads.min(rows.div_ceil(8)).max(1) };
        let parts = parts.max(rows.div_ceil(BLOCK_ROWS));
        // The matrix unit takes sixteen rows at once, or fewer in the same time.
        let together = if Unit::for_rows(rows) == Unit::Matrix { 16 } else { 4 };
        let size = rows.div_ceil(parts).next_multiple_of(together).max(together);
        for from in (0..rows).step_by(size) {
            out.push(Block { model, rows: from..(from + size).min(rows) });
        }
    }
    out
}

/// Runs every piece of work once, each thread taking the next when it is free.
pub fn spread<T: Send>(work: Vec<T>, run: impl Fn(T) + Sync) {
    let threads = rayon::current_num_threads().min(work.len());
    if threads <= 1 {
        work.into_iter().for_each(run);
        return;
    }
    let queue = Mutex::new(work.into_iter());
    let next = || queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next();
    rayon::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|_| {
                while let Some(piece) = next() {
                    run(piece);
                }
            });
        }
    });
}

static POOL: Mutex<Vec<Vec<f32>>> = Mutex::new(Vec::new());
/// Values kept in the pool at most (512 MiB).
const POOL_VALUES: usize = 128 << 20;

/// A buffer of that length with any content: one used before when there is one, so that a training step does not ask
/// the system for fresh memory.
pub fn take(len: usize) -> Vec<f32> {
    let mut pool = POOL.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let found = pool.iter().rposition(|b| b.len() == len);
    found.map_or_else(|| vec![0.0; len], |at| pool.swap_remove(at))
}

/// Returns a buffer to the pool.
pub fn give(buffer: Vec<f32>) {
    if buffer.is_empty() {
        return;
    }
    let mut pool = POOL.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    pool.push(buffer);
    let mut held: usize = pool.iter().map(Vec::len).sum();
    while held > POOL_VALUES {
        held -= pool.remove(0).len();
    }
}

/// Empties the pool.
pub fn release() {
    POOL.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
}

/// One kind of value of all models, steps and rows: `[models, steps, rows, width]`. Its memory goes back to the pool.
#[derive(Debug, Default)]
pub struct Field {
    data: Vec<f32>,
    steps: usize,
    rows: usize,
    width: usize,
}

impl Field {
    /// Any content.
    pub fn new(models: usize, steps: usize, rows: usize, width: usize) -> Self {
        Self { data: take(models * steps * rows * width), steps, rows, width }
    }

    /// Steps `from..` of one model, `[steps, rows, width]`.
    pub fn model(&self, model: usize, from: usize) -> &[f32] {
        let one = self.rows * self.width;
        &self.data[(model * self.steps + from) * one..(model + 1) * self.steps * one]
    }

    /// For every block its rows in every step. Blocks must be those of [`blocks`]: in order and without gaps.
    pub fn split(&mut self, blocks: &[Block]) -> Vec<Vec<&mut [f32]>> {
        let mut out: Vec<Vec<&mut [f32]>> = blocks.iter().map(|_| Vec::with_capacity(self.steps)).collect();
        if self.width == 0 {
            out.iter_mut().for_each(|o| o.extend((0..self.steps).map(|_| <&mut [f32]>::default())));
            return out;
        }
        let (steps, rows, width) = (self.steps, self.rows, self.width);
        for (at, mut rest) in self.data.chunks_exact_mut(rows * width).enumerate() {
            for (block, to) in blocks.iter().zip(&mut out) {
                if block.model == at / steps {
                    let (head, tail) = rest.split_at_mut(block.rows.len() * width);
                    to.push(head);
                    rest = tail;
                }
            }
        }
        out
    }

    /// The memory itself.
    pub fn into_vec(mut self) -> Vec<f32> {
        std::mem::take(&mut self.data)
    }
}

impl Drop for Field {
    fn drop(&mut self) {
        give(std::mem::take(&mut self.data));
    }
}

/// A weight `[inputs, outputs]` that a gradient goes back through.
#[derive(Clone, Copy)]
pub struct BackWeight<'a> {
    /// As it lies in memory.
    pub weight: &'a [f32],
    /// Its rows.
    pub inputs: usize,
    /// Its columns.
    pub outputs: usize,
}

/// Weights of the way back, for the matrix unit cut into panels across.
pub struct WayBack<'a> {
    weights: Vec<BackWeight<'a>>,
    packed: Vec<f32>,
    ends: Vec<usize>,
}

impl<'a> WayBack<'a> {
    /// Takes the weights, for gradients of so many rows.
    pub fn new(rows: usize, weights: Vec<BackWeight<'a>>) -> Self {
        let mut ends = Vec::new();
        let unit = Unit::for_rows(rows);
        if unit == Unit::Lanes {
            return Self { weights, packed: Vec::new(), ends };
        }
        let total = weights.iter().fold(0, |at, w| {
            ends.push(at + packed_len(unit, w.outputs, w.inputs));
            *ends.last().unwrap_or(&at)
        });
        let mut packed = take(total);
        let (mut rest, mut work) = (packed.as_mut_slice(), Vec::new());
        for w in &weights {
            let (head, tail) = rest.split_at_mut(packed_len(unit, w.outputs, w.inputs));
            work.push((w, head));
            rest = tail;
        }
        spread(work, |(w, to)| pack_transposed(w.weight, w.outputs, w.outputs, w.inputs, to));
        Self { weights, packed, ends }
    }

    /// `to = d w'` for d `[rows, outputs]` and one of the weights.
    pub fn back(&self, at: usize, d: &[f32], scratch: &mut Scratch, to: &mut [f32]) {
        let BackWeight { weight, inputs, outputs } = self.weights[at];
        if self.packed.is_empty() {
            return scratch.back(d, weight, inputs, outputs, to);
        }
        let from = if at == 0 { 0 } else { self.ends[at - 1] };
        let right = Right::Packed(Unit::Matrix, &self.packed[from..self.ends[at]]);
        gemm(Left::rows(d, outputs), right, d.len() / outputs, outputs, inputs, to, inputs, Start::Zero);
    }
}

impl Drop for WayBack<'_> {
    fn drop(&mut self) {
        give(std::mem::take(&mut self.packed));
    }
}

/// Scratch memory of one thread for products with a transposed weight.
#[derive(Default)]
pub struct Scratch {
    across: Vec<f32>,
    result: Vec<f32>,
}

impl Scratch {
    /// `to = d w'` for d `[rows, outputs]` and a weight `[inputs, outputs]`: computed as (w d')', so that the weight is read as
    /// it lies in memory.
    fn back(&mut self, d: &[f32], w: &[f32], inputs: usize, outputs: usize, to: &mut [f32]) {
        let rows = d.len() / outputs;
        let wide = rows.next_multiple_of(16);
        self.across.resize(outputs * wide, 0.0);
        self.result.resize(inputs * wide, 0.0);
        transpose(d, outputs, rows, outputs, &mut self.across, wide);
        let right = Right::Plain(&self.across, wide);
        gemm(Left::rows(w, outputs), right, inputs, outputs, wide, &mut self.result, wide, Start::Zero);
        transpose(&self.result, wide, inputs, rows, to, inputs);
    }
}

/// The gradient of part of a weight: rows `rows` of `sum over k of x[k, row] d[k, column]`.
pub struct WeightGradient<'a> {
    /// What the weight multiplied, `[k, inputs]`.
    pub x: &'a [f32],
    /// The gradient of the product, `[k, outputs]`.
    pub d: &'a [f32],
    /// Width of x.
    pub inputs: usize,
    /// Width of d.
    pub outputs: usize,
    /// What multiplies them.
    pub unit: Unit,
    /// First row of the part.
    pub first: usize,
    /// The part, `[rows, outputs]`.
    pub to: &'a mut [f32],
}

impl WeightGradient<'_> {
    /// Computes it.
    pub fn run(self) {
        let k = self.d.len() / self.outputs;
        let rows = self.to.len() / self.outputs;
        if k == 0 {
            self.to.fill(0.0);
            return;
        }
        let left = Left::transposed(&self.x[self.first..], self.inputs);
        let mut packed = Vec::new();
        let right = if self.unit == Unit::Matrix {
            packed = take(packed_len(self.unit, k, self.outputs));
            pack(self.unit, self.d, self.outputs, k, self.outputs, &mut packed);
            Right::Packed(self.unit, &packed)
        } else {
            Right::Plain(self.d, self.outputs)
        };
        gemm(left, right, rows, k, self.outputs, self.to, self.outputs, Start::Zero);
        give(packed);
    }
}

/// Cuts the gradient of one weight into parts that threads can take.
pub fn weight_gradient<'a>(
    x: &'a [f32],
    d: &'a [f32],
    inputs: usize,
    outputs: usize,
    to: &'a mut [f32],
    work: &mut Vec<WeightGradient<'a>>,
) {
    // For the matrix unit every part packs d again: parts are as large as leaves each thread a few of them.
    let unit = Unit::for_rows(d.len() / outputs);
    let part = match rayon::current_num_threads() {
        _ if unit == Unit::Lanes => 96,
        ..=4 => inputs.max(1),
        _ => 384,
    };
    for (at, to) in to.chunks_mut(part * outputs).enumerate() {
        work.push(WeightGradient { x, d, inputs, outputs, unit, first: at * part, to });
    }
}

/// Defines a set of fields and the same set cut for one block.
macro_rules! fields {
    ($(#[$doc:meta])* $all:ident, $(#[$doc2:meta])* $block:ident { $($f:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Default)]
        pub struct $all { $(pub(super) $f: $crate::nn::cpu::tape::Field),* }
        $(#[$doc2])*
        #[derive(Default)]
        pub struct $block<'a> { $(pub(super) $f: Vec<&'a mut [f32]>),* }
        impl $all {
            /// The rows of each block.
            pub fn split(&mut self, blocks: &[$crate::nn::cpu::tape::Block]) -> Vec<$block<'_>> {
                let mut out: Vec<$block<'_>> = blocks.iter().map(|_| $block::default()).collect();
                $(for (to, part) in out.iter_mut().zip(self.$f.split(blocks)) { to.$f = part; })*
                out
            }
        }
    };
}
pub(crate) use fields;
