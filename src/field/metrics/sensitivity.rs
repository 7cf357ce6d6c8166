//! How strongly the field answers to small moves of a turn's embedding.

use super::estimate::{Estimate, Meaning, RESAMPLES, draw_counts};
use crate::core::matrix::Matrix;
use crate::core::scm::SCORES;
use crate::core::seed::{normal, stream};
use rayon::prelude::*;

/// Seeded unit directions in the embedding space.
pub const DIRECTIONS: usize = 8;
/// Length of the move.
pub const EPS: f64 = 1e-3;

/// Unit directions `[DIRECTIONS, dims]`, uniform on the sphere (a normal draw over its length; Muller 1959).
pub fn directions(dims: usize, seed: u64) -> Matrix {
    let mut out = Matrix::zeros(DIRECTIONS, dims);
    for direction in 0..DIRECTIONS {
        let mut rng = stream(seed, &format!("field/sensitivity/{direction}"));
        let draw: Vec<f64> = (0..dims).map(|_| normal(&mut rng)).collect();
        let length = draw.iter().map(|v| v * v).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
        out.row_mut(direction).iter_mut().zip(&draw).for_each(|(to, v)| *to = (v / length) as f32);
    }
    out
}

/// Every embedding `[turns, dims]` moved by `eps` along one direction.
pub fn moved(embeddings: &Matrix, direction: &[f32], eps: f64) -> Matrix {
    Matrix::from_fn(embeddings.rows(), embeddings.cols(), |r, c| {
        (f64::from(embeddings.get(r, c)) + eps * f64::from(direction[c])) as f32
    })
}

/// Mean over turns, directions and score columns of abs(D(x + eps u) - D(x)) / eps, with its bootstrap interval.
///
/// `field_of` scores embeddings `[turns, dims]` with both scorers and returns D, `[turns, 12]`; it is called once for `x`
/// and once for each of the [`DIRECTIONS`].
///
/// # Errors
/// Whatever `field_of` fails with.
pub fn sensitivity_index<E>(
    embeddings: &Matrix,
    seed: u64,
    mut field_of: impl FnMut(&Matrix) -> Result<Matrix, E>,
) -> Result<Estimate, E> {
    let still = field_of(embeddings)?;
    let directions = directions(embeddings.cols(), seed);
    let mut samples = Vec::with_capacity(DIRECTIONS);
    for direction in 0..DIRECTIONS {
        samples.push(field_of(&moved(embeddings, directions.row(direction), EPS))?);
    }
    Ok(sensitivity_of_samples(&still, &samples, EPS, seed))
}

/// [`sensitivity_index`] from D(x) and one D(x + eps u) for each direction, all `[turns, columns]`.
/// Cells missing in either are left out.
pub fn sensitivity_of_samples(still: &Matrix, samples: &[Matrix], eps: f64, seed: u64) -> Estimate {
    let scores = SCORES.start..SCORES.end.min(still.cols());
    let per_turn: Vec<(f64, f64)> = (0..still.rows())
        .map(|r| {
            samples
                .iter()
                .filter(|s| s.rows() == still.rows() && s.cols() == still.cols())
                .flat_map(|s| s.row(r)[scores.clone()].iter().zip(&still.row(r)[scores.clone()]))
                .map(|(moved, still)| (f64::from(*moved) - f64::from(*still)).abs() / eps)
                .filter(|v| v.is_finite())
                .fold((0.0, 0.0), |(sum, n), v| (sum + v, n + 1.0))
        })
        .collect();
    let mean = |counts: &[u32]| {
        let (sum, n) = counts
            .iter()
            .zip(&per_turn)
            .fold((0.0, 0.0), |(sum, n), (w, (s, k))| (sum + f64::from(*w) * s, n + f64::from(*w) * k));
        sum / n
    };
    let turns = per_turn.len();
    let resampled: Vec<f64> = if turns == 0 {
        Vec::new()
    } else {
        (0..RESAMPLES).into_par_iter().map(|number| mean(&draw_counts(turns, seed, number))).collect()
    };
    let meaning = Meaning {
        unit: "score per unit of embedding",
        n_of: "turns",
        definition: format!(
            "mean over turns, {} seeded unit directions u and the five score columns of abs(D(x + eps u) - D(x)) / eps, eps {eps:e}, x the embedding of the answer",
            samples.len()
        ),
        higher_is_better: None,
    };
    Estimate::new(
        meaning,
        per_turn.iter().filter(|(_, n)| *n > 0.0).count(),
        mean(&vec![1; turns]),
        &resampled,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_are_unit_and_repeat_by_seed() {
        let d = directions(32, 9);
        for r in 0..DIRECTIONS {
            let length: f32 = d.row(r).iter().map(|v| v * v).sum();
            assert!((length - 1.0).abs() < 1e-5);
        }
        assert_eq!(d, directions(32, 9));
        assert_ne!(d, directions(32, 10));
    }

    #[test]
    fn a_linear_field_answers_with_its_slope() {
        // Every score column is 3 x_0, so abs(dD)/eps is 3 abs(u_0), averaged over the directions.
        let embeddings = Matrix::from_fn(20, 4, |r, c| (r as f32 * 0.01) + c as f32 * 0.02);
        let field = |x: &Matrix| Ok::<_, ()>(Matrix::from_fn(x.rows(), 12, |r, _| 3.0 * x.get(r, 0)));
        let got = sensitivity_index(&embeddings, 4, field).unwrap();
        let want = (0..DIRECTIONS).map(|i| 3.0 * f64::from(directions(4, 4).get(i, 0).abs())).sum::<f64>()
            / DIRECTIONS as f64;
        assert!((got.value.unwrap() - want).abs() < 2e-3 * want, "{:?} against {want}", got.value);
        assert_eq!(got.n, 20);
        assert!(got.low <= got.value && got.value <= got.high);
    }
}
