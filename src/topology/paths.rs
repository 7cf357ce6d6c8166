//! Shortest paths among the edges of a Rips complex that are older than a given one.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use super::cycles::Edge;
use super::error::TopologyError;
use super::filtration::Filtration;
use super::hooks::Hooks;

/// Steps between two looks at the cancel flag; one looks at up to `n` neighbours.
const STEPS_BETWEEN_CHECKS: usize = 256;

/// For every vertex its neighbours, nearest first.
pub struct Neighbours {
    start: Vec<usize>,
    to: Vec<u16>,
}

/// Bytes that [`Neighbours::new`] needs at most for `n` points.
pub fn predicted_bytes(n: usize) -> u64 {
    let n = n as u64;
    n * n.saturating_sub(1) * 2 + n * 16
}

impl Neighbours {
    /// The neighbours in a filtration.
    pub fn new(filtration: &Filtration) -> Self {
        let n = filtration.vertices();
        let mut start = vec![0; n + 1];
        for rank in 0..filtration.edges() {
            let (i, j) = filtration.edge(rank);
            start[i + 1] += 1;
            start[j + 1] += 1;
        }
        for v in 0..n {
            start[v + 1] += start[v];
        }
        let mut next = start.clone();
        let mut to = vec![0; start[n]];
        for rank in 0..filtration.edges() {
            let (i, j) = filtration.edge(rank);
            to[next[i]] = j as u16;
            to[next[j]] = i as u16;
            next[i] += 1;
            next[j] += 1;
        }
        Self { start, to }
    }

    fn of(&self, v: usize) -> &[u16] {
        &self.to[self.start[v]..self.start[v + 1]]
    }
}

/// Shortest paths from one vertex.
pub struct Paths {
    /// Length of the shortest path found; infinite where none was.
    pub length: Vec<f64>,
    before: Vec<usize>,
}

impl Paths {
    /// The edges of the path to a vertex that was reached.
    pub fn path_to(&self, to: usize) -> BTreeSet<Edge> {
        let mut edges = BTreeSet::new();
        let mut at = to;
        while self.before[at] != at {
            let b = self.before[at];
            edges.insert((at.min(b), at.max(b)));
            at = b;
        }
        edges
    }
}

/// A shortest path between the ends of an edge, over edges of rank below `below` (A* with the straight distance to the
/// end; Hart, Nilsson and Raphael 1968). Empty when there is none.
pub fn shortest_path(
    filtration: &Filtration,
    near: &Neighbours,
    (from, to): Edge,
    below: u32,
    hooks: &Hooks,
) -> Result<BTreeSet<Edge>, TopologyError> {
    Ok(search(filtration, near, from, Some(to), (below, f64::INFINITY), hooks)?.path_to(to))
}

/// Shortest paths up to `limit` from one vertex over edges of rank below `below` (Dijkstra 1959).
pub fn shortest_paths(
    filtration: &Filtration,
    near: &Neighbours,
    from: usize,
    below: u32,
    limit: f64,
    hooks: &Hooks,
) -> Result<Paths, TopologyError> {
    search(filtration, near, from, None, (below, limit), hooks)
}

fn search(
    filtration: &Filtration,
    near: &Neighbours,
    from: usize,
    to: Option<usize>,
    (below, mut limit): (u32, f64),
    hooks: &Hooks,
) -> Result<Paths, TopologyError> {
    let n = filtration.vertices();
    let points = filtration.points();
    let still = |v: usize| to.map_or(0.0, |end| points.distance(v, end));
    let mut length = vec![f64::INFINITY; n];
    let mut before: Vec<usize> = (0..n).collect();
    let mut done = vec![false; n];
    // Lengths are not negative, so their bits order as they do.
    let mut heap = BinaryHeap::from([Reverse((0_u64, from))]);
    length[from] = 0.0;
    let mut steps = 0;
    while let Some(Reverse((_, at))) = heap.pop() {
        if Some(at) == to {
            break;
        }
        if std::mem::replace(&mut done[at], true) {
            continue;
        }
        if steps % STEPS_BETWEEN_CHECKS == 0 {
            hooks.check()?;
        }
        steps += 1;
        let ranks = filtration.ranks_of(at);
        for v in near.of(at) {
            let v = usize::from(*v);
            let way = length[at] + points.distance(at, v);
            // Neighbours come nearest first, so all others are too far as well.
            if ranks[v] >= below || way > limit {
                break;
            }
            let whole = way + still(v);
            if way < length[v] && whole <= limit {
                length[v] = way;
                before[v] = at;
                heap.push(Reverse((whole.to_bits(), v)));
                if Some(v) == to {
                    limit = way;
                }
            }
        }
    }
    Ok(Paths { length, before })
}
