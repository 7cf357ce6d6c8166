//! The layout of UMAP: edges pull their ends together, chance pairs push apart, less and less from epoch to epoch.

use super::curve::Curve;
use super::fuzzy::Graph;
use super::power::Power;
use crate::core::seed::{self, stream};
use crate::job::{Cancelled, JobContext};
use rand::RngExt;

/// Points pushed away for each pull.
const NEGATIVES: f32 = 5.0;
/// Longest step of one coordinate before the rate is applied.
const LONGEST_STEP: f32 = 4.0;
/// Keeps the push finite between points that lie on each other.
const SOFTENING: f32 = 0.001;
/// Side of the square the layout starts in.
const SIDE: f32 = 10.0;
/// Spread of the noise that parts equal rows at the start.
const NOISE: f64 = 1e-4;

/// What decides a layout besides its graph.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// Shape of the pull.
    pub curve: Curve,
    /// Passes over the edges.
    pub epochs: usize,
    /// Seed of the chance pairs.
    pub seed: u64,
}

/// Positions scaled into the starting square, with a breath of noise so that equal rows part.
pub fn start(plane: &[[f32; 2]], seed: u64) -> Vec<[f32; 2]> {
    let mut rng = stream(seed, "noise");
    let range = |axis: usize| {
        let fold = |f: fn(f32, f32) -> f32, from| plane.iter().map(|p| p[axis]).fold(from, f);
        (fold(f32::min, f32::INFINITY), fold(f32::max, f32::NEG_INFINITY))
    };
    let ranges = [range(0), range(1)];
    let scaled = |v: f32, (low, high): (f32, f32)| {
        if high > low { SIDE * (v - low) / (high - low) } else { 0.5 * SIDE }
    };
    plane
        .iter()
        .map(|p| [0, 1].map(|axis| scaled(p[axis], ranges[axis]) + (NOISE * seed::normal(&mut rng)) as f32))
        .collect()
}

/// Stochastic gradient descent on the cross entropy of the fuzzy graph (McInnes et al. 2018, algorithm 5, with the
/// sampling schedule of umap-learn): an edge of weight w is pulled in w / max w of the epochs, each pull followed by
/// five pushes from points drawn at random. With q = 1 / (1 + a d^(2b)) the two gradients on y_i are
/// -2ab d^(2(b-1)) / (1 + a d^(2b)) (y_i - y_j) and 2b / ((0.001 + d^2)(1 + a d^(2b))) (y_i - y_j).
///
/// # Errors
/// [`Cancelled`] when a stop was asked for.
pub fn optimise(
    mut at: Vec<[f32; 2]>,
    graph: &Graph,
    plan: &Plan,
    ctx: &JobContext,
) -> Result<Vec<[f32; 2]>, Cancelled> {
    let most = graph.weights.iter().copied().fold(0.0, f32::max);
    if at.len() < 2 || most <= 0.0 {
        return Ok(at);
    }
    let forces = Forces::new(plan.curve);
    let every: Vec<f32> = graph.weights.iter().map(|w| most / w).collect();
    let mut next_pull = every.clone();
    let mut next_push: Vec<f32> = every.iter().map(|e| e / NEGATIVES).collect();
    let mut chance = Chance::new(plan.seed, at.len());
    for epoch in 0..plan.epochs {
        ctx.check()?;
        ctx.progress("layout", epoch as u64, plan.epochs as u64, "epochs");
        let rate = 1.0 - epoch as f32 / plan.epochs as f32;
        let now = epoch as f32;
        for row in 0..graph.rows() {
            for edge in graph.starts[row]..graph.starts[row + 1] {
                if next_pull[edge] > now {
                    continue;
                }
                let end = graph.ends[edge] as usize;
                let mut here = at[row];
                forces.pull(&mut here, &mut at[end], rate);
                next_pull[edge] += every[edge];
                let between = every[edge] / NEGATIVES;
                let pushes = ((now - next_push[edge]) / between).max(0.0) as usize;
                let mut left = pushes;
                while left > 0 {
                    let others = Others::draw(&mut chance, &at, row, left.min(LANES));
                    forces.push(&mut here, &others, rate);
                    left -= left.min(LANES);
                }
                next_push[edge] += pushes as f32 * between;
                at[row] = here;
            }
        }
    }
    Ok(at)
}

/// The two gradients with their constants.
struct Forces {
    a: f32,
    b: f32,
    power: Power,
}

impl Forces {
    fn new(curve: Curve) -> Self {
        Self { a: curve.a as f32, b: curve.b as f32, power: Power::new(curve.b) }
    }

    /// Moves both ends of an edge towards each other.
    #[inline]
    fn pull(&self, here: &mut [f32; 2], other: &mut [f32; 2], rate: f32) {
        let (dx, dy) = (here[0] - other[0], here[1] - other[1]);
        let d2 = dx * dx + dy * dy;
        if d2 <= 0.0 {
            return;
        }
        let power = self.power.of(d2);
        let force = -2.0 * self.a * self.b * power / (d2 * (1.0 + self.a * power));
        let (mx, my) = (rate * clipped(force * dx), rate * clipped(force * dy));
        *here = [here[0] + mx, here[1] + my];
        *other = [other[0] - mx, other[1] - my];
    }

    /// Moves a point away from a few others, which stay; all push at once, so that the compiler can use vectors.
    #[inline]
    fn push(&self, here: &mut [f32; 2], others: &Others, rate: f32) {
        let (mut sx, mut sy) = ([0.0; LANES], [0.0; LANES]);
        for lane in 0..LANES {
            let (dx, dy) = (here[0] - others.x[lane], here[1] - others.y[lane]);
            // Below this two points count as one; it keeps the logarithm in its range.
            let d2 = (dx * dx + dy * dy).max(1e-30);
            let force = others.weight[lane] / ((SOFTENING + d2) * (1.0 + self.a * self.power.of(d2)));
            sx[lane] = clipped(2.0 * self.b * force * dx);
            sy[lane] = clipped(2.0 * self.b * force * dy);
        }
        here[0] += rate * sx.iter().sum::<f32>();
        here[1] += rate * sy.iter().sum::<f32>();
    }
}

/// Points that push at once.
const LANES: usize = 8;

/// Positions of points drawn at random; those that do not push weigh 0.
struct Others {
    x: [f32; LANES],
    y: [f32; LANES],
    weight: [f32; LANES],
}

impl Others {
    #[inline]
    fn draw(chance: &mut Chance, at: &[[f32; 2]], row: usize, count: usize) -> Self {
        let mut out = Self { x: [0.0; LANES], y: [0.0; LANES], weight: [0.0; LANES] };
        for lane in 0..count.min(LANES) {
            let other = chance.point();
            [out.x[lane], out.y[lane]] = at[other];
            out.weight[lane] = f32::from(u8::from(other != row));
        }
        out
    }
}

#[inline]
fn clipped(step: f32) -> f32 {
    step.clamp(-LONGEST_STEP, LONGEST_STEP)
}

/// Points drawn at random: a multiplicative generator (Steele and Vigna 2021) is enough for pushes and costs a nanosecond.
struct Chance {
    state: u64,
    points: u64,
}

impl Chance {
    fn new(seed: u64, points: usize) -> Self {
        Self { state: stream(seed, "pushes").random::<u64>() | 1, points: points as u64 }
    }

    #[inline]
    fn point(&mut self) -> usize {
        self.state = self.state.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(0x9e37_79b9_7f4a_7c15);
        (((self.state >> 32) * self.points) >> 32) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::projection::curve;

    /// Cross entropy terms of one pair: pull -ln q, push -ln(1 - q).
    fn energy(c: Curve, here: [f64; 2], other: [f64; 2]) -> (f64, f64) {
        let d2 = (here[0] - other[0]).powi(2) + (here[1] - other[1]).powi(2);
        let q = 1.0 / (1.0 + c.a * d2.powf(c.b));
        (-q.ln(), -(1.0 - q).ln())
    }

    #[test]
    fn pull_and_push_are_the_gradients_of_the_cross_entropy() {
        let c = curve::fit(0.2, 1.0);
        let forces = Forces::new(c);
        for (here, other) in [([0.7, -0.3], [0.1, 0.4]), ([2.0, 1.0], [-1.0, 3.5]), ([5.0, 0.0], [0.5, 0.2])]
        {
            let eps = 1e-6;
            let gradient = |which: fn((f64, f64)) -> f64| {
                [0, 1].map(|axis| {
                    let (mut up, mut down) = (here, here);
                    up[axis] += eps;
                    down[axis] -= eps;
                    (which(energy(c, up, other)) - which(energy(c, down, other))) / (2.0 * eps)
                })
            };
            let single = |p: [f64; 2]| p.map(|v| v as f32);
            let (mut moved, mut end) = (single(here), single(other));
            forces.pull(&mut moved, &mut end, 1.0);
            let want = gradient(|e| e.0);
            for axis in 0..2 {
                let step = f64::from(moved[axis]) - f64::from(here[axis] as f32);
                assert!((step + want[axis]).abs() < 1e-4, "pull {step} {want:?}");
                assert!((f64::from(end[axis]) - other[axis] - want[axis]).abs() < 1e-4);
            }
            let mut moved = single(here);
            let mut others = Others { x: [9.0; LANES], y: [9.0; LANES], weight: [0.0; LANES] };
            ([others.x[3], others.y[3]], others.weight[3]) = (single(other), 1.0);
            forces.push(&mut moved, &others, 1.0);
            let want = gradient(|e| e.1);
            for axis in 0..2 {
                let step = f64::from(moved[axis]) - f64::from(here[axis] as f32);
                // The softening of the push is not part of the cross entropy.
                assert!((step + want[axis]).abs() < 3e-3 * want[axis].abs() + 1e-4, "push {step} {want:?}");
            }
        }
    }

    #[test]
    fn chance_reaches_every_point_about_equally() {
        let mut chance = Chance::new(5, 10);
        let mut seen = [0_u32; 10];
        (0..100_000).for_each(|_| seen[chance.point()] += 1);
        assert!(seen.iter().all(|n| n.abs_diff(10_000) < 500), "{seen:?}");
    }
}
