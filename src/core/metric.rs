//! How far apart two points of a cloud are.

use serde::{Deserialize, Serialize};

/// A distance between rows of numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Metric {
    /// Root of the sum of squares (L2).
    #[default]
    Euclidean,
    /// Sum of absolute differences (L1, city block): one far column weighs less than in L2.
    Manhattan,
    /// Largest absolute difference (maximum norm): only the column that differs most counts.
    Chebyshev,
}

impl Metric {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Euclidean, Self::Manhattan, Self::Chebyshev];

    /// Name in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Euclidean => "euclidean",
            Self::Manhattan => "manhattan",
            Self::Chebyshev => "chebyshev",
        }
    }

    /// Name in the window and in captions.
    pub fn title(self) -> &'static str {
        match self {
            Self::Euclidean => "Euclidean",
            Self::Manhattan => "Manhattan",
            Self::Chebyshev => "Chebyshev",
        }
    }

    /// The metric of that name, ignoring case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.name().eq_ignore_ascii_case(name))
    }

    /// Distance of two equally long rows.
    pub fn distance(self, a: &[f64], b: &[f64]) -> f64 {
        // Plain loops: this is an inner loop of the engine and stays fast where iterators are not optimised away.
        let n = a.len().min(b.len());
        let (a, b) = (&a[..n], &b[..n]);
        let mut sum = 0.0_f64;
        let mut c = 0;
        match self {
            Self::Euclidean => {
                while c < n {
                    let d = a[c] - b[c];
                    sum += d * d;
                    c += 1;
                }
                sum.sqrt()
            }
            Self::Manhattan => {
                while c < n {
                    sum += (a[c] - b[c]).abs();
                    c += 1;
                }
                sum
            }
            Self::Chebyshev => {
                while c < n {
                    let d = (a[c] - b[c]).abs();
                    if d > sum {
                        sum = d;
                    }
                    c += 1;
                }
                sum
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_the_norms() {
        let (a, b) = ([1.0, 2.0, 3.0], [4.0, -2.0, 3.0]);
        assert_eq!(Metric::ALL.map(|m| m.distance(&a, &b)), [5.0, 7.0, 4.0]);
        for m in Metric::ALL {
            assert_eq!(Metric::from_name(m.title()), Some(m));
            assert_eq!(m.distance(&a, &a), 0.0);
        }
        assert_eq!(Metric::from_name("taxi"), None);
    }
}
