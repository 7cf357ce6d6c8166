//! The figures of a report, drawn from the run.

use crate::figure::writers::{scene_png, scene_svg};
use crate::figure::{FigureError, FigureSpec, Kind, draw, provenance};
use crate::run::contents::RunContents;

/// One figure of a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Illustration {
    /// What it is.
    pub kind: Kind,
    /// Path relative to the run folder, `figures/<kind>.png`.
    pub file: String,
    /// The PNG file.
    pub png: Vec<u8>,
    /// The SVG file, `figures/<kind>.svg`.
    pub svg: Vec<u8>,
    /// Words for readers who do not see it.
    pub alt: String,
}

/// All figures of a report and why others are not there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Illustrations {
    /// Figures drawn, in the order of the report.
    pub drawn: Vec<Illustration>,
    /// One sentence for each figure that the run cannot have.
    pub missing: Vec<String>,
}

/// Kinds in a report, in order.
const KINDS: [Kind; 8] = [
    Kind::Vpm,
    Kind::IntensityBars,
    Kind::Frontier,
    Kind::Histograms,
    Kind::TrainingCurves,
    Kind::Barcode,
    Kind::Diagram,
    Kind::Betti,
];

/// Draws what the run has.
pub fn illustrate(run: &RunContents) -> Illustrations {
    let mut out = Illustrations::default();
    for kind in KINDS {
        match one(run, kind) {
            Ok(figure) => out.drawn.push(figure),
            Err(error) => out.missing.push(error.to_string()),
        }
    }
    out
}

fn one(run: &RunContents, kind: Kind) -> Result<Illustration, FigureError> {
    let spec = FigureSpec::of(kind);
    let scene = draw(run, &spec)?;
    let provenance = provenance::of(run, &spec).to_string();
    Ok(Illustration {
        kind,
        file: format!("figures/{}.png", kind.name()),
        png: scene_png(&scene, &provenance)?,
        svg: scene_svg(&scene, &provenance)?,
        alt: scene.alt,
    })
}
