//! CSV and TSV tables (RFC 4180): a header, then one record a row; quoted fields may hold line breaks.

use super::error::Problem;
use super::lines::{LIMIT_MIB, Lines};
use super::row::{Cell, Row, Visit};
use std::io::BufRead;
use std::sync::Arc;

/// Reads rows and hands each to `visit`. Fields are split at `separator`.
///
/// # Errors
/// [`Problem`] of the first bad line, or of `visit`.
pub fn read(source: impl BufRead, separator: char, visit: &mut Visit<'_>) -> Result<(), Problem> {
    let mut records = Records { lines: Lines::new(source), separator };
    let Some((_, header)) = records.next_record()? else { return Err(Problem::Empty) };
    let mut names: Vec<Arc<str>> = Vec::with_capacity(header.len());
    for (at, name) in header.iter().enumerate() {
        let name = name.trim();
        let name = if name.is_empty() { format!("column {}", at + 1) } else { name.to_owned() };
        if names.iter().any(|n| **n == *name) {
            return Err(Problem::RepeatedColumn(name));
        }
        names.push(Arc::from(name));
    }
    while let Some((number, fields)) = records.next_record()? {
        if fields.len() != names.len() {
            return Err(Problem::Ragged { line: number, found: fields.len(), expected: names.len() });
        }
        let cell = |text: String| if text.is_empty() { Cell::Null } else { Cell::Text(text) };
        let cells = names.iter().cloned().zip(fields.into_iter().map(cell)).collect();
        if visit(Row { number, cells })?.is_break() {
            return Ok(());
        }
    }
    Ok(())
}

struct Records<R> {
    lines: Lines<R>,
    separator: char,
}

impl<R: BufRead> Records<R> {
    /// The next record and the line on which it begins; blank lines are passed over.
    fn next_record(&mut self) -> Result<Option<(u64, Vec<String>)>, Problem> {
        loop {
            let Some((first, line)) = self.lines.next_line()? else { return Ok(None) };
            if line.is_empty() {
                continue;
            }
            let mut record = Record::new(self.separator);
            record.feed(&line);
            while record.state == State::Quoted {
                let Some((number, line)) = self.lines.next_line()? else {
                    return Err(Problem::OpenQuote(first));
                };
                record.field.push('\n');
                record.feed(&line);
                if record.field.len() > LIMIT_MIB << 20 {
                    return Err(Problem::HugeLine { line: number, limit_mib: LIMIT_MIB });
                }
            }
            return Ok(Some((first, record.finish())));
        }
    }
}

#[derive(PartialEq)]
enum State {
    /// Nothing of the field was read.
    Start,
    /// Inside a field without quotes.
    Plain,
    /// Inside quotes.
    Quoted,
    /// After a quote inside quotes: it closed them, or a second one stands for a quote.
    Closing,
}

struct Record {
    separator: char,
    fields: Vec<String>,
    field: String,
    state: State,
}

impl Record {
    fn new(separator: char) -> Self {
        Self { separator, fields: Vec::new(), field: String::new(), state: State::Start }
    }

    fn feed(&mut self, line: &str) {
        for c in line.chars() {
            match self.state {
                State::Quoted if c == '"' => self.state = State::Closing,
                State::Quoted => self.field.push(c),
                State::Start if c == '"' => self.state = State::Quoted,
                State::Closing if c == '"' => {
                    self.field.push('"');
                    self.state = State::Quoted;
                }
                _ if c == self.separator => {
                    self.fields.push(std::mem::take(&mut self.field));
                    self.state = State::Start;
                }
                _ => {
                    self.field.push(c);
                    self.state = State::Plain;
                }
            }
        }
    }

    fn finish(mut self) -> Vec<String> {
        self.fields.push(self.field);
        self.fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Result<Vec<Row>, Problem> {
        let mut rows = Vec::new();
        read(text.as_bytes(), ',', &mut |row| {
            rows.push(row);
            Ok(std::ops::ControlFlow::Continue(()))
        })?;
        Ok(rows)
    }

    #[test]
    fn quotes_commas_and_line_breaks_survive() {
        let rows = rows("goal, answer\r\n\"a \"\"b\"\", c\",\"two\r\nlines\"\r\n\r\n5\" pipe,\n").unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].get("goal"), Some(&Cell::Text("a \"b\", c".to_owned())));
        assert_eq!(rows[0].get("answer"), Some(&Cell::Text("two\nlines".to_owned())));
        assert_eq!(rows[1].number, 5);
        assert_eq!(rows[1].get("goal"), Some(&Cell::Text("5\" pipe".to_owned())));
        assert_eq!(rows[1].get("answer"), Some(&Cell::Null));
    }

    #[test]
    fn bad_records_are_named() {
        assert_eq!(rows("a,b\n1,2\n1,2,3").unwrap_err(), Problem::Ragged { line: 3, found: 3, expected: 2 });
        assert_eq!(rows("a,b\n1,\"2\n3").unwrap_err(), Problem::OpenQuote(2));
        assert_eq!(rows("a,a\n1,2").unwrap_err(), Problem::RepeatedColumn("a".to_owned()));
        assert_eq!(rows("").unwrap_err(), Problem::Empty);
    }
}
