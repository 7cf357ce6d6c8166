//! The bodies against a plain f64 program and its finite differences, and independence of the number of threads.

use super::{hrm, tiny};
use crate::core::seed;
use crate::simd::gemm::{Left, Right, Start, Unit, gemm, pack, pack_transposed, packed_len, transpose};
use rand::RngExt;

fn draw(n: usize, scale: f32, name: &str) -> Vec<f32> {
    let mut rng = seed::stream(7, name);
    (0..n).map(|_| (rng.random::<f32>() * 2.0 - 1.0) * scale).collect()
}

fn wide(values: &[Vec<f32>]) -> Vec<Vec<f64>> {
    values.iter().map(|v| v.iter().map(|x| f64::from(*x)).collect()).collect()
}

fn weighted(out: &[f32], by: &[f32]) -> f64 {
    out.iter().zip(by).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}

/// Compares gradients with central differences of `f`, a few elements of each input.
fn differences(values: &[Vec<f32>], found: &[Vec<f32>], f: &dyn Fn(&[Vec<f64>]) -> f64) {
    let eps = 1e-5;
    for (k, gradient) in found.iter().enumerate() {
        assert_eq!(gradient.len(), values[k].len(), "input {k}");
        for i in (0..gradient.len()).step_by((gradient.len() / 7).max(1)) {
            let mut moved = wide(values);
            moved[k][i] += eps;
            let up = f(&moved);
            moved[k][i] -= 2.0 * eps;
            let slope = (up - f(&moved)) / (2.0 * eps);
            let error = (slope - f64::from(gradient[i])).abs() / (1.0 + slope.abs());
            assert!(error < 2e-5, "input {k}, element {i}: {} where the slope is {slope}", gradient[i]);
        }
    }
}

/// `x w + b` for one row.
fn affine(x: &[f64], w: &[f64], b: &[f64]) -> Vec<f64> {
    let n = b.len();
    (0..n).map(|j| b[j] + x.iter().enumerate().map(|(i, x)| x * w[i * n + j]).sum::<f64>()).collect()
}

fn of(all: &[f64], model: usize, models: usize) -> &[f64] {
    let n = all.len() / models;
    &all[model * n..(model + 1) * n]
}

#[test]
fn products_of_every_shape_are_right_and_do_not_depend_on_what_stands_beside() {
    let shapes = [(1, 1, 1), (5, 7, 9), (13, 17, 33), (20, 30, 32), (25, 40, 48), (3, 8, 64), (33, 65, 130)];
    for (m, k, n) in shapes.into_iter().chain([(16, 64, 64), (48, 96, 96), (50, 33, 64)]) {
        let (a, b) = (draw(m * k, 1.0, "a"), draw(k * n, 1.0, "b"));
        let right = |c: &[f32], start: &dyn Fn(usize, usize) -> f64| {
            for (at, got) in c.iter().enumerate() {
                let (i, j) = (at / n, at % n);
                let want: f64 = (0..k).map(|q| f64::from(a[i * k + q]) * f64::from(b[q * n + j])).sum();
                let error = (want + start(i, j) - f64::from(*got)).abs();
                assert!(error < 1e-5, "{m} x {k} x {n} at {i}, {j}: {error}");
            }
        };
        let (left, mut c) = (Left::rows(&a, k), vec![0.0; m * n]);
        gemm(left, Right::Plain(&b, n), m, k, n, &mut c, n, Start::Zero);
        right(&c, &|_, _| 0.0);
        for unit in [Unit::Lanes, Unit::for_rows(usize::MAX)] {
            let mut panels = vec![0.0; packed_len(unit, k, n)];
            pack(unit, &b, n, k, n, &mut panels);
            let packed = Right::Packed(unit, &panels);
            let mut same = vec![0.0; m * n];
            gemm(left, packed, m, k, n, &mut same, n, Start::Zero);
            right(&same, &|_, _| 0.0);
            // On lanes a packed operand gives the same chain of multiply-adds.
            assert!(unit == Unit::Matrix || c == same);
            // A row alone, and the left operand as it lies after a transpose.
            let mut last = vec![1.0; n];
            gemm(Left::rows(&a[(m - 1) * k..], k), packed, 1, k, n, &mut last, n, Start::Zero);
            assert_eq!(last, same[(m - 1) * n..]);
            let (mut across, mut again) = (vec![0.0; k * m], vec![0.0; m * n]);
            transpose(&a, k, m, k, &mut across, m);
            gemm(Left::transposed(&across, m), packed, m, k, n, &mut again, n, Start::Zero);
            assert_eq!(again, same);
            // The right operand from its transpose.
            if unit == Unit::Matrix {
                let mut across = vec![0.0; k * n];
                transpose(&b, n, k, n, &mut across, k);
                let mut panels = vec![0.0; packed_len(unit, k, n)];
                pack_transposed(&across, k, k, n, &mut panels);
                gemm(left, Right::Packed(unit, &panels), m, k, n, &mut again, n, Start::Zero);
                assert_eq!(again, same);
            }
            // Added to what is there, and begun with a bias; neither touches what lies beside the result.
            let bias = draw(n, 1.0, "bias");
            for right_operand in [packed, Right::Plain(&b, n)] {
                let wide = n + 3;
                let mut c = vec![0.5; m * wide];
                gemm(left, right_operand, m, k, n, &mut c[..(m - 1) * wide + n], wide, Start::Keep);
                let inside: Vec<f32> = c.chunks(wide).flat_map(|row| row[..n].to_vec()).collect();
                right(&inside, &|_, _| 0.5);
                assert!(c.chunks(wide).flat_map(|row| &row[n..]).all(|v| *v == 0.5));
                let mut c = vec![7.0; m * n];
                gemm(left, right_operand, m, k, n, &mut c, n, Start::Bias(&bias));
                right(&c, &|_, j| f64::from(bias[j]));
            }
        }
    }
}

/// The matrix unit adds up products of bfloat16 parts: its results may be no further off than a chain of multiply-adds in
/// f32, also where large and small values meet.
#[test]
fn packed_products_are_as_exact_as_single_precision() {
    let (m, k, n) = (50, 768, 96);
    for spread in [0.0_f32, 12.0] {
        let values = |len: usize, name: &str| -> Vec<f32> {
            let size = draw(len, spread, &format!("{name} size"));
            draw(len, 1.0, name).iter().zip(size).map(|(v, s)| v * s.exp2()).collect()
        };
        let (a, b) = (values(m * k, "a"), values(k * n, "b"));
        let unit = Unit::for_rows(m);
        let (mut packed, mut c) = (vec![0.0; packed_len(unit, k, n)], vec![0.0; m * n]);
        pack(unit, &b, n, k, n, &mut packed);
        gemm(Left::rows(&a, k), Right::Packed(unit, &packed), m, k, n, &mut c, n, Start::Zero);
        let (mut ours, mut chains) = (0.0_f64, 0.0_f64);
        for (at, got) in c.iter().enumerate() {
            let pairs = || (0..k).map(|q| (a[at / n * k + q], b[q * n + at % n]));
            let want: f64 = pairs().map(|(x, y)| f64::from(x) * f64::from(y)).sum();
            let size: f64 = pairs().map(|(x, y)| (f64::from(x) * f64::from(y)).powi(2)).sum::<f64>().sqrt();
            let chain = pairs().fold(0.0_f32, |sum, (x, y)| x.mul_add(y, sum));
            ours += ((f64::from(*got) - want) / size).powi(2);
            chains += ((f64::from(chain) - want) / size).powi(2);
        }
        assert!(ours <= 1.1 * chains, "squared error {ours:e} against {chains:e} of a chain");
    }
}

const TINY: tiny::Shape = tiny::Shape { models: 2, rows: 5, width: 6, recursions: 3, step: 0.1 };
const LAYERS: usize = 2;

fn tiny_values() -> (Vec<Vec<f32>>, Vec<Vec<f32>>) {
    let tiny::Shape { models: m, rows, width: d, .. } = TINY;
    let mut values: Vec<Vec<f32>> = [rows * 2 * d, m * 3 * d * d, m * d, m * d, m * d, m * d, m]
        .iter()
        .map(|n| draw(*n, 0.7, "tiny"))
        .collect();
    for layer in 0..LAYERS {
        let sizes = [m * d, m * d, m * 4 * d * d, m * 4 * d, m * 4 * d * d, m * d];
        values.extend(sizes.iter().enumerate().map(|(at, n)| draw(*n, 0.6, &format!("layer {layer} {at}"))));
    }
    let mask = |l| draw(rows * 4 * d, 1.0, l).iter().map(|x| if *x > 0.8 { 0.0 } else { 1.11 }).collect();
    (values, vec![mask("mask 0"), mask("mask 1")])
}

fn tiny_inputs<'a>(v: &'a [Vec<f32>], masks: &'a [Vec<f32>]) -> tiny::Inputs<'a> {
    let layer = |l: usize| {
        let at = 7 + 6 * l;
        let mask = Some(masks[l].as_slice());
        let [gain, shift, w1, b1, w2, b2] = [0, 1, 2, 3, 4, 5].map(|k| v[at + k].as_slice());
        tiny::Layer { gain, shift, w1, b1, w2, b2, mask }
    };
    tiny::Inputs {
        pair: &v[0],
        w: &v[1],
        b: &v[2],
        z0: None,
        layers: (0..LAYERS).map(layer).collect(),
        gain: &v[3],
        shift: &v[4],
        halt: &v[5],
        halt_bias: &v[6],
    }
}

/// erf by Simpson's rule.
fn erf(x: f64) -> f64 {
    let (n, f) = (80, |t: f64| (-t * t).exp());
    let h = x / f64::from(n);
    let part = |i: i32| f(f64::from(i) * h) + 4.0 * f((f64::from(i) + 0.5) * h) + f((f64::from(i) + 1.0) * h);
    (0..n).map(part).sum::<f64>() * h / 6.0 * 2.0 / std::f64::consts::PI.sqrt()
}

fn layer_norm(x: &[f64], gain: &[f64], shift: &[f64]) -> Vec<f64> {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let sd = (x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n + 1e-5).sqrt();
    x.iter().zip(gain.iter().zip(shift)).map(|(v, (g, s))| (v - mean) / sd * g + s).collect()
}

fn tiny_plain(v: &[Vec<f64>], masks: &[Vec<f32>], by: &[f32]) -> f64 {
    let tiny::Shape { models, rows, width: d, recursions, step } = TINY;
    let mut total = 0.0;
    for (m, row) in (0..models).flat_map(|m| (0..rows).map(move |r| (m, r))) {
        let part = |k: usize| of(&v[k], m, models);
        let (mut z, mut best) = (vec![0.0; d], f64::NEG_INFINITY);
        for _ in 0..recursions {
            let input: Vec<f64> = v[0][row * 2 * d..(row + 1) * 2 * d].iter().chain(&z).copied().collect();
            let mut h: Vec<f64> = affine(&input, part(1), part(2)).into_iter().map(f64::tanh).collect();
            for (l, mask) in masks.iter().enumerate() {
                let at = 7 + 6 * l;
                let y = layer_norm(&h, part(at), part(at + 1));
                let mask = &mask[row * 4 * d..(row + 1) * 4 * d];
                let inner: Vec<f64> = affine(&y, part(at + 2), part(at + 3))
                    .into_iter()
                    .zip(mask)
                    .map(|(p, mask)| p * 0.5 * (1.0 + erf(p / 2.0_f64.sqrt())) * f64::from(*mask))
                    .collect();
                let after = affine(&inner, part(at + 4), part(at + 5));
                h.iter_mut().zip(after).for_each(|(h, a)| *h += a);
            }
            best = best.max(affine(&layer_norm(&h, part(3), part(4)), part(5), part(6))[0]);
            z.iter_mut().zip(&h).for_each(|(z, h)| *z += f64::from(step) * h);
        }
        let by = &by[(m * rows + row) * (d + 1)..];
        total += z.iter().chain([&best]).zip(by).map(|(x, b)| x * f64::from(*b)).sum::<f64>();
    }
    total
}

#[test]
fn tiny_has_the_values_and_slopes_of_a_plain_program() {
    let (values, masks) = tiny_values();
    let inputs = tiny_inputs(&values, &masks);
    let by = draw(TINY.models * TINY.rows * (TINY.width + 1), 1.0, "by");
    let (out, tape) = tiny::forward(TINY, &inputs, true);
    assert_eq!(out, tiny::forward(TINY, &inputs, false).0);
    let want = tiny_plain(&wide(&values), &masks, &by);
    assert!((weighted(&out, &by) - want).abs() < 1e-5, "{} where {want} is right", weighted(&out, &by));
    let g = tiny::backward(&inputs, tape.unwrap(), &by, true);
    let mut found = vec![g.pair, g.w, g.b, g.gain, g.shift, g.halt, g.halt_bias];
    g.layers.into_iter().for_each(|l| found.extend([l.gain, l.shift, l.w1, l.b1, l.w2, l.b2]));
    differences(&values, &found, &|v| tiny_plain(v, &masks, &by));
}

const HRM: hrm::Shape = hrm::Shape { models: 2, rows: 5, high: 7, low: 5, cycles: 3, steps: 2 };

fn hrm_values(shape: hrm::Shape) -> Vec<Vec<f32>> {
    let hrm::Shape { models: m, rows, high: h, low: l, .. } = shape;
    let sizes = [
        rows * h,
        6 * h * l,
        3 * l * l,
        3 * l,
        3 * l,
        l,
        3 * (l + h) * h,
        3 * h * h,
        3 * h,
        3 * h,
        h,
        h,
        h,
        1,
    ];
    sizes.iter().enumerate().map(|(at, n)| draw(m * n, 0.5, &format!("hrm {at}"))).collect()
}

fn hrm_inputs(v: &[Vec<f32>]) -> hrm::Inputs<'_> {
    let cell = |at: usize| {
        let [input, hidden, input_bias, hidden_bias, gain] = [0, 1, 2, 3, 4].map(|k| v[at + k].as_slice());
        hrm::Cell { input, hidden, input_bias, hidden_bias, gain }
    };
    hrm::Inputs { x: &v[0], fast: cell(1), slow: cell(6), gain: &v[11], halt: &v[12], halt_bias: &v[13] }
}

fn hrm_plain(shape: hrm::Shape, v: &[Vec<f64>], by: &[f32]) -> f64 {
    let hrm::Shape { models, rows, high, low, cycles, steps } = shape;
    let rms = |x: &[f64], gain: &[f64]| -> Vec<f64> {
        let size = (x.iter().map(|v| v * v).sum::<f64>() / x.len() as f64 + 1e-6).sqrt();
        x.iter().zip(gain).map(|(v, g)| v / size * g).collect()
    };
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let mut total = 0.0;
    for (m, row) in (0..models).flat_map(|m| (0..rows).map(move |r| (m, r))) {
        let part = |k: usize| of(&v[k], m, models);
        let cell = |at: usize, x: &[f64], h: &[f64]| -> Vec<f64> {
            let w = h.len();
            let (i, s) = (affine(x, part(at), part(at + 2)), affine(h, part(at + 1), part(at + 3)));
            let after = |j: usize| {
                let (r, z) = (sigmoid(i[j] + s[j]), sigmoid(i[w + j] + s[w + j]));
                (1.0 - z) * (i[2 * w + j] + r * s[2 * w + j]).tanh() + z * h[j]
            };
            rms(&(0..w).map(after).collect::<Vec<f64>>(), part(at + 4))
        };
        let x = &part(0)[row * high..(row + 1) * high];
        let (mut zl, mut zh, mut state) = (vec![0.0; low], vec![0.0; high], Vec::new());
        let mut best = f64::NEG_INFINITY;
        for _ in 0..cycles {
            for _ in 0..steps {
                zl = cell(1, &[x, zh.as_slice()].concat(), &zl);
            }
            zh = cell(6, &[zl.as_slice(), zh.as_slice()].concat(), &zh);
            state = rms(&zh, part(11));
            best = best.max(affine(&state, part(12), part(13))[0]);
        }
        let by = &by[(m * rows + row) * (high + 1)..];
        total += state.iter().chain([&best]).zip(by).map(|(x, b)| x * f64::from(*b)).sum::<f64>();
    }
    total
}

fn hrm_found(shape: hrm::Shape, values: &[Vec<f32>], by: &[f32]) -> (Vec<f32>, Vec<Vec<f32>>) {
    let inputs = hrm_inputs(values);
    let (out, tape) = hrm::forward(shape, &inputs, true);
    assert_eq!(out, hrm::forward(shape, &inputs, false).0);
    let g = hrm::backward(&inputs, tape.unwrap(), by);
    let mut found = vec![g.x];
    for c in [g.fast, g.slow] {
        found.extend([c.input, c.hidden, c.input_bias, c.hidden_bias, c.gain]);
    }
    found.extend([g.gain, g.halt, g.halt_bias]);
    (out, found)
}

#[test]
fn hrm_has_the_values_and_slopes_of_a_plain_program() {
    let values = hrm_values(HRM);
    let by = draw(HRM.models * HRM.rows * (HRM.high + 1), 1.0, "by");
    let (out, found) = hrm_found(HRM, &values, &by);
    let want = hrm_plain(HRM, &wide(&values), &by);
    assert!((weighted(&out, &by) - want).abs() < 1e-5, "{} where {want} is right", weighted(&out, &by));
    differences(&values, &found, &|v| hrm_plain(HRM, v, &by));
}

#[test]
fn one_thread_and_many_give_the_same_bytes() {
    let shape = hrm::Shape { models: 3, rows: 41, high: 16, low: 8, cycles: 2, steps: 2 };
    let values = hrm_values(shape);
    let by = draw(shape.models * shape.rows * (shape.high + 1), 1.0, "by");
    let (tiny_values, masks) = tiny_values();
    let tiny_by = draw(TINY.models * TINY.rows * (TINY.width + 1), 1.0, "by");
    let mut results = [1, 2, 3].into_iter().map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let inputs = tiny_inputs(&tiny_values, &masks);
            let (out, tape) = tiny::forward(TINY, &inputs, true);
            let g = tiny::backward(&inputs, tape.unwrap(), &tiny_by, true);
            (
                hrm_found(shape, &values, &by),
                out,
                g.pair,
                g.w,
                g.layers.into_iter().map(|l| (l.w1, l.b2)).collect::<Vec<_>>(),
            )
        })
    });
    let one = results.next().unwrap();
    assert!(results.all(|r| r == one));
}
