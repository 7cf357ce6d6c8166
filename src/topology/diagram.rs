//! Numbers that describe a persistence diagram: counts, lengths, entropy, Betti curves.

use serde::{Deserialize, Serialize};

use super::filtration::Filtration;
use super::rips::Rips;
use crate::core::bar::Bar;

/// What the bars of one dimension add up to. Lengths are scales (distances); a bar that never ends counts in
/// `infinite` and in nothing else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Homological dimension.
    pub dim: u8,
    /// Bars that end.
    pub finite: usize,
    /// Bars that never end up to the threshold.
    pub infinite: usize,
    /// Sum of the lengths of the bars that end.
    pub total_persistence: f64,
    /// Length of the longest bar that ends, 0 when there is none.
    pub max_persistence: f64,
    /// Persistence entropy, natural logarithm: -sum of p ln p over p = length / total (Rucco et al. 2016); 0 when
    /// there are no bars.
    pub entropy: f64,
}

/// The summaries of dimensions `0..=max_dim` over the bars longer than `min_length` (0 for all of them).
pub fn summaries(bars: &[Bar], max_dim: u8, min_length: f64) -> Vec<Summary> {
    (0..=max_dim)
        .map(|dim| {
            let of_dim = || bars.iter().filter(move |b| b.dim == dim);
            let lengths: Vec<f64> = of_dim().filter_map(Bar::length).filter(|l| *l > min_length).collect();
            Summary {
                dim,
                finite: lengths.len(),
                infinite: of_dim().filter(|b| b.death.is_none()).count(),
                total_persistence: lengths.iter().sum(),
                max_persistence: lengths.iter().copied().fold(0.0, f64::max),
                entropy: entropy(&lengths),
            }
        })
        .collect()
}

/// Persistence entropy of bar lengths (natural logarithm), 0 for none.
pub fn entropy(lengths: &[f64]) -> f64 {
    let total: f64 = lengths.iter().sum();
    if total <= 0.0 {
        return 0.0;
    }
    // max: a single bar gives -1 * ln 1, which is -0.
    lengths.iter().map(|l| l / total).map(|p| if p > 0.0 { -p * p.ln() } else { 0.0 }).sum::<f64>().max(0.0)
}

/// The Betti number of one dimension at every scale: bars with birth <= scale < death.
pub fn betti_curve(bars: &[Bar], dim: u8, scales: &[f64]) -> Vec<u32> {
    let of_dim: Vec<&Bar> = bars.iter().filter(|b| b.dim == dim).collect();
    let alive = |s: f64| of_dim.iter().filter(|b| b.birth <= s && b.death.is_none_or(|d| s < d)).count();
    scales.iter().map(|s| alive(*s) as u32).collect()
}

/// `count` scales from 0 to `radius`, both included.
pub fn scale_grid(radius: f64, count: usize) -> Vec<f64> {
    (0..count).map(|i| radius * i as f64 / count.saturating_sub(1).max(1) as f64).collect()
}

/// The bars of positive length of pieces and loops. For every bar also the row of its loop (dimension 1), so that
/// cycles can be found. Ordered by dimension, birth, death (never last), simplices.
pub fn bars_of(filtration: &Filtration, rips: &Rips) -> Vec<(Bar, Option<usize>)> {
    let mut out = Vec::new();
    for j in &rips.joined {
        let (a, b) = filtration.edge(j.rank as usize);
        let death = filtration.scale(j.rank as usize);
        if death > 0.0 {
            let death_simplex = vec![a as u32, b as u32];
            let bar =
                Bar { dim: 0, birth: 0.0, death: Some(death), birth_simplex: vec![j.vertex], death_simplex };
            out.push((bar, None));
        }
    }
    for v in &rips.lasting {
        let bar = Bar { dim: 0, birth: 0.0, death: None, birth_simplex: vec![*v], death_simplex: Vec::new() };
        out.push((bar, None));
    }
    for (row, l) in rips.loops.iter().enumerate() {
        let birth = filtration.scale(l.birth as usize);
        let death = l.death.map(|(rank, _)| filtration.scale(rank as usize));
        if death.is_some_and(|d| d <= birth) {
            continue;
        }
        let (i, j) = filtration.edge(l.birth as usize);
        let death_simplex = l.death.map_or_else(Vec::new, |(rank, vertex)| {
            let (a, b) = filtration.edge(rank as usize);
            let mut t = vec![a as u32, b as u32, vertex];
            t.sort_unstable();
            t
        });
        let birth_simplex = vec![i as u32, j as u32];
        out.push((Bar { dim: 1, birth, death, birth_simplex, death_simplex }, Some(row)));
    }
    sort_bars(&mut out);
    out
}

/// Orders bars by dimension, birth, death (never last), simplices.
pub fn sort_bars<T>(bars: &mut [(Bar, T)]) {
    let never = f64::INFINITY;
    bars.sort_by(|(a, _), (b, _)| {
        a.dim
            .cmp(&b.dim)
            .then(a.birth.total_cmp(&b.birth))
            .then(a.death.unwrap_or(never).total_cmp(&b.death.unwrap_or(never)))
            .then_with(|| a.birth_simplex.cmp(&b.birth_simplex))
            .then_with(|| a.death_simplex.cmp(&b.death_simplex))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(dim: u8, birth: f64, death: Option<f64>) -> Bar {
        Bar { dim, birth, death, birth_simplex: vec![], death_simplex: vec![] }
    }

    #[test]
    fn summaries_count_and_add_up() {
        let bars =
            [bar(0, 0.0, Some(1.0)), bar(0, 0.0, None), bar(1, 1.0, Some(2.0)), bar(1, 1.0, Some(2.0))];
        let s = summaries(&bars, 1, 0.0);
        assert_eq!((s[0].finite, s[0].infinite, s[0].entropy), (1, 1, 0.0));
        assert_eq!((s[1].finite, s[1].total_persistence, s[1].max_persistence), (2, 2.0, 1.0));
        assert!((s[1].entropy - 2.0_f64.ln()).abs() < 1e-15, "two equal bars: ln 2");
        assert_eq!(summaries(&bars, 1, 1.0)[1].finite, 0, "bars no longer than the band are removed");
    }

    #[test]
    fn betti_curves_count_bars_alive() {
        let bars = [bar(0, 0.0, Some(1.0)), bar(0, 0.0, None), bar(1, 0.5, Some(1.0))];
        let scales = scale_grid(1.0, 5);
        assert_eq!(scales, vec![0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!(betti_curve(&bars, 0, &scales), vec![2, 2, 2, 2, 1]);
        assert_eq!(betti_curve(&bars, 1, &scales), vec![0, 0, 1, 1, 0]);
    }
}
