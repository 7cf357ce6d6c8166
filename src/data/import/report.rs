//! What an import did: kept, skipped and why, what it took the columns and the scale for.

use super::format::Format;
use super::mapping::ColumnMapping;
use super::row::shorten;
use serde::Serialize;
use std::collections::BTreeMap;

/// How many examples of a reason are kept.
const EXAMPLES: usize = 3;

/// Rows skipped for one reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// How many.
    pub count: u64,
    /// The first few: row and beginning of the text.
    pub examples: Vec<String>,
}

/// The scale of scores in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum ScoreScale {
    /// 0 to 1.
    #[serde(rename = "0-1")]
    One,
    /// 0 to 100.
    #[serde(rename = "0-100")]
    Hundred,
}

/// The account of one import.
#[derive(Clone, Debug, Serialize)]
pub struct ImportReport {
    /// Format recognised.
    pub format: Format,
    /// Rows read.
    pub rows: u64,
    /// Turns kept.
    pub kept: u64,
    /// Judgements kept.
    pub judgements: u64,
    /// Rows skipped by reason.
    pub skipped: BTreeMap<String, Skipped>,
    /// Turns kept whose texts differ from an earlier turn only in case, spaces or punctuation.
    pub near_duplicates: u64,
    /// Columns without a meaning here and in how many rows they hold something; kept in `meta`, never used.
    pub ignored_columns: BTreeMap<String, u64>,
    /// What the columns were taken for.
    pub mapping: ColumnMapping,
    /// Scale the scores were taken for; `None` without scores.
    pub scale: Option<ScoreScale>,
    /// Things to look at, one sentence each.
    pub notes: Vec<String>,
}

impl ImportReport {
    pub(super) fn new(format: Format, mapping: ColumnMapping) -> Self {
        Self {
            format,
            rows: 0,
            kept: 0,
            judgements: 0,
            skipped: BTreeMap::new(),
            near_duplicates: 0,
            ignored_columns: BTreeMap::new(),
            mapping,
            scale: None,
            notes: Vec::new(),
        }
    }

    pub(super) fn skip(&mut self, reason: &str, row: u64, text: &str) {
        let skipped = self.skipped.entry(reason.to_owned()).or_default();
        skipped.count += 1;
        if skipped.examples.len() < EXAMPLES {
            skipped.examples.push(format!("row {row}: {}", shorten(text)));
        }
    }

    /// Reasons with counts in one line ("3 x exact duplicate, 1 x no answer").
    pub fn reasons(&self) -> String {
        let parts: Vec<_> =
            self.skipped.iter().map(|(reason, s)| format!("{} x {reason}", s.count)).collect();
        parts.join(", ")
    }

    /// The whole account in one line.
    pub fn summary(&self) -> String {
        let skipped: u64 = self.skipped.values().map(|s| s.count).sum();
        let why = if skipped == 0 { String::new() } else { format!(" ({})", self.reasons()) };
        format!("{} rows read, {} turns kept, {skipped} skipped{why}", self.rows, self.kept)
    }
}
