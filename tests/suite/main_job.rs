//! The main job on a small table: it ends in a run that verifies, and doing it again does only what has changed.

use super::product::*;
use serde_json::Value;
use std::fs;

/// Stages of a run that trains both minds.
const STAGES: [&str; 13] = [
    "import",
    "embed",
    "train A",
    "train B",
    "second phase",
    "pass A",
    "pass B",
    "field",
    "projection",
    "scorers",
    "topology",
    "figures",
    "report",
];

/// Stages that said "unchanged, kept".
fn kept(stderr: &str) -> Vec<&str> {
    stderr.lines().filter_map(|l| l.strip_suffix("unchanged, kept")).map(str::trim).collect()
}

#[test]
fn the_main_job_ends_in_a_run_that_verifies() {
    let run = trained_run();
    let found = verify(run).ok().json();
    assert!(found["intact"].as_u64().unwrap() > 60, "{found}");
    let manifest = manifest(run);
    assert!(manifest["finished"].is_string());
    for name in STAGES {
        let record = stage(&manifest, name);
        assert_eq!(record["status"], "ok", "{name}");
        assert!(record["seconds"].as_f64().unwrap() >= 0.0, "{name} took a time");
    }
}

#[test]
fn the_report_sets_each_scorer_beside_a_constant_and_ridge() {
    let run = trained_run();
    let scorers: Value =
        serde_json::from_slice(&fs::read(run.join("metrics/scorers.json")).unwrap()).unwrap();
    let report = fs::read_to_string(run.join("report.md")).unwrap();
    let html = fs::read_to_string(run.join("report.html")).unwrap();
    assert!(!report.contains("not complete"), "the report of a finished run says so");
    let sections: Vec<&str> = report.split("\n### ").collect();
    let shown = |v: &Value| format!("{:.3}", v.as_f64().unwrap()).replace('-', "\u{2212}");
    for pass in ["A", "B"] {
        let section = sections.iter().find(|s| s.starts_with(&format!("{pass}, "))).unwrap();
        for word in ["MAE", "RMSE", "Spearman", "constant RMSE", "ridge MAE", "ridge Spearman"] {
            assert!(section.contains(word), "{pass}: {word}");
        }
        for dimension in DIMENSIONS {
            let quality = &scorers[pass][dimension];
            let row = section.lines().find(|l| l.starts_with(&format!("| {dimension} |"))).unwrap();
            for pointer in [
                "/mae",
                "/rmse",
                "/spearman",
                "/mean_predictor/mae",
                "/mean_predictor/rmse",
                "/ridge/mae",
                "/ridge/rmse",
                "/ridge/spearman",
            ] {
                let number = shown(quality.pointer(pointer).unwrap());
                assert!(row.contains(&format!(" {number} ")), "{pass} {dimension} {pointer} {number}: {row}");
                assert!(html.contains(&number), "report.html: {pass} {dimension} {pointer} {number}");
            }
        }
    }
}

#[test]
fn a_second_invocation_keeps_every_stage() {
    let run = copy_of(trained_run(), "second-invocation");
    let before = manifest(&run);
    let again = gapfield(trained_args(&run)).ok();
    assert_eq!(kept(&again.stderr), STAGES, "{}", again.stderr);
    assert_eq!(manifest(&run)["stages"], before["stages"], "no stage was touched");
    assert_eq!(manifest(&run)["fingerprint"], before["fingerprint"]);
    remove(&run);
}

#[test]
fn more_nulls_redo_only_the_topology_and_what_shows_it() {
    let run = copy_of(trained_run(), "more-nulls");
    let mut args = trained_args(&run);
    let at = args.iter().position(|a| a == "--config").unwrap() + 1;
    args[at] = write("more-nulls.toml", TRAINED.replace("nulls = 9", "nulls = 19")).into();
    let again = gapfield(args).ok();
    assert_eq!(kept(&again.stderr), STAGES[..10], "{}", again.stderr);
    let significance: Value =
        serde_json::from_slice(&fs::read(run.join("metrics/significance.json")).unwrap()).unwrap();
    assert_eq!(significance["primary"]["n_nulls"], 19);
    verify(&run).ok();
    remove(&run);
}
