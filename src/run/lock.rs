//! One writer a run: a lock file held by the operating system, so that it is free again the moment its process dies.

use super::error::RunError;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Name of the lock file in the run folder.
pub const LOCK_FILE: &str = "run.lock";

/// How often a held lock is asked again, 10 ms apart.
const PATIENCE: u32 = 10;

/// The right to write one run; given back when dropped.
#[derive(Debug)]
pub struct RunLock {
    file: File,
    path: PathBuf,
}

impl RunLock {
    /// Takes the lock of a run folder. A lock file left by a killed process does not hinder: the lock itself died with it.
    ///
    /// # Errors
    /// [`RunError::Locked`] with the other's process id, or [`RunError::Io`].
    pub fn take(folder: &Path) -> Result<Self, RunError> {
        let path = folder.join(LOCK_FILE);
        let mut patience = PATIENCE;
        loop {
            let failed = |e: std::io::Error| RunError::io("lock the run", folder, &e);
            let mut file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path)
                .map_err(failed)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) if patience > 0 => {
                    // Someone may only be asking whether it is held (`is_held`), which takes an instant.
                    patience -= 1;
                    std::thread::sleep(Duration::from_millis(10));
                    continue;
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(RunError::Locked { pid: read_pid(&mut file), path: folder.to_owned() });
                }
                Err(TryLockError::Error(e)) => return Err(failed(e)),
            }
            if !is_current(&file, &path) {
                continue; // The former owner removed the file between our open and our lock.
            }
            file.set_len(0).map_err(failed)?;
            file.rewind().map_err(failed)?;
            writeln!(file, "{}", std::process::id()).map_err(failed)?;
            return Ok(Self { file, path });
        }
    }

    /// Whether some process holds the lock of this folder now.
    pub fn is_held(folder: &Path) -> bool {
        let Ok(file) = OpenOptions::new().read(true).open(folder.join(LOCK_FILE)) else { return false };
        // A shared lock that is gone again with `file`: asking must not look like writing.
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // Removed while still held; a file that stays behind is harmless, since only a held lock counts.
        let _stays = fs::remove_file(&self.path);
        let _freed_by_close = self.file.unlock();
    }
}

fn read_pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(unix)]
fn is_current(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(a), Ok(b)) => a.ino() == b.ino() && a.dev() == b.dev(),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_current(_file: &File, _path: &Path) -> bool {
    true // An open file cannot be removed there.
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_writer_is_refused_and_told_who_holds_the_run() {
        let dir = tempfile::tempdir().unwrap();
        let first = RunLock::take(dir.path()).unwrap();
        assert!(RunLock::is_held(dir.path()));
        let error = RunLock::take(dir.path()).unwrap_err().to_string();
        assert!(error.contains(&format!("(pid {})", std::process::id())), "{error}");
        drop(first);
        assert!(!RunLock::is_held(dir.path()));
        RunLock::take(dir.path()).unwrap();
        assert!(!dir.path().join(LOCK_FILE).exists(), "the lock file goes with the lock");
    }

    #[test]
    fn asking_whether_a_run_is_held_never_turns_a_writer_away() {
        let dir = tempfile::tempdir().unwrap();
        let done = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    RunLock::is_held(dir.path());
                }
            });
            for _ in 0..300 {
                drop(RunLock::take(dir.path()).unwrap());
            }
            done.store(true, std::sync::atomic::Ordering::Relaxed);
        });
    }

    #[test]
    fn a_stale_lock_file_does_not_hinder() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(LOCK_FILE), "999999999\n").unwrap();
        assert!(!RunLock::is_held(dir.path()));
        let lock = RunLock::take(dir.path()).unwrap();
        let text = fs::read_to_string(dir.path().join(LOCK_FILE)).unwrap();
        assert_eq!(text.trim(), std::process::id().to_string());
        drop(lock);
    }

    /// Runs this very test again in a child that takes the lock and waits to be killed.
    #[cfg(unix)]
    #[test]
    fn a_killed_writer_frees_the_run() {
        const HOLD: &str = "GAPFIELD_TEST_HOLD_LOCK";
        if let Some(folder) = std::env::var_os(HOLD) {
            let _lock = RunLock::take(Path::new(&folder)).unwrap();
            std::thread::sleep(Duration::from_secs(60));
            return;
        }
        let dir = tempfile::tempdir().unwrap();
        let (_crate, module) = module_path!().split_once("::").unwrap();
        let name = format!("{module}::a_killed_writer_frees_the_run");
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &name])
            .env(HOLD, dir.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let held_by_child = || matches!(RunLock::take(dir.path()), Err(RunError::Locked { pid, .. }) if pid == Some(child.id()));
        let started = std::time::Instant::now();
        while !RunLock::is_held(dir.path()) || !held_by_child() {
            assert!(started.elapsed().as_secs() < 30, "the child never took the lock");
            std::thread::sleep(Duration::from_millis(10));
        }
        child.kill().unwrap(); // SIGKILL: no destructor runs, the file stays.
        child.wait().unwrap();
        assert!(dir.path().join(LOCK_FILE).exists());
        RunLock::take(dir.path()).unwrap();
    }
}
