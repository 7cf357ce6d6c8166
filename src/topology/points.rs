//! A cloud of points: finite coordinates, exact duplicates merged, so that no two points are at distance zero.

use std::collections::HashMap;

use super::error::TopologyError;
use crate::core::matrix::Matrix;
use crate::core::metric::Metric;

/// Coordinates beyond this would overflow squared distances rounded to f32.
const LARGEST: f64 = 1e37;

/// A validated cloud, `[len, dim]` in f64, row-major, with the distance between its points.
#[derive(Clone, Debug, PartialEq)]
pub struct Points {
    len: usize,
    dim: usize,
    data: Vec<f64>,
    metric: Metric,
}

impl Points {
    /// A cloud from row-major coordinates, `rows * cols` of them. Errors on no rows, no columns, or a coordinate
    /// that is NaN, infinite or beyond 1e37, naming its row and column.
    pub fn new(rows: usize, cols: usize, data: Vec<f64>) -> Result<Self, TopologyError> {
        debug_assert_eq!(data.len(), rows * cols);
        if rows == 0 {
            return Err(TopologyError::NoPoints);
        }
        if cols == 0 {
            return Err(TopologyError::NoColumns { rows });
        }
        for (at, value) in data.iter().enumerate() {
            let (row, column) = (at / cols, at % cols);
            if !value.is_finite() {
                return Err(TopologyError::NotFinite { row, column, value: *value });
            }
            if value.abs() > LARGEST {
                return Err(TopologyError::TooLarge { row, column, value: *value });
            }
        }
        Ok(Self { len: rows, dim: cols, data, metric: Metric::Euclidean })
    }

    /// The rows of a matrix.
    pub fn from_matrix(matrix: &Matrix) -> Result<Self, TopologyError> {
        Self::new(matrix.rows(), matrix.cols(), matrix.data().iter().map(|v| f64::from(*v)).collect())
    }

    /// The same points under another distance; Euclidean unless said otherwise.
    pub fn with_metric(self, metric: Metric) -> Self {
        Self { metric, ..self }
    }

    /// The distance between its points.
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// Number of points.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Always false: a cloud has at least one point.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Number of coordinates a point has.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// One point.
    pub fn row(&self, i: usize) -> &[f64] {
        &self.data[i * self.dim..(i + 1) * self.dim]
    }

    /// All coordinates, row-major.
    pub fn data(&self) -> &[f64] {
        &self.data
    }

    /// Distance of two points.
    pub fn distance(&self, i: usize, j: usize) -> f64 {
        self.metric.distance(self.row(i), self.row(j))
    }

    /// The chosen points in the given order; `rows` must be in range and not empty.
    pub fn select(&self, rows: &[usize]) -> Self {
        let mut data = Vec::with_capacity(rows.len() * self.dim);
        for &r in rows {
            data.extend_from_slice(self.row(r));
        }
        Self { len: rows.len(), dim: self.dim, data, metric: self.metric }
    }

    /// Root mean square of all pairwise Euclidean distances, 0 for one point: the size of the cloud, whatever the metric
    /// (any other norm is within a constant of it). Uses sum of |x - mean|^2, so it costs one pass.
    pub fn rms_distance(&self) -> f64 {
        if self.len < 2 {
            return 0.0;
        }
        let mut mean = vec![0.0; self.dim];
        for row in self.data.chunks_exact(self.dim) {
            for (m, v) in mean.iter_mut().zip(row) {
                *m += v / self.len as f64;
            }
        }
        let spread: f64 = self
            .data
            .chunks_exact(self.dim)
            .map(|row| Metric::Euclidean.distance(row, &mean).powi(2))
            .sum::<f64>();
        // Sum over pairs of |x_i - x_j|^2 equals n times the sum of squares about the mean.
        (2.0 * spread / (self.len - 1) as f64).sqrt()
    }
}

/// A cloud without exact duplicates, and where every point came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    /// The distinct points, in the order of their first appearance.
    pub points: Points,
    /// For every distinct point the rows of the input that equal it, ascending; the first is its representative.
    pub rows_of: Vec<Vec<u32>>,
}

impl Merged {
    /// Rows of the input that were dropped because an earlier row equals them exactly.
    pub fn dropped(&self) -> usize {
        self.rows_of.iter().map(|r| r.len() - 1).sum()
    }
}

/// Merges rows that are equal in every coordinate (0 and -0 are equal).
pub fn merge_duplicates(points: &Points) -> Merged {
    let mut seen: HashMap<Vec<u64>, usize> = HashMap::with_capacity(points.len());
    let mut rows_of: Vec<Vec<u32>> = Vec::new();
    let mut kept: Vec<usize> = Vec::new();
    for i in 0..points.len() {
        // Adding zero turns -0 into 0, so that equal numbers have equal bits.
        let key: Vec<u64> = points.row(i).iter().map(|v| (v + 0.0).to_bits()).collect();
        let at = *seen.entry(key).or_insert_with(|| {
            kept.push(i);
            rows_of.push(Vec::new());
            kept.len() - 1
        });
        rows_of[at].push(i as u32);
    }
    Merged { points: points.select(&kept), rows_of }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicates_merge_into_their_first_row() {
        let p = Points::new(4, 2, vec![0.0, 1.0, 2.0, 3.0, -0.0, 1.0, 2.0, 3.5]).unwrap();
        let m = merge_duplicates(&p);
        assert_eq!(m.rows_of, vec![vec![0, 2], vec![1], vec![3]]);
        assert_eq!((m.dropped(), m.points.len()), (1, 3));
    }

    #[test]
    fn a_bad_coordinate_is_named() {
        let e = Points::new(2, 2, vec![0.0, 1.0, 2.0, f64::NAN]).unwrap_err();
        assert!(e.to_string().contains("row 1, column 1 is NaN"), "{e}");
        let e = Points::new(1, 2, vec![0.0, f64::NEG_INFINITY]).unwrap_err();
        assert!(e.to_string().contains("row 0, column 1 is -inf"), "{e}");
        assert!(matches!(Points::new(1, 1, vec![1e38]), Err(TopologyError::TooLarge { .. })));
        assert_eq!(Points::new(0, 2, vec![]), Err(TopologyError::NoPoints));
        assert_eq!(Points::new(2, 0, vec![]), Err(TopologyError::NoColumns { rows: 2 }));
    }

    #[test]
    fn rms_distance_is_that_of_all_pairs() {
        let p = Points::new(4, 2, vec![0.0, 1.0, 2.0, 3.0, -4.0, 1.0, 2.0, 3.5]).unwrap();
        let mut sum = 0.0;
        for i in 0..4 {
            for j in 0..i {
                sum += p.distance(i, j).powi(2);
            }
        }
        assert!((p.rms_distance() - (sum / 6.0_f64).sqrt()).abs() < 1e-12);
    }
}
