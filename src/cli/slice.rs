//! `gapfield slice RUN`: lists, keeps, renames and removes the named slices of a run.

use super::args::{Common, SliceArgs};
use crate::run::contents::RunContents;
use crate::run::export::parse_rows;
use crate::run::slices::{self, Slice};
use anyhow::{Context, anyhow, bail};

pub(super) fn execute(args: &SliceArgs, common: &Common) -> anyhow::Result<()> {
    let run = RunContents::load(&args.run)?;
    let mut kept = slices::read(&run.folder)?;
    if let Some(name) = &args.keep {
        let rows = args.rows.as_deref().context("say which rows to keep, for example --rows 1-10,15")?;
        let rows = parse_rows(rows, run.turns.len()).map_err(|e| anyhow!(e))?;
        if kept.iter().any(|s| s.name == *name) {
            bail!("there is a slice \"{name}\" already; choose another name or remove it first");
        }
        kept.push(Slice::of_rows(name, &run, &rows));
    } else if let Some(name) = &args.rename {
        let to = args.to.as_deref().context("say the new name with --to")?;
        if kept.iter().any(|s| s.name == to) {
            bail!("there is a slice \"{to}\" already; choose another name");
        }
        to.clone_into(&mut find(&mut kept, name)?.name);
    } else if let Some(name) = &args.remove {
        find(&mut kept, name)?;
        kept.retain(|s| s.name != *name);
    }
    if args.keep.is_some() || args.rename.is_some() || args.remove.is_some() {
        slices::write(&run.folder, &kept)?;
    }
    if common.json {
        println!("{}", serde_json::json!({ "slices": kept }));
    } else if !common.quiet {
        for slice in &kept {
            println!("{}  {} turns", slice.name, slice.turns.len());
        }
        if kept.is_empty() {
            println!("no slices");
        }
    }
    Ok(())
}

fn find<'a>(kept: &'a mut [Slice], name: &str) -> anyhow::Result<&'a mut Slice> {
    let known = kept.iter().map(|s| s.name.clone()).collect::<Vec<_>>().join(", ");
    let known = if known.is_empty() { "none".to_owned() } else { known };
    kept.iter_mut()
        .find(|s| s.name == name)
        .with_context(|| format!("this run has no slice \"{name}\"; it has {known}"))
}
