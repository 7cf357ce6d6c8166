//! The sections of a report, one a file, in the order in which they are read.

mod asked;
mod field;
mod limits;
mod provenance;
mod quality;
mod topology;

use super::document::{Block, Document};
use super::illustrations::Illustrations;
use crate::figure::Kind;
use crate::run::contents::RunContents;

/// Writes all sections.
pub fn write(run: &RunContents, figures: &Illustrations, doc: &mut Document) {
    asked::write(run, doc);
    quality::write(run, doc);
    show(figures, doc, &[(Kind::TrainingCurves, "Training loss and validation error by epoch.")]);
    field::write(run, doc);
    show(
        figures,
        doc,
        &[
            (Kind::Vpm, "A, B and D, one row a turn, the same turn in the same row of all three."),
            (Kind::IntensityBars, "How large D is in each column, and in which direction."),
            (Kind::Frontier, "Every turn at its score by A and by B; on the diagonal the minds agree."),
            (Kind::Arrows, "From B's scores to A's, every turn, in the plane that shows most of both."),
            (Kind::Canonical, "What A's and B's metrics share, and what is left of A once B has spoken."),
            (Kind::Epistemic, "Does the higher score come from the surer mind?"),
            (
                Kind::Projection,
                "Turns that differ alike lie together. A picture only: no statistic is computed on it.",
            ),
            (Kind::Histograms, "How A and B spread their scores."),
        ],
    );
    topology::write(run, doc);
    show(
        figures,
        doc,
        &[
            (Kind::Barcode, "Bars over what chance gives."),
            (Kind::Diagram, "Birth against death of every bar, and the null fields."),
            (Kind::Betti, "Open classes at each scale."),
        ],
    );
    calibration(run, doc);
    limits::write(run, figures, doc);
    provenance::write(run, doc);
}

fn show(figures: &Illustrations, doc: &mut Document, wanted: &[(Kind, &str)]) {
    for (kind, caption) in wanted {
        let Some(index) = figures.drawn.iter().position(|f| f.kind == *kind) else { continue };
        let figure = &figures.drawn[index];
        doc.blocks.push(Block::Figure {
            index,
            file: figure.file.clone(),
            alt: figure.alt.clone(),
            caption: (*caption).to_owned(),
        });
    }
}

fn calibration(run: &RunContents, doc: &mut Document) {
    doc.section("Calibration");
    if run.metrics.contains_key("calibration") {
        doc.say("Calibration numbers stand in metrics/calibration.json.");
    } else {
        doc.say("B was not calibrated to A in this run: its scores are used as they are.");
    }
}
