//! The numbers of an epoch: every loss term, gradient norms, guardrail counts and validation quality by dimension.

use super::adamw::StepCounters;
use super::data::TrainData;
use super::loss::Losses;
use crate::core::matrix::Matrix;
use crate::core::stats;
use crate::nn::params::floats;
use crate::nn::readings::Cube;
use burn::tensor::Tensor;

/// One epoch, told to whoever listens.
#[derive(Clone, Debug)]
pub struct EpochReport {
    /// Epoch from 1.
    pub epoch: usize,
    /// Epochs at most.
    pub epochs: usize,
    /// Names and values in a fixed order; the same on every run of the same training.
    pub numbers: Vec<(String, f64)>,
    /// Wall seconds of the epoch (not part of `numbers`: time differs from run to run).
    pub seconds: f64,
    /// Training turns a second, all dimensions together.
    pub turns_per_second: f64,
    /// Scores of the validation turns, `[validation turns, models]`.
    pub validation: Matrix,
    /// Row in the data of each validation turn.
    pub validation_rows: Vec<usize>,
}

/// Sums over the steps of an epoch, kept on the device until the epoch ends.
#[derive(Default)]
pub struct EpochSums {
    terms: Vec<(&'static str, Tensor<3>)>,
    steps: usize,
}

impl EpochSums {
    /// Adds one step.
    pub fn add(&mut self, losses: &Losses) {
        let plain = |t: &Tensor<3>| t.clone().detach().without_autodiff();
        let extra = [
            ("total", &losses.total),
            ("guard.capped", &losses.capped),
            ("guard.log_var", &losses.log_var_outside),
        ];
        let named = losses.terms.iter().map(|(n, t)| (*n, t)).chain(extra);
        for (at, (name, value)) in named.enumerate() {
            match self.terms.get_mut(at) {
                Some((_, sum)) => *sum = sum.clone() + plain(value),
                None => self.terms.push((name, plain(value))),
            }
        }
        self.steps += 1;
    }

    /// "loss.*" as the mean over steps and models, "guard.*" as the count over steps and models; with the
    /// optimiser's counts and norms. The score loss and the gradient norm are also told of each model by its name.
    pub fn finish(self, counters: &StepCounters, names: &[String]) -> Vec<(String, f64)> {
        let steps = self.steps.max(1) as f64;
        let mut numbers = Vec::new();
        for (name, sum) in self.terms {
            let values: Vec<f64> = floats(sum).into_iter().map(f64::from).collect();
            let total: f64 = values.iter().sum();
            if name.starts_with("guard.") {
                numbers.push((name.to_owned(), total));
            } else {
                numbers.push((format!("loss.{name}"), total / (steps * values.len().max(1) as f64)));
                if name == "main" {
                    let own = names.iter().zip(&values);
                    numbers.extend(own.map(|(model, v)| (format!("loss.main.{model}"), v / steps)));
                }
            }
        }
        numbers.push(("guard.clipped".to_owned(), counters.clipped.iter().sum()));
        numbers.push(("guard.skipped".to_owned(), counters.skipped.iter().sum()));
        let models = counters.norm_sum.len().max(1) as f64;
        numbers.push(("grad_norm".to_owned(), counters.norm_sum.iter().sum::<f64>() / (steps * models)));
        let own = names.iter().zip(&counters.norm_sum);
        numbers.extend(own.map(|(model, sum)| (format!("grad_norm.{model}"), sum / steps)));
        numbers
    }
}

/// Validation quality: "val.mae.reasoning", "val.rmse.*", "val.spearman.*" by model, each of "val.n.*" judged turns,
/// and "val.mae", ... as means;
/// undefined figures (constant scores) are left out. Also gives the MAE of each model (infinite when undefined).
pub fn validation(data: &TrainData, rows: &[usize], cube: &Cube) -> (Vec<(String, f64)>, Vec<f64>, Matrix) {
    let scores = cube.attribute("score").unwrap_or_default();
    let mut numbers = Vec::new();
    let mut maes = Vec::new();
    let mut sums = [(0.0, 0_usize); 3];
    for (m, name) in data.names.iter().enumerate() {
        let (said, truth) = pairs(data, rows, &scores, m);
        let figures = [stats::mae(&said, &truth), stats::rmse(&said, &truth), stats::spearman(&said, &truth)];
        numbers.push((format!("val.n.{name}"), said.len() as f64));
        maes.push(figures[0].filter(|v| v.is_finite()).unwrap_or(f64::INFINITY));
        for (k, (figure, measure)) in figures.into_iter().zip(MEASURES).enumerate() {
            if let Some(value) = figure.filter(|v| v.is_finite()) {
                numbers.push((format!("val.{measure}.{name}"), value));
                sums[k] = (sums[k].0 + value, sums[k].1 + 1);
            }
        }
    }
    for ((sum, n), measure) in sums.into_iter().zip(MEASURES) {
        if n > 0 {
            numbers.push((format!("val.{measure}"), sum / n as f64));
        }
    }
    (numbers, maes, scores)
}

const MEASURES: [&str; 3] = ["mae", "rmse", "spearman"];

/// Scores and judgements of one model where both exist; `scores` has one row for each of `rows`.
pub fn pairs(data: &TrainData, rows: &[usize], scores: &Matrix, model: usize) -> (Vec<f64>, Vec<f64>) {
    let both = rows.iter().enumerate().map(|(at, r)| (scores.get(at, model), data.targets.get(*r, model)));
    both.filter(|(s, t)| !t.is_nan() && !s.is_nan()).map(|(s, t)| (f64::from(s), f64::from(t))).unzip()
}
