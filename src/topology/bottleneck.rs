//! How far two persistence diagrams are apart: the exact bottleneck distance.
//!
//! A distance t suffices when every bar can be matched to a bar within t at both ends, or to the diagonal where half
//! its length is at most t. Only bars longer than 2t must be matched; one side's and the other side's may be treated
//! one after the other, since a matching that covers both exists as soon as one exists for each (Mendelsohn and
//! Dulmage 1958). The smallest t is among finitely many candidates and is found by bisection.

use crate::core::bar::Bar;

/// Bottleneck distance (maximum norm) of the bars of dimension `dim`, in units of scale; `None` when one diagram has
/// more bars that never end than the other, which no finite distance bridges.
pub fn bottleneck(a: &[Bar], b: &[Bar], dim: u8) -> Option<f64> {
    let (a, a_births) = split(a, dim);
    let (b, b_births) = split(b, dim);
    if a_births.len() != b_births.len() {
        return None;
    }
    // Bars that never end are best matched in the order of their births.
    let infinite = a_births.iter().zip(&b_births).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
    Some(finite_bottleneck(&a, &b).max(infinite))
}

/// The bars of a dimension that end, and the ascending births of those that never do.
fn split(bars: &[Bar], dim: u8) -> (Vec<(f64, f64)>, Vec<f64>) {
    let of_dim = || bars.iter().filter(move |b| b.dim == dim);
    let mut births: Vec<f64> = of_dim().filter(|b| b.death.is_none()).map(|b| b.birth).collect();
    births.sort_by(f64::total_cmp);
    (of_dim().filter_map(|b| Some((b.birth, b.death?))).collect(), births)
}

fn half_length(p: (f64, f64)) -> f64 {
    (p.1 - p.0) / 2.0
}

fn apart(p: (f64, f64), q: (f64, f64)) -> f64 {
    (p.0 - q.0).abs().max((p.1 - q.1).abs())
}

/// Halvings of the range before candidates are listed: most bars are short, and only those longer than twice the lower
/// end can decide, so that few pairs are left.
const HALVINGS: usize = 24;

fn finite_bottleneck(a: &[(f64, f64)], b: &[(f64, f64)]) -> f64 {
    let worst = a.iter().chain(b).map(|p| half_length(*p)).fold(0.0, f64::max);
    let fits = |t: f64| covers(a, b, t) && covers(b, a, t);
    if worst == 0.0 || fits(0.0) {
        return 0.0;
    }
    // Everything to the diagonal costs `worst`; `low` never fits, `high` always does.
    let (mut low, mut high) = (0.0, worst);
    for _ in 0..HALVINGS {
        let middle = low + (high - low) / 2.0;
        if fits(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    // The answer is a length of a bar or a distance of two, one of them longer than twice `low`.
    let mut candidates = vec![high];
    let mut keep = |d: f64| {
        if d > low && d < high {
            candidates.push(d);
        }
    };
    for (from, to) in [(a, b), (b, a)] {
        for p in from.iter().filter(|p| half_length(**p) > low) {
            keep(half_length(*p));
            to.iter().for_each(|q| keep(apart(*p, *q)));
        }
    }
    candidates.sort_by(f64::total_cmp);
    candidates.dedup();
    let (mut first, mut last) = (0, candidates.len() - 1);
    while first < last {
        let middle = (first + last) / 2;
        if fits(candidates[middle]) {
            last = middle;
        } else {
            first = middle + 1;
        }
    }
    candidates[first]
}

/// Whether every bar of `from` longer than 2t can get its own bar of `to` within t (augmenting paths, Kuhn 1955).
fn covers(from: &[(f64, f64)], to: &[(f64, f64)], t: f64) -> bool {
    let long: Vec<(f64, f64)> = from.iter().copied().filter(|p| half_length(*p) > t).collect();
    let near: Vec<Vec<usize>> =
        long.iter().map(|p| (0..to.len()).filter(|q| apart(*p, to[*q]) <= t).collect()).collect();
    let mut partner = vec![usize::MAX; to.len()];
    let mut seen = vec![usize::MAX; to.len()];
    (0..long.len()).all(|start| augment(start, &near, &mut partner, &mut seen))
}

/// One augmenting path by depth-first search with an explicit stack of (bar, next neighbour to try).
fn augment(start: usize, near: &[Vec<usize>], partner: &mut [usize], seen: &mut [usize]) -> bool {
    let mut path: Vec<(usize, usize)> = vec![(start, 0)];
    while let Some((p, next)) = path.last().copied() {
        let Some(&q) = near[p].get(next) else {
            path.pop();
            continue;
        };
        if let Some(top) = path.last_mut() {
            top.1 += 1;
        }
        if seen[q] == start {
            continue;
        }
        seen[q] = start;
        if partner[q] == usize::MAX {
            // Every bar on the path takes the neighbour it tried last.
            for (p, next) in &path {
                partner[near[*p][next - 1]] = *p;
            }
            return true;
        }
        path.push((partner[q], 0));
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(pairs: &[(f64, f64)]) -> Vec<Bar> {
        let bar = |(birth, death): &(f64, f64)| Bar {
            dim: 1,
            birth: *birth,
            death: death.is_finite().then_some(*death),
            birth_simplex: vec![],
            death_simplex: vec![],
        };
        pairs.iter().map(bar).collect()
    }

    /// Tries every matching.
    fn brute(a: &[(f64, f64)], b: &mut Vec<(f64, f64)>) -> f64 {
        let Some((first, rest)) = a.split_first() else {
            return b.iter().map(|q| half_length(*q)).fold(0.0, f64::max);
        };
        let mut best = half_length(*first).max(brute(rest, b));
        for i in 0..b.len() {
            let q = b.remove(i);
            best = best.min(apart(*first, q).max(brute(rest, b)));
            b.insert(i, q);
        }
        best
    }

    #[test]
    fn known_distances() {
        let a = bars(&[(0.0, 2.0), (1.0, f64::INFINITY)]);
        assert_eq!(bottleneck(&a, &a, 1), Some(0.0));
        assert_eq!(
            bottleneck(&a, &bars(&[(1.25, f64::INFINITY)]), 1),
            Some(1.0),
            "the finite bar goes half-way"
        );
        assert_eq!(bottleneck(&a, &bars(&[(0.0, 2.0)]), 1), None);
        assert_eq!(bottleneck(&a, &a, 0), Some(0.0));
    }

    #[test]
    fn it_is_gudhis_on_fifty_pairs() {
        let path =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/bottleneck/pairs.json");
        let golden: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let pairs = golden["pairs"].as_array().unwrap();
        assert_eq!(pairs.len(), 50);
        for (at, pair) in pairs.iter().enumerate() {
            let read =
                |side: &str| -> Vec<(f64, f64)> { serde_json::from_value(pair[side].clone()).unwrap() };
            let ours = bottleneck(&bars(&read("a")), &bars(&read("b")), 1).unwrap();
            let theirs = pair["distance"].as_f64().unwrap();
            assert!((ours - theirs).abs() < 1e-9, "pair {at}: {ours} here, {theirs} by gudhi");
        }
    }

    proptest::proptest! {
        #[test]
        fn it_equals_the_best_of_all_matchings(
            a in proptest::collection::vec((0.0..1.0_f64, 0.0..1.0_f64), 0..5),
            b in proptest::collection::vec((0.0..1.0_f64, 0.0..1.0_f64), 0..6),
        ) {
            let a: Vec<_> = a.iter().map(|(x, l)| (*x, x + l)).collect();
            let mut b: Vec<_> = b.iter().map(|(x, l)| (*x, x + l)).collect();
            let fast = bottleneck(&bars(&a), &bars(&b), 1).unwrap();
            proptest::prop_assert!((fast - brute(&a, &mut b)).abs() < 1e-12);
        }
    }
}
