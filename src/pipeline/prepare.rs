//! Turns ready for training, without a run folder: for studies of the scorers (`examples/quality`).

use super::{embed, material};
use crate::core::turn::{Judgement, Turn};
use crate::data::judge::labels::Labels;
use crate::data::split;
use crate::job::JobContext;
use crate::train::data::TrainData;

/// What a run of these turns would train on: the same embeddings, measurements, labels and split.
///
/// # Errors
/// When the turns cannot be embedded, split or labelled.
pub fn train_data(
    turns: &[Turn],
    judgements: &[Judgement],
    judge: Option<&str>,
    seed: u64,
) -> anyhow::Result<TrainData> {
    let read = embed::read(&embed::provider()?, turns, &JobContext::detached())?;
    Ok(TrainData {
        x: material::beside(turns, &read.goal, &read.response, &read.context, &read.measures),
        y: read.response,
        targets: Labels::choose(turns, judgements, judge)?.targets,
        names: TrainData::dimension_names(),
        split: split::by_conversation(turns, seed)?,
        conversations: turns.iter().map(|t| t.conversation_id.clone()).collect(),
    })
}
