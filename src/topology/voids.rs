//! Voids (H2): persistent cohomology over implicit coboundaries, as in Ripser (Bauer 2021).
//!
//! Triangles are (longest edge, third vertex), tetrahedra (longest edge, the two other vertices), ordered by the rank
//! of the longest edge and then by vertices, so that a 64-bit number is both name and order. A triangle with an
//! earlier neighbour of its third vertex in the lune of its longest edge is paired with a tetrahedron that enters with
//! it (an apparent pair) and needs no column; triangles that closed a loop need none either (clearing). Columns are
//! kept as the triangles that were added up, never as coboundaries.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use super::error::TopologyError;
use super::filtration::{Filtration, NO_EDGE};
use super::hooks::Hooks;
use super::lune::{Adjacency, Lune};
use super::rips::Rips;
use crate::core::bar::Bar;

/// Additions between two looks at the cancel flag; one costs at most `n` heap operations.
const ADDITIONS_BETWEEN_CHECKS: u64 = 64;

/// (rank of the longest edge) << 32 | third vertex.
type Triangle = u64;
/// (rank of the longest edge) << 32 | larger other vertex << 16 | smaller other vertex.
type Tetrahedron = u64;

/// Bytes predicted for the columns of `n` points: the triangles that need one are few for each edge. The reduction
/// itself is bounded by the budget as it runs.
pub fn predicted_bytes(n: usize) -> u64 {
    let n = n as u64;
    n * n.saturating_sub(1) / 2 * 64
}

/// The bars of positive length of dimension 2. Errors on cancel, and when the reduction outgrows `budget_bytes`.
pub fn bars(
    filtration: &Filtration,
    rips: &Rips,
    budget_bytes: u64,
    hooks: &Hooks,
) -> Result<Vec<Bar>, TopologyError> {
    let columns = columns(filtration, rips, hooks)?;
    let mut matrix = Cohomology::new(filtration);
    let mut out = Vec::new();
    for (done, triangle) in columns.iter().rev().enumerate() {
        if done % 64 == 0 {
            hooks.check()?;
            (hooks.progress)("voids", done as u64, columns.len() as u64);
            let needed = matrix.bytes() + (columns.len() * 8) as u64;
            if needed > budget_bytes {
                let points = filtration.vertices();
                let predicted_bytes = needed / (done as u64 + 1) * columns.len() as u64;
                return Err(TopologyError::Memory { points, max_dim: 2, predicted_bytes, budget_bytes });
            }
        }
        let death = matrix.reduce(*triangle, hooks)?;
        out.extend(bar(filtration, *triangle, death));
    }
    Ok(out)
}

fn rank_of(simplex: u64) -> usize {
    (simplex >> 32) as usize
}

fn bar(filtration: &Filtration, triangle: Triangle, death: Option<Tetrahedron>) -> Option<Bar> {
    let birth = filtration.scale(rank_of(triangle));
    let end = death.map(|t| filtration.scale(rank_of(t)));
    if end.is_some_and(|d| d <= birth) {
        return None;
    }
    let (i, j) = filtration.edge(rank_of(triangle));
    let mut birth_simplex = vec![i as u32, j as u32, triangle as u32];
    birth_simplex.sort_unstable();
    let mut death_simplex = Vec::new();
    if let Some(t) = death {
        let (i, j) = filtration.edge(rank_of(t));
        death_simplex = vec![i as u32, j as u32, (t >> 16) as u32 & 0xFFFF, t as u32 & 0xFFFF];
        death_simplex.sort_unstable();
    }
    Some(Bar { dim: 2, birth, death: end, birth_simplex, death_simplex })
}

/// The triangles that need a column, ascending: neither paired with an edge nor apparently with a tetrahedron.
fn columns(filtration: &Filtration, rips: &Rips, hooks: &Hooks) -> Result<Vec<Triangle>, TopologyError> {
    let n = filtration.vertices();
    let closing: HashSet<Triangle> = rips
        .loops
        .iter()
        .filter_map(|l| l.death)
        .map(|(rank, vertex)| (u64::from(rank) << 32) | u64::from(vertex))
        .collect();
    let mut adjacency = Adjacency::new(n);
    let mut lune = Lune::new(n);
    let mut out = Vec::new();
    for rank in 0..filtration.edges() {
        if rank % 1024 == 0 {
            hooks.check()?;
        }
        let (i, j) = filtration.edge(rank);
        // The first point of the lune is paired with the edge itself.
        for k in lune.without_earlier_neighbour(&adjacency, i, j).into_iter().skip(1) {
            let triangle = ((rank as u64) << 32) | k as u64;
            if !closing.contains(&triangle) {
                out.push(triangle);
            }
        }
        adjacency.join(i, j);
    }
    Ok(out)
}

/// The columns reduced so far.
struct Cohomology<'a> {
    filtration: &'a Filtration<'a>,
    /// Which column a tetrahedron is the pivot of. Looked up only, never walked over.
    owner: HashMap<Tetrahedron, u32>,
    /// The triangles added up in each stored column.
    sums: Vec<Box<[Triangle]>>,
    stored: u64,
    heap: BinaryHeap<Reverse<Tetrahedron>>,
    additions: u64,
}

impl<'a> Cohomology<'a> {
    fn new(filtration: &'a Filtration<'a>) -> Self {
        let (owner, heap) = (HashMap::new(), BinaryHeap::new());
        Self { filtration, owner, sums: Vec::new(), stored: 0, heap, additions: 0 }
    }

    fn bytes(&self) -> u64 {
        self.stored * 8 + (self.sums.len() * 48 + self.heap.capacity() * 8) as u64
    }

    /// Reduces the coboundary of a triangle; the tetrahedron that ends its void.
    fn reduce(&mut self, triangle: Triangle, hooks: &Hooks) -> Result<Option<Tetrahedron>, TopologyError> {
        self.heap.clear();
        let mut sum = vec![triangle];
        self.add_coboundary(triangle);
        while let Some(pivot) = self.pop_pivot() {
            if let Some(partner) = self.apparent_partner(pivot) {
                sum.push(partner);
                // The pivot was taken off the heap; adding the partner's coboundary would bring it back.
                self.heap.push(Reverse(pivot));
                self.add_coboundary(partner);
            } else if let Some(&owner) = self.owner.get(&pivot) {
                self.heap.push(Reverse(pivot));
                let column = std::mem::take(&mut self.sums[owner as usize]);
                for t in &column {
                    self.add_coboundary(*t);
                }
                sum.extend_from_slice(&column);
                self.sums[owner as usize] = column;
            } else {
                keep_odd(&mut sum);
                self.stored += sum.len() as u64;
                self.owner.insert(pivot, self.sums.len() as u32);
                self.sums.push(sum.into_boxed_slice());
                return Ok(Some(pivot));
            }
            if self.additions > ADDITIONS_BETWEEN_CHECKS {
                self.additions = 0;
                hooks.check()?;
            }
        }
        Ok(None)
    }

    /// Takes the smallest tetrahedron that occurs an odd number of times off the heap.
    fn pop_pivot(&mut self) -> Option<Tetrahedron> {
        while let Some(Reverse(first)) = self.heap.pop() {
            let mut odd = true;
            while self.heap.peek() == Some(&Reverse(first)) {
                self.heap.pop();
                odd = !odd;
            }
            if odd {
                return Some(first);
            }
        }
        None
    }

    /// Pushes every tetrahedron that has the triangle as a face.
    fn add_coboundary(&mut self, triangle: Triangle) {
        self.additions += 1;
        let rank = rank_of(triangle) as u32;
        let (i, j) = self.filtration.edge(rank as usize);
        let k = (triangle & 0xFFFF) as usize;
        let (to_i, to_j, to_k) =
            (self.filtration.ranks_of(i), self.filtration.ranks_of(j), self.filtration.ranks_of(k));
        for (l, ((a, b), c)) in to_i.iter().zip(to_j).zip(to_k).enumerate() {
            let longest = (*a).max(*b).max(*c);
            // A vertex of the triangle has no edge with itself, so it is skipped here too.
            if longest == NO_EDGE {
                continue;
            }
            let (top, x, y) = if longest < rank {
                (rank, k, l)
            } else if longest == *a {
                (*a, j, k)
            } else if longest == *b {
                (*b, i, k)
            } else {
                (*c, i, j)
            };
            let (low, high) = if x < y { (x, y) } else { (y, x) };
            self.heap.push(Reverse((u64::from(top) << 32) | ((high as u64) << 16) | low as u64));
        }
    }

    /// The triangle that forms an apparent pair with the tetrahedron, if one does: its latest face, when no earlier
    /// tetrahedron has that face.
    fn apparent_partner(&self, tetrahedron: Tetrahedron) -> Option<Triangle> {
        let rank = rank_of(tetrahedron) as u32;
        let (i, j) = self.filtration.edge(rank as usize);
        let (high, low) = ((tetrahedron >> 16) as usize & 0xFFFF, tetrahedron as usize & 0xFFFF);
        let (to_i, to_j, to_h) = (
            &self.filtration.ranks_of(i)[..low],
            &self.filtration.ranks_of(j)[..low],
            &self.filtration.ranks_of(high)[..low],
        );
        for ((a, b), c) in to_i.iter().zip(to_j).zip(to_h) {
            if *a < rank && *b < rank && *c < rank {
                return None;
            }
        }
        Some((u64::from(rank) << 32) | high as u64)
    }
}

/// Keeps the triangles that occur an odd number of times.
fn keep_odd(sum: &mut Vec<Triangle>) {
    sum.sort_unstable();
    let mut kept = 0;
    let mut at = 0;
    while at < sum.len() {
        let mut end = at + 1;
        while end < sum.len() && sum[end] == sum[at] {
            end += 1;
        }
        if (end - at) % 2 == 1 {
            sum[kept] = sum[at];
            kept += 1;
        }
        at = end;
    }
    sum.truncate(kept);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::points::Points;
    use crate::topology::rips;

    fn voids(rows: &[[f64; 3]]) -> Vec<Bar> {
        let p = Points::new(rows.len(), 3, rows.concat()).unwrap();
        let f = Filtration::new(&p, None, &Hooks::none()).unwrap();
        let r = rips::walk(&f, true, &Hooks::none()).unwrap();
        bars(&f, &r, u64::MAX, &Hooks::none()).unwrap()
    }

    #[test]
    fn an_octahedron_holds_one_void() {
        let rows = [
            [1.0, 0.0, 0.0],
            [-1.0, 0.0, 0.0],
            [0.0, 1.0, 0.0],
            [0.0, -1.0, 0.0],
            [0.0, 0.0, 1.0],
            [0.0, 0.0, -1.0],
        ];
        let bars = voids(&rows);
        assert_eq!(bars.len(), 1);
        assert!((bars[0].birth - 2.0_f64.sqrt()).abs() < 1e-12 && bars[0].death == Some(2.0));
        assert_eq!((bars[0].birth_simplex.len(), bars[0].death_simplex.len()), (3, 4));
    }

    #[test]
    fn a_tetrahedron_holds_none() {
        assert!(
            voids(&[[1.0, 1.0, 1.0], [1.0, -1.0, -1.0], [-1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]]).is_empty()
        );
    }

    #[test]
    fn pairs_cancel() {
        let mut s = vec![3, 1, 3, 2, 2, 2];
        keep_odd(&mut s);
        assert_eq!(s, vec![1, 2]);
    }
}
