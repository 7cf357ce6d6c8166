//! The stage "embed": a vector for every goal and every answer, and the length of every answer in tokens.

use super::driver::{Driver, setting};
use crate::core::matrix::Matrix;
use crate::data::embed::{EmbeddingProvider, StaticEmbedder};
use crate::job::Event;
use crate::run::tables::embeddings::{self, Embeddings};
use crate::run::{paths, tables};
use anyhow::bail;
use std::collections::BTreeMap;

/// Names of the tensors in `embeddings.safetensors`.
pub(super) const GOAL: &str = "goal";
/// Answers.
pub(super) const RESPONSE: &str = "response";
/// Tokens of each answer, `[turns, 1]`.
pub(super) const TOKENS: &str = "response_tokens";

/// Texts embedded between two looks at the cancel flag.
const CHUNK: usize = 256;

/// Does the stage.
pub(super) fn stage(driver: &mut Driver<'_>) -> anyhow::Result<()> {
    if driver.config.embedding != "static" {
        bail!("the embedding provider \"{}\" is not known; use \"static\"", driver.config.embedding);
    }
    let provider = StaticEmbedder::new()?;
    let mut inputs = driver.files(&[paths::TURNS])?;
    setting(&mut inputs, "provider", &(provider.name(), provider.hash()))?;
    driver.stage("embed", &inputs, |run, ctx, out| {
        let turns = tables::turns::from_parquet(paths::TURNS, &run.read(paths::TURNS)?)?;
        let total = 2 * turns.len() as u64;
        let mut done = 0;
        let mut empty = 0;
        let mut embed = |texts: &[&str]| -> anyhow::Result<(Matrix, Vec<usize>)> {
            let (mut vectors, mut tokens) = (Vec::with_capacity(texts.len() * provider.width()), Vec::new());
            for chunk in texts.chunks(CHUNK) {
                ctx.check()?;
                let part = provider.embed(chunk)?;
                vectors.extend_from_slice(part.vectors.data());
                tokens.extend(part.tokens);
                empty += part.empty.iter().filter(|e| **e).count();
                done += chunk.len() as u64;
                ctx.progress("embed", done, total, "texts");
            }
            let matrix = Matrix::from_vec(texts.len(), provider.width(), vectors);
            Ok((matrix.unwrap_or_default(), tokens))
        };
        let (goal, _) = embed(&turns.iter().map(|t| t.goal_text.as_str()).collect::<Vec<_>>())?;
        let (response, tokens) = embed(&turns.iter().map(|t| t.response_text.as_str()).collect::<Vec<_>>())?;
        if empty > 0 {
            ctx.event(Event::Warning(format!("{empty} texts are empty and embed to the zero vector")));
        }
        let lengths = Matrix::from_fn(tokens.len(), 1, |r, _| tokens[r] as f32);
        let table = Embeddings {
            ids: turns.iter().map(|t| t.turn_id.clone()).collect(),
            provider: provider.name().to_owned(),
            tensors: BTreeMap::from([
                (GOAL.to_owned(), goal),
                (RESPONSE.to_owned(), response),
                (TOKENS.to_owned(), lengths),
            ]),
        };
        out.write(run, paths::EMBEDDINGS, &embeddings::to_safetensors(paths::EMBEDDINGS, &table)?)?;
        out.number("texts", total);
        out.number("width", provider.width());
        out.number("empty", empty);
        Ok(())
    })
}
