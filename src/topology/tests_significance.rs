//! The tests of significance as a whole: uniform under the null, powerful on rings, the same on any machine.

use super::calibration::uniform_distance;
use super::significance::Test;
use super::*;
use crate::core::matrix::Matrix;
use crate::core::seed;
use rand::RngExt;

fn options(nulls: usize, seed: u64) -> SignificanceOptions {
    SignificanceOptions { nulls, seed, secondary: false, ..SignificanceOptions::default() }
}

fn points(m: &Matrix) -> Points {
    Points::from_matrix(m).unwrap()
}

fn quiet(field: &Matrix, o: &SignificanceOptions) -> Significance {
    significance(&points(field), None, o, &Hooks::none(), &|_, _| {}).unwrap()
}

/// A field without loops: correlated normal rows, and what is made of each.
#[derive(Clone, Copy, Debug)]
enum Noise {
    /// As they are: a Gaussian copula with Gaussian margins.
    Gaussian,
    /// Gaussian copula, margins with tails as of sinh.
    HeavyMargins,
    /// Student's t copula with 3 degrees of freedom: far rows are far in every column together.
    HeavyCopula,
}

fn noise(kind: Noise, n: usize, d: usize, seed: u64) -> Matrix {
    let mut rng = seed::stream(seed, "test.noise");
    let mut m = Matrix::zeros(n, d);
    for r in 0..n {
        let shared = seed::normal(&mut rng);
        let chi: f64 = (0..3).map(|_| seed::normal(&mut rng).powi(2)).sum();
        for c in 0..d {
            let x: f64 = 0.6 * shared + 0.8 * seed::normal(&mut rng);
            let x = match kind {
                Noise::Gaussian => x,
                Noise::HeavyMargins => (2.0 * x).sinh(),
                Noise::HeavyCopula => x / (chi / 3.0).sqrt(),
            };
            m.set(r, c, x as f32);
        }
    }
    m
}

fn primary_p(kind: Noise, fields: std::ops::Range<u64>) -> Vec<f64> {
    fields.map(|s| quiet(&noise(kind, 50, 3, s), &options(39, 1000 + s)).primary.p).collect()
}

fn rejected(p: &[f64]) -> f64 {
    p.iter().filter(|p| **p <= 0.05).count() as f64 / p.len() as f64
}

/// A ring in the first two columns for the first `on_ring` rows (spread 0.1), a blob in its middle for the others.
fn planted(n: usize, d: usize, on_ring: usize, radius: f32, seed: u64) -> Matrix {
    let mut rng = seed::stream(seed, "test.ring");
    let mut m = Matrix::zeros(n, d);
    for r in 0..n {
        let (spread, radius) = if r < on_ring { (0.1, radius) } else { (0.3, 0.0) };
        let angle = rng.random::<f32>() * std::f32::consts::TAU;
        for c in 0..d {
            let centre = [radius * angle.cos(), radius * angle.sin()].get(c).copied().unwrap_or(0.0);
            m.set(r, c, centre + spread * seed::normal(&mut rng) as f32);
        }
    }
    m
}

#[test]
fn p_values_are_uniform_on_three_hundred_fields_without_loops() {
    let gaussian = primary_p(Noise::Gaussian, 0..150);
    let heavy = primary_p(Noise::HeavyMargins, 150..300);
    for p in [&gaussian, &heavy] {
        assert!(rejected(p) <= 0.05 + 2.6 * (0.05_f64 * 0.95 / 150.0).sqrt(), "{}", rejected(p));
    }
    let all: Vec<f64> = gaussian.into_iter().chain(heavy).collect();
    // 1.63 / sqrt(n) is the 1% point; p-values in steps of 1/40 add at most one step.
    let most = 1.63 / (all.len() as f64).sqrt() + 1.0 / 40.0;
    assert!(uniform_distance(&all) < most, "distance {} of at most {most}", uniform_distance(&all));
    assert!(all.iter().any(|p| *p < 0.1) && all.iter().any(|p| *p > 0.9), "all of the range is used");
}

#[test]
fn tails_that_come_together_are_not_taken_for_loops() {
    // The null has a Gaussian copula; a t copula must not be rejected more often for it.
    let p = primary_p(Noise::HeavyCopula, 300..450);
    assert!(rejected(&p) <= 0.05 + 2.6 * (0.05_f64 * 0.95 / 150.0).sqrt(), "{}", rejected(&p));
}

#[test]
fn planted_rings_of_three_sizes_are_found() {
    for (radius, n, d, on_ring) in [(0.5, 100, 3, 100), (1.0, 100, 3, 100), (2.0, 150, 5, 100)] {
        let found: Vec<Test> = (0..10)
            .map(|s| quiet(&planted(n, d, on_ring, radius, 70 + s), &options(39, s)).primary)
            .collect();
        let power = found.iter().filter(|t| t.p <= 0.05).count();
        assert!(power >= 8, "radius {radius}: found in {power} of 10 fields");
        assert!(found.iter().filter(|t| t.effect.is_some_and(|e| e > 2.0)).count() >= 8);
    }
    // A ring no wider than its noise is hidden: the test must not claim it.
    let hidden = quiet(&planted(100, 3, 100, 0.1, 7), &options(39, 5)).primary;
    assert!(hidden.p > 0.05, "p = {}", hidden.p);
}

#[test]
fn draws_do_not_depend_on_threads_and_are_told_one_by_one() {
    let field = planted(60, 3, 30, 1.0, 3);
    let told = std::sync::Mutex::new(Vec::new());
    let on_null = |i: usize, v: f64| told.lock().unwrap().push((i, v));
    let a = significance(&points(&field), None, &options(19, 2), &Hooks::none(), &on_null).unwrap();
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let b = one.install(|| quiet(&field, &options(19, 2)));
    assert_eq!(serde_json::to_string(&a).unwrap(), serde_json::to_string(&b).unwrap());
    let mut told = told.into_inner().unwrap();
    told.sort_by_key(|t| t.0);
    assert_eq!(told.iter().map(|t| t.1).collect::<Vec<_>>(), a.primary.null_values);
    assert_eq!((a.primary.n_nulls, a.secondary.len(), a.betti_bands.len()), (19, 2, 2));
    assert!(a.betti_bands[1].q05.iter().zip(&a.betti_bands[1].q95).all(|(l, h)| l <= h));
    // A budget for one field at a time gives the same numbers.
    let mut tight = options(19, 2);
    tight.topology.budget_bytes = analysis::predicted_bytes(60, 1);
    assert_eq!(quiet(&field, &tight), a);
}

#[test]
fn agreeing_minds_cannot_be_rejected_by_raw_pairing_but_by_scaled_pairing() {
    // Both minds see the same turns; their difference is a ring, small beside what they agree on.
    let mut rng = seed::stream(11, "test.minds");
    let ring = planted(80, 3, 80, 0.4, 11);
    let b = Matrix::from_fn(80, 3, |_, _| 2.0 * seed::normal(&mut rng) as f32);
    let a = Matrix::from_fn(80, 3, |r, c| b.get(r, c) + ring.get(r, c));
    let o = SignificanceOptions { secondary: true, ..options(39, 4) };
    let s = significance(&points(&ring), Some((&points(&a), &points(&b))), &o, &Hooks::none(), &|_, _| {})
        .unwrap();
    let pairing = s.secondary.iter().find(|t| t.null == "pairing").unwrap();
    assert!(pairing.p <= 0.05, "scaled: p = {}", pairing.p);
    // The same draws without the division: mispaired fields are larger, so their loops are longer.
    let null = nulls::Mispaired::of(&points(&a), &points(&b)).unwrap();
    let longest = |p: &Points| {
        let a = analyse_points(p, &Options::default(), &Hooks::none()).unwrap();
        a.longest(1).and_then(|(_, b)| b.length()).unwrap_or(0.0)
    };
    let raw: Vec<f64> = (0..39).map(|i| longest(&nulls::Null::draw(&null, 4, i).unwrap())).collect();
    let p = significance::p_value(longest(&null.observed().unwrap()), &raw, significance::Tail::Upper);
    assert!(p > 0.2, "raw: p = {p}");
    assert!(s.secondary.iter().any(|t| t.null == "sign flips"));
    assert!(s.secondary.iter().filter(|t| t.p_holm.is_some()).count() == 2);
}

#[test]
fn no_nulls_and_odd_shapes_are_refused() {
    let m = planted(20, 3, 10, 1.0, 1);
    let none = significance(&points(&m), None, &options(0, 1), &Hooks::none(), &|_, _| {});
    assert_eq!(none.err(), Some(TopologyError::NoNulls));
    let o = SignificanceOptions { secondary: true, ..options(5, 1) };
    let short = m.select_rows(&[0, 1]);
    let shapes =
        significance(&points(&m), Some((&points(&m), &points(&short))), &o, &Hooks::none(), &|_, _| {});
    assert!(matches!(shapes, Err(TopologyError::Shapes { .. })));
    let stop = Hooks { cancelled: &|| true, ..Hooks::none() };
    let stopped = significance(&points(&m), None, &options(5, 1), &stop, &|_, _| {});
    assert_eq!(stopped.err(), Some(TopologyError::Cancelled));
    let flat = quiet(&Matrix::filled(30, 2, 1.0), &options(9, 1));
    assert_eq!((flat.primary.p, flat.primary.observed), (1.0, 0.0), "no loops anywhere: p = 1");
}
