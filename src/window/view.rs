//! What a view is: something that explains itself, draws itself and asks for changes by command.

use crate::figure::FigureSpec;
use crate::job::{Live, Progress};
use crate::run::config::RunConfig;
use crate::run::contents::{History, RunContents};
use crate::window::command::CommandQueue;
use crate::window::exploring::ExploringStatus;
use crate::window::library::Library;
use crate::window::projections::Projections;
use crate::window::selection::SelectionState;
use crate::window::services::{DeviceReport, Services, TurnsPreview};
use crate::window::theme::Tokens;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The views of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ViewKind {
    /// Recent runs, sample runs, a new run.
    Start,
    /// Turns table, importer, labels.
    Data,
    /// Live training curves.
    Train,
    /// VPM of A, B and D.
    Field,
    /// Four maps of A against B.
    Frontier,
    /// Barcode and diagram.
    Topology,
    /// Every turn on the plane.
    Projection,
    /// The run played turn by turn.
    Timeline,
    /// What was asked, found and cannot be shown.
    Report,
    /// Table of runs.
    Runs,
    /// Adapter, memory, renderer.
    Device,
}

impl ViewKind {
    /// All views in tab order.
    pub const ALL: [Self; 11] = [
        Self::Start,
        Self::Data,
        Self::Train,
        Self::Field,
        Self::Frontier,
        Self::Topology,
        Self::Projection,
        Self::Timeline,
        Self::Report,
        Self::Runs,
        Self::Device,
    ];

    /// Title of the tab; lower case it is the name on the command line.
    pub fn title(self) -> &'static str {
        match self {
            Self::Start => "Start",
            Self::Data => "Data",
            Self::Train => "Train",
            Self::Field => "Field",
            Self::Frontier => "Frontier",
            Self::Topology => "Topology",
            Self::Projection => "Projection",
            Self::Timeline => "Timeline",
            Self::Report => "Report",
            Self::Runs => "Runs",
            Self::Device => "Device",
        }
    }

    /// The view of that name, ignoring case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.title().eq_ignore_ascii_case(name))
    }

    /// Name of its Phosphor icon.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Start => "house",
            Self::Data => "database",
            Self::Train => "graduation-cap",
            Self::Field => "table",
            Self::Frontier => "chart-scatter",
            Self::Topology => "graph",
            Self::Projection => "lasso",
            Self::Timeline => "film-strip",
            Self::Report => "file-text",
            Self::Runs => "list-bullets",
            Self::Device => "cpu",
        }
    }
}

/// What the Train view shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrainPage {
    /// Score loss, validation error, the film, heads and config.
    Overview,
    /// Every figure as a small chart.
    Figures,
    /// Labels and config of the next training.
    Setup,
}

impl TrainPage {
    /// All pages in the order of the list.
    pub const ALL: [Self; 3] = [Self::Overview, Self::Figures, Self::Setup];

    /// What it is called in the list.
    pub fn words(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Figures => "every figure",
            Self::Setup => "next training",
        }
    }
}

/// The wgpu device of the window, for compute shaders that draw into textures egui shows.
#[derive(Clone)]
pub struct WindowGpu {
    /// Device, queue and renderer of egui.
    pub render_state: egui_wgpu::RenderState,
}

impl WindowGpu {
    /// Whether the adapter computes on the CPU.
    pub fn is_software(&self) -> bool {
        self.render_state.adapter.get_info().device_type == wgpu::DeviceType::Cpu
    }
}

/// What the window knows of the running job.
#[derive(Clone, Debug, Default)]
pub struct JobStatus {
    /// Whether a job runs now.
    pub running: bool,
    /// Its title ("Deep and tiny").
    pub title: String,
    /// The run folder it writes, kept after it ended.
    pub folder: Option<std::path::PathBuf>,
    /// Latest progress.
    pub progress: Option<Progress>,
    /// Items a second, smoothed, of the current stage.
    pub rate: Option<f64>,
    /// Seconds left in the current stage, estimated.
    pub eta_s: Option<f64>,
    /// Finished stages and their seconds.
    pub stages: Vec<(String, f64)>,
    /// Live picture of the growing run.
    pub live: Live,
    /// Live training history by pass ("A", "B").
    pub history: Vec<(String, History)>,
    /// Sentence in which the last job ended ("done in 4 min 2 s", an error, "cancelled").
    pub ended: Option<String>,
    /// Whether it ended badly.
    pub failed: bool,
    /// Whether it waits where it stands.
    pub paused: bool,
    /// Factor on the planned learning rate of the training under way.
    pub rate_factor: f64,
    /// Its run as far as it is made, read again when a stage ends.
    pub run: Option<Arc<RunContents>>,
}

/// What a view may read, and where it leaves its wishes.
pub struct ViewContext<'a> {
    /// Colours of the current theme.
    pub tokens: &'a Tokens,
    /// The open run, if any.
    pub run: Option<&'a Arc<RunContents>>,
    /// Changes whenever `run` changes; key for caches.
    pub run_version: u64,
    /// Whether a run is being read right now.
    pub loading: bool,
    /// Hover and selection of the last frame.
    pub selection: &'a SelectionState,
    /// The running job.
    pub job: &'a JobStatus,
    /// Another look at the shape of the open run.
    pub exploring: &'a ExploringStatus,
    /// Projections of the open run: there, under way or failed.
    pub projections: &'a Projections,
    /// The runs the window knows of.
    pub library: &'a Library,
    /// The next run as it is being put together on the Start view.
    pub draft: &'a RunConfig,
    /// What the turns table of the draft holds; `None` while it is read.
    pub draft_turns: Option<&'a TurnsPreview>,
    /// What the machine offers; `None` while it is probed.
    pub devices: Option<&'a DeviceReport>,
    /// The view that has the keys.
    pub focused: ViewKind,
    /// Why the last run could not be opened, in one sentence.
    pub problem: Option<&'a str>,
    /// What others do for the window.
    pub services: &'a Services,
    /// The window's GPU; `None` in headless tests without a renderer (then the CPU raster is used).
    pub gpu: Option<&'a WindowGpu>,
    /// Page of the Train view that was asked for; `None` leaves it to the view.
    pub train_page: Option<TrainPage>,
    /// Wishes.
    pub commands: &'a mut CommandQueue,
}

/// One view of the window. Required methods make every view explain itself.
pub trait View {
    /// Which view.
    fn kind(&self) -> ViewKind;

    /// Help shown by `?`: a few plain sentences.
    fn help(&self) -> &'static str;

    /// One sentence for screen readers: what the view shows now.
    fn summary(&self, context: &ViewContext<'_>) -> String;

    /// How the view shows things now, as JSON that [`View::set_look`] takes: undo, redo and sessions keep it. Null
    /// when there is nothing to choose.
    fn look(&self) -> serde_json::Value {
        serde_json::Value::Null
    }

    /// Shows things that way again; what does not make sense is ignored.
    fn set_look(&mut self, _look: &serde_json::Value) {}

    /// The figure of what the view shows now, as the figure studio starts with it.
    fn figure(&self) -> Option<FigureSpec> {
        None
    }

    /// Shows things as a figure does that was opened.
    fn show_figure(&mut self, _figure: &FigureSpec) {}

    /// Whether the view waits for work on a thread (pictures are taken when none does).
    fn is_busy(&self) -> bool {
        false
    }

    /// Draws the view (toolbar and body) into `ui`, never blocking.
    fn ui(&mut self, ui: &mut egui::Ui, context: &mut ViewContext<'_>);
}
