//! Tiny's way back through its recursions.

use super::tape::{
    BackWeight, Block, Field, Scratch, WayBack, WeightGradient, blocks, spread, take, weight_gradient,
};
use super::tiny::{Inputs, LayerRows, Shape, StepRows, Tape, of};
use crate::simd::rows::{add_columns, add_scaled, affine, gelu_back, layer_norm_back, tanh_back};
use std::sync::{Mutex, PoisonError};

/// Gradients of one residual block's weights, stacked as the weights are.
#[derive(Debug, Default)]
pub struct LayerGradients {
    /// Of the gain.
    pub gain: Vec<f32>,
    /// Of the shift.
    pub shift: Vec<f32>,
    /// Of W1.
    pub w1: Vec<f32>,
    /// Of its bias.
    pub b1: Vec<f32>,
    /// Of W2.
    pub w2: Vec<f32>,
    /// Of its bias.
    pub b2: Vec<f32>,
}

/// Gradients of all inputs but the masks and the starting thought.
#[derive(Debug, Default)]
pub struct Gradients {
    /// Of the pair, as that is stacked; empty unless asked for.
    pub pair: Vec<f32>,
    /// Of W.
    pub w: Vec<f32>,
    /// Of its bias.
    pub b: Vec<f32>,
    /// Of the residual blocks.
    pub layers: Vec<LayerGradients>,
    /// Of the gain before the halt head.
    pub gain: Vec<f32>,
    /// Of the shift.
    pub shift: Vec<f32>,
    /// Of the halt head.
    pub halt: Vec<f32>,
    /// Of its bias.
    pub halt_bias: Vec<f32>,
}

/// The way back from the gradient of what [`super::tiny::forward`] gave, `[models, rows, width + 1]`; `with_pair` asks for the gradient of
/// the pair too.
pub fn backward(inputs: &Inputs<'_>, mut tape: Tape, grad: &[f32], with_pair: bool) -> Gradients {
    let shape = tape.shape;
    let Shape { models, rows, width: d, recursions, .. } = shape;
    let mut fixed = Field::new(models, 1, rows, d);
    let mut halt_grad = Field::new(models, 1, rows, d);
    let blocks = blocks(models, rows, rayon::current_num_threads());
    let parts = tape.split(&blocks).into_iter().zip(fixed.split(&blocks)).zip(halt_grad.split(&blocks));
    let work: Vec<_> = blocks.iter().zip(parts).collect();
    let back = weights_back(shape, inputs);
    spread(work, |(block, (((steps, layers), mut fixed), mut halt_grad))| {
        back_rows(shape, inputs, &back, block, grad, (steps, layers), fixed[0], halt_grad[0]);
        (fixed, halt_grad) = (Vec::new(), Vec::new());
        drop((fixed, halt_grad));
    });
    let first = usize::from(inputs.z0.is_none()); // the first step has no z to multiply
    let mut out = Gradients {
        w: take(models * 3 * d * d),
        layers: tape.layers.iter().map(|_| LayerGradients::new(models, d)).collect(),
        ..Gradients::default()
    };
    let mut work = Vec::new();
    for (m, to) in out.w.chunks_exact_mut(3 * d * d).enumerate() {
        let skip = first.min(recursions);
        let (for_pair, to) = to.split_at_mut(2 * d * d);
        weight_gradient(inputs.pair(shape, m), fixed.model(m, 0), 2 * d, d, for_pair, &mut work);
        weight_gradient(tape.steps.z.model(m, skip), tape.steps.t.model(m, skip), d, d, to, &mut work);
    }
    for (kept, to) in tape.layers.iter().zip(&mut out.layers) {
        for (m, to) in to.w1.chunks_exact_mut(4 * d * d).enumerate() {
            weight_gradient(kept.y.model(m, 0), kept.pre.model(m, 0), d, 4 * d, to, &mut work);
        }
        for (m, to) in to.w2.chunks_exact_mut(4 * d * d).enumerate() {
            weight_gradient(kept.act.model(m, 0), kept.dout.model(m, 0), 4 * d, d, to, &mut work);
        }
    }
    spread(work, WeightGradient::run);
    let small = Mutex::new(Vec::new());
    spread((0..models).collect(), |m| {
        let one = small_gradients(shape, inputs, &tape, m, (halt_grad.model(m, 0), fixed.model(m, 0)), grad);
        small.lock().unwrap_or_else(PoisonError::into_inner).push((m, one));
    });
    let mut small = small.into_inner().unwrap_or_else(PoisonError::into_inner);
    small.sort_by_key(|(m, _)| *m);
    for (_, one) in small {
        out.append(&one);
    }
    if with_pair {
        out.pair = pair_gradient(shape, inputs, &fixed);
    }
    out
}

/// The weights inside the recursion: of every model that of z, then W1 and W2 of each layer.
fn weights_back<'a>(shape: Shape, inputs: &'a Inputs<'_>) -> WayBack<'a> {
    let (d, mut out) = (shape.width, Vec::new());
    for m in 0..shape.models {
        out.push(BackWeight { weight: inputs.wz(shape, m), inputs: d, outputs: d });
        for layer in &inputs.layers {
            out.push(BackWeight { weight: of(layer.w1, m, 4 * d * d), inputs: d, outputs: 4 * d });
            out.push(BackWeight { weight: of(layer.w2, m, 4 * d * d), inputs: 4 * d, outputs: d });
        }
    }
    WayBack::new(shape.rows, out)
}

/// The gradient of the pair; models that share one add up in order.
fn pair_gradient(shape: Shape, inputs: &Inputs<'_>, fixed: &Field) -> Vec<f32> {
    let Shape { models, rows, width: d, .. } = shape;
    let (mut out, mut part) = (vec![0.0; inputs.pair.len()], vec![0.0; rows * 2 * d]);
    let shared = inputs.pair.len() == rows * 2 * d;
    let mut scratch = Scratch::default();
    let weight = |m| &of(inputs.w, m, 3 * d * d)[..2 * d * d];
    let back = (0..models).map(|m| BackWeight { weight: weight(m), inputs: 2 * d, outputs: d });
    let back = WayBack::new(rows, back.collect());
    for m in 0..models {
        back.back(m, fixed.model(m, 0), &mut scratch, &mut part);
        let at = if shared { 0 } else { m * part.len() };
        add_scaled(&part, 1.0, &mut out[at..at + part.len()]);
    }
    out
}

impl LayerGradients {
    fn new(models: usize, d: usize) -> Self {
        Self { w1: take(models * 4 * d * d), w2: take(models * 4 * d * d), ..Self::default() }
    }
}

impl Gradients {
    /// Stacks one more model's vectors behind those there.
    fn append(&mut self, one: &Self) {
        self.b.extend_from_slice(&one.b);
        self.gain.extend_from_slice(&one.gain);
        self.shift.extend_from_slice(&one.shift);
        self.halt.extend_from_slice(&one.halt);
        self.halt_bias.extend_from_slice(&one.halt_bias);
        for (to, from) in self.layers.iter_mut().zip(&one.layers) {
            to.gain.extend_from_slice(&from.gain);
            to.shift.extend_from_slice(&from.shift);
            to.b1.extend_from_slice(&from.b1);
            to.b2.extend_from_slice(&from.b2);
        }
    }
}

/// The gradients of one model's vectors: sums over all rows and steps in order.
fn small_gradients(
    shape: Shape,
    inputs: &Inputs<'_>,
    tape: &Tape,
    m: usize,
    (halt_grad, fixed): (&[f32], &[f32]),
    grad: &[f32],
) -> Gradients {
    let Shape { rows, width: d, .. } = shape;
    let sum = |x: &[f32], y: Option<&[f32]>, width: usize| {
        let mut to = vec![0.0; width];
        add_columns(x, y, width, &mut to);
        to
    };
    let mut out = Gradients {
        b: sum(fixed, None, d),
        gain: sum(halt_grad, Some(tape.steps.halt_hat.model(m, 0)), d),
        shift: sum(halt_grad, None, d),
        halt: vec![0.0; d],
        halt_bias: vec![0.0],
        ..Gradients::default()
    };
    let (gain, shift) = (of(inputs.gain, m, d), of(inputs.shift, m, d));
    let mut normed = vec![0.0; d];
    for (row, hat) in tape.steps.halt_hat.model(m, 0).chunks_exact(d).enumerate() {
        let g = grad[(m * rows + row) * (d + 1) + d];
        affine(hat, gain, shift, &mut normed);
        add_scaled(&normed, g, &mut out.halt);
        out.halt_bias[0] += g;
    }
    for kept in &tape.layers {
        let dy = kept.dy.model(m, 0);
        out.layers.push(LayerGradients {
            gain: sum(dy, Some(kept.hat.model(m, 0)), d),
            shift: sum(dy, None, d),
            b1: sum(kept.pre.model(m, 0), None, 4 * d),
            b2: sum(kept.dout.model(m, 0), None, d),
            ..LayerGradients::default()
        });
    }
    out
}

/// One block of rows back through all steps; `pre` becomes the gradient before GELU and `t` that before tanh.
#[allow(clippy::too_many_arguments)]
fn back_rows(
    shape: Shape,
    inputs: &Inputs<'_>,
    back: &WayBack<'_>,
    block: &Block,
    grad: &[f32],
    (mut steps, mut layers): (StepRows<'_>, Vec<LayerRows<'_>>),
    fixed: &mut [f32],
    halt_grad: &mut [f32],
) {
    let (Shape { rows, width: d, recursions, step, .. }, m) = (shape, block.model);
    let (from, n) = (block.rows.start, block.rows.len());
    let grad = &of(grad, m, rows * (d + 1))[from * (d + 1)..(from + n) * (d + 1)];
    let (gain, halt) = (of(inputs.gain, m, d), of(inputs.halt, m, d));
    let mut scratch = Scratch::default();
    let own = m * (1 + 2 * inputs.layers.len());
    let (mut dz, mut dh, mut da, mut part) =
        (vec![0.0; n * d], vec![0.0; n * d], vec![0.0; n * 4 * d], vec![0.0; n * d]);
    for (row, g) in grad.chunks_exact(d + 1).enumerate() {
        let at = row * d..(row + 1) * d;
        dz[at.clone()].copy_from_slice(&g[..d]);
        halt_grad[at.clone()].fill(0.0);
        add_scaled(halt, g[d], &mut halt_grad[at]);
    }
    fixed.fill(0.0);
    for s in (0..recursions).rev() {
        dh.fill(0.0);
        add_scaled(&dz, step, &mut dh);
        for row in 0..n {
            if steps.halt_step[0][row] == s as f32 {
                let at = row * d..(row + 1) * d;
                let hat = &steps.halt_hat[0][at.clone()];
                let scale = &steps.halt_scale[0][row..=row];
                layer_norm_back(&halt_grad[at.clone()], gain, hat, scale, &mut dh[at]);
            }
        }
        for (l, (kept, layer)) in layers.iter_mut().zip(&inputs.layers).enumerate().rev() {
            kept.dout[s].copy_from_slice(&dh);
            back.back(own + 2 * l + 2, &dh, &mut scratch, &mut da);
            let mask = layer.mask.map(|mask| &mask[from * 4 * d..(from + n) * 4 * d]);
            gelu_back(&da, mask, kept.pre[s]);
            back.back(own + 2 * l + 1, kept.pre[s], &mut scratch, kept.dy[s]);
            layer_norm_back(kept.dy[s], of(layer.gain, m, d), kept.hat[s], kept.scale[s], &mut dh);
        }
        tanh_back(steps.t[s], &mut dh);
        steps.t[s].copy_from_slice(&dh);
        add_scaled(&dh, 1.0, fixed);
        if s > 0 {
            back.back(own, &dh, &mut scratch, &mut part);
            add_scaled(&part, 1.0, &mut dz);
        }
    }
}
