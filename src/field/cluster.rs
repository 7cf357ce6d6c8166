//! Groups the turns of a field by how the five scores differ, and says in words what each group has in common.

use super::phos::descending;
use crate::core::dimension::Dimension;
use crate::core::matrix::Matrix;
use crate::core::scm::SCORES;
use crate::core::seed::{permutation, stream};
use rand::RngExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Fewest and most clusters tried.
const TRIED: std::ops::RangeInclusive<usize> = 2..=8;
/// Independent starts of each k-means; the one with the least inertia is kept.
const STARTS: usize = 4;
/// Rounds of assignment after which a k-means stops.
const ROUNDS: usize = 60;
/// Turns on which the silhouette is measured (all, when fewer).
const SILHOUETTE_SAMPLE: usize = 1000;
/// Mean differences below this are not worth a word.
const WORTH_A_WORD: f64 = 0.02;

type Point = [f64; 5];

/// One group of turns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cluster {
    /// What its turns have in common ("B higher on coverage").
    pub words: String,
    /// Number of turns.
    pub size: usize,
    /// Mean of D on each dimension; missing for the group of turns with missing scores.
    pub mean: [Option<f64>; 5],
}

/// The clusters of a field.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clusters {
    /// Cluster of each row, an index into `clusters`.
    pub of_row: Vec<usize>,
    /// A higher first, B higher last; turns with a missing score stand at the very end.
    pub clusters: Vec<Cluster>,
    /// Mean silhouette in [-1,1] of the number chosen; `None` with fewer than two clusters.
    pub silhouette: Option<f64>,
}

/// Clusters the rows of D on the five score columns: seeded k-means (k-means++ starts; Arthur and Vassilvitskii 2007),
/// the number of clusters from 2 to 8 by the largest mean silhouette (Rousseeuw 1987).
pub fn clusters(d: &Matrix, seed: u64) -> Clusters {
    if d.cols() < SCORES.end {
        return one_group(d.rows());
    }
    let complete: Vec<usize> = (0..d.rows()).filter(|&r| point(d, r).is_some()).collect();
    let points: Vec<Point> = complete.iter().filter_map(|&r| point(d, r)).collect();
    let sample = sample_rows(points.len(), seed);
    let best = TRIED
        .collect::<Vec<_>>()
        .into_par_iter()
        .filter(|&k| k < points.len())
        .filter_map(|k| {
            let labels = k_means(&points, k, seed);
            silhouette(&points, &labels, &sample, k).map(|s| (labels, s, k))
        })
        .collect::<Vec<_>>()
        .into_iter()
        // The first of equals, so that fewer clusters win a tie.
        .reduce(|best, next| if next.1 > best.1 { next } else { best });
    let (labels, silhouette, k) = match best {
        Some((labels, s, k)) => (labels, Some(s), k),
        None => (vec![0; points.len()], None, 1),
    };
    let mut of_row = vec![k; d.rows()];
    for (&row, &label) in complete.iter().zip(&labels) {
        of_row[row] = label;
    }
    name_and_sort(d, of_row, k, silhouette)
}

fn one_group(rows: usize) -> Clusters {
    let cluster = Cluster { words: "no scores to compare".to_owned(), size: rows, mean: [None; 5] };
    Clusters { of_row: vec![0; rows], clusters: vec![cluster], silhouette: None }
}

fn point(d: &Matrix, row: usize) -> Option<Point> {
    let mut p = [0.0; 5];
    for (to, from) in p.iter_mut().zip(&d.row(row)[SCORES]) {
        if !from.is_finite() {
            return None;
        }
        *to = f64::from(*from);
    }
    Some(p)
}

fn sample_rows(n: usize, seed: u64) -> Vec<usize> {
    let mut sample = permutation(&mut stream(seed, "field/cluster/silhouette"), n);
    sample.truncate(SILHOUETTE_SAMPLE);
    sample.sort_unstable();
    sample
}

fn sq_dist(a: &Point, b: &Point) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y) * (x - y)).sum()
}

fn nearest(p: &Point, centres: &[Point]) -> (usize, f64) {
    centres
        .iter()
        .enumerate()
        .map(|(i, c)| (i, sq_dist(p, c)))
        .fold((0, f64::INFINITY), |best, next| if next.1 < best.1 { next } else { best })
}

/// Labels of the best of several starts.
fn k_means(points: &[Point], k: usize, seed: u64) -> Vec<usize> {
    (0..STARTS)
        .map(|start| k_means_once(points, k, &mut stream(seed, &format!("field/cluster/{k}/{start}"))))
        .reduce(|best, next| if next.1 < best.1 { next } else { best })
        .map_or_else(Vec::new, |(labels, _)| labels)
}

fn k_means_once(points: &[Point], k: usize, rng: &mut impl rand::Rng) -> (Vec<usize>, f64) {
    let mut centres = plus_plus(points, k, rng);
    let mut labels = vec![usize::MAX; points.len()];
    let mut inertia = f64::INFINITY;
    for _ in 0..ROUNDS {
        let (mut moved, mut total) = (false, 0.0);
        for (label, p) in labels.iter_mut().zip(points) {
            let (at, d2) = nearest(p, &centres);
            moved |= *label != at;
            *label = at;
            total += d2;
        }
        inertia = total;
        if !moved {
            break;
        }
        let mut sums = vec![([0.0; 5], 0_usize); k];
        for (&label, p) in labels.iter().zip(points) {
            let (sum, n) = &mut sums[label];
            sum.iter_mut().zip(p).for_each(|(s, v)| *s += v);
            *n += 1;
        }
        for (centre, (sum, n)) in centres.iter_mut().zip(&sums).filter(|(_, (_, n))| *n > 0) {
            *centre = sum.map(|s| s / *n as f64);
        }
    }
    (labels, inertia)
}

fn plus_plus(points: &[Point], k: usize, rng: &mut impl rand::Rng) -> Vec<Point> {
    let mut centres = vec![points[rng.random_range(0..points.len())]];
    let mut d2: Vec<f64> = points.iter().map(|p| sq_dist(p, &centres[0])).collect();
    while centres.len() < k {
        let mut left = rng.random::<f64>() * d2.iter().sum::<f64>();
        let mut at = points.len() - 1;
        for (i, d) in d2.iter().enumerate() {
            left -= d;
            if left < 0.0 {
                at = i;
                break;
            }
        }
        let chosen = points[at];
        centres.push(chosen);
        d2.iter_mut().zip(points).for_each(|(d, p)| *d = d.min(sq_dist(p, &chosen)));
    }
    centres
}

/// Mean silhouette of the sample; `None` when fewer than two clusters occur in it.
fn silhouette(points: &[Point], labels: &[usize], sample: &[usize], k: usize) -> Option<f64> {
    let mut sizes = vec![0_usize; k];
    sample.iter().for_each(|&i| sizes[labels[i]] += 1);
    if sizes.iter().filter(|n| **n > 0).count() < 2 {
        return None;
    }
    let total: f64 = sample
        .iter()
        .map(|&i| {
            let mut sums = vec![0.0; k];
            sample.iter().for_each(|&j| sums[labels[j]] += sq_dist(&points[i], &points[j]).sqrt());
            let own = labels[i];
            if sizes[own] < 2 {
                return 0.0;
            }
            let inside = sums[own] / (sizes[own] - 1) as f64;
            let outside = (0..k)
                .filter(|&c| c != own && sizes[c] > 0)
                .map(|c| sums[c] / sizes[c] as f64)
                .fold(f64::INFINITY, f64::min);
            let larger = inside.max(outside);
            if larger > 0.0 { (outside - inside) / larger } else { 0.0 }
        })
        .sum();
    Some(total / sample.len() as f64)
}

/// Gives each cluster its words, drops empty ones and sorts them by direction and size.
fn name_and_sort(d: &Matrix, labels: Vec<usize>, k: usize, silhouette: Option<f64>) -> Clusters {
    let mut sums = vec![([0.0; 5], 0_usize); k + 1];
    for (row, &label) in labels.iter().enumerate() {
        let (sum, n) = &mut sums[label];
        *n += 1;
        if label < k {
            sum.iter_mut().zip(&d.row(row)[SCORES]).for_each(|(s, v)| *s += f64::from(*v));
        }
    }
    let mut order: Vec<usize> = (0..=k).filter(|&c| sums[c].1 > 0).collect();
    let direction = |c: usize| sums[c].0.iter().sum::<f64>() / (5 * sums[c].1) as f64;
    order.sort_by(|&i, &j| {
        (i == k).cmp(&(j == k)).then(descending(direction(i), direction(j))).then(sums[j].1.cmp(&sums[i].1))
    });
    let mut new_label = vec![0; k + 1];
    order.iter().enumerate().for_each(|(new, &old)| new_label[old] = new);
    let mut clusters: Vec<Cluster> = Vec::new();
    for &old in &order {
        let (sum, size) = sums[old];
        if old == k {
            clusters.push(Cluster { words: "a score is missing".to_owned(), size, mean: [None; 5] });
            continue;
        }
        let mean = sum.map(|s| s / size as f64);
        let mut words = words_for(&mean, 1);
        if clusters.iter().any(|c| c.words == words) {
            words = words_for(&mean, 2);
        }
        if clusters.iter().any(|c| c.words == words) {
            let strongest = mean.iter().fold(0.0, |most: f64, v| most.max(v.abs()));
            words = format!("{words}, by {strongest:.2}");
        }
        clusters.push(Cluster { words, size, mean: mean.map(Some) });
    }
    Clusters { of_row: labels.into_iter().map(|l| new_label[l]).collect(), clusters, silhouette }
}

/// The strongest `count` columns that point the same way, in words.
fn words_for(mean: &Point, count: usize) -> String {
    let mut by_strength: Vec<usize> = (0..mean.len()).collect();
    by_strength.sort_by(|&i, &j| descending(mean[i].abs(), mean[j].abs()));
    let strongest = mean[by_strength[0]];
    if strongest.abs() < WORTH_A_WORD {
        return "A and B nearly equal".to_owned();
    }
    let higher = if strongest > 0.0 { "A" } else { "B" };
    let names: Vec<&str> = by_strength
        .iter()
        .filter(|&&i| mean[i] * strongest > 0.0)
        .take(count)
        .map(|&i| Dimension::ALL[i].name())
        .collect();
    format!("{higher} higher on {}", names.join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::seed::normal;

    /// Three groups: A higher on reasoning, no difference, B higher on coverage; every tenth row lacks a score.
    fn planted() -> (Matrix, Vec<usize>) {
        let mut rng = stream(5, "planted");
        let kind: Vec<usize> = (0..300).map(|r| if r % 10 == 9 { 3 } else { (r * 7) % 3 }).collect();
        let d = Matrix::from_fn(300, 12, |r, c| {
            let centre = match (kind[r], c) {
                (3, 1) => f32::NAN,
                (0, 0) => 0.4,
                (2, 4) => -0.5,
                _ => 0.0,
            };
            centre + 0.02 * normal(&mut rng) as f32
        });
        (d, kind)
    }

    #[test]
    fn planted_groups_are_found_named_and_ordered_from_a_to_b() {
        let (d, kind) = planted();
        let found = clusters(&d, 11);
        let words: Vec<&str> = found.clusters.iter().map(|c| c.words.as_str()).collect();
        assert_eq!(
            words,
            ["A higher on reasoning", "A and B nearly equal", "B higher on coverage", "a score is missing"]
        );
        assert_eq!(found.of_row, kind);
        assert!(found.silhouette.unwrap() > 0.7);
        assert!((found.clusters[0].mean[0].unwrap() - 0.4).abs() < 0.01);
        assert!((found.clusters[2].mean[4].unwrap() + 0.5).abs() < 0.01);
    }

    #[test]
    fn the_same_seed_gives_the_same_clusters_on_any_number_of_threads() {
        let (d, _) = planted();
        let on = |threads| {
            rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| clusters(&d, 3))
        };
        assert_eq!(on(1), on(4));
    }

    #[test]
    fn few_or_equal_turns_make_one_cluster() {
        assert_eq!(clusters(&Matrix::zeros(2, 12), 0).clusters.len(), 1);
        assert_eq!(clusters(&Matrix::zeros(30, 12), 0).clusters[0].words, "A and B nearly equal");
        assert!(clusters(&Matrix::default(), 0).of_row.is_empty());
    }
}
