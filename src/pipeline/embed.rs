//! The stage "embed": a vector for every goal and every answer, and the length of every answer in tokens.

use super::driver::{Driver, setting};
use crate::core::matrix::Matrix;
use crate::core::turn::Turn;
use crate::data::embed::{EmbeddingProvider, Kept, StaticEmbedder};
use crate::data::measures::{NAMES, Vectors, measure};
use crate::job::{Event, JobContext};
use crate::run::tables::embeddings::{self, Embeddings};
use crate::run::{paths, tables};
use anyhow::bail;
use std::collections::BTreeMap;

/// Names of the tensors in `embeddings.safetensors`.
pub(super) const GOAL: &str = "goal";
/// Answers.
pub(super) const RESPONSE: &str = "response";
/// Contexts; zeros where there is none.
pub(super) const CONTEXT: &str = "context";
/// Measurements of the texts, `[turns, measurements]`.
pub(super) const MEASURES: &str = "measures";
/// Tokens of each answer, `[turns, 1]`.
pub(super) const TOKENS: &str = "response_tokens";

/// Texts embedded between two looks at the cancel flag.
const CHUNK: usize = 32;

/// The embedding provider of a run, with what it embedded before.
pub(super) fn provider() -> anyhow::Result<Kept<StaticEmbedder>> {
    Ok(Kept::new(
        StaticEmbedder::new()?,
        super::cache_dir().map(|folder| folder.join("embeddings")).as_deref(),
    ))
}

/// Does the stage.
pub(super) fn stage(driver: &mut Driver<'_>) -> anyhow::Result<()> {
    if driver.config.embedding != "static" {
        bail!("the embedding provider \"{}\" is not known; use \"static\"", driver.config.embedding);
    }
    let provider = provider()?;
    let mut inputs = driver.files(&[paths::TURNS])?;
    setting(&mut inputs, "provider", &(provider.name(), provider.hash(), NAMES.as_slice()))?;
    driver.stage("embed", &inputs, |run, ctx, out| {
        let turns = tables::turns::from_parquet(paths::TURNS, &run.read(paths::TURNS)?)?;
        let read = read(&provider, &turns, ctx)?;
        if read.empty > 0 {
            ctx.event(Event::Warning(format!("{} texts are empty and embed to the zero vector", read.empty)));
        }
        let tokens = &read.tokens;
        let lengths = Matrix::from_fn(tokens.len(), 1, |r, _| tokens[r] as f32);
        let table = Embeddings {
            ids: turns.iter().map(|t| t.turn_id.clone()).collect(),
            provider: provider.name().to_owned(),
            tensors: BTreeMap::from([
                (GOAL.to_owned(), read.goal),
                (RESPONSE.to_owned(), read.response),
                (CONTEXT.to_owned(), read.context),
                (MEASURES.to_owned(), read.measures),
                (TOKENS.to_owned(), lengths),
            ]),
        };
        out.write(run, paths::EMBEDDINGS, &embeddings::to_safetensors(paths::EMBEDDINGS, &table)?)?;
        out.number("texts", read.texts);
        out.number("width", provider.width());
        out.number("empty", read.empty);
        Ok(())
    })
}

/// Everything the minds read of the turns' texts, one row a turn.
pub(super) struct Read {
    pub(super) goal: Matrix,
    pub(super) response: Matrix,
    pub(super) context: Matrix,
    pub(super) measures: Matrix,
    /// Tokens of each answer.
    pub(super) tokens: Vec<usize>,
    /// Texts embedded.
    texts: u64,
    /// Those without a single known token.
    empty: usize,
}

/// Embeds goals, answers and contexts, and measures the texts.
pub(super) fn read(
    provider: &dyn EmbeddingProvider,
    turns: &[Turn],
    ctx: &JobContext,
) -> anyhow::Result<Read> {
    let with_context: Vec<(usize, &str)> =
        turns.iter().enumerate().filter_map(|(r, t)| Some((r, t.context.as_deref()?))).collect();
    let total = (2 * turns.len() + with_context.len()) as u64;
    let (mut done, mut empty) = (0, 0);
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
    let (pasted, _) = embed(&with_context.iter().map(|(_, text)| *text).collect::<Vec<_>>())?;
    let mut context = Matrix::zeros(turns.len(), provider.width());
    for (at, (row, _)) in with_context.iter().enumerate() {
        context.row_mut(*row).copy_from_slice(pasted.row(at));
    }
    let measures = measure(turns, Vectors { goal: &goal, response: &response, context: &context });
    Ok(Read { goal, response, context, measures, tokens, texts: total, empty })
}
