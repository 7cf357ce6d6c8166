//! Another look at the shape of the open run: a small job beside the main one, and the way back to what was declared.

use crate::job::{Cancelled, Event, JobHandle, Live, Progress};
use crate::pipeline::topology::Exploration;
use crate::run::contents::RunContents;
use std::sync::Arc;

/// What views are shown of an exploration.
#[derive(Clone, Debug, Default)]
pub struct ExploringStatus {
    /// Whether one is computed now.
    pub running: bool,
    /// What was asked last; `None` while the declared topology is shown.
    pub wanted: Option<Exploration>,
    /// Latest progress.
    pub progress: Option<Progress>,
    /// Bars and null fields so far.
    pub live: Live,
    /// Changes with every change of `live`.
    pub live_version: u64,
}

/// At most one exploration; the run as declared is kept.
#[derive(Default)]
pub struct Exploring {
    handle: Option<JobHandle<RunContents>>,
    declared: Option<Arc<RunContents>>,
    /// What views are shown.
    pub status: ExploringStatus,
}

impl Exploring {
    /// Forgets everything, because another run was opened.
    pub fn reset(&mut self) {
        self.cancel();
        *self = Self { status: ExploringStatus::default(), ..Self::default() };
    }

    /// Asks the job to stop.
    pub fn cancel(&self) {
        if let Some(handle) = &self.handle {
            handle.cancel();
        }
    }

    /// Whether a job runs.
    pub fn is_running(&self) -> bool {
        self.handle.is_some()
    }

    /// The run as declared, when what is shown is not.
    pub fn declared(&self) -> Option<&Arc<RunContents>> {
        self.declared.as_ref()
    }

    /// Takes over a job that was just started on `declared`; one still running is stopped and forgotten.
    pub fn begin(&mut self, handle: JobHandle<RunContents>, wanted: Exploration, declared: Arc<RunContents>) {
        self.cancel();
        let live_version = self.status.live_version + 1;
        let status = ExploringStatus {
            running: true,
            wanted: Some(wanted),
            live_version,
            ..ExploringStatus::default()
        };
        *self = Self { handle: Some(handle), declared: Some(declared), status };
    }

    /// Back to what was declared: gives that run, when something else is shown.
    pub fn back(&mut self) -> Option<Arc<RunContents>> {
        self.cancel();
        let live_version = self.status.live_version + 1;
        let declared = self.declared.take();
        *self = Self::default();
        self.status.live_version = live_version;
        declared
    }

    /// Takes in what the job has told; gives its outcome, once. A stop asked for is no outcome.
    pub fn poll(&mut self) -> Option<anyhow::Result<RunContents>> {
        let mut handle = self.handle.take()?;
        let finished = handle.is_finished();
        while let Ok(event) = handle.events.try_recv() {
            if let Event::Progress(progress) = event {
                self.status.progress = Some(progress);
            }
        }
        if let Some((_, live)) = handle.live.newer_than(0) {
            let grown = live.nulls.len() != self.status.live.nulls.len()
                || live.bars.len() != self.status.live.bars.len();
            if grown {
                self.status.live = live;
                self.status.live_version += 1;
            }
        }
        if !finished {
            self.handle = Some(handle);
            return None;
        }
        self.status.running = false;
        self.status.progress = None;
        self.status.live = Live::default();
        self.status.live_version += 1;
        match handle.take()? {
            Err(error) if error.chain().any(|e| e.is::<Cancelled>()) => None,
            outcome => Some(outcome),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(exploring: &mut Exploring) -> Option<anyhow::Result<RunContents>> {
        loop {
            let outcome = exploring.poll();
            if outcome.is_some() || !exploring.is_running() {
                return outcome;
            }
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    #[test]
    fn the_null_grows_and_the_declared_run_is_kept() {
        let mut exploring = Exploring::default();
        let declared = Arc::new(RunContents { status: "declared".into(), ..RunContents::default() });
        let handle = JobHandle::spawn("explore", |ctx| {
            ctx.live.publish(Live { nulls: Arc::new(vec![0.1, 0.2]), ..Live::default() });
            while !ctx.is_cancelled() {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            Ok(RunContents { status: "other".into(), ..RunContents::default() })
        });
        exploring.begin(handle.unwrap(), Exploration::default(), Arc::clone(&declared));
        while exploring.status.live.nulls.len() < 2 {
            assert!(exploring.poll().is_none());
        }
        assert!(exploring.status.running && exploring.status.wanted.is_some());
        exploring.cancel();
        assert_eq!(wait(&mut exploring).unwrap().unwrap().status, "other");
        assert!(!exploring.status.running && exploring.status.live.nulls.is_empty());
        assert_eq!(exploring.back().unwrap().status, "declared");
        assert!(exploring.back().is_none() && exploring.status.wanted.is_none());
    }

    #[test]
    fn a_stop_is_no_failure() {
        let mut exploring = Exploring::default();
        let handle = JobHandle::spawn("explore", |_| Err(Cancelled.into()));
        exploring.begin(handle.unwrap(), Exploration::default(), Arc::default());
        assert!(wait(&mut exploring).is_none());
        let handle = JobHandle::spawn("explore", |_| anyhow::bail!("no"));
        exploring.begin(handle.unwrap(), Exploration::default(), Arc::default());
        assert!(wait(&mut exploring).unwrap().is_err());
    }
}
