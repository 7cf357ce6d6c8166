//! Every WGSL kernel beside the plain tensor operations it stands for: what the parity tests and the bench go through.

use super::ops::{Activation, columns, gelu, rms_norm, softplus};
use super::wgsl;
use burn::tensor::{Tensor, activation};

/// Tiny's usual share of the proposal.
const STEP: f32 = 0.1;
/// A bound that random logits cross on both sides.
const BOUND: f32 = 1.0;

/// One kernel in both forms.
pub struct Pair {
    /// Name of the shader.
    pub name: &'static str,
    /// Shapes of the inputs for so many models, rows and columns.
    pub shapes: fn(usize, usize, usize) -> Vec<[usize; 3]>,
    /// How many of the inputs, from the first on, a gradient flows to.
    pub tracked: usize,
    /// By the kernel.
    pub fused: fn(&[Activation]) -> Activation,
    /// By tensor operations.
    pub plain: fn(&[Activation]) -> Activation,
}

/// All of them.
pub const PAIRS: [Pair; 5] = [
    Pair {
        name: "gru_norm",
        shapes: |m, r, w| vec![[m, r, 3 * w], [m, r, 3 * w], [m, r, w], [m, r, w], [m, r, w]],
        tracked: 5,
        fused: |t| wgsl::gru_norm(&t[0], t[1].clone(), &t[2], t[3].clone(), &t[4]),
        plain: gru_norm,
    },
    Pair {
        name: "layer_norm",
        shapes: |m, r, w| vec![[m, r, w]; 3],
        tracked: 3,
        fused: |t| wgsl::row_norm(t[0].clone(), &t[1], &t[2]),
        plain: layer_norm,
    },
    Pair {
        name: "gelu",
        shapes: |m, r, w| vec![[m, r, w], [m, 1, w], [1, r, w]],
        tracked: 2,
        fused: |t| wgsl::gelu_mask(t[0].clone(), t[1].clone(), t[2].clone()),
        plain: |t| gelu(t[0].clone() + t[1].clone()) * t[2].clone(),
    },
    Pair {
        name: "update",
        shapes: |m, r, w| vec![[m, r, w], [m, 1, w], [m, r, w], [m, r, w]],
        tracked: 4,
        fused: |t| {
            let (proposal, next) = wgsl::update(t[0].clone(), t[1].clone(), t[2].clone(), t[3].clone(), STEP);
            Tensor::cat(vec![proposal, next], 2)
        },
        plain: |t| {
            let proposal = t[2].clone() + (t[0].clone() + t[1].clone());
            Tensor::cat(vec![proposal.clone(), t[3].clone() + proposal * STEP], 2)
        },
    },
    Pair {
        name: "heads",
        shapes: |m, r, w| vec![[m, r, w], [m, 1, w]],
        tracked: 2,
        fused: |t| wgsl::heads(t[0].clone(), t[1].clone(), BOUND),
        plain: heads,
    },
];

/// One step of a gated recurrent unit and the root-mean-square norm behind it.
fn gru_norm(t: &[Activation]) -> Activation {
    let w = t[3].dims()[2];
    let gate = |x: &Activation, g: usize| columns(x, g * w, (g + 1) * w);
    let r = activation::sigmoid(gate(&t[0], 0) + gate(&t[1], 0));
    let z = activation::sigmoid(gate(&t[0], 1) + gate(&t[1], 1));
    let candidate = (gate(&t[0], 2) + r * (gate(&t[1], 2) + t[2].clone())).tanh();
    rms_norm(&t[4], candidate.clone() + z * (t[3].clone() - candidate))
}

fn layer_norm(t: &[Activation]) -> Activation {
    let centred = t[0].clone() - t[0].clone().mean_dim(2);
    let variance = centred.clone().square().mean_dim(2);
    centred / (variance + 1e-5).sqrt() * t[1].clone() + t[2].clone()
}

fn heads(t: &[Activation]) -> Activation {
    let logits = t[0].clone() + t[1].clone();
    let tau = softplus(columns(&logits, 1, 2)) * 0.5 + 0.5;
    let score = activation::sigmoid(columns(&logits, 0, 1) / tau.clone());
    let log_var = columns(&logits, 2, 3).clamp(-BOUND, BOUND);
    Tensor::cat(vec![score, tau, log_var, logits], 2)
}

/// The sum of what a pair gives, weighed by `weights` of the same shape: something to differentiate.
pub fn weighed(out: Activation, weights: &Activation) -> Tensor<1> {
    (out * weights.clone()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::seed;
    use crate::nn::device::{Request, choose, on_lab_thread};
    use crate::nn::params::floats;
    use burn::tensor::{Device, TensorData};

    fn random(shape: [usize; 3], name: &str, device: &Device) -> Activation {
        let mut rng = seed::stream(7, name);
        let count = shape.iter().product();
        let values: Vec<f32> = (0..count).map(|_| seed::normal(&mut rng) as f32).collect();
        Tensor::from_data(TensorData::new(values, shape), device)
    }

    /// The result, then the gradient of every tracked input.
    fn both(
        form: fn(&[Activation]) -> Activation,
        pair: &Pair,
        sizes: [usize; 3],
        device: &Device,
    ) -> Vec<Vec<f32>> {
        let [m, r, w] = sizes;
        let inputs: Vec<Activation> = (pair.shapes)(m, r, w)
            .into_iter()
            .enumerate()
            .map(|(at, shape)| {
                let t = random(shape, &format!("{} {at}", pair.name), device);
                if at < pair.tracked { t.require_grad() } else { t }
            })
            .collect();
        let out = form(&inputs);
        let weights = random(out.dims(), "weights", device);
        let gradients = weighed(out.clone(), &weights).backward();
        let of = |t: &Activation| floats(t.grad(&gradients).unwrap());
        std::iter::once(floats(out)).chain(inputs[..pair.tracked].iter().map(of)).collect()
    }

    /// Largest difference against the largest value: sums over rows are compared at their own size.
    fn difference(got: &[f32], want: &[f32]) -> f32 {
        assert_eq!(got.len(), want.len());
        let largest = want.iter().fold(1.0_f32, |m, v| m.max(v.abs()));
        got.iter().zip(want).map(|(g, w)| (g - w).abs()).fold(0.0, f32::max) / largest
    }

    #[test]
    fn every_kernel_gives_what_tensor_operations_give_and_so_do_its_gradients() {
        let Ok(choice) = choose(Request::Wgpu) else {
            eprintln!("skipped: this machine has no adapter, not even a software renderer");
            return;
        };
        on_lab_thread(move || {
            let device = choice.burn().autodiff();
            for pair in &PAIRS {
                // Rows and columns that no workgroup size divides, one and several models.
                for sizes in [[1, 3, 37], [3, 5, 130]] {
                    let fused = both(pair.fused, pair, sizes, &device);
                    let plain = both(pair.plain, pair, sizes, &device);
                    assert_eq!(fused.len(), 1 + pair.tracked);
                    for (what, (got, want)) in fused.iter().zip(&plain).enumerate() {
                        let off = difference(got, want);
                        assert!(off < 2e-5, "{} {sizes:?}, part {what}: {off}", pair.name);
                        assert!(want.iter().any(|v| *v != 0.0), "{}: part {what} says nothing", pair.name);
                    }
                }
            }
        })
        .unwrap();
    }
}
