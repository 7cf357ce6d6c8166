//! `gapfield export RUN --out FILE`: a slice, some rows or all turns as CSV, JSON lines, Parquet or ids.

use super::args::{Common, ExportArgs};
use crate::run::contents::RunContents;
use crate::run::export::{Format, parse_rows, selection};
use anyhow::{Context, anyhow};

pub(super) fn execute(args: &ExportArgs, common: &Common) -> anyhow::Result<()> {
    let format = Format::of_path(&args.out).with_context(|| {
        let out = args.out.display();
        format!("the file's name must end in .csv, .jsonl, .parquet or .txt (ids): {out}")
    })?;
    let run = RunContents::load(&args.run)?;
    let rows = match (&args.slice, &args.rows) {
        (Some(name), _) => {
            run.slices.iter().find(|s| s.name == *name).with_context(|| no_slice(&run, name))?.rows(&run)
        }
        (None, Some(rows)) => parse_rows(rows, run.turns.len()).map_err(|e| anyhow!(e))?,
        (None, None) => (0..run.turns.len()).collect(),
    };
    crate::run::atomic::write(&args.out, &selection(&run, &rows, format)?)?;
    if common.json {
        println!("{}", serde_json::json!({"file": args.out, "turns": rows.len()}));
    } else if !common.quiet {
        println!("{}  {} turns", args.out.display(), rows.len());
    }
    Ok(())
}

/// Says that a run has no such slice, and which it has.
pub(super) fn no_slice(run: &RunContents, name: &str) -> String {
    let known: Vec<&str> = run.slices.iter().map(|s| s.name.as_str()).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    format!("this run has no slice \"{name}\"; it has {known}")
}
