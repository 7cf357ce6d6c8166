//! Cutting an epoch into batches: order, made-up rows, dropout and masks, each from its own named stream.

use super::data::TrainData;
use super::loss::Targets;
use super::plan::Plan;
use crate::core::matrix::Matrix;
use crate::core::seed::{self, ChaCha8Rng};
use crate::nn::readings::upload;
use crate::nn::scorer::Forward;
use burn::tensor::{Device, Tensor, TensorData};
use rand::RngExt;

/// Share of the head state hidden in the copy that measures consistency.
pub const MASKED_SHARE: f32 = 0.1;

/// The batches of one epoch. The streams are named by the epoch, so a resumed training continues bit for bit.
pub struct Batches<'a> {
    data: &'a TrainData,
    plan: &'a Plan,
    order: Vec<usize>,
    made_up: ChaCha8Rng,
    dropout: ChaCha8Rng,
    mask: ChaCha8Rng,
    next: usize,
}

/// One batch on the device: turns first, made-up rows behind them.
pub struct Batch {
    /// Goals, `[1, all, embedding]`.
    pub x: Tensor<3>,
    /// Responses, `[1, all, embedding]`.
    pub y: Tensor<3>,
    /// What is taught.
    pub targets: Targets,
    /// How to run the forward pass.
    pub how: Forward,
    /// Turns in it.
    pub turns: usize,
}

/// What further tables teach, one row a turn of the data.
#[derive(Clone, Copy, Default)]
pub struct Extra<'a> {
    /// Measured sensitivity `[turns, models]`.
    pub sensitivity: Option<&'a Matrix>,
    /// abs(A - B) `[turns, models]`.
    pub gap: Option<&'a Matrix>,
}

impl<'a> Batches<'a> {
    /// The batches of that epoch (from 1) over the given training rows.
    pub fn new(data: &'a TrainData, plan: &'a Plan, rows: &[usize], seed: u64, epoch: usize) -> Self {
        let stream = |name: &str| seed::stream(seed, &format!("train.{name}.{epoch}"));
        let order = seed::permutation(&mut stream("order"), rows.len());
        Self {
            data,
            plan,
            order: order.into_iter().map(|at| rows[at]).collect(),
            made_up: stream("made_up"),
            dropout: stream("dropout"),
            mask: stream("mask"),
            next: 0,
        }
    }

    /// Batches in the epoch.
    pub fn count(&self) -> usize {
        self.order.len().div_ceil(self.plan.batch.max(1))
    }

    /// The next batch on the device; `None` at the epoch's end.
    pub fn next(&mut self, extra: Extra<'_>, device: &Device) -> Option<Batch> {
        let end = (self.next + self.plan.batch.max(1)).min(self.order.len());
        let rows = self.order.get(self.next..end).filter(|r| !r.is_empty())?.to_vec();
        self.next = end;
        let made_up = (rows.len() as f64 * self.plan.made_up).round() as usize;
        let (x, y) = self.inputs(&rows, made_up);
        let targets = self.targets(&rows, made_up, extra, device);
        let how = Forward {
            dropout: self.dropout_masks(rows.len() + made_up, device),
            guardrails: self.plan.guardrails,
            ..Forward::default()
        };
        Some(Batch { x: upload(&x, device), y: upload(&y, device), targets, how, turns: rows.len() })
    }

    /// Embeddings of the rows with made-up ones behind: pairs from different conversations, mixtures of two
    /// responses, and noise of matched norm, in turn.
    fn inputs(&mut self, rows: &[usize], made_up: usize) -> (Matrix, Matrix) {
        let all = rows.len() + made_up;
        let (mut x, mut y) =
            (Matrix::zeros(all, self.data.x.cols()), Matrix::zeros(all, self.data.embedding()));
        for (at, row) in rows.iter().enumerate() {
            x.row_mut(at).copy_from_slice(self.data.x.row(*row));
            y.row_mut(at).copy_from_slice(self.data.y.row(*row));
        }
        for k in 0..made_up {
            let made = make_up(self.data, &self.order, k, &mut self.made_up);
            x.row_mut(rows.len() + k).copy_from_slice(&made.x);
            y.row_mut(rows.len() + k).copy_from_slice(&made.y);
        }
        (x, y)
    }

    fn targets(&mut self, rows: &[usize], made_up: usize, extra: Extra<'_>, device: &Device) -> Targets {
        let (models, b) = (self.data.models(), rows.len());
        let gather = |table: &Matrix| {
            let values = (0..models).flat_map(|m| rows.iter().map(move |r| table.get(*r, m)));
            let values: Vec<f32> = values.map(|v| if v.is_finite() { v } else { 0.0 }).collect();
            Tensor::<3>::from_data(TensorData::new(values, [models, b, 1]), device)
        };
        let (weight, thirds) = labels(&self.data.targets, rows);
        let state = self.plan.scorer.state();
        let mask: Vec<f32> =
            (0..b * state).map(|_| f32::from(u8::from(self.mask.random::<f32>() < MASKED_SHARE))).collect();
        let ood: Vec<f32> = (0..b + made_up).map(|r| f32::from(u8::from(r >= b))).collect();
        Targets {
            score: gather(&self.data.targets),
            weight: Tensor::from_data(TensorData::new(weight, [models, b, 1]), device),
            aux3: Tensor::from_data(TensorData::new(thirds, [models, b, 3]), device),
            y: upload(&self.data.y.select_rows(rows), device),
            mask: Tensor::from_data(TensorData::new(mask, [1, b, state]), device),
            ood: Tensor::from_data(TensorData::new(ood, [1, b + made_up, 1]), device),
            halt: None,
            sensitivity: extra.sensitivity.map(gather),
            gap: extra.gap.map(gather),
        }
    }

    fn dropout_masks(&mut self, rows: usize, device: &Device) -> Vec<Tensor<3>> {
        let rate = self.plan.dropout as f32;
        if rate <= 0.0 {
            return Vec::new();
        }
        let keep = 1.0 / (1.0 - rate);
        // Sixteen bits a draw are enough for a rate and spare three quarters of the generator's work.
        let bar = (f64::from(rate) * 65_536.0).round() as u64;
        let mut masks = Vec::new();
        for width in self.plan.scorer.dropout_widths() {
            let mut values = Vec::with_capacity(rows * width + 3);
            while values.len() < rows * width {
                let bits: u64 = self.dropout.random();
                values.extend((0..4).map(|q| if (bits >> (16 * q)) & 0xffff < bar { 0.0 } else { keep }));
            }
            values.truncate(rows * width);
            masks.push(Tensor::from_data(TensorData::new(values, [1, rows, width]), device));
        }
        masks
    }
}

/// Row weights `[models, rows]` (1 / labelled rows, 0 where missing) and one-hot thirds `[models, rows, 3]`.
fn labels(targets: &Matrix, rows: &[usize]) -> (Vec<f32>, Vec<f32>) {
    let models = targets.cols();
    let (mut weight, mut thirds) = (Vec::with_capacity(models * rows.len()), Vec::new());
    for m in 0..models {
        let known = rows.iter().filter(|r| !targets.get(**r, m).is_nan()).count().max(1) as f32;
        for r in rows {
            let t = targets.get(*r, m);
            weight.push(if t.is_nan() { 0.0 } else { 1.0 / known });
            let class = third(t);
            thirds.extend((0..3).map(|c| f32::from(u8::from(!t.is_nan() && c == class))));
        }
    }
    (weight, thirds)
}

/// Third of \[0,1\] in which a judgement lies: 0 bad, 1 medium, 2 good.
pub fn third(t: f32) -> usize {
    ((t * 3.0).floor().max(0.0) as usize).min(2)
}

/// A turn that no conversation contains.
pub struct MadeUp {
    /// The turn it began as.
    pub of: usize,
    /// As a row of [`TrainData::x`].
    pub x: Vec<f32>,
    /// Its answer.
    pub y: Vec<f32>,
}

/// One made-up turn; `k` chooses the kind.
pub fn make_up(data: &TrainData, rows: &[usize], k: usize, rng: &mut ChaCha8Rng) -> MadeUp {
    let i = rows[rng.random_range(0..rows.len())];
    let j = stranger(data, rows, i, rng);
    let (x, yi, yj) = (data.x.row(i), data.y.row(i), data.y.row(j));
    let (x, y) = match k % 3 {
        0 => (x.to_vec(), yj.to_vec()),
        1 => {
            let share = 0.3 + 0.4 * rng.random::<f32>();
            let mix: Vec<f32> = yi.iter().zip(yj).map(|(a, b)| share * a + (1.0 - share) * b).collect();
            (x.to_vec(), with_norm(mix, norm(yi)))
        }
        _ => {
            let mut noise = |like: &[f32]| {
                let draw = like.iter().map(|_| seed::normal(rng) as f32).collect();
                with_norm(draw, norm(like))
            };
            // Only the goal's embedding becomes noise: the core reads no more of x.
            let (goal, behind) = x.split_at(data.embedding());
            ([noise(goal), behind.to_vec()].concat(), noise(yi))
        }
    };
    MadeUp { of: i, x, y }
}

/// A row of another conversation; the row itself when there is none.
fn stranger(data: &TrainData, rows: &[usize], i: usize, rng: &mut ChaCha8Rng) -> usize {
    for _ in 0..64 {
        let j = rows[rng.random_range(0..rows.len())];
        if data.conversations[j] != data.conversations[i] {
            return j;
        }
    }
    i
}

fn norm(v: &[f32]) -> f32 {
    v.iter().map(|a| a * a).sum::<f32>().sqrt()
}

fn with_norm(mut v: Vec<f32>, length: f32) -> Vec<f32> {
    let scale = length / norm(&v).max(1e-12);
    v.iter_mut().for_each(|a| *a *= scale);
    v
}
