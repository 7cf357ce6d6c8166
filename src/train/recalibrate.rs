//! The last step of a training: how far the scores may stray from the mean, and how sure they may be, is set on
//! validation turns.
//!
//! A mind trained on a few hundred turns ranks new turns better than it knows its own certainty: its scores lie too
//! far apart and its errors are larger than its variance says. Two numbers a dimension mend that without changing the
//! shape of the model: a factor that shrinks the logit towards the training mean, by least squares on validation
//! turns, and a shift of log_var (mean squared error over mean predicted variance). Beside a wide path, whose slope was
//! set on many more held-out training turns, the factor is instead the share that is kept of what the core adds. All
//! are folded into the last linear layers, so a checkpoint needs nothing beside its weights. Test turns play no part.

use super::data::TrainData;
use crate::core::stats;
use crate::core::turn::Split;
use crate::nn::device::DeviceChoice;
use crate::nn::params::{HostParams, Params};
use crate::nn::readings;
use crate::nn::scorer::ScorerConfig;
use serde::Serialize;

/// Factors tried, in hundredths: from almost the mean predictor to a little beyond the model as trained.
const FACTORS: std::ops::RangeInclusive<u32> = 10..=120;
/// Shares of the core tried beside a wide path.
const SHARES: [f64; 5] = [1.0, 0.75, 0.5, 0.25, 0.0];
/// Fewest labelled validation turns for which anything is changed.
const FEWEST: usize = 20;
/// Scores are kept this far from 0 and 1 before their logit is taken.
const EDGE: f64 = 1e-6;

/// What was changed for one dimension.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Recalibration {
    /// Share of the core's own logit that is kept beside the wide path; 1 without a wide path.
    pub core: f64,
    /// Factor on the logit's distance from the training mean; 1 leaves the scores as trained.
    pub factor: f64,
    /// Shift of log_var; 0 leaves it as trained.
    pub log_var_shift: f64,
    /// Validation RMSE before.
    pub rmse_before: f64,
    /// Validation RMSE after.
    pub rmse_after: f64,
    /// Labelled validation turns.
    pub n: usize,
}

/// Recalibrates every dimension's model; one entry a dimension, unchanged (factor 1) below 20 labelled turns.
pub fn recalibrate(
    config: &ScorerConfig,
    weights: &HostParams,
    data: &TrainData,
    device: &DeviceChoice,
) -> (HostParams, Vec<Recalibration>) {
    let rows = data.rows_of(Split::Validation);
    let burn = device.burn();
    let params = Params::from_host(weights, &burn);
    let (x, y) = (data.x.select_rows(&rows), data.y.select_rows(&rows));
    let cube = readings::read_all(config, &params, &x, &y, &burn, &mut |_, _| true);
    let wide = config.wide().map(|_| {
        let mut silent = weights.clone();
        (0..weights.models).for_each(|m| score_head(&mut silent, m, 0.0, 0.0));
        readings::read_all(config, &Params::from_host(&silent, &burn), &x, &y, &burn, &mut |_, _| true)
    });
    let mut out = weights.clone();
    let mut changes = Vec::with_capacity(weights.models);
    for model in 0..weights.models {
        let found = Evidence::of(data, &rows, &cube, wide.as_ref(), model);
        let change = found.as_ref().map_or(NOTHING, Evidence::fit);
        if let Some(evidence) = &found {
            for part in ["weight", "bias", "waves"] {
                scale(&mut out, model, &format!("wide.score.{part}"), change.factor, 0.0);
            }
            score_head(&mut out, model, change.core * change.factor, (1.0 - change.factor) * evidence.centre);
            scale(&mut out, model, "logvar_head.bias", 1.0, change.log_var_shift);
        }
        changes.push(change);
    }
    (out, changes)
}

const NOTHING: Recalibration = Recalibration {
    core: 1.0,
    factor: 1.0,
    log_var_shift: 0.0,
    rmse_before: f64::NAN,
    rmse_after: f64::NAN,
    n: 0,
};

fn score_head(params: &mut HostParams, model: usize, factor: f64, shift: f64) {
    scale(params, model, "score_head.weight", factor, 0.0);
    scale(params, model, "score_head.bias", factor, shift);
}

/// `value * factor + shift` for one model's slice of a stacked parameter.
fn scale(params: &mut HostParams, model: usize, name: &str, factor: f64, shift: f64) {
    let models = params.models.max(1);
    let Some(tensor) = params.tensors.get_mut(name) else { return };
    let n = tensor.data.len() / models;
    for value in &mut tensor.data[model * n..(model + 1) * n] {
        *value = (f64::from(*value) * factor + shift) as f32;
    }
}

/// What one model said of the labelled validation turns.
#[derive(Default)]
struct Evidence {
    logit: Vec<f64>,
    /// What the wide path alone says; empty without one.
    wide: Vec<f64>,
    tau: Vec<f64>,
    log_var: Vec<f64>,
    truth: Vec<f64>,
    /// Logit (before temperature) of the training mean.
    centre: f64,
}

impl Evidence {
    fn of(
        data: &TrainData,
        rows: &[usize],
        cube: &readings::Cube,
        wide: Option<&readings::Cube>,
        model: usize,
    ) -> Option<Self> {
        let column = |name: &str| Some(cube.attribute(name)?.column(model));
        let (score, tau, log_var) = (column("score")?, column("tau")?, column("log_var")?);
        let alone = wide.and_then(|c| c.attribute("score")).map(|c| c.column(model));
        let train = data.rows_of(Split::Train).into_iter().map(|r| data.targets.get(r, model));
        let labels: Vec<f64> = train.filter(|t| t.is_finite()).map(f64::from).collect();
        let mean = stats::mean(&labels)?.clamp(0.01, 0.99);
        let mut out = Self::default();
        let logit = |score: f32, tau: f64| {
            let s = f64::from(score).clamp(EDGE, 1.0 - EDGE);
            (s / (1.0 - s)).ln() * tau
        };
        for (at, row) in rows.iter().enumerate() {
            let truth = f64::from(data.targets.get(*row, model));
            if [truth, f64::from(score[at]), f64::from(tau[at]), f64::from(log_var[at])]
                .iter()
                .all(|v| v.is_finite())
            {
                let t = f64::from(tau[at]);
                out.logit.push(logit(score[at], t));
                out.wide.extend(alone.as_ref().map(|a| logit(a[at], t)));
                out.tau.push(t);
                out.log_var.push(f64::from(log_var[at]));
                out.truth.push(truth);
            }
        }
        out.centre = (mean / (1.0 - mean)).ln() * stats::mean(&out.tau)?;
        (out.truth.len() >= FEWEST).then_some(out)
    }

    fn scores(&self, core: f64, factor: f64) -> Vec<f64> {
        let one = |at: usize| {
            let whole = self.logit[at];
            let mixed = self.wide.get(at).map_or(whole, |wide| wide + core * (whole - wide));
            stats::sigmoid((factor * mixed + (1.0 - factor) * self.centre) / self.tau[at])
        };
        (0..self.logit.len()).map(one).collect()
    }

    fn rmse(&self, core: f64, factor: f64) -> f64 {
        stats::rmse(&self.scores(core, factor), &self.truth).unwrap_or(f64::INFINITY)
    }

    fn fit(&self) -> Recalibration {
        let least = |a: &f64, b: &f64, rmse: &dyn Fn(f64) -> f64| rmse(*a).total_cmp(&rmse(*b));
        let (core, factor) = if self.wide.is_empty() {
            let rmse = |factor: f64| self.rmse(1.0, factor);
            let candidates = FACTORS.map(|hundredths| f64::from(hundredths) / 100.0);
            (1.0, candidates.min_by(|a, b| least(a, b, &rmse)).unwrap_or(1.0))
        } else {
            let rmse = |share: f64| self.rmse(share, 1.0);
            (SHARES.into_iter().min_by(|a, b| least(a, b, &rmse)).unwrap_or(1.0), 1.0)
        };
        let predicted: f64 = self.log_var.iter().map(|l| l.exp()).sum::<f64>() / self.log_var.len() as f64;
        let shift = (self.rmse(core, factor).powi(2).max(1e-9) / predicted.max(1e-9)).ln();
        Recalibration {
            core,
            factor,
            log_var_shift: shift,
            rmse_before: self.rmse(1.0, 1.0),
            rmse_after: self.rmse(core, factor),
            n: self.truth.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::seed;

    fn overconfident(n: usize) -> Evidence {
        let mut rng = seed::stream(1, "recalibrate");
        let mut out = Evidence { centre: 0.4, ..Evidence::default() };
        for _ in 0..n {
            let signal = seed::normal(&mut rng);
            out.truth.push(stats::sigmoid(0.4 + 0.5 * signal));
            out.logit.push(0.4 + 2.0 * signal + seed::normal(&mut rng));
            out.tau.push(1.0);
            out.log_var.push(-8.0);
        }
        out
    }

    #[test]
    fn scores_that_lie_too_far_apart_are_shrunk_towards_the_mean() {
        let change = overconfident(200).fit();
        assert!(change.factor < 0.5 && change.factor > 0.1, "{change:?}");
        assert!(change.rmse_after < change.rmse_before);
    }

    #[test]
    fn the_predicted_variance_becomes_the_mean_squared_error() {
        let evidence = overconfident(200);
        let change = evidence.fit();
        assert!((-8.0 + change.log_var_shift - change.rmse_after.powi(2).ln()).abs() < 1e-9, "{change:?}");
    }

    #[test]
    fn a_core_that_only_adds_noise_to_the_wide_path_is_left_out() {
        let mut rng = seed::stream(2, "recalibrate");
        let mut evidence = Evidence { centre: 0.4, ..Evidence::default() };
        for _ in 0..300 {
            let (signal, noise) = (seed::normal(&mut rng), seed::normal(&mut rng));
            evidence.truth.push(stats::sigmoid(0.4 + 0.5 * signal));
            evidence.wide.push(0.4 + 0.5 * signal);
            evidence.logit.push(0.4 + 0.5 * signal + noise);
            evidence.tau.push(1.0);
            evidence.log_var.push(0.0);
        }
        let change = evidence.fit();
        assert!(change.core == 0.0 && (change.factor - 1.0).abs() < 0.05, "{change:?}");
    }

    #[test]
    fn scaling_touches_one_model_only() {
        use crate::nn::params::HostTensor;
        let mut p = HostParams { models: 2, ..HostParams::default() };
        p.tensors.insert("score_head.bias".to_owned(), HostTensor { shape: vec![1], data: vec![1.0, 1.0] });
        scale(&mut p, 1, "score_head.bias", 0.5, 0.25);
        assert_eq!(p.tensors["score_head.bias"].data, [1.0, 0.75]);
    }
}
