//! The runs the window knows of: those in the runs folder and the bundled samples, each with a small picture of D.
//! They are read on a thread of their own; the window shows what has arrived.

use crate::core::dimension::N_DIMENSIONS;
use crate::core::matrix::Matrix;
use crate::core::scm;
use crate::core::stats;
use crate::run::contents::{History, RunContents};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// All stages done.
    Done,
    /// Done, but something in it deserves a look.
    Warning,
    /// Some stages are missing; it can go on.
    Unfinished,
    /// Could not be read.
    Broken,
}

impl RunState {
    /// Its icon.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Done => "check",
            Self::Warning => "warning",
            Self::Unfinished => "circle-half",
            Self::Broken => "warning-circle",
        }
    }
}

/// What lists and tables show of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSummary {
    /// The folder.
    pub folder: PathBuf,
    /// Its title.
    pub title: String,
    /// One subdued line ("HRM against Tiny").
    pub subtitle: String,
    /// How it stands.
    pub state: RunState,
    /// What deserves a look or is missing ("guardrails off", "stopped in pass B"); may be empty.
    pub note: String,
    /// When it was last written.
    pub modified: Option<SystemTime>,
    /// Names of A and B.
    pub minds: [String; 2],
    /// Turns in it.
    pub turns: usize,
    /// Mean of |D| over the scores, and its 95% interval when known.
    pub mean_abs: Option<(f64, Option<[f64; 2]>)>,
    /// Mean D of each dimension.
    pub bias: Option<[f64; N_DIMENSIONS]>,
    /// p of the longest loop against its null.
    pub loop_p: Option<f64>,
    /// Bytes of its files, by the manifest.
    pub bytes: u64,
    /// D with rows thinned to at most 240, in cluster order when there is one.
    pub thumbnail: Option<Matrix>,
    /// How much of D exists, 0 to 1.
    pub complete: f32,
    /// Mean |D| of each dimension.
    pub mean_abs_by_dimension: Option<[f64; N_DIMENSIONS]>,
    /// Its 95% interval for each dimension, where the run measured one.
    pub intervals: [Option<[f64; 2]>; N_DIMENSIONS],
    /// Numbers by epoch of A and B, where they were trained.
    pub trainings: [Option<Arc<History>>; 2],
    /// What decided the run, by group and name ("data", "judge"), for comparing runs.
    pub facts: Vec<Fact>,
}

/// One thing that decided a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// Group ("data", "model", "code").
    pub group: &'static str,
    /// Name within the group.
    pub name: String,
    /// Value as text.
    pub value: String,
}

/// Rows of a thumbnail at most.
const THUMBNAIL_ROWS: usize = 240;

impl RunSummary {
    /// The summary of a run that was read.
    pub fn of(run: &RunContents) -> Self {
        let name = |p: &Option<std::sync::Arc<crate::run::contents::Pass>>| {
            p.as_ref().map(|p| p.name.clone()).unwrap_or_default()
        };
        let minds = [name(&run.a), name(&run.b)];
        let (state, note) = state_of(run);
        Self {
            folder: run.folder.clone(),
            title: run.title(),
            subtitle: subtitle(&minds),
            state,
            note,
            modified: std::fs::metadata(run.folder.join("manifest.json")).and_then(|m| m.modified()).ok(),
            turns: run.turns.len(),
            mean_abs: mean_abs(run),
            bias: run.delta.as_ref().map(|d| by_dimension(d, |v| v)),
            loop_p: run.number("significance", "/primary/p"),
            bytes: bytes_of(&run.manifest),
            thumbnail: run.delta.as_ref().map(|d| thumbnail(run, d)),
            complete: completeness(run),
            mean_abs_by_dimension: run.delta.as_ref().map(|d| by_dimension(d, f64::abs)),
            intervals: std::array::from_fn(|c| interval(run, c)),
            trainings: [&run.a, &run.b].map(|p| p.as_ref().and_then(|p| p.history.clone()).map(Arc::new)),
            facts: facts(&run.manifest),
            minds,
        }
    }

    /// The summary of a folder that could not be read.
    pub fn broken(folder: &Path, why: &str) -> Self {
        Self {
            folder: folder.to_owned(),
            title: folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
            subtitle: "cannot be read".to_owned(),
            state: RunState::Broken,
            note: why.to_owned(),
            modified: None,
            minds: Default::default(),
            turns: 0,
            mean_abs: None,
            bias: None,
            loop_p: None,
            bytes: 0,
            thumbnail: None,
            complete: 0.0,
            mean_abs_by_dimension: None,
            intervals: [None; N_DIMENSIONS],
            trainings: Default::default(),
            facts: Vec::new(),
        }
    }

    /// "12 min ago", or nothing when unknown.
    pub fn age(&self, now: SystemTime) -> String {
        let since = self.modified.and_then(|m| now.duration_since(m).ok());
        since.map(|d| super::format::ago(d.as_secs_f64())).unwrap_or_default()
    }

    /// Name of the folder.
    pub fn folder_name(&self) -> String {
        self.folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
    }
}

/// "HRM against Tiny" from the two names, without sizes.
fn subtitle(minds: &[String; 2]) -> String {
    let short = |s: &str| s.split_whitespace().next().unwrap_or("?").to_owned();
    match minds {
        [a, b] if a.is_empty() && b.is_empty() => "no passes yet".to_owned(),
        [a, b] => format!("{} against {}", short(a), short(b)),
    }
}

fn state_of(run: &RunContents) -> (RunState, String) {
    let stages = run.manifest.get("stages").and_then(Value::as_array);
    let open = stages.into_iter().flatten().find(|s| s.get("status").and_then(Value::as_str) != Some("ok"));
    if !run.status.is_empty() && run.status != "complete" {
        return (RunState::Unfinished, run.status.clone());
    }
    if let Some(stage) = open.filter(|_| run.status.is_empty()) {
        let name = stage.get("name").and_then(Value::as_str).unwrap_or("a stage");
        return (RunState::Unfinished, format!("stopped in {name}"));
    }
    if run.delta.is_none() {
        return (RunState::Unfinished, "no field yet".to_owned());
    }
    let off = |path: &str| run.manifest.pointer(path).and_then(Value::as_bool) == Some(false);
    if off("/scorers/A/config/guardrails") || off("/scorers/B/config/guardrails") {
        return (RunState::Warning, "guardrails off".to_owned());
    }
    match run.problems.first() {
        Some(problem) => (RunState::Warning, problem.clone()),
        None => (RunState::Done, String::new()),
    }
}

fn mean_abs(run: &RunContents) -> Option<(f64, Option<[f64; 2]>)> {
    let measured = |end: &str| run.number("intensity", &format!("/delta_mass/{end}"));
    if let Some(value) = measured("value") {
        return Some((value, measured("low").zip(measured("high")).map(|(low, high)| [low, high])));
    }
    let d = run.delta.as_ref()?;
    let values: Vec<f64> = (0..d.rows())
        .flat_map(|r| scm::SCORES.map(move |c| (r, c)))
        .map(|(r, c)| f64::from(d.get(r, c)).abs())
        .filter(|v| v.is_finite())
        .collect();
    stats::mean(&values).map(|m| (m, None))
}

/// The measured interval of mean |D| on one dimension.
fn interval(run: &RunContents, dimension: usize) -> Option<[f64; 2]> {
    let column = scm::COLUMNS.get(dimension)?;
    let measured = |end: &str| run.number("intensity", &format!("/delta_mass_by_column/{column}/{end}"));
    measured("low").zip(measured("high")).map(|(low, high)| [low, high])
}

/// Mean of `f(D)` over the turns of each dimension, NaN where there is none.
fn by_dimension(d: &Matrix, f: fn(f64) -> f64) -> [f64; N_DIMENSIONS] {
    std::array::from_fn(|c| {
        let column: Vec<f64> =
            d.column(c).into_iter().map(f64::from).filter(|v| v.is_finite()).map(f).collect();
        stats::mean(&column).unwrap_or(f64::NAN)
    })
}

/// Sum of the bytes of all files, however the manifest lists them.
fn bytes_of(manifest: &Value) -> u64 {
    let bytes = |f: &Value| f.get("bytes").and_then(Value::as_u64);
    match manifest.get("files") {
        Some(Value::Array(files)) => files.iter().filter_map(bytes).sum(),
        Some(Value::Object(files)) => files.values().filter_map(bytes).sum(),
        _ => 0,
    }
}

fn facts(manifest: &Value) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut add = |group: &'static str, name: &str, value: Option<&Value>| {
        let value = match value {
            None | Some(Value::Null) => return,
            Some(Value::String(s)) => s.clone(),
            Some(other) => other.to_string(),
        };
        facts.push(Fact { group, name: name.to_owned(), value });
    };
    add("data", "turns hash", manifest.pointer("/dataset/hash"));
    for (name, value) in entries(manifest.pointer("/dataset/counts")) {
        add("data", name, Some(value));
    }
    for side in ["A", "B"] {
        add("model", side, manifest.pointer(&format!("/scorers/{side}/name")));
        let config = entries(manifest.pointer(&format!("/scorers/{side}/config")));
        for (name, value) in config.into_iter().filter(|(name, _)| *name != "name") {
            add("model", &format!("{side} {name}"), Some(value));
        }
    }
    for (name, value) in entries(manifest.get("recipes")) {
        add("recipe", name, Some(value));
    }
    add("run", "seed", manifest.get("seed"));
    add("run", "device", manifest.get("device"));
    add("code", "version", manifest.get("product_version"));
    add("code", "commit", manifest.get("git_commit"));
    facts
}

fn entries(value: Option<&Value>) -> Vec<(&str, &Value)> {
    value
        .and_then(Value::as_object)
        .map(|o| o.iter().map(|(k, v)| (k.as_str(), v)).collect())
        .unwrap_or_default()
}

fn completeness(run: &RunContents) -> f32 {
    match &run.delta {
        Some(d) if d.rows() > 0 => {
            let full = (0..d.rows()).filter(|r| d.get(*r, scm::AGGREGATE).is_finite()).count();
            full as f32 / run.turns.len().max(d.rows()) as f32
        }
        _ => 0.0,
    }
}

fn thumbnail(run: &RunContents, d: &Matrix) -> Matrix {
    let cluster = run.orders.rows.iter().find(|(n, _)| n == "cluster").map(|(_, p)| p);
    let valid = cluster.filter(|p| p.len() == d.rows() && p.iter().all(|r| *r < d.rows()));
    let order: Vec<usize> = valid.cloned().unwrap_or_else(|| (0..d.rows()).collect());
    let step = order.len().div_ceil(THUMBNAIL_ROWS).max(1);
    let rows: Vec<usize> = order.into_iter().step_by(step).collect();
    d.select_rows(&rows)
}

/// All runs the window knows of, newest first.
#[derive(Clone, Debug, Default)]
pub struct Library {
    /// Runs of the runs folder and recently opened ones, newest first.
    pub runs: Vec<RunSummary>,
    /// Bundled sample runs in their order.
    pub samples: Vec<RunSummary>,
    /// Whether the folders are being read.
    pub scanning: bool,
    /// Counts changes; key for textures of thumbnails.
    pub version: u64,
}

impl Library {
    /// The newest unfinished run that nobody is making right now: it can go on.
    pub fn resumable(&self) -> Option<&RunSummary> {
        self.runs.iter().find(|r| r.state == RunState::Unfinished && !r.note.starts_with("running"))
    }
}

/// Order of the bundled sample runs on the Start view; others follow by name.
const SAMPLE_ORDER: [&str; 4] = ["healthy", "planted-ring", "exploded", "judges"];

/// Sorts sample runs as they are to be met.
pub fn sort_samples(samples: &mut [RunSummary]) {
    samples.sort_by_key(|s| {
        let name = s.folder_name();
        (SAMPLE_ORDER.iter().position(|n| *n == name).unwrap_or(SAMPLE_ORDER.len()), name)
    });
}

/// Reads all run folders below `roots` and the folders in `extra`; slow, call it off the window's thread.
pub fn scan(
    load: fn(&Path) -> anyhow::Result<RunContents>,
    roots: &[PathBuf],
    extra: &[PathBuf],
) -> Vec<RunSummary> {
    let mut folders: Vec<PathBuf> = extra.to_vec();
    for root in roots {
        let Ok(entries) = std::fs::read_dir(root) else { continue };
        folders.extend(entries.flatten().map(|e| e.path()));
    }
    folders.retain(|f| f.join("manifest.json").is_file());
    folders.sort();
    folders.dedup();
    let mut found: Vec<RunSummary> = folders
        .iter()
        .map(|folder| match load(folder) {
            Ok(run) => RunSummary::of(&run),
            Err(error) => RunSummary::broken(folder, &format!("{error:#}")),
        })
        .collect();
    found.sort_by(|a, b| b.modified.cmp(&a.modified).then_with(|| a.folder.cmp(&b.folder)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_passes_is_unfinished_and_has_no_numbers() {
        let run = RunContents { folder: PathBuf::from("/nowhere/x"), ..RunContents::default() };
        let s = RunSummary::of(&run);
        assert_eq!((s.state, s.title.as_str(), s.mean_abs), (RunState::Unfinished, "x", None));
    }

    #[test]
    fn thumbnails_are_thinned_but_keep_all_columns() {
        let d = Matrix::filled(1000, scm::N_COLUMNS, 0.1);
        let run = RunContents::default();
        let t = thumbnail(&run, &d);
        assert!(t.rows() <= THUMBNAIL_ROWS && t.cols() == scm::N_COLUMNS);
    }
}
