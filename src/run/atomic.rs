//! Writing a file so that it is either the old one or the whole new one, never something between.

use super::error::RunError;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// What marks a temporary file of this module; leftovers of a killed process carry it and are ignored or removed.
pub const TEMP_MARK: &str = ".gapfield-tmp-";

/// Writes `bytes` to `path` through a temporary file in the same folder: write, fsync, rename, fsync the folder.
/// Missing parent folders are made. On any failure the temporary file is removed and an older file stays as it was.
///
/// # Errors
/// [`RunError::Io`] in one sentence: disk full, read-only, no permission.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), RunError> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder).map_err(|e| RunError::io("create the folder", folder, &e))?;
    let temp = Temp(temp_path(folder, path));
    write_synced(&temp.0, bytes).map_err(|e| RunError::io("write", path, &e))?;
    fs::rename(&temp.0, path).map_err(|e| RunError::io("write", path, &e))?;
    sync_folder(folder).map_err(|e| RunError::io("write", path, &e))
}

/// Whether a file name is that of a temporary file of this module.
pub fn is_temp(name: &str) -> bool {
    name.starts_with('.') && name.contains(TEMP_MARK)
}

/// Removes what a killed process left behind, in `folder` and below.
pub fn remove_leftovers(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            remove_leftovers(&entry.path());
        } else if kind.is_file() && is_temp(&entry.file_name().to_string_lossy()) {
            // A leftover that cannot be removed harms nothing: every reader ignores it.
            let _kept = fs::remove_file(entry.path());
        }
    }
}

/// Removes its file when dropped; after a successful rename there is none left to remove.
struct Temp(PathBuf);

impl Drop for Temp {
    fn drop(&mut self) {
        let _gone_after_rename = fs::remove_file(&self.0);
    }
}

fn temp_path(folder: &Path, path: &Path) -> PathBuf {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let n = COUNTER.fetch_add(1, Ordering::Relaxed);
    folder.join(format!(".{name}{TEMP_MARK}{}-{n}", std::process::id()))
}

fn write_synced(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    match File::open(folder)?.sync_all() {
        // Some network and FUSE file systems cannot sync a folder; the rename itself has happened.
        Err(e)
            if e.kind() == std::io::ErrorKind::InvalidInput
                || e.kind() == std::io::ErrorKind::Unsupported =>
        {
            Ok(())
        }
        result => result,
    }
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> std::io::Result<()> {
    Ok(()) // Other systems offer no fsync of a folder.
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_write_replaces_the_whole_file_and_leaves_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/er/a.json");
        write(&path, b"a much longer first version").unwrap();
        write(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(names(path.parent().unwrap()), ["a.json"]);
    }

    #[test]
    fn a_failed_write_keeps_the_old_file_and_removes_the_temporary_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        fs::create_dir_all(path.join("in-the-way")).unwrap();
        let error = write(&path, b"x").unwrap_err().to_string();
        assert!(error.starts_with("cannot write"), "{error}");
        assert_eq!(names(dir.path()), ["a.json"]);
    }

    #[test]
    fn a_full_disk_is_named_as_such_and_leaves_nothing() {
        let full = std::io::Error::from_raw_os_error(28); // ENOSPC
        let error = RunError::io("write", Path::new("x/turns.parquet"), &full).to_string();
        assert_eq!(error, "cannot write: the disk is full; free some space and start again: x/turns.parquet");
        let read_only = std::io::Error::from_raw_os_error(30); // EROFS
        assert!(RunError::io("write", Path::new("x"), &read_only).to_string().contains("read-only"));
    }

    #[test]
    fn leftovers_are_recognised_and_removed() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("field")).unwrap();
        let leftover = temp_path(&dir.path().join("field"), Path::new("field/delta.parquet"));
        fs::write(&leftover, b"half").unwrap();
        fs::write(dir.path().join("field/.hidden"), b"not ours").unwrap();
        remove_leftovers(dir.path());
        assert_eq!(names(&dir.path().join("field")), [".hidden"]);
    }
}
