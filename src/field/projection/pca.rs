//! Principal components: the directions along which the rows of a table differ most.

use crate::core::eigen;
use crate::core::matrix::Matrix;
use rayon::prelude::*;

/// Principal components of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Pca {
    /// Mean of each column.
    pub mean: Vec<f64>,
    /// Unit directions, most variance first; the entry of largest magnitude is positive.
    pub components: Vec<Vec<f64>>,
    /// Share of the whole variance along each direction, in \[0,1\].
    pub explained: Vec<f64>,
    /// Rows along the directions, `[rows, components]`.
    pub scores: Matrix,
}

/// Rows summed together before sums are added up: fixed, so that the number of threads changes no rounding.
const CHUNK: usize = 1024;

/// The first `k` principal components (at most as many as there are columns). Values must be finite.
pub fn pca(points: &Matrix, k: usize) -> Pca {
    let (n, d) = (points.rows(), points.cols());
    let k = k.min(d);
    let mean = means(points);
    let mut covariance = covariance(points, &mean);
    let scale = 1.0 / n.saturating_sub(1).max(1) as f64;
    covariance.iter_mut().for_each(|v| *v *= scale);
    let found = eigen::symmetric(d, &covariance);
    let total: f64 = found.values.iter().map(|v| v.max(0.0)).sum();
    let share = |v: &f64| if total > 0.0 { v.max(0.0) / total } else { 0.0 };
    let explained = found.values.iter().take(k).map(share).collect();
    let components: Vec<Vec<f64>> = found.vectors.into_iter().take(k).collect();
    let scores = along(points, &mean, &components);
    Pca { mean, components, explained, scores }
}

/// Rows of a table along directions: `(row - mean) . component`, `[rows, components]`.
pub fn along(points: &Matrix, mean: &[f64], components: &[Vec<f64>]) -> Matrix {
    let rows: Vec<Vec<f32>> = (0..points.rows())
        .into_par_iter()
        .map(|r| {
            let row = points.row(r);
            let one = |c: &Vec<f64>| {
                row.iter().zip(mean).zip(c).map(|((v, m), c)| (f64::from(*v) - m) * c).sum::<f64>() as f32
            };
            components.iter().map(one).collect()
        })
        .collect();
    Matrix::from_vec(points.rows(), components.len(), rows.concat()).unwrap_or_default()
}

fn means(points: &Matrix) -> Vec<f64> {
    let mut sums = vec![0.0; points.cols()];
    for r in 0..points.rows() {
        sums.iter_mut().zip(points.row(r)).for_each(|(s, v)| *s += f64::from(*v));
    }
    sums.iter_mut().for_each(|s| *s /= points.rows().max(1) as f64);
    sums
}

/// Sums of products of centred columns; the lower triangle is filled.
fn covariance(points: &Matrix, mean: &[f64]) -> Vec<f64> {
    let (n, d) = (points.rows(), points.cols());
    let starts: Vec<usize> = (0..n).step_by(CHUNK).collect();
    let parts: Vec<Vec<f64>> = starts
        .into_par_iter()
        .map(|from| {
            let mut sum = vec![0.0; d * d];
            let mut centred = vec![0.0; d];
            for r in from..(from + CHUNK).min(n) {
                centred
                    .iter_mut()
                    .zip(points.row(r))
                    .zip(mean)
                    .for_each(|((c, v), m)| *c = f64::from(*v) - m);
                for (i, a) in centred.iter().enumerate() {
                    sum[i * d..=i * d + i].iter_mut().zip(&centred).for_each(|(s, b)| *s += a * b);
                }
            }
            sum
        })
        .collect();
    let mut total = vec![0.0; d * d];
    for part in parts {
        total.iter_mut().zip(part).for_each(|(t, p)| *t += p);
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::seed::{normal, stream};

    #[test]
    fn a_stretched_cloud_gives_back_its_axes() {
        let mut rng = stream(4, "pca");
        let axes = [[0.6_f64, 0.8, 0.0], [0.8, -0.6, 0.0], [0.0, 0.0, 1.0]];
        let rows: Vec<[f64; 3]> = (0..4000).map(|_| [3.0, 1.0, 0.1].map(|s| s * normal(&mut rng))).collect();
        let points = Matrix::from_fn(4000, 3, |r, c| {
            (0..3).map(|k| rows[r][k] * axes[k][c]).sum::<f64>() as f32 + 5.0
        });
        let found = pca(&points, 2);
        assert!((found.components[0][1].abs() - 0.8).abs() < 0.02, "{:?}", found.components);
        assert!((found.explained[0] - 9.0 / 10.01).abs() < 0.02);
        assert!(found.mean.iter().all(|m| (m - 5.0).abs() < 0.2));
        assert!((0..20).all(|r| (f64::from(found.scores.get(r, 0)).abs() - rows[r][0].abs()).abs() < 0.3));
    }

    #[test]
    fn a_constant_table_has_no_variance_to_share() {
        let found = pca(&Matrix::filled(10, 3, 0.4), 2);
        assert_eq!(found.explained, [0.0, 0.0]);
        assert!(found.scores.data().iter().all(|v| v.abs() < 1e-6));
    }
}
