//! Where a training stands after an epoch, complete: from it, training goes on bit for bit.

use super::adamw::Moments;
use super::data::TrainError;
use super::plan::Plan;
use crate::core::matrix::Matrix;
use crate::nn::checkpoint;
use crate::nn::params::{HostParams, HostTensor};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Early stopping of one dimension's model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stopping {
    /// Best validation MAE so far; `None` before the first epoch.
    pub best_mae: Option<f64>,
    /// Epoch of the best weights, from 1; 0 before the first.
    pub best_epoch: usize,
    /// Epochs since.
    pub since: usize,
    /// Whether the model has stopped: later epochs no longer change its best weights.
    pub stopped: bool,
}

/// Everything a training is, between two epochs.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainState {
    /// Epochs done.
    pub epoch: usize,
    /// The seed (names every random stream; there is no other generator state).
    pub seed: u64,
    /// The numbers it runs by.
    pub plan: Plan,
    /// Weights now.
    pub weights: HostParams,
    /// The optimiser's memory.
    pub moments: Moments,
    /// Best weights of each model.
    pub best: HostParams,
    /// Early stopping of each model.
    pub stopping: Vec<Stopping>,
    /// Sensitivity measured last, `[turns, models]`, when the scorer has that head.
    pub sensitivity: Option<Matrix>,
    /// Numbers of every epoch so far: names and values.
    pub history: Vec<Vec<(String, f64)>>,
    /// Scores of the validation turns after every epoch so far, `[validation turns, models]` each.
    pub validation: Vec<Matrix>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    epoch: usize,
    seed: u64,
    step: u64,
    plan: Plan,
    models: usize,
    stopping: Vec<Stopping>,
    /// Bits of the best validation MAEs: decimal text would not bring every number back exactly.
    best_mae_bits: Vec<Option<u64>>,
    sensitivity: Option<(usize, usize)>,
    /// Names and bits of the numbers of every epoch.
    history_bits: Vec<Vec<(String, u64)>>,
    shapes: BTreeMap<String, Vec<usize>>,
    /// Rows and columns of the validation scores of every epoch.
    validation: Vec<(usize, usize)>,
}

impl TrainState {
    /// As the bytes of one safetensors file (names prefixed `weights/`, `first/`, `second/`, `best/`).
    ///
    /// # Errors
    /// When the writer refuses, which a state made by training never causes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, TrainError> {
        let mut all = BTreeMap::new();
        for (prefix, params) in self.parts() {
            for (name, t) in &params.tensors {
                let flat = HostTensor { shape: vec![t.data.len()], data: t.data.clone() };
                all.insert(format!("{prefix}/{name}"), flat);
            }
        }
        if let Some(table) = &self.sensitivity {
            let data = table.data().to_vec();
            all.insert("sensitivity".to_owned(), HostTensor { shape: vec![data.len()], data });
        }
        if !self.validation.is_empty() {
            let data: Vec<f32> = self.validation.iter().flat_map(|m| m.data().iter().copied()).collect();
            all.insert("validation".to_owned(), HostTensor { shape: vec![data.len()], data });
        }
        let header = Header {
            epoch: self.epoch,
            seed: self.seed,
            step: self.moments.step,
            plan: self.plan.clone(),
            models: self.weights.models,
            stopping: self.stopping.clone(),
            sensitivity: self.sensitivity.as_ref().map(|t| (t.rows(), t.cols())),
            best_mae_bits: self.stopping.iter().map(|s| s.best_mae.map(f64::to_bits)).collect(),
            history_bits: self
                .history
                .iter()
                .map(|epoch| epoch.iter().map(|(name, value)| (name.clone(), value.to_bits())).collect())
                .collect(),
            validation: self.validation.iter().map(|m| (m.rows(), m.cols())).collect(),
            shapes: self.weights.tensors.iter().map(|(n, t)| (n.clone(), t.shape.clone())).collect(),
        };
        let text = serde_json::to_string(&header).map_err(checkpoint::CheckpointError::from)?;
        let note = BTreeMap::from([("state".to_owned(), text)]);
        Ok(checkpoint::to_bytes(&HostParams { models: 1, tensors: all }, &note)?)
    }

    fn parts(&self) -> [(&'static str, &HostParams); 4] {
        [
            ("weights", &self.weights),
            ("first", &self.moments.first),
            ("second", &self.moments.second),
            ("best", &self.best),
        ]
    }

    /// Reads what [`TrainState::to_bytes`] wrote.
    ///
    /// # Errors
    /// When the bytes are damaged or hold something else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TrainError> {
        let note = checkpoint::note(bytes)?;
        let text = note.get("state").ok_or_else(|| TrainError::State("it has no header".to_owned()))?;
        let header: Header = serde_json::from_str(text).map_err(checkpoint::CheckpointError::from)?;
        let mut raw = checkpoint::raw(bytes)?.tensors;
        let mut part = |prefix: &str| -> Result<HostParams, TrainError> {
            let mut tensors = BTreeMap::new();
            for (name, shape) in &header.shapes {
                let key = format!("{prefix}/{name}");
                let n = header.models * shape.iter().product::<usize>();
                let found = raw.remove(&key).filter(|t| t.data.len() == n);
                let data = found
                    .ok_or_else(|| TrainError::State(format!("{key} is missing or of another size")))?
                    .data;
                tensors.insert(name.clone(), HostTensor { shape: shape.clone(), data });
            }
            Ok(HostParams { models: header.models, tensors })
        };
        let weights = part("weights")?;
        let (first, second) = (part("first")?, part("second")?);
        let best = part("best")?;
        let sensitivity = match header.sensitivity {
            Some((rows, cols)) => {
                let data = raw.remove("sensitivity").map(|t| t.data).unwrap_or_default();
                let table = Matrix::from_vec(rows, cols, data);
                Some(table.ok_or_else(|| TrainError::State("the sensitivities are missing".to_owned()))?)
            }
            None => None,
        };
        let scores = raw.remove("validation").map(|t| t.data).unwrap_or_default();
        let validation = frames(&scores, &header.validation)
            .ok_or_else(|| TrainError::State("the validation scores are missing".to_owned()))?;
        Ok(Self {
            epoch: header.epoch,
            seed: header.seed,
            plan: header.plan,
            weights,
            moments: Moments { step: header.step, first, second },
            best,
            stopping: header
                .stopping
                .into_iter()
                .zip(header.best_mae_bits)
                .map(|(stopping, bits)| Stopping { best_mae: bits.map(f64::from_bits), ..stopping })
                .collect(),
            sensitivity,
            history: header
                .history_bits
                .into_iter()
                .map(|epoch| epoch.into_iter().map(|(name, bits)| (name, f64::from_bits(bits))).collect())
                .collect(),
            validation,
        })
    }
}

/// Cuts numbers one after another into matrices of these shapes; `None` unless they fit exactly.
fn frames(data: &[f32], shapes: &[(usize, usize)]) -> Option<Vec<Matrix>> {
    let mut rest = data;
    let frames = shapes.iter().map(|(rows, cols)| {
        let (head, tail) = rest.split_at_checked(rows.checked_mul(*cols)?)?;
        rest = tail;
        Matrix::from_vec(*rows, *cols, head.to_vec())
    });
    let frames: Option<Vec<Matrix>> = frames.collect();
    frames.filter(|_| rest.is_empty())
}
