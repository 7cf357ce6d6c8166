//! The layers both scorers are made of, on activations `[models, rows, width]` and stacked weights.

use super::params::Params;
use burn::tensor::{Tensor, activation};

/// Shape of a stacked activation: `[models, rows, width]`.
pub type Activation = Tensor<3>;

/// `x W + b` of the Linear layer `name`.
pub fn linear(p: &Params, name: &str, x: Activation) -> Activation {
    x.matmul(p.get(&format!("{name}.weight"))) + p.get(&format!("{name}.bias"))
}

/// Layer normalisation over the width with gain and shift, eps 1e-5 (Ba et al. 2016).
pub fn layer_norm(p: &Params, name: &str, x: Activation) -> Activation {
    let centred = x.clone() - x.mean_dim(2);
    let variance = centred.clone().square().mean_dim(2);
    centred / (variance + 1e-5).sqrt() * p.get(&format!("{name}.weight")) + p.get(&format!("{name}.bias"))
}

/// Root-mean-square normalisation over the width with gain, eps 1e-6 (Zhang and Sennrich 2019).
pub fn rms_norm(gain: &Tensor<3>, x: Activation) -> Activation {
    let scale = (x.clone().square().mean_dim(2) + 1e-6).sqrt();
    x / scale * gain.clone()
}

/// ln(1 + e^x) without overflow.
pub fn softplus(x: Activation) -> Activation {
    -activation::log_sigmoid(-x)
}

/// Cosine of two rows, `[models, rows, 1]`; rows of length zero give 0.
pub fn cosine(a: Activation, b: Activation) -> Activation {
    let dot = (a.clone() * b.clone()).sum_dim(2);
    let norms = (a.square().sum_dim(2) + 1e-24).sqrt() * (b.square().sum_dim(2) + 1e-24).sqrt();
    dot / norms
}

/// Columns `from..to` of a stacked weight or activation.
pub fn columns(x: &Tensor<3>, from: usize, to: usize) -> Tensor<3> {
    let [m, rows, _] = x.dims();
    x.clone().slice([0..m, 0..rows, from..to])
}

/// Rows `from..to` of a stacked weight or activation.
pub fn rows(x: &Tensor<3>, from: usize, to: usize) -> Tensor<3> {
    let [m, _, cols] = x.dims();
    x.clone().slice([0..m, from..to, 0..cols])
}

/// The weights of a gated recurrent unit (Cho et al. 2014; PyTorch's gate order r, z, n) cut once a forward, so that
/// the part of the input that stays the same over many steps is multiplied once.
pub struct Gru {
    input: [Tensor<3>; 3],
    hidden: [Tensor<3>; 3],
    input_bias: [Tensor<3>; 3],
    hidden_bias: Tensor<3>,
    width: usize,
}

impl Gru {
    /// Cuts the weights `name.weight_ih` `[in, 3 width]`, `weight_hh`, `bias_ih`, `bias_hh`.
    pub fn new(p: &Params, name: &str) -> Self {
        let (wi, wh) = (p.get(&format!("{name}.weight_ih")), p.get(&format!("{name}.weight_hh")));
        let (bi, bh) = (p.get(&format!("{name}.bias_ih")), p.get(&format!("{name}.bias_hh")));
        let width = wh.dims()[1];
        let cut = |t: &Tensor<3>, g: usize| columns(t, g * width, (g + 1) * width);
        Self {
            input: [cut(&wi, 0), cut(&wi, 1), cut(&wi, 2)],
            hidden: [cut(&wh, 0), cut(&wh, 1), cut(&wh, 2)],
            // The reset and update gates add both biases; only the candidate keeps them apart.
            input_bias: [cut(&bi, 0) + cut(&bh, 0), cut(&bi, 1) + cut(&bh, 1), cut(&bi, 2)],
            hidden_bias: cut(&bh, 2),
            width,
        }
    }

    /// What input columns `from..` (as wide as `x`) contribute to the three gates, biases not included.
    pub fn contribution(&self, x: &Activation, from: usize) -> [Activation; 3] {
        let to = from + x.dims()[2];
        [0, 1, 2].map(|g| x.clone().matmul(rows(&self.input[g], from, to)))
    }

    /// Adds the biases to a contribution.
    pub fn with_bias(&self, gates: [Activation; 3]) -> [Activation; 3] {
        let [r, z, n] = gates;
        [r + self.input_bias[0].clone(), z + self.input_bias[1].clone(), n + self.input_bias[2].clone()]
    }

    /// One step from `hidden` (None: zeros) with the input's contribution to the gates, biases included.
    pub fn step(&self, gates: &[Activation; 3], hidden: Option<Activation>) -> Activation {
        let [r, z, n] = gates.clone();
        let Some(h) = hidden else {
            let candidate = (n + activation::sigmoid(r) * self.hidden_bias.clone()).tanh();
            return candidate.clone() - activation::sigmoid(z) * candidate;
        };
        let r = activation::sigmoid(r + h.clone().matmul(self.hidden[0].clone()));
        let z = activation::sigmoid(z + h.clone().matmul(self.hidden[1].clone()));
        let candidate =
            (n + r * (h.clone().matmul(self.hidden[2].clone()) + self.hidden_bias.clone())).tanh();
        candidate.clone() + z * (h - candidate)
    }

    /// Width of the hidden state.
    pub fn width(&self) -> usize {
        self.width
    }
}

/// Sum of two gate triples.
pub fn add_gates(a: &[Activation; 3], b: [Activation; 3]) -> [Activation; 3] {
    let [x, y, z] = a.clone();
    let [u, v, w] = b;
    [x + u, y + v, z + w]
}

/// GELU by the error function: x Phi(x) (Hendrycks and Gimpel 2016, equation 1).
///
/// On the processor burn's own is exact in both directions. On other backends burn differentiates the tanh
/// approximation, whose gradient is off by up to a thousandth, so there the function is written out.
pub fn gelu(x: Activation) -> Activation {
    if x.device().inner() == burn::tensor::Device::flex() {
        return activation::gelu(x);
    }
    let half = x.clone() * 0.5;
    half.clone() * (x * std::f64::consts::FRAC_1_SQRT_2).erf() + half
}
