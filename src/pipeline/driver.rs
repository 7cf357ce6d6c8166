//! Runs one stage after another: skips what is unchanged, records what was made, leaves a stopped run resumable.

use crate::job::{Cancelled, Event, JobContext};
use crate::run::config::{PassConfig, RunConfig};
use crate::run::folder::RunFolder;
use crate::run::log::Level;
use crate::score::pass::PassError;
use crate::train::data::TrainError;
use anyhow::Context;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Instant;

/// Names and hashes a stage is made from: files of the run and settings.
pub(super) type Inputs = BTreeMap<String, String>;

/// What a stage has written and measured so far.
#[derive(Default)]
pub(super) struct Outputs {
    /// Whether the stage was begun before from the same inputs and not finished: what it left may be gone on with.
    pub(super) resumes: bool,
    paths: Vec<String>,
    numbers: BTreeMap<String, Value>,
}

impl Outputs {
    /// Keeps a figure of the stage in the manifest.
    pub(super) fn number(&mut self, name: &str, value: impl Into<Value>) {
        self.numbers.insert(name.to_owned(), value.into());
    }

    /// Declares a file that the stage wrote itself.
    pub(super) fn wrote(&mut self, relative: &str) {
        self.paths.push(relative.to_owned());
    }

    /// Writes a file and declares it.
    pub(super) fn write(&mut self, run: &RunFolder, relative: &str, bytes: &[u8]) -> anyhow::Result<()> {
        run.write(relative, bytes)?;
        self.wrote(relative);
        Ok(())
    }

    /// Writes a value as JSON with sorted keys and declares it.
    pub(super) fn write_json(
        &mut self,
        run: &RunFolder,
        relative: &str,
        value: &impl Serialize,
    ) -> anyhow::Result<()> {
        run.write_json(relative, value)?;
        self.wrote(relative);
        Ok(())
    }
}

/// A run being made.
pub(super) struct Driver<'a> {
    /// The folder, held under its lock.
    pub(super) run: RunFolder,
    /// What was asked.
    pub(super) config: RunConfig,
    /// Progress, events, cancel.
    pub(super) ctx: &'a JobContext,
}

impl Driver<'_> {
    /// Does a stage unless it is current. `work` reads and writes the run folder and declares what it wrote.
    pub(super) fn stage(
        &mut self,
        name: &str,
        inputs: &Inputs,
        work: impl FnOnce(&RunFolder, &JobContext, &mut Outputs) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        self.ctx.check()?;
        if self.run.stage_is_current(name, inputs) {
            self.ctx.event(Event::StageFinished { stage: name.to_owned(), seconds: 0.0, skipped: true });
            return Ok(());
        }
        self.ctx.event(Event::StageStarted(name.to_owned()));
        self.run.log(Level::Info, &format!("{name} begins"));
        let resumes = self.run.manifest().stage(name).is_some_and(|s| s.inputs == *inputs);
        self.run.begin_stage(name, inputs)?;
        let (started, control) = (Instant::now(), self.ctx.control());
        let waited = control.waited_seconds();
        let mut outputs = Outputs { resumes, ..Outputs::default() };
        match work(&self.run, self.ctx, &mut outputs) {
            Ok(()) => {
                // What a paused job waits is no work.
                let paused = control.waited_seconds() - waited;
                let seconds = (started.elapsed().as_secs_f64() - paused).max(0.0);
                let paths: Vec<&str> = outputs.paths.iter().map(String::as_str).collect();
                self.run.finish_stage(name, &paths, outputs.numbers, seconds)?;
                self.run.log(Level::Info, &format!("{name} done in {seconds:.1} s"));
                self.ctx.event(Event::StageFinished { stage: name.to_owned(), seconds, skipped: false });
                Ok(())
            }
            Err(error) => Err(self.end_badly(name, plain_cancel(error))),
        }
    }

    /// Records how a stage ended; a disk that refuses even that must not hide the first error.
    fn end_badly(&mut self, name: &str, error: anyhow::Error) -> anyhow::Error {
        let recorded = if error.chain().any(|e| e.is::<Cancelled>()) {
            self.run.log(Level::Warning, &format!("{name} cancelled"));
            self.run.cancel_stage(name)
        } else {
            let text = format!("{error:#}");
            self.run.log(Level::Error, &format!("{name} failed: {text}"));
            self.run.fail_stage(name, &text)
        };
        if let Err(second) = recorded {
            tracing::warn!("the manifest could not be updated: {second}");
        }
        error.context(format!("{name} did not finish"))
    }

    /// What was asked of pass "A" or "B".
    pub(super) fn pass(&self, name: &str) -> &PassConfig {
        if name == "A" { &self.config.a } else { &self.config.b }
    }

    /// Hashes of files of the run as inputs of a stage.
    pub(super) fn files(&self, relatives: &[&str]) -> anyhow::Result<Inputs> {
        self.run.hashes(relatives).context("an input of the next stage cannot be read")
    }
}

/// A stop asked for, however the room that noticed it wraps it, as the job's own kind of ending.
fn plain_cancel(error: anyhow::Error) -> anyhow::Error {
    let is_stop = error.chain().any(|e| {
        matches!(e.downcast_ref(), Some(TrainError::Cancelled(_)))
            || matches!(e.downcast_ref(), Some(PassError::Cancelled(_)))
    });
    if is_stop { Cancelled.into() } else { error }
}

/// Adds a setting to the inputs of a stage, by the hash of its JSON.
pub(super) fn setting(inputs: &mut Inputs, name: &str, value: &impl Serialize) -> anyhow::Result<()> {
    let text = serde_json::to_string(value)?;
    inputs.insert(format!("setting:{name}"), blake3::hash(text.as_bytes()).to_hex().to_string());
    Ok(())
}
