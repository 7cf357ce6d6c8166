//! How the field is shown: order, columns, limits, reducer, scale. None of it touches the data.

use crate::core::matrix::Matrix;
use crate::core::scm;
use crate::field::vpm::{Band, Limits, Normalisation, Reducer, Scope};

/// All choices of the Field view.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Order of the rows.
    pub rows_by: RowsBy,
    /// PHOS order of rows and columns instead.
    pub phos: bool,
    /// Which columns are shown.
    pub columns: ColumnSet,
    /// Which values get the first and the last colour.
    pub limits: LimitsChoice,
    /// What stands for several turns in one pixel of D.
    pub reducer: Reducer,
    /// Columns of each pass z-scored before the difference.
    pub standardised: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rows_by: RowsBy::Cluster,
            phos: false,
            columns: ColumnSet::All,
            limits: LimitsChoice::Symmetric,
            reducer: Reducer::MaxAbs,
            standardised: false,
        }
    }
}

/// Order of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowsBy {
    /// As in the run's table.
    Time,
    /// By the mean of D over the five scores, A higher first.
    Delta,
    /// By cluster of D.
    Cluster,
    /// In PHOS order, columns untouched.
    Phos,
    /// By one column of D, largest first.
    Column(usize),
}

impl RowsBy {
    /// The value the toolbar shows.
    pub fn name(self) -> String {
        match self {
            Self::Time => "by time".to_owned(),
            Self::Delta => "by mean D".to_owned(),
            Self::Cluster => "by cluster of D".to_owned(),
            Self::Phos => "by PHOS of D".to_owned(),
            Self::Column(c) => format!("by D {}", scm::SHORT.get(c).copied().unwrap_or("column")),
        }
    }

    /// What the menu offers.
    pub fn menu(has_phos: bool) -> Vec<Self> {
        let mut all = vec![Self::Time, Self::Delta, Self::Cluster];
        if has_phos {
            all.push(Self::Phos);
        }
        all.extend((0..scm::N_COLUMNS).map(Self::Column));
        all
    }
}

/// Which columns are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnSet {
    /// All twelve in three groups.
    All,
    /// The five scores and their mean.
    Scores,
    /// Scores and trust.
    ScoresAndTrust,
}

impl ColumnSet {
    /// All sets in menu order.
    pub const ALL: [Self; 3] = [Self::All, Self::Scores, Self::ScoresAndTrust];

    /// The value the toolbar shows.
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all 12",
            Self::Scores => "scores",
            Self::ScoresAndTrust => "scores and trust",
        }
    }

    /// How many groups of the SCM it shows.
    pub fn groups(self) -> &'static [scm::Group] {
        match self {
            Self::All => &scm::GROUPS,
            Self::Scores => &scm::GROUPS[..1],
            Self::ScoresAndTrust => &scm::GROUPS[..2],
        }
    }
}

/// Which values get the first and the last colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitsChoice {
    /// A and B on [0,1]; D symmetric, the larger of |p1| and |p99|.
    Symmetric,
    /// A and B on [0,1]; D on [-1,1].
    Unit,
    /// From the smallest to the largest value that occurs.
    MinMax,
    /// Percentiles 1 to 99 of each column.
    RobustColumn,
    /// Percentiles 10 to 90 of the run.
    RobustWide,
}

impl LimitsChoice {
    /// All choices in menu order.
    pub const ALL: [Self; 5] =
        [Self::Symmetric, Self::Unit, Self::MinMax, Self::RobustColumn, Self::RobustWide];

    /// The value the toolbar shows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Symmetric => "symmetric, p1 to p99",
            Self::Unit => "whole range",
            Self::MinMax => "lowest to highest",
            Self::RobustColumn => "p1 to p99 by column",
            Self::RobustWide => "p10 to p90",
        }
    }

    /// The value a narrow toolbar shows.
    pub fn short_name(self) -> &'static str {
        match self {
            Self::Symmetric => "symmetric",
            Self::RobustColumn => "by column",
            other => other.name(),
        }
    }

    /// Limits of A and B together.
    pub fn of_scores(self, panels: &[&Matrix], standardised: bool) -> Limits {
        let unit =
            if standardised { Normalisation::Robust(Band::P1To99, Scope::Run) } else { Normalisation::Unit };
        let normalisation = match self {
            Self::Symmetric | Self::Unit => unit,
            Self::MinMax => Normalisation::MinMax(Scope::Run),
            Self::RobustColumn => Normalisation::Robust(Band::P1To99, Scope::Column),
            Self::RobustWide => Normalisation::Robust(Band::P10To90, Scope::Run),
        };
        Limits::of(panels, normalisation)
    }

    /// Limits of D.
    pub fn of_delta(self, d: &Matrix, standardised: bool) -> Limits {
        let columns = d.cols();
        match self {
            Self::Unit if !standardised => Limits::fixed(columns, -1.0, 1.0),
            Self::MinMax | Self::Unit => {
                let most = d.data().iter().filter(|v| v.is_finite()).fold(0.0_f32, |m, v| m.max(v.abs()));
                let most = if most > 0.0 { most } else { 1.0 };
                Limits::fixed(columns, -most, most)
            }
            Self::RobustColumn => Limits::of(&[d], Normalisation::Symmetric(Scope::Column)),
            Self::Symmetric | Self::RobustWide => Limits::of(&[d], Normalisation::Symmetric(Scope::Run)),
        }
    }
}

/// A reducer as the window names it.
pub fn reducer_name(reducer: Reducer) -> &'static str {
    match reducer {
        Reducer::MaxAbs => "max |D|",
        other => other.name(),
    }
}

/// The reducer of A and B: the largest absolute value says nothing about scores in [0,1], their mean does.
pub fn reducer_of_scores(reducer: Reducer) -> Reducer {
    if reducer == Reducer::MaxAbs { Reducer::Mean } else { reducer }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_of_d_are_always_centred_at_zero() {
        let d = Matrix::from_fn(200, 12, |r, c| (r as f32 / 200.0 - 0.3) * (c as f32 + 1.0) / 12.0);
        for choice in LimitsChoice::ALL {
            for standardised in [false, true] {
                let limits = choice.of_delta(&d, standardised);
                for column in 0..12 {
                    let (low, high) = limits.range(column).unwrap();
                    assert!((low + high).abs() < 1e-6, "{choice:?} {low} {high}");
                }
            }
        }
    }

    #[test]
    fn every_column_can_order_the_rows() {
        let menu = RowsBy::menu(true);
        assert_eq!(menu.len(), 4 + scm::N_COLUMNS);
        assert!(menu.contains(&RowsBy::Column(3)));
        assert_eq!(RowsBy::Column(3).name(), "by D faithfulness");
        assert!(!RowsBy::menu(false).contains(&RowsBy::Phos));
    }
}
