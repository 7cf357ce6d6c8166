//! Known answers of the four maps.

use super::canonical::{COLUMNS, Canonical};
use super::density::Density;
use super::epistemic::Quadrant;
use super::*;
use crate::core::seed::{normal, stream};

/// `[n, 12]` standard normal columns; `length` equal for all.
fn noise(n: usize, seed: u64) -> Matrix {
    let mut rng = stream(seed, "frontier tests");
    Matrix::from_fn(n, scm::N_COLUMNS, |_, c| if c == scm::LENGTH { 0.6 } else { normal(&mut rng) as f32 })
}

#[test]
fn a_linear_image_correlates_wholly_and_leaves_nothing_over() {
    let a = noise(300, 1);
    // Each column of B mixes two of A's, one to one.
    let b = Matrix::from_fn(300, scm::N_COLUMNS, |r, c| match COLUMNS.iter().position(|x| *x == c) {
        Some(k) => a.get(r, c) + 0.5 * a.get(r, COLUMNS[(k + 1) % 10]),
        None => 0.6,
    });
    let found = Canonical::between(&a, &COLUMNS, &b, &COLUMNS, 1e-9, 0).unwrap();
    assert!(
        found.metrics.correlations.iter().all(|r| (r - 1.0).abs() < 1e-6),
        "{:?}",
        found.metrics.correlations
    );
    assert!(found.norm.iter().all(|v| *v < 1e-4));
    assert!(found.metrics.explained_a.iter().all(|v| *v > 0.9999));
    assert_eq!(found.metrics.p, 1.0 / 200.0);
}

#[test]
fn a_planted_correlation_is_found_and_the_rest_is_chance() {
    let (mut a, mut b) = (noise(2000, 2), noise(2000, 3));
    let shared = noise(2000, 4);
    let rho = 0.8_f32;
    for r in 0..2000 {
        let s = shared.get(r, 0);
        a.set(r, 1, rho.sqrt() * s + (1.0 - rho).sqrt() * a.get(r, 1));
        b.set(r, 4, rho.sqrt() * s + (1.0 - rho).sqrt() * b.get(r, 4));
    }
    let found = Canonical::of(&a, &b, 7).unwrap();
    let m = &found.metrics;
    assert!((m.correlations[0] - 0.8).abs() < 0.03, "{:?}", m.correlations);
    assert!(m.correlations[1] < 0.15 && m.chance_q95 < 0.2 && m.p < 0.01);
    assert!((m.explained_a[1] - 0.64).abs() < 0.04 && m.explained_a[0] < 0.03);
    let strongest = |l: &[f64]| (0..l.len()).max_by(|i, j| l[*i].abs().total_cmp(&l[*j].abs())).unwrap();
    assert_eq!(found.columns_a[strongest(&found.loadings_a)], 1);
    assert_eq!(found.columns_b[strongest(&found.loadings_b)], 4);
    assert!(!found.columns_a.contains(&scm::LENGTH) && !found.columns_a.contains(&scm::AGGREGATE));
}

#[test]
fn independent_passes_stay_within_chance() {
    let p: Vec<f64> = (0..5)
        .map(|s| Canonical::of(&noise(200, 10 + s), &noise(200, 50 + s), s).unwrap().metrics.p)
        .collect();
    assert!(p.iter().filter(|p| **p < 0.05).count() <= 1, "{p:?}");
}

#[test]
fn two_columns_have_the_correlation_that_scipy_gives() {
    // numpy: singular values of inv(sqrtm(Raa)) Rab inv(sqrtm(Rbb)) with X[r, c] as below, columns (0, 1) and (2, 3).
    let x = |r: usize, c: usize| {
        (0.9 * r as f64 + 1.7 * c as f64).sin() + 0.3 * (0.31 * (r * (c + 1)) as f64).cos()
    };
    let a = Matrix::from_fn(60, 12, |r, c| x(r, c) as f32);
    let b = Matrix::from_fn(60, 12, |r, c| x(r, c + 2) as f32);
    for (ridge, want) in [
        (1e-12, [0.949_776_652_798_799_1, 0.911_100_381_595_676_7]),
        (0.05, [0.907_720_470_739_787_2, 0.860_551_737_882_971_3]),
    ] {
        let found = Canonical::between(&a, &[0, 1], &b, &[0, 1], ridge, 0).unwrap();
        for (ours, want) in found.metrics.correlations.iter().zip(want) {
            assert!((ours - want).abs() < 1e-6, "{ridge}: {:?}", found.metrics.correlations);
        }
    }
}

#[test]
fn passes_that_tell_only_scores_or_nothing() {
    let cut = |m: &Matrix| Matrix::from_fn(m.rows(), 12, |r, c| if c < 5 { m.get(r, c) } else { f32::NAN });
    let (a, b) = (cut(&noise(100, 5)), noise(100, 6));
    let found = Canonical::of(&a, &b, 0).unwrap();
    assert_eq!((found.columns_a.len(), found.columns_b.len(), found.metrics.correlations.len()), (5, 10, 5));
    assert!(uncertainty_gap(&a, &b, None).is_none());
    let m = measure(&a, &b, None, 0);
    assert!(m.epistemic.is_empty() && m.arrows.is_some() && !m.uncertainty_by_dimension);
    assert!(
        Canonical::of(&Matrix::filled(100, 12, 0.5), &b, 0).is_none(),
        "a constant pass correlates with nothing"
    );
    assert!(Canonical::of(&noise(10, 1), &noise(10, 2), 0).is_none(), "too few turns");
    let nothing = Matrix::filled(50, 12, f32::NAN);
    let m = measure(&nothing, &nothing, None, 0);
    assert_eq!((m.agreement["clarity"].n, m.arrows, m.canonical), (0, None, None));
}

#[test]
fn quadrants_are_named_and_counted() {
    assert_eq!(Quadrant::of(0.2, -0.1), Some(Quadrant::AHigherSurer));
    assert_eq!(Quadrant::of(-0.2, 0.1), Some(Quadrant::BHigherSurer));
    assert_eq!(Quadrant::of(0.0, 0.1), None);
    assert_eq!(Quadrant::of(f64::NAN, 0.1), None);
    let q = Quadrants::of(&[0.1, 0.2, -0.1, -0.3, 0.0, f32::NAN], &[-0.1, 0.1, 0.2, -0.2, 0.3, 0.1]);
    assert_eq!((q.n, q.on_axis), (5, 1));
    assert!(Quadrant::ALL.iter().all(|k| q.count(*k) == 1));
    assert_eq!((q.surer_is_higher(), q.surer_is_higher_by_chance()), (Some(0.5), Some(0.5)));
    let q = Quadrants::of(&[0.1, 0.1, 0.1, -0.1], &[-0.1, -0.1, 0.1, 0.1]);
    assert_eq!((q.surer_is_higher(), q.surer_is_higher_by_chance()), (Some(0.75), Some(0.5)));
}

#[test]
fn arrows_that_all_point_one_way_say_so() {
    let b = noise(900, 8);
    let a = Matrix::from_fn(900, 12, |r, c| b.get(r, c) + if c == 0 { 0.3 } else { 0.0 });
    let found = Arrows::of(&a, &b).unwrap();
    assert!((found.metrics.one_way - 1.0).abs() < 1e-3, "{:?}", found.metrics);
    assert!(found.metrics.delta_shown <= 1.0);
    assert_eq!((found.drawn(3).len(), found.drawn(3) == found.drawn(3)), (arrows::DRAWN, true));
    assert!(found.drawn(3).windows(2).all(|w| w[0] < w[1]));
    let equal = Arrows::of(&b, &b).unwrap().metrics;
    assert_eq!((equal.mean_length, equal.one_way, equal.delta_shown), (0.0, 0.0, 0.0));
}

#[test]
fn who_is_higher_is_counted_with_the_same_closeness_everywhere() {
    let m = Agreement::of(&[0.5, 0.6, 0.4, 0.55, f32::NAN], &[0.5, 0.5, 0.5, 0.5, 0.1]);
    assert_eq!(m, Agreement { n: 4, a_higher: 1, b_higher: 1, close: 2 });
}

#[test]
fn contours_hold_the_share_they_say() {
    let mut rng = stream(6, "density");
    let points: Vec<(f64, f64)> =
        (0..3000).map(|_| (0.5 + 0.1 * normal(&mut rng), 0.5 + 0.1 * normal(&mut rng))).collect();
    let density = Density::of(&points, (0.0, 1.0), (0.0, 1.0)).unwrap();
    assert!((density.values.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    for share in [0.5, 0.9] {
        let lines = density.contour(density.level(share));
        assert_eq!(lines.len(), 1, "one hill has one contour");
        let line = &lines[0];
        assert_eq!(line.first(), line.last(), "closed");
        // A round hill: the contour is a circle whose radius holds the share, a little wider for the kernel.
        let radius = 0.1 * (-2.0 * (1.0_f64 - share).ln()).sqrt();
        for (x, y) in line {
            let r = (x - 0.5).hypot(y - 0.5);
            assert!((r / radius - 1.0).abs() < 0.2, "{share}: {r} {radius}");
        }
    }
    assert!(Density::of(&points[..4], (0.0, 1.0), (0.0, 1.0)).is_none());
    assert!(Density::of(&[(0.5, 0.5); 40], (0.0, 1.0), (0.0, 1.0)).is_none(), "no spread");
}

#[test]
fn the_same_on_any_number_of_threads() {
    let (a, b) = (noise(120, 20), noise(120, 21));
    let on = |n| {
        rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap().install(|| measure(&a, &b, None, 9))
    };
    assert_eq!(serde_json::to_string(&on(1)).unwrap(), serde_json::to_string(&on(3)).unwrap());
}
