//! PHOS: rows and columns ordered so that intensity gathers top-left, with a guard against orders that gain nothing.

use crate::core::matrix::Matrix;
use serde::{Deserialize, Serialize};

/// Rounds after which the alternation stops even if it has not settled.
pub const MAX_ROUNDS: usize = 16;
/// PHOS is kept only if concentration rises by at least this share of the raw layout's.
pub const GUARD: f64 = 0.02;
/// The top-left block that concentration looks at, as a share of the picture's area.
pub const TOP_LEFT: f64 = 0.25;

/// Values sorted into a rectangle, largest top-left.
#[derive(Clone, Debug, PartialEq)]
pub struct Packing {
    /// The packed picture, `[rows, cols]`.
    pub matrix: Matrix,
    /// Row-major cell of the picture -> row-major cell of the source; a bijection.
    pub permutation: Vec<usize>,
}

/// An order of rows and columns learned on one matrix, to be applied to A, B and D alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhosOrder {
    /// Position -> row.
    pub rows: Vec<usize>,
    /// Position -> column.
    pub columns: Vec<usize>,
    /// Rounds until stable, at most [`MAX_ROUNDS`].
    pub rounds: usize,
    /// Concentration of the raw layout.
    pub before: f64,
    /// Concentration in this order.
    pub after: f64,
    /// Whether concentration rose by at least [`GUARD`]; if not, show the raw layout.
    pub kept: bool,
}

impl PhosOrder {
    /// The matrix with both permutations applied.
    pub fn apply(&self, m: &Matrix) -> Matrix {
        m.select_rows(&self.rows).select_columns(&self.columns)
    }
}

/// Stable descending sort of all values into `[rows, cols]`, filled in growing top-left blocks of the picture's own
/// proportions, so that every such block holds the largest values. Missing values come last.
/// `None` unless `rows * cols` is the number of values.
pub fn pack(m: &Matrix, rows: usize, cols: usize) -> Option<Packing> {
    if rows * cols != m.data().len() {
        return None;
    }
    let mut values: Vec<usize> = (0..m.data().len()).collect();
    values.sort_by(|&i, &j| descending(m.data()[i].into(), m.data()[j].into()));
    let mut cells: Vec<usize> = (0..rows * cols).collect();
    cells.sort_by_key(|&cell| {
        let (r, c) = (cell / cols + 1, cell % cols + 1);
        (r * cols).max(c * rows)
    });
    let mut permutation = vec![0; rows * cols];
    for (&cell, &source) in cells.iter().zip(&values) {
        permutation[cell] = source;
    }
    let packed = permutation.iter().map(|&source| m.data()[source]).collect();
    Matrix::from_vec(rows, cols, packed).map(|matrix| Packing { matrix, permutation })
}

/// Larger first, missing last, equal values in their given order (for stable sorts).
pub(crate) fn descending(a: f64, b: f64) -> std::cmp::Ordering {
    a.is_nan().cmp(&b.is_nan()).then(b.partial_cmp(&a).unwrap_or(std::cmp::Ordering::Equal))
}

/// Mass (sum of absolute values present) in the top-left block over total mass; the block has `fraction` of the area
/// and the picture's proportions, sides rounded up. 0 for a picture without mass.
pub fn concentration(m: &Matrix, fraction: f64) -> f64 {
    let (rows, cols) = block(m, fraction);
    let mass = |limit_rows: usize, limit_cols: usize| -> f64 {
        (0..limit_rows).flat_map(|r| m.row(r)[..limit_cols].iter()).map(|v| intensity(*v)).sum()
    };
    let total = mass(m.rows(), m.cols());
    if total > 0.0 { mass(rows, cols) / total } else { 0.0 }
}

/// Sides of the top-left block.
fn block(m: &Matrix, fraction: f64) -> (usize, usize) {
    let side = fraction.clamp(0.0, 1.0).sqrt();
    let part = |n: usize| ((n as f64 * side).ceil() as usize).min(n);
    (part(m.rows()), part(m.cols()))
}

fn intensity(v: f32) -> f64 {
    if v.is_finite() { f64::from(v.abs()) } else { 0.0 }
}

/// Learns the order of a matrix (default: D): alternately columns by mean absolute value over the leading rows (all rows
/// at first) and rows by the sum of the leading columns, each weighted by that mean, until nothing moves
/// or [`MAX_ROUNDS`] have passed. Leading rows and columns are those of the top-left block.
pub fn learn(m: &Matrix) -> PhosOrder {
    let mut rows: Vec<usize> = (0..m.rows()).collect();
    let mut columns: Vec<usize> = (0..m.cols()).collect();
    let (leading_rows, leading_columns) = block(m, TOP_LEFT);
    let mut rounds = 0;
    while rounds < MAX_ROUNDS {
        rounds += 1;
        let look_at = if rounds == 1 { m.rows() } else { leading_rows };
        let mean_abs = column_means(m, &rows[..look_at]);
        let mut next_columns: Vec<usize> = (0..m.cols()).collect();
        next_columns.sort_by(|&i, &j| descending(mean_abs[i], mean_abs[j]));
        let weight: Vec<f64> = (0..m.rows())
            .map(|r| {
                next_columns[..leading_columns].iter().map(|&c| mean_abs[c] * intensity(m.get(r, c))).sum()
            })
            .collect();
        let mut next_rows: Vec<usize> = (0..m.rows()).collect();
        next_rows.sort_by(|&i, &j| descending(weight[i], weight[j]));
        if next_rows == rows && next_columns == columns {
            break;
        }
        (rows, columns) = (next_rows, next_columns);
    }
    let before = concentration(m, TOP_LEFT);
    let after = concentration(&m.select_rows(&rows).select_columns(&columns), TOP_LEFT);
    PhosOrder { rows, columns, rounds, before, after, kept: after > 0.0 && after >= before * (1.0 + GUARD) }
}

fn column_means(m: &Matrix, rows: &[usize]) -> Vec<f64> {
    let (mut sum, mut count) = (vec![0.0; m.cols()], vec![0_usize; m.cols()]);
    for &r in rows {
        for (c, v) in m.row(r).iter().enumerate().filter(|(_, v)| v.is_finite()) {
            sum[c] += f64::from(v.abs());
            count[c] += 1;
        }
    }
    sum.iter().zip(&count).map(|(s, n)| if *n > 0 { s / *n as f64 } else { 0.0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matrix() -> impl Strategy<Value = Matrix> {
        (1_usize..24, 1_usize..10).prop_flat_map(|(rows, cols)| {
            let cell = prop_oneof![9 => -1.0_f32..1.0, 1 => Just(f32::NAN)];
            proptest::collection::vec(cell, rows * cols)
                .prop_map(move |data| Matrix::from_vec(rows, cols, data).unwrap())
        })
    }

    fn is_bijection(p: &[usize], n: usize) -> bool {
        let mut sorted = p.to_vec();
        sorted.sort_unstable();
        sorted == (0..n).collect::<Vec<_>>()
    }

    proptest! {
        #[test]
        fn packing_is_a_bijection_and_returns_it(m in matrix()) {
            let packed = pack(&m, m.rows(), m.cols()).unwrap();
            prop_assert!(is_bijection(&packed.permutation, m.data().len()));
            for (cell, &source) in packed.permutation.iter().enumerate() {
                prop_assert_eq!(packed.matrix.data()[cell].to_bits(), m.data()[source].to_bits());
            }
        }

        #[test]
        fn every_top_left_block_of_a_packing_holds_the_largest(m in matrix(), part in 1_usize..9) {
            let packed = pack(&m, m.rows(), m.cols()).unwrap();
            // Blocks of the picture's proportions: rows r <= side*rows, columns c <= side*cols.
            let inside = |cell: usize| {
                let (r, c) = (cell / m.cols() + 1, cell % m.cols() + 1);
                (r * 8 <= part * m.rows()) && (c * 8 <= part * m.cols())
            };
            let key = |cell: usize| { let v = packed.matrix.data()[cell]; if v.is_nan() { f32::NEG_INFINITY } else { v } };
            let all = 0..m.data().len();
            let least = all.clone().filter(|c| inside(*c)).map(key).fold(f32::INFINITY, f32::min);
            let most = all.filter(|c| !inside(*c)).map(key).fold(f32::NEG_INFINITY, f32::max);
            prop_assert!(least >= most, "inside {least}, outside {most}");
        }

        #[test]
        fn an_order_is_a_bijection_of_rows_and_of_columns(m in matrix()) {
            let order = learn(&m);
            prop_assert!(is_bijection(&order.rows, m.rows()));
            prop_assert!(is_bijection(&order.columns, m.cols()));
            prop_assert!(order.rounds <= MAX_ROUNDS);
            prop_assert_eq!(order.kept, order.after > 0.0 && order.after >= order.before * 1.02);
        }
    }

    #[test]
    fn scattered_intensity_gathers_and_gathered_intensity_is_left_alone() {
        let hot = |r: usize, c: usize| if r % 4 == 3 && c % 3 == 2 { 1.0 } else { 0.01 };
        let scattered = Matrix::from_fn(40, 12, hot);
        let order = learn(&scattered);
        assert!(
            order.kept && order.after > 0.9 && order.before < 0.35,
            "{} -> {}",
            order.before,
            order.after
        );
        let again = learn(&order.apply(&scattered));
        assert!(!again.kept, "nothing more to gain");
        assert_eq!(again.rows, (0..40).collect::<Vec<_>>(), "the sort is stable");
    }

    #[test]
    fn a_flat_or_empty_field_is_not_reordered() {
        assert!(!learn(&Matrix::filled(8, 4, 0.3)).kept);
        assert!(!learn(&Matrix::zeros(8, 4)).kept);
        assert!(!learn(&Matrix::default()).kept);
        assert_eq!(pack(&Matrix::zeros(2, 2), 3, 2), None);
    }
}
