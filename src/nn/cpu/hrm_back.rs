//! HRM's way back through time.

use super::hrm::{Cell, CellRows, CellTape, CycleRows, Inputs, Shape, Tape, of};
use super::tape::{
    BackWeight, Block, Field, Scratch, WayBack, WeightGradient, blocks, spread, take, weight_gradient,
};
use crate::simd::rows::{add_columns, add_scaled, gru_back, rms_norm_back};

/// Gradients of one cell, stacked as its weights are.
#[derive(Debug, Default)]
pub struct CellGradients {
    /// Of the input's weights.
    pub input: Vec<f32>,
    /// Of the state's weights.
    pub hidden: Vec<f32>,
    /// Of the input's biases.
    pub input_bias: Vec<f32>,
    /// Of the state's biases.
    pub hidden_bias: Vec<f32>,
    /// Of the normalisation's gain.
    pub gain: Vec<f32>,
}

/// Gradients of all inputs.
#[derive(Debug, Default)]
pub struct Gradients {
    /// Of x~.
    pub x: Vec<f32>,
    /// Of the fast cell.
    pub fast: CellGradients,
    /// Of the slow cell.
    pub slow: CellGradients,
    /// Of the last gain.
    pub gain: Vec<f32>,
    /// Of the halt head.
    pub halt: Vec<f32>,
    /// Of its bias.
    pub halt_bias: Vec<f32>,
}

/// The way back from the gradient of what [`super::hrm::forward`] gave, `[models, rows, high + 1]`.
pub fn backward(inputs: &Inputs<'_>, mut tape: Tape, grad: &[f32]) -> Gradients {
    let shape = tape.shape;
    let Shape { models, rows, high, low, cycles, steps } = shape;
    let mut dx = Field::new(models, 1, rows, high);
    let blocks = blocks(models, rows, rayon::current_num_threads());
    let (fast, slow) = (tape.fast.split(&blocks), tape.slow.split(&blocks));
    let parts = fast.into_iter().zip(slow).zip(tape.cycle.split(&blocks)).zip(dx.split(&blocks));
    let weights = weights_back(shape, inputs);
    spread(blocks.iter().zip(parts).collect(), |(block, (((fast, slow), cycle), mut dx))| {
        Back { shape, inputs, weights: &weights, block }.run(grad, fast, slow, cycle, dx[0]);
        dx.clear();
    });
    let mut out = Gradients {
        fast: CellGradients::new(models, 2 * high, low),
        slow: CellGradients::new(models, low + high, high),
        ..Gradients::default()
    };
    let mut work: Vec<WeightGradient<'_>> = Vec::new();
    let cell = |kept: &CellTape, m: usize, w: usize, to: &mut CellGradients| {
        let sum = |x: &[f32], y: Option<&[f32]>, width: usize, to: &mut Vec<f32>| {
            let at = to.len();
            to.resize(at + width, 0.0);
            add_columns(x, y, width, &mut to[at..]);
        };
        sum(kept.dh.model(m, 0), None, 3 * w, &mut to.hidden_bias);
        sum(kept.dy.model(m, 0), Some(kept.hat.model(m, 0)), w, &mut to.gain);
        sum(kept.di.model(m, 0), None, 3 * w, &mut to.input_bias);
    };
    for m in 0..models {
        cell(&tape.fast, m, low, &mut out.fast);
        cell(&tape.slow, m, high, &mut out.slow);
        head_gradients(shape, inputs, &tape, m, grad, &mut out);
    }
    let CellGradients { input, hidden, .. } = &mut out.fast;
    for (m, to) in input.chunks_exact_mut(6 * high * low).enumerate() {
        let (for_x, for_h) = to.split_at_mut(3 * high * low);
        weight_gradient(
            of(inputs.x, m, rows * high),
            tape.cycle.total.model(m, 0),
            high,
            3 * low,
            for_x,
            &mut work,
        );
        weight_gradient(tape.slow.h.model(m, 1), tape.fast.di.model(m, 1), high, 3 * low, for_h, &mut work);
    }
    for (m, to) in hidden.chunks_exact_mut(3 * low * low).enumerate() {
        weight_gradient(tape.fast.h.model(m, 1), tape.fast.dh.model(m, 1), low, 3 * low, to, &mut work);
    }
    let CellGradients { input, hidden, .. } = &mut out.slow;
    for (m, to) in input.chunks_exact_mut(3 * (low + high) * high).enumerate() {
        let (for_l, for_h) = to.split_at_mut(3 * low * high);
        weight_gradient(tape.cycle.zl.model(m, 0), tape.slow.di.model(m, 0), low, 3 * high, for_l, &mut work);
        weight_gradient(tape.slow.h.model(m, 1), tape.slow.di.model(m, 1), high, 3 * high, for_h, &mut work);
    }
    for (m, to) in hidden.chunks_exact_mut(3 * high * high).enumerate() {
        weight_gradient(tape.slow.h.model(m, 1), tape.slow.dh.model(m, 1), high, 3 * high, to, &mut work);
    }
    spread(work, WeightGradient::run);
    debug_assert!(cycles > 0 && steps > 0);
    out.x = dx.into_vec();
    out
}

impl CellGradients {
    fn new(models: usize, inputs: usize, width: usize) -> Self {
        Self {
            input: take(models * inputs * 3 * width),
            hidden: take(models * width * 3 * width),
            ..Self::default()
        }
    }
}

/// Gradients of the last gain and the halt head of one model.
fn head_gradients(
    shape: Shape,
    inputs: &Inputs<'_>,
    tape: &Tape,
    m: usize,
    grad: &[f32],
    out: &mut Gradients,
) {
    let Shape { rows, high, .. } = shape;
    let at = out.gain.len();
    out.gain.resize(at + high, 0.0);
    add_columns(tape.cycle.ds.model(m, 0), Some(tape.cycle.hat.model(m, 0)), high, &mut out.gain[at..]);
    let at = out.halt.len();
    out.halt.resize(at + high, 0.0);
    let (mut by_hat, mut sum) = (vec![0.0; high], 0.0);
    let hats = tape.cycle.hat.model(m, 0);
    for (row, cycle) in tape.cycle.halt_cycle.model(m, 0).iter().enumerate() {
        let g = grad[(m * rows + row) * (high + 1) + high];
        add_scaled(of(hats, *cycle as usize * rows + row, high), g, &mut by_hat);
        sum += g;
    }
    let gain = of(inputs.gain, m, high);
    out.halt[at..].iter_mut().zip(by_hat.iter().zip(gain)).for_each(|(to, (h, g))| *to = h * g);
    out.halt_bias.push(sum);
}

// Places of a model's weights on the way back.
const FROM_X: usize = 0;
const FAST_FROM_HIGH: usize = 1;
const FAST: usize = 2;
const SLOW_FROM_LOW: usize = 3;
const SLOW_FROM_HIGH: usize = 4;
const SLOW: usize = 5;

fn weights_back<'a>(shape: Shape, inputs: &'a Inputs<'_>) -> WayBack<'a> {
    let Shape { models, high, low, .. } = shape;
    let mut out = Vec::new();
    for m in 0..models {
        let (for_x, for_high) = of(inputs.fast.input, m, 6 * high * low).split_at(3 * high * low);
        let (from_low, from_high) =
            of(inputs.slow.input, m, 3 * (low + high) * high).split_at(3 * low * high);
        let fast = of(inputs.fast.hidden, m, 3 * low * low);
        let slow = of(inputs.slow.hidden, m, 3 * high * high);
        out.extend(
            [
                (for_x, high, low),
                (for_high, high, low),
                (fast, low, low),
                (from_low, low, high),
                (from_high, high, high),
                (slow, high, high),
            ]
            .map(|(weight, inputs, width)| BackWeight { weight, inputs, outputs: 3 * width }),
        );
    }
    WayBack::new(shape.rows, out)
}

struct Back<'a> {
    shape: Shape,
    inputs: &'a Inputs<'a>,
    weights: &'a WayBack<'a>,
    block: &'a Block,
}

impl Back<'_> {
    /// One block of rows through all cycles, the last first.
    fn run(
        &self,
        grad: &[f32],
        mut fast: CellRows<'_>,
        mut slow: CellRows<'_>,
        mut cycle: CycleRows<'_>,
        dx: &mut [f32],
    ) {
        let (Shape { rows, high, low, cycles, steps, .. }, m) = (self.shape, self.block.model);
        let (from, n) = (self.block.rows.start, self.block.rows.len());
        let grad = &of(grad, m, rows * (high + 1))[from * (high + 1)..(from + n) * (high + 1)];
        let (gain, halt) = (of(self.inputs.gain, m, high), of(self.inputs.halt, m, high));
        let mut scratch = Scratch::default();
        let mut back = |which: usize, d: &[f32], to: &mut [f32]| {
            self.weights.back(m * (SLOW + 1) + which, d, &mut scratch, to);
        };
        let (mut dzh, mut dzl) = (vec![0.0; n * high], vec![0.0; n * low]);
        let (mut wide, mut narrow) = (vec![0.0; n * high], vec![0.0; n * low]);
        let mut candidate = vec![0.0; n * high.max(low)];
        cycle.total[0].fill(0.0);
        for c in (0..cycles).rev() {
            for (row, g) in grad.chunks_exact(high + 1).enumerate() {
                let ds = &mut cycle.ds[c][row * high..(row + 1) * high];
                if c + 1 == cycles {
                    ds.copy_from_slice(&g[..high])
                } else {
                    ds.fill(0.0)
                }
                if cycle.halt_cycle[0][row] == c as f32 {
                    add_scaled(halt, g[high], ds);
                }
            }
            rms_norm_back(cycle.ds[c], gain, cycle.hat[c], cycle.scale[c], &mut wide);
            add_scaled(&wide, 1.0, &mut dzh);
            step(&self.inputs.slow, m, high, &mut slow, c, &mut dzh, &mut candidate);
            gate_inputs(slow.dh[c], &candidate, high, slow.di[c], false);
            back(SLOW_FROM_LOW, slow.di[c], &mut narrow);
            add_scaled(&narrow, 1.0, &mut dzl);
            if c > 0 {
                back(SLOW_FROM_HIGH, slow.di[c], &mut wide);
                add_scaled(&wide, 1.0, &mut dzh);
                back(SLOW, slow.dh[c], &mut wide);
                add_scaled(&wide, 1.0, &mut dzh);
            }
            for t in (0..steps).rev() {
                let s = c * steps + t;
                step(&self.inputs.fast, m, low, &mut fast, s, &mut dzl, &mut candidate);
                gate_inputs(fast.dh[s], &candidate, low, fast.di[c], t + 1 < steps);
                if s > 0 {
                    back(FAST, fast.dh[s], &mut narrow);
                    add_scaled(&narrow, 1.0, &mut dzl);
                }
            }
            if c > 0 {
                back(FAST_FROM_HIGH, fast.di[c], &mut wide);
                add_scaled(&wide, 1.0, &mut dzh);
            }
            add_scaled(fast.di[c], 1.0, cycle.total[0]);
        }
        back(FROM_X, cycle.total[0], dx);
    }
}

/// Back through one step of a cell: `d` is the gradient of the state after and becomes that of the state before, without
/// the share of the hidden product.
fn step(
    weights: &Cell<'_>,
    m: usize,
    w: usize,
    keep: &mut CellRows<'_>,
    at: usize,
    d: &mut [f32],
    candidate: &mut [f32],
) {
    keep.dy[at].copy_from_slice(d);
    rms_norm_back(keep.dy[at], of(weights.gain, m, w), keep.hat[at], keep.scale[at], d);
    for row in 0..d.len() / w {
        let one = row * w..(row + 1) * w;
        gru_back(
            &keep.r[at][one.clone()],
            &keep.z[at][one.clone()],
            &keep.n[at][one.clone()],
            &keep.q[at][one.clone()],
            &keep.h[at][one.clone()],
            &mut d[one.clone()],
            &mut keep.dh[at][row * 3 * w..(row + 1) * 3 * w],
            &mut candidate[one],
        );
    }
}

/// The gradient of the input's share of the gates: that of the hidden share, with the candidate's own in its place; added to
/// what is there, or instead of it.
fn gate_inputs(hidden: &[f32], candidate: &[f32], w: usize, to: &mut [f32], add: bool) {
    if !add {
        to.fill(0.0);
    }
    for (row, (to, hidden)) in to.chunks_exact_mut(3 * w).zip(hidden.chunks_exact(3 * w)).enumerate() {
        add_scaled(&hidden[..2 * w], 1.0, &mut to[..2 * w]);
        add_scaled(&candidate[row * w..(row + 1) * w], 1.0, &mut to[2 * w..]);
    }
}
