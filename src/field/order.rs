//! Orders in which the rows of a field are shown: time, mean difference, a column, PHOS or cluster.

use super::cluster::{self, Cluster};
use super::phos;
use crate::core::matrix::Matrix;
use crate::core::scm;
use serde::{Deserialize, Serialize};

/// A named order of rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RowOrder {
    /// As in the run's table of turns.
    #[default]
    Time,
    /// By the mean of the five signed differences, A higher first.
    Delta,
    /// By one column, largest first.
    Column(usize),
    /// The rows of [`phos::learn`], whether or not its guard keeps it.
    Phos,
    /// By cluster of D, then by mean difference within it.
    Cluster,
}

impl RowOrder {
    /// Name in files and menus; a column goes by its short name.
    pub fn name(&self) -> String {
        match self {
            Self::Time => "time".to_owned(),
            Self::Delta => "D".to_owned(),
            Self::Column(c) => scm::SHORT.get(*c).map_or_else(|| format!("column {c}"), |s| (*s).to_owned()),
            Self::Phos => "PHOS".to_owned(),
            Self::Cluster => "cluster".to_owned(),
        }
    }
}

/// An order and, for [`RowOrder::Cluster`], what the clusters are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OrderedRows {
    /// Position -> row; a bijection.
    pub rows: Vec<usize>,
    /// Cluster of each row (by row, not position), an index into `clusters`; empty for other orders.
    pub cluster_of: Vec<usize>,
    /// The clusters in the order in which they stand; empty for other orders.
    pub clusters: Vec<Cluster>,
}

/// The order learned on `m` (D, except for [`RowOrder::Column`], where it may be A or B). Ties keep their time order,
/// missing values come last; a column that does not exist leaves the time order.
pub fn row_order(order: &RowOrder, m: &Matrix, seed: u64) -> OrderedRows {
    let plain = |rows| OrderedRows { rows, ..OrderedRows::default() };
    match order {
        RowOrder::Time => plain((0..m.rows()).collect()),
        RowOrder::Delta => plain(by_value(&mean_scores(m))),
        RowOrder::Column(c) if *c < m.cols() => {
            plain(by_value(&m.column(*c).into_iter().map(f64::from).collect::<Vec<_>>()))
        }
        RowOrder::Column(_) => plain((0..m.rows()).collect()),
        RowOrder::Phos => plain(phos::learn(m).rows),
        RowOrder::Cluster => {
            let found = cluster::clusters(m, seed);
            let mean = mean_scores(m);
            let mut rows: Vec<usize> = (0..m.rows()).collect();
            rows.sort_by(|&i, &j| {
                found.of_row[i].cmp(&found.of_row[j]).then(phos::descending(mean[i], mean[j]))
            });
            OrderedRows { rows, cluster_of: found.of_row, clusters: found.clusters }
        }
    }
}

/// Rows by value, largest first, missing last, ties in place.
pub fn by_value(values: &[f64]) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..values.len()).collect();
    rows.sort_by(|&i, &j| phos::descending(values[i], values[j]));
    rows
}

/// Signed mean of each row's five score columns over those present; NaN when none is.
pub fn mean_scores(m: &Matrix) -> Vec<f64> {
    let scores = scm::SCORES.start..scm::SCORES.end.min(m.cols());
    (0..m.rows())
        .map(|r| {
            let (sum, n) = m.row(r)[scores.clone()]
                .iter()
                .filter(|v| v.is_finite())
                .fold((0.0, 0_usize), |(sum, n), v| (sum + f64::from(*v), n + 1));
            if n > 0 { sum / n as f64 } else { f64::NAN }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_order_is_a_bijection(rows in 1_usize..60, seed in any::<u64>(), holes in 0_usize..20) {
            let m = Matrix::from_fn(rows, 12, |r, c| {
                let x = (seed >> (c * 3)) as usize + r * 37 + c * 11;
                if x % 50 < holes { f32::NAN } else { (x % 97) as f32 / 97.0 - 0.5 }
            });
            for order in [RowOrder::Time, RowOrder::Delta, RowOrder::Column(3), RowOrder::Column(99), RowOrder::Phos,
                RowOrder::Cluster]
            {
                let got = row_order(&order, &m, seed);
                let mut sorted = got.rows.clone();
                sorted.sort_unstable();
                prop_assert_eq!(sorted, (0..rows).collect::<Vec<_>>());
                if order == RowOrder::Cluster {
                    let along: Vec<usize> = got.rows.iter().map(|&r| got.cluster_of[r]).collect();
                    prop_assert!(along.is_sorted(), "clusters stand together");
                    prop_assert_eq!(got.clusters.iter().map(|c| c.size).sum::<usize>(), rows);
                }
            }
        }
    }

    #[test]
    fn a_higher_comes_first_and_missing_last() {
        let m = Matrix::from_fn(4, 12, |r, c| match (r, c) {
            (2, ..=4) => f32::NAN,
            (1, ..=4) => 0.3,
            (3, ..=4) => -0.2,
            (_, 6) => r as f32,
            _ => 0.0,
        });
        assert_eq!(row_order(&RowOrder::Delta, &m, 0).rows, [1, 0, 3, 2]);
        assert_eq!(row_order(&RowOrder::Column(6), &m, 0).rows, [3, 2, 1, 0]);
    }
}
