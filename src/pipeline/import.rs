//! The stage "import": turns, judgements and the split.

use super::driver::{Driver, Inputs, setting};
use crate::core::turn::{Judgement, Turn};
use crate::data::import::table::{ImportOptions, import};
use crate::data::judge::labels::Labels;
use crate::data::{corpus, judge, split};
use crate::job::{Event, JobContext};
use crate::run::config::{PassKind, RunConfig};
use crate::run::{hash, paths, tables};
use anyhow::{Context, bail};
use std::path::Path;

/// Does the stage.
pub(super) fn stage(driver: &mut Driver<'_>) -> anyhow::Result<()> {
    let config = driver.config.clone();
    let mut inputs = Inputs::new();
    match &config.turns {
        Some(path) => source(&mut inputs, path)?,
        None => {
            inputs.insert("bundled corpus".to_owned(), corpus::corpus_hash());
        }
    }
    if let Some(path) = &config.judgements {
        source(&mut inputs, path)?;
    }
    setting(&mut inputs, "import", &(config.limit, &config.judge, config.seed))?;
    driver.stage("import", &inputs, |run, ctx, out| {
        let (turns, judgements) = read(&config, ctx)?;
        let ids: Vec<&str> = turns.iter().map(|t| t.turn_id.as_str()).collect();
        check(&config, &turns, &judgements)?;
        if config.trains() {
            let parts = match split::given(&turns)? {
                Some(parts) => {
                    ctx.event(Event::Info("the split is the one that the table gives".to_owned()));
                    parts
                }
                None => split::by_conversation(&turns, config.seed)?,
            };
            out.write(run, paths::SPLITS, &tables::splits::to_parquet(&ids, &parts)?)?;
            for part in [
                crate::core::turn::Split::Train,
                crate::core::turn::Split::Validation,
                crate::core::turn::Split::Test,
            ] {
                out.number(part.name(), split::rows(&parts, part).len());
            }
        }
        out.write(run, paths::TURNS, &tables::turns::to_parquet(&turns)?)?;
        out.write(run, paths::JUDGEMENTS, &tables::judgements::to_parquet(&judgements)?)?;
        let conversations: std::collections::BTreeSet<&str> =
            turns.iter().map(|t| t.conversation_id.as_str()).collect();
        out.number("turns", turns.len());
        out.number("conversations", conversations.len());
        out.number("judgements", judgements.len());
        Ok(())
    })
}

/// A source file as an input of the stage, by its content.
fn source(inputs: &mut Inputs, path: &Path) -> anyhow::Result<()> {
    let (_, blake3) = hash::of_file(path)?;
    inputs.insert(format!("file:{}", path.file_name().unwrap_or_default().to_string_lossy()), blake3);
    Ok(())
}

fn read(config: &RunConfig, ctx: &JobContext) -> anyhow::Result<(Vec<Turn>, Vec<Judgement>)> {
    let (mut turns, mut judgements) = match &config.turns {
        None => (corpus::turns()?, corpus::judgements()?),
        Some(path) => {
            let imported = import(path, &ImportOptions { limit: config.limit, ..ImportOptions::default() })?;
            ctx.event(Event::Info(imported.report.summary()));
            (imported.turns, imported.judgements)
        }
    };
    if let Some(path) = &config.judgements {
        let table = judge::table::read(path)?;
        for note in &table.notes {
            ctx.event(Event::Info(note.clone()));
        }
        judgements = table.judgements;
    }
    if config.limit > 0 {
        turns.truncate(config.limit);
    }
    let known: std::collections::BTreeSet<&str> = turns.iter().map(|t| t.turn_id.as_str()).collect();
    let before = judgements.len();
    judgements.retain(|j| known.contains(j.turn_id.as_str()));
    if judgements.len() < before && config.limit == 0 {
        let lost = before - judgements.len();
        ctx.event(Event::Warning(format!(
            "{lost} judgements belong to no turn of this table and were left out"
        )));
    }
    Ok((turns, judgements))
}

/// What would fail much later is said now.
fn check(config: &RunConfig, turns: &[Turn], judgements: &[Judgement]) -> anyhow::Result<()> {
    if turns.is_empty() {
        bail!("the table holds no turn that can be used; check its columns");
    }
    if config.trains() {
        Labels::choose(turns, judgements, config.judge.as_deref())
            .context("the scorers cannot be trained")?;
    }
    for (name, pass) in [("A", &config.a), ("B", &config.b)] {
        if pass.kind == PassKind::Judge {
            let judge = pass.source.as_deref();
            Labels::choose(turns, judgements, judge).with_context(|| format!("pass {name} has no judge"))?;
        }
    }
    Ok(())
}
