//! What moved between two runs on the same turns: the paired difference of mean |D| by dimension, with its interval.

use crate::core::dimension::N_DIMENSIONS;
use crate::core::matrix::Matrix;
use crate::core::{seed, stats};
use crate::run::contents::RunContents;
use rand::RngExt;
use std::collections::HashMap;

/// Resamples of the conversations.
const RESAMPLES: usize = 2000;
/// Fewest conversations whose resampling says anything.
const FEWEST: usize = 5;

/// The field of one run with what tells its turns apart.
#[derive(Clone, Debug)]
pub struct Turns {
    /// Turn id of each row.
    pub ids: Vec<String>,
    /// Conversation of each row.
    pub conversations: Vec<String>,
    /// D, `[turns, 12]`, same rows.
    pub delta: Matrix,
}

/// How mean |D| of one dimension moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moved {
    /// Dimension by index.
    pub dimension: usize,
    /// Mean over the shared turns of |D of the run| - |D of the baseline|.
    pub change: f64,
    /// Its 95% percentile interval over conversations; `None` under five of them.
    pub interval: Option<[f64; 2]>,
    /// Turns in both runs that have a value in both.
    pub turns: usize,
    /// Their conversations.
    pub conversations: usize,
}

impl Turns {
    /// The field of a run; `None` while it has none.
    pub fn of(run: &RunContents) -> Option<Self> {
        let delta = run.delta.as_ref().filter(|d| d.rows() == run.turns.len() && d.rows() > 0)?;
        Some(Self {
            ids: run.turns.iter().map(|t| t.turn_id.clone()).collect(),
            conversations: run.turns.iter().map(|t| t.conversation_id.clone()).collect(),
            delta: (**delta).clone(),
        })
    }
}

impl Moved {
    /// Whether the interval leaves zero out.
    pub fn is_moved(&self) -> bool {
        self.interval.is_some_and(|[low, high]| low > 0.0 || high < 0.0)
    }

    /// The verdict in a word or two.
    pub fn verdict(&self) -> &'static str {
        match self.interval {
            None => "not known",
            Some(_) if self.is_moved() => "moved",
            Some(_) => "within 0",
        }
    }
}

/// Pairs the turns of two runs by id and measures each dimension; a paired bootstrap over whole conversations (2000
/// resamples, percentile), because turns of one conversation are not independent. What moved most and surely comes
/// first. Empty when no turn is in both.
pub fn moved(baseline: &Turns, run: &Turns) -> Vec<Moved> {
    let at: HashMap<&str, usize> =
        baseline.ids.iter().enumerate().map(|(row, id)| (id.as_str(), row)).collect();
    let pairs: Vec<(usize, usize)> =
        run.ids.iter().enumerate().filter_map(|(row, id)| Some((*at.get(id.as_str())?, row))).collect();
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let conversation: Vec<usize> = pairs
        .iter()
        .map(|(_, row)| {
            let next = numbers.len();
            *numbers.entry(run.conversations.get(*row).map_or("", String::as_str)).or_insert(next)
        })
        .collect();
    let mut found: Vec<Moved> = (0..N_DIMENSIONS)
        .filter_map(|dimension| one(baseline, run, &pairs, &conversation, numbers.len(), dimension))
        .collect();
    found.sort_by(|a, b| b.is_moved().cmp(&a.is_moved()).then(b.change.abs().total_cmp(&a.change.abs())));
    found
}

fn one(
    baseline: &Turns,
    run: &Turns,
    pairs: &[(usize, usize)],
    conversation: &[usize],
    conversations: usize,
    dimension: usize,
) -> Option<Moved> {
    let mut sums = vec![(0.0_f64, 0_usize); conversations];
    for ((before, after), c) in pairs.iter().zip(conversation) {
        let change = f64::from(run.delta.get(*after, dimension)).abs()
            - f64::from(baseline.delta.get(*before, dimension)).abs();
        if change.is_finite() {
            sums[*c].0 += change;
            sums[*c].1 += 1;
        }
    }
    sums.retain(|(_, n)| *n > 0);
    let mean = |of: &mut dyn Iterator<Item = (f64, usize)>| {
        let (sum, n) = of.fold((0.0, 0), |(s, n), (x, k)| (s + x, n + k));
        (n > 0).then(|| sum / n as f64)
    };
    let change = mean(&mut sums.iter().copied())?;
    let turns = sums.iter().map(|(_, n)| n).sum();
    let mut rng = seed::stream(dimension as u64, "what moved");
    let interval = (sums.len() >= FEWEST).then(|| {
        let mut means: Vec<f64> = (0..RESAMPLES)
            .filter_map(|_| mean(&mut (0..sums.len()).map(|_| sums[rng.random_range(0..sums.len())])))
            .collect();
        means.sort_by(f64::total_cmp);
        let edge = |q| stats::quantile_sorted(&means, q).unwrap_or(f64::NAN);
        [edge(0.025), edge(0.975)]
    });
    Some(Moved { dimension, change, interval, turns, conversations: sums.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(n: usize, delta: impl Fn(usize, usize) -> f32) -> Turns {
        Turns {
            ids: (0..n).map(|i| format!("t{i}")).collect(),
            conversations: (0..n).map(|i| format!("c{}", i / 4)).collect(),
            delta: Matrix::from_fn(n, 12, delta),
        }
    }

    #[test]
    fn a_shift_that_every_conversation_shares_moved_and_noise_did_not() {
        let noise = |r: usize| ((r * 7919 % 101) as f32 / 101.0 - 0.5) * 0.2;
        let before = turns(80, |r, _| 0.2 + noise(r));
        let after = turns(80, |r, c| if c == 1 { 0.3 + noise(r) } else { 0.2 + noise(r * 31 + 5) });
        let moved = moved(&before, &after);
        assert_eq!((moved.len(), moved[0].conversations), (N_DIMENSIONS, 20));
        assert_eq!(moved[0].dimension, 1, "what moved comes first");
        assert!(moved[0].is_moved() && (moved[0].change - 0.1).abs() < 1e-6, "{:?}", moved[0]);
        let [low, high] = moved[0].interval.unwrap();
        assert!(
            (low - 0.1).abs() < 1e-6 && (high - 0.1).abs() < 1e-6,
            "the same shift everywhere is certain"
        );
        assert!(!moved[1].is_moved(), "{:?}", moved[1]);
    }

    #[test]
    fn turns_are_paired_by_id_and_missing_ones_left_out() {
        let before = turns(40, |r, _| r as f32 / 100.0);
        let mut after = turns(40, |r, _| -(r as f32) / 100.0);
        after.ids.reverse();
        after.delta = Matrix::from_fn(40, 12, |r, _| -((39 - r) as f32) / 100.0);
        after.ids[0] = "foreign".to_owned();
        after.delta.set(1, 0, f32::NAN);
        let moved = moved(&before, &after);
        assert!(moved.iter().all(|m| m.change.abs() < 1e-9), "|D| did not change: {moved:?}");
        let turns_of = |dimension| moved.iter().find(|m| m.dimension == dimension).map(|m| m.turns);
        assert_eq!((turns_of(0), turns_of(1)), (Some(38), Some(39)));
        assert!(super::moved(&before, &turns(0, |_, _| 0.0)).is_empty());
        assert!(super::moved(&turns(8, |_, _| 0.1), &turns(8, |_, _| 0.2))[0].interval.is_none());
    }
}
