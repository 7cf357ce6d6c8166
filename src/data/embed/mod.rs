//! Turns a text into a vector of fixed width, so that texts of like meaning lie close together.
//!
//! One provider serves a whole run, and both scorers see the same vectors. Every provider returns rows of length one;
//! a text without a single known token gets the zero vector and a flag, never NaN.

mod asset;
mod kept;
mod minilm;
mod static_embedder;

pub use kept::Kept;
pub use static_embedder::StaticEmbedder;

use crate::core::matrix::Matrix;

/// What can go wrong while embedding.
#[derive(Clone, Debug, thiserror::Error)]
pub enum EmbedError {
    /// The embedded table or tokenizer does not have the expected form.
    #[error(
        "the static embedder's {part} cannot be read ({reason}); rebuild it with assets/embedder/quantise.py"
    )]
    Asset {
        /// Which file of `assets/embedder`.
        part: &'static str,
        /// What was wrong with it.
        reason: String,
    },
    /// The tokenizer refused a text.
    #[error("text {index} of the batch cannot be split into tokens ({reason}); remove or repair that turn")]
    Tokenise {
        /// Position in the batch, from 0.
        index: usize,
        /// What the tokenizer said.
        reason: String,
    },
}

/// The vectors of a batch of texts.
#[derive(Clone, Debug, PartialEq)]
pub struct Embeddings {
    /// `[texts, width]`; every row has length one or is all zeros.
    pub vectors: Matrix,
    /// For each text, whether it had nothing to embed (its row is zero).
    pub empty: Vec<bool>,
    /// For each text, its length in tokens (without special tokens).
    pub tokens: Vec<usize>,
}

/// A source of text vectors.
pub trait EmbeddingProvider: Send + Sync {
    /// The provider's name in a run's configuration and cache, for example `static`.
    fn name(&self) -> &'static str;
    /// Hash (hexadecimal BLAKE3) of everything that shapes its vectors; part of the cache key.
    fn hash(&self) -> &str;
    /// Length of a vector.
    fn width(&self) -> usize;
    /// Embeds texts, in order.
    ///
    /// # Errors
    /// When a text cannot be tokenised.
    fn embed(&self, texts: &[&str]) -> Result<Embeddings, EmbedError>;
    /// Length of a text in tokens, without special tokens.
    ///
    /// # Errors
    /// When the text cannot be tokenised.
    fn token_count(&self, text: &str) -> Result<usize, EmbedError>;
}

#[cfg(test)]
mod tests;
