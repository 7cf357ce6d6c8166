//! What the two minds are taught from: embeddings, judgements and the split, checked before any work starts.

use crate::core::dimension::Dimension;
use crate::core::matrix::Matrix;
use crate::core::turn::Split;

/// Fewest labelled turns a dimension can be trained on.
pub const MIN_LABELLED: usize = 30;

/// Turns ready for training; all tables have one row a turn.
#[derive(Clone, Debug)]
pub struct TrainData {
    /// Goal embeddings `[turns, embedding]`, rows of length one; behind them, where a wide path reads them, the
    /// embeddings of the context and the answer before, and the measurements of the texts.
    pub x: Matrix,
    /// Response embeddings `[turns, embedding]`, rows of length one.
    pub y: Matrix,
    /// Judgements in \[0,1\] `[turns, models]`, NaN where missing.
    pub targets: Matrix,
    /// Name of each model: the dimensions in order.
    pub names: Vec<String>,
    /// Part of each turn.
    pub split: Vec<Split>,
    /// Conversation of each turn.
    pub conversations: Vec<String>,
}

/// Why training cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// Tables of different length.
    #[error("the tables of the training data have different lengths ({0}); import the turns again")]
    Lengths(String),
    /// A number that is none in an embedding.
    #[error("the {side} embedding of turn {row} holds a number that is not finite; embed the turns again")]
    Embedding {
        /// "goal" or "response".
        side: &'static str,
        /// Row of the turn, from 1.
        row: usize,
    },
    /// Too few labelled turns.
    #[error(
        "dimension {dimension} has {found} labelled training turns and needs at least {needed}; judge more turns or bring more conversations"
    )]
    TooFew {
        /// Dimension.
        dimension: String,
        /// Labelled training turns.
        found: usize,
        /// Needed.
        needed: usize,
    },
    /// Not one label.
    #[error("no dimension has a judgement; judge the turns or import judgements")]
    Unlabelled,
    /// All labels equal.
    #[error(
        "every judgement of dimension {dimension} is {value}; a scorer cannot learn from a constant, so bring judgements that differ"
    )]
    Constant {
        /// Dimension.
        dimension: String,
        /// The label.
        value: f32,
    },
    /// A judgement outside \[0,1\].
    #[error("the judgement of turn {row} on {dimension} is {value}, outside 0 to 1; correct it")]
    Range {
        /// Row of the turn, from 1.
        row: usize,
        /// Dimension.
        dimension: String,
        /// The label.
        value: f32,
    },
    /// No validation turns.
    #[error(
        "the split has no validation turns; early stopping needs at least one conversation for validation"
    )]
    NoValidation,
    /// A conversation in two parts.
    #[error("conversation {0} lies in two parts of the split; whole conversations must go together")]
    SplitCutsConversation(String),
    /// Training state that does not fit.
    #[error("the saved training state does not fit this training ({0}); delete it to start again")]
    State(String),
    /// The file with the training state.
    #[error("the saved training state cannot be read: {0}")]
    StateFile(#[from] crate::nn::checkpoint::CheckpointError),
    /// Asked to stop.
    #[error(transparent)]
    Cancelled(#[from] crate::job::Cancelled),
}

impl TrainData {
    /// Names of the five dimensions.
    pub fn dimension_names() -> Vec<String> {
        Dimension::ALL.iter().map(|d| d.name().to_owned()).collect()
    }

    /// Turns in all.
    pub fn turns(&self) -> usize {
        self.x.rows()
    }

    /// Models to train: one a dimension.
    pub fn models(&self) -> usize {
        self.targets.cols()
    }

    /// Width of an embedding.
    pub fn embedding(&self) -> usize {
        self.y.cols()
    }

    /// Measurements of the texts, the last columns of `x`.
    pub fn measures(&self) -> usize {
        self.x.cols().saturating_sub(3 * self.embedding())
    }

    /// Names of dimensions without a single judgement: they are not trained, and their scores stay missing.
    pub fn unlabelled(&self) -> Vec<&str> {
        let bare = |m: &usize| self.targets.column(*m).iter().all(|t| t.is_nan());
        (0..self.models()).filter(bare).map(|m| self.names[m].as_str()).collect()
    }

    /// Rows of one part, in order.
    pub fn rows_of(&self, part: Split) -> Vec<usize> {
        (0..self.split.len()).filter(|r| self.split[*r] == part).collect()
    }

    /// Training rows with at least one judgement.
    pub fn training_rows(&self) -> Vec<usize> {
        let labelled = |r: &usize| self.targets.row(*r).iter().any(|t| !t.is_nan());
        self.rows_of(Split::Train).into_iter().filter(labelled).collect()
    }

    /// Checks everything that training relies on.
    ///
    /// # Errors
    /// The first thing that is wrong, in one sentence.
    pub fn check(&self) -> Result<(), TrainError> {
        let n = self.turns();
        let lengths = [self.y.rows(), self.targets.rows(), self.split.len(), self.conversations.len()];
        if lengths.iter().any(|l| *l != n)
            || self.x.cols() < self.y.cols()
            || self.names.len() != self.models()
        {
            return Err(TrainError::Lengths(format!(
                "{n} goals, {lengths:?} responses, judgements, parts, conversations"
            )));
        }
        for (side, table) in [("goal", &self.x), ("response", &self.y)] {
            if let Some(row) = (0..n).find(|r| table.row(*r).iter().any(|v| !v.is_finite())) {
                return Err(TrainError::Embedding { side, row: row + 1 });
            }
        }
        self.check_split()?;
        if self.targets.data().iter().all(|t| t.is_nan()) {
            return Err(TrainError::Unlabelled);
        }
        (0..self.models()).try_for_each(|m| self.check_labels(m))
    }

    fn check_split(&self) -> Result<(), TrainError> {
        let mut seen = std::collections::BTreeMap::new();
        for (conversation, part) in self.conversations.iter().zip(&self.split) {
            if *seen.entry(conversation).or_insert(*part) != *part {
                return Err(TrainError::SplitCutsConversation(conversation.clone()));
            }
        }
        if self.rows_of(Split::Validation).is_empty() { Err(TrainError::NoValidation) } else { Ok(()) }
    }

    fn check_labels(&self, model: usize) -> Result<(), TrainError> {
        let dimension = self.names[model].clone();
        let labels = self.targets.column(model);
        if let Some(row) = labels.iter().position(|t| !t.is_nan() && !(0.0..=1.0).contains(t)) {
            return Err(TrainError::Range { row: row + 1, dimension, value: labels[row] });
        }
        if labels.iter().all(|t| t.is_nan()) {
            return Ok(()); // the others still train
        }
        let train: Vec<f32> =
            self.rows_of(Split::Train).into_iter().map(|r| labels[r]).filter(|t| !t.is_nan()).collect();
        if train.len() < MIN_LABELLED {
            return Err(TrainError::TooFew { dimension, found: train.len(), needed: MIN_LABELLED });
        }
        if train.iter().all(|t| *t == train[0]) {
            return Err(TrainError::Constant { dimension, value: train[0] });
        }
        Ok(())
    }
}

/// Splits by conversation, train / validation / test about 70/15/15 (spec 3): conversations are shuffled by the seed
/// and dealt out whole. With fewer than three conversations, everything beyond the first is shared as far as it goes.
pub fn split_by_conversation(conversations: &[String], seed: u64) -> Vec<Split> {
    let mut names: Vec<&String> = conversations.iter().collect();
    names.sort();
    names.dedup();
    let order = crate::core::seed::permutation(&mut crate::core::seed::stream(seed, "split"), names.len());
    let held = ((names.len() as f64 * 0.15).round() as usize).max(usize::from(names.len() > 2));
    let part = |position: usize| match position {
        p if p < held => Split::Test,
        p if p < 2 * held => Split::Validation,
        _ => Split::Train,
    };
    let parts: std::collections::BTreeMap<&String, Split> =
        order.iter().enumerate().map(|(position, at)| (names[*at], part(position))).collect();
    conversations.iter().map(|c| parts.get(c).copied().unwrap_or(Split::Train)).collect()
}
