//! The running job as the window sees it: its events folded into a [`JobStatus`], its end told once.

use crate::job::{Cancelled, Event, JobHandle, Progress};
use crate::run::contents::History;
use crate::window::command::Severity;
use crate::window::format;
use crate::window::log::Log;
use crate::window::view::JobStatus;
use std::path::PathBuf;
use std::time::Instant;

/// At most one job runs at a time.
#[derive(Default)]
pub struct Jobs {
    handle: Option<JobHandle<PathBuf>>,
    /// What views are shown.
    pub status: JobStatus,
    /// Folder of the run the job makes.
    pub folder: PathBuf,
    live_seen: u64,
    stage_began: Option<(String, Instant, u64)>,
}

/// How a job ended.
#[derive(Debug)]
pub enum Ended {
    /// Well: the run folder.
    Done(PathBuf),
    /// Stopped by the user; the folder can be resumed.
    Cancelled(PathBuf),
    /// Badly: the folder and one sentence.
    Failed(PathBuf, String),
}

impl Jobs {
    /// Takes over a job that was just started.
    pub fn begin(&mut self, handle: JobHandle<PathBuf>, title: String, folder: PathBuf) {
        *self = Self {
            handle: Some(handle),
            status: JobStatus {
                running: true,
                title,
                folder: Some(folder.clone()),
                rate_factor: 1.0,
                ..JobStatus::default()
            },
            folder,
            ..Self::default()
        };
    }

    /// Asks the job to stop.
    pub fn cancel(&self) {
        if let Some(handle) = &self.handle {
            handle.cancel();
        }
    }

    /// Lets the job wait where it stands, or go on.
    pub fn pause(&mut self, wait: bool) {
        let Some(handle) = &self.handle else { return };
        handle.control().set_paused(wait);
        self.status.paused = wait;
        if !wait {
            // What it waited is no measure of how fast it works.
            self.stage_began = None;
        }
    }

    /// Multiplies the learning rate of the training from its next epoch on.
    pub fn set_rate_factor(&mut self, factor: f64, log: &mut Log) {
        let Some(handle) = &self.handle else { return };
        handle.control().set_rate_factor(factor.clamp(0.0, 1000.0));
        self.status.rate_factor = handle.control().rate_factor();
        log.push(Severity::Info, format!("learning rate × {factor} from the next epoch on"));
    }

    /// Whether a job runs.
    pub fn is_running(&self) -> bool {
        self.handle.is_some()
    }

    /// Takes in what the job has told since the last frame; gives its end, once.
    pub fn poll(&mut self, log: &mut Log) -> Option<Ended> {
        let mut handle = self.handle.take()?;
        // Finished is read before the events: whatever it told before its end is then in the channel.
        let finished = handle.is_finished();
        while let Ok(event) = handle.events.try_recv() {
            self.take_in(event, log);
        }
        self.status.rate_factor = handle.control().rate_factor();
        if let Some((version, live)) = handle.live.newer_than(self.live_seen) {
            self.live_seen = version;
            self.status.live = live;
        }
        if !finished {
            self.handle = Some(handle);
            return None;
        }
        let took = format::duration(handle.started.elapsed().as_secs_f64());
        self.status.running = false;
        self.status.paused = false;
        self.status.rate = None;
        self.status.eta_s = None;
        let ended = match handle.take()? {
            Ok(folder) => {
                self.status.ended = Some(format!("done in {took}"));
                Ended::Done(folder)
            }
            Err(error) if error.chain().any(|e| e.is::<Cancelled>()) => {
                self.status.ended = Some(format!("stopped after {took}"));
                Ended::Cancelled(self.folder.clone())
            }
            Err(error) => {
                let sentence = format!("{error:#}");
                self.status.ended = Some(sentence.clone());
                self.status.failed = true;
                Ended::Failed(self.folder.clone(), sentence)
            }
        };
        log.push(
            Severity::Info,
            format!("{} {}", self.status.title, self.status.ended.clone().unwrap_or_default()),
        );
        Some(ended)
    }

    fn take_in(&mut self, event: Event, log: &mut Log) {
        match event {
            Event::Progress(progress) => self.progress(progress),
            Event::StageStarted(stage) => {
                log.push(Severity::Info, format!("{stage} started"));
                self.stage_began = Some((stage.clone(), Instant::now(), 0));
                self.status.progress = Some(Progress { stage, done: 0, total: 0, unit: "" });
                self.status.rate = None;
                self.status.eta_s = None;
            }
            Event::StageFinished { stage, seconds, skipped } => {
                let how = if skipped { "unchanged, kept".to_owned() } else { format::duration(seconds) };
                log.push(Severity::Ok, format!("{stage}, {how}"));
                self.status.stages.push((stage, seconds));
            }
            Event::Info(text) => log.push(Severity::Info, text),
            Event::Warning(text) => log.push(Severity::Warning, text),
            Event::Epoch { pass, epoch, numbers } => self.epoch(&pass, epoch, &numbers),
        }
    }

    fn progress(&mut self, progress: Progress) {
        let began = match &self.stage_began {
            Some((stage, at, first)) if *stage == progress.stage => (*at, *first),
            _ => {
                let now = (Instant::now(), progress.done);
                self.stage_began = Some((progress.stage.clone(), now.0, now.1));
                now
            }
        };
        let elapsed = began.0.elapsed().as_secs_f64();
        let made = progress.done.saturating_sub(began.1);
        self.status.rate = (elapsed > 0.3 && made > 0).then(|| made as f64 / elapsed);
        let left = progress.total.saturating_sub(progress.done);
        self.status.eta_s =
            self.status.rate.filter(|_| progress.total > 0 && left > 0).map(|rate| left as f64 / rate);
        self.status.progress = Some(progress);
    }

    fn epoch(&mut self, pass: &str, epoch: usize, numbers: &[(String, f64)]) {
        let at = match self.status.history.iter().position(|(name, _)| name == pass) {
            Some(at) => at,
            None => {
                self.status.history.push((pass.to_owned(), History::default()));
                self.status.history.len() - 1
            }
        };
        if let Some((_, history)) = self.status.history.get_mut(at) {
            add_epoch(history, epoch, numbers);
        }
    }
}

/// Writes the numbers of an epoch (counted from 1) into its row; columns and rows grow as names and epochs appear.
fn add_epoch(history: &mut History, epoch: usize, numbers: &[(String, f64)]) {
    for (name, _) in numbers {
        if !history.names.contains(name) {
            history.names.push(name.clone());
        }
    }
    let columns = history.names.len();
    while history.values.len() < epoch {
        history.values.push(vec![f64::NAN; columns]);
    }
    for row in &mut history.values {
        row.resize(columns, f64::NAN);
    }
    let Some(row) = epoch.checked_sub(1).and_then(|i| history.values.get_mut(i)) else { return };
    for (name, value) in numbers {
        if let Some(cell) = history.names.iter().position(|n| n == name).and_then(|i| row.get_mut(i)) {
            *cell = *value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_of_several_dimensions_share_one_table() {
        let mut h = History::default();
        add_epoch(&mut h, 1, &[("loss.main".into(), 0.5)]);
        add_epoch(&mut h, 2, &[("loss.main".into(), 0.4), ("grad_norm".into(), 1.0)]);
        assert_eq!(h.series("loss.main").unwrap(), vec![0.5, 0.4]);
        assert!(h.series("grad_norm").unwrap()[0].is_nan());
    }

    #[test]
    fn a_job_is_followed_to_its_end() {
        let mut jobs = Jobs::default();
        let mut log = Log::default();
        let handle = JobHandle::spawn("small", |ctx| {
            ctx.event(Event::StageStarted("pass A".into()));
            ctx.progress("pass A", 5, 10, "turns");
            ctx.event(Event::StageFinished { stage: "pass A".into(), seconds: 0.1, skipped: false });
            Ok(PathBuf::from("/tmp/run"))
        });
        jobs.begin(handle.unwrap(), "t".into(), PathBuf::from("/tmp/run"));
        let ended = loop {
            if let Some(ended) = jobs.poll(&mut log) {
                break ended;
            }
            std::thread::sleep(std::time::Duration::from_millis(2));
        };
        assert!(matches!(ended, Ended::Done(p) if p.as_os_str() == "/tmp/run"));
        assert_eq!(jobs.status.stages.len(), 1);
        assert!(!jobs.status.running && !jobs.is_running());
    }
}
