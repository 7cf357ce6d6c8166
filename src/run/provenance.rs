//! Where one turn's numbers come from: its texts, judgements, both rows, their difference, and the models' hashes.

use super::contents::RunContents;
use crate::core::turn::{Judgement, Split, Turn};
use serde::Serialize;
use std::collections::BTreeMap;

/// Everything a run knows about one turn.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Provenance {
    /// The run.
    pub run_id: String,
    /// Row of the turn in the run.
    pub row: usize,
    /// Its texts and ids.
    pub turn: Turn,
    /// Part of the data it belongs to, when something was trained.
    pub split: Option<Split>,
    /// What every judge said about it.
    pub judgements: Vec<Judgement>,
    /// SCM row of pass A, 12 values in column order, `None` where missing; empty without a pass A.
    pub a: Vec<Option<f32>>,
    /// SCM row of pass B.
    pub b: Vec<Option<f32>>,
    /// A - B.
    pub delta: Vec<Option<f32>>,
    /// Calibrated value of B, when the run was calibrated.
    pub calibrated: Option<f64>,
    /// Routing decision, when the run was calibrated.
    pub decision: Option<String>,
    /// Hash of the weights of each scorer ("A", "B").
    pub weights_hashes: BTreeMap<String, String>,
}

impl RunContents {
    /// Everything the run knows about one turn; `None` when it has no such turn.
    pub fn provenance(&self, turn_id: &str) -> Option<Provenance> {
        let row = self.turns.iter().position(|t| t.turn_id == turn_id)?;
        let values = |matrix: Option<&crate::core::matrix::Matrix>| -> Vec<Option<f32>> {
            matrix
                .filter(|m| row < m.rows())
                .map(|m| m.row(row).iter().map(|v| v.is_finite().then_some(*v)).collect())
                .unwrap_or_default()
        };
        let hashes = |name: &str| {
            let hash = self.manifest.get("scorers")?.get(name)?.get("weights_hash")?.as_str()?;
            (!hash.is_empty()).then(|| (name.to_owned(), hash.to_owned()))
        };
        Some(Provenance {
            run_id: self.run_id().to_owned(),
            row,
            turn: self.turns.get(row)?.clone(),
            split: self.splits.get(row).copied(),
            judgements: self.judgements.iter().filter(|j| j.turn_id == turn_id).cloned().collect(),
            a: values(self.a.as_ref().map(|p| &p.scm)),
            b: values(self.b.as_ref().map(|p| &p.scm)),
            delta: values(self.delta.as_deref()),
            calibrated: None,
            decision: None,
            weights_hashes: ["A", "B"].into_iter().filter_map(hashes).collect(),
        })
    }
}
