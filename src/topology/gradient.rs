//! Writing any edge as a path of the few edges that matter.
//!
//! An edge with a point in its lune is the third side of a triangle that entered together with it, so up to
//! boundaries it equals the path over that point. Doing so again and again ends in edges with an empty lune: tree
//! edges and loop-opening edges (a discrete gradient, Forman 1998; the pairs are Bauer's apparent pairs).

use super::filtration::Filtration;
use super::reduction::Reduction;

const UNKNOWN: u16 = u16::MAX;
const TREE: u16 = u16::MAX - 1;
const OPENS_LOOP: u16 = u16::MAX - 2;

/// The gradient of one filtration; apexes are found when first needed.
pub struct Gradient {
    /// For every edge the point its path goes over, or what kind of edge it is.
    apex: Vec<u16>,
    /// Ranks of loop-opening edges, ascending; the place is the row of the reduction.
    openers: Vec<u32>,
    stack: Vec<u32>,
}

impl Gradient {
    /// The gradient of a filtration with this many edges.
    pub fn new(edges: usize) -> Self {
        Self { apex: vec![UNKNOWN; edges], openers: Vec::new(), stack: Vec::new() }
    }

    /// Declares the edge part of the spanning tree.
    pub fn set_tree(&mut self, rank: usize) {
        self.apex[rank] = TREE;
    }

    /// Declares the edge to open a loop; ranks must ascend from call to call.
    pub fn set_opener(&mut self, rank: usize) {
        self.apex[rank] = OPENS_LOOP;
        self.openers.push(rank as u32);
    }

    /// Ranks of the loop-opening edges, ascending.
    pub fn openers(&self) -> &[u32] {
        &self.openers
    }

    /// What an edge equals up to boundaries that were there when it entered.
    pub fn step(&mut self, filtration: &Filtration, rank: u32) -> Step {
        let mut apex = self.apex[rank as usize];
        if apex == UNKNOWN {
            apex = nearest_apex(filtration, rank);
            self.apex[rank as usize] = apex;
        }
        match apex {
            TREE => Step::Tree,
            // The edge was declared with this rank, so it is found.
            OPENS_LOOP => self.openers.binary_search(&rank).map_or(Step::Tree, Step::Opener),
            k => Step::Over(usize::from(k)),
        }
    }

    /// Adds the loop-opening edges of a path equal to edge (i, j) to the loop at work.
    pub fn add_edge(&mut self, filtration: &Filtration, i: usize, j: usize, reduction: &mut Reduction) {
        self.stack.push(filtration.rank(i, j));
        while let Some(rank) = self.stack.pop() {
            match self.step(filtration, rank) {
                Step::Tree => {}
                Step::Opener(row) => reduction.toggle(row),
                Step::Over(k) => {
                    let (i, j) = filtration.edge(rank as usize);
                    self.stack.push(filtration.rank(i, k));
                    self.stack.push(filtration.rank(j, k));
                }
            }
        }
    }
}

/// What stands for an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing: it is part of the spanning tree.
    Tree,
    /// Itself: it opened the loop of this row.
    Opener(usize),
    /// The path over this point.
    Over(usize),
}

/// The point of the lune that is nearest to both ends (smallest larger rank), so that paths stay short.
/// The lune is not empty: edges with an empty lune were declared when they entered.
fn nearest_apex(filtration: &Filtration, rank: u32) -> u16 {
    let (i, j) = filtration.edge(rank as usize);
    let n = filtration.vertices();
    let (to_i, to_j) = (&filtration.ranks_of(i)[..n], &filtration.ranks_of(j)[..n]);
    let (mut best, mut apex) = (rank, TREE);
    let mut k = 0;
    while k < n {
        let (a, b) = (to_i[k], to_j[k]);
        let longer = if a > b { a } else { b };
        if longer < best {
            best = longer;
            apex = k as u16;
        }
        k += 1;
    }
    apex
}
