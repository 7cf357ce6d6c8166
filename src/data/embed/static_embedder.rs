//! The built-in provider: a text's vector is the mean of its tokens' vectors, which were distilled from all-MiniLM-L6-v2.
//!
//! The table (`assets/embedder/static.safetensors`) is part of the program, so nothing is downloaded. Its rows are
//! int8 with one scale each and already carry their weight (rare words count more, after Arora, Liang and Ma 2017,
//! "A simple but tough-to-beat baseline for sentence embeddings"). `assets/embedder/README.md` says how it was made.

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

/// Mean of distilled token vectors, L2-normalised.
pub struct StaticEmbedder {
    tokenizer: Tokenizer,
    /// `[tokens, width]`, row-major; a token's vector is `table[token] * scales[token]`.
    table: &'static [i8],
    /// One factor a token; 0 for tokens that carry no meaning (special and unused ones).
    scales: Vec<f32>,
    width: usize,
}

impl StaticEmbedder {
    /// Opens the built-in table and tokenizer.
    ///
    /// # Errors
    /// When the assets that were built into the program are damaged.
    pub fn new() -> Result<Self, EmbedError> {
        let bad_table = |reason: String| EmbedError::Asset { part: "static.safetensors", reason };
        let tensors = SafeTensors::deserialize(TABLE).map_err(|e| bad_table(e.to_string()))?;
        let vectors = tensors.tensor("vectors").map_err(|e| bad_table(e.to_string()))?;
        let scales = tensors.tensor("scales").map_err(|e| bad_table(e.to_string()))?;
        let &[tokens, width] = vectors.shape() else {
            return Err(bad_table(format!("`vectors` has shape {:?} instead of two axes", vectors.shape())));
        };
        if vectors.dtype() != Dtype::I8 || scales.dtype() != Dtype::F32 || scales.shape() != [tokens] {
            return Err(bad_table("`vectors` must be int8 and `scales` one float32 a row".to_owned()));
        }
        let scales: Vec<f32> = scales
            .data()
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            .collect();
        if scales.iter().any(|s| !s.is_finite()) {
            return Err(bad_table("a scale is not a finite number".to_owned()));
        }
        let tokenizer = Tokenizer::from_bytes(TOKENIZER)
            .map_err(|e| EmbedError::Asset { part: "tokenizer.json", reason: e.to_string() })?;
        if tokenizer.get_vocab_size(true) != tokens {
            let reason = format!("it has {} tokens, the table {tokens} rows", tokenizer.get_vocab_size(true));
            return Err(EmbedError::Asset { part: "tokenizer.json", reason });
        }
        Ok(Self { tokenizer, table: bytemuck::cast_slice(vectors.data()), scales, width })
    }

    fn token_ids(&self, index: usize, text: &str) -> Result<Vec<u32>, EmbedError> {
        self.tokenizer
            .encode_fast(text, false)
            .map(|encoding| encoding.get_ids().to_vec())
            .map_err(|e| EmbedError::Tokenise { index, reason: e.to_string() })
    }

    /// Adds up the tokens' vectors into `row` and scales it to length one; false if there was nothing to add.
    fn pool(&self, ids: &[u32], row: &mut [f32]) -> bool {
        for &id in ids {
            let id = id as usize;
            let Some(&scale) = self.scales.get(id) else { continue };
            if scale == 0.0 {
                continue;
            }
            let vector = &self.table[id * self.width..(id + 1) * self.width];
            for (sum, &value) in row.iter_mut().zip(vector) {
                *sum += scale * f32::from(value);
            }
        }
        let norm = row.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
        // Sums that cancel to nothing have no direction either.
        if norm < 1e-9 {
            row.fill(0.0);
            return false;
        }
        row.iter_mut().for_each(|v| *v = (f64::from(*v) / norm) as f32);
        true
    }
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
        let rows: Vec<(Vec<f32>, bool, usize)> = texts
            .par_iter()
            .enumerate()
            .map(|(index, text)| {
                let ids = self.token_ids(index, text)?;
                let mut row = vec![0.0; self.width];
                let found = self.pool(&ids, &mut row);
                Ok((row, !found, ids.len()))
            })
            .collect::<Result<_, EmbedError>>()?;
        let mut vectors = Matrix::zeros(texts.len(), self.width);
        let mut empty = Vec::with_capacity(texts.len());
        let mut tokens = Vec::with_capacity(texts.len());
        for (i, (row, is_empty, count)) in rows.into_iter().enumerate() {
            vectors.row_mut(i).copy_from_slice(&row);
            empty.push(is_empty);
            tokens.push(count);
        }
        Ok(Embeddings { vectors, empty, tokens })
    }

    fn token_count(&self, text: &str) -> Result<usize, EmbedError> {
        self.token_ids(0, text).map(|ids| ids.len())
    }
}
