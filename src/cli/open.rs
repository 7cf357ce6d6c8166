//! `gapfield [PATH...]`: opens the window and hands it the services it needs.

use super::args::Common;
use crate::core::turn::{Judgement, Turn};
use crate::data::corpus;
use crate::data::import::table::{ImportOptions, import};
use crate::data::judge::labels::judges;
use crate::figure::{self, FigureSpec, Format, Kind};
use crate::job::JobContext;
use crate::nn::device::Request;
use crate::pipeline;
use crate::run::contents::RunContents;
use crate::run::{atomic, recent};
use crate::window::services::{Services, TurnsPreview, probe_devices};
use anyhow::Context;
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

/// A figure that carries its provenance stands for the run it was drawn from.
fn first_path(path: Option<PathBuf>, _common: &Common) -> anyhow::Result<Option<PathBuf>> {
    let Some(path) = path else { return Ok(None) };
    if !path.exists() {
        anyhow::bail!("there is nothing at this path; check it: {}", path.display());
    }
    if path.extension().is_none_or(|e| e != "png") {
        return Ok(Some(path));
    }
    let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let provenance = figure::provenance_of_png(&bytes)?
        .with_context(|| format!("this picture carries no provenance of a run: {}", path.display()))?;
    let wanted = provenance.get("fingerprint").and_then(serde_json::Value::as_str).unwrap_or_default();
    find_run(wanted).map(Some).with_context(|| {
        let title = provenance.get("title").and_then(serde_json::Value::as_str).unwrap_or("unknown");
        format!(
            "the run of this figure (\"{title}\", {wanted}) is not on this machine; open its folder instead"
        )
    })
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
        export_figure,
        project: |run, key, ctx| {
            pipeline::projection::project(run, key, pipeline::projection::cache_dir().as_deref(), ctx)
        },
        devices: probe_devices,
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
    }
}

fn export_figure(folder: &Path, kind: &str, path: &Path) -> anyhow::Result<()> {
    let kind = Kind::from_name(kind).with_context(|| format!("there is no figure of kind \"{kind}\""))?;
    let format = Format::of_path(path)
        .with_context(|| format!("the figure's name must end in .png, .svg or .gif: {}", path.display()))?;
    let spec = FigureSpec::of(kind);
    let mut run = RunContents::load(folder)?;
    if kind == Kind::Projection {
        run = pipeline::projection::with_projection(run, spec.projection, &JobContext::detached())?;
    }
    atomic::write(path, &figure::render(&run, &spec, format)?)?;
    Ok(())
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
