//! Does each head mean something? Its skill on test turns beside what no skill would give.

use crate::core::matrix::Matrix;
use crate::core::seed;
use crate::core::stats;
use crate::core::turn::Split;
use crate::nn::device::DeviceChoice;
use crate::nn::params::{HostParams, Params};
use crate::nn::readings::{self, Cube};
use crate::nn::scorer::ScorerConfig;
use crate::train::batch::MASKED_SHARE;
use serde::Serialize;
use std::collections::BTreeMap;

/// Margin within which two minds agree.
const MARGIN: f64 = 0.1;

/// The skill of one head, mean over the dimensions in which it is defined.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Skill {
    /// What is measured, in words.
    pub measure: String,
    /// The figure; `None` where undefined.
    pub value: Option<f64>,
    /// What a head without skill reaches.
    pub no_skill: f64,
    /// Pairs of turn and dimension behind it.
    pub n: usize,
    /// By dimension, `None` where undefined.
    pub by_dimension: Vec<Option<f64>>,
    /// Further figures of the same head by name, each the mean over the dimensions in which it is defined.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub also: BTreeMap<String, f64>,
}

impl Skill {
    fn also(mut self, name: &str, figures: impl IntoIterator<Item = Option<f64>>) -> Self {
        let defined: Vec<f64> = figures.into_iter().flatten().filter(|v| v.is_finite()).collect();
        self.also.extend(stats::mean(&defined).map(|mean| (name.to_owned(), mean)));
        self
    }
}

/// What the skills are measured on.
pub struct Evidence<'a> {
    /// Shape of the scorer.
    pub config: &'a ScorerConfig,
    /// Its weights.
    pub weights: &'a HostParams,
    /// Its readings of all turns.
    pub cube: &'a Cube,
    /// Goal embeddings.
    pub x: &'a Matrix,
    /// Response embeddings.
    pub y: &'a Matrix,
    /// Judgements `[turns, models]`, NaN where missing.
    pub targets: &'a Matrix,
    /// Part of each turn.
    pub split: &'a [Split],
    /// Conversation of each turn.
    pub conversations: &'a [String],
    /// abs(A - B) `[turns, models]`, when both passes exist.
    pub gap: Option<&'a Matrix>,
    /// Seed of the made-up turns, masks and directions.
    pub seed: u64,
}

/// The skill of every head on the test turns (spec 8, `heads`), by head.
pub fn skills(evidence: &Evidence<'_>, device: &DeviceChoice) -> BTreeMap<String, Skill> {
    let rows: Vec<usize> = (0..evidence.split.len()).filter(|r| evidence.split[*r] == Split::Test).collect();
    let table = Table { evidence, rows: &rows };
    let mut out = BTreeMap::new();
    let mut put = |head: &str, skill: Skill| out.insert(head.to_owned(), skill);
    put(
        "score",
        table.against_labels("Spearman of score and judgement", 0.0, |t, m| {
            let (said, truth, _) = t.labelled("score", m);
            (stats::spearman(&said, &truth), said.len())
        }),
    );
    put(
        "log_var",
        table
            .against_labels("Spearman of predicted variance and absolute error", 0.0, |t, m| {
                let (said, truth, kept) = t.labelled("score", m);
                let error: Vec<f64> = said.iter().zip(&truth).map(|(s, j)| (s - j).abs()).collect();
                (stats::spearman(&t.column("log_var", m, &kept), &error), error.len())
            })
            .also("AUSE", table.each(|t, m| t.uncertainty(m).and_then(|u| u.ause())))
            .also(
                "mean squared error over predicted variance",
                table.each(|t, m| t.uncertainty(m)?.calibration()),
            )
            .also(
                "share within 1.645 predicted deviations",
                table.each(|t, m| t.uncertainty(m)?.within(1.645)),
            ),
    );
    put("aux3", table.aux3());
    put(
        "halt",
        table.against_labels("AUROC of halt for scores within 0.1 of the judgement", 0.5, |t, m| {
            let (said, truth, kept) = t.labelled("score", m);
            let settled: Vec<bool> = said.iter().zip(&truth).map(|(s, j)| (s - j).abs() < MARGIN).collect();
            (stats::auroc(&t.column("halt", m, &kept), &settled), settled.len())
        }),
    );
    if let Some(gap) = evidence.gap {
        put(
            "disagree",
            table
                .against_labels("Spearman of predicted and real gap abs(A - B)", 0.0, |t, m| {
                    let (kept, real) = t.gaps(gap, m);
                    (stats::spearman(&t.column("disagree", m, &kept), &real), real.len())
                })
                .also(
                    "AUROC for the largest quarter of gaps",
                    table.each(|t, m| {
                        let (kept, real) = t.gaps(gap, m);
                        let bar = stats::quantile(&real, 0.75)?;
                        let large: Vec<bool> = real.iter().map(|g| *g > bar).collect();
                        stats::auroc(&t.column("disagree", m, &kept), &large)
                    }),
                ),
        );
        if table.has("agree") {
            put(
                "agree",
                table.against_labels("AUROC of predicted agreement for gaps up to 0.1", 0.5, |t, m| {
                    let (kept, real) = t.gaps(gap, m);
                    let agrees: Vec<bool> = real.iter().map(|g| *g <= MARGIN).collect();
                    (stats::auroc(&t.column("agree", m, &kept), &agrees), agrees.len())
                }),
            );
        }
    }
    let probe = Probe::new(&table, device);
    put("reconstruction", probe.reconstruction());
    put("consistency", probe.consistency());
    put("ood", probe.ood());
    if table.has("sensitivity") {
        put("sensitivity", probe.sensitivity());
    }
    out
}

struct Table<'a> {
    evidence: &'a Evidence<'a>,
    rows: &'a [usize],
}

impl Table<'_> {
    fn models(&self) -> usize {
        self.evidence.cube.models
    }

    fn has(&self, attribute: &str) -> bool {
        let table = self.evidence.cube.attribute(attribute).unwrap_or_default();
        table.data().iter().any(|v| v.is_finite())
    }

    fn column(&self, attribute: &str, model: usize, rows: &[usize]) -> Vec<f64> {
        let table = self.evidence.cube.attribute(attribute).unwrap_or_default();
        rows.iter().map(|r| f64::from(table.get(*r, model))).collect()
    }

    /// Values of an attribute, judgements and rows where both exist.
    fn labelled(&self, attribute: &str, model: usize) -> (Vec<f64>, Vec<f64>, Vec<usize>) {
        let table = self.evidence.cube.attribute(attribute).unwrap_or_default();
        let truth = |r: usize| self.evidence.targets.get(r, model);
        let known = |r: &&usize| !truth(**r).is_nan() && table.get(**r, model).is_finite();
        let kept: Vec<usize> = self.rows.iter().filter(known).copied().collect();
        let said = kept.iter().map(|r| f64::from(table.get(*r, model))).collect();
        (said, kept.iter().map(|r| f64::from(truth(*r))).collect(), kept)
    }

    fn gaps(&self, gap: &Matrix, model: usize) -> (Vec<usize>, Vec<f64>) {
        let kept: Vec<usize> =
            self.rows.iter().filter(|r| gap.get(**r, model).is_finite()).copied().collect();
        let real = kept.iter().map(|r| f64::from(gap.get(*r, model))).collect();
        (kept, real)
    }

    /// One figure a model.
    fn each(&self, one: impl Fn(&Self, usize) -> Option<f64>) -> Vec<Option<f64>> {
        (0..self.models()).map(|m| one(self, m)).collect()
    }

    /// Squared errors and predicted variances of one model's labelled turns.
    fn uncertainty(&self, model: usize) -> Option<Uncertainty> {
        let (said, truth, kept) = self.labelled("score", model);
        let variance = self.column("log_var", model, &kept).into_iter().map(f64::exp).collect();
        let square = said.iter().zip(&truth).map(|(s, t)| (s - t).powi(2)).collect();
        (!said.is_empty()).then_some(Uncertainty { square, variance })
    }

    fn against_labels(
        &self,
        measure: &str,
        no_skill: f64,
        one: impl Fn(&Self, usize) -> (Option<f64>, usize),
    ) -> Skill {
        let figures: Vec<(Option<f64>, usize)> = (0..self.models()).map(|m| one(self, m)).collect();
        skill(measure, no_skill, figures)
    }

    fn aux3(&self) -> Skill {
        let mut majority = Vec::new();
        let figures: Vec<(Option<f64>, usize)> = (0..self.models())
            .map(|m| {
                let (_, truth, kept) = self.labelled("p_bad", m);
                let parts = ["p_bad", "p_medium", "p_good"].map(|a| self.column(a, m, &kept));
                let class: Vec<usize> = truth.iter().map(|t| ((t * 3.0).floor() as usize).min(2)).collect();
                let said = |at: usize| {
                    (0..3).fold(0, |best, c| if parts[c][at] > parts[best][at] { c } else { best })
                };
                let right = (0..class.len()).filter(|at| said(*at) == class[*at]).count();
                let n = class.len();
                let largest = (0..3).map(|c| class.iter().filter(|k| **k == c).count()).max().unwrap_or(0);
                if n > 0 {
                    majority.push(largest as f64 / n as f64);
                }
                ((n > 0).then(|| right as f64 / n as f64), n)
            })
            .collect();
        skill("accuracy of bad, medium, good", stats::mean(&majority).unwrap_or(0.0), figures)
    }
}

/// How well predicted variances tell errors.
struct Uncertainty {
    square: Vec<f64>,
    variance: Vec<f64>,
}

impl Uncertainty {
    /// Area under the sparsification error (Ilg et al. 2018), for RMSE: how much more error remains than if the turns
    /// with the truly largest errors were set aside first, as a share of the whole error; mean over the shares set
    /// aside. 0 is perfect; a variance that says nothing gives what the truly ordered curve leaves, about .3 to .5.
    fn ause(&self) -> Option<f64> {
        let n = self.square.len();
        let whole = stats::mean(&self.square).filter(|v| *v > 0.0)?.sqrt();
        let curve = |key: &[f64]| {
            let mut order: Vec<usize> = (0..n).collect();
            order.sort_by(|a, b| key[*a].total_cmp(&key[*b]).then(a.cmp(b)));
            let mut sum = 0.0;
            let rest = |(kept, at): (usize, usize)| {
                sum += self.square[at];
                (sum / (kept + 1) as f64).sqrt() / whole
            };
            order.into_iter().enumerate().map(rest).collect::<Vec<f64>>()
        };
        let (said, best) = (curve(&self.variance), curve(&self.square));
        stats::mean(&said.iter().zip(&best).map(|(s, b)| s - b).collect::<Vec<f64>>())
    }

    /// Mean squared error over mean predicted variance: 1 when the variance is right on average.
    fn calibration(&self) -> Option<f64> {
        let (square, variance) = (stats::mean(&self.square)?, stats::mean(&self.variance)?);
        (variance > 0.0).then_some(square / variance)
    }

    /// Share of turns whose error is below that many predicted standard deviations (.9 for 1.645 when normal).
    fn within(&self, deviations: f64) -> Option<f64> {
        let inside = self.square.iter().zip(&self.variance).filter(|(e, v)| **e <= deviations.powi(2) * **v);
        (!self.square.is_empty()).then(|| inside.count() as f64 / self.square.len() as f64)
    }
}

fn skill(measure: &str, no_skill: f64, figures: Vec<(Option<f64>, usize)>) -> Skill {
    let defined: Vec<f64> = figures.iter().filter_map(|(f, _)| *f).collect();
    Skill {
        measure: measure.to_owned(),
        value: stats::mean(&defined),
        no_skill,
        n: figures.iter().filter(|(f, _)| f.is_some()).map(|(_, n)| n).sum(),
        by_dimension: figures.into_iter().map(|(f, _)| f).collect(),
        also: BTreeMap::new(),
    }
}

/// Measures that need the scorer to be asked again.
struct Probe<'a> {
    table: &'a Table<'a>,
    params: Params,
    device: burn::tensor::Device,
    x: Matrix,
    y: Matrix,
}

impl<'a> Probe<'a> {
    fn new(table: &'a Table<'a>, device: &DeviceChoice) -> Self {
        let device = device.burn();
        let params = Params::from_host(table.evidence.weights, &device);
        let (x, y) = (table.evidence.x.select_rows(table.rows), table.evidence.y.select_rows(table.rows));
        Self { table, params, device, x, y }
    }

    fn read(&self, x: &Matrix, y: &Matrix) -> Cube {
        readings::read_all(self.table.evidence.config, &self.params, x, y, &self.device, &mut |_, _| true)
    }

    /// A row of another conversation for each test turn, by the seed; the row itself when there is none.
    fn strangers(&self) -> Vec<usize> {
        let (n, evidence) = (self.table.rows.len(), self.table.evidence);
        let order = seed::permutation(&mut seed::stream(evidence.seed, "skill.strangers"), n);
        let conversation = |at: usize| &evidence.conversations[self.table.rows[at]];
        let other =
            |at: usize| order.iter().cycle().skip(at).take(n).find(|o| conversation(**o) != conversation(at));
        (0..n).map(|at| other(at).copied().unwrap_or(at)).collect()
    }

    fn reconstruction(&self) -> Skill {
        let strangers = self.strangers();
        let own = self.table.evidence.cube.attribute("recon_cosine").unwrap_or_default();
        let config = self.table.evidence.config;
        let shuffled_y = self.y.select_rows(&strangers);
        let crossed =
            readings::cosine_with(config, &self.params, &self.x, &self.y, &shuffled_y, &self.device);
        let n = self.table.rows.len();
        let mut baseline = Vec::new();
        let figures = (0..self.table.models()).map(|m| {
            let mine: Vec<f64> = self.table.rows.iter().map(|r| f64::from(own.get(*r, m))).collect();
            let theirs: Vec<f64> = (0..n).map(|at| f64::from(crossed.get(at, m))).collect();
            // A dimension that was not trained has no readings.
            let mine = stats::mean(&mine).filter(|v| v.is_finite());
            baseline.extend(stats::mean(&theirs).filter(|v| v.is_finite() && mine.is_some()));
            (mine, n)
        });
        let figures: Vec<_> = figures.collect();
        skill(
            "cosine of the reconstruction with its own response (no skill: with another turn's)",
            stats::mean(&baseline).unwrap_or(0.0),
            figures,
        )
    }

    /// Against the consistency measured under one mask; and two such measurements against each other, because a head
    /// cannot know more of a measurement than another measurement does.
    fn consistency(&self) -> Skill {
        use rand::RngExt;
        let evidence = self.table.evidence;
        let measured = ["skill.mask", "skill.mask.again"].map(|stream| {
            let mut rng = seed::stream(evidence.seed, stream);
            let mask = Matrix::from_fn(self.table.rows.len(), evidence.config.state(), |_, _| {
                f32::from(u8::from(rng.random::<f32>() < MASKED_SHARE))
            });
            let (config, params) = (evidence.config, &self.params);
            readings::measured_consistency(config, params, &self.x, &self.y, &mask, &self.device)
        });
        let again = |m: usize| {
            let of =
                |table: &Matrix| (0..table.rows()).map(|r| f64::from(table.get(r, m))).collect::<Vec<f64>>();
            stats::spearman(&of(&measured[0]), &of(&measured[1]))
        };
        self.against_measured(
            "consistency",
            "Spearman of predicted and measured consistency under a 10% mask",
            &measured[0],
        )
        .also("Spearman of two measurements, a mask each", self.table.each(|_, m| again(m)))
    }

    fn sensitivity(&self) -> Skill {
        let evidence = self.table.evidence;
        let (turns, width) = (evidence.y.rows(), evidence.y.cols());
        let u = readings::directions(turns, width, evidence.seed).select_rows(self.table.rows);
        let measured =
            readings::measured_sensitivity(evidence.config, &self.params, &self.x, &self.y, &u, &self.device);
        self.against_measured("sensitivity", "Spearman of predicted and measured sensitivity", &measured)
    }

    fn against_measured(&self, attribute: &str, measure: &str, measured: &Matrix) -> Skill {
        self.table.against_labels(measure, 0.0, |t, m| {
            let real: Vec<f64> = (0..t.rows.len()).map(|at| f64::from(measured.get(at, m))).collect();
            (stats::spearman(&t.column(attribute, m, t.rows), &real), real.len())
        })
    }

    /// AUROC by model of test turns against the made-up rows of one parity.
    fn apart(&self, made_up: &Matrix, parity: usize) -> Vec<Option<f64>> {
        let n = self.table.rows.len();
        self.table.each(|t, m| {
            let mut score = t.column("ood", m, t.rows);
            score.extend((parity..n).step_by(2).map(|at| f64::from(made_up.get(at, m))));
            let label: Vec<bool> = (0..score.len()).map(|at| at >= n).collect();
            stats::auroc(&score, &label)
        })
    }

    /// Test turns against as many made-up ones: goals with responses of other conversations, and noise.
    fn ood(&self) -> Skill {
        let (n, strangers) = (self.table.rows.len(), self.strangers());
        let mut rng = seed::stream(self.table.evidence.seed, "skill.noise");
        let mut y = self.y.select_rows(&strangers);
        for row in (0..n).filter(|r| r % 2 == 1) {
            let draw: Vec<f64> = (0..y.cols()).map(|_| seed::normal(&mut rng)).collect();
            let length = draw.iter().map(|v| v * v).sum::<f64>().sqrt().max(1e-12);
            y.row_mut(row).iter_mut().zip(draw).for_each(|(to, v)| *to = (v / length) as f32);
        }
        let made_up = self.read(&self.x, &y).attribute("ood").unwrap_or_default();
        self.table
            .against_labels("AUROC of ood for made-up turns (other responses, noise)", 0.5, |t, m| {
                let mut score = t.column("ood", m, t.rows);
                score.extend((0..n).map(|at| f64::from(made_up.get(at, m))));
                let label: Vec<bool> = (0..2 * n).map(|at| at >= n).collect();
                (stats::auroc(&score, &label), 2 * n)
            })
            .also("AUROC for responses of other conversations", self.apart(&made_up, 0))
            .also("AUROC for noise", self.apart(&made_up, 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uncertainty_knows_a_variance_that_tells_errors_from_one_that_does_not() {
        let square: Vec<f64> = (1..=200).map(|i| f64::from(i) / 200.0).collect();
        let right = Uncertainty { variance: square.clone(), square: square.clone() };
        assert!(right.ause().unwrap().abs() < 1e-12 && (right.calibration().unwrap() - 1.0).abs() < 1e-12);
        let upside_down =
            Uncertainty { variance: square.iter().rev().copied().collect(), square: square.clone() };
        assert!(upside_down.ause().unwrap() > 0.3);
        // A constant variance of a quarter: errors up to .25 * 1.645^2 = .6765 lie within.
        let flat = Uncertainty { variance: vec![0.25; 200], square };
        assert!((flat.within(1.645).unwrap() - 135.0 / 200.0).abs() < 1e-12, "{:?}", flat.within(1.645));
        assert!((flat.calibration().unwrap() - 2.01).abs() < 1e-9);
    }
}
