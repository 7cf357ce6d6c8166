//! The stages that learn: training of each mind, and the second phase in which both learn how they differ.

use super::driver::{Driver, Outputs, setting};
use super::given;
use super::material::{FIRST_PHASE, Material, WEIGHTS, read_params, scorer_json, state_path, stored_scorer};
use crate::core::dimension::Dimension;
use crate::core::matrix::Matrix;
use crate::core::turn::Split;
use crate::job::{Event, JobContext};
use crate::nn::checkpoint;
use crate::nn::device::DeviceChoice;
use crate::nn::scorer::ScorerKind;
use crate::run::config::{PassConfig, PassKind};
use crate::run::contents::History;
use crate::run::folder::RunFolder;
use crate::run::{paths, tables};
use crate::train::last_heads;
use crate::train::plan::Plan;
use crate::train::recalibrate::recalibrate;
use crate::train::second_phase::second_phase;
use crate::train::state::TrainState;
use crate::train::trainer::{RATE_FACTOR, Setting, Trained, train_scorer};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Instant;

/// Share of the time that saving the state of a training may take.
const SAVING_SHARE: f64 = 0.05;

/// The scorer a pass trains, `None` when its scores come from elsewhere.
pub(super) fn kind(pass: &PassConfig) -> Option<ScorerKind> {
    match pass.kind {
        PassKind::Hrm => Some(ScorerKind::Hrm),
        PassKind::Tiny => Some(ScorerKind::Tiny),
        PassKind::Judge | PassKind::Table => None,
    }
}

/// Whether a pass is trained in this run: its scores are a scorer's, and its weights were not given.
pub(super) fn learns(pass: &PassConfig) -> bool {
    kind(pass).is_some() && pass.weights.is_none()
}

/// Trains the scorer of one pass, or takes the weights given for it.
pub(super) fn train(
    driver: &mut Driver<'_>,
    name: &'static str,
    device: &DeviceChoice,
) -> anyhow::Result<()> {
    let asked = driver.pass(name).clone();
    let Some(kind) = kind(&asked) else { return Ok(()) };
    if let Some(from) = &asked.weights {
        return given::stage(driver, name, kind, from);
    }
    let config = driver.config.clone();
    let mut inputs = driver.files(&[paths::TURNS, paths::JUDGEMENTS, paths::SPLITS, paths::EMBEDDINGS])?;
    let (width, measures) = Material::widths(&driver.run)?;
    let plan = Plan::resolve(kind, width, measures, &asked, config.quick);
    setting(&mut inputs, "plan", &(&plan, config.seed, &config.judge, device.backend, config.kernels))?;
    let stage = format!("train {name}");
    driver.stage(&stage, &inputs, |run, ctx, out| {
        let material = Material::read(run, config.judge.as_deref())?;
        let resume = if out.resumes { saved_state(run, name, &plan, config.seed) } else { None };
        if let Some(state) = &resume {
            ctx.event(Event::Info(format!("{stage} goes on after epoch {}", state.epoch)));
        }
        let mut saver = Saver { run, path: state_path(name), saved: Instant::now(), cost: 0.0 };
        let control = ctx.control();
        // A factor set for the other mind is not meant for this one; a resumed training brings its own.
        control.set_rate_factor(1.0);
        let mut factor = 1.0;
        let setting = Setting { pass: name, seed: config.seed, device, resume, control: control.clone() };
        let data = material.train_data();
        for dimension in data.unlabelled() {
            let why = "has no judgement, so it is not trained and its scores stay missing";
            ctx.event(Event::Warning(format!("{dimension} {why}")));
        }
        let mut trained = train_scorer(&data, &plan, setting, ctx, &mut |report, snapshot| {
            // An edited rate must not be forgotten by a resume from an older state.
            let edited = std::mem::replace(&mut factor, control.rate_factor()) != factor;
            if saver.is_due() || edited || control.stops_after(report.epoch) {
                saver.save(&snapshot.state());
            }
        })?;
        if plan.guardrails {
            let (weights, changes) = recalibrate(&trained.config, &trained.best, &data, device);
            trained.best = weights;
            let by_dimension: BTreeMap<&str, _> =
                Dimension::ALL.iter().map(|d| d.name()).zip(changes).collect();
            out.number("recalibration", json!(by_dimension));
            let (weights, found) =
                last_heads::teach(&trained.config, &trained.best, &data, device, config.seed);
            trained.best = weights;
            let by_dimension: BTreeMap<&str, _> =
                Dimension::ALL.iter().map(|d| d.name()).zip(found).collect();
            out.number("reconstruction", json!(by_dimension));
        }
        write(run, out, name, &trained)?;
        write_validation(run, out, name, &material, &trained)?;
        saver.remove();
        Ok(())
    })
}

/// Keeps the state of a training on disk so that a stopped run loses at most a few epochs.
struct Saver<'a> {
    run: &'a RunFolder,
    path: String,
    saved: Instant,
    cost: f64,
}

impl Saver<'_> {
    fn is_due(&self) -> bool {
        self.cost <= SAVING_SHARE * self.saved.elapsed().as_secs_f64()
    }

    /// A state that cannot be saved costs only a later resume, so it is a warning.
    fn save(&mut self, state: &TrainState) {
        let started = Instant::now();
        let written =
            state.to_bytes().map_err(anyhow::Error::from).and_then(|b| Ok(self.run.write(&self.path, &b)?));
        if let Err(error) = written {
            tracing::warn!("the training state was not saved: {error}");
        }
        self.cost = started.elapsed().as_secs_f64();
        self.saved = Instant::now();
    }

    fn remove(&self) {
        if let Ok(path) = self.run.path(&self.path) {
            let _not_there = std::fs::remove_file(path);
        }
    }
}

/// The state a killed or cancelled training of exactly this plan left behind.
fn saved_state(run: &RunFolder, name: &str, plan: &Plan, seed: u64) -> Option<TrainState> {
    let bytes = run.read(&state_path(name)).ok()?;
    let state = TrainState::from_bytes(&bytes).ok()?;
    (plan.is(&state.plan) && state.seed == seed).then_some(state)
}

fn write(run: &RunFolder, out: &mut Outputs, name: &str, trained: &Trained) -> anyhow::Result<()> {
    write_models(run, out, name, FIRST_PHASE, &trained.best)?;
    out.write(run, &scorer_json(name), checkpoint::config_to_json(&trained.config)?.as_bytes())?;
    for dimension in Dimension::ALL {
        let path = paths::history(name, dimension);
        let table = history_of(&trained.history, dimension);
        out.write(run, &path, &tables::numbers::to_parquet(&path, &table)?)?;
    }
    let best: BTreeMap<&str, usize> =
        Dimension::ALL.iter().zip(&trained.stopping).map(|(d, s)| (d.name(), s.best_epoch)).collect();
    out.number("epochs", trained.epochs);
    out.number("best_epoch", json!(best));
    out.number("plan", json!(trained.plan));
    let edits = rate_edits(&trained.history);
    if !edits.is_empty() {
        out.number("rate_edits", json!(edits));
    }
    Ok(())
}

/// Where the learning rate was changed by hand: epoch (from 1) and factor, in the form of `rate_steps`.
fn rate_edits(history: &History) -> Vec<(usize, f64)> {
    let mut factor = 1.0;
    let mut edits = Vec::new();
    for (at, now) in history.series(RATE_FACTOR).unwrap_or_default().into_iter().enumerate() {
        if now.is_finite() && now != factor {
            edits.push((at + 1, now));
            factor = now;
        }
    }
    edits
}

/// Keeps what the scorer said of the validation turns after every epoch.
fn write_validation(
    run: &RunFolder,
    out: &mut Outputs,
    name: &str,
    material: &Material,
    trained: &Trained,
) -> anyhow::Result<()> {
    let rows = material.train_data().rows_of(Split::Validation);
    let ids: Vec<&String> = rows.into_iter().filter_map(|r| material.ids.get(r)).collect();
    let path = paths::validation(name);
    out.write(run, &path, &tables::validation::to_parquet(&path, &ids, &trained.validation)?)
}

/// The columns of one dimension under their plain names, and those that all dimensions share.
fn history_of(history: &History, dimension: Dimension) -> History {
    let is_own = |name: &str| name.rsplit_once('.').is_some_and(|(_, last)| last == dimension.name());
    let is_any =
        |name: &str| name.rsplit_once('.').is_some_and(|(_, last)| Dimension::from_name(last).is_some());
    let own: Vec<(usize, String)> = history
        .names
        .iter()
        .enumerate()
        .filter(|(_, n)| is_own(n))
        .filter_map(|(at, n)| Some((at, n.rsplit_once('.')?.0.to_owned())))
        .collect();
    // The mean of a figure that each dimension has for itself is no dimension's own, also where a dimension lacks it.
    let by_dimension = |mean: &str| {
        history.names.iter().any(|n| is_any(n) && n.rsplit_once('.').is_some_and(|(name, _)| name == mean))
    };
    let shared = history
        .names
        .iter()
        .enumerate()
        .filter(|(_, n)| !is_any(n) && !by_dimension(n))
        .map(|(at, n)| (at, n.clone()));
    let columns: Vec<(usize, String)> = own.iter().cloned().chain(shared).collect();
    History {
        names: columns.iter().map(|(_, n)| n.clone()).collect(),
        values: history
            .values
            .iter()
            .map(|row| columns.iter().map(|(at, _)| row.get(*at).copied().unwrap_or(f64::NAN)).collect())
            .collect(),
    }
}

/// Teaches the heads that predict disagreement the real gap between the two minds on training turns, and writes the
/// final weights of every trained scorer.
pub(super) fn second(driver: &mut Driver<'_>, device: &DeviceChoice) -> anyhow::Result<()> {
    let trained: Vec<&'static str> = ["A", "B"].into_iter().filter(|n| learns(driver.pass(n))).collect();
    if trained.is_empty() {
        return Ok(());
    }
    let config = driver.config.clone();
    let mut files = vec![paths::TURNS.to_owned(), paths::JUDGEMENTS.to_owned(), paths::EMBEDDINGS.to_owned()];
    // Given weights take no part in the second phase, and what they say of the training turns does.
    for name in ["A", "B"].into_iter().filter(|n| kind(driver.pass(n)).is_some()) {
        files.extend(Dimension::ALL.into_iter().map(|d| paths::model(name, d, FIRST_PHASE)));
    }
    let mut inputs = driver.files(&files.iter().map(String::as_str).collect::<Vec<_>>())?;
    setting(
        &mut inputs,
        "second phase",
        &(&config.a, &config.b, config.seed, device.backend, config.kernels),
    )?;
    driver.stage("second phase", &inputs, |run, ctx, out| {
        let material = Material::read(run, config.judge.as_deref())?;
        let mut scores = Vec::new();
        for (at, name) in ["A", "B"].into_iter().enumerate() {
            ctx.progress("second phase", at as u64, 4, "steps");
            scores.push(first_scores(run, &material, name, &config, device, ctx)?);
        }
        let gap = Matrix::from_fn(material.ids.len(), Dimension::ALL.len(), |r, c| {
            (scores[0].get(r, c) - scores[1].get(r, c)).abs()
        });
        for (at, name) in trained.iter().enumerate() {
            ctx.progress("second phase", 2 + at as u64, 4, "steps");
            let scorer = stored_scorer(run, name)?;
            let weights = read_params(run, name, FIRST_PHASE, &scorer)?;
            let (taught, [first, last]) =
                second_phase(&scorer, &weights, &material.train_data(), &gap, device, ctx)?;
            out.number(&format!("loss {name}"), json!({"first": first, "last": last}));
            write_models(run, out, name, WEIGHTS, &taught)?;
            let shape = checkpoint::config_to_json(&scorer)?;
            for dimension in Dimension::ALL {
                out.write(run, &paths::model(name, dimension, "config.json"), shape.as_bytes())?;
            }
        }
        ctx.progress("second phase", 4, 4, "steps");
        Ok(())
    })
}

/// Scores of a pass before its second phase, `[turns, 5]`.
fn first_scores(
    run: &RunFolder,
    material: &Material,
    name: &str,
    config: &crate::run::config::RunConfig,
    device: &DeviceChoice,
    ctx: &JobContext,
) -> anyhow::Result<Matrix> {
    let pass = if name == "A" { &config.a } else { &config.b };
    if kind(pass).is_none() {
        return Ok(material.imported(pass)?.select_columns(&crate::core::scm::SCORES.collect::<Vec<_>>()));
    }
    let scorer = stored_scorer(run, name)?;
    let weights = read_params(run, name, FIRST_PHASE, &scorer)?;
    let mut output = crate::score::pass::score_pass(
        &scorer,
        &weights,
        material.turns_to_score(),
        device,
        "second phase",
        ctx,
        &mut |_| {},
    )?;
    if learns(pass) {
        material.blank_untrained(&mut output);
    }
    Ok(output.scm.select_columns(&crate::core::scm::SCORES.collect::<Vec<_>>()))
}

/// One checkpoint a dimension, with the names other programs know.
pub(super) fn write_models(
    run: &RunFolder,
    out: &mut Outputs,
    name: &str,
    file: &str,
    weights: &crate::nn::params::HostParams,
) -> anyhow::Result<()> {
    for (index, dimension) in Dimension::ALL.into_iter().enumerate() {
        let note = BTreeMap::from([("dimension".to_owned(), dimension.name().to_owned())]);
        out.write(
            run,
            &paths::model(name, dimension, file),
            &checkpoint::to_bytes(&weights.model(index), &note)?,
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dimension_without_a_figure_does_not_get_the_mean_of_the_others() {
        let names = ["val.mae.knowledge", "val.mae", "learning_rate"].map(str::to_owned).to_vec();
        let all = History { names, values: vec![vec![0.25, 0.2, 1e-4]] };
        let of = |d| history_of(&all, d);
        assert_eq!(of(Dimension::Knowledge).names, ["val.mae", "learning_rate"]);
        assert_eq!(of(Dimension::Knowledge).values, [[0.25, 1e-4]]);
        assert_eq!(of(Dimension::Reasoning).names, ["learning_rate"]);
    }
}
