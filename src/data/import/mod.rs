//! Bringing tables of turns into the lab: CSV, TSV, JSONL and Parquet, recognised from their content.
//!
//! [`table::import`] reads a table with the guessed mapping, [`table::preview`] shows the guess first.

pub mod csv;
pub mod error;
pub mod format;
pub mod jsonl;
pub mod lines;
pub mod mapping;
pub mod parquet;
pub mod report;
pub mod row;
pub mod scores;
pub mod table;
