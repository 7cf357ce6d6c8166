//! Eigenvalues and eigenvectors of a symmetric matrix: Householder tridiagonalisation and implicit QL.

/// Eigenvalues, largest first, and unit eigenvectors of a symmetric matrix.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Eigen {
    /// Eigenvalues, largest first.
    pub values: Vec<f64>,
    /// `vectors[k]` belongs to `values[k]`; unit length, its entry of largest magnitude positive.
    pub vectors: Vec<Vec<f64>>,
}

/// Rounds of QL for one eigenvalue; it converges in two or three, so this is never reached on finite input.
const MOST_ROUNDS: usize = 60;

/// Decomposes the symmetric `[n, n]` matrix `a` (row-major; only its lower triangle is read). Entries must be finite.
///
/// Householder reduction to tridiagonal form, then QL with implicit shifts (Martin, Reinsch and Wilkinson 1968;
/// Bowdler et al. 1968). O(n^3); exact to rounding for the sizes met here (up to a thousand columns).
pub fn symmetric(n: usize, a: &[f64]) -> Eigen {
    debug_assert_eq!(a.len(), n * n);
    if n == 0 {
        return Eigen::default();
    }
    // Row `i` of `z` becomes column `i` of the transformation's transpose, so that inner loops run along rows.
    let mut z: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| a[i.max(j) * n + i.min(j)]).collect()).collect();
    let (mut d, mut e) = (vec![0.0; n], vec![0.0; n]);
    tridiagonal(&mut z, &mut d, &mut e);
    let mut vectors = transposed(z);
    implicit_ql(&mut vectors, &mut d, &mut e);
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| d[j].total_cmp(&d[i]).then(i.cmp(&j)));
    let values = order.iter().map(|&i| d[i]).collect();
    let vectors = order.iter().map(|&i| facing_up(std::mem::take(&mut vectors[i]))).collect();
    Eigen { values, vectors }
}

/// The same vector or its opposite, so that its entry of largest magnitude (the first of equals) is positive.
fn facing_up(mut v: Vec<f64>) -> Vec<f64> {
    let strongest =
        v.iter().fold(0.0_f64, |most, x| if x.abs() > most.abs() * (1.0 + 1e-9) { *x } else { most });
    if strongest < 0.0 {
        v.iter_mut().for_each(|x| *x = -*x);
    }
    v
}

fn transposed(z: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let n = z.len();
    (0..n).map(|j| (0..n).map(|i| z[i][j]).collect()).collect()
}

/// Reduces `z` to a tridiagonal matrix with diagonal `d` and subdiagonal `e[1..]`; leaves the transformation in `z`.
fn tridiagonal(z: &mut [Vec<f64>], d: &mut [f64], e: &mut [f64]) {
    let n = z.len();
    for i in (1..n).rev() {
        let scale: f64 = z[i][..i].iter().map(|v| v.abs()).sum();
        if i == 1 || scale == 0.0 {
            e[i] = z[i][i - 1];
            d[i] = 0.0;
            continue;
        }
        let mut h = 0.0;
        for v in &mut z[i][..i] {
            *v /= scale;
            h += *v * *v;
        }
        let f = z[i][i - 1];
        let g = if f >= 0.0 { -h.sqrt() } else { h.sqrt() };
        e[i] = scale * g;
        h -= f * g;
        z[i][i - 1] = f - g;
        let u = z[i][..i].to_vec();
        // p = A u / h, of which e[..i] holds the first i entries.
        for j in 0..i {
            z[j][i] = u[j] / h;
        }
        e[..i].fill(0.0);
        for j in 0..i {
            let mut sum = z[j][j] * u[j];
            for k in 0..j {
                sum += z[j][k] * u[k];
                e[k] += z[j][k] * u[j];
            }
            e[j] += sum;
        }
        let mut dot = 0.0;
        for j in 0..i {
            e[j] /= h;
            dot += e[j] * u[j];
        }
        let k = dot / (h + h);
        for j in 0..i {
            e[j] -= k * u[j];
        }
        for j in 0..i {
            let (f, g) = (u[j], e[j]);
            for l in 0..=j {
                z[j][l] -= f * e[l] + g * u[l];
            }
        }
        d[i] = h;
    }
    d[0] = 0.0;
    e[0] = 0.0;
    for i in 0..n {
        if d[i] != 0.0 {
            let row = z[i][..i].to_vec();
            // g[j] = sum over k of row[k] * z[k][j]
            let mut g = vec![0.0; i];
            for (k, r) in row.iter().enumerate() {
                for (sum, v) in g.iter_mut().zip(&z[k][..i]) {
                    *sum += r * v;
                }
            }
            for k in 0..i {
                let f = z[k][i];
                for (v, g) in z[k][..i].iter_mut().zip(&g) {
                    *v -= g * f;
                }
            }
        }
        d[i] = z[i][i];
        z[i][i] = 1.0;
        for j in 0..i {
            z[j][i] = 0.0;
            z[i][j] = 0.0;
        }
    }
}

/// Diagonalises the tridiagonal matrix; `v[k]` becomes the eigenvector of `d[k]`.
fn implicit_ql(v: &mut [Vec<f64>], d: &mut [f64], e: &mut [f64]) {
    let n = d.len();
    e.rotate_left(1);
    e[n - 1] = 0.0;
    for l in 0..n {
        for _ in 0..MOST_ROUNDS {
            let small = |m: usize| e[m].abs() <= f64::EPSILON * (d[m].abs() + d[m + 1].abs());
            let m = (l..n - 1).find(|&m| small(m)).unwrap_or(n - 1);
            if m == l {
                break;
            }
            let mut g = (d[l + 1] - d[l]) / (2.0 * e[l]);
            let r = g.hypot(1.0);
            g = d[m] - d[l] + e[l] / (g + if g >= 0.0 { r } else { -r });
            let (mut s, mut c, mut p) = (1.0, 1.0, 0.0);
            let mut deflated = false;
            for i in (l..m).rev() {
                let (f, b) = (s * e[i], c * e[i]);
                let r = f.hypot(g);
                e[i + 1] = r;
                if r == 0.0 {
                    d[i + 1] -= p;
                    e[m] = 0.0;
                    deflated = true;
                    break;
                }
                s = f / r;
                c = g / r;
                g = d[i + 1] - p;
                let t = (d[i] - g) * s + 2.0 * c * b;
                p = s * t;
                d[i + 1] = g + p;
                g = c * t - b;
                let (low, high) = v.split_at_mut(i + 1);
                for (x, y) in low[i].iter_mut().zip(&mut high[0]) {
                    let f = *y;
                    *y = s * *x + c * f;
                    *x = c * *x - s * f;
                }
            }
            if !deflated {
                d[l] -= p;
                e[l] = g;
                e[m] = 0.0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::seed::{normal, stream};

    fn residual(n: usize, a: &[f64], eigen: &Eigen) -> f64 {
        let mut worst = 0.0_f64;
        for (value, v) in eigen.values.iter().zip(&eigen.vectors) {
            for i in 0..n {
                let av: f64 = (0..n).map(|j| a[i * n + j] * v[j]).sum();
                worst = worst.max((av - value * v[i]).abs());
            }
        }
        worst
    }

    #[test]
    fn known_eigenvalues_of_small_matrices() {
        let e = symmetric(2, &[2.0, 1.0, 1.0, 2.0]);
        assert!((e.values[0] - 3.0).abs() < 1e-14 && (e.values[1] - 1.0).abs() < 1e-14);
        assert!((e.vectors[0][0] - 0.5_f64.sqrt()).abs() < 1e-14);
        // The second difference matrix has eigenvalues 2 - 2 cos(k pi / (n + 1)).
        let n = 9;
        let a: Vec<f64> = (0..n * n)
            .map(|at| match usize::abs_diff(at / n, at % n) {
                0 => 2.0,
                1 => -1.0,
                _ => 0.0,
            })
            .collect();
        let e = symmetric(n, &a);
        for (k, value) in e.values.iter().rev().enumerate() {
            let want = 2.0 - 2.0 * ((k + 1) as f64 * std::f64::consts::PI / 10.0).cos();
            assert!((value - want).abs() < 1e-13, "{value} {want}");
        }
        assert_eq!(symmetric(1, &[-4.0]), Eigen { values: vec![-4.0], vectors: vec![vec![1.0]] });
        assert_eq!(symmetric(3, &[0.0; 9]).values, [0.0; 3]);
    }

    #[test]
    fn random_and_singular_matrices_are_taken_apart_and_put_together() {
        let mut rng = stream(3, "eigen");
        for (n, rank) in [(5, 5), (12, 12), (40, 7), (64, 64)] {
            let x: Vec<f64> = (0..rank * n).map(|_| normal(&mut rng)).collect();
            let a: Vec<f64> =
                (0..n * n).map(|at| (0..rank).map(|k| x[k * n + at / n] * x[k * n + at % n]).sum()).collect();
            let e = symmetric(n, &a);
            assert!(residual(n, &a, &e) < 1e-11 * e.values[0], "n {n}");
            assert!(e.values.windows(2).all(|w| w[0] >= w[1]));
            for (i, v) in e.vectors.iter().enumerate() {
                for (j, w) in e.vectors.iter().enumerate() {
                    let dot: f64 = v.iter().zip(w).map(|(a, b)| a * b).sum();
                    assert!((dot - f64::from(u8::from(i == j))).abs() < 1e-12);
                }
            }
            assert!(
                e.values[rank.min(n - 1)..]
                    .iter()
                    .skip(usize::from(rank == n))
                    .all(|v| v.abs() < 1e-10 * e.values[0])
            );
        }
    }
}
