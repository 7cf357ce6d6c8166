//! The row-wise steps of both scorers, each one pass over its rows: activations, normalisations and the gates of a GRU
//! cell, forward and backward.

use super::lanes::{Lanes, simd_entry};
use super::math::{each, exp, phi, sigmoid, tanh};

/// Added to the variance in a layer normalisation of the scorers.
pub const LAYER_EPS: f32 = 1e-5;
/// Added to the mean square in a root-mean-square normalisation.
pub const RMS_EPS: f32 = 1e-6;

simd_entry! {
    /// `out = tanh(x)`.
    pub fn tanh_all(x: &[f32], out: &mut [f32]) = tanh_lanes
}
#[inline(always)]
fn tanh_lanes<S: Lanes>(x: &[f32], out: &mut [f32]) {
    each!(S, x.len(), |r| tanh(S::read(&x[r.clone()])).write(&mut out[r]));
}

simd_entry! {
    /// `g *= 1 - t^2`: back through t = tanh.
    pub fn tanh_back(t: &[f32], g: &mut [f32]) = tanh_back_lanes
}
#[inline(always)]
fn tanh_back_lanes<S: Lanes>(t: &[f32], g: &mut [f32]) {
    each!(S, t.len(), |r| {
        let t = S::read(&t[r.clone()]);
        S::read(&g[r.clone()]).mul(S::splat(1.0).sub(t.mul(t))).write(&mut g[r]);
    });
}

simd_entry! {
    /// `out = gelu(x)`, times the mask where there is one; GELU by the error function (Hendrycks and Gimpel 2016).
    pub fn gelu_all(x: &[f32], mask: Option<&[f32]>, out: &mut [f32]) = gelu_lanes
}
#[inline(always)]
fn gelu_lanes<S: Lanes>(x: &[f32], mask: Option<&[f32]>, out: &mut [f32]) {
    each!(S, x.len(), |r| {
        let v = S::read(&x[r.clone()]);
        let y = v.mul(phi(v));
        let y = match mask {
            Some(m) => y.mul(S::read(&m[r.clone()])),
            None => y,
        };
        y.write(&mut out[r]);
    });
}

simd_entry! {
    /// Back through [`gelu_all`]: `x` becomes `g mask gelu'(x)`, gelu'(x) = Phi(x) + x phi(x).
    pub fn gelu_back(g: &[f32], mask: Option<&[f32]>, x: &mut [f32]) = gelu_back_lanes
}
#[inline(always)]
fn gelu_back_lanes<S: Lanes>(g: &[f32], mask: Option<&[f32]>, x: &mut [f32]) {
    let norm = S::splat(0.398_942_3); // 1 / sqrt(2 pi)
    each!(S, x.len(), |r| {
        let v = S::read(&x[r.clone()]);
        let density = exp(v.mul(v).mul(S::splat(-0.5))).mul(norm);
        let y = S::read(&g[r.clone()]).mul(v.fma(density, phi(v)));
        let y = match mask {
            Some(m) => y.mul(S::read(&m[r.clone()])),
            None => y,
        };
        y.write(&mut x[r]);
    });
}

simd_entry! {
    /// `to += scale x`.
    pub fn add_scaled(x: &[f32], scale: f32, to: &mut [f32]) = add_scaled_lanes
}
#[inline(always)]
fn add_scaled_lanes<S: Lanes>(x: &[f32], scale: f32, to: &mut [f32]) {
    let scale = S::splat(scale);
    each!(S, x.len(), |r| S::read(&x[r.clone()]).fma(scale, S::read(&to[r.clone()])).write(&mut to[r]));
}

simd_entry! {
    /// Adds `row` to every row of `to`.
    pub fn add_row(row: &[f32], to: &mut [f32]) = add_row_lanes
}
#[inline(always)]
fn add_row_lanes<S: Lanes>(row: &[f32], to: &mut [f32]) {
    for line in to.chunks_exact_mut(row.len()) {
        each!(S, row.len(), |r| S::read(&row[r.clone()]).add(S::read(&line[r.clone()])).write(&mut line[r]));
    }
}

simd_entry! {
    /// `to[j] += sum over rows of x[row, j]`, times `y[row, j]` where there is one.
    pub fn add_columns(x: &[f32], y: Option<&[f32]>, width: usize, to: &mut [f32]) = add_columns_lanes
}
#[inline(always)]
fn add_columns_lanes<S: Lanes>(x: &[f32], y: Option<&[f32]>, width: usize, to: &mut [f32]) {
    for row in 0..x.len() / width.max(1) {
        let x = &x[row * width..(row + 1) * width];
        match y {
            Some(y) => {
                let y = &y[row * width..(row + 1) * width];
                each!(S, width, |r| {
                    S::read(&x[r.clone()])
                        .fma(S::read(&y[r.clone()]), S::read(&to[r.clone()]))
                        .write(&mut to[r]);
                });
            }
            None => each!(S, width, |r| {
                S::read(&x[r.clone()]).add(S::read(&to[r.clone()])).write(&mut to[r]);
            }),
        }
    }
}

simd_entry! {
    /// Layer normalisation of each row: `hat` gets (x - mean) / sd, `scale` 1 / sd of each row, sd^2 = variance + eps.
    pub fn layer_norm(x: &[f32], width: usize, eps: f32, hat: &mut [f32], scale: &mut [f32]) = layer_norm_lanes
}
#[inline(always)]
fn layer_norm_lanes<S: Lanes>(x: &[f32], width: usize, eps: f32, hat: &mut [f32], scale: &mut [f32]) {
    for ((x, hat), scale) in x.chunks_exact(width).zip(hat.chunks_exact_mut(width)).zip(scale) {
        let mut sum = S::splat(0.0);
        each!(S, width, |r| sum = sum.add(S::read(&x[r])));
        let mean = S::splat(sum.sum() / width as f32);
        let mut square = S::splat(0.0);
        each!(S, width, |r| {
            S::read(&x[r.clone()]).sub(mean).write(&mut hat[r.clone()]);
            let centred = S::read(&hat[r]); // lanes past the end come back as zeros
            square = centred.fma(centred, square);
        });
        *scale = 1.0 / (square.sum() / width as f32 + eps).sqrt();
        let by = S::splat(*scale);
        each!(S, width, |r| S::read(&hat[r.clone()]).mul(by).write(&mut hat[r]));
    }
}

simd_entry! {
    /// `out = hat gain + shift`, row by row.
    pub fn affine(hat: &[f32], gain: &[f32], shift: &[f32], out: &mut [f32]) = affine_lanes
}
#[inline(always)]
fn affine_lanes<S: Lanes>(hat: &[f32], gain: &[f32], shift: &[f32], out: &mut [f32]) {
    let width = gain.len();
    for (hat, out) in hat.chunks_exact(width).zip(out.chunks_exact_mut(width)) {
        each!(S, width, |r| {
            let y = S::read(&hat[r.clone()]).fma(S::read(&gain[r.clone()]), S::read(&shift[r.clone()]));
            y.write(&mut out[r]);
        });
    }
}

simd_entry! {
    /// Back through a layer normalisation: `to += scale (g' - mean g' - hat mean(g' hat))` with g' = g gain.
    pub fn layer_norm_back(g: &[f32], gain: &[f32], hat: &[f32], scale: &[f32], to: &mut [f32]) = layer_norm_back_lanes
}
#[inline(always)]
fn layer_norm_back_lanes<S: Lanes>(g: &[f32], gain: &[f32], hat: &[f32], scale: &[f32], to: &mut [f32]) {
    let width = gain.len();
    let rows = g.chunks_exact(width).zip(hat.chunks_exact(width)).zip(scale).zip(to.chunks_exact_mut(width));
    for (((g, hat), scale), to) in rows {
        let (mut sum, mut with_hat) = (S::splat(0.0), S::splat(0.0));
        each!(S, width, |r| {
            let d = S::read(&g[r.clone()]).mul(S::read(&gain[r.clone()]));
            sum = sum.add(d);
            with_hat = d.fma(S::read(&hat[r]), with_hat);
        });
        let n = width as f32;
        let (mean, share) = (S::splat(sum.sum() / n), S::splat(-with_hat.sum() / n));
        let by = S::splat(*scale);
        each!(S, width, |r| {
            let d = S::read(&g[r.clone()]).mul(S::read(&gain[r.clone()])).sub(mean);
            let d = S::read(&hat[r.clone()]).fma(share, d);
            d.fma(by, S::read(&to[r.clone()])).write(&mut to[r]);
        });
    }
}

simd_entry! {
    /// Root-mean-square normalisation of each row: `hat` gets x / rms, `scale` 1 / rms, `out` hat gain.
    pub fn rms_norm(x: &[f32], gain: &[f32], hat: &mut [f32], scale: &mut [f32], out: &mut [f32]) = rms_norm_lanes
}
#[inline(always)]
fn rms_norm_lanes<S: Lanes>(x: &[f32], gain: &[f32], hat: &mut [f32], scale: &mut [f32], out: &mut [f32]) {
    let width = gain.len();
    let rows =
        x.chunks_exact(width).zip(hat.chunks_exact_mut(width)).zip(scale).zip(out.chunks_exact_mut(width));
    for (((x, hat), scale), out) in rows {
        let mut square = S::splat(0.0);
        each!(S, width, |r| {
            let v = S::read(&x[r]);
            square = v.fma(v, square);
        });
        *scale = 1.0 / (square.sum() / width as f32 + RMS_EPS).sqrt();
        let by = S::splat(*scale);
        each!(S, width, |r| {
            let h = S::read(&x[r.clone()]).mul(by);
            h.write(&mut hat[r.clone()]);
            h.mul(S::read(&gain[r.clone()])).write(&mut out[r]);
        });
    }
}

simd_entry! {
    /// Back through [`rms_norm`]: `to = scale (g' - hat mean(g' hat))` with g' = g gain.
    pub fn rms_norm_back(g: &[f32], gain: &[f32], hat: &[f32], scale: &[f32], to: &mut [f32]) = rms_norm_back_lanes
}
#[inline(always)]
fn rms_norm_back_lanes<S: Lanes>(g: &[f32], gain: &[f32], hat: &[f32], scale: &[f32], to: &mut [f32]) {
    let width = gain.len();
    let rows = g.chunks_exact(width).zip(hat.chunks_exact(width)).zip(scale).zip(to.chunks_exact_mut(width));
    for (((g, hat), scale), to) in rows {
        let mut with_hat = S::splat(0.0);
        each!(S, width, |r| {
            let d = S::read(&g[r.clone()]).mul(S::read(&gain[r.clone()]));
            with_hat = d.fma(S::read(&hat[r]), with_hat);
        });
        let (share, by) = (S::splat(-with_hat.sum() / width as f32), S::splat(*scale));
        each!(S, width, |r| {
            let d = S::read(&g[r.clone()]).mul(S::read(&gain[r.clone()]));
            S::read(&hat[r.clone()]).fma(share, d).mul(by).write(&mut to[r]);
        });
    }
}

/// What a GRU step keeps of one block of rows for the way back: each `[rows, width]`.
pub struct Gates<'a> {
    /// Reset gate.
    pub r: &'a mut [f32],
    /// Update gate.
    pub z: &'a mut [f32],
    /// Candidate.
    pub n: &'a mut [f32],
    /// The hidden state's share of the candidate before the reset gate, bias included.
    pub q: &'a mut [f32],
}

simd_entry! {
    /// One GRU step of a row (Cho et al. 2014, PyTorch's gate order r, z, n): `input` and `hidden` are the gates' shares
    /// `[3 width]`, `bias` the candidate's hidden bias, `h` the state before; `out` gets the state after.
    pub fn gru(input: &[f32], hidden: &[f32], bias: &[f32], h: &[f32], keep: Gates<'_>, out: &mut [f32]) = gru_lanes
}
#[inline(always)]
fn gru_lanes<S: Lanes>(
    input: &[f32],
    hidden: &[f32],
    bias: &[f32],
    h: &[f32],
    keep: Gates<'_>,
    out: &mut [f32],
) {
    let w = out.len();
    each!(S, w, |at| {
        let (at_z, at_n) = (at.start + w..at.end + w, at.start + 2 * w..at.end + 2 * w);
        let (ri, rh) = (S::read(&input[at.clone()]), S::read(&hidden[at.clone()]));
        let (zi, zh) = (S::read(&input[at_z.clone()]), S::read(&hidden[at_z]));
        let (ni, nh) = (S::read(&input[at_n.clone()]), S::read(&hidden[at_n]));
        let (r, z) = (sigmoid(ri.add(rh)), sigmoid(zi.add(zh)));
        let q = nh.add(S::read(&bias[at.clone()]));
        let n = tanh(r.fma(q, ni));
        r.write(&mut keep.r[at.clone()]);
        z.write(&mut keep.z[at.clone()]);
        n.write(&mut keep.n[at.clone()]);
        q.write(&mut keep.q[at.clone()]);
        z.fma(S::read(&h[at.clone()]).sub(n), n).write(&mut out[at]);
    });
}

simd_entry! {
    /// Back through [`gru`] for one row: `g` is the gradient of the state after and becomes that of the state before
    /// (without the product's share); `to` gets the gradient of `hidden` and the candidate's input share behind it.
    pub fn gru_back(r: &[f32], z: &[f32], n: &[f32], q: &[f32], h: &[f32], g: &mut [f32], hidden: &mut [f32], candidate: &mut [f32])
    = gru_back_lanes
}
#[inline(always)]
#[allow(clippy::too_many_arguments, clippy::many_single_char_names)]
fn gru_back_lanes<S: Lanes>(
    r: &[f32],
    z: &[f32],
    n: &[f32],
    q: &[f32],
    h: &[f32],
    g: &mut [f32],
    hidden: &mut [f32],
    candidate: &mut [f32],
) {
    let w = g.len();
    let one = S::splat(1.0);
    each!(S, w, |at| {
        let (r, z, n) = (S::read(&r[at.clone()]), S::read(&z[at.clone()]), S::read(&n[at.clone()]));
        let (q, h, d) = (S::read(&q[at.clone()]), S::read(&h[at.clone()]), S::read(&g[at.clone()]));
        let dn = d.mul(one.sub(z)).mul(one.sub(n.mul(n)));
        let dz = d.mul(h.sub(n)).mul(z).mul(one.sub(z));
        let dr = dn.mul(q).mul(r).mul(one.sub(r));
        d.mul(z).write(&mut g[at.clone()]);
        dr.write(&mut hidden[at.clone()]);
        dz.write(&mut hidden[at.start + w..at.end + w]);
        dn.mul(r).write(&mut hidden[at.start + 2 * w..at.end + 2 * w]);
        dn.write(&mut candidate[at]);
    });
}

simd_entry! {
    /// Scalar product.
    pub fn dot(x: &[f32], y: &[f32]) -> f32 = dot_lanes
}
#[inline(always)]
fn dot_lanes<S: Lanes>(x: &[f32], y: &[f32]) -> f32 {
    let mut sum = S::splat(0.0);
    each!(S, x.len(), |r| sum = S::read(&x[r.clone()]).fma(S::read(&y[r]), sum));
    sum.sum()
}

simd_entry! {
    /// Each row of `width` becomes softmax(scale x), in place.
    pub fn softmax(x: &mut [f32], width: usize, scale: f32) = softmax_lanes
}
#[inline(always)]
fn softmax_lanes<S: Lanes>(x: &mut [f32], width: usize, scale: f32) {
    for row in x.chunks_exact_mut(width) {
        let mut top = f32::NEG_INFINITY;
        for v in row.iter() {
            top = top.max(*v);
        }
        let (top, by) = (S::splat(top), S::splat(scale));
        let mut sum = S::splat(0.0);
        each!(S, width, |r| {
            exp(S::read(&row[r.clone()]).sub(top).mul(by)).write(&mut row[r.clone()]);
            sum = sum.add(S::read(&row[r])); // lanes past the end come back as zeros
        });
        let by = S::splat(1.0 / sum.sum());
        each!(S, width, |r| S::read(&row[r.clone()]).mul(by).write(&mut row[r]));
    }
}
