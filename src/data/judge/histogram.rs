//! How the labels are spread: 20 bins of five points, a dimension and judge at a time.

use crate::core::dimension::Dimension;
use crate::core::turn::Judgement;
use serde::Serialize;

/// Bins of a label histogram; bin i holds scores from 5 i up to (not including) 5 (i + 1), the last one also 100.
pub const BINS: usize = 20;

/// The labels of one judge on one dimension.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelHistogram {
    /// The judge.
    pub judge: String,
    /// The dimension.
    pub dimension: Dimension,
    /// Number of labels.
    pub n: usize,
    /// Their mean, 0 to 100; `None` without labels.
    pub mean: Option<f64>,
    /// Labels a bin.
    pub bins: [u64; BINS],
}

/// Histograms of all judges in order of appearance, five a judge in the fixed order of dimensions.
pub fn histograms(judgements: &[Judgement]) -> Vec<LabelHistogram> {
    let judges = super::labels::judges(judgements);
    let of = |judge: &str, dimension: Dimension| {
        let mut histogram =
            LabelHistogram { judge: judge.to_owned(), dimension, n: 0, mean: None, bins: [0; BINS] };
        let mut sum = 0.0;
        for j in judgements.iter().filter(|j| j.judge == judge && j.dimension == dimension) {
            let bin = (j.score.clamp(0.0, 100.0) / 100.0 * BINS as f64) as usize;
            histogram.bins[bin.min(BINS - 1)] += 1;
            histogram.n += 1;
            sum += j.score;
        }
        histogram.mean = (histogram.n > 0).then(|| sum / histogram.n as f64);
        histogram
    };
    judges.iter().flat_map(|(judge, _)| Dimension::ALL.map(|d| of(judge, d))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_hold_five_points_each_and_the_last_one_a_hundred() {
        let judged = |score| Judgement {
            turn_id: String::new(),
            dimension: Dimension::Clarity,
            score,
            rationale: String::new(),
            judge: "x".into(),
        };
        let all = [0.0, 4.9, 5.0, 99.0, 100.0].map(judged);
        let found = &histograms(&all)[Dimension::Clarity.index()];
        assert_eq!((found.n, found.bins[0], found.bins[1], found.bins[19]), (5, 2, 1, 2));
        assert_eq!(histograms(&all)[0].mean, None);
    }
}
