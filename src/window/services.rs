//! What the window needs done by others: reading runs, running jobs, naming devices. The binary fills it in, tests
//! pass real or small ones, so that the window itself does no work of its own.

use crate::core::dimension::N_DIMENSIONS;
use crate::data::judge::histogram::BINS;
use crate::job::JobContext;
use crate::pipeline::topology::Exploration;
use crate::run::config::RunConfig;
use crate::run::contents::RunContents;
use crate::run::projection::{Projection, ProjectionKey};
use std::path::{Path, PathBuf};

/// Functions and folders the window is given. Every function may be slow: the window calls them on threads of their own.
#[derive(Clone)]
pub struct Services {
    /// Reads a run folder; what is missing is named in `problems`, an error means nothing could be read.
    pub load_run: fn(&Path) -> anyhow::Result<RunContents>,
    /// The main job, from a config into a new folder; gives the run folder.
    pub start_run: fn(RunConfig, PathBuf, &JobContext) -> anyhow::Result<PathBuf>,
    /// Goes on with an unfinished run folder.
    pub resume_run: fn(&Path, &JobContext) -> anyhow::Result<PathBuf>,
    /// Counts what a turns table holds before a run is made of it.
    pub preview_turns: fn(&Path) -> anyhow::Result<TurnsPreview>,
    /// Counts what the bundled corpus holds, for a new run before any file is chosen.
    pub preview_bundled: fn() -> anyhow::Result<TurnsPreview>,
    /// Computes the topology of a run anew under another choice; writes nothing.
    pub explore: fn(&RunContents, &Exploration, &JobContext) -> anyhow::Result<RunContents>,
    /// A projection of a run, found where it was kept or computed now.
    pub project: fn(&RunContents, ProjectionKey, &JobContext) -> anyhow::Result<Projection>,
    /// The folder of the run whose result has this fingerprint, when it is on this machine.
    pub find_run: fn(&str) -> Option<PathBuf>,
    /// Adapters found, the one chosen and why.
    pub devices: fn() -> DeviceReport,
    /// Whether the operating system asks programs for less motion.
    pub reduced_motion: fn() -> bool,
    /// Where new runs go.
    pub runs_dir: PathBuf,
    /// The bundled sample runs, when they are there.
    pub samples_dir: Option<PathBuf>,
    /// Where the window keeps its layout; `None` keeps nothing (tests, pictures).
    pub config_dir: Option<PathBuf>,
}

/// What a turns table holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TurnsPreview {
    /// Rows kept.
    pub turns: usize,
    /// Conversations among them.
    pub conversations: usize,
    /// Judges, in order of the table.
    pub judges: Vec<String>,
    /// Reasons and counts of skipped rows.
    pub skipped: Vec<(String, usize)>,
    /// What each judge gives to train on, in order of the table.
    pub labels: Vec<LabelPreview>,
}

/// What one judge gives to train on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LabelPreview {
    /// The judge.
    pub judge: String,
    /// Labels of each dimension.
    pub counts: [usize; N_DIMENSIONS],
    /// How they are spread over the scale, a histogram a dimension.
    pub bins: [[u64; BINS]; N_DIMENSIONS],
    /// What was left out, by reason.
    pub dropped: Vec<(String, usize)>,
}

/// One graphics adapter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Adapter {
    /// Name the driver gives.
    pub name: String,
    /// "Vulkan", "Metal", "Dx12", "Gl".
    pub backend: String,
    /// "discrete", "integrated", "virtual", "software".
    pub kind: String,
    /// Driver and its version.
    pub driver: String,
    /// Largest buffer one binding may hold, bytes.
    pub max_binding_bytes: u64,
    /// Whether it computes on the CPU.
    pub software: bool,
}

/// What the machine offers and what was chosen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeviceReport {
    /// All adapters.
    pub adapters: Vec<Adapter>,
    /// The adapter that draws the window, when there is a window.
    pub window: Option<Adapter>,
    /// The backend that trains ("CPU", or an adapter's name).
    pub chosen: String,
    /// Why, in one sentence.
    pub why: String,
    /// Threads the CPU backend uses.
    pub threads: usize,
    /// Memory of the machine, bytes.
    pub memory_total: u64,
    /// Memory free now, bytes.
    pub memory_free: u64,
    /// Name of the CPU.
    pub cpu: String,
}

/// Adapters by wgpu and memory by the operating system, for a window that was given nothing better. Slow (it loads
/// drivers): call it off the window's thread.
pub fn probe_devices() -> DeviceReport {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
    let adapters = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::all()));
    let adapters: Vec<Adapter> = adapters.iter().map(describe).collect();
    let mut system = sysinfo::System::new();
    system.refresh_memory();
    system.refresh_cpu_list(sysinfo::CpuRefreshKind::nothing());
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let hardware = adapters.iter().find(|a| !a.software);
    let (chosen, why) = match hardware {
        Some(a) => (a.name.clone(), "a hardware adapter was found".to_owned()),
        None if adapters.is_empty() => ("CPU".to_owned(), "no graphics adapter was found".to_owned()),
        None => (
            "CPU".to_owned(),
            "only a software renderer was found, which trains slower than the CPU".to_owned(),
        ),
    };
    DeviceReport {
        chosen,
        why,
        threads,
        memory_total: system.total_memory(),
        memory_free: system.available_memory(),
        cpu: system.cpus().first().map(|c| c.brand().trim().to_owned()).unwrap_or_default(),
        adapters,
        window: None,
    }
}

/// What is shown of an adapter.
pub fn describe(adapter: &wgpu::Adapter) -> Adapter {
    let info = adapter.get_info();
    let kind = match info.device_type {
        wgpu::DeviceType::DiscreteGpu => "discrete",
        wgpu::DeviceType::IntegratedGpu => "integrated",
        wgpu::DeviceType::VirtualGpu => "virtual",
        wgpu::DeviceType::Cpu => "software",
        wgpu::DeviceType::Other => "other",
    };
    Adapter {
        software: info.device_type == wgpu::DeviceType::Cpu || info.name.to_lowercase().contains("llvmpipe"),
        backend: info.backend.to_string(),
        kind: kind.to_owned(),
        driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
        max_binding_bytes: adapter.limits().max_storage_buffer_binding_size,
        name: info.name,
    }
}
