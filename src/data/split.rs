//! Which turns train, stop and test: as the table says, or 70/15/15 by conversation; no conversation is on two sides.

use crate::core::seed;
use crate::core::turn::{Split, Turn};
use std::collections::{BTreeSet, HashMap};

/// Too few conversations to have all three parts.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0} conversations cannot be split into training, validation and test; give at least 3 conversations"
)]
pub struct TooFewConversations(pub usize);

/// What is wrong with a split that a table gives.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum GivenSplitError {
    /// Some turns have none, or one that is not known.
    #[error(
        "turn `{turn}` has {found} in the column `split`, where other turns have train, val or test; correct it or remove the column"
    )]
    Part {
        /// The turn.
        turn: String,
        /// "nothing" or the text.
        found: String,
    },
    /// A conversation in two parts.
    #[error(
        "the column `split` puts the conversation `{conversation}` into {a} and {b}; whole conversations must go together, so correct it or remove the column"
    )]
    Cut {
        /// The conversation.
        conversation: String,
        /// Name of one part.
        a: &'static str,
        /// Name of the other.
        b: &'static str,
    },
    /// A part without turns.
    #[error(
        "the column `split` gives no turn to {0}; all of train, val and test need turns, so complete it or remove the column"
    )]
    Empty(&'static str),
}

/// The split that the table itself gives in a column `split` (train, val or validation or dev, test), in row order;
/// `None` when there is no such column or it holds other words.
///
/// # Errors
/// [`GivenSplitError`] when the column is used but cannot be meant.
pub fn given(turns: &[Turn]) -> Result<Option<Vec<Split>>, GivenSplitError> {
    let said: Vec<Option<String>> = turns.iter().map(part_in_meta).collect();
    let known: Vec<Option<Split>> = said.iter().map(|s| s.as_deref().and_then(part_of_name)).collect();
    if known.iter().all(Option::is_none) {
        return Ok(None);
    }
    let mut of: HashMap<&str, Split> = HashMap::new();
    let mut parts = Vec::with_capacity(turns.len());
    for ((turn, part), text) in turns.iter().zip(known).zip(said) {
        let Some(part) = part else {
            let found = text.map_or_else(|| "nothing".to_owned(), |t| format!("`{t}`"));
            return Err(GivenSplitError::Part { turn: turn.turn_id.clone(), found });
        };
        let first = *of.entry(&turn.conversation_id).or_insert(part);
        if first != part {
            let conversation = turn.conversation_id.clone();
            return Err(GivenSplitError::Cut { conversation, a: first.name(), b: part.name() });
        }
        parts.push(part);
    }
    match [Split::Train, Split::Validation, Split::Test].into_iter().find(|p| !parts.contains(p)) {
        Some(missing) => Err(GivenSplitError::Empty(missing.name())),
        None => Ok(Some(parts)),
    }
}

fn part_in_meta(turn: &Turn) -> Option<String> {
    let meta: serde_json::Value = serde_json::from_str(turn.meta.as_deref()?).ok()?;
    Some(meta.get("split")?.as_str()?.to_owned())
}

fn part_of_name(name: &str) -> Option<Split> {
    match name.trim().to_lowercase().as_str() {
        "train" | "training" => Some(Split::Train),
        "val" | "valid" | "validation" | "dev" => Some(Split::Validation),
        "test" => Some(Split::Test),
        _ => None,
    }
}

/// The split of each turn, in row order. It depends on the seed and the set of conversation ids, not on row order.
/// Of n conversations round(0.7 n) train, round(0.15 n) validate, the rest test; each part has at least one.
///
/// # Errors
/// [`TooFewConversations`] below three.
pub fn by_conversation(turns: &[Turn], seed: u64) -> Result<Vec<Split>, TooFewConversations> {
    let ids: Vec<&str> =
        turns.iter().map(|t| t.conversation_id.as_str()).collect::<BTreeSet<_>>().into_iter().collect();
    let (train, validation) = counts(ids.len()).ok_or(TooFewConversations(ids.len()))?;
    let order = seed::permutation(&mut seed::stream(seed, "split"), ids.len());
    let part = |place: usize| {
        if place < train {
            Split::Train
        } else if place < train + validation {
            Split::Validation
        } else {
            Split::Test
        }
    };
    let of: HashMap<&str, Split> =
        order.iter().enumerate().map(|(place, &at)| (ids[at], part(place))).collect();
    Ok(turns.iter().map(|t| of.get(t.conversation_id.as_str()).copied().unwrap_or(Split::Train)).collect())
}

/// Training and validation conversations of n; `None` below three.
fn counts(n: usize) -> Option<(usize, usize)> {
    if n < 3 {
        return None;
    }
    let share = |percent: usize| (n * percent + 50) / 100;
    let validation = share(15).max(1);
    let train = share(70).clamp(1, n - validation - 1);
    Some((train, validation))
}

/// Rows of one part, ascending.
pub fn rows(splits: &[Split], part: Split) -> Vec<usize> {
    (0..splits.len()).filter(|&row| splits[row] == part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn turns(conversations: usize, each: usize) -> Vec<Turn> {
        let turn = |c: usize| Turn { conversation_id: format!("c{c:03}"), ..Turn::default() };
        (0..conversations * each).map(|i| turn(i / each)).collect()
    }

    #[test]
    fn sixty_conversations_make_forty_two_nine_nine_and_none_is_cut() {
        let turns = turns(60, 8);
        let splits = by_conversation(&turns, 7).unwrap();
        let mut of: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (turn, split) in turns.iter().zip(&splits) {
            of.entry(&turn.conversation_id).or_default().insert(split.name());
        }
        assert!(of.values().all(|s| s.len() == 1), "a conversation lies on one side");
        let count = |part| rows(&splits, part).len() / 8;
        assert_eq!((count(Split::Train), count(Split::Validation), count(Split::Test)), (42, 9, 9));
    }

    #[test]
    fn a_given_split_is_taken_as_it_is_and_refused_in_words_when_it_cannot_be_meant() {
        let turn = |c: &str, split: &str| Turn {
            turn_id: format!("{c}-{split}"),
            conversation_id: c.to_owned(),
            meta: Some(format!("{{\"split\":\"{split}\"}}")),
            ..Turn::default()
        };
        let mut turns = vec![turn("a", "train"), turn("b", "val"), turn("c", "test"), turn("c", "test")];
        assert_eq!(given(&turns), Ok(Some(vec![Split::Train, Split::Validation, Split::Test, Split::Test])));
        assert_eq!(given(&[turn("a", "north"), turn("b", "south")]), Ok(None));
        assert_eq!(given(&turns[..2]), Err(GivenSplitError::Empty("test")));
        turns.push(turn("a", "test"));
        let error = given(&turns).unwrap_err().to_string();
        assert!(error.contains("`a` into train and test"), "{error}");
        turns[4] = turn("d", "north");
        assert!(given(&turns).unwrap_err().to_string().contains("`d-north` has `north`"));
    }

    #[test]
    fn it_follows_the_seed_and_not_the_order_of_rows() {
        let mut turns = turns(20, 2);
        let first = by_conversation(&turns, 1).unwrap();
        assert_eq!(first, by_conversation(&turns, 1).unwrap());
        assert_ne!(first, by_conversation(&turns, 2).unwrap());
        turns.reverse();
        let mut reversed = by_conversation(&turns, 1).unwrap();
        reversed.reverse();
        assert_eq!(first, reversed);
    }

    #[test]
    fn every_part_has_a_conversation_from_three_on() {
        for n in 3..200 {
            let (train, validation) = counts(n).unwrap();
            assert!(train >= 1 && validation >= 1 && train + validation < n, "{n}");
        }
        assert_eq!(by_conversation(&turns(2, 9), 1), Err(TooFewConversations(2)));
    }
}
