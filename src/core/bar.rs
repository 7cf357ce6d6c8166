//! Bars of a persistence diagram: the scales between which a piece, a loop or a void exists.

use serde::{Deserialize, Serialize};

/// One bar of a Vietoris-Rips persistence diagram. Scales are distances between points (edge lengths).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// Homological dimension: 0 pieces, 1 loops, 2 voids.
    pub dim: u8,
    /// Scale at which the class appears.
    pub birth: f64,
    /// Scale at which it dies; `None` when it never does (up to the threshold).
    pub death: Option<f64>,
    /// Vertices of the simplex that creates the class (indices of points after merging duplicates).
    pub birth_simplex: Vec<u32>,
    /// Vertices of the simplex that ends it; empty for an infinite bar.
    pub death_simplex: Vec<u32>,
}

impl Bar {
    /// Death minus birth, `None` for an infinite bar.
    pub fn length(&self) -> Option<f64> {
        self.death.map(|d| d - self.birth)
    }
}

/// One representative cycle of a bar: one of many in its class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cycle {
    /// Index of the bar in its diagram.
    pub bar: usize,
    /// Vertices in walking order for H1 (rows of the field), sorted for H2.
    pub vertices: Vec<u32>,
    /// Edges as pairs of vertices (H1), or the edges of the triangles (H2).
    pub edges: Vec<[u32; 2]>,
}
