//! Shows a job on a terminal: a line a stage, and one live line of progress where there is a terminal.

use crate::job::{Event, JobHandle, Progress};
use std::io::{IsTerminal, Write};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

/// Follows a job to its end, printing to stderr unless `quiet`, and gives its result.
///
/// # Errors
/// The job's own error.
pub fn follow<T: Send + 'static>(job: JobHandle<T>, quiet: bool) -> anyhow::Result<T> {
    follow_with(job, quiet, &mut |_| None)
}

/// As [`follow`]; `words` may give the lines of an event in place of the usual ones.
///
/// # Errors
/// The job's own error.
pub fn follow_with<T: Send + 'static>(
    mut job: JobHandle<T>,
    quiet: bool,
    words: &mut dyn FnMut(&Event) -> Option<String>,
) -> anyhow::Result<T> {
    let mut printer = Printer::new(quiet);
    loop {
        match job.events.recv_timeout(Duration::from_millis(200)) {
            Ok(event) => match words(&event) {
                Some(_) if quiet => {}
                Some(lines) => printer.line(&lines),
                None => printer.show(&event),
            },
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    printer.clear();
    job.take().unwrap_or_else(|| Err(anyhow::anyhow!("the job's result was taken already")))
}

struct Printer {
    quiet: bool,
    live: bool,
    stage_started: Instant,
    stage: String,
    drawn: Option<Instant>,
}

impl Printer {
    fn new(quiet: bool) -> Self {
        let live = !quiet && std::io::stderr().is_terminal();
        Self { quiet, live, stage_started: Instant::now(), stage: String::new(), drawn: None }
    }

    fn show(&mut self, event: &Event) {
        if self.quiet && !matches!(event, Event::Warning(_)) {
            return;
        }
        match event {
            Event::Progress(progress) => self.progress(progress),
            Event::StageStarted(stage) => {
                self.stage.clone_from(stage);
                self.stage_started = Instant::now();
                if !self.live {
                    eprintln!("{stage} ...");
                }
            }
            Event::StageFinished { stage, seconds, skipped } => {
                self.clear();
                if *skipped {
                    eprintln!("{stage:<16} unchanged, kept");
                } else {
                    eprintln!("{stage:<16} {seconds:>7.1} s");
                }
            }
            Event::Info(text) => self.line(text),
            Event::Warning(text) => self.line(&format!("warning: {text}")),
            Event::Epoch { pass, epoch, numbers } => self.epoch(pass, *epoch, numbers),
        }
    }

    fn epoch(&mut self, pass: &str, epoch: usize, numbers: &[(String, f64)]) {
        let shown: Vec<String> = ["loss.total", "val.mae", "val.spearman"]
            .iter()
            .filter_map(|name| numbers.iter().find(|(n, _)| n == name))
            .map(|(name, value)| format!("{name} {value:.3}"))
            .collect();
        self.line(&format!("  {pass} epoch {epoch:>3}  {}", shown.join("  ")));
    }

    fn progress(&mut self, p: &Progress) {
        if !self.live || self.drawn.is_some_and(|t| t.elapsed() < Duration::from_millis(80)) {
            return;
        }
        if p.stage != self.stage {
            self.stage.clone_from(&p.stage);
            self.stage_started = Instant::now();
        }
        self.drawn = Some(Instant::now());
        let elapsed = self.stage_started.elapsed().as_secs_f64();
        let mut text = format!("{:<16} {} {}", p.stage, p.done, p.unit);
        if p.total > 0 {
            let share = p.done as f64 / p.total as f64;
            let filled = (share * 24.0).round() as usize;
            let bar: String = (0..24).map(|i| if i < filled { '█' } else { '·' }).collect();
            text = format!("{:<16} {bar} {} of {} {}", p.stage, p.done, p.total, p.unit);
            if p.done > 0 && elapsed > 1.0 {
                let left = elapsed / share - elapsed;
                text.push_str(&format!(", {} left", duration_words(left)));
            }
        }
        eprint!("\r\x1b[2K{text}");
        let _no_terminal = std::io::stderr().flush();
    }

    fn line(&mut self, text: &str) {
        self.clear();
        eprintln!("{text}");
    }

    fn clear(&mut self) {
        if self.drawn.take().is_some() {
            eprint!("\r\x1b[2K");
        }
    }
}

/// `48 s`, `1 min 12 s`, `2 h 5 min`.
pub fn duration_words(seconds: f64) -> String {
    let s = seconds.max(0.0).round() as u64;
    match s {
        0..=59 => format!("{s} s"),
        60..=3599 => format!("{} min {} s", s / 60, s % 60),
        _ => format!("{} h {} min", s / 3600, s % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_words() {
        assert_eq!(duration_words(48.4), "48 s");
        assert_eq!(duration_words(72.0), "1 min 12 s");
        assert_eq!(duration_words(7500.0), "2 h 5 min");
    }

    #[test]
    fn a_followed_job_gives_its_result() {
        let job = JobHandle::spawn("t", |ctx| {
            ctx.progress("count", 1, 2, "things");
            ctx.event(Event::Info("half".to_owned()));
            Ok(7)
        })
        .unwrap();
        assert_eq!(follow(job, true).unwrap(), 7);
    }
}
