//! Writes `docs/scorers.md`: how good the two minds are, over five seeds, beside the models they must beat.
//!
//! `cargo run --example quality -- --runs FOLDER --out docs/scorers.md [--judged judged_turns.jsonl] [--cores]`
//!
//! It makes (or goes on with) one run a seed in FOLDER, ablates the wide path in closed form, and with `--cores` also
//! trains the cores alone. `make quality` does it all.

mod ablation;
mod judged;
mod tables;

use anyhow::Context;
use gapfield::job::JobContext;
use gapfield::nn::device::Request;
use gapfield::pipeline;
use gapfield::run::config::RunConfig;
use gapfield::run::contents::RunContents;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Seeds of the five runs, fixed before any result was seen.
const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|a| a == name)?;
        arguments.get(at + 1).map(PathBuf::from)
    };
    let folder = value("--runs").context("give the folder of the runs with --runs")?;
    let mut text = include_str!("intro.md").to_owned();
    let runs = runs(&folder)?;
    text += &tables::quality(&runs);
    text += &tables::gap(&runs);
    text += &ablation::table(arguments.iter().any(|a| a == "--cores"))?;
    text += &tables::heads(&runs);
    match value("--judged") {
        Some(table) => text += &judged::section(&table, &folder.join("judged"), &folder.join("seed-1"))?,
        None => writeln!(
            text,
            "\n## Other people's judgements\nNot measured in this making (no `--judged` table)."
        )?,
    }
    match value("--out") {
        Some(path) => {
            std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?
        }
        None => print!("{text}"),
    }
    Ok(())
}

/// One run a seed; what is there and unchanged is kept.
fn runs(folder: &Path) -> anyhow::Result<Vec<RunContents>> {
    let one = |seed: u64| {
        let config = RunConfig { seed, nulls: 19, figure_dpi: 72.0, ..RunConfig::default() };
        make(config, &folder.join(format!("seed-{seed}")))
    };
    SEEDS.into_iter().map(one).collect()
}

/// Makes a run in a folder, or goes on with it, and reads it.
pub fn make(config: RunConfig, folder: &Path) -> anyhow::Result<RunContents> {
    eprintln!("run {}", folder.display());
    let made = pipeline::run(config, Some(folder.to_owned()), Request::Cpu, &JobContext::detached())?;
    RunContents::load(&made).map_err(Into::into)
}
