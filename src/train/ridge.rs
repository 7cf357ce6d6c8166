//! Ridge regression with an unpenalised intercept (Hoerl and Kennard 1970), its penalty chosen by cross-validation over
//! whole conversations; solved in whichever of its two forms is smaller.

use rayon::prelude::*;
use std::collections::BTreeMap;

/// Penalties tried, relative to the mean square of a row.
const PENALTIES: [f64; 13] = [1e-3, 1e-2, 3e-2, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 3.0, 10.0, 30.0, 100.0];
/// Penalties tried when each costs seconds.
const FEW_PENALTIES: [f64; 5] = [3e-2, 0.1, 0.3, 1.0, 3.0];
/// Folds of the search, by conversation.
const FOLDS: usize = 5;
/// Labelled rows from which one fold is held out instead of five, and few penalties are tried.
const MANY: usize = 1500;

/// Quantities of every turn, centred over the training rows.
pub struct Features {
    rows: Vec<Vec<f64>>,
    scale: f64,
    /// Products of all pairs of turns, when there are few enough that the dual form will use them again and again.
    products: Option<Vec<f64>>,
}

/// Labelled rows of one target: row, value and fold of each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Labelled {
    /// Rows in the features.
    pub rows: Vec<usize>,
    /// Target of each.
    pub values: Vec<f64>,
    /// Fold of each.
    pub folds: Vec<usize>,
}

impl Labelled {
    /// Keeps the rows whose value is a number, with folds by their group (a conversation), in order of appearance.
    pub fn new(candidates: &[usize], values: impl Fn(usize) -> f64, group: impl Fn(usize) -> usize) -> Self {
        let mut fold_of: BTreeMap<usize, usize> = BTreeMap::new();
        let mut out = Self::default();
        for row in candidates {
            let value = values(*row);
            if value.is_finite() {
                let next = fold_of.len() % FOLDS;
                out.rows.push(*row);
                out.values.push(value);
                out.folds.push(*fold_of.entry(group(*row)).or_insert(next));
            }
        }
        out
    }

    fn without(&self, fold: usize) -> Self {
        self.filter(|f| f != fold)
    }

    fn filter(&self, keep: impl Fn(usize) -> bool) -> Self {
        let kept: Vec<usize> = (0..self.rows.len()).filter(|at| keep(self.folds[*at])).collect();
        let pick = |v: &[usize]| kept.iter().map(|at| v[*at]).collect::<Vec<usize>>();
        let values = kept.iter().map(|at| self.values[*at]).collect();
        Self { rows: pick(&self.rows), values, folds: pick(&self.folds) }
    }

    fn mean(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.values.len().max(1) as f64
    }
}

/// A fitted model.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// One weight a quantity.
    pub weights: Vec<f64>,
    /// Value at the centre.
    pub intercept: f64,
    /// Penalty chosen.
    pub penalty: f64,
    /// Mean squared error on held-out rows at that penalty.
    pub error: f64,
    /// What models that did not see a labelled row say of it, in the order of the labels; NaN in folds not held out.
    pub held_out: Vec<f64>,
}

impl Fit {
    /// Its value for a row.
    pub fn predict(&self, features: &Features, row: usize) -> f64 {
        self.intercept + dot(&self.weights, &features.rows[row])
    }
}

impl Features {
    /// From the quantities of every turn, which are centred over `training` here.
    pub fn centred(mut rows: Vec<Vec<f64>>, training: &[usize]) -> Self {
        let mean = column_means(&rows, training);
        rows.iter_mut().for_each(|row| row.iter_mut().zip(&mean).for_each(|(v, m)| *v -= m));
        Self::new(rows, training)
    }

    fn new(rows: Vec<Vec<f64>>, training: &[usize]) -> Self {
        let n = rows.len();
        let square: f64 = training.iter().map(|r| dot(&rows[*r], &rows[*r])).sum();
        let scale = (square / training.len().max(1) as f64).max(1e-12);
        let dual = n <= MANY && n <= rows.first().map_or(0, Vec::len) * 2;
        let products = dual.then(|| {
            let line = |i: usize| (0..n).map(|j| dot(&rows[i], &rows[j])).collect::<Vec<f64>>();
            (0..n).into_par_iter().flat_map_iter(line).collect()
        });
        Self { rows, scale, products }
    }

    fn width(&self) -> usize {
        self.rows.first().map_or(0, Vec::len)
    }

    fn product(&self, i: usize, j: usize) -> f64 {
        let n = self.rows.len();
        self.products.as_ref().map_or_else(|| dot(&self.rows[i], &self.rows[j]), |p| p[i * n + j])
    }

    /// Fits every target. Targets with the same labelled rows share the costly part of the work.
    pub fn fit(&self, targets: &[Labelled]) -> Vec<Fit> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for (at, target) in targets.iter().enumerate() {
            match groups.iter_mut().find(|g| targets[g[0]].rows == target.rows) {
                Some(group) => group.push(at),
                None => groups.push(vec![at]),
            }
        }
        let mut fits: Vec<Option<Fit>> = vec![None; targets.len()];
        for group in groups {
            let members: Vec<&Labelled> = group.iter().map(|at| &targets[*at]).collect();
            for (at, fit) in group.iter().zip(self.fit_group(&members)) {
                fits[*at] = Some(fit);
            }
        }
        fits.into_iter().flatten().collect()
    }

    fn fit_group(&self, targets: &[&Labelled]) -> Vec<Fit> {
        let first = targets[0];
        let many = first.rows.len() > MANY;
        let penalties: &[f64] = if many { &FEW_PENALTIES } else { &PENALTIES };
        let folds = if many { 1 } else { FOLDS };
        // What each held-out fold is said to be, for every penalty and target.
        let said: Vec<Vec<Vec<Vec<f64>>>> = (0..folds)
            .into_par_iter()
            .map(|fold| {
                let seen: Vec<Labelled> = targets.iter().map(|t| t.without(fold)).collect();
                let seen: Vec<&Labelled> = seen.iter().collect();
                let normal = self.normal(&seen[0].rows);
                let held = first.filter(|f| f == fold);
                let say = |penalty: &f64| {
                    let models = self.solve(&normal, &seen, *penalty);
                    models.iter().map(|(w, b)| self.say(w, *b, &held.rows)).collect()
                };
                penalties.iter().map(say).collect()
            })
            .collect();
        let chosen: Vec<(f64, f64, Vec<f64>)> = (0..targets.len())
            .map(|t| choose(targets[t], penalties, folds, |fold, penalty| &said[fold][penalty][t]))
            .collect();
        let normal = self.normal(&first.rows);
        let mut models: BTreeMap<u64, Vec<(Vec<f64>, f64)>> = BTreeMap::new();
        for (_, penalty, _) in &chosen {
            models.entry(penalty.to_bits()).or_insert_with(|| self.solve(&normal, targets, *penalty));
        }
        let finish = |(t, (error, penalty, held_out)): (usize, (f64, f64, Vec<f64>))| {
            let (weights, intercept) = models[&penalty.to_bits()][t].clone();
            Fit { weights, intercept, penalty, error, held_out }
        };
        chosen.into_iter().enumerate().map(finish).collect()
    }

    fn say(&self, weights: &[f64], intercept: f64, rows: &[usize]) -> Vec<f64> {
        rows.iter().map(|r| intercept + dot(weights, &self.rows[*r])).collect()
    }

    /// Lower half of X'X over some rows, when that is smaller than X X' (else empty): the same for every penalty.
    fn normal(&self, rows: &[usize]) -> Vec<Vec<f64>> {
        let width = self.width();
        if rows.len() <= width {
            return Vec::new();
        }
        let line = |i: usize| {
            let mut line = vec![0.0; i + 1];
            for row in rows {
                let row = &self.rows[*row];
                line.iter_mut().zip(row).for_each(|(l, v)| *l += row[i] * v);
            }
            line
        };
        (0..width).into_par_iter().map(line).collect()
    }

    /// Weights and intercept of targets that share their rows, whose [`Features::normal`] is given.
    fn solve(&self, normal: &[Vec<f64>], targets: &[&Labelled], penalty: f64) -> Vec<(Vec<f64>, f64)> {
        let rows = &targets[0].rows;
        let (n, width, lambda) = (rows.len(), self.width(), penalty * self.scale);
        let residual = |t: &Labelled| {
            let mean = t.mean();
            t.values.iter().map(|v| v - mean).collect::<Vec<f64>>()
        };
        if n <= width {
            // Dual: (X X' + lambda I) a = r, w = X' a.
            let factor = cholesky(n, lambda, |i, j| self.product(rows[i], rows[j]));
            let one = |t: &&Labelled| {
                let dual = substitute(&factor, residual(t));
                let mut weights = vec![0.0; width];
                for (row, a) in rows.iter().zip(&dual) {
                    weights.iter_mut().zip(&self.rows[*row]).for_each(|(w, v)| *w += a * v);
                }
                (weights, t.mean())
            };
            return targets.iter().map(one).collect();
        }
        let factor = cholesky(width, lambda, |i, j| normal[i][j]);
        let one = |t: &&Labelled| {
            let mut right = vec![0.0; width];
            for (row, r) in rows.iter().zip(residual(t)) {
                right.iter_mut().zip(&self.rows[*row]).for_each(|(b, v)| *b += r * v);
            }
            (substitute(&factor, right), t.mean())
        };
        targets.iter().map(one).collect()
    }
}

/// Mean of every column over the chosen rows.
pub fn column_means(rows: &[Vec<f64>], chosen: &[usize]) -> Vec<f64> {
    let mut mean = vec![0.0; rows.first().map_or(0, Vec::len)];
    for r in chosen {
        mean.iter_mut().zip(&rows[*r]).for_each(|(m, v)| *m += v / chosen.len().max(1) as f64);
    }
    mean
}

/// Least held-out error, its penalty and the held-out values in the order of the labels.
fn choose<'a>(
    target: &Labelled,
    penalties: &[f64],
    folds: usize,
    said: impl Fn(usize, usize) -> &'a Vec<f64>,
) -> (f64, f64, Vec<f64>) {
    let mut best = (f64::INFINITY, penalties[penalties.len() / 2], vec![f64::NAN; target.rows.len()]);
    for (p, penalty) in penalties.iter().enumerate() {
        let mut held_out = vec![f64::NAN; target.rows.len()];
        let (mut sum, mut n) = (0.0, 0);
        for fold in 0..folds {
            let places = (0..target.rows.len()).filter(|at| target.folds[*at] == fold);
            for (at, value) in places.zip(said(fold, p)) {
                held_out[at] = *value;
                sum += (value - target.values[at]).powi(2);
                n += 1;
            }
        }
        let error = sum / f64::from(n.max(1));
        if n > 0 && error < best.0 {
            best = (error, *penalty, held_out);
        }
    }
    best
}

/// Lower Cholesky factor of a symmetric positive definite matrix with `lambda` added to its diagonal; `entry(i, j)` is
/// asked for j <= i.
pub fn cholesky(n: usize, lambda: f64, entry: impl Fn(usize, usize) -> f64) -> Vec<f64> {
    let mut a = vec![0.0; n * n];
    for i in 0..n {
        let (done, rest) = a.split_at_mut(i * n);
        let line = &mut rest[..n];
        for j in 0..i {
            let above = &done[j * n..j * n + j + 1];
            line[j] = (entry(i, j) - dot(&line[..j], &above[..j])) / above[j];
        }
        let square = dot(&line[..i], &line[..i]);
        line[i] = (entry(i, i) + lambda - square).max(1e-300).sqrt();
    }
    a
}

/// Solves `L L' x = b`.
fn substitute(factor: &[f64], mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for i in 0..n {
        b[i] = (b[i] - dot(&factor[i * n..i * n + i], &b[..i])) / factor[i * n + i];
    }
    for i in (0..n).rev() {
        b[i] /= factor[i * n + i];
        let value = b[i];
        b[..i].iter_mut().zip(&factor[i * n..i * n + i]).for_each(|(x, l)| *x -= value * l);
    }
    b
}

/// Inner product. Four sums side by side: this crate is built with little optimisation while developing, and a single
/// sum waits for itself.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len().min(b.len());
    let (mut s0, mut s1, mut s2, mut s3) = (0.0, 0.0, 0.0, 0.0);
    let mut i = 0;
    while i + 4 <= n {
        s0 += a[i] * b[i];
        s1 += a[i + 1] * b[i + 1];
        s2 += a[i + 2] * b[i + 2];
        s3 += a[i + 3] * b[i + 3];
        i += 4;
    }
    while i < n {
        s0 += a[i] * b[i];
        i += 1;
    }
    (s0 + s1) + (s2 + s3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(width: usize) -> (Vec<Vec<f64>>, Vec<f64>) {
        let mut rng = crate::core::seed::stream(4, "ridge");
        let mut draw = || crate::core::seed::normal(&mut rng);
        let rows: Vec<Vec<f64>> = (0..20)
            .map(|_| (0..9).map(|_| draw()).chain(std::iter::repeat_n(0.0, width - 9)).collect())
            .collect();
        let labels = rows.iter().map(|r| r[0] - 0.5 * r[3] + 0.3 * draw()).collect();
        (rows, labels)
    }

    fn labelled(labels: &[f64]) -> Labelled {
        Labelled::new(&(0..labels.len()).collect::<Vec<_>>(), |r| labels[r], |r| r / 2)
    }

    #[test]
    fn cholesky_solves_a_known_system() {
        // [[4, 2], [2, 3]] x = [8, 7] has the solution [1.25, 1.5].
        let a = [4.0, 0.0, 2.0, 3.0];
        let x = substitute(&cholesky(2, 0.0, |i, j| a[i * 2 + j]), vec![8.0, 7.0]);
        assert!((x[0] - 1.25).abs() < 1e-12 && (x[1] - 1.5).abs() < 1e-12, "{x:?}");
    }

    #[test]
    fn both_forms_agree_and_the_held_out_values_are_those_of_a_model_without_the_fold() {
        let all: Vec<usize> = (0..20).collect();
        let ((narrow, labels), (wide, _)) = (problem(9), problem(40));
        let target = labelled(&labels);
        let (narrow, wide) = (Features::centred(narrow, &all), Features::centred(wide, &all));
        let (a, b) =
            (&narrow.fit(std::slice::from_ref(&target))[0], &wide.fit(std::slice::from_ref(&target))[0]);
        assert_eq!(a.penalty, b.penalty);
        for row in 0..20 {
            assert!((a.predict(&narrow, row) - b.predict(&wide, row)).abs() < 1e-9);
            assert!((a.held_out[row] - b.held_out[row]).abs() < 1e-9);
        }
        let seen = target.without(target.folds[7]);
        let (w, intercept) = &narrow.solve(&narrow.normal(&seen.rows), &[&seen], a.penalty)[0];
        assert!((narrow.say(w, *intercept, &[7])[0] - a.held_out[7]).abs() < 1e-12);
    }

    #[test]
    fn targets_fitted_together_equal_targets_fitted_alone_and_missing_labels_are_left_out() {
        let all: Vec<usize> = (0..20).collect();
        let (rows, labels) = problem(9);
        let features = Features::centred(rows, &all);
        let other: Vec<f64> = labels.iter().map(|v| 1.0 - v * v).collect();
        let missing: Vec<f64> =
            labels.iter().enumerate().map(|(r, v)| if r % 3 == 0 { f64::NAN } else { *v }).collect();
        let targets = [labelled(&labels), labelled(&other), labelled(&missing)];
        let together = features.fit(&targets);
        for (fit, target) in together.iter().zip(&targets) {
            assert_eq!(*fit, features.fit(std::slice::from_ref(target))[0]);
        }
        assert_eq!(targets[2].rows.len(), 13);
    }
}
