//! The fuzzy graph of neighbours: how strongly two rows belong together, each row measuring with its own yardstick.

use super::neighbours::Neighbours;
use rayon::prelude::*;

/// Smallest bandwidth as a share of the mean distance to neighbours.
const LEAST_BANDWIDTH: f64 = 1e-3;
/// Rounds of bisection for a bandwidth.
const ROUNDS: usize = 64;
/// How close the sum of memberships comes to log2 of the number of neighbours.
const CLOSE: f64 = 1e-5;

/// A symmetric weighted graph, both directions of every edge stored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// Edges of row `r` are those from `starts[r]` to `starts[r + 1]`.
    pub starts: Vec<usize>,
    /// The other end of each edge, ascending within a row.
    pub ends: Vec<u32>,
    /// Membership in (0,1].
    pub weights: Vec<f32>,
}

impl Graph {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Without the edges so weak that a layout of `epochs` passes would never sample them.
    pub fn pruned(self, epochs: usize) -> Self {
        let most = self.weights.iter().copied().fold(0.0, f32::max);
        let least = most / epochs.max(1) as f32;
        let mut out = Self { starts: vec![0], ..Self::default() };
        for row in 0..self.rows() {
            for at in self.starts[row]..self.starts[row + 1] {
                if self.weights[at] >= least {
                    out.ends.push(self.ends[at]);
                    out.weights.push(self.weights[at]);
                }
            }
            out.starts.push(out.ends.len());
        }
        out
    }
}

/// Memberships of every row's neighbours (McInnes et al. 2018, algorithms 2 and 3), joined by the probabilistic sum
/// p + q - p q of both directions.
pub fn graph(near: &Neighbours) -> Graph {
    let n = near.rows();
    let mean_of_all = mean(&near.distance);
    let strengths: Vec<Vec<f64>> =
        (0..n).into_par_iter().map(|r| memberships(near.distances(r), mean_of_all)).collect();
    let mut rows: Vec<Vec<(u32, f64, f64)>> = vec![Vec::new(); n];
    for r in 0..n {
        for (other, p) in near.of(r).iter().zip(&strengths[r]) {
            rows[r].push((*other, *p, 0.0));
            rows[*other as usize].push((r as u32, 0.0, *p));
        }
    }
    let mut out = Graph { starts: vec![0], ..Graph::default() };
    for mut row in rows {
        row.sort_by_key(|e| e.0);
        for edge in row.chunk_by(|a, b| a.0 == b.0) {
            let (p, q) = edge.iter().fold((0.0, 0.0), |sum, e| (sum.0 + e.1, sum.1 + e.2));
            let weight = (p + q - p * q) as f32;
            if weight > 0.0 {
                out.ends.push(edge[0].0);
                out.weights.push(weight);
            }
        }
        out.starts.push(out.ends.len());
    }
    out
}

fn mean(distances: &[f32]) -> f64 {
    distances.iter().map(|d| f64::from(*d)).sum::<f64>() / distances.len().max(1) as f64
}

/// Strength of each neighbour of one row: 1 up to the nearest distinct one, then falling off with the bandwidth at which
/// all strengths (the row itself counted among its neighbours) sum to log2 of their number.
pub fn memberships(distances: &[f32], mean_of_all: f64) -> Vec<f64> {
    let d: Vec<f64> = distances.iter().map(|d| f64::from(*d)).collect();
    let nearest = d.iter().copied().find(|d| *d > 0.0).unwrap_or(0.0);
    let target = ((d.len() + 1) as f64).log2();
    let at = |bandwidth: f64, d: f64| if d <= nearest { 1.0 } else { (-(d - nearest) / bandwidth).exp() };
    let (mut low, mut high, mut bandwidth) = (0.0, f64::INFINITY, 1.0);
    for _ in 0..ROUNDS {
        let sum: f64 = d.iter().map(|d| at(bandwidth, *d)).sum();
        if (sum - target).abs() < CLOSE {
            break;
        }
        if sum > target {
            high = bandwidth;
            bandwidth = f64::midpoint(low, high);
        } else {
            low = bandwidth;
            bandwidth = if high.is_finite() { f64::midpoint(low, high) } else { bandwidth * 2.0 };
        }
    }
    // The row's own distance 0 counts in the mean, as in the reference.
    let own = d.iter().sum::<f64>() / (d.len() + 1) as f64;
    let least = LEAST_BANDWIDTH * if nearest > 0.0 { own } else { mean_of_all };
    let bandwidth = bandwidth.max(least);
    d.iter().map(|d| at(bandwidth, *d)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strengths_sum_to_the_logarithm_of_the_number_of_neighbours() {
        let d: Vec<f32> = (1..=14).map(|i| 0.1 * i as f32).collect();
        let p = memberships(&d, 0.7);
        assert!((p.iter().sum::<f64>() - 15_f64.log2()).abs() < 1e-4, "{p:?}");
        assert!(p[0] == 1.0 && p.windows(2).all(|w| w[0] >= w[1]));
        assert!(memberships(&[0.0; 14], 0.0).iter().all(|p| *p == 1.0), "equal rows belong together wholly");
    }

    #[test]
    fn the_graph_is_symmetric() {
        let near = Neighbours { k: 1, index: vec![1, 0, 1], distance: vec![1.0, 1.0, 2.0] };
        let g = graph(&near);
        assert_eq!(g.starts, [0, 1, 3, 4]);
        assert_eq!(g.ends, [1, 0, 2, 1]);
        assert_eq!(g.weights[0], g.weights[1]);
        assert_eq!(g.weights[2], g.weights[3]);
        let far = Graph { weights: vec![1.0, 1.0, 1e-4, 1e-4], ..g };
        assert_eq!(far.pruned(500).ends, [1, 0]);
    }
}
