//! Surfaces of voids: what is guaranteed of them, before and after they are made smaller, and how much smaller they get.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use rand::RngExt;

use super::filtration::Filtration;
use super::shorten::shorten;
use super::surfaces::{Face, Opening, first_surface, surface};
use super::*;
use crate::core::bar::Bar;
use crate::core::{npy, seed};

type Chain = BTreeSet<Face>;

/// Whether a set of triangles bounds in the complex of the tetrahedra that `there` says are there.
fn bounds(points: &Points, faces: &Chain, there: impl Fn([usize; 4]) -> bool) -> bool {
    let n = points.len();
    let mut columns: HashMap<Face, Chain> = HashMap::new();
    let reduce = |columns: &HashMap<Face, Chain>, mut column: Chain| {
        while let Some(other) = column.last().and_then(|low| columns.get(low)) {
            column = column.symmetric_difference(other).copied().collect();
        }
        column
    };
    for a in 0..n {
        for b in a + 1..n {
            for c in b + 1..n {
                for d in (c + 1..n).filter(|d| there([a, b, c, *d])) {
                    let tetrahedron = BTreeSet::from([[a, b, c], [a, b, d], [a, c, d], [b, c, d]]);
                    let column = reduce(&columns, tetrahedron);
                    if let Some(low) = column.last().copied() {
                        columns.insert(low, column);
                    }
                }
            }
        }
    }
    reduce(&columns, faces.clone()).is_empty()
}

fn sides(vertices: &[usize]) -> Vec<(usize, usize)> {
    let after = |(at, a): (usize, &usize)| vertices[at + 1..].iter().map(|b| (*a, *b)).collect::<Vec<_>>();
    vertices.iter().enumerate().flat_map(after).collect()
}

/// Whether a simplex is older than the opening triangle, from distances alone; no two distances of the cloud are equal.
fn is_older(points: &Points, bar: &Bar, simplex: &[usize]) -> bool {
    let opening: Vec<usize> = bar.birth_simplex.iter().map(|v| *v as usize).collect();
    let length = |(a, b): (usize, usize)| points.distance(a, b);
    let long = sides(&opening).into_iter().max_by(|x, y| length(*x).total_cmp(&length(*y))).unwrap();
    let third = *opening.iter().find(|v| **v != long.0 && **v != long.1).unwrap();
    sides(simplex).into_iter().all(|s| length(s) < bar.birth || s == long)
        && (!(simplex.contains(&long.0) && simplex.contains(&long.1))
            || simplex.iter().all(|v| *v == long.0 || *v == long.1 || *v < third))
}

/// Closed, with the opening triangle in it and nothing else as young.
fn assert_is_right(points: &Points, bar: &Bar, faces: &Chain) {
    let mut count: HashMap<(usize, usize), usize> = HashMap::new();
    let opening: Face = std::array::from_fn(|i| bar.birth_simplex[i] as usize);
    for face in faces {
        for side in sides(face) {
            *count.entry(side).or_default() += 1;
        }
        assert!(*face == opening || is_older(points, bar, face), "{face:?} is younger than {opening:?}");
    }
    assert!(count.values().all(|n| n % 2 == 0), "closed: {faces:?}");
    assert!(faces.contains(&opening), "the opening triangle is part of it");
}

fn perimeters(points: &Points, faces: &Chain) -> f64 {
    faces.iter().flat_map(|f| sides(f)).map(|(a, b)| points.distance(a, b)).sum()
}

/// Checks every surface of a cloud, before and after; with `algebra` also what needs a matrix of all tetrahedra.
/// The bars with the number of triangles before and after.
fn check(points: &Points, algebra: bool) -> Vec<(Bar, usize, usize)> {
    let hooks = Hooks::none();
    let filtration = Filtration::new(points, None, &hooks).unwrap();
    let mut walked = rips::walk(&filtration, true, &hooks).unwrap();
    let bars = voids::bars(&filtration, &walked, u64::MAX, &hooks).unwrap();
    let mut out = Vec::new();
    for bar in bars {
        let (before, opening) = first_surface(&filtration, &mut walked, &bar, &hooks).unwrap();
        let after = shorten(&filtration, &before, opening, &hooks).unwrap();
        assert_eq!(after, surface(&filtration, &mut walked, &bar, &hooks).unwrap(), "it repeats");
        assert_is_right(points, &bar, &before);
        assert_is_right(points, &bar, &after);
        let length = |faces| perimeters(points, faces);
        assert!(
            after.len() < before.len()
                || (after.len() == before.len() && length(&after) <= length(&before) + 1e-9),
            "from {} to {} triangles",
            before.len(),
            after.len()
        );
        if algebra {
            let difference: Chain = before.symmetric_difference(&after).copied().collect();
            assert!(bounds(points, &difference, |t| is_older(points, &bar, &t)), "the class stays");
            if let Some(death) = bar.death {
                let there = |t: [usize; 4]| sides(&t).iter().all(|(a, b)| points.distance(*a, *b) < death);
                assert!(!bounds(points, &after, there), "no boundary before the void ends");
            }
        }
        out.push((bar, before.len(), after.len()));
    }
    out
}

/// Points about a sphere: of radius 1, with noise of this size along the radius.
fn sphere(n: usize, noise: f64, seed: u64) -> Vec<[f64; 3]> {
    let mut rng = seed::stream(seed, "sphere");
    let mut point = || {
        let row: [f64; 3] = std::array::from_fn(|_| seed::normal(&mut rng));
        let radius = 1.0 + noise * seed::normal(&mut rng);
        let norm = row.iter().map(|v| v * v).sum::<f64>().sqrt();
        row.map(|v| v / norm * radius)
    };
    (0..n).map(|_| point()).collect()
}

fn cloud(rows: &[[f64; 3]]) -> Points {
    Points::new(rows.len(), 3, rows.concat()).unwrap()
}

fn longest(found: Vec<(Bar, usize, usize)>) -> (Bar, usize, usize) {
    found.into_iter().max_by(|a, b| a.0.length().unwrap().total_cmp(&b.0.length().unwrap())).unwrap()
}

#[test]
fn surfaces_are_closed_born_in_time_alive_until_death_and_keep_their_class() {
    let (mut voids, mut smaller) = (0, 0);
    for seed in 0..30 {
        let mut rng = seed::stream(seed, "surfaces");
        let dim = 3 + (seed % 2) as usize;
        let n = 20;
        // A third of the clouds are noise, the others lie near a sphere.
        let mut data = Vec::new();
        for _ in 0..n {
            let row: Vec<f64> = (0..dim).map(|_| seed::normal(&mut rng)).collect();
            let norm = row.iter().map(|v| v * v).sum::<f64>().sqrt();
            let scale = if seed % 3 == 0 { 1.0 } else { 1.0 / norm };
            data.extend(row.iter().map(|v| v * scale));
        }
        let found = check(&Points::new(n, dim, data).unwrap(), true);
        voids += found.len();
        smaller += found.iter().filter(|(_, before, after)| after < before).count();
    }
    println!("{smaller} of {voids} surfaces got smaller");
    assert!(voids > 20 && smaller > 10, "{smaller} of {voids}");
}

#[test]
fn the_class_stays_where_voids_touch() {
    // Two spheres that share a cap: the younger void's surface may run round both.
    for seed in 0..4 {
        let mut rows = sphere(26, 0.03, seed);
        rows.extend(sphere(22, 0.03, seed + 100).iter().map(|[x, y, z]| [0.9 * x + 1.3, 0.9 * y, 0.9 * z]));
        assert!(!check(&cloud(&rows), true).is_empty());
    }
}

#[test]
fn surfaces_of_the_reference_clouds_are_right() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/topology");
    for (case, voids) in [("g12_100", 57), ("torus4_300", 83), ("circle_100", 4)] {
        let array = npy::read(&root.join(case).join("points.npy")).unwrap();
        let (rows, cols) = array.table().unwrap();
        let found = check(&Points::new(rows, cols, array.data).unwrap(), false);
        assert_eq!(found.len(), voids, "{case}");
        let (before, after) = found.iter().fold((0, 0), |s, f| (s.0 + f.1, s.1 + f.2));
        println!("{case}: {voids} surfaces, {before} triangles before, {after} after");
        assert!(after * 2 < before, "{case}: {after} of {before} triangles are left");
    }
}

/// How often the triangles cross a ray from the origin (its direction is general).
fn crossings(points: &Points, faces: &Chain) -> usize {
    let ray = [0.267, 0.534, 0.802];
    let det = |a: &[f64], b: &[f64], c: &[f64]| {
        a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0])
            + a[2] * (b[0] * c[1] - b[1] * c[0])
    };
    let crosses = |[a, b, c]: &&Face| {
        let (a, b, c) = (points.row(*a), points.row(*b), points.row(*c));
        let whole = det(a, b, c);
        [det(&ray, b, c), det(a, &ray, c), det(a, b, &ray)].iter().all(|part| part / whole > 0.0)
    };
    faces.iter().filter(crosses).count()
}

#[test]
fn a_surface_round_a_noisy_sphere_gets_much_smaller_and_still_goes_round() {
    let hooks = Hooks::none();
    for (n, noise, seed) in [(100, 0.05, 1), (150, 0.1, 2), (200, 0.0, 2)] {
        let points = cloud(&sphere(n, noise, seed));
        let filtration = Filtration::new(&points, None, &hooks).unwrap();
        let mut walked = rips::walk(&filtration, true, &hooks).unwrap();
        let bars = voids::bars(&filtration, &walked, u64::MAX, &hooks).unwrap();
        let bar =
            bars.into_iter().max_by(|a, b| a.length().unwrap().total_cmp(&b.length().unwrap())).unwrap();
        let (before, opening) = first_surface(&filtration, &mut walked, &bar, &hooks).unwrap();
        let start = std::time::Instant::now();
        let after = shorten(&filtration, &before, opening, &hooks).unwrap();
        let took = start.elapsed();
        assert_is_right(&points, &bar, &after);
        assert_eq!(
            (crossings(&points, &before) % 2, crossings(&points, &after) % 2),
            (1, 1),
            "it goes round"
        );
        println!("{n} points, noise {noise}: {} triangles, then {}, in {took:?}", before.len(), after.len());
        assert!(after.len() * 3 < before.len(), "{} triangles of {} are left", after.len(), before.len());
        // Euler's formula for a surface like a ball's: half as many corners as triangles, and two more.
        let corners: BTreeSet<usize> = after.iter().flatten().copied().collect();
        assert_eq!(2 * corners.len(), after.len() + 4, "no folds and no handles are left");
    }
}

/// Five heaps of points about corners of an octahedron, and one point beyond the sixth. The last edges of a closed surface
/// are those to that point, so the corners that it has edges with, and any point of the heap across, are an octahedron
/// that is older.
fn heaps(each: usize, width: f64, seed: u64) -> Vec<[f64; 3]> {
    let mut rng = seed::stream(seed, "heaps");
    let corner = |at: usize, axis: usize| if axis == at / 2 { 1.0 - 2.0 * (at % 2) as f64 } else { 0.0 };
    let mut point = |at: usize| std::array::from_fn(|axis| corner(at, axis) + width * seed::normal(&mut rng));
    let mut rows: Vec<[f64; 3]> = (0..5 * each).map(|i| point(i % 5)).collect();
    rows.push([0.0, 0.0, -1.35]);
    rows
}

#[test]
fn a_surface_over_heaps_about_six_corners_is_an_octahedron() {
    let mut most = 0;
    for seed in 0..6 {
        let (bar, before, after) = longest(check(&cloud(&heaps(12, 0.03, seed)), false));
        println!("born at {:.3}: {before} -> {after} triangles", bar.birth);
        assert_eq!(after, 8, "from {before}");
        most = most.max(before);
    }
    assert!(most > 8, "there was nothing to do");
}

#[test]
fn an_octahedron_is_its_own_surface() {
    let mut data = vec![0.0; 18];
    for axis in 0..3 {
        data[axis * 6 + axis] = 1.0;
        data[axis * 6 + 3 + axis] = -1.0;
    }
    let p = Points::new(6, 3, data).unwrap();
    let options = Options { max_dim: 2, cycles: CycleChoice::All, ..Options::default() };
    let a = analyse_points(&p, &options, &Hooks::none()).unwrap();
    let voids: Vec<_> = a.cycles.iter().filter(|c| a.bars[c.bar].dim == 2).collect();
    assert_eq!(voids.len(), 1);
    assert_eq!((voids[0].vertices.len(), voids[0].edges.len()), (6, 12));
}

/// The sum of the boundaries of many tetrahedra: folded, with thousands of triangles at a vertex, and in the class of
/// nothing.
fn crumpled(filtration: &Filtration, tetrahedra: usize) -> (Chain, Opening) {
    let rank = filtration.edges() as u32 - 1;
    let mut rng = seed::stream(5, "crumpled");
    let mut faces = Chain::new();
    let mut added = 0;
    while added < tetrahedra {
        let mut t: [usize; 4] = std::array::from_fn(|_| rng.random_range(0..filtration.vertices()));
        t.sort_unstable();
        if sides(&t).iter().any(|(a, b)| filtration.rank(*a, *b) >= rank) {
            continue;
        }
        added += 1;
        for skip in 0..4 {
            let face: Face = std::array::from_fn(|i| t[i + usize::from(i >= skip)]);
            if !faces.remove(&face) {
                faces.insert(face);
            }
        }
    }
    (faces, Opening { rank, third: 0 })
}

#[test]
fn a_boundary_shrinks_to_nothing() {
    let points = cloud(&sphere(60, 0.3, 7));
    let filtration = Filtration::new(&points, None, &Hooks::none()).unwrap();
    let (faces, opening) = crumpled(&filtration, 200);
    assert!(faces.len() > 600);
    let left = shorten(&filtration, &faces, opening, &Hooks::none()).unwrap();
    println!("{} triangles of {} are left", left.len(), faces.len());
    assert!(left.is_empty(), "{} triangles are left", left.len());
}

/// Processor time between two looks, on the most work there is: a point close to all others, thousands of triangles at it.
#[cfg(target_os = "linux")]
#[test]
fn shortening_looks_at_the_flag_every_200_ms_and_has_an_end() {
    let points = cloud(&sphere(1500, 0.3, 7));
    let filtration = Filtration::new(&points, None, &Hooks::none()).unwrap();
    let (faces, opening) = crumpled(&filtration, 20_000);
    let (longest, looks) = (AtomicU64::new(0), AtomicU64::new(0));
    let last = AtomicU64::new(super::tests::thread_nanoseconds());
    let look = || {
        let now = super::tests::thread_nanoseconds();
        longest.fetch_max(now - last.swap(now, Ordering::Relaxed), Ordering::Relaxed);
        looks.fetch_add(1, Ordering::Relaxed)
    };
    let watch = || {
        look();
        false
    };
    let start = super::tests::thread_nanoseconds();
    let left = shorten(&filtration, &faces, opening, &Hooks { cancelled: &watch, ..Hooks::none() }).unwrap();
    look();
    let ms = |ns: u64| ns as f64 / 1e6;
    let (longest, took) = (ms(longest.into_inner()), ms(super::tests::thread_nanoseconds() - start));
    println!("{} of {} triangles left; {took} ms, {longest} ms between two looks", left.len(), faces.len());
    assert!(looks.load(Ordering::Relaxed) > 10 && longest < 200.0, "{longest} ms without a look");
    // Asked for, it stops at the next look.
    looks.store(0, Ordering::Relaxed);
    let stop = || looks.fetch_add(1, Ordering::Relaxed) == 3;
    let stopped = shorten(&filtration, &faces, opening, &Hooks { cancelled: &stop, ..Hooks::none() });
    assert_eq!(stopped.err(), Some(TopologyError::Cancelled));
    assert_eq!(looks.into_inner(), 4);
}
