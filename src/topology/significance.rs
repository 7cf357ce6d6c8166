//! Are the loops of a field more than chance? Tests declared before looking, each with the question it answers.
//!
//! The primary statistic is the longest bar of dimension 1 that ends; a p-value is (1 + #{null >= observed}) / (1 + n),
//! which is exact for exchangeable draws (Davison and Hinkley 1997). With a threshold below the enclosing radius a loop
//! may be cut off; it then counts with the length seen so far, in the observed field as in every null field.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::analysis::{Options, analyse_points, predicted_bytes};
use super::cycles::CycleChoice;
use super::diagram::{betti_curve, entropy};
use super::error::TopologyError;
use super::hooks::Hooks;
use super::nulls::{Mispaired, Null, SameMargins, SignFlips};
use super::points::Points;
use super::universal::{self, UniversalTest};
use crate::core::stats;

/// What to test and how often.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignificanceOptions {
    /// How every field, observed and null, is analysed; cycles are left out.
    pub topology: Options,
    /// Null fields of every test.
    pub nulls: usize,
    /// Seed of all draws.
    pub seed: u64,
    /// Whether the secondary nulls (pairing where both passes are given, sign flips) are drawn too.
    pub secondary: bool,
}

impl Default for SignificanceOptions {
    fn default() -> Self {
        Self { topology: Options::default(), nulls: 199, seed: 0, secondary: true }
    }
}

/// Which draws count as at least as extreme as the observed value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tail {
    /// Large values are evidence against the null.
    Upper,
    /// Values far out on either side are: twice the smaller tail.
    TwoSided,
}

/// One test against one null.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Test {
    /// Short name of the null.
    pub null: String,
    /// The question the test answers.
    pub question: String,
    /// Short name of the statistic.
    pub statistic: String,
    /// Which draws count as extreme.
    pub tail: Tail,
    /// The statistic of the observed field.
    pub observed: f64,
    /// The p-value, in (0, 1].
    pub p: f64,
    /// Corrected for the number of secondary statistics (Holm 1979), where that applies.
    pub p_holm: Option<f64>,
    /// Number of null fields.
    pub n_nulls: usize,
    /// Median of the null.
    pub q50: f64,
    /// 95th percentile of the null.
    pub q95: f64,
    /// Observed value minus the null's median, in units of the null's standard deviation; `None` when that is 0.
    pub effect: Option<f64>,
    /// The null's values in the order of draws.
    pub null_values: Vec<f64>,
}

/// Pointwise 5% to 95% range of the Betti curves of the primary null fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BettiBand {
    /// Homological dimension.
    pub dim: u8,
    /// Scales of the curve: those of the observed field.
    pub scales: Vec<f64>,
    /// 5th percentile at every scale.
    pub q05: Vec<f64>,
    /// 95th percentile at every scale.
    pub q95: Vec<f64>,
}

/// All tests of one field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Significance {
    /// Longest loop against structureless fields with the same margins and correlations.
    pub primary: Test,
    /// Other statistics (with Holm correction) and other nulls.
    pub secondary: Vec<Test>,
    /// Bars tested one by one without drawing anything.
    pub universal: UniversalTest,
    /// Betti curves of the primary null fields, dimensions 0 and 1.
    pub betti_bands: Vec<BettiBand>,
}

/// What is kept of one field.
struct Draw {
    longest: f64,
    total: f64,
    entropy: f64,
    betti: [Vec<u32>; 2],
}

/// Tests the loops of a cloud; `passes` are A and B with `points = A - B`, for the pairing null. `on_null` is told the
/// number and the statistic of every primary draw as it is done, in no particular order; results do not depend on the
/// number of threads. Errors as in [`analyse_points`], on zero nulls, on passes of different shapes.
pub fn significance(
    points: &Points,
    passes: Option<(&Points, &Points)>,
    options: &SignificanceOptions,
    hooks: &Hooks,
    on_null: &(dyn Fn(usize, f64) + Sync),
) -> Result<Significance, TopologyError> {
    if options.nulls == 0 {
        return Err(TopologyError::NoNulls);
    }
    let mispaired = passes.filter(|_| options.secondary).map(|(a, b)| Mispaired::of(a, b)).transpose()?;
    let topology = Options { cycles: CycleChoice::None, max_dim: 1, ..options.topology.clone() };
    let observed = analyse_points(points, &topology, &hooks.quiet())?;
    let universal = universal::test(&observed.bars, 1);
    let scales = observed.scales.clone();
    let see = |p: &Points, hooks: &Hooks| look(p, &topology, &scales, hooks);
    let mut seen = see(points, &hooks.quiet())?;
    let run = Draws { options, points: points.len(), hooks };

    let draws = run.all("nulls", &SameMargins::of(points), &|i, p, h| {
        let draw = see(p, h)?;
        on_null(i, draw.longest);
        Ok(draw)
    })?;
    let column = |f: fn(&Draw) -> f64| draws.iter().map(f).collect::<Vec<f64>>();
    let same =
        ("same margins and correlations", "Is there structure beyond the columns and their correlations?");
    let primary = test(same, "longest loop", Tail::Upper, seen.longest, column(|d| d.longest));
    let mut secondary = vec![
        test(same, "total persistence of loops", Tail::TwoSided, seen.total, column(|d| d.total)),
        test(same, "persistence entropy of loops", Tail::TwoSided, seen.entropy, column(|d| d.entropy)),
    ];
    let corrected = holm(&secondary.iter().map(|t| t.p).collect::<Vec<_>>());
    for (t, p) in secondary.iter_mut().zip(corrected) {
        t.p_holm = Some(p);
    }
    let betti_bands = (0..2).map(|dim| band(dim, &scales, &draws)).collect();
    if let Some(null) = &mispaired {
        // Mispaired fields are larger; without dividing by the size the test could not reject when the minds agree.
        let scaled = |p: &Points, h: &Hooks| Ok(scaled_by_size(see(p, h)?.longest, p));
        let observed = scaled(&null.observed()?, &hooks.quiet())?;
        let values = run.all("pairing", null, &|_, p, h| scaled(p, h))?;
        let name = ("pairing", "Does it matter that both minds judged the same turns?");
        secondary.push(test(name, "longest loop / root mean square distance", Tail::Upper, observed, values));
    }
    if options.secondary {
        let values = run.all("sign flips", &SignFlips::of(points), &|_, p, h| Ok(see(p, h)?.longest))?;
        let name = ("sign flips", "Does it matter which mind is A and which is B?");
        secondary.push(test(name, "longest loop", Tail::Upper, std::mem::take(&mut seen.longest), values));
    }
    Ok(Significance { primary, secondary, universal, betti_bands })
}

/// A statistic over the size of the cloud, 0 for a cloud of no size.
pub fn scaled_by_size(statistic: f64, points: &Points) -> f64 {
    let size = points.rms_distance();
    if size > 0.0 { statistic / size } else { 0.0 }
}

fn look(points: &Points, topology: &Options, scales: &[f64], hooks: &Hooks) -> Result<Draw, TopologyError> {
    let analysis = analyse_points(points, topology, hooks)?;
    let lengths: Vec<f64> = analysis
        .bars
        .iter()
        .filter(|b| b.dim == 1)
        .map(|b| b.death.unwrap_or(analysis.radius) - b.birth)
        .collect();
    Ok(Draw {
        longest: lengths.iter().copied().fold(0.0, f64::max),
        total: lengths.iter().sum(),
        entropy: entropy(&lengths),
        betti: [betti_curve(&analysis.bars, 0, scales), betti_curve(&analysis.bars, 1, scales)],
    })
}

/// Draws null fields in parallel.
struct Draws<'a> {
    options: &'a SignificanceOptions,
    points: usize,
    hooks: &'a Hooks<'a>,
}

impl Draws<'_> {
    /// `nulls` draws of one null, each looked at, in order.
    fn all<T: Send>(
        &self,
        phase: &str,
        null: &dyn Null,
        look: &(dyn Fn(usize, &Points, &Hooks) -> Result<T, TopologyError> + Sync),
    ) -> Result<Vec<T>, TopologyError> {
        let total = self.options.nulls;
        let done = std::sync::atomic::AtomicU64::new(0);
        let one = |i: usize| {
            self.hooks.check()?;
            let points = null.draw(self.options.seed, i)?;
            let value = look(i, &points, &self.hooks.quiet())?;
            let now = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
            (self.hooks.progress)(phase, now, total as u64);
            Ok(value)
        };
        let work = || (0..total).into_par_iter().with_max_len(1).map(one).collect();
        // As many fields at a time as the budget holds.
        let n = self.points.min(self.options.topology.max_points);
        let width = (self.options.topology.budget_bytes / predicted_bytes(n, 1).max(1)).max(1) as usize;
        if width >= rayon::current_num_threads() {
            return work();
        }
        match rayon::ThreadPoolBuilder::new().num_threads(width).build() {
            Ok(pool) => pool.install(work),
            // Without threads to spare one field at a time is drawn here.
            Err(_) => (0..total).map(one).collect(),
        }
    }
}

fn test(
    (null, question): (&str, &str),
    statistic: &str,
    tail: Tail,
    observed: f64,
    null_values: Vec<f64>,
) -> Test {
    let spread = stats::std_dev(&null_values).filter(|s| *s > 0.0);
    let q50 = stats::quantile(&null_values, 0.5).unwrap_or(0.0);
    Test {
        null: null.into(),
        question: question.into(),
        statistic: statistic.into(),
        tail,
        observed,
        p: p_value(observed, &null_values, tail),
        p_holm: None,
        n_nulls: null_values.len(),
        q50,
        q95: stats::quantile(&null_values, 0.95).unwrap_or(0.0),
        effect: spread.map(|s| (observed - q50) / s),
        null_values,
    }
}

/// (1 + #{null >= observed}) / (1 + n); two-sided: twice the smaller tail, at most 1.
pub fn p_value(observed: f64, null_values: &[f64], tail: Tail) -> f64 {
    let n = null_values.len() as f64;
    let upper = null_values.iter().filter(|v| **v >= observed).count() as f64;
    let lower = null_values.iter().filter(|v| **v <= observed).count() as f64;
    let p = |count: f64| (1.0 + count) / (1.0 + n);
    match tail {
        Tail::Upper => p(upper),
        Tail::TwoSided => (2.0 * p(upper.min(lower))).min(1.0),
    }
}

/// Holm's step-down correction (Holm 1979), in the order given.
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]).then(a.cmp(b)));
    let mut out = vec![1.0; p.len()];
    let mut highest: f64 = 0.0;
    for (place, i) in order.iter().enumerate() {
        highest = highest.max(p[*i] * (p.len() - place) as f64).min(1.0);
        out[*i] = highest;
    }
    out
}

fn band(dim: u8, scales: &[f64], draws: &[Draw]) -> BettiBand {
    let at = |s: usize, q: f64| {
        let values: Vec<f64> = draws.iter().map(|d| f64::from(d.betti[usize::from(dim)][s])).collect();
        stats::quantile(&values, q).unwrap_or(0.0)
    };
    let q05 = (0..scales.len()).map(|s| at(s, 0.05)).collect();
    let q95 = (0..scales.len()).map(|s| at(s, 0.95)).collect();
    BettiBand { dim, scales: scales.to_vec(), q05, q95 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_values_count_the_observed_field_among_the_draws() {
        let null = [1.0, 2.0, 3.0, 4.0];
        assert_eq!(p_value(2.5, &null, Tail::Upper), 0.6);
        assert_eq!(p_value(9.0, &null, Tail::Upper), 0.2);
        assert_eq!(p_value(4.0, &null, Tail::Upper), 0.4, "a tie counts against");
        assert_eq!(p_value(0.0, &null, Tail::TwoSided), 0.4);
        assert_eq!(p_value(2.5, &null, Tail::TwoSided), 1.0);
    }

    #[test]
    fn holm_steps_down() {
        let adjusted = holm(&[0.01, 0.04, 0.03]);
        for (a, want) in adjusted.iter().zip([0.03, 0.06, 0.06]) {
            assert!((a - want).abs() < 1e-15, "{adjusted:?}");
        }
        assert_eq!(holm(&[0.9, 0.8]), vec![1.0, 1.0]);
    }
}
