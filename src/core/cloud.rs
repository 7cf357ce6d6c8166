//! Which cloud of points is made of a field: its columns, how they are scaled and weighted, and the distance.

use super::metric::Metric;
use super::scm;
use serde::{Deserialize, Serialize};

/// The choices that turn the rows of D into points. The default is the declared one: the five scores, as they are,
/// Euclidean.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CloudChoice {
    /// Columns by short or full name; empty takes the five scores.
    pub columns: Vec<String>,
    /// Whether every column is divided by its standard deviation over the turns (a constant column stays as it is).
    pub standardise: bool,
    /// A factor for every column, in the order of `columns`; empty weighs all alike.
    pub weights: Vec<f64>,
    /// The distance.
    pub metric: Metric,
}

impl CloudChoice {
    /// Indices of the columns among the twelve, in the order chosen.
    ///
    /// # Errors
    /// One sentence on an unknown or repeated column, or on weights that cannot be.
    pub fn indices(&self) -> Result<Vec<usize>, String> {
        let mut out = Vec::with_capacity(self.columns.len());
        for name in &self.columns {
            let known = |i: &usize| scm::SHORT[*i] == name || scm::COLUMNS[*i] == name;
            let Some(at) = (0..scm::N_COLUMNS).find(known) else {
                return Err(format!("there is no column \"{name}\"; choose among {}", scm::SHORT.join(", ")));
            };
            if out.contains(&at) {
                return Err(format!("the column {name} is chosen twice; name it once and give it a weight"));
            }
            out.push(at);
        }
        if out.is_empty() {
            out.extend(scm::SCORES);
        }
        self.check_weights(out.len())?;
        Ok(out)
    }

    /// Whether the weights suit so many columns.
    ///
    /// # Errors
    /// One sentence that says which weight cannot be.
    pub fn check_weights(&self, columns: usize) -> Result<(), String> {
        if !self.weights.is_empty() && self.weights.len() != columns {
            return Err(format!(
                "there are {} weights for {columns} columns; give one for each, or none",
                self.weights.len()
            ));
        }
        if let Some(w) = self.weights.iter().find(|w| !(w.is_finite() && **w >= 0.0 && **w <= 1e6)) {
            return Err(format!("the weight {w} cannot be; choose a number from 0 to 1000000"));
        }
        if !self.weights.is_empty() && self.weights.iter().all(|w| *w == 0.0) {
            return Err("every weight is 0, so all points would be one; raise one of them".to_owned());
        }
        Ok(())
    }

    /// Factors of the columns: the weight, over the standard deviation where that is asked for. `spread` gives the
    /// standard deviation of a column by its place; none or 0 leaves the column as it is.
    pub fn factors(&self, columns: usize, spread: impl Fn(usize) -> Option<f64>) -> Vec<f64> {
        let one = |c: usize| {
            let weight = self.weights.get(c).copied().unwrap_or(1.0);
            match spread(c).filter(|s| self.standardise && *s > 0.0) {
                Some(s) => weight / s,
                None => weight,
            }
        };
        (0..columns).map(one).collect()
    }

    /// Whether this is the declared choice.
    pub fn is_declared(&self) -> bool {
        *self == Self::default()
    }

    /// The choice in a few words, for captions ("5 scores, Euclidean").
    pub fn words(&self) -> String {
        let columns = match self.columns.len() {
            0 => "5 scores".to_owned(),
            1..=3 => self.columns.iter().map(|c| short(c)).collect::<Vec<_>>().join(", "),
            n => format!("{n} columns"),
        };
        let mut out = columns;
        if self.standardise {
            out.push_str(", standardised");
        }
        if self.weights.iter().any(|w| *w != 1.0) {
            out.push_str(", weighted");
        }
        format!("{out}, {}", self.metric.title())
    }
}

fn short(name: &str) -> &str {
    scm::COLUMNS.iter().position(|c| *c == name).map_or(name, |i| scm::SHORT[i])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[&str]) -> CloudChoice {
        CloudChoice { columns: names.iter().map(|n| (*n).to_owned()).collect(), ..CloudChoice::default() }
    }

    #[test]
    fn columns_go_by_either_name_and_default_to_the_scores() {
        assert_eq!(CloudChoice::default().indices(), Ok(vec![0, 1, 2, 3, 4]));
        assert_eq!(columns(&["clarity", "scm.aggregate01"]).indices(), Ok(vec![2, 5]));
        assert!(columns(&["beauty"]).indices().unwrap_err().contains("no column \"beauty\""));
        assert!(columns(&["clarity", "clarity"]).indices().unwrap_err().contains("twice"));
    }

    #[test]
    fn weights_must_suit_the_columns() {
        let weighted = |w: &[f64]| CloudChoice { weights: w.to_vec(), ..columns(&["clarity", "coverage"]) };
        assert!(weighted(&[1.0]).indices().unwrap_err().contains("1 weights for 2 columns"));
        assert!(weighted(&[1.0, -2.0]).indices().unwrap_err().contains("weight -2"));
        assert!(weighted(&[0.0, 0.0]).indices().unwrap_err().contains("all points would be one"));
        assert!(weighted(&[f64::NAN, 1.0]).indices().is_err());
        let both = CloudChoice { standardise: true, ..weighted(&[2.0, 3.0]) };
        assert_eq!(both.factors(2, |c| Some(c as f64 * 0.5)), vec![2.0, 6.0], "no spread: as it is");
        assert_eq!(both.words(), "clarity, coverage, standardised, weighted, Euclidean");
        assert!(CloudChoice::default().is_declared() && !both.is_declared());
    }
}
