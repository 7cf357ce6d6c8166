//! Where the lab computes: a graphics adapter when there is a real one, the processor otherwise, and why.
//!
//! All work on a graphics adapter is issued from one named thread ([`on_lab_thread`]): the runtime orders work by
//! operating-system thread.

use burn::tensor::{Device, DeviceKind};
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;
use std::sync::mpsc::{SyncSender, sync_channel};

/// What was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Request {
    /// A hardware adapter when there is one, else the processor.
    #[default]
    Auto,
    /// The processor, always.
    Cpu,
    /// A graphics adapter, even a software renderer.
    Wgpu,
}

impl Request {
    /// From a word ("auto", "cpu", "wgpu"), ignoring case.
    ///
    /// # Errors
    /// When it is none of the three.
    pub fn from_word(word: &str) -> Result<Self, DeviceError> {
        match word.trim().to_lowercase().as_str() {
            "auto" | "" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "wgpu" | "gpu" => Ok(Self::Wgpu),
            other => Err(DeviceError::UnknownWord(other.to_owned())),
        }
    }

    /// From the environment variable `GAPFIELD_DEVICE`, `Auto` when unset.
    ///
    /// # Errors
    /// When it holds another word.
    pub fn from_env() -> Result<Self, DeviceError> {
        std::env::var("GAPFIELD_DEVICE").map_or(Ok(Self::Auto), |word| Self::from_word(&word))
    }
}

/// What computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// The processor (burn's flex backend).
    Cpu,
    /// A graphics adapter (burn's wgpu backend with fused kernels).
    Wgpu,
}

/// A graphics adapter found on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdapterInfo {
    /// Name as the driver gives it.
    pub name: String,
    /// Kind in words: "discrete", "integrated", "virtual", "software", "other".
    pub kind: String,
    /// Graphics interface: "vulkan", "metal", "dx12", "gl".
    pub api: String,
    /// Driver and its version.
    pub driver: String,
    /// Whether it computes on the processor.
    pub is_software: bool,
    /// Largest buffer, bytes.
    pub max_buffer_bytes: u64,
    /// Largest part of a buffer that a kernel can bind, bytes.
    pub max_binding_bytes: u64,
    /// Largest two-dimensional texture, pixels a side.
    pub max_texture_px: u32,
    /// Largest workgroup, invocations.
    pub max_workgroup: u32,
}

/// The device chosen and why; written into the manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceChoice {
    /// What was asked for.
    pub request: Request,
    /// What computes.
    pub backend: Backend,
    /// Name shown.
    pub name: String,
    /// Why this one, in one sentence.
    pub reason: String,
    /// Whether a software renderer computes.
    pub is_software: bool,
    /// Processor threads available.
    pub threads: usize,
    /// The adapter used, when one is.
    pub adapter: Option<AdapterInfo>,
    /// Position of the adapter among those of its kind; selects it for burn.
    pub index: usize,
}

/// Why no device could be chosen.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// A word that names no device.
    #[error("device \"{0}\" is not known; say auto, cpu or wgpu")]
    UnknownWord(String),
    /// `wgpu` was asked for where there is no adapter.
    #[error(
        "no graphics adapter was found; install a Vulkan driver (a software one is mesa-vulkan-drivers) or use the device cpu"
    )]
    NoAdapter,
    /// The thread of the lab's device ended.
    #[error("the lab's device thread stopped; start the program again")]
    ThreadGone,
}

/// All graphics adapters of this machine, the best first; empty when there is none.
pub fn adapters() -> Vec<AdapterInfo> {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = wgpu::Backends::PRIMARY;
    let instance = wgpu::Instance::new(descriptor);
    let mut found: Vec<AdapterInfo> =
        pollster::block_on(instance.enumerate_adapters(wgpu::Backends::PRIMARY))
            .iter()
            .map(describe)
            .collect();
    found.sort_by_key(|a| preference(&a.kind));
    found
}

fn describe(adapter: &wgpu::Adapter) -> AdapterInfo {
    let (info, limits) = (adapter.get_info(), adapter.limits());
    let kind = match info.device_type {
        wgpu::DeviceType::DiscreteGpu => "discrete",
        wgpu::DeviceType::IntegratedGpu => "integrated",
        wgpu::DeviceType::VirtualGpu => "virtual",
        wgpu::DeviceType::Cpu => "software",
        wgpu::DeviceType::Other => "other",
    };
    AdapterInfo {
        name: info.name,
        kind: kind.to_owned(),
        api: format!("{:?}", info.backend).to_lowercase(),
        driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
        is_software: info.device_type == wgpu::DeviceType::Cpu,
        max_buffer_bytes: limits.max_buffer_size,
        max_binding_bytes: limits.max_storage_buffer_binding_size,
        max_texture_px: limits.max_texture_dimension_2d,
        max_workgroup: limits.max_compute_invocations_per_workgroup,
    }
}

fn preference(kind: &str) -> usize {
    ["discrete", "integrated", "virtual", "other", "software"].iter().position(|k| *k == kind).unwrap_or(9)
}

/// Chooses the device: a hardware adapter when there is one, else the processor, unless asked otherwise.
///
/// # Errors
/// When `wgpu` is asked for and no adapter exists.
pub fn choose(request: Request) -> Result<DeviceChoice, DeviceError> {
    if request == Request::Cpu {
        return Ok(cpu(request, "the processor was asked for"));
    }
    choose_among(request, &adapters())
}

fn choose_among(request: Request, found: &[AdapterInfo]) -> Result<DeviceChoice, DeviceError> {
    let hardware = found.iter().find(|a| !a.is_software && a.kind != "other");
    match (request, hardware, found.first()) {
        (_, Some(adapter), _) => Ok(gpu(request, adapter, "a graphics adapter was found")),
        (Request::Wgpu, None, Some(adapter)) => {
            Ok(gpu(request, adapter, "a graphics adapter was asked for and only a software renderer exists"))
        }
        (Request::Wgpu, None, None) => Err(DeviceError::NoAdapter),
        (_, None, Some(adapter)) => Ok(cpu(
            request,
            &format!(
                "the only graphics adapter, {}, is a software renderer; the processor itself is faster",
                adapter.name
            ),
        )),
        (_, None, None) => Ok(cpu(request, "no graphics adapter was found")),
    }
}

fn cpu(request: Request, reason: &str) -> DeviceChoice {
    DeviceChoice {
        request,
        backend: Backend::Cpu,
        name: "processor".to_owned(),
        reason: reason.to_owned(),
        is_software: false,
        threads: threads(),
        adapter: None,
        index: 0,
    }
}

fn gpu(request: Request, adapter: &AdapterInfo, reason: &str) -> DeviceChoice {
    DeviceChoice {
        request,
        backend: Backend::Wgpu,
        name: adapter.name.clone(),
        reason: reason.to_owned(),
        is_software: adapter.is_software,
        threads: threads(),
        adapter: Some(adapter.clone()),
        index: 0,
    }
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

impl DeviceChoice {
    /// The processor, without looking for adapters.
    pub fn processor() -> Self {
        cpu(Request::Cpu, "the processor was asked for")
    }

    /// The burn device of this choice, without gradients.
    pub fn burn(&self) -> Device {
        match (self.backend, self.adapter.as_ref().map(|a| a.kind.as_str())) {
            (Backend::Cpu, _) => Device::flex(),
            (Backend::Wgpu, Some("discrete")) => Device::wgpu(DeviceKind::DiscreteGpu(self.index)),
            (Backend::Wgpu, Some("integrated")) => Device::wgpu(DeviceKind::IntegratedGpu(self.index)),
            (Backend::Wgpu, Some("virtual")) => Device::wgpu(DeviceKind::VirtualGpu(self.index)),
            (Backend::Wgpu, Some("software")) => Device::wgpu(DeviceKind::Cpu),
            (Backend::Wgpu, _) => Device::wgpu(DeviceKind::DefaultDevice),
        }
    }

    /// Frees what the device's memory pool no longer needs.
    pub fn release_memory(&self) {
        if self.backend == Backend::Wgpu {
            self.burn().memory_cleanup();
        }
    }
}

type Work = Box<dyn FnOnce() + Send>;

fn lab() -> Option<&'static SyncSender<Work>> {
    static LAB: OnceLock<Option<SyncSender<Work>>> = OnceLock::new();
    LAB.get_or_init(|| {
        let (sender, receiver) = sync_channel::<Work>(16);
        let started = std::thread::Builder::new().name("gapfield-lab".to_owned()).stack_size(16 << 20).spawn(
            move || {
                while let Ok(work) = receiver.recv() {
                    work();
                }
            },
        );
        started.ok().map(|_| sender)
    })
    .as_ref()
}

/// Runs `work` on the one thread that issues the lab's device work and waits for its result. A panic of the work
/// goes on in the caller; the thread lives on. Called on that thread itself, it runs at once.
///
/// # Errors
/// When that thread could not be started.
pub fn on_lab_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, DeviceError> {
    if std::thread::current().name() == Some("gapfield-lab") {
        return Ok(work());
    }
    let (sender, receiver) = sync_channel(1);
    let boxed: Work = Box::new(move || {
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        let _caller_gone = sender.send(result);
    });
    lab().ok_or(DeviceError::ThreadGone)?.send(boxed).map_err(|_| DeviceError::ThreadGone)?;
    match receiver.recv().map_err(|_| DeviceError::ThreadGone)? {
        Ok(value) => Ok(value),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn adapter(kind: &str) -> AdapterInfo {
        AdapterInfo {
            name: kind.to_owned(),
            kind: kind.to_owned(),
            api: "vulkan".to_owned(),
            driver: String::new(),
            is_software: kind == "software",
            max_buffer_bytes: 1,
            max_binding_bytes: 1,
            max_texture_px: 1,
            max_workgroup: 1,
        }
    }

    #[test]
    fn a_software_renderer_is_used_only_when_asked_for() {
        let found = [adapter("software")];
        let auto = choose_among(Request::Auto, &found).unwrap();
        assert_eq!(auto.backend, Backend::Cpu);
        assert!(auto.reason.contains("software renderer"), "{}", auto.reason);
        let asked = choose_among(Request::Wgpu, &found).unwrap();
        assert!(asked.backend == Backend::Wgpu && asked.is_software);
    }

    #[test]
    fn hardware_wins_and_its_absence_is_said() {
        let found = [adapter("software"), adapter("integrated")];
        assert_eq!(choose_among(Request::Auto, &found).unwrap().name, "integrated");
        assert_eq!(choose_among(Request::Auto, &[]).unwrap().backend, Backend::Cpu);
        assert!(choose_among(Request::Wgpu, &[]).is_err());
        assert!(Request::from_word("tpu").is_err());
    }

    #[test]
    fn the_lab_thread_survives_a_panic() {
        let caught = std::panic::catch_unwind(|| on_lab_thread(|| panic!("boom")));
        assert!(caught.is_err());
        assert_eq!(
            on_lab_thread(|| std::thread::current().name().map(str::to_owned)).unwrap().unwrap(),
            "gapfield-lab"
        );
    }
}
