//! How far two judges agree, dimension by dimension, on the turns both judged.

use crate::core::dimension::Dimension;
use crate::core::stats;
use crate::core::turn::Judgement;
use serde::Serialize;
use std::collections::BTreeMap;

/// Agreement of two judges on one dimension.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Agreement {
    /// The dimension.
    pub dimension: Dimension,
    /// Turns both judged.
    pub n: usize,
    /// Mean absolute difference in points of 100; `None` without common turns.
    pub mae: Option<f64>,
    /// Pearson correlation; `None` when undefined.
    pub pearson: Option<f64>,
    /// Spearman rank correlation; `None` when undefined.
    pub spearman: Option<f64>,
}

/// Agreement of judges `a` and `b`, one entry a dimension in the fixed order.
pub fn agreement(judgements: &[Judgement], a: &str, b: &str) -> Vec<Agreement> {
    let of = |judge: &str, dimension: Dimension| -> BTreeMap<&str, f64> {
        judgements
            .iter()
            .filter(|j| j.judge == judge && j.dimension == dimension)
            .map(|j| (j.turn_id.as_str(), j.score))
            .collect()
    };
    let one = |dimension| {
        let (left, right) = (of(a, dimension), of(b, dimension));
        let (x, y): (Vec<f64>, Vec<f64>) =
            left.iter().filter_map(|(id, score)| Some((*score, *right.get(id)?))).unzip();
        Agreement {
            dimension,
            n: x.len(),
            mae: stats::mae(&x, &y),
            pearson: stats::pearson(&x, &y),
            spearman: stats::spearman(&x, &y),
        }
    };
    Dimension::ALL.into_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_common_turns_count() {
        let judged = |turn: &str, score, judge: &str| Judgement {
            turn_id: turn.into(),
            dimension: Dimension::Knowledge,
            score,
            rationale: String::new(),
            judge: judge.into(),
        };
        let all = [
            judged("a", 10.0, "x"),
            judged("b", 20.0, "x"),
            judged("c", 40.0, "x"),
            judged("c", 44.0, "y"),
            judged("b", 22.0, "y"),
            judged("d", 0.0, "y"),
        ];
        let row = &agreement(&all, "x", "y")[1];
        assert_eq!((row.n, row.mae), (2, Some(3.0)));
        assert!((row.pearson.unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(agreement(&all, "x", "y")[0].mae, None);
    }
}
