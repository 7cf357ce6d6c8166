//! What can go wrong with a run folder, each in one sentence that says what failed, on what, and what to do.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// An error of the run folder.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// There is no such folder.
    #[error("there is no run folder here; check the path or make a run with `gapfield run`: {}", .0.display())]
    Missing(PathBuf),
    /// The folder is there but holds no manifest.
    #[error("this folder holds no manifest.json, so it is not a run; choose a run folder: {}", .0.display())]
    NotARun(PathBuf),
    /// The manifest is not valid.
    #[error("the manifest is damaged ({reason}); restore it from a copy or make the run again: {}", path.display())]
    BrokenManifest {
        /// What the reader found.
        reason: String,
        /// The manifest.
        path: PathBuf,
    },
    /// The run was written by a newer product.
    #[error("this run has format {found}, newer than the {known} this version reads; update Gapfield to open it: {}", path.display())]
    NewerFormat {
        /// Format of the run.
        found: u64,
        /// Newest format known here.
        known: u64,
        /// The manifest.
        path: PathBuf,
    },
    /// A run is already there.
    #[error("there is already a run in this folder; resume it or choose another folder: {}", .0.display())]
    AlreadyARun(PathBuf),
    /// The folder holds something else.
    #[error("the folder is not empty and holds no run; choose an empty or new folder: {}", .0.display())]
    NotEmpty(PathBuf),
    /// Another process writes this run.
    #[error("another process{} is writing this run; wait for it or stop it first: {}", pid.map_or_else(String::new, |p| format!(" (pid {p})")), path.display())]
    Locked {
        /// Its process id, when it could be read.
        pid: Option<u32>,
        /// The run folder.
        path: PathBuf,
    },
    /// A write was asked of a run opened for reading.
    #[error("the run is open for reading only; open it for writing to change it: {}", .0.display())]
    ReadOnlyHandle(PathBuf),
    /// A path would leave the folder.
    #[error("the path `{path}` leaves the run folder; use a plain relative path inside {}", folder.display())]
    Escapes {
        /// The path as asked.
        path: String,
        /// The run folder.
        folder: PathBuf,
    },
    /// The operating system refused.
    #[error("cannot {action}: {reason}: {}", path.display())]
    Io {
        /// What was attempted ("write", "read", "create the folder").
        action: &'static str,
        /// Why, and what to do.
        reason: String,
        /// On what.
        path: PathBuf,
    },
    /// A stage was named that was never begun.
    #[error("the stage `{0}` was not begun, so it cannot end; begin it first")]
    UnknownStage(String),
    /// A value could not be turned into text.
    #[error("cannot write {what} as {format} ({reason}); please report this as a bug")]
    Encode {
        /// What was to be written.
        what: String,
        /// The format.
        format: &'static str,
        /// Why not.
        reason: String,
    },
    /// A config file says something that cannot be.
    #[error("{reason}: {}", path.display())]
    Config {
        /// What is wrong and what to do.
        reason: String,
        /// The file.
        path: PathBuf,
    },
    /// A table of the run could not be read or written.
    #[error(transparent)]
    Table(#[from] super::tables::TableError),
}

impl RunError {
    /// An operating system error in plain words.
    pub fn io(action: &'static str, path: &Path, error: &std::io::Error) -> Self {
        Self::Io { action, reason: reason(error), path: path.to_owned() }
    }
}

/// Says in plain words why the operating system refused, and what to do.
pub fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::StorageFull => "the disk is full; free some space and start again".to_owned(),
        ErrorKind::QuotaExceeded => "the disk quota is used up; free some space and start again".to_owned(),
        ErrorKind::ReadOnlyFilesystem => "the disk is read-only; choose another folder".to_owned(),
        ErrorKind::PermissionDenied => {
            "permission denied; choose another folder or change its rights".to_owned()
        }
        ErrorKind::NotFound => "there is nothing at this path; check it".to_owned(),
        ErrorKind::NotADirectory => "a part of the path is a file, not a folder; check it".to_owned(),
        ErrorKind::IsADirectory => "this is a folder, not a file; check the path".to_owned(),
        ErrorKind::FileTooLarge => {
            "the file would be larger than this disk allows; choose another disk".to_owned()
        }
        _ => format!("{error}; check the disk and start again"),
    }
}
