//! HRM: a slow state that thinks in cycles over a fast state that thinks in steps.
//!
//! [x, y] -> Linear -> RMSNorm = x~; N cycles of T steps zL = RMSNorm(GRU([x~, zH], zL)), then
//! zH = RMSNorm(GRU([zL, zH], zH)); final RMSNorm; heads from zH (spec 3).

use super::fused;
use super::heads::{self, Body, Heads};
use super::ops::{Activation, Gru, add_gates, columns, linear, rms_norm, rows};
use super::params::{Params, Specs, Start};
use super::scorer::Forward;
use super::wgsl;
use super::wide::Wide;
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The shape of HRM.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HrmConfig {
    /// Width of the embeddings.
    pub embedding: usize,
    /// Width of the slow state.
    pub high: usize,
    /// Width of the fast state.
    pub low: usize,
    /// Slow cycles.
    pub cycles: usize,
    /// Fast steps a cycle.
    pub steps: usize,
    /// What it reads beside goal and answer; without it the scorer is exactly its core.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wide: Option<Wide>,
}

impl HrmConfig {
    /// The defaults of spec 3 for embeddings of that width.
    pub fn for_width(embedding: usize) -> Self {
        Self { embedding, high: 256, low: 128, cycles: 4, steps: 4, wide: None }
    }

    /// Every parameter with its shape and start.
    pub fn specs(&self) -> Specs {
        let mut s = Specs::default();
        s.linear("input_projector.project", 2 * self.embedding, self.high);
        s.norm("input_projector.norm", self.high, false);
        gru(&mut s, "l_module", 2 * self.high, self.low);
        gru(&mut s, "h_module", self.low + self.high, self.high);
        s.norm("final_norm", self.high, false);
        heads::specs(&mut s, self.high, self.embedding);
        s
    }

    /// All heads for `x`, `y` `[1 or models, rows, embedding]`. `dropout` may hold one scaled mask `[1, rows, high]`
    /// on x~.
    pub fn forward(&self, p: &Params, x: &Activation, y: &Activation, how: &Forward) -> Heads {
        let (h, l) = (self.high, self.low);
        let pair = Tensor::cat(vec![x.clone(), y.clone()], 2);
        let mut input =
            rms_norm(&p.get("input_projector.norm.weight"), linear(p, "input_projector.project", pair));
        if let Some(mask) = how.dropout.first() {
            input = input * mask.clone();
        }
        if let Some((state, halt_logit)) = how.fused().then(|| fused::hrm(self, p, &input, how)).flatten() {
            return heads::read(p, Body { state, halt_logit, trace: BTreeMap::new() }, y, how);
        }
        if how.fused() && !how.trace && wgsl::serves(&input, p.models * input.dims()[1]) {
            return self.on_adapter(p, &input, y, how);
        }
        let (fast, slow) = (Gru::new(p, "l_module.rnn_cell"), Gru::new(p, "h_module.rnn_cell"));
        let (fast_gain, slow_gain) = (p.get("l_module.norm.weight"), p.get("h_module.norm.weight"));
        let final_gain = p.get("final_norm.weight");
        // x~ never changes and zH stays the same within a cycle: their shares of the gates are computed once.
        let from_input = fast.with_bias(fast.contribution(&input, 0));
        let (mut zl, mut zh): (Option<Activation>, Option<Activation>) = (None, None);
        let (mut halt, mut state): (Option<Activation>, Activation) = (None, input);
        let (mut fast_steps, mut slow_steps) = (Vec::new(), Vec::new());
        for _ in 0..self.cycles.max(1) {
            let gates = zh
                .as_ref()
                .map_or_else(|| from_input.clone(), |z| add_gates(&from_input, fast.contribution(z, h)));
            for _ in 0..self.steps.max(1) {
                let next = rms_norm(&fast_gain, fast.step(&gates, zl.take()));
                if how.trace {
                    fast_steps.push(next.clone());
                }
                zl = Some(next);
            }
            let mut gates =
                zl.as_ref().map_or_else(|| gates.clone(), |z| slow.with_bias(slow.contribution(z, 0)));
            if let Some(z) = zh.as_ref() {
                gates = add_gates(&gates, slow.contribution(z, l));
            }
            let next = rms_norm(&slow_gain, slow.step(&gates, zh.take()));
            state = rms_norm(&final_gain, next.clone());
            let logit = linear(p, "halt_head", state.clone());
            halt = Some(halt.map_or_else(|| logit.clone(), |m| m.max_pair(logit.clone())));
            if how.trace {
                slow_steps.push(next.clone());
            }
            zh = Some(next);
        }
        let mut trace = BTreeMap::new();
        if how.trace {
            trace.insert("z_final".to_owned(), state.clone());
            trace.extend(zl.map(|z| ("zl_final".to_owned(), z)));
            trace.insert("zl_trajectory".to_owned(), Tensor::cat(fast_steps, 2));
            trace.insert("zh_trajectory".to_owned(), Tensor::cat(slow_steps, 2));
        }
        let halt_logit = halt.unwrap_or_else(|| state.clone());
        heads::read(p, Body { state, halt_logit, trace }, y, how)
    }
}

impl HrmConfig {
    /// The same recursion with the WGSL kernels: a product and one launch a step.
    fn on_adapter(&self, p: &Params, input: &Activation, y: &Activation, how: &Forward) -> Heads {
        let (h, l) = (self.high, self.low);
        let (fast, slow) = (AdapterCell::new(p, "l_module", input), AdapterCell::new(p, "h_module", input));
        let final_gain = p.get("final_norm.weight");
        let from_input = input.clone().matmul(rows(&fast.input, 0, h)) + fast.gate_bias.clone();
        let (mut zl, mut zh): (Option<Activation>, Option<Activation>) = (None, None);
        let (mut halt, mut state): (Option<Activation>, Activation) = (None, input.clone());
        for _ in 0..self.cycles.max(1) {
            let gates = zh.as_ref().map_or_else(
                || from_input.clone(),
                |z| from_input.clone() + z.clone().matmul(rows(&fast.input, h, 2 * h)),
            );
            for _ in 0..self.steps.max(1) {
                zl = Some(fast.step(&gates, zl.take()));
            }
            let from_fast = zl.clone().unwrap_or_else(|| state.clone()).matmul(rows(&slow.input, 0, l));
            let mut gates = from_fast + slow.gate_bias.clone();
            if let Some(z) = zh.as_ref() {
                gates = gates + z.clone().matmul(rows(&slow.input, l, l + h));
            }
            let next = slow.step(&gates, zh.take());
            state = rms_norm(&final_gain, next.clone());
            let logit = linear(p, "halt_head", state.clone());
            halt = Some(halt.map_or_else(|| logit.clone(), |m| m.max_pair(logit.clone())));
            zh = Some(next);
        }
        let halt_logit = halt.unwrap_or_else(|| state.clone());
        heads::read(p, Body { state, halt_logit, trace: BTreeMap::new() }, y, how)
    }
}

/// One cell's weights as the kernel wants them; what belongs to a row is expanded to rows once a forward.
struct AdapterCell {
    input: Activation,
    hidden: Activation,
    /// Both biases of the reset and update gates, the input's of the candidate, `[models, 1, 3 width]`.
    gate_bias: Activation,
    /// The candidate's hidden bias, `[models, rows, width]`.
    bias: Activation,
    gain: Activation,
    shape: [usize; 3],
}

impl AdapterCell {
    fn new(p: &Params, name: &str, like: &Activation) -> Self {
        let part = |part: &str| p.get(&format!("{name}.{part}"));
        let (hidden, bias) = (part("rnn_cell.weight_hh"), part("rnn_cell.bias_hh"));
        let width = hidden.dims()[1];
        let shape = [p.models, like.dims()[1], width];
        let device = like.device().inner();
        let ones: Activation = Tensor::ones(shape, &device);
        let gates = Tensor::cat(
            vec![Tensor::ones([1, 1, 2 * width], &device), Tensor::zeros([1, 1, width], &device)],
            2,
        );
        Self {
            input: part("rnn_cell.weight_ih"),
            hidden,
            gate_bias: part("rnn_cell.bias_ih") + bias.clone() * gates,
            bias: columns(&bias, 2 * width, 3 * width) * ones.clone(),
            gain: part("norm.weight") * ones,
            shape,
        }
    }

    fn step(&self, gates: &Activation, state: Option<Activation>) -> Activation {
        let [m, r, w] = self.shape;
        let device = self.gain.device().inner();
        let (hidden, state) = match state {
            Some(z) => (z.clone().matmul(self.hidden.clone()), z),
            None => (Tensor::zeros([m, r, 3 * w], &device), Tensor::zeros([m, r, w], &device)),
        };
        wgsl::gru_norm(gates, hidden, &self.bias, state, &self.gain)
    }
}

fn gru(s: &mut Specs, name: &str, input: usize, width: usize) {
    let start = Start::Uniform(1.0 / (width as f32).sqrt()); // PyTorch's GRUCell
    s.push(format!("{name}.rnn_cell.weight_ih"), vec![3 * width, input], start);
    s.push(format!("{name}.rnn_cell.weight_hh"), vec![3 * width, width], start);
    s.push(format!("{name}.rnn_cell.bias_ih"), vec![3 * width], start);
    s.push(format!("{name}.rnn_cell.bias_hh"), vec![3 * width], start);
    s.norm(&format!("{name}.norm"), width, false);
}
