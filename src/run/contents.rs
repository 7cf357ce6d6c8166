//! What a run holds, read into plain values for the window, the figures and the report.

use crate::core::bar::{Bar, Cycle};
use crate::core::matrix::Matrix;
use crate::core::turn::{Judgement, Split, Turn};
use crate::run::config::RunConfig;
use crate::run::projection::{Projection, ProjectionKey};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;

/// One pass of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Pass {
    /// Name shown ("HRM h256").
    pub name: String,
    /// Kind of scorer ("hrm", "tiny", "judge", "table").
    pub kind: String,
    /// `[turns, 12]` in SCM column order, NaN where missing.
    pub scm: Matrix,
    /// Per-epoch training numbers, when the pass was trained here.
    pub history: Option<History>,
}

/// Training history of one scorer: one row an epoch (mean over the five dimension models unless the name ends in a dimension).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// Column names ("loss.main", "val.mae.reasoning", "grad_norm", ...).
    pub names: Vec<String>,
    /// `[epochs, names]`.
    pub values: Vec<Vec<f64>>,
}

impl History {
    /// The series of that name by epoch.
    pub fn series(&self, name: &str) -> Option<Vec<f64>> {
        let at = self.names.iter().position(|n| n == name)?;
        self.values.iter().map(|row| row.get(at).copied()).collect()
    }
}

/// Orders in which the rows of a field can be shown; each is a permutation of the rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Orders {
    /// Name ("time", "D", "PHOS", "cluster") and permutation: position -> row.
    pub rows: Vec<(String, Vec<usize>)>,
    /// PHOS order of the columns: position -> column.
    pub phos_columns: Vec<usize>,
    /// Whether PHOS raised the concentration by at least 2 %.
    pub phos_kept: bool,
    /// Cluster of each row, for the "cluster" order; empty when none.
    pub clusters: Vec<usize>,
}

/// A run read from its folder. Whatever could not be read is absent here and named in `problems`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunContents {
    /// The folder.
    pub folder: PathBuf,
    /// The manifest as JSON (spec 8).
    pub manifest: Value,
    /// How the run stands, in words ("complete", "stopped in pass B").
    pub status: String,
    /// What was asked for; `None` when its `config.toml` cannot be read.
    pub config: Option<RunConfig>,
    /// Turns in row order.
    pub turns: Arc<Vec<Turn>>,
    /// Judgements, all judges.
    pub judgements: Arc<Vec<Judgement>>,
    /// Split of each turn, same order; empty when nothing was trained.
    pub splits: Vec<Split>,
    /// Pass A.
    pub a: Option<Arc<Pass>>,
    /// Pass B.
    pub b: Option<Arc<Pass>>,
    /// Training histories of A and B, also of a run whose passes are not made yet.
    pub trainings: [Option<Arc<History>>; 2],
    /// Scores of the validation turns after every epoch of training, with the pass they belong to ("A", "B"): one
    /// `[validation turns, 5]` matrix an epoch, rows in row order.
    pub validation: Vec<(String, Arc<Matrix>)>,
    /// A - B, `[turns, 12]`, same rows as A and B.
    pub delta: Option<Arc<Matrix>>,
    /// Row and column orders.
    pub orders: Orders,
    /// Projections the run keeps, for pictures.
    pub projections: Vec<Arc<Projection>>,
    /// Uncertainty of A minus that of B of each dimension's own model, `[turns, 5]`, where both passes tell it.
    pub uncertainty_gap: Option<Arc<Matrix>>,
    /// Bars of the persistence diagram of D.
    pub bars: Vec<Bar>,
    /// Representative cycles of the longest bars (vertices are rows of D).
    pub cycles: Vec<Cycle>,
    /// Longest H1 bar of each null field.
    pub nulls: Vec<f64>,
    /// `metrics/*.json` by stem ("intensity", "scorers", "topology", "significance", "timing").
    pub metrics: std::collections::BTreeMap<String, Value>,
    /// Slices that a reader kept.
    pub slices: Vec<super::slices::Slice>,
    /// Figures present, relative paths.
    pub figures: Vec<String>,
    /// One sentence for each thing that could not be read.
    pub problems: Vec<String>,
}

impl RunContents {
    /// Title from the manifest, else the folder's name.
    pub fn title(&self) -> String {
        self.manifest.get("title").and_then(Value::as_str).map_or_else(
            || self.folder.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned()),
            str::to_owned,
        )
    }

    /// Run id from the manifest, empty when unknown.
    pub fn run_id(&self) -> &str {
        self.manifest.get("run_id").and_then(Value::as_str).unwrap_or_default()
    }

    /// What figures call this run: the fingerprint of its result (equal for equal runs, free of clocks), or the run id
    /// of a run that has none yet.
    pub fn result_id(&self) -> &str {
        let fingerprint = self.manifest.get("fingerprint").and_then(Value::as_str).unwrap_or_default();
        if fingerprint.is_empty() { self.run_id() } else { fingerprint }
    }

    /// The seed of its random streams; 0 where it is not known.
    pub fn seed(&self) -> u64 {
        self.manifest.get("seed").and_then(Value::as_u64).unwrap_or(0)
    }

    /// The projection of that key, when the run keeps it.
    pub fn projection(&self, key: ProjectionKey) -> Option<&Arc<Projection>> {
        self.projections.iter().find(|p| p.key == key)
    }

    /// Number at a path of `metrics[stem]`, such as `("intensity", "/delta_mass/value")`.
    pub fn number(&self, stem: &str, pointer: &str) -> Option<f64> {
        self.metrics.get(stem)?.pointer(pointer)?.as_f64()
    }
}
