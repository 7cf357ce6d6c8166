//! A table of turns, with or without judgements, to turns, judgements and a report of what was kept and why.

use super::error::{ImportError, Problem};
use super::format::{self, Format};
use super::jsonl;
use super::mapping::ColumnMapping;
use super::report::{ImportReport, ScoreScale};
use super::row::{Cell, Row};
use super::scores::{self, RawScore};
use crate::core::dimension::Dimension;
use crate::core::turn::{Judgement, Turn};
use crate::run::{clock, hash};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;
use std::path::Path;

/// Rows looked at to learn the columns.
const LOOK_ROWS: usize = 1000;
/// Rows shown in a preview.
const SHOWN_ROWS: usize = 5;
/// Shortest answer taken from a table without judgements, in characters.
const MIN_ANSWER_CHARS: usize = 50;

/// What the caller decides about an import.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportOptions {
    /// What the columns hold; `None` takes the guess.
    pub mapping: Option<ColumnMapping>,
    /// Shortest answer kept, in characters; `None` takes 50, or 0 for a table with scores.
    pub min_answer_chars: Option<usize>,
    /// Turns kept at most, 0 for all.
    pub limit: usize,
    /// Scale of the scores; `None` detects it.
    pub scale: Option<ScoreScale>,
}

/// What an import gives.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Turns in the order of the table.
    pub turns: Vec<Turn>,
    /// Judgements of the turns kept.
    pub judgements: Vec<Judgement>,
    /// The account.
    pub report: ImportReport,
}

/// A first look at a table.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Format recognised.
    pub format: Format,
    /// Columns in order of appearance.
    pub columns: Vec<String>,
    /// What they are taken for.
    pub mapping: ColumnMapping,
    /// The first rows as shown text, one value a column.
    pub rows: Vec<Vec<String>>,
}

/// Looks at the first rows of a table and guesses what its columns hold.
///
/// # Errors
/// [`ImportError`] when it is no table or one of its first rows is broken.
pub fn preview(path: &Path) -> Result<Preview, ImportError> {
    let mut first = Vec::new();
    let format = format::read_rows(path, &mut |row| {
        first.push(row);
        Ok(if first.len() < LOOK_ROWS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    })
    .map_err(|e| ImportError::new(path, e))?;
    let columns = columns_of(&first);
    let shown = |row: &Row, c: &String| {
        row.get(c).and_then(Cell::text).map_or_else(String::new, |t| super::row::shorten(&t))
    };
    let rows =
        first.iter().take(SHOWN_ROWS).map(|row| columns.iter().map(|c| shown(row, c)).collect()).collect();
    Ok(Preview { format, mapping: ColumnMapping::guess(&columns), columns, rows })
}

/// Imports a table of turns.
///
/// # Errors
/// [`ImportError`]: one sentence, nothing kept.
pub fn import(path: &Path, options: &ImportOptions) -> Result<Imported, ImportError> {
    let look = preview(path)?;
    let source = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let read = || {
        let mut assembler = Assembler::new(look.format, &look.columns, &source, options)?;
        format::read_rows(path, &mut |row| assembler.row(&row).map(ControlFlow::Continue))?;
        assembler.finish()
    };
    read().map_err(|e| ImportError::new(path, e))
}

/// Imports JSONL text that lies in memory; `source` names it.
///
/// # Errors
/// As [`import`].
pub fn import_jsonl(source: &str, text: &str, options: &ImportOptions) -> Result<Imported, ImportError> {
    let read = || {
        let mut first = Vec::new();
        jsonl::read(text.as_bytes(), &mut |row| {
            first.push(row);
            Ok(if first.len() < LOOK_ROWS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        let mut assembler = Assembler::new(Format::Jsonl, &columns_of(&first), source, options)?;
        jsonl::read(text.as_bytes(), &mut |row| assembler.row(&row).map(ControlFlow::Continue))?;
        assembler.finish()
    };
    read().map_err(|e| ImportError::new(Path::new(source), e))
}

/// Column names in order of first appearance.
pub(crate) fn columns_of(rows: &[Row]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let names = rows.iter().flat_map(|r| &r.cells).map(|(name, _)| name);
    names.filter(|n| seen.insert(*n)).map(|n| n.to_string()).collect()
}

/// A judgement whose scale is not known yet.
struct Pending {
    turn_id: String,
    dimension: Dimension,
    rationale: String,
    judge: String,
}

/// Column in which a table gives its own split.
pub const SPLIT: &str = "split";

struct Assembler {
    options: ImportOptions,
    mapping: ColumnMapping,
    used: BTreeSet<String>,
    min_chars: usize,
    source: String,
    report: ImportReport,
    turns: Vec<Turn>,
    pending: Vec<Pending>,
    raw: Vec<RawScore>,
    /// Row, text key and given part of the split of each id.
    ids: HashMap<String, (u64, [u8; 32], Option<String>)>,
    texts: HashSet<[u8; 32]>,
    near: HashSet<[u8; 32]>,
    judged: HashSet<(String, String, Dimension)>,
    repeated_judgements: u64,
    next_index: HashMap<String, i64>,
}

impl Assembler {
    fn new(
        format: Format,
        columns: &[String],
        source: &str,
        options: &ImportOptions,
    ) -> Result<Self, Problem> {
        let mapping = options.mapping.clone().unwrap_or_else(|| ColumnMapping::guess(columns));
        if columns.is_empty() {
            return Err(Problem::Empty);
        }
        let missing = |what, hint| Problem::NoColumn { what, hint, found: columns.join(", ") };
        let present = |column: &Option<String>| column.as_ref().is_some_and(|c| columns.contains(c));
        if !present(&mapping.goal) {
            return Err(missing("goal", "goal_text"));
        }
        if !present(&mapping.response) {
            return Err(missing("answer", "response_text"));
        }
        let default_chars = if mapping.has_scores() { 0 } else { MIN_ANSWER_CHARS };
        Ok(Self {
            min_chars: options.min_answer_chars.unwrap_or(default_chars),
            used: mapping.used().into_iter().map(str::to_owned).collect(),
            report: ImportReport::new(format, mapping.clone()),
            options: options.clone(),
            mapping,
            source: source.to_owned(),
            turns: Vec::new(),
            pending: Vec::new(),
            raw: Vec::new(),
            ids: HashMap::new(),
            texts: HashSet::new(),
            near: HashSet::new(),
            judged: HashSet::new(),
            repeated_judgements: 0,
            next_index: HashMap::new(),
        })
    }

    fn row(&mut self, row: &Row) -> Result<(), Problem> {
        self.report.rows += 1;
        self.count_ignored(row);
        for column in [&self.mapping.goal, &self.mapping.response].into_iter().flatten() {
            if let Some(Cell::Unreadable(reason)) = row.get(column) {
                return Err(Problem::UnreadableColumn { column: column.clone(), reason: reason.to_string() });
            }
        }
        let Some(goal) = row.text(self.mapping.goal.as_ref()) else {
            self.report.skip("no goal", row.number, "");
            return Ok(());
        };
        let Some(response) = row.text(self.mapping.response.as_ref()) else {
            self.report.skip("no answer", row.number, &goal);
            return Ok(());
        };
        if response.chars().count() < self.min_chars {
            let reason = format!("answer shorter than {} characters", self.min_chars);
            self.report.skip(&reason, row.number, &response);
            return Ok(());
        }
        let key = key([&goal, &response]);
        let given_id = row.text(self.mapping.turn_id.as_ref());
        if let Some(id) = &given_id
            && let Some((first, known, part)) = self.ids.get(id)
        {
            let (id, first, second) = (id.clone(), *first, row.number);
            if *known != key {
                return Err(Problem::RepeatedId { id, first, second });
            }
            if let (Some(a), Some(b)) = (part, self.part(row))
                && *a != b
            {
                return Err(Problem::TwoParts { id, first, second, parts: format!("`{a}` and `{b}`") });
            }
            // The same turn once more: another judge's row, or a plain repetition.
            if self.judgements(row, &id)? == 0 {
                self.report.skip("exact duplicate", row.number, &goal);
            }
            return Ok(());
        }
        if !self.texts.insert(key) {
            self.report.skip("exact duplicate", row.number, &goal);
            return Ok(());
        }
        if self.options.limit > 0 && self.turns.len() >= self.options.limit {
            self.report.skip("beyond the limit", row.number, &goal);
            return Ok(());
        }
        if !self.near.insert(self::key([&plain(&goal), &plain(&response)])) {
            self.report.near_duplicates += 1;
        }
        let turn = self.turn(row, given_id, goal, response);
        self.ids.insert(turn.turn_id.clone(), (row.number, key, self.part(row)));
        self.judgements(row, &turn.turn_id)?;
        self.turns.push(turn);
        Ok(())
    }

    fn turn(&mut self, row: &Row, given_id: Option<String>, goal: String, response: String) -> Turn {
        let m = &self.mapping;
        // Without conversations, turns with one goal stay together, so that a split never tests on a trained goal.
        let conversation_id =
            row.text(m.conversation_id.as_ref()).unwrap_or_else(|| format!("c-{}", short_hash([&goal])));
        let next = self.next_index.entry(conversation_id.clone()).or_insert(1);
        let given_index =
            m.turn_index.as_ref().and_then(|c| row.get(c)).and_then(|c| c.number().ok().flatten());
        let turn_index = given_index.map_or(*next, |i| i as i64);
        *next = turn_index.saturating_add(1);
        let turn_id = given_id
            .unwrap_or_else(|| short_hash([&conversation_id, &turn_index.to_string(), &goal, &response]));
        let created_at = m.created_at.as_ref().and_then(|c| row.get(c)).and_then(time);
        Turn {
            turn_id,
            title: row.text(m.title.as_ref()).unwrap_or_default(),
            turn_index,
            goal_text: goal,
            response_text: response,
            context: row.text(m.context.as_ref()),
            created_at,
            source: row.text(m.source.as_ref()).unwrap_or_else(|| self.source.clone()),
            model: row.text(m.model.as_ref()),
            meta: self.meta(row),
            conversation_id,
        }
    }

    /// Whatever has no meaning here, as a JSON object with sorted keys. No model ever reads it.
    fn meta(&self, row: &Row) -> Option<String> {
        let rest: BTreeMap<&str, Value> = row
            .cells
            .iter()
            .filter(|(name, cell)| !self.used.contains(&**name) && *cell != Cell::Null)
            .map(|(name, cell)| (&**name, cell.json()))
            .collect();
        if rest.is_empty() { None } else { serde_json::to_string(&rest).ok() }
    }

    /// The part of the split that the table gives the turn; only asked for turns with an id of their own.
    fn part(&self, row: &Row) -> Option<String> {
        self.mapping.turn_id.as_ref().and_then(|_| row.text(Some(&SPLIT.to_owned())))
    }

    fn count_ignored(&mut self, row: &Row) {
        for (name, cell) in &row.cells {
            // A split that the table gives is used: it is read from where it is kept, in `meta`.
            if *cell == Cell::Null || self.used.contains(&**name) || &**name == SPLIT {
                continue;
            }
            if let Some(count) = self.report.ignored_columns.get_mut(&**name) {
                *count += 1;
            } else {
                self.report.ignored_columns.insert(name.to_string(), 1);
            }
        }
    }

    /// Takes the judgements of a row; says how many were new.
    fn judgements(&mut self, row: &Row, turn_id: &str) -> Result<usize, Problem> {
        let mut new = 0;
        let judge = row.text(self.mapping.judge.as_ref()).unwrap_or_else(|| "table".to_owned());
        for (dimension, column) in self.mapping.scores.clone() {
            let Some(cell) = row.get(&column) else { continue };
            let rationale = row
                .text(self.mapping.rationales.get(&dimension))
                .or_else(|| row.text(self.mapping.rationale.as_ref()))
                .unwrap_or_default();
            new += self.judgement(row.number, &column, cell, turn_id, dimension, rationale, &judge)?;
        }
        let listed = self.mapping.judges.as_ref().and_then(|c| row.get(c));
        let Some(Cell::Json(Value::Array(judges))) = listed.cloned() else { return Ok(new) };
        for (at, entry) in judges.iter().enumerate() {
            new += self.listed_judge(row.number, at, entry, turn_id)?;
        }
        Ok(new)
    }

    /// One entry of a `judges` list: `{judge, scores: {dimension: score}, rationale | rationales}`.
    fn listed_judge(&mut self, row: u64, at: usize, entry: &Value, turn_id: &str) -> Result<usize, Problem> {
        let judge = entry
            .get("judge")
            .and_then(Value::as_str)
            .map_or_else(|| format!("judge {}", at + 1), str::to_owned);
        let mut new = 0;
        for dimension in Dimension::ALL {
            let Some(value) = entry.get("scores").and_then(|s| s.get(dimension.name())) else { continue };
            let cell = match value {
                Value::Null => Cell::Null,
                Value::Number(n) => Cell::Number(n.as_f64().unwrap_or(f64::NAN)),
                Value::String(text) => Cell::Text(text.clone()),
                other => Cell::Json(other.clone()),
            };
            let own = entry.get("rationales").and_then(|r| r.get(dimension.name()));
            let rationale =
                own.or_else(|| entry.get("rationale")).and_then(Value::as_str).unwrap_or_default();
            let column = format!("judges[{at}].scores.{dimension}");
            new += self.judgement(row, &column, &cell, turn_id, dimension, rationale.to_owned(), &judge)?;
        }
        Ok(new)
    }

    #[allow(clippy::too_many_arguments)] // The parts of one judgement and where it stands.
    fn judgement(
        &mut self,
        row: u64,
        column: &str,
        cell: &Cell,
        turn_id: &str,
        dimension: Dimension,
        rationale: String,
        judge: &str,
    ) -> Result<usize, Problem> {
        let not_a_score = |found| Problem::NotAScore { row, column: column.to_owned(), found };
        let Some(value) = cell.number().map_err(not_a_score)? else { return Ok(0) };
        if !self.judged.insert((turn_id.to_owned(), judge.to_owned(), dimension)) {
            self.repeated_judgements += 1;
            return Ok(0);
        }
        self.raw.push(RawScore { row, column: column.to_owned(), value });
        self.pending.push(Pending {
            turn_id: turn_id.to_owned(),
            dimension,
            rationale,
            judge: judge.to_owned(),
        });
        Ok(1)
    }

    fn finish(mut self) -> Result<Imported, Problem> {
        if self.report.rows == 0 {
            return Err(Problem::Empty);
        }
        if self.turns.is_empty() {
            return Err(Problem::NothingKept { rows: self.report.rows, why: self.report.reasons() });
        }
        let mut judgements = Vec::new();
        if !self.raw.is_empty() {
            let scale = self.options.scale.unwrap_or_else(|| scores::detect(&self.raw));
            let values = scores::to_hundred(&self.raw, scale)?;
            self.report.scale = Some(scale);
            self.report.notes.extend(scores::doubt(&self.raw, scale));
            judgements = self
                .pending
                .into_iter()
                .zip(values)
                .map(|(p, score)| Judgement {
                    turn_id: p.turn_id,
                    dimension: p.dimension,
                    score,
                    rationale: p.rationale,
                    judge: p.judge,
                })
                .collect();
        }
        if self.repeated_judgements > 0 {
            let n = self.repeated_judgements;
            self.report
                .notes
                .push(format!("{n} judgements repeat an earlier one of the same judge and were left out"));
        }
        self.report.kept = self.turns.len() as u64;
        self.report.judgements = judgements.len() as u64;
        Ok(Imported { turns: self.turns, judgements, report: self.report })
    }
}

/// A key over texts; their borders count.
fn key<const N: usize>(parts: [&str; N]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    *hasher.finalize().as_bytes()
}

fn short_hash<const N: usize>(parts: [&str; N]) -> String {
    hash::of_parts(parts).chars().take(16).collect()
}

/// Letters and digits only, lower case: what near duplicates share.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A time as text; numbers are seconds since 1970 (milliseconds when too large for that).
fn time(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Number(n) if *n > 1e11 => Some(clock::rfc3339((n / 1000.0) as u64)),
        Cell::Number(n) if *n >= 0.0 => Some(clock::rfc3339(*n as u64)),
        other => other.text(),
    }
}

#[cfg(test)]
mod tests;
