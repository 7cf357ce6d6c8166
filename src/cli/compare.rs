//! `gapfield compare`: what moved between two runs on the same turns, the numbers of the Runs view.

use super::args::{Common, CompareArgs};
use crate::core::dimension::Dimension;
use crate::field::moved::{Moved, Turns, moved};
use crate::run::contents::RunContents;
use anyhow::{Context, ensure};
use serde_json::{Value, json};
use std::path::Path;

pub(super) fn execute(args: &CompareArgs, common: &Common) -> anyhow::Result<()> {
    let (run, baseline) = (turns_of(&args.run)?, turns_of(&args.baseline)?);
    let found = moved(&baseline, &run);
    ensure!(!found.is_empty(), "no turn is in both runs; compare runs that were made of the same turns");
    let record = json!({
        "run": args.run, "baseline": args.baseline,
        "what": "mean |D| of the run minus that of the baseline, paired by turn",
        "interval": "95%, percentile bootstrap over conversations",
        "dimensions": found.iter().map(as_json).collect::<Vec<_>>(),
    });
    if let Some(file) = &args.out {
        crate::run::atomic::write(file, &serde_json::to_vec_pretty(&record)?)?;
    }
    if common.json {
        println!("{}", serde_json::to_string(&record)?);
    } else {
        println!(
            "Mean |D| of the run minus that of the baseline, paired by turn; 95% intervals over conversations"
        );
        print!("{}", table(&found));
    }
    Ok(())
}

fn turns_of(folder: &Path) -> anyhow::Result<Turns> {
    let run = RunContents::load(folder)?;
    Turns::of(&run)
        .with_context(|| format!("{} has no difference field yet; resume the run", folder.display()))
}

fn name(moved: &Moved) -> &'static str {
    Dimension::ALL.get(moved.dimension).map_or("", |d| d.name())
}

fn as_json(moved: &Moved) -> Value {
    json!({
        "dimension": name(moved), "change": moved.change, "interval": moved.interval, "turns": moved.turns,
        "conversations": moved.conversations, "verdict": moved.verdict(),
    })
}

/// One line a dimension, what moved most and surely first.
fn table(found: &[Moved]) -> String {
    let mut text = format!(
        "{:<14}{:>8}  {:<18}{:>7}{:>15}  verdict\n",
        "dimension", "change", "interval", "turns", "conversations"
    );
    for m in found {
        let interval =
            m.interval.map_or_else(|| "too few".to_owned(), |[low, high]| format!("{low:+.3} to {high:+.3}"));
        text += &format!(
            "{:<14}{:>+8.3}  {:<18}{:>7}{:>15}  {}\n",
            name(m),
            m.change,
            interval,
            m.turns,
            m.conversations,
            m.verdict()
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_names_the_dimension_its_interval_and_its_n() {
        let m = |interval| Moved { dimension: 1, change: -0.25, interval, turns: 480, conversations: 60 };
        let text = table(&[m(Some([-0.3, -0.2])), m(None)]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        for part in ["knowledge", "-0.250", "-0.300 to -0.200", "480", "60", "moved"] {
            assert!(lines[1].contains(part), "{part} in {:?}", lines[1]);
        }
        assert!(lines[2].contains("too few") && lines[2].ends_with("not known"), "{:?}", lines[2]);
    }
}
