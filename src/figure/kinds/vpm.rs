//! `vpm`: A, B and D (or those asked for) side by side, one row a turn, the same row of the same turn in all.

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
    let letters = if spec.panels.is_empty() { "ABD" } else { spec.panels.as_str() };
    let mut panels = Vec::new();
    for letter in letters.chars() {
        panels.push(match letter.to_ascii_uppercase() {
            'A' => {
                let a = shown::pass_a(run, spec)?;
                Panel { title: format!("A, {}", a.name), matrix: &a.scm, is_delta: false }
            }
            'B' => {
                let b = shown::pass_b(run, spec)?;
                Panel { title: format!("B, {}", b.name), matrix: &b.scm, is_delta: false }
            }
            'D' => {
                Panel { title: "D = A − B".to_owned(), matrix: shown::delta(run, spec)?, is_delta: true }
            }
            _ => return Err(unknown(&spec.panels)),
        });
    }
    if panels.len() > 3 {
        return Err(unknown(&spec.panels));
    }
    FieldSheet::new(run, spec, panels)?.draw()
}

fn unknown(panels: &str) -> FigureError {
    FigureError::Spec {
        field: "panels",
        value: panels.to_owned(),
        hint: "take up to three of the letters A, B and D, for example AD".to_owned(),
    }
}
