//! `gapfield train`: the training of the main job, with every figure of it on the terminal.

use super::args::{Common, TrainArgs};
use super::printer::{self, duration_words};
use super::run;
use super::train_table::Table;
use crate::job::{Cancelled, JobHandle};
use crate::pipeline;
use crate::run::config::RunConfig;
use crate::run::folder::RunFolder;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Instant;

pub(super) fn execute(args: TrainArgs, common: &Common) -> anyhow::Result<()> {
    let folder = args.resume.clone().or(args.run.out.clone()).unwrap_or_else(pipeline::new_folder);
    let config = match &args.resume {
        Some(folder) => RunFolder::open(folder)?.read_config()?,
        None => config(&args, &folder, common)?,
    };
    if args.rate_factor.is_some_and(|f| !(0.0..=1000.0).contains(&f)) {
        anyhow::bail!("--rate-factor is not in 0 to 1000; 0.5 halves the learning rate");
    }
    let device = run::request(args.run.device)?;
    let started = Instant::now();
    let target = folder.clone();
    let work = move |ctx: &crate::job::JobContext| {
        let control = ctx.control();
        control.set_stop_after(args.pause_after_epoch.map_or(0, |e| e as usize));
        if let Some(factor) = args.rate_factor {
            control.ask_rate_factor(factor);
        }
        pipeline::train(config, Some(target), device, ctx)
    };
    let job = JobHandle::spawn("gapfield-job", work)?;
    let token = job.cancel_token();
    super::cancel_on_signal(token.clone());
    if !common.quiet {
        eprintln!("run folder       {}", folder.display());
    }
    let mut table = Table::default();
    let result = printer::follow_with(job, common.quiet, &mut |event| table.take_in(event));
    let paused = match result {
        Ok(_) => false,
        // Stopped by its own epoch, not by a signal: that is what was asked for.
        Err(error) if error.chain().any(|e| e.is::<Cancelled>()) && !token.is_cancelled() => true,
        Err(error) => return Err(error),
    };
    tell(&folder, &table, paused, started, common)
}

/// The options of `run` with the numbers of a training laid over both minds.
fn config(args: &TrainArgs, folder: &Path, common: &Common) -> anyhow::Result<RunConfig> {
    let mut config = run::config(&args.run, folder, common)?;
    for pass in [&mut config.a, &mut config.b] {
        pass.epochs = args.epochs.unwrap_or(pass.epochs);
        pass.learning_rate = args.learning_rate.unwrap_or(pass.learning_rate);
        pass.batch = args.batch.unwrap_or(pass.batch);
        pass.dropout = args.dropout.unwrap_or(pass.dropout);
        if !args.rate_step.is_empty() {
            pass.rate_steps.clone_from(&args.rate_step);
        }
    }
    config.validate().map_err(|reason| anyhow::anyhow!("{reason}"))?;
    Ok(config)
}

fn tell(
    folder: &PathBuf,
    table: &Table,
    paused: bool,
    started: Instant,
    common: &Common,
) -> anyhow::Result<()> {
    if common.json {
        let value = json!({"folder": folder, "paused": paused, "trainings": table.summary()});
        println!("{}", serde_json::to_string_pretty(&value)?);
        return Ok(());
    }
    let (place, took) = (folder.display(), duration_words(started.elapsed().as_secs_f64()));
    if paused {
        println!("paused after {took}; go on with: gapfield train --resume {place}");
    } else {
        println!("trained in {took}; score with: gapfield run --out {place}");
    }
    Ok(())
}
