//! Which columns and rows of a pass or of D are projected: a missing value may cost a column or a row, never silently.

use crate::core::matrix::Matrix;

/// A column takes part when at least this share of the rows has a value in it.
const MOSTLY_THERE: f64 = 0.9;

/// The part of a table that has every value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Complete {
    /// Rows that take part, ascending.
    pub rows: Vec<usize>,
    /// Columns that take part, ascending.
    pub columns: Vec<usize>,
    /// `[rows, columns]`, all finite.
    pub points: Matrix,
}

/// Columns with a value in nine of ten rows, and the rows that are whole in these.
pub fn complete(m: &Matrix) -> Complete {
    let there = |c: usize| (0..m.rows()).filter(|&r| m.get(r, c).is_finite()).count();
    let counts: Vec<usize> = (0..m.cols()).map(there).collect();
    // Measured against the fullest column, so that turns nobody scored cost rows, not columns.
    let most = counts.iter().copied().max().unwrap_or(0) as f64;
    let columns: Vec<usize> =
        (0..m.cols()).filter(|&c| counts[c] > 0 && counts[c] as f64 >= MOSTLY_THERE * most).collect();
    let whole = |r: &usize| columns.iter().all(|&c| m.get(*r, c).is_finite());
    let rows: Vec<usize> =
        if columns.is_empty() { Vec::new() } else { (0..m.rows()).filter(whole).collect() };
    let points = m.select_columns(&columns).select_rows(&rows);
    Complete { rows, columns, points }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_is_mostly_missing_goes_and_a_row_with_a_hole_too() {
        let m = Matrix::from_fn(40, 3, |r, c| match (r, c) {
            (_, 2) | (7, 1) | (39, _) => f32::NAN,
            _ => r as f32,
        });
        let found = complete(&m);
        assert_eq!(found.columns, [0, 1]);
        assert_eq!(found.rows.len(), 38);
        assert!(found.points.data().iter().all(|v| v.is_finite()));
        assert!(complete(&Matrix::filled(4, 3, f32::NAN)).rows.is_empty());
        assert!(complete(&Matrix::default()).columns.is_empty());
    }
}
