//! Tiny's recursion on the processor: z' = core(tanh(W [x, y, z])), z <- z + 0.1 z', and the halt logit of every z'.

use super::tape::{Block, Field, blocks, fields, give, spread, take};
use crate::simd::gemm::{Left, Right, Start, Unit, gemm, pack, packed_len};
use crate::simd::rows::{LAYER_EPS, add_row, add_scaled, affine, dot, gelu_all, layer_norm, tanh_all};

pub use super::tiny_back::{Gradients, LayerGradients, backward};

/// Sizes of one call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// Stacked models.
    pub models: usize,
    /// Rows.
    pub rows: usize,
    /// Width of x, y and z.
    pub width: usize,
    /// How often the core is applied, at least once.
    pub recursions: usize,
    /// Share of z' added to z.
    pub step: f32,
}

/// One residual block's weights, stacked `[models, ..]`.
#[derive(Clone, Copy)]
pub struct Layer<'a> {
    /// Gain of the normalisation `[width]`.
    pub gain: &'a [f32],
    /// Its shift.
    pub shift: &'a [f32],
    /// `[width, 4 width]`.
    pub w1: &'a [f32],
    /// `[4 width]`.
    pub b1: &'a [f32],
    /// `[4 width, width]`.
    pub w2: &'a [f32],
    /// `[width]`.
    pub b2: &'a [f32],
    /// Scaled dropout mask `[rows, 4 width]`, the same for all models and recursions.
    pub mask: Option<&'a [f32]>,
}

/// All inputs of the recursion.
#[derive(Clone)]
pub struct Inputs<'a> {
    /// x and y side by side, `[1 or models, rows, 2 width]`.
    pub pair: &'a [f32],
    /// W `[models, 3 width, width]`, rows for x, y and z.
    pub w: &'a [f32],
    /// Its bias `[models, width]`.
    pub b: &'a [f32],
    /// Starting thought `[1 or models, rows, width]`; zero when absent.
    pub z0: Option<&'a [f32]>,
    /// Residual blocks.
    pub layers: Vec<Layer<'a>>,
    /// Gain of the normalisation before the halt head.
    pub gain: &'a [f32],
    /// Its shift.
    pub shift: &'a [f32],
    /// Halt head `[width]`.
    pub halt: &'a [f32],
    /// Its bias `[1]`.
    pub halt_bias: &'a [f32],
}

fields! {
    /// What one residual block keeps.
    LayerTape,
    /// The same of one block of rows.
    LayerRows { hat, scale, y, pre, act, dy, dout }
}
fields! {
    /// What the recursion keeps.
    StepTape,
    /// The same of one block of rows.
    StepRows { z, t, halt_hat, halt_scale, halt_step }
}

/// Everything kept for the way back.
#[derive(Debug)]
pub struct Tape {
    pub(super) shape: Shape,
    pub(super) layers: Vec<LayerTape>,
    pub(super) steps: StepTape,
}

impl Tape {
    fn new(shape: Shape, layers: usize, keep: bool) -> Self {
        let Shape { models, rows, width: d, recursions, .. } = shape;
        let s = if keep { recursions } else { 1 };
        let field = |width: usize| Field::new(models, s, rows, width);
        let back = |width: usize| Field::new(models, s, rows, if keep { width } else { 0 });
        let once = |width: usize| Field::new(models, 1, rows, width);
        let layer = || LayerTape {
            hat: field(d),
            scale: field(1),
            y: field(d),
            pre: field(4 * d),
            act: field(4 * d),
            dy: back(d),
            dout: back(d),
        };
        let steps =
            StepTape { z: field(d), t: field(d), halt_hat: once(d), halt_scale: once(1), halt_step: once(1) };
        Self { shape, layers: (0..layers).map(|_| layer()).collect(), steps }
    }

    pub(super) fn split<'a>(&'a mut self, blocks: &[Block]) -> Vec<(StepRows<'a>, Vec<LayerRows<'a>>)> {
        let mut all: Vec<_> = self.steps.split(blocks).into_iter().map(|s| (s, Vec::new())).collect();
        for layer in &mut self.layers {
            for (to, part) in all.iter_mut().zip(layer.split(blocks)) {
                to.1.push(part);
            }
        }
        all
    }
}

impl Inputs<'_> {
    /// A model's rows of the pair, which all models may share.
    pub(super) fn pair(&self, shape: Shape, m: usize) -> &[f32] {
        let one = shape.rows * 2 * shape.width;
        of(self.pair, if self.pair.len() == one { 0 } else { m }, one)
    }

    /// A model's rows of W for the thought.
    pub(super) fn wz(&self, shape: Shape, m: usize) -> &[f32] {
        let d = shape.width;
        &of(self.w, m, 3 * d * d)[2 * d * d..]
    }
}

/// A model's part of stacked values.
pub(super) fn of(stacked: &[f32], model: usize, len: usize) -> &[f32] {
    &stacked[model * len..(model + 1) * len]
}

/// The recursion: `[models, rows, width + 1]`, the last thought and behind it the largest halt logit. With `keep` also
/// what the way back needs.
pub fn forward(shape: Shape, inputs: &Inputs<'_>, keep: bool) -> (Vec<f32>, Option<Tape>) {
    let Shape { models, rows, width: d, .. } = shape;
    let mut tape = Tape::new(shape, inputs.layers.len(), keep);
    let mut out = Field::new(models, 1, rows, d + 1);
    let blocks = blocks(models, rows, rayon::current_num_threads());
    let packed = pack_all(shape, inputs);
    let work: Vec<_> = blocks.iter().zip(tape.split(&blocks)).zip(out.split(&blocks)).collect();
    spread(work, |((block, (steps, layers)), mut out)| {
        Pass { shape, inputs, block, packed: &packed }.run(steps, layers, out[0]);
        out.clear();
    });
    give(packed);
    (out.into_vec(), keep.then_some(tape))
}

/// Every model's weights for the way there, cut into panels: W for x and y, W for z, then W1 and W2 of each layer.
fn pack_all(shape: Shape, inputs: &Inputs<'_>) -> Vec<f32> {
    let (d, unit) = (shape.width, Unit::for_rows(shape.rows));
    let one = packed_model(unit, d, inputs.layers.len());
    let mut packed = take(shape.models * one);
    let work: Vec<_> = packed.chunks_exact_mut(one).enumerate().collect();
    spread(work, |(m, to)| {
        let (w, mut rest) = to.split_at_mut(packed_len(unit, 2 * d, d) + packed_len(unit, d, d));
        let (pair, wz) = w.split_at_mut(packed_len(unit, 2 * d, d));
        pack(unit, of(inputs.w, m, 3 * d * d), d, 2 * d, d, pair);
        pack(unit, inputs.wz(shape, m), d, d, d, wz);
        for layer in &inputs.layers {
            let (w1, tail) = rest.split_at_mut(packed_len(unit, d, 4 * d));
            let (w2, tail) = tail.split_at_mut(packed_len(unit, 4 * d, d));
            pack(unit, of(layer.w1, m, 4 * d * d), 4 * d, d, 4 * d, w1);
            pack(unit, of(layer.w2, m, 4 * d * d), d, 4 * d, d, w2);
            rest = tail;
        }
    });
    packed
}

fn packed_model(unit: Unit, d: usize, layers: usize) -> usize {
    packed_len(unit, 2 * d, d)
        + packed_len(unit, d, d)
        + layers * (packed_len(unit, d, 4 * d) + packed_len(unit, 4 * d, d))
}

struct Pass<'a> {
    shape: Shape,
    inputs: &'a Inputs<'a>,
    block: &'a Block,
    packed: &'a [f32],
}

impl Pass<'_> {
    fn run(&self, mut steps: StepRows<'_>, mut layers: Vec<LayerRows<'_>>, out: &mut [f32]) {
        let (Shape { rows, width: d, recursions, step, .. }, m) = (self.shape, self.block.model);
        let (from, n) = (self.block.rows.start, self.block.rows.len());
        let unit = Unit::for_rows(rows);
        let weights = of(self.packed, m, packed_model(unit, d, self.inputs.layers.len()));
        let (for_pair, weights) = weights.split_at(packed_len(unit, 2 * d, d));
        let pair = &self.inputs.pair(self.shape, m)[from * 2 * d..(from + n) * 2 * d];
        let mut fixed = vec![0.0; n * d];
        let bias = Start::Bias(of(self.inputs.b, m, d));
        gemm(Left::rows(pair, 2 * d), Right::Packed(unit, for_pair), n, 2 * d, d, &mut fixed, d, bias);
        let (gain, shift) = (of(self.inputs.gain, m, d), of(self.inputs.shift, m, d));
        let (halt, bias) = (of(self.inputs.halt, m, d), self.inputs.halt_bias[m]);
        let mut z = vec![0.0; n * d];
        if let Some(z0) = self.inputs.z0 {
            let model = if z0.len() == rows * d { 0 } else { m };
            z.copy_from_slice(&of(z0, model, rows * d)[from * d..(from + n) * d]);
        }
        let (mut h, mut hat, mut normed) = (vec![0.0; n * d], vec![0.0; n * d], vec![0.0; d]);
        let (mut scale, mut best) = (vec![0.0; n], vec![f32::NEG_INFINITY; n]);
        for s in 0..recursions {
            let at = s % steps.t.len();
            h.copy_from_slice(&fixed);
            if s > 0 || self.inputs.z0.is_some() {
                gemm(Left::rows(&z, d), Right::Packed(unit, weights), n, d, d, &mut h, d, Start::Keep);
            }
            steps.z[at].copy_from_slice(&z);
            tanh_all(&h, steps.t[at]);
            h.copy_from_slice(steps.t[at]);
            let mut rest = &weights[packed_len(unit, d, d)..];
            for (rows, layer) in layers.iter_mut().zip(&self.inputs.layers) {
                layer_norm(&h, d, LAYER_EPS, rows.hat[at], rows.scale[at]);
                affine(rows.hat[at], of(layer.gain, m, d), of(layer.shift, m, d), rows.y[at]);
                gemm(
                    Left::rows(rows.y[at], d),
                    Right::Packed(unit, rest),
                    n,
                    d,
                    4 * d,
                    rows.pre[at],
                    4 * d,
                    Start::Bias(of(layer.b1, m, 4 * d)),
                );
                let mask = layer.mask.map(|mask| &mask[from * 4 * d..(from + n) * 4 * d]);
                gelu_all(rows.pre[at], mask, rows.act[at]);
                rest = &rest[packed_len(unit, d, 4 * d)..];
                gemm(
                    Left::rows(rows.act[at], 4 * d),
                    Right::Packed(unit, rest),
                    n,
                    4 * d,
                    d,
                    &mut h,
                    d,
                    Start::Keep,
                );
                add_row(of(layer.b2, m, d), &mut h);
                rest = &rest[packed_len(unit, 4 * d, d)..];
            }
            layer_norm(&h, d, LAYER_EPS, &mut hat, &mut scale);
            for row in 0..n {
                let line = &hat[row * d..(row + 1) * d];
                affine(line, gain, shift, &mut normed);
                let logit = dot(&normed, halt) + bias;
                // A logit that is no number counts as the largest, so that it is not hidden.
                if logit > best[row] || logit.is_nan() {
                    best[row] = logit;
                    steps.halt_hat[0][row * d..(row + 1) * d].copy_from_slice(line);
                    steps.halt_scale[0][row] = scale[row];
                    steps.halt_step[0][row] = s as f32;
                }
            }
            add_scaled(&h, step, &mut z);
        }
        for (row, to) in out.chunks_exact_mut(d + 1).enumerate() {
            to[..d].copy_from_slice(&z[row * d..(row + 1) * d]);
            to[d] = best[row];
        }
    }
}
