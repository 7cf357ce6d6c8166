//! Where a loop runs: one representative cycle of a bar, of many.
//!
//! What is guaranteed, for every cycle given: it is closed, it contains the edge that opened the loop, no edge of it
//! is longer, and it is no boundary before the loop ends. Proof of the last: a boundary whose youngest edge is the
//! opening edge would have ended it. Beyond that the cycle given is homologous, at the scale of birth, to the reduced
//! column that ended the bar, so it becomes a boundary exactly when the bar ends. The shortest way round is not always
//! in that class (it may differ by an older loop that lasts longer); it is checked, and if it is not, the next
//! shortest ways over a third point are, and at last the reduced column itself, with its detours cut, is given.
//! A loop that never ends has no column; the shortest cycle through its opening edge is given.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::error::TopologyError;
use super::filtration::Filtration;
use super::hooks::Hooks;
use super::paths::{Neighbours, shortest_path, shortest_paths};
use super::rips::{Loop, Rips};
use crate::core::bar::{Bar, Cycle};

/// Ways over a third point that are tried before the reduced column is taken.
const WAYS_TRIED: usize = 200;

/// Which loops get a cycle, and which voids a surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CycleChoice {
    /// None.
    #[default]
    None,
    /// The given number of longest bars of each dimension (bars that never end first).
    Longest(usize),
    /// Every bar of dimension 1 and 2.
    All,
}

/// An undirected edge, smaller vertex first.
pub type Edge = (usize, usize);

/// The cycles of the chosen loops, ordered by bar; vertices are rows of the input (the first row of each point).
pub fn cycles_of(
    filtration: &Filtration,
    rips: &mut Rips,
    bars: &[(Bar, Option<usize>)],
    choice: CycleChoice,
    rows_of: &[Vec<u32>],
    hooks: &Hooks,
) -> Result<Vec<Cycle>, TopologyError> {
    let mut chosen: Vec<usize> = (0..bars.len()).filter(|b| bars[*b].1.is_some()).collect();
    let length = |b: &usize| bars[*b].0.length().unwrap_or(f64::INFINITY);
    // A stable sort: equal lengths stay in the order of bars.
    chosen.sort_by(|a, b| length(b).total_cmp(&length(a)));
    match choice {
        CycleChoice::None => return Ok(Vec::new()),
        CycleChoice::Longest(count) => chosen.truncate(count),
        CycleChoice::All => {}
    }
    chosen.sort_unstable();
    let tree = Tree::new(filtration, rips);
    let near = Neighbours::new(filtration);
    let mut out = Vec::with_capacity(chosen.len());
    for (done, bar) in chosen.iter().enumerate() {
        (hooks.progress)("cycles", done as u64, chosen.len() as u64);
        if let Some(row) = bars[*bar].1 {
            let edges = edges_of_loop(filtration, rips, (&tree, &near), row, hooks)?;
            out.push(named(*bar, &edges, filtration.edge(rips.loops[row].birth as usize), rows_of));
        }
    }
    Ok(out)
}

/// The edges of a representative of one loop (indices of vertices).
fn edges_of_loop(
    filtration: &Filtration,
    rips: &mut Rips,
    (tree, near): (&Tree, &Neighbours),
    row: usize,
    hooks: &Hooks,
) -> Result<BTreeSet<Edge>, TopologyError> {
    let Loop { birth, death } = rips.loops[row];
    let (i, j) = filtration.edge(birth as usize);
    let mut direct = shortest_path(filtration, near, (i, j), birth, hooks)?;
    direct.insert((i, j));
    if death.is_none() || in_class(filtration, rips, row, &direct) {
        return Ok(direct);
    }
    let mut column = column_edges(filtration, rips, tree, row);
    cut_detours(filtration, birth, &mut column);
    // Only ways shorter than the column are of interest.
    let length =
        |edges: &BTreeSet<Edge>| edges.iter().map(|(a, b)| filtration.points().distance(*a, *b)).sum();
    let limit: f64 = length(&column);
    let from_i = shortest_paths(filtration, near, i, birth, limit, hooks)?;
    let from_j = shortest_paths(filtration, near, j, birth, limit, hooks)?;
    let mut over: Vec<(f64, usize)> = (0..filtration.vertices())
        .map(|v| (from_i.length[v] + from_j.length[v] + filtration.points().distance(i, j), v))
        .filter(|(length, _)| *length < limit)
        .collect();
    over.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut last = direct;
    let mut tried = 0;
    for (_, v) in over {
        hooks.check()?;
        let mut way = from_i.path_to(v);
        for edge in from_j.path_to(v) {
            flip(&mut way, edge);
        }
        flip(&mut way, (i, j));
        // Points along one way give the same way again.
        if way == last {
            continue;
        }
        if in_class(filtration, rips, row, &way) {
            return Ok(way);
        }
        last = way;
        tried += 1;
        if tried == WAYS_TRIED {
            break;
        }
    }
    Ok(column)
}

/// Whether a cycle is homologous at the loop's birth to the reduced column that ended it.
fn in_class(filtration: &Filtration, rips: &mut Rips, row: usize, cycle: &BTreeSet<Edge>) -> bool {
    let birth = rips.loops[row].birth;
    let column: Vec<u32> = rips.reduction.column(row).map(|c| c.rows.clone()).unwrap_or_default();
    for r in column {
        rips.reduction.toggle(r as usize);
    }
    for (a, b) in cycle {
        rips.gradient.add_edge(filtration, *a, *b, &mut rips.reduction);
    }
    rips.reduction.is_boundary(birth)
}

/// The reduced column as edges: its loop-opening edges and the tree paths that close them.
fn column_edges(filtration: &Filtration, rips: &Rips, tree: &Tree, row: usize) -> BTreeSet<Edge> {
    let mut edges = BTreeSet::new();
    for r in rips.reduction.column(row).map(|c| &c.rows[..]).unwrap_or_default() {
        let (a, b) = filtration.edge(rips.loops[*r as usize].birth as usize);
        flip(&mut edges, (a, b));
        for edge in tree.path(a, b) {
            flip(&mut edges, edge);
        }
    }
    edges
}

/// Replaces two edges by the third side of a triangle that is there at `birth`, while that makes the cycle shorter.
/// No such triangle contains the opening edge (its lune is empty), so that edge stays.
fn cut_detours(filtration: &Filtration, birth: u32, edges: &mut BTreeSet<Edge>) {
    loop {
        let neighbours = neighbours(edges);
        let mut cut = None;
        'search: for (middle, ends) in &neighbours {
            for (at, a) in ends.iter().enumerate() {
                for b in &ends[at + 1..] {
                    if filtration.rank(*a, *b) < birth
                        && filtration.rank(*a, *middle) < birth
                        && filtration.rank(*b, *middle) < birth
                    {
                        cut = Some((*a, *middle, *b));
                        break 'search;
                    }
                }
            }
        }
        // Every cut removes at least one edge, so this ends.
        let Some((a, middle, b)) = cut else { return };
        for (x, y) in [(a, middle), (middle, b), (a, b)] {
            flip(edges, (x.min(y), x.max(y)));
        }
    }
}

fn neighbours(edges: &BTreeSet<Edge>) -> BTreeMap<usize, Vec<usize>> {
    let mut out: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (a, b) in edges {
        out.entry(*a).or_default().push(*b);
        out.entry(*b).or_default().push(*a);
    }
    out
}

/// Adds an edge mod 2.
fn flip(edges: &mut BTreeSet<Edge>, edge: Edge) {
    if !edges.remove(&edge) {
        edges.insert(edge);
    }
}

/// Walks round the edges, starting with the opening edge; a second closed walk follows where there is one.
fn named(bar: usize, edges: &BTreeSet<Edge>, opening: Edge, rows_of: &[Vec<u32>]) -> Cycle {
    let row = |v: usize| rows_of[v][0];
    let mut left = edges.clone();
    let mut walk = Vec::new();
    let mut next_start = Some(opening);
    while let Some((start, second)) = next_start {
        left.remove(&(start, second));
        walk.push(start);
        let mut at = second;
        while at != start {
            walk.push(at);
            let mut way = left.iter().copied().filter(|(a, b)| *a == at || *b == at);
            let Some(edge) = way.next() else { break };
            left.remove(&edge);
            at = if edge.0 == at { edge.1 } else { edge.0 };
        }
        next_start = left.first().copied();
    }
    Cycle {
        bar,
        vertices: walk.into_iter().map(row).collect(),
        edges: edges.iter().map(|(a, b)| [row(*a), row(*b)]).collect(),
    }
}

/// The spanning forest, rooted.
struct Tree {
    parent: Vec<usize>,
    depth: Vec<usize>,
}

impl Tree {
    fn new(filtration: &Filtration, rips: &Rips) -> Self {
        let n = filtration.vertices();
        let mut near = vec![Vec::new(); n];
        for j in &rips.joined {
            let (a, b) = filtration.edge(j.rank as usize);
            near[a].push(b);
            near[b].push(a);
        }
        let mut parent: Vec<usize> = (0..n).collect();
        let mut depth = vec![usize::MAX; n];
        for root in 0..n {
            if depth[root] != usize::MAX {
                continue;
            }
            depth[root] = 0;
            let mut stack = vec![root];
            while let Some(v) = stack.pop() {
                for &w in &near[v] {
                    if depth[w] == usize::MAX {
                        depth[w] = depth[v] + 1;
                        parent[w] = v;
                        stack.push(w);
                    }
                }
            }
        }
        Self { parent, depth }
    }

    fn path(&self, a: usize, b: usize) -> Vec<Edge> {
        let (mut a, mut b) = (a, b);
        let mut edges = Vec::new();
        while a != b {
            if self.depth[a] < self.depth[b] {
                std::mem::swap(&mut a, &mut b);
            }
            let up = self.parent[a];
            if up == a {
                break;
            }
            edges.push((a.min(up), a.max(up)));
            a = up;
        }
        edges
    }
}
