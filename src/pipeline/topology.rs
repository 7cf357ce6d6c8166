//! The stage "topology": persistence of D on the declared columns and the tests whether its loops are more than chance;
//! and the same on other choices, for whoever looks further.

use super::driver::{Driver, Inputs, setting};
use crate::core::bar::{Bar, Cycle};
use crate::core::cloud::CloudChoice;
use crate::core::matrix::Matrix;
use crate::core::scm;
use crate::job::{Cancelled, Event, JobContext, Live};
use crate::run::contents::{History, RunContents};
use crate::run::folder::RunFolder;
use crate::run::load::NULL_STATISTIC;
use crate::run::{paths, tables};
use crate::topology::adapter::{self, Adapter};
use crate::topology::metrics::{SignificanceMetrics, Source, TopologyMetrics};
use crate::topology::{
    Analysis, CycleChoice, Field, Hooks, LandmarkChoice, Options, Points, SignificanceOptions, Study,
    TopologyError, Unwatched, Watcher, study,
};
use anyhow::Context;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Loops that get a representative cycle.
const CYCLES: usize = 50;
/// Nulls of a quick run: p can still reach 0.02.
const QUICK_NULLS: usize = 49;
/// Least time between two pictures of the growing null.
const BETWEEN_PICTURES: Duration = Duration::from_millis(80);

/// Does the stage.
pub(super) fn stage(driver: &mut Driver<'_>) -> anyhow::Result<()> {
    let mut inputs: Inputs = driver.files(&[paths::DELTA, &paths::scm("A"), &paths::scm("B")])?;
    let config = &driver.config;
    let choice = config.topology.clone();
    let max_dim = u8::try_from(config.max_dim).unwrap_or(1);
    let nulls = if config.quick { config.nulls.min(QUICK_NULLS) } else { config.nulls };
    let options = options(max_dim, nulls, config.seed);
    setting(&mut inputs, "topology", &(&options, &choice))?;
    driver.stage("topology", &inputs, |run, ctx, out| {
        let field = read(run, &choice)?;
        let wanted = choice.indices().map_or(0, |columns| columns.len());
        if field.columns.len() < wanted {
            let short = |c: &String| scm::COLUMNS.iter().position(|name| name == c).map(|at| scm::SHORT[at]);
            let names: Vec<&str> = field.columns.iter().filter_map(short).collect();
            let why = "because no turn has the other scores";
            ctx.event(Event::Warning(format!("topology looks at {} alone, {why}", names.join(", "))));
        }
        let found = Found::of(&study_field(&field, &options, ctx)?, &field, &choice);
        out.write(run, paths::DIAGRAM, &tables::diagram::to_parquet(&found.bars)?)?;
        out.write_json(run, paths::CYCLES, &found.cycles)?;
        let table = null_table(&found.nulls);
        out.write(run, paths::NULLS, &tables::numbers::to_parquet(paths::NULLS, &table)?)?;
        if let Some(tests) = &found.significance {
            out.write_json(run, &paths::metrics("significance"), tests)?;
        }
        out.write_json(run, &paths::metrics("topology"), &found.topology)?;
        out.number("points", field.d.len());
        out.number("bars", found.bars.len());
        out.number("nulls", found.nulls.len());
        Ok(())
    })
}

/// Another look at the field of a run: how its cloud is made and what is computed.
#[derive(Clone, Debug, PartialEq)]
pub struct Exploration {
    /// The cloud.
    pub cloud: CloudChoice,
    /// Highest homological dimension.
    pub max_dim: u8,
    /// Largest scale looked at; `None` for the enclosing radius.
    pub threshold: Option<f64>,
    /// When landmarks stand for the whole cloud.
    pub landmarks: LandmarkChoice,
    /// Most memory that may be predicted, bytes.
    pub budget_bytes: u64,
    /// Null fields of every test; 0 tests nothing.
    pub nulls: usize,
    /// Seed of all draws; the run's own when none is given.
    pub seed: Option<u64>,
}

impl Default for Exploration {
    fn default() -> Self {
        let Options { max_dim, threshold, landmarks, budget_bytes, .. } = Options::default();
        Self {
            cloud: CloudChoice::default(),
            max_dim,
            threshold,
            landmarks,
            budget_bytes,
            nulls: 199,
            seed: None,
        }
    }
}

impl Exploration {
    /// What the engine is asked under a seed.
    pub fn options(&self, seed: u64) -> SignificanceOptions {
        let mut out = options(self.max_dim, self.nulls, seed);
        out.topology.threshold = self.threshold;
        out.topology.landmarks = self.landmarks;
        out.topology.budget_bytes = self.budget_bytes;
        out
    }
}

/// The run with its topology computed anew as chosen; nothing is written. `metrics["topology"]["exploratory"]` is set
/// when the cloud is not the one the run declared: what was chosen after looking proves less.
///
/// # Errors
/// One sentence when the run has no field, the choice cannot be, or the job was cancelled.
pub fn explore(run: &RunContents, wanted: &Exploration, ctx: &JobContext) -> anyhow::Result<RunContents> {
    let missing =
        || format!("{} has no difference field; resume the run until both passes are done", run.title());
    let d = run.delta.as_deref().with_context(missing)?;
    let (a, b) = (run.a.as_deref().with_context(missing)?, run.b.as_deref().with_context(missing)?);
    let field = Field::new(&wanted.cloud, d, &a.scm, &b.scm)?;
    let seed = wanted.seed.or_else(|| run.manifest.get("seed").and_then(Value::as_u64)).unwrap_or(0);
    let study = study_field(&field, &wanted.options(seed), ctx)?;
    let found = Found::of(&study, &field, &wanted.cloud);
    let mut out = RunContents { bars: found.bars, cycles: found.cycles, nulls: found.nulls, ..run.clone() };
    let mut topology = json!(found.topology);
    if is_another(run, &wanted.cloud) {
        topology["exploratory"] = json!(true);
    }
    out.metrics.insert("topology".to_owned(), topology);
    match found.significance {
        Some(tests) => out.metrics.insert("significance".to_owned(), json!(tests)),
        None => out.metrics.remove("significance"),
    };
    Ok(out)
}

/// Whether a choice is not the one the run declared.
fn is_another(run: &RunContents, cloud: &CloudChoice) -> bool {
    let stored = run.metrics.get("topology").and_then(|t| t.get("cloud"));
    let declared: CloudChoice =
        stored.and_then(|c| serde_json::from_value(c.clone()).ok()).unwrap_or_default();
    declared != *cloud
}

/// Most memory the study of a run of so many turns can need, bytes.
pub fn predicted_bytes(turns: usize, max_dim: u8) -> u64 {
    crate::topology::analysis::predicted_bytes(turns.min(crate::topology::analysis::MAX_POINTS), max_dim)
}

fn options(max_dim: u8, nulls: usize, seed: u64) -> SignificanceOptions {
    let topology = Options { max_dim, cycles: CycleChoice::Longest(CYCLES), ..Options::default() };
    SignificanceOptions { topology, nulls, seed, secondary: true }
}

fn read(run: &RunFolder, choice: &CloudChoice) -> anyhow::Result<Field> {
    let read = |path: &str| -> anyhow::Result<Matrix> {
        Ok(tables::matrix::from_parquet(path, &run.read(path)?, &scm::COLUMNS)?.1)
    };
    Ok(Field::new(choice, &read(paths::DELTA)?, &read(&paths::scm("A"))?, &read(&paths::scm("B"))?)?)
}

fn study_field(field: &Field, options: &SignificanceOptions, ctx: &JobContext) -> anyhow::Result<Study> {
    let cancelled = || ctx.is_cancelled();
    let progress = |phase: &str, done: u64, total: u64| ctx.progress("topology", done, total, unit(phase));
    let warn = |text: &str| ctx.event(Event::Warning(text.to_owned()));
    let adapter = Adapter::new(adapter::chosen(), &warn);
    let hooks = Hooks { cancelled: &cancelled, progress: &progress, distances: Some(&adapter) };
    let picture = Picture { field, ctx, state: Mutex::new((Live::default(), Vec::new(), None)) };
    study(&field.d, Some((&field.a, &field.b)), options, &hooks, &picture).map_err(cancel)
}

/// Studies any cloud as a job: progress is told, a cancel is obeyed.
///
/// # Errors
/// As [`study()`]; a cancel is [`Cancelled`].
pub fn study_points(
    points: &Points,
    options: &SignificanceOptions,
    ctx: &JobContext,
) -> anyhow::Result<Study> {
    let cancelled = || ctx.is_cancelled();
    let progress = |phase: &str, done: u64, total: u64| ctx.progress("topology", done, total, unit(phase));
    let warn = |text: &str| ctx.event(Event::Warning(text.to_owned()));
    let adapter = Adapter::new(adapter::chosen(), &warn);
    let hooks = Hooks { cancelled: &cancelled, progress: &progress, distances: Some(&adapter) };
    study(points, None, options, &hooks, &Unwatched).map_err(cancel)
}

/// What is counted in a phase of the engine.
fn unit(phase: &str) -> &'static str {
    match phase {
        "edges" => "edges",
        "cycles" => "cycles",
        "surfaces" => "surfaces",
        "nulls" => "null fields",
        "pairing" => "mispaired fields",
        "sign flips" => "flipped fields",
        "confidence band" => "subsamples",
        "half-samples" => "half-samples",
        _ => "steps",
    }
}

/// The picture, the nulls drawn so far, and when it was last published.
type Growing = (Live, Vec<f64>, Option<Instant>);

/// Publishes the picture that grows: the bars first, then the null fields one by one.
struct Picture<'a> {
    field: &'a Field,
    ctx: &'a JobContext,
    state: Mutex<Growing>,
}

impl Picture<'_> {
    fn change(&self, change: impl FnOnce(&mut Growing)) {
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        change(&mut state);
        if state.2.is_none_or(|t| t.elapsed() >= BETWEEN_PICTURES) {
            state.0.nulls = Arc::new(state.1.clone());
            self.ctx.live.publish(state.0.clone());
            state.2 = Some(Instant::now());
        }
    }
}

impl Watcher for Picture<'_> {
    fn bars(&self, analysis: &Analysis) {
        self.change(|(live, ..)| {
            live.bars = Arc::new(analysis.bars.clone());
            live.cycles = Arc::new(analysis.cycles.iter().map(|c| self.field.in_run_rows(c)).collect());
        });
    }

    fn null(&self, longest: f64) {
        self.change(|(_, nulls, _)| nulls.push(longest));
    }
}

/// What a run keeps of a study.
struct Found {
    bars: Vec<Bar>,
    cycles: Vec<Cycle>,
    nulls: Vec<f64>,
    topology: TopologyMetrics,
    significance: Option<SignificanceMetrics>,
}

impl Found {
    fn of(study: &Study, field: &Field, cloud: &CloudChoice) -> Self {
        let source = Source { columns: &field.columns, cloud, left_out: field.left_out };
        Self {
            bars: study.analysis.bars.clone(),
            cycles: study.analysis.cycles.iter().map(|c| field.in_run_rows(c)).collect(),
            nulls: study.significance.as_ref().map_or_else(Vec::new, |s| s.primary.null_values.clone()),
            topology: TopologyMetrics::new(study, &source),
            significance: study.significance.as_ref().map(SignificanceMetrics::from),
        }
    }
}

/// A stop asked for is the job's own kind of ending, not a failure of the engine.
fn cancel(error: TopologyError) -> anyhow::Error {
    if matches!(error, TopologyError::Cancelled) { Cancelled.into() } else { error.into() }
}

/// The null statistic as a table of one column.
fn null_table(nulls: &[f64]) -> History {
    History { names: vec![NULL_STATISTIC.to_owned()], values: nulls.iter().map(|v| vec![*v]).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::metric::Metric;
    use crate::core::seed;
    use crate::run::contents::Pass;

    fn run() -> RunContents {
        let noise = |name: &str| {
            let mut rng = seed::stream(3, name);
            Matrix::from_fn(60, 12, |_, _| 0.1 * seed::normal(&mut rng) as f32)
        };
        let (a, b) = (noise("a"), noise("b"));
        let d = Matrix::from_fn(60, 12, |r, c| a.get(r, c) - b.get(r, c));
        let pass =
            |scm| Some(Arc::new(Pass { name: String::new(), kind: String::new(), scm, history: None }));
        RunContents { a: pass(a), b: pass(b), delta: Some(Arc::new(d)), ..RunContents::default() }
    }

    #[test]
    fn another_choice_gives_another_topology_and_says_it_was_explored() {
        let run = run();
        let wanted = Exploration { nulls: 19, ..Exploration::default() };
        let (ctx, events) = JobContext::new();
        let declared = explore(&run, &wanted, &ctx).unwrap();
        let cloud = CloudChoice {
            columns: vec!["clarity".into(), "uncertainty".into()],
            metric: Metric::Manhattan,
            standardise: true,
            ..CloudChoice::default()
        };
        let other = explore(&run, &Exploration { cloud, ..wanted.clone() }, &ctx).unwrap();
        assert_ne!(declared.bars, other.bars);
        assert_eq!(
            declared.metrics["topology"].get("exploratory"),
            None,
            "the declared cloud is no exploration"
        );
        let topology = &other.metrics["topology"];
        assert_eq!(topology["columns"], json!(["scm.clarity.score01", "scm.uncertainty01"]));
        assert_eq!(
            (&topology["exploratory"], &topology["cloud"]["metric"]),
            (&json!(true), &json!("manhattan"))
        );
        assert!(topology["band"]["length"].as_f64().unwrap() > 0.0);
        assert_eq!(topology["stability"]["distances"].as_array().unwrap().len(), 20);
        let tests = &other.metrics["significance"];
        assert_eq!(tests["secondary"].as_array().unwrap().len(), 4, "two statistics, pairing, sign flips");
        assert_eq!(tests["universal"]["bars"].as_array().unwrap().len(), tests["universal"]["n_bars"]);
        assert!(ctx.live.newer_than(0).is_some_and(|(_, live)| !live.bars.is_empty()));
        assert!(events.try_iter().count() > 0, "progress is told");
        assert_eq!(explore(&run, &wanted, &ctx).unwrap().metrics, declared.metrics, "the same twice");
    }

    #[test]
    fn what_cannot_be_explored_is_said_in_a_sentence() {
        let bad = CloudChoice { columns: vec!["beauty".into()], ..CloudChoice::default() };
        let wanted = Exploration { cloud: bad, ..Exploration::default() };
        let ctx = JobContext::detached();
        assert!(explore(&run(), &wanted, &ctx).unwrap_err().to_string().contains("no column \"beauty\""));
        let empty = RunContents::default();
        let said = explore(&empty, &Exploration::default(), &ctx).unwrap_err().to_string();
        assert!(said.contains("no difference field"), "{said}");
        ctx.cancel_token().cancel();
        let stopped = explore(&run(), &Exploration::default(), &ctx).unwrap_err();
        assert!(stopped.is::<Cancelled>());
    }
}
