//! The simple models a scorer must beat: the constant mean, and ridge regression on the same embeddings.

use super::data::TrainData;
use crate::core::matrix::Matrix;
use crate::core::turn::Split;
use std::collections::BTreeMap;

/// Penalties tried, relative to the mean square of the features.
const PENALTIES: [f64; 9] = [1e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0];
/// Folds of the search, by conversation.
const FOLDS: usize = 5;

/// What the baselines say of every turn, `[turns, models]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Baselines {
    /// The mean judgement of the training turns.
    pub mean: Matrix,
    /// Ridge regression on goal and response embeddings, clipped to \[0,1\].
    pub ridge: Matrix,
    /// Penalty chosen for each model.
    pub penalty: Vec<f64>,
}

/// Fits both on the training turns (the penalty by cross-validation over whole training conversations) and predicts
/// all turns.
pub fn baselines(data: &TrainData) -> Baselines {
    let (n, models) = (data.turns(), data.models());
    let mut out = Baselines {
        mean: Matrix::zeros(n, models),
        ridge: Matrix::zeros(n, models),
        penalty: vec![f64::NAN; models],
    };
    let features = centred_features(data);
    for m in 0..models {
        let known: Vec<usize> =
            data.rows_of(Split::Train).into_iter().filter(|r| !data.targets.get(*r, m).is_nan()).collect();
        let labels: Vec<f64> = known.iter().map(|r| f64::from(data.targets.get(*r, m))).collect();
        let mean = crate::core::stats::mean(&labels).unwrap_or(f64::NAN);
        let folds = folds(data, &known);
        let penalty = choose_penalty(&features, &known, &labels, &folds);
        let fit = Ridge::fit(&features, &known, &labels, penalty);
        for row in 0..n {
            out.mean.set(row, m, mean as f32);
            out.ridge.set(row, m, fit.predict(&features, row).clamp(0.0, 1.0) as f32);
        }
        out.penalty[m] = penalty;
    }
    out
}

/// `[x, y]` of every turn minus the mean of the training turns, and the mean square of a row.
struct Features {
    rows: Vec<Vec<f64>>,
    scale: f64,
    /// Products of all pairs of turns, when there are few enough that the dual form will use them again and again.
    products: Option<Vec<f64>>,
}

impl Features {
    fn new(rows: Vec<Vec<f64>>, scale: f64) -> Self {
        let n = rows.len();
        let products = (n <= rows.first().map_or(0, Vec::len) * 2).then(|| {
            let mut out = vec![0.0; n * n];
            for i in 0..n {
                for j in 0..=i {
                    let value = dot(&rows[i], &rows[j]);
                    out[i * n + j] = value;
                    out[j * n + i] = value;
                }
            }
            out
        });
        Self { rows, scale, products }
    }

    fn product(&self, i: usize, j: usize) -> f64 {
        let n = self.rows.len();
        self.products.as_ref().map_or_else(|| dot(&self.rows[i], &self.rows[j]), |p| p[i * n + j])
    }
}

fn centred_features(data: &TrainData) -> Features {
    let width = data.x.cols() + data.y.cols();
    let raw =
        |r: usize| data.x.row(r).iter().chain(data.y.row(r)).map(|v| f64::from(*v)).collect::<Vec<f64>>();
    let mut rows: Vec<Vec<f64>> = (0..data.turns()).map(raw).collect();
    let train = data.rows_of(Split::Train);
    let mut mean = vec![0.0; width];
    for r in &train {
        mean.iter_mut().zip(&rows[*r]).for_each(|(m, v)| *m += v / train.len().max(1) as f64);
    }
    rows.iter_mut().for_each(|row| row.iter_mut().zip(&mean).for_each(|(v, m)| *v -= m));
    let square: f64 = train.iter().map(|r| dot(&rows[*r], &rows[*r])).sum();
    Features::new(rows, (square / train.len().max(1) as f64).max(1e-12))
}

fn folds(data: &TrainData, known: &[usize]) -> Vec<usize> {
    let mut fold_of: BTreeMap<&String, usize> = BTreeMap::new();
    for r in known {
        let next = fold_of.len() % FOLDS;
        fold_of.entry(&data.conversations[*r]).or_insert(next);
    }
    known.iter().map(|r| fold_of.get(&data.conversations[*r]).copied().unwrap_or(0)).collect()
}

fn choose_penalty(features: &Features, known: &[usize], labels: &[f64], folds: &[usize]) -> f64 {
    let mut best = (f64::INFINITY, PENALTIES[5]);
    for penalty in PENALTIES {
        let mut error = 0.0;
        for fold in 0..FOLDS {
            let pick = |inside: bool| {
                (0..known.len()).filter(move |at| (folds[*at] == fold) == inside).collect::<Vec<usize>>()
            };
            let (train, held) = (pick(false), pick(true));
            let rows: Vec<usize> = train.iter().map(|at| known[*at]).collect();
            let truth: Vec<f64> = train.iter().map(|at| labels[*at]).collect();
            let fit = Ridge::fit(features, &rows, &truth, penalty);
            error +=
                held.iter().map(|at| (fit.predict(features, known[*at]) - labels[*at]).powi(2)).sum::<f64>();
        }
        if error < best.0 {
            best = (error, penalty);
        }
    }
    best.1
}

/// Ridge regression with an unpenalised intercept (Hoerl and Kennard 1970), solved in whichever form is smaller.
struct Ridge {
    weights: Vec<f64>,
    intercept: f64,
}

impl Ridge {
    fn fit(features: &Features, rows: &[usize], labels: &[f64], penalty: f64) -> Self {
        let width = features.rows.first().map_or(0, Vec::len);
        let intercept = labels.iter().sum::<f64>() / labels.len().max(1) as f64;
        let residual: Vec<f64> = labels.iter().map(|l| l - intercept).collect();
        let lambda = penalty * features.scale;
        let at = |r: usize| &features.rows[rows[r]];
        let mut weights = vec![0.0; width];
        if rows.len() <= width {
            // Dual: (X X' + lambda I) a = r, w = X' a.
            let gram = gram(rows.len(), lambda, |i, j| features.product(rows[i], rows[j]));
            let dual = solve(gram, residual);
            for (r, a) in dual.iter().enumerate() {
                weights.iter_mut().zip(at(r)).for_each(|(w, v)| *w += a * v);
            }
        } else {
            let mut normal = vec![0.0; width * width];
            let mut right = vec![0.0; width];
            for (r, target) in residual.iter().enumerate() {
                let row = at(r);
                for i in 0..width {
                    right[i] += row[i] * target;
                    let line = &mut normal[i * width..i * width + i + 1];
                    line.iter_mut().zip(row).for_each(|(n, v)| *n += row[i] * v);
                }
            }
            (0..width).for_each(|i| normal[i * width + i] += lambda);
            weights = solve(normal, right);
        }
        Self { weights, intercept }
    }

    fn predict(&self, features: &Features, row: usize) -> f64 {
        self.intercept + dot(&self.weights, &features.rows[row])
    }
}

/// Lower half of a symmetric matrix with `lambda` added to its diagonal.
fn gram(n: usize, lambda: f64, entry: impl Fn(usize, usize) -> f64) -> Vec<f64> {
    let mut out = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            out[i * n + j] = entry(i, j) + if i == j { lambda } else { 0.0 };
        }
    }
    out
}

/// Solves `A x = b` for a positive definite `A` given by its lower half (Cholesky).
fn solve(mut a: Vec<f64>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for i in 0..n {
        for j in 0..=i {
            let (upper, lower) = a.split_at_mut(i * n);
            let left = if j == i { 0.0 } else { dot(&lower[..j], &upper[j * n..j * n + j]) };
            if j == i {
                let square = dot(&lower[..i], &lower[..i]);
                lower[i] = (lower[i] - square).max(1e-300).sqrt();
            } else {
                lower[j] = (lower[j] - left) / upper[j * n + j];
            }
        }
    }
    for i in 0..n {
        b[i] = (b[i] - dot(&a[i * n..i * n + i], &b[..i])) / a[i * n + i];
    }
    for i in (0..n).rev() {
        let above: f64 = (i + 1..n).map(|k| a[k * n + i] * b[k]).sum();
        b[i] = (b[i] - above) / a[i * n + i];
    }
    b
}

/// A plain loop: this crate is built with little optimisation while developing, where iterator chains cost a call an
/// element.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (x, y) in a.iter().zip(b) {
        sum += x * y;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cholesky_solves_a_known_system() {
        // [[4, 2], [2, 3]] x = [8, 7] has the solution [1.25, 1.5].
        let x = solve(vec![4.0, 0.0, 2.0, 3.0], vec![8.0, 7.0]);
        assert!((x[0] - 1.25).abs() < 1e-12 && (x[1] - 1.5).abs() < 1e-12, "{x:?}");
    }

    #[test]
    fn both_forms_of_ridge_agree() {
        let mut rng = crate::core::seed::stream(4, "ridge");
        let mut draw = || crate::core::seed::normal(&mut rng);
        let rows: Vec<Vec<f64>> = (0..20).map(|_| (0..9).map(|_| draw()).collect()).collect();
        let labels: Vec<f64> = (0..20).map(|_| draw()).collect();
        let wide = Features::new(rows.iter().map(|r| [r.clone(), vec![0.0; 31]].concat()).collect(), 9.0);
        let narrow = Features::new(rows, 9.0);
        let all: Vec<usize> = (0..20).collect();
        let (a, b) = (Ridge::fit(&narrow, &all, &labels, 0.3), Ridge::fit(&wide, &all, &labels, 0.3));
        for row in 0..20 {
            assert!((a.predict(&narrow, row) - b.predict(&wide, row)).abs() < 1e-9);
        }
    }
}
