//! The closed-form start of a wide path: ridge regression of every target on the path's quantities, folded into the
//! scorer's own parameters.
//!
//! Each kind of quantity is scaled so that its mean square is its share (a Gaussian prior by kind), one penalty a
//! dimension is chosen by cross-validation over training conversations, and what the held-out models said of training
//! turns sets the slope of the score's logit and teaches variance and halt: what a model says of turns it has seen
//! would make it look too sure. Test and validation turns play no part (but see [`super::novelty`]).

use super::batch::third;
use super::data::TrainData;
use super::loss::MARGIN;
use super::novelty;
use super::ridge::{Features, Fit, Labelled, column_means, dot};
use crate::core::matrix::Matrix;
use crate::core::turn::Split;
use crate::core::{seed, stats};
use crate::nn::params::HostParams;
use crate::nn::scorer::ScorerKind;
use crate::nn::wide::Wide;
use std::collections::BTreeMap;

/// Temperature of a fresh scorer whose temperature head says 0.
const FRESH_TAU: f64 = 0.5 + 0.5 * std::f64::consts::LN_2;
/// Slopes of the logit tried, relative to the slope that matches the ridge model at its mean.
const SLOPES: std::ops::RangeInclusive<u32> = 4..=40;
/// Means of targets are kept this far from 0 and 1 before their logit.
const RAREST: f64 = 1e-3;
/// Squared errors are taken no smaller than this before their logarithm.
const ERROR_FLOOR: f64 = 1e-3;

/// The quantities of every turn and how they become a scorer's parameters.
struct Quantities {
    features: Features,
    /// Centre and factor of every raw column: feature = (raw - centre) factor.
    centre: Vec<f64>,
    factor: Vec<f64>,
    /// Columns that are linear in the inputs; the rest are waves.
    linear: usize,
    waves: Option<Waves>,
}

struct Waves {
    /// `[waves, measures]`, on raw measurements.
    weight: Vec<f64>,
    bias: Vec<f64>,
}

/// Slopes of the logits of bad, medium, good tried, on the ridge model's share of each.
const THIRD_SLOPES: std::ops::RangeInclusive<u32> = 1..=16;

/// Fits the readouts of score and variance, and of aux3, halt and novelty where the path has them, and writes them,
/// with the waves, into fresh weights; the core's own heads for these start at zero, so that the first score is the
/// closed-form one.
pub fn start(weights: &mut HostParams, wide: &Wide, data: &TrainData, kind: ScorerKind, seed: u64) {
    let training = data.rows_of(Split::Train);
    let quantities =
        Quantities::of(wide, data, |middle, spread| Waves::draw(wide, middle, spread, kind, seed));
    if let Some(waves) = &quantities.waves {
        set_all(weights, "wide.waves.weight", &waves.weight);
        set_all(weights, "wide.waves.bias", &waves.bias);
    }
    silence(weights, &["score_head", "temp_head", "logvar_head"]);
    let group = conversations(data);
    let label = |m: usize| Labelled::new(&training, |r| f64::from(data.targets.get(r, m)), |r| group[r]);
    let targets: Vec<Labelled> = (0..data.models()).map(label).collect();
    let classes = if wide.every_head { thirds_of(&targets) } else { Vec::new() };
    // Targets that have their rows in common are fitted in one go, which shares the costly part.
    let together: Vec<Labelled> = targets.iter().chain(&classes).cloned().collect();
    let fits = quantities.features.fit(&together);
    let (fits, of_classes) = fits.split_at(targets.len());
    let (mut errors, mut settled) = (Vec::new(), Vec::new());
    for (m, (fit, target)) in fits.iter().zip(&targets).enumerate() {
        let link = Link::of(fit, target);
        quantities.write(weights, "score", m, fit, link.slope * FRESH_TAU, link.centre * FRESH_TAU);
        errors.push(link.of_errors(fit, target, &group, |e| e.max(ERROR_FLOOR).ln()));
        settled.push(link.of_errors(fit, target, &group, |e| {
            f64::from(u8::from(e < f64::from(MARGIN) * f64::from(MARGIN)))
        }));
    }
    let settled = if wide.every_head { settled } else { Vec::new() };
    let together: Vec<Labelled> = errors.iter().chain(&settled).cloned().collect();
    let fits = quantities.features.fit(&together);
    let (of_errors, of_settled) = fits.split_at(errors.len());
    for (m, fit) in of_errors.iter().enumerate() {
        quantities.write(weights, "log_var", m, fit, 1.0, fit.intercept);
    }
    if wide.every_head {
        silence(weights, &["aux3_head", "halt_head", "ood_head"]);
        quantities.write_linked(weights, "halt", of_settled, &settled);
        quantities.thirds(weights, of_classes, &classes);
        novelty::start(weights, data, seed);
    }
}

/// Bad, medium and good of every target, 1 where a judgement lies in that third: three of each in turn.
fn thirds_of(targets: &[Labelled]) -> Vec<Labelled> {
    let is = |t: &Labelled, c: usize| Labelled {
        values: t.values.iter().map(|v| f64::from(u8::from(third(*v as f32) == c))).collect(),
        ..t.clone()
    };
    targets.iter().flat_map(|t| (0..3).map(move |c| is(t, c))).collect()
}

/// Sets heads of the core to zero.
pub(super) fn silence(weights: &mut HostParams, heads: &[&str]) {
    for head in heads {
        for part in ["weight", "bias"] {
            if let Some(t) = weights.tensors.get_mut(&format!("{head}.{part}")) {
                t.data.fill(0.0);
            }
        }
    }
}

/// Fits the readout of one head of a trained scorer to values `[turns, models]` in \[0,1\] (NaN where unknown) of
/// training turns.
pub fn teach(weights: &mut HostParams, wide: &Wide, data: &TrainData, head: &str, wanted: &Matrix) {
    let (quantities, targets) = of_trained(weights, wide, data, wanted);
    quantities.teach(weights, head, &targets);
}

/// Fits the readout of the head `size` of a trained scorer to values `[turns, models]` in \[0,1\] of training turns, and
/// that of the head `below`, where there is one, to whether they are at most `margin`: by the same regression, because
/// how far a value lies from the margin tells more than the side on which it lies.
pub fn teach_size(
    weights: &mut HostParams,
    wide: &Wide,
    data: &TrainData,
    (size, below): (&str, Option<&str>),
    value: &Matrix,
    margin: f64,
) {
    let (quantities, targets) = of_trained(weights, wide, data, value);
    let fits = quantities.features.fit(&targets);
    quantities.write_linked(weights, size, &fits, &targets);
    let Some(below) = below else { return };
    for (m, (fit, target)) in fits.iter().zip(&targets).enumerate() {
        let link = Link::below(fit, target, margin);
        quantities.write(weights, below, m, fit, link.slope, link.centre);
    }
}

/// The quantities of a scorer that has its waves, and the training turns' values.
fn of_trained(
    weights: &HostParams,
    wide: &Wide,
    data: &TrainData,
    wanted: &Matrix,
) -> (Quantities, Vec<Labelled>) {
    let quantities = Quantities::of(wide, data, |_, _| Waves::stored(weights));
    let group = conversations(data);
    let label =
        |m: usize| Labelled::new(&data.training_rows(), |r| f64::from(wanted.get(r, m)), |r| group[r]);
    (quantities, (0..data.models()).map(label).collect())
}

/// A number for every conversation, in order of appearance.
pub(super) fn conversations(data: &TrainData) -> Vec<usize> {
    let mut known: BTreeMap<&String, usize> = BTreeMap::new();
    let number = |c| {
        let next = known.len();
        *known.entry(c).or_insert(next)
    };
    data.conversations.iter().map(number).collect()
}

/// From a ridge value p around its intercept to a logit: centre + slope (p - intercept).
pub(super) struct Link {
    pub(super) centre: f64,
    pub(super) slope: f64,
}

impl Link {
    /// The slope with the least squared error on held-out training turns.
    pub(super) fn of(fit: &Fit, target: &Labelled) -> Self {
        let mean = fit.intercept.clamp(RAREST, 1.0 - RAREST);
        let at =
            |slope: f64| Self { centre: (mean / (1.0 - mean)).ln(), slope: slope / (mean * (1.0 - mean)) };
        let error = |link: &Self| link.squares(fit, target).map(|(_, e)| e).sum::<f64>();
        SLOPES
            .map(|tenths| at(f64::from(tenths) / 20.0))
            .min_by(|a, b| error(a).total_cmp(&error(b)))
            .unwrap_or_else(|| at(1.0))
    }

    /// To the logit of "the value is at most `margin`": the slope, falling, with the least squared error on held-out
    /// training turns, in tenths of a logit for a standard deviation of what is said of them.
    fn below(fit: &Fit, target: &Labelled, margin: f64) -> Self {
        let is = |v: &f64| f64::from(u8::from(*v <= margin));
        let below = Labelled { values: target.values.iter().map(is).collect(), ..target.clone() };
        let share = stats::mean(&below.values).unwrap_or(0.5).clamp(RAREST, 1.0 - RAREST);
        let said: Vec<f64> = fit.held_out.iter().copied().filter(|v| v.is_finite()).collect();
        let spread = said.iter().map(|v| (v - fit.intercept).powi(2)).sum::<f64>() / said.len().max(1) as f64;
        let at = |slope: f64| Self {
            centre: (share / (1.0 - share)).ln(),
            slope: -slope / spread.sqrt().max(1e-9),
        };
        let error = |link: &Self| link.squares(fit, &below).map(|(_, e)| e).sum::<f64>();
        (0..=40)
            .map(|tenths| at(f64::from(tenths) / 10.0))
            .min_by(|a, b| error(a).total_cmp(&error(b)))
            .unwrap_or_else(|| at(1.0))
    }

    fn score(&self, fit: &Fit, value: f64) -> f64 {
        stats::sigmoid(self.centre + self.slope * (value - fit.intercept))
    }

    /// Place and squared error of every held-out value.
    fn squares(&self, fit: &Fit, target: &Labelled) -> impl Iterator<Item = (usize, f64)> {
        fit.held_out
            .iter()
            .enumerate()
            .filter(|(_, v)| v.is_finite())
            .map(|(at, v)| (at, (self.score(fit, *v) - target.values[at]).powi(2)))
    }

    /// Something of the squared errors on held-out turns; the logarithm is what the variance head should say, up to a
    /// shift that the recalibration on validation turns sets.
    fn of_errors(
        &self,
        fit: &Fit,
        target: &Labelled,
        group: &[usize],
        what: impl Fn(f64) -> f64,
    ) -> Labelled {
        let of: BTreeMap<usize, f64> =
            self.squares(fit, target).map(|(at, e)| (target.rows[at], what(e))).collect();
        Labelled::new(&target.rows, |r| of.get(&r).copied().unwrap_or(f64::NAN), |r| group[r])
    }
}

impl Quantities {
    /// `waves` gives the waves from mean and standard deviation of the measurements.
    fn of(wide: &Wide, data: &TrainData, waves: impl FnOnce(&[f64], &[f64]) -> Waves) -> Self {
        let (d, k) = (data.embedding(), wide.measures);
        let training = data.rows_of(Split::Train);
        let last = data.x.cols();
        let mut rows: Vec<Vec<f64>> = (0..data.turns()).map(|r| linear_quantities(wide, data, r)).collect();
        let linear = rows.first().map_or(0, Vec::len);
        let measured: Vec<Vec<f64>> = (0..data.turns())
            .map(|r| data.x.row(r)[last - k..].iter().map(|v| f64::from(*v)).collect())
            .collect();
        let (middle, spread) = spread(&measured, &training);
        let waves = (wide.waves > 0).then(|| waves(&middle, &spread));
        if let Some(waves) = &waves {
            rows.iter_mut().zip(&measured).for_each(|(row, m)| row.extend(waves.of(m)));
        }
        let centre = column_means(&rows, &training);
        rows.iter_mut().for_each(|row| row.iter_mut().zip(&centre).for_each(|(v, c)| *v -= c));
        let mut factor: Vec<f64> = Vec::with_capacity(centre.len());
        let block = |factor: &mut Vec<f64>, width: usize, share: f64| {
            let part = factor.len()..factor.len() + width;
            let square: f64 =
                training.iter().map(|r| dot(&rows[*r][part.clone()], &rows[*r][part.clone()])).sum();
            let square = square / training.len().max(1) as f64;
            let value = if square > 1e-9 { (share / square).sqrt() } else { 0.0 };
            factor.extend(std::iter::repeat_n(value, width));
        };
        block(&mut factor, d, wide.answer);
        block(&mut factor, d, wide.difference);
        if wide.grounding {
            block(&mut factor, d, wide.ground);
            block(&mut factor, d, wide.ground);
        }
        // Measurements have units of their own, so each is brought to the same spread.
        let share = (wide.linear / k.max(1) as f64).sqrt();
        factor.extend(spread.iter().map(|s| if *s > 1e-6 { share / s } else { 0.0 }));
        if waves.is_some() {
            block(&mut factor, wide.waves, wide.wave);
        }
        rows.iter_mut().for_each(|row| row.iter_mut().zip(&factor).for_each(|(v, f)| *v *= f));
        Self { features: Features::centred(rows, &training), centre, factor, linear, waves }
    }

    /// Fits one head of every model to values in \[0,1\].
    fn teach(&self, weights: &mut HostParams, head: &str, targets: &[Labelled]) {
        self.write_linked(weights, head, &self.features.fit(targets), targets);
    }

    /// Writes one head of every model, fitted to values in \[0,1\].
    fn write_linked(&self, weights: &mut HostParams, head: &str, fits: &[Fit], targets: &[Labelled]) {
        for (m, (fit, target)) in fits.iter().zip(targets).enumerate() {
            let link = Link::of(fit, target);
            self.write(weights, head, m, fit, link.slope, link.centre);
        }
    }

    /// Makes logits of the shares of bad, medium and good that were fitted, with the slope that gives held-out turns the
    /// least cross-entropy.
    fn thirds(&self, weights: &mut HostParams, fits: &[Fit], targets: &[Labelled]) {
        for (m, (fits, targets)) in fits.chunks_exact(3).zip(targets.chunks_exact(3)).enumerate() {
            let centre: Vec<f64> = fits.iter().map(|f| f.intercept.clamp(RAREST, 1.0).ln()).collect();
            let error = |slope: f64| {
                let one = |at: usize| {
                    let logit = |c: usize| centre[c] + slope * (fits[c].held_out[at] - fits[c].intercept);
                    let all: f64 = (0..3).map(|c| logit(c).exp()).sum();
                    (0..3).map(|c| targets[c].values[at] * (all.ln() - logit(c))).sum::<f64>()
                };
                (0..targets[0].values.len()).map(one).filter(|e| e.is_finite()).sum::<f64>()
            };
            let slope = THIRD_SLOPES
                .map(|halves| f64::from(halves) / 2.0)
                .min_by(|a, b| error(*a).total_cmp(&error(*b)))
                .unwrap_or(1.0);
            for (c, fit) in fits.iter().enumerate() {
                self.write(weights, "aux3", 3 * m + c, fit, slope, centre[c]);
            }
        }
    }

    /// Writes a fit as one line of a readout (a model's, or one of a model's classes): `centre + slope (fit - its
    /// intercept)` of raw quantities.
    fn write(&self, weights: &mut HostParams, head: &str, line: usize, fit: &Fit, slope: f64, centre: f64) {
        let raw: Vec<f64> = fit.weights.iter().zip(&self.factor).map(|(w, f)| slope * w * f).collect();
        let bias = centre - dot(&raw, &self.centre);
        set(weights, &format!("wide.{head}.weight"), line, &raw[..self.linear]);
        set(weights, &format!("wide.{head}.waves"), line, &raw[self.linear..]);
        set(weights, &format!("wide.{head}.bias"), line, &[bias]);
    }
}

/// The quantities that are linear in the inputs, in the order of [`Wide`]'s forward pass.
fn linear_quantities(wide: &Wide, data: &TrainData, row: usize) -> Vec<f64> {
    let (x, y) = (data.x.row(row), data.y.row(row));
    let d = y.len();
    let numbers = |v: &[f32]| v.iter().map(|v| f64::from(*v)).collect::<Vec<f64>>();
    let difference = |from: &[f32], there: f64| {
        y.iter().zip(from).map(move |(a, b)| f64::from(*a) * there - f64::from(*b)).collect::<Vec<f64>>()
    };
    let mut out = numbers(y);
    out.extend(difference(&x[..d], 1.0));
    if wide.grounding {
        for at in [d, 2 * d] {
            let text = &x[at..at + d];
            out.extend(difference(text, text.iter().map(|v| f64::from(*v).powi(2)).sum()));
        }
    }
    out.extend(numbers(&x[x.len() - wide.measures..]));
    out
}

/// Mean and standard deviation of every column over the chosen rows.
fn spread(rows: &[Vec<f64>], chosen: &[usize]) -> (Vec<f64>, Vec<f64>) {
    let middle = column_means(rows, chosen);
    let mut square = vec![0.0; middle.len()];
    for r in chosen {
        for ((s, v), m) in square.iter_mut().zip(&rows[*r]).zip(&middle) {
            *s += (v - m).powi(2) / chosen.len().max(1) as f64;
        }
    }
    (middle, square.into_iter().map(f64::sqrt).collect())
}

impl Waves {
    /// Normal frequencies over standardised measurements and uniform phases: together they stand for the Gaussian
    /// kernel of that bandwidth (Rahimi and Recht 2007).
    fn draw(wide: &Wide, middle: &[f64], spread: &[f64], kind: ScorerKind, seed: u64) -> Self {
        use rand::RngExt;
        let mut rng = seed::stream(seed, &format!("wide.waves.{}", kind.name()));
        let scale = 1.0 / (wide.bandwidth.max(1e-3) * (wide.measures.max(1) as f64).sqrt());
        let (mut weight, mut bias) = (Vec::new(), Vec::new());
        for _ in 0..wide.waves {
            let mut phase = std::f64::consts::TAU * rng.random::<f64>();
            for (m, s) in middle.iter().zip(spread) {
                let frequency = scale * seed::normal(&mut rng);
                let raw = if *s > 1e-6 { frequency / s } else { 0.0 };
                phase -= raw * m;
                weight.push(raw);
            }
            bias.push(phase);
        }
        Self { weight, bias }
    }

    /// Those of a scorer: all its models have the same.
    fn stored(weights: &HostParams) -> Self {
        let first = |name: &str| {
            let all = weights.tensors.get(name).map_or(&[][..], |t| &t.data);
            all[..all.len() / weights.models.max(1)].iter().map(|v| f64::from(*v)).collect::<Vec<f64>>()
        };
        Self { weight: first("wide.waves.weight"), bias: first("wide.waves.bias") }
    }

    fn of(&self, measures: &[f64]) -> Vec<f64> {
        let lines = self.weight.chunks_exact(measures.len().max(1));
        lines.zip(&self.bias).map(|(line, b)| (dot(line, measures) + b).cos()).collect()
    }
}

/// Writes one model's values of a stacked parameter, if the scorer has it.
pub(super) fn set(weights: &mut HostParams, name: &str, model: usize, values: &[f64]) {
    if let Some(t) = weights.tensors.get_mut(name) {
        let n = values.len();
        t.data[model * n..(model + 1) * n].iter_mut().zip(values).for_each(|(to, v)| *to = *v as f32);
    }
}

/// Writes the same values into every model.
pub(super) fn set_all(weights: &mut HostParams, name: &str, values: &[f64]) {
    (0..weights.models).for_each(|m| set(weights, name, m, values));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::params::Params;
    use crate::nn::readings;
    use crate::nn::scorer::ScorerConfig;
    use burn::tensor::Device;

    const WIDTH: usize = 6;
    const MEASURES: usize = 3;

    /// 120 turns in 30 conversations; the judgement is a bump of the first measurement, plus a little of the answer.
    fn planted() -> TrainData {
        let mut rng = seed::stream(3, "wide");
        let mut unit = |there: bool| {
            let v: Vec<f64> = (0..WIDTH).map(|_| seed::normal(&mut rng)).collect();
            let n = v.iter().map(|a| a * a).sum::<f64>().sqrt();
            v.into_iter().map(|a| if there { (a / n) as f32 } else { 0.0 }).collect::<Vec<f32>>()
        };
        let turns = 120;
        let texts: Vec<Vec<f32>> =
            (0..turns).map(|r| [unit(true), unit(r % 3 == 0), unit(r % 4 != 0)].concat()).collect();
        let y: Vec<f32> = (0..turns).flat_map(|_| unit(true)).collect();
        let y = Matrix::from_vec(turns, WIDTH, y).unwrap();
        let measure = |r: usize, k: usize| 5.0 + ((r * (7 + 4 * k)) % 31) as f32 / 10.0;
        let x = Matrix::from_fn(turns, 3 * WIDTH + MEASURES, |r, c| {
            texts[r].get(c).copied().unwrap_or_else(|| measure(r, c - 3 * WIDTH))
        });
        let bump = |m: f32| (-(m - 6.5) * (m - 6.5) * 2.0).exp();
        let targets = Matrix::from_fn(turns, 2, |r, d| match d {
            0 => 0.1 + 0.7 * bump(measure(r, 0)) + 0.1 * y.get(r, 0).abs(),
            _ => (0.5 + 0.4 * y.get(r, 1)).clamp(0.0, 1.0),
        });
        let conversations: Vec<String> = (0..turns).map(|t| format!("c{:02}", t / 4)).collect();
        let split = super::super::data::split_by_conversation(&conversations, 1);
        TrainData { x, y, targets, names: vec!["a".to_owned(), "b".to_owned()], split, conversations }
    }

    fn wide() -> Wide {
        Wide {
            measures: MEASURES,
            grounding: true,
            answer: 0.5,
            difference: 0.3,
            ground: 0.3,
            linear: 1.0,
            wave: 2.0,
            waves: 64,
            bandwidth: 1.0,
            every_head: true,
        }
    }

    fn started(kind: ScorerKind, data: &TrainData) -> (ScorerConfig, HostParams) {
        let config = ScorerConfig::for_width(kind, WIDTH).with_wide(Some(wide()));
        let mut weights = config.specs().init(5, &data.names);
        start(&mut weights, &wide(), data, kind, 5);
        (config, weights)
    }

    #[test]
    fn the_forward_pass_says_what_the_fitted_model_says() {
        let data = planted();
        for kind in [ScorerKind::Hrm, ScorerKind::Tiny] {
            let (config, weights) = started(kind, &data);
            let device = Device::flex();
            let said =
                readings::scores(&config, &Params::from_host(&weights, &device), &data.x, &data.y, &device);
            let wide = wide();
            let quantities = Quantities::of(&wide, &data, |m, s| Waves::draw(&wide, m, s, kind, 5));
            let training = data.rows_of(Split::Train);
            let group = conversations(&data);
            for m in 0..2 {
                let target = Labelled::new(&training, |r| f64::from(data.targets.get(r, m)), |r| group[r]);
                let fit = &quantities.features.fit(std::slice::from_ref(&target))[0];
                let link = Link::of(fit, &target);
                for row in 0..data.turns() {
                    let wanted = link.score(fit, fit.predict(&quantities.features, row));
                    let found = f64::from(said.get(row, m));
                    assert!(
                        (wanted - found).abs() < 1e-4,
                        "{kind:?} model {m} row {row}: {wanted} and {found}"
                    );
                }
            }
        }
    }

    #[test]
    fn waves_find_a_bump_that_no_linear_model_sees() {
        let data = planted();
        let (config, weights) = started(ScorerKind::Tiny, &data);
        let device = Device::flex();
        let said =
            readings::scores(&config, &Params::from_host(&weights, &device), &data.x, &data.y, &device);
        let ridge = super::super::baseline::baselines(&data).ridge_all;
        let test = data.rows_of(Split::Test);
        let rho = |m: &Matrix| {
            let pick = |m: &Matrix| test.iter().map(|r| f64::from(m.get(*r, 0))).collect::<Vec<f64>>();
            stats::spearman(&pick(m), &pick(&data.targets)).unwrap()
        };
        assert!(rho(&said) > 0.8 && rho(&said) > rho(&ridge) + 0.2, "{} and {}", rho(&said), rho(&ridge));
    }

    #[test]
    fn thirds_and_certainty_are_known_before_the_first_epoch() {
        let mut data = planted();
        // Only the first dimension's bump is learnable; the second is noise, so its thirds are not.
        let mut rng = seed::stream(8, "noise");
        (0..data.turns()).for_each(|r| data.targets.set(r, 1, stats::sigmoid(seed::normal(&mut rng)) as f32));
        let (config, weights) = started(ScorerKind::Tiny, &data);
        let device = Device::flex();
        let params = Params::from_host(&weights, &device);
        let cube = readings::read_all(&config, &params, &data.x, &data.y, &device, &mut |_, _| true);
        let test = data.rows_of(Split::Test);
        let of = |name: &str| cube.attribute(name).unwrap();
        let parts = ["p_bad", "p_medium", "p_good"].map(of);
        let right = |m: usize| {
            let said =
                |r: usize| (0..3).max_by(|a, b| parts[*a].get(r, m).total_cmp(&parts[*b].get(r, m))).unwrap();
            let hits = test.iter().filter(|r| said(**r) == third(data.targets.get(**r, m))).count();
            hits as f64 / test.len() as f64
        };
        let most = |m: usize| {
            let n = |c| test.iter().filter(|r| third(data.targets.get(**r, m)) == c).count();
            (0..3).map(n).max().unwrap() as f64 / test.len() as f64
        };
        assert!(right(0) > most(0) + 0.1, "{} and {}", right(0), most(0));
        // The bump's model is settled on most turns, that of the noise on few.
        let halt =
            |m: usize| stats::mean(&of("halt").column(m).iter().map(|v| f64::from(*v)).collect::<Vec<_>>());
        assert!(halt(0).unwrap() > halt(1).unwrap() + 0.2, "{:?} and {:?}", halt(0), halt(1));
    }

    #[test]
    fn whether_a_value_is_small_is_learnt_from_the_value() {
        let data = planted();
        let (config, mut weights) = started(ScorerKind::Tiny, &data);
        let Some(wide) = config.wide() else { unreachable!() };
        teach_size(&mut weights, wide, &data, ("disagree", Some("agree")), &data.targets, 0.5);
        let mut alone = weights.clone();
        teach(&mut alone, wide, &data, "disagree", &data.targets);
        assert_eq!(alone, weights, "both heads come from one fit");
        let device = Device::flex();
        let params = Params::from_host(&weights, &device);
        let cube = readings::read_all(&config, &params, &data.x, &data.y, &device, &mut |_, _| true);
        let said = cube.attribute("agree").unwrap();
        let test = data.rows_of(Split::Test);
        let score: Vec<f64> = test.iter().map(|r| f64::from(said.get(*r, 0))).collect();
        let small: Vec<bool> = test.iter().map(|r| data.targets.get(*r, 0) <= 0.5).collect();
        assert!(stats::auroc(&score, &small).unwrap() > 0.9, "{:?}", stats::auroc(&score, &small));
    }

    #[test]
    fn a_gap_is_taught_to_its_head_and_nothing_else_changes() {
        let data = planted();
        let (config, weights) = started(ScorerKind::Tiny, &data);
        let mut taught = weights.clone();
        let Some(wide) = config.wide() else { unreachable!() };
        teach(&mut taught, wide, &data, "disagree", &data.targets);
        for (name, tensor) in &taught.tensors {
            assert_eq!(*tensor != weights.tensors[name], name.starts_with("wide.disagree"), "{name}");
        }
    }

    #[test]
    fn a_dimension_without_labels_leaves_its_readout_silent() {
        let mut data = planted();
        (0..data.turns()).for_each(|r| data.targets.set(r, 1, f32::NAN));
        let (_, weights) = started(ScorerKind::Hrm, &data);
        assert!(weights.is_finite());
        assert!(weights.model(1).tensors["wide.score.weight"].data.iter().all(|v| *v == 0.0));
        assert!(weights.model(0).tensors["wide.score.weight"].data.iter().any(|v| *v != 0.0));
    }
}
