//! Where the Train view's numbers come from: the running job, else the stored history of the run.

use crate::core::scm;
use crate::run::contents::{History, Pass, RunContents};
use crate::window::canvas::numbers;
use crate::window::view::ViewContext;
use std::sync::Arc;

/// One of the two minds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mind {
    /// The reference.
    #[default]
    A,
    /// The one compared with it.
    B,
}

impl Mind {
    /// "A" or "B", as in files.
    pub fn letter(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
        }
    }

    /// The other one.
    pub fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// The training of one mind.
pub struct Training {
    /// Numbers by epoch.
    pub history: History,
    /// Whether it runs now.
    pub live: bool,
    /// Epochs done.
    pub epochs_done: usize,
    /// Epochs planned, 0 when unknown.
    pub epochs_planned: usize,
    mind: Mind,
}

/// Whether the job's numbers belong to what is shown: it runs now, or it made the open run.
pub fn job_matters(context: &ViewContext<'_>) -> bool {
    context.job.running || context.run.is_some_and(|r| context.job.folder.as_ref() == Some(&r.folder))
}

/// The open run, unless a job is training another one: then its texts, splits and skills would mislead.
pub fn run<'a>(context: &'a ViewContext<'_>) -> Option<&'a Arc<RunContents>> {
    let run = context.run?;
    let other = context.job.running && context.job.folder.as_ref().is_some_and(|f| *f != run.folder);
    (!other).then_some(run)
}

/// The pass of a mind in that run.
pub fn pass<'a>(context: &'a ViewContext<'_>, mind: Mind) -> Option<&'a Arc<Pass>> {
    let run = run(context)?;
    match mind {
        Mind::A => run.a.as_ref(),
        Mind::B => run.b.as_ref(),
    }
}

impl Training {
    /// The live history while a job runs, else the stored one.
    pub fn of(context: &ViewContext<'_>, mind: Mind) -> Option<Self> {
        let job = context.job;
        let from_job = job
            .history
            .iter()
            .filter(|_| job_matters(context))
            .find(|(name, _)| name == mind.letter())
            .map(|(_, h)| h);
        let live = job.running && from_job.is_some();
        let stored = pass(context, mind).and_then(|p| p.history.as_ref());
        let history = if live { from_job } else { stored.or(from_job) }?;
        if history.values.is_empty() {
            return None;
        }
        let stage = format!("train {}", mind.letter());
        let planned = job
            .progress
            .as_ref()
            .filter(|p| live && p.unit == "epochs" && p.stage.eq_ignore_ascii_case(&stage))
            .map_or(0, |p| p.total as usize);
        Some(Self {
            epochs_done: history.values.len(),
            epochs_planned: planned.max(if planned > 0 { history.values.len() } else { 0 }),
            history: history.clone(),
            live,
            mind,
        })
    }

    /// Whose training it is: "A" or "B".
    pub fn letter(&self) -> &'static str {
        self.mind.letter()
    }

    /// The last finite value of a series.
    pub fn last(&self, name: &str) -> Option<f64> {
        self.history.series(name)?.into_iter().rev().find(|v| v.is_finite())
    }

    /// The sentence for screen readers.
    pub fn summary(&self) -> String {
        let epochs = numbers::counted(self.epochs_done, "epoch", "epochs");
        let state = if self.live { "training now" } else { "trained" };
        let maes: Vec<String> = scm::SCORES
            .filter_map(|c| {
                let mae = self.last(&format!("val.mae.{}", scm::SHORT[c]))?;
                Some(format!("{} {}", scm::SHORT[c], numbers::fixed(mae, 3)))
            })
            .collect();
        let quality =
            if maes.is_empty() { String::new() } else { format!(", validation error {}", maes.join(", ")) };
        format!("mind {}, {state}, {epochs}{quality}", self.mind.letter())
    }
}

/// The name of the score loss in this history.
pub fn loss_name(history: &History) -> Option<&'static str> {
    ["loss.main", "loss.score", "loss.total"].into_iter().find(|n| history.names.iter().any(|x| x == n))
}
