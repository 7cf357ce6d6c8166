//! The frontier map's numbers: on how many turns A stands above the diagonal of agreement, below it, or close to it.

use serde::{Deserialize, Serialize};

/// Differences up to this count as agreement.
pub const CLOSE: f64 = 0.05;

/// Counts of one column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// Turns scored by both.
    pub n: usize,
    /// A higher by more than 0.05.
    pub a_higher: usize,
    /// B higher by more than 0.05.
    pub b_higher: usize,
    /// Within 0.05.
    pub close: usize,
}

/// Who is higher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// A by more than [`CLOSE`].
    A,
    /// B by more than [`CLOSE`].
    B,
    /// Neither.
    Close,
}

/// Who is higher by a difference A - B, with room for the rounding of f32.
pub fn side(d: f64) -> Side {
    match d {
        d if d > CLOSE + 1e-6 => Side::A,
        d if d < -CLOSE - 1e-6 => Side::B,
        _ => Side::Close,
    }
}

impl Agreement {
    /// Of two columns, row by row; missing values are left out.
    pub fn of(a: &[f32], b: &[f32]) -> Self {
        let mut out = Self::default();
        for (a, b) in a.iter().zip(b).filter(|(a, b)| a.is_finite() && b.is_finite()) {
            out.n += 1;
            *match side(f64::from(*a) - f64::from(*b)) {
                Side::A => &mut out.a_higher,
                Side::B => &mut out.b_higher,
                Side::Close => &mut out.close,
            } += 1;
        }
        out
    }
}
