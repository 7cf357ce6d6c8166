//! One number with its interval, and the bootstrap that gives every metric its own.

use super::Measured;
use super::cells::{Cells, Linear};
use super::kendall::TauTable;
use super::rank::RankTable;
use crate::core::dimension::N_DIMENSIONS;
use crate::core::scm::{COLUMNS, N_COLUMNS};
use crate::core::seed::stream;
use crate::core::stats::quantile_sorted;
use rand::RngExt;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Bootstrap resamples.
pub const RESAMPLES: usize = 2000;
/// Turns up to which Kendall's tau-b gets all resamples; above, fewer in proportion, at least [`FEWEST`].
const ALL_RESAMPLES_UP_TO: usize = 5000;
const FEWEST: usize = 200;

/// A metric: its value, what it means and how sure it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The value on the turns as they are; `None` where undefined (a constant column has no correlation).
    pub value: Option<f64>,
    /// Lower end of the 95 % interval.
    pub low: Option<f64>,
    /// Upper end of the 95 % interval.
    pub high: Option<f64>,
    /// How many things the value is computed over.
    pub n: usize,
    /// What those things are ("cells", "turns").
    pub n_of: String,
    /// Resamples behind the interval in which the metric was defined.
    pub resamples: usize,
    /// Unit ("score", "share", "correlation").
    pub unit: String,
    /// Formula in words.
    pub definition: String,
    /// Which way is better agreement, where there is one.
    pub higher_is_better: Option<bool>,
}

/// What a metric is, without its numbers.
pub(super) struct Meaning {
    pub unit: &'static str,
    pub n_of: &'static str,
    pub definition: String,
    pub higher_is_better: Option<bool>,
}

impl Estimate {
    /// From the value on all turns and on each resample (NaN where undefined).
    pub(super) fn new(meaning: Meaning, n: usize, value: f64, resampled: &[f64]) -> Self {
        let mut defined: Vec<f64> = resampled.iter().copied().filter(|v| v.is_finite()).collect();
        defined.sort_by(f64::total_cmp);
        let value = value.is_finite().then_some(value);
        let end = |q| value.and_then(|_| quantile_sorted(&defined, q));
        Self {
            value,
            low: end(0.025),
            high: end(0.975),
            n,
            n_of: meaning.n_of.to_owned(),
            resamples: defined.len(),
            unit: meaning.unit.to_owned(),
            definition: meaning.definition,
            higher_is_better: meaning.higher_is_better,
        }
    }
}

/// All bootstrapped metrics.
pub(super) struct Estimates {
    pub delta_mass: Estimate,
    pub mass_by_column: Vec<Estimate>,
    pub bias: Vec<Estimate>,
    pub cosine_flattened: Estimate,
    pub cosine_rowwise: Estimate,
    pub agreement: Estimate,
    pub kappa: Estimate,
    pub close: Estimate,
    pub gap: Estimate,
    pub gap_abs: Estimate,
    pub spearman: Vec<Estimate>,
    pub kendall: Vec<Estimate>,
}

/// How often each of `n` turns is drawn in resample `number`; each resample has its own stream.
pub(super) fn draw_counts(n: usize, seed: u64, number: usize) -> Vec<u32> {
    let mut rng = stream(seed, &format!("field/bootstrap/{number}"));
    let mut counts = vec![0_u32; n];
    for _ in 0..n {
        counts[rng.random_range(0..n)] += 1;
    }
    counts
}

/// One evaluation of every metric under one set of counts.
struct Evaluated {
    linear: Linear,
    spearman: [f64; N_DIMENSIONS],
    kendall: [f64; N_DIMENSIONS],
}

pub(super) fn run(m: &Measured<'_>, seed: u64) -> Estimates {
    let n = m.turn_ids.len();
    let cells = Cells::new(m);
    let ranks: Vec<RankTable> =
        (0..N_DIMENSIONS).map(|c| RankTable::new(&m.a.column(c), &m.b.column(c))).collect();
    let taus: Vec<TauTable> =
        (0..N_DIMENSIONS).map(|c| TauTable::new(&m.a.column(c), &m.b.column(c))).collect();
    let with_tau =
        if n <= ALL_RESAMPLES_UP_TO { RESAMPLES } else { (RESAMPLES * ALL_RESAMPLES_UP_TO / n).max(FEWEST) };
    let evaluate = |counts: &[u32], tau: bool| Evaluated {
        linear: cells.evaluate(counts),
        spearman: std::array::from_fn(|c| ranks[c].spearman(counts)),
        kendall: std::array::from_fn(|c| if tau { taus[c].tau_b(counts) } else { f64::NAN }),
    };
    let whole = evaluate(&vec![1; n], true);
    let resampled: Vec<Evaluated> = (0..RESAMPLES)
        .into_par_iter()
        .map(|number| evaluate(&draw_counts(n, seed, number), number < with_tau))
        .collect();
    gather(m, &cells, &ranks, &whole, &resampled)
}

fn gather(
    m: &Measured<'_>,
    cells: &Cells,
    ranks: &[RankTable],
    whole: &Evaluated,
    all: &[Evaluated],
) -> Estimates {
    let make = |n: usize, meaning: Meaning, get: &dyn Fn(&Evaluated) -> f64| {
        Estimate::new(meaning, n, get(whole), &all.iter().map(get).collect::<Vec<_>>())
    };
    let unit = m.unit();
    let of = |unit, n_of, definition: &str, higher_is_better| Meaning {
        unit,
        n_of,
        definition: definition.to_owned(),
        higher_is_better,
    };
    let n = &cells.present;
    let per_column = |definition: &str, get: fn(&Linear, usize) -> f64| -> Vec<Estimate> {
        (0..N_COLUMNS)
            .map(|c| {
                let text = format!("{definition} of {}", COLUMNS[c]);
                make(n.by_column[c], of(unit, "turns", &text, None), &|e| get(&e.linear, c))
            })
            .collect()
    };
    let per_dimension = |definition: &str, get: fn(&Evaluated, usize) -> f64| -> Vec<Estimate> {
        (0..N_DIMENSIONS)
            .map(|c| {
                let text = format!("{definition} of {}", COLUMNS[c]);
                make(ranks[c].n(), of("correlation", "turns", &text, Some(true)), &|e| get(e, c))
            })
            .collect()
    };
    Estimates {
        delta_mass: make(
            n.score_cells_d,
            of(unit, "cells", "mean abs D over the five score columns", None),
            &|e| e.linear.delta_mass,
        ),
        mass_by_column: per_column("mean abs D", |l, c| l.mass[c]),
        bias: per_column("mean D (signed, A - B)", |l, c| l.bias[c]),
        cosine_flattened: make(
            n.score_cells,
            of(
                "cosine",
                "cells",
                "cosine between the five score columns of A and of B, each column minus its own mean, flattened",
                Some(true),
            ),
            &|e| e.linear.cosine_flattened,
        ),
        cosine_rowwise: make(
            n.rows,
            of(
                "cosine",
                "turns",
                "mean over turns of the cosine between the turn's five scores in A and in B, each column minus its own mean; turns at the mean of either pass are left out",
                Some(true),
            ),
            &|e| e.linear.cosine_rowwise,
        ),
        agreement: make(
            n.score_cells,
            of(
                "share",
                "cells",
                "share of score cells with A and B on the same side of 0.5 (0.5 counts as above)",
                Some(true),
            ),
            &|e| e.linear.agreement,
        ),
        kappa: make(
            n.score_cells,
            of(
                "kappa",
                "cells",
                "Cohen's kappa of the sides of 0.5 over the score cells (Cohen 1960)",
                Some(true),
            ),
            &|e| e.linear.kappa,
        ),
        close: make(
            n.score_cells,
            of("share", "cells", "share of score cells with abs (A - B) <= 0.05", Some(true)),
            &|e| e.linear.close,
        ),
        gap: make(
            n.uncertainty,
            of("score", "turns", "mean (uncertainty01 of A - uncertainty01 of B)", None),
            &|e| e.linear.gap,
        ),
        gap_abs: make(
            n.uncertainty,
            of("score", "turns", "mean abs (uncertainty01 of A - uncertainty01 of B)", None),
            &|e| e.linear.gap_abs,
        ),
        spearman: per_dimension("Spearman's rho (mean ranks for ties) between A and B", |e, c| e.spearman[c]),
        kendall: per_dimension("Kendall's tau-b between A and B", |e, c| e.kendall[c]),
    }
}
