//! Which column holds what: guessed from the names, shown for confirmation, changeable.

use crate::core::dimension::Dimension;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The columns of a table by their meaning; `None` where the table has no such column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ColumnMapping {
    /// Stable id of the turn.
    pub turn_id: Option<String>,
    /// The conversation (or, failing that, the goal) that turns share.
    pub conversation_id: Option<String>,
    /// Title of the conversation.
    pub title: Option<String>,
    /// Position in the conversation.
    pub turn_index: Option<String>,
    /// What the user asked.
    pub goal: Option<String>,
    /// What the assistant answered.
    pub response: Option<String>,
    /// Text the answer should respect.
    pub context: Option<String>,
    /// When.
    pub created_at: Option<String>,
    /// Where the turn comes from.
    pub source: Option<String>,
    /// Who answered.
    pub model: Option<String>,
    /// Who judged.
    pub judge: Option<String>,
    /// One rationale for all dimensions.
    pub rationale: Option<String>,
    /// A list of judges, each with `judge` and `scores`.
    pub judges: Option<String>,
    /// Score column of each dimension.
    pub scores: BTreeMap<Dimension, String>,
    /// Rationale column of each dimension.
    pub rationales: BTreeMap<Dimension, String>,
}

const TURN_ID: &[&str] = &["turn_id", "id", "item_id", "example_id", "uid"];
const CONVERSATION: &[&str] =
    &["conversation_id", "conversation", "conv_id", "dialog_id", "dialogue_id", "thread_id", "goal_id"];
const TITLE: &[&str] = &["title", "conversation_title"];
const INDEX: &[&str] = &["turn_index", "turn", "index", "position", "order"];
const GOAL: &[&str] = &[
    "goal_text",
    "goal",
    "prompt",
    "question",
    "user",
    "instruction",
    "query",
    "input",
    "user_message",
    "human",
];
const RESPONSE: &[&str] = &[
    "response_text",
    "response",
    "answer",
    "output",
    "assistant",
    "completion",
    "reply",
    "assistant_message",
    "generation",
];
const CONTEXT: &[&str] =
    &["context", "context_text", "passage", "document", "documents", "grounding", "reference_text"];
const CREATED: &[&str] = &["created_at", "create_time", "timestamp", "time", "date"];
const SOURCE: &[&str] = &["source", "dataset", "origin"];
const MODEL: &[&str] = &["model", "model_name", "generator", "answered_by"];
const JUDGE: &[&str] = &["judge", "judge_name", "rater", "annotator", "grader"];
const RATIONALE: &[&str] = &["rationale", "explanation", "reason", "feedback"];

impl ColumnMapping {
    /// A guess from column names, ignoring case, spaces and hyphens; earlier words of each list win.
    pub fn guess<S: AsRef<str>>(columns: &[S]) -> Self {
        let plain: Vec<(String, &str)> =
            columns.iter().map(|c| (normalise(c.as_ref()), c.as_ref())).collect();
        let find = |words: &[&str]| {
            words.iter().find_map(|w| plain.iter().find(|(p, _)| p == w).map(|(_, name)| (*name).to_owned()))
        };
        let by_dimension = |patterns: &[&str]| -> BTreeMap<Dimension, String> {
            Dimension::ALL
                .into_iter()
                .filter_map(|d| {
                    let words: Vec<String> = patterns.iter().map(|p| p.replace("{}", d.name())).collect();
                    let words: Vec<&str> = words.iter().map(String::as_str).collect();
                    Some((d, find(&words)?))
                })
                .collect()
        };
        Self {
            turn_id: find(TURN_ID),
            conversation_id: find(CONVERSATION),
            title: find(TITLE),
            turn_index: find(INDEX),
            goal: find(GOAL),
            response: find(RESPONSE),
            context: find(CONTEXT),
            created_at: find(CREATED),
            source: find(SOURCE),
            model: find(MODEL),
            judge: find(JUDGE),
            rationale: find(RATIONALE),
            judges: find(&["judges"]),
            scores: by_dimension(&[
                "{}",
                "{}_score",
                "score_{}",
                "scores.{}",
                "{}.score",
                "{}_score01",
                "{}.score01",
                "scm.{}.score01",
                "{}_rating",
            ]),
            rationales: by_dimension(&[
                "{}_rationale",
                "rationale_{}",
                "rationales.{}",
                "{}.rationale",
                "{}_explanation",
            ]),
        }
    }

    /// Names of the columns in use.
    pub fn used(&self) -> BTreeSet<&str> {
        let single = [
            &self.turn_id,
            &self.conversation_id,
            &self.title,
            &self.turn_index,
            &self.goal,
            &self.response,
            &self.context,
            &self.created_at,
            &self.source,
            &self.model,
            &self.judge,
            &self.rationale,
            &self.judges,
        ];
        let many = self.scores.values().chain(self.rationales.values());
        single.into_iter().flatten().chain(many).map(String::as_str).collect()
    }

    /// Whether the table carries scores.
    pub fn has_scores(&self) -> bool {
        !self.scores.is_empty() || self.judges.is_some()
    }
}

fn normalise(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '-'], "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_tables_are_understood() {
        let m = ColumnMapping::guess(&[
            "Question",
            "Answer",
            "Clarity Score",
            "coverage",
            "scores.knowledge",
            "notes",
        ]);
        assert_eq!((m.goal.as_deref(), m.response.as_deref()), (Some("Question"), Some("Answer")));
        assert_eq!(m.scores[&Dimension::Clarity], "Clarity Score");
        assert_eq!(m.scores[&Dimension::Coverage], "coverage");
        assert_eq!(m.scores[&Dimension::Knowledge], "scores.knowledge");
        assert_eq!(m.scores.len(), 3);
        assert!(!m.used().contains("notes"));
    }

    #[test]
    fn the_more_telling_name_wins() {
        let m = ColumnMapping::guess(&["input", "goal_text", "output", "response_text", "id", "turn_id"]);
        assert_eq!(m.goal.as_deref(), Some("goal_text"));
        assert_eq!(m.response.as_deref(), Some("response_text"));
        assert_eq!(m.turn_id.as_deref(), Some("turn_id"));
    }
}
