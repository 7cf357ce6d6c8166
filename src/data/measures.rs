//! Plain measurements of a turn's texts: lengths, how far the answer is covered by what was said before, numbers, form.
//!
//! Embeddings say what a text is about; they say little of how long it is, whether its numbers occur in the pasted
//! text, or whether it repeats the question. These counts do, and any table of turns has them. Nothing here knows a
//! judgement or what was planted in an answer.

use crate::core::matrix::Matrix;
use crate::core::turn::Turn;
use std::collections::{BTreeMap, BTreeSet};

/// Names of the measurements, in column order. "Known" words and numbers are those of the goal, the context and all
/// earlier turns of the conversation. Cosines are 0 where a text is missing.
pub const NAMES: [&str; 26] = [
    "ln(1 + words of the answer)",
    "ln(1 + words of the goal)",
    "ln(1 + words of the context)",
    "share of the answer's words in the goal",
    "share of the goal's words in the answer",
    "share of the answer's words in the context",
    "share of the context's words in the answer",
    "share of the answer's words in earlier turns",
    "share of the answer's numbers in goal or context",
    "share of the answer's numbers known",
    "ln(1 + numbers in the answer)",
    "ln(1 + line breaks in the answer)",
    "variety of the answer's words",
    "the answer ends in a question",
    "ln(1 + words a sentence)",
    "letters a word",
    "share of the answer's words that are new",
    "cosine of goal and answer",
    "cosine of context and answer",
    "cosine of context and goal",
    "there is a context",
    "cosine of the goal before and the answer",
    "cosine of the answer before and the answer",
    "cosine of the goal before and the goal",
    "cosine of the answer before and the goal",
    "there is an earlier turn",
];

/// Letters by which a word is recognised again: enough to tell words apart, few enough to ignore endings.
const STEM: usize = 6;

/// The turn before each turn in its conversation (by `turn_index`, then row order); `None` for the first.
pub fn previous(turns: &[Turn]) -> Vec<Option<usize>> {
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    let mut before = vec![None; turns.len()];
    for row in in_time(turns) {
        before[row] = last.insert(&turns[row].conversation_id, row);
    }
    before
}

fn in_time(turns: &[Turn]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..turns.len()).collect();
    order.sort_by_key(|r| (turns[*r].turn_index, *r));
    order
}

/// Embeddings of goals, answers and contexts, `[turns, width]` each; a row of zeros where there is no text.
#[derive(Clone, Copy)]
pub struct Vectors<'a> {
    /// Goals.
    pub goal: &'a Matrix,
    /// Answers.
    pub response: &'a Matrix,
    /// Contexts.
    pub context: &'a Matrix,
}

/// All measurements `[turns, NAMES]`, finite, in row order.
pub fn measure(turns: &[Turn], vectors: Vectors<'_>) -> Matrix {
    let mut out = Matrix::zeros(turns.len(), NAMES.len());
    let before = previous(turns);
    let mut known: BTreeMap<&str, Known> = BTreeMap::new();
    for row in in_time(turns) {
        let turn = &turns[row];
        let said = known.entry(&turn.conversation_id).or_default();
        let parts = Parts::of(turn);
        let mut values = parts.counts(said);
        values.extend(cosines(vectors, row, before[row]));
        out.row_mut(row).iter_mut().zip(values).for_each(|(to, v)| *to = v as f32);
        said.add(&parts);
    }
    out
}

/// Words and numbers of the conversation so far.
#[derive(Default)]
struct Known {
    words: BTreeSet<String>,
    numbers: BTreeSet<String>,
}

impl Known {
    fn add(&mut self, parts: &Parts<'_>) {
        for text in [&parts.goal, &parts.answer, &parts.context] {
            self.words.extend(text.content.iter().cloned());
            self.numbers.extend(text.numbers.iter().cloned());
        }
    }
}

struct Parts<'a> {
    goal: Text<'a>,
    answer: Text<'a>,
    context: Text<'a>,
}

/// A text taken apart.
struct Text<'a> {
    raw: &'a str,
    words: Vec<String>,
    /// First letters of the words that carry meaning: four letters or more, or a digit.
    content: BTreeSet<String>,
    numbers: BTreeSet<String>,
}

impl<'a> Text<'a> {
    fn of(raw: &'a str) -> Self {
        let words: Vec<String> = raw
            .split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '\u{2019}'))
            .map(|w| w.trim_matches(['\'', '\u{2019}']).to_lowercase())
            .filter(|w| !w.is_empty())
            .collect();
        let tells = |w: &&String| w.chars().count() >= 4 || w.chars().any(|c| c.is_ascii_digit());
        let content = words.iter().filter(tells).map(|w| w.chars().take(STEM).collect()).collect();
        Self { raw, words, content, numbers: numbers(raw) }
    }

    fn sentences(&self) -> usize {
        let mut count = 0;
        let mut open = false;
        let mut letters = self.raw.chars().peekable();
        while let Some(c) = letters.next() {
            let ends =
                matches!(c, '.' | '!' | '?' | '\u{2026}') && letters.peek().is_none_or(|n| n.is_whitespace());
            if (ends || c == '\n') && open {
                count += 1;
                open = false;
            } else if c.is_alphanumeric() {
                open = true;
            }
        }
        count + usize::from(open)
    }
}

/// Runs of digits with inner points and commas, as written.
fn numbers(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','))
        .map(|n| n.trim_matches(['.', ',']))
        .filter(|n| !n.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Share of `a` that lies in any of `others`; 0 when `a` is empty.
fn share(a: &BTreeSet<String>, others: &[&BTreeSet<String>]) -> f64 {
    let inside = a.iter().filter(|w| others.iter().any(|o| o.contains(*w))).count();
    inside as f64 / a.len().max(1) as f64
}

impl<'a> Parts<'a> {
    fn of(turn: &'a Turn) -> Self {
        Self {
            goal: Text::of(&turn.goal_text),
            answer: Text::of(&turn.response_text),
            context: Text::of(turn.context.as_deref().unwrap_or("")),
        }
    }

    fn counts(&self, said: &Known) -> Vec<f64> {
        let (goal, answer, context) = (&self.goal, &self.answer, &self.context);
        let ln1 = |n: usize| (n as f64).ln_1p();
        let words = answer.words.len();
        let distinct = answer.words.iter().collect::<BTreeSet<_>>().len() as f64;
        let letters: usize = answer.words.iter().map(|w| w.chars().count()).sum();
        let known = [&goal.content, &context.content, &said.words];
        vec![
            ln1(words),
            ln1(goal.words.len()),
            ln1(context.words.len()),
            share(&answer.content, &[&goal.content]),
            share(&goal.content, &[&answer.content]),
            share(&answer.content, &[&context.content]),
            share(&context.content, &[&answer.content]),
            share(&answer.content, &[&said.words]),
            share(&answer.numbers, &[&goal.numbers, &context.numbers]),
            share(&answer.numbers, &[&goal.numbers, &context.numbers, &said.numbers]),
            ln1(answer.numbers.len()),
            ln1(answer.raw.matches('\n').count()),
            // Distinct words grow with about the .8th power of the length (Heaps 1978), so long answers are not punished.
            distinct / (words.max(1) as f64).powf(0.8),
            f64::from(u8::from(answer.raw.trim_end().ends_with('?'))),
            (words as f64 / answer.sentences().max(1) as f64).ln_1p(),
            letters as f64 / words.max(1) as f64,
            1.0 - share(&answer.content, &known),
        ]
    }
}

fn cosines(v: Vectors<'_>, row: usize, before: Option<usize>) -> Vec<f64> {
    let (goal, answer, context) = (v.goal.row(row), v.response.row(row), v.context.row(row));
    let has = |text: &[f32]| f64::from(u8::from(text.iter().any(|x| *x != 0.0)));
    let mut out = vec![dot(goal, answer), dot(context, answer), dot(context, goal), has(context)];
    match before {
        Some(b) => {
            let (old_goal, old_answer) = (v.goal.row(b), v.response.row(b));
            out.extend([
                dot(old_goal, answer),
                dot(old_answer, answer),
                dot(old_goal, goal),
                dot(old_answer, goal),
                1.0,
            ]);
        }
        None => out.extend([0.0; 5]),
    }
    out
}

/// Cosine of vectors of length one (or zero).
fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn turn(conversation: &str, index: i64, goal: &str, answer: &str, context: Option<&str>) -> Turn {
        Turn {
            conversation_id: conversation.to_owned(),
            turn_index: index,
            goal_text: goal.to_owned(),
            response_text: answer.to_owned(),
            context: context.map(str::to_owned),
            ..Turn::default()
        }
    }

    fn of(turns: &[Turn], name: &str) -> Vec<f32> {
        let vectors = Matrix::zeros(turns.len(), 4);
        let v = Vectors { goal: &vectors, response: &vectors, context: &vectors };
        let at = NAMES.iter().position(|n| *n == name).unwrap();
        measure(turns, v).column(at)
    }

    #[test]
    fn known_texts_give_known_numbers() {
        let turns = [turn(
            "c",
            1,
            "How tall is the tower?",
            "The tower is 324 m tall. Visit it!",
            Some("Height: 324 m"),
        )];
        let value = |name: &str| f64::from(of(&turns, name)[0]);
        assert!((value(NAMES[0]) - 9.0_f64.ln()).abs() < 1e-6, "eight words");
        // tower, 324, tall, visit: tower and tall stand in the goal, 324 in the context.
        assert!((value("share of the answer's words in the goal") - 0.5).abs() < 1e-6);
        assert!((value("share of the answer's words in the context") - 0.25).abs() < 1e-6);
        assert!((value("share of the answer's words that are new") - 0.25).abs() < 1e-6);
        assert!((value("share of the answer's numbers in goal or context") - 1.0).abs() < 1e-6);
        assert!((value("ln(1 + words a sentence)") - 5.0_f64.ln()).abs() < 1e-6, "two sentences");
    }

    #[test]
    fn earlier_turns_count_and_later_ones_do_not_whatever_the_row_order() {
        let (a, b) = (turn("c", 1, "", "granite", None), turn("c", 2, "", "granite again", None));
        let shares = of(&[b.clone(), a.clone()], "share of the answer's words in earlier turns");
        assert_eq!(shares, [0.5, 0.0]);
        assert_eq!(previous(&[b, a, turn("d", 1, "", "", None)]), [Some(1), None, None]);
    }

    proptest! {
        #[test]
        fn any_text_gives_finite_numbers_and_shares_within_one(goal in ".*", answer in ".*", context in proptest::option::of(".*")) {
            let turns = [turn("c", 1, &goal, &answer, None), turn("c", 2, &answer, &goal, context.as_deref())];
            let zero = Matrix::zeros(2, 3);
            let table = measure(&turns, Vectors { goal: &zero, response: &zero, context: &zero });
            prop_assert!(table.data().iter().all(|v| v.is_finite()));
            for (at, name) in NAMES.iter().enumerate().filter(|(_, n)| n.starts_with("share")) {
                prop_assert!(table.column(at).iter().all(|v| (0.0..=1.0).contains(v)), "{}", name);
            }
        }
    }
}
