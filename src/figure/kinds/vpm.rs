//! `vpm`: A, B and D side by side, one row a turn, the same row of the same turn in all three.

use super::field_sheet::{FieldSheet, Panel};
use super::shown;
use crate::figure::spec::FigureSpec;
use crate::figure::{FigureError, Scene};
use crate::run::contents::RunContents;

/// Draws the triptych.
///
/// # Errors
/// When the run lacks a pass or the field, or the spec names something unknown.
pub fn draw(run: &RunContents, spec: &FigureSpec) -> Result<Scene, FigureError> {
    let (a, b, d) = (shown::pass_a(run, spec)?, shown::pass_b(run, spec)?, shown::delta(run, spec)?);
    let panels = vec![
        Panel { title: format!("A, {}", a.name), matrix: &a.scm, is_delta: false },
        Panel { title: format!("B, {}", b.name), matrix: &b.scm, is_delta: false },
        Panel { title: "D = A − B".to_owned(), matrix: d, is_delta: true },
    ];
    FieldSheet::new(run, spec, panels)?.draw()
}
