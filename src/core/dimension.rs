//! The five facets on which a turn is judged, in their fixed order.

use serde::{Deserialize, Serialize};

/// A facet of quality. The order is fixed everywhere: files, columns, models, pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dimension {
    /// Is the chain of thought sound?
    Reasoning,
    /// Are the facts right?
    Knowledge,
    /// Is it easy to follow?
    Clarity,
    /// Does it stay true to what was given?
    Faithfulness,
    /// Does it answer all that was asked?
    Coverage,
}

/// How many dimensions there are.
pub const N_DIMENSIONS: usize = 5;

impl Dimension {
    /// All dimensions in order.
    pub const ALL: [Dimension; N_DIMENSIONS] =
        [Self::Reasoning, Self::Knowledge, Self::Clarity, Self::Faithfulness, Self::Coverage];

    /// The name used in files and in the window.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reasoning => "reasoning",
            Self::Knowledge => "knowledge",
            Self::Clarity => "clarity",
            Self::Faithfulness => "faithfulness",
            Self::Coverage => "coverage",
        }
    }

    /// Position in [`Dimension::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }

    /// The dimension of that name, ignoring case and surrounding space.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim().to_lowercase();
        Self::ALL.into_iter().find(|d| d.name() == name)
    }
}

impl std::fmt::Display for Dimension {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
