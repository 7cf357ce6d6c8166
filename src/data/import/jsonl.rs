//! JSONL tables: one JSON object a line; nested objects become columns with a dot (`scores.clarity`).

use super::error::Problem;
use super::lines::Lines;
use super::row::{Cell, Row, Visit};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::BufRead;
use std::sync::Arc;

/// How deep objects are opened; what lies deeper stays JSON.
const MAX_DEPTH: usize = 3;

/// Reads rows and hands each to `visit`.
///
/// # Errors
/// [`Problem`] of the first bad line, or of `visit`.
pub fn read(source: impl BufRead, visit: &mut Visit<'_>) -> Result<(), Problem> {
    let mut lines = Lines::new(source);
    let mut names = Names::default();
    while let Some((number, line)) = lines.next_line()? {
        if line.trim().is_empty() {
            continue;
        }
        let value: Value = serde_json::from_str(&line).map_err(|e| broken(number, &line, &e))?;
        let Value::Object(object) = value else { return Err(Problem::NotAnObject(number)) };
        let mut row = Row { number, cells: Vec::with_capacity(object.len()) };
        flatten(object, "", 1, &mut names, &mut row);
        if visit(row)?.is_break() {
            return Ok(());
        }
    }
    Ok(())
}

/// Column names seen so far, each kept once.
#[derive(Default)]
struct Names(BTreeSet<Arc<str>>);

impl Names {
    fn shared(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.0.get(name) {
            return Arc::clone(known);
        }
        let name: Arc<str> = Arc::from(name);
        self.0.insert(Arc::clone(&name));
        name
    }
}

fn flatten(
    object: serde_json::Map<String, Value>,
    prefix: &str,
    depth: usize,
    names: &mut Names,
    row: &mut Row,
) {
    for (key, value) in object {
        let name = format!("{prefix}{key}");
        let cell = match value {
            Value::Object(inner) if depth < MAX_DEPTH && !inner.is_empty() => {
                flatten(inner, &format!("{name}."), depth + 1, names, row);
                continue;
            }
            Value::Null => Cell::Null,
            Value::String(text) => Cell::Text(text),
            Value::Bool(flag) => Cell::Text(flag.to_string()),
            Value::Number(number) => number.as_f64().map_or(Cell::Null, Cell::Number),
            other => Cell::Json(other),
        };
        row.cells.push((names.shared(&name), cell));
    }
}

/// Python writes NaN and Infinity into JSON, which knows neither; then the column is worth naming.
fn broken(line: u64, text: &str, error: &serde_json::Error) -> Problem {
    if let Some((column, found)) = not_a_number(text) {
        return Problem::NotAScore { row: line, column, found };
    }
    let reason = error.to_string();
    let reason = reason.split(" at line").next().unwrap_or(&reason);
    Problem::BrokenJson { line, reason: format!("{reason}, character {}", error.column()) }
}

/// The key and the value of the first NaN or Infinity outside of texts.
fn not_a_number(text: &str) -> Option<(String, String)> {
    let bytes = text.as_bytes();
    let (mut at, mut key) = (0, String::new());
    while at < bytes.len() {
        if bytes[at] == b'"' {
            let start = at + 1;
            at = start;
            while at < bytes.len() && bytes[at] != b'"' {
                at += if bytes[at] == b'\\' { 2 } else { 1 };
            }
            key = text.get(start..at.min(bytes.len()))?.to_owned();
        } else {
            let rest = &bytes[at..];
            if let Some(word) =
                ["NaN", "Infinity", "-Infinity"].into_iter().find(|w| rest.starts_with(w.as_bytes()))
            {
                return Some((key, word.to_owned()));
            }
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Result<Vec<Row>, Problem> {
        let mut rows = Vec::new();
        read(text.as_bytes(), &mut |row| {
            rows.push(row);
            Ok(std::ops::ControlFlow::Continue(()))
        })?;
        Ok(rows)
    }

    #[test]
    fn nested_objects_become_columns() {
        let rows = rows("\n{\"a\": 1, \"s\": {\"x\": null, \"y\": {\"z\": true}}, \"l\": [1]}\n").unwrap();
        assert_eq!(rows[0].number, 2);
        assert_eq!(rows[0].get("a"), Some(&Cell::Number(1.0)));
        assert_eq!(rows[0].get("s.x"), Some(&Cell::Null));
        assert_eq!(rows[0].get("s.y.z"), Some(&Cell::Text("true".to_owned())));
        assert!(matches!(rows[0].get("l"), Some(Cell::Json(_))));
    }

    #[test]
    fn bad_lines_are_named() {
        let error = rows("{\"a\": 1}\n{\"a\": }\n").unwrap_err().to_string();
        assert!(error.starts_with("line 2 is not valid JSON (expected value, character 7)"), "{error}");
        assert_eq!(rows("{}\n[1]").unwrap_err(), Problem::NotAnObject(2));
        let nan = rows("{\"goal\": \"is NaN \\\" bad?\", \"clarity\": NaN}").unwrap_err();
        assert_eq!(nan, Problem::NotAScore { row: 1, column: "clarity".to_owned(), found: "NaN".to_owned() });
        let deep = format!("{{\"a\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(matches!(rows(&deep), Err(Problem::BrokenJson { line: 1, .. })), "no stack overflow");
    }
}
