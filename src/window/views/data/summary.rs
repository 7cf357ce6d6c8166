//! What the data view counts once a run: words, scores by judge, spreads, agreement; and which rows a filter leaves.

use super::columns;
use crate::core::dimension::{Dimension, N_DIMENSIONS};
use crate::core::stats;
use crate::core::turn::Split;
use crate::run::contents::RunContents;
use crate::window::format;
use crate::window::widgets::table::Sort;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

/// Bins of a histogram of scores, each ten points wide.
pub const BINS: usize = 10;

/// Which rows are shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Filter {
    /// Words that the id, the user's text or the title must hold.
    pub words: String,
    /// Only this split.
    pub split: Option<Split>,
    /// Whose scores the table shows.
    pub judge: Option<String>,
}

/// Agreement of two judges on one dimension.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// Turns both judged.
    pub n: usize,
    /// Spearman's rank correlation, when defined.
    pub spearman: Option<f64>,
    /// Mean absolute difference in [0,1].
    pub mae: Option<f64>,
}

/// Everything the view shows besides the texts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// Judges in the order of the table.
    pub judges: Vec<String>,
    /// Scores in [0,1] by judge, row and dimension; NaN where a judge says nothing.
    pub scores: Vec<Vec<[f32; N_DIMENSIONS]>>,
    /// Turns a bin, by judge and dimension.
    pub histograms: Vec<[[usize; BINS]; N_DIMENSIONS]>,
    /// Agreement of the first two judges by dimension.
    pub agreement: Option<[Agreement; N_DIMENSIONS]>,
    /// Words of each answer.
    pub words: Vec<usize>,
    /// Whether the run knows its splits.
    pub has_splits: bool,
    /// The sentence the view opens with.
    pub sentence: String,
}

impl Summary {
    /// Counts a run.
    pub fn of(run: &RunContents) -> Self {
        let rows: HashMap<&str, usize> =
            run.turns.iter().enumerate().map(|(i, t)| (t.turn_id.as_str(), i)).collect();
        let mut judges: Vec<String> = Vec::new();
        let mut scores: Vec<Vec<[f32; N_DIMENSIONS]>> = Vec::new();
        for j in run.judgements.iter() {
            let judge = judges.iter().position(|name| *name == j.judge).unwrap_or_else(|| {
                judges.push(j.judge.clone());
                scores.push(vec![[f32::NAN; N_DIMENSIONS]; run.turns.len()]);
                judges.len() - 1
            });
            let cell = rows
                .get(j.turn_id.as_str())
                .and_then(|row| scores.get_mut(judge)?.get_mut(*row)?.get_mut(j.dimension.index()));
            if let Some(cell) = cell {
                *cell = j.score01() as f32;
            }
        }
        let histograms = scores.iter().map(|s| histogram(s)).collect();
        let agreement = match scores.as_slice() {
            [a, b, ..] => Some(Dimension::ALL.map(|d| agree(a, b, d.index()))),
            _ => None,
        };
        let words = run.turns.iter().map(|t| t.response_text.split_whitespace().count()).collect();
        Self {
            sentence: sentence(run, &judges),
            has_splits: run.splits.len() == run.turns.len() && !run.splits.is_empty(),
            judges,
            scores,
            histograms,
            agreement,
            words,
        }
    }

    /// Index of the judge of that name, else of the first.
    pub fn judge_index(&self, name: Option<&str>) -> Option<usize> {
        let named = name.and_then(|n| self.judges.iter().position(|j| j == n));
        named.or((!self.judges.is_empty()).then_some(0))
    }

    /// Score of a judge for a row on a dimension; NaN when there is none.
    pub fn score(&self, judge: Option<usize>, row: usize, dimension: usize) -> f32 {
        let of = judge.and_then(|j| self.scores.get(j)?.get(row)?.get(dimension));
        of.copied().unwrap_or(f32::NAN)
    }
}

fn histogram(scores: &[[f32; N_DIMENSIONS]]) -> [[usize; BINS]; N_DIMENSIONS] {
    let mut bins = [[0; BINS]; N_DIMENSIONS];
    for row in scores {
        for (bin, score) in bins.iter_mut().zip(row) {
            if score.is_finite() {
                let at = ((score * BINS as f32) as usize).min(BINS - 1);
                bin[at] += 1;
            }
        }
    }
    bins
}

fn agree(a: &[[f32; N_DIMENSIONS]], b: &[[f32; N_DIMENSIONS]], dimension: usize) -> Agreement {
    let both = a.iter().zip(b).map(|(x, y)| (x[dimension], y[dimension]));
    let (x, y): (Vec<f64>, Vec<f64>) = both
        .filter(|(x, y)| x.is_finite() && y.is_finite())
        .map(|(x, y)| (f64::from(x), f64::from(y)))
        .unzip();
    Agreement { n: x.len(), spearman: stats::spearman(&x, &y), mae: stats::mae(&x, &y) }
}

fn sentence(run: &RunContents, judges: &[String]) -> String {
    let conversations: BTreeSet<&str> = run.turns.iter().map(|t| t.conversation_id.as_str()).collect();
    let turns = format::counted(run.turns.len(), "turn", "turns");
    let start = if conversations.iter().all(|c| c.is_empty()) {
        turns
    } else {
        format!("{turns} in {}", format::counted(conversations.len(), "conversation", "conversations"))
    };
    match judges {
        [] => format!("{start}, not judged yet"),
        [one] => format!("{start}, judged by {one}"),
        [a, b] => format!("{start}, judged by {a} and {b}"),
        many => format!("{start}, judged by {} judges", many.len()),
    }
}

/// The rows a filter leaves, in the order of a column; ties keep the order of time.
pub fn sift(run: &RunContents, summary: &Summary, filter: &Filter, sort: Sort) -> Vec<usize> {
    let words = filter.words.trim().to_lowercase();
    let holds = |text: &str| text.to_lowercase().contains(&words);
    let mut rows: Vec<usize> = run
        .turns
        .iter()
        .enumerate()
        .filter(|(i, _)| filter.split.is_none_or(|s| run.splits.get(*i) == Some(&s)))
        .filter(|(_, t)| words.is_empty() || holds(&t.turn_id) || holds(&t.goal_text) || holds(&t.title))
        .map(|(i, _)| i)
        .collect();
    let judge = summary.judge_index(filter.judge.as_deref());
    columns::order(&mut rows, run, summary, judge, sort);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::turn::{Judgement, Turn};
    use std::sync::Arc;

    fn run() -> RunContents {
        let turn = |i: usize| Turn {
            turn_id: format!("t{i}"),
            conversation_id: format!("c{}", i / 2),
            goal_text: if i == 2 { "Water rocket".into() } else { "Other".into() },
            response_text: "word ".repeat(4 - i),
            ..Turn::default()
        };
        let judgement = |i: usize, judge: &str, score: f64| Judgement {
            turn_id: format!("t{i}"),
            dimension: Dimension::Clarity,
            score,
            rationale: String::new(),
            judge: judge.into(),
        };
        let mut judgements: Vec<Judgement> = (0..4).map(|i| judgement(i, "j1", 10.0 * i as f64)).collect();
        judgements.extend((0..4).map(|i| judgement(i, "j2", 10.0 * i as f64 + 5.0)));
        judgements.push(judgement(99, "j2", 5.0));
        RunContents {
            turns: Arc::new((0..4).map(turn).collect()),
            judgements: Arc::new(judgements),
            splits: vec![Split::Train, Split::Train, Split::Test, Split::Test],
            ..RunContents::default()
        }
    }

    #[test]
    fn judges_that_rank_alike_agree_fully_though_one_is_milder() {
        let s = Summary::of(&run());
        let clarity = s.agreement.unwrap()[Dimension::Clarity.index()];
        assert_eq!((clarity.n, clarity.spearman), (4, Some(1.0)));
        assert!((clarity.mae.unwrap() - 0.05).abs() < 1e-6);
        assert_eq!(s.histograms[0][Dimension::Clarity.index()][..4], [1, 1, 1, 1]);
        assert_eq!(s.agreement.unwrap()[0].n, 0, "nobody judged reasoning");
    }

    #[test]
    fn filters_and_orders_combine() {
        let (run, summary) = (run(), Summary::of(&run()));
        let by_words = Sort { column: columns::WORDS, descending: false };
        let all = sift(&run, &summary, &Filter::default(), by_words);
        assert_eq!(all, vec![3, 2, 1, 0]);
        let test = Filter { split: Some(Split::Test), ..Filter::default() };
        assert_eq!(sift(&run, &summary, &test, by_words), vec![3, 2]);
        let rocket = Filter { words: "ROCKET".into(), ..Filter::default() };
        assert_eq!(sift(&run, &summary, &rocket, by_words), vec![2]);
    }
}
