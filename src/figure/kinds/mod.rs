//! The kinds of figures, one a file.

pub mod arrows;
pub mod barcode;
pub mod betti;
pub mod canonical;
pub mod delta;
pub mod diagram;
pub mod epistemic;
mod field_sheet;
pub mod frontier;
pub mod histograms;
pub mod intensity_bars;
pub mod landscape;
mod legend;
pub mod p_calibration;
mod panels;
mod persistence;
pub mod persistence_image;
mod points;
pub mod projection;
pub mod shown;
pub mod timeline;
pub mod training_curves;
pub mod vpm;

use super::spec::{FigureSpec, Kind};
use super::{FigureError, Scene};
use crate::run::contents::RunContents;

/// Draws a figure; the timeline gives its first frame.
///
/// # Errors
/// When the run lacks what the kind draws, or the spec names something unknown.
pub fn draw(run: &RunContents, spec: &FigureSpec) -> Result<Scene, FigureError> {
    match spec.kind {
        Kind::Vpm => vpm::draw(run, spec),
        Kind::Delta => delta::draw(run, spec),
        Kind::Barcode => barcode::draw(run, spec),
        Kind::Diagram => diagram::draw(run, spec),
        Kind::Betti => betti::draw(run, spec),
        Kind::Landscape => landscape::draw(run, spec),
        Kind::PersistenceImage => persistence_image::draw(run, spec),
        Kind::TrainingCurves => training_curves::draw(run, spec),
        Kind::Timeline => timeline::draw(run, spec),
        Kind::Histograms => histograms::draw(run, spec),
        Kind::IntensityBars => intensity_bars::draw(run, spec),
        Kind::Frontier => frontier::draw(run, spec),
        Kind::Arrows => arrows::draw(run, spec),
        Kind::Canonical => canonical::draw(run, spec),
        Kind::Epistemic => epistemic::draw(run, spec),
        Kind::Projection => projection::draw(run, spec),
    }
}

/// The error for a run that lacks what a kind draws.
pub(crate) fn missing(run: &RunContents, spec: &FigureSpec, what: &str, hint: &'static str) -> FigureError {
    FigureError::Missing { kind: spec.kind.name(), what: what.to_owned(), run: run.title(), hint }
}
