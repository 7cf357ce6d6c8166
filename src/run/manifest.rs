//! The manifest: the one file that says what a run is, how it was made, and what every file of it must hash to.

use super::error::RunError;
use super::machine::Machine;
use super::{atomic, clock, json};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// The manifest format this version writes, and the newest it reads.
pub const FORMAT_VERSION: u64 = 1;

/// Everything about one run (spec 8). Fields of later products are kept as they were when the manifest is written again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Manifest {
    /// Format of this file.
    pub format_version: u64,
    /// Time and random part; names the run for good.
    pub run_id: String,
    /// Title shown in lists.
    pub title: String,
    /// When it was made, UTC, RFC 3339.
    pub created: String,
    /// When its last stage ended well; `None` while incomplete.
    pub finished: Option<String>,
    /// Version of the product that wrote it.
    pub product_version: String,
    /// Commit of the product, or "unknown".
    pub git_commit: String,
    /// The 64-bit seed every random stream derives from.
    pub seed: u64,
    /// The machine.
    pub machine: Machine,
    /// The device the models ran on.
    pub device: String,
    /// Hash of the resolved config.
    pub config_hash: String,
    /// Names the result: config, data and scores. Equal for two runs of one command on one machine, so figures carry
    /// it instead of the run id, which holds the time.
    pub fingerprint: String,
    /// The scorers "A" and "B".
    pub scorers: BTreeMap<String, ScorerRecord>,
    /// SCM recipe and version of each pass ("A": "heads/1").
    pub recipes: BTreeMap<String, String>,
    /// The turns and judgements.
    pub dataset: DatasetRecord,
    /// Stages in the order in which they run.
    pub stages: Vec<StageRecord>,
    /// Every file of finished work by relative path.
    pub files: BTreeMap<String, FileRecord>,
    /// Things a reader should know before believing the run ("guardrails were off"), one sentence each.
    pub warnings: Vec<String>,
    /// Fields this version does not know.
    #[serde(flatten)]
    pub unknown: BTreeMap<String, Value>,
}

/// One scorer of the run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScorerRecord {
    /// "hrm", "tiny", "judge" or "table".
    pub kind: String,
    /// Name shown.
    pub name: String,
    /// Its config.
    pub config: Value,
    /// Hash over its weights (or its source table); empty until known.
    pub weights_hash: String,
}

/// What the run was made from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DatasetRecord {
    /// Hash of turns and judgements.
    pub hash: String,
    /// "turns", "conversations", "judgements", "train", ...
    pub counts: BTreeMap<String, u64>,
}

/// How far a stage has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StageStatus {
    /// Not begun.
    #[default]
    Queued,
    /// Begun; if no process holds the run, it was killed here.
    Running,
    /// Ended well.
    Ok,
    /// Ended with an error.
    Failed,
    /// Stopped on request.
    Cancelled,
}

/// One stage.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StageRecord {
    /// In the words of the product ("train A", "pass B").
    pub name: String,
    /// How far it has come.
    pub status: StageStatus,
    /// When it began, UTC.
    pub started: Option<String>,
    /// When it ended, UTC.
    pub finished: Option<String>,
    /// Wall seconds it took.
    pub seconds: Option<f64>,
    /// What it was made from: relative path (or a named setting) and hash.
    pub inputs: BTreeMap<String, String>,
    /// What it made: relative path and hash.
    pub outputs: BTreeMap<String, String>,
    /// Figures worth keeping.
    pub numbers: BTreeMap<String, Value>,
    /// Why it failed.
    pub error: Option<String>,
}

/// Size and hash of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileRecord {
    /// Bytes.
    pub bytes: u64,
    /// BLAKE3, hex.
    pub blake3: String,
}

impl Manifest {
    /// A fresh manifest with a new run id, the time, this product's version and this machine.
    pub fn new(title: &str, seed: u64) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            run_id: clock::new_run_id(),
            title: title.to_owned(),
            created: clock::now_utc(),
            product_version: env!("CARGO_PKG_VERSION").to_owned(),
            git_commit: option_env!("GAPFIELD_GIT_COMMIT").unwrap_or("unknown").to_owned(),
            seed,
            machine: Machine::detect(),
            ..Self::default()
        }
    }

    /// Reads a manifest file.
    ///
    /// # Errors
    /// [`RunError::NotARun`] when there is none, [`RunError::BrokenManifest`], [`RunError::NewerFormat`], [`RunError::Io`].
    pub fn load(path: &Path) -> Result<Self, RunError> {
        let bytes = std::fs::read(path).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => RunError::NotARun(path.parent().unwrap_or(path).to_owned()),
            _ => RunError::io("read", path, &e),
        })?;
        Self::from_bytes(&bytes, path)
    }

    /// Reads a manifest from bytes; `path` is for the message only.
    ///
    /// # Errors
    /// [`RunError::BrokenManifest`], [`RunError::NewerFormat`].
    pub fn from_bytes(bytes: &[u8], path: &Path) -> Result<Self, RunError> {
        let broken = |reason: String| RunError::BrokenManifest { reason, path: path.to_owned() };
        if bytes.is_empty() {
            return Err(broken("the file is empty".to_owned()));
        }
        let value: Value = serde_json::from_slice(bytes).map_err(|e| broken(e.to_string()))?;
        match value.get("format_version").and_then(Value::as_u64) {
            None | Some(0) => return Err(broken("it has no format version".to_owned())),
            Some(found) if found > FORMAT_VERSION => {
                return Err(RunError::NewerFormat { found, known: FORMAT_VERSION, path: path.to_owned() });
            }
            Some(_) => {}
        }
        let manifest: Self = serde_json::from_value(value).map_err(|e| broken(e.to_string()))?;
        if manifest.run_id.is_empty() {
            return Err(broken("it has no run id".to_owned()));
        }
        Ok(manifest)
    }

    /// Writes it atomically.
    ///
    /// # Errors
    /// [`RunError::Io`], [`RunError::Encode`].
    pub fn save(&self, path: &Path) -> Result<(), RunError> {
        atomic::write(path, &json::to_bytes("the manifest", self)?)
    }

    /// The record of a stage.
    pub fn stage(&self, name: &str) -> Option<&StageRecord> {
        self.stages.iter().find(|s| s.name == name)
    }

    /// The record of a stage, to change.
    pub fn stage_mut(&mut self, name: &str) -> Option<&mut StageRecord> {
        self.stages.iter_mut().find(|s| s.name == name)
    }

    /// The first stage that has not ended well: where a resume begins.
    pub fn incomplete_stage(&self) -> Option<&StageRecord> {
        self.stages.iter().find(|s| s.status != StageStatus::Ok)
    }

    /// Whether every stage ended well and the run was closed.
    pub fn is_complete(&self) -> bool {
        self.finished.is_some() && self.incomplete_stage().is_none()
    }

    /// How the run stands, in words; `is_live` says whether a process is writing it now.
    pub fn status_words(&self, is_live: bool) -> String {
        if self.is_complete() {
            return "complete".to_owned();
        }
        let by = |status| self.stages.iter().find(|s| s.status == status).map(|s| s.name.as_str());
        if let Some(stage) = by(StageStatus::Running) {
            return if is_live { format!("running {stage}") } else { format!("stopped in {stage}") };
        }
        if is_live {
            return "running".to_owned();
        }
        if let Some(stage) = by(StageStatus::Failed) {
            return format!("failed in {stage}");
        }
        if let Some(stage) = by(StageStatus::Cancelled) {
            return format!("cancelled in {stage}");
        }
        match self.incomplete_stage() {
            Some(stage) => format!("stopped before {}", stage.name),
            None if self.stages.is_empty() => "not started".to_owned(),
            None => "stopped before the end".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Manifest, RunError> {
        Manifest::from_bytes(text.as_bytes(), Path::new("r/manifest.json"))
    }

    #[test]
    fn it_reads_back_what_it_wrote_with_sorted_keys() {
        let mut manifest = Manifest::new("Deep and tiny", u64::MAX);
        manifest.files.insert("turns.parquet".to_owned(), FileRecord { bytes: 3, blake3: "ab".to_owned() });
        manifest.stages.push(StageRecord { name: "import".to_owned(), ..StageRecord::default() });
        let bytes = json::to_bytes("the manifest", &manifest).unwrap();
        assert_eq!(Manifest::from_bytes(&bytes, Path::new("m")).unwrap(), manifest);
        let text = String::from_utf8(bytes).unwrap();
        let top: Vec<_> = text.lines().filter(|l| l.starts_with("  \"")).collect();
        let mut sorted = top.clone();
        sorted.sort_unstable();
        assert_eq!(top, sorted);
    }

    #[test]
    fn a_newer_format_is_refused_before_anything_else_is_read() {
        let error = load(r#"{"format_version": 7, "run_id": ["a new shape"]}"#).unwrap_err().to_string();
        assert!(error.contains("format 7") && error.contains("update Gapfield"), "{error}");
    }

    #[test]
    fn unknown_fields_survive_a_rewrite() {
        let manifest = load(r#"{"format_version": 1, "run_id": "r", "mood": {"of": "the day"}}"#).unwrap();
        let text = String::from_utf8(json::to_bytes("m", &manifest).unwrap()).unwrap();
        assert!(text.contains("the day"), "{text}");
    }

    #[test]
    fn damage_is_reported_never_a_panic() {
        let whole = json::to_bytes("m", &Manifest::new("t", 1)).unwrap();
        for end in 0..whole.len() - 2 {
            assert!(matches!(
                Manifest::from_bytes(&whole[..end], Path::new("m")),
                Err(RunError::BrokenManifest { .. })
            ));
        }
        assert!(load("{}").unwrap_err().to_string().contains("no format version"));
        assert!(load(r#"{"format_version": 1}"#).unwrap_err().to_string().contains("no run id"));
        assert!(load(r#"{"format_version": 1, "run_id": "r", "stages": 3}"#).is_err());
    }

    #[test]
    fn the_status_is_told_in_words() {
        let mut m = Manifest::new("t", 1);
        assert_eq!(m.status_words(false), "not started");
        let stage =
            |name: &str, status| StageRecord { name: name.to_owned(), status, ..StageRecord::default() };
        m.stages = vec![stage("pass A", StageStatus::Ok), stage("pass B", StageStatus::Running)];
        assert_eq!(m.status_words(true), "running pass B");
        assert_eq!(m.status_words(false), "stopped in pass B");
        m.stages[1].status = StageStatus::Failed;
        assert_eq!(m.status_words(false), "failed in pass B");
        m.stages[1].status = StageStatus::Queued;
        assert_eq!(m.status_words(false), "stopped before pass B");
        m.stages[1].status = StageStatus::Ok;
        m.finished = Some(clock::now_utc());
        assert_eq!(m.status_words(false), "complete");
    }
}
