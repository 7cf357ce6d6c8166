//! Which turns train, stop and test: 70/15/15 by conversation, so that no conversation is on two sides.

use crate::core::seed;
use crate::core::turn::{Split, Turn};
use std::collections::{BTreeSet, HashMap};

/// Too few conversations to have all three parts.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0} conversations cannot be split into training, validation and test; give at least 3 conversations"
)]
pub struct TooFewConversations(pub usize);

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
