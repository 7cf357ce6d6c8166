//! Holds the floors of the house (ARCHITECTURE.md): reads the source and names the file and the rule that breaks.
#![allow(clippy::unwrap_used)] // a test may fail loudly

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Room and floor. A room imports only rooms on floors below it.
const FLOORS: &[(&str, u32)] = &[
    ("core", 1),
    ("job", 2),
    ("run", 2),
    ("simd", 2),
    ("data", 3),
    ("nn", 3),
    ("field", 3),
    ("topology", 3),
    ("train", 4),
    ("score", 4),
    ("figure", 5),
    ("report", 5),
    ("pipeline", 5),
    ("cli", 6),
    ("window", 6),
    ("main", 7),
];

/// Arrows drawn between rooms of one floor: (from, to).
const BESIDE: &[(&str, &str)] = &[
    ("report", "figure"),
    ("pipeline", "figure"),
    ("pipeline", "report"),
    ("score", "train"),
    ("cli", "window"), // `gapfield shot` draws the window's views
];

/// A crate and the only places that may name it.
const ONLY: &[(&str, &[&str])] = &[
    ("egui", &["window"]),
    ("eframe", &["window"]),
    ("egui_plot", &["window"]),
    ("egui_tiles", &["window"]),
    ("egui_extras", &["window"]),
    ("egui_wgpu", &["window"]),
    ("rfd", &["window"]),
    ("burn", &["nn", "train", "score"]),
    ("wgpu", &["nn/device", "field/vpm", "topology/adapter", "window"]),
    ("clap", &["cli", "main"]),
    ("plotters", &["figure"]),
    ("tiny_skia", &["figure"]),
];

/// All Rust files below `dir`, sorted.
fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Lines of code: comments and everything after a `#[cfg(test)]` module line are left out.
fn code_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let mut waiting = false;
    for (number, line) in text.lines().enumerate() {
        let trimmed = line.trim_start();
        if line == "#[cfg(test)]" {
            waiting = true;
            continue;
        }
        if waiting {
            if trimmed.starts_with("mod ") && trimmed.ends_with('{') {
                break; // the tests at the end of a file may import what they like
            }
            waiting = false;
        }
        let code = trimmed.split("//").next().unwrap_or_default();
        lines.push((number + 1, code.to_owned()));
    }
    lines
}

/// Words that follow `crate::` (or `gapfield::`) in a line, `use crate::{a, b}` included.
fn rooms_named(line: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for marker in ["crate::", "gapfield::"] {
        let mut rest = line;
        while let Some(at) = rest.find(marker) {
            rest = &rest[at + marker.len()..];
            if let Some(list) = rest.strip_prefix('{') {
                let list = list.split('}').next().unwrap_or_default();
                rooms.extend(list.split(',').map(|w| word(w.trim())));
            } else {
                rooms.push(word(rest));
            }
        }
    }
    rooms
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

fn names_crate(line: &str, name: &str) -> bool {
    let mut rest = line;
    while let Some(at) = rest.find(name) {
        let before = rest[..at].chars().next_back();
        let after = &rest[at + name.len()..];
        let starts = before.is_none_or(|c| !(c.is_alphanumeric() || c == '_' || c == ':' || c == '"'));
        if starts && after.starts_with("::") {
            return true;
        }
        rest = after;
    }
    false
}

#[test]
fn rooms_import_only_what_stands_below() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let floors: BTreeMap<&str, u32> = FLOORS.iter().copied().collect();
    let mut broken = Vec::new();
    let files = rust_files(&root);
    assert!(files.len() > 20, "the source tree is where the test looks");
    for path in files {
        let relative = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        let room = relative.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        if room == "lib" {
            continue;
        }
        let Some(floor) = floors.get(room.as_str()) else {
            broken.push(format!("{relative}: room `{room}` has no floor in tests/architecture.rs"));
            continue;
        };
        let text = std::fs::read_to_string(&path).unwrap();
        for (number, line) in code_lines(&text) {
            for other in rooms_named(&line) {
                let Some(other_floor) = floors.get(other.as_str()) else { continue };
                let beside = BESIDE.contains(&(room.as_str(), other.as_str()));
                if other != room && other_floor >= floor && !beside {
                    broken.push(format!(
                        "{relative}:{number}: `{room}` (floor {floor}) imports `{other}` (floor {other_floor})"
                    ));
                }
            }
            for (name, places) in ONLY {
                if names_crate(&line, name) && !places.iter().any(|p| relative.starts_with(p)) {
                    broken.push(format!("{relative}:{number}: only {places:?} may name the crate `{name}`"));
                }
            }
        }
    }
    assert!(broken.is_empty(), "the floors are broken:\n{}", broken.join("\n"));
}

#[test]
fn the_rule_finds_what_it_forbids() {
    assert_eq!(rooms_named("use crate::window::theme;"), ["window"]);
    assert_eq!(rooms_named("use crate::{core::seed, run::config};"), ["core", "run"]);
    assert!(names_crate("let c = egui::Color32::RED;", "egui"));
    assert!(!names_crate("use crate::window::egui_free::x;", "egui"));
    assert!(!names_crate("burnish::x()", "burn"));
}
