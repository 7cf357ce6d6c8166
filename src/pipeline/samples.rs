//! The four sample runs that ship with the product, made by the product itself.

use super::{planted, run};
use crate::core::dimension::Dimension;
use crate::core::matrix::Matrix;
use crate::core::scm;
use crate::data::corpus;
use crate::data::judge::labels::Labels;
use crate::job::{Event, JobContext};
use crate::nn::device::Request;
use crate::run::config::{PassConfig, PassKind, RunConfig};
use crate::run::folder::RunFolder;
use crate::run::{paths, tables};
use anyhow::{Context, bail};
use std::path::{Path, PathBuf};

/// Folder names of the samples.
pub const SAMPLES: [&str; 4] = ["healthy", "exploded", "judges", "planted-ring"];

/// Resolution of the samples' figures: enough for a screen, a ninth of the bytes of print.
const FIGURE_DPI: f64 = 110.0;

/// Makes the samples below `out`, or only those named in `only`, and gives their folders. Each is made afresh.
///
/// # Errors
/// The first sample that fails, and a name that is no sample.
pub fn make(out: &Path, only: &[String], device: Request, ctx: &JobContext) -> anyhow::Result<Vec<PathBuf>> {
    if let Some(unknown) = only.iter().find(|n| !SAMPLES.contains(&n.as_str())) {
        bail!("there is no sample \"{unknown}\"; choose among {}", SAMPLES.join(", "));
    }
    let mut made = Vec::new();
    for name in SAMPLES.into_iter().filter(|n| only.is_empty() || only.iter().any(|o| o == n)) {
        ctx.event(Event::Info(format!("sample {name}")));
        let folder = out.join(name);
        if folder.join(paths::MANIFEST).exists() {
            std::fs::remove_dir_all(&folder)
                .with_context(|| format!("cannot replace {}", folder.display()))?;
        }
        let scratch = out.join(format!(".{name}.table.parquet"));
        let config = config(name, &scratch)?;
        let result = run(config, Some(folder.clone()), device, ctx);
        let _not_there = std::fs::remove_file(&scratch);
        slim(&result?, name == SAMPLES[0])?;
        made.push(folder);
    }
    Ok(made)
}

/// Seed and learning rate of the collapse that is shown.
const EXPLODED_SEED: u64 = 45;
const EXPLODED_RATE: f64 = 0.05;

fn config(name: &str, scratch: &Path) -> anyhow::Result<RunConfig> {
    let judge = |judge: &str| PassConfig {
        kind: PassKind::Judge,
        name: judge.to_owned(),
        source: Some(judge.to_owned()),
        ..PassConfig::default()
    };
    let base = RunConfig { figure_dpi: FIGURE_DPI, ..RunConfig::default() };
    Ok(match name {
        "healthy" => base,
        "exploded" => RunConfig {
            title: "log_var collapse".to_owned(),
            seed: EXPLODED_SEED,
            b: PassConfig { guardrails: false, learning_rate: EXPLODED_RATE, ..base.b.clone() },
            notes: vec![
                "made to teach: B learnt fast and without guardrails until its log variance ran away, so it says the same of every turn and calls every error noise: uncertainty, dark in A, is one bright band in its VPM"
                    .to_owned(),
                format!(
                    "seed {EXPLODED_SEED} and B's rate {EXPLODED_RATE} were chosen out of 120 such trainings as the one in which no other column of B is as bright; in most a score or two stick at 1 as well"
                ),
            ],
            ..base
        },
        "judges" => {
            RunConfig { title: "Two judges".to_owned(), a: judge("judge-1"), b: judge("judge-2"), ..base }
        }
        _ => {
            write_ring(scratch, base.seed)?;
            RunConfig {
                title: "Planted ring".to_owned(),
                a: judge("judge-1"),
                b: PassConfig {
                    kind: PassKind::Table,
                    name: "ring (planted)".to_owned(),
                    source: Some(scratch.to_string_lossy().into_owned()),
                    ..PassConfig::default()
                },
                notes: vec![format!(
                    "made to teach: B is judge-1 minus a ring of radius {} planted in knowledge and faithfulness",
                    planted::RADIUS
                )],
                ..base
            }
        }
    })
}

/// The table in which the ring is planted.
fn write_ring(path: &Path, seed: u64) -> anyhow::Result<()> {
    let (turns, judgements) = (corpus::turns()?, corpus::judgements()?);
    let labels = Labels::choose(&turns, &judgements, Some("judge-1"))?;
    let ring = planted::ring(&labels.targets, seed);
    let kept: Vec<usize> = (0..ring.rows()).filter(|&r| ring.row(r).iter().all(|v| v.is_finite())).collect();
    let ids: Vec<&str> = kept.iter().map(|&r| turns[r].turn_id.as_str()).collect();
    let names: Vec<&str> = Dimension::ALL.iter().map(|d| scm::COLUMNS[d.index()]).collect();
    let table: Matrix = ring.select_rows(&kept);
    let bytes = tables::matrix::to_parquet("the planted table", &ids, &names, &table)?;
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    }
    crate::run::atomic::write(path, &bytes)?;
    Ok(())
}

/// Figures that only the first sample keeps: `gapfield figure` draws them again from what the others hold.
const LEFT_OUT: [&str; 9] = [
    "timeline.gif",
    "delta.png",
    "frontier.png",
    "arrows.png",
    "canonical.png",
    "epistemic.png",
    "projection.png",
    "landscape.png",
    "persistence-image.png",
];

/// Takes weights and embeddings out of a finished run: they are most of its bytes, can be made again by the same
/// command, and nothing that is shown needs them. Their hashes stay in the stages' records.
fn slim(folder: &Path, keeps_movie: bool) -> anyhow::Result<()> {
    let mut run = RunFolder::open_for_writing(folder)?;
    let heavy: Vec<String> = run
        .manifest()
        .files
        .keys()
        .filter(|p| {
            [".safetensors", "cube.parquet", ".svg", ".html"].iter().any(|e| p.ends_with(e))
                || !keeps_movie && LEFT_OUT.iter().any(|figure| p.ends_with(figure))
        })
        .cloned()
        .collect();
    run.update(|m| {
        m.files.retain(|path, _| !heavy.contains(path));
        m.warnings.push(
            "a sample: weights, embeddings, vector figures, report.html and some figures were left out to keep it small"
                .to_owned(),
        );
    })?;
    for path in &heavy {
        let path = run.path(path)?;
        std::fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}
