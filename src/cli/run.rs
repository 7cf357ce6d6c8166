//! `gapfield run`: the main job.

use super::args::{Common, DeviceArg, OnOff, RunArgs};
use super::printer::{self, duration_words};
use crate::job::JobHandle;
use crate::nn::device::Request;
use crate::pipeline;
use crate::run::config::RunConfig;
use crate::run::contents::RunContents;
use crate::run::folder::RunFolder;
use crate::run::manifest::Manifest;
use crate::run::paths;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Instant;

pub(super) fn execute(args: RunArgs, common: &Common) -> anyhow::Result<()> {
    let folder = args.out.clone().unwrap_or_else(pipeline::new_folder);
    let config = config(&args, &folder, common)?;
    let device = request(args.device)?;
    let started = Instant::now();
    let target = folder.clone();
    let job = JobHandle::spawn("gapfield-job", move |ctx| pipeline::run(config, Some(target), device, ctx))?;
    super::cancel_on_signal(job.cancel_token());
    if !common.quiet {
        eprintln!("run folder       {}", folder.display());
    }
    let folder = printer::follow(job, common.quiet)?;
    let run = RunContents::load(&folder)?;
    let manifest = RunFolder::open(&folder)?.manifest().clone();
    if common.json {
        println!("{}", serde_json::to_string_pretty(&summary(&folder, &run, &manifest))?);
        return Ok(());
    }
    println!("done in {}", duration_words(started.elapsed().as_secs_f64()));
    if !common.quiet {
        print_findings(&run);
    }
    println!("run      {}", folder.display());
    println!("report   {}", folder.join(paths::REPORT_HTML).display());
    println!("figures  {}", folder.join(paths::FIGURES).display());
    Ok(())
}

/// Options given now win over the file given, which wins over what a run in the folder was asked for.
pub(super) fn config(args: &RunArgs, folder: &Path, common: &Common) -> anyhow::Result<RunConfig> {
    let stored = folder.join(paths::CONFIG);
    let asks_anew = args.config.is_some() || args.turns.is_some() || args.quick;
    let mut config = match &args.config {
        Some(path) => RunConfig::load(path)?,
        None if !asks_anew && stored.exists() => RunConfig::load(&stored)?,
        None => RunConfig::default(),
    };
    if let Some(turns) = &args.turns {
        config.turns = Some(turns.clone());
        config.title = turns.file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned());
    }
    if let Some(title) = &args.title {
        config.title.clone_from(title);
    }
    config.judgements = args.judgements.clone().or(config.judgements);
    config.judge = args.judge.clone().or(config.judge);
    config.seed = common.seed.unwrap_or(config.seed);
    config.quick |= args.quick;
    if args.guardrails == OnOff::Off {
        config.a.guardrails = false;
        config.b.guardrails = false;
    }
    config.kernels = args.kernels.map_or(config.kernels, Into::into);
    for (pass, given) in [(&mut config.a, &args.weights_a), (&mut config.b, &args.weights_b)] {
        if let Some(path) = given {
            // The run may be gone on with from another folder.
            pass.weights = Some(std::path::absolute(path)?);
        }
    }
    Ok(config)
}

pub(super) fn request(device: DeviceArg) -> anyhow::Result<Request> {
    Ok(match device {
        DeviceArg::Auto => Request::from_env()?,
        DeviceArg::Cpu => Request::Cpu,
        DeviceArg::Wgpu => Request::Wgpu,
    })
}

fn summary(folder: &Path, run: &RunContents, manifest: &Manifest) -> Value {
    let stages: Vec<Value> = manifest
        .stages
        .iter()
        .map(|s| json!({"name": s.name, "seconds": s.seconds, "status": s.status}))
        .collect();
    json!({
        "folder": folder,
        "run_id": manifest.run_id,
        "fingerprint": manifest.fingerprint,
        "report": folder.join(paths::REPORT_HTML),
        "figures": run.figures,
        "stages": stages,
        "delta_mass": run.number("intensity", "/delta_mass/value"),
        "p": run.number("significance", "/primary/p"),
    })
}

/// What the run found, in two sentences and a table.
fn print_findings(run: &RunContents) {
    let words = |stem: &str, pointer: &str| {
        run.metrics.get(stem).and_then(|m| m.pointer(pointer)).and_then(Value::as_str).map(str::to_owned)
    };
    for sentence in
        [words("intensity", "/summary"), words("significance", "/primary/words")].into_iter().flatten()
    {
        println!("{sentence}");
    }
    let Some(scorers) = run.metrics.get("scorers") else { return };
    println!(
        "on test conversations     MAE   RMSE  Spearman   constant predictor   ridge (MAE RMSE Spearman)"
    );
    for pass in ["A", "B"] {
        for dimension in crate::core::dimension::Dimension::ALL {
            let at = |name: &str| {
                let value = scorers.pointer(&format!("/{pass}/{dimension}/{name}")).and_then(Value::as_f64);
                value.map_or_else(|| "    -".to_owned(), |v| format!("{v:>5.3}"))
            };
            if scorers.pointer(&format!("/{pass}/{dimension}")).is_none() {
                continue;
            }
            println!(
                "{pass} {:<20} {}  {}     {}        {} {}        {} {} {}",
                dimension.name(),
                at("mae"),
                at("rmse"),
                at("spearman"),
                at("mean_predictor/mae"),
                at("mean_predictor/rmse"),
                at("ridge/mae"),
                at("ridge/rmse"),
                at("ridge/spearman"),
            );
        }
    }
}
