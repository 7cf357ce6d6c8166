//! The labels a run trains on: the judgements of one judge as targets, and what was left out and why.

use crate::core::dimension::N_DIMENSIONS;
use crate::core::matrix::Matrix;
use crate::core::turn::{Judgement, Turn};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// There are no labels to train on.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// No judgement at all.
    #[error(
        "there are no judgements for these turns; give a judgements table or a turns table with score columns"
    )]
    None,
    /// The judge asked for has not judged.
    #[error("there is no judge `{asked}` (there are: {found}); choose one of them")]
    NoSuchJudge {
        /// The judge asked for.
        asked: String,
        /// Those there are.
        found: String,
    },
    /// A turn is judged on nothing.
    #[error(
        "none of the judgements of `{0}` belongs to a turn of this table; check that both tables use the same turn ids"
    )]
    NoMatch(String),
}

/// Instead of a judge's name: every judge supervises, and where several judged a turn on a dimension, the first in the
/// table. For tables whose parts were judged by different people or models.
pub const ANY: &str = "any";

/// Targets of one judge.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Labels {
    /// The judge that supervises.
    pub judge: String,
    /// `[turns, 5]` in \[0,1\], NaN where the judge said nothing.
    #[serde(skip)]
    pub targets: Matrix,
    /// Labels a dimension.
    pub counts: [usize; N_DIMENSIONS],
    /// What was left out, by reason.
    pub dropped: BTreeMap<String, u64>,
}

impl Labels {
    /// The labels of a judge, or of [`ANY`]; without a name those of the first judge in the table.
    ///
    /// # Errors
    /// [`LabelError`].
    pub fn choose(turns: &[Turn], judgements: &[Judgement], judge: Option<&str>) -> Result<Self, LabelError> {
        let all = judges(judgements);
        let Some((first, _)) = all.first() else { return Err(LabelError::None) };
        let judge = judge.unwrap_or(first);
        let any = judge == ANY && !all.iter().any(|(name, _)| name == ANY);
        if !any && !all.iter().any(|(name, _)| name == judge) {
            let found = all.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(LabelError::NoSuchJudge { asked: judge.to_owned(), found });
        }
        let rows: HashMap<&str, usize> =
            turns.iter().enumerate().map(|(row, t)| (t.turn_id.as_str(), row)).collect();
        let mut targets = Matrix::filled(turns.len(), N_DIMENSIONS, f32::NAN);
        let mut counts = [0; N_DIMENSIONS];
        let mut dropped: BTreeMap<String, u64> = BTreeMap::new();
        for judgement in judgements {
            if !any && judgement.judge != judge {
                *dropped.entry(format!("of another judge ({})", judgement.judge)).or_default() += 1;
                continue;
            }
            let Some(&row) = rows.get(judgement.turn_id.as_str()) else {
                *dropped.entry("of a turn that is not in the table".to_owned()).or_default() += 1;
                continue;
            };
            let column = judgement.dimension.index();
            if any && !targets.get(row, column).is_nan() {
                *dropped.entry("of a further judge".to_owned()).or_default() += 1;
                continue;
            }
            counts[column] += usize::from(targets.get(row, column).is_nan());
            targets.set(row, column, judgement.score01() as f32);
        }
        if counts.iter().all(|n| *n == 0) {
            return Err(LabelError::NoMatch(judge.to_owned()));
        }
        let bare = (0..turns.len()).filter(|r| targets.row(*r).iter().all(|v| v.is_nan())).count() as u64;
        if bare > 0 {
            dropped.insert("turns without any judgement (scored, not trained on)".to_owned(), bare);
        }
        Ok(Self { judge: judge.to_owned(), targets, counts, dropped })
    }
}

/// All judges in order of appearance, with the number of their judgements.
pub fn judges(judgements: &[Judgement]) -> Vec<(String, usize)> {
    let mut found: Vec<(String, usize)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for judgement in judgements {
        let place = *places.entry(&judgement.judge).or_insert_with(|| {
            found.push((judgement.judge.clone(), 0));
            found.len() - 1
        });
        found[place].1 += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::dimension::Dimension;

    fn judged(turn: &str, dimension: Dimension, score: f64, judge: &str) -> Judgement {
        Judgement { turn_id: turn.into(), dimension, score, rationale: String::new(), judge: judge.into() }
    }

    #[test]
    fn one_judge_supervises_and_the_rest_is_accounted_for() {
        let turns: Vec<_> = ["a", "b"].map(|id| Turn { turn_id: id.into(), ..Turn::default() }).into();
        let all = [
            judged("a", Dimension::Clarity, 80.0, "x"),
            judged("a", Dimension::Clarity, 10.0, "y"),
            judged("gone", Dimension::Clarity, 10.0, "x"),
        ];
        let labels = Labels::choose(&turns, &all, None).unwrap();
        assert_eq!(
            (labels.judge.as_str(), labels.targets.get(0, 2), labels.counts),
            ("x", 0.8, [0, 0, 1, 0, 0])
        );
        assert!(labels.targets.get(1, 2).is_nan());
        assert_eq!(labels.dropped.values().copied().collect::<Vec<_>>(), [1, 1, 1]);
        assert_eq!(Labels::choose(&turns, &all, Some("y")).unwrap().targets.get(0, 2), 0.1);
        let any = Labels::choose(&turns, &[all[1].clone(), all[0].clone()], Some(ANY)).unwrap();
        assert_eq!((any.targets.get(0, 2), any.counts[2]), (0.1, 1), "the first in the table");
        let error = Labels::choose(&turns, &all, Some("z")).unwrap_err().to_string();
        assert!(error.contains("there are: x, y"), "{error}");
        assert_eq!(Labels::choose(&turns, &[], None), Err(LabelError::None));
        assert_eq!(Labels::choose(&turns, &all[2..], None), Err(LabelError::NoMatch("x".to_owned())));
        assert_eq!(judges(&all), [("x".to_owned(), 2), ("y".to_owned(), 1)]);
    }
}
