//! The tests of significance as a whole: uniform under the null, powerful on rings, the same on any machine.

use super::*;
use crate::core::matrix::Matrix;
use crate::core::seed;
use rand::RngExt;

fn options(nulls: usize, seed: u64) -> SignificanceOptions {
    SignificanceOptions { nulls, seed, secondary: false, ..SignificanceOptions::default() }
}

fn quiet(field: &Matrix, o: &SignificanceOptions) -> Significance {
    significance(field, None, o, &Hooks::none(), &|_, _| {}).unwrap()
}

/// Correlated heavy-tailed noise: what a field without loops looks like.
fn noise(n: usize, d: usize, seed: u64) -> Matrix {
    let mut rng = seed::stream(seed, "test.noise");
    let mut m = Matrix::zeros(n, d);
    for r in 0..n {
        let shared = seed::normal(&mut rng);
        for c in 0..d {
            let x: f64 = 0.6 * shared + 0.8 * seed::normal(&mut rng);
            m.set(r, c, (x * x * x).cbrt().sinh() as f32);
        }
    }
    m
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
fn p_values_are_uniform_on_fields_without_loops() {
    let mut p: Vec<f64> =
        (0..40).map(|s| quiet(&noise(60, 3, s), &options(39, 1000 + s)).primary.p).collect();
    p.sort_by(f64::total_cmp);
    // Kolmogorov-Smirnov against the uniform distribution; 1.36 / sqrt(n) is the 5% point.
    let n = p.len() as f64;
    let distance = p
        .iter()
        .enumerate()
        .map(|(i, p)| (p - i as f64 / n).abs().max((p - (i + 1) as f64 / n).abs()))
        .fold(0.0, f64::max);
    assert!(distance < 1.36 / n.sqrt(), "distance {distance}, p-values {p:?}");
    assert!(p.iter().filter(|p| **p <= 0.05).count() <= 6, "too many rejections: {p:?}");
}

#[test]
fn planted_rings_of_three_sizes_are_found() {
    for (radius, n, d, on_ring) in [(0.5, 100, 3, 100), (1.0, 100, 3, 100), (2.0, 150, 5, 100)] {
        let s = quiet(&planted(n, d, on_ring, radius, 7), &options(99, 5));
        assert!(s.primary.p <= 0.02, "radius {radius}: p = {}", s.primary.p);
        assert!(s.primary.observed > s.primary.q95 && s.primary.effect.unwrap() > 2.0);
    }
}

#[test]
fn draws_do_not_depend_on_threads_and_are_told_one_by_one() {
    let field = planted(60, 3, 30, 1.0, 3);
    let told = std::sync::Mutex::new(Vec::new());
    let on_null = |i: usize, v: f64| told.lock().unwrap().push((i, v));
    let a = significance(&field, None, &options(19, 2), &Hooks::none(), &on_null).unwrap();
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
    let s = significance(&ring, Some((&a, &b)), &o, &Hooks::none(), &|_, _| {}).unwrap();
    let pairing = s.secondary.iter().find(|t| t.null == "pairing").unwrap();
    assert!(pairing.p <= 0.05, "scaled: p = {}", pairing.p);
    // The same draws without the division: mispaired fields are larger, so their loops are longer.
    let null = nulls::Mispaired::of(&a, &b).unwrap();
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
    let none = significance(&m, None, &options(0, 1), &Hooks::none(), &|_, _| {});
    assert_eq!(none.err(), Some(TopologyError::NoNulls));
    let o = SignificanceOptions { secondary: true, ..options(5, 1) };
    let short = m.select_rows(&[0, 1]);
    let shapes = significance(&m, Some((&m, &short)), &o, &Hooks::none(), &|_, _| {});
    assert!(matches!(shapes, Err(TopologyError::Shapes { .. })));
    let stop = Hooks { cancelled: &|| true, progress: &|_, _, _| {} };
    let stopped = significance(&m, None, &options(5, 1), &stop, &|_, _| {});
    assert_eq!(stopped.err(), Some(TopologyError::Cancelled));
    let flat = quiet(&Matrix::filled(30, 2, 1.0), &options(9, 1));
    assert_eq!((flat.primary.p, flat.primary.observed), (1.0, 0.0), "no loops anywhere: p = 1");
}
