//! What the points of a map or a projection are coloured by: a difference, a score, a group.

use crate::core::matrix::Matrix;
use crate::core::scm;
use crate::core::stats;
use crate::core::turn::Split;
use crate::run::contents::{Pass, RunContents};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A choice of colour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum ColorBy {
    /// Mean of the five differences.
    #[default]
    Delta,
    /// Difference in one shared metric.
    DeltaOf(usize),
    /// A's value in one shared metric.
    A(usize),
    /// B's value in one shared metric.
    B(usize),
    /// Cluster of D.
    Cluster,
    /// What the source of the turns calls their domain.
    Domain,
    /// Training, validation, test.
    Split,
}

/// Groups that keep their own colour; the smallest beyond them share one.
const GROUPS: usize = 7;
/// Key of the domain in [`crate::core::turn::Turn::meta`].
const DOMAIN: &str = "domain";

/// What every turn of a run is coloured by.
#[derive(Clone, Debug, PartialEq)]
pub enum Coloring {
    /// A difference on a symmetric scale around zero.
    Delta {
        /// One value a row of the run, NaN where missing.
        values: Vec<f64>,
        /// Value of the last colour; the 99th percentile of the absolute values.
        limit: f64,
        /// Whether values lie beyond it.
        clamped: bool,
    },
    /// A magnitude on \[0,1\].
    Magnitude {
        /// One value a row of the run, NaN where missing.
        values: Vec<f64>,
    },
    /// A group.
    Groups {
        /// Index into `names`; `None` where the group is unknown.
        of_row: Vec<Option<usize>>,
        /// Largest group first; at most eight, the last then "others".
        names: Vec<String>,
    },
}

impl ColorBy {
    /// The choice of that name; empty is D.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim();
        match name.to_lowercase().as_str() {
            "" | "d" => return Some(Self::Delta),
            "cluster" => return Some(Self::Cluster),
            "domain" => return Some(Self::Domain),
            "split" => return Some(Self::Split),
            _ => {}
        }
        let (mind, column) = name.split_once(' ')?;
        let column = scm::column_index(column.trim())?;
        match mind {
            "D" | "d" => Some(Self::DeltaOf(column)),
            "A" | "a" => Some(Self::A(column)),
            "B" | "b" => Some(Self::B(column)),
            _ => None,
        }
    }

    /// Its name.
    pub fn name(&self) -> String {
        let of =
            |mind: &str, c: &usize| format!("{mind} {}", scm::SHORT.get(*c).copied().unwrap_or_default());
        match self {
            Self::Delta => "D".to_owned(),
            Self::DeltaOf(c) => of("D", c),
            Self::A(c) => of("A", c),
            Self::B(c) => of("B", c),
            Self::Cluster => "cluster".to_owned(),
            Self::Domain => "domain".to_owned(),
            Self::Split => "split".to_owned(),
        }
    }

    /// The choices a run offers, groups last.
    pub fn offered(run: &RunContents) -> Vec<Self> {
        let mut out = vec![Self::Delta];
        out.extend((0..scm::N_COLUMNS).filter(|c| *c != scm::LENGTH).map(Self::DeltaOf));
        out.extend([Self::A(scm::AGGREGATE), Self::B(scm::AGGREGATE)]);
        out.extend([Self::A(scm::UNCERTAINTY), Self::B(scm::UNCERTAINTY), Self::A(scm::LENGTH)]);
        out.extend([Self::Cluster, Self::Domain, Self::Split]);
        out.retain(|c| Coloring::of(run, c).is_some());
        out
    }
}

impl Coloring {
    /// The colours of every row; `None` when the run does not have what they are made of.
    pub fn of(run: &RunContents, by: &ColorBy) -> Option<Self> {
        let delta = || run.delta.as_deref().filter(|d| d.cols() == scm::N_COLUMNS);
        let pass = |p: &Option<Arc<Pass>>, c: usize| {
            let scm = &p.as_ref()?.scm;
            (scm.cols() == scm::N_COLUMNS && c < scm::N_COLUMNS).then(|| column(scm, c))
        };
        let some = |values: Vec<f64>| values.iter().any(|v| v.is_finite()).then_some(values);
        match by {
            ColorBy::Delta => Some(Self::delta(some(mean_scores(delta()?))?)),
            ColorBy::DeltaOf(c) => Some(Self::delta(some(column(delta()?, *c))?)),
            ColorBy::A(c) => Some(Self::Magnitude { values: some(pass(&run.a, *c)?)? }),
            ColorBy::B(c) => Some(Self::Magnitude { values: some(pass(&run.b, *c)?)? }),
            ColorBy::Cluster => Self::clusters(run),
            ColorBy::Domain => {
                Self::groups(&run.turns.iter().map(|t| domain(t.meta.as_deref())).collect::<Vec<_>>())
            }
            ColorBy::Split => {
                let all: Vec<_> = run.splits.iter().map(|s| Some(Split::name(*s).to_owned())).collect();
                (all.len() == run.turns.len()).then(|| Self::groups(&all))?
            }
        }
    }

    fn delta(values: Vec<f64>) -> Self {
        let absolute: Vec<f64> = values.iter().filter(|v| v.is_finite()).map(|v| v.abs()).collect();
        let most = absolute.iter().copied().fold(0.0, f64::max);
        let limit = stats::quantile(&absolute, 0.99).filter(|l| *l > 0.0).unwrap_or(most);
        let limit = if limit > 0.0 { limit } else { 1.0 };
        Self::Delta { clamped: most > limit * (1.0 + 1e-9), values, limit }
    }

    /// Clusters keep the order in which the field shows them, and their words.
    fn clusters(run: &RunContents) -> Option<Self> {
        let clusters = &run.orders.clusters;
        if clusters.is_empty() || clusters.len() != run.turns.len() {
            return None;
        }
        let words = run.metrics.get("clusters").and_then(|m| m.pointer("/clusters")?.as_array());
        let name = |c: usize| {
            let words = words.and_then(|w| w.get(c)?.get("words")?.as_str());
            words.map_or_else(|| format!("cluster {}", c + 1), str::to_owned)
        };
        let count = clusters.iter().max().map_or(0, |m| m + 1);
        let own = if count > GROUPS + 1 { GROUPS } else { count };
        let mut names: Vec<String> = (0..own).map(name).collect();
        if own < count {
            names.push("others".to_owned());
        }
        Some(Self::Groups { of_row: clusters.iter().map(|c| Some((*c).min(own))).collect(), names })
    }

    /// Groups by size, ties by name; beyond seven they share the last place.
    fn groups(of_row: &[Option<String>]) -> Option<Self> {
        let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
        of_row.iter().flatten().for_each(|g| *sizes.entry(g).or_default() += 1);
        if sizes.is_empty() {
            return None;
        }
        let mut by_size: Vec<(&str, usize)> = sizes.into_iter().collect();
        by_size.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let own = if by_size.len() > GROUPS + 1 { GROUPS } else { by_size.len() };
        let place: BTreeMap<&str, usize> =
            by_size.iter().enumerate().map(|(i, (g, _))| (*g, i.min(own))).collect();
        let mut names: Vec<String> = by_size.iter().take(own).map(|(g, _)| (*g).to_owned()).collect();
        if own < by_size.len() {
            names.push(format!("{} others", by_size.len() - own));
        }
        let of_row = of_row.iter().map(|g| place.get(g.as_deref()?).copied()).collect();
        Some(Self::Groups { of_row, names })
    }

    /// Where the value of a row lies on its colour map, 0 to 1; `None` for groups and missing values.
    pub fn place(&self, row: usize) -> Option<f64> {
        let (v, low, high) = match self {
            Self::Delta { values, limit, .. } => (*values.get(row)?, -limit, *limit),
            Self::Magnitude { values } => (*values.get(row)?, 0.0, 1.0),
            Self::Groups { .. } => return None,
        };
        v.is_finite().then(|| ((v - low) / (high - low)).clamp(0.0, 1.0))
    }

    /// Group of a row.
    pub fn group(&self, row: usize) -> Option<usize> {
        match self {
            Self::Groups { of_row, .. } => of_row.get(row).copied().flatten(),
            _ => None,
        }
    }
}

fn domain(meta: Option<&str>) -> Option<String> {
    let meta: serde_json::Value = serde_json::from_str(meta?).ok()?;
    meta.get(DOMAIN)?.as_str().filter(|d| !d.is_empty()).map(str::to_owned)
}

fn column(m: &Matrix, c: usize) -> Vec<f64> {
    m.column(c).into_iter().map(f64::from).collect()
}

/// Mean of the five score columns, NaN where none is known.
pub fn mean_scores(d: &Matrix) -> Vec<f64> {
    (0..d.rows())
        .map(|r| {
            let known: Vec<f64> =
                scm::SCORES.map(|c| f64::from(d.get(r, c))).filter(|v| v.is_finite()).collect();
            stats::mean(&known).unwrap_or(f64::NAN)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::fixture;

    #[test]
    fn every_offered_colour_has_a_name_that_leads_back_to_it() {
        let run = fixture::run();
        let offered = ColorBy::offered(&run);
        assert!(offered.contains(&ColorBy::Cluster) && !offered.contains(&ColorBy::Domain));
        for by in offered {
            assert_eq!(ColorBy::from_name(&by.name()), Some(by.clone()), "{}", by.name());
            let coloring = Coloring::of(&run, &by).unwrap();
            let known =
                (0..fixture::TURNS).filter(|r| coloring.place(*r).is_some() || coloring.group(*r).is_some());
            assert!(known.count() + 2 > fixture::TURNS);
        }
        assert_eq!(ColorBy::from_name("C clarity"), None);
        assert_eq!(ColorBy::from_name("D beauty"), None);
    }

    #[test]
    fn many_groups_share_the_last_colour() {
        let of_row: Vec<Option<String>> = (0..60).map(|i| (i != 3).then(|| format!("g{}", i % 12))).collect();
        let Some(Coloring::Groups { names, of_row }) = Coloring::groups(&of_row) else { panic!("groups") };
        assert_eq!(names.len(), 8);
        assert_eq!(names[7], "5 others");
        assert_eq!(of_row[3], None);
        assert!(of_row.iter().flatten().all(|g| *g < 8));
    }
}
