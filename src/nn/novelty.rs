//! What the wide path says of a turn's novelty: that its texts do not belong together, or that they are unlike those
//! that were learnt from.
//!
//! Two pieces of evidence, each a logit. *Mismatch*: a linear readout of the inner products of the four embeddings
//! (answer, goal, context, answer before), which tell an answer of another conversation from one's own. *Strangeness*:
//! how far answer and goal lie from the training turns', by probabilistic principal components (Tipping and Bishop
//! 1999). Either is enough, so they are joined by a noisy or: p = 1 - (1 - p1)(1 - p2).

use super::ops::{Activation, columns};
use super::params::{Params, Specs, Start};
use burn::tensor::Tensor;

/// Inner products that the readout of mismatch reads.
pub const PRODUCTS: usize = 8;
/// Principal components of each text that strangeness knows apart; the others share one variance.
pub const COMPONENTS: usize = 16;
/// Evidence is kept within these logits, so that its exponential stays finite in f32.
pub const MOST_EVIDENCE: f64 = 20.0;
/// The texts whose strangeness counts, in the order of the columns of `wide.ood.strange.weight`.
pub const TEXTS: [&str; 2] = ["answer", "goal"];
/// Smallest squared distance, before its logarithm.
const LEAST: f64 = 1e-6;

/// Its parameters for embeddings of that width, zero until they are fitted.
pub fn specs(specs: &mut Specs, width: usize) {
    let zero = Start::Constant(0.0);
    specs.push("wide.ood.mismatch.weight".to_owned(), vec![1, PRODUCTS], zero);
    specs.push("wide.ood.mismatch.bias".to_owned(), vec![1], zero);
    specs.push("wide.ood.strange.weight".to_owned(), vec![1, TEXTS.len()], zero);
    specs.push("wide.ood.strange.bias".to_owned(), vec![1], zero);
    for text in TEXTS {
        specs.push(format!("wide.ood.{text}.mean"), vec![width], zero);
        specs.push(format!("wide.ood.{text}.axes"), vec![COMPONENTS, width], zero);
        specs.push(format!("wide.ood.{text}.gain"), vec![COMPONENTS], zero);
        specs.push(format!("wide.ood.{text}.rest"), vec![1], zero);
    }
}

/// The logit `[models, rows, 1]` for `x` `[1 or models, rows, input]` and `y` `[1 or models, rows, width]`.
pub fn logit(p: &Params, x: &Activation, y: &Activation) -> Activation {
    let d = y.dims()[2];
    let texts = [y.clone(), columns(x, 0, d), columns(x, d, 2 * d), columns(x, 2 * d, 3 * d)];
    let product = |(a, b): (usize, usize)| (texts[a].clone() * texts[b].clone()).sum_dim(2);
    let products = Tensor::cat(PAIRS.into_iter().map(product).collect(), 2);
    let linear = |name: &str, quantities: Activation| {
        let out = quantities.matmul(p.get(&format!("wide.ood.{name}.weight")));
        (out + p.get(&format!("wide.ood.{name}.bias"))).clamp(-MOST_EVIDENCE, MOST_EVIDENCE)
    };
    let distances = TEXTS.into_iter().zip(&texts).map(|(name, text)| distance(p, name, text)).collect();
    either(linear("mismatch", products), linear("strange", Tensor::cat(distances, 2)))
}

/// Which texts are multiplied: 0 the answer, 1 the goal, 2 the context, 3 the answer before. A context or an answer
/// before that is not there is zero, and its square tells so.
pub const PAIRS: [(usize, usize); PRODUCTS] =
    [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3), (2, 2), (3, 3)];

/// ln of the squared Mahalanobis distance under the model's principal components: |v|^2 / rest + sum gain (axis . v)^2
/// with v = text - mean.
fn distance(p: &Params, name: &str, text: &Activation) -> Activation {
    let part = |part: &str| p.get(&format!("wide.ood.{name}.{part}"));
    let v = text.clone() - part("mean");
    let along = v.clone().matmul(part("axes"));
    let square = v.square().sum_dim(2) * part("rest") + (along.square() * part("gain")).sum_dim(2);
    square.clamp_min(LEAST).log()
}

/// Noisy or of two logits: ln(e^a + e^b + e^(a + b)).
fn either(a: Activation, b: Activation) -> Activation {
    let both = a.clone() + b.clone();
    let most = a.clone().max_pair(b.clone()).max_pair(both.clone());
    let sum = (a - most.clone()).exp() + (b - most.clone()).exp() + (both - most.clone()).exp();
    sum.log() + most
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::stats::sigmoid;
    use crate::nn::params::floats;
    use burn::tensor::{Device, TensorData};

    #[test]
    fn either_evidence_is_enough() {
        let tensor = |v: Vec<f32>| {
            let n = v.len();
            Tensor::<3>::from_data(TensorData::new(v, [1, n, 1]), &Device::flex())
        };
        let pairs = [(-20.0, -20.0), (-3.0, -2.0), (0.0, 0.0), (5.0, -20.0), (-1.0, 8.0), (20.0, 20.0)];
        let (a, b): (Vec<f32>, Vec<f32>) = pairs.into_iter().unzip();
        let found = floats(either(tensor(a), tensor(b)));
        for ((a, b), found) in pairs.into_iter().zip(found) {
            let odds = |l: f32| sigmoid(f64::from(l));
            let wanted = 1.0 - (1.0 - odds(a)) * (1.0 - odds(b));
            let apart = (odds(found) - wanted).abs();
            assert!(apart < 1e-6 * wanted.max(1e-3), "{a} {b}: {} and {wanted}", odds(found));
        }
    }
}
