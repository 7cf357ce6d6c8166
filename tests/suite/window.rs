//! The window without a display: pictures of every view, and what happens when one clicks and types.
//!
//! Pictures live in `tests/snapshots`; `UPDATE_SNAPSHOTS=1 cargo test --test suite window::pictures` writes them anew.

#[path = "window/driven.rs"]
mod driven;
#[path = "window/interactions.rs"]
mod interactions;
#[path = "window/keeping.rs"]
mod keeping;
#[path = "window/pictures.rs"]
mod pictures;
#[path = "window/planes.rs"]
mod planes;
#[path = "window/synthetic.rs"]
mod synthetic;
#[path = "window/views.rs"]
mod views;

use gapfield::run::contents::RunContents;
use gapfield::window::services::{Adapter, DeviceReport, LabelPreview, Services, TurnsPreview};
use gapfield::window::shot::offline_services;
use std::path::{Path, PathBuf};

/// Reads a made-up run whose name is its seed; names that start with `bad` cannot be read.
fn load(folder: &Path) -> anyhow::Result<RunContents> {
    let name = folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    anyhow::ensure!(!name.starts_with("bad"), "{name} is of a newer format; update the program to read it");
    let seed = name.bytes().map(u64::from).sum();
    // The folder named in the run does not exist: cards then show no age, which would change from day to day.
    Ok(synthetic::full(&Path::new("/nowhere").join(&name), &name, 48, seed))
}

/// A machine that is the same everywhere.
fn devices() -> DeviceReport {
    let adapter = Adapter {
        name: "Software renderer".to_owned(),
        backend: "vulkan".to_owned(),
        kind: "software".to_owned(),
        driver: "made up 1.0".to_owned(),
        max_binding_bytes: 128 << 20,
        software: true,
    };
    DeviceReport {
        adapters: vec![adapter.clone()],
        window: Some(adapter),
        chosen: "CPU".to_owned(),
        why: "only a software renderer was found, which trains slower than the CPU".to_owned(),
        threads: 2,
        memory_total: 16_000_000_000,
        memory_free: 12_000_000_000,
        cpu: "A processor".to_owned(),
    }
}

/// Labels that lean to the upper end, a little more with each dimension.
fn labels(judge: String) -> LabelPreview {
    let bins = std::array::from_fn(|d| std::array::from_fn(|b| ((b * (d + 2)) as u64 * 7) % 31 + b as u64));
    let dropped = vec![("no score on faithfulness".to_owned(), 12)];
    LabelPreview { judge, counts: [480, 480, 480, 468, 480], bins, dropped }
}

fn services(runs_dir: &Path) -> Services {
    Services {
        load_run: load,
        devices,
        preview_turns: |path| {
            anyhow::ensure!(
                path.extension().is_some_and(|e| e == "jsonl"),
                "{} is no table of turns",
                path.display()
            );
            Ok(TurnsPreview {
                turns: 12,
                conversations: 3,
                judges: vec!["judge-1".to_owned()],
                ..TurnsPreview::default()
            })
        },
        preview_bundled: || {
            let two = ["judge-1", "judge-2"].map(str::to_owned);
            Ok(TurnsPreview {
                turns: 480,
                conversations: 60,
                judges: two.to_vec(),
                skipped: vec![("the response is empty".to_owned(), 3)],
                labels: two.into_iter().map(labels).collect(),
            })
        },
        runs_dir: runs_dir.to_owned(),
        ..offline_services()
    }
}

/// Folders that the window takes for runs, below a temporary folder.
fn run_folders(names: &[&str]) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    for name in names {
        let folder = dir.path().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("manifest.json"), "{}").unwrap();
    }
    let path = dir.path().to_owned();
    (dir, path)
}
