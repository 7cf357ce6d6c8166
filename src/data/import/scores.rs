//! Scores as a table has them, and the scale they are on: 0 to 100 or 0 to 1.

use super::error::Problem;
use super::report::ScoreScale;

/// A score before its scale is known.
#[derive(Clone, Debug, PartialEq)]
pub struct RawScore {
    /// Line or row of the table.
    pub row: u64,
    /// Its column.
    pub column: String,
    /// The value as it stands there, finite.
    pub value: f64,
}

/// The scale of scores: 0 to 1 when the columns say so (`..01`), when nothing exceeds 1, or when most values are
/// fractions below 1 (then a larger one is an error, not a reason to read all others as near zero).
pub fn detect(scores: &[RawScore]) -> ScoreScale {
    let named = !scores.is_empty() && scores.iter().all(|s| s.column.trim_end_matches('"').ends_with("01"));
    let none_above = scores.iter().all(|s| s.value <= 1.0);
    let fractions = scores.iter().filter(|s| s.value > 0.0 && s.value < 1.0).count();
    if named || none_above || 2 * fractions > scores.len() { ScoreScale::One } else { ScoreScale::Hundred }
}

/// Scores from 0 to 100.
///
/// # Errors
/// [`Problem::OutOfRange`] for the first score outside the scale.
pub fn to_hundred(scores: &[RawScore], scale: ScoreScale) -> Result<Vec<f64>, Problem> {
    let (top, words) = match scale {
        ScoreScale::One => (1.0, "0 to 1"),
        ScoreScale::Hundred => (100.0, "0 to 100"),
    };
    let one = |s: &RawScore| {
        if !(0.0..=top).contains(&s.value) {
            return Err(Problem::OutOfRange {
                row: s.row,
                column: s.column.clone(),
                value: s.value,
                scale: words,
            });
        }
        // Four decimals of score01 are kept in files; more would only carry the noise of the multiplication.
        Ok(if scale == ScoreScale::One { (s.value * 1e6).round() / 1e4 } else { s.value })
    };
    scores.iter().map(one).collect()
}

/// A doubt about the scale worth telling, if there is one.
pub fn doubt(scores: &[RawScore], scale: ScoreScale) -> Option<String> {
    let top = scores.iter().map(|s| s.value).fold(0.0, f64::max);
    let is_likert = scores.iter().all(|s| s.value.fract() == 0.0) && scores.len() >= 20;
    match scale {
        ScoreScale::Hundred if top <= 10.0 && is_likert => Some(format!(
            "no score is above {top}, yet they were read as 0 to 100; if the scale is 1 to {top}, rescale the table first"
        )),
        ScoreScale::One if is_likert => {
            Some("all scores are 0 or 1 and were read as 0 to 1, not as 0 to 100".to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(values: &[f64]) -> Vec<RawScore> {
        values
            .iter()
            .enumerate()
            .map(|(i, v)| RawScore { row: i as u64 + 2, column: "clarity".into(), value: *v })
            .collect()
    }

    #[test]
    fn scales_are_told_apart() {
        assert_eq!(detect(&raw(&[0.0, 0.25, 1.0])), ScoreScale::One);
        assert_eq!(detect(&raw(&[0.0, 1.0, 83.0])), ScoreScale::Hundred);
        assert_eq!(detect(&raw(&[0.5, 0.25, 0.9, 1.2])), ScoreScale::One);
        assert_eq!(to_hundred(&raw(&[0.07, 1.0]), ScoreScale::One).unwrap(), [7.0, 100.0]);
        assert_eq!(to_hundred(&raw(&[0.07, 55.5]), ScoreScale::Hundred).unwrap(), [0.07, 55.5]);
    }

    #[test]
    fn what_lies_outside_is_named() {
        let error = to_hundred(&raw(&[0.5, 1.2]), ScoreScale::One).unwrap_err().to_string();
        assert_eq!(error, "row 3, column `clarity`: 1.2 is outside 0 to 1; correct or remove it");
        assert!(to_hundred(&raw(&[-1.0]), ScoreScale::Hundred).is_err());
        assert!(doubt(&raw(&[5.0; 30]), ScoreScale::Hundred).unwrap().contains("1 to 5"));
        assert!(doubt(&raw(&[50.0; 30]), ScoreScale::Hundred).is_none());
    }
}
