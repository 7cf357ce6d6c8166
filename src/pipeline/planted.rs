//! A table of scores in which a ring was planted on purpose, so that the topology view can be seen to find one.
//!
//! Nothing here claims that two judges differ in a ring: the run made from it is labelled as planted everywhere.

use crate::core::dimension::{Dimension, N_DIMENSIONS};
use crate::core::matrix::Matrix;
use crate::core::seed;
use rand::RngExt;

/// Radius of the ring, in score units.
pub const RADIUS: f64 = 0.30;
/// Standard deviation of the noise on every dimension.
pub const NOISE: f64 = 0.02;
/// Angles tried for a turn.
const ANGLES: usize = 360;

/// Scores B `[turns, 5]` such that A - B lies on a ring in the plane of knowledge and faithfulness, plus noise.
///
/// Scores must stay in \[0,1\], so not every angle is possible for every turn; of the possible ones the least used so far
/// is taken, which fills the ring evenly. Turns with a missing score in A stay missing in B.
pub fn ring(a: &Matrix, seed: u64) -> Matrix {
    let mut rng = seed::stream(seed, "planted ring");
    let (k, f) = (Dimension::Knowledge.index(), Dimension::Faithfulness.index());
    let mut used = [0_usize; 36];
    let mut b = Matrix::filled(a.rows(), N_DIMENSIONS, f32::NAN);
    for row in seed::permutation(&mut rng, a.rows()) {
        let scores = a.row(row);
        if scores.iter().any(|v| v.is_nan()) {
            continue;
        }
        let radius = RADIUS + NOISE * seed::normal(&mut rng);
        let start = rng.random_range(0..ANGLES);
        let angle = (0..ANGLES)
            .map(|i| (i * 7 + start) % ANGLES)
            .filter(|&deg| {
                let (sin, cos) = (deg as f64).to_radians().sin_cos();
                inside(f64::from(scores[k]) - radius * cos) && inside(f64::from(scores[f]) - radius * sin)
            })
            .min_by_key(|deg| used[deg / 10]);
        let Some(degrees) = angle else { continue };
        used[degrees / 10] += 1;
        let (sin, cos) = (degrees as f64).to_radians().sin_cos();
        for (c, &score) in scores.iter().enumerate() {
            let planted = if c == k {
                radius * cos
            } else if c == f {
                radius * sin
            } else {
                NOISE * seed::normal(&mut rng)
            };
            b.set(row, c, (f64::from(score) - planted).clamp(0.0, 1.0) as f32);
        }
    }
    b
}

fn inside(value: f64) -> bool {
    (0.0..=1.0).contains(&value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_lies_on_the_ring() {
        let mut rng = seed::stream(1, "a");
        let a = Matrix::from_fn(300, 5, |_, _| rng.random::<f32>());
        let b = ring(&a, 7);
        let mut quadrants = [0; 4];
        for row in 0..300 {
            let d: Vec<f64> = (0..5).map(|c| f64::from(a.get(row, c)) - f64::from(b.get(row, c))).collect();
            if d[1].is_nan() {
                continue;
            }
            let r = d[1].hypot(d[3]);
            assert!((r - RADIUS).abs() < 5.0 * NOISE, "row {row} at {r}");
            quadrants[usize::from(d[1] > 0.0) * 2 + usize::from(d[3] > 0.0)] += 1;
        }
        assert!(quadrants.iter().all(|&n| n > 40), "{quadrants:?}");
        assert!(b.data().iter().all(|v| v.is_nan() || (0.0..=1.0).contains(v)));
    }
}
