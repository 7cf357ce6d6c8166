//! `delta`: the difference field alone, with its colour bar or edge to edge.

use super::field_sheet::{FieldSheet, Panel};
use super::shown;
use crate::figure::spec::FigureSpec;
use crate::figure::{FigureError, Scene};
use crate::run::contents::RunContents;

/// Draws D.
///
/// # Errors
/// When the run has no field, or the spec names something unknown.
pub fn draw(run: &RunContents, spec: &FigureSpec) -> Result<Scene, FigureError> {
    let d = shown::delta(run, spec)?;
    let names = match (&run.a, &run.b) {
        (Some(a), Some(b)) => format!("D = A − B, {} against {}", a.name, b.name),
        _ => "D = A − B".to_owned(),
    };
    let sheet = FieldSheet::new(run, spec, vec![Panel { title: names, matrix: d, is_delta: true }])?;
    if spec.bare { sheet.bare() } else { sheet.draw() }
}
