//! Fits what the wide path says of novelty ([`crate::nn::novelty`]): mismatch against made-up turns in closed form,
//! strangeness from the training turns' principal components, measured on validation turns.

use super::batch::make_up;
use super::data::TrainData;
use super::ridge::{Features, Labelled, dot};
use super::wide::{Link, conversations, set_all};
use crate::core::matrix::Matrix;
use crate::core::turn::Split;
use crate::core::{eigen, seed, stats};
use crate::nn::novelty::{COMPONENTS, PAIRS, TEXTS};
use crate::nn::params::HostParams;

/// Made-up turns for each training turn.
const MADE_UP: usize = 1;
/// Strangeness at which novelty is as likely as not, in standard deviations beyond the mean of validation turns: a
/// turn of the training's own kind passes it about once in fifteen. Fixed, because no turn of another kind is at hand.
const EVEN_ODDS: f64 = 1.5;
/// Logits a standard deviation of strangeness.
const STEEPNESS: f64 = 2.0;
/// Fewest validation turns that tell what is usual; with fewer the training turns do.
const FEWEST: usize = 20;

/// Writes the readout of novelty into fresh weights, the same for all dimensions: novelty knows no judgement.
pub fn start(weights: &mut HostParams, data: &TrainData, seed: u64) {
    mismatch(weights, data, seed);
    strangeness(weights, data);
}

/// Inner products of the texts, in the order of [`PAIRS`].
fn products(x: &[f32], y: &[f32]) -> Vec<f64> {
    let d = y.len();
    let texts = [y, &x[..d], &x[d..2 * d], &x[2 * d..3 * d]];
    let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
    PAIRS.iter().map(|(a, b)| product(texts[*a], texts[*b])).collect()
}

/// Ridge regression of "made up" on the inner products, each brought to the same spread.
fn mismatch(weights: &mut HostParams, data: &TrainData, seed: u64) {
    let training = data.training_rows();
    if training.is_empty() {
        return;
    }
    let mut rng = seed::stream(seed, "wide.made_up");
    let group = conversations(data);
    let mut rows: Vec<Vec<f64>> = Vec::new();
    let mut groups: Vec<usize> = Vec::new();
    for row in &training {
        rows.push(products(data.x.row(*row), data.y.row(*row)));
        groups.push(group[*row]);
    }
    let real = rows.len();
    for k in 0..MADE_UP * real {
        let made = make_up(data, &training, k, &mut rng);
        rows.push(products(&made.x, &made.y));
        groups.push(group[made.of]);
    }
    let all: Vec<usize> = (0..rows.len()).collect();
    let column = |c: usize| rows.iter().map(|row| row[c]).collect::<Vec<f64>>();
    let moments: Vec<(f64, f64)> = (0..PAIRS.len())
        .map(|c| {
            let values = column(c);
            let mean = stats::mean(&values).unwrap_or(0.0);
            let square = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64;
            (mean, if square > 1e-12 { 1.0 / square.sqrt() } else { 0.0 })
        })
        .collect();
    for row in &mut rows {
        row.iter_mut().zip(&moments).for_each(|(v, (mean, factor))| *v = (*v - mean) * factor);
    }
    let features = Features::centred(rows, &all);
    let target = Labelled::new(&all, |r| f64::from(u8::from(r >= real)), |r| groups[r]);
    let fit = &features.fit(std::slice::from_ref(&target))[0];
    let link = Link::of(fit, &target);
    let raw: Vec<f64> = fit.weights.iter().zip(&moments).map(|(w, (_, f))| link.slope * w * f).collect();
    let centre: Vec<f64> = moments.iter().map(|(mean, _)| *mean).collect();
    set_all(weights, "wide.ood.mismatch.weight", &raw);
    set_all(weights, "wide.ood.mismatch.bias", &[link.centre - dot(&raw, &centre)]);
}

/// Probabilistic principal components of one text over the training turns.
struct Usual {
    mean: Vec<f64>,
    axes: Vec<Vec<f64>>,
    /// 1 / variance along each axis, less `rest`.
    gain: Vec<f64>,
    /// 1 / variance along any other direction.
    rest: f64,
}

impl Usual {
    fn of(texts: &Matrix, rows: &[usize]) -> Self {
        let (d, n) = (texts.cols(), rows.len().max(1) as f64);
        let mut mean = vec![0.0; d];
        for row in rows {
            mean.iter_mut().zip(texts.row(*row)).for_each(|(m, v)| *m += f64::from(*v) / n);
        }
        let mut covariance = vec![0.0; d * d];
        for row in rows {
            let v: Vec<f64> = texts.row(*row).iter().zip(&mean).map(|(v, m)| f64::from(*v) - m).collect();
            for (i, a) in v.iter().enumerate() {
                let line = &mut covariance[i * d..=i * d + i];
                line.iter_mut().zip(&v).for_each(|(c, b)| *c += a * b / n);
            }
        }
        let total: f64 = (0..d).map(|i| covariance[i * d + i]).sum();
        let found = eigen::symmetric(d, &covariance);
        // Narrow embeddings have fewer axes; those that are missing are zero and say nothing.
        let k = COMPONENTS.min(d.saturating_sub(1));
        let known: f64 = found.values.iter().take(k).sum();
        // No variance at all (one turn, or equal ones) leaves every direction equally strange.
        let rest = ((total - known) / (d - k).max(1) as f64).max(1e-6);
        let mut gain: Vec<f64> =
            found.values.iter().take(k).map(|v| 1.0 / v.max(rest) - 1.0 / rest).collect();
        let mut axes: Vec<Vec<f64>> = found.vectors.into_iter().take(k).collect();
        gain.resize(COMPONENTS, 0.0);
        axes.resize(COMPONENTS, vec![0.0; d]);
        Self { mean, axes, gain, rest: 1.0 / rest }
    }

    /// ln of the squared distance.
    fn distance(&self, text: &[f32]) -> f64 {
        let v: Vec<f64> = text.iter().zip(&self.mean).map(|(v, m)| f64::from(*v) - m).collect();
        let along = self.axes.iter().zip(&self.gain).map(|(axis, gain)| gain * dot(axis, &v).powi(2));
        (dot(&v, &v) * self.rest + along.sum::<f64>()).max(1e-6).ln()
    }

    fn write(&self, weights: &mut HostParams, text: &str) {
        let mut put =
            |part: &str, values: &[f64]| set_all(weights, &format!("wide.ood.{text}.{part}"), values);
        put("mean", &self.mean);
        put("axes", &self.axes.concat());
        put("gain", &self.gain);
        put("rest", &[self.rest]);
    }
}

/// The two texts' strangeness, each in standard deviations from what is usual, added up and brought to one again.
fn strangeness(weights: &mut HostParams, data: &TrainData) {
    let training = data.training_rows();
    if training.is_empty() {
        return;
    }
    let validation = data.rows_of(Split::Validation);
    let known = if validation.len() < FEWEST { &training } else { &validation };
    let goals = data.x.select_columns(&(0..data.embedding()).collect::<Vec<_>>());
    let share = STEEPNESS / (TEXTS.len() as f64).sqrt();
    let (mut slopes, mut shift) = (Vec::new(), -STEEPNESS * EVEN_ODDS);
    for (name, texts) in TEXTS.into_iter().zip([&data.y, &goals]) {
        let usual = Usual::of(texts, &training);
        usual.write(weights, name);
        let distances: Vec<f64> = known.iter().map(|r| usual.distance(texts.row(*r))).collect();
        let mean = stats::mean(&distances).unwrap_or(0.0);
        let square = distances.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / distances.len() as f64;
        // Validation turns that are all alike tell no spread; a tenth of a unit keeps the slope finite.
        let slope = share / square.sqrt().max(0.1);
        slopes.push(slope);
        shift -= slope * mean;
    }
    set_all(weights, "wide.ood.strange.weight", &slopes);
    set_all(weights, "wide.ood.strange.bias", &[shift]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::params::{Params, Specs, floats};
    use crate::nn::{novelty, readings};
    use burn::tensor::Device;

    const WIDTH: usize = 40;

    /// Goal and answer of a conversation share its subject; all subjects lie in one half of the embedding, as a corpus
    /// of one field does.
    fn planted() -> TrainData {
        let mut rng = seed::stream(12, "novelty");
        let mut draw = |n: usize| (0..n).map(|_| seed::normal(&mut rng)).collect::<Vec<f64>>();
        let (turns, half) = (160, WIDTH / 2);
        let subjects: Vec<Vec<f64>> = (0..40).map(|_| draw(half)).collect();
        let mut text = |conversation: usize| {
            let noise = draw(WIDTH);
            let at = |c: usize| subjects[conversation].get(c).copied().unwrap_or(0.0) + 0.3 * noise[c];
            unit((0..WIDTH).map(at).collect())
        };
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for t in 0..turns {
            x.extend(text(t / 4));
            x.extend(vec![0.0; WIDTH]);
            x.extend(if t % 4 == 0 { vec![0.0; WIDTH] } else { y[y.len() - WIDTH..].to_vec() });
            y.extend(text(t / 4));
        }
        let conversations: Vec<String> = (0..turns).map(|t| format!("c{:02}", t / 4)).collect();
        TrainData {
            x: Matrix::from_vec(turns, 3 * WIDTH, x).unwrap(),
            y: Matrix::from_vec(turns, WIDTH, y).unwrap(),
            targets: Matrix::filled(turns, 1, 0.5),
            names: vec!["a".to_owned()],
            split: super::super::data::split_by_conversation(&conversations, 2),
            conversations,
        }
    }

    fn unit(v: Vec<f64>) -> Vec<f32> {
        let n = v.iter().map(|a| a * a).sum::<f64>().sqrt();
        v.into_iter().map(|a| (a / n) as f32).collect()
    }

    fn fitted(data: &TrainData) -> HostParams {
        let mut specs = Specs::default();
        novelty::specs(&mut specs, WIDTH);
        let mut weights = specs.init(1, &data.names);
        start(&mut weights, data, 3);
        weights
    }

    fn said(weights: &HostParams, x: &Matrix, y: &Matrix) -> Vec<f64> {
        let device = Device::flex();
        let (x, y) = (readings::upload(x, &device), readings::upload(y, &device));
        let logits = novelty::logit(&Params::from_host(weights, &device), &x, &y);
        floats(logits).into_iter().map(f64::from).collect()
    }

    fn apart(usual: &[f64], other: &[f64]) -> f64 {
        let label: Vec<bool> = (0..usual.len() + other.len()).map(|at| at >= usual.len()).collect();
        stats::auroc(&[usual, other].concat(), &label).unwrap()
    }

    #[test]
    fn foreign_answers_and_foreign_subjects_are_novel_and_new_conversations_are_not() {
        let data = planted();
        let weights = fitted(&data);
        let test = data.rows_of(Split::Test);
        let (x, y) = (data.x.select_rows(&test), data.y.select_rows(&test));
        let usual = said(&weights, &x, &y);
        assert!(usual.iter().filter(|l| **l > 0.0).count() * 2 < usual.len(), "{usual:?}");
        let n = test.len();
        let strangers: Vec<usize> = (0..n).map(|at| (at + n / 2) % n).collect();
        let crossed = said(&weights, &x, &y.select_rows(&strangers));
        assert!(apart(&usual, &crossed) > 0.9, "{}", apart(&usual, &crossed));
        // The same turns about subjects of the other half: every inner product is as it was.
        let turned = |m: &Matrix| {
            Matrix::from_fn(m.rows(), m.cols(), |r, c| {
                m.get(r, c / WIDTH * WIDTH + (c % WIDTH + WIDTH / 2) % WIDTH)
            })
        };
        let elsewhere = said(&weights, &turned(&x), &turned(&y));
        assert!(apart(&usual, &elsewhere) > 0.95, "{}", apart(&usual, &elsewhere));
    }

    #[test]
    fn the_forward_pass_says_what_was_fitted() {
        let data = planted();
        let weights = fitted(&data);
        let value =
            |name: &str| weights.tensors[name].data.iter().map(|v| f64::from(*v)).collect::<Vec<f64>>();
        let goals = data.x.select_columns(&(0..WIDTH).collect::<Vec<_>>());
        let usual = [&data.y, &goals].map(|texts| Usual::of(texts, &data.training_rows()));
        let found = said(&weights, &data.x, &data.y);
        for row in (0..data.turns()).step_by(7) {
            let a = dot(&value("wide.ood.mismatch.weight"), &products(data.x.row(row), data.y.row(row)))
                + value("wide.ood.mismatch.bias")[0];
            let distances = [usual[0].distance(data.y.row(row)), usual[1].distance(goals.row(row))];
            let b = dot(&value("wide.ood.strange.weight"), &distances) + value("wide.ood.strange.bias")[0];
            let p = 1.0 - (1.0 - stats::sigmoid(a)) * (1.0 - stats::sigmoid(b));
            assert!((stats::sigmoid(found[row]) - p).abs() < 1e-3, "row {row}: {} and {p}", found[row]);
        }
    }

    #[test]
    fn equal_texts_and_few_turns_leave_every_number_finite() {
        let mut data = planted();
        data.y = Matrix::from_fn(data.turns(), WIDTH, |_, c| f32::from(u8::from(c == 0)));
        assert!(fitted(&data).is_finite());
        data.split = (0..data.turns()).map(|t| if t < 4 { Split::Train } else { Split::Test }).collect();
        assert!(fitted(&data).is_finite());
    }
}
