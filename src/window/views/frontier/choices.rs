//! What the maps show: which of them, of which metrics.

use crate::core::dimension::Dimension;
use crate::core::scm;
use crate::window::views::plane::Plane;
use crate::window::widgets::{choice, choice_row};
use egui::Ui;

/// Which map fills the view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MapChoice {
    /// All four side by side.
    #[default]
    All,
    /// Every turn at (A, B).
    Frontier,
    /// From B's to A's scores in one plane.
    Arrows,
    /// What A's and B's columns share.
    Canonical,
    /// Score gap against uncertainty gap.
    Epistemic,
}

impl MapChoice {
    /// All of them, in the order of the list.
    pub const EVERY: [Self; 5] = [Self::All, Self::Frontier, Self::Arrows, Self::Canonical, Self::Epistemic];

    /// What it is called in the list.
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all four",
            Self::Frontier => "frontier",
            Self::Arrows => "arrows",
            Self::Canonical => "canonical",
            Self::Epistemic => "epistemic",
        }
    }

    /// The figure that the export writes.
    pub fn figure(self) -> &'static str {
        match self {
            Self::All => "frontier",
            other => other.name(),
        }
    }
}

/// The metric of both minds: the aggregate, a dimension, or another shared metric.
pub fn metric_choice(ui: &mut Ui, columns: &mut (usize, usize), planes: &mut [Plane; 3]) {
    choice(ui, "Metric", scm::SHORT[columns.0], |ui| {
        let dimensions = Dimension::ALL.map(Dimension::index);
        let rest = (0..scm::N_COLUMNS).filter(|c| *c > scm::AGGREGATE && *c != scm::LENGTH);
        for column in [scm::AGGREGATE].into_iter().chain(dimensions).chain(rest) {
            if choice_row(ui, columns.0 == column, scm::SHORT[column]).clicked() {
                *columns = (column, column);
                planes.iter_mut().for_each(|p| p.zoom = None);
            }
        }
    });
}

/// Another metric of B to set A's against.
pub fn against_choice(ui: &mut Ui, columns: &mut (usize, usize), planes: &mut [Plane; 3]) {
    let value = if columns.0 == columns.1 { "the same" } else { scm::SHORT[columns.1] };
    choice(ui, "against B's", value, |ui| {
        for column in 0..scm::N_COLUMNS {
            let name = if column == columns.0 { "the same" } else { scm::SHORT[column] };
            if choice_row(ui, columns.1 == column, name).clicked() {
                columns.1 = column;
                planes[0].zoom = None;
            }
        }
    });
}
