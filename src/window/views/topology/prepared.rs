//! What the Topology view shows, computed once for a run and a set of choices.

use super::BandChoice;
use super::bar_rows::{BarRow, p_hint, rows_of_table};
use super::claim::{self, Claim};
use crate::core::bar::Bar;
use crate::core::cloud::CloudChoice;
use crate::core::matrix::Matrix;
use crate::core::scm;
use crate::field::vpm::{Limits, Normalisation, Scope};
use crate::run::contents::RunContents;
use crate::topology::landscape::{PersistenceImage, landscape, persistence_image};
use crate::topology::universal;
use crate::window::canvas::axes::round_up;
use crate::window::canvas::barcode::{BarGroup, BarcodePlot};
use crate::window::canvas::betti::{BettiPlot, betti_curve};
use crate::window::canvas::diagram::{DiagramPlot, DiagramPoint};
use crate::window::canvas::histogram::NullHistogram;
use crate::window::canvas::landscape::LandscapePlot;
use crate::window::canvas::loop_plot::LoopPlot;
use serde_json::Value;
use std::sync::Arc;

/// Bars of pieces drawn in the barcode at most, where it is tall.
const MOST_THIN: usize = 28;
/// Bars of loops, and of voids, drawn in the barcode at most, where it is tall.
const MOST_THICK: usize = 160;
/// Points of one dimension drawn in the diagram at most; the longest are kept.
const MOST_POINTS: usize = 3_000;
/// Ticks of merging pieces drawn in the diagram at most.
const MOST_PIECES: usize = 60;
/// Null fields from which their band is drawn while they are still drawn themselves.
const FEW_NULLS: usize = 19;
/// Turns drawn behind a loop at most.
const MOST_CLOUD: usize = 4_000;

/// What decides the prepared picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Key {
    /// Version of the run and of what grows in it.
    pub version: (u64, u64),
    /// Highest dimension.
    pub up_to: u8,
    /// Which band.
    pub band: BandChoice,
    /// Which test.
    pub test: usize,
}

/// Everything that does not depend on size or selection.
pub struct Prepared {
    /// What it was computed for.
    pub key: Key,
    /// The run.
    pub run: Arc<RunContents>,
    /// The sentence.
    pub claim: Claim,
    /// Bars shown.
    pub barcode: BarcodePlot,
    /// Points shown.
    pub diagram: DiagramPlot,
    /// Betti curve of H1 without the selected loop.
    pub betti: BettiPlot,
    /// The null distribution.
    pub nulls: Option<NullHistogram>,
    /// H1 bars by length: rank gives the name "loop 1".
    pub loops: Vec<usize>,
    /// Highest dimension there is.
    pub max_dim: u8,
    /// How the cloud was made.
    pub cloud: CloudChoice,
    /// Whether it was chosen after looking.
    pub exploratory: bool,
    /// Landscapes of H1.
    pub landscape: LandscapePlot,
    /// Persistence image of H1.
    pub image: PersistenceImage,
    /// Every bar as a row of the table, by place in the list of bars.
    pub rows: Vec<BarRow>,
    /// What the p-value of a bar is.
    pub p_hint: String,
    /// Whether the run has a confidence band.
    pub has_confidence: bool,
    /// What grey means, in words.
    pub band_words: String,
    /// Colours of the five differences in the loop's table.
    pub limits: Option<Limits>,
    /// The loop panel's plot for the bar it was made for.
    loop_plot: Option<(usize, Arc<LoopPlot>)>,
}

/// Cells along an axis of the persistence image, and the width of a bump in cells.
const IMAGE: (usize, f64) = (56, 1.8);
/// Landscapes drawn.
const LEVELS: usize = 5;

impl Prepared {
    /// Computes everything; `None` when the run has no bars. `growing` is the number of null fields wanted while they
    /// are drawn.
    pub fn new(key: Key, run: &Arc<RunContents>, growing: Option<usize>) -> Option<Self> {
        if run.bars.is_empty() {
            return None;
        }
        let tests = claim::tests(run);
        let test = tests.get(key.test);
        let primary = tests.first();
        let confidence = run.number("topology", "/band/length");
        let so_far =
            || crate::core::stats::quantile(&run.nulls, 0.95).filter(|_| run.nulls.len() >= FEW_NULLS);
        let null = primary.map(|t| t.q95).filter(|q| q.is_finite()).or_else(so_far);
        let (band, band_words) = match (key.band, confidence) {
            (BandChoice::Confidence, Some(length)) => (Some(length), "length within the confidence band"),
            _ => (null, "length that 95 of 100 null fields stay below"),
        };
        let max_dim = run.bars.iter().map(|b| b.dim).max().unwrap_or(0);
        let groups: Vec<BarGroup> = (0..=key.up_to.min(max_dim.max(1)))
            .map(|dim| BarGroup::longest(&run.bars, dim, if dim == 0 { MOST_THIN } else { MOST_THICK }))
            .collect();
        let loops = BarGroup::longest(&run.bars, 1, usize::MAX).shown;
        let betti_band = null_betti(run);
        let limit = scale_limit(&run.bars, &groups, band, &betti_band);
        let scales: Vec<f64> = (0..=240).map(|i| f64::from(i) / 240.0 * limit).collect();
        let betti = BettiPlot {
            curve: betti_curve(&run.bars, 1, &scales),
            scales: scales.clone(),
            band: betti_band,
            selected: None,
        };
        let about = |name: &str| run.metrics.get("topology").and_then(|t| t.get(name));
        let cloud: CloudChoice =
            about("cloud").and_then(|c| serde_json::from_value(c.clone()).ok()).unwrap_or_default();
        let levels = landscape(&run.bars, 1, LEVELS, &scales);
        let chance = null.map(|b| b / 2.0);
        let landscape = LandscapePlot { levels, scales, chance, selected: None };
        let universal = universal::test(&run.bars, 1);
        let observed = claim::longest_loop(&run.bars).unwrap_or(f64::NAN);
        Some(Self {
            key,
            run: Arc::clone(run),
            claim: match growing {
                Some(wanted) => claim::growing(run, wanted),
                None => claim::claim(run, test, key.test == 0),
            },
            image: image_of(&run.bars, null),
            rows: rows_of_table(run, &universal),
            p_hint: p_hint(&universal),
            exploratory: about("exploratory").and_then(Value::as_bool).unwrap_or(false),
            landscape,
            cloud,
            diagram: DiagramPlot { points: points(&run.bars, key.up_to, limit), band, limit },
            barcode: BarcodePlot { groups, band, limit },
            betti,
            nulls: NullHistogram::new(&run.nulls, primary.map_or(observed, |t| t.observed)),
            loops,
            max_dim,
            has_confidence: confidence.is_some(),
            band_words: band.map_or_else(
                || "what chance gives is not known".to_owned(),
                |_| format!("grey: {band_words}"),
            ),
            limits: run.delta.as_ref().map(|d| Limits::of(&[d], Normalisation::Symmetric(Scope::Run))),
            loop_plot: None,
        })
    }

    /// "loop 1" for an H1 bar, "piece" or "void" with its place otherwise.
    pub fn name_of(&self, bar: usize) -> String {
        self.rows.get(bar).map_or_else(|| "bar".to_owned(), |r| r.name.clone())
    }

    /// The turns of a bar's representative, ascending; `None` when none was computed.
    pub fn rows_of(&self, bar: usize) -> Option<Vec<usize>> {
        let cycle = self.run.cycles.iter().find(|c| c.bar == bar)?;
        // A cycle of another field may name rows that this run does not have.
        let known = self.run.delta.as_ref().map_or(0, |d| d.rows());
        let mut rows: Vec<usize> =
            cycle.vertices.iter().map(|v| *v as usize).filter(|r| *r < known).collect();
        rows.sort_unstable();
        rows.dedup();
        Some(rows)
    }

    /// The turns of a bar's representative in walking order.
    pub fn walk_of(&self, bar: usize) -> Vec<usize> {
        let cycle = self.run.cycles.iter().find(|c| c.bar == bar);
        cycle.map_or_else(Vec::new, |c| c.vertices.iter().map(|v| *v as usize).collect())
    }

    /// Bars whose representative passes through any of some rows (ascending).
    pub fn bars_through(&self, rows: &[usize]) -> Vec<usize> {
        let inside = |v: &u32| rows.binary_search(&(*v as usize)).is_ok();
        let through = |c: &&crate::core::bar::Cycle| c.vertices.iter().any(inside);
        self.run.cycles.iter().filter(through).map(|c| c.bar).collect()
    }

    /// The plot of a loop, made once.
    pub fn loop_plot(&mut self, bar: usize) -> Option<Arc<LoopPlot>> {
        if let Some((made_for, plot)) = &self.loop_plot
            && *made_for == bar
        {
            return Some(Arc::clone(plot));
        }
        if self.run.bars.get(bar).is_none_or(|b| b.dim != 1) {
            return None;
        }
        let walk = self.walk_of(bar);
        let d = self.run.delta.as_ref()?;
        let plot = Arc::new(make_loop_plot(d, &walk)?);
        self.loop_plot = Some((bar, Arc::clone(&plot)));
        Some(plot)
    }
}

/// The image over the range of the loops' births and lengths.
fn image_of(bars: &[Bar], null: Option<f64>) -> PersistenceImage {
    let loops = || bars.iter().filter(|b| b.dim == 1 && b.death.is_some());
    let births = loops().map(|b| b.birth).fold(0.0, f64::max);
    let lengths = loops().filter_map(Bar::length).fold(null.unwrap_or(0.0), f64::max);
    let ends = (round_up(births * 1.1, 4), round_up(lengths * 1.1, 4));
    persistence_image(bars, 1, ends, IMAGE.0, IMAGE.1)
}

/// Where the axes end: what is drawn of loops, bands and finite pieces has room.
fn scale_limit(bars: &[Bar], groups: &[BarGroup], band: Option<f64>, betti: &[(f64, f64, f64)]) -> f64 {
    let shown = groups.iter().flat_map(|g| &g.shown).map(|&i| &bars[i]);
    let far = shown.fold(0.0_f64, |most, b| {
        let with_band = if b.dim > 0 { band.map_or(0.0, |l| b.birth + l) } else { 0.0 };
        most.max(b.death.unwrap_or(b.birth)).max(with_band)
    });
    let open = betti.iter().filter(|b| b.2 > 0.0).map(|b| b.0).fold(0.0, f64::max);
    // The longest loop keeps room for its name at its end.
    let named = claim::longest_loop_end(bars).map_or(0.0, |end| end * 1.28);
    round_up(far.max(open.min(far * 1.6)).max(named) * 1.02, 6)
}

fn points(bars: &[Bar], up_to: u8, limit: f64) -> Vec<DiagramPoint> {
    (0..=up_to)
        .flat_map(|dim| BarGroup::longest(bars, dim, if dim == 0 { MOST_PIECES } else { MOST_POINTS }).shown)
        .filter_map(|bar| {
            let b = &bars[bar];
            let death = b.death.filter(|d| *d <= limit)?;
            Some(DiagramPoint { bar, dim: b.dim, birth: b.birth, death })
        })
        .collect()
}

/// The 5% to 95% range of the null fields' Betti curves of H1, when the run keeps it.
fn null_betti(run: &RunContents) -> Vec<(f64, f64, f64)> {
    let bands = run.metrics.get("topology").and_then(|t| t.get("betti_bands")).and_then(Value::as_array);
    let Some(band) = bands.into_iter().flatten().find(|b| b.get("dim").and_then(Value::as_u64) == Some(1))
    else {
        return Vec::new();
    };
    let list = |k: &str| -> Vec<f64> {
        let values = band.get(k).and_then(Value::as_array);
        values.into_iter().flatten().map(|v| v.as_f64().unwrap_or(f64::NAN)).collect()
    };
    let (scales, low, high) = (list("scales"), list("q05"), list("q95"));
    scales
        .into_iter()
        .zip(low.into_iter().zip(high))
        .map(|(s, (l, h))| (s, l, h))
        .filter(|(s, l, h)| s.is_finite() && l.is_finite() && h.is_finite())
        .collect()
}

/// The plane of the two scores on which the loop's turns spread most.
pub fn make_loop_plot(d: &Matrix, walk: &[usize]) -> Option<LoopPlot> {
    if walk.len() < 3 || walk.iter().any(|r| *r >= d.rows()) || d.cols() < scm::SCORES.end {
        return None;
    }
    let spread = |column: usize| {
        let values: Vec<f64> = walk.iter().map(|&r| f64::from(d.get(r, column))).collect();
        crate::core::stats::std_dev(&values).filter(|v| v.is_finite()).unwrap_or(0.0)
    };
    let mut order: Vec<usize> = scm::SCORES.collect();
    order.sort_by(|&i, &j| spread(j).total_cmp(&spread(i)));
    let (x, y) = (order[0].min(order[1]), order[0].max(order[1]));
    let at = |r: usize| (f64::from(d.get(r, x)), f64::from(d.get(r, y)));
    let step = d.rows().div_ceil(MOST_CLOUD).max(1);
    let cloud: Vec<(f64, f64)> =
        (0..d.rows()).step_by(step).map(at).filter(|(a, b)| a.is_finite() && b.is_finite()).collect();
    let cycle: Vec<(usize, f64, f64)> = walk.iter().map(|&r| (r, at(r).0, at(r).1)).collect();
    let mut reach: Vec<f64> = cloud.iter().map(|(a, b)| a.abs().max(b.abs())).collect();
    reach.sort_by(f64::total_cmp);
    let most = crate::core::stats::quantile_sorted(&reach, 0.995).unwrap_or(1.0);
    let on_loop = cycle.iter().map(|(_, a, b)| a.abs().max(b.abs())).fold(0.0, f64::max);
    Some(LoopPlot {
        cloud,
        cycle,
        names: (format!("D {}", scm::SHORT[x]), format!("D {}", scm::SHORT[y])),
        limit: most.max(on_loop).max(1e-6) * 1.08,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_is_shown_in_the_plane_where_it_spreads() {
        let d = Matrix::from_fn(40, 12, |r, c| {
            let a = r as f32 / 40.0 * std::f32::consts::TAU;
            match c {
                1 => 0.3 * a.cos(),
                3 => 0.3 * a.sin(),
                _ => 0.0,
            }
        });
        let plot = make_loop_plot(&d, &(0..40).collect::<Vec<_>>()).unwrap();
        assert_eq!(plot.names, ("D knowledge".to_owned(), "D faithfulness".to_owned()));
        assert!(plot.limit > 0.3 && plot.limit < 0.4);
        assert!(make_loop_plot(&d, &[1, 2]).is_none());
        assert!(make_loop_plot(&d, &[1, 2, 99]).is_none(), "a cycle of another field is not drawn");
    }
}
