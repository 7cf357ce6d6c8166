//! Does a head mean something already? Its skill on validation turns after every epoch, from readings that are there
//! anyway; heads whose skill needs the scorer to be asked again are measured once, when the passes are done.

use super::data::TrainData;
use super::loss::MARGIN;
use super::telemetry::pairs;
use crate::core::matrix::Matrix;
use crate::core::stats;
use crate::nn::readings::Cube;

/// Name, measure and what no skill gives of the heads followed while training; `aux3` is compared with always naming
/// the most frequent third ([`MAJORITY`]).
pub const FOLLOWED: [(&str, &str, f64); 5] = [
    ("log_var", "Spearman of predicted variance and absolute error", 0.0),
    ("aux3", "accuracy of bad, medium, good", 0.0),
    ("disagree", "Spearman of predicted and real abs(score - judgement)", 0.0),
    ("reconstruction", "cosine of the reconstruction with its response", 0.0),
    ("halt", "AUROC of halt for scores within 0.1 of the judgement", 0.5),
];

/// Column with the share of the most frequent third.
pub const MAJORITY: &str = "head.aux3_majority";

/// Share of what lies between no skill and perfection below which a head is called weak.
pub const WEAK: f64 = 0.2;

/// Whether what a head says should not be believed: it lies less than [`WEAK`] of the way from `no_skill` to 1.
pub fn is_weak(value: f64, no_skill: f64) -> bool {
    let share = (value - no_skill) / (1.0 - no_skill).max(1e-9);
    share.is_nan() || share < WEAK
}

/// "head.log_var", ... as means over the models in which they are defined; undefined ones are left out.
pub fn head_skill(data: &TrainData, rows: &[usize], cube: &Cube) -> Vec<(String, f64)> {
    let models = data.models();
    let attribute = |name: &str| cube.attribute(name).unwrap_or_default();
    let score = attribute("score");
    let mean = |one: &dyn Fn(usize) -> Option<f64>| {
        stats::mean(&(0..models).filter_map(one).filter(|v| v.is_finite()).collect::<Vec<f64>>())
    };
    let error = |m: usize| {
        let (said, truth) = pairs(data, rows, &score, m);
        said.iter().zip(&truth).map(|(s, t)| (s - t).abs()).collect::<Vec<f64>>()
    };
    // The readings of the rows that have a judgement, as `pairs` keeps them.
    let beside = |table: &Matrix, m: usize| -> Vec<f64> {
        let known = |at: &usize| {
            !data.targets.get(rows[*at], m).is_nan() && !score.get(*at, m).is_nan() && table.rows() > *at
        };
        (0..rows.len()).filter(known).map(|at| f64::from(table.get(at, m))).collect()
    };
    let ranks = |name: &str| {
        let table = attribute(name);
        mean(&|m| stats::spearman(&beside(&table, m), &error(m)))
    };
    let thirds = ["p_bad", "p_medium", "p_good"].map(attribute);
    let classes = |m: usize| -> Vec<usize> {
        pairs(data, rows, &score, m).1.iter().map(|t| ((t * 3.0).floor() as usize).min(2)).collect()
    };
    let accuracy = |m: usize| {
        let said: Vec<Vec<f64>> = thirds.iter().map(|t| beside(t, m)).collect();
        let best = |at: usize| (0..3).fold(0, |b, c| if said[c][at] > said[b][at] { c } else { b });
        let right: Vec<f64> =
            classes(m).iter().enumerate().map(|(at, c)| f64::from(u8::from(best(at) == *c))).collect();
        stats::mean(&right)
    };
    let majority = |m: usize| {
        let found = classes(m);
        let most = (0..3).map(|c| found.iter().filter(|f| **f == c).count()).max()?;
        (!found.is_empty()).then(|| most as f64 / found.len() as f64)
    };
    let (halt, recon) = (attribute("halt"), attribute("recon_cosine"));
    let settled = |m: usize| {
        let truth: Vec<bool> = error(m).iter().map(|e| *e < f64::from(MARGIN)).collect();
        stats::auroc(&beside(&halt, m), &truth)
    };
    let figures = [
        ("head.log_var", ranks("log_var")),
        ("head.aux3", mean(&accuracy)),
        (MAJORITY, mean(&majority)),
        ("head.disagree", ranks("disagree")),
        ("head.reconstruction", mean(&|m| stats::mean(&beside(&recon, m)))),
        ("head.halt", mean(&settled)),
    ];
    figures.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::turn::Split;
    use crate::nn::readings::ATTRIBUTES;

    /// Six turns, one model; `fill` says what each reading is.
    fn measured(fill: impl Fn(usize, &str) -> f32) -> Vec<(String, f64)> {
        let n = 6;
        let data = TrainData {
            x: Matrix::filled(n, 2, 0.0),
            y: Matrix::filled(n, 2, 0.0),
            targets: Matrix::from_fn(n, 1, |r, _| r as f32 / 6.0),
            names: vec!["reasoning".to_owned()],
            split: vec![Split::Validation; n],
            conversations: vec![String::new(); n],
        };
        let values = Matrix::from_fn(n, ATTRIBUTES.len(), |r, c| fill(r, ATTRIBUTES[c]));
        let rows: Vec<usize> = (0..n).collect();
        head_skill(&data, &rows, &Cube { models: 1, values, non_finite: 0 })
    }

    fn of(found: &[(String, f64)], name: &str) -> Option<f64> {
        found.iter().find(|(n, _)| n == name).map(|(_, v)| *v)
    }

    #[test]
    fn a_head_that_knows_has_full_skill() {
        // The score is 0 for every turn, so the error is the judgement itself: it grows with the row.
        let found = measured(|r, name| match name {
            "score" => 0.0,
            "log_var" | "disagree" => r as f32,
            "halt" => -(r as f32),
            "p_bad" => f32::from(u8::from(r < 2)),
            "p_medium" => f32::from(u8::from((2..4).contains(&r))),
            "p_good" => f32::from(u8::from(r >= 4)),
            _ => 0.5,
        });
        for name in ["head.log_var", "head.disagree", "head.halt", "head.aux3"] {
            assert!((of(&found, name).unwrap() - 1.0).abs() < 1e-9, "{name}: {found:?}");
        }
        assert!((of(&found, MAJORITY).unwrap() - 1.0 / 3.0).abs() < 1e-9);
        assert!((of(&found, "head.reconstruction").unwrap() - 0.5).abs() < 1e-6);
    }

    #[test]
    fn a_constant_head_has_no_rank_skill_to_tell() {
        let found = measured(|_, _| 0.5);
        assert_eq!(of(&found, "head.log_var"), None);
        assert!((of(&found, "head.halt").unwrap() - 0.5).abs() < 1e-9);
    }
}
