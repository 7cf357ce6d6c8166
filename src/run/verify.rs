//! Checking a run against its manifest: every file is there, unchanged, and nothing else is.
//!
//! Not checked, by rule: the manifest itself (it cannot hold its own hash), `log.jsonl` (it grows after the manifest
//! is written), `slices.json` (a reader's notes), the lock file and temporary files of a writer at work.

use super::error::RunError;
use super::folder::{RunFolder, inside};
use super::{atomic, hash, lock, paths};
use serde::Serialize;
use std::fs;
use std::path::Path;

/// What a check found. Empty lists mean that the run is as its manifest says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// How many files were as they should be.
    pub intact: usize,
    /// Files of the manifest that are not there or cannot be read.
    pub missing: Vec<String>,
    /// Files whose size or hash differs.
    pub changed: Vec<String>,
    /// Files the manifest does not know (of an unfinished stage, or foreign).
    pub extra: Vec<String>,
}

impl Verification {
    /// Whether everything is as the manifest says.
    pub fn passes(&self) -> bool {
        self.missing.is_empty() && self.changed.is_empty() && self.extra.is_empty()
    }

    /// The finding in one line ("12 files intact; changed: turns.parquet").
    pub fn summary(&self) -> String {
        let mut line = format!("{} files intact", self.intact);
        for (word, files) in [("missing", &self.missing), ("changed", &self.changed), ("extra", &self.extra)]
        {
            if !files.is_empty() {
                line.push_str(&format!("; {word}: {}", files.join(", ")));
            }
        }
        line
    }
}

/// Hashes every file of the run.
///
/// # Errors
/// Only when the folder or its manifest cannot be read at all.
pub fn verify(folder: &Path) -> Result<Verification, RunError> {
    let run = RunFolder::open(folder)?;
    let mut result = Verification::default();
    for (relative, record) in &run.manifest().files {
        let found = inside(run.root(), relative).and_then(|path| hash::of_file(&path));
        match found {
            Err(_) => result.missing.push(relative.clone()),
            Ok((bytes, blake3)) if bytes == record.bytes && blake3 == record.blake3 => result.intact += 1,
            Ok(_) => result.changed.push(relative.clone()),
        }
    }
    let mut present = Vec::new();
    list_files(run.root(), "", &mut present)?;
    let known = &run.manifest().files;
    result.extra = present.into_iter().filter(|p| !known.contains_key(p) && !is_ignored(p)).collect();
    result.extra.sort();
    Ok(result)
}

fn is_ignored(relative: &str) -> bool {
    let name = relative.rsplit('/').next().unwrap_or(relative);
    [paths::MANIFEST, paths::LOG, paths::SLICES, lock::LOCK_FILE].contains(&relative) || atomic::is_temp(name)
}

/// Files below `folder` as relative paths; links are listed, never followed.
fn list_files(folder: &Path, prefix: &str, out: &mut Vec<String>) -> Result<(), RunError> {
    let failed = |e: std::io::Error| RunError::io("read the folder", folder, &e);
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let relative = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().map_err(failed)?.is_dir() {
            list_files(&entry.path(), &format!("{relative}/"), out)?;
        } else {
            out.push(relative);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::log::Level;
    use crate::run::manifest::Manifest;

    #[test]
    fn it_names_what_is_missing_changed_and_extra() {
        let dir = tempfile::tempdir().unwrap();
        let mut run = RunFolder::create(&dir.path().join("run"), Manifest::new("t", 1)).unwrap();
        let root = run.root().to_owned();
        for name in ["a", "b/c", "b/d", "e"] {
            run.write(name, name.as_bytes()).unwrap();
        }
        run.record(&["a", "b/c", "b/d", "e"]).unwrap();
        run.log(Level::Info, "hello");
        let result = verify(&root).unwrap();
        assert!(result.passes() && result.intact == 4, "{result:?}");

        fs::write(root.join("a"), "A").unwrap(); // same size
        fs::remove_file(root.join("b/c")).unwrap();
        fs::write(root.join("b/new"), "x").unwrap();
        fs::write(root.join(format!(".x{}1-1", atomic::TEMP_MARK)), "x").unwrap();
        let result = verify(&root).unwrap();
        assert_eq!(result.missing, ["b/c"]);
        assert_eq!(result.changed, ["a"]);
        assert_eq!(result.extra, ["b/new"]);
        assert_eq!(result.intact, 2);
        assert!(!result.passes());
        assert_eq!(result.summary(), "2 files intact; missing: b/c; changed: a; extra: b/new");
    }

    #[test]
    fn a_manifest_that_points_outside_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("secret"), "s").unwrap();
        let mut run = RunFolder::create(&dir.path().join("run"), Manifest::new("t", 1)).unwrap();
        run.update(|m| {
            m.files.insert("../secret".to_owned(), crate::run::manifest::FileRecord::default());
        })
        .unwrap();
        assert_eq!(verify(run.root()).unwrap().missing, ["../secret"]);
    }
}
