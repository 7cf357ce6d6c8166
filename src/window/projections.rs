//! Projections of the open run: those it keeps, those computed since, and the one under way on a thread of its own.

use crate::job::{Event, JobContext, JobHandle, Progress};
use crate::run::contents::RunContents;
use crate::run::projection::{Projection, ProjectionKey};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How a projection stands.
#[derive(Clone, Copy, Debug)]
pub enum ProjectionState<'a> {
    /// There.
    Ready(&'a Arc<Projection>),
    /// Being computed.
    Running(Option<&'a Progress>),
    /// Could not be computed, in one sentence.
    Failed(&'a str),
    /// Nobody asked for it yet.
    Absent,
}

/// The projections of one run.
#[derive(Default)]
pub struct Projections {
    ready: BTreeMap<ProjectionKey, Arc<Projection>>,
    failed: BTreeMap<ProjectionKey, String>,
    running: Option<Running>,
    fresh: Vec<Arc<Projection>>,
}

struct Running {
    key: ProjectionKey,
    handle: JobHandle<Projection>,
    progress: Option<Progress>,
}

/// What computes a projection.
type Compute = fn(&RunContents, ProjectionKey, &JobContext) -> anyhow::Result<Projection>;

impl Projections {
    /// How the projection of that key stands.
    pub fn state(&self, key: ProjectionKey) -> ProjectionState<'_> {
        if let Some(found) = self.ready.get(&key) {
            return ProjectionState::Ready(found);
        }
        match &self.running {
            Some(r) if r.key == key => ProjectionState::Running(r.progress.as_ref()),
            _ => self.failed.get(&key).map_or(ProjectionState::Absent, |e| ProjectionState::Failed(e)),
        }
    }

    /// Whether one is being computed.
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Another run is open, which keeps these; work under way is stopped.
    pub(crate) fn reset(&mut self, kept: &[Arc<Projection>]) {
        self.stop();
        self.running = None;
        self.failed.clear();
        self.fresh.clear();
        self.ready = kept.iter().map(|p| (p.key, Arc::clone(p))).collect();
    }

    /// Starts one unless it is there or under way; another under way gives way to it.
    pub(crate) fn start(&mut self, compute: Compute, run: &Arc<RunContents>, key: ProjectionKey) {
        let has = self.ready.contains_key(&key) || self.running.as_ref().is_some_and(|r| r.key == key);
        if has {
            return;
        }
        self.stop();
        self.failed.remove(&key);
        let run = Arc::clone(run);
        match JobHandle::spawn("projection", move |ctx| compute(&run, key, ctx)) {
            Ok(handle) => self.running = Some(Running { key, handle, progress: None }),
            Err(error) => {
                self.failed.insert(key, format!("no thread to compute it on: {error}"));
            }
        }
    }

    /// Asks the work under way to stop; it is forgotten at once.
    pub(crate) fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.handle.cancel();
            self.failed.insert(running.key, "stopped".to_owned());
        }
    }

    /// Takes in what the work has told; true while it goes on.
    pub(crate) fn poll(&mut self) -> bool {
        let Some(running) = &mut self.running else { return false };
        while let Ok(event) = running.handle.events.try_recv() {
            if let Event::Progress(progress) = event {
                running.progress = Some(progress);
            }
        }
        if !running.handle.is_finished() {
            return true;
        }
        let key = running.key;
        match running.handle.take() {
            Some(Ok(found)) => {
                let found = Arc::new(found);
                self.fresh.push(Arc::clone(&found));
                self.ready.insert(key, found);
            }
            Some(Err(error)) => {
                self.failed.insert(key, format!("{error:#}"));
            }
            None => {}
        }
        self.running = None;
        false
    }
}

impl Projections {
    /// Those that came in since the last call, for figures of the open run.
    pub(crate) fn take_fresh(&mut self) -> Vec<Arc<Projection>> {
        std::mem::take(&mut self.fresh)
    }
}

impl Drop for Projections {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(p: &mut Projections) {
        while p.poll() {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    #[test]
    fn one_is_computed_kept_and_forgotten_with_its_run() {
        let (mut p, run) = (Projections::default(), Arc::new(RunContents::default()));
        let key = ProjectionKey::default();
        assert!(matches!(p.state(key), ProjectionState::Absent));
        p.start(|_, key, _| Ok(Projection { key, ..Projection::default() }), &run, key);
        assert!(p.is_running());
        wait(&mut p);
        assert!(matches!(p.state(key), ProjectionState::Ready(_)));
        p.reset(&[]);
        assert!(matches!(p.state(key), ProjectionState::Absent));
    }

    #[test]
    fn a_failure_is_one_sentence_and_a_stop_is_heard() {
        let (mut p, run) = (Projections::default(), Arc::new(RunContents::default()));
        let key = ProjectionKey::default();
        p.start(|_, _, _| anyhow::bail!("too few turns"), &run, key);
        wait(&mut p);
        assert!(matches!(p.state(key), ProjectionState::Failed("too few turns")));
        p.start(
            |_, _, ctx| {
                while !ctx.is_cancelled() {
                    std::thread::sleep(std::time::Duration::from_millis(1));
                }
                Ok(ctx.check().map(|()| Projection::default())?)
            },
            &run,
            key,
        );
        p.stop();
        assert!(!p.is_running() && matches!(p.state(key), ProjectionState::Failed("stopped")));
    }
}
