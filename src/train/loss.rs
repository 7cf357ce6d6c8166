//! What each head is taught, and how much it counts (spec 3).

use crate::nn::heads::{Heads, LOG_VAR_BOUND};
use crate::nn::ops::{Activation, softplus};
use crate::nn::readings::masked_consistency;
use burn::tensor::{Tensor, activation};

/// Margin within which two minds agree, and within which a score counts as settled.
pub const MARGIN: f32 = 0.1;

/// How much each term counts; a term of weight 0 is left out of the computation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LossWeights {
    /// Score and log variance (heteroscedastic squared error).
    pub main: f32,
    /// Bad, medium, good.
    pub aux3: f32,
    /// Predicted disagreement.
    pub disagree: f32,
    /// Reconstruction of the response's embedding.
    pub recon: f32,
    /// Predicted consistency.
    pub consistency: f32,
    /// Out of distribution.
    pub ood: f32,
    /// Predicted sensitivity (Tiny).
    pub sensitivity: f32,
    /// Whether the score is settled.
    pub halt: f32,
    /// Predicted agreement (Tiny, second phase).
    pub agree: f32,
}

impl LossWeights {
    /// The first phase of spec 3.
    pub fn first_phase() -> Self {
        Self {
            main: 1.0,
            aux3: 0.3,
            disagree: 0.3,
            recon: 0.2,
            consistency: 0.2,
            ood: 0.1,
            sensitivity: 0.1,
            halt: 0.05,
            agree: 0.0,
        }
    }

    /// The second phase: only disagree and agree, on the real gap.
    pub fn second_phase() -> Self {
        Self {
            main: 0.0,
            aux3: 0.0,
            disagree: 0.3,
            recon: 0.0,
            consistency: 0.0,
            ood: 0.0,
            sensitivity: 0.0,
            halt: 0.0,
            agree: 0.1,
        }
    }
}

/// How losses are computed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LossConfig {
    /// Weights.
    pub weights: LossWeights,
    /// Guardrail: a term larger than this is scaled down to it (gradient too); `None` without guardrails.
    pub cap: Option<f32>,
    /// Count negative cosines of the reconstruction as 0 (the reference's form, which stops teaching there).
    pub recon_clamped: bool,
}

/// What a batch is taught. `rows` counts turns, `all` turns and made-up rows behind them.
pub struct Targets {
    /// Judgements in \[0,1\], `[models, rows, 1]`; anything where missing.
    pub score: Activation,
    /// 1 / labelled rows of the model where labelled, 0 where not, `[models, rows, 1]`.
    pub weight: Activation,
    /// One-hot thirds of the judgement, `[models, rows, 3]`.
    pub aux3: Activation,
    /// Response embeddings, `[1, rows, embedding]`.
    pub y: Activation,
    /// 1 where the head state is hidden, `[1, rows, state]`.
    pub mask: Activation,
    /// 1 for made-up rows, `[1, all, 1]`.
    pub ood: Activation,
    /// Settled or not, when given from outside, `[models, rows, 1]`.
    pub halt: Option<Activation>,
    /// Measured sensitivity, `[models, rows, 1]`.
    pub sensitivity: Option<Activation>,
    /// abs(A - B) of the second phase, `[models, rows, 1]`.
    pub gap: Option<Activation>,
}

/// The terms of a batch, each `[models, 1, 1]`.
pub struct Losses {
    /// Name and value, before weighting, in a fixed order.
    pub terms: Vec<(&'static str, Tensor<3>)>,
    /// Weighted sum.
    pub total: Tensor<3>,
    /// How many times the cap of a term was reached, `[models, 1, 1]`.
    pub capped: Tensor<3>,
    /// How many raw log variances lay outside the clamp, `[models, 1, 1]`.
    pub log_var_outside: Tensor<3>,
}

/// Every weighted term for the first `rows` of the heads' rows; rows behind them are made-up and teach `ood` only.
pub fn losses(heads: &Heads, targets: &Targets, config: &LossConfig) -> Losses {
    let rows = targets.score.dims()[1];
    let first = |t: &Activation| {
        let [m, _, w] = t.dims();
        t.clone().slice([0..m, 0..rows, 0..w])
    };
    let labelled = |t: Activation| (t * targets.weight.clone()).sum_dim(1);
    let w = config.weights;
    let (score, log_var) = (first(&heads.score), first(&heads.log_var));
    let error = score.clone() - targets.score.clone();
    let off = error.clone().detach().abs();
    let mut terms: Vec<(&'static str, f32, Tensor<3>)> = Vec::with_capacity(9);
    let mut add = |name, weight: f32, term: &dyn Fn() -> Tensor<3>| {
        if weight > 0.0 {
            terms.push((name, weight, term()));
        }
    };
    add("main", w.main, &|| labelled((-log_var.clone()).exp() * error.clone().square() + log_var.clone()));
    add("aux3", w.aux3, &|| {
        let log_p = activation::log_softmax(first(&heads.aux3), 2);
        labelled(-(log_p * targets.aux3.clone()).sum_dim(2))
    });
    add("disagree", w.disagree, &|| {
        let target = targets.gap.clone().unwrap_or_else(|| off.clone());
        labelled(smooth_l1(activation::sigmoid(first(&heads.disagree)) - target))
    });
    add("recon", w.recon, &|| {
        let cosine = first(&heads.recon_cosine);
        let cosine = if config.recon_clamped { cosine.clamp(0.0, 1.0) } else { cosine };
        (-cosine + 1.0).mean_dim(1)
    });
    add("consistency", w.consistency, &|| {
        let target = masked_consistency(&first(&heads.state), &targets.mask);
        (activation::sigmoid(first(&heads.consistency)) - target).square().mean_dim(1)
    });
    add("ood", w.ood, &|| bce(heads.ood.clone(), targets.ood.clone()).mean_dim(1));
    if let (Some(head), Some(target)) = (&heads.sensitivity, &targets.sensitivity) {
        add("sensitivity", w.sensitivity, &|| {
            (activation::sigmoid(first(head)) - target.clone()).square().mean_dim(1)
        });
    }
    add("halt", w.halt, &|| {
        let settled = targets.halt.clone().unwrap_or_else(|| off.clone().lower_scalar(MARGIN).float());
        labelled(bce(first(&heads.halt), settled))
    });
    if let (Some(head), Some(gap)) = (&heads.agree, &targets.gap) {
        add("agree", w.agree, &|| labelled(bce(first(head), gap.clone().lower_equal_scalar(MARGIN).float())));
    }
    finish(terms, config.cap, first(&heads.log_var_raw))
}

fn finish(terms: Vec<(&'static str, f32, Tensor<3>)>, cap: Option<f32>, log_var_raw: Activation) -> Losses {
    let outside = log_var_raw.detach().abs().greater_scalar(LOG_VAR_BOUND).float().sum_dim(1);
    let mut capped = outside.zeros_like();
    let mut total = outside.zeros_like();
    let mut named = Vec::with_capacity(terms.len());
    for (name, weight, term) in terms {
        let plain = term.clone().detach();
        let counted = match cap {
            Some(cap) => {
                capped = capped + plain.clone().abs().greater_scalar(cap).float();
                let scale = (plain.clone().abs() + 1e-12).recip() * cap;
                term * scale.clamp_max(1.0)
            }
            None => term,
        };
        total = total + counted * weight;
        named.push((name, plain));
    }
    Losses { terms: named, total, capped, log_var_outside: outside }
}

/// Huber's loss with threshold 1, as PyTorch's `smooth_l1_loss` (Girshick 2015).
pub fn smooth_l1(d: Activation) -> Activation {
    let size = d.abs();
    let inner = size.clone().clamp_max(1.0);
    // For |d| < 1 inner is |d|: 0.5 d²; beyond, 0.5 + (|d| - 1) = |d| - 0.5.
    inner.clone().square() * 0.5 + (size - inner)
}

/// Binary cross-entropy of a logit: ln(1 + e^l) - t l.
pub fn bce(logit: Activation, target: Activation) -> Activation {
    softplus(logit.clone()) - logit * target
}
