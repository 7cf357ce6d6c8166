//! Where the difference is largest: columns and turns.

use crate::core::matrix::Matrix;
use crate::core::scm::{COLUMNS, SCORES};
use crate::field::order::by_value;
use serde::{Deserialize, Serialize};

/// How many columns and turns are listed at most.
const LISTED: usize = 25;

/// A column among those with the largest difference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TopColumn {
    /// Full name of the column.
    pub column: String,
    /// Mean absolute D.
    pub mean_abs: f64,
    /// Turns with a value.
    pub n: usize,
}

/// A turn among those with the largest difference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TopRow {
    /// The turn.
    pub turn_id: String,
    /// Its row in A, B and D.
    pub row: usize,
    /// Mean absolute D over the score columns present.
    pub mean_abs: f64,
    /// The score column with the largest absolute D.
    pub column: String,
    /// D there, signed.
    pub delta: f64,
}

pub(super) fn columns(d: &Matrix) -> Vec<TopColumn> {
    let all: Vec<TopColumn> = (0..d.cols())
        .map(|c| {
            let present: Vec<f64> =
                d.column(c).into_iter().filter(|v| v.is_finite()).map(|v| f64::from(v.abs())).collect();
            let mean_abs = present.iter().sum::<f64>() / present.len() as f64;
            TopColumn { column: COLUMNS[c].to_owned(), mean_abs, n: present.len() }
        })
        .filter(|t| t.n > 0)
        .collect();
    let order = by_value(&all.iter().map(|t| t.mean_abs).collect::<Vec<_>>());
    order.into_iter().take(LISTED).map(|i| all[i].clone()).collect()
}

pub(super) fn rows(d: &Matrix, turn_ids: &[String]) -> Vec<TopRow> {
    let mean_abs = mean_abs_scores(d);
    by_value(&mean_abs)
        .into_iter()
        .filter(|&row| mean_abs[row].is_finite())
        .take(LISTED)
        .filter_map(|row| {
            let (column, delta) = strongest(&d.row(row)[SCORES])?;
            Some(TopRow {
                turn_id: turn_ids[row].clone(),
                row,
                mean_abs: mean_abs[row],
                column: COLUMNS[column].to_owned(),
                delta: f64::from(delta),
            })
        })
        .collect()
}

fn strongest(row: &[f32]) -> Option<(usize, f32)> {
    let present = row.iter().copied().enumerate().filter(|(_, v)| v.is_finite());
    present.reduce(|best, next| if next.1.abs() > best.1.abs() { next } else { best })
}

/// Mean absolute D of each turn over the score columns present; NaN when none is.
fn mean_abs_scores(d: &Matrix) -> Vec<f64> {
    (0..d.rows())
        .map(|r| {
            let present = d.row(r)[SCORES].iter().filter(|v| v.is_finite());
            let (sum, n) = present.fold((0.0, 0_usize), |(s, n), v| (s + f64::from(v.abs()), n + 1));
            if n > 0 { sum / n as f64 } else { f64::NAN }
        })
        .collect()
}
