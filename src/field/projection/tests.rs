//! What must hold of every projection.

use super::*;
use crate::core::seed::{normal, stream};
use proptest::prelude::*;

/// Four clouds in seven dimensions, and the cloud of each row.
fn clouds(n: usize) -> (Matrix, Vec<usize>) {
    let mut rng = stream(11, "clouds");
    let of: Vec<usize> = (0..n).map(|r| r % 4).collect();
    let points = Matrix::from_fn(n, 7, |r, c| {
        let centre = if c == of[r] { 3.0 } else { 0.0 };
        centre + 0.4 * normal(&mut rng) as f32
    });
    (points, of)
}

fn run(points: &Matrix, options: &Options) -> Projected {
    project(points, options, &JobContext::detached()).unwrap()
}

#[test]
fn umap_keeps_clouds_apart_and_can_be_trusted() {
    let (points, of) = clouds(240);
    let found = run(&points, &Options::default());
    assert!(found.trust.value > 0.93, "{:?}", found.trust);
    let near =
        neighbours::nearest(&Matrix::from_fn(240, 2, |r, c| found.xy[r][c]), 5, &JobContext::detached())
            .unwrap();
    let strangers = (0..240).flat_map(|r| near.of(r).iter().map(move |o| (r, *o as usize)));
    assert_eq!(strangers.filter(|(r, o)| of[*r] != of[*o]).count(), 0, "neighbours are of the same cloud");
    let mean: f32 = found.xy.iter().map(|p| p[0]).sum::<f32>() / 240.0;
    assert!(mean.abs() < 1e-3, "centred");
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads_and_another_seed_another_picture() {
    let (points, _) = clouds(333);
    for method in Method::ALL {
        let options = Options { method, seed: 5, ..Options::default() };
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| run(&points, &options))
        };
        let (one, two) = (on(1), on(2));
        let bits = |p: &Projected| p.xy.iter().flatten().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&one), bits(&two));
        assert_eq!(one.trust.value.to_bits(), two.trust.value.to_bits());
    }
    let other = Options { seed: 6, ..Options::default() };
    assert_ne!(run(&points, &other).xy, run(&points, &Options { seed: 5, ..Options::default() }).xy);
}

#[test]
fn pca_of_a_plane_loses_nothing() {
    let mut rng = stream(2, "plane");
    let uv: Vec<[f64; 2]> = (0..60).map(|_| [2.0 * normal(&mut rng), normal(&mut rng)]).collect();
    let points = Matrix::from_fn(60, 5, |r, c| {
        (uv[r][0] * (c as f64 + 1.0) + uv[r][1] * ((c * c) as f64 - 6.0)) as f32
    });
    let found = run(&points, &Options { method: Method::Pca, ..Options::default() });
    let shares = found.explained.unwrap();
    assert!((shares[0] + shares[1] - 1.0).abs() < 1e-6 && shares[0] >= shares[1]);
    assert!(found.trust.value > 0.999, "{:?}", found.trust);
}

#[test]
fn trustworthiness_is_that_of_scikit_learn() {
    // sklearn.manifold.trustworthiness 1.7 on X[r, c] = sin(0.7 r + 1.3 c + 0.01 r c) in float64 rounded to float32, with
    // Y = X[:, [k, 3]].
    let points = Matrix::from_fn(80, 6, |r, c| {
        let (r, c) = (r as f64, c as f64);
        (0.7 * r + 1.3 * c + 0.01 * r * c).sin() as f32
    });
    for (column, k, want) in
        [(0, 5, 0.932_083_333_333_333_3), (0, 15, 0.939_736_842_105_263_2), (1, 12, 0.781_707_317_073_170_8)]
    {
        let xy: Vec<[f32; 2]> = (0..80).map(|r| [points.get(r, column), points.get(r, 3)]).collect();
        let found = trust::trustworthiness(&points, &xy, k, 0, &JobContext::detached()).unwrap();
        assert!((found.value - want).abs() < 1e-9, "{column} {k}: {}", found.value);
    }
}

#[test]
fn equal_rows_few_rows_and_bad_values() {
    let same = run(&Matrix::filled(40, 3, 0.5), &Options::default());
    assert!(same.xy.iter().flatten().all(|v| v.is_finite()));
    let few = run(&Matrix::from_fn(5, 3, |r, c| (r * c) as f32), &Options::default());
    assert_eq!((few.xy.len(), few.trust.k), (5, 2));
    let ctx = JobContext::detached();
    assert!(matches!(
        project(&Matrix::zeros(4, 3), &Options::default(), &ctx),
        Err(ProjectionError::TooFew(4))
    ));
    let mut hole = Matrix::zeros(9, 3);
    hole.set(4, 1, f32::NAN);
    let error = project(&hole, &Options::default(), &ctx).unwrap_err().to_string();
    assert!(error.contains("row 4") && error.contains("column 1"), "{error}");
    let bad = Options { min_dist: f64::NAN, ..Options::default() };
    assert!(project(&Matrix::zeros(9, 3), &bad, &ctx).is_err());
}

#[test]
fn a_stop_is_heard() {
    let ctx = JobContext::detached();
    ctx.cancel_token().cancel();
    let (points, _) = clouds(100);
    assert!(matches!(project(&points, &Options::default(), &ctx), Err(ProjectionError::Cancelled(_))));
}

#[test]
fn wide_tables_go_through_principal_components_first() {
    let mut rng = stream(9, "wide");
    let (low, _) = clouds(120);
    let mix: Vec<f32> = (0..7 * 130).map(|_| normal(&mut rng) as f32).collect();
    let wide = Matrix::from_fn(120, 130, |r, c| (0..7).map(|k| low.get(r, k) * mix[k * 130 + c]).sum());
    assert!(run(&wide, &Options::default()).trust.value > 0.9);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn blocked_neighbours_are_the_nearest(n in 2_usize..600, d in 1_usize..9, k in 1_usize..20, seed in 0_u64..1000) {
        let mut rng = stream(seed, "neighbours");
        // Few distinct values, so that ties and equal rows occur.
        let points = Matrix::from_fn(n, d, |_, _| (normal(&mut rng) * 2.0).round() as f32);
        let near = neighbours::nearest(&points, k, &JobContext::detached()).unwrap();
        let k = k.min(n - 1);
        prop_assert_eq!(near.k, k);
        for r in (0..n).step_by(7) {
            let squared = |o: usize| -> f64 {
                points.row(r).iter().zip(points.row(o)).map(|(a, b)| f64::from(a - b).powi(2)).sum()
            };
            let mut all: Vec<(f64, u32)> = (0..n).filter(|o| *o != r).map(|o| (squared(o), o as u32)).collect();
            all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let want: Vec<u32> = all[..k].iter().map(|a| a.1).collect();
            prop_assert_eq!(near.of(r), &want[..]);
        }
    }

    #[test]
    fn turning_and_growing_a_picture_changes_no_trust(angle in 0.0_f32..6.0, scale in 0.1_f32..20.0) {
        let (points, _) = clouds(60);
        let xy: Vec<[f32; 2]> = (0..60).map(|r| [points.get(r, 0), points.get(r, 1)]).collect();
        let turned: Vec<[f32; 2]> = xy
            .iter()
            .map(|p| [scale * (p[0] * angle.cos() - p[1] * angle.sin()), scale * (p[0] * angle.sin() + p[1] * angle.cos())])
            .collect();
        let of = |xy: &[[f32; 2]]| trust::trustworthiness(&points, xy, 7, 0, &JobContext::detached()).unwrap().value;
        prop_assert!((of(&xy) - of(&turned)).abs() < 2e-4);
    }
}
