//! A turn: one user message and the assistant's answer; and what judges say about it.

use super::dimension::Dimension;
use serde::{Deserialize, Serialize};

/// One user message and the assistant's answer (spec 2).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// Stable identifier, unique in a table.
    pub turn_id: String,
    /// The conversation it belongs to; splits never cut a conversation.
    pub conversation_id: String,
    /// Title of the conversation.
    pub title: String,
    /// Position in the conversation, as the source counts it.
    pub turn_index: i64,
    /// What the user asked.
    pub goal_text: String,
    /// What the assistant answered.
    pub response_text: String,
    /// Pasted or retrieved text the answer should respect, if any.
    pub context: Option<String>,
    /// When, UTC, RFC 3339, if known.
    pub created_at: Option<String>,
    /// Where the turn comes from (file, export, corpus).
    pub source: String,
    /// Who answered, if known.
    pub model: Option<String>,
    /// Anything else the source said, as a JSON object in text.
    pub meta: Option<String>,
}

/// What one judge says about one turn on one dimension.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The turn judged.
    pub turn_id: String,
    /// On which dimension.
    pub dimension: Dimension,
    /// 0 to 100.
    pub score: f64,
    /// One sentence, possibly empty.
    pub rationale: String,
    /// Who judged.
    pub judge: String,
}

impl Judgement {
    /// The score in \[0,1\], rounded to four decimals as in files.
    pub fn score01(&self) -> f64 {
        (self.score * 100.0).round() / 10_000.0
    }
}

/// Which part of the data a turn belongs to; whole conversations go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// Used to fit weights.
    Train,
    /// Used to stop early.
    Validation,
    /// Never seen in training; every reported quality is measured here.
    Test,
}

impl Split {
    /// The name used in files and in the window.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }
}
