//! What of a field is shown: the passes, the columns in their groups, the rows in their order and blocks.

use super::missing;
use crate::core::matrix::Matrix;
use crate::core::scm;
use crate::field::order::{RowOrder, row_order};
use crate::figure::FigureError;
use crate::figure::spec::FigureSpec;
use crate::run::contents::{Pass, RunContents};
use std::sync::Arc;

/// Mean differences below this are called close.
const CLOSE: f64 = 0.05;

/// Pass A, or the error that says what to do.
///
/// # Errors
/// When the run has no pass A.
pub fn pass_a<'a>(run: &'a RunContents, spec: &FigureSpec) -> Result<&'a Arc<Pass>, FigureError> {
    run.a
        .as_ref()
        .filter(whole)
        .ok_or_else(|| missing(run, spec, "pass A", "resume the run until both passes are done"))
}

/// Pass B, or the error that says what to do.
///
/// # Errors
/// When the run has no pass B.
pub fn pass_b<'a>(run: &'a RunContents, spec: &FigureSpec) -> Result<&'a Arc<Pass>, FigureError> {
    run.b
        .as_ref()
        .filter(whole)
        .ok_or_else(|| missing(run, spec, "pass B", "resume the run until both passes are done"))
}

/// Whether a pass holds turns in all SCM columns.
fn whole(pass: &&Arc<Pass>) -> bool {
    pass.scm.rows() > 0 && pass.scm.cols() == scm::N_COLUMNS
}

/// D, or the error that says what to do.
///
/// # Errors
/// When the run has no field or it is empty.
pub fn delta<'a>(run: &'a RunContents, spec: &FigureSpec) -> Result<&'a Arc<Matrix>, FigureError> {
    let d = run.delta.as_ref().filter(|d| d.rows() > 0 && d.cols() == scm::N_COLUMNS);
    d.ok_or_else(|| {
        missing(run, spec, "the difference field", "resume the run until the field stage is done")
    })
}

/// Columns of the spec by index; all twelve when it names none.
///
/// # Errors
/// When a name is no SCM column.
pub fn columns(spec: &FigureSpec) -> Result<Vec<usize>, FigureError> {
    if spec.columns.is_empty() {
        return Ok((0..scm::N_COLUMNS).collect());
    }
    let index = |name: &String| {
        scm::column_index(name).ok_or_else(|| FigureError::Spec {
            field: "column",
            value: name.clone(),
            hint: format!("take {}", scm::SHORT.join(", ")),
        })
    };
    spec.columns.iter().map(index).collect()
}

/// Columns that stand side by side without a gap.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnGroup {
    /// The group's name.
    pub name: &'static str,
    /// Indices of its columns.
    pub columns: Vec<usize>,
}

/// Splits columns wherever the SCM group changes.
pub fn groups(columns: &[usize]) -> Vec<ColumnGroup> {
    let name = |c: usize| scm::GROUPS.iter().find(|g| (g.start..g.end).contains(&c)).map_or("", |g| g.name);
    let mut out: Vec<ColumnGroup> = Vec::new();
    for column in columns {
        match out.last_mut() {
            Some(last) if last.name == name(*column) => last.columns.push(*column),
            _ => out.push(ColumnGroup { name: name(*column), columns: vec![*column] }),
        }
    }
    out
}

/// Neighbouring rows of one cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct RowBlock {
    /// Rows in drawing order.
    pub rows: Vec<usize>,
    /// What they have in common; empty when the order has no clusters.
    pub words: &'static str,
    /// Mean of D over the score columns; NaN when unknown.
    pub mean: f64,
}

/// The rows shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// In blocks, in drawing order.
    pub blocks: Vec<RowBlock>,
    /// The same without the blocks.
    pub all: Vec<usize>,
    /// "by cluster of D", "in time order", ...
    pub order: String,
}

/// The rows of a field of `n` rows in the order the spec names, restricted to its slice.
///
/// # Errors
/// When the run has no such order, or the slice holds no row of the run.
pub fn rows(run: &RunContents, spec: &FigureSpec, n: usize, d: Option<&Matrix>) -> Result<Rows, FigureError> {
    let named = |name: &str| run.orders.rows.iter().find(|(k, _)| k.eq_ignore_ascii_case(name));
    let (name, mut all) = match (spec.order.as_str(), named("cluster")) {
        ("", Some((name, rows))) => (name.clone(), rows.clone()),
        ("", None) => ("time".to_owned(), named("time").map_or_else(|| (0..n).collect(), |(_, r)| r.clone())),
        (asked, _) => match named(asked) {
            Some((name, rows)) => (name.clone(), rows.clone()),
            None if asked.eq_ignore_ascii_case("time") => ("time".to_owned(), (0..n).collect()),
            None if learned(run, asked).is_some() => {
                (format!("D {asked}").replace("D D", "mean D"), learned(run, asked).unwrap_or_default())
            }
            None => {
                let have: Vec<&str> = run.orders.rows.iter().map(|(k, _)| k.as_str()).collect();
                return Err(FigureError::Spec {
                    field: "order",
                    value: asked.to_owned(),
                    hint: format!(
                        "this run has {}",
                        if have.is_empty() { "time".into() } else { have.join(", ") }
                    ),
                });
            }
        },
    };
    let wanted: std::collections::BTreeSet<usize> = spec.rows.iter().copied().collect();
    all.retain(|r| *r < n && (wanted.is_empty() || wanted.contains(r)));
    if all.is_empty() {
        return Err(FigureError::Spec {
            field: "rows",
            value: format!("{} rows", spec.rows.len()),
            hint: format!("the run has rows 0 to {}", n.saturating_sub(1)),
        });
    }
    let clustered = name.eq_ignore_ascii_case("cluster") && run.orders.clusters.len() >= n;
    let blocks = if clustered { blocks(run, &all, d) } else { vec![plain(&all)] };
    let order = match name.to_lowercase().as_str() {
        "time" => "in time order".to_owned(),
        "cluster" => "by cluster of D".to_owned(),
        "phos" => "in PHOS order".to_owned(),
        _ => format!("by {name}"),
    };
    Ok(Rows { blocks, all, order })
}

/// Rows by mean D or by D of a column, largest first; `None` when it is neither or the run has no field.
fn learned(run: &RunContents, asked: &str) -> Option<Vec<usize>> {
    let d = run.delta.as_ref()?;
    let order = match scm::column_index(asked) {
        Some(column) => RowOrder::Column(column),
        None if asked.eq_ignore_ascii_case("d") => RowOrder::Delta,
        None => return None,
    };
    Some(row_order(&order, d, 0).rows)
}

fn plain(all: &[usize]) -> RowBlock {
    RowBlock { rows: all.to_vec(), words: "", mean: f64::NAN }
}

fn blocks(run: &RunContents, all: &[usize], d: Option<&Matrix>) -> Vec<RowBlock> {
    let mut out: Vec<RowBlock> = Vec::new();
    let mut last = usize::MAX;
    for row in all {
        let cluster = run.orders.clusters[*row];
        match out.last_mut() {
            Some(block) if cluster == last => block.rows.push(*row),
            _ => out.push(plain(&[*row])),
        }
        last = cluster;
    }
    for block in &mut out {
        block.mean = d.map_or(f64::NAN, |d| mean_score(d, &block.rows));
        block.words = match block.mean {
            m if m > CLOSE => "A higher",
            m if m < -CLOSE => "B higher",
            m if m.is_nan() => "missing",
            _ => "close",
        };
    }
    out
}

/// Mean over the score columns of the rows given, missing values left out; NaN when there is none.
pub fn mean_score(m: &Matrix, rows: &[usize]) -> f64 {
    let values: Vec<f64> = rows
        .iter()
        .flat_map(|r| scm::SCORES.map(move |c| f64::from(m.get(*r, c))))
        .filter(|v| v.is_finite())
        .collect();
    crate::core::stats::mean(&values).unwrap_or(f64::NAN)
}
