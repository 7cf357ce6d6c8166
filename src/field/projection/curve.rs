//! The curve 1 / (1 + a d^(2b)) that says how strongly points at distance d on the picture hold together.

/// Parameters of the curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Curve {
    /// Factor of the distance.
    pub a: f64,
    /// Half its exponent.
    pub b: f64,
}

/// Points of the curve that are fitted, as many as umap-learn takes.
const SAMPLES: usize = 300;

/// Fits the curve to 1 below `min_dist` and exp(-(d - min_dist) / spread) beyond, on 300 distances up to 3 spreads, by
/// least squares (Levenberg 1944, Marquardt 1963): the same fit as umap-learn's `find_ab_params`.
pub fn fit(min_dist: f64, spread: f64) -> Curve {
    let wanted: Vec<(f64, f64)> = (0..SAMPLES)
        .map(|i| {
            let x = 3.0 * spread * i as f64 / (SAMPLES - 1) as f64;
            (x, if x < min_dist { 1.0 } else { (-(x - min_dist) / spread).exp() })
        })
        .collect();
    let mut now = Curve { a: 1.0, b: 1.0 };
    let mut error = squared_error(&wanted, now);
    let mut damping = 1e-3;
    for _ in 0..200 {
        let Some(next) = step(&wanted, now, damping) else { break };
        let next_error = squared_error(&wanted, next);
        if next_error < error {
            let small = (next.a - now.a).abs() + (next.b - now.b).abs() < 1e-12;
            (now, error) = (next, next_error);
            damping *= 0.3;
            if small {
                break;
            }
        } else {
            damping *= 4.0;
        }
    }
    now
}

fn value(x: f64, c: Curve) -> f64 {
    1.0 / (1.0 + c.a * x.powf(2.0 * c.b))
}

fn squared_error(wanted: &[(f64, f64)], c: Curve) -> f64 {
    wanted.iter().map(|(x, y)| (y - value(*x, c)).powi(2)).sum()
}

/// One damped Gauss-Newton step; `None` when it leads out of the positive quadrant with any damping.
fn step(wanted: &[(f64, f64)], c: Curve, damping: f64) -> Option<Curve> {
    let (mut jaa, mut jab, mut jbb, mut ra, mut rb) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (x, y) in wanted.iter().filter(|(x, _)| *x > 0.0) {
        let power = x.powf(2.0 * c.b);
        let f = 1.0 / (1.0 + c.a * power);
        let (da, db) = (-f * f * power, -f * f * c.a * power * 2.0 * x.ln());
        let r = y - f;
        jaa += da * da;
        jab += da * db;
        jbb += db * db;
        ra += da * r;
        rb += db * r;
    }
    let (m, n) = (jaa * (1.0 + damping), jbb * (1.0 + damping));
    let det = m * n - jab * jab;
    let next = Curve { a: c.a + (n * ra - jab * rb) / det, b: c.b + (m * rb - jab * ra) / det };
    (next.a.is_finite() && next.b.is_finite()).then(|| Curve { a: next.a.max(1e-6), b: next.b.max(1e-3) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fit_is_that_of_umap_learn() {
        // umap.umap_.find_ab_params(1.0, min_dist) of umap-learn 0.5.
        let known = [
            (0.0, 1.932_808, 0.790_495),
            (0.1, 1.576_943, 0.895_061),
            (0.2, 1.262_058, 1.003_005),
            (0.5, 0.583_030, 1.334_167),
        ];
        for (min_dist, a, b) in known {
            let c = fit(min_dist, 1.0);
            assert!((c.a - a).abs() < 2e-5 && (c.b - b).abs() < 2e-5, "{min_dist}: {c:?}");
        }
    }
}
