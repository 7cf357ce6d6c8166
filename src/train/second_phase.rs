//! The second phase: once both minds have scored the training turns, the heads that predict their disagreement are
//! taught the real one; everything else stays frozen. The heads kept are those of the epoch, the start included, that
//! predicts the gaps of validation turns best.

use super::adamw::{AdamW, Optimiser};
use super::data::{TrainData, TrainError};
use super::loss::{LossWeights, MARGIN, bce, smooth_l1};
use crate::core::matrix::Matrix;
use crate::core::turn::Split;
use crate::job::JobContext;
use crate::nn::device::DeviceChoice;
use crate::nn::ops::{Activation, linear};
use crate::nn::params::{HostParams, Params, floats};
use crate::nn::readings::upload;
use crate::nn::scorer::{Forward, ScorerConfig};
use burn::tensor::{Device, Tensor, TensorData, activation};

/// Passes over the training turns: only a few hundred weights a dimension learn, so they take seconds.
pub const EPOCHS: usize = 100;
/// Epochs between two looks at the validation turns.
const LOOK_EVERY: usize = 5;
/// Learning rate: a linear head on frozen states bears a high one.
pub const LEARNING_RATE: f64 = 3e-3;

/// Teaches `disagree` (and Tiny's `agree`) of a trained scorer the gap `abs(A - B)` `[turns, models]` (NaN where
/// unknown) of the training turns. Returns the weights with only those heads changed, and the mean loss of the first
/// and the last epoch.
///
/// # Errors
/// When the tables do not fit each other or the job is cancelled.
pub fn second_phase(
    config: &ScorerConfig,
    weights: &HostParams,
    data: &TrainData,
    gap: &Matrix,
    device: &DeviceChoice,
    ctx: &JobContext,
) -> Result<(HostParams, [f64; 2]), TrainError> {
    if gap.rows() != data.turns() || gap.cols() != weights.models {
        return Err(TrainError::Lengths(format!("{} turns, {} gaps", data.turns(), gap.rows())));
    }
    let burn = device.burn();
    let weights = &prepared(config, weights, data, gap);
    let params = Params::from_host(weights, &burn);
    let training = Gaps::of(config, &params, data, gap, &data.training_rows(), &burn);
    let validation = Gaps::of(config, &params, data, gap, &data.rows_of(Split::Validation), &burn);
    let start = HostParams {
        models: weights.models,
        tensors: weights
            .tensors
            .iter()
            .filter(|(n, _)| taught(n))
            .map(|(n, t)| (n.clone(), t.clone()))
            .collect(),
    };
    let mut optimiser = Optimiser::new(AdamW::default(), &start, None, device.backend, &burn);
    let mut heads = Params::from_host(&start, &burn);
    let mut best = Best { heads: start.clone(), loss: validation.losses(&heads) };
    let mut ends = [f64::NAN; 2];
    for epoch in 0..EPOCHS {
        ctx.check()?;
        let leaves = heads.with_gradients(&|_| true);
        let loss = training.loss(&leaves);
        if epoch == 0 || epoch + 1 == EPOCHS {
            ends[usize::from(epoch > 0)] = f64::from(floats(loss.clone().mean())[0]);
        }
        let mut gradients = loss.sum().backward();
        heads = optimiser.step(&leaves, &mut gradients, LEARNING_RATE);
        if (epoch + 1).is_multiple_of(LOOK_EVERY) {
            best.look(&heads, &start, &validation);
        }
    }
    let mut out = weights.clone();
    out.tensors.extend(best.heads.tensors);
    Ok((out, ends))
}

/// The heads with the least loss on validation turns, each model's own.
struct Best {
    heads: HostParams,
    loss: Vec<f32>,
}

impl Best {
    /// Takes the heads of the models that do better now. Where no gap of a validation turn is known, the last ones are kept.
    fn look(&mut self, heads: &Params, like: &HostParams, validation: &Gaps) {
        let (now, loss) = (heads.to_host(like), validation.losses(heads));
        for (m, (known, loss)) in validation.known.iter().zip(loss).enumerate() {
            if *known == 0 || loss < self.loss[m] {
                self.heads.set_model(m, &now, m);
                self.loss[m] = loss;
            }
        }
    }
}

/// Turns with what the frozen body makes of them and the gaps they have.
struct Gaps {
    state: Activation,
    said: Option<Said>,
    target: Activation,
    weight: Activation,
    /// Turns of each model whose gap is known.
    known: Vec<usize>,
}

impl Gaps {
    fn of(
        config: &ScorerConfig,
        params: &Params,
        data: &TrainData,
        gap: &Matrix,
        rows: &[usize],
        device: &Device,
    ) -> Self {
        let (x, y) = (upload(&data.x.select_rows(rows), device), upload(&data.y.select_rows(rows), device));
        // The body is frozen, so its states are computed once and only the linear heads are run again and again.
        let frozen = config.forward(params, &x, &y, &Forward::scoring());
        let said = config.wide().map(|_| Said { disagree: frozen.disagree, agree: frozen.agree });
        let (target, weight) = targets(rows, gap, params.models, &frozen.state);
        let finite = |m: usize| rows.iter().filter(|r| gap.get(**r, m).is_finite()).count();
        let known = (0..params.models).map(finite).collect();
        Self { state: frozen.state, said, target, weight, known }
    }

    fn loss(&self, heads: &Params) -> Tensor<3> {
        head_loss(heads, &self.state, self.said.as_ref(), &self.target, &self.weight)
    }

    fn losses(&self, heads: &Params) -> Vec<f32> {
        floats(self.loss(&heads.without_gradients()))
    }
}

/// What the wide path says before the heads of the core learn.
struct Said {
    disagree: Activation,
    agree: Option<Activation>,
}

/// With a wide path: its readouts fitted to the gap in closed form, and the core's heads at zero, so that they learn
/// what the readouts miss. Without: the weights as they are.
fn prepared(config: &ScorerConfig, weights: &HostParams, data: &TrainData, gap: &Matrix) -> HostParams {
    let mut out = weights.clone();
    let Some(wide) = config.wide() else { return out };
    for (name, tensor) in &mut out.tensors {
        if taught(name) {
            tensor.data.fill(0.0);
        }
    }
    let below = config.readouts().contains(&"agree").then_some("agree");
    super::wide::teach_size(&mut out, wide, data, ("disagree", below), gap, f64::from(MARGIN));
    out
}

fn taught(name: &str) -> bool {
    name.starts_with("disagree_head") || name.starts_with("agree_head")
}

/// Weighted loss of the heads that learn here, `[models, 1, 1]`.
fn head_loss(
    p: &Params,
    state: &Activation,
    said: Option<&Said>,
    gap: &Activation,
    weight: &Activation,
) -> Tensor<3> {
    let w = LossWeights::second_phase();
    let head = |name: &str, beside: Option<&Activation>| {
        let own = linear(p, name, state.clone());
        beside.map_or(own.clone(), |b| own + b.clone())
    };
    let gaps = activation::sigmoid(head("disagree_head", said.map(|s| &s.disagree)));
    let mut loss = smooth_l1(gaps - gap.clone()) * w.disagree;
    if p.has("agree_head.weight") {
        let agrees = gap.clone().lower_equal_scalar(MARGIN).float();
        let logit = head("agree_head", said.and_then(|s| s.agree.as_ref()));
        loss = loss + bce(logit, agrees) * w.agree;
    }
    (loss * weight.clone()).sum_dim(1)
}

/// Gaps (0 where unknown) and row weights, both `[models, rows, 1]`.
fn targets(rows: &[usize], gap: &Matrix, models: usize, like: &Activation) -> (Activation, Activation) {
    let device = like.device();
    let (mut target, mut weight) = (Vec::new(), Vec::new());
    for m in 0..models {
        let known = rows.iter().filter(|r| gap.get(**r, m).is_finite()).count().max(1) as f32;
        for r in rows {
            let value = gap.get(*r, m);
            target.push(if value.is_finite() { value } else { 0.0 });
            weight.push(if value.is_finite() { 1.0 / known } else { 0.0 });
        }
    }
    let tensor =
        |values: Vec<f32>| Tensor::from_data(TensorData::new(values, [models, rows.len(), 1]), &device);
    (tensor(target), tensor(weight))
}
