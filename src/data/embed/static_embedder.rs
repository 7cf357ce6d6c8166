//! The built-in provider: all-MiniLM-L6-v2 with packed weights, so that nothing is downloaded.
//!
//! The token table holds 2 bits a number, the layers 4, with one scale for 96 or 64 of them; vectors are given on 256
//! principal axes. A text longer than the model's window (254 tokens) is read in windows, and every token's last state
//! weighs the same in the mean. `assets/embedder/README.md` says how the numbers were made, how close they come to the
//! original, and why this is not the table of token vectors that the name remembers.

use std::sync::LazyLock;

use rayon::prelude::*;
use tokenizers::Tokenizer;

use super::asset::Asset;
use super::minilm::MiniLm;
use super::{EmbedError, EmbeddingProvider, Embeddings};
use crate::core::matrix::Matrix;

static TABLE: &[u8] = include_bytes!("../../../assets/embedder/static.safetensors");
static TOKENIZER: &[u8] = include_bytes!("../../../assets/embedder/tokenizer.json");

/// Tokens below are special or unused and carry nothing...
const FIRST_WORD: u32 = 999;
/// ...except this one, which holds the place of a character that the model does not know.
const UNKNOWN: u32 = 100;
/// Tokens that go through the layers together, so that their weights are read once for all.
const TOGETHER: usize = 384;

/// Unpacked once for all users: 43 MB.
static LOADED: LazyLock<Result<Loaded, EmbedError>> = LazyLock::new(Loaded::new);

struct Loaded {
    tokenizer: Tokenizer,
    model: MiniLm,
    hash: String,
}

impl Loaded {
    fn new() -> Result<Self, EmbedError> {
        let model = MiniLm::new(&Asset::new(TABLE)?)?;
        let tokenizer = Tokenizer::from_bytes(TOKENIZER)
            .map_err(|e| EmbedError::Asset { part: "tokenizer.json", reason: e.to_string() })?;
        let (known, rows) = (tokenizer.get_vocab_size(true), model.tokens());
        if known != rows {
            let reason = format!("it has {known} tokens, the table {rows} rows");
            return Err(EmbedError::Asset { part: "tokenizer.json", reason });
        }
        let mut hasher = blake3::Hasher::new();
        hasher.update(TABLE).update(TOKENIZER);
        Ok(Self { tokenizer, model, hash: hasher.finalize().to_hex().to_string() })
    }
}

/// all-MiniLM-L6-v2 with packed weights; L2-normalised vectors of 256 numbers.
pub struct StaticEmbedder {
    loaded: &'static Loaded,
}

impl StaticEmbedder {
    /// Opens the built-in numbers and tokenizer.
    ///
    /// # Errors
    /// When the assets that were built into the program are damaged.
    pub fn new() -> Result<Self, EmbedError> {
        LOADED.as_ref().map(|loaded| Self { loaded }).map_err(Clone::clone)
    }

    fn token_ids(&self, index: usize, text: &str) -> Result<Vec<u32>, EmbedError> {
        self.loaded
            .tokenizer
            .encode_fast(text, false)
            .map(|encoding| encoding.get_ids().to_vec())
            .map_err(|e| EmbedError::Tokenise { index, reason: e.to_string() })
    }
}

impl EmbeddingProvider for StaticEmbedder {
    fn name(&self) -> &'static str {
        "static"
    }

    fn hash(&self) -> &str {
        &self.loaded.hash
    }

    fn width(&self) -> usize {
        self.loaded.model.width()
    }

    fn embed(&self, texts: &[&str]) -> Result<Embeddings, EmbedError> {
        let model = &self.loaded.model;
        let ids: Vec<Vec<u32>> = texts
            .par_iter()
            .enumerate()
            .map(|(i, text)| self.token_ids(i, text))
            .collect::<Result<_, _>>()?;
        let words: Vec<Vec<u32>> = ids
            .iter()
            .map(|ids| ids.iter().copied().filter(|&id| id >= FIRST_WORD || id == UNKNOWN).collect())
            .collect();
        let known = |words: &[u32]| words.iter().any(|&id| id >= FIRST_WORD);
        let windows: Vec<(usize, &[u32])> = words
            .iter()
            .enumerate()
            .filter(|(_, words)| known(words))
            .flat_map(|(text, words)| words.chunks(model.window()).map(move |window| (text, window)))
            .collect();
        let mut groups: Vec<&[(usize, &[u32])]> = Vec::new();
        let (mut from, mut tokens) = (0, 0);
        for (at, (_, window)) in windows.iter().enumerate() {
            if at > from && tokens + window.len() > TOGETHER {
                groups.push(&windows[from..at]);
                (from, tokens) = (at, 0);
            }
            tokens += window.len();
        }
        groups.extend((from < windows.len()).then(|| &windows[from..]));
        let sums: Vec<Vec<f32>> = groups
            .par_iter()
            .map(|group| model.sums(&group.iter().map(|(_, window)| *window).collect::<Vec<_>>()))
            .collect();
        let mut totals: Vec<Option<Vec<f32>>> = vec![None; texts.len()];
        for (group, sums) in groups.iter().zip(&sums) {
            for ((text, _), sum) in group.iter().zip(sums.chunks_exact(sums.len() / group.len().max(1))) {
                match &mut totals[*text] {
                    Some(total) => total.iter_mut().zip(sum).for_each(|(total, v)| *total += v),
                    none => *none = Some(sum.to_vec()),
                }
            }
        }
        let mut vectors = Matrix::zeros(texts.len(), self.width());
        let mut empty = vec![true; texts.len()];
        for (text, total) in totals.iter().enumerate() {
            if let Some(vector) = total.as_deref().and_then(|total| model.direction(total)) {
                vectors.row_mut(text).copy_from_slice(&vector);
                empty[text] = false;
            }
        }
        Ok(Embeddings { vectors, empty, tokens: ids.iter().map(Vec::len).collect() })
    }

    fn token_count(&self, text: &str) -> Result<usize, EmbedError> {
        Ok(self.token_ids(0, text)?.len())
    }
}
