//! Where a void lies: one representative surface of a bar of dimension 2, of many.
//!
//! What is guaranteed, for every surface given: it is closed, it contains the triangle that opened the void, every other
//! triangle of it is older, and it is no boundary before the void ends (a boundary whose youngest triangle is the
//! opening one would have ended it). It is built without a boundary matrix of triangles. The opening triangle stands on
//! its edge e and a point k of the lune of e. When k hangs together with an earlier point of the lune, a path between
//! them, joined to both ends of e, closes the surface. Otherwise the loop over k and over the first point of the lune was
//! a boundary already; what bounds it is put together from the gradient (an edge and the apex of its lune are a triangle)
//! and from the loops that closed before, each of which closed with a few triangles of its own. What comes out is large
//! and folded; [`super::shorten`] makes it smaller within its class, and the guarantees stay.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::cycles::CycleChoice;
use super::error::TopologyError;
use super::filtration::Filtration;
use super::gradient::Step;
use super::hooks::Hooks;
use super::rips::Rips;
use super::shorten::shorten;
use crate::core::bar::{Bar, Cycle};

/// Vertices of a triangle, ascending.
pub type Face = [usize; 3];

/// The moment a void opens: the triangle on an edge and a third vertex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Rank of the longest edge of the opening triangle.
    pub rank: u32,
    /// Its third vertex.
    pub third: usize,
}

/// The surfaces of the chosen voids as cycles, ordered by bar; as many as [`CycleChoice`] says of loops.
pub fn surfaces_of<T>(
    filtration: &Filtration,
    rips: &mut Rips,
    bars: &[(Bar, T)],
    choice: CycleChoice,
    rows_of: &[Vec<u32>],
    hooks: &Hooks,
) -> Result<Vec<Cycle>, TopologyError> {
    let mut chosen: Vec<usize> = (0..bars.len()).filter(|b| bars[*b].0.dim == 2).collect();
    let length = |b: &usize| bars[*b].0.length().unwrap_or(f64::INFINITY);
    chosen.sort_by(|a, b| length(b).total_cmp(&length(a)));
    match choice {
        CycleChoice::None => chosen.clear(),
        CycleChoice::Longest(count) => chosen.truncate(count),
        CycleChoice::All => {}
    }
    chosen.sort_unstable();
    let mut out = Vec::with_capacity(chosen.len());
    let total = chosen.len() as u64;
    for (done, bar) in chosen.into_iter().enumerate() {
        hooks.check()?;
        (hooks.progress)("surfaces", done as u64, total);
        let faces = surface(filtration, rips, &bars[bar].0, hooks)?;
        out.push(surface_cycle(bar, &faces, rows_of));
    }
    Ok(out)
}

/// Surfaces as cycles: vertices ascending, the edges of the triangles; vertices are rows of the input.
pub fn surface_cycle(bar: usize, faces: &BTreeSet<Face>, rows_of: &[Vec<u32>]) -> Cycle {
    let row = |v: usize| rows_of[v][0];
    let vertices: BTreeSet<u32> = faces.iter().flatten().map(|v| row(*v)).collect();
    let sides = faces.iter().flat_map(|[a, b, c]| [(*a, *b), (*b, *c), (*a, *c)]);
    let edges: BTreeSet<[u32; 2]> = sides.map(|(a, b)| [row(a), row(b)]).collect();
    Cycle { bar, vertices: vertices.into_iter().collect(), edges: edges.into_iter().collect() }
}

/// The triangles of a representative surface of a bar of dimension 2, shortened within its class; simplices of the bar
/// index vertices. Errors on cancel.
pub fn surface(
    filtration: &Filtration,
    rips: &mut Rips,
    bar: &Bar,
    hooks: &Hooks,
) -> Result<BTreeSet<Face>, TopologyError> {
    let (faces, opening) = first_surface(filtration, rips, bar, hooks)?;
    shorten(filtration, &faces, opening, hooks)
}

/// A representative surface as it is found, and the moment its void opens. Errors on cancel.
pub fn first_surface(
    filtration: &Filtration,
    rips: &mut Rips,
    bar: &Bar,
    hooks: &Hooks,
) -> Result<(BTreeSet<Face>, Opening), TopologyError> {
    let v: Vec<usize> = bar.birth_simplex.iter().map(|v| *v as usize).collect();
    let sides = [(v[0], v[1], v[2]), (v[0], v[2], v[1]), (v[1], v[2], v[0])];
    let (i, j, k) = sides.into_iter().max_by_key(|(a, b, _)| filtration.rank(*a, *b)).unwrap_or(sides[0]);
    let rank = filtration.rank(i, j);
    let mut builder = Builder { filtration, rips, faces: BTreeSet::new() };
    builder.flip(i, j, k);
    let pieces = pieces_of_lune(filtration, rank);
    let piece = pieces.iter().find(|p| p.contains(&k)).cloned().unwrap_or_default();
    match piece.first() {
        Some(&earlier) if earlier < k => {
            builder.flip(i, j, earlier);
            builder.suspend(rank, earlier, k);
        }
        _ => {
            let rows = builder.close_over(rank, &pieces, &piece);
            builder.fill(rows, (rank, k as u32), hooks)?;
        }
    }
    Ok((builder.faces, Opening { rank, third: k }))
}

/// The pieces of the lune of an edge, each ascending; ordered by their first point.
fn pieces_of_lune(filtration: &Filtration, rank: u32) -> Vec<Vec<usize>> {
    let (i, j) = filtration.edge(rank as usize);
    let inside = |k: &usize| filtration.rank(i, *k) < rank && filtration.rank(j, *k) < rank;
    let mut left: BTreeSet<usize> = (0..filtration.vertices()).filter(inside).collect();
    let mut pieces = Vec::new();
    while let Some(first) = left.pop_first() {
        let mut piece = vec![first];
        let mut at = 0;
        while at < piece.len() {
            let ranks = filtration.ranks_of(piece[at]);
            let near: Vec<usize> = left.iter().copied().filter(|k| ranks[*k] < rank).collect();
            for k in near {
                left.remove(&k);
                piece.push(k);
            }
            at += 1;
        }
        piece.sort_unstable();
        pieces.push(piece);
    }
    pieces
}

/// A chain of triangles being added up (mod 2).
struct Builder<'a> {
    filtration: &'a Filtration<'a>,
    rips: &'a mut Rips,
    faces: BTreeSet<Face>,
}

impl Builder<'_> {
    /// Adds one triangle.
    fn flip(&mut self, a: usize, b: usize, c: usize) {
        let mut face = [a, b, c];
        face.sort_unstable();
        if !self.faces.remove(&face) {
            self.faces.insert(face);
        }
    }

    /// Adds the triangles over a path inside the lune of an edge, from one point to another of the same piece, joined to
    /// both ends of the edge.
    fn suspend(&mut self, rank: u32, from: usize, to: usize) {
        let (i, j) = self.filtration.edge(rank as usize);
        let inside = |k: usize| self.filtration.rank(i, k) < rank && self.filtration.rank(j, k) < rank;
        let mut before: BTreeMap<usize, usize> = BTreeMap::from([(from, from)]);
        let mut queue = VecDeque::from([from]);
        while let Some(v) = queue.pop_front() {
            if v == to {
                break;
            }
            let ranks = self.filtration.ranks_of(v);
            for w in (0..ranks.len()).filter(|w| ranks[*w] < rank && inside(*w)) {
                before.entry(w).or_insert_with(|| {
                    queue.push_back(w);
                    v
                });
            }
        }
        let mut at = to;
        while let Some(&b) = before.get(&at).filter(|b| **b != at) {
            self.flip(i, at, b);
            self.flip(j, at, b);
            at = b;
        }
    }

    /// Adds the triangle over the first point of the lune and what leads from there, and from the first point of another
    /// piece, to the loop that the engine looked at; then replaces its edges by paths of loop-opening edges. The rows of
    /// those are what remains of the boundary.
    fn close_over(&mut self, rank: u32, pieces: &[Vec<usize>], piece: &[usize]) -> BTreeSet<u32> {
        let (i, j) = self.filtration.edge(rank as usize);
        let (Some(first_piece), Some(&k)) = (pieces.first(), piece.first()) else { return BTreeSet::new() };
        let nearest = |piece: &[usize]| {
            let longer = |k: &usize| self.filtration.rank(i, *k).max(self.filtration.rank(j, *k));
            piece.iter().copied().min_by_key(longer).unwrap_or(piece[0])
        };
        let (first, other) = (nearest(first_piece), nearest(piece));
        self.flip(i, j, first_piece[0]);
        self.suspend(rank, first_piece[0], first);
        self.suspend(rank, k, other);
        let mut rows = BTreeSet::new();
        let mut edges: Vec<u32> = [(i, first), (first, j), (j, other), (other, i)]
            .map(|(a, b)| self.filtration.rank(a, b))
            .to_vec();
        while let Some(edge) = edges.pop() {
            match self.rips.gradient.step(self.filtration, edge) {
                Step::Tree => {}
                Step::Opener(row) => {
                    if !rows.remove(&(row as u32)) {
                        rows.insert(row as u32);
                    }
                }
                Step::Over(apex) => {
                    let (a, b) = self.filtration.edge(edge as usize);
                    self.flip(a, b, apex);
                    edges.extend([self.filtration.rank(a, apex), self.filtration.rank(b, apex)]);
                }
            }
        }
        rows
    }

    /// Fills a boundary with what closed before a moment (an edge and the first point of a piece of its lune).
    fn fill(&mut self, rows: BTreeSet<u32>, before: (u32, u32), hooks: &Hooks) -> Result<(), TopologyError> {
        // Loops closed later are made of those closed earlier, so they are taken apart from the latest on.
        let mut wanted: BTreeSet<(u32, u32, u32)> = BTreeSet::new();
        let flip_all = |wanted: &mut BTreeSet<(u32, u32, u32)>, used: Vec<(u32, u32, u32)>| {
            for key in used {
                if !wanted.remove(&key) {
                    wanted.insert(key);
                }
            }
        };
        let used = self.used(rows, before);
        flip_all(&mut wanted, used);
        while let Some((rank, point, row)) = wanted.pop_last() {
            hooks.check()?;
            let (i, j) = self.filtration.edge(rank as usize);
            self.flip(i, j, point as usize);
            let pieces = pieces_of_lune(self.filtration, rank);
            let piece = pieces.iter().find(|p| p[0] == point as usize).cloned().unwrap_or_default();
            let rows = self.close_over(rank, &pieces, &piece);
            debug_assert!(self.rips.reduction.column(row as usize).is_some());
            let used = self.used(rows, (rank, point));
            flip_all(&mut wanted, used);
        }
        Ok(())
    }

    /// The closed loops (edge, point, row) that the reduction adds to some rows, using only what closed before.
    fn used(&self, mut rows: BTreeSet<u32>, before: (u32, u32)) -> Vec<(u32, u32, u32)> {
        let mut used = Vec::new();
        while let Some(&pivot) = rows.last() {
            let closed = self.rips.loops[pivot as usize].death.filter(|death| *death < before);
            let (Some((rank, point)), Some(column)) = (closed, self.rips.reduction.column(pivot as usize))
            else {
                // What is left is the column that was stored at that moment itself.
                break;
            };
            used.push((rank, point, pivot));
            for row in &column.rows {
                if !rows.remove(row) {
                    rows.insert(*row);
                }
            }
        }
        used
    }
}
