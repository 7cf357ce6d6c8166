//! A few points spread over a large cloud: farthest-point sampling (Gonzalez 1985), with how well they cover it.

use rayon::prelude::*;

use super::error::TopologyError;
use super::hooks::Hooks;
use super::points::Points;

/// Chosen points and the largest distance of any point to the nearest of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Landmarks {
    /// Indices of the chosen points, in the order of choice.
    pub chosen: Vec<usize>,
    /// Every point is within this distance of a chosen one. Bars move by at most this much at each end (bottleneck
    /// stability with the Hausdorff distance; Chazal et al. 2009, scales being edge lengths moves by twice it).
    pub covering_radius: f64,
}

/// Chooses up to `count` points: first the one nearest the mean, then always the farthest from those chosen.
pub fn farthest_points(points: &Points, count: usize, hooks: &Hooks) -> Result<Landmarks, TopologyError> {
    let n = points.len();
    let mut distance = vec![f64::INFINITY; n];
    let mut chosen = Vec::with_capacity(count.min(n));
    let mut next = nearest_to_mean(points);
    let mut covering_radius = f64::INFINITY;
    while chosen.len() < count.min(n) && covering_radius > 0.0 {
        hooks.check()?;
        if chosen.len() % 64 == 0 {
            (hooks.progress)("landmarks", chosen.len() as u64, count as u64);
        }
        chosen.push(next);
        let centre = points.row(next);
        let far = distance
            .par_chunks_mut(8192)
            .enumerate()
            .map(|(c, part)| nearer(points, centre, c * 8192, part))
            .reduce(|| (f64::NEG_INFINITY, usize::MAX), farther);
        (covering_radius, next) = far;
    }
    Ok(Landmarks { chosen, covering_radius: covering_radius.max(0.0) })
}

/// Lowers the distances of a part of the points to a new landmark; the farthest of them.
fn nearer(points: &Points, centre: &[f64], from: usize, part: &mut [f64]) -> (f64, usize) {
    let mut best = (f64::NEG_INFINITY, usize::MAX);
    for (at, d) in part.iter_mut().enumerate() {
        let new = points.metric().distance(points.row(from + at), centre);
        if new < *d {
            *d = new;
        }
        best = farther(best, (*d, from + at));
    }
    best
}

/// The larger distance; of equal ones the smaller index, so that threads cannot change the answer.
fn farther(a: (f64, usize), b: (f64, usize)) -> (f64, usize) {
    if b.0 > a.0 || (b.0 == a.0 && b.1 < a.1) { b } else { a }
}

fn nearest_to_mean(points: &Points) -> usize {
    let mut mean = vec![0.0; points.dim()];
    for i in 0..points.len() {
        for (m, v) in mean.iter_mut().zip(points.row(i)) {
            *m += v / points.len() as f64;
        }
    }
    let mut best = (f64::INFINITY, 0);
    for i in 0..points.len() {
        let d = points.metric().distance(points.row(i), &mean);
        if d < best.0 {
            best = (d, i);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn landmarks_spread_out_and_cover() {
        let p = Points::new(101, 1, (0..101).map(f64::from).collect()).unwrap();
        let l = farthest_points(&p, 3, &Hooks::none()).unwrap();
        assert_eq!(l.chosen, vec![50, 0, 100]);
        assert_eq!(l.covering_radius, 25.0);
        let all = farthest_points(&p, 500, &Hooks::none()).unwrap();
        assert_eq!((all.chosen.len(), all.covering_radius), (101, 0.0));
    }
}
