//! A job is a long piece of work with progress, cancel and a result; window, command line and tests run the same jobs.
//!
//! Events go over a bounded channel: when the consumer is slow, intermediate progress is dropped, results and
//! warnings never are. Big latest values (a growing pass, a validation VPM) sit in a watch slot.

mod control;

pub use control::Control;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// How far a stage of a job has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// The stage, in the words of the product ("train A", "pass B", "topology").
    pub stage: String,
    /// Done so far.
    pub done: u64,
    /// Of how many; 0 when unknown.
    pub total: u64,
    /// What is counted ("turns", "epochs", "nulls").
    pub unit: &'static str,
}

/// What a running job tells.
#[derive(Clone, Debug)]
pub enum Event {
    /// Progress of the current stage; may be dropped when the consumer is slow.
    Progress(Progress),
    /// A stage started.
    StageStarted(String),
    /// A stage ended well after so many seconds; `skipped` when its inputs were unchanged.
    StageFinished {
        /// Which stage.
        stage: String,
        /// Wall seconds it took.
        seconds: f64,
        /// Whether the stored result was reused.
        skipped: bool,
    },
    /// Something worth telling, in one sentence.
    Info(String),
    /// Something went wrong that the job survived.
    Warning(String),
    /// One epoch of training ended (numbers by name, see `train::telemetry`).
    Epoch {
        /// "A" or "B".
        pass: String,
        /// Epoch counted from 1.
        epoch: usize,
        /// Name and value pairs.
        numbers: Vec<(String, f64)>,
    },
}

/// The latest value of something big, overwritten by each newer one.
#[derive(Debug)]
pub struct Watch<T>(Arc<Mutex<(u64, Option<T>)>>);

impl<T> Clone for Watch<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Watch<T> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new((0, None))))
    }
}

impl<T: Clone> Watch<T> {
    /// Replaces the value.
    pub fn publish(&self, value: T) {
        let mut slot = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        slot.0 += 1;
        slot.1 = Some(value);
    }

    /// The newest value and its version, when it is newer than `seen`.
    pub fn newer_than(&self, seen: u64) -> Option<(u64, T)> {
        let slot = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if slot.0 > seen { slot.1.clone().map(|v| (slot.0, v)) } else { None }
    }
}

/// The live picture of a run while it is made: whatever the window can already draw.
#[derive(Clone, Debug, Default)]
pub struct Live {
    /// Scores of pass A so far, `[turns, 12]`, NaN where not scored yet.
    pub a: Option<Arc<crate::core::matrix::Matrix>>,
    /// Scores of pass B so far.
    pub b: Option<Arc<crate::core::matrix::Matrix>>,
    /// Bars of the field, as soon as they are known.
    pub bars: Arc<Vec<crate::core::bar::Bar>>,
    /// Their representative cycles; vertices are rows of the run.
    pub cycles: Arc<Vec<crate::core::bar::Cycle>>,
    /// Longest loop of each null field drawn so far.
    pub nulls: Arc<Vec<f64>>,
    /// Validation scores of the scorer in training, one `[validation turns, 5]` matrix an epoch, with its pass name.
    pub validation: Vec<(String, Arc<crate::core::matrix::Matrix>)>,
}

/// Asks a job to stop; cloned freely.
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// Asks the job to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether a stop was asked for.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The job was asked to stop and did so, leaving its run resumable.
#[derive(Debug, thiserror::Error)]
#[error("cancelled; the run can be resumed")]
pub struct Cancelled;

/// What a job function gets: progress, events, the watch slot and the cancel flag.
#[derive(Clone)]
pub struct JobContext {
    events: SyncSender<Event>,
    cancel: CancelToken,
    control: Control,
    /// The live picture, newest wins.
    pub live: Watch<Live>,
}

impl JobContext {
    /// A context and the receiving end of its events.
    pub fn new() -> (Self, Receiver<Event>) {
        let (events, receiver) = sync_channel(1024);
        let (cancel, control) = (CancelToken::default(), Control::default());
        (Self { events, cancel, control, live: Watch::default() }, receiver)
    }

    /// A context nobody listens to, for tests and small calls.
    pub fn detached() -> Self {
        Self::new().0
    }

    /// The token that cancels this job.
    pub fn cancel_token(&self) -> CancelToken {
        self.cancel.clone()
    }

    /// What is changed while the job runs.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Whether a stop was asked for; check at least every 100 ms of work.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// `Err(Cancelled)` when a stop was asked for. Waits here while the job is paused: every stage that can be stopped
    /// can be paused, at the same places.
    pub fn check(&self) -> Result<(), Cancelled> {
        self.control.wait(|| self.is_cancelled());
        if self.is_cancelled() { Err(Cancelled) } else { Ok(()) }
    }

    /// Tells how far the stage has come; dropped when the consumer is slow.
    pub fn progress(&self, stage: &str, done: u64, total: u64, unit: &'static str) {
        let progress = Progress { stage: stage.to_owned(), done, total, unit };
        let _dropped_when_full = self.events.try_send(Event::Progress(progress));
    }

    /// Sends an event that must not be lost: waits while the consumer lives but lags.
    pub fn event(&self, event: Event) {
        if let Err(TrySendError::Full(event)) = self.events.try_send(event) {
            // A consumer that is gone makes this return at once; the job goes on without a listener.
            let _gone = self.events.send(event);
        }
    }
}

/// A job running on its own named thread.
pub struct JobHandle<T> {
    /// Its events.
    pub events: Receiver<Event>,
    /// Its live picture.
    pub live: Watch<Live>,
    /// When it started.
    pub started: Instant,
    cancel: CancelToken,
    control: Control,
    thread: Option<std::thread::JoinHandle<anyhow::Result<T>>>,
}

impl<T: Send + 'static> JobHandle<T> {
    /// Starts `work` on a thread called `name`.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn spawn(
        name: &str,
        work: impl FnOnce(&JobContext) -> anyhow::Result<T> + Send + 'static,
    ) -> std::io::Result<Self> {
        let (context, events) = JobContext::new();
        let (cancel, live, control) = (context.cancel_token(), context.live.clone(), context.control());
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || work(&context))?;
        Ok(Self { events, live, started: Instant::now(), cancel, control, thread: Some(thread) })
    }

    /// Asks it to stop.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// A clone of its cancel token.
    pub fn cancel_token(&self) -> CancelToken {
        self.cancel.clone()
    }

    /// What can be changed while it runs.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Whether the thread has ended (its result waits in [`JobHandle::take`]).
    pub fn is_finished(&self) -> bool {
        self.thread.as_ref().is_none_or(std::thread::JoinHandle::is_finished)
    }

    /// Waits for the end and gives the result; a panic of the job becomes an error. `None` when already taken.
    pub fn take(&mut self) -> Option<anyhow::Result<T>> {
        let thread = self.thread.take()?;
        Some(thread.join().unwrap_or_else(|panic| {
            let what = panic
                .downcast_ref::<&str>()
                .map(|s| (*s).to_owned())
                .or_else(|| panic.downcast_ref::<String>().cloned())
                .unwrap_or_else(|| "no message".to_owned());
            Err(anyhow::anyhow!(
                "the job stopped by an internal fault ({what}); what was finished is saved, resume the run"
            ))
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_may_drop_but_warnings_never_do() {
        let mut job = JobHandle::spawn("flood", |ctx| {
            for i in 0..5000 {
                ctx.progress("flood", i, 5000, "drops");
                if i % 50 == 0 {
                    ctx.event(Event::Warning(i.to_string()));
                }
            }
            Ok(())
        })
        .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(50));
        let warnings = job.events.iter().filter(|e| matches!(e, Event::Warning(_))).count();
        job.take().unwrap().unwrap();
        assert_eq!(warnings, 100);
    }

    #[test]
    fn a_panicking_job_becomes_an_error() {
        let mut job: JobHandle<()> = JobHandle::spawn("bad", |_| panic!("boom")).unwrap();
        let error = job.take().unwrap().unwrap_err().to_string();
        assert!(error.contains("boom"), "{error}");
    }

    #[test]
    fn a_paused_job_waits_and_goes_on_or_ends() {
        let work = |ctx: &JobContext| {
            for _ in 0..1_000 {
                ctx.check()?;
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            Ok(ctx.control().waited_seconds())
        };
        let mut job = JobHandle::spawn("pause", work).unwrap();
        job.control().set_paused(true);
        std::thread::sleep(std::time::Duration::from_millis(1_500));
        assert!(!job.is_finished(), "it waits");
        job.control().set_paused(false);
        assert!(job.take().unwrap().unwrap() > 0.1);
        let mut job = JobHandle::spawn("pause", work).unwrap();
        job.control().set_paused(true);
        job.cancel();
        assert!(job.take().unwrap().unwrap_err().is::<Cancelled>(), "a paused job can be stopped");
    }

    #[test]
    fn cancel_reaches_the_job() {
        let mut job = JobHandle::spawn("wait", |ctx| {
            while !ctx.is_cancelled() {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            Ok(ctx.check()?)
        })
        .unwrap();
        job.cancel();
        assert!(job.take().unwrap().unwrap_err().is::<Cancelled>());
    }
}
