//! Shared Canonical Metrics: the twelve columns in which every scorer's opinion is written.

/// How many columns the SCM has.
pub const N_COLUMNS: usize = 12;

/// Full column names as they stand in files, in order (spec 4).
pub const COLUMNS: [&str; N_COLUMNS] = [
    "scm.reasoning.score01",
    "scm.knowledge.score01",
    "scm.clarity.score01",
    "scm.faithfulness.score01",
    "scm.coverage.score01",
    "scm.aggregate01",
    "scm.uncertainty01",
    "scm.ood_hat01",
    "scm.consistency01",
    "scm.length_norm01",
    "scm.temp01",
    "scm.agree_hat01",
];

/// Short names for pictures and tables.
pub const SHORT: [&str; N_COLUMNS] = [
    "reasoning",
    "knowledge",
    "clarity",
    "faithfulness",
    "coverage",
    "aggregate",
    "uncertainty",
    "ood",
    "consistency",
    "length",
    "temp",
    "agree",
];

/// The five score columns.
pub const SCORES: std::ops::Range<usize> = 0..5;
/// Index of the mean of the five.
pub const AGGREGATE: usize = 5;
/// Index of the uncertainty column.
pub const UNCERTAINTY: usize = 6;
/// Index of the out-of-distribution column.
pub const OOD: usize = 7;
/// Index of the consistency column.
pub const CONSISTENCY: usize = 8;
/// Index of the length column: the same for every scorer, its delta is the instrument's self-check.
pub const LENGTH: usize = 9;
/// Index of the temperature column.
pub const TEMP: usize = 10;
/// Index of the predicted agreement column.
pub const AGREE: usize = 11;

/// A group of columns that stand together in pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// Name shown above the group.
    pub name: &'static str,
    /// First column.
    pub start: usize,
    /// One past the last column.
    pub end: usize,
}

/// Scores (five and aggregate), trust, checks.
pub const GROUPS: [Group; 3] = [
    Group { name: "scores", start: 0, end: 6 },
    Group { name: "trust", start: 6, end: 9 },
    Group { name: "checks", start: 9, end: 12 },
];

/// Index of a column by full or short name.
pub fn column_index(name: &str) -> Option<usize> {
    COLUMNS.iter().position(|c| *c == name).or_else(|| SHORT.iter().position(|c| *c == name))
}

/// Length column of an answer of `tokens` tokens: clip01((tanh(tokens/512)+1)/2) (spec 4).
pub fn length_norm01(tokens: usize) -> f32 {
    (((tokens as f64 / 512.0).tanh() + 1.0) / 2.0).clamp(0.0, 1.0) as f32
}
