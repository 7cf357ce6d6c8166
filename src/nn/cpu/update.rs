//! The optimiser's pass over weights: one read and one write of each number.

use crate::simd::lanes::{Lanes, simd_entry};
use crate::simd::math::each;

/// The numbers of one AdamW step (Loshchilov and Hutter 2019).
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// 1 - rate x weight decay.
    pub decay: f32,
    /// Decay of the first moment.
    pub beta1: f32,
    /// Decay of the second moment.
    pub beta2: f32,
    /// Learning rate over the first moment's bias correction.
    pub rate: f32,
    /// 1 / root of the second moment's bias correction.
    pub root_correction: f32,
    /// Added to the root.
    pub eps: f32,
    /// What the gradient is multiplied by: the clip.
    pub scale: f32,
}

simd_entry! {
    /// Weights after the step into `to`; the moments change in place.
    pub fn adamw(step: Step, weight: &[f32], gradient: &[f32], first: &mut [f32], second: &mut [f32], to: &mut [f32])
    = adamw_lanes
}

#[inline(always)]
fn adamw_lanes<S: Lanes>(
    step: Step,
    weight: &[f32],
    gradient: &[f32],
    first: &mut [f32],
    second: &mut [f32],
    to: &mut [f32],
) {
    let (beta1, beta2) = (S::splat(step.beta1), S::splat(step.beta2));
    let (c1, c2) = (S::splat(1.0 - step.beta1), S::splat(1.0 - step.beta2));
    let (decay, rate) = (S::splat(step.decay), S::splat(step.rate));
    let (correction, eps, scale) = (S::splat(step.root_correction), S::splat(step.eps), S::splat(step.scale));
    each!(S, to.len(), |r| {
        let g = S::read(&gradient[r.clone()]).mul(scale);
        let m = beta1.mul(S::read(&first[r.clone()])).add(c1.mul(g));
        let v = beta2.mul(S::read(&second[r.clone()])).add(c2.mul(g).mul(g));
        m.write(&mut first[r.clone()]);
        v.write(&mut second[r.clone()]);
        let old = S::read(&weight[r.clone()]).mul(decay);
        old.sub(rate.mul(m).div(v.sqrt().mul(correction).add(eps))).write(&mut to[r]);
    });
}

simd_entry! {
    /// Sum of squares: blocks of 1024 in lanes, blocks in double precision.
    pub fn square_sum(values: &[f32]) -> f64 = square_sum_lanes
}

#[inline(always)]
fn square_sum_lanes<S: Lanes>(values: &[f32]) -> f64 {
    let mut sum = 0.0_f64;
    for block in values.chunks(1024) {
        let mut part = S::splat(0.0);
        each!(S, block.len(), |r| {
            let v = S::read(&block[r]);
            part = v.fma(v, part);
        });
        sum += f64::from(part.sum());
    }
    sum
}
