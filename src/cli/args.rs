//! What can be asked on the command line, as plain values without side effects.

use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Two minds score the same conversation turns; Gapfield subtracts them and shows what lies between.
///
/// Without a command it opens the window.
#[derive(Debug, Parser)]
#[command(name = "gapfield", version, args_conflicts_with_subcommands = true)]
pub struct Args {
    /// What to do; without it the window opens.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// A run folder, a turns file or a figure that carries its provenance, opened in the window.
    pub paths: Vec<PathBuf>,
    /// Options of every command.
    #[command(flatten)]
    pub common: Common,
}

/// Options of every command.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Common {
    /// Print machine-readable JSON on stdout.
    #[arg(long, global = true)]
    pub json: bool,
    /// Print nothing but errors and results.
    #[arg(long, global = true)]
    pub quiet: bool,
    /// The 64-bit seed of every random stream.
    #[arg(long, global = true)]
    pub seed: Option<u64>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The main job: turns, two minds, their difference, figures and a report.
    Run(RunArgs),
    /// Persistence of a point cloud.
    Topology(TopologyArgs),
    /// A point cloud on the plane, by UMAP or PCA, with its trustworthiness.
    Project(ProjectArgs),
    /// A figure of a run as PNG, SVG or GIF.
    Figure(FigureArgs),
    /// A picture of a view of the window, drawn offscreen.
    Shot(ShotArgs),
    /// Checks every hash of a run's manifest.
    Verify(VerifyArgs),
    /// Adapters found, the one chosen and why.
    Device,
    /// Makes the four sample runs again.
    Samples(SamplesArgs),
}

/// Where the learning happens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum DeviceArg {
    /// A hardware GPU when there is one, else the CPU.
    #[default]
    Auto,
    /// The CPU backend.
    Cpu,
    /// wgpu, also on a software renderer.
    Wgpu,
}

/// `gapfield run`
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    /// Turns table (CSV, TSV, JSONL or Parquet) with judgements; the bundled corpus without it.
    #[arg(long)]
    pub turns: Option<PathBuf>,
    /// Judgements table, when the turns table has no score columns.
    #[arg(long)]
    pub judgements: Option<PathBuf>,
    /// Which judge supervises; the first in the table without it.
    #[arg(long)]
    pub judge: Option<String>,
    /// A config.toml; options given here win over it.
    #[arg(long)]
    pub config: Option<PathBuf>,
    /// The run folder; an unfinished run there is resumed. A new folder under the runs directory without it.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// A smaller run of the same kind: fewer epochs and nulls.
    #[arg(long)]
    pub quick: bool,
    /// Title shown in lists.
    #[arg(long)]
    pub title: Option<String>,
    /// Where the learning happens.
    #[arg(long, value_enum, default_value_t)]
    pub device: DeviceArg,
    /// `off` lets training fail as it can without guardrails, to teach what that looks like.
    #[arg(long, value_enum, default_value_t)]
    pub guardrails: OnOff,
}

/// A switch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OnOff {
    /// On.
    #[default]
    On,
    /// Off.
    Off,
}

/// `gapfield topology`
#[derive(Debug, clap::Args)]
pub struct TopologyArgs {
    /// Points, one a row: .npy, .csv or .parquet.
    #[arg(long)]
    pub points: PathBuf,
    /// Highest homological dimension, 0 to 2.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=2))]
    pub max_dim: u8,
    /// Largest scale looked at; the enclosing radius without it.
    #[arg(long, allow_negative_numbers = true)]
    pub threshold: Option<f64>,
    /// Also give one representative cycle of each loop.
    #[arg(long)]
    pub cycles: bool,
}

/// `gapfield project`
#[derive(Debug, clap::Args)]
pub struct ProjectArgs {
    /// Points, one a row: .npy, .csv or .parquet.
    #[arg(long)]
    pub points: PathBuf,
    /// umap or pca.
    #[arg(long, default_value = "umap")]
    pub method: String,
    /// Neighbours of a point, itself counted (UMAP).
    #[arg(long, default_value_t = 15)]
    pub neighbors: usize,
    /// Distance at which neighbours settle, 0 to 1 (UMAP).
    #[arg(long, default_value_t = 0.2)]
    pub min_dist: f64,
    /// Where to write the positions: .npy or .csv.
    #[arg(long)]
    pub out: PathBuf,
}

/// `gapfield figure`
#[derive(Debug, clap::Args)]
pub struct FigureArgs {
    /// The run folder.
    pub run: PathBuf,
    /// vpm, delta, frontier, arrows, canonical, epistemic, projection, barcode, diagram, betti, timeline, ...
    #[arg(long)]
    pub kind: String,
    /// Where to write; the extension decides: .png, .svg or .gif.
    #[arg(long)]
    pub out: PathBuf,
    /// Size in millimetres, WIDTHxHEIGHT.
    #[arg(long, value_parser = size, conflicts_with = "px")]
    pub size_mm: Option<(f64, f64)>,
    /// Dots per inch with a size in millimetres.
    #[arg(long, default_value_t = 300.0)]
    pub dpi: f64,
    /// Size in pixels, WIDTHxHEIGHT.
    #[arg(long, value_parser = size)]
    pub px: Option<(f64, f64)>,
    /// Dimension or shared metric of the frontier and epistemic maps; all of them without it.
    #[arg(long)]
    pub dimension: Option<String>,
    /// What is projected: D, A, B, goals or answers.
    #[arg(long, default_value = "D")]
    pub source: String,
    /// How it is projected: umap or pca.
    #[arg(long, default_value = "umap")]
    pub method: String,
    /// Colour of the points: D, "D clarity", "A clarity", "B clarity", cluster, domain, split, ...
    #[arg(long)]
    pub color: Option<String>,
    /// Theme of the figure.
    #[arg(long, value_enum, default_value_t = Theme::Light)]
    pub theme: Theme,
}

/// `gapfield shot`
#[derive(Debug, clap::Args)]
pub struct ShotArgs {
    /// The run folder; nothing is open without it.
    pub run: Option<PathBuf>,
    /// start, data, train, field, frontier, topology, projection, runs or device; with `-only` the view without the frame around it.
    #[arg(long, visible_alias = "view", default_value = "field")]
    pub panel: String,
    /// Size in pixels, WIDTHxHEIGHT.
    #[arg(long, value_parser = size, default_value = "1600x1000")]
    pub px: (f64, f64),
    /// Theme of the window.
    #[arg(long, value_enum, default_value_t = Theme::Dark)]
    pub theme: Theme,
    /// Scale of the whole interface.
    #[arg(long, default_value_t = 1.0)]
    pub scale: f32,
    /// Where to write, .png.
    #[arg(long)]
    pub out: PathBuf,
}

/// Dark or light.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Theme {
    /// Light text on dark ground.
    Dark,
    /// Dark text on light ground.
    Light,
}

/// `gapfield verify`
#[derive(Debug, clap::Args)]
pub struct VerifyArgs {
    /// The run folder.
    pub run: PathBuf,
}

/// `gapfield samples`
#[derive(Debug, clap::Args)]
pub struct SamplesArgs {
    /// Folder that receives `healthy`, `exploded`, `judges` and `planted-ring`.
    #[arg(long)]
    pub out: PathBuf,
    /// Only these.
    #[arg(long)]
    pub only: Vec<String>,
}

/// `WIDTHxHEIGHT`, both above zero.
fn size(text: &str) -> Result<(f64, f64), String> {
    let parts: Option<(f64, f64)> =
        text.split_once(['x', 'X']).and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    match parts {
        Some((w, h)) if w > 0.0 && h > 0.0 && w.is_finite() && h.is_finite() => Ok((w, h)),
        _ => Err("give a size as WIDTHxHEIGHT, for example 170x90".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn sizes_are_two_positive_numbers() {
        assert_eq!(size("170x90"), Ok((170.0, 90.0)));
        for bad in ["170", "x", "0x10", "-1x5", "10xNaN"] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }
}
