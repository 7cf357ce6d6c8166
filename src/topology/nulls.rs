//! Fields without the structure in question, drawn at random: what the observed field is compared with.

use rand::RngExt;

use super::error::TopologyError;
use super::gaussian::{correlated_columns, correlation_factor, normal_scores};
use super::points::Points;
use crate::core::metric::Metric;
use crate::core::seed;

/// A way to draw fields in which one kind of structure is absent. Draw `i` uses its own random stream, so draws may be
/// made in any order and by any number of threads.
pub trait Null: Sync {
    /// Draw number `i`.
    fn draw(&self, seed: u64, i: usize) -> Result<Points, TopologyError>;
}

/// Structureless field with the same margins and correlations: Gaussian rows with the normal-score correlation of the
/// field give the order, the field's own sorted column values fill it (Iman and Conover 1982).
pub struct SameMargins {
    rows: usize,
    sorted: Vec<Vec<f64>>,
    metric: Metric,
    factor: Vec<f64>,
}

impl SameMargins {
    /// The null of a field.
    pub fn of(field: &Points) -> Self {
        let columns: Vec<Vec<f64>> =
            (0..field.dim()).map(|c| (0..field.len()).map(|r| field.row(r)[c]).collect()).collect();
        let scores: Vec<Vec<f64>> = columns.iter().map(|c| normal_scores(c)).collect();
        let factor = correlation_factor(&scores);
        let mut sorted = columns;
        for column in &mut sorted {
            column.sort_by(f64::total_cmp);
        }
        Self { rows: field.len(), sorted, metric: field.metric(), factor }
    }
}

impl Null for SameMargins {
    fn draw(&self, seed: u64, i: usize) -> Result<Points, TopologyError> {
        let d = self.sorted.len();
        let mut rng = seed::stream(seed, &format!("topology.null.{i}"));
        let drawn = correlated_columns(&self.factor, d, self.rows, &mut rng);
        let mut data = vec![0.0; self.rows * d];
        let mut order: Vec<usize> = (0..self.rows).collect();
        for (c, column) in drawn.iter().enumerate() {
            order.sort_by(|a, b| column[*a].total_cmp(&column[*b]).then(a.cmp(b)));
            for (value, row) in self.sorted[c].iter().zip(&order) {
                data[row * d + c] = *value;
            }
        }
        Ok(Points::new(self.rows, d, data)?.with_metric(self.metric))
    }
}

/// B's rows permuted among turns: does it matter that the two minds judged the same turns?
pub struct Mispaired {
    a: Points,
    b: Points,
}

impl Mispaired {
    /// The null of two passes of the same shape.
    pub fn of(a: &Points, b: &Points) -> Result<Self, TopologyError> {
        if (a.len(), a.dim()) != (b.len(), b.dim()) {
            return Err(TopologyError::Shapes {
                a_rows: a.len(),
                a_cols: a.dim(),
                b_rows: b.len(),
                b_cols: b.dim(),
            });
        }
        Ok(Self { a: a.clone(), b: b.clone() })
    }

    /// A - B with the rows as they are.
    pub fn observed(&self) -> Result<Points, TopologyError> {
        let rows: Vec<usize> = (0..self.a.len()).collect();
        self.difference(&rows)
    }

    fn difference(&self, rows_of_b: &[usize]) -> Result<Points, TopologyError> {
        let mut data = Vec::with_capacity(self.a.data().len());
        for (i, j) in rows_of_b.iter().enumerate() {
            data.extend(self.a.row(i).iter().zip(self.b.row(*j)).map(|(x, y)| x - y));
        }
        Ok(Points::new(self.a.len(), self.a.dim(), data)?.with_metric(self.a.metric()))
    }
}

impl Null for Mispaired {
    fn draw(&self, seed: u64, i: usize) -> Result<Points, TopologyError> {
        let mut rng = seed::stream(seed, &format!("topology.pairing.{i}"));
        self.difference(&seed::permutation(&mut rng, self.b.len()))
    }
}

/// Every row's sign flipped by a coin: are A and B exchangeable?
pub struct SignFlips {
    field: Points,
}

impl SignFlips {
    /// The null of a field.
    pub fn of(field: &Points) -> Self {
        Self { field: field.clone() }
    }
}

impl Null for SignFlips {
    fn draw(&self, seed: u64, i: usize) -> Result<Points, TopologyError> {
        let mut rng = seed::stream(seed, &format!("topology.signs.{i}"));
        let mut data = Vec::with_capacity(self.field.data().len());
        for r in 0..self.field.len() {
            let sign = if rng.random::<bool>() { 1.0 } else { -1.0 };
            data.extend(self.field.row(r).iter().map(|v| sign * v));
        }
        Ok(Points::new(self.field.len(), self.field.dim(), data)?.with_metric(self.field.metric()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::matrix::Matrix;
    use crate::core::stats;

    fn column(p: &Points, c: usize) -> Vec<f64> {
        (0..p.len()).map(|r| p.row(r)[c]).collect()
    }

    fn field() -> Points {
        let mut rng = seed::stream(2, "test");
        let mut data = Vec::new();
        for r in 0..300 {
            let x = seed::normal(&mut rng);
            let y = (0.7 * x + 0.7 * seed::normal(&mut rng)).powi(3);
            data.extend([x, y, f64::from(r % 4), 0.25]);
        }
        Points::new(300, 4, data).unwrap()
    }

    #[test]
    fn a_copula_null_keeps_margins_exactly_and_rank_correlations_nearly() {
        let f = field();
        let null = SameMargins::of(&f).draw(9, 0).unwrap();
        for c in 0..4 {
            let (mut a, mut b) = (column(&f, c), column(&null, c));
            a.sort_by(f64::total_cmp);
            b.sort_by(f64::total_cmp);
            assert_eq!(a, b, "margin of column {c}");
        }
        let spearman = |p: &Points| stats::spearman(&column(p, 0), &column(p, 1)).unwrap();
        assert!((spearman(&f) - spearman(&null)).abs() < 0.12, "{} and {}", spearman(&f), spearman(&null));
        assert_ne!(null, f);
        assert_ne!(null, SameMargins::of(&f).draw(9, 1).unwrap(), "every draw has its own stream");
    }

    #[test]
    fn pairing_permutes_only_b_and_flips_only_signs() {
        let of = |m: &Matrix| Points::from_matrix(m).unwrap();
        let a = of(&Matrix::from_fn(30, 2, |r, c| (r * 2 + c) as f32));
        let zero = of(&Matrix::zeros(30, 2));
        let p = Mispaired::of(&a, &zero).unwrap();
        assert_eq!(p.draw(1, 0).unwrap(), p.observed().unwrap(), "permuting equal rows changes nothing");
        let f = p.observed().unwrap();
        let flipped = SignFlips::of(&f).draw(1, 0).unwrap();
        assert!(f.data().iter().zip(flipped.data()).all(|(x, y)| x.abs() == y.abs()));
        assert_ne!(f, flipped);
        assert!(Mispaired::of(&a, &of(&Matrix::zeros(29, 2))).is_err());
    }
}
