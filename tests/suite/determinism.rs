//! The same command on the same machine gives the same bytes, whatever the number of threads; another device gives the
//! same numbers within a tolerance.

use super::product::*;
use gapfield::core::scm;
use gapfield::run::contents::RunContents;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

/// Largest difference of a score between the CPU backend and wgpu on a software renderer after one epoch. Measured:
/// MEASURED; ten times that is still far below what a score means.
const TOLERANCE: f32 = 0.002;

/// One epoch of the tiny mind in one batch beside a judge: software renderers need most of a second for each step.
const TINY: &str = "nulls = 9\nfigure_dpi = 72.0\n[a]\nkind = \"judge\"\nsource = \"judge-1\"\n[b]\nepochs = 1\nbatch = 64\n";

#[test]
fn the_same_command_twice_gives_the_same_bytes() {
    let again = fresh("judges-again");
    gapfield(judges_args(&again)).ok();
    assert_same(judges_run(), &again, &["metrics", "figures", "topology", "field"]);
}

#[test]
fn the_number_of_threads_changes_no_byte_of_a_trained_run() {
    let out = fresh("one-thread");
    let mut one = command(trained_args(&out));
    one.env("RAYON_NUM_THREADS", "1");
    done(one).ok();
    assert_same(trained_run(), &out, &["metrics", "figures", "models", "topology", "field"]);
    let [a, b] = [trained_run(), &out].map(|run| manifest(run)["fingerprint"].clone());
    assert_eq!(a, b);
    remove(&out);
}

#[test]
fn another_seed_gives_other_nulls() {
    let out = fresh("other-seed");
    let mut args = judges_args(&out);
    args.extend(["--seed".into(), "7".into()]);
    gapfield(args).ok();
    let read = |run: &Path| fs::read(run.join("topology/null.parquet")).unwrap();
    assert!(read(&out) != read(judges_run()), "the comparison above can fail");
}

/// Trains and scores the tiny mind on a device and gives the pass, `[turns, 12]`.
fn tiny_on(device: &str) -> RunContents {
    let out = fresh(&format!("tiny-{device}"));
    let mut args: Vec<OsString> = judges_args(&out);
    let replace = |args: &mut Vec<OsString>, option: &str, value: OsString| {
        let at = args.iter().position(|a| a == option).unwrap() + 1;
        args[at] = value;
    };
    replace(&mut args, "--config", write(&format!("tiny-{device}.toml"), TINY).into());
    replace(&mut args, "--device", device.into());
    args.push("--quick".into());
    gapfield(args).ok();
    let told = manifest(&out)["device"].as_str().unwrap().to_owned();
    assert!(told.ends_with(if device == "cpu" { "(CPU backend)" } else { "(wgpu)" }), "{told}");
    RunContents::load(&out).unwrap()
}

#[test]
fn wgpu_gives_the_scores_of_the_cpu() {
    let found = gapfield(["device", "--json"]).ok().json();
    if found["adapters"].as_array().unwrap().is_empty() {
        eprintln!("skipped: this machine has no adapter, not even a software renderer");
        return;
    }
    let [cpu, wgpu] = ["cpu", "wgpu"].map(tiny_on);
    let [x, y] = [&cpu, &wgpu].map(|run| &run.b.as_ref().unwrap().scm);
    assert_eq!((x.rows(), y.rows()), (56, 56));
    let differences = (0..x.rows()).flat_map(|r| scm::SCORES.map(move |c| (x.get(r, c) - y.get(r, c)).abs()));
    let largest = differences.fold(0.0_f32, f32::max);
    println!("largest difference of a score: {largest:.2e}");
    assert!(largest.is_finite() && largest <= TOLERANCE, "{largest}");
}
