//! The epoch loop: all dimensions of one scorer trained together as one batched computation.

use super::adamw::AdamW;
use super::batch::{Batches, Extra};
use super::data::{TrainData, TrainError};
use super::learner::Learner;
use super::loss::{LossConfig, LossWeights};
use super::plan::Plan;
use super::state::{Stopping, TrainState};
use super::telemetry::{self, EpochReport, EpochSums};
use crate::core::matrix::Matrix;
use crate::core::turn::Split;
pub use crate::job::Control;
use crate::job::{Event, JobContext};
use crate::nn::device::DeviceChoice;
use crate::nn::params::HostParams;
use crate::nn::readings::{self, Cube};
use crate::nn::scorer::{ScorerConfig, ScorerKind};
use crate::run::contents::History;
use std::sync::Arc;
use std::time::Instant;

/// Largest value of one loss term while the guardrails hold. Ordinary terms stay below 3; only a runaway reaches it.
pub const LOSS_CAP: f32 = 10.0;

/// Name of the live factor of the learning rate among the numbers of an epoch.
pub const RATE_FACTOR: &str = "rate_factor";

/// What a training is given beside data and plan.
pub struct Setting<'a> {
    /// "A" or "B": names the pass in events.
    pub pass: &'a str,
    /// The 64-bit seed of every random stream.
    pub seed: u64,
    /// Where to compute.
    pub device: &'a DeviceChoice,
    /// Go on from here.
    pub resume: Option<TrainState>,
    /// Live changes.
    pub control: Control,
}

/// A trained scorer: all dimensions.
#[derive(Clone, Debug)]
pub struct Trained {
    /// Shape.
    pub config: ScorerConfig,
    /// The numbers it was trained by.
    pub plan: Plan,
    /// Best weights of each dimension by validation MAE: the ones to score with.
    pub best: HostParams,
    /// Weights after the last epoch.
    pub last: HostParams,
    /// Early stopping of each dimension.
    pub stopping: Vec<Stopping>,
    /// Numbers by epoch.
    pub history: History,
    /// Scores of the validation turns after every epoch, `[validation turns, models]` each.
    pub validation: Vec<Matrix>,
    /// Epochs run.
    pub epochs: usize,
    /// Wall seconds of this call.
    pub seconds: f64,
}

/// Gives the complete state of the training on request: copying it off the device costs, so it is made only then.
pub struct Snapshot<'a>(&'a Run<'a>);

impl Snapshot<'_> {
    /// The complete state.
    pub fn state(&self) -> TrainState {
        self.0.state()
    }
}

struct Run<'a> {
    data: &'a TrainData,
    plan: &'a Plan,
    seed: u64,
    rows: Vec<usize>,
    validation_rows: Vec<usize>,
    validation_x: Matrix,
    validation_y: Matrix,
    learner: Learner,
    best: HostParams,
    stopping: Vec<Stopping>,
    sensitivity: Option<Matrix>,
    history: Vec<Vec<(String, f64)>>,
    validation: Vec<Matrix>,
    epoch: usize,
}

/// Trains all dimensions of one scorer. `on_epoch` gets the report of every epoch and may ask the snapshot for the
/// state to store. Call it on the lab's thread when the device is a graphics adapter.
///
/// # Errors
/// When the data cannot be trained on, a resumed state does not fit, or the job is cancelled (then the state of the
/// last finished epoch is what `on_epoch` saw).
pub fn train_scorer(
    data: &TrainData,
    plan: &Plan,
    setting: Setting<'_>,
    ctx: &JobContext,
    on_epoch: &mut dyn FnMut(&EpochReport, &Snapshot<'_>),
) -> Result<Trained, TrainError> {
    data.check()?;
    let started = Instant::now();
    let mut run = Run::start(data, plan, &setting)?;
    // An edited rate goes on as it was when the training stopped, unless another one is asked for.
    if let Some(factor) = setting.control.take_asked_factor().or(run.last_number(RATE_FACTOR)) {
        setting.control.set_rate_factor(factor);
    }
    let stage = format!("train {}", setting.pass);
    // A resumed training shows its earlier epochs too.
    run.validation.iter().for_each(|scores| publish(ctx, setting.pass, scores));
    for (at, numbers) in run.history.iter().enumerate() {
        let numbers = numbers.clone();
        ctx.event(Event::Epoch { pass: setting.pass.to_owned(), epoch: at + 1, numbers });
    }
    while run.goes_on() {
        let report = run.epoch(ctx, &setting.control)?;
        ctx.progress(&stage, run.epoch as u64, plan.epochs as u64, "epochs");
        let mut numbers = report.numbers.clone();
        // Told, but not kept: time differs from run to run.
        numbers.push(("turns_per_second".to_owned(), report.turns_per_second));
        ctx.event(Event::Epoch { pass: setting.pass.to_owned(), epoch: report.epoch, numbers });
        publish(ctx, setting.pass, &report.validation);
        on_epoch(&report, &Snapshot(&run));
        if setting.control.stops_after(report.epoch) && run.goes_on() {
            return Err(crate::job::Cancelled.into());
        }
    }
    let last = run.learner.weights();
    Ok(Trained {
        config: plan.scorer.clone(),
        plan: plan.clone(),
        best: run.best,
        last,
        stopping: run.stopping,
        history: history(&run.history),
        validation: run.validation,
        epochs: run.epoch,
        seconds: started.elapsed().as_secs_f64(),
    })
}

fn publish(ctx: &JobContext, pass: &str, validation: &Matrix) {
    let mut live = ctx.live.newer_than(0).map(|(_, live)| live).unwrap_or_default();
    live.validation.push((pass.to_owned(), Arc::new(validation.clone())));
    ctx.live.publish(live);
}

/// Rows of named numbers as a table; a name absent from an epoch is NaN there.
pub fn history(epochs: &[Vec<(String, f64)>]) -> History {
    let mut names: Vec<String> = Vec::new();
    for (name, _) in epochs.iter().flatten() {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    let value = |row: &Vec<(String, f64)>, name: &String| {
        row.iter().find(|(n, _)| n == name).map_or(f64::NAN, |(_, v)| *v)
    };
    let values = epochs.iter().map(|row| names.iter().map(|n| value(row, n)).collect()).collect();
    History { names, values }
}

impl<'a> Run<'a> {
    fn start(data: &'a TrainData, plan: &'a Plan, setting: &Setting<'_>) -> Result<Self, TrainError> {
        if plan.scorer.embedding() != data.embedding() || plan.scorer.input() > data.x.cols() {
            return Err(TrainError::State(format!(
                "the scorer reads embeddings of width {} and {} columns beside the answer, the data has {} and {}",
                plan.scorer.embedding(),
                plan.scorer.input(),
                data.embedding(),
                data.x.cols()
            )));
        }
        let rule = AdamW {
            weight_decay: plan.weight_decay as f32,
            clip: plan.guardrails.then_some(plan.clip as f32),
            skip_non_finite: plan.guardrails,
            ..AdamW::default()
        };
        if let Some(state) = &setting.resume {
            let fits =
                plan.is(&state.plan) && state.seed == setting.seed && state.weights.models == data.models();
            if !fits {
                return Err(TrainError::State("its plan, seed or dimensions differ".to_owned()));
            }
        }
        let (device, resume) = (setting.device.burn(), setting.resume.as_ref());
        let weights = resume.map_or_else(|| fresh_weights(data, plan, setting.seed), |s| s.weights.clone());
        let moments = resume.map(|s| &s.moments);
        let learner =
            Learner::new(plan.scorer.clone(), &weights, moments, rule, setting.device.backend, &device);
        let untouched = Stopping { best_mae: None, best_epoch: 0, since: 0, stopped: false };
        let validation_rows = data.rows_of(Split::Validation);
        Ok(Self {
            data,
            plan,
            seed: setting.seed,
            rows: data.training_rows(),
            validation_x: data.x.select_rows(&validation_rows),
            validation_y: data.y.select_rows(&validation_rows),
            validation_rows,
            learner,
            best: resume.map_or(weights, |s| s.best.clone()),
            stopping: resume.map_or_else(|| vec![untouched; data.models()], |s| s.stopping.clone()),
            sensitivity: resume.and_then(|s| s.sensitivity.clone()),
            history: resume.map_or_else(Vec::new, |s| s.history.clone()),
            validation: resume.map_or_else(Vec::new, |s| s.validation.clone()),
            epoch: resume.map_or(0, |s| s.epoch),
        })
    }

    fn goes_on(&self) -> bool {
        self.epoch < self.plan.epochs && !self.stopping.iter().all(|s| s.stopped)
    }

    /// A number of the last epoch.
    fn last_number(&self, name: &str) -> Option<f64> {
        self.history.last()?.iter().find(|(n, _)| n == name).map(|(_, v)| *v)
    }

    fn epoch(&mut self, ctx: &JobContext, control: &Control) -> Result<EpochReport, TrainError> {
        let started = Instant::now();
        let epoch = self.epoch + 1;
        self.measure_sensitivity(epoch);
        let loss = LossConfig {
            weights: LossWeights::first_phase(),
            cap: self.plan.guardrails.then_some(LOSS_CAP),
            recon_clamped: false,
        };
        let live = control.rate_factor();
        let factor = live * self.plan.step_at(epoch);
        let mut batches = Batches::new(self.data, self.plan, &self.rows, self.seed, epoch);
        let per_epoch = batches.count();
        let mut sums = EpochSums::default();
        let mut step = 0;
        let sensitivity = self.sensitivity.take();
        let extra = Extra { sensitivity: sensitivity.as_ref(), gap: None };
        while let Some(batch) = batches.next(extra, self.learner.device()) {
            ctx.check()?;
            let done = ((self.epoch * per_epoch + step) as f64 + 0.5) / (self.plan.epochs * per_epoch) as f64;
            let rate = self.plan.rate_at(done) * factor;
            let (leaves, mut gradients, losses, _) =
                self.learner.gradients(&batch.x, &batch.y, &batch.targets, &batch.how, &loss, &learns);
            self.learner.apply(&leaves, &mut gradients, rate);
            sums.add(&losses);
            step += 1;
        }
        self.sensitivity = sensitivity;
        let counters = self.learner.optimiser().take_counters();
        let mut numbers = sums.finish(&counters, &self.data.names);
        let end = (epoch * per_epoch) as f64 / (self.plan.epochs * per_epoch).max(1) as f64;
        numbers.push(("learning_rate".to_owned(), self.plan.rate_at(end) * factor));
        numbers.push((RATE_FACTOR.to_owned(), live));
        let cube = self.read_validation();
        let (quality, maes, validation) = telemetry::validation(self.data, &self.validation_rows, &cube);
        numbers.extend(quality);
        numbers.extend(super::head_skill::head_skill(self.data, &self.validation_rows, &cube));
        numbers.push(("val.non_finite".to_owned(), cube.non_finite as f64));
        self.keep_best(epoch, &maes);
        self.epoch = epoch;
        self.history.push(numbers.clone());
        self.validation.push(validation.clone());
        let seconds = started.elapsed().as_secs_f64();
        Ok(EpochReport {
            epoch,
            epochs: self.plan.epochs,
            numbers,
            seconds,
            turns_per_second: self.rows.len() as f64 / seconds.max(1e-9),
            validation,
            validation_rows: self.validation_rows.clone(),
        })
    }

    fn read_validation(&self) -> Cube {
        let (x, y) = (&self.validation_x, &self.validation_y);
        readings::read_all(
            &self.plan.scorer,
            &self.learner.params,
            x,
            y,
            self.learner.device(),
            &mut |_, _| true,
        )
    }

    /// Measures the sensitivity of all training turns with the weights of the epoch's start. Once every few epochs
    /// and in big batches: the finite difference of a single training step would double the step's cost.
    fn measure_sensitivity(&mut self, epoch: usize) {
        let due =
            (epoch - 1).is_multiple_of(self.plan.sensitivity_every.max(1)) || self.sensitivity.is_none();
        if self.plan.scorer.kind() != ScorerKind::Tiny || !due {
            return;
        }
        let (x, y) = (self.data.x.select_rows(&self.rows), self.data.y.select_rows(&self.rows));
        let u =
            readings::directions(self.data.turns(), self.data.embedding(), self.seed).select_rows(&self.rows);
        let learner = &self.learner;
        let measured =
            readings::measured_sensitivity(&self.plan.scorer, &learner.params, &x, &y, &u, learner.device());
        let mut table = Matrix::filled(self.data.turns(), self.data.models(), f32::NAN);
        for (at, row) in self.rows.iter().enumerate() {
            table.row_mut(*row).copy_from_slice(measured.row(at));
        }
        self.sensitivity = Some(table);
    }

    fn keep_best(&mut self, epoch: usize, maes: &[f64]) {
        let mut improved = Vec::new();
        for (m, (stopping, mae)) in self.stopping.iter_mut().zip(maes).enumerate() {
            if stopping.stopped {
                continue;
            }
            // Stopping early and going back to the best weights would hide what training without guardrails shows.
            if !self.plan.guardrails || stopping.best_mae.is_none_or(|best| *mae < best) {
                *stopping = Stopping { best_mae: Some(*mae), best_epoch: epoch, since: 0, stopped: false };
                improved.push(m);
            } else {
                stopping.since += 1;
                stopping.stopped = stopping.since >= self.plan.patience;
            }
        }
        if !improved.is_empty() {
            let now = self.learner.weights();
            // Without guardrails a model may be lost altogether; then the last weights that are numbers are kept.
            let kept = improved.into_iter().filter(|m| self.plan.guardrails || now.model(*m).is_finite());
            kept.for_each(|m| self.best.set_model(m, &now, m));
        }
    }

    fn state(&self) -> TrainState {
        TrainState {
            epoch: self.epoch,
            seed: self.seed,
            plan: self.plan.clone(),
            weights: self.learner.weights(),
            moments: self.learner.moments(),
            best: self.best.clone(),
            stopping: self.stopping.clone(),
            sensitivity: self.sensitivity.clone(),
            history: self.history.clone(),
            validation: self.validation.clone(),
        }
    }
}

fn fresh_weights(data: &TrainData, plan: &Plan, seed: u64) -> HostParams {
    let mut weights = plan.scorer.specs().init(seed, &data.names);
    match plan.scorer.wide() {
        Some(wide) => super::wide::start(&mut weights, wide, data, plan.scorer.kind(), seed),
        None => start_at_the_mean(&mut weights, data),
    }
    weights
}

/// The wide path is fitted in closed form before the first epoch and stays as it is while the core learns.
fn learns(name: &str) -> bool {
    !name.starts_with("wide.")
}

/// Sets the score head's bias so that a fresh model says about the mean judgement of its training turns: the first
/// epochs then go into ranking turns, not into finding the mean.
fn start_at_the_mean(weights: &mut HostParams, data: &TrainData) {
    let Some(bias) = weights.tensors.get_mut("score_head.bias") else { return };
    let tau = 0.5 + 0.5 * 2.0_f64.ln(); // temperature at tau_raw = 0
    for (m, value) in bias.data.iter_mut().enumerate() {
        let known: Vec<f64> = data
            .rows_of(Split::Train)
            .into_iter()
            .map(|r| f64::from(data.targets.get(r, m)))
            .filter(|t| !t.is_nan())
            .collect();
        let mean = crate::core::stats::mean(&known).unwrap_or(0.5).clamp(0.02, 0.98);
        *value = (tau * (mean / (1.0 - mean)).ln()) as f32;
    }
}
