//! The tables of a run as Parquet (and embeddings as safetensors): plain values to bytes and back.
//!
//! Equal values give equal bytes. Reading never trusts: a truncated or damaged file is one sentence, never a panic.
//! A missing number is NaN in memory and null in the file.

pub mod columns;
pub mod cube;
pub mod diagram;
pub mod embeddings;
pub mod excluded;
pub mod guard;
pub mod judgements;
pub mod matrix;
pub mod numbers;
mod pages;
pub mod parquet;
pub mod splits;
pub mod turns;
pub mod validation;

/// A table that cannot be read or written.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// The bytes are no whole file of the format.
    #[error("{file} is damaged ({reason}); restore it from a copy or make it again")]
    Damaged {
        /// Which file.
        file: String,
        /// What the reader found.
        reason: String,
    },
    /// A needed column is not there.
    #[error("{file} has no column `{column}` (it has {found}); add it or make the file again")]
    NoColumn {
        /// Which file.
        file: String,
        /// The column looked for.
        column: String,
        /// The columns it has.
        found: String,
    },
    /// A column holds something of another type.
    #[error("column `{column}` of {file} holds {found}, not {wanted}; correct it or make the file again")]
    WrongType {
        /// Which file.
        file: String,
        /// Which column.
        column: String,
        /// Its type.
        found: String,
        /// The type wanted.
        wanted: &'static str,
    },
    /// A value cannot be meant.
    #[error("row {row}, column `{column}` of {file}: {reason}")]
    Value {
        /// Which file.
        file: String,
        /// Row counted from 1.
        row: usize,
        /// Which column.
        column: String,
        /// What is wrong and what to do.
        reason: String,
    },
    /// Parts of a table do not fit together.
    #[error("{file} cannot be made or used ({reason}); please report this as a bug")]
    Shape {
        /// Which file.
        file: String,
        /// What does not fit.
        reason: String,
    },
}

impl TableError {
    /// A damaged file.
    pub fn damaged(file: &str, reason: impl std::fmt::Display) -> Self {
        // Some readers answer in several lines; a message is one sentence.
        let reason = reason.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        Self::Damaged { file: file.to_owned(), reason }
    }

    /// Parts that do not fit.
    pub fn shape(file: &str, reason: impl std::fmt::Display) -> Self {
        Self::Shape { file: file.to_owned(), reason: reason.to_string() }
    }

    /// A value that cannot be meant, in a row counted from 0.
    pub fn value(file: &str, row: usize, column: &str, reason: impl std::fmt::Display) -> Self {
        Self::Value {
            file: file.to_owned(),
            row: row + 1,
            column: column.to_owned(),
            reason: reason.to_string(),
        }
    }
}
