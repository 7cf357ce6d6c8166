//! Projections as a run keeps them: which table became which picture, and where every turn stands on it.

use crate::core::matrix::Matrix;
use serde::{Deserialize, Serialize};

/// How many dimensions become two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Uniform Manifold Approximation and Projection (McInnes, Healy and Melville 2018): keeps neighbourhoods.
    #[default]
    Umap,
    /// The two directions of largest variance (Pearson 1901): keeps distances along them.
    Pca,
}

impl Method {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Umap, Self::Pca];

    /// Name on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Umap => "umap",
            Self::Pca => "pca",
        }
    }

    /// Name in pictures.
    pub fn title(self) -> &'static str {
        match self {
            Self::Umap => "UMAP",
            Self::Pca => "PCA",
        }
    }

    /// The method of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.name().eq_ignore_ascii_case(name.trim()))
    }
}

/// Which table is projected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Source {
    /// Rows of D.
    #[default]
    D,
    /// Rows of pass A.
    A,
    /// Rows of pass B.
    B,
    /// Embeddings of what the users asked.
    #[serde(rename = "goals")]
    Goals,
    /// Embeddings of the answers.
    #[serde(rename = "answers")]
    Answers,
}

impl Source {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::D, Self::A, Self::B, Self::Goals, Self::Answers];

    /// Name on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::D => "D",
            Self::A => "A",
            Self::B => "B",
            Self::Goals => "goals",
            Self::Answers => "answers",
        }
    }

    /// Name in pictures.
    pub fn title(self) -> &'static str {
        match self {
            Self::D => "D",
            Self::A => "A",
            Self::B => "B",
            Self::Goals => "goal texts",
            Self::Answers => "answer texts",
        }
    }

    /// The source of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name().eq_ignore_ascii_case(name.trim()))
    }
}

/// UMAP's own options. The default is what every run keeps; anything else was chosen after looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UmapChoice {
    /// Neighbours of a point, itself counted.
    pub neighbours: usize,
    /// Distance at which neighbours settle, in hundredths, so that choices can be told apart exactly.
    pub min_dist_hundredths: u32,
    /// Seed; the run's own without one.
    pub seed: Option<u64>,
}

impl Default for UmapChoice {
    fn default() -> Self {
        Self { neighbours: 15, min_dist_hundredths: 20, seed: None }
    }
}

impl UmapChoice {
    /// Whether a run keeps this one.
    pub fn is_kept(&self) -> bool {
        *self == Self::default()
    }

    /// Distance at which neighbours settle, 0 to 1.
    pub fn min_dist(self) -> f64 {
        f64::from(self.min_dist_hundredths) / 100.0
    }
}

/// Which projection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProjectionKey {
    /// Of what.
    pub source: Source,
    /// How.
    pub method: Method,
    /// By which options, for UMAP; the default for PCA, which has none.
    #[serde(skip_serializing_if = "UmapChoice::is_kept")]
    pub umap: UmapChoice,
}

impl ProjectionKey {
    /// Name in files: `umap.D`.
    pub fn name(self) -> String {
        format!("{}.{}", self.method.name(), self.source.name())
    }

    /// Every pair of table and method, as runs keep them.
    pub fn all() -> Vec<Self> {
        let of = |source| Method::ALL.map(|method| Self { source, method, ..Self::default() });
        Source::ALL.into_iter().flat_map(of).collect()
    }
}

/// A projection of a run. For pictures only: no statistic is computed on it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Projection {
    /// Which.
    pub key: ProjectionKey,
    /// Rows of the run that take part, ascending.
    pub rows: Vec<usize>,
    /// Position of each of them.
    pub xy: Vec<[f32; 2]>,
    /// What the numbers say about it.
    pub facts: ProjectionFacts,
}

/// What goes with a projection (`metrics/projection.json`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProjectionFacts {
    /// Trustworthiness in \[0,1\] (Venna and Kaski 2001).
    pub trustworthiness: f64,
    /// Neighbours it looked at.
    pub k: usize,
    /// Turns it looked at.
    pub turns_checked: usize,
    /// Turns projected.
    pub turns: usize,
    /// Turns left out because a value is missing.
    pub left_out: usize,
    /// Columns projected: names of shared metrics, or the width of the embedding.
    pub columns: Vec<String>,
    /// Share of variance along each axis, for PCA.
    pub explained: Option<[f64; 2]>,
    /// Parameters in words ("15 neighbours, min_dist 0.2, 500 epochs").
    pub parameters: String,
}

/// Names of the two columns of a projection in `field/projection.parquet`.
pub fn column_names(key: ProjectionKey) -> [String; 2] {
    ["x", "y"].map(|axis| format!("{}.{axis}", key.name()))
}

impl Projection {
    /// As two columns over all `turns` rows of the run, NaN where a turn takes no part.
    pub fn to_columns(&self, turns: usize) -> Matrix {
        let mut out = Matrix::filled(turns, 2, f32::NAN);
        for (row, xy) in self.rows.iter().zip(&self.xy).filter(|(r, _)| **r < turns) {
            out.row_mut(*row).copy_from_slice(xy);
        }
        out
    }

    /// From two columns over all rows of the run.
    pub fn from_columns(key: ProjectionKey, facts: ProjectionFacts, columns: &Matrix) -> Self {
        let rows: Vec<usize> =
            (0..columns.rows()).filter(|&r| columns.row(r).iter().all(|v| v.is_finite())).collect();
        let xy = rows.iter().map(|&r| [columns.get(r, 0), columns.get(r, 1)]).collect();
        Self { key, rows, xy, facts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_and_columns_read_back() {
        for key in ProjectionKey::all() {
            assert_eq!(Source::from_name(key.source.name()), Some(key.source));
            assert_eq!(Method::from_name(key.method.name()), Some(key.method));
            assert_eq!(serde_json::to_value(key.source).unwrap(), key.source.name());
        }
        let other = UmapChoice { neighbours: 30, seed: Some(u64::MAX), ..UmapChoice::default() };
        let key = ProjectionKey { umap: other, ..ProjectionKey::default() };
        let text = serde_json::to_string(&key).unwrap();
        assert_eq!(serde_json::from_str::<ProjectionKey>(&text).unwrap(), key);
        let kept = serde_json::to_string(&ProjectionKey::default()).unwrap();
        assert!(!kept.contains("umap\":{"), "what runs keep is not spelt out: {kept}");
        let p = Projection { rows: vec![0, 2], xy: vec![[1.0, -2.0], [0.5, 0.25]], ..Projection::default() };
        assert_eq!(Projection::from_columns(p.key, p.facts.clone(), &p.to_columns(4)), p);
    }
}
