//! The normal distribution as a copula needs it: quantiles, normal scores, correlated draws.

use crate::core::seed;
use crate::core::stats;

/// Quantile of the standard normal distribution for `p` in (0, 1); infinite at 0 and 1.
/// Wichura 1988, algorithm AS 241 (PPND16), relative error about 1e-16.
pub fn normal_quantile(p: f64) -> f64 {
    if p <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * ratio(&CENTRE, r);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let r = (-tail.ln()).sqrt();
    let x = if r <= 5.0 { ratio(&MIDDLE, r - 1.6) } else { ratio(&FAR, r - 5.0) };
    if q < 0.0 { -x } else { x }
}

/// Numerator and denominator, highest power first.
type Rational = ([f64; 8], [f64; 8]);

const CENTRE: Rational = (
    [
        2_509.080_928_730_122_7,
        33_430.575_583_588_13,
        67_265.770_927_008_7,
        45_921.953_931_549_87,
        13_731.693_765_509_46,
        1_971.590_950_306_551_3,
        133.141_667_891_784_38,
        3.387_132_872_796_366_5,
    ],
    [
        5_226.495_278_852_854,
        28_729.085_735_721_943,
        39_307.895_800_092_71,
        21_213.794_301_586_597,
        5_394.196_021_424_751,
        687.187_007_492_057_9,
        42.313_330_701_600_91,
        1.0,
    ],
);
const MIDDLE: Rational = (
    [
        0.000_774_545_014_278_341_4,
        0.022_723_844_989_269_184,
        0.241_780_725_177_450_6,
        1.270_458_252_452_368_4,
        3.647_848_324_763_204_5,
        5.769_497_221_460_691,
        4.630_337_846_156_546,
        1.423_437_110_749_683_5,
    ],
    [
        1.050_750_071_644_416_9e-9,
        0.000_547_593_808_499_534_5,
        0.015_198_666_563_616_457,
        0.148_103_976_427_480_08,
        0.689_767_334_985_1,
        1.676_384_830_183_803_8,
        2.053_191_626_637_759,
        1.0,
    ],
);
const FAR: Rational = (
    [
        2.010_334_399_292_288_1e-7,
        2.711_555_568_743_487_6e-5,
        0.001_242_660_947_388_078_4,
        0.026_532_189_526_576_124,
        0.296_560_571_828_504_87,
        1.784_826_539_917_291_3,
        5.463_784_911_164_114,
        6.657_904_643_501_103,
    ],
    [
        2.044_263_103_389_939_7e-15,
        1.421_511_758_316_446e-7,
        1.846_318_317_510_054_8e-5,
        0.000_786_869_131_145_613_3,
        0.014_875_361_290_850_615,
        0.136_929_880_922_735_8,
        0.599_832_206_555_888,
        1.0,
    ],
);

fn ratio((numerator, denominator): &Rational, r: f64) -> f64 {
    let horner = |c: &[f64; 8]| c.iter().fold(0.0, |sum, c| sum * r + c);
    horner(numerator) / horner(denominator)
}

/// Normal scores of a column: the normal quantile of rank / (n + 1), ties sharing their mean rank.
pub fn normal_scores(column: &[f64]) -> Vec<f64> {
    let n = column.len() as f64;
    stats::ranks(column).iter().map(|r| normal_quantile(r / (n + 1.0))).collect()
}

/// Lower triangular factor of the correlation matrix of the columns (Cholesky), row-major `[d, d]`. Where columns are
/// linearly dependent the remaining variance is zero, and so are the entries; a constant column correlates with none.
pub fn correlation_factor(columns: &[Vec<f64>]) -> Vec<f64> {
    let d = columns.len();
    let mut factor = vec![0.0; d * d];
    for i in 0..d {
        for j in 0..=i {
            let target = if i == j { 1.0 } else { stats::pearson(&columns[i], &columns[j]).unwrap_or(0.0) };
            let mut rest = target;
            for k in 0..j {
                rest -= factor[i * d + k] * factor[j * d + k];
            }
            factor[i * d + j] = if i == j {
                // Rounding may leave a dependent column a little below or above zero.
                if rest > 1e-12 { rest.sqrt() } else { 0.0 }
            } else if factor[j * d + j] > 0.0 {
                rest / factor[j * d + j]
            } else {
                0.0
            };
        }
    }
    factor
}

/// `n` draws with the correlation of `factor`, as `d` columns.
pub fn correlated_columns(factor: &[f64], d: usize, n: usize, rng: &mut seed::ChaCha8Rng) -> Vec<Vec<f64>> {
    let mut columns = vec![Vec::with_capacity(n); d];
    let mut z = vec![0.0; d];
    for _ in 0..n {
        for v in &mut z {
            *v = seed::normal(rng);
        }
        for (i, column) in columns.iter_mut().enumerate() {
            column.push((0..=i).map(|k| factor[i * d + k] * z[k]).sum());
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_known_probabilities() {
        // scipy.stats.norm.ppf
        for (p, z) in [
            (0.5, 0.0),
            (0.975, 1.959_963_984_540_054),
            (0.01, -2.326_347_874_040_840_8),
            (1e-12, -7.034_483_825_301_132),
            (0.9, 1.281_551_565_544_600_4),
            (0.999_9, 3.719_016_485_455_709),
        ] {
            assert!((normal_quantile(p) - z).abs() < 1e-11, "p {p}: {} is not {z}", normal_quantile(p));
        }
        assert_eq!((normal_quantile(0.0), normal_quantile(1.0)), (f64::NEG_INFINITY, f64::INFINITY));
    }

    #[test]
    fn draws_have_the_wanted_correlation() {
        let mut rng = seed::stream(5, "test");
        let x: Vec<f64> = (0..4000).map(|_| seed::normal(&mut rng)).collect();
        let y: Vec<f64> = x.iter().map(|v| 0.8 * v + 0.6 * seed::normal(&mut rng)).collect();
        let constant = vec![1.0; 4000];
        let factor = correlation_factor(&[x.clone(), y, constant, x.clone()]);
        let drawn = correlated_columns(&factor, 4, 4000, &mut rng);
        assert!((stats::pearson(&drawn[0], &drawn[1]).unwrap() - 0.8).abs() < 0.03);
        assert!(stats::pearson(&drawn[0], &drawn[2]).unwrap().abs() < 0.05);
        assert!(
            (stats::pearson(&drawn[0], &drawn[3]).unwrap() - 1.0).abs() < 1e-6,
            "a repeated column stays one"
        );
    }
}
