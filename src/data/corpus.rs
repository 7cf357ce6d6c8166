//! The bundled corpus: 480 original turns in 60 conversations, judged by two judges, inside the program itself.
//!
//! What was planted in an answer (`variant`, `planted`) is ground truth for evaluation. It lies in [`Turn::meta`],
//! which no model reads.

use super::import::error::ImportError;
use super::import::table::{ImportOptions, import_jsonl};
use super::judge::table::from_jsonl;
use crate::core::turn::{Judgement, Turn};
use crate::run::hash;

const TURNS: &str = include_str!("../../assets/corpus/turns.jsonl");
const JUDGEMENTS: &str = include_str!("../../assets/corpus/judgements.jsonl");

/// Name of the corpus, as `source` of its turns.
pub const NAME: &str = "bundled corpus";

/// The turns, in the order of the file.
///
/// # Errors
/// Never for the corpus as it ships.
pub fn turns() -> Result<Vec<Turn>, ImportError> {
    let options = ImportOptions { min_answer_chars: Some(0), ..ImportOptions::default() };
    Ok(import_jsonl(NAME, TURNS, &options)?.turns)
}

/// The judgements of both judges.
///
/// # Errors
/// Never for the corpus as it ships.
pub fn judgements() -> Result<Vec<Judgement>, ImportError> {
    Ok(from_jsonl(NAME, JUDGEMENTS)?.judgements)
}

/// Hash over both files.
pub fn corpus_hash() -> String {
    hash::of_parts([TURNS, JUDGEMENTS])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::dimension::Dimension;
    use crate::data::judge::agreement::agreement;
    use crate::data::judge::labels::Labels;
    use std::collections::BTreeSet;

    #[test]
    fn the_corpus_is_whole() {
        let (turns, judgements) = (turns().unwrap(), judgements().unwrap());
        assert_eq!((turns.len(), judgements.len()), (480, 4800));
        let conversations: BTreeSet<_> = turns.iter().map(|t| &t.conversation_id).collect();
        assert_eq!(conversations.len(), 60);
        let ids: BTreeSet<_> = turns.iter().map(|t| &t.turn_id).collect();
        assert_eq!(ids.len(), 480);
        assert!(turns.iter().all(|t| t.turn_index >= 1 && t.turn_index <= 8 && !t.title.is_empty()));
        let labels = Labels::choose(&turns, &judgements, None).unwrap();
        assert_eq!(labels.judge, "judge-1");
        assert!(labels.targets.data().iter().all(|v| (0.0..=1.0).contains(v)));
    }

    #[test]
    fn what_was_planted_stays_in_meta() {
        let turns = turns().unwrap();
        assert!(turns.iter().all(|t| t.meta.as_deref().is_some_and(|m| m.contains("\"variant\""))));
        let reads_variant = |t: &Turn| t.goal_text.contains("variant\":") || t.source != NAME;
        assert!(!turns.iter().any(reads_variant));
    }

    #[test]
    fn the_judges_agree_as_the_readme_says() {
        let judgements = judgements().unwrap();
        for row in agreement(&judgements, "judge-1", "judge-2") {
            let (mae, r) = (row.mae.unwrap(), row.pearson.unwrap());
            assert_eq!(row.n, 480);
            assert!((2.25..3.45).contains(&mae) && (0.964..0.995).contains(&r), "{row:?}");
        }
        let knowledge = &agreement(&judgements, "judge-1", "judge-2")[Dimension::Knowledge.index()];
        assert!((knowledge.pearson.unwrap() - 0.994).abs() < 6e-4, "{knowledge:?}");
    }
}
