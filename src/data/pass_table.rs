//! Passes that were not trained here: any table with `turn_id` and some of the twelve SCM columns, or a judge's own
//! judgements. A rule engine, a commercial API and a human panel all come in this way.
//!
//! The length column is not taken from a table: the pipeline computes it alike for both passes.

use super::import::error::{ImportError, Problem};
use super::import::{format, row::Row};
use crate::core::dimension::{Dimension, N_DIMENSIONS};
use crate::core::matrix::Matrix;
use crate::core::scm::{self, N_COLUMNS};
use crate::core::turn::{Judgement, Turn};
use serde::Serialize;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::Path;

/// A pass read from a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PassTable {
    /// `[turns, 12]`, NaN where the table says nothing; rows are those of the run.
    #[serde(skip)]
    pub scm: Matrix,
    /// SCM columns found, full names in SCM order.
    pub columns: Vec<String>,
    /// Turns of the run that the table does not have.
    pub missing: Vec<String>,
    /// Rows of the table that are no turns of the run.
    pub unknown: usize,
    /// Whether the aggregate was computed here as the mean of the five scores.
    pub aggregate_computed: bool,
}

/// Reads a pass for the turns of a run from a table of any format. Columns are recognised by their full name
/// (`scm.clarity.score01`), without `scm.`, or by their short name (`clarity`).
///
/// # Errors
/// [`ImportError`]: no `turn_id`, no SCM column, a value outside \[0,1\] or not a number (row and column named), a turn
/// twice, or no turn of this run.
pub fn read(path: &Path, turns: &[Turn]) -> Result<PassTable, ImportError> {
    let rows: HashMap<&str, usize> =
        turns.iter().enumerate().map(|(row, t)| (t.turn_id.as_str(), row)).collect();
    let mut reader = Reader {
        rows,
        scm: Matrix::filled(turns.len(), N_COLUMNS, f32::NAN),
        found: [false; N_COLUMNS],
        first: vec![0; turns.len()],
        columns: Vec::new(),
        count: 0,
        unknown: 0,
    };
    let all = format::read_rows(path, &mut |row| reader.row(&row).map(ControlFlow::Continue));
    all.and_then(|_| reader.finish(turns)).map_err(|e| ImportError::new(path, e))
}

struct Reader<'a> {
    rows: HashMap<&'a str, usize>,
    scm: Matrix,
    found: [bool; N_COLUMNS],
    /// Row of the table that gave each turn, 0 for none.
    first: Vec<u64>,
    columns: Vec<String>,
    count: u64,
    unknown: usize,
}

impl Reader<'_> {
    fn row(&mut self, row: &Row) -> Result<(), Problem> {
        self.count += 1;
        if self.columns.is_empty() {
            self.columns = row.cells.iter().map(|(name, _)| name.to_string()).collect();
        }
        let id = row.cells.iter().find(|(name, _)| matches!(name.trim(), "turn_id" | "id"));
        let Some(id) = id.and_then(|(_, cell)| cell.text()) else {
            return Err(self.no_column("turn id", "turn_id"));
        };
        let turn = self.rows.get(id.as_str()).copied();
        if let Some(at) = turn {
            if self.first[at] > 0 {
                return Err(Problem::RepeatedId { id, first: self.first[at], second: row.number });
            }
            self.first[at] = row.number;
        } else {
            self.unknown += 1;
        }
        for (name, cell) in &row.cells {
            let Some(column) = scm_column(name) else { continue };
            let not_a_score = |found| Problem::NotAScore { row: row.number, column: name.to_string(), found };
            let Some(value) = cell.number().map_err(not_a_score)? else { continue };
            if !(0.0..=1.0).contains(&value) {
                let column = name.to_string();
                return Err(Problem::OutOfRange { row: row.number, column, value, scale: "0 to 1" });
            }
            if let Some(at) = turn {
                self.found[column] = true;
                self.scm.set(at, column, value as f32);
            }
        }
        Ok(())
    }

    fn no_column(&self, what: &'static str, hint: &'static str) -> Problem {
        Problem::NoColumn { what, hint, found: self.columns.join(", ") }
    }

    fn finish(mut self, turns: &[Turn]) -> Result<PassTable, Problem> {
        if self.count == 0 {
            return Err(Problem::Empty);
        }
        if !self.columns.iter().any(|c| scm_column(c).is_some()) {
            return Err(self.no_column("SCM", "clarity"));
        }
        if self.first.iter().all(|row| *row == 0) {
            let why = "no turn id of this run among them".to_owned();
            return Err(Problem::NothingKept { rows: self.count, why });
        }
        let aggregate_computed = !self.found[scm::AGGREGATE] && fill_aggregate(&mut self.scm);
        let columns = (0..N_COLUMNS).filter(|c| self.found[*c]).map(|c| scm::COLUMNS[c].to_owned()).collect();
        let gaps = turns.iter().zip(&self.first).filter(|(_, row)| **row == 0);
        let missing = gaps.map(|(t, _)| t.turn_id.clone()).collect();
        Ok(PassTable { scm: self.scm, columns, missing, unknown: self.unknown, aggregate_computed })
    }
}

/// The judgements of one judge as a pass `[turns, 12]`: the five scores and their mean, all else missing.
/// `None` when the judge judged none of the turns.
pub fn from_judge(turns: &[Turn], judgements: &[Judgement], judge: &str) -> Option<Matrix> {
    let rows: HashMap<&str, usize> =
        turns.iter().enumerate().map(|(row, t)| (t.turn_id.as_str(), row)).collect();
    let mut pass = Matrix::filled(turns.len(), N_COLUMNS, f32::NAN);
    let mut any = false;
    for j in judgements.iter().filter(|j| j.judge == judge) {
        if let Some(&row) = rows.get(j.turn_id.as_str()) {
            pass.set(row, j.dimension.index(), j.score01() as f32);
            any = true;
        }
    }
    fill_aggregate(&mut pass);
    any.then_some(pass)
}

/// Fills the aggregate of every row that has all five scores; says whether any had.
fn fill_aggregate(scm: &mut Matrix) -> bool {
    let mut any = false;
    for row in 0..scm.rows() {
        let mean = scm.row(row)[scm::SCORES].iter().map(|v| f64::from(*v)).sum::<f64>() / N_DIMENSIONS as f64;
        if mean.is_finite() {
            scm.set(row, scm::AGGREGATE, mean as f32);
            any = true;
        }
    }
    any
}

/// The SCM column of a name; the length column is never taken.
fn scm_column(name: &str) -> Option<usize> {
    let name = name.trim().to_lowercase();
    let index =
        scm::column_index(&name).or_else(|| scm::column_index(&format!("scm.{name}"))).or_else(|| {
            Dimension::from_name(name.strip_suffix("_score01").or(name.strip_suffix("_score"))?)
                .map(Dimension::index)
        })?;
    (index != scm::LENGTH).then_some(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<PassTable, ImportError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pass");
        std::fs::write(&path, text).unwrap();
        let turns = ["a", "b", "c"].map(|id| Turn { turn_id: id.into(), ..Turn::default() });
        read(&path, &turns)
    }

    #[test]
    fn some_columns_in_any_order_make_a_pass() {
        let pass = read_text("scm.clarity.score01,uncertainty01,turn_id,length_norm01,note\n0.5,0.25,c,0.9,x\n,1,a,0.9,\n0.1,0,z,0,\n").unwrap();
        assert_eq!(pass.columns, ["scm.clarity.score01", "scm.uncertainty01"]);
        assert_eq!((pass.scm.get(2, 2), pass.scm.get(0, scm::UNCERTAINTY)), (0.5, 1.0));
        assert!(
            pass.scm.get(0, 2).is_nan()
                && pass.scm.get(1, 2).is_nan()
                && pass.scm.get(2, scm::LENGTH).is_nan()
        );
        assert_eq!((pass.missing, pass.unknown, pass.aggregate_computed), (vec!["b".to_owned()], 1, false));
    }

    #[test]
    fn the_aggregate_is_the_mean_of_five() {
        let pass =
            read_text("turn_id,reasoning,knowledge,clarity,faithfulness,coverage\na,0,0.5,1,0.5,0.5\n")
                .unwrap();
        assert_eq!((pass.scm.get(0, scm::AGGREGATE), pass.aggregate_computed), (0.5, true));
    }

    #[test]
    fn values_outside_are_refused_by_row_and_column() {
        for (text, words) in [
            ("turn_id,clarity\na,0.5\nb,1.5\n", "row 3, column `clarity`: 1.5 is outside 0 to 1"),
            ("turn_id,clarity\na,-0.1\n", "-0.1 is outside"),
            ("turn_id,clarity\na,nan\n", "row 2, column `clarity`: NaN"),
            ("turn_id,mood\na,1\n", "no SCM column (it has turn_id, mood)"),
            ("clarity\n0.5\n", "no turn id column"),
            ("turn_id,clarity\nz,0.5\n", "no turn id of this run"),
            ("turn_id,clarity\na,0.5\na,0.6\n", "rows 2 and 3"),
            ("turn_id,clarity\n", "empty"),
        ] {
            let error = read_text(text).unwrap_err().to_string();
            assert!(error.contains(words), "{text:?} gave {error:?}");
        }
    }

    #[test]
    fn a_judge_is_a_pass() {
        let turns = [Turn { turn_id: "a".into(), ..Turn::default() }];
        let judged = |dimension| Judgement {
            turn_id: "a".into(),
            dimension,
            score: 80.0,
            rationale: String::new(),
            judge: "j".into(),
        };
        let pass = from_judge(&turns, &Dimension::ALL.map(judged), "j").unwrap();
        assert_eq!(pass.get(0, scm::AGGREGATE), 0.8);
        assert!(pass.get(0, scm::OOD).is_nan());
        assert!(from_judge(&turns, &[], "j").is_none());
    }
}
