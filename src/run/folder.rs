//! A run folder in hand: paths that cannot leave it, writes that cannot tear, and its manifest.

use super::config::RunConfig;
use super::error::RunError;
use super::lock::RunLock;
use super::manifest::{FileRecord, Manifest};
use super::{atomic, hash, json, log, paths};
use serde::Serialize;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// An open run folder. Opened for reading it never changes anything; for writing it holds the run's lock.
#[derive(Debug)]
pub struct RunFolder {
    root: PathBuf,
    manifest: Manifest,
    lock: Option<RunLock>,
}

impl RunFolder {
    /// Makes a new run in `root` (made when missing) and holds its lock. `manifest` is written at once, so that a
    /// run killed in its first second opens again.
    ///
    /// # Errors
    /// [`RunError::AlreadyARun`], [`RunError::NotEmpty`], [`RunError::Locked`], [`RunError::Io`].
    pub fn create(root: &Path, manifest: Manifest) -> Result<Self, RunError> {
        let is_new = !root.exists();
        fs::create_dir_all(root).map_err(|e| RunError::io("create the run folder", root, &e))?;
        let created = Self::create_in(root, manifest);
        if created.is_err() && is_new {
            // Nothing half-made stays behind; a folder that is not empty is not removed.
            let _stays = fs::remove_dir(root);
        }
        created
    }

    fn create_in(root: &Path, manifest: Manifest) -> Result<Self, RunError> {
        let root = canonical(root)?;
        let lock = RunLock::take(&root)?;
        if root.join(paths::MANIFEST).exists() {
            return Err(RunError::AlreadyARun(root));
        }
        atomic::remove_leftovers(&root);
        let entries = fs::read_dir(&root).map_err(|e| RunError::io("read the folder", &root, &e))?;
        let ours = [super::lock::LOCK_FILE, paths::LOG];
        if entries.flatten().any(|e| !ours.contains(&e.file_name().to_string_lossy().as_ref())) {
            return Err(RunError::NotEmpty(root));
        }
        let run = Self { root, manifest, lock: Some(lock) };
        run.save_manifest()?;
        Ok(run)
    }

    /// Opens a run for reading: no lock, no change.
    ///
    /// # Errors
    /// [`RunError::Missing`], [`RunError::NotARun`], [`RunError::BrokenManifest`], [`RunError::NewerFormat`].
    pub fn open(root: &Path) -> Result<Self, RunError> {
        if !root.exists() {
            return Err(RunError::Missing(root.to_owned()));
        }
        let root = canonical(root)?;
        let manifest = Manifest::load(&root.join(paths::MANIFEST))?;
        Ok(Self { root, manifest, lock: None })
    }

    /// Opens a run to go on with it: takes its lock and removes temporary files of a killed writer.
    ///
    /// # Errors
    /// As [`RunFolder::open`], and [`RunError::Locked`].
    pub fn open_for_writing(root: &Path) -> Result<Self, RunError> {
        let before = Self::open(root)?;
        let lock = RunLock::take(&before.root)?;
        // Read again under the lock: the former owner may have written in between.
        let manifest = Manifest::load(&before.root.join(paths::MANIFEST))?;
        atomic::remove_leftovers(&before.root);
        Ok(Self { root: before.root, manifest, lock: Some(lock) })
    }

    /// The folder, absolute.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The manifest as last read or written here.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Changes the manifest and writes it.
    ///
    /// # Errors
    /// [`RunError::ReadOnlyHandle`], [`RunError::Io`].
    pub fn update(&mut self, change: impl FnOnce(&mut Manifest)) -> Result<(), RunError> {
        self.check_writable()?;
        change(&mut self.manifest);
        self.save_manifest()
    }

    /// Where a relative path lies. Refuses absolute paths, `..`, and links that lead out of the folder.
    ///
    /// # Errors
    /// [`RunError::Escapes`].
    pub fn path(&self, relative: &str) -> Result<PathBuf, RunError> {
        inside(&self.root, relative)
    }

    /// Whether a file is there.
    pub fn has(&self, relative: &str) -> bool {
        self.path(relative).is_ok_and(|p| p.is_file())
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// [`RunError::Escapes`], [`RunError::Io`].
    pub fn read(&self, relative: &str) -> Result<Vec<u8>, RunError> {
        let path = self.path(relative)?;
        fs::read(&path).map_err(|e| RunError::io("read", &path, &e))
    }

    /// Writes a file atomically. It enters the manifest when its stage ends ([`RunFolder::finish_stage`]).
    ///
    /// # Errors
    /// [`RunError::ReadOnlyHandle`], [`RunError::Escapes`], [`RunError::Io`].
    pub fn write(&self, relative: &str, bytes: &[u8]) -> Result<(), RunError> {
        self.check_writable()?;
        atomic::write(&self.path(relative)?, bytes)
    }

    /// Writes a value as JSON with sorted keys.
    ///
    /// # Errors
    /// As [`RunFolder::write`], and [`RunError::Encode`].
    pub fn write_json(&self, relative: &str, value: &impl Serialize) -> Result<(), RunError> {
        self.write(relative, &json::to_bytes(relative, value)?)
    }

    /// Writes the config (only what differs from the defaults) and enters it in the manifest with its hash.
    ///
    /// # Errors
    /// As [`RunFolder::write`].
    pub fn write_config(&mut self, config: &RunConfig) -> Result<(), RunError> {
        self.write(paths::CONFIG, config.to_toml()?.as_bytes())?;
        self.manifest.config_hash = config.hash()?;
        self.record(&[paths::CONFIG])
    }

    /// The config this run was asked for.
    ///
    /// # Errors
    /// [`RunError::Io`] when there is none, [`RunError::Config`] when it is not valid.
    pub fn read_config(&self) -> Result<RunConfig, RunError> {
        RunConfig::load(&self.path(paths::CONFIG)?)
    }

    /// Enters files written outside any stage (a figure, a report) in the manifest.
    ///
    /// # Errors
    /// [`RunError::ReadOnlyHandle`], [`RunError::Io`] when one is missing.
    pub fn record(&mut self, relatives: &[&str]) -> Result<(), RunError> {
        self.check_writable()?;
        for relative in relatives {
            let record = self.file_record(relative)?;
            self.manifest.files.insert((*relative).to_owned(), record);
        }
        self.save_manifest()
    }

    /// Adds a line to the run's log; a log that cannot be written never stops the run.
    pub fn log(&self, level: log::Level, message: &str) {
        if self.lock.is_none() {
            return;
        }
        if let Err(error) = log::append(&self.root.join(paths::LOG), level, message) {
            tracing::warn!("{error}");
        }
    }

    pub(super) fn check_writable(&self) -> Result<(), RunError> {
        if self.lock.is_some() { Ok(()) } else { Err(RunError::ReadOnlyHandle(self.root.clone())) }
    }

    pub(super) fn manifest_mut(&mut self) -> &mut Manifest {
        &mut self.manifest
    }

    pub(super) fn save_manifest(&self) -> Result<(), RunError> {
        self.manifest.save(&self.root.join(paths::MANIFEST))
    }

    pub(super) fn file_record(&self, relative: &str) -> Result<FileRecord, RunError> {
        let (bytes, blake3) = hash::of_file(&self.path(relative)?)?;
        Ok(FileRecord { bytes, blake3 })
    }
}

fn canonical(root: &Path) -> Result<PathBuf, RunError> {
    root.canonicalize().map_err(|e| RunError::io("open the run folder", root, &e))
}

/// Joins a relative path to `root` (canonical) and refuses whatever would leave it.
pub(super) fn inside(root: &Path, relative: &str) -> Result<PathBuf, RunError> {
    let escapes = || RunError::Escapes { path: relative.to_owned(), folder: root.to_owned() };
    let plain = !relative.is_empty()
        && !relative.contains(['\\', '\0'])
        && Path::new(relative).components().all(|c| matches!(c, Component::Normal(_)));
    if !plain {
        return Err(escapes());
    }
    let joined = root.join(relative);
    // The deepest part that exists decides: a link there may lead out.
    let existing = joined.ancestors().find(|p| p.symlink_metadata().is_ok()).unwrap_or(root);
    let real = existing.canonicalize().map_err(|_dangling_link| escapes())?;
    if real.starts_with(root) { Ok(joined) } else { Err(escapes()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_run(root: &Path) -> RunFolder {
        RunFolder::create(root, Manifest::new("test", 1)).unwrap()
    }

    #[test]
    fn a_run_is_created_once_and_opened_again() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("runs/one");
        let run = new_run(&root);
        let id = run.manifest().run_id.clone();
        assert!(matches!(RunFolder::open_for_writing(&root), Err(RunError::Locked { .. })));
        assert_eq!(RunFolder::open(&root).unwrap().manifest().run_id, id, "reading needs no lock");
        drop(run);
        assert!(matches!(RunFolder::create(&root, Manifest::new("x", 1)), Err(RunError::AlreadyARun(_))));
        assert_eq!(RunFolder::open_for_writing(&root).unwrap().manifest().run_id, id);
    }

    #[test]
    fn a_folder_with_other_things_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("thesis.tex"), "x").unwrap();
        assert!(matches!(RunFolder::create(dir.path(), Manifest::new("x", 1)), Err(RunError::NotEmpty(_))));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        assert!(matches!(RunFolder::open(dir.path()), Err(RunError::NotARun(_))));
        assert!(matches!(RunFolder::open(&dir.path().join("none")), Err(RunError::Missing(_))));
    }

    #[test]
    fn paths_stay_inside() {
        let dir = tempfile::tempdir().unwrap();
        let run = new_run(&dir.path().join("run"));
        for bad in ["", "..", "../x", "a/../../x", "/etc/passwd", "a\\..\\b", "./../x", "a\0b"] {
            assert!(matches!(run.path(bad), Err(RunError::Escapes { .. })), "{bad:?}");
            assert!(run.write(bad, b"x").is_err());
        }
        assert!(run.path("a/b/c.txt").is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn links_that_lead_out_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let run = new_run(&dir.path().join("run"));
        fs::write(dir.path().join("secret"), "s").unwrap();
        std::os::unix::fs::symlink(dir.path(), run.root().join("out")).unwrap();
        std::os::unix::fs::symlink(dir.path().join("not yet"), run.root().join("dangling")).unwrap();
        assert!(matches!(run.read("out/secret"), Err(RunError::Escapes { .. })));
        assert!(matches!(run.write("out/new", b"x"), Err(RunError::Escapes { .. })));
        assert!(matches!(run.write("dangling", b"x"), Err(RunError::Escapes { .. })));
    }

    #[test]
    fn a_run_open_for_reading_refuses_writes() {
        let dir = tempfile::tempdir().unwrap();
        drop(new_run(&dir.path().join("run")));
        let mut run = RunFolder::open(&dir.path().join("run")).unwrap();
        assert!(matches!(run.write("a", b"x"), Err(RunError::ReadOnlyHandle(_))));
        assert!(matches!(run.update(|m| m.title.clear()), Err(RunError::ReadOnlyHandle(_))));
        assert!(!run.has("a"));
    }

    #[test]
    fn the_config_travels_with_the_run() {
        let dir = tempfile::tempdir().unwrap();
        let mut run = new_run(&dir.path().join("run"));
        let config = RunConfig { quick: true, seed: u64::MAX, ..RunConfig::default() };
        run.write_config(&config).unwrap();
        let again = RunFolder::open(run.root()).unwrap();
        assert_eq!(again.read_config().unwrap(), config);
        assert_eq!(again.manifest().config_hash, config.hash().unwrap());
        assert!(again.manifest().files.contains_key(paths::CONFIG));
    }
}
