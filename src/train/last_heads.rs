//! The heads that speak of the trained scorer itself are fitted last, when it no longer changes: the reconstruction
//! of the answer from the state, and what the sensitivity is predicted to be.
//!
//! While the scorer learns, both chase a moving target, and in a few hundred steps neither arrives. Both are linear
//! readouts, so they are solved in closed form on training turns; validation turns choose the penalty of the
//! reconstruction and decide whether it replaces what training found. Test turns play no part.

use super::data::TrainData;
use super::ridge::{cholesky, dot};
use super::wide;
use crate::core::matrix::Matrix;
use crate::core::turn::Split;
use crate::nn::device::DeviceChoice;
use crate::nn::params::{HostParams, Params};
use crate::nn::readings;
use crate::nn::scorer::ScorerConfig;
use rayon::prelude::*;
use serde::Serialize;

/// Penalties tried, relative to the mean square of a state.
const PENALTIES: [f64; 6] = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0];

/// What became of one dimension's reconstruction.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Reconstruction {
    /// Mean cosine with the answers of validation turns, as trained.
    pub before: f64,
    /// The same with the weights that are kept.
    pub after: f64,
    /// Penalty chosen, relative to the mean square of a state; `None` where what training found is kept.
    pub penalty: Option<f64>,
    /// Validation turns.
    pub n: usize,
}

/// Gives the weights with `recon_head` and what says the sensitivity replaced, and one entry a dimension. `data` is what
/// the scorer was trained on; `seed` is the training's: it names the direction of the finite difference. Weights that are
/// no numbers leave a dimension's reconstruction as it was.
pub fn teach(
    config: &ScorerConfig,
    weights: &HostParams,
    data: &TrainData,
    device: &DeviceChoice,
    seed: u64,
) -> (HostParams, Vec<Reconstruction>) {
    let mut out = weights.clone();
    let burn = device.burn();
    let (training, validation) = (data.training_rows(), data.rows_of(Split::Validation));
    let part = |rows: &[usize]| (data.x.select_rows(rows), data.y.select_rows(rows));
    let params = Params::from_host(weights, &burn);
    let ((x, y), (vx, vy)) = (part(&training), part(&validation));
    let states = readings::states(config, &params, &x, &y, &burn);
    let seen = readings::states(config, &params, &vx, &vy, &burn);
    let trained = readings::cosine_with(config, &params, &vx, &vy, &vy, &burn);
    let found: Vec<(Option<Readout>, Reconstruction)> = (0..weights.models)
        .into_par_iter()
        .map(|m| reconstruction(&states[m], &y, &seen[m], &vy, &trained.column(m)))
        .collect();
    for (m, (readout, _)) in found.iter().enumerate() {
        let Some(readout) = readout else { continue };
        wide::set(&mut out, "recon_head.weight", m, &readout.weight);
        wide::set(&mut out, "recon_head.bias", m, &readout.bias);
    }
    if let Some(path) = config.wide().filter(|_| config.readouts().contains(&"sensitivity")) {
        wide::silence(&mut out, &["causal_sens_head"]);
        let u = readings::directions(training.len(), data.embedding(), seed);
        let measured = readings::measured_sensitivity(config, &params, &x, &y, &u, &burn);
        let mut table = Matrix::filled(data.turns(), data.models(), f32::NAN);
        for (at, row) in training.iter().enumerate() {
            table.row_mut(*row).copy_from_slice(measured.row(at));
        }
        wide::teach(&mut out, path, data, "sensitivity", &table);
    }
    (out, found.into_iter().map(|(_, report)| report).collect())
}

/// A linear layer in PyTorch's layout.
struct Readout {
    /// `[embedding, state]`.
    weight: Vec<f64>,
    /// `[embedding]`.
    bias: Vec<f64>,
}

/// Ridge regression of the answers on the states, when it does better on validation turns than what training found.
fn reconstruction(
    states: &Matrix,
    answers: &Matrix,
    seen: &Matrix,
    wanted: &Matrix,
    trained: &[f32],
) -> (Option<Readout>, Reconstruction) {
    let n = seen.rows();
    let mean = |cosines: &mut dyn Iterator<Item = f64>| cosines.sum::<f64>() / n.max(1) as f64;
    let before = mean(&mut trained.iter().map(|c| f64::from(*c)));
    let kept = Reconstruction { before, after: before, penalty: None, n };
    if n == 0 || states.rows() == 0 || states.data().iter().any(|v| !v.is_finite()) {
        return (None, kept);
    }
    let problem = Problem::of(states, answers);
    let mut best = (None, kept);
    for penalty in PENALTIES {
        let readout = problem.solve(penalty);
        let after = mean(&mut (0..n).map(|r| readout.cosine(seen.row(r), wanted.row(r))));
        // A training that diverged leaves a `before` that is no number; anything is better then.
        if after > best.1.after || best.1.after.is_nan() {
            best = (Some(readout), Reconstruction { after, penalty: Some(penalty), ..kept });
        }
    }
    best
}

/// The normal equations of states and answers, both centred.
struct Problem {
    width: usize,
    outputs: usize,
    state_mean: Vec<f64>,
    answer_mean: Vec<f64>,
    /// Lower half of S'S, row-major `[width, width]`.
    square: Vec<f64>,
    /// S'Y, `[width, outputs]`.
    cross: Vec<f64>,
    /// Mean square of a centred state.
    scale: f64,
}

impl Problem {
    fn of(states: &Matrix, answers: &Matrix) -> Self {
        let (n, width, outputs) = (states.rows(), states.cols(), answers.cols());
        let mean = |m: &Matrix| {
            let mut mean = vec![0.0; m.cols()];
            for r in 0..n {
                mean.iter_mut().zip(m.row(r)).for_each(|(a, v)| *a += f64::from(*v) / n as f64);
            }
            mean
        };
        let (state_mean, answer_mean) = (mean(states), mean(answers));
        let centred = |row: &[f32], mean: &[f64]| {
            row.iter().zip(mean).map(|(v, m)| f64::from(*v) - m).collect::<Vec<f64>>()
        };
        let (mut square, mut cross) = (vec![0.0; width * width], vec![0.0; width * outputs]);
        for r in 0..n {
            let (s, y) = (centred(states.row(r), &state_mean), centred(answers.row(r), &answer_mean));
            for (i, a) in s.iter().enumerate() {
                let line = &mut square[i * width..=i * width + i];
                line.iter_mut().zip(&s).for_each(|(to, b)| *to += a * b);
                let line = &mut cross[i * outputs..(i + 1) * outputs];
                line.iter_mut().zip(&y).for_each(|(to, b)| *to += a * b);
            }
        }
        let trace: f64 = (0..width).map(|i| square[i * width + i]).sum();
        Self { width, outputs, state_mean, answer_mean, square, cross, scale: trace / width.max(1) as f64 }
    }

    fn solve(&self, penalty: f64) -> Readout {
        let (w, d) = (self.width, self.outputs);
        let lambda = (penalty * self.scale).max(1e-9);
        let factor = cholesky(w, lambda, |i, j| self.square[i * w + j]);
        // L L' B = S'Y, all outputs at once: forward down the rows, then back up.
        let mut b = self.cross.clone();
        for i in 0..w {
            let (done, line) = b.split_at_mut(i * d);
            let line = &mut line[..d];
            for (k, l) in factor[i * w..i * w + i].iter().enumerate() {
                line.iter_mut().zip(&done[k * d..(k + 1) * d]).for_each(|(to, v)| *to -= l * v);
            }
            line.iter_mut().for_each(|v| *v /= factor[i * w + i]);
        }
        for i in (0..w).rev() {
            let (above, line) = b.split_at_mut(i * d);
            let line = &mut line[..d];
            line.iter_mut().for_each(|v| *v /= factor[i * w + i]);
            for (k, l) in factor[i * w..i * w + i].iter().enumerate() {
                above[k * d..(k + 1) * d].iter_mut().zip(&*line).for_each(|(to, v)| *to -= l * v);
            }
        }
        let weight: Vec<f64> =
            (0..d).flat_map(|o| (0..w).map(move |i| (i, o))).map(|(i, o)| b[i * d + o]).collect();
        let shift = |o: usize| self.answer_mean[o] - dot(&weight[o * w..(o + 1) * w], &self.state_mean);
        let bias = (0..d).map(shift).collect();
        Readout { weight, bias }
    }
}

impl Readout {
    fn cosine(&self, state: &[f32], answer: &[f32]) -> f64 {
        let state: Vec<f64> = state.iter().map(|v| f64::from(*v)).collect();
        let said: Vec<f64> =
            self.weight.chunks_exact(state.len()).zip(&self.bias).map(|(w, b)| dot(w, &state) + b).collect();
        let answer: Vec<f64> = answer.iter().map(|v| f64::from(*v)).collect();
        dot(&said, &answer) / (dot(&said, &said) * dot(&answer, &answer)).sqrt().max(1e-12)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::seed;

    /// States that hold the answers, turned and shifted, and a little noise.
    fn planted(rows: usize) -> (Matrix, Matrix) {
        let mut rng = seed::stream(9, "last heads");
        let mut draw = || seed::normal(&mut rng) as f32;
        let answers = Matrix::from_fn(rows, 3, |_, _| draw() + 1.0);
        let turn = Matrix::from_fn(3, 5, |_, _| draw());
        let states = Matrix::from_fn(rows, 5, |r, c| {
            (0..3).map(|k| answers.get(r, k) * turn.get(k, c)).sum::<f32>() + 2.0 + 0.01 * draw()
        });
        (states, answers)
    }

    #[test]
    fn a_state_that_holds_the_answer_gives_it_back() {
        let (states, answers) = planted(80);
        let rows = |from: usize, to: usize| (from..to).collect::<Vec<_>>();
        let (first, last) = (rows(0, 60), rows(60, 80));
        let (readout, report) = reconstruction(
            &states.select_rows(&first),
            &answers.select_rows(&first),
            &states.select_rows(&last),
            &answers.select_rows(&last),
            &[0.3; 20],
        );
        assert!(report.after > 0.999 && (report.before - 0.3).abs() < 1e-6, "{report:?}");
        assert!(readout.unwrap().cosine(states.row(70), answers.row(70)) > 0.99);
    }

    #[test]
    fn the_solution_satisfies_the_normal_equations() {
        let (states, answers) = planted(40);
        let problem = Problem::of(&states, &answers);
        let readout = problem.solve(1e-2);
        let (w, d) = (5, 3);
        for i in 0..w {
            for o in 0..d {
                let left: f64 = (0..w)
                    .map(|k| {
                        let square = problem.square[i.max(k) * w + i.min(k)];
                        let ridge = if i == k { 1e-2 * problem.scale } else { 0.0 };
                        (square + ridge) * readout.weight[o * w + k]
                    })
                    .sum();
                assert!((left - problem.cross[i * d + o]).abs() < 1e-8, "{i} {o}");
            }
        }
    }

    #[test]
    fn what_training_found_is_kept_where_it_is_better() {
        let (states, answers) = planted(30);
        let noise = Matrix::from_fn(30, 5, |r, c| ((r * 7 + c * 13) % 11) as f32);
        let (readout, report) = reconstruction(&noise, &answers, &states, &answers, &[0.9999; 30]);
        assert!(readout.is_none() && report.penalty.is_none() && report.after == report.before);
    }
}
