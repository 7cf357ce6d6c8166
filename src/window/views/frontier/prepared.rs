//! What the four maps draw, made once a run and choice and off the frame's thread.

use crate::core::matrix::Matrix;
use crate::core::scm;
use crate::field::frontier::agreement::Agreement;
use crate::field::frontier::arrows::Arrows;
use crate::field::frontier::canonical::Canonical;
use crate::field::frontier::density::{Density, Path};
use crate::field::frontier::epistemic::Quadrants;
use crate::field::frontier::uncertainty_gap;
use crate::figure::color_by::{ColorBy, Coloring};
use crate::run::contents::RunContents;
use crate::window::canvas::cloud::{Cloud, Inks, ends};
use crate::window::theme;
use crate::window::views::colour_key::coloring_of;
use crate::window::views::turn_list;
use std::sync::Arc;

/// What decides the pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Version of the run.
    pub version: u64,
    /// Metric of A across, metric of B up.
    pub columns: (usize, usize),
    /// Colour.
    pub by: ColorBy,
    /// Theme.
    pub dark: bool,
}

/// What depends on the run alone.
pub struct Statistics {
    /// Both passes in one plane.
    pub arrows: Option<Arrows>,
    /// Places of the arrows that are drawn.
    pub drawn: Vec<usize>,
    /// Canonical correlations and residuals.
    pub canonical: Option<Canonical>,
    /// Rows of the residual, the longest first.
    pub by_norm: Vec<usize>,
    /// Gap in uncertainty `[turns, 5]`.
    pub gap: Option<Matrix>,
}

/// The frontier map.
pub struct FrontierMap {
    /// Turns at (A, B).
    pub cloud: Cloud,
    /// Contours of the densest half and nine tenths.
    pub contours: Vec<Path>,
    /// Who is higher on how many turns; `None` for a pair of different metrics.
    pub agreement: Option<Agreement>,
}

/// The epistemic map.
pub struct EpistemicMap {
    /// Turns at (dQ, dE).
    pub cloud: Cloud,
    /// Turns in each quadrant.
    pub counts: Quadrants,
}

/// Everything the view draws.
pub struct Prepared {
    /// For which choices.
    pub key: Key,
    /// The colour that is really shown.
    pub by: ColorBy,
    /// Values or groups of the colour.
    pub coloring: Coloring,
    /// Its inks.
    pub inks: Inks,
    /// Mean D of every row.
    pub delta: Vec<f64>,
    /// Frontier map.
    pub frontier: FrontierMap,
    /// Heads of the arrows, for pointing at.
    pub heads: Cloud,
    /// Epistemic map; `None` when a pass tells no uncertainty.
    pub epistemic: Option<EpistemicMap>,
    /// What depends on the run alone.
    pub statistics: Arc<Statistics>,
}

impl Statistics {
    fn of(run: &RunContents, a: &Matrix, b: &Matrix) -> Self {
        let seed = run.seed();
        let arrows = Arrows::of(a, b);
        let drawn = arrows.as_ref().map_or_else(Vec::new, |x| x.drawn(seed));
        let canonical = Canonical::of(a, b, seed);
        let by_norm = canonical.as_ref().map_or_else(Vec::new, |c| {
            let mut order: Vec<usize> = (0..c.rows.len()).collect();
            order.sort_by(|x, y| c.norm[*y].total_cmp(&c.norm[*x]).then(x.cmp(y)));
            order
        });
        Self { arrows, drawn, canonical, by_norm, gap: uncertainty_gap(a, b, run.uncertainty_gap.as_deref()) }
    }
}

impl Prepared {
    /// Everything for a run; `None` unless it has both passes on the same turns.
    pub fn new(key: Key, run: &RunContents, known: Option<Arc<Statistics>>) -> Option<Self> {
        let scm_of = |p: &Option<Arc<crate::run::contents::Pass>>| {
            let pass = p.as_ref()?;
            let whole = pass.scm.cols() == scm::N_COLUMNS && pass.scm.rows() == run.turns.len();
            (whole && pass.scm.rows() > 0).then(|| Arc::clone(pass))
        };
        let (a, b) = (scm_of(&run.a)?, scm_of(&run.b)?);
        let (a, b) = (&a.scm, &b.scm);
        let mut by = key.by.clone();
        let coloring = coloring_of(run, &mut by)?;
        let inks = Inks::of(&coloring, theme::tokens(key.dark));
        let statistics = known.unwrap_or_else(|| Arc::new(Statistics::of(run, a, b)));
        let rows: Vec<usize> = (0..run.turns.len()).collect();
        let heads = statistics.arrows.as_ref().map_or_else(Cloud::default, |x| {
            let at: Vec<(f64, f64)> = x.to.iter().map(|p| (f64::from(p[0]), f64::from(p[1]))).collect();
            let mut cloud = Cloud::new(&x.rows, &at, &coloring, &inks);
            let both = |k: usize| x.from.iter().chain(&x.to).map(move |p| f64::from(p[k]));
            cloud.home = (ends(both(0)), ends(both(1)));
            cloud
        });
        Some(Self {
            frontier: frontier(a, b, key.columns, &rows, &coloring, &inks),
            epistemic: epistemic(a, b, statistics.gap.as_ref(), key.columns.0, &rows, &coloring, &inks),
            delta: turn_list::deltas(run),
            heads,
            statistics,
            coloring,
            inks,
            by,
            key,
        })
    }
}

fn frontier(
    a: &Matrix,
    b: &Matrix,
    (across, up): (usize, usize),
    rows: &[usize],
    coloring: &Coloring,
    inks: &Inks,
) -> FrontierMap {
    let (x, y) = (a.column(across), b.column(up));
    let at: Vec<(f64, f64)> = x.iter().zip(&y).map(|(x, y)| (f64::from(*x), f64::from(*y))).collect();
    let mut cloud = Cloud::new(rows, &at, coloring, inks);
    if across == up {
        // One range for both axes, so that the diagonal runs from corner to corner.
        let (x, y) = cloud.home;
        let common = (x.0.min(y.0).max(-0.02), x.1.max(y.1).min(1.02));
        cloud.home = (common, common);
    }
    let known: Vec<(f64, f64)> = at.into_iter().filter(|p| p.0.is_finite() && p.1.is_finite()).collect();
    // The density reaches beyond the outermost points; a contour cut by the edge of the plot would look like a limit.
    let around = |(low, high): (f64, f64)| (low - 0.15 * (high - low), high + 0.15 * (high - low));
    let wide = (around(cloud.home.0), around(cloud.home.1));
    let contours: Vec<Vec<(f64, f64)>> = Density::of(&known, wide.0, wide.1).map_or_else(Vec::new, |d| {
        [0.5, 0.9].into_iter().flat_map(|share| d.contour(d.level(share))).collect()
    });
    for p in contours.iter().flatten() {
        let reach = |(low, high): (f64, f64), at: f64| (low.min(at - 0.01), high.max(at + 0.01));
        cloud.home = (reach(cloud.home.0, p.0), reach(cloud.home.1, p.1));
    }
    if across == up {
        let (x, y) = cloud.home;
        let common = (x.0.min(y.0), x.1.max(y.1));
        cloud.home = (common, common);
    }
    FrontierMap { cloud, contours, agreement: (across == up).then(|| Agreement::of(&x, &y)) }
}

fn epistemic(
    a: &Matrix,
    b: &Matrix,
    gap: Option<&Matrix>,
    column: usize,
    rows: &[usize],
    coloring: &Coloring,
    inks: &Inks,
) -> Option<EpistemicMap> {
    let gap = gap?;
    let dq: Vec<f32> = rows.iter().map(|&r| a.get(r, column) - b.get(r, column)).collect();
    // A dimension has its own gap in uncertainty; every other metric takes the shared one.
    let de: Vec<f32> = if scm::SCORES.contains(&column) {
        gap.column(column)
    } else {
        rows.iter().map(|&r| a.get(r, scm::UNCERTAINTY) - b.get(r, scm::UNCERTAINTY)).collect()
    };
    let at: Vec<(f64, f64)> = dq.iter().zip(&de).map(|(q, e)| (f64::from(*q), f64::from(*e))).collect();
    let mut cloud = Cloud::new(rows, &at, coloring, inks);
    let reach = |(low, high): (f64, f64)| {
        let most = low.abs().max(high.abs());
        (-most, most)
    };
    cloud.home = (reach(cloud.home.0), reach(cloud.home.1));
    let counts = Quadrants::of(&dq, &de);
    (counts.n > 0).then_some(EpistemicMap { cloud, counts })
}
