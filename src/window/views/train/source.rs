//! Where the Train view's numbers come from: the running job, else the stored history of the run.

use crate::core::dimension::{Dimension, N_DIMENSIONS};
use crate::core::matrix::Matrix;
use crate::core::scm;
use crate::core::stats;
use crate::core::turn::Split;
use crate::run::config::{PassConfig, PassKind, RunConfig};
use crate::run::contents::{History, Pass, RunContents};
use crate::window::canvas::numbers;
use crate::window::view::ViewContext;
use std::collections::HashMap;
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

    /// Place among the two.
    pub fn index(self) -> usize {
        usize::from(self == Self::B)
    }

    /// What was asked of it.
    pub fn of(self, config: &RunConfig) -> &PassConfig {
        match self {
            Self::A => &config.a,
            Self::B => &config.b,
        }
    }
}

/// The training of one mind.
pub struct Training {
    /// Numbers by epoch.
    pub history: Arc<History>,
    /// Whether it runs now.
    pub live: bool,
    /// Epochs done.
    pub epochs_done: usize,
    /// Epochs planned, 0 when unknown.
    pub epochs_planned: usize,
    mind: Mind,
}

/// Whether the job's numbers belong to what is shown: it runs now, it made the open run, or nothing else is open.
pub fn job_matters(context: &ViewContext<'_>) -> bool {
    let own = |r: &Arc<RunContents>| context.job.folder.as_ref() == Some(&r.folder);
    context.job.running || context.run.is_none_or(own)
}

/// The run whose training is shown: the one being made while a job runs (as far as it is there), else the open one.
pub fn run<'a>(context: &'a ViewContext<'_>) -> Option<&'a Arc<RunContents>> {
    let made = context.job.run.as_ref();
    if context.job.running {
        let same = |r: &&Arc<RunContents>| context.job.folder.as_ref().is_none_or(|f| *f == r.folder);
        return made.or(context.run.filter(same));
    }
    context.run.or(made)
}

/// Changes whenever another run is shown or it was read again; key for caches.
pub fn stamp(context: &ViewContext<'_>) -> (u64, usize) {
    (context.run_version, run(context).map_or(0, |r| Arc::as_ptr(r) as usize))
}

/// The pass of a mind in that run.
pub fn pass<'a>(context: &'a ViewContext<'_>, mind: Mind) -> Option<&'a Arc<Pass>> {
    let run = run(context)?;
    match mind {
        Mind::A => run.a.as_ref(),
        Mind::B => run.b.as_ref(),
    }
}

/// What a mind is called: by its pass, else by what was asked for.
pub fn name(context: &ViewContext<'_>, mind: Mind) -> Option<String> {
    if let Some(pass) = pass(context, mind) {
        return Some(pass.name.clone());
    }
    let asked = mind.of(run(context)?.config.as_ref()?);
    Some(match asked.kind {
        _ if !asked.name.is_empty() => asked.name.clone(),
        PassKind::Hrm => "HRM".to_owned(),
        PassKind::Tiny => "Tiny".to_owned(),
        PassKind::Judge | PassKind::Table => return None,
    })
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
        let stored = run(context).and_then(|r| {
            let of_pass = pass(context, mind).and_then(|p| p.history.clone().map(Arc::new));
            r.trainings[mind.index()].clone().or(of_pass)
        });
        let told = from_job.map(|h| Arc::new(h.clone()));
        let history = if live { told } else { stored.or(told) }?;
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
            history,
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

    /// Judged validation turns of a dimension, the fewest of those that have any: the N of every validation figure.
    pub fn validation_n(&self) -> Option<usize> {
        let of = |c: usize| self.last(&format!("val.n.{}", scm::SHORT[c]));
        scm::SCORES.filter_map(of).filter(|n| *n > 0.0).reduce(f64::min).map(|n| n as usize)
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

/// What the supervising judge said of every turn, `[turns, 5]`, NaN where nothing; `None` without judgements.
pub fn targets(run: &RunContents) -> Option<Matrix> {
    let asked = run.config.as_ref().and_then(|c| c.judge.as_deref());
    let judge = asked.or(run.judgements.first().map(|j| j.judge.as_str()))?;
    let place: HashMap<&str, usize> =
        run.turns.iter().enumerate().map(|(at, t)| (t.turn_id.as_str(), at)).collect();
    let mut m = Matrix::filled(run.turns.len(), N_DIMENSIONS, f32::NAN);
    for j in run.judgements.iter().filter(|j| j.judge == judge) {
        if let Some(&at) = place.get(j.turn_id.as_str()) {
            m.set(at, Dimension::index(j.dimension), j.score01() as f32);
        }
    }
    Some(m)
}

/// Validation MAE of always answering the mean judgement of the training turns, mean over the dimensions.
pub fn constant_predictor(run: &RunContents) -> Option<f64> {
    let targets = targets(run).filter(|t| t.rows() == run.splits.len())?;
    let of = |part: Split, c: usize| -> Vec<f64> {
        let rows = (0..run.splits.len()).filter(|r| run.splits[*r] == part);
        rows.map(|r| f64::from(targets.get(r, c))).filter(|v| v.is_finite()).collect()
    };
    let one = |c: usize| {
        let mean = stats::mean(&of(Split::Train, c))?;
        let errors: Vec<f64> = of(Split::Validation, c).iter().map(|v| (v - mean).abs()).collect();
        stats::mean(&errors)
    };
    stats::mean(&(0..N_DIMENSIONS).filter_map(one).collect::<Vec<f64>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::turn::{Judgement, Turn};

    #[test]
    fn the_constant_predictor_answers_the_mean_of_the_training_turns() {
        let turn = |id: &str| Turn { turn_id: id.to_owned(), ..Turn::default() };
        let judged = |id: &str, score: f64, judge: &str| Judgement {
            turn_id: id.to_owned(),
            dimension: Dimension::Clarity,
            score,
            rationale: String::new(),
            judge: judge.to_owned(),
        };
        let run = RunContents {
            turns: Arc::new(vec![turn("a"), turn("b"), turn("c")]),
            splits: vec![Split::Train, Split::Train, Split::Validation],
            judgements: Arc::new(vec![
                judged("a", 20.0, "j1"),
                judged("b", 60.0, "j1"),
                judged("c", 90.0, "j1"),
                judged("c", 10.0, "j2"),
            ]),
            ..RunContents::default()
        };
        assert!((constant_predictor(&run).unwrap() - 0.5).abs() < 1e-6);
        let asked = RunConfig { judge: Some("j2".to_owned()), ..RunConfig::default() };
        let run = RunContents { config: Some(asked), ..run };
        assert_eq!(constant_predictor(&run), None, "the judge asked for judged no training turn");
    }
}
