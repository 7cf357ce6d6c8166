//! Named slices of a run: sets of turns that a reader kept, by turn id, in `slices.json` of the run folder.
//!
//! Slices are a reader's notes, not a result: like the log they are not hashed into the manifest, so keeping one never
//! makes a stage stale and `verify` does not name the file.

use super::contents::RunContents;
use super::error::RunError;
use super::{atomic, json, paths};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::Path;

/// Newest format of the file.
const FORMAT: u64 = 1;

/// A named set of turns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    /// Its name, unique in the run.
    pub name: String,
    /// Ids of its turns, in row order.
    pub turns: Vec<String>,
}

impl Slice {
    /// A slice of these rows of the run; rows that do not exist are left out.
    pub fn of_rows(name: &str, run: &RunContents, rows: &[usize]) -> Self {
        let turns = rows.iter().filter_map(|r| run.turns.get(*r)).map(|t| t.turn_id.clone()).collect();
        Self { name: name.to_owned(), turns }
    }

    /// Rows of its turns, ascending; turns that the run no longer has are left out.
    pub fn rows(&self, run: &RunContents) -> Vec<usize> {
        let at: HashMap<&str, usize> =
            run.turns.iter().enumerate().map(|(row, t)| (t.turn_id.as_str(), row)).collect();
        let mut rows: Vec<usize> = self.turns.iter().filter_map(|id| at.get(id.as_str()).copied()).collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }
}

#[derive(Serialize, Deserialize)]
struct File {
    format: u64,
    slices: Vec<Slice>,
}

/// The slices of a run folder; none when nothing was kept.
///
/// # Errors
/// When the file is damaged, or newer than this product.
pub fn read(folder: &Path) -> Result<Vec<Slice>, RunError> {
    let path = folder.join(paths::SLICES);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(RunError::io("read", &path, &e)),
    };
    let file: File = serde_json::from_slice(&bytes).map_err(|e| RunError::Config {
        reason: format!("the slices of this run cannot be read ({e}); correct the file or remove it"),
        path: path.clone(),
    })?;
    if file.format > FORMAT {
        return Err(RunError::NewerFormat { found: file.format, known: FORMAT, path });
    }
    Ok(file.slices)
}

/// Writes the slices whole, old file or new file, never something between.
///
/// # Errors
/// When the folder is gone or cannot be written.
pub fn write(folder: &Path, slices: &[Slice]) -> Result<(), RunError> {
    if !folder.is_dir() {
        return Err(RunError::Missing(folder.to_owned()));
    }
    let file = File { format: FORMAT, slices: slices.to_vec() };
    atomic::write(&folder.join(paths::SLICES), &json::to_bytes("the slices", &file)?)
}

/// A name that no other slice has: the one wished for, else with a number behind it.
pub fn free_name(wished: &str, taken: &[&str]) -> String {
    let wished = if wished.trim().is_empty() { "Slice" } else { wished.trim() };
    if !taken.contains(&wished) {
        return wished.to_owned();
    }
    let numbered = |n: usize| format!("{wished} {n}");
    (2..).map(numbered).find(|name| !taken.contains(&name.as_str())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::turn::Turn;
    use std::sync::Arc;

    fn run(ids: &[&str]) -> RunContents {
        let turns =
            ids.iter().map(|id| Turn { turn_id: (*id).to_owned(), ..Turn::default() }).collect::<Vec<_>>();
        RunContents { turns: Arc::new(turns), ..RunContents::default() }
    }

    #[test]
    fn a_slice_follows_its_turns_when_rows_move() {
        let slice = Slice::of_rows("hard", &run(&["a", "b", "c"]), &[0, 2, 9]);
        assert_eq!(slice.turns, ["a", "c"]);
        assert_eq!(slice.rows(&run(&["c", "x", "a"])), [0, 2]);
        assert!(slice.rows(&run(&["x"])).is_empty());
    }

    #[test]
    fn slices_survive_the_file_and_a_damaged_one_is_named() {
        let dir = tempfile::tempdir().unwrap();
        assert!(read(dir.path()).unwrap().is_empty());
        let kept = vec![Slice { name: "Größe".to_owned(), turns: vec!["d01-t1".to_owned()] }];
        write(dir.path(), &kept).unwrap();
        assert_eq!(read(dir.path()).unwrap(), kept);
        std::fs::write(dir.path().join(paths::SLICES), "{").unwrap();
        assert!(read(dir.path()).unwrap_err().to_string().contains("correct the file or remove it"));
        std::fs::write(dir.path().join(paths::SLICES), r#"{"format":9,"slices":[]}"#).unwrap();
        assert!(matches!(read(dir.path()), Err(RunError::NewerFormat { found: 9, .. })));
        assert!(matches!(write(&dir.path().join("gone"), &kept), Err(RunError::Missing(_))));
    }

    #[test]
    fn two_slices_never_share_a_name() {
        assert_eq!(free_name("", &[]), "Slice");
        assert_eq!(free_name("hot", &["hot", "hot 2"]), "hot 3");
    }
}
