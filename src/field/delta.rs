//! Subtracts pass B from pass A: the delta, one row a turn.

use crate::core::matrix::Matrix;
use crate::core::stats;
use serde::{Deserialize, Serialize};

/// How the delta is made. The default is A - B on raw SCM values, in score units.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeltaOptions {
    /// Z-score each column of each pass by itself first: removes bias and scale differences (say so on the figure).
    pub standardised: bool,
    /// One factor a column, multiplied into D.
    pub weights: Option<Vec<f32>>,
}

/// Why no delta can be made.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum DeltaError {
    /// The passes are not aligned.
    #[error("pass A is {a_rows}x{a_cols} and pass B {b_rows}x{b_cols}; align them on turn_id first")]
    Shape {
        /// Rows of A.
        a_rows: usize,
        /// Columns of A.
        a_cols: usize,
        /// Rows of B.
        b_rows: usize,
        /// Columns of B.
        b_cols: usize,
    },
    /// The weights do not fit the columns.
    #[error("{weights} column weights for {columns} columns; give one finite weight for each column")]
    Weights {
        /// Number of weights.
        weights: usize,
        /// Number of columns.
        columns: usize,
    },
}

/// D = A - B, `[turns, columns]`. A value missing (NaN) in either pass is missing in D.
///
/// # Errors
/// [`DeltaError`] when shapes or the number of weights disagree.
pub fn delta(a: &Matrix, b: &Matrix, options: &DeltaOptions) -> Result<Matrix, DeltaError> {
    if (a.rows(), a.cols()) != (b.rows(), b.cols()) {
        return Err(DeltaError::Shape {
            a_rows: a.rows(),
            a_cols: a.cols(),
            b_rows: b.rows(),
            b_cols: b.cols(),
        });
    }
    if let Some(weights) = &options.weights
        && (weights.len() != a.cols() || weights.iter().any(|w| !w.is_finite()))
    {
        return Err(DeltaError::Weights { weights: weights.len(), columns: a.cols() });
    }
    let difference = if options.standardised {
        let (za, zb) = (standardise(a), standardise(b));
        Matrix::from_fn(a.rows(), a.cols(), |r, c| za.get(r, c) - zb.get(r, c))
    } else {
        Matrix::from_fn(a.rows(), a.cols(), |r, c| a.get(r, c) - b.get(r, c))
    };
    Ok(match &options.weights {
        Some(weights) => Matrix::from_fn(a.rows(), a.cols(), |r, c| {
            difference.get(r, c) * weights.get(c).copied().unwrap_or(1.0)
        }),
        None => difference,
    })
}

/// Each column minus its mean, over its sample standard deviation, both over the values present.
/// A constant column becomes zero: it says nothing once its level is removed.
pub fn standardise(m: &Matrix) -> Matrix {
    let scale: Vec<(f64, f64)> = (0..m.cols())
        .map(|c| {
            let present: Vec<f64> =
                m.column(c).into_iter().filter(|v| v.is_finite()).map(f64::from).collect();
            let mean = stats::mean(&present).unwrap_or(0.0);
            (mean, stats::std_dev(&present).unwrap_or(0.0))
        })
        .collect();
    Matrix::from_fn(m.rows(), m.cols(), |r, c| {
        let (mean, sd) = scale[c];
        let value = f64::from(m.get(r, c));
        if !value.is_finite() {
            f32::NAN
        } else if sd > 1e-12 {
            ((value - mean) / sd) as f32
        } else {
            0.0
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> (Matrix, Matrix) {
        let a = Matrix::from_vec(3, 2, vec![0.9, 0.5, 0.7, f32::NAN, 0.5, 0.1]).unwrap();
        let b = Matrix::from_vec(3, 2, vec![0.4, 0.5, 0.3, 0.2, 0.2, 0.6]).unwrap();
        (a, b)
    }

    #[test]
    fn raw_delta_is_in_score_units_and_keeps_missing_missing() {
        let (a, b) = sample();
        let d = delta(&a, &b, &DeltaOptions::default()).unwrap();
        assert!((d.get(0, 0) - 0.5).abs() < 1e-6 && (d.get(2, 1) + 0.5).abs() < 1e-6);
        assert!(d.get(1, 1).is_nan());
        assert_eq!(d.data().iter().filter(|v| v.is_nan()).count(), 1);
    }

    #[test]
    fn standardising_removes_bias_and_scale() {
        let (a, _) = sample();
        let moved = Matrix::from_fn(3, 2, |r, c| 0.5 * a.get(r, c) + 0.1);
        let options = DeltaOptions { standardised: true, weights: None };
        let d = delta(&a, &moved, &options).unwrap();
        assert!(d.data().iter().filter(|v| !v.is_nan()).all(|v| v.abs() < 1e-5), "{d:?}");
        let constant = Matrix::filled(3, 2, 0.4);
        assert!(standardise(&constant).data().iter().all(|v| *v == 0.0));
    }

    #[test]
    fn weights_multiply_their_columns() {
        let (a, b) = sample();
        let options = DeltaOptions { standardised: false, weights: Some(vec![2.0, 0.0]) };
        let d = delta(&a, &b, &options).unwrap();
        assert!((d.get(0, 0) - 1.0).abs() < 1e-6 && d.get(0, 1) == 0.0 && d.get(1, 1).is_nan());
        let short = DeltaOptions { standardised: false, weights: Some(vec![1.0]) };
        assert_eq!(delta(&a, &b, &short), Err(DeltaError::Weights { weights: 1, columns: 2 }));
    }
}
