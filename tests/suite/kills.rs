//! A run whose process is killed at any moment opens again, keeps what was finished, and ends as if nothing had been.
//!
//! The first kills fall into a run that trains both minds; when it ends between two kills, the rest fall into runs of
//! two judges, which do every other stage in seconds.

use super::product::*;
use gapfield::core::seed;
use rand::RngExt;
use serde_json::Value;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

const KILLS: usize = 20;
/// Stages a kill may lie ahead of the first unfinished one, so that every process gets somewhere.
const AHEAD: usize = 3;

/// One kind of run under fire, and the same run as nobody disturbed it.
struct Target {
    args: fn(&Path) -> Vec<OsString>,
    undisturbed: &'static Path,
}

/// What a run had finished at some moment: name, and the record without which the work would have been done again.
fn finished(manifest: &Value) -> Vec<Value> {
    manifest["stages"].as_array().unwrap().iter().filter(|s| s["status"] == "ok").cloned().collect()
}

fn read_manifest(run: &Path) -> Option<Value> {
    let bytes = fs::read(run.join("manifest.json")).ok()?;
    Some(serde_json::from_slice(&bytes).expect("a manifest read at any moment is whole"))
}

/// How often a stage of the run has begun, as its log says.
fn begun(run: &Path, stage: &str) -> usize {
    let log = fs::read_to_string(run.join("log.jsonl")).unwrap_or_default();
    log.matches(&format!("\"{stage} begins\"")).count()
}

/// Waits until the stage is at work (or the process ends) and a little longer.
fn wait_for(child: &mut Child, run: &Path, stage: &str, before: usize, longer: Duration) {
    while child.try_wait().unwrap().is_none() {
        read_manifest(run);
        if begun(run, stage) > before {
            std::thread::sleep(longer);
            return;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Checks a run whose process has just died: it opens, and everything finished is there, unchanged and not done again.
fn check(run: &Path, before: &[Value]) -> Vec<Value> {
    let Some(manifest) = read_manifest(run) else {
        assert!(before.is_empty(), "a manifest that was there is gone");
        return Vec::new();
    };
    let verified = verify(run).json();
    assert_eq!(verified["missing"], serde_json::json!([]), "{verified}");
    assert_eq!(verified["changed"], serde_json::json!([]), "{verified}");
    let now = finished(&manifest);
    for stage in before {
        assert!(now.contains(stage), "{} was lost or done again", stage["name"]);
    }
    for stage in &now {
        for (path, hash) in stage["outputs"].as_object().unwrap() {
            assert_eq!(manifest["files"][path]["blake3"], *hash, "{path} of {}", stage["name"]);
        }
    }
    now
}

/// Starts the run and kills it: while the stage that `rng` chose is at work, or in the first tenth of a second. Gives
/// false when the run ended before.
fn start_and_kill(target: &Target, run: &Path, todo: &[&str], rng: &mut impl RngExt) -> bool {
    let at = rng.random_range(0..todo.len().min(AHEAD));
    let share: f64 = rng.random_range(0.0..1.0);
    let at_once = at == 0 && rng.random_range(0..3) == 0;
    let before = begun(run, todo[at]);
    let mut child = command((target.args)(run)).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    if at_once {
        std::thread::sleep(Duration::from_secs_f64(0.1 * share));
    } else {
        let seconds = stage(&manifest(target.undisturbed), todo[at])["seconds"].as_f64().unwrap();
        wait_for(&mut child, run, todo[at], before, Duration::from_secs_f64(seconds * share));
    }
    child.kill().unwrap(); // SIGKILL
    let status = child.wait().unwrap();
    assert!(status.success() || status.code().is_none(), "it neither finished nor was killed: {status}");
    !status.success()
}

/// Lets the run end and compares it with the undisturbed one.
fn finish(target: &Target, run: &Path, before: &[Value]) {
    gapfield((target.args)(run)).ok();
    let now = check(run, before);
    assert_eq!(now.len(), manifest(target.undisturbed)["stages"].as_array().unwrap().len());
    verify(run).ok();
    assert_same(target.undisturbed, run, &["metrics", "figures"]);
    remove(run);
}

#[test]
fn twenty_kills_lose_nothing_that_was_finished() {
    let trained = Target { args: trained_args, undisturbed: trained_run() };
    let judges = Target { args: judges_args, undisturbed: judges_run() };
    let mut rng = seed::stream(20, "tests/kills");
    let mut kills = 0;
    let mut folders = 0;
    let mut cut: BTreeSet<String> = BTreeSet::new();
    while kills < KILLS {
        let target = if folders == 0 { &trained } else { &judges };
        let run: PathBuf = fresh(&format!("killed-{folders}"));
        folders += 1;
        let mut before = Vec::new();
        while kills < KILLS {
            let undisturbed = manifest(target.undisturbed);
            let names = undisturbed["stages"].as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap());
            let todo: Vec<&str> = names.filter(|n| before.iter().all(|s: &Value| s["name"] != *n)).collect();
            if todo.is_empty() || !start_and_kill(target, &run, &todo, &mut rng) {
                break;
            }
            kills += 1;
            before = check(&run, &before);
            let stages =
                read_manifest(&run).map_or_else(Vec::new, |m| m["stages"].as_array().unwrap().clone());
            let running = stages.iter().filter(|s| s["status"] == "running");
            cut.extend(running.map(|s| s["name"].as_str().unwrap().to_owned()));
        }
        finish(target, &run, &before);
    }
    println!("killed in {cut:?}, {folders} runs");
    assert!(cut.len() >= 4, "the kills fell into different stages: {cut:?}");
    assert!(cut.iter().any(|s| s.starts_with("train")), "some fell into training: {cut:?}");
}
