//! Why a table cannot be taken in: one sentence each, the file last.

use std::path::{Path, PathBuf};

/// An import that failed, with the file it failed on. Nothing was written.
#[derive(Debug, thiserror::Error)]
#[error("{problem}: {}", file.display())]
pub struct ImportError {
    /// What is wrong and what to do.
    pub problem: Problem,
    /// The file.
    pub file: PathBuf,
}

impl ImportError {
    /// A problem with a file.
    pub fn new(file: &Path, problem: Problem) -> Self {
        Self { problem, file: file.to_owned() }
    }
}

/// What can be wrong with a table. Lines and rows count from 1, as an editor shows them.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum Problem {
    /// The operating system refused.
    #[error("cannot read the table: {0}")]
    Io(String),
    /// No byte, or no row.
    #[error("the table is empty; choose a file with a row for each turn")]
    Empty,
    /// Neither text nor Parquet.
    #[error("this is {0}, not a table; choose a CSV, TSV, JSONL or Parquet file")]
    NotATable(&'static str),
    /// Bytes that are no UTF-8.
    #[error("line {0} is not UTF-8 text; save the table as UTF-8")]
    NotUtf8(u64),
    /// A line that would not fit into memory.
    #[error("line {line} is longer than {limit_mib} MiB; check that the table has a line for each turn")]
    HugeLine {
        /// Which line.
        line: u64,
        /// The limit.
        limit_mib: usize,
    },
    /// A line that is no JSON.
    #[error("line {line} is not valid JSON ({reason}); correct or remove the line")]
    BrokenJson {
        /// Which line.
        line: u64,
        /// What the parser found.
        reason: String,
    },
    /// A line that is JSON but no object.
    #[error(
        "line {0} is not a JSON object; write one object a line, such as {{\"goal_text\": ..., \"response_text\": ...}}"
    )]
    NotAnObject(u64),
    /// A row with too many or too few fields.
    #[error(
        "line {line} has {found} fields where the header has {expected}; correct the line or quote its texts"
    )]
    Ragged {
        /// Which line.
        line: u64,
        /// Fields found.
        found: usize,
        /// Fields of the header.
        expected: usize,
    },
    /// A quote that is never closed.
    #[error("the quote opened on line {0} is never closed; close it")]
    OpenQuote(u64),
    /// Two columns of one name.
    #[error("the column `{0}` appears twice; rename one of them")]
    RepeatedColumn(String),
    /// A column the import needs.
    #[error(
        "the table has no {what} column (it has {found}); rename one to `{hint}` or name it in the mapping"
    )]
    NoColumn {
        /// What it would hold.
        what: &'static str,
        /// A name that is recognised.
        hint: &'static str,
        /// The columns it has.
        found: String,
    },
    /// A column of a type that is not read here.
    #[error(
        "the column `{column}` has a type that cannot be read ({reason}); store it as text or 64-bit numbers"
    )]
    UnreadableColumn {
        /// Which column.
        column: String,
        /// What the reader said.
        reason: String,
    },
    /// A score that is not a number.
    #[error(
        "row {row}, column `{column}`: {found} is not a score; leave the field empty where there is none"
    )]
    NotAScore {
        /// Line or row.
        row: u64,
        /// Which column.
        column: String,
        /// What stands there.
        found: String,
    },
    /// A score outside its scale.
    #[error("row {row}, column `{column}`: {value} is outside {scale}; correct or remove it")]
    OutOfRange {
        /// Line or row.
        row: u64,
        /// Which column.
        column: String,
        /// The value.
        value: f64,
        /// "0 to 100", "0 to 1".
        scale: &'static str,
    },
    /// Two different turns of one id.
    #[error("rows {first} and {second} give the id `{id}` to different turns; make the ids unique")]
    RepeatedId {
        /// The id.
        id: String,
        /// Where it stands first.
        first: u64,
        /// Where it stands again.
        second: u64,
    },
    /// One turn in two parts of the table's own split.
    #[error(
        "rows {first} and {second} put the turn `{id}` into {parts} of the split; give each turn one part, or the test would be trained on"
    )]
    TwoParts {
        /// The id.
        id: String,
        /// Where it stands first.
        first: u64,
        /// Where it stands again.
        second: u64,
        /// "`train` and `test`".
        parts: String,
    },
    /// Every row was skipped.
    #[error("none of the {rows} rows can be used ({why}); check the table")]
    NothingKept {
        /// Rows read.
        rows: u64,
        /// The reasons with counts.
        why: String,
    },
    /// The Parquet reader refused.
    #[error("the Parquet table is damaged ({0}); restore it from a copy or write it again")]
    Damaged(String),
}
