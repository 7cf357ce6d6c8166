//! Metrics that are sums over cells, evaluated under any weighting of the turns.

use super::{CLOSE, MIDDLE, Measured, ROUNDING};
use crate::core::dimension::N_DIMENSIONS;
use crate::core::scm::{N_COLUMNS, UNCERTAINTY};

/// What a turn adds to the sums over its score cells.
#[derive(Clone, Copy, Default)]
struct ScoreCell {
    a: f64,
    b: f64,
    present: bool,
}

/// The measured values in f64, ready to be summed many times.
pub(super) struct Cells {
    /// D, row-major, NaN where missing.
    d: Vec<[f64; N_COLUMNS]>,
    /// A and B on the score columns, each minus its column's mean over all turns (keeps sums of squares exact).
    scores: Vec<[ScoreCell; N_DIMENSIONS]>,
    /// A >= 0.5, B >= 0.5 and close, counted over the present score cells of a turn: both, A only, B only, neither, close.
    sides: Vec<[f64; 5]>,
    /// Uncertainty of A minus that of B, NaN where missing.
    gap: Vec<f64>,
    /// How much is present.
    pub present: Present,
}

/// Numbers of present cells and turns.
#[derive(Default)]
pub(super) struct Present {
    /// D in the score columns.
    pub score_cells_d: usize,
    /// A and B in the score columns.
    pub score_cells: usize,
    /// D in each column.
    pub by_column: [usize; N_COLUMNS],
    /// Turns with at least one score in both passes.
    pub rows: usize,
    /// Turns with an uncertainty in both passes.
    pub uncertainty: usize,
}

/// Values of the metrics; NaN where undefined.
pub(super) struct Linear {
    pub delta_mass: f64,
    pub mass: [f64; N_COLUMNS],
    pub bias: [f64; N_COLUMNS],
    pub cosine_flattened: f64,
    pub cosine_rowwise: f64,
    pub agreement: f64,
    pub kappa: f64,
    pub close: f64,
    pub gap: f64,
    pub gap_abs: f64,
}

impl Cells {
    pub fn new(m: &Measured<'_>) -> Self {
        let turns = m.a.rows();
        let mut present = Present::default();
        let centre: Vec<(f64, f64)> = (0..N_DIMENSIONS).map(|c| column_means(m, c)).collect();
        let (mut d, mut scores) = (Vec::with_capacity(turns), Vec::with_capacity(turns));
        let (mut sides, mut gap) = (Vec::with_capacity(turns), Vec::with_capacity(turns));
        for r in 0..turns {
            let row: [f64; N_COLUMNS] = std::array::from_fn(|c| f64::from(m.d.get(r, c)));
            for (c, v) in row.iter().enumerate().filter(|(_, v)| v.is_finite()) {
                present.by_column[c] += 1;
                present.score_cells_d += usize::from(c < N_DIMENSIONS && v.is_finite());
            }
            d.push(row);
            let (mut cells, mut side) = ([ScoreCell::default(); N_DIMENSIONS], [0.0; 5]);
            for c in 0..N_DIMENSIONS {
                let (a, b) = (m.a.get(r, c), m.b.get(r, c));
                if !(a.is_finite() && b.is_finite()) {
                    continue;
                }
                cells[c] =
                    ScoreCell { a: f64::from(a) - centre[c].0, b: f64::from(b) - centre[c].1, present: true };
                side[match (a >= MIDDLE, b >= MIDDLE) {
                    (true, true) => 0,
                    (true, false) => 1,
                    (false, true) => 2,
                    (false, false) => 3,
                }] += 1.0;
                side[4] += f64::from(u8::from((a - b).abs() <= CLOSE + ROUNDING));
            }
            let here = cells.iter().filter(|c| c.present).count();
            present.score_cells += here;
            present.rows += usize::from(here > 0);
            scores.push(cells);
            sides.push(side);
            let u = f64::from(m.a.get(r, UNCERTAINTY)) - f64::from(m.b.get(r, UNCERTAINTY));
            present.uncertainty += usize::from(u.is_finite());
            gap.push(u);
        }
        Self { d, scores, sides, gap, present }
    }

    /// All sums with turn r counted `counts[r]` times.
    pub fn evaluate(&self, counts: &[u32]) -> Linear {
        let (mut abs, mut signed, mut n) = ([0.0; N_COLUMNS], [0.0; N_COLUMNS], [0.0; N_COLUMNS]);
        let mut side = [0.0; 5];
        let (mut gap, mut gap_abs, mut gap_n) = (0.0, 0.0, 0.0);
        for (r, &count) in counts.iter().enumerate().filter(|(_, c)| **c > 0) {
            let w = f64::from(count);
            for (c, &v) in self.d[r].iter().enumerate() {
                if v.is_finite() {
                    abs[c] += w * v.abs();
                    signed[c] += w * v;
                    n[c] += w;
                }
            }
            side.iter_mut().zip(&self.sides[r]).for_each(|(s, v)| *s += w * v);
            if self.gap[r].is_finite() {
                gap += w * self.gap[r];
                gap_abs += w * self.gap[r].abs();
                gap_n += w;
            }
        }
        let scores = ..N_DIMENSIONS;
        let (cosine_flattened, cosine_rowwise) = self.cosines(counts);
        let cells: f64 = side[..4].iter().sum();
        Linear {
            delta_mass: abs[scores].iter().sum::<f64>() / n[scores].iter().sum::<f64>(),
            mass: std::array::from_fn(|c| abs[c] / n[c]),
            bias: std::array::from_fn(|c| signed[c] / n[c]),
            cosine_flattened,
            cosine_rowwise,
            agreement: (side[0] + side[3]) / cells,
            kappa: kappa(&side, cells),
            close: side[4] / cells,
            gap: gap / gap_n,
            gap_abs: gap_abs / gap_n,
        }
    }

    /// Flattened and mean row-wise cosine of the matrices, columns centred under these counts.
    fn cosines(&self, counts: &[u32]) -> (f64, f64) {
        let (mut sum_a, mut sum_b, mut n) = ([0.0; N_DIMENSIONS], [0.0; N_DIMENSIONS], [0.0; N_DIMENSIONS]);
        let drawn =
            || counts.iter().zip(&self.scores).filter(|(w, _)| **w > 0).map(|(w, s)| (f64::from(*w), s));
        for (w, row) in drawn() {
            for (c, cell) in row.iter().enumerate().filter(|(_, cell)| cell.present) {
                sum_a[c] += w * cell.a;
                sum_b[c] += w * cell.b;
                n[c] += w;
            }
        }
        let (mut ab, mut aa, mut bb, mut cosines, mut rows) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for (w, row) in drawn() {
            let (mut row_ab, mut row_aa, mut row_bb) = (0.0, 0.0, 0.0);
            for (c, cell) in row.iter().enumerate().filter(|(_, cell)| cell.present) {
                let (x, y) = (cell.a - sum_a[c] / n[c], cell.b - sum_b[c] / n[c]);
                row_ab += x * y;
                row_aa += x * x;
                row_bb += y * y;
            }
            ab += w * row_ab;
            aa += w * row_aa;
            bb += w * row_bb;
            if row_aa > TINY && row_bb > TINY {
                cosines += w * row_ab / (row_aa * row_bb).sqrt();
                rows += w;
            }
        }
        let flat = if aa > TINY && bb > TINY { ab / (aa * bb).sqrt() } else { f64::NAN };
        (flat, cosines / rows)
    }
}

/// Sums of squares below this are rounding of a constant.
const TINY: f64 = 1e-18;

/// Means of A and B over the turns where both are present.
fn column_means(m: &Measured<'_>, c: usize) -> (f64, f64) {
    let (mut a, mut b, mut n) = (0.0, 0.0, 0.0);
    for r in 0..m.a.rows() {
        let (x, y) = (m.a.get(r, c), m.b.get(r, c));
        if x.is_finite() && y.is_finite() {
            a += f64::from(x);
            b += f64::from(y);
            n += 1.0;
        }
    }
    if n > 0.0 { (a / n, b / n) } else { (0.0, 0.0) }
}

/// Cohen's kappa from counts of (both, A only, B only, neither); NaN when chance agreement is total.
fn kappa(side: &[f64; 5], n: f64) -> f64 {
    let observed = (side[0] + side[3]) / n;
    let (pa, pb) = ((side[0] + side[1]) / n, (side[0] + side[2]) / n);
    let chance = pa * pb + (1.0 - pa) * (1.0 - pb);
    if chance < 1.0 { (observed - chance) / (1.0 - chance) } else { f64::NAN }
}
