//! Which format a table has, told from its first bytes and not from its name.

use super::error::Problem;
use super::row::Visit;
use super::{csv, jsonl, parquet};
use serde::Serialize;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// A table format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Fields split at commas (or semicolons).
    Csv,
    /// Fields split at tabs.
    Tsv,
    /// One JSON object a line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
}

/// The format of a table and, for CSV and TSV, what splits its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// The format.
    pub format: Format,
    /// What splits the fields.
    pub separator: char,
}

/// Bytes looked at.
const LOOK: u64 = 1 << 16;

/// Recognises a table.
///
/// # Errors
/// [`Problem::Empty`], [`Problem::NotATable`], [`Problem::NotUtf8`], [`Problem::Io`].
pub fn recognise(path: &Path) -> Result<Recognised, Problem> {
    let failed = |e: std::io::Error| Problem::Io(crate::run::error::reason(&e));
    let file = File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_dir() {
        return Err(Problem::NotATable("a folder"));
    }
    let mut start = Vec::new();
    file.take(LOOK).read_to_end(&mut start).map_err(failed)?;
    recognise_bytes(&start)
}

/// Recognises a table from its first bytes.
///
/// # Errors
/// As [`recognise`].
pub fn recognise_bytes(start: &[u8]) -> Result<Recognised, Problem> {
    let is = |format, separator| Ok(Recognised { format, separator });
    if start.starts_with(b"PAR1") {
        return is(Format::Parquet, ',');
    }
    let known: [(&[u8], &str); 6] = [
        (b"PK\x03\x04", "a zip archive"),
        (b"\x1F\x8B", "a gzip archive"),
        (b"%PDF", "a PDF document"),
        (b"\x89PNG", "a picture"),
        (b"SQLite format 3", "a database"),
        (b"{\\rtf", "a text document"),
    ];
    if let Some((_, what)) = known.into_iter().find(|(magic, _)| start.starts_with(magic)) {
        return Err(Problem::NotATable(what));
    }
    if start.starts_with(b"\xFF\xFE") || start.starts_with(b"\xFE\xFF") {
        return Err(Problem::NotUtf8(1));
    }
    if start.contains(&0) {
        return Err(Problem::NotATable("binary data"));
    }
    let text = String::from_utf8_lossy(start);
    let text = text.trim_start_matches('\u{FEFF}').trim_start();
    match text.chars().next() {
        None => Err(Problem::Empty),
        Some('{') => is(Format::Jsonl, ','),
        Some('[') => Err(Problem::NotATable("one JSON array")),
        Some(_) => {
            let header = text.lines().next().unwrap_or_default();
            let count = |c| header.matches(c).count();
            if count('\t') > 0 && count('\t') >= count(',') {
                is(Format::Tsv, '\t')
            } else if count(';') > count(',') {
                is(Format::Csv, ';')
            } else {
                is(Format::Csv, ',')
            }
        }
    }
}

/// Reads the rows of a table of any format and hands each to `visit`.
///
/// # Errors
/// [`Problem`] of the file, its first bad row, or of `visit`.
pub fn read_rows(path: &Path, visit: &mut Visit<'_>) -> Result<Format, Problem> {
    let recognised = recognise(path)?;
    let open =
        || File::open(path).map(BufReader::new).map_err(|e| Problem::Io(crate::run::error::reason(&e)));
    match recognised.format {
        Format::Parquet => parquet::read(path, visit)?,
        Format::Jsonl => jsonl::read(open()?, visit)?,
        Format::Csv | Format::Tsv => csv::read(open()?, recognised.separator, visit)?,
    }
    Ok(recognised.format)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_from_content() {
        let format = |bytes: &[u8]| recognise_bytes(bytes).map(|r| (r.format, r.separator));
        assert_eq!(format(b"PAR1...."), Ok((Format::Parquet, ',')));
        assert_eq!(format(b"\n {\"a\": 1}"), Ok((Format::Jsonl, ',')));
        assert_eq!(format(b"goal,answer\n"), Ok((Format::Csv, ',')));
        assert_eq!(format(b"goal;answer\n"), Ok((Format::Csv, ';')));
        assert_eq!(format(b"goal\tanswer, if any\n"), Ok((Format::Tsv, '\t')));
        assert_eq!(format(b""), Err(Problem::Empty));
        assert_eq!(format(b" \n"), Err(Problem::Empty));
        assert_eq!(format(b"\x7FELF\0\0"), Err(Problem::NotATable("binary data")));
        assert_eq!(format(b"PK\x03\x04"), Err(Problem::NotATable("a zip archive")));
        assert_eq!(format(b"\xFF\xFEg\0"), Err(Problem::NotUtf8(1)));
    }
}
