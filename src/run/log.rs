//! The run's log: one JSON object a line, with time and level, only ever appended to.

use super::clock;
use super::error::RunError;
use serde::{Deserialize, Serialize};
use std::fs::OpenOptions;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

/// How serious an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth keeping.
    Info,
    /// The job survived it.
    Warning,
    /// The job did not.
    Error,
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When, UTC, RFC 3339.
    pub time: String,
    /// How serious.
    pub level: Level,
    /// What happened, one sentence.
    pub message: String,
}

/// Appends one event. A line torn by a killed process is closed first, so that it spoils only itself.
///
/// # Errors
/// [`RunError::Io`].
pub fn append(path: &Path, level: Level, message: &str) -> Result<(), RunError> {
    let entry = Entry { time: clock::now_utc(), level, message: message.to_owned() };
    let mut line = serde_json::to_vec(&entry).map_err(|e| RunError::Encode {
        what: "a log entry".to_owned(),
        format: "JSON",
        reason: e.to_string(),
    })?;
    line.push(b'\n');
    let mut write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        if file.seek(SeekFrom::End(0))? > 0 {
            file.seek(SeekFrom::End(-1))?;
            let mut last = [0];
            file.read_exact(&mut last)?;
            if last != *b"\n" {
                line.insert(0, b'\n');
            }
        }
        file.write_all(&line)
    };
    write().map_err(|e| RunError::io("write the log", path, &e))
}

/// All readable entries, and how many lines were not readable.
///
/// # Errors
/// [`RunError::Io`] when the file is there but cannot be read; a missing log is empty.
pub fn read(path: &Path) -> Result<(Vec<Entry>, usize), RunError> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok((Vec::new(), 0)),
        Err(e) => return Err(RunError::io("read the log", path, &e)),
    };
    let lines: Vec<_> = bytes.split(|b| *b == b'\n').filter(|l| !l.is_empty()).collect();
    let entries: Vec<Entry> = lines.iter().filter_map(|l| serde_json::from_slice(l).ok()).collect();
    let torn = lines.len() - entries.len();
    Ok((entries, torn))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_line_spoils_only_itself() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log.jsonl");
        append(&path, Level::Info, "first").unwrap();
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, [&whole[..], br#"{"time":"20"#].concat()).unwrap();
        append(&path, Level::Error, "a \"quoted\"\nmessage").unwrap();
        let (entries, torn) = read(&path).unwrap();
        assert_eq!((entries.len(), torn), (2, 1));
        assert_eq!(entries[1].message, "a \"quoted\"\nmessage");
        assert_eq!(entries[1].level, Level::Error);
    }
}
