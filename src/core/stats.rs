//! Small statistics used across the lab: means, quantiles, ranks, correlations, discrimination.
//!
//! Every function takes plain slices, ignores nothing silently and returns `None` where the figure is undefined.

/// Arithmetic mean; `None` when empty.
pub fn mean(x: &[f64]) -> Option<f64> {
    (!x.is_empty()).then(|| x.iter().sum::<f64>() / x.len() as f64)
}

/// Sample standard deviation (n - 1); `None` below two values.
pub fn std_dev(x: &[f64]) -> Option<f64> {
    let m = mean(x)?;
    (x.len() > 1).then(|| (x.iter().map(|v| (v - m).powi(2)).sum::<f64>() / (x.len() - 1) as f64).sqrt())
}

/// Linear-interpolation quantile (type 7, as numpy's default) of unsorted finite values; `q` in \[0,1\].
pub fn quantile(x: &[f64], q: f64) -> Option<f64> {
    let mut sorted = x.to_vec();
    sorted.sort_by(f64::total_cmp);
    quantile_sorted(&sorted, q)
}

/// [`quantile`] of values already ascending.
pub fn quantile_sorted(sorted: &[f64], q: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = q.clamp(0.0, 1.0) * last as f64;
    let low = at.floor() as usize;
    let high = at.ceil() as usize;
    Some(sorted[low] + (sorted[high] - sorted[low]) * (at - low as f64))
}

/// Mean absolute error; `None` when empty or of different lengths.
pub fn mae(a: &[f64], b: &[f64]) -> Option<f64> {
    (a.len() == b.len()).then(|| mean(&a.iter().zip(b).map(|(x, y)| (x - y).abs()).collect::<Vec<_>>()))?
}

/// Root mean square error; `None` when empty or of different lengths.
pub fn rmse(a: &[f64], b: &[f64]) -> Option<f64> {
    (a.len() == b.len())
        .then(|| mean(&a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).collect::<Vec<_>>()))?
        .map(f64::sqrt)
}

/// Ranks from 1, ties share their mean rank.
pub fn ranks(x: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_by(|&i, &j| x[i].total_cmp(&x[j]));
    let mut out = vec![0.0; x.len()];
    let mut start = 0;
    while start < order.len() {
        let mut end = start + 1;
        while end < order.len() && x[order[end]] == x[order[start]] {
            end += 1;
        }
        let shared = (start + 1 + end) as f64 / 2.0;
        for &i in &order[start..end] {
            out[i] = shared;
        }
        start = end;
    }
    out
}

/// Pearson correlation; `None` when either side is constant, empty or lengths differ.
pub fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.len() != b.len() {
        return None;
    }
    let (ma, mb) = (mean(a)?, mean(b)?);
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        ab += (x - ma) * (y - mb);
        aa += (x - ma).powi(2);
        bb += (y - mb).powi(2);
    }
    (aa > 0.0 && bb > 0.0).then(|| ab / (aa * bb).sqrt())
}

/// Spearman rank correlation with mean ranks for ties; `None` as in [`pearson`].
pub fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    pearson(&ranks(a), &ranks(b))
}

/// Kendall tau-b (ties corrected; Kendall 1945) in O(n²); `None` when either side is constant or lengths differ.
pub fn kendall_tau_b(a: &[f64], b: &[f64]) -> Option<f64> {
    if a.len() != b.len() {
        return None;
    }
    let (mut s, mut na, mut nb) = (0_i64, 0_i64, 0_i64);
    for i in 0..a.len() {
        for j in 0..i {
            let da = compare(a[i], a[j]);
            let db = compare(b[i], b[j]);
            s += da * db;
            na += da.abs();
            nb += db.abs();
        }
    }
    (na > 0 && nb > 0).then(|| s as f64 / ((na as f64) * (nb as f64)).sqrt())
}

fn compare(x: f64, y: f64) -> i64 {
    i64::from(x > y) - i64::from(x < y)
}

/// Area under the ROC curve of `score` for `label == true` (Mann-Whitney); `None` unless both classes occur.
pub fn auroc(score: &[f64], label: &[bool]) -> Option<f64> {
    if score.len() != label.len() {
        return None;
    }
    let positives = label.iter().filter(|l| **l).count();
    let negatives = label.len() - positives;
    if positives == 0 || negatives == 0 {
        return None;
    }
    let rank_sum: f64 = ranks(score).iter().zip(label).filter(|(_, l)| **l).map(|(r, _)| r).sum();
    let u = rank_sum - (positives * (positives + 1)) as f64 / 2.0;
    Some(u / (positives as f64 * negatives as f64))
}

/// Cohen's kappa of two yes/no raters; `None` when empty, lengths differ or chance agreement is total.
pub fn cohen_kappa(a: &[bool], b: &[bool]) -> Option<f64> {
    if a.is_empty() || a.len() != b.len() {
        return None;
    }
    let n = a.len() as f64;
    let observed = a.iter().zip(b).filter(|(x, y)| x == y).count() as f64 / n;
    let pa = a.iter().filter(|x| **x).count() as f64 / n;
    let pb = b.iter().filter(|x| **x).count() as f64 / n;
    let chance = pa * pb + (1.0 - pa) * (1.0 - pb);
    (chance < 1.0).then(|| (observed - chance) / (1.0 - chance))
}

/// The logistic function.
pub fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_their_mean_rank() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), vec![3.5, 1.0, 3.5, 2.0]);
    }

    #[test]
    fn rank_correlations_of_known_tables() {
        // scipy.stats: spearmanr([1,2,3,4,5],[5,6,7,8,7]) = 0.8207826816681233, kendalltau = 0.7378647873726218
        let (a, b) = ([1.0, 2.0, 3.0, 4.0, 5.0], [5.0, 6.0, 7.0, 8.0, 7.0]);
        assert!((spearman(&a, &b).unwrap() - 0.820_782_681_668_123_3).abs() < 1e-12);
        assert!((kendall_tau_b(&a, &b).unwrap() - 0.737_864_787_372_621_8).abs() < 1e-12);
        assert_eq!(spearman(&a, &[1.0; 5]), None);
    }

    #[test]
    fn quantiles_interpolate_as_numpy_does() {
        let x = [4.0, 1.0, 3.0, 2.0];
        assert_eq!(quantile(&x, 0.5), Some(2.5));
        assert!((quantile(&x, 0.1).unwrap() - 1.3).abs() < 1e-12);
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn auroc_counts_ties_as_half() {
        assert_eq!(auroc(&[0.1, 0.4, 0.4, 0.8], &[false, false, true, true]), Some(0.875));
        assert_eq!(auroc(&[0.1, 0.4], &[true, true]), None);
    }

    #[test]
    fn kappa_is_zero_at_chance_and_one_at_identity() {
        let a = [true, true, false, false];
        assert_eq!(cohen_kappa(&a, &a), Some(1.0));
        assert_eq!(cohen_kappa(&a, &[true, false, true, false]), Some(0.0));
    }
}
