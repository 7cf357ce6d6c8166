//! Everything that is said about one cloud, in one call: bars, chance, confidence band, stability.

use super::analysis::{Analysis, analyse_points};
use super::error::TopologyError;
use super::hooks::Hooks;
use super::points::Points;
use super::significance::{Significance, SignificanceOptions, significance};
use super::stability::{ConfidenceBand, Stability, confidence_band, stability};

/// Chance of the confidence band to be wrong.
pub const BAND_ALPHA: f64 = 0.05;

/// What is known of a cloud.
#[derive(Clone, Debug, PartialEq)]
pub struct Study {
    /// Bars, cycles, summaries.
    pub analysis: Analysis,
    /// Tests against chance; `None` when none were asked for or there is too little to test.
    pub significance: Option<Significance>,
    /// What sampling alone explains; `None` below three vertices.
    pub band: Option<ConfidenceBand>,
    /// Half-samples; `None` below four vertices.
    pub stability: Option<Stability>,
}

/// What a study tells while it is made.
pub trait Watcher: Sync {
    /// Bars and cycles are there; chance is still unknown.
    fn bars(&self, analysis: &Analysis);
    /// The longest loop of one more null field, in no particular order.
    fn null(&self, longest: f64);
}

/// Nobody looks.
pub struct Unwatched;

impl Watcher for Unwatched {
    fn bars(&self, _: &Analysis) {}
    fn null(&self, _: f64) {}
}

/// Studies a cloud; `passes` are A and B with `points = A - B`. With zero nulls nothing is tested, and neither band nor
/// stability is computed: only the bars. Errors as in [`analyse_points`] and on passes of another shape.
pub fn study(
    points: &Points,
    passes: Option<(&Points, &Points)>,
    options: &SignificanceOptions,
    hooks: &Hooks,
    watcher: &dyn Watcher,
) -> Result<Study, TopologyError> {
    let analysis = analyse_points(points, &options.topology, hooks)?;
    watcher.bars(&analysis);
    let mut out = Study { analysis, significance: None, band: None, stability: None };
    if options.nulls == 0 || out.analysis.n_vertices < 3 {
        return Ok(out);
    }
    out.significance = Some(significance(points, passes, options, hooks, &|_, v| watcher.null(v))?);
    out.band = Some(confidence_band(points, BAND_ALPHA, options.seed, hooks)?);
    if out.analysis.n_vertices > 3 {
        let bars = &out.analysis.bars;
        out.stability = Some(stability(points, bars, &options.topology, options.seed, hooks)?);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::seed;
    use std::sync::Mutex;

    #[derive(Default)]
    struct Told(Mutex<Vec<f64>>, Mutex<usize>);

    impl Watcher for Told {
        fn bars(&self, analysis: &Analysis) {
            assert!(self.0.lock().unwrap().is_empty(), "bars come before chance");
            *self.1.lock().unwrap() = analysis.bars.len();
        }
        fn null(&self, longest: f64) {
            self.0.lock().unwrap().push(longest);
        }
    }

    fn cloud(n: usize) -> Points {
        let mut rng = seed::stream(5, "study");
        Points::new(n, 3, (0..n * 3).map(|_| seed::normal(&mut rng)).collect()).unwrap()
    }

    #[test]
    fn a_study_tells_bars_first_and_every_null() {
        let told = Told::default();
        let options = SignificanceOptions { nulls: 9, ..SignificanceOptions::default() };
        let s = study(&cloud(50), None, &options, &Hooks::none(), &told).unwrap();
        let mut seen = told.0.into_inner().unwrap();
        let mut kept = s.significance.as_ref().unwrap().primary.null_values.clone();
        seen.sort_by(f64::total_cmp);
        kept.sort_by(f64::total_cmp);
        assert_eq!(seen, kept);
        assert_eq!(told.1.into_inner().unwrap(), s.analysis.bars.len());
        assert!(s.band.is_some() && s.stability.unwrap().distances.len() == 20);
    }

    #[test]
    fn too_little_to_test_is_no_error() {
        let options = SignificanceOptions { nulls: 9, ..SignificanceOptions::default() };
        for n in [1, 2] {
            let s = study(&cloud(n), None, &options, &Hooks::none(), &Unwatched).unwrap();
            assert_eq!((s.significance, s.band, s.stability), (None, None, None));
        }
        let three = study(&cloud(3), None, &options, &Hooks::none(), &Unwatched).unwrap();
        assert!(three.significance.is_some_and(|t| t.primary.p > 0.0));
        let none = SignificanceOptions { nulls: 0, ..SignificanceOptions::default() };
        assert!(study(&cloud(20), None, &none, &Hooks::none(), &Unwatched).unwrap().band.is_none());
    }
}
