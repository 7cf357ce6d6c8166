//! The built-in provider: token vectors and small layers distilled from all-MiniLM-L6-v2.
//!
//! The numbers (`assets/embedder/static.safetensors`) are part of the program, so nothing is downloaded. A token's row t
//! is int8 with one scale and already carries the token's weight. x = t + g * relu(l * before + m * t + r * after + b),
//! elementwise, with the rows of its neighbours; q is the mean of all x, r their mean weighted by exp(x . q Q), both
//! scaled to length one; e = [1, ln(1 + tokens) / 3 - 1]. The vector is o / |o|, o = [q, r, e] A + relu([q, r, e] W1) W2.
//! `assets/embedder/README.md` says how the numbers were made and how close they come to the original.

use std::sync::LazyLock;

use rayon::prelude::*;
use tokenizers::Tokenizer;

use super::asset::Asset;
use super::student::{GROUP, Student};
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

/// A text's vector, if it has one, and its length in tokens.
type Embedded = (Option<Vec<f32>>, usize);

/// Distilled token vectors, bent by their neighbours, pooled twice, with a small layer on top; L2-normalised.
pub struct StaticEmbedder {
    tokenizer: Tokenizer,
    student: Student,
}

impl StaticEmbedder {
    /// Opens the built-in numbers and tokenizer.
    ///
    /// # Errors
    /// When the assets that were built into the program are damaged.
    pub fn new() -> Result<Self, EmbedError> {
        let student = Student::new(&Asset::new(TABLE)?)?;
        let tokenizer = Tokenizer::from_bytes(TOKENIZER)
            .map_err(|e| EmbedError::Asset { part: "tokenizer.json", reason: e.to_string() })?;
        let (known, rows) = (tokenizer.get_vocab_size(true), student.tokens());
        if known != rows {
            let reason = format!("it has {known} tokens, the table {rows} rows");
            return Err(EmbedError::Asset { part: "tokenizer.json", reason });
        }
        Ok(Self { tokenizer, student })
    }

    fn token_ids(&self, index: usize, text: &str) -> Result<Vec<u32>, EmbedError> {
        self.tokenizer
            .encode_fast(text, false)
            .map(|encoding| encoding.get_ids().to_vec())
            .map_err(|e| EmbedError::Tokenise { index, reason: e.to_string() })
    }

    /// Vectors and token counts of up to `GROUP` texts, of which the first is number `first` of the batch.
    fn group(&self, first: usize, texts: &[&str]) -> Result<Vec<Embedded>, EmbedError> {
        let ids: Vec<Vec<u32>> = texts
            .iter()
            .enumerate()
            .map(|(i, text)| self.token_ids(first + i, text))
            .collect::<Result<_, _>>()?;
        Ok(self.student.vectors(&ids).into_iter().zip(ids.iter().map(Vec::len)).collect())
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
        self.student.width()
    }

    /// Texts run in parallel, in small groups whose members do not touch: the numbers do not depend on the number of threads.
    fn embed(&self, texts: &[&str]) -> Result<Embeddings, EmbedError> {
        let rows: Vec<Vec<_>> = texts
            .par_chunks(GROUP)
            .enumerate()
            .map(|(number, group)| self.group(number * GROUP, group))
            .collect::<Result<_, EmbedError>>()?;
        let rows: Vec<Embedded> = rows.into_iter().flatten().collect();
        let mut vectors = Matrix::zeros(texts.len(), self.width());
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
