//! Every bar as a row of the table: its name, its numbers, and what is known of it.

use crate::run::contents::RunContents;
use crate::topology::universal::UniversalTest;
use crate::window::canvas::barcode::BarGroup;

/// A bar in the table.
#[derive(Clone, Debug, PartialEq)]
pub struct BarRow {
    /// Place among all bars.
    pub bar: usize,
    /// Place by length within its dimension, from 0.
    pub rank: usize,
    /// "loop 1".
    pub name: String,
    /// Homological dimension.
    pub dim: u8,
    /// Scale of birth.
    pub birth: f64,
    /// Scale of death; `None` when it never ends.
    pub death: Option<f64>,
    /// Its length.
    pub length: Option<f64>,
    /// Death over birth, for loops and voids.
    pub ratio: Option<f64>,
    /// p-value of the bar alone, corrected for the number of bars.
    pub p: Option<f64>,
    /// Turns of its representative.
    pub turns: Option<usize>,
}

/// The rows of the table, in the order of the bars.
pub fn rows_of_table(run: &RunContents, universal: &UniversalTest) -> Vec<BarRow> {
    let mut rows: Vec<BarRow> = run
        .bars
        .iter()
        .enumerate()
        .map(|(bar, b)| BarRow {
            bar,
            rank: 0,
            name: String::new(),
            dim: b.dim,
            birth: b.birth,
            death: b.death,
            length: b.length(),
            ratio: b.death.filter(|_| b.birth > 0.0).map(|d| d / b.birth),
            p: None,
            turns: None,
        })
        .collect();
    for dim in 0..=2 {
        let noun = ["piece", "loop", "void"][usize::from(dim)];
        for (rank, bar) in BarGroup::longest(&run.bars, dim, usize::MAX).shown.into_iter().enumerate() {
            rows[bar].rank = rank;
            rows[bar].name = format!("{noun} {}", rank + 1);
        }
    }
    for p in &universal.bars {
        rows[p.bar].p = Some(p.p_bonferroni);
    }
    for cycle in &run.cycles {
        if let Some(row) = rows.get_mut(cycle.bar) {
            row.turns = Some(cycle.vertices.len());
        }
    }
    rows
}

/// What the p-value of a bar is.
pub fn p_hint(test: &UniversalTest) -> String {
    let few = if test.conservative { "; conservative, there are fewer than 300" } else { "" };
    format!(
        "A loop's death over birth against the universal law of noise, times {} loops (Bonferroni){few}",
        test.n_bars
    )
}
