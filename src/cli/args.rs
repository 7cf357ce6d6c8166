//! What can be asked on the command line, as plain values without side effects.

use crate::run::config::Kernels;
use crate::topology::adapter::Choice;
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
    /// Trains the two minds and stops there: the same job as `run`, which goes on from it.
    Train(Box<TrainArgs>),
    /// Weights made elsewhere: what a PyTorch or safetensors file holds, and turning it into the product's form.
    Checkpoint(CheckpointArgs),
    /// Persistence of a point cloud.
    Topology(TopologyArgs),
    /// A point cloud on the plane, by UMAP or PCA, with its trustworthiness.
    Project(ProjectArgs),
    /// A figure of a run as PNG, SVG or GIF.
    Figure(Box<FigureArgs>),
    /// A picture of a view of the window, drawn offscreen.
    Shot(ShotArgs),
    /// Checks every hash of a run's manifest.
    Verify(VerifyArgs),
    /// Adapters found, the one chosen and why.
    Device,
    /// Makes the four sample runs again.
    Samples(SamplesArgs),
    /// Lists, keeps, renames and removes the named slices of a run.
    Slice(SliceArgs),
    /// What moved between two runs on the same turns: paired differences of mean |D| with intervals.
    Compare(CompareArgs),
    /// A slice, some rows or all turns as CSV, JSON lines, Parquet or ids.
    Export(ExportArgs),
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
    /// Which judge supervises ("any": every judge, the first where several judged); the first in the table without it.
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
    /// How the scorers' inner loops compute; `plain` is the slower reference.
    #[arg(long, value_enum)]
    pub kernels: Option<KernelsArg>,
    /// Weights of A in place of a training: a run, a folder with one file a dimension, or one .safetensors or .pt for all.
    #[arg(long, value_name = "FOLDER_OR_FILE")]
    pub weights_a: Option<PathBuf>,
    /// Weights of B in place of a training.
    #[arg(long, value_name = "FOLDER_OR_FILE")]
    pub weights_b: Option<PathBuf>,
}

/// Forms of the scorers' inner loops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum KernelsArg {
    /// Hand-written kernels where there are some.
    Fused,
    /// Tensor operations one by one.
    Plain,
}

impl From<KernelsArg> for Kernels {
    fn from(arg: KernelsArg) -> Self {
        match arg {
            KernelsArg::Fused => Self::Fused,
            KernelsArg::Plain => Self::Plain,
        }
    }
}

/// `gapfield train`
#[derive(Debug, clap::Args)]
pub struct TrainArgs {
    /// What is trained on.
    #[command(flatten)]
    pub run: RunArgs,
    /// Go on with the training in this folder, bit for bit where it stopped.
    #[arg(long, conflicts_with_all = ["turns", "judgements", "judge", "config", "out", "quick", "title", "guardrails",
        "epochs", "learning_rate", "batch", "dropout", "rate_step"])]
    pub resume: Option<PathBuf>,
    /// End after this epoch of the training under way, its state saved; `--resume` goes on.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub pause_after_epoch: Option<u32>,
    /// Multiply the learning rate of the training under way by this from now on, as the window's edit does.
    #[arg(long)]
    pub rate_factor: Option<f64>,
    /// Multiply the learning rate of both minds from an epoch on: EPOCH=FACTOR, as often as needed.
    #[arg(long, value_parser = rate_step)]
    pub rate_step: Vec<(usize, f64)>,
    /// Epochs at most, both minds.
    #[arg(long)]
    pub epochs: Option<usize>,
    /// Peak learning rate, both minds.
    #[arg(long)]
    pub learning_rate: Option<f64>,
    /// Turns a batch, both minds.
    #[arg(long)]
    pub batch: Option<usize>,
    /// Dropout, both minds.
    #[arg(long)]
    pub dropout: Option<f64>,
}

/// `gapfield checkpoint`
#[derive(Debug, clap::Args)]
pub struct CheckpointArgs {
    /// What to do with the file.
    #[command(subcommand)]
    pub action: CheckpointAction,
}

/// The two things done to a checkpoint.
#[derive(Debug, Subcommand)]
pub enum CheckpointAction {
    /// Which scorer it is, and which parameters are missing, unexpected or of another shape.
    Inspect {
        /// A PyTorch state dict (.pt) or a safetensors file.
        file: PathBuf,
        /// The scorer's shape as config.json; told from the parameters without it.
        #[arg(long)]
        config: Option<PathBuf>,
    },
    /// Writes it as safetensors with the names of the product.
    Convert {
        /// A PyTorch state dict (.pt) or a safetensors file.
        file: PathBuf,
        /// Where to write, .safetensors.
        #[arg(long)]
        out: PathBuf,
        /// The scorer's shape as config.json; told from the parameters without it.
        #[arg(long)]
        config: Option<PathBuf>,
    },
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
#[command(group(clap::ArgGroup::new("source").required(true).args(["points", "run", "calibrate"])))]
pub struct TopologyArgs {
    /// Points, one a row: .npy, .csv or .parquet.
    #[arg(long)]
    pub points: Option<PathBuf>,
    /// A run folder: its difference field as a cloud. Nothing is written into the run.
    #[arg(long)]
    pub run: Option<PathBuf>,
    /// Tests so many structureless fields and shows that their p-values are uniform.
    #[arg(long, value_name = "FIELDS")]
    pub calibrate: Option<usize>,
    /// Columns of the field, by name; the five scores without it.
    #[arg(long, value_delimiter = ',', requires = "run")]
    pub columns: Vec<String>,
    /// Divide every column by its standard deviation.
    #[arg(long)]
    pub standardise: bool,
    /// A factor for every column.
    #[arg(long, value_delimiter = ',')]
    pub weights: Vec<f64>,
    /// The distance: euclidean, manhattan or chebyshev.
    #[arg(long, default_value = "euclidean")]
    pub metric: String,
    /// Null fields of every test; without it no test is made of --points, and 199 of --run.
    #[arg(long)]
    pub nulls: Option<usize>,
    /// So many points spread over the cloud stand for all of it.
    #[arg(long)]
    pub landmarks: Option<usize>,
    /// Refuse to start when more memory is predicted, megabytes.
    #[arg(long, default_value_t = 4096)]
    pub budget_mb: u64,
    /// Folder that receives the figures (with --run or --calibrate).
    #[arg(long, conflicts_with = "points")]
    pub figures: Option<PathBuf>,
    /// Highest homological dimension, 0 to 2.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=2))]
    pub max_dim: u8,
    /// Largest scale looked at; the enclosing radius without it.
    #[arg(long, allow_negative_numbers = true)]
    pub threshold: Option<f64>,
    /// Also give one representative cycle of each loop, and the surface of each void.
    #[arg(long)]
    pub cycles: bool,
    /// Where distances are measured; GAPFIELD_DISTANCES decides without it, else a hardware GPU for large clouds.
    #[arg(long, value_enum)]
    pub distances: Option<DistancesArg>,
}

/// Where distances are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DistancesArg {
    /// On a hardware GPU where there is one and the cloud is large.
    Auto,
    /// On the processor.
    Cpu,
    /// On any adapter, also a software renderer, whatever the size.
    Gpu,
}

impl From<DistancesArg> for Choice {
    fn from(word: DistancesArg) -> Self {
        match word {
            DistancesArg::Auto => Self::Auto,
            DistancesArg::Cpu => Self::Cpu,
            DistancesArg::Gpu => Self::Gpu,
        }
    }
}

/// `gapfield compare`
#[derive(Debug, clap::Args)]
pub struct CompareArgs {
    /// The run folder.
    pub run: PathBuf,
    /// The run folder it is compared with.
    pub baseline: PathBuf,
    /// Also writes the numbers as JSON into this file (`--json` prints them).
    #[arg(long)]
    pub out: Option<PathBuf>,
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
    /// vpm, delta, frontier, arrows, canonical, epistemic, projection, barcode, timeline, ...; that of `--spec` without it.
    #[arg(long, required_unless_present = "spec")]
    pub kind: Option<String>,
    /// Where to write; the extension decides: .png, .svg, .gif or .apng.
    #[arg(long)]
    pub out: PathBuf,
    /// A figure's spec as JSON, as figures carry it; options given here win over it.
    #[arg(long, value_name = "FILE")]
    pub spec: Option<PathBuf>,
    /// Only the turns of this slice.
    #[arg(long, conflicts_with = "rows")]
    pub slice: Option<String>,
    /// Only these rows, counted from 1, for example `1-10,15`.
    #[arg(long)]
    pub rows: Option<String>,
    /// Order of the rows: time, D, cluster, PHOS or a column.
    #[arg(long)]
    pub order: Option<String>,
    /// Columns, comma separated, for example `reasoning,clarity`.
    #[arg(long, value_delimiter = ',')]
    pub columns: Vec<String>,
    /// Which of A, B and D a field sheet shows, for example `AD`.
    #[arg(long)]
    pub panels: Option<String>,
    /// Colour map of A and B: batlow, viridis or grayC.
    #[arg(long)]
    pub palette: Option<String>,
    /// Colour map of D: vik or berlin.
    #[arg(long)]
    pub palette_delta: Option<String>,
    /// Size of the labels, points.
    #[arg(long)]
    pub font_pt: Option<f64>,
    /// Title above the figure.
    #[arg(long)]
    pub title: Option<String>,
    /// Without legends and colour bars.
    #[arg(long)]
    pub no_legend: bool,
    /// Without the caption line.
    #[arg(long)]
    pub no_caption: bool,
    /// Rows in sight of the timeline.
    #[arg(long, value_name = "ROWS")]
    pub window: Option<usize>,
    /// Rows a frame of the timeline.
    #[arg(long, value_name = "ROWS")]
    pub step: Option<usize>,
    /// Size in millimetres, WIDTHxHEIGHT.
    #[arg(long, value_parser = size, conflicts_with = "px")]
    pub size_mm: Option<(f64, f64)>,
    /// Dots per inch with a size in millimetres.
    #[arg(long)]
    pub dpi: Option<f64>,
    /// Size in pixels, WIDTHxHEIGHT.
    #[arg(long, value_parser = size)]
    pub px: Option<(f64, f64)>,
    /// Dimension or shared metric of the frontier and epistemic maps; all of them without it.
    #[arg(long)]
    pub dimension: Option<String>,
    /// What is projected: D, A, B, goals or answers.
    #[arg(long)]
    pub source: Option<String>,
    /// How it is projected: umap or pca.
    #[arg(long)]
    pub method: Option<String>,
    /// Colour of the points: D, "D clarity", "A clarity", "B clarity", cluster, domain, split, ...
    #[arg(long)]
    pub color: Option<String>,
    /// Theme of the figure.
    #[arg(long, value_enum)]
    pub theme: Option<Theme>,
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
    /// With the panel train: overview, figures or setup.
    #[arg(long, value_enum)]
    pub page: Option<PageArg>,
    /// With the panel train: as the training of this mind looked ...
    #[arg(long, value_enum, ignore_case = true, requires = "epoch")]
    pub training: Option<MindArg>,
    /// ... when this epoch had ended.
    #[arg(long, requires = "training", value_parser = clap::value_parser!(u32).range(1..))]
    pub epoch: Option<u32>,
    /// What lies above the view.
    #[arg(long, value_enum)]
    pub open: Option<Above>,
    /// Where to write, .png; with .gif a film of a walk through the run.
    #[arg(long)]
    pub out: PathBuf,
}

/// A page of the Train view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PageArg {
    /// Score loss, validation error, film, heads and config.
    Overview,
    /// Every figure as a small chart.
    Figures,
    /// Labels and config of the next training.
    Setup,
}

/// One of the two minds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MindArg {
    /// The reference.
    A,
    /// The one compared with it.
    B,
}

/// What a picture shows above the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Above {
    /// The figure studio.
    Figure,
    /// The command palette.
    Palette,
    /// The help of the view.
    Help,
    /// The log.
    Log,
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

/// `gapfield slice`
#[derive(Debug, clap::Args)]
pub struct SliceArgs {
    /// The run folder.
    pub run: PathBuf,
    /// Keeps the rows of `--rows` under this name.
    #[arg(long, value_name = "NAME", requires = "rows", conflicts_with_all = ["rename", "remove"])]
    pub keep: Option<String>,
    /// Rows counted from 1, for example `1-10,15`.
    #[arg(long)]
    pub rows: Option<String>,
    /// Gives this slice the name of `--to`.
    #[arg(long, value_name = "NAME", requires = "to", conflicts_with = "remove")]
    pub rename: Option<String>,
    /// The new name.
    #[arg(long, value_name = "NAME")]
    pub to: Option<String>,
    /// Removes this slice; its turns stay.
    #[arg(long, value_name = "NAME")]
    pub remove: Option<String>,
}

/// `gapfield export`
#[derive(Debug, clap::Args)]
pub struct ExportArgs {
    /// The run folder.
    pub run: PathBuf,
    /// Where to write; the extension decides: .csv, .jsonl, .parquet or .txt (ids).
    #[arg(long)]
    pub out: PathBuf,
    /// Only the turns of this slice.
    #[arg(long, conflicts_with = "rows")]
    pub slice: Option<String>,
    /// Only these rows, counted from 1, for example `1-10,15`.
    #[arg(long)]
    pub rows: Option<String>,
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

/// `EPOCH=FACTOR`.
fn rate_step(text: &str) -> Result<(usize, f64), String> {
    let parts: Option<(usize, f64)> =
        text.split_once('=').and_then(|(e, f)| Some((e.trim().parse().ok()?, f.trim().parse().ok()?)));
    match parts {
        Some((epoch, factor)) if epoch > 0 && factor >= 0.0 && factor.is_finite() => Ok((epoch, factor)),
        _ => Err("give an epoch and a factor as EPOCH=FACTOR, for example 6=0.5".to_owned()),
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
        assert_eq!(rate_step("6=0.5"), Ok((6, 0.5)));
        assert!(rate_step("0=1").is_err() && rate_step("6").is_err() && rate_step("2=-1").is_err());
        for bad in ["170", "x", "0x10", "-1x5", "10xNaN"] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }
}
