//! A p-value for every bar without drawing anything: the universal null distribution of death / birth.
//!
//! Bobrowski and Skraba 2023 ("A universal null-distribution for topological data analysis") find that, whatever the
//! noise, l = log log(death / birth) - mean - gamma follows the left-skewed Gumbel distribution, so that
//! p = exp(-exp(l)). It is an asymptotic law: conservative below a few hundred bars.

use serde::{Deserialize, Serialize};

use crate::core::bar::Bar;

/// Euler's gamma: minus the mean of the left-skewed Gumbel distribution.
const EULER_GAMMA: f64 = 0.577_215_664_901_532_9;

/// The bars of one dimension, tested one by one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UniversalTest {
    /// Homological dimension.
    pub dim: u8,
    /// Bars tested: those that end, born above scale 0.
    pub n_bars: usize,
    /// Whether there are too few bars for the law to be more than conservative.
    pub conservative: bool,
    /// For each bar tested its place among all bars, its p-value and the Bonferroni-corrected one.
    pub bars: Vec<BarP>,
}

/// The p-value of one bar.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BarP {
    /// Place in the list of bars.
    pub bar: usize,
    /// Uncorrected.
    pub p: f64,
    /// Times the number of bars, at most 1.
    pub p_bonferroni: f64,
}

/// Bars below which the law is conservative.
const FEW: usize = 300;

/// Tests the bars of dimension `dim` (1 or 2).
pub fn test(bars: &[Bar], dim: u8) -> UniversalTest {
    let ratios: Vec<(usize, f64)> = bars
        .iter()
        .enumerate()
        .filter(|(_, b)| b.dim == dim && b.birth > 0.0)
        .filter_map(|(at, b)| Some((at, (b.death? / b.birth).ln().ln())))
        .filter(|(_, l)| l.is_finite())
        .collect();
    let n = ratios.len();
    let mean = ratios.iter().map(|(_, l)| l).sum::<f64>() / n.max(1) as f64;
    let bars = ratios
        .iter()
        .map(|(bar, l)| {
            let p = (-(l - mean - EULER_GAMMA).exp()).exp();
            BarP { bar: *bar, p, p_bonferroni: (p * n as f64).min(1.0) }
        })
        .collect();
    UniversalTest { dim, n_bars: n, conservative: n < FEW, bars }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_long_bar_among_short_ones_stands_out() {
        let bar = |death| Bar {
            dim: 1,
            birth: 1.0,
            death: Some(death),
            birth_simplex: vec![],
            death_simplex: vec![],
        };
        let mut bars: Vec<Bar> = (1..400).map(|i| bar(1.0 + 0.0005 * f64::from(i))).collect();
        bars.push(bar(10.0));
        let t = test(&bars, 1);
        assert_eq!((t.n_bars, t.conservative), (400, false));
        assert!(t.bars[399].p_bonferroni < 0.01, "{:?}", t.bars[399]);
        assert!(t.bars[200].p_bonferroni == 1.0);
        assert_eq!(test(&[], 1).bars, vec![]);
    }
}
