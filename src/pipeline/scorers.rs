//! The stage "scorers": how good each mind is on test conversations, beside the simple models it must beat.

use super::driver::{Driver, setting};
use super::learn::kind;
use super::material::{Material, WEIGHTS, read_params, stored_scorer};
use crate::core::dimension::Dimension;
use crate::core::matrix::Matrix;
use crate::core::turn::Split;
use crate::core::{scm, seed, stats};
use crate::nn::device::DeviceChoice;
use crate::nn::readings;
use crate::run::folder::RunFolder;
use crate::run::{paths, tables};
use crate::score::skill::{Evidence, skills};
use crate::train::baseline::{Baselines, baselines};
use rand::RngExt;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Resamples of the intervals.
const RESAMPLES: usize = 1000;

/// Does the stage; nothing to do when no mind was trained here.
pub(super) fn stage(driver: &mut Driver<'_>, device: &DeviceChoice) -> anyhow::Result<()> {
    let trained: Vec<&'static str> =
        ["A", "B"].into_iter().filter(|n| kind(driver.pass(n)).is_some()).collect();
    if trained.is_empty() {
        return Ok(());
    }
    let config = driver.config.clone();
    let files = [paths::TURNS, paths::JUDGEMENTS, paths::SPLITS, paths::EMBEDDINGS];
    let mut inputs = driver.files(&files)?;
    inputs.extend(driver.files(&[&paths::scm("A"), &paths::scm("B")])?);
    setting(&mut inputs, "scorers", &(config.seed, &config.judge, device.backend, config.kernels))?;
    driver.stage("scorers", &inputs, |run, ctx, out| {
        let material = Material::read(run, config.judge.as_deref())?;
        let scm_of = |name: &str| -> anyhow::Result<Matrix> {
            let path = paths::scm(name);
            Ok(tables::matrix::scm_from_parquet(&path, &run.read(&path)?)?.1)
        };
        let (a, b) = (scm_of("A")?, scm_of("B")?);
        let gap = Matrix::from_fn(a.rows(), scm::SCORES.len(), |r, c| (a.get(r, c) - b.get(r, c)).abs());
        ctx.progress("scorers", 0, 3, "steps");
        let simple = baselines(&material.train_data());
        let mut metrics = Map::new();
        for (step, name) in trained.iter().enumerate() {
            ctx.progress("scorers", 1 + step as u64, 3, "steps");
            ctx.check()?;
            let scores = if *name == "A" { &a } else { &b };
            let mut of_pass = quality(&material, scores, &simple, config.seed);
            of_pass.insert("heads".to_owned(), heads(run, &material, name, &gap, config.seed, device)?);
            metrics.insert((*name).to_owned(), Value::Object(of_pass));
        }
        ctx.progress("scorers", 3, 3, "steps");
        out.write_json(run, &paths::metrics("scorers"), &metrics)
    })
}

/// Errors and rank correlation of every dimension on test turns.
fn quality(material: &Material, scores: &Matrix, simple: &Baselines, seed: u64) -> Map<String, Value> {
    let test: Vec<usize> = (0..material.split.len()).filter(|r| material.split[*r] == Split::Test).collect();
    Dimension::ALL
        .into_iter()
        .map(|d| {
            let c = d.index();
            let rows: Vec<usize> = test
                .iter()
                .copied()
                .filter(|r| material.targets.get(*r, c).is_finite() && scores.get(*r, c).is_finite())
                .collect();
            let pick = |m: &Matrix| rows.iter().map(|r| f64::from(m.get(*r, c))).collect::<Vec<f64>>();
            let (truth, said) = (pick(&material.targets), pick(scores));
            let groups: Vec<&str> =
                rows.iter().map(|r| material.turns[*r].conversation_id.as_str()).collect();
            let (mean, ridge, all) = (pick(&simple.mean), pick(&simple.ridge), pick(&simple.ridge_all));
            let of = |p: &[f64]| {
                json!({
                    "mae": stats::mae(p, &truth),
                    "rmse": stats::rmse(p, &truth),
                    "spearman": stats::spearman(p, &truth),
                })
            };
            let value = json!({
                "n": rows.len(),
                "n_conversations": groups.iter().collect::<std::collections::BTreeSet<_>>().len(),
                "mae": stats::mae(&said, &truth),
                "rmse": stats::rmse(&said, &truth),
                "spearman": stats::spearman(&said, &truth),
                "ci95": intervals(&said, &truth, &groups, seed, d),
                "mean_predictor": {"mae": stats::mae(&mean, &truth), "rmse": stats::rmse(&mean, &truth)},
                "ridge": of(&ridge),
                "ridge_all": of(&all),
            });
            (d.name().to_owned(), value)
        })
        .collect()
}

/// 95 % percentile intervals from resampling whole conversations: turns of one conversation are not independent.
fn intervals(said: &[f64], truth: &[f64], groups: &[&str], seed: u64, dimension: Dimension) -> Value {
    let mut members: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, group) in groups.iter().enumerate() {
        members.entry(group).or_default().push(at);
    }
    let members: Vec<Vec<usize>> = members.into_values().collect();
    let mut rng = seed::stream(seed, &format!("scorers/ci95/{dimension}"));
    let mut draws: [Vec<f64>; 3] = Default::default();
    for _ in 0..if members.len() < 2 { 0 } else { RESAMPLES } {
        let rows: Vec<usize> =
            (0..members.len()).flat_map(|_| members[rng.random_range(0..members.len())].clone()).collect();
        let pick = |x: &[f64]| rows.iter().map(|r| x[*r]).collect::<Vec<f64>>();
        let (s, t) = (pick(said), pick(truth));
        let figures = [stats::mae(&s, &t), stats::rmse(&s, &t), stats::spearman(&s, &t)];
        for (kept, figure) in draws.iter_mut().zip(figures) {
            kept.extend(figure);
        }
    }
    let ends = |x: &Vec<f64>| json!([stats::quantile(x, 0.025), stats::quantile(x, 0.975)]);
    json!({"mae": ends(&draws[0]), "rmse": ends(&draws[1]), "spearman": ends(&draws[2])})
}

/// Whether each head means something.
fn heads(
    run: &RunFolder,
    material: &Material,
    name: &str,
    gap: &Matrix,
    seed: u64,
    device: &DeviceChoice,
) -> anyhow::Result<Value> {
    let scorer = stored_scorer(run, name)?;
    let weights = read_params(run, name, WEIGHTS, &scorer)?;
    let path = paths::cube(name);
    let (_, stored) = tables::cube::from_parquet(&path, &run.read(&path)?)?;
    let turns = material.ids.len();
    let width = stored.attributes.len();
    let values = Matrix::from_fn(turns, stored.dimensions.len() * width, |r, c| {
        stored.dimensions[c / width].get(r, c % width)
    });
    let cube = readings::Cube { models: stored.dimensions.len(), values, non_finite: 0 };
    let conversations: Vec<String> = material.turns.iter().map(|t| t.conversation_id.clone()).collect();
    let evidence = Evidence {
        config: &scorer,
        weights: &weights,
        cube: &cube,
        x: &material.x,
        y: &material.y,
        targets: &material.targets,
        split: &material.split,
        conversations: &conversations,
        gap: Some(gap),
        seed,
    };
    Ok(json!(skills(&evidence, device)))
}
