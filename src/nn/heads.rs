//! What a scorer says of each turn: its score and nine further readings of the same state.

use super::ops::{Activation, cosine, linear, softplus};
use super::params::{Params, Specs};
use burn::tensor::activation;
use std::collections::BTreeMap;

/// Bounds of log_var while the guardrail holds.
pub const LOG_VAR_BOUND: f64 = 5.0;

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

/// Reads every head from the body's state; `y` is the response embedding `[1 or models, rows, embedding]`.
pub fn read(p: &Params, body: Body, y: &Activation, guardrails: bool) -> Heads {
    let Body { state, halt_logit, trace } = body;
    let head = |name: &str| linear(p, name, state.clone());
    let optional = |name: &str| p.has(&format!("{name}.weight")).then(|| head(name));
    let (score_logit, tau_raw) = (head("score_head"), head("temp_head"));
    let tau = softplus(tau_raw.clone()) * 0.5 + 0.5;
    let log_var_raw = head("logvar_head");
    let log_var = if guardrails {
        log_var_raw.clone().clamp(-LOG_VAR_BOUND, LOG_VAR_BOUND)
    } else {
        log_var_raw.clone()
    };
    let y_recon = head("recon_head");
    Heads {
        score: activation::sigmoid(score_logit.clone() / tau.clone()),
        score_logit,
        tau_raw,
        tau,
        log_var_raw,
        log_var,
        aux3: head("aux3_head"),
        disagree: head("disagree_head"),
        consistency: head("consistency_head"),
        ood: head("ood_head"),
        recon_cosine: cosine(y_recon.clone(), y.clone()),
        y_recon,
        halt: halt_logit,
        agree: optional("agree_head"),
        sensitivity: optional("causal_sens_head"),
        classes: optional("classifier"),
        state,
        trace,
    }
}
