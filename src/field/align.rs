//! Joins two passes on `turn_id`, so that row i of A, B and everything made from them is the same turn.

use crate::core::matrix::Matrix;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

/// One pass as it comes from a scorer: rows in its own order.
#[derive(Clone, Copy, Debug)]
pub struct PassRows<'a> {
    /// One identifier a row, unique within the pass.
    pub turn_ids: &'a [String],
    /// `[turn_ids, columns]`.
    pub values: &'a Matrix,
}

/// A turn that is not part of the field, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excluded {
    /// The turn.
    pub turn_id: String,
    /// One phrase: where it is missing.
    pub reason: String,
}

/// Two passes with the same turns in the same order.
#[derive(Clone, Debug, PartialEq)]
pub struct Aligned {
    /// The turn of each row.
    pub turn_ids: Vec<String>,
    /// Position of each row in the run's own table of turns.
    pub turn_rows: Vec<usize>,
    /// Pass A, `[turn_ids, columns]`.
    pub a: Matrix,
    /// Pass B, `[turn_ids, columns]`.
    pub b: Matrix,
    /// Turns left out: those of the run in its order, then strangers by identifier.
    pub excluded: Vec<Excluded>,
}

/// Why two passes cannot be joined.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum AlignError {
    /// A pass names one turn twice, so its row is ambiguous.
    #[error("pass {pass} has turn `{turn_id}` twice; keep one row for each turn_id")]
    Duplicate {
        /// "A", "B" or "run".
        pass: &'static str,
        /// The repeated identifier.
        turn_id: String,
    },
    /// Identifiers and values differ in number.
    #[error("pass {pass} has {ids} turn ids but {rows} rows of scores; write one row for each turn_id")]
    Length {
        /// "A" or "B".
        pass: &'static str,
        /// Number of identifiers.
        ids: usize,
        /// Number of rows.
        rows: usize,
    },
    /// The passes were written in different tables of columns.
    #[error("pass A has {a} columns and pass B {b}; both need the same columns in the same order")]
    Columns {
        /// Columns of A.
        a: usize,
        /// Columns of B.
        b: usize,
    },
    /// Nothing is left to compare.
    #[error("the two passes have no turn in common; score the same turns with both")]
    Nothing,
}

/// Joins A and B on `turn_id` in the order of `turns` (the run's own table).
///
/// # Errors
/// [`AlignError`] when a turn is named twice, sizes disagree or no turn is in both passes.
pub fn align(turns: &[String], a: PassRows<'_>, b: PassRows<'_>) -> Result<Aligned, AlignError> {
    if a.values.cols() != b.values.cols() {
        return Err(AlignError::Columns { a: a.values.cols(), b: b.values.cols() });
    }
    let in_a = index(a, "A")?;
    let in_b = index(b, "B")?;
    let mut known = BTreeSet::new();
    let mut excluded = Vec::new();
    let (mut turn_ids, mut turn_rows, mut rows_a, mut rows_b) = (vec![], vec![], vec![], vec![]);
    for (position, id) in turns.iter().enumerate() {
        if !known.insert(id.as_str()) {
            return Err(AlignError::Duplicate { pass: "run", turn_id: id.clone() });
        }
        match (in_a.get(id.as_str()), in_b.get(id.as_str())) {
            (Some(&ra), Some(&rb)) => {
                turn_ids.push(id.clone());
                turn_rows.push(position);
                rows_a.push(ra);
                rows_b.push(rb);
            }
            (found_a, found_b) => {
                excluded.push(Excluded {
                    turn_id: id.clone(),
                    reason: reason(found_a.is_some(), found_b.is_some()),
                });
            }
        }
    }
    let strangers: BTreeSet<&str> =
        in_a.keys().chain(in_b.keys()).copied().filter(|id| !known.contains(id)).collect();
    excluded.extend(strangers.into_iter().map(|id| Excluded {
        turn_id: id.to_owned(),
        reason: "scored, but not among the run's turns".to_owned(),
    }));
    if turn_ids.is_empty() {
        return Err(AlignError::Nothing);
    }
    Ok(Aligned {
        turn_ids,
        turn_rows,
        a: a.values.select_rows(&rows_a),
        b: b.values.select_rows(&rows_b),
        excluded,
    })
}

fn reason(in_a: bool, in_b: bool) -> String {
    match (in_a, in_b) {
        (true, _) => "missing in pass B",
        (_, true) => "missing in pass A",
        _ => "missing in both passes",
    }
    .to_owned()
}

fn index<'a>(pass: PassRows<'a>, name: &'static str) -> Result<HashMap<&'a str, usize>, AlignError> {
    if pass.turn_ids.len() != pass.values.rows() {
        return Err(AlignError::Length { pass: name, ids: pass.turn_ids.len(), rows: pass.values.rows() });
    }
    let mut rows = HashMap::with_capacity(pass.turn_ids.len());
    for (row, id) in pass.turn_ids.iter().enumerate() {
        if rows.insert(id.as_str(), row).is_some() {
            return Err(AlignError::Duplicate { pass: name, turn_id: id.clone() });
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::seed::{permutation, stream};
    use crate::field::delta::{DeltaOptions, delta};
    use crate::field::order::{RowOrder, row_order};
    use proptest::prelude::*;

    /// A pass over the turns named by `numbers`, whose first column spells the turn's number.
    fn pass(numbers: &[usize], scale: f32) -> (Vec<String>, Matrix) {
        let ids = numbers.iter().map(|n| format!("t{n}")).collect();
        (ids, Matrix::from_fn(numbers.len(), 5, |r, c| scale * numbers[r] as f32 + c as f32))
    }

    proptest! {
        #[test]
        fn row_i_of_a_b_and_d_is_the_same_turn_in_every_order(
            n in 1_usize..40, seed in any::<u64>(), drop_a in 0_usize..10, drop_b in 0_usize..10
        ) {
            let turns: Vec<String> = (0..n).map(|i| format!("t{i}")).collect();
            let mut shuffled_a = permutation(&mut stream(seed, "a"), n);
            let mut shuffled_b = permutation(&mut stream(seed, "b"), n);
            shuffled_a.truncate(n.saturating_sub(drop_a).max(1));
            shuffled_b.truncate(n.saturating_sub(drop_b).max(1));
            let (ids_a, a) = pass(&shuffled_a, 3.0);
            let (ids_b, b) = pass(&shuffled_b, 1.0);
            let joined = align(
                &turns,
                PassRows { turn_ids: &ids_a, values: &a },
                PassRows { turn_ids: &ids_b, values: &b },
            );
            let common = shuffled_a.iter().filter(|t| shuffled_b.contains(t)).count();
            if common == 0 {
                prop_assert_eq!(joined, Err(AlignError::Nothing));
                return Ok(());
            }
            let joined = joined.unwrap();
            prop_assert_eq!(joined.turn_ids.len(), common);
            prop_assert_eq!(joined.excluded.len(), n - common);
            let d = delta(&joined.a, &joined.b, &DeltaOptions::default()).unwrap();
            for order in [RowOrder::Time, RowOrder::Delta, RowOrder::Column(2), RowOrder::Phos, RowOrder::Cluster] {
                let rows = row_order(&order, &d, seed).rows;
                for &row in &rows {
                    let number: f32 = joined.turn_ids[row][1..].parse().unwrap();
                    prop_assert_eq!(joined.a.get(row, 0), 3.0 * number);
                    prop_assert_eq!(joined.b.get(row, 0), number);
                    prop_assert_eq!(d.get(row, 0), 2.0 * number);
                    prop_assert_eq!(&turns[joined.turn_rows[row]], &joined.turn_ids[row]);
                }
            }
        }
    }

    #[test]
    fn every_turn_left_out_has_its_reason() {
        let turns: Vec<String> = ["t0", "t1", "t2", "t3"].map(String::from).to_vec();
        let (ids_a, a) = pass(&[0, 1, 9], 1.0);
        let (ids_b, b) = pass(&[2, 0], 1.0);
        let joined = align(
            &turns,
            PassRows { turn_ids: &ids_a, values: &a },
            PassRows { turn_ids: &ids_b, values: &b },
        )
        .unwrap();
        let told: Vec<(&str, &str)> =
            joined.excluded.iter().map(|e| (e.turn_id.as_str(), e.reason.as_str())).collect();
        assert_eq!(
            told,
            [
                ("t1", "missing in pass B"),
                ("t2", "missing in pass A"),
                ("t3", "missing in both passes"),
                ("t9", "scored, but not among the run's turns")
            ]
        );
    }

    #[test]
    fn a_turn_named_twice_is_refused() {
        let (ids, values) = pass(&[1, 1], 1.0);
        let pass = PassRows { turn_ids: &ids, values: &values };
        assert_eq!(
            align(&["t1".to_owned()], pass, pass),
            Err(AlignError::Duplicate { pass: "A", turn_id: "t1".to_owned() })
        );
    }
}
