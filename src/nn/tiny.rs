//! Tiny: one small block applied again and again to the pair of embeddings and its own running thought.
//!
//! z' = core(tanh(W [x, y, z])), z <- z + 0.1 z'; then layer norm, a sparse autoencoder added back, and the heads (spec 3).

use super::fused;
use super::heads::{self, Body, Heads};
use super::ops::{Activation, columns, gelu, layer_norm, linear, rows};
use super::params::{Params, Specs, Start};
use super::wgsl;
use super::wide::Wide;
use burn::tensor::{Tensor, activation};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Gain and shift of each normalisation by name, `[models, rows, width]`.
type Norms = BTreeMap<String, (Activation, Activation)>;

/// Layer normalisation by the kernel where its parameters are expanded, by tensor operations otherwise.
fn normalised(p: &Params, norms: Option<&Norms>, name: &str, x: Activation) -> Activation {
    match norms.and_then(|n| n.get(name)) {
        Some((gain, shift)) => wgsl::row_norm(x, gain, shift),
        None => layer_norm(p, name, x),
    }
}

/// The starting thought, one row a row of the recursion, as the kernel wants it.
fn thought(z0: Option<Activation>, shape: [usize; 3], like: &Activation) -> Activation {
    match z0 {
        Some(z) => z.expand(shape),
        None => Tensor::zeros(shape, &like.device().inner()),
    }
}

/// The shape of Tiny.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TinyConfig {
    /// Width of x, y and z: the width of the embeddings.
    pub width: usize,
    /// Residual blocks of the core.
    pub layers: usize,
    /// How often the core is applied.
    pub recursions: usize,
    /// Pre-norm self-attention before each block.
    pub attention: bool,
    /// Share of z' added to z at each recursion.
    pub step_scale: f32,
    /// Classes of the optional classifier head, 0 for none.
    pub classes: usize,
    /// What it reads beside goal and answer; without it the scorer is exactly its core.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wide: Option<Wide>,
}

impl TinyConfig {
    /// The defaults of spec 3 for embeddings of that width.
    pub fn for_width(width: usize) -> Self {
        Self { width, layers: 2, recursions: 6, attention: false, step_scale: 0.1, classes: 0, wide: None }
    }

    /// Every parameter with its shape and start.
    pub fn specs(&self) -> Specs {
        let (mut s, d) = (Specs::default(), self.width);
        s.linear("z_proj", 3 * d, d);
        for layer in 0..self.layers {
            let block = self.block_name(layer);
            if self.attention {
                let core = format!("core.{layer}");
                let bound = (6.0 / (4 * d) as f32).sqrt(); // Xavier uniform of [3d, d], as PyTorch's MultiheadAttention
                s.norm(&format!("{core}.ln_attn"), d, true);
                s.push(format!("{core}.attn.in_proj_weight"), vec![3 * d, d], Start::Uniform(bound));
                s.push(format!("{core}.attn.in_proj_bias"), vec![3 * d], Start::Constant(0.0));
                s.linear(&format!("{core}.attn.out_proj"), d, d);
            }
            s.norm(&format!("{block}.ln"), d, true);
            s.linear(&format!("{block}.mlp.0"), d, 4 * d);
            s.linear(&format!("{block}.mlp.3"), 4 * d, d);
        }
        s.norm("final_ln", d, true);
        s.linear("sae_enc.0", d, d / 2);
        s.norm("sae_enc.2", d / 2, true);
        s.linear("sae_dec", d / 2, d);
        heads::specs(&mut s, d, d);
        s.linear("agree_head", d, 1);
        s.linear("causal_sens_head", d, 1);
        if self.classes > 0 {
            s.linear("classifier", d, self.classes);
        }
        s
    }

    fn block_name(&self, layer: usize) -> String {
        if self.attention { format!("core.{layer}.ff") } else { format!("core.{layer}") }
    }

    /// All heads for `x`, `y` `[1 or models, rows, width]`. `dropout` holds one scaled mask `[1, rows, 4 width]` a layer,
    /// used again at every recursion (Gal and Ghahramani 2016); `z0` is zero unless given.
    pub fn forward(&self, p: &Params, x: &Activation, y: &Activation, how: &super::scorer::Forward) -> Heads {
        let d = self.width;
        let weight = p.get("z_proj.weight");
        // x and y do not change over the recursions: their share of W [x, y, z] is computed once.
        let pair = Tensor::cat(vec![x.clone(), y.clone()], 2);
        if let Some((z, halt)) = how.fused().then(|| fused::tiny(self, p, &pair, how)).flatten() {
            return self.finish(p, z, halt, Vec::new(), y, how);
        }
        let norms = (how.fused() && wgsl::serves(x, p.models * x.dims()[1])).then(|| self.norms(p, x));
        let fixed = pair.matmul(rows(&weight, 0, 2 * d)) + p.get("z_proj.bias");
        let from_z = rows(&weight, 2 * d, 3 * d);
        let mut z = how.z0.clone();
        let (mut halt, mut steps): (Option<Activation>, Vec<Activation>) = (None, Vec::new());
        for _ in 0..self.recursions.max(1) {
            let input = z.clone().map_or_else(|| fixed.clone(), |z| fixed.clone() + z.matmul(from_z.clone()));
            let (proposal, next) = self.core(p, input.tanh(), z, how, norms.as_ref());
            let logit = linear(p, "halt_head", normalised(p, norms.as_ref(), "final_ln", proposal.clone()));
            halt = Some(halt.map_or_else(|| logit.clone(), |h| h.max_pair(logit.clone())));
            if how.trace {
                steps.push(next.clone());
            }
            z = Some(next);
        }
        self.finish(p, z.unwrap_or_else(|| fixed.clone()), halt.unwrap_or(fixed), steps, y, how)
    }

    /// Gains and shifts of the normalisations inside the recursion, expanded to rows for the kernels.
    fn norms(&self, p: &Params, x: &Activation) -> Norms {
        let ones = Tensor::ones([p.models, x.dims()[1], self.width], &x.device());
        let names = (0..self.layers).map(|layer| format!("{}.ln", self.block_name(layer)));
        let expanded = |name: &str, part: &str| p.get(&format!("{name}.{part}")) * ones.clone();
        names
            .chain(["final_ln".to_owned()])
            .map(|name| {
                let both = (expanded(&name, "weight"), expanded(&name, "bias"));
                (name, both)
            })
            .collect()
    }

    /// What the core makes of `h`, and the thought after it.
    fn core(
        &self,
        p: &Params,
        mut h: Activation,
        z: Option<Activation>,
        how: &super::scorer::Forward,
        norms: Option<&Norms>,
    ) -> (Activation, Activation) {
        for layer in 0..self.layers {
            if self.attention {
                h = h.clone() + self.attend(p, layer, h);
            }
            let inner = self.inner(p, layer, h.clone(), how, norms);
            let name = format!("{}.mlp.3", self.block_name(layer));
            if norms.is_some() && layer + 1 == self.layers {
                let product = inner.matmul(p.get(&format!("{name}.weight")));
                let bias = p.get(&format!("{name}.bias"));
                let z = thought(z, product.dims(), &h);
                return wgsl::update(product, bias, h, z, self.step_scale);
            }
            h = h + linear(p, &name, inner);
        }
        let step = h.clone() * self.step_scale;
        (h, z.map_or_else(|| step.clone(), |z| z + step.clone()))
    }

    /// The inside of a residual block up to its second product: `mask gelu(LN(h) W + b)`.
    fn inner(
        &self,
        p: &Params,
        layer: usize,
        h: Activation,
        how: &super::scorer::Forward,
        norms: Option<&Norms>,
    ) -> Activation {
        let block = self.block_name(layer);
        let normed = normalised(p, norms, &format!("{block}.ln"), h);
        let mask = how.dropout.get(layer).cloned();
        if norms.is_none() {
            let inner = gelu(linear(p, &format!("{block}.mlp.0"), normed));
            return mask.map_or_else(|| inner.clone(), |mask| inner.clone() * mask);
        }
        let product = normed.matmul(p.get(&format!("{block}.mlp.0.weight")));
        let [_, rows, width] = product.dims();
        let mask = mask.unwrap_or_else(|| Tensor::ones([1, rows, width], &product.device().inner()));
        wgsl::gelu_mask(product, p.get(&format!("{block}.mlp.0.bias")), mask)
    }

    /// Self-attention over a sequence of one: the softmax of a single weight is 1, so the values pass through and
    /// queries and keys have no influence.
    fn attend(&self, p: &Params, layer: usize, h: Activation) -> Activation {
        let (core, d) = (format!("core.{layer}"), self.width);
        let normed = layer_norm(p, &format!("{core}.ln_attn"), h);
        let weight = columns(&p.get(&format!("{core}.attn.in_proj_weight")), 2 * d, 3 * d);
        let bias = columns(&p.get(&format!("{core}.attn.in_proj_bias")), 2 * d, 3 * d);
        linear(p, &format!("{core}.attn.out_proj"), normed.matmul(weight) + bias)
    }

    fn finish(
        &self,
        p: &Params,
        z: Activation,
        halt_logit: Activation,
        steps: Vec<Activation>,
        y: &Activation,
        how: &super::scorer::Forward,
    ) -> Heads {
        let last = layer_norm(p, "final_ln", z);
        let codes = layer_norm(p, "sae_enc.2", activation::relu(linear(p, "sae_enc.0", last.clone())));
        let state = last.clone() + linear(p, "sae_dec", codes.clone());
        let mut trace = BTreeMap::new();
        if how.trace {
            let active = codes.clone().greater_scalar(0.0).float().mean_dim(2);
            trace.insert("concept_sparsity".to_owned(), active);
            trace.insert("z_final".to_owned(), last);
            trace.insert("z_head".to_owned(), state.clone());
            trace.insert("z_trajectory".to_owned(), Tensor::cat(steps, 2));
        }
        trace.insert("concepts".to_owned(), codes);
        heads::read(p, Body { state, halt_logit, trace }, y, how)
    }
}
