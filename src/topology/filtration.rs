//! Every pair of points up to a scale, shortest first: the order in which a Vietoris-Rips complex grows.
//!
//! Edges are ordered by (distance in f64, first vertex, second vertex). Ties between distances are broken by the
//! vertices, so every edge has its own *rank*; simplices are then ordered by the rank of their longest edge, and all
//! comparisons of scales become comparisons of integers. A bar's scales are read back as exact f64 distances.

use rayon::prelude::*;
use std::ops::Range;

use super::error::TopologyError;
use super::hooks::Hooks;
use super::points::Points;

/// Rank of a pair that is no edge (beyond the scale, or a vertex with itself).
pub const NO_EDGE: u32 = u32::MAX;

/// Vertices are packed into 16 bits; a dense rank table for more would need over 16 GB anyway.
pub const MAX_VERTICES: usize = 65_000;

/// Below this many points one thread computes the distances: handing out work would cost more.
const PARALLEL_FROM: usize = 800;

/// Distances to f32 may exceed exact ones by less than this factor.
const ROUNDING: f64 = 1.0 + 1e-5;

/// The edges of a cloud up to a scale, ascending, and the rank of every pair.
pub struct Filtration<'a> {
    points: &'a Points,
    /// (f32 bits of the distance) << 32 | first << 16 | second, ascending by exact distance; first < second.
    edges: Vec<u64>,
    /// `[n, n]`, symmetric: the rank of every pair.
    rank: Vec<u32>,
    /// Whether the distances came from elsewhere, to f32: then the packed ones are the scales.
    measured: bool,
    /// Smallest scale at which some point has every other within reach; the complex is a cone from there on.
    pub enclosing_radius: f64,
    /// Scale up to which edges are listed: the threshold, or the enclosing radius where that is smaller.
    pub radius: f64,
}

/// Bytes that [`Filtration::new`] and the H0/H1 pass need at most for `n` points.
pub fn predicted_bytes(n: usize) -> u64 {
    let n = n as u64;
    let pairs = n * n.saturating_sub(1) / 2;
    // Two copies of the packed edges while sorting, or one and the rank table; apexes; adjacency bits.
    pairs * 16 + pairs * 2 + n * n.div_ceil(64) * 8
}

impl<'a> Filtration<'a> {
    /// The edges of `points` (distinct points, at most [`MAX_VERTICES`]) of length up to `threshold`, or up to the
    /// enclosing radius where that is smaller or no threshold is given. Edges enter at distance <= scale.
    pub fn new(points: &'a Points, threshold: Option<f64>, hooks: &Hooks) -> Result<Self, TopologyError> {
        let n = points.len();
        debug_assert!(n <= MAX_VERTICES);
        let (threshold, about) = (threshold.unwrap_or(f64::INFINITY), radius_about_centre(points));
        let handed = measured_blocks(points, threshold.min(about * ROUNDING), hooks)?;
        let measured = handed.is_some();
        let blocks = match handed {
            Some(blocks) => blocks,
            None => edge_blocks(points, threshold.min(about), hooks)?,
        };
        let enclosing_radius = enclosing_radius(n, &blocks);
        let radius = threshold.min(enclosing_radius);
        // Rounding is monotone, so no edge within the radius is lost; an edge beyond it that rounds to the same f32
        // may stay, and changes nothing, the complex being a cone already.
        let last = if radius < enclosing_radius { u64::MAX } else { u64::from((radius as f32).to_bits()) };
        let mut edges = Vec::with_capacity(blocks.iter().map(|b| b.edges.len()).sum());
        for block in blocks {
            hooks.check()?;
            let mut e = 0;
            while e < block.edges.len() {
                if block.edges[e] >> 32 <= last {
                    edges.push(block.edges[e]);
                }
                e += 1;
            }
        }
        hooks.check()?;
        radix_sort(&mut edges, hooks)?;
        if !measured {
            order_ties(points, &mut edges, hooks)?;
        }
        let mut rank = vec![NO_EDGE; n * n];
        let mut r = 0;
        while r < edges.len() {
            if r & 0xF_FFFF == 0 {
                hooks.check()?;
            }
            let (i, j) = unpack(edges[r]);
            rank[i * n + j] = r as u32;
            rank[j * n + i] = r as u32;
            r += 1;
        }
        Ok(Self { points, edges, rank, measured, enclosing_radius, radius })
    }

    /// Number of points.
    pub fn vertices(&self) -> usize {
        self.points.len()
    }

    /// Number of edges; ranks are `0..edges()`.
    pub fn edges(&self) -> usize {
        self.edges.len()
    }

    /// The two vertices of an edge, ascending.
    pub fn edge(&self, rank: usize) -> (usize, usize) {
        unpack(self.edges[rank])
    }

    /// Exact length of an edge; to f32 where the distances were handed in.
    pub fn scale(&self, rank: usize) -> f64 {
        if self.measured {
            return f64::from(f32::from_bits((self.edges[rank] >> 32) as u32));
        }
        let (i, j) = self.edge(rank);
        self.points.distance(i, j)
    }

    /// Ranks of all pairs with vertex `i`; [`NO_EDGE`] where there is no edge.
    pub fn ranks_of(&self, i: usize) -> &[u32] {
        let n = self.points.len();
        &self.rank[i * n..(i + 1) * n]
    }

    /// Rank of the pair, [`NO_EDGE`] where there is no edge.
    pub fn rank(&self, i: usize, j: usize) -> u32 {
        self.rank[i * self.points.len() + j]
    }

    /// The points.
    pub fn points(&self) -> &Points {
        self.points
    }

    /// Whether the filtration reaches the enclosing radius, so that every bar but the oldest piece ends.
    pub fn reaches_enclosing_radius(&self) -> bool {
        self.radius >= self.enclosing_radius
    }
}

fn pack(distance: f64, i: usize, j: usize) -> u64 {
    (u64::from((distance as f32).to_bits()) << 32) | ((i as u64) << 16) | j as u64
}

fn unpack(edge: u64) -> (usize, usize) {
    ((edge >> 16) as usize & 0xFFFF, edge as usize & 0xFFFF)
}

/// Largest distance from the point nearest the mean: an upper bound on the enclosing radius, found in one pass.
fn radius_about_centre(points: &Points) -> f64 {
    let (n, d) = (points.len(), points.dim());
    let mut mean = vec![0.0; d];
    for i in 0..n {
        for (m, v) in mean.iter_mut().zip(points.row(i)) {
            *m += v / n as f64;
        }
    }
    let (mut centre, mut best) = (0, f64::INFINITY);
    for i in 0..n {
        let to_mean = points.metric().distance(points.row(i), &mean);
        if to_mean < best {
            (centre, best) = (i, to_mean);
        }
    }
    (0..n).map(|i| points.distance(centre, i)).fold(0.0, f64::max)
}

/// The edges that start in some rows, and the largest distance of every point within them.
struct Block {
    edges: Vec<u64>,
    farthest: Vec<f64>,
}

fn edge_blocks(points: &Points, cut: f64, hooks: &Hooks) -> Result<Vec<Block>, TopologyError> {
    let (n, metric) = (points.len(), points.metric());
    let length = |i: usize, j: usize| metric.distance(points.row(i), points.row(j));
    if n < PARALLEL_FROM {
        return Ok(vec![edge_block(n, 0..n, cut, hooks, length)?]);
    }
    // Rows get shorter: sixteen blocks a thread even the work out.
    let rows = n.div_ceil(16 * rayon::current_num_threads()).max(1);
    let starts: Vec<usize> = (0..n).step_by(rows).collect();
    starts.into_par_iter().map(|from| edge_block(n, from..(from + rows).min(n), cut, hooks, length)).collect()
}

/// The same from distances handed in, if somebody measures this cloud.
fn measured_blocks(points: &Points, cut: f64, hooks: &Hooks) -> Result<Option<Vec<Block>>, TopologyError> {
    let Some(source) = hooks.distances else { return Ok(None) };
    let n = points.len();
    let mut blocks = Vec::new();
    let served = source.measure(points, &mut |first, lengths| {
        let length = |i: usize, j: usize| f64::from(lengths[(i - first) * n + j]);
        let end = first + lengths.len() / n;
        let rows = (end - first).div_ceil(4 * rayon::current_num_threads()).max(1);
        let starts: Vec<usize> = (first..end).step_by(rows).collect();
        let some = starts
            .into_par_iter()
            .map(|from| edge_block(n, from..(from + rows).min(end), cut, hooks, length));
        blocks.extend(some.collect::<Result<Vec<Block>, TopologyError>>()?);
        hooks.check()
    })?;
    Ok(served.then_some(blocks))
}

fn edge_block(
    n: usize,
    rows: Range<usize>,
    cut: f64,
    hooks: &Hooks,
    length: impl Fn(usize, usize) -> f64,
) -> Result<Block, TopologyError> {
    let mut edges = Vec::new();
    let mut farthest = vec![0.0_f64; n];
    for i in rows {
        if i % 16 == 0 {
            hooks.check()?;
        }
        let mut far = farthest[i];
        let mut j = i + 1;
        while j < n {
            let d = length(i, j);
            if d > far {
                far = d;
            }
            if d > farthest[j] {
                farthest[j] = d;
            }
            if d <= cut {
                edges.push(pack(d, i, j));
            }
            j += 1;
        }
        farthest[i] = far;
    }
    Ok(Block { edges, farthest })
}

fn enclosing_radius(n: usize, blocks: &[Block]) -> f64 {
    (0..n).map(|i| blocks.iter().map(|b| b.farthest[i]).fold(0.0, f64::max)).fold(f64::INFINITY, f64::min)
}

/// Stable ascending sort by the upper 32 bits: three passes of 11 bits (least significant digit first).
fn radix_sort(keys: &mut Vec<u64>, hooks: &Hooks) -> Result<(), TopologyError> {
    let mut other = vec![0_u64; keys.len()];
    for shift in [32, 43, 54] {
        hooks.check()?;
        let mut starts = [0_usize; 2048];
        let mut k = 0;
        while k < keys.len() {
            if k & 0xF_FFFF == 0 {
                hooks.check()?;
            }
            starts[(keys[k] >> shift) as usize & 2047] += 1;
            k += 1;
        }
        if starts.contains(&keys.len()) {
            continue;
        }
        hooks.check()?;
        let mut sum = 0;
        for s in &mut starts {
            sum += std::mem::replace(s, sum);
        }
        let mut k = 0;
        while k < keys.len() {
            if k & 0xF_FFFF == 0 {
                hooks.check()?;
            }
            let at = &mut starts[(keys[k] >> shift) as usize & 2047];
            other[*at] = keys[k];
            *at += 1;
            k += 1;
        }
        std::mem::swap(keys, &mut other);
    }
    Ok(())
}

/// Orders runs of edges whose lengths are equal as f32 by their exact length, then by vertices.
fn order_ties(points: &Points, edges: &mut [u64], hooks: &Hooks) -> Result<(), TopologyError> {
    let mut run: Vec<(f64, u64)> = Vec::new();
    let mut start = 0;
    let mut checked = 0;
    while start < edges.len() {
        let head = edges[start] >> 32;
        let mut end = start + 1;
        while end < edges.len() && edges[end] >> 32 == head {
            end += 1;
        }
        if end > start + 1 {
            run.clear();
            for e in &edges[start..end] {
                let (i, j) = unpack(*e);
                run.push((points.distance(i, j), *e));
            }
            run.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            for (slot, (_, e)) in edges[start..end].iter_mut().zip(&run) {
                *slot = *e;
            }
        }
        if end - checked > 100_000 {
            hooks.check()?;
            checked = end;
        }
        start = end;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::seed;

    fn cloud(n: usize, d: usize, seed: u64) -> Points {
        let mut rng = seed::stream(seed, "test.cloud");
        Points::new(n, d, (0..n * d).map(|_| seed::normal(&mut rng)).collect()).unwrap()
    }

    #[test]
    fn edges_ascend_and_ranks_are_their_places() {
        for n in [2, 50, 900] {
            let p = cloud(n, 3, 1);
            let f = Filtration::new(&p, None, &Hooks::none()).unwrap();
            let naive = (0..n)
                .map(|i| (0..n).map(|j| p.distance(i, j)).fold(0.0, f64::max))
                .fold(f64::INFINITY, f64::min);
            assert_eq!(f.enclosing_radius, naive);
            let within =
                (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).filter(|(i, j)| p.distance(*i, *j) <= naive);
            assert!(f.edges() >= within.count());
            for r in 0..f.edges() {
                let (i, j) = f.edge(r);
                assert!(i < j && f.rank(i, j) == r as u32 && f.rank(j, i) == r as u32);
                assert!(r == 0 || f.scale(r - 1) <= f.scale(r));
            }
        }
    }

    #[test]
    fn a_threshold_keeps_edges_up_to_and_including_it() {
        let p = Points::new(3, 1, vec![0.0, 1.0, 3.0]).unwrap();
        let f = Filtration::new(&p, Some(1.0), &Hooks::none()).unwrap();
        assert_eq!((f.edges(), f.radius, f.enclosing_radius), (1, 1.0, 2.0));
        assert!(!f.reaches_enclosing_radius());
    }

    #[test]
    fn cancelling_stops_before_the_edges_are_ready() {
        let p = cloud(100, 3, 1);
        let hooks = Hooks { cancelled: &|| true, ..Hooks::none() };
        assert_eq!(Filtration::new(&p, None, &hooks).err(), Some(TopologyError::Cancelled));
    }
}
