//! The arithmetic of the built-in embedder: all-MiniLM-L6-v2 (a BERT of six layers, 384 wide) from packed weights.
//!
//! Rows of tokens are independent in every product, and each text attends only to itself, so a text has the same bits
//! whatever its batch or the number of threads.

use super::EmbedError;
use super::asset::{Asset, bad_table};
use crate::simd::gemm::{Left, Right, Start, Unit, gemm, pack, packed_len, transpose};
use crate::simd::rows::{add_scaled, affine, gelu_all, layer_norm, softmax};

/// Width of a token's state.
const WIDTH: usize = 384;
const HEADS: usize = 12;
const HEAD: usize = WIDTH / HEADS;
const LAYERS: usize = 6;
/// Added to the variance in a layer normalisation.
const EPS: f32 = 1e-12;
const HIDDEN: usize = 4 * WIDTH;
/// Bits of a number of the token table, and numbers that share a scale.
const WORD: Packing = Packing { bits: 2, group: 96 };
const LAYER: Packing = Packing { bits: 4, group: 64 };
/// Added at both ends of a window: what the model calls [CLS] and [SEP].
const ENDS: [u32; 2] = [101, 102];

struct Packing {
    bits: usize,
    group: usize,
}

impl Packing {
    /// A row of codes as numbers: code c stands for (c - (2^bits - 1) / 2) * scale.
    fn read(&self, packed: &[u8], scales: &[f32], out: &mut [f32]) {
        let (each, mask) = (8 / self.bits, (1_u8 << self.bits) - 1);
        let middle = f32::from(mask) / 2.0;
        let parts = packed.chunks_exact(self.group / each).zip(out.chunks_exact_mut(self.group));
        for ((bytes, out), scale) in parts.zip(scales) {
            for (byte, out) in bytes.iter().zip(out.chunks_exact_mut(each)) {
                for (place, out) in out.iter_mut().enumerate() {
                    *out = (f32::from((byte >> (self.bits * place)) & mask) - middle) * scale;
                }
            }
        }
    }
}

/// A packed matrix as it lies in the asset.
struct Packed {
    codes: &'static [u8],
    scales: Vec<f32>,
    rows: usize,
    columns: usize,
    packing: &'static Packing,
}

impl Packed {
    fn new(asset: &Asset, name: &str, packing: &'static Packing, columns: usize) -> Result<Self, EmbedError> {
        let (codes, rows, bytes) = asset.codes(name)?;
        if bytes * 8 != columns * packing.bits {
            return Err(bad_table(format!("`{name}` holds {bytes} bytes a row, not {columns} numbers")));
        }
        let scales = asset.floats(&format!("{name}.scales"), &[rows, columns / packing.group])?;
        Ok(Self { codes, scales, rows, columns, packing })
    }

    fn read(&self, row: usize, out: &mut [f32]) {
        let (bytes, groups) = (self.columns * self.packing.bits / 8, self.columns / self.packing.group);
        let codes = &self.codes[row * bytes..(row + 1) * bytes];
        self.packing.read(codes, &self.scales[row * groups..(row + 1) * groups], out);
    }
}

/// `x W + b`.
struct Linear {
    weights: Vec<f32>,
    unit: Unit,
    bias: Vec<f32>,
    inputs: usize,
}

impl Linear {
    fn new(asset: &Asset, name: &str, inputs: usize, outputs: usize) -> Result<Self, EmbedError> {
        let packed = Packed::new(asset, name, &LAYER, inputs)?;
        if packed.rows != outputs {
            return Err(bad_table(format!("`{name}` has {} rows instead of {outputs}", packed.rows)));
        }
        let (mut across, mut rows) = (vec![0.0; inputs * outputs], vec![0.0; inputs * outputs]);
        for (row, out) in rows.chunks_exact_mut(inputs).enumerate() {
            packed.read(row, out);
        }
        transpose(&rows, inputs, outputs, inputs, &mut across, outputs);
        // Texts come in windows of hundreds of tokens.
        let unit = Unit::for_rows(usize::MAX);
        let mut weights = vec![0.0; packed_len(unit, inputs, outputs)];
        pack(unit, &across, outputs, inputs, outputs, &mut weights);
        Ok(Self { weights, unit, bias: asset.floats(&format!("{name}.bias"), &[outputs])?, inputs })
    }

    fn apply(&self, x: &[f32], out: &mut Vec<f32>) {
        let (rows, outputs) = (x.len() / self.inputs, self.bias.len());
        out.clear();
        out.resize(rows * outputs, 0.0);
        let (left, right) = (Left::rows(x, self.inputs), Right::Packed(self.unit, &self.weights));
        gemm(left, right, rows, self.inputs, outputs, out, outputs, Start::Bias(&self.bias));
    }
}

/// Layer normalisation with gain and shift.
struct Norm {
    gain: Vec<f32>,
    shift: Vec<f32>,
}

impl Norm {
    fn all(asset: &Asset, name: &str, count: usize) -> Result<Vec<Self>, EmbedError> {
        let values = asset.floats(name, &[2 * count, WIDTH])?;
        let norm = |pair: &[f32]| Self { gain: pair[..WIDTH].to_vec(), shift: pair[WIDTH..].to_vec() };
        Ok(values.chunks_exact(2 * WIDTH).map(norm).collect())
    }

    fn apply(&self, x: &mut [f32], scratch: &mut Vec<f32>) {
        scratch.resize(x.len() + x.len() / WIDTH, 0.0);
        let (hat, scale) = scratch.split_at_mut(x.len());
        layer_norm(x, WIDTH, EPS, hat, scale);
        affine(hat, &self.gain, &self.shift, x);
    }
}

struct Layer {
    qkv: Linear,
    mix: Linear,
    up: Linear,
    down: Linear,
    /// After the attention, after the hidden layer.
    norms: Vec<Norm>,
}

/// The model's numbers, laid out for the loops.
pub(super) struct MiniLm {
    words: Packed,
    /// A token's place in its window, `[256, 384]`.
    places: Vec<f32>,
    first: Vec<Norm>,
    layers: Vec<Layer>,
    /// `[384, 256]`, the axes on which vectors are given.
    axes: Vec<f32>,
    width: usize,
    longest: usize,
}

impl MiniLm {
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub(super) fn new(asset: &Asset) -> Result<Self, EmbedError> {
        let (width, longest) = (asset.columns("axes")?, asset.rows("places")?);
        if width == 0 || longest <= ENDS.len() {
            return Err(bad_table(format!("axes of {width} numbers, {longest} places")));
        }
        let layer = |i: usize| -> Result<Layer, EmbedError> {
            let linear =
                |name: &str, inputs, outputs| Linear::new(asset, &format!("{i}.{name}"), inputs, outputs);
            Ok(Layer {
                qkv: linear("qkv", WIDTH, 3 * WIDTH)?,
                mix: linear("mix", WIDTH, WIDTH)?,
                up: linear("up", WIDTH, HIDDEN)?,
                down: linear("down", HIDDEN, WIDTH)?,
                norms: Norm::all(asset, &format!("{i}.norms"), 2)?,
            })
        };
        Ok(Self {
            words: Packed::new(asset, "words", &WORD, WIDTH)?,
            places: asset.floats("places", &[longest, WIDTH])?,
            first: Norm::all(asset, "norm", 1)?,
            layers: (0..LAYERS).map(layer).collect::<Result<_, _>>()?,
            axes: asset.floats("axes", &[WIDTH, width])?,
            width,
            longest,
        })
    }

    /// Length of a vector.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Tokens that have a row.
    pub(super) fn tokens(&self) -> usize {
        self.words.rows
    }

    /// Tokens of a text that are read together.
    pub(super) fn window(&self) -> usize {
        self.longest - ENDS.len()
    }

    /// Sums of the last layer's states over the tokens (both ends included) of each window, `[windows, 384]`; a window
    /// holds at most [`Self::window`] tokens.
    pub(super) fn sums(&self, windows: &[&[u32]]) -> Vec<f32> {
        let lengths: Vec<usize> = windows.iter().map(|w| w.len() + ENDS.len()).collect();
        let mut x = Vec::with_capacity(lengths.iter().sum::<usize>() * WIDTH);
        let mut row = [0.0; WIDTH];
        for window in windows {
            let ids = std::iter::once(&ENDS[0]).chain(*window).chain(&ENDS[1..]);
            for (id, place) in ids.zip(self.places.chunks_exact(WIDTH)) {
                self.words.read((*id as usize).min(self.words.rows - 1), &mut row);
                add_scaled(place, 1.0, &mut row);
                x.extend_from_slice(&row);
            }
        }
        let (mut wide, mut narrow, mut scratch) = (Vec::new(), Vec::new(), Vec::new());
        self.first.iter().for_each(|norm| norm.apply(&mut x, &mut scratch));
        for layer in &self.layers {
            layer.qkv.apply(&x, &mut wide);
            let mut mixed = vec![0.0; x.len()];
            let mut from = 0;
            for &length in &lengths {
                let rows = from..from + length;
                attend(
                    &wide[3 * WIDTH * rows.start..],
                    length,
                    &mut mixed[WIDTH * rows.start..WIDTH * rows.end],
                );
                from = rows.end;
            }
            layer.mix.apply(&mixed, &mut narrow);
            add_scaled(&narrow, 1.0, &mut x);
            layer.norms[0].apply(&mut x, &mut scratch);
            layer.up.apply(&x, &mut wide);
            scratch.resize(wide.len(), 0.0);
            gelu_all(&wide, None, &mut scratch);
            layer.down.apply(&scratch, &mut narrow);
            add_scaled(&narrow, 1.0, &mut x);
            layer.norms[1].apply(&mut x, &mut scratch);
        }
        let mut sums = vec![0.0; windows.len() * WIDTH];
        let mut rows = x.chunks_exact(WIDTH);
        for (sum, length) in sums.chunks_exact_mut(WIDTH).zip(lengths) {
            rows.by_ref().take(length).for_each(|row| add_scaled(row, 1.0, sum));
        }
        sums
    }

    /// A sum of states on the axes, scaled to length one; `None` when it cancels to nothing.
    pub(super) fn direction(&self, sum: &[f32]) -> Option<Vec<f32>> {
        let mut out = vec![0.0; self.width];
        let right = Right::Plain(&self.axes, self.width);
        gemm(Left::rows(sum, WIDTH), right, 1, WIDTH, self.width, &mut out, self.width, Start::Zero);
        let norm = out.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
        if norm.is_nan() || norm < 1e-9 {
            return None;
        }
        out.iter_mut().for_each(|v| *v = (f64::from(*v) / norm) as f32);
        Some(out)
    }
}

/// Attention of one window: `qkv` `[tokens, 3 * 384]` (queries, keys, values) to `mixed` `[tokens, 384]`.
fn attend(qkv: &[f32], tokens: usize, mixed: &mut [f32]) {
    let (mut keys, mut scores) = (vec![0.0; HEAD * tokens], vec![0.0; tokens * tokens]);
    for head in 0..HEADS {
        let from = head * HEAD;
        transpose(&qkv[WIDTH + from..], 3 * WIDTH, tokens, HEAD, &mut keys, tokens);
        let (queries, right) = (Left::rows(&qkv[from..], 3 * WIDTH), Right::Plain(&keys, tokens));
        gemm(queries, right, tokens, HEAD, tokens, &mut scores, tokens, Start::Zero);
        softmax(&mut scores, tokens, 1.0 / (HEAD as f32).sqrt());
        let values = Right::Plain(&qkv[2 * WIDTH + from..], 3 * WIDTH);
        gemm(
            Left::rows(&scores, tokens),
            values,
            tokens,
            tokens,
            HEAD,
            &mut mixed[from..],
            WIDTH,
            Start::Zero,
        );
    }
}
