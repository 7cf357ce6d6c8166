//! How the field is shown: order, columns, limits, reducer, scale. None of it touches the data.

use crate::core::matrix::Matrix;
use crate::core::scm;
use crate::field::vpm::{Band, Limits, Normalisation, Reducer, Scope};
use crate::figure::{FigureSpec, Kind};
use serde::{Deserialize, Serialize};

/// All choices of the Field view.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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

impl Settings {
    /// The figure that shows the same; the standardised field has none, its raw one stands for it.
    pub fn figure(&self) -> FigureSpec {
        let order = match if self.phos { RowsBy::Phos } else { self.rows_by } {
            RowsBy::Time => "time",
            RowsBy::Delta => "D",
            RowsBy::Cluster => "cluster",
            RowsBy::Phos => "PHOS",
            RowsBy::Column(c) => scm::SHORT.get(c).copied().unwrap_or("time"),
        };
        let end = self.columns.groups().last().map_or(0, |g| g.end);
        let columns: &[&str] = if self.columns == ColumnSet::All { &[] } else { &scm::SHORT[..end] };
        let (normalisation, normalisation_delta) = match self.limits {
            LimitsChoice::MinMax => (Normalisation::MinMax(Scope::Run), Normalisation::Symmetric(Scope::Run)),
            LimitsChoice::RobustColumn => {
                (Normalisation::Robust(Band::P1To99, Scope::Column), Normalisation::Symmetric(Scope::Column))
            }
            LimitsChoice::RobustWide => {
                (Normalisation::Robust(Band::P10To90, Scope::Run), Normalisation::Symmetric(Scope::Run))
            }
            LimitsChoice::Symmetric | LimitsChoice::Unit => {
                (Normalisation::Unit, Normalisation::Symmetric(Scope::Run))
            }
        };
        FigureSpec {
            order: order.to_owned(),
            columns: columns.iter().map(|c| (*c).to_owned()).collect(),
            normalisation,
            normalisation_delta,
            reduce: reducer_of_scores(self.reducer),
            reduce_delta: self.reducer,
            ..FigureSpec::of(Kind::Vpm)
        }
    }

    /// Takes over what a figure shows, as far as this view can show it.
    pub fn show(&mut self, figure: &FigureSpec) {
        let order = figure.order.to_lowercase();
        self.phos = false;
        self.rows_by = match order.as_str() {
            "time" => RowsBy::Time,
            "d" => RowsBy::Delta,
            "phos" => RowsBy::Phos,
            other => scm::column_index(other).map_or(RowsBy::Cluster, RowsBy::Column),
        };
        let names = |set: &ColumnSet| {
            let end = set.groups().last().map_or(0, |g| g.end);
            figure.columns.iter().map(String::as_str).eq(scm::SHORT[..end].iter().copied())
        };
        self.columns = ColumnSet::ALL.into_iter().find(names).unwrap_or(ColumnSet::All);
        self.limits = match (figure.normalisation, figure.normalisation_delta) {
            (_, Normalisation::Symmetric(Scope::Column)) => LimitsChoice::RobustColumn,
            (Normalisation::MinMax(_), _) => LimitsChoice::MinMax,
            (Normalisation::Robust(Band::P10To90, _), _) => LimitsChoice::RobustWide,
            _ => LimitsChoice::Symmetric,
        };
        self.reducer = figure.reduce_delta;
        self.standardised = false;
    }
}

/// Order of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    fn a_figure_of_the_view_shows_the_view_again() {
        for rows_by in RowsBy::menu(true) {
            for (columns, limits) in [
                (ColumnSet::All, LimitsChoice::Symmetric),
                (ColumnSet::Scores, LimitsChoice::RobustColumn),
                (ColumnSet::ScoresAndTrust, LimitsChoice::MinMax),
            ] {
                let settings =
                    Settings { rows_by, columns, limits, reducer: Reducer::Max, ..Settings::default() };
                let mut shown = Settings { standardised: true, ..Settings::default() };
                shown.show(&settings.figure());
                assert_eq!(shown, settings);
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
