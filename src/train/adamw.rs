//! AdamW for stacked models (Loshchilov and Hutter 2019, as PyTorch computes it), with the gradient clipped for each
//! model by that model's own norm and a model whose gradient is not finite left as it was.
//!
//! Two forms of the same rule: on the processor one pass over plain slices, on a graphics adapter tensor operations.

use crate::nn::cpu::tape;
use crate::nn::cpu::update::{self, Step};
use crate::nn::device::Backend;
use crate::nn::fused::View;
use crate::nn::params::{HostParams, HostTensor, Params, floats, from_device_layout, to_device_layout};
use burn::tensor::{Device, Gradients, Tensor, TensorData};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Fixed numbers of the rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamW {
    /// Decoupled weight decay.
    pub weight_decay: f32,
    /// Decay of the first moment.
    pub beta1: f32,
    /// Decay of the second moment.
    pub beta2: f32,
    /// Added to the root of the second moment.
    pub eps: f32,
    /// Largest gradient norm of a model; `None` without guardrails.
    pub clip: Option<f32>,
    /// Leave a model alone when its gradient is not finite.
    pub skip_non_finite: bool,
}

impl Default for AdamW {
    fn default() -> Self {
        Self {
            weight_decay: 1e-2,
            beta1: 0.9,
            beta2: 0.999,
            eps: 1e-8,
            clip: Some(0.5),
            skip_non_finite: true,
        }
    }
}

/// What happened in the steps since the last reading, one value a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StepCounters {
    /// Steps taken.
    pub steps: usize,
    /// Sum of gradient norms before clipping (finite ones).
    pub norm_sum: Vec<f64>,
    /// Norm of the last step.
    pub last_norm: Vec<f64>,
    /// Steps in which the gradient was clipped.
    pub clipped: Vec<f64>,
    /// Steps skipped because the gradient was not finite.
    pub skipped: Vec<f64>,
}

/// The optimiser's memory in PyTorch's layout, for resuming.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    /// Steps taken in all.
    pub step: u64,
    /// First moments.
    pub first: HostParams,
    /// Second moments.
    pub second: HostParams,
}

/// An optimiser bound to a set of parameters.
#[allow(clippy::large_enum_variant)] // one a training: its size on the stack does not matter
pub enum Optimiser {
    /// Plain slices on the processor.
    Host(HostState),
    /// Tensors on a graphics adapter.
    Device(DeviceState),
}

/// Moments on the processor, device layout `[models, in, out]`.
pub struct HostState {
    rule: AdamW,
    device: Device,
    step: u64,
    slots: BTreeMap<String, Slot>,
    models: usize,
    counters: StepCounters,
}

struct Slot {
    first: Vec<f32>,
    second: Vec<f32>,
}

/// Moments on the device and the running counts, read only when asked for.
pub struct DeviceState {
    rule: AdamW,
    step: u64,
    moments: BTreeMap<String, (Tensor<3>, Tensor<3>)>,
    models: usize,
    steps: usize,
    sums: Option<[Tensor<3>; 4]>,
}

impl Optimiser {
    /// Binds to parameters with their moments (or zeros); the form follows the backend.
    pub fn new(
        rule: AdamW,
        weights: &HostParams,
        moments: Option<&Moments>,
        backend: Backend,
        device: &Device,
    ) -> Self {
        let step = moments.map_or(0, |m| m.step);
        let zero = weights.zeros_like();
        let (first, second) = moments.map_or((&zero, &zero), |m| (&m.first, &m.second));
        let models = weights.models;
        match backend {
            Backend::Cpu => {
                let get = |from: &HostParams, name: &str| {
                    from.tensors.get(name).map_or_else(Vec::new, |t| to_device_layout(t, models))
                };
                let slots = weights
                    .tensors
                    .keys()
                    .map(|name| (name.clone(), Slot { first: get(first, name), second: get(second, name) }));
                let counters = empty(models);
                Self::Host(HostState {
                    rule,
                    device: device.clone(),
                    step,
                    slots: slots.collect(),
                    models,
                    counters,
                })
            }
            Backend::Wgpu => {
                let (a, b) = (Params::from_host(first, device), Params::from_host(second, device));
                let pairs = a.tensors.into_iter().zip(b.tensors.into_values()).map(|((n, x), y)| (n, (x, y)));
                Self::Device(DeviceState {
                    rule,
                    step,
                    moments: pairs.collect(),
                    models,
                    steps: 0,
                    sums: None,
                })
            }
        }
    }

    /// One step: returns the parameters after it, without gradient tracking. Parameters without a gradient stay as
    /// they are (no decay either), as in PyTorch.
    pub fn step(&mut self, params: &Params, gradients: &mut Gradients, learning_rate: f64) -> Params {
        match self {
            Self::Host(state) => state.step(params, gradients, learning_rate),
            Self::Device(state) => state.step(params, gradients, learning_rate),
        }
    }

    /// The counts since the last call.
    pub fn take_counters(&mut self) -> StepCounters {
        match self {
            Self::Host(state) => {
                let models = state.models;
                std::mem::replace(&mut state.counters, empty(models))
            }
            Self::Device(state) => state.take_counters(),
        }
    }

    /// The memory in PyTorch's layout; `shapes` gives names and shapes.
    pub fn moments(&self, shapes: &HostParams) -> Moments {
        match self {
            Self::Host(state) => {
                let gather = |pick: &dyn Fn(&Slot) -> &Vec<f32>| {
                    let tensors = state.slots.iter().filter_map(|(name, slot)| {
                        let shape = shapes.tensors.get(name)?.shape.clone();
                        let data = from_device_layout(pick(slot), &shape, state.models);
                        Some((name.clone(), HostTensor { shape, data }))
                    });
                    HostParams { models: state.models, tensors: tensors.collect() }
                };
                Moments { step: state.step, first: gather(&|s| &s.first), second: gather(&|s| &s.second) }
            }
            Self::Device(state) => {
                let gather = |pick: &dyn Fn(&(Tensor<3>, Tensor<3>)) -> Tensor<3>| {
                    let tensors = state.moments.iter().map(|(n, pair)| (n.clone(), pick(pair))).collect();
                    Params { models: state.models, tensors }.to_host(shapes)
                };
                Moments {
                    step: state.step,
                    first: gather(&|p| p.0.clone()),
                    second: gather(&|p| p.1.clone()),
                }
            }
        }
    }
}

fn empty(models: usize) -> StepCounters {
    let zero = vec![0.0; models];
    StepCounters {
        steps: 0,
        norm_sum: zero.clone(),
        last_norm: zero.clone(),
        clipped: zero.clone(),
        skipped: zero,
    }
}

impl HostState {
    fn step(&mut self, params: &Params, gradients: &mut Gradients, learning_rate: f64) -> Params {
        let mut read: BTreeMap<&str, TensorData> = BTreeMap::new();
        for (name, tensor) in &params.tensors {
            if let Some(gradient) = tensor.grad_remove(gradients) {
                read.insert(name, gradient.into_data());
            }
        }
        let scales = self.scales(&read);
        self.step += 1;
        let (rule, models) = (self.rule, self.models);
        let numbers = numbers(&rule, self.step, learning_rate);
        let mut after: BTreeMap<&str, (View, Vec<f32>)> = BTreeMap::new();
        for (name, tensor) in &params.tensors {
            if let (true, Some(view)) = (read.contains_key(name.as_str()), View::of(tensor.clone())) {
                let fresh = tape::take(view.values().len());
                after.insert(name, (view, fresh));
            }
        }
        let mut work = Vec::new();
        let mut slots: BTreeMap<&str, &mut Slot> =
            self.slots.iter_mut().map(|(n, s)| (n.as_str(), s)).collect();
        for (name, (view, fresh)) in &mut after {
            let (Some(slot), Some(data)) = (slots.remove(name), read.get(name)) else { continue };
            let (Ok(gradient), Slot { first, second }) = (data.as_slice::<f32>(), slot) else { continue };
            let n = (fresh.len() / models).max(1);
            let moments = first.chunks_mut(n).zip(second.chunks_mut(n));
            let given = view.values().chunks(n).zip(gradient.chunks(n));
            for (((given, moments), to), scale) in given.zip(moments).zip(fresh.chunks_mut(n)).zip(&scales) {
                work.push((given, moments, to, *scale));
            }
        }
        tape::spread(work, |((old, gradient), (first, second), to, scale)| match scale {
            Some(scale) => update::adamw(Step { scale, ..numbers }, old, gradient, first, second, to),
            None => to.copy_from_slice(old),
        });
        let mut tensors = BTreeMap::new();
        for (name, tensor) in &params.tensors {
            let after = match after.remove(name.as_str()) {
                Some((_, fresh)) => Tensor::from_data(TensorData::new(fresh, tensor.dims()), &self.device),
                None => tensor.clone().detach().without_autodiff(),
            };
            tensors.insert(name.clone(), after);
        }
        read.into_values().filter_map(|data| data.try_into_vec::<f32>().ok()).for_each(tape::give);
        Params { models, tensors }
    }

    /// Clip scale of each model; `None` where the model is to be left alone.
    fn scales(&mut self, read: &BTreeMap<&str, TensorData>) -> Vec<Option<f32>> {
        let models = self.models;
        let by_parameter: Vec<Vec<f64>> = read
            .par_iter()
            .map(|(_, data)| {
                let Ok(values) = data.as_slice::<f32>() else { return vec![0.0; models] };
                let n = values.len() / models;
                (0..models).map(|m| update::square_sum(&values[m * n..(m + 1) * n])).collect()
            })
            .collect();
        // Added in the order of the names, whatever thread was first.
        let squares: Vec<f64> = (0..models).map(|m| by_parameter.iter().map(|s| s[m]).sum()).collect();
        self.counters.steps += 1;
        let rule = self.rule;
        let decide = |(m, square): (usize, &f64)| {
            let norm = square.sqrt();
            self.counters.last_norm[m] = norm;
            if !norm.is_finite() {
                self.counters.skipped[m] += 1.0;
                return if rule.skip_non_finite { None } else { Some(1.0) };
            }
            self.counters.norm_sum[m] += norm;
            let Some(clip) = rule.clip else { return Some(1.0) };
            let scale = f64::from(clip) / (norm + 1e-6);
            self.counters.clipped[m] += f64::from(u8::from(scale < 1.0));
            Some(scale.min(1.0) as f32)
        };
        squares.iter().enumerate().map(decide).collect()
    }
}

/// The numbers of one step.
fn numbers(rule: &AdamW, step: u64, learning_rate: f64) -> Step {
    let t = step as f64;
    Step {
        decay: (1.0 - learning_rate * f64::from(rule.weight_decay)) as f32,
        beta1: rule.beta1,
        beta2: rule.beta2,
        rate: (learning_rate / (1.0 - f64::from(rule.beta1).powf(t))) as f32,
        root_correction: (1.0 / (1.0 - f64::from(rule.beta2).powf(t)).sqrt()) as f32,
        eps: rule.eps,
        scale: 1.0,
    }
}

impl DeviceState {
    fn step(&mut self, params: &Params, gradients: &mut Gradients, learning_rate: f64) -> Params {
        let mut read: BTreeMap<&str, Tensor<3>> = BTreeMap::new();
        let mut square: Option<Tensor<3>> = None;
        for (name, tensor) in &params.tensors {
            let Some(gradient) = tensor.grad_remove(gradients) else { continue };
            let sum = gradient.clone().square().sum_dim(2).sum_dim(1);
            square = Some(square.map_or_else(|| sum.clone(), |s| s + sum.clone()));
            read.insert(name, gradient);
        }
        let plain = |t: &Tensor<3>| t.clone().detach().without_autodiff();
        let Some(norm) = square.map(Tensor::sqrt) else {
            let tensors = params.tensors.iter().map(|(n, t)| (n.clone(), plain(t)));
            return Params { models: self.models, tensors: tensors.collect() };
        };
        self.step += 1;
        let numbers = numbers(&self.rule, self.step, learning_rate);
        let scale = self.scale(norm.clone());
        let lost = norm.is_finite().bool_not();
        let mut tensors = BTreeMap::new();
        for (name, tensor) in &params.tensors {
            let (Some(g), Some((first, second))) = (read.remove(name.as_str()), self.moments.remove(name))
            else {
                tensors.insert(name.clone(), plain(tensor));
                continue;
            };
            let old = plain(tensor);
            let g = g * scale.clone();
            let m = first.clone() * self.rule.beta1 + g.clone() * (1.0 - self.rule.beta1);
            let v = second.clone() * self.rule.beta2 + g.square() * (1.0 - self.rule.beta2);
            let divisor = v.clone().sqrt() * numbers.root_correction + self.rule.eps;
            let w = old.clone() * numbers.decay - m.clone() * numbers.rate / divisor;
            let (w, m, v) = if self.rule.skip_non_finite {
                let keep = lost.clone().expand(old.dims());
                (
                    w.mask_where(keep.clone(), old),
                    m.mask_where(keep.clone(), first),
                    v.mask_where(keep, second),
                )
            } else {
                (w, m, v)
            };
            self.moments.insert(name.clone(), (m, v));
            tensors.insert(name.clone(), w);
        }
        Params { models: self.models, tensors }
    }

    /// Clip scale `[models, 1, 1]`; also adds to the running counts, all on the device.
    fn scale(&mut self, norm: Tensor<3>) -> Tensor<3> {
        let finite = norm.clone().is_finite();
        let zero = norm.zeros_like();
        let counted = zero.clone().mask_where(finite.clone(), norm.clone());
        let (scale, clipped) = match self.rule.clip {
            Some(clip) => {
                let scale = (norm.clone() + 1e-6).recip() * clip;
                (scale.clone().clamp_max(1.0), scale.lower_scalar(1.0).float())
            }
            None => (norm.ones_like(), zero.clone()),
        };
        let skipped = finite.bool_not().float();
        let now = [counted, norm, clipped, skipped];
        self.steps += 1;
        self.sums = Some(match self.sums.take() {
            None => now,
            Some([a, _, c, s]) => {
                let [x, last, y, z] = now;
                [a + x, last, c + y, s + z]
            }
        });
        scale
    }

    fn take_counters(&mut self) -> StepCounters {
        let mut counters = empty(self.models);
        counters.steps = std::mem::take(&mut self.steps);
        if let Some(sums) = self.sums.take() {
            let read = |t: Tensor<3>| floats(t).into_iter().map(f64::from).collect::<Vec<f64>>();
            let [norm_sum, last_norm, clipped, skipped] = sums;
            counters.norm_sum = read(norm_sum);
            counters.last_norm = read(last_norm);
            counters.clipped = read(clipped);
            counters.skipped = read(skipped);
        }
        counters
    }
}
