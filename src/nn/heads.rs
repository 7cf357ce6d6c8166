//! What a scorer says of each turn: its score and nine further readings of the same state.

use super::ops::{Activation, columns, cosine, linear, softplus};
use super::params::{Params, Specs};
use super::scorer::Forward;
use super::wgsl;
use burn::tensor::{Tensor, activation};
use std::collections::BTreeMap;

/// Bounds of log_var while the guardrail holds.
pub const LOG_VAR_BOUND: f64 = 5.0;

/// Bound of log_var without the guardrail: beyond what any head says, and a number that a shader can name.
const NO_BOUND: f32 = 1e38;

/// What the scorer's body hands to the heads.
pub struct Body {
    /// State from which every head reads, `[models, rows, width]`.
    pub state: Activation,
    /// Largest halt logit over the steps, `[models, rows, 1]`.
    pub halt_logit: Activation,
    /// Named inner states, kept only when asked for (parity tests).
    pub trace: BTreeMap<String, Activation>,
}

/// All head outputs, each `[models, rows, 1]` unless said otherwise.
pub struct Heads {
    /// State from which every head reads, `[models, rows, width]`.
    pub state: Activation,
    /// Score before temperature and sigmoid.
    pub score_logit: Activation,
    /// Temperature before softplus.
    pub tau_raw: Activation,
    /// Score in (0,1): sigma(logit / tau), tau = .5 + .5 softplus(tau_raw).
    pub score: Activation,
    /// Temperature, > .5.
    pub tau: Activation,
    /// Log variance as the head gives it.
    pub log_var_raw: Activation,
    /// Log variance, clamped to [-5, 5] unless the guardrails are off.
    pub log_var: Activation,
    /// Logits of bad, medium, good, `[models, rows, 3]`.
    pub aux3: Activation,
    /// Logit of the predicted disagreement.
    pub disagree: Activation,
    /// Logit of the predicted consistency.
    pub consistency: Activation,
    /// Logit of "this turn is unlike what I know".
    pub ood: Activation,
    /// Reconstruction of the response's embedding, `[models, rows, embedding]`.
    pub y_recon: Activation,
    /// Cosine of the reconstruction with the embedding.
    pub recon_cosine: Activation,
    /// Largest halt logit.
    pub halt: Activation,
    /// Logit of the predicted agreement (Tiny).
    pub agree: Option<Activation>,
    /// Logit of the predicted sensitivity (Tiny).
    pub sensitivity: Option<Activation>,
    /// Class logits of the optional classifier (Tiny, only in checkpoints that have one).
    pub classes: Option<Activation>,
    /// Named inner states, kept only when asked for.
    pub trace: BTreeMap<String, Activation>,
}

/// The parameters of the heads that both scorers have.
pub fn specs(specs: &mut Specs, width: usize, embedding: usize) {
    for head in ["score", "logvar", "disagree", "consistency", "ood", "temp", "halt"] {
        specs.linear(&format!("{head}_head"), width, 1);
    }
    specs.linear("aux3_head", width, 3);
    specs.linear("recon_head", width, embedding);
}

/// What the heads say of a state: their logits by name, and the three readings that follow from them.
struct Readings {
    logits: BTreeMap<String, Activation>,
    score: Activation,
    tau: Activation,
    log_var: Activation,
}

/// The heads that these parameters have. The kernel wants the first three first.
fn names(p: &Params) -> Vec<String> {
    let always =
        ["score", "temp", "logvar", "disagree", "consistency", "ood", "aux3"].map(|h| format!("{h}_head"));
    let optional = ["agree_head", "causal_sens_head", "classifier"].map(str::to_owned);
    let there = optional.into_iter().filter(|name| p.has(&format!("{name}.weight")));
    always.into_iter().chain(there).chain(["recon_head".to_owned()]).collect()
}

/// A product a head, and tensor operations behind it.
fn one_by_one(p: &Params, state: &Activation, guardrails: bool) -> Readings {
    let logits: BTreeMap<String, Activation> =
        names(p).into_iter().map(|name| (name.clone(), linear(p, &name, state.clone()))).collect();
    let tau = softplus(logits["temp_head"].clone()) * 0.5 + 0.5;
    let mut log_var = logits["logvar_head"].clone();
    if guardrails {
        log_var = log_var.clamp(-LOG_VAR_BOUND, LOG_VAR_BOUND);
    }
    let score = activation::sigmoid(logits["score_head"].clone() / tau.clone());
    Readings { logits, score, tau, log_var }
}

/// One product with all heads' weights side by side, and one launch behind it.
fn at_once(p: &Params, state: &Activation, guardrails: bool) -> Readings {
    let names = names(p);
    let all = |part: &str| names.iter().map(|name| p.get(&format!("{name}.{part}"))).collect::<Vec<_>>();
    let biases = all("bias");
    let widths: Vec<usize> = biases.iter().map(|b| b.dims()[2]).collect();
    let product = state.clone().matmul(Tensor::cat(all("weight"), 2));
    let bound = if guardrails { LOG_VAR_BOUND as f32 } else { NO_BOUND };
    let out = wgsl::heads(product, Tensor::cat(biases, 2), bound);
    // The reconstruction is cut off first: the way back then pads the small heads to each other's width, not to its.
    let total: usize = widths.iter().sum();
    let small = columns(&out, 0, 3 + total - widths.last().copied().unwrap_or(0));
    let (mut logits, mut at) = (BTreeMap::new(), 3);
    for (name, width) in names.into_iter().zip(widths) {
        let from = if at + width > small.dims()[2] { &out } else { &small };
        logits.insert(name, columns(from, at, at + width));
        at += width;
    }
    Readings {
        logits,
        score: columns(&small, 0, 1),
        tau: columns(&small, 1, 2),
        log_var: columns(&small, 2, 3),
    }
}

/// Reads every head from the body's state; `y` is the response embedding `[1 or models, rows, embedding]`.
pub fn read(p: &Params, body: Body, y: &Activation, how: &Forward) -> Heads {
    let Body { state, halt_logit, trace } = body;
    let [models, rows, _] = state.dims();
    let form = if how.fused() && wgsl::serves(&state, models * rows) { at_once } else { one_by_one };
    let Readings { mut logits, score, tau, log_var } = form(p, &state, how.guardrails);
    let mut optional = |name: &str| logits.remove(name);
    let (agree, sensitivity) = (optional("agree_head"), optional("causal_sens_head"));
    let classes = optional("classifier");
    let head = |name: &str| logits[&format!("{name}_head")].clone();
    let y_recon = head("recon");
    Heads {
        score,
        score_logit: head("score"),
        tau_raw: head("temp"),
        tau,
        log_var_raw: head("logvar"),
        log_var,
        aux3: head("aux3"),
        disagree: head("disagree"),
        consistency: head("consistency"),
        ood: head("ood"),
        recon_cosine: cosine(y_recon.clone(), y.clone()),
        y_recon,
        halt: halt_logit,
        agree,
        sensitivity,
        classes,
        state,
        trace,
    }
}
