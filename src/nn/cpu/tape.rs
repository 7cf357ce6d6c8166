//! What a forward pass keeps for the way back, cut so that each thread writes its own rows; and the spreading of work.

use crate::simd::gemm::{Left, Right, Start, gemm, transpose};
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
        let size = rows.div_ceil(parts).next_multiple_of(4).max(4);
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

/// Scratch memory of one thread for products with a transposed weight.
#[derive(Default)]
pub struct Scratch {
    across: Vec<f32>,
    result: Vec<f32>,
}

impl Scratch {
    /// `to = d w'` for d `[rows, outputs]` and a weight `[inputs, outputs]`: computed as (w d')', so that the weight is read as
    /// it lies in memory.
    pub fn back(&mut self, d: &[f32], w: &[f32], inputs: usize, outputs: usize, to: &mut [f32]) {
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
        let right = Right::Plain(self.d, self.outputs);
        gemm(left, right, rows, k, self.outputs, self.to, self.outputs, Start::Zero);
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
    const PART: usize = 96;
    for (at, to) in to.chunks_mut(PART * outputs).enumerate() {
        work.push(WeightGradient { x, d, inputs, outputs, first: at * PART, to });
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
