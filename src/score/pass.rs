//! One scorer over all turns and all dimensions in one batched computation, then its memory freed.

use super::{memory, recipe};
use crate::core::matrix::Matrix;
use crate::field::metrics::sensitivity;
use crate::job::{Cancelled, JobContext};
use crate::nn::device::DeviceChoice;
use crate::nn::params::{HostParams, Params};
use crate::nn::readings::{self, Cube};
use crate::nn::scorer::ScorerConfig;
use std::time::Instant;

/// What a pass gives.
#[derive(Clone, Debug)]
pub struct PassOutput {
    /// `[turns, 12]`.
    pub scm: Matrix,
    /// Every reading of every dimension's model.
    pub cube: Cube,
    /// Wall seconds.
    pub seconds: f64,
    /// Turns a second, all dimensions together.
    pub turns_per_second: f64,
    /// Resident memory before the pass, while its weights were loaded, and after they were freed; bytes.
    pub memory: [Option<u64>; 3],
}

/// Why a pass did not finish.
#[derive(Debug, thiserror::Error)]
pub enum PassError {
    /// Embeddings of another width.
    #[error(
        "the scorer reads embeddings of width {needed} and the turns have width {found}; embed them with the embedder it was trained with"
    )]
    Width {
        /// Width of the scorer.
        needed: usize,
        /// Width of the turns.
        found: usize,
    },
    /// Tables of different length.
    #[error(
        "the goals ({x}), responses ({y}) and lengths ({tokens}) of the turns differ in number; embed the turns again"
    )]
    Lengths {
        /// Goals.
        x: usize,
        /// Responses.
        y: usize,
        /// Lengths.
        tokens: usize,
    },
    /// A number that is none in an embedding.
    #[error("an embedding of turn {0} holds a number that is not finite; embed the turns again")]
    Embedding(usize),
    /// Asked to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// Turns as a pass reads them, one row a turn.
#[derive(Clone, Copy)]
pub struct Turns<'a> {
    /// Goal embeddings.
    pub x: &'a Matrix,
    /// Response embeddings.
    pub y: &'a Matrix,
    /// Tokens of each answer, by the run's embedding tokenizer.
    pub tokens: &'a [usize],
}

/// Scores all turns. `stage` names the pass in progress events ("pass A"); `on_partial` gets the SCM so far after each
/// chunk. All device memory of the pass is freed when it returns. Call it on the lab's thread when the device is a
/// graphics adapter.
///
/// # Errors
/// When the turns do not fit the scorer or the job is cancelled.
pub fn score_pass(
    config: &ScorerConfig,
    weights: &HostParams,
    turns: Turns<'_>,
    device: &DeviceChoice,
    stage: &str,
    ctx: &JobContext,
    on_partial: &mut dyn FnMut(&Matrix),
) -> Result<PassOutput, PassError> {
    check(config, turns)?;
    let started = Instant::now();
    let before = memory::resident_bytes();
    let burn = device.burn();
    let params = Params::from_host(weights, &burn);
    let total = turns.x.rows();
    let mut on_rows = |done: usize, cube: &Cube| {
        ctx.progress(stage, done as u64, total as u64, "turns");
        on_partial(&recipe::heads(cube, turns.tokens));
        !ctx.is_cancelled()
    };
    let cube = readings::read_all(config, &params, turns.x, turns.y, &burn, &mut on_rows);
    let during = memory::resident_bytes();
    drop(params);
    device.release_memory();
    ctx.check()?;
    let seconds = started.elapsed().as_secs_f64();
    Ok(PassOutput {
        scm: recipe::heads(&cube, turns.tokens),
        cube,
        seconds,
        turns_per_second: total as f64 / seconds.max(1e-9),
        memory: [before, during, memory::resident_bytes()],
    })
}

/// The scores `[turns, models]` after each answer's embedding was moved by `eps` along each of `directions`
/// `[directions, embedding]`, beginning with the scores where nothing moved. What the sensitivity index of the field is
/// made from. Device memory is freed when it returns.
///
/// # Errors
/// When the turns do not fit the scorer or the job is cancelled.
pub fn moved_scores(
    config: &ScorerConfig,
    weights: &HostParams,
    turns: Turns<'_>,
    directions: &Matrix,
    eps: f64,
    device: &DeviceChoice,
    ctx: &JobContext,
) -> Result<Vec<Matrix>, PassError> {
    check(config, turns)?;
    let burn = device.burn();
    let params = Params::from_host(weights, &burn);
    let mut out = vec![readings::scores(config, &params, turns.x, turns.y, &burn)];
    for direction in 0..directions.rows() {
        ctx.check()?;
        let moved = sensitivity::moved(turns.y, directions.row(direction), eps);
        out.push(readings::scores(config, &params, turns.x, &moved, &burn));
    }
    drop(params);
    device.release_memory();
    Ok(out)
}

fn check(config: &ScorerConfig, turns: Turns<'_>) -> Result<(), PassError> {
    let (needed, found) = (config.embedding(), turns.y.cols());
    if needed != found {
        return Err(PassError::Width { needed, found });
    }
    let (needed, found) = (config.input(), turns.x.cols());
    if found < needed {
        return Err(PassError::Width { needed, found });
    }
    let (x, y, tokens) = (turns.x.rows(), turns.y.rows(), turns.tokens.len());
    if x != y || x != tokens {
        return Err(PassError::Lengths { x, y, tokens });
    }
    let broken = |r: &usize| turns.x.row(*r).iter().chain(turns.y.row(*r)).any(|v| !v.is_finite());
    (0..x).find(broken).map_or(Ok(()), |row| Err(PassError::Embedding(row + 1)))
}
