//! The main job: the stages of a run in order, each skipped when nothing it is made from has changed.

mod driver;
mod embed;
mod field;
mod figures;
mod given;
mod import;
mod learn;
mod material;
mod pass;
pub mod planted;
pub mod prepare;
pub mod projection;
pub mod samples;
mod scorers;
pub mod topology;

use crate::core::dimension::Dimension;
use crate::job::JobContext;
use crate::nn::device::{Backend, DeviceChoice, Request, choose, on_lab_thread};
use crate::run::clock;
use crate::run::config::{PassConfig, PassKind, RunConfig};
use crate::run::folder::RunFolder;
use crate::run::manifest::{DatasetRecord, Manifest, ScorerRecord};
use crate::run::{paths, recent};
use anyhow::Context;
use driver::Driver;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where things that can be made again are kept for the next time: `gapfield` in the user's cache folder, if there is one.
pub fn cache_dir() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let base = if cfg!(windows) {
        set("LOCALAPPDATA")
    } else {
        set("XDG_CACHE_HOME").filter(|p| p.is_absolute()).or_else(|| Some(set("HOME")?.join(".cache")))
    };
    Some(base?.join("gapfield"))
}

/// What a run goes through, in order. A run of imported passes trains nothing and leaves those stages out.
const STAGES: [&str; 13] = [
    "import",
    "embed",
    "train A",
    "train B",
    "second phase",
    "pass A",
    "pass B",
    "field",
    "projection",
    "scorers",
    "topology",
    "figures",
    "report",
];

/// How far a run is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Until {
    /// Both minds trained, their weights and histories written; nothing scored. Going on later makes the rest.
    Trained,
    /// Complete.
    #[default]
    End,
}

/// Does the main job in `folder` (a new folder under the runs directory without one) and gives the folder.
/// A folder that already holds a run is gone on with: what is unchanged is kept.
///
/// # Errors
/// The first stage that fails, in one sentence; the run stays resumable.
pub fn run(
    config: RunConfig,
    folder: Option<PathBuf>,
    device: Request,
    ctx: &JobContext,
) -> anyhow::Result<PathBuf> {
    run_until(Until::End, config, folder, device, ctx)
}

/// As [`run`], up to the training: the same job, left where its passes begin.
///
/// # Errors
/// As [`run`], and when the config trains nothing.
pub fn train(
    config: RunConfig,
    folder: Option<PathBuf>,
    device: Request,
    ctx: &JobContext,
) -> anyhow::Result<PathBuf> {
    anyhow::ensure!(
        config.trains(),
        "neither mind of this config is trained here; set a.kind or b.kind to hrm or tiny"
    );
    run_until(Until::Trained, config, folder, device, ctx)
}

fn run_until(
    until: Until,
    config: RunConfig,
    folder: Option<PathBuf>,
    device: Request,
    ctx: &JobContext,
) -> anyhow::Result<PathBuf> {
    config.validate().map_err(|reason| anyhow::anyhow!("{reason}"))?;
    let device = choose(device)?;
    if device.backend == Backend::Wgpu {
        // One thread issues all work of the lab's device; the whole job moves there.
        let ctx = ctx.clone();
        return on_lab_thread(move || all_stages(until, config, folder, &device, &ctx))?;
    }
    all_stages(until, config, folder, &device, ctx)
}

/// Goes on with the unfinished run in `folder`, as it was asked for.
///
/// # Errors
/// As [`run`], and when the folder is no run or its config cannot be read.
pub fn resume(folder: &Path, device: Request, ctx: &JobContext) -> anyhow::Result<PathBuf> {
    let config = RunFolder::open(folder)?.read_config()?;
    run(config, Some(folder.to_owned()), device, ctx)
}

/// Where a new run goes when no folder is named: the runs directory and a fresh name.
pub fn new_folder() -> PathBuf {
    recent::runs_dir().join(clock::new_run_id())
}

fn all_stages(
    until: Until,
    config: RunConfig,
    folder: Option<PathBuf>,
    device: &DeviceChoice,
    ctx: &JobContext,
) -> anyhow::Result<PathBuf> {
    let mut driver = Driver { run: open(&config, folder)?, config, ctx };
    prepare(&mut driver, device)?;
    import::stage(&mut driver)?;
    crate::nn::kernels::choose(driver.config.kernels);
    embed::stage(&mut driver)?;
    learn::train(&mut driver, "A", device)?;
    learn::train(&mut driver, "B", device)?;
    learn::second(&mut driver, device)?;
    if until == Until::Trained {
        return Ok(driver.run.root().to_owned());
    }
    pass::stage(&mut driver, "A", device)?;
    pass::stage(&mut driver, "B", device)?;
    describe(&mut driver)?;
    field::stage(&mut driver)?;
    projection::stage(&mut driver)?;
    scorers::stage(&mut driver, device)?;
    topology::stage(&mut driver)?;
    figures::figures(&mut driver)?;
    figures::report(&mut driver)?;
    driver.run.finish()?;
    Ok(driver.run.root().to_owned())
}

fn open(config: &RunConfig, folder: Option<PathBuf>) -> anyhow::Result<RunFolder> {
    let folder = folder.unwrap_or_else(new_folder);
    if folder.join(paths::MANIFEST).exists() {
        return Ok(RunFolder::open_for_writing(&folder)?);
    }
    Ok(RunFolder::create(&folder, Manifest::new(&config.title, config.seed))?)
}

/// Writes down what was asked before anything is done.
fn prepare(driver: &mut Driver<'_>, device: &DeviceChoice) -> anyhow::Result<()> {
    let config = driver.config.clone();
    let trains = config.trains();
    driver.run.write_config(&config)?;
    let stages: Vec<&str> = STAGES
        .into_iter()
        .filter(|s| match *s {
            "train A" => learn::kind(&config.a).is_some(),
            "train B" => learn::kind(&config.b).is_some(),
            "second phase" => learn::learns(&config.a) || learn::learns(&config.b),
            "scorers" => trains,
            _ => true,
        })
        .collect();
    driver.run.plan_stages(&stages)?;
    driver.run.update(|m| {
        m.title.clone_from(&config.title);
        m.seed = config.seed;
        m.device = format!(
            "{} ({})",
            device.name,
            if device.backend == Backend::Cpu { "CPU backend" } else { "wgpu" }
        );
        m.warnings = warnings(&config);
    })?;
    Ok(())
}

/// What a reader should know before believing the run.
fn warnings(config: &RunConfig) -> Vec<String> {
    let mut out = config.notes.clone();
    for (name, pass) in [("A", &config.a), ("B", &config.b)] {
        if learn::kind(pass).is_some() && !pass.guardrails {
            out.push(format!("the guardrails of {name} were off: its training was allowed to fail"));
        }
    }
    for (name, pass) in [("A", &config.a), ("B", &config.b)] {
        if let Some(from) = &pass.weights {
            out.push(format!("the weights of {name} were given and not trained here: {}", from.display()));
        }
    }
    if config.quick {
        out.push("a quick run: fewer epochs and nulls than a full one".to_owned());
    }
    out
}

/// Writes down what the run is made of, once it is known: scorers, recipes, data, and the fingerprint of the result.
fn describe(driver: &mut Driver<'_>) -> anyhow::Result<()> {
    let data = driver.files(&[paths::TURNS, paths::JUDGEMENTS])?;
    let scores = driver.files(&[&paths::scm("A"), &paths::scm("B")])?;
    let mut scorers = BTreeMap::new();
    let mut recipes = BTreeMap::new();
    for name in ["A", "B"] {
        let pass = driver.pass(name).clone();
        let (record, recipe) = scorer_record(driver, name, &pass)?;
        scorers.insert(name.to_owned(), record);
        recipes.insert(name.to_owned(), recipe.to_owned());
    }
    let counts: BTreeMap<String, u64> = driver
        .run
        .manifest()
        .stage("import")
        .map(|s| s.numbers.iter().filter_map(|(k, v)| Some((k.clone(), v.as_u64()?))).collect())
        .unwrap_or_default();
    let hash = crate::run::hash::of_parts(data.values().map(String::as_str));
    let config_hash = driver.run.manifest().config_hash.clone();
    let parts: Vec<&str> = [config_hash.as_str(), hash.as_str()]
        .into_iter()
        .chain(scores.values().map(String::as_str))
        .collect();
    let fingerprint: String = crate::run::hash::of_parts(parts).chars().take(16).collect();
    driver.run.update(|m| {
        m.scorers = scorers;
        m.recipes = recipes;
        m.dataset = DatasetRecord { hash, counts };
        m.fingerprint = fingerprint;
    })?;
    Ok(())
}

fn scorer_record(
    driver: &Driver<'_>,
    name: &str,
    pass: &PassConfig,
) -> anyhow::Result<(ScorerRecord, &'static str)> {
    let (title, kind, recipe, hashes) = match pass.kind {
        PassKind::Hrm | PassKind::Tiny => {
            let scorer = material::stored_scorer(&driver.run, name)?;
            let files: Vec<String> =
                Dimension::ALL.into_iter().map(|d| paths::model(name, d, material::WEIGHTS)).collect();
            let hashes = driver.files(&files.iter().map(String::as_str).collect::<Vec<_>>())?;
            (scorer.title(), scorer.kind().name(), "heads/1", hashes)
        }
        PassKind::Judge => {
            let hashes = driver.files(&[paths::JUDGEMENTS])?;
            (pass.source.clone().unwrap_or_else(|| "judge".to_owned()), "judge", "judge/1", hashes)
        }
        PassKind::Table => {
            let source = pass.source.clone().context("the table pass names no file")?;
            let stem = Path::new(&source).file_stem().unwrap_or_default().to_string_lossy().into_owned();
            (stem, "table", "table/1", driver.files(&[&paths::scm(name)])?)
        }
    };
    let record = ScorerRecord {
        kind: kind.to_owned(),
        name: if pass.name.is_empty() { title } else { pass.name.clone() },
        config: json!(pass),
        weights_hash: crate::run::hash::of_parts(hashes.values().map(String::as_str)),
    };
    Ok((record, recipe))
}
