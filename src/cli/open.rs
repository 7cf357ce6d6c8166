//! `gapfield [PATH...]`: opens the window and hands it the services it needs.

use super::args::Common;
use crate::core::dimension::N_DIMENSIONS;
use crate::core::turn::{Judgement, Turn};
use crate::data::corpus;
use crate::data::import::table::{ImportOptions, import};
use crate::data::judge::histogram::{BINS, histograms};
use crate::data::judge::labels::{Labels, judges};
use crate::figure::Format;
use crate::nn::device::Request;
use crate::pipeline;
use crate::run::contents::RunContents;
use crate::run::recent;
use crate::window::services::{LabelPreview, Services, TurnsPreview, probe_devices};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Opens the window on the first path, if any, and returns when it is closed.
pub fn open_window(paths: Vec<PathBuf>, common: &Common) -> ExitCode {
    let opened = if paths.len() > 1 {
        Err(anyhow::anyhow!("give one path to open; {} were given", paths.len()))
    } else {
        first_path(paths.into_iter().next(), common).and_then(|p| crate::window::run(services(), p))
    };
    match opened {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gapfield: {}", super::sentence(&error));
            ExitCode::FAILURE
        }
    }
}

/// The path to open. A figure that carries its provenance opens the run it was drawn from, at its view.
fn first_path(path: Option<PathBuf>, _common: &Common) -> anyhow::Result<Option<PathBuf>> {
    let Some(path) = path else { return Ok(None) };
    if !path.exists() {
        anyhow::bail!("there is nothing at this path; check it: {}", path.display());
    }
    if Format::of_path(&path).is_some() {
        // Checked before the window opens, so that the command line hears what is wrong.
        crate::window::figures::find(&path, find_run)?;
    }
    Ok(Some(path))
}

/// The run of that fingerprint among the runs and the samples of this machine.
fn find_run(fingerprint: &str) -> Option<PathBuf> {
    let samples = samples_dir().map(|d| recent::list(&d)).unwrap_or_default();
    let all = recent::list(&recent::runs_dir()).into_iter().chain(samples);
    all.map(|r| r.folder).find(|folder| {
        crate::run::folder::RunFolder::open(folder).is_ok_and(|r| r.manifest().fingerprint == fingerprint)
    })
}

/// What the window needs done by others.
pub(super) fn services() -> Services {
    Services {
        load_run: |folder| Ok(RunContents::load(folder)?),
        start_run: |config, folder, ctx| pipeline::run(config, Some(folder), Request::from_env()?, ctx),
        resume_run: |folder, ctx| pipeline::resume(folder, Request::from_env()?, ctx),
        preview_turns,
        preview_bundled,
        explore: pipeline::topology::explore,
        project: |run, key, ctx| {
            pipeline::projection::project(run, key, pipeline::projection::cache_dir().as_deref(), ctx)
        },
        find_run,
        devices: probe_devices,
        reduced_motion: super::motion::is_reduced,
        runs_dir: recent::runs_dir(),
        samples_dir: samples_dir(),
        config_dir: config_dir(),
    }
}

fn preview_turns(path: &Path) -> anyhow::Result<TurnsPreview> {
    let imported = import(path, &ImportOptions::default())?;
    let skipped = imported.report.skipped.iter();
    Ok(TurnsPreview {
        skipped: skipped
            .map(|(reason, s)| (reason.clone(), usize::try_from(s.count).unwrap_or(usize::MAX)))
            .collect(),
        ..counted(&imported.turns, &imported.judgements)
    })
}

fn preview_bundled() -> anyhow::Result<TurnsPreview> {
    Ok(counted(&corpus::turns()?, &corpus::judgements()?))
}

/// What turns and judgements there are.
fn counted(turns: &[Turn], judgements: &[Judgement]) -> TurnsPreview {
    let conversations: BTreeSet<&str> = turns.iter().map(|t| t.conversation_id.as_str()).collect();
    TurnsPreview {
        turns: turns.len(),
        conversations: conversations.len(),
        judges: judges(judgements).into_iter().map(|(name, _)| name).collect(),
        skipped: Vec::new(),
        labels: labels(turns, judgements),
    }
}

/// What each judge gives to train on.
fn labels(turns: &[Turn], judgements: &[Judgement]) -> Vec<LabelPreview> {
    let spread = histograms(judgements);
    let one = |(judge, _): (String, _)| {
        let labels = Labels::choose(turns, judgements, Some(&judge)).ok()?;
        let mut bins = [[0; BINS]; N_DIMENSIONS];
        for h in spread.iter().filter(|h| h.judge == judge) {
            bins[h.dimension.index()] = h.bins;
        }
        let dropped =
            labels.dropped.into_iter().map(|(why, n)| (why, usize::try_from(n).unwrap_or(usize::MAX)));
        Some(LabelPreview { judge, counts: labels.counts, bins, dropped: dropped.collect() })
    };
    judges(judgements).into_iter().filter_map(one).collect()
}

/// The bundled sample runs: `$GAPFIELD_SAMPLES`, beside the program, or in the checkout it was built from.
pub(super) fn samples_dir() -> Option<PathBuf> {
    let named = std::env::var_os("GAPFIELD_SAMPLES").map(PathBuf::from);
    let beside = std::env::current_exe().ok().and_then(|p| Some(p.parent()?.join("sample_runs")));
    let checkout = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("sample_runs");
    named.into_iter().chain(beside).chain([checkout]).find(|p| p.is_dir())
}

/// Where the window keeps its layout.
fn config_dir() -> Option<PathBuf> {
    let base = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).or_else(|| {
        let home = std::env::var_os(if cfg!(windows) { "APPDATA" } else { "HOME" }).map(PathBuf::from)?;
        Some(if cfg!(windows) { home } else { home.join(".config") })
    })?;
    Some(base.join("gapfield"))
}
