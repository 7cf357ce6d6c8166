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

impl Illustrations {
    /// The figures that lie in the run folder, by name only: nothing is drawn or read.
    pub fn of_folder(run: &RunContents) -> Self {
        let file = |kind: Kind| format!("figures/{}.png", kind.name());
        let drawn = KINDS.into_iter().filter(|k| run.figures.contains(&file(*k))).map(|kind| Illustration {
            kind,
            file: file(kind),
            png: Vec::new(),
            svg: Vec::new(),
            alt: alt(kind).to_owned(),
        });
        Self { drawn: drawn.collect(), missing: Vec::new() }
    }
}

/// Kinds in a report, in order.
const KINDS: [Kind; 12] = [
    Kind::Vpm,
    Kind::IntensityBars,
    Kind::Frontier,
    Kind::Arrows,
    Kind::Canonical,
    Kind::Epistemic,
    Kind::Projection,
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
        alt: alt(kind).to_owned(),
    })
}

/// Words for readers who do not see a figure. They hold no number: those stand in the tables, from the metrics.
fn alt(kind: Kind) -> &'static str {
    match kind {
        Kind::Vpm => {
            "Three fields side by side, mind A, mind B and their difference D; rows are turns, columns are the shared metrics. \
             In D, warm cells mean that A is higher, blue cells that B is higher, pale cells that they agree."
        }
        Kind::IntensityBars => {
            "A bar for each metric: its mean absolute difference, with a mark at the mean difference, right of zero where A is \
             higher. The values stand in the table by column."
        }
        Kind::Frontier => {
            "One scatter plot a dimension and one for the aggregate: each turn at its score by A and by B, with the diagonal on \
             which they agree and contours around the densest half and nine tenths."
        }
        Kind::Arrows => {
            "An arrow for each turn from B's scores to A's in the plane of their first two common principal components; the thick \
             arrow is the mean. Colour is the mean difference."
        }
        Kind::Canonical => {
            "Three panels: canonical correlations of A's and B's metrics over the level that shuffles of the pairing stay below; how \
             strongly each metric carries the first pair; and a field of what is left of A after its linear prediction from B."
        }
        Kind::Epistemic => {
            "One scatter plot a dimension: the gap in score to the right where A is higher, the gap in uncertainty upwards where A is \
             less sure, with the number of turns in each of the four quadrants."
        }
        Kind::Projection => {
            "Every turn as a point on a plane on which turns with similar differences lie together; colour is the mean difference. A \
             picture only: no statistic is computed on it."
        }
        Kind::Histograms => {
            "One histogram a dimension and one for the aggregate: scores of A filled, of B as an outline."
        }
        Kind::TrainingCurves => {
            "Curves by epoch: the training loss of A and B, and the validation error of each dimension for each of them."
        }
        Kind::Barcode => {
            "Barcode of D: a bar for each piece and each loop from its birth to its death, over a grey band as long as the \
             longest loop that chance gives."
        }
        Kind::Diagram => {
            "Persistence diagram of D: each loop at its birth and death; the grey belt above the diagonal is what chance gives. \
             Beside it, the longest loop of each null field and the observed one."
        }
        Kind::Betti => {
            "Number of open pieces and of open loops of D at each scale, over the range of the null fields."
        }
        Kind::Landscape => {
            "Persistence landscapes of the loops of D: at each scale the height of the highest tents, over half the length \
             of the longest loop that chance gives."
        }
        Kind::PersistenceImage => {
            "The persistence diagram of D as a picture: each loop a bump at its birth and length, weighted by length."
        }
        Kind::Delta => "The difference field D alone; rows are turns, columns are the shared metrics.",
        Kind::Timeline => "A window of turns scrolling through A, B and D.",
    }
}
