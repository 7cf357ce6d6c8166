//! Columns of the turns table: which fit, how they sort, how a cell is drawn.

use super::summary::Summary;
use crate::core::dimension::{Dimension, N_DIMENSIONS};
use crate::core::turn::{Split, Turn};
use crate::run::contents::RunContents;
use crate::window::format;
use crate::window::theme::{Tokens, font};
use crate::window::widgets::table::{self, Sort};
use egui::Ui;
use egui_extras::Column as Width;

/// Sort key of the order of time.
pub const TIME: usize = 0;
/// Sort key of the answer's length.
pub const WORDS: usize = 3;
const SCORES: usize = 5;

/// A column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// Id of the turn; sorts by time.
    Id,
    /// Id of the conversation.
    Conversation,
    /// What the user asked.
    User,
    /// Words of the answer.
    Words,
    /// Train, validation or test.
    Split,
    /// Score of the chosen judge.
    Score(usize),
}

impl Column {
    /// Key for sorting.
    pub fn id(self) -> usize {
        match self {
            Self::Id => TIME,
            Self::Conversation => 1,
            Self::User => 2,
            Self::Words => WORDS,
            Self::Split => 4,
            Self::Score(d) => SCORES + d,
        }
    }

    /// Header.
    pub fn title(self) -> &'static str {
        match self {
            Self::Id => "turn",
            Self::Conversation => "conversation",
            Self::User => "user",
            Self::Words => "words",
            Self::Split => "split",
            Self::Score(d) => Dimension::ALL.get(d).map_or("", |d| d.name()),
        }
    }

    /// Whether it is right aligned and best sorted from the top.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Words | Self::Score(_))
    }

    /// Its width in a table of this width.
    pub fn width(self, table: f32) -> Width {
        let wide = table > 960.0;
        match self {
            Self::Id => Width::exact(86.0).clip(true),
            Self::Conversation => Width::exact(104.0).clip(true),
            Self::User => Width::remainder().at_least(120.0).clip(true),
            Self::Words => Width::exact(64.0),
            Self::Split => Width::exact(84.0),
            Self::Score(_) => Width::exact(if wide { 104.0 } else { 92.0 }),
        }
    }
}

/// The columns that fit into this width.
pub fn shown(width: f32, summary: &Summary) -> Vec<Column> {
    let scores = if summary.judges.is_empty() { 0 } else { N_DIMENSIONS };
    let mut room = width - 86.0 - 160.0 - 92.0 * scores as f32;
    let mut columns = vec![Column::Id];
    let mut fits = |w: f32| {
        let ok = room > w;
        if ok {
            room -= w;
        }
        ok
    };
    let words = fits(64.0);
    let split = summary.has_splits && fits(84.0);
    let conversation = fits(150.0);
    if conversation {
        columns.push(Column::Conversation);
    }
    columns.push(Column::User);
    if words {
        columns.push(Column::Words);
    }
    if split {
        columns.push(Column::Split);
    }
    columns.extend((0..scores).map(Column::Score));
    columns
}

/// Sorts rows by a column; missing scores come last either way, ties keep the order of time.
pub fn order(rows: &mut [usize], run: &RunContents, summary: &Summary, judge: Option<usize>, sort: Sort) {
    let turn = |r: usize| run.turns.get(r);
    let down = sort.descending;
    match sort.column {
        1 => by(rows, down, |r| turn(r).map(|t| t.conversation_id.as_str())),
        2 => {
            let keys: Vec<String> = run.turns.iter().map(|t| t.goal_text.to_lowercase()).collect();
            by(rows, down, |r| keys.get(r).map(String::as_str));
        }
        WORDS => by(rows, down, |r| summary.words.get(r).copied()),
        4 => by(rows, down, |r| run.splits.get(r).map(|s| *s as usize)),
        c if c >= SCORES => rows.sort_by(|a, b| {
            let (x, y) = (summary.score(judge, *a, c - SCORES), summary.score(judge, *b, c - SCORES));
            let value = if down { y.total_cmp(&x) } else { x.total_cmp(&y) };
            x.is_nan().cmp(&y.is_nan()).then(value)
        }),
        _ => by(rows, down, |r| r),
    }
}

/// Stable sort by a key, upwards or downwards.
fn by<K: Ord>(rows: &mut [usize], down: bool, key: impl Fn(usize) -> K) {
    rows.sort_by(|a, b| {
        let ordering = key(*a).cmp(&key(*b));
        if down { ordering.reverse() } else { ordering }
    });
}

/// Draws one cell.
#[allow(clippy::too_many_arguments)]
pub fn cell(
    ui: &mut Ui,
    t: &Tokens,
    column: Column,
    row: usize,
    turn: &Turn,
    run: &RunContents,
    summary: &Summary,
    judge: Option<usize>,
) {
    match column {
        Column::Id => table::text(ui, &turn.turn_id, font::mono_small(), t.text),
        Column::Conversation => table::text(ui, &turn.conversation_id, font::mono_small(), t.text_subdued),
        Column::User => {
            // One line of the table shows the start of a text; the whole is in the inspector.
            let start: String =
                turn.goal_text.chars().take(240).map(|c| if c == '\n' { ' ' } else { c }).collect();
            table::text(ui, &start, font::label_regular(), t.text)
        }
        Column::Words => {
            let words = summary.words.get(row).copied().unwrap_or(0);
            table::number(ui, &format::count(words), t.text)
        }
        Column::Split => {
            let split = run.splits.get(row).copied();
            let color = if split == Some(Split::Train) { t.text_subdued } else { t.text };
            table::text(ui, split.map_or("", Split::name), font::label_regular(), color)
        }
        Column::Score(d) => {
            let score = summary.score(judge, row, d);
            if score.is_finite() {
                table::bar(ui, &format::fixed(f64::from(score), 2), score, t.text_subdued)
            } else {
                table::number(ui, "–", t.text_subdued)
            }
        }
    };
}
