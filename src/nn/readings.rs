//! Reading every head for many turns at once: the one input path that training, validation and scoring share.
//!
//! Rows are computed in chunks of a fixed size (the last one padded), so that a turn's numbers do not depend on the
//! company it is scored in.

use super::heads::Heads;
use super::ops::{Activation, cosine};
use super::params::{Params, floats};
use super::scorer::{Forward, ScorerConfig};
use crate::core::matrix::Matrix;
use crate::core::seed;
use burn::tensor::{Device, Tensor, TensorData, activation};

/// Rows computed at once.
pub const CHUNK: usize = 256;
/// Step of the finite difference that measures sensitivity.
pub const FD_EPS: f32 = 1e-3;

/// What is read of each turn and model, in this order.
pub const ATTRIBUTES: [&str; 16] = [
    "score",
    "log_var",
    "p_bad",
    "p_medium",
    "p_good",
    "disagree",
    "consistency",
    "ood",
    "temp",
    "tau",
    "recon_cosine",
    "halt",
    "agree",
    "sensitivity",
    "concept_density",
    "entropy",
];

/// All readings: turns x models x attributes. Missing heads and numbers that were not finite are NaN.
#[derive(Clone, Debug, PartialEq)]
pub struct Cube {
    /// Stacked models (dimensions).
    pub models: usize,
    /// `[turns, models * attributes]`, the attributes of one model together.
    pub values: Matrix,
    /// How many numbers left the device as infinite or not a number (heads a scorer lacks are not counted).
    pub non_finite: usize,
}

impl Cube {
    /// One attribute, `[turns, models]`; `None` for a name not in [`ATTRIBUTES`].
    pub fn attribute(&self, name: &str) -> Option<Matrix> {
        let at = ATTRIBUTES.iter().position(|a| *a == name)?;
        let columns: Vec<usize> = (0..self.models).map(|m| m * ATTRIBUTES.len() + at).collect();
        Some(self.values.select_columns(&columns))
    }

    /// Makes all readings of one model missing: it was not trained.
    pub fn blank(&mut self, model: usize) {
        let width = ATTRIBUTES.len();
        for row in 0..self.values.rows() {
            self.values.row_mut(row)[model * width..(model + 1) * width].fill(f32::NAN);
        }
    }
}

/// A matrix as a stacked activation `[1, rows, width]` on a device.
pub fn upload(matrix: &Matrix, device: &Device) -> Activation {
    Tensor::from_data(TensorData::new(matrix.data().to_vec(), [1, matrix.rows(), matrix.cols()]), device)
}

/// Reads every head of every turn. `x`, `y` are `[turns, embedding]`; after each chunk `on_rows` gets how many turns
/// are done and the readings so far, and stops the reading by returning false (the rest stays NaN).
pub fn read_all(
    config: &ScorerConfig,
    params: &Params,
    x: &Matrix,
    y: &Matrix,
    device: &Device,
    on_rows: &mut dyn FnMut(usize, &Cube) -> bool,
) -> Cube {
    let (k, models, turns) = (ATTRIBUTES.len(), params.models, x.rows());
    let mut cube = Cube { models, values: Matrix::filled(turns, models * k, f32::NAN), non_finite: 0 };
    for start in (0..turns).step_by(CHUNK) {
        let end = (start + CHUNK).min(turns);
        let (cx, cy) = (padded(x, start, end), padded(y, start, end));
        let heads = config.forward(params, &upload(&cx, device), &upload(&cy, device), &Forward::scoring());
        let (table, present) = table(&heads, models);
        for m in 0..models {
            for row in start..end {
                for a in (0..k).filter(|a| present[*a]) {
                    let value = table[(m * CHUNK + row - start) * k + a];
                    cube.non_finite += usize::from(!value.is_finite());
                    cube.values.set(row, m * k + a, if value.is_finite() { value } else { f32::NAN });
                }
            }
        }
        if !on_rows(end, &cube) {
            break;
        }
    }
    cube
}

/// The scores alone, `[turns, models]`.
pub fn scores(config: &ScorerConfig, params: &Params, x: &Matrix, y: &Matrix, device: &Device) -> Matrix {
    by_chunk(params.models, x, |start, end| {
        let (cx, cy) = (padded(x, start, end), padded(y, start, end));
        config.forward(params, &upload(&cx, device), &upload(&cy, device), &Forward::scoring()).score
    })
}

/// Measured sensitivity of each turn: `abs(s(y + eps u) - s(y)) / eps`, clipped to \[0,10\] and divided by 10, without
/// dropout; `u` `[turns, embedding]` has rows of length one (spec 3). `[turns, models]`.
pub fn measured_sensitivity(
    config: &ScorerConfig,
    params: &Params,
    x: &Matrix,
    y: &Matrix,
    u: &Matrix,
    device: &Device,
) -> Matrix {
    by_chunk(params.models, x, |start, end| {
        let (cx, cy) = (upload(&padded(x, start, end), device), upload(&padded(y, start, end), device));
        let moved = cy.clone() + upload(&padded(u, start, end), device) * FD_EPS;
        let how = Forward::scoring();
        let here = config.forward(params, &cx, &cy, &how).score;
        finite_difference(config.forward(params, &cx, &moved, &how).score, here)
    })
}

/// abs(moved - here) / eps, clipped to \[0,10\] and divided by 10.
pub fn finite_difference(moved: Activation, here: Activation) -> Activation {
    ((moved - here).abs() / FD_EPS).clamp(0.0, 10.0) / 10.0
}

/// Measured consistency: cosine of the head state with a copy in which `mask` (1 = hidden) blanks some of it, mapped
/// to \[0,1\]. The target of the consistency head; no gradient flows through it.
pub fn masked_consistency(state: &Activation, mask: &Activation) -> Activation {
    let state = state.clone().detach();
    let kept = -mask.clone() + 1.0;
    (cosine(state.clone(), state * kept) + 1.0) / 2.0
}

/// [`masked_consistency`] of each turn, `[turns, models]`; `mask` `[turns, state width]`.
pub fn measured_consistency(
    config: &ScorerConfig,
    params: &Params,
    x: &Matrix,
    y: &Matrix,
    mask: &Matrix,
    device: &Device,
) -> Matrix {
    by_chunk(params.models, x, |start, end| {
        let (cx, cy) = (upload(&padded(x, start, end), device), upload(&padded(y, start, end), device));
        let state = config.forward(params, &cx, &cy, &Forward::scoring()).state;
        masked_consistency(&state, &upload(&padded(mask, start, end), device))
    })
}

/// The states that the heads read, one table `[turns, state]` a model.
pub fn states(
    config: &ScorerConfig,
    params: &Params,
    x: &Matrix,
    y: &Matrix,
    device: &Device,
) -> Vec<Matrix> {
    let (turns, width) = (x.rows(), config.state());
    let mut out = vec![Matrix::zeros(turns, width); params.models];
    for start in (0..turns).step_by(CHUNK) {
        let end = (start + CHUNK).min(turns);
        let (cx, cy) = (upload(&padded(x, start, end), device), upload(&padded(y, start, end), device));
        let values = floats(config.forward(params, &cx, &cy, &Forward::scoring()).state);
        for (m, table) in out.iter_mut().enumerate() {
            for row in start..end {
                let at = (m * CHUNK + row - start) * width;
                table.row_mut(row).copy_from_slice(&values[at..at + width]);
            }
        }
    }
    out
}

/// Cosine of each turn's reconstruction with another response embedding `other`, `[turns, models]`.
pub fn cosine_with(
    config: &ScorerConfig,
    params: &Params,
    x: &Matrix,
    y: &Matrix,
    other: &Matrix,
    device: &Device,
) -> Matrix {
    by_chunk(params.models, x, |start, end| {
        let (cx, cy) = (upload(&padded(x, start, end), device), upload(&padded(y, start, end), device));
        let recon = config.forward(params, &cx, &cy, &Forward::scoring()).y_recon;
        cosine(recon, upload(&padded(other, start, end), device))
    })
}

/// The seeded direction of length one in which the finite difference looks, once for each turn, `[turns, embedding]`. All
/// turns share it (spec 3): with a direction each, what differs between turns would be mostly the draw, and no head could
/// predict it.
pub fn directions(turns: usize, width: usize, seed: u64) -> Matrix {
    let mut rng = seed::stream(seed, "sensitivity.direction");
    let draw: Vec<f64> = (0..width).map(|_| seed::normal(&mut rng)).collect();
    let length = draw.iter().map(|v| v * v).sum::<f64>().sqrt().max(1e-12);
    Matrix::from_fn(turns, width, |_, c| (draw[c] / length) as f32)
}

fn by_chunk(models: usize, x: &Matrix, mut one: impl FnMut(usize, usize) -> Activation) -> Matrix {
    let mut out = Matrix::filled(x.rows(), models, f32::NAN);
    for start in (0..x.rows()).step_by(CHUNK) {
        let end = (start + CHUNK).min(x.rows());
        let values = floats(one(start, end));
        for m in 0..models {
            for row in start..end {
                out.set(row, m, values[m * CHUNK + row - start]);
            }
        }
    }
    out
}

fn padded(matrix: &Matrix, start: usize, end: usize) -> Matrix {
    Matrix::from_fn(CHUNK, matrix.cols(), |r, c| if start + r < end { matrix.get(start + r, c) } else { 0.0 })
}

/// All attributes `[models, CHUNK, attributes]` in one transfer, and which of them the scorer has.
fn table(heads: &Heads, models: usize) -> (Vec<f32>, [bool; ATTRIBUTES.len()]) {
    let zero = heads.score.zeros_like();
    let mut present = [true; ATTRIBUTES.len()];
    let logits = activation::log_softmax(heads.aux3.clone(), 2);
    let probabilities = logits.clone().exp();
    let entropy = (probabilities.clone() * logits).sum_dim(2) * (-1.0 / 3.0_f64.ln());
    let mut optional = |at: usize, value: Option<Activation>| {
        present[at] = value.is_some();
        value.unwrap_or_else(|| zero.clone())
    };
    let agree = optional(12, heads.agree.clone().map(activation::sigmoid));
    let sensitivity = optional(13, heads.sensitivity.clone().map(activation::sigmoid));
    let codes = heads.trace.get("concepts").map(|c| c.clone().greater_scalar(0.0).float().mean_dim(2));
    let density = optional(14, codes);
    let columns = vec![
        heads.score.clone(),
        heads.log_var.clone(),
        probabilities,
        activation::sigmoid(heads.disagree.clone()),
        activation::sigmoid(heads.consistency.clone()),
        activation::sigmoid(heads.ood.clone()),
        activation::sigmoid(heads.tau_raw.clone()),
        heads.tau.clone(),
        heads.recon_cosine.clone(),
        activation::sigmoid(heads.halt.clone()),
        agree,
        sensitivity,
        density,
        entropy,
    ];
    let all = Tensor::cat(columns, 2);
    debug_assert_eq!(all.dims(), [models, CHUNK, ATTRIBUTES.len()]);
    (floats(all), present)
}
