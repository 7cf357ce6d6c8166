//! Stages of a run: what was made from what, so that unchanged work is skipped and broken work is done again.

use super::clock;
use super::error::RunError;
use super::folder::RunFolder;
use super::hash;
use super::manifest::{StageRecord, StageStatus};
use serde_json::Value;
use std::collections::BTreeMap;

/// Outputs up to this size are hashed when a stage asks whether it is current; of larger ones only the size is
/// checked (`verify` hashes everything).
pub const HASH_CHECK_BYTES: u64 = 16 << 20;

impl RunFolder {
    /// Declares the stages of this run in order. Known ones keep their record, new ones are queued, and records of
    /// stages no longer planned are dropped together with their files' entries.
    ///
    /// # Errors
    /// [`RunError::ReadOnlyHandle`], [`RunError::Io`].
    pub fn plan_stages(&mut self, names: &[&str]) -> Result<(), RunError> {
        self.update(|manifest| {
            let mut old = std::mem::take(&mut manifest.stages);
            for name in names {
                let known = old.iter().position(|s| s.name == *name).map(|at| old.remove(at));
                let fresh = || StageRecord { name: (*name).to_owned(), ..StageRecord::default() };
                manifest.stages.push(known.unwrap_or_else(fresh));
            }
            for output in old.iter().flat_map(|s| s.outputs.keys()) {
                if !manifest.stages.iter().any(|s| s.outputs.contains_key(output)) {
                    manifest.files.remove(output);
                }
            }
        })
    }

    /// Hashes of files of this run as they are on disk now, to be given as a stage's inputs.
    ///
    /// # Errors
    /// [`RunError::Io`] when one cannot be read.
    pub fn hashes(&self, relatives: &[&str]) -> Result<BTreeMap<String, String>, RunError> {
        relatives.iter().map(|r| Ok(((*r).to_owned(), self.file_record(r)?.blake3))).collect()
    }

    /// Whether the stage ended well from exactly these inputs and everything it made is still there unchanged.
    /// Inputs map a relative path or a named setting to its hash.
    pub fn stage_is_current(&self, name: &str, inputs: &BTreeMap<String, String>) -> bool {
        let Some(stage) = self.manifest().stage(name) else { return false };
        stage.status == StageStatus::Ok
            && stage.inputs == *inputs
            && stage.outputs.iter().all(|(path, hash)| self.output_is_intact(path, hash))
    }

    fn output_is_intact(&self, relative: &str, expected: &str) -> bool {
        let Some(record) = self.manifest().files.get(relative) else { return false };
        let Ok(path) = self.path(relative) else { return false };
        let Ok(meta) = path.metadata() else { return false };
        if record.blake3 != expected || !meta.is_file() || meta.len() != record.bytes {
            return false;
        }
        record.bytes > HASH_CHECK_BYTES || hash::of_file(&path).is_ok_and(|(_, found)| found == expected)
    }

    /// Begins a stage: from now on the run is incomplete here until [`RunFolder::finish_stage`]. What the stage made
    /// before loses its entry, because it is about to be replaced.
    ///
    /// # Errors
    /// [`RunError::ReadOnlyHandle`], [`RunError::Io`].
    pub fn begin_stage(&mut self, name: &str, inputs: &BTreeMap<String, String>) -> Result<(), RunError> {
        self.update(|manifest| {
            manifest.finished = None;
            let at = manifest.stages.iter().position(|s| s.name == name).unwrap_or_else(|| {
                manifest.stages.push(StageRecord::default());
                manifest.stages.len() - 1
            });
            for output in manifest.stages[at].outputs.keys() {
                manifest.files.remove(output);
            }
            manifest.stages[at] = StageRecord {
                name: name.to_owned(),
                status: StageStatus::Running,
                started: Some(clock::now_utc()),
                inputs: inputs.clone(),
                ..StageRecord::default()
            };
        })
    }

    /// Ends a stage well: hashes its outputs as they lie on disk, then writes the manifest, last of all.
    ///
    /// # Errors
    /// [`RunError::UnknownStage`], [`RunError::Io`] when an output is missing.
    pub fn finish_stage(
        &mut self,
        name: &str,
        outputs: &[&str],
        numbers: BTreeMap<String, Value>,
        seconds: f64,
    ) -> Result<(), RunError> {
        self.check_writable()?;
        let records = outputs
            .iter()
            .map(|r| Ok(((*r).to_owned(), self.file_record(r)?)))
            .collect::<Result<BTreeMap<_, _>, RunError>>()?;
        let manifest = self.manifest_mut();
        let stage = manifest.stage_mut(name).ok_or_else(|| RunError::UnknownStage(name.to_owned()))?;
        stage.status = StageStatus::Ok;
        stage.finished = Some(clock::now_utc());
        stage.seconds = Some(seconds);
        stage.outputs = records.iter().map(|(path, r)| (path.clone(), r.blake3.clone())).collect();
        stage.numbers = numbers;
        stage.error = None;
        manifest.files.extend(records);
        self.save_manifest()
    }

    /// Ends a stage with an error, kept in the manifest.
    ///
    /// # Errors
    /// [`RunError::UnknownStage`], [`RunError::ReadOnlyHandle`], [`RunError::Io`].
    pub fn fail_stage(&mut self, name: &str, error: &str) -> Result<(), RunError> {
        self.end_badly(name, StageStatus::Failed, Some(error))
    }

    /// Ends a stage because a stop was asked for; the run can be resumed.
    ///
    /// # Errors
    /// As [`RunFolder::fail_stage`].
    pub fn cancel_stage(&mut self, name: &str) -> Result<(), RunError> {
        self.end_badly(name, StageStatus::Cancelled, None)
    }

    /// Closes the run: every stage ended well.
    ///
    /// # Errors
    /// [`RunError::UnknownStage`] naming the stage that has not, [`RunError::Io`].
    pub fn finish(&mut self) -> Result<(), RunError> {
        if let Some(stage) = self.manifest().incomplete_stage() {
            return Err(RunError::UnknownStage(stage.name.clone()));
        }
        self.update(|m| m.finished = Some(clock::now_utc()))
    }

    fn end_badly(&mut self, name: &str, status: StageStatus, error: Option<&str>) -> Result<(), RunError> {
        self.check_writable()?;
        let manifest = self.manifest_mut();
        let stage = manifest.stage_mut(name).ok_or_else(|| RunError::UnknownStage(name.to_owned()))?;
        stage.status = status;
        stage.finished = Some(clock::now_utc());
        stage.error = error.map(str::to_owned);
        self.save_manifest()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::manifest::Manifest;
    use std::fs;

    fn inputs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    }

    fn run_with_one_stage() -> (tempfile::TempDir, RunFolder) {
        let dir = tempfile::tempdir().unwrap();
        let mut run = RunFolder::create(&dir.path().join("run"), Manifest::new("t", 1)).unwrap();
        run.plan_stages(&["import", "pass A"]).unwrap();
        run.begin_stage("import", &inputs(&[("corpus", "h1")])).unwrap();
        run.write("turns.parquet", b"turns").unwrap();
        let numbers = BTreeMap::from([("turns".to_owned(), Value::from(480))]);
        run.finish_stage("import", &["turns.parquet"], numbers, 0.5).unwrap();
        (dir, run)
    }

    #[test]
    fn a_finished_stage_is_current_until_an_input_or_an_output_changes() {
        let (_dir, run) = run_with_one_stage();
        assert!(run.stage_is_current("import", &inputs(&[("corpus", "h1")])));
        assert!(!run.stage_is_current("import", &inputs(&[("corpus", "h2")])), "an input changed");
        assert!(!run.stage_is_current("import", &inputs(&[])), "an input went away");
        assert!(!run.stage_is_current("pass A", &inputs(&[])), "never run");
        let path = run.path("turns.parquet").unwrap();
        fs::write(&path, b"turnz").unwrap();
        assert!(!run.stage_is_current("import", &inputs(&[("corpus", "h1")])), "same size, other bytes");
        fs::remove_file(&path).unwrap();
        assert!(!run.stage_is_current("import", &inputs(&[("corpus", "h1")])), "output gone");
    }

    #[test]
    fn a_run_killed_inside_a_stage_opens_again_and_says_where() {
        let (_dir, mut run) = run_with_one_stage();
        run.begin_stage("pass A", &run.hashes(&["turns.parquet"]).unwrap()).unwrap();
        run.write("passes/A/scm.parquet", b"half the outputs").unwrap();
        let root = run.root().to_owned();
        drop(run); // What a kill does to the lock; the manifest on disk still says "running".
        let mut run = RunFolder::open_for_writing(&root).unwrap();
        assert_eq!(run.manifest().status_words(false), "stopped in pass A");
        assert_eq!(run.manifest().incomplete_stage().unwrap().name, "pass A");
        assert!(run.stage_is_current("import", &inputs(&[("corpus", "h1")])), "finished work is kept");
        assert!(run.finish().is_err());
        run.begin_stage("pass A", &run.hashes(&["turns.parquet"]).unwrap()).unwrap();
        run.write("passes/A/scm.parquet", b"whole").unwrap();
        run.finish_stage("pass A", &["passes/A/scm.parquet"], BTreeMap::new(), 1.0).unwrap();
        run.finish().unwrap();
        assert!(RunFolder::open(&root).unwrap().manifest().is_complete());
    }

    #[test]
    fn a_stage_begun_again_disowns_its_old_outputs() {
        let (_dir, mut run) = run_with_one_stage();
        run.begin_stage("import", &inputs(&[("corpus", "h2")])).unwrap();
        assert!(run.manifest().files.is_empty());
        run.fail_stage("import", "the disk is full").unwrap();
        let stage = run.manifest().stage("import").unwrap();
        assert_eq!((stage.status, stage.error.as_deref()), (StageStatus::Failed, Some("the disk is full")));
        assert_eq!(run.manifest().stage("import").unwrap().numbers.len(), 0);
    }

    #[test]
    fn a_missing_output_does_not_end_well() {
        let (_dir, mut run) = run_with_one_stage();
        run.begin_stage("pass A", &inputs(&[])).unwrap();
        assert!(run.finish_stage("pass A", &["passes/A/scm.parquet"], BTreeMap::new(), 1.0).is_err());
        assert_eq!(run.manifest().stage("pass A").unwrap().status, StageStatus::Running);
        assert!(matches!(run.fail_stage("nonsense", "x"), Err(RunError::UnknownStage(_))));
    }

    #[test]
    fn planning_keeps_finished_work_and_drops_what_is_no_longer_planned() {
        let (_dir, mut run) = run_with_one_stage();
        run.plan_stages(&["embed", "import"]).unwrap();
        let names: Vec<_> = run.manifest().stages.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names, ["embed", "import"]);
        assert!(run.stage_is_current("import", &inputs(&[("corpus", "h1")])));
        run.plan_stages(&["embed"]).unwrap();
        assert!(run.manifest().files.is_empty());
    }
}
