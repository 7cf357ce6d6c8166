//! Any selection of turns as a file others read: ids, CSV, JSON lines or Parquet, with texts, both passes and D.

use super::contents::RunContents;
use super::tables::{TableError, columns, parquet};
use crate::core::matrix::Matrix;
use crate::core::scm;
use crate::core::turn::Split;
use serde_json::{Map, Value};
use std::path::Path;

/// Format of an exported selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One turn id a line.
    Ids,
    /// Comma separated values with a header, RFC 4180.
    Csv,
    /// One JSON object a line.
    Jsonl,
    /// Parquet.
    Parquet,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Ids, Self::Csv, Self::Jsonl, Self::Parquet];

    /// The format of a file name by its extension; `.txt` holds ids.
    pub fn of_path(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_lowercase();
        Self::ALL.into_iter().find(|f| f.extension() == extension)
    }

    /// The extension of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Ids => "txt",
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
        }
    }
}

enum Values {
    Text(Vec<String>),
    OptionalText(Vec<Option<String>>),
    Integers(Vec<i64>),
    Numbers(Vec<f32>),
}

struct Column {
    name: String,
    values: Values,
}

/// The bytes of these rows of the run in that format, in the order given; rows that do not exist are left out.
/// Columns: ids, time, split, texts, then `a_`, `b_` and `d_` of the twelve SCM columns where the run has them; a
/// missing number is empty in CSV and null elsewhere.
///
/// # Errors
/// [`TableError`] when Parquet refuses (never for turns of a run).
pub fn selection(run: &RunContents, rows: &[usize], format: Format) -> Result<Vec<u8>, TableError> {
    let rows: Vec<usize> = rows.iter().copied().filter(|r| *r < run.turns.len()).collect();
    if format == Format::Ids {
        let ids: String = rows.iter().map(|r| format!("{}\n", run.turns[*r].turn_id)).collect();
        return Ok(ids.into_bytes());
    }
    let table = table(run, &rows);
    match format {
        Format::Csv => Ok(csv(&table, rows.len()).into_bytes()),
        Format::Jsonl => Ok(jsonl(&table, rows.len()).into_bytes()),
        Format::Ids | Format::Parquet => parquet::to_bytes(
            "the selection",
            table
                .iter()
                .map(|c| match &c.values {
                    Values::Text(v) => columns::text(&c.name, v),
                    Values::OptionalText(v) => {
                        columns::optional_text(&c.name, &v.iter().map(Option::as_deref).collect::<Vec<_>>())
                    }
                    Values::Integers(v) => columns::integers(&c.name, v),
                    Values::Numbers(v) => columns::numbers(&c.name, v),
                })
                .collect(),
        ),
    }
}

fn table(run: &RunContents, rows: &[usize]) -> Vec<Column> {
    let turns: Vec<_> = rows.iter().map(|r| &run.turns[*r]).collect();
    let text = |name: &str, get: &dyn Fn(&crate::core::turn::Turn) -> String| Column {
        name: name.to_owned(),
        values: Values::Text(turns.iter().map(|t| get(t)).collect()),
    };
    let mut out = vec![
        text("turn_id", &|t| t.turn_id.clone()),
        text("conversation_id", &|t| t.conversation_id.clone()),
        Column {
            name: "turn_index".to_owned(),
            values: Values::Integers(turns.iter().map(|t| t.turn_index).collect()),
        },
        Column {
            name: "created_at".to_owned(),
            values: Values::OptionalText(turns.iter().map(|t| t.created_at.clone()).collect()),
        },
    ];
    if run.splits.len() == run.turns.len() {
        let name = |row: &usize| match run.splits[*row] {
            Split::Train => "train",
            Split::Validation => "validation",
            Split::Test => "test",
        };
        let values = Values::Text(rows.iter().map(|r| name(r).to_owned()).collect());
        out.push(Column { name: "split".to_owned(), values });
    }
    out.push(text("goal_text", &|t| t.goal_text.clone()));
    out.push(text("response_text", &|t| t.response_text.clone()));
    let passes = [
        ("a", run.a.as_ref().map(|p| &p.scm)),
        ("b", run.b.as_ref().map(|p| &p.scm)),
        ("d", run.delta.as_deref()),
    ];
    for (letter, matrix) in passes {
        let Some(m) = matrix.filter(|m| m.rows() == run.turns.len()) else { continue };
        out.extend((0..m.cols().min(scm::N_COLUMNS)).map(|c| number_column(letter, m, c, rows)));
    }
    out
}

fn number_column(letter: &str, m: &Matrix, column: usize, rows: &[usize]) -> Column {
    let name = format!("{letter}_{}", scm::SHORT.get(column).copied().unwrap_or("column"));
    Column { name, values: Values::Numbers(rows.iter().map(|r| m.get(*r, column)).collect()) }
}

fn csv(table: &[Column], rows: usize) -> String {
    let mut out: String = table.iter().map(|c| c.name.clone()).collect::<Vec<_>>().join(",");
    out.push('\n');
    for row in 0..rows {
        for (i, column) in table.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            match &column.values {
                Values::Text(v) => out.push_str(&quoted(&v[row])),
                Values::OptionalText(v) => out.push_str(&v[row].as_deref().map(quoted).unwrap_or_default()),
                Values::Integers(v) => out.push_str(&v[row].to_string()),
                Values::Numbers(v) if v[row].is_finite() => out.push_str(&v[row].to_string()),
                Values::Numbers(_) => {}
            }
        }
        out.push('\n');
    }
    out
}

/// A CSV field, in quotes when it needs them.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

fn jsonl(table: &[Column], rows: usize) -> String {
    let mut out = String::new();
    for row in 0..rows {
        let value = |c: &Column| match &c.values {
            Values::Text(v) => Value::from(v[row].clone()),
            Values::OptionalText(v) => v[row].clone().map_or(Value::Null, Value::from),
            Values::Integers(v) => Value::from(v[row]),
            // The shortest text that reads back as the same f32.
            Values::Numbers(v) => v[row]
                .to_string()
                .parse::<f64>()
                .ok()
                .filter(|x| x.is_finite())
                .map_or(Value::Null, Value::from),
        };
        let object: Map<String, Value> = table.iter().map(|c| (c.name.clone(), value(c))).collect();
        out.push_str(&super::json::sorted(Value::Object(object)).to_string());
        out.push('\n');
    }
    out
}

/// Rows from words like "1-10, 15, 20-" (counted from 1, both ends included, up to `n`).
///
/// # Errors
/// One sentence that names the part that is no range.
pub fn parse_rows(text: &str, n: usize) -> Result<Vec<usize>, String> {
    let mut rows = Vec::new();
    for part in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        let number = |s: &str, otherwise: usize| match s.trim() {
            "" => Some(otherwise),
            s => s.parse::<usize>().ok().filter(|v| *v >= 1),
        };
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let range = number(from, 1).zip(number(to, n)).filter(|(from, to)| from <= to);
        let Some((from, to)) = range else {
            return Err(format!("\"{part}\" is no row or range of rows; write for example 1-10,15"));
        };
        if to > n {
            return Err(format!("row {to} does not exist; the run has {n} turns"));
        }
        rows.extend(from - 1..to);
    }
    rows.sort_unstable();
    rows.dedup();
    if rows.is_empty() { Err("no rows were named; write for example 1-10,15".to_owned()) } else { Ok(rows) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::turn::Turn;
    use std::sync::Arc;

    fn run() -> RunContents {
        let turn = |id: &str, text: &str| Turn {
            turn_id: id.to_owned(),
            goal_text: text.to_owned(),
            ..Turn::default()
        };
        let mut d = Matrix::filled(2, scm::N_COLUMNS, 0.25);
        d.set(1, 0, f32::NAN);
        RunContents {
            turns: Arc::new(vec![turn("t1", "plain"), turn("t2", "a \"quote\", and\na line")]),
            delta: Some(Arc::new(d)),
            ..RunContents::default()
        }
    }

    #[test]
    fn every_format_holds_the_rows_asked_for_and_no_other() {
        let run = run();
        assert_eq!(selection(&run, &[1, 7], Format::Ids).unwrap(), b"t2\n");
        let text = String::from_utf8(selection(&run, &[1], Format::Csv).unwrap()).unwrap();
        assert!(text.starts_with("turn_id,conversation_id,") && text.contains("d_reasoning"), "{text}");
        assert!(text.contains("\"a \"\"quote\"\", and\na line\""), "{text}");
        assert!(text.trim_end().contains(",,0.25"), "a missing number is an empty field: {text}");
        let text = String::from_utf8(selection(&run, &[0, 1], Format::Jsonl).unwrap()).unwrap();
        let lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!((lines.len(), lines[1]["d_reasoning"].is_null()), (2, true));
        assert_eq!(lines[0]["d_knowledge"], 0.25);
        let bytes = selection(&run, &[0, 1], Format::Parquet).unwrap();
        let frame = parquet::from_bytes("x", &bytes).unwrap();
        assert_eq!(columns::read_text("x", &frame, "turn_id").unwrap(), ["t1", "t2"]);
        assert!(columns::read_numbers("x", &frame, "d_reasoning").unwrap()[1].is_nan());
        assert_eq!(bytes, selection(&run, &[0, 1], Format::Parquet).unwrap());
    }

    #[test]
    fn rows_are_named_from_one_and_nonsense_is_refused() {
        assert_eq!(parse_rows("1-3, 2,5-", 6).unwrap(), [0, 1, 2, 4, 5]);
        for bad in ["", "0", "3-1", "x", "1-9"] {
            assert!(parse_rows(bad, 6).is_err(), "{bad}");
        }
    }

    #[test]
    fn formats_go_by_extension() {
        assert_eq!(Format::of_path(Path::new("a.CSV")), Some(Format::Csv));
        assert_eq!(Format::of_path(Path::new("a.txt")), Some(Format::Ids));
        assert_eq!(Format::of_path(Path::new("a.xls")), None);
    }
}
