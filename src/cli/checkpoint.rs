//! `gapfield checkpoint`: what a file of weights holds, and turning it into the product's own form.

use super::args::{CheckpointAction, CheckpointArgs, Common};
use crate::nn::checkpoint;
use crate::nn::foreign::{self, Fit};
use crate::nn::params::HostParams;
use crate::nn::scorer::ScorerConfig;
use anyhow::Context;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;

pub(super) fn execute(args: &CheckpointArgs, common: &Common) -> anyhow::Result<()> {
    match &args.action {
        CheckpointAction::Inspect { file, config } => inspect(file, config.as_deref(), common),
        CheckpointAction::Convert { file, out, config } => convert(file, out, config.as_deref(), common),
    }
}

/// The parameters of a file and the scorer they are for.
fn read(file: &Path, config: Option<&Path>) -> anyhow::Result<(HostParams, ScorerConfig)> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let params = foreign::read(&bytes).with_context(|| format!("{} was not read", file.display()))?;
    let scorer = match config {
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            checkpoint::config_from_json(&text).with_context(|| path.display().to_string())?
        }
        None => foreign::scorer_of(&params).with_context(|| {
            format!(
                "{} holds neither an HRM (input_projector.*, l_module.*) nor a Tiny (z_proj.*, core.*); give its shape \
                 with --config, or rename its parameters",
                file.display()
            )
        })?,
    };
    Ok((params, scorer))
}

fn inspect(file: &Path, config: Option<&Path>, common: &Common) -> anyhow::Result<()> {
    let (params, scorer) = read(file, config)?;
    let fit = foreign::fit(&params, &scorer);
    let numbers: usize = params.tensors.values().map(|t| t.data.len()).sum();
    if common.json {
        let value = json!({
            "file": file, "scorer": scorer, "parameters": params.tensors.len(), "numbers": numbers,
            "fits": fit.fits(), "report": fit,
        });
        println!("{}", serde_json::to_string_pretty(&value)?);
        return Ok(());
    }
    println!("{}, {} parameters, {numbers} numbers", scorer.title(), params.tensors.len());
    println!("reads embeddings of width {}", scorer.embedding());
    print!("{}", report(&fit));
    Ok(())
}

/// What fits and what does not, a line each.
fn report(fit: &Fit) -> String {
    let mut out = String::new();
    let mut list = |name: &str, items: &[String]| {
        let words = if items.is_empty() { "none".to_owned() } else { items.join(", ") };
        out.push_str(&format!("{name:<14} {words}\n"));
    };
    list("missing", &fit.missing);
    list("unexpected", &fit.unexpected);
    let shapes: Vec<String> =
        fit.shapes.iter().map(|(n, found, needed)| format!("{n} {found:?} in place of {needed:?}")).collect();
    list("other shape", &shapes);
    list("not finite", &fit.not_finite);
    out.push_str(if fit.fits() { "it fits\n" } else { "it does not fit\n" });
    out
}

fn convert(file: &Path, out: &Path, config: Option<&Path>, common: &Common) -> anyhow::Result<()> {
    anyhow::ensure!(
        out.extension().is_some_and(|e| e == "safetensors"),
        "the converted file's name must end in .safetensors: {}",
        out.display()
    );
    let (params, scorer) = read(file, config)?;
    let dropped = foreign::fit(&params, &scorer).unexpected;
    let params =
        foreign::fitted(&params, &scorer).with_context(|| format!("{} was not converted", file.display()))?;
    let note = BTreeMap::from([("scorer".to_owned(), serde_json::to_string(&scorer)?)]);
    crate::run::atomic::write(out, &checkpoint::to_bytes(&params, &note)?)?;
    if common.json {
        println!("{}", json!({"file": out, "scorer": scorer, "dropped": dropped}));
    } else if !common.quiet {
        println!("{}, {} parameters, written to {}", scorer.title(), params.tensors.len(), out.display());
        if !dropped.is_empty() {
            println!("left out, unknown to it: {}", dropped.join(", "));
        }
    }
    Ok(())
}
