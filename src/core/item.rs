//! The one thing that can be hovered or selected, shared by every view.

use serde::{Deserialize, Serialize};

/// The granularity of what can be selected and hovered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Item {
    /// One turn, by row of the run.
    Turn(usize),
    /// A set of turns (a brush, a cluster, a cycle), rows ascending and unique.
    Turns(Vec<usize>),
    /// A column of the SCM, by index.
    Column(usize),
    /// A bar of the persistence diagram, by index.
    Bar(usize),
    /// A run, by folder name.
    Run(String),
    /// A named slice.
    Slice(String),
}

impl Item {
    /// Turns from rows in any order, with duplicates removed.
    pub fn turns(mut rows: Vec<usize>) -> Self {
        rows.sort_unstable();
        rows.dedup();
        Self::Turns(rows)
    }
}
