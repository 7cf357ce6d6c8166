//! The runs of a folder, read cheaply from their manifests, newest first.

use super::error::RunError;
use super::folder::RunFolder;
use super::lock::RunLock;
use super::paths;
use serde::Serialize;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Environment variable that names the folder of runs.
pub const RUNS_VARIABLE: &str = "GAPFIELD_RUNS";

/// One line of the list of runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RunSummary {
    /// The run folder.
    pub folder: PathBuf,
    /// Title, or the folder's name when the manifest cannot be read.
    pub title: String,
    /// Run id, empty when unknown.
    pub run_id: String,
    /// When it was made, UTC, empty when unknown.
    pub created: String,
    /// How it stands, in words ("complete", "stopped in pass B", "damaged").
    pub status: String,
    /// Whether every stage ended well.
    pub is_complete: bool,
    /// Name of the scorer of pass A, empty when unknown.
    pub a_name: String,
    /// Name of the scorer of pass B.
    pub b_name: String,
    /// Number of turns, 0 when unknown.
    pub n_turns: u64,
    /// Mean absolute difference over the score columns, when computed.
    pub delta_mass: Option<f64>,
    /// Things to know before believing it, one sentence each.
    pub warnings: Vec<String>,
    /// Bytes of its recorded files.
    pub bytes: u64,
    /// Why it cannot be opened, one sentence.
    pub problem: Option<String>,
}

/// The folder of runs: `$GAPFIELD_RUNS`, else `gapfield/runs` in the platform's data folder
/// (`$XDG_DATA_HOME` or `~/.local/share`; `%APPDATA%`; `~/Library/Application Support`).
pub fn runs_dir() -> PathBuf {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    if let Some(dir) = set(RUNS_VARIABLE) {
        return dir;
    }
    let data = if cfg!(windows) {
        set("APPDATA")
    } else if cfg!(target_os = "macos") {
        set("HOME").map(|h| h.join("Library/Application Support"))
    } else {
        // The XDG specification says to ignore relative paths.
        set("XDG_DATA_HOME")
            .filter(|p| p.is_absolute())
            .or_else(|| set("HOME").map(|h| h.join(".local/share")))
    };
    data.unwrap_or_else(|| PathBuf::from(".")).join("gapfield").join("runs")
}

/// All runs directly below `dir`, newest first, damaged ones with their problem; empty when there is no such folder.
/// Folders that neither hold a manifest nor ever were a run are left out.
pub fn list(dir: &Path) -> Vec<RunSummary> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    let mut runs: Vec<RunSummary> =
        entries.flatten().map(|e| e.path()).filter(|p| p.is_dir()).filter_map(|p| summary(&p)).collect();
    runs.sort_by(|a, b| {
        b.created.cmp(&a.created).then_with(|| b.run_id.cmp(&a.run_id)).then_with(|| a.folder.cmp(&b.folder))
    });
    runs
}

/// The summary of one folder; `None` when it is no run at all.
pub fn summary(folder: &Path) -> Option<RunSummary> {
    match RunFolder::open(folder) {
        Ok(run) => Some(summarise(&run)),
        Err(RunError::NotARun(_)) if !was_a_run(folder) => None,
        Err(error) => Some(RunSummary {
            folder: folder.to_owned(),
            title: folder_name(folder),
            status: if matches!(error, RunError::NewerFormat { .. }) { "newer format" } else { "damaged" }
                .to_owned(),
            problem: Some(error.to_string()),
            ..RunSummary::default()
        }),
    }
}

fn summarise(run: &RunFolder) -> RunSummary {
    let manifest = run.manifest();
    let name = |pass: &str| {
        manifest
            .scorers
            .get(pass)
            .map_or_else(String::new, |s| if s.name.is_empty() { s.kind.clone() } else { s.name.clone() })
    };
    let is_complete = manifest.is_complete();
    let is_live = !is_complete && RunLock::is_held(run.root());
    RunSummary {
        folder: run.root().to_owned(),
        title: if manifest.title.is_empty() { folder_name(run.root()) } else { manifest.title.clone() },
        run_id: manifest.run_id.clone(),
        created: manifest.created.clone(),
        status: manifest.status_words(is_live),
        is_complete,
        a_name: name("A"),
        b_name: name("B"),
        n_turns: manifest.dataset.counts.get("turns").copied().unwrap_or(0),
        delta_mass: delta_mass(run),
        warnings: manifest.warnings.clone(),
        bytes: manifest.files.values().fold(0, |sum, f| sum.saturating_add(f.bytes)),
        problem: None,
    }
}

fn delta_mass(run: &RunFolder) -> Option<f64> {
    let value: Value = serde_json::from_slice(&run.read(&paths::metrics("intensity")).ok()?).ok()?;
    let mass = value.get("delta_mass")?;
    mass.get("value").unwrap_or(mass).as_f64()
}

/// Whether a folder without a manifest still shows that it was a run.
fn was_a_run(folder: &Path) -> bool {
    [paths::CONFIG, paths::TURNS, paths::DELTA].iter().any(|f| folder.join(f).is_file())
}

fn folder_name(folder: &Path) -> String {
    folder.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::manifest::{Manifest, ScorerRecord};
    use std::collections::BTreeMap;
    use std::fs;

    #[test]
    fn runs_are_listed_newest_first_and_broken_ones_with_their_problem() {
        let dir = tempfile::tempdir().unwrap();
        let make = |name: &str, created: &str| {
            let manifest = Manifest { created: created.to_owned(), ..Manifest::new(name, 1) };
            RunFolder::create(&dir.path().join(name), manifest).unwrap()
        };
        let mut old = make("old", "2026-01-01T00:00:00Z");
        old.update(|m| {
            m.scorers.insert(
                "A".to_owned(),
                ScorerRecord { name: "HRM h256".to_owned(), ..ScorerRecord::default() },
            );
            m.dataset.counts.insert("turns".to_owned(), 480);
            m.warnings.push("guardrails were off".to_owned());
        })
        .unwrap();
        old.begin_stage("field", &BTreeMap::new()).unwrap();
        old.write_json("metrics/intensity.json", &serde_json::json!({"delta_mass": {"value": 0.25}}))
            .unwrap();
        old.finish_stage("field", &["metrics/intensity.json"], BTreeMap::new(), 0.1).unwrap();
        old.finish().unwrap();
        let mut live = make("live", "2026-02-01T00:00:00Z");
        live.begin_stage("pass A", &BTreeMap::new()).unwrap();
        fs::create_dir_all(dir.path().join("broken")).unwrap();
        fs::write(dir.path().join("broken/manifest.json"), "{").unwrap();
        fs::create_dir_all(dir.path().join("holiday pictures")).unwrap();

        let runs = list(dir.path());
        let names: Vec<_> = runs.iter().map(|r| (r.title.as_str(), r.status.as_str())).collect();
        assert_eq!(names, [("live", "running pass A"), ("old", "complete"), ("broken", "damaged")]);
        let old = &runs[1];
        assert_eq!((old.a_name.as_str(), old.n_turns, old.delta_mass), ("HRM h256", 480, Some(0.25)));
        assert!(old.bytes > 0 && old.warnings.len() == 1 && old.problem.is_none());
        assert!(runs[2].problem.as_deref().unwrap().contains("manifest is damaged"));
        drop(live);
        assert_eq!(summary(&dir.path().join("live")).unwrap().status, "stopped in pass A");
        assert!(list(&dir.path().join("none")).is_empty());
    }
}
