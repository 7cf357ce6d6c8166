//! One step of learning: forward, losses, gradients, update.

use super::adamw::{AdamW, Moments, Optimiser};
use super::loss::{LossConfig, Losses, Targets, losses};
use crate::nn::device::Backend;
use crate::nn::heads::Heads;
use crate::nn::ops::Activation;
use crate::nn::params::{HostParams, Params};
use crate::nn::scorer::{Forward, ScorerConfig};
use burn::tensor::{Device, Gradients};

/// A scorer that learns: its weights on the device and its optimiser.
pub struct Learner {
    /// Shape of the scorer.
    pub config: ScorerConfig,
    /// Weights, without gradient tracking.
    pub params: Params,
    shapes: HostParams,
    optimiser: Optimiser,
    device: Device,
}

impl Learner {
    /// From weights (and moments, when resuming) on the host.
    pub fn new(
        config: ScorerConfig,
        weights: &HostParams,
        moments: Option<&Moments>,
        rule: AdamW,
        backend: Backend,
        device: &Device,
    ) -> Self {
        let optimiser = Optimiser::new(rule, weights, moments, backend, device);
        let params = Params::from_host(weights, device);
        Self { config, params, shapes: weights.zeros_like(), optimiser, device: device.clone() }
    }

    /// Forward and backward: heads, losses and the gradients of the tracked weights, which come back with them.
    /// Names for which `active` is false are constants.
    pub fn gradients(
        &self,
        x: &Activation,
        y: &Activation,
        targets: &Targets,
        how: &Forward,
        loss: &LossConfig,
        active: &dyn Fn(&str) -> bool,
    ) -> (Params, Gradients, Losses, Heads) {
        let leaves = self.params.with_gradients(active);
        let heads = self.config.forward(&leaves, x, y, how);
        let losses = losses(&heads, targets, loss);
        // The models share nothing, so the gradient of the sum is each model's own gradient.
        let gradients = losses.total.clone().sum().backward();
        (leaves, gradients, losses, heads)
    }

    /// Applies gradients that [`Learner::gradients`] gave.
    pub fn apply(&mut self, leaves: &Params, gradients: &mut Gradients, learning_rate: f64) {
        self.params = self.optimiser.step(leaves, gradients, learning_rate);
    }

    /// The optimiser.
    pub fn optimiser(&mut self) -> &mut Optimiser {
        &mut self.optimiser
    }

    /// Weights on the host.
    pub fn weights(&self) -> HostParams {
        self.params.to_host(&self.shapes)
    }

    /// The optimiser's memory on the host.
    pub fn moments(&self) -> Moments {
        self.optimiser.moments(&self.shapes)
    }

    /// The device it computes on.
    pub fn device(&self) -> &Device {
        &self.device
    }
}
