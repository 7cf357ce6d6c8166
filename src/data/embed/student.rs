//! The arithmetic of the static embedder: from token ids to a vector.
//!
//! Eight numbers at a time, always in the same order: a text has the same bits whatever its batch or the number of threads.

use super::EmbedError;
use super::asset::{Asset, bad_table};
use wide::f32x8;

const LANES: usize = 8;
/// Texts that go through a product together, so that its weights are read once for all of them.
pub(super) const GROUP: usize = 4;
/// Tokens below are special or unused and carry nothing.
const FIRST_WORD: u32 = 999;
/// Numbers beside the pooled vectors: 1 and the length.
const EXTRAS: usize = 2;

type Row = Vec<f32x8>;

/// Numbers of the asset, laid out for the loops.
pub(super) struct Student {
    width: usize,
    table: &'static [i8],
    scales: Vec<f32>,
    /// Weights of the token before, the token, the token after; bias; weight of the result. Each `[width]`.
    window: [Row; 5],
    query: Product,
    linear: Product,
    hidden_in: Product,
    hidden_out: Product,
}

/// A matrix `[inputs, outputs]` as panels of eight columns.
struct Product {
    inputs: usize,
    panels: Vec<f32x8>,
}

impl Product {
    fn new(values: &[f32], inputs: usize) -> Self {
        let outputs = values.len() / inputs;
        let mut panels = Vec::with_capacity(values.len() / LANES);
        for first in (0..outputs).step_by(LANES) {
            for row in values.chunks_exact(outputs) {
                panels.push(lanes(&row[first..first + LANES]));
            }
        }
        Self { inputs, panels }
    }

    fn outputs(&self) -> usize {
        self.panels.len() / self.inputs * LANES
    }

    /// Adds `input` (`[inputs]`, one number a text of the group) times the matrix to `out` (`[outputs]`, likewise).
    fn add(&self, input: &[[f32; GROUP]], out: &mut [[f32; GROUP]]) {
        for (panel, out) in self.panels.chunks_exact(self.inputs).zip(out.chunks_exact_mut(LANES)) {
            let (mut a, mut b, mut c, mut d) = (f32x8::ZERO, f32x8::ZERO, f32x8::ZERO, f32x8::ZERO);
            for (&weights, x) in panel.iter().zip(input) {
                a += weights * f32x8::splat(x[0]);
                b += weights * f32x8::splat(x[1]);
                c += weights * f32x8::splat(x[2]);
                d += weights * f32x8::splat(x[3]);
            }
            let sums = [a.to_array(), b.to_array(), c.to_array(), d.to_array()];
            for (lane, out) in out.iter_mut().enumerate() {
                for (text, sum) in sums.iter().enumerate() {
                    out[text] += sum[lane];
                }
            }
        }
    }
}

fn lanes(values: &[f32]) -> f32x8 {
    let mut eight = [0.0; LANES];
    eight.copy_from_slice(values);
    f32x8::from(eight)
}

fn row(values: &[f32]) -> Row {
    values.chunks_exact(LANES).map(lanes).collect()
}

impl Student {
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub(super) fn new(asset: &Asset) -> Result<Self, EmbedError> {
        let (table, tokens, width) = asset.bytes("vectors")?;
        if width == 0 || !width.is_multiple_of(LANES) {
            return Err(bad_table(format!("vectors of {width} numbers, not a multiple of {LANES}")));
        }
        let inputs = 2 * width + EXTRAS;
        let hidden = asset.columns("hidden_in")?;
        if hidden == 0 || !hidden.is_multiple_of(LANES) {
            return Err(bad_table(format!("a hidden layer of {hidden} numbers, not a multiple of {LANES}")));
        }
        let window = asset.floats("window", &[5, width])?;
        let part = |i: usize| row(&window[i * width..(i + 1) * width]);
        Ok(Self {
            width,
            table,
            scales: asset.floats("scales", &[tokens])?,
            window: [part(0), part(1), part(2), part(3), part(4)],
            query: Product::new(&asset.floats("query", &[width, width])?, width),
            linear: Product::new(&asset.floats("linear", &[inputs, width])?, inputs),
            hidden_in: Product::new(&asset.floats("hidden_in", &[inputs, hidden])?, inputs),
            hidden_out: Product::new(&asset.floats("hidden_out", &[hidden, width])?, hidden),
        })
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn tokens(&self) -> usize {
        self.scales.len()
    }

    /// Vectors of up to `GROUP` texts from their token ids; `None` where no token carries meaning.
    pub(super) fn vectors(&self, texts: &[Vec<u32>]) -> Vec<Option<Vec<f32>>> {
        let words: Vec<Vec<u32>> = texts.iter().map(|ids| self.words(ids)).collect();
        let width = self.width;
        let mut input = vec![[0.0; GROUP]; 2 * width + EXTRAS];
        let mut present = [false; GROUP];
        for (text, words) in words.iter().enumerate() {
            let mut mean = vec![f32x8::ZERO; width / LANES];
            self.each(words, |x| add(&mut mean, x, f32x8::ONE));
            present[text] = place(&mean, &mut input[..width], text);
            input[2 * width][text] = 1.0;
            input[2 * width + 1][text] = (words.len() as f32).ln_1p() / 3.0 - 1.0;
        }
        let mut query = vec![[0.0; GROUP]; width];
        self.query.add(&input[..width], &mut query);
        for (text, words) in words.iter().enumerate() {
            let query: Vec<f32> = query.iter().map(|q| q[text]).collect();
            let query = row(&query);
            let mut mean = vec![f32x8::ZERO; width / LANES];
            self.each(words, |x| {
                let weight = dot(x, &query).clamp(-20.0, 20.0).exp();
                add(&mut mean, x, f32x8::splat(weight));
            });
            present[text] &= place(&mean, &mut input[width..2 * width], text);
        }
        let mut inner = vec![[0.0; GROUP]; self.hidden_in.outputs()];
        self.hidden_in.add(&input, &mut inner);
        inner.iter_mut().flatten().for_each(|v| *v = v.max(0.0));
        let mut out = vec![[0.0; GROUP]; width];
        self.linear.add(&input, &mut out);
        self.hidden_out.add(&inner, &mut out);
        (0..texts.len())
            .map(|text| {
                let mut vector: Vec<f32> = out.iter().map(|v| v[text]).collect();
                (present[text] && normalise(&mut vector)).then_some(vector)
            })
            .collect()
    }

    /// The tokens that carry meaning.
    fn words(&self, ids: &[u32]) -> Vec<u32> {
        ids.iter().copied().filter(|&id| id >= FIRST_WORD && (id as usize) < self.scales.len()).collect()
    }

    /// A token's row of the table.
    fn read(&self, id: u32, out: &mut [f32x8]) {
        let id = id as usize;
        let scale = f32x8::splat(self.scales[id]);
        let bytes = &self.table[id * self.width..(id + 1) * self.width];
        for (out, b) in out.iter_mut().zip(bytes.chunks_exact(LANES)) {
            let eight = [b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]].map(f32::from);
            *out = f32x8::from(eight) * scale;
        }
    }

    /// Shows every token's row, bent by the rows of its neighbours.
    fn each(&self, words: &[u32], mut show: impl FnMut(&[f32x8])) {
        let zero = || vec![f32x8::ZERO; self.width / LANES];
        let (mut before, mut here, mut after, mut bent) = (zero(), zero(), zero(), zero());
        if let Some(&first) = words.first() {
            self.read(first, &mut here);
        }
        let [left, middle, right, bias, gain] = &self.window;
        for t in 0..words.len() {
            match words.get(t + 1) {
                Some(&next) => self.read(next, &mut after),
                None => after.fill(f32x8::ZERO),
            }
            for j in 0..bent.len() {
                let inner = left[j] * before[j] + middle[j] * here[j] + right[j] * after[j] + bias[j];
                bent[j] = here[j] + gain[j] * inner.max(f32x8::ZERO);
            }
            show(&bent);
            std::mem::swap(&mut before, &mut here);
            std::mem::swap(&mut here, &mut after);
        }
    }
}

fn add(sum: &mut [f32x8], row: &[f32x8], weight: f32x8) {
    for (sum, &value) in sum.iter_mut().zip(row) {
        *sum += value * weight;
    }
}

fn dot(a: &[f32x8], b: &[f32x8]) -> f32 {
    let mut sum = f32x8::ZERO;
    for (&a, &b) in a.iter().zip(b) {
        sum += a * b;
    }
    sum.to_array().iter().sum()
}

/// Writes `sum`, scaled to length one, into the column of one text; false if it has no direction.
fn place(sum: &[f32x8], out: &mut [[f32; GROUP]], text: usize) -> bool {
    let mut values: Vec<f32> = sum.iter().flat_map(|eight| eight.to_array()).collect();
    let known = normalise(&mut values);
    for (out, value) in out.iter_mut().zip(values) {
        out[text] = if known { value } else { 0.0 };
    }
    known
}

/// Scales to length one; false for sums that cancel to nothing, which have no direction.
fn normalise(row: &mut [f32]) -> bool {
    let norm = row.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
    if norm.is_nan() || norm < 1e-9 {
        return false;
    }
    row.iter_mut().for_each(|v| *v = (f64::from(*v) / norm) as f32);
    true
}
