//! Recipe `heads/1`: twelve columns from the trained heads (spec 4).

use crate::core::dimension::N_DIMENSIONS;
use crate::core::matrix::Matrix;
use crate::core::scm;
use crate::nn::readings::Cube;

/// Name and version, recorded in the manifest.
pub const HEADS: &str = "heads/1";

/// The SCM `[turns, 12]` of a scorer's readings. Each `<dim>.score01` is that dimension's own model; uncertainty, ood,
/// consistency, temperature and agreement are means over the five models of 1-sigma(-log_var), sigma(ood),
/// sigma(consistency), sigma(tau_raw) and 1-sigma(disagree). `tokens` is the length of each answer. Rows not read yet
/// and numbers that were not finite are NaN.
pub fn heads(cube: &Cube, tokens: &[usize]) -> Matrix {
    let attribute = |name: &str| cube.attribute(name).unwrap_or_default();
    let (score, log_var) = (attribute("score"), attribute("log_var"));
    let (ood, consistency) = (attribute("ood"), attribute("consistency"));
    let (temp, disagree) = (attribute("temp"), attribute("disagree"));
    let turns = score.rows();
    // A dimension without judgements has no model: all its readings are missing, and the means are over the others.
    let trained: Vec<bool> =
        (0..cube.models).map(|m| (0..turns).any(|r| score.get(r, m).is_finite())).collect();
    let mut out = Matrix::filled(turns, scm::N_COLUMNS, f32::NAN);
    for row in 0..turns {
        for d in 0..N_DIMENSIONS.min(cube.models) {
            out.set(row, d, score.get(row, d));
        }
        out.set(row, scm::AGGREGATE, mean(score.row(row), &trained, |v| v));
        out.set(row, scm::UNCERTAINTY, mean(log_var.row(row), &trained, |v| 1.0 / (1.0 + (-v).exp())));
        out.set(row, scm::OOD, mean(ood.row(row), &trained, |v| v));
        out.set(row, scm::CONSISTENCY, mean(consistency.row(row), &trained, |v| v));
        out.set(row, scm::LENGTH, tokens.get(row).map_or(f32::NAN, |n| scm::length_norm01(*n)));
        out.set(row, scm::TEMP, mean(temp.row(row), &trained, |v| v));
        out.set(row, scm::AGREE, mean(disagree.row(row), &trained, |v| 1.0 - v));
    }
    out
}

/// Mean over the models that were trained; NaN when any of them is missing.
fn mean(values: &[f32], trained: &[bool], f: impl Fn(f64) -> f64) -> f32 {
    let counted = values.iter().zip(trained).filter(|(_, t)| **t);
    let sum: f64 = counted.map(|(v, _)| f(f64::from(*v))).sum();
    let n = trained.iter().filter(|t| **t).count();
    if n == 0 { f32::NAN } else { (sum / n as f64).clamp(0.0, 1.0) as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::readings::ATTRIBUTES;

    #[test]
    fn means_over_the_models_and_nothing_leaves_the_unit_interval() {
        let k = ATTRIBUTES.len();
        let at = |name: &str| ATTRIBUTES.iter().position(|a| *a == name).unwrap();
        let values = Matrix::from_fn(1, 5 * k, |_, c| match c % k {
            a if a == at("score") => 0.1 * (c / k) as f32,
            a if a == at("log_var") => 0.0,
            a if a == at("disagree") => 0.25,
            _ => 0.5,
        });
        let row = heads(&Cube { models: 5, values, non_finite: 0 }, &[0]);
        assert!((row.get(0, scm::AGGREGATE) - 0.2).abs() < 1e-6 && (row.get(0, 4) - 0.4).abs() < 1e-6);
        assert!(
            (row.get(0, scm::UNCERTAINTY) - 0.5).abs() < 1e-6 && (row.get(0, scm::AGREE) - 0.75).abs() < 1e-6
        );
        let missing = Matrix::from_fn(1, 5 * k, |_, c| if c / k == 4 { f32::NAN } else { 0.5 });
        let four = heads(&Cube { models: 5, values: missing, non_finite: 0 }, &[0]);
        assert!(
            four.get(0, 4).is_nan() && four.get(0, scm::AGGREGATE) == 0.5,
            "one dimension was not trained"
        );
        assert_eq!(row.get(0, scm::LENGTH), 0.5);
        assert!(row.row(0).iter().all(|v| (0.0..=1.0).contains(v)));
    }
}
