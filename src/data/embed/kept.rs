//! Keeps embeddings on disk by provider and text, so that a text is embedded once.
//!
//! A folder a provider (and a width of lanes, which round otherwise in the last place). Each file holds whole records and
//! ends with the hash of all of them; it is written beside and renamed, so that programs may share a folder. Whatever
//! cannot be read is as good as not there: keeping is never a reason to fail.

use super::{EmbedError, EmbeddingProvider, Embeddings};
use crate::core::matrix::Matrix;
use crate::simd::lanes;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Texts that wait in memory before a file is written.
const BATCH: usize = 1024;
/// Files in a folder before they are put together.
const FILES: usize = 32;
/// Bytes kept in all; the oldest files go first.
const MOST: u64 = 512 << 20;
const HASH: usize = blake3::OUT_LEN;
const EXTENSION: &str = "embeddings";

type Key = [u8; HASH];

/// A provider with its memory.
pub struct Kept<P: EmbeddingProvider> {
    provider: P,
    folder: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Vector (all zeros for an empty text) and length in tokens.
    known: HashMap<Key, (Vec<f32>, u32)>,
    /// Known but not written yet.
    fresh: Vec<Key>,
}

impl<P: EmbeddingProvider> Kept<P> {
    /// Reads what is kept below `folder`; without one, nothing is.
    pub fn new(provider: P, folder: Option<&Path>) -> Self {
        let name = format!(
            "{}-{}-{:?}",
            provider.name(),
            &provider.hash()[..16.min(provider.hash().len())],
            lanes::level()
        );
        let folder = folder.map(|folder| folder.join(name.to_lowercase()));
        let mut state = State::default();
        if let Some(folder) = &folder {
            state.read(folder, provider.width());
        }
        Self { provider, folder, state: Mutex::new(state) }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl State {
    fn read(&mut self, folder: &Path, width: usize) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        let mut files: Vec<(std::time::SystemTime, u64, PathBuf)> = entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let (path, meta) = (entry.path(), entry.metadata().ok()?);
                let ours = path.extension().is_some_and(|e| e == EXTENSION);
                // What a process that was killed left half-written.
                let old = |t: std::time::SystemTime| t.elapsed().is_ok_and(|age| age.as_secs() > 3600);
                if path.extension().is_some_and(|e| e == "part") && meta.modified().is_ok_and(old) {
                    _ = fs::remove_file(&path);
                }
                ours.then_some((meta.modified().ok()?, meta.len(), path))
            })
            .collect();
        files.sort_by(|a, b| b.cmp(a));
        let (mut total, mut read) = (0, Vec::new());
        for (_, bytes, path) in files {
            total += bytes;
            if total <= MOST && self.add(&path, width) {
                read.push(path);
            } else {
                _ = fs::remove_file(&path);
            }
        }
        if read.len() > FILES {
            self.fresh = self.known.keys().copied().collect();
            self.fresh.sort_unstable();
            if self.write(folder).is_some() {
                read.iter().for_each(|path| _ = fs::remove_file(path));
            }
        }
    }

    /// Whether the file was whole.
    fn add(&mut self, path: &Path, width: usize) -> bool {
        let Ok(bytes) = fs::read(path) else { return false };
        let record = HASH + 4 + 4 * width;
        let Some((records, sum)) = bytes.split_last_chunk::<HASH>() else { return false };
        if !records.len().is_multiple_of(record) || blake3::hash(records).as_bytes() != sum {
            return false;
        }
        for record in records.chunks_exact(record) {
            if let Some((key, rest)) = record.split_first_chunk::<HASH>()
                && let Some((tokens, numbers)) = rest.split_first_chunk::<4>()
            {
                let vector: Vec<f32> =
                    numbers.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
                self.known.insert(*key, (vector, u32::from_le_bytes(*tokens)));
            }
        }
        true
    }

    /// Writes what is fresh.
    fn write(&mut self, folder: &Path) -> Option<()> {
        let mut bytes = Vec::new();
        for key in std::mem::take(&mut self.fresh) {
            if let Some((vector, tokens)) = self.known.get(&key) {
                bytes.extend_from_slice(&key);
                bytes.extend_from_slice(&tokens.to_le_bytes());
                vector.iter().for_each(|v| bytes.extend_from_slice(&v.to_le_bytes()));
            }
        }
        if bytes.is_empty() {
            return Some(());
        }
        let sum = blake3::hash(&bytes);
        bytes.extend_from_slice(sum.as_bytes());
        let name = &sum.to_hex()[..24];
        fs::create_dir_all(folder).ok()?;
        let beside = folder.join(format!("{name}.{}.part", std::process::id()));
        let done = fs::write(&beside, &bytes)
            .and_then(|()| fs::rename(&beside, folder.join(format!("{name}.{EXTENSION}"))));
        if let Err(error) = done {
            _ = fs::remove_file(&beside);
            tracing::warn!("embeddings were not kept for the next time: {}: {error}", folder.display());
            return None;
        }
        Some(())
    }
}

impl<P: EmbeddingProvider> EmbeddingProvider for Kept<P> {
    fn name(&self) -> &'static str {
        self.provider.name()
    }

    fn hash(&self) -> &str {
        self.provider.hash()
    }

    fn width(&self) -> usize {
        self.provider.width()
    }

    fn embed(&self, texts: &[&str]) -> Result<Embeddings, EmbedError> {
        let keys: Vec<Key> = texts.iter().map(|text| *blake3::hash(text.as_bytes()).as_bytes()).collect();
        let mut state = self.state();
        let mut asked = HashMap::new();
        for (at, key) in keys.iter().enumerate() {
            if !state.known.contains_key(key) {
                asked.entry(*key).or_insert(at);
            }
        }
        let mut new: Vec<usize> = asked.into_values().collect();
        new.sort_unstable();
        let made = self.provider.embed(&new.iter().map(|&at| texts[at]).collect::<Vec<_>>()).map_err(
            |e| match e {
                EmbedError::Tokenise { index, reason } => EmbedError::Tokenise { index: new[index], reason },
                other => other,
            },
        )?;
        for (row, &at) in new.iter().enumerate() {
            let vector = made.vectors.row(row).to_vec();
            state.known.insert(keys[at], (vector, u32::try_from(made.tokens[row]).unwrap_or(u32::MAX)));
            state.fresh.push(keys[at]);
        }
        if state.fresh.len() >= BATCH
            && let Some(folder) = &self.folder
        {
            state.write(folder);
        }
        let mut out = Embeddings {
            vectors: Matrix::zeros(texts.len(), self.width()),
            empty: vec![true; texts.len()],
            tokens: vec![0; texts.len()],
        };
        for (row, key) in keys.iter().enumerate() {
            if let Some((vector, tokens)) = state.known.get(key) {
                out.vectors.row_mut(row).copy_from_slice(vector);
                out.empty[row] = vector.iter().all(|v| *v == 0.0);
                out.tokens[row] = *tokens as usize;
            }
        }
        Ok(out)
    }

    fn token_count(&self, text: &str) -> Result<usize, EmbedError> {
        self.provider.token_count(text)
    }
}

impl<P: EmbeddingProvider> Drop for Kept<P> {
    fn drop(&mut self) {
        if let Some(folder) = self.folder.clone() {
            self.state().write(&folder);
        }
    }
}
