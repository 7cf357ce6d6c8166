//! What a run keeps of its topology: small tables of numbers, the same byte for byte from run to run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::analysis::Analysis;
use super::diagram::{Summary, betti_curve, summaries};
use super::significance::{BettiBand, Significance, Test};
use super::stability::{ConfidenceBand, Stability};
use super::study::Study;
use super::universal::UniversalTest;
use crate::core::bar::Bar;
use crate::core::cloud::CloudChoice;

/// The contents of `metrics/topology.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TopologyMetrics {
    /// Rows of the field.
    pub n_points: usize,
    /// Rows merged into an equal earlier row.
    pub n_merged: usize,
    /// Vertices of the complex: distinct points, or landmarks.
    pub n_vertices: usize,
    /// Largest distance to the nearest landmark, null without landmarks.
    pub covering_radius: Option<f64>,
    /// Rows of the run left out because a chosen column has no value there.
    pub n_left_out: usize,
    /// Columns of the field, in the order used.
    pub columns: Vec<String>,
    /// How the cloud was made of the field.
    pub cloud: CloudChoice,
    /// Threshold asked for, null for none.
    pub threshold: Option<f64>,
    /// Scale up to which bars were computed.
    pub radius: f64,
    /// Number of bars of every dimension. A number of bars alone says nothing about structure.
    pub bars: BTreeMap<String, usize>,
    /// Longest bar that ends, of every dimension.
    pub longest: BTreeMap<String, f64>,
    /// Sum of lengths, of every dimension.
    pub total_persistence: BTreeMap<String, f64>,
    /// Persistence entropy, of every dimension.
    pub entropy: BTreeMap<String, f64>,
    /// Betti curves over scale.
    pub betti: BettiCurves,
    /// The same over the bars longer than the confidence band, where one was computed.
    pub beyond_band: Option<Vec<Summary>>,
    /// Betti curves of the bars longer than the confidence band.
    pub betti_beyond_band: Option<BettiCurves>,
    /// Range of the Betti curves of the primary null fields, where they were drawn.
    pub betti_bands: Option<Vec<BettiBand>>,
    /// The confidence band.
    pub band: Option<ConfidenceBand>,
    /// Half-sample stability.
    pub stability: Option<Stability>,
}

/// Betti numbers at some scales.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BettiCurves {
    /// The scales.
    pub scales: Vec<f64>,
    /// For every dimension the Betti number at every scale.
    pub curves: Vec<Vec<u32>>,
}

/// What a cloud was made of.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Full names of its columns.
    pub columns: &'a [String],
    /// How they were scaled, and the distance.
    pub cloud: &'a CloudChoice,
    /// Rows left out.
    pub left_out: usize,
}

impl TopologyMetrics {
    /// The metrics of a study.
    pub fn new(study: &Study, source: &Source<'_>) -> Self {
        let (analysis, band) = (&study.analysis, study.band.clone());
        let long: Vec<Bar> = band.iter().flat_map(|b| beyond(analysis, b)).collect();
        let by_dim = |value: fn(&Summary) -> f64| {
            analysis.summaries.iter().map(|s| (s.dim.to_string(), value(s))).collect::<BTreeMap<_, _>>()
        };
        let count = |s: &Summary| (s.dim.to_string(), s.finite + s.infinite);
        let max_dim = analysis.summaries.len().saturating_sub(1) as u8;
        Self {
            n_points: analysis.n_points,
            n_merged: analysis.n_merged,
            n_vertices: analysis.n_vertices,
            covering_radius: analysis.covering_radius,
            n_left_out: source.left_out,
            columns: source.columns.to_vec(),
            cloud: source.cloud.clone(),
            threshold: analysis.threshold,
            radius: analysis.radius,
            bars: analysis.summaries.iter().map(count).collect(),
            longest: by_dim(|s| s.max_persistence),
            total_persistence: by_dim(|s| s.total_persistence),
            entropy: by_dim(|s| s.entropy),
            betti: BettiCurves { scales: analysis.scales.clone(), curves: analysis.betti.clone() },
            betti_beyond_band: band.is_some().then(|| BettiCurves {
                scales: analysis.scales.clone(),
                curves: (0..=max_dim).map(|d| betti_curve(&long, d, &analysis.scales)).collect(),
            }),
            betti_bands: study.significance.as_ref().map(|s| s.betti_bands.clone()),
            beyond_band: band.as_ref().map(|b| summaries(&analysis.bars, max_dim, b.length)),
            band,
            stability: study.stability.clone(),
        }
    }
}

/// The bars longer than the band; those that never end are.
fn beyond<'a>(analysis: &'a Analysis, band: &ConfidenceBand) -> impl Iterator<Item = Bar> + use<'a> {
    let length = band.length;
    analysis.bars.iter().filter(move |b| b.length().is_none_or(|l| l > length)).cloned()
}

/// The contents of `metrics/significance.json`: every test without its null values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignificanceMetrics {
    /// The test declared before looking.
    pub primary: TestMetrics,
    /// All others.
    pub secondary: Vec<TestMetrics>,
    /// A p-value for every H1 bar, without drawing anything.
    pub universal: UniversalTest,
}

/// One test in numbers and in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestMetrics {
    /// Short name of the null.
    pub null: String,
    /// The question the test answers.
    pub question: String,
    /// Short name of the statistic.
    pub statistic: String,
    /// The statistic of the observed field.
    pub observed: f64,
    /// The p-value.
    pub p: f64,
    /// Holm-corrected, where that applies.
    pub p_holm: Option<f64>,
    /// Number of null fields.
    pub n_nulls: usize,
    /// Median of the null.
    pub q50: f64,
    /// 95th percentile of the null.
    pub q95: f64,
    /// Distance from the null's median in its standard deviations.
    pub effect: Option<f64>,
    /// The result as a sentence.
    pub words: String,
}

impl From<&Test> for TestMetrics {
    fn from(t: &Test) -> Self {
        Self {
            null: t.null.clone(),
            question: t.question.clone(),
            statistic: t.statistic.clone(),
            observed: t.observed,
            p: t.p,
            p_holm: t.p_holm,
            n_nulls: t.n_nulls,
            q50: t.q50,
            q95: t.q95,
            effect: t.effect,
            words: in_words(t),
        }
    }
}

impl From<&Significance> for SignificanceMetrics {
    fn from(s: &Significance) -> Self {
        Self {
            primary: (&s.primary).into(),
            secondary: s.secondary.iter().map(TestMetrics::from).collect(),
            universal: s.universal.clone(),
        }
    }
}

/// The result of a test as a sentence; the corrected p-value decides where there is one.
pub fn in_words(t: &Test) -> String {
    let p = t.p_holm.unwrap_or(t.p);
    let label = if t.p_holm.is_some() { "Holm-corrected p" } else { "p" };
    if p > 0.05 {
        format!(
            "{}: not distinguishable from chance under \"{}\", {label} = {p:.3}, n = {} null fields",
            t.statistic, t.null, t.n_nulls
        )
    } else {
        format!(
            "{}: {:.4} is unlikely under \"{}\" (95% of null fields stay below {:.4}), {label} = {p:.3}, n = {} null fields",
            t.statistic, t.observed, t.null, t.q95, t.n_nulls
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::matrix::Matrix;
    use crate::topology::{Hooks, Points, SignificanceOptions, Unwatched, study};

    #[test]
    fn metrics_name_counts_lengths_and_chance() {
        let field = Matrix::from_fn(40, 2, |r, c| {
            let angle = r as f32 * std::f32::consts::TAU / 40.0;
            if c == 0 { angle.cos() } else { angle.sin() }
        });
        let options = SignificanceOptions { nulls: 19, secondary: false, ..SignificanceOptions::default() };
        let points = Points::from_matrix(&field).unwrap();
        let s = study(&points, None, &options, &Hooks::none(), &Unwatched).unwrap();
        let columns = ["x".to_owned(), "y".to_owned()];
        let cloud = CloudChoice::default();
        let m = TopologyMetrics::new(&s, &Source { columns: &columns, cloud: &cloud, left_out: 3 });
        assert_eq!(m.bars, BTreeMap::from([("0".to_string(), 40), ("1".to_string(), 1)]));
        assert!(m.longest["1"] > 1.0 && m.beyond_band.is_some() && m.stability.is_some());
        assert_eq!((m.n_left_out, m.betti.curves.len(), m.betti_bands.unwrap().len()), (3, 2, 2));
        let (all, long) = (&m.betti.curves, &m.betti_beyond_band.unwrap().curves);
        assert!(long.iter().flatten().zip(all.iter().flatten()).all(|(l, a)| l <= a), "a part of all bars");
        let said = SignificanceMetrics::from(s.significance.as_ref().unwrap());
        assert!(said.primary.words.contains("n = 19"), "{}", said.primary.words);
        assert_eq!(said.universal.n_bars, 1);
        let mut by_chance = s.significance.unwrap().primary;
        by_chance.p = 0.4;
        assert!(in_words(&by_chance).contains("not distinguishable from chance under \"same margins"));
        let json = serde_json::to_string(&said).unwrap();
        assert!(!json.contains("null_values"));
    }
}
