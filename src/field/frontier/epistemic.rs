//! The epistemic map: the gap in score (dQ) against the gap in uncertainty (dE). Does the higher score come from the
//! surer mind?

use serde::{Deserialize, Serialize};

/// One of the four quadrants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quadrant {
    /// dQ > 0, dE < 0: A scores higher and is the surer.
    AHigherSurer,
    /// dQ > 0, dE > 0: A scores higher though less sure.
    AHigherLessSure,
    /// dQ < 0, dE > 0: B scores higher and is the surer.
    BHigherSurer,
    /// dQ < 0, dE < 0: B scores higher though less sure.
    BHigherLessSure,
}

impl Quadrant {
    /// All four.
    pub const ALL: [Self; 4] =
        [Self::AHigherSurer, Self::AHigherLessSure, Self::BHigherSurer, Self::BHigherLessSure];

    /// Where a point lies; `None` on an axis or when missing.
    pub fn of(dq: f64, de: f64) -> Option<Self> {
        match (dq.partial_cmp(&0.0)?, de.partial_cmp(&0.0)?) {
            (std::cmp::Ordering::Greater, std::cmp::Ordering::Less) => Some(Self::AHigherSurer),
            (std::cmp::Ordering::Greater, std::cmp::Ordering::Greater) => Some(Self::AHigherLessSure),
            (std::cmp::Ordering::Less, std::cmp::Ordering::Greater) => Some(Self::BHigherSurer),
            (std::cmp::Ordering::Less, std::cmp::Ordering::Less) => Some(Self::BHigherLessSure),
            _ => None,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::AHigherSurer => "A higher and surer",
            Self::AHigherLessSure => "A higher, less sure",
            Self::BHigherSurer => "B higher and surer",
            Self::BHigherLessSure => "B higher, less sure",
        }
    }

    /// Whether A scores higher there.
    pub fn is_a_higher(self) -> bool {
        matches!(self, Self::AHigherSurer | Self::AHigherLessSure)
    }

    /// Whether A is the less sure there (the upper half of the map).
    pub fn is_a_less_sure(self) -> bool {
        matches!(self, Self::AHigherLessSure | Self::BHigherSurer)
    }
}

/// Turns in each quadrant of one dimension.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quadrants {
    /// Turns with both gaps.
    pub n: usize,
    /// dQ > 0, dE < 0.
    pub a_higher_surer: usize,
    /// dQ > 0, dE > 0.
    pub a_higher_less_sure: usize,
    /// dQ < 0, dE > 0.
    pub b_higher_surer: usize,
    /// dQ < 0, dE < 0.
    pub b_higher_less_sure: usize,
    /// On an axis: no gap in score or none in uncertainty.
    pub on_axis: usize,
}

impl Quadrants {
    /// Counts of one dimension, row by row; missing values are left out.
    pub fn of(dq: &[f32], de: &[f32]) -> Self {
        let mut out = Self::default();
        for (q, e) in dq.iter().zip(de).filter(|(q, e)| q.is_finite() && e.is_finite()) {
            out.n += 1;
            match Quadrant::of(f64::from(*q), f64::from(*e)) {
                Some(quadrant) => *out.count_mut(quadrant) += 1,
                None => out.on_axis += 1,
            }
        }
        out
    }

    /// Turns in one quadrant.
    pub fn count(&self, quadrant: Quadrant) -> usize {
        match quadrant {
            Quadrant::AHigherSurer => self.a_higher_surer,
            Quadrant::AHigherLessSure => self.a_higher_less_sure,
            Quadrant::BHigherSurer => self.b_higher_surer,
            Quadrant::BHigherLessSure => self.b_higher_less_sure,
        }
    }

    fn count_mut(&mut self, quadrant: Quadrant) -> &mut usize {
        match quadrant {
            Quadrant::AHigherSurer => &mut self.a_higher_surer,
            Quadrant::AHigherLessSure => &mut self.a_higher_less_sure,
            Quadrant::BHigherSurer => &mut self.b_higher_surer,
            Quadrant::BHigherLessSure => &mut self.b_higher_less_sure,
        }
    }

    /// The same share if score gap and uncertainty gap had nothing to do with each other, from the margins alone.
    pub fn surer_is_higher_by_chance(&self) -> Option<f64> {
        let off = (self.n - self.on_axis) as f64;
        let a_higher = (self.a_higher_surer + self.a_higher_less_sure) as f64 / off;
        let a_less_sure = (self.a_higher_less_sure + self.b_higher_surer) as f64 / off;
        (off > 0.0).then(|| a_higher * (1.0 - a_less_sure) + (1.0 - a_higher) * a_less_sure)
    }

    /// Share of the turns off the axes on which the higher score comes from the surer mind; `None` without any.
    pub fn surer_is_higher(&self) -> Option<f64> {
        let off = self.n - self.on_axis;
        (off > 0).then(|| (self.a_higher_surer + self.b_higher_surer) as f64 / off as f64)
    }
}
