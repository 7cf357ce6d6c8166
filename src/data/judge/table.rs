//! Tables of judgements: long (`turn_id, dimension, score, judge`) or wide (`turn_id` and a column a dimension).

use crate::core::dimension::Dimension;
use crate::core::turn::Judgement;
use crate::data::import::error::{ImportError, Problem};
use crate::data::import::mapping::ColumnMapping;
use crate::data::import::report::ScoreScale;
use crate::data::import::row::{Row, Visit};
use crate::data::import::scores::{self, RawScore};
use crate::data::import::{format, jsonl, table};
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;
use std::path::Path;

/// Judge of a table that names none.
pub const UNNAMED_JUDGE: &str = "table";

/// A table of judgements as read.
#[derive(Clone, Debug, Serialize)]
pub struct JudgementTable {
    /// Judgements in the order of the table.
    #[serde(skip)]
    pub judgements: Vec<Judgement>,
    /// Rows read.
    pub rows: u64,
    /// Rows left out, by reason.
    pub dropped: BTreeMap<String, u64>,
    /// Scale the scores were taken for.
    pub scale: ScoreScale,
    /// Things to look at, one sentence each.
    pub notes: Vec<String>,
}

/// Reads a table of judgements of any format.
///
/// # Errors
/// [`ImportError`]: one sentence that names the row and column.
pub fn read(path: &Path) -> Result<JudgementTable, ImportError> {
    collect(&mut |visit| format::read_rows(path, visit).map(|_| ())).map_err(|e| ImportError::new(path, e))
}

/// Reads judgements from JSONL text that lies in memory; `source` names it.
///
/// # Errors
/// As [`read`].
pub fn from_jsonl(source: &str, text: &str) -> Result<JudgementTable, ImportError> {
    collect(&mut |visit| jsonl::read(text.as_bytes(), visit))
        .map_err(|e| ImportError::new(Path::new(source), e))
}

type Reader<'a> = dyn FnMut(&mut Visit<'_>) -> Result<(), Problem> + 'a;

fn collect(read: &mut Reader<'_>) -> Result<JudgementTable, Problem> {
    let mut first = Vec::new();
    read(&mut |row| {
        first.push(row);
        Ok(if first.len() < 100 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })?;
    let mut collector = Collector::new(&table::columns_of(&first))?;
    read(&mut |row| collector.row(&row).map(ControlFlow::Continue))?;
    collector.finish()
}

/// Where a long table has its dimension and score.
struct Long {
    dimension: String,
    score: String,
}

struct Collector {
    turn_id: String,
    judge: Option<String>,
    rationale: Option<String>,
    status: Option<String>,
    long: Option<Long>,
    wide: ColumnMapping,
    rows: u64,
    dropped: BTreeMap<String, u64>,
    seen: HashSet<(String, Dimension, String)>,
    judgements: Vec<Judgement>,
    raw: Vec<RawScore>,
}

impl Collector {
    fn new(columns: &[String]) -> Result<Self, Problem> {
        if columns.is_empty() {
            return Err(Problem::Empty);
        }
        let wide = ColumnMapping::guess(columns);
        let named = |words: &[&str]| {
            words.iter().find_map(|w| columns.iter().find(|c| c.trim().eq_ignore_ascii_case(w)).cloned())
        };
        let missing = |what, hint| Problem::NoColumn { what, hint, found: columns.join(", ") };
        let dimension = named(&["dimension", "dim", "facet", "criterion"]);
        let long = match dimension {
            // The score on 0-100 comes first: score01 is made from it by rounding.
            Some(dimension) => {
                let score = named(&["score", "score01", "value", "rating"])
                    .ok_or_else(|| missing("score", "score"))?;
                Some(Long { dimension, score })
            }
            None if wide.scores.is_empty() => return Err(missing("dimension", "dimension")),
            None => None,
        };
        Ok(Self {
            turn_id: wide.turn_id.clone().ok_or_else(|| missing("turn id", "turn_id"))?,
            judge: wide.judge.clone(),
            rationale: wide.rationale.clone(),
            status: named(&["status"]),
            long,
            wide,
            rows: 0,
            dropped: BTreeMap::new(),
            seen: HashSet::new(),
            judgements: Vec::new(),
            raw: Vec::new(),
        })
    }

    fn drop(&mut self, reason: impl Into<String>) {
        *self.dropped.entry(reason.into()).or_default() += 1;
    }

    fn row(&mut self, row: &Row) -> Result<(), Problem> {
        self.rows += 1;
        let Some(turn_id) = row.text(Some(&self.turn_id)) else {
            self.drop("no turn id");
            return Ok(());
        };
        if let Some(status) = row.text(self.status.as_ref()).filter(|s| s != "ok") {
            self.drop(format!("status {status}"));
            return Ok(());
        }
        let judge = row.text(self.judge.as_ref()).unwrap_or_else(|| UNNAMED_JUDGE.to_owned());
        let rationale = row.text(self.rationale.as_ref()).unwrap_or_default();
        let Some(long) = &self.long else {
            for (dimension, column) in self.wide.scores.clone() {
                let own = row.text(self.wide.rationales.get(&dimension));
                self.judgement(
                    row,
                    &column,
                    &turn_id,
                    dimension,
                    own.unwrap_or_else(|| rationale.clone()),
                    &judge,
                )?;
            }
            return Ok(());
        };
        let (name, column) = (row.text(Some(&long.dimension)), long.score.clone());
        match name.as_deref().map(|n| Dimension::from_name(n).ok_or(n)) {
            Some(Ok(dimension)) => self.judgement(row, &column, &turn_id, dimension, rationale, &judge)?,
            Some(Err(other)) => self.drop(format!("`{}` is none of the five dimensions", other.trim())),
            None => self.drop("no dimension"),
        }
        Ok(())
    }

    fn judgement(
        &mut self,
        row: &Row,
        column: &str,
        turn_id: &str,
        dimension: Dimension,
        rationale: String,
        judge: &str,
    ) -> Result<(), Problem> {
        let not_a_score = |found| Problem::NotAScore { row: row.number, column: column.to_owned(), found };
        let Some(value) = row.get(column).map_or(Ok(None), |c| c.number()).map_err(not_a_score)? else {
            self.drop("no score");
            return Ok(());
        };
        if !self.seen.insert((turn_id.to_owned(), dimension, judge.to_owned())) {
            self.drop("repeats an earlier judgement of the same judge");
            return Ok(());
        }
        self.raw.push(RawScore { row: row.number, column: column.to_owned(), value });
        let (turn_id, judge) = (turn_id.to_owned(), judge.to_owned());
        self.judgements.push(Judgement { turn_id, dimension, score: value, rationale, judge });
        Ok(())
    }

    fn finish(mut self) -> Result<JudgementTable, Problem> {
        if self.judgements.is_empty() {
            let why: Vec<_> = self.dropped.iter().map(|(reason, n)| format!("{n} x {reason}")).collect();
            return Err(match self.rows {
                0 => Problem::Empty,
                rows => Problem::NothingKept { rows, why: why.join(", ") },
            });
        }
        let scale = scores::detect(&self.raw);
        for (judgement, score) in self.judgements.iter_mut().zip(scores::to_hundred(&self.raw, scale)?) {
            judgement.score = score;
        }
        let notes = scores::doubt(&self.raw, scale).into_iter().collect();
        Ok(JudgementTable {
            judgements: self.judgements,
            rows: self.rows,
            dropped: self.dropped,
            scale,
            notes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<JudgementTable, ImportError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("j");
        std::fs::write(&path, text).unwrap();
        read(&path)
    }

    #[test]
    fn long_and_wide_tables_say_the_same() {
        let long = "turn_id,dimension,score,judge,rationale\na,Clarity,80,j,good\na,coverage,60,j,\nb,clarity,50,j,\n";
        let wide = "turn_id,clarity,coverage,judge,clarity_rationale\na,80,60,j,good\nb,50,,j,\n";
        let (long, wide) = (read_text(long).unwrap(), read_text(wide).unwrap());
        assert_eq!(long.judgements, wide.judgements);
        assert_eq!(wide.dropped["no score"], 1);
    }

    #[test]
    fn what_is_no_judgement_is_counted() {
        let table = read_text(
            "turn_id,dimension,score,status,judge\na,overall,80,ok,j\na,clarity,80,ok,j\na,clarity,70,ok,j\na,coverage,,ok,j\n\
             a,reasoning,1,parser_error,j\n,clarity,1,ok,j\n",
        )
        .unwrap();
        assert_eq!((table.judgements.len(), table.rows), (1, 6));
        assert_eq!(table.dropped.values().sum::<u64>(), 5, "{:?}", table.dropped);
        assert_eq!(table.dropped["`overall` is none of the five dimensions"], 1);
    }

    #[test]
    fn impossible_scores_and_missing_columns_are_refused() {
        for (text, words) in [
            ("turn_id,dimension,score\na,clarity,nan\n", "row 2, column `score`: NaN"),
            ("turn_id,dimension,score\na,clarity,120\n", "120 is outside 0 to 100"),
            ("turn_id,dimension,judge\na,clarity,x\n", "no score column"),
            ("dimension,score\nclarity,1\n", "no turn id column"),
            ("turn_id,mood\na,1\n", "no dimension column"),
            ("turn_id,dimension,score\na,overall,1\n", "none of the 1 rows"),
            ("turn_id,dimension,score\n", "empty"),
        ] {
            let error = read_text(text).unwrap_err().to_string();
            assert!(error.contains(words), "{text:?} gave {error:?}");
        }
    }
}
