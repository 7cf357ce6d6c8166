//! Where each thing lies in a run folder; always with forward slashes, always relative.

/// The manifest.
pub const MANIFEST: &str = "manifest.json";
/// What was asked, only what differs from the defaults.
pub const CONFIG: &str = "config.toml";
/// Events with levels and times; never hashed, because it grows after the manifest is written.
pub const LOG: &str = "log.jsonl";
/// Turns in row order.
pub const TURNS: &str = "turns.parquet";
/// Judgements of all judges.
pub const JUDGEMENTS: &str = "judgements.parquet";
/// Split of each turn.
pub const SPLITS: &str = "splits.parquet";
/// Turns left out of the field, with the reason.
pub const EXCLUDED: &str = "excluded.parquet";
/// Embeddings of goals and responses, with ids.
pub const EMBEDDINGS: &str = "embeddings.safetensors";
/// The difference field.
pub const DELTA: &str = "field/delta.parquet";
/// Orders of rows and columns.
pub const ORDER: &str = "field/order.json";
/// Gap in uncertainty a turn and dimension, where both passes tell it by dimension.
pub const UNCERTAINTY_GAP: &str = "field/uncertainty.parquet";
/// Two-dimensional projections for pictures.
pub const PROJECTION: &str = "field/projection.parquet";
/// Bars of the persistence diagram.
pub const DIAGRAM: &str = "topology/diagram.parquet";
/// Representative cycles.
pub const CYCLES: &str = "topology/cycles.json";
/// Statistics of the null fields.
pub const NULLS: &str = "topology/null.parquet";
/// Folder of the metrics.
pub const METRICS: &str = "metrics";
/// Folder of the figures.
pub const FIGURES: &str = "figures";
/// The report as Markdown.
pub const REPORT_MD: &str = "report.md";
/// The report as HTML.
pub const REPORT_HTML: &str = "report.html";

/// Named slices a reader kept; notes, not a result: never hashed.
pub const SLICES: &str = "slices.json";

/// Metrics file of a stem: `metrics/intensity.json`.
pub fn metrics(stem: &str) -> String {
    format!("{METRICS}/{stem}.json")
}

/// A file of the model of one pass ("A" or "B") on one dimension: `models/A/reasoning/weights.safetensors`.
/// The pass, not the kind, names the folder, so that two scorers of one kind do not collide.
pub fn model(pass: &str, dimension: crate::core::dimension::Dimension, file: &str) -> String {
    format!("models/{pass}/{dimension}/{file}")
}

/// Training history of one model.
pub fn history(pass: &str, dimension: crate::core::dimension::Dimension) -> String {
    model(pass, dimension, "history.parquet")
}

/// Scores of the validation turns after every epoch of one training.
pub fn validation(pass: &str) -> String {
    format!("models/{pass}/validation.parquet")
}

/// A file of one pass ("A" or "B"): `passes/A/scm.parquet`.
pub fn pass(pass: &str, file: &str) -> String {
    format!("passes/{pass}/{file}")
}

/// The twelve columns of one pass.
pub fn scm(name: &str) -> String {
    pass(name, "scm.parquet")
}

/// Scores of one pass where the answers' embeddings were moved a little: what the sensitivity index is made from.
pub fn moved(name: &str) -> String {
    pass(name, "moved.parquet")
}

/// All per-dimension values of one pass.
pub fn cube(name: &str) -> String {
    pass(name, "cube.parquet")
}
