//! How much two passes differ, in numbers with their N, definition and 95 % bootstrap interval over turns.

mod cells;
mod estimate;
mod kendall;
mod rank;
pub mod sensitivity;
mod summary;
mod top;

pub use estimate::{Estimate, RESAMPLES};
pub use kendall::kendall_tau_b;
pub use summary::{NEARLY_EMPTY, Verdict};
pub use top::{TopColumn, TopRow};

use crate::core::dimension::Dimension;
use crate::core::matrix::Matrix;
use crate::core::scm;
use crate::field::delta::DeltaOptions;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Half of the score range: the side of it on which a cell lies is what agreement compares.
pub const MIDDLE: f32 = 0.5;
/// Two scores this close count as close.
pub const CLOSE: f32 = 0.05;
/// Slack of f32 subtraction when comparing with [`CLOSE`].
const ROUNDING: f32 = 1e-6;

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub struct Measured<'a> {
    /// Pass A, `[turns, 12]`, raw SCM.
    pub a: &'a Matrix,
    /// Pass B, same shape and rows.
    pub b: &'a Matrix,
    /// D, same shape and rows.
    pub d: &'a Matrix,
    /// The turn of each row.
    pub turn_ids: &'a [String],
    /// How D was made: decides its unit.
    pub options: &'a DeltaOptions,
}

impl Measured<'_> {
    /// Unit of D.
    fn unit(&self) -> &'static str {
        match (self.options.standardised, self.options.weights.is_some()) {
            (false, false) => "score",
            (false, true) => "weighted score",
            (true, false) => "standard deviations",
            (true, true) => "weighted standard deviations",
        }
    }
}

/// Why nothing can be measured.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MetricsError {
    /// A, B, D and the identifiers disagree in size.
    #[error("the metrics need A, B and D of {rows} turns and {columns} columns each; align the passes first")]
    Shape {
        /// Number of identifiers.
        rows: usize,
        /// Columns of the SCM.
        columns: usize,
    },
}

/// Rank agreement of one dimension.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RankAgreement {
    /// Spearman's rho.
    pub spearman: Estimate,
    /// Kendall's tau-b.
    pub kendall_tau_b: Estimate,
}

/// Cosine between A and B.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CosineOverlap {
    /// Of the centred, flattened five-column matrices.
    pub flattened: Estimate,
    /// Mean of the cosines of the rows of the same matrices.
    pub rowwise: Estimate,
}

/// Difference of uncertainty.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UncertaintyGap {
    /// Signed mean.
    pub mean: Estimate,
    /// Mean of absolute values.
    pub mean_abs: Estimate,
}

/// The length column says nothing about the scorer, so its delta must be zero.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SelfCheck {
    /// Largest absolute D of the length column; `None` when no turn has it in both passes.
    pub largest_abs: Option<f64>,
    /// Number of turns looked at.
    pub n: usize,
    /// Whether it is zero to rounding.
    pub passed: bool,
    /// What is checked.
    pub definition: String,
}

/// Everything in `metrics/intensity.json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Intensity {
    /// One or two sentences made from the numbers.
    pub summary: String,
    /// How much there is to see.
    pub verdict: Verdict,
    /// Turns compared.
    pub turns: usize,
    /// Resamples of the bootstrap; a metric that used fewer says so.
    pub resamples: usize,
    /// Seed of the bootstrap.
    pub seed: u64,
    /// What the intervals are.
    pub interval: String,
    /// How D was made.
    pub delta: DeltaOptions,
    /// Unit of D.
    pub unit: String,
    /// Mean absolute D over the five score columns.
    pub delta_mass: Estimate,
    /// The same for each column, by full name.
    pub delta_mass_by_column: BTreeMap<String, Estimate>,
    /// Signed mean of D for each column, by full name.
    pub bias: BTreeMap<String, Estimate>,
    /// Cosine between A and B.
    pub cosine_overlap: CosineOverlap,
    /// Share of cells on the same side of 0.5.
    pub agreement_rate: Estimate,
    /// Cohen's kappa of those sides.
    pub kappa: Estimate,
    /// Share of cells with abs D <= 0.05.
    pub close_share: Estimate,
    /// Rank agreement for each dimension, by name.
    pub rank_agreement: BTreeMap<String, RankAgreement>,
    /// Difference of uncertainty.
    pub uncertainty_gap: UncertaintyGap,
    /// Response of D to small moves of the embedding; filled in by whoever has the scorers.
    pub sensitivity_index: Option<Estimate>,
    /// Columns by mean absolute D, largest first.
    pub top_columns: Vec<TopColumn>,
    /// The 25 turns with the largest mean absolute D over the five score columns.
    pub top_rows: Vec<TopRow>,
    /// The instrument's self-check.
    pub self_check: SelfCheck,
}

/// Measures the field; 2000 bootstrap resamples over turns from `seed`, the same on any number of threads.
///
/// # Errors
/// [`MetricsError::Shape`] when A, B, D and the identifiers are not of one size.
pub fn intensity(measured: Measured<'_>, seed: u64) -> Result<Intensity, MetricsError> {
    let rows = measured.turn_ids.len();
    let fits = |m: &Matrix| m.rows() == rows && m.cols() == scm::N_COLUMNS;
    if rows == 0 || ![measured.a, measured.b, measured.d].into_iter().all(fits) {
        return Err(MetricsError::Shape { rows, columns: scm::N_COLUMNS });
    }
    let numbers = estimate::run(&measured, seed);
    let mut out = assemble(&measured, seed, numbers);
    (out.verdict, out.summary) = summary::write(&out);
    Ok(out)
}

fn assemble(m: &Measured<'_>, seed: u64, n: estimate::Estimates) -> Intensity {
    let by_column = |estimates: Vec<Estimate>| {
        scm::COLUMNS.iter().map(|c| (*c).to_owned()).zip(estimates).collect::<BTreeMap<_, _>>()
    };
    let rank_agreement = Dimension::ALL
        .iter()
        .zip(n.spearman.into_iter().zip(n.kendall))
        .map(|(d, (spearman, kendall_tau_b))| {
            (d.name().to_owned(), RankAgreement { spearman, kendall_tau_b })
        })
        .collect();
    Intensity {
        summary: String::new(),
        verdict: Verdict::NearlyEmpty,
        turns: m.turn_ids.len(),
        resamples: RESAMPLES,
        seed,
        interval: "95 % percentile bootstrap over turns".to_owned(),
        delta: m.options.clone(),
        unit: m.unit().to_owned(),
        delta_mass: n.delta_mass,
        delta_mass_by_column: by_column(n.mass_by_column),
        bias: by_column(n.bias),
        cosine_overlap: CosineOverlap { flattened: n.cosine_flattened, rowwise: n.cosine_rowwise },
        agreement_rate: n.agreement,
        kappa: n.kappa,
        close_share: n.close,
        rank_agreement,
        uncertainty_gap: UncertaintyGap { mean: n.gap, mean_abs: n.gap_abs },
        sensitivity_index: None,
        top_columns: top::columns(m.d),
        top_rows: top::rows(m.d, m.turn_ids),
        self_check: self_check(m),
    }
}

fn self_check(m: &Measured<'_>) -> SelfCheck {
    let gaps: Vec<f64> = (0..m.a.rows())
        .map(|r| f64::from(m.a.get(r, scm::LENGTH)) - f64::from(m.b.get(r, scm::LENGTH)))
        .filter(|d| d.is_finite())
        .map(f64::abs)
        .collect();
    let largest_abs = gaps.iter().copied().reduce(f64::max);
    SelfCheck {
        largest_abs,
        n: gaps.len(),
        passed: largest_abs.is_none_or(|d| d <= 1e-6),
        definition: "largest abs (A - B) of the length column, which every scorer must write alike"
            .to_owned(),
    }
}

/// JSON with sorted keys and two-space indents: the same value gives the same bytes on every machine.
///
/// # Errors
/// Those of serde: a key that is not text.
pub fn to_sorted_json(value: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(&sorted(serde_json::to_value(value)?))?;
    text.push('\n');
    Ok(text)
}

/// Sorts keys whatever map serde_json was built with (a dependency may ask it to keep insertion order).
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let entries: BTreeMap<String, Value> = map.into_iter().collect();
            Value::Object(entries.into_iter().map(|(k, v)| (k, sorted(v))).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests;
