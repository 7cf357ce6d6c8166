//! What the learning and scoring stages read from the run folder: embeddings, labels, splits, stored scorers.

use super::embed::{CONTEXT, GOAL, MEASURES, RESPONSE, TOKENS};
use crate::core::dimension::Dimension;
use crate::core::matrix::Matrix;
use crate::core::scm;
use crate::core::turn::{Judgement, Split, Turn};
use crate::data::judge::labels::Labels;
use crate::data::{measures, pass_table};
use crate::nn::checkpoint;
use crate::nn::params::HostParams;
use crate::nn::scorer::ScorerConfig;
use crate::run::config::{PassConfig, PassKind};
use crate::run::folder::RunFolder;
use crate::run::{paths, tables};
use crate::score::pass::{PassOutput, Turns};
use crate::score::recipe;
use crate::train::data::TrainData;
use anyhow::{Context, bail};
use std::path::Path;

/// File of one dimension's weights after the first phase.
pub(super) const FIRST_PHASE: &str = "first_phase.safetensors";
/// File of one dimension's final weights.
pub(super) const WEIGHTS: &str = "weights.safetensors";

/// Shape of a pass's scorer.
pub(super) fn scorer_json(pass: &str) -> String {
    format!("models/{pass}/scorer.json")
}

/// State of a training under way; gone when it has ended.
pub(super) fn state_path(pass: &str) -> String {
    format!("models/{pass}/training.safetensors")
}

/// Turns as the stages need them, one row a turn.
pub(super) struct Material {
    pub(super) turns: Vec<Turn>,
    pub(super) ids: Vec<String>,
    pub(super) judgements: Vec<Judgement>,
    /// What the minds read beside the answer: embeddings of goal, context and answer before, and the measurements.
    pub(super) x: Matrix,
    pub(super) y: Matrix,
    pub(super) tokens: Vec<usize>,
    /// `[turns, 5]`, NaN where the supervising judge said nothing.
    pub(super) targets: Matrix,
    /// Empty when nothing is trained.
    pub(super) split: Vec<Split>,
}

impl Material {
    /// Width of the run's embeddings, and how many measurements a turn has (0 in runs of earlier versions).
    pub(super) fn widths(run: &RunFolder) -> anyhow::Result<(usize, usize)> {
        let table = tables::embeddings::from_safetensors(paths::EMBEDDINGS, &run.read(paths::EMBEDDINGS)?)?;
        let goal = table.tensors.get(GOAL);
        let width =
            goal.map(Matrix::cols).context("embeddings.safetensors has no goals; embed the turns again")?;
        Ok((width, table.tensors.get(MEASURES).map_or(0, Matrix::cols)))
    }

    /// Reads everything.
    pub(super) fn read(run: &RunFolder, judge: Option<&str>) -> anyhow::Result<Self> {
        let turns = tables::turns::from_parquet(paths::TURNS, &run.read(paths::TURNS)?)?;
        let judgements = tables::judgements::from_parquet(paths::JUDGEMENTS, &run.read(paths::JUDGEMENTS)?)?;
        let mut table =
            tables::embeddings::from_safetensors(paths::EMBEDDINGS, &run.read(paths::EMBEDDINGS)?)?;
        let mut take = |name: &str| {
            let found = table.tensors.remove(name).filter(|m| m.rows() == turns.len());
            found.with_context(|| {
                format!("embeddings.safetensors does not fit the turns ({name}); embed them again")
            })
        };
        let (goal, y, lengths) = (take(GOAL)?, take(RESPONSE)?, take(TOKENS)?);
        let x = match (take(CONTEXT), take(MEASURES)) {
            (Ok(context), Ok(measures)) => beside(&turns, &goal, &y, &context, &measures),
            _ => goal, // a run of an earlier version
        };
        let targets = match Labels::choose(&turns, &judgements, judge) {
            Ok(labels) => labels.targets,
            Err(_) if !run.has(paths::SPLITS) => Matrix::filled(turns.len(), Dimension::ALL.len(), f32::NAN),
            Err(error) => return Err(error.into()),
        };
        let split = if run.has(paths::SPLITS) {
            let (ids, parts) = tables::splits::from_parquet(paths::SPLITS, &run.read(paths::SPLITS)?)?;
            if !ids.iter().eq(turns.iter().map(|t| &t.turn_id)) {
                bail!("splits.parquet does not fit the turns; import them again");
            }
            parts
        } else {
            Vec::new()
        };
        Ok(Self {
            ids: turns.iter().map(|t| t.turn_id.clone()).collect(),
            tokens: lengths.data().iter().map(|v| *v as usize).collect(),
            turns,
            judgements,
            x,
            y,
            targets,
            split,
        })
    }

    /// For the trainer.
    pub(super) fn train_data(&self) -> TrainData {
        TrainData {
            x: self.x.clone(),
            y: self.y.clone(),
            targets: self.targets.clone(),
            names: TrainData::dimension_names(),
            split: self.split.clone(),
            conversations: self.turns.iter().map(|t| t.conversation_id.clone()).collect(),
        }
    }

    /// Makes the readings of dimensions that had no judgement to learn from missing.
    pub(super) fn blank_untrained(&self, output: &mut PassOutput) {
        let labelled = |d: usize| {
            let known = |r: usize| self.split[r] == Split::Train && self.targets.get(r, d).is_finite();
            (0..self.split.len()).any(known)
        };
        let bare: Vec<usize> = (0..output.cube.models).filter(|d| !labelled(*d)).collect();
        if !bare.is_empty() {
            bare.into_iter().for_each(|d| output.cube.blank(d));
            output.scm = recipe::heads(&output.cube, &self.tokens);
        }
    }

    /// For a pass.
    pub(super) fn turns_to_score(&self) -> Turns<'_> {
        Turns { x: &self.x, y: &self.y, tokens: &self.tokens }
    }

    /// A pass that was not trained here, `[turns, 12]`, with the length column that every pass shares.
    pub(super) fn imported(&self, pass: &PassConfig) -> anyhow::Result<Matrix> {
        let mut scm = match (pass.kind, pass.source.as_deref()) {
            (PassKind::Judge, judge) => {
                let judge = Labels::choose(&self.turns, &self.judgements, judge)?.judge;
                pass_table::from_judge(&self.turns, &self.judgements, &judge)
                    .with_context(|| format!("the judge {judge} judged none of these turns"))?
            }
            (PassKind::Table, Some(path)) => pass_table::read(Path::new(path), &self.turns)?.scm,
            _ => bail!("this pass names no table; give `source` in its config"),
        };
        for (row, tokens) in self.tokens.iter().enumerate() {
            let scored = scm.row(row)[scm::SCORES].iter().any(|v| v.is_finite());
            scm.set(row, scm::LENGTH, if scored { scm::length_norm01(*tokens) } else { f32::NAN });
        }
        Ok(scm)
    }
}

/// `[turns, 3 width + measures]`: zeros where there is no context and in the first turn of a conversation.
pub(super) fn beside(
    turns: &[Turn],
    goal: &Matrix,
    answer: &Matrix,
    context: &Matrix,
    measured: &Matrix,
) -> Matrix {
    let before = measures::previous(turns);
    let zero = vec![0.0; answer.cols()];
    let row = |r: usize| {
        let previous = before[r].map_or(zero.as_slice(), |b| answer.row(b));
        [goal.row(r), context.row(r), previous, measured.row(r)].concat()
    };
    let all: Vec<f32> = (0..turns.len()).flat_map(row).collect();
    Matrix::from_vec(turns.len(), 2 * goal.cols() + zero.len() + measured.cols(), all).unwrap_or_default()
}

/// The shape of a stored scorer.
pub(super) fn stored_scorer(run: &RunFolder, pass: &str) -> anyhow::Result<ScorerConfig> {
    let bytes = run.read(&scorer_json(pass))?;
    let text = String::from_utf8(bytes).context("scorer.json is no text; train the scorer again")?;
    Ok(checkpoint::config_from_json(&text)?)
}

/// Stored weights of a pass, all dimensions stacked; `file` is [`FIRST_PHASE`] or [`WEIGHTS`].
pub(super) fn read_params(
    run: &RunFolder,
    pass: &str,
    file: &str,
    scorer: &ScorerConfig,
) -> anyhow::Result<HostParams> {
    let one = |d: Dimension| {
        let path = paths::model(pass, d, file);
        checkpoint::from_bytes(&run.read(&path)?, scorer)
            .with_context(|| format!("the weights do not fit: {path}"))
    };
    let parts = Dimension::ALL.into_iter().map(one).collect::<anyhow::Result<Vec<_>>>()?;
    HostParams::stack(&parts)
        .context("the models of the five dimensions differ in shape; train the scorer again")
}
