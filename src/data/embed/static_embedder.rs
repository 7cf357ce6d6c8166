//! The built-in provider: the mean of a text's token vectors, bent by one small layer, distilled from all-MiniLM-L6-v2.
//!
//! The numbers (`assets/embedder/static.safetensors`) are part of the program, so nothing is downloaded. A token's row
//! is int8 with one scale and already carries the token's weight. With p the mean of the rows, q = p / |p| and
//! e = [1, ln(1 + tokens) / 3 - 1], the vector is o / |o|, o = q A + e b + relu([q, e] W1) W2.
//! `assets/embedder/README.md` says how the numbers were made and how close they come to the original.

use std::sync::LazyLock;

use rayon::prelude::*;
use safetensors::{Dtype, SafeTensors};
use tokenizers::Tokenizer;

use super::{EmbedError, EmbeddingProvider, Embeddings};
use crate::core::matrix::Matrix;

static TABLE: &[u8] = include_bytes!("../../../assets/embedder/static.safetensors");
static TOKENIZER: &[u8] = include_bytes!("../../../assets/embedder/tokenizer.json");

/// Hash of both assets, computed once.
static HASH: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = blake3::Hasher::new();
    hasher.update(TABLE);
    hasher.update(TOKENIZER);
    hasher.finalize().to_hex().to_string()
});

/// Mean of distilled token vectors with a small layer on top, L2-normalised.
pub struct StaticEmbedder {
    tokenizer: Tokenizer,
    /// `[tokens, width]`, row-major; a token's vector is `table[token] * scales[token]`.
    table: &'static [i8],
    /// One factor a token; 0 for tokens that carry no meaning (special and unused ones).
    scales: Vec<f32>,
    head: Head,
    width: usize,
}

/// The layer after pooling; all matrices row-major, input axis first.
struct Head {
    /// `[width + 2, width]`: A above b.
    linear: Vec<f32>,
    /// `[width + 2, hidden]`.
    hidden_in: Vec<f32>,
    /// `[hidden, width]`.
    hidden_out: Vec<f32>,
}

impl Head {
    /// `input` is [q, e], length width + 2.
    fn apply(&self, input: &[f32], width: usize) -> Vec<f32> {
        let hidden = self.hidden_in.len() / input.len();
        let mut inner = vec![0.0; hidden];
        add_product(input, &self.hidden_in, &mut inner);
        inner.iter_mut().for_each(|v| *v = v.max(0.0));
        let mut out = vec![0.0; width];
        add_product(input, &self.linear, &mut out);
        add_product(&inner, &self.hidden_out, &mut out);
        out
    }
}

/// Adds `input` times `matrix` (`[input, out]`) to `out`, row by row: a fixed order, so the same bits everywhere.
fn add_product(input: &[f32], matrix: &[f32], out: &mut [f32]) {
    for (&value, row) in input.iter().zip(matrix.chunks_exact(out.len())) {
        if value == 0.0 {
            continue;
        }
        for (sum, &weight) in out.iter_mut().zip(row) {
            *sum += value * weight;
        }
    }
}

/// A float32 tensor of the asset, if it has this shape and only finite numbers.
fn floats(tensors: &SafeTensors, name: &str, shape: &[usize]) -> Result<Vec<f32>, EmbedError> {
    let view = tensors.tensor(name).map_err(|e| bad_table(e.to_string()))?;
    if view.dtype() != Dtype::F32 || view.shape() != shape {
        return Err(bad_table(format!(
            "`{name}` is {:?} {:?} instead of float32 {shape:?}",
            view.dtype(),
            view.shape()
        )));
    }
    let values: Vec<f32> =
        view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
    if values.iter().any(|v| !v.is_finite()) {
        return Err(bad_table(format!("`{name}` holds a number that is not finite")));
    }
    Ok(values)
}

fn bad_table(reason: String) -> EmbedError {
    EmbedError::Asset { part: "static.safetensors", reason }
}

impl StaticEmbedder {
    /// Opens the built-in numbers and tokenizer.
    ///
    /// # Errors
    /// When the assets that were built into the program are damaged.
    pub fn new() -> Result<Self, EmbedError> {
        let tensors = SafeTensors::deserialize(TABLE).map_err(|e| bad_table(e.to_string()))?;
        let vectors = tensors.tensor("vectors").map_err(|e| bad_table(e.to_string()))?;
        let &[tokens, width] = vectors.shape() else {
            return Err(bad_table(format!("`vectors` has shape {:?} instead of two axes", vectors.shape())));
        };
        if vectors.dtype() != Dtype::I8 {
            return Err(bad_table("`vectors` is not int8".to_owned()));
        }
        let hidden =
            tensors.tensor("hidden_in").map_err(|e| bad_table(e.to_string()))?.shape().last().copied();
        let hidden = hidden.filter(|h| *h > 0).ok_or_else(|| bad_table("`hidden_in` is empty".to_owned()))?;
        let head = Head {
            linear: floats(&tensors, "linear", &[width + 2, width])?,
            hidden_in: floats(&tensors, "hidden_in", &[width + 2, hidden])?,
            hidden_out: floats(&tensors, "hidden_out", &[hidden, width])?,
        };
        let scales = floats(&tensors, "scales", &[tokens])?;
        let tokenizer = Tokenizer::from_bytes(TOKENIZER)
            .map_err(|e| EmbedError::Asset { part: "tokenizer.json", reason: e.to_string() })?;
        if tokenizer.get_vocab_size(true) != tokens {
            let reason = format!("it has {} tokens, the table {tokens} rows", tokenizer.get_vocab_size(true));
            return Err(EmbedError::Asset { part: "tokenizer.json", reason });
        }
        Ok(Self { tokenizer, table: bytemuck::cast_slice(vectors.data()), scales, head, width })
    }

    fn token_ids(&self, index: usize, text: &str) -> Result<Vec<u32>, EmbedError> {
        self.tokenizer
            .encode_fast(text, false)
            .map(|encoding| encoding.get_ids().to_vec())
            .map_err(|e| EmbedError::Tokenise { index, reason: e.to_string() })
    }

    /// The vector of a text from its tokens, or `None` if no token carries meaning.
    fn vector(&self, ids: &[u32]) -> Option<Vec<f32>> {
        let mut input = vec![0.0_f32; self.width];
        for &id in ids {
            let id = id as usize;
            let scale = self.scales.get(id).copied().unwrap_or(0.0);
            if scale == 0.0 {
                continue;
            }
            let row = &self.table[id * self.width..(id + 1) * self.width];
            for (sum, &value) in input.iter_mut().zip(row) {
                *sum += scale * f32::from(value);
            }
        }
        normalise(&mut input)?;
        input.extend([1.0, (ids.len() as f32).ln_1p() / 3.0 - 1.0]);
        let mut out = self.head.apply(&input, self.width);
        normalise(&mut out)?;
        Some(out)
    }
}

/// Scales to length one; `None` for sums that cancel to nothing, which have no direction.
fn normalise(row: &mut [f32]) -> Option<()> {
    let norm = row.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
    if norm < 1e-9 {
        return None;
    }
    row.iter_mut().for_each(|v| *v = (f64::from(*v) / norm) as f32);
    Some(())
}

impl EmbeddingProvider for StaticEmbedder {
    fn name(&self) -> &'static str {
        "static"
    }

    fn hash(&self) -> &str {
        &HASH
    }

    fn width(&self) -> usize {
        self.width
    }

    /// Texts run in parallel, each on its own: the numbers do not depend on the number of threads.
    fn embed(&self, texts: &[&str]) -> Result<Embeddings, EmbedError> {
        let rows: Vec<(Option<Vec<f32>>, usize)> = texts
            .par_iter()
            .enumerate()
            .map(|(index, text)| self.token_ids(index, text).map(|ids| (self.vector(&ids), ids.len())))
            .collect::<Result<_, EmbedError>>()?;
        let mut vectors = Matrix::zeros(texts.len(), self.width);
        for (i, (row, _)) in rows.iter().enumerate() {
            if let Some(row) = row {
                vectors.row_mut(i).copy_from_slice(row);
            }
        }
        let empty = rows.iter().map(|(row, _)| row.is_none()).collect();
        let tokens = rows.iter().map(|(_, count)| *count).collect();
        Ok(Embeddings { vectors, empty, tokens })
    }

    fn token_count(&self, text: &str) -> Result<usize, EmbedError> {
        self.token_ids(0, text).map(|ids| ids.len())
    }
}
