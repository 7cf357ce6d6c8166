//! Pieces and loops of a growing Rips complex: the H0 and H1 part of the engine.
//!
//! One walk over the edges, shortest first. See [`super::lune`] for why the lune of an edge tells all.

use super::error::TopologyError;
use super::filtration::Filtration;
use super::gradient::Gradient;
use super::hooks::Hooks;
use super::lune::{Adjacency, Lune, LuneKind};
use super::reduction::Reduction;

/// Edges between two looks at the cancel flag; an edge takes microseconds, one with a wide lune a hundred times that.
const EDGES_BETWEEN_CHECKS: usize = 256;

/// Edges between two words about progress.
const EDGES_BETWEEN_WORDS: usize = 4096;

/// A piece that ended: which vertex stood for it, and the edge that joined it to an older piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined {
    /// The vertex of the piece with the smallest index.
    pub vertex: u32,
    /// Rank of the joining edge.
    pub rank: u32,
}

/// A loop: the edge that opened it and the triangle that closed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loop {
    /// Rank of the opening edge.
    pub birth: u32,
    /// Rank of the longest edge of the closing triangle and the triangle's third vertex; `None` if never closed.
    pub death: Option<(u32, u32)>,
}

/// Pieces and loops of a filtration, with what is needed to find cycles.
pub struct Rips {
    /// Pieces that ended, by rank of the joining edge.
    pub joined: Vec<Joined>,
    /// Vertices that stand for the pieces that never ended, ascending.
    pub lasting: Vec<u32>,
    /// All loops in the order of their birth, also those of zero length; the place is the row of the reduction.
    pub loops: Vec<Loop>,
    /// The reduced loops.
    pub reduction: Reduction,
    /// The gradient.
    pub gradient: Gradient,
}

/// Walks over the filtration. With `with_loops` false only pieces are found.
pub fn walk(filtration: &Filtration, with_loops: bool, hooks: &Hooks) -> Result<Rips, TopologyError> {
    let n = filtration.vertices();
    let total = filtration.edges();
    let mut forest = Forest::new(n);
    let mut out = Rips {
        joined: Vec::with_capacity(n),
        lasting: Vec::new(),
        loops: Vec::new(),
        reduction: Reduction::default(),
        gradient: Gradient::new(if with_loops { total } else { 0 }),
    };
    let mut adjacency = Adjacency::new(if with_loops { n } else { 0 });
    let mut lune = Lune::new(n);
    for rank in 0..total {
        if rank % EDGES_BETWEEN_CHECKS == 0 {
            hooks.check()?;
        }
        if rank % EDGES_BETWEEN_WORDS == 0 {
            (hooks.progress)("edges", rank as u64, total as u64);
        }
        let (i, j) = filtration.edge(rank);
        if !with_loops {
            if out.joined.len() + 1 == n {
                break;
            }
            if let Some(vertex) = forest.join(i, j) {
                out.joined.push(Joined { vertex, rank: rank as u32 });
            }
            continue;
        }
        let kind = if out.reduction.open() > 0 {
            lune.look(&adjacency, i, j)
        } else if adjacency.have_common_neighbour(i, j) {
            // With no loop open none can close, whatever the lune looks like.
            LuneKind::Connected
        } else {
            LuneKind::Empty
        };
        match kind {
            LuneKind::Connected => {}
            LuneKind::Empty => match forest.join(i, j) {
                Some(vertex) => {
                    out.joined.push(Joined { vertex, rank: rank as u32 });
                    out.gradient.set_tree(rank);
                }
                None => {
                    out.gradient.set_opener(rank);
                    out.reduction.open_row();
                    out.loops.push(Loop { birth: rank as u32, death: None });
                }
            },
            LuneKind::Split => close_loops(filtration, rank, &lune.pieces(&adjacency), &mut out),
        }
        adjacency.join(i, j);
    }
    (hooks.progress)("edges", total as u64, total as u64);
    out.lasting = forest.roots();
    Ok(out)
}

/// The lune of the edge has several pieces: every piece after the first gives a loop over it and over the first piece
/// that is now a boundary.
fn close_loops(filtration: &Filtration, rank: usize, pieces: &[Vec<usize>], out: &mut Rips) {
    let (i, j) = filtration.edge(rank);
    // Points of one piece give the same loop up to boundaries already there; the nearest gives the shortest paths.
    let nearest = |piece: &[usize]| {
        let longer = |k: &usize| filtration.rank(i, *k).max(filtration.rank(j, *k));
        piece.iter().copied().min_by_key(longer).unwrap_or(piece[0])
    };
    let first = nearest(&pieces[0]);
    for piece in &pieces[1..] {
        if out.reduction.open() == 0 {
            return;
        }
        let other = nearest(piece);
        for (a, b) in [(i, first), (first, j), (j, other), (other, i)] {
            out.gradient.add_edge(filtration, a, b, &mut out.reduction);
        }
        if let Some(row) = out.reduction.reduce_and_store(rank as u32) {
            out.loops[row].death = Some((rank as u32, piece[0] as u32));
        }
    }
}

/// Union-find by smallest vertex.
struct Forest {
    parent: Vec<u32>,
}

impl Forest {
    fn new(n: usize) -> Self {
        Self { parent: (0..n as u32).collect() }
    }

    fn root(&mut self, v: usize) -> usize {
        let mut v = v;
        while self.parent[v] as usize != v {
            let up = self.parent[v] as usize;
            self.parent[v] = self.parent[up];
            v = self.parent[v] as usize;
        }
        v
    }

    /// Joins the pieces of two vertices; the vertex whose piece ended, `None` when they were one piece already.
    fn join(&mut self, i: usize, j: usize) -> Option<u32> {
        let (a, b) = (self.root(i), self.root(j));
        if a == b {
            return None;
        }
        let (old, young) = (a.min(b), a.max(b));
        self.parent[young] = old as u32;
        Some(young as u32)
    }

    fn roots(&self) -> Vec<u32> {
        (0..self.parent.len() as u32).filter(|v| self.parent[*v as usize] == *v).collect()
    }
}
