//! The room as a whole: against a textbook reduction, under isometries, on known shapes and on bad input.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::core::bar::{Bar, Cycle};
use crate::core::matrix::Matrix;
use crate::core::seed;

fn all_dims() -> Options {
    Options { max_dim: 2, cycles: CycleChoice::All, ..Options::default() }
}

fn intervals(bars: &[Bar], dim: u8) -> Vec<(f64, f64)> {
    let mut out: Vec<(f64, f64)> =
        bars.iter().filter(|b| b.dim == dim).map(|b| (b.birth, b.death.unwrap_or(f64::INFINITY))).collect();
    out.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    out
}

/// Boundary matrix reduction over every simplex up to dimension `max_dim + 1`, straight from the textbook.
fn textbook(points: &Points, threshold: f64, max_dim: usize) -> Vec<Vec<(f64, f64)>> {
    let mut simplices: Vec<(f64, Vec<usize>)> = (0..points.len()).map(|v| (0.0, vec![v])).collect();
    let mut last = simplices.clone();
    for _ in 0..=max_dim {
        let mut next = Vec::new();
        for (scale, s) in &last {
            for v in s[s.len() - 1] + 1..points.len() {
                let scale = s.iter().map(|u| points.distance(*u, v)).fold(*scale, f64::max);
                if scale <= threshold {
                    next.push((scale, [&s[..], &[v]].concat()));
                }
            }
        }
        simplices.extend(next.iter().cloned());
        last = next;
    }
    simplices.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.len().cmp(&b.1.len())).then(a.1.cmp(&b.1)));
    let place: HashMap<Vec<usize>, usize> =
        simplices.iter().enumerate().map(|(i, s)| (s.1.clone(), i)).collect();
    let mut columns: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut paired = vec![false; simplices.len()];
    let mut bars = vec![Vec::new(); max_dim + 1];
    for (i, (scale, s)) in simplices.iter().enumerate() {
        let mut column: Vec<usize> = Vec::new();
        for skip in (0..s.len()).filter(|_| s.len() > 1) {
            let face: Vec<usize> =
                s.iter().enumerate().filter(|(k, _)| *k != skip).map(|(_, v)| *v).collect();
            column.push(place[&face]);
        }
        column.sort_unstable();
        while let Some(other) = column.last().and_then(|low| columns.get(low)) {
            let mut sum: Vec<usize> = column.iter().filter(|x| !other.contains(x)).copied().collect();
            sum.extend(other.iter().filter(|x| !column.contains(x)));
            sum.sort_unstable();
            column = sum;
        }
        if let Some(low) = column.last().copied() {
            (paired[low], paired[i]) = (true, true);
            let birth = simplices[low].0;
            if *scale > birth {
                bars[simplices[low].1.len() - 1].push((birth, *scale));
            }
            columns.insert(low, column);
        }
    }
    for (i, (scale, s)) in simplices.iter().enumerate() {
        if !paired[i] && s.len() <= max_dim + 1 {
            bars[s.len() - 1].push((*scale, f64::INFINITY));
        }
    }
    for b in &mut bars {
        b.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    }
    bars
}

/// Whether a set of edges bounds in the Rips complex of simplices with diameter below (or, inclusive, at) `scale`.
fn bounds(points: &Points, edges: &[[u32; 2]], scale: f64, inclusive: bool) -> bool {
    let there = |d: f64| if inclusive { d <= scale } else { d < scale };
    let n = points.len();
    let name = |a: usize, b: usize| a.min(b) * n + a.max(b);
    let mut columns: HashMap<usize, Vec<usize>> = HashMap::new();
    let mut reduce = |mut column: Vec<usize>, store: bool| {
        column.sort_unstable();
        while let Some(other) = column.last().and_then(|low| columns.get(low)) {
            let mut sum: Vec<usize> = column.iter().filter(|x| !other.contains(x)).copied().collect();
            sum.extend(other.iter().filter(|x| !column.contains(x)));
            sum.sort_unstable();
            column = sum;
        }
        let empty = column.is_empty();
        if let (Some(low), true) = (column.last().copied(), store) {
            columns.insert(low, column);
        }
        empty
    };
    for a in 0..n {
        for b in a + 1..n {
            for c in b + 1..n {
                let sides = [points.distance(a, b), points.distance(b, c), points.distance(a, c)];
                if sides.iter().all(|s| there(*s)) {
                    reduce(vec![name(a, b), name(b, c), name(a, c)], true);
                }
            }
        }
    }
    reduce(edges.iter().map(|[a, b]| name(*a as usize, *b as usize)).collect(), false)
}

fn assert_cycle_is_right(points: &Points, bar: &Bar, cycle: &Cycle) {
    let mut degree: HashMap<u32, usize> = HashMap::new();
    for [a, b] in &cycle.edges {
        *degree.entry(*a).or_default() += 1;
        *degree.entry(*b).or_default() += 1;
        assert!(
            points.distance(*a as usize, *b as usize) <= bar.birth,
            "an edge is longer than the birth scale"
        );
    }
    assert!(degree.values().all(|d| d % 2 == 0), "closed");
    assert_eq!(cycle.vertices.len(), cycle.edges.len(), "the walk passes every edge once");
    let opening = [bar.birth_simplex[0], bar.birth_simplex[1]];
    assert!(cycle.edges.contains(&opening), "the opening edge is part of it");
    if let Some(death) = bar.death {
        assert!(!bounds(points, &cycle.edges, death, false), "not a boundary before the bar ends");
        assert!(bounds(points, &cycle.edges, death, true), "a boundary when it ends");
    }
}

fn cloud(rows: &[Vec<f64>]) -> Points {
    Points::new(rows.len(), rows[0].len(), rows.concat()).unwrap()
}

fn gaussian(n: usize, d: usize, seed: u64) -> Points {
    let mut rng = seed::stream(seed, "test.gaussian");
    Points::new(n, d, (0..n * d).map(|_| seed::normal(&mut rng)).collect()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn bars_equal_the_textbook_reduction(
        rows in prop::collection::vec(prop::collection::vec(-1.0..1.0_f64, 3), 1..12),
        part in 0.3..1.5_f64,
    ) {
        let p = cloud(&rows);
        let whole = analyse_points(&p, &all_dims(), &Hooks::none()).unwrap();
        let options = Options { threshold: Some(part * whole.enclosing_radius), ..all_dims() };
        let cut = analyse_points(&p, &options, &Hooks::none()).unwrap();
        let want_whole = textbook(&p, whole.enclosing_radius, 2);
        let want_cut = textbook(&p, cut.radius, 2);
        for dim in 0..=2_u8 {
            prop_assert_eq!(&intervals(&whole.bars, dim), &want_whole[usize::from(dim)]);
            prop_assert_eq!(&intervals(&cut.bars, dim), &want_cut[usize::from(dim)]);
        }
        prop_assert!(whole.bars.iter().filter(|b| b.death.is_none()).count() == 1);
    }

    #[test]
    fn ties_do_not_change_the_bars(rows in prop::collection::vec(prop::collection::vec(0..4_i32, 2), 1..14)) {
        let rows: Vec<Vec<f64>> = rows.iter().map(|r| r.iter().map(|v| f64::from(*v)).collect()).collect();
        let p = cloud(&rows);
        let a = analyse_points(&p, &all_dims(), &Hooks::none()).unwrap();
        let distinct = points::merge_duplicates(&p);
        prop_assert_eq!(a.n_merged, rows.len() - distinct.points.len());
        let want = textbook(&distinct.points, a.enclosing_radius, 2);
        for dim in 0..=2_u8 {
            prop_assert_eq!(&intervals(&a.bars, dim), &want[usize::from(dim)]);
        }
    }

    #[test]
    fn bars_do_not_change_under_rotation_shift_and_reordering(seed in 0..1000_u64, angle in 0.0..6.0_f64) {
        let p = gaussian(40, 2, seed);
        let (s, c) = angle.sin_cos();
        let mut moved: Vec<Vec<f64>> =
            (0..40).map(|i| p.row(i)).map(|r| vec![c * r[0] - s * r[1] + 3.0, s * r[0] + c * r[1] - 1.0]).collect();
        moved.rotate_left(7);
        let a = analyse_points(&p, &Options::default(), &Hooks::none()).unwrap();
        let b = analyse_points(&cloud(&moved), &Options::default(), &Hooks::none()).unwrap();
        for dim in 0..2 {
            let (x, y) = (intervals(&a.bars, dim), intervals(&b.bars, dim));
            prop_assert_eq!(x.len(), y.len());
            for (x, y) in x.iter().zip(&y) {
                prop_assert!((x.0 - y.0).abs() < 1e-9 && (x.1 == y.1 || (x.1 - y.1).abs() < 1e-9));
            }
        }
    }

    #[test]
    fn cycles_are_closed_born_in_time_and_alive_until_death(seed in 0..1000_u64) {
        let p = gaussian(24, 2, seed);
        let a = analyse_points(&p, &Options { cycles: CycleChoice::All, ..Options::default() }, &Hooks::none()).unwrap();
        prop_assert_eq!(a.cycles.len(), a.bars.iter().filter(|b| b.dim == 1).count());
        for cycle in &a.cycles {
            assert_cycle_is_right(&p, &a.bars[cycle.bar], cycle);
        }
    }
}

#[test]
fn a_square_has_one_loop_from_its_side_to_its_diagonal() {
    let p = cloud(&[vec![0.0, 0.0], vec![1.0, 0.0], vec![1.0, 1.0], vec![0.0, 1.0]]);
    let a = analyse_points(&p, &all_dims(), &Hooks::none()).unwrap();
    assert_eq!(intervals(&a.bars, 1), vec![(1.0, 2.0_f64.sqrt())]);
    assert_eq!(a.cycles[0].edges.len(), 4);
    assert_cycle_is_right(&p, &a.bars[a.cycles[0].bar], &a.cycles[0]);
}

/// Two rings that share an arc: the shortest way round the younger loop need not be in its class.
#[test]
fn a_cycle_is_in_the_class_of_its_bar_when_loops_touch() {
    for seed in 0..12 {
        let mut rng = seed::stream(seed, "two rings");
        let mut rows = Vec::new();
        for (centre, radius, count) in [(0.0, 1.0, 26), (1.4, 0.8, 20)] {
            for k in 0..count {
                let t = std::f64::consts::TAU * f64::from(k) / f64::from(count);
                let noise = 0.05 * seed::normal(&mut rng);
                rows.push(vec![centre + (radius + noise) * t.cos(), (radius + noise) * t.sin()]);
            }
        }
        let p = cloud(&rows);
        let options = Options { cycles: CycleChoice::All, ..Options::default() };
        let a = analyse_points(&p, &options, &Hooks::none()).unwrap();
        for cycle in &a.cycles {
            assert_cycle_is_right(&p, &a.bars[cycle.bar], cycle);
        }
    }
}

#[test]
fn a_planted_circle_has_one_long_bar_and_its_cycle_goes_round() {
    let mut rng = seed::stream(4, "circle");
    let circle = |k: usize| (k as f64 * 0.1).sin_cos();
    let rows: Vec<Vec<f64>> = (0..63)
        .map(circle)
        .map(|(y, x)| vec![x + 0.05 * seed::normal(&mut rng), y + 0.05 * seed::normal(&mut rng)])
        .collect();
    let options = Options { cycles: CycleChoice::Longest(1), ..Options::default() };
    let a = analyse_points(&cloud(&rows), &options, &Hooks::none()).unwrap();
    let mut lengths: Vec<f64> = a.bars.iter().filter(|b| b.dim == 1).filter_map(Bar::length).collect();
    lengths.sort_by(f64::total_cmp);
    assert!(lengths.pop().unwrap() > 1.2);
    assert!(lengths.pop().is_none_or(|second| second < 0.3));
    assert!(a.cycles.len() == 1 && a.cycles[0].vertices.len() > 20);
}

#[test]
fn trivial_clouds_have_their_exact_answer() {
    let one = analyse(&Matrix::filled(1, 3, 2.0), &all_dims(), &Hooks::none()).unwrap();
    assert_eq!((one.bars.len(), one.enclosing_radius, one.n_merged), (1, 0.0, 0));
    let same = analyse(&Matrix::filled(50, 3, 2.0), &all_dims(), &Hooks::none()).unwrap();
    assert_eq!((same.bars.len(), same.n_merged, same.n_vertices), (1, 49, 1));
    assert_eq!(same.rows_of[0].len(), 50);
    assert!(same.bars[0].death.is_none());
    let zero = Options { threshold: Some(0.0), ..all_dims() };
    let apart = analyse(&Matrix::from_fn(5, 1, |r, _| r as f32), &zero, &Hooks::none()).unwrap();
    assert_eq!(apart.bars.iter().filter(|b| b.death.is_none()).count(), 5, "five pieces at scale 0");
    let constant = Matrix::from_fn(30, 3, |r, c| if c == 1 { 7.0 } else { (r * (c + 1) % 11) as f32 });
    let without = constant.select_columns(&[0, 2]);
    let bars = |m: &Matrix| analyse(m, &all_dims(), &Hooks::none()).unwrap().bars;
    assert_eq!(bars(&constant), bars(&without), "a constant column changes nothing");
}

#[test]
fn bad_input_is_one_clear_sentence() {
    let said = |m: &Matrix, o: &Options| analyse(m, o, &Hooks::none()).unwrap_err().to_string();
    let mut m = Matrix::zeros(4, 2);
    assert!(said(&m, &Options { threshold: Some(-1.0), ..Options::default() }).contains("threshold -1"));
    assert!(said(&m, &Options { threshold: Some(f64::NAN), ..Options::default() }).contains("threshold NaN"));
    assert!(said(&m, &Options { max_dim: 3, ..Options::default() }).contains("dimension 3"));
    m.set(2, 1, f32::INFINITY);
    assert!(said(&m, &Options::default()).contains("row 2, column 1 is inf"));
    assert!(said(&Matrix::zeros(0, 2), &Options::default()).contains("no points"));
    let line = Matrix::from_fn(300, 1, |r, _| r as f32);
    let small = Options { budget_bytes: 1000, ..Options::default() };
    assert!(said(&line, &small).contains("landmarks (10 would fit)"));
    let few = Options { max_points: 100, landmarks: LandmarkChoice::Never, ..Options::default() };
    assert!(said(&line, &few).contains("landmarks"));
}

#[test]
fn a_million_points_are_refused_before_any_work() {
    let million = Matrix::from_fn(1_000_000, 2, |r, c| if c == 0 { r as f32 } else { (r % 7) as f32 });
    let said = analyse(&million, &Options::default(), &Hooks::none()).unwrap_err().to_string();
    assert!(said.contains("1000000 points would need about") && said.contains("landmarks"), "{said}");
}

#[test]
fn landmarks_stand_in_above_the_limit_and_say_how_well() {
    let line = Matrix::from_fn(300, 1, |r, _| r as f32);
    let options = Options { max_points: 100, ..Options::default() };
    let a = analyse(&line, &options, &Hooks::none()).unwrap();
    assert_eq!((a.n_points, a.n_vertices), (300, 100));
    let covered = a.covering_radius.unwrap();
    assert!((1.0..=3.0).contains(&covered), "{covered}");
    assert_eq!(analyse(&line, &Options::default(), &Hooks::none()).unwrap().covering_radius, None);
}

#[test]
fn a_cancelled_job_stops_soon_in_every_phase() {
    let p = gaussian(1500, 6, 1);
    let options = Options { cycles: CycleChoice::All, ..Options::default() };
    for phase in ["edges", "cycles"] {
        let start = Instant::now();
        let asked_us = AtomicU64::new(u64::MAX);
        let progress = |at: &str, done: u64, _: u64| {
            if at == phase && done > 0 {
                asked_us.fetch_min(start.elapsed().as_micros() as u64, Ordering::Relaxed);
            }
        };
        let cancelled = || asked_us.load(Ordering::Relaxed) != u64::MAX;
        let out = analyse_points(
            &p,
            &options,
            &Hooks { cancelled: &cancelled, progress: &progress, ..Hooks::none() },
        );
        assert_eq!(out.err(), Some(TopologyError::Cancelled), "{phase}");
        let late = start.elapsed() - Duration::from_micros(asked_us.load(Ordering::Relaxed));
        // 200 ms is the promise; a machine busy with other tests gets some slack.
        assert!(late < Duration::from_millis(800), "{phase}: stopped {late:?} after the request");
    }
    // Asked before it starts, nothing is computed.
    let hooks = Hooks { cancelled: &|| true, ..Hooks::none() };
    assert_eq!(analyse_points(&p, &options, &hooks).err(), Some(TopologyError::Cancelled));
}

/// Processor nanoseconds of this thread so far, as the scheduler counts them (in steps of a few milliseconds).
#[cfg(target_os = "linux")]
pub(super) fn thread_nanoseconds() -> u64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    told.split_whitespace().next().unwrap().parse().unwrap()
}

/// A job of the largest size that is treated in full, while distances are measured, sorted or walked over: no thread works
/// for 200 ms without a look at the flag. Processor time, so that neighbours who take the cores do not count.
#[cfg(target_os = "linux")]
#[test]
fn a_job_of_5000_points_looks_at_the_flag_every_200_ms() {
    use std::cell::Cell;
    thread_local!(static LOOKED: Cell<u64> = const { Cell::new(0) });
    let p = gaussian(5000, 5, 2);
    let (longest, looks) = (AtomicU64::new(0), AtomicU64::new(0));
    let look = || {
        let now = thread_nanoseconds();
        let before = LOOKED.replace(now);
        longest.fetch_max(now - before, Ordering::Relaxed);
        looks.fetch_add(1, Ordering::Relaxed);
    };
    let cancelled = || {
        look();
        false
    };
    let hooks = Hooks { cancelled: &cancelled, ..Hooks::none() };
    // Threads of its own: another test's work on a shared one would count as its.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    pool.broadcast(|_| LOOKED.set(thread_nanoseconds()));
    let out = pool.install(|| {
        LOOKED.set(thread_nanoseconds());
        let out = analyse_points(&p, &Options::default(), &hooks);
        look(); // what follows the last look is work too
        out
    });
    assert_eq!(out.unwrap().n_vertices, 5000);
    let (longest_ms, looks) = (longest.into_inner() as f64 / 1e6, looks.into_inner());
    println!("longest work between two of {looks} looks: {longest_ms:.1} ms");
    assert!(looks > 1000 && longest_ms > 0.0, "{looks} looks, {longest_ms} ms: nothing was measured");
    assert!(longest_ms < 200.0, "{longest_ms} ms of work without a look at the flag");
}

#[test]
fn results_repeat_and_survive_json() {
    let p = gaussian(900, 3, 8);
    let options = Options { cycles: CycleChoice::Longest(3), ..Options::default() };
    let first = analyse_points(&p, &options, &Hooks::none()).unwrap();
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let second = one_thread.install(|| analyse_points(&p, &options, &Hooks::none()).unwrap());
    let (a, b) = (serde_json::to_string(&first).unwrap(), serde_json::to_string(&second).unwrap());
    assert_eq!(a, b, "byte for byte, on any number of threads");
    let back: Analysis = serde_json::from_str(&a).unwrap();
    assert_eq!(back.bars.len(), first.bars.len());
    assert!(a.contains("\"death\":null"), "a bar that never ends is null");
}
