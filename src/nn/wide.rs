//! The wide path: what a mind reads beside goal and answer, and linear readouts of it that are fitted in closed form.
//!
//! A deep core that sees a few hundred turns learns slowly what a linear model knows at once. So a linear readout of
//! fixed quantities stands beside it (Cheng et al. 2016, "wide and deep"): the core learns what the readout misses.
//! The quantities are the answer's embedding y, its differences to the other texts, measurements m of the texts, and
//! cosine waves cos(m W + b) with fixed random W, b (Rahimi and Recht 2007), which make the readout a smooth function
//! of m. What it says of novelty comes from quantities of its own ([`super::novelty`]). Without a wide path a scorer is
//! exactly its core.

use super::heads::{Heads, LOG_VAR_BOUND};
use super::novelty;
use super::ops::{Activation, columns};
use super::params::{Params, Specs, Start};
use burn::tensor::{Tensor, activation};
use serde::{Deserialize, Serialize};

/// What a mind reads beside goal and answer, and how much each kind may say before the data are seen (its share of
/// the prior variance; 0 leaves the kind out).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wide {
    /// Measurements of the texts, the last columns of `x`.
    pub measures: usize,
    /// Whether the differences to the context and to the answer before are among the quantities.
    pub grounding: bool,
    /// Share of the answer's embedding y.
    pub answer: f64,
    /// Share of y - x, the difference to the goal.
    pub difference: f64,
    /// Share of each of y - context and y - answer before (0 where there is none).
    pub ground: f64,
    /// Share of the measurements.
    pub linear: f64,
    /// Share of the waves.
    pub wave: f64,
    /// Waves.
    pub waves: usize,
    /// Bandwidth of the waves, in standard deviations of a measurement.
    pub bandwidth: f64,
    /// Whether it also speaks for aux3, halt, sensitivity and ood; the runs of earlier versions knew no such readouts.
    #[serde(default)]
    pub every_head: bool,
}

/// Width of a head's logit.
pub fn head_width(head: &str) -> usize {
    if head == "aux3" { 3 } else { 1 }
}

impl Wide {
    /// Columns of `x`: the embeddings of the goal, the context and the answer before, then the measurements.
    pub fn input(&self, width: usize) -> usize {
        3 * width + self.measures
    }

    /// Quantities that are linear in the inputs, for embeddings of that width.
    pub fn linear_width(&self, width: usize) -> usize {
        width * if self.grounding { 4 } else { 2 } + self.measures
    }

    /// Its parameters; `heads` names the head logits it adds to. All start at zero: a fresh wide path says nothing until
    /// it is fitted.
    pub fn specs(&self, specs: &mut Specs, width: usize, heads: &[&str]) {
        let zero = Start::Constant(0.0);
        for head in heads {
            let n = head_width(head);
            specs.push(format!("wide.{head}.weight"), vec![n, self.linear_width(width)], zero);
            specs.push(format!("wide.{head}.bias"), vec![n], zero);
            if self.waves > 0 {
                specs.push(format!("wide.{head}.waves"), vec![n, self.waves], zero);
            }
        }
        if self.every_head {
            novelty::specs(specs, width);
        }
        if self.waves > 0 {
            specs.push("wide.waves.weight".to_owned(), vec![self.waves, self.measures], zero);
            specs.push("wide.waves.bias".to_owned(), vec![self.waves], zero);
        }
    }

    /// Adds what the readouts say of `x` `[1 or models, rows, input]` and `y` `[1 or models, rows, width]`.
    pub fn add(
        &self,
        p: &Params,
        x: &Activation,
        y: &Activation,
        mut heads: Heads,
        guardrails: bool,
    ) -> Heads {
        let (quantities, waves) = self.quantities(p, x, y);
        let says = |head: &str| {
            let plain = quantities.clone().matmul(p.get(&format!("wide.{head}.weight")));
            let plain = plain + p.get(&format!("wide.{head}.bias"));
            match &waves {
                Some(w) => plain + w.clone().matmul(p.get(&format!("wide.{head}.waves"))),
                None => plain,
            }
        };
        heads.score_logit = heads.score_logit + says("score");
        heads.score = activation::sigmoid(heads.score_logit.clone() / heads.tau.clone());
        heads.log_var_raw = heads.log_var_raw + says("log_var");
        heads.log_var = heads.log_var_raw.clone();
        if guardrails {
            heads.log_var = heads.log_var.clamp(-LOG_VAR_BOUND, LOG_VAR_BOUND);
        }
        heads.disagree = heads.disagree + says("disagree");
        heads.agree = heads.agree.map(|agree| agree + says("agree"));
        if self.every_head {
            heads.aux3 = heads.aux3 + says("aux3");
            heads.halt = heads.halt + says("halt");
            heads.sensitivity = heads.sensitivity.map(|sensitivity| sensitivity + says("sensitivity"));
            heads.ood = heads.ood + novelty::logit(p, x, y);
        }
        heads
    }

    /// The linear quantities `[1 or models, rows, linear width]` and the waves `[models, rows, waves]`.
    fn quantities(&self, p: &Params, x: &Activation, y: &Activation) -> (Activation, Option<Activation>) {
        let (d, last) = (y.dims()[2], x.dims()[2]);
        let mut parts = vec![y.clone(), y.clone() - columns(x, 0, d)];
        if self.grounding {
            for at in [d, 2 * d] {
                let text = columns(x, at, at + d);
                // Embeddings have length one, or zero where there is no text: then there is no difference either.
                let there = text.clone().square().sum_dim(2);
                parts.push(y.clone() * there - text);
            }
        }
        let measures = columns(x, last - self.measures, last);
        parts.push(measures.clone());
        let waves = (self.waves > 0)
            .then(|| (measures.matmul(p.get("wide.waves.weight")) + p.get("wide.waves.bias")).cos());
        (Tensor::cat(parts, 2), waves)
    }
}
