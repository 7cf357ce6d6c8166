//! The closed-form start of a wide path: ridge regression of every target on the path's quantities, folded into the
//! scorer's own parameters.
//!
//! Each kind of quantity is scaled so that its mean square is its share (a Gaussian prior by kind), one penalty a
//! dimension is chosen by cross-validation over training conversations, and what the held-out models said of training
//! turns sets the slope of the score's logit and teaches the variance. Test and validation turns play no part.

use super::data::TrainData;
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

/// Fits the readouts of score and variance and writes them, with the waves, into fresh weights; the core's own score,
/// variance and temperature heads start at zero, so that the first score is the closed-form one.
pub fn start(weights: &mut HostParams, wide: &Wide, data: &TrainData, kind: ScorerKind, seed: u64) {
    let training = data.rows_of(Split::Train);
    let quantities =
        Quantities::of(wide, data, |middle, spread| Waves::draw(wide, middle, spread, kind, seed));
    if let Some(waves) = &quantities.waves {
        set_all(weights, "wide.waves.weight", &waves.weight);
        set_all(weights, "wide.waves.bias", &waves.bias);
    }
    for head in ["score_head", "temp_head", "logvar_head"] {
        for part in ["weight", "bias"] {
            if let Some(t) = weights.tensors.get_mut(&format!("{head}.{part}")) {
                t.data.fill(0.0);
            }
        }
    }
    let group = conversations(data);
    let label = |m: usize| Labelled::new(&training, |r| f64::from(data.targets.get(r, m)), |r| group[r]);
    let targets: Vec<Labelled> = (0..data.models()).map(label).collect();
    let fits = quantities.features.fit(&targets);
    let mut errors = Vec::with_capacity(fits.len());
    for (m, (fit, target)) in fits.iter().zip(&targets).enumerate() {
        let link = Link::of(fit, target);
        quantities.write(weights, "score", m, fit, link.slope * FRESH_TAU, link.centre * FRESH_TAU);
        errors.push(link.log_errors(fit, target, &group));
    }
    for (m, fit) in quantities.features.fit(&errors).iter().enumerate() {
        quantities.write(weights, "log_var", m, fit, 1.0, fit.intercept);
    }
}

/// Fits the readout of one head of a trained scorer to values `[turns, models]` in \[0,1\] (NaN where unknown) of
/// training turns.
pub fn teach(weights: &mut HostParams, wide: &Wide, data: &TrainData, head: &str, wanted: &Matrix) {
    let quantities = Quantities::of(wide, data, |_, _| Waves::stored(weights));
    let group = conversations(data);
    let label =
        |m: usize| Labelled::new(&data.training_rows(), |r| f64::from(wanted.get(r, m)), |r| group[r]);
    let targets: Vec<Labelled> = (0..data.models()).map(label).collect();
    for (m, (fit, target)) in quantities.features.fit(&targets).iter().zip(&targets).enumerate() {
        let link = Link::of(fit, target);
        quantities.write(weights, head, m, fit, link.slope, link.centre);
    }
}

/// A number for every conversation, in order of appearance.
fn conversations(data: &TrainData) -> Vec<usize> {
    let mut known: BTreeMap<&String, usize> = BTreeMap::new();
    let number = |c| {
        let next = known.len();
        *known.entry(c).or_insert(next)
    };
    data.conversations.iter().map(number).collect()
}

/// From a ridge value p around its intercept to a logit: centre + slope (p - intercept).
struct Link {
    centre: f64,
    slope: f64,
}

impl Link {
    /// The slope with the least squared error on held-out training turns.
    fn of(fit: &Fit, target: &Labelled) -> Self {
        let mean = fit.intercept.clamp(0.02, 0.98);
        let at =
            |slope: f64| Self { centre: (mean / (1.0 - mean)).ln(), slope: slope / (mean * (1.0 - mean)) };
        let error = |link: &Self| link.squares(fit, target).map(|(_, e)| e).sum::<f64>();
        SLOPES
            .map(|tenths| at(f64::from(tenths) / 20.0))
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

    /// Logarithms of the squared errors on held-out turns: what the variance head should say, up to a shift that the
    /// recalibration on validation turns sets.
    fn log_errors(&self, fit: &Fit, target: &Labelled, group: &[usize]) -> Labelled {
        let of: BTreeMap<usize, f64> =
            self.squares(fit, target).map(|(at, e)| (target.rows[at], e.max(ERROR_FLOOR).ln())).collect();
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

    /// Writes a fit as one model's readout: `centre + slope (fit - its intercept)` of raw quantities.
    fn write(&self, weights: &mut HostParams, head: &str, model: usize, fit: &Fit, slope: f64, centre: f64) {
        let raw: Vec<f64> = fit.weights.iter().zip(&self.factor).map(|(w, f)| slope * w * f).collect();
        let bias = centre - dot(&raw, &self.centre);
        set(weights, &format!("wide.{head}.weight"), model, &raw[..self.linear]);
        set(weights, &format!("wide.{head}.waves"), model, &raw[self.linear..]);
        set(weights, &format!("wide.{head}.bias"), model, &[bias]);
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
fn set(weights: &mut HostParams, name: &str, model: usize, values: &[f64]) {
    if let Some(t) = weights.tensors.get_mut(name) {
        let n = values.len();
        t.data[model * n..(model + 1) * n].iter_mut().zip(values).for_each(|(to, v)| *to = *v as f32);
    }
}

/// Writes the same values into every model.
fn set_all(weights: &mut HostParams, name: &str, values: &[f64]) {
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
