//! What is asked of a run: one struct for the command line, the file, the window's form and the record.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Everything that decides a run's result. Only what differs from the defaults is written to `config.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunConfig {
    /// Title shown in lists.
    pub title: String,
    /// Turns table; `None` takes the bundled corpus.
    pub turns: Option<PathBuf>,
    /// Judgements table, when the turns table carries no score columns.
    pub judgements: Option<PathBuf>,
    /// Which judge supervises; `None` takes the first in the table.
    pub judge: Option<String>,
    /// The reference mind.
    pub a: PassConfig,
    /// The mind compared with it.
    pub b: PassConfig,
    /// The 64-bit seed of every random stream.
    pub seed: u64,
    /// Embedding provider: `static`.
    pub embedding: String,
    /// A smaller, faster run: fewer epochs, no second look.
    pub quick: bool,
    /// Row cap after import, 0 for none.
    pub limit: usize,
    /// Nulls of the topology test.
    pub nulls: usize,
    /// Highest homological dimension.
    pub max_dim: usize,
}

impl Default for RunConfig {
    fn default() -> Self {
        Self {
            title: "Deep and tiny".to_owned(),
            turns: None,
            judgements: None,
            judge: None,
            a: PassConfig { kind: PassKind::Hrm, ..PassConfig::default() },
            b: PassConfig { kind: PassKind::Tiny, ..PassConfig::default() },
            seed: 8_412_067_713_905_526_142,
            embedding: "static".to_owned(),
            quick: false,
            limit: 0,
            nulls: 199,
            max_dim: 1,
        }
    }
}

/// How a pass comes to its scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PassKind {
    /// The hierarchical recursive scorer, trained here.
    Hrm,
    /// The tiny recursive scorer, trained here.
    Tiny,
    /// A judge's own judgements taken as a pass.
    Judge,
    /// A table with `turn_id` and SCM columns.
    Table,
}

/// One side of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PassConfig {
    /// What kind of scorer.
    pub kind: PassKind,
    /// Name shown; empty derives one from the kind ("HRM h256").
    pub name: String,
    /// For `judge`: the judge's name. For `table`: the file.
    pub source: Option<String>,
    /// Epochs at most; 0 takes the scorer's default.
    pub epochs: usize,
    /// Peak learning rate; 0 takes the scorer's default.
    pub learning_rate: f64,
    /// Batch size; 0 takes the scorer's default.
    pub batch: usize,
    /// Dropout; negative takes the scorer's default.
    pub dropout: f64,
    /// Guardrails (log_var clamp, gradient clip, loss caps, skipping non-finite batches); off only to teach.
    pub guardrails: bool,
}

impl Default for PassConfig {
    fn default() -> Self {
        Self {
            kind: PassKind::Hrm,
            name: String::new(),
            source: None,
            epochs: 0,
            learning_rate: 0.0,
            batch: 0,
            dropout: -1.0,
            guardrails: true,
        }
    }
}
