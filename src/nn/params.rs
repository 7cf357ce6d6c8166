//! The weights of a scorer by name: on the host in PyTorch's layout, on the device stacked for batched products.

use crate::core::seed;
use burn::tensor::{Device, Tensor, TensorData};
use rand::RngExt;
use std::collections::BTreeMap;

/// One parameter of all stacked models, on the host.
#[derive(Clone, Debug, PartialEq)]
pub struct HostTensor {
    /// Shape of one model's parameter in PyTorch's layout: `[out, in]` or `[n]`.
    pub shape: Vec<usize>,
    /// `[models, shape..]`, row-major.
    pub data: Vec<f32>,
}

/// All parameters of the stacked models, on the host, by PyTorch name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HostParams {
    /// How many models are stacked.
    pub models: usize,
    /// Name to values, sorted by name.
    pub tensors: BTreeMap<String, HostTensor>,
}

impl HostParams {
    /// The parameters of one of the stacked models, alone.
    pub fn model(&self, index: usize) -> Self {
        let tensors = self.tensors.iter().map(|(name, t)| {
            let n = t.data.len() / self.models.max(1);
            let data = t.data[index * n..(index + 1) * n].to_vec();
            (name.clone(), HostTensor { shape: t.shape.clone(), data })
        });
        Self { models: 1, tensors: tensors.collect() }
    }

    /// Replaces one of the stacked models by another stack's model of the same shape.
    pub fn set_model(&mut self, index: usize, from: &Self, from_index: usize) {
        for (name, t) in &mut self.tensors {
            let Some(source) = from.tensors.get(name) else { continue };
            let n = t.data.len() / self.models.max(1);
            t.data[index * n..(index + 1) * n]
                .copy_from_slice(&source.data[from_index * n..(from_index + 1) * n]);
        }
    }

    /// Stacks single models in order; `None` when they do not have the same names and shapes.
    pub fn stack(parts: &[Self]) -> Option<Self> {
        let first = parts.first()?;
        let mut tensors = BTreeMap::new();
        for (name, t) in &first.tensors {
            let mut data = Vec::with_capacity(t.data.len() * parts.len());
            for part in parts {
                let other = part.tensors.get(name).filter(|o| o.shape == t.shape)?;
                data.extend_from_slice(&other.data);
            }
            tensors.insert(name.clone(), HostTensor { shape: t.shape.clone(), data });
        }
        let same = parts.iter().all(|p| p.tensors.len() == first.tensors.len());
        same.then_some(Self { models: parts.iter().map(|p| p.models).sum(), tensors })
    }

    /// Zeros of the same names and shapes.
    pub fn zeros_like(&self) -> Self {
        let zero = |t: &HostTensor| HostTensor { shape: t.shape.clone(), data: vec![0.0; t.data.len()] };
        Self {
            models: self.models,
            tensors: self.tensors.iter().map(|(n, t)| (n.clone(), zero(t))).collect(),
        }
    }

    /// Whether every value is a finite number.
    pub fn is_finite(&self) -> bool {
        self.tensors.values().all(|t| t.data.iter().all(|v| v.is_finite()))
    }
}

/// How a parameter starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Start {
    /// Uniform in plus or minus the bound (PyTorch's Linear and GRU: 1/sqrt of the fan).
    Uniform(f32),
    /// A constant.
    Constant(f32),
}

/// Name, PyTorch shape and start of one parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// PyTorch name.
    pub name: String,
    /// Shape of one model.
    pub shape: Vec<usize>,
    /// How it starts.
    pub start: Start,
}

/// Collects the parameters of an architecture.
#[derive(Clone, Debug, Default)]
pub struct Specs(pub Vec<Spec>);

impl Specs {
    /// A Linear layer: weight `[out, in]`, bias `[out]`, both uniform within 1/sqrt(in) (PyTorch's default).
    pub fn linear(&mut self, name: &str, input: usize, output: usize) {
        let start = Start::Uniform(1.0 / (input as f32).sqrt());
        self.push(format!("{name}.weight"), vec![output, input], start);
        self.push(format!("{name}.bias"), vec![output], start);
    }

    /// A normalisation's gain (and shift).
    pub fn norm(&mut self, name: &str, width: usize, shift: bool) {
        self.push(format!("{name}.weight"), vec![width], Start::Constant(1.0));
        if shift {
            self.push(format!("{name}.bias"), vec![width], Start::Constant(0.0));
        }
    }

    /// Any parameter.
    pub fn push(&mut self, name: String, shape: Vec<usize>, start: Start) {
        self.0.push(Spec { name, shape, start });
    }

    /// Fresh weights, one model for each named stream: nothing leaks from one model to the next.
    pub fn init(&self, seed: u64, model_names: &[String]) -> HostParams {
        let mut tensors = BTreeMap::new();
        for spec in &self.0 {
            let n: usize = spec.shape.iter().product();
            let mut data = Vec::with_capacity(n * model_names.len());
            for model in model_names {
                let mut rng = seed::stream(seed, &format!("init.{model}.{}", spec.name));
                data.extend((0..n).map(|_| match spec.start {
                    Start::Constant(c) => c,
                    Start::Uniform(bound) => (rng.random::<f32>() * 2.0 - 1.0) * bound,
                }));
            }
            tensors.insert(spec.name.clone(), HostTensor { shape: spec.shape.clone(), data });
        }
        HostParams { models: model_names.len(), tensors }
    }
}

/// The parameters on a device: each `[models, in, out]` (a vector is `[models, 1, n]`).
#[derive(Clone, Debug)]
pub struct Params {
    /// How many models are stacked.
    pub models: usize,
    /// Name to tensor, sorted by name.
    pub tensors: BTreeMap<String, Tensor<3>>,
}

impl Params {
    /// Copies the host's parameters to a device, transposed for `activations x weights`.
    pub fn from_host(host: &HostParams, device: &Device) -> Self {
        let tensors = host.tensors.iter().map(|(name, t)| {
            let data = TensorData::new(to_device_layout(t, host.models), device_shape(t, host.models));
            (name.clone(), Tensor::from_data(data, device))
        });
        Self { models: host.models, tensors: tensors.collect() }
    }

    /// Copies back into PyTorch's layout; `shapes` gives the names and shapes.
    pub fn to_host(&self, shapes: &HostParams) -> HostParams {
        let tensors = self.tensors.iter().filter_map(|(name, tensor)| {
            let shape = shapes.tensors.get(name)?.shape.clone();
            let data = from_device_layout(&floats(tensor.clone()), &shape, self.models);
            Some((name.clone(), HostTensor { shape, data }))
        });
        HostParams { models: self.models, tensors: tensors.collect() }
    }

    /// The parameter of that name. The scorers ask only for names that their own `specs` list and that loading has
    /// checked, so a missing one is a fault of the program.
    #[allow(clippy::expect_used)]
    pub fn get(&self, name: &str) -> Tensor<3> {
        self.tensors.get(name).cloned().expect("a scorer asks only for parameters it has listed")
    }

    /// Whether there is a parameter of that name.
    pub fn has(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// The same values without gradient tracking.
    pub fn without_gradients(&self) -> Self {
        let tensors = self.tensors.iter().map(|(n, t)| (n.clone(), t.clone().detach().without_autodiff()));
        Self { models: self.models, tensors: tensors.collect() }
    }

    /// The same values as leaves of a gradient computation; names for which `active` is false stay constants.
    pub fn with_gradients(&self, active: &dyn Fn(&str) -> bool) -> Self {
        let leaf = |(name, t): (&String, &Tensor<3>)| {
            let t = t.clone().without_autodiff().autodiff();
            (name.clone(), if active(name) { t.require_grad() } else { t })
        };
        Self { models: self.models, tensors: self.tensors.iter().map(leaf).collect() }
    }
}

/// The values of a tensor on the host, row-major. Scorers compute in f32 only, so the reading cannot fail by type.
#[allow(clippy::expect_used)]
pub fn floats<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec::<f32>().expect("scorers compute in f32")
}

fn device_shape(t: &HostTensor, models: usize) -> [usize; 3] {
    match t.shape.as_slice() {
        [out, input] => [models, *input, *out],
        _ => [models, 1, t.shape.iter().product()],
    }
}

/// `[models, out, in]` to `[models, in, out]`; vectors as they are.
pub fn to_device_layout(t: &HostTensor, models: usize) -> Vec<f32> {
    match t.shape.as_slice() {
        [out, input] => transpose(&t.data, models, *out, *input),
        _ => t.data.clone(),
    }
}

/// The inverse of [`to_device_layout`].
pub fn from_device_layout(data: &[f32], shape: &[usize], models: usize) -> Vec<f32> {
    match shape {
        [out, input] => transpose(data, models, *input, *out),
        _ => data.to_vec(),
    }
}

fn transpose(data: &[f32], models: usize, rows: usize, cols: usize) -> Vec<f32> {
    let mut out = vec![0.0; data.len()];
    for m in 0..models {
        let at = m * rows * cols;
        for r in 0..rows {
            for c in 0..cols {
                out[at + c * rows + r] = data[at + r * cols + c];
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn specs() -> Specs {
        let mut specs = Specs::default();
        specs.linear("a", 3, 2);
        specs.norm("n", 4, true);
        specs
    }

    #[test]
    fn a_stack_of_fresh_models_equals_each_model_alone() {
        let both = specs().init(5, &["x".to_owned(), "y".to_owned()]);
        let alone = specs().init(5, &["y".to_owned()]);
        assert_eq!(both.model(1), alone);
        assert_ne!(both.model(0), alone);
        assert_eq!(HostParams::stack(&[both.model(0), alone]).unwrap(), both);
    }

    #[test]
    fn weights_come_back_from_the_device_unchanged() {
        let host = specs().init(1, &["x".to_owned(), "y".to_owned()]);
        let params = Params::from_host(&host, &Device::flex());
        assert_eq!(params.get("a.weight").dims(), [2, 3, 2]);
        assert_eq!(params.to_host(&host), host);
    }
}
