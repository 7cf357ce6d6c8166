//! Distances by `shaders/distances.wgsl` on a graphics adapter: the only place of the engine that knows one.
//!
//! Used on a hardware adapter from [`FROM_POINTS`] points on, where the matrix is worth the way to the adapter and back;
//! [`choose`] or `GAPFIELD_DISTANCES` say otherwise. Whatever fails ends in a warning and the processor's own loops.

use super::distances::{Distances, EachBlock};
use super::error::TopologyError;
use super::points::Points;
use crate::core::metric::Metric;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Points from which a hardware adapter is asked unless the choice says otherwise.
pub const FROM_POINTS: usize = 2_000;

/// Bytes of distances brought back at a time, so that memory stays small and a cancel is obeyed.
const BLOCK_BYTES: u64 = 16 << 20;

/// Below this share of the cloud's extent a squared f32 distance loses digits, and points could seem equal.
const SMALLEST: f32 = 1e-15;

/// Where distances are measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// On a hardware adapter where there is one and the cloud is large, else on the processor.
    #[default]
    Auto,
    /// On the processor.
    Cpu,
    /// On any adapter, also a software renderer, whatever the size.
    Gpu,
}

impl Choice {
    /// From a word ("auto", "cpu", "gpu"), ignoring case.
    pub fn from_word(word: &str) -> Option<Self> {
        match word.trim().to_lowercase().as_str() {
            "auto" | "" => Some(Self::Auto),
            "cpu" => Some(Self::Cpu),
            "gpu" => Some(Self::Gpu),
            _ => None,
        }
    }
}

const UNSET: u8 = u8::MAX;
static CHOSEN: AtomicU8 = AtomicU8::new(UNSET);

/// Sets the choice for this process; it wins over `GAPFIELD_DISTANCES`.
pub fn choose(choice: Choice) {
    CHOSEN.store(choice as u8, Ordering::Relaxed);
}

/// The choice in use. A word that `GAPFIELD_DISTANCES` does not know counts as `auto` (the program refuses it earlier).
pub fn chosen() -> Choice {
    match CHOSEN.load(Ordering::Relaxed) {
        UNSET => {
            std::env::var("GAPFIELD_DISTANCES").ok().and_then(|w| Choice::from_word(&w)).unwrap_or_default()
        }
        at => [Choice::Auto, Choice::Cpu, Choice::Gpu][usize::from(at).min(2)],
    }
}

/// Measures on an adapter, as a choice allows.
pub struct Adapter<'a> {
    choice: Choice,
    warn: &'a (dyn Fn(&str) + Sync),
    /// Bytes of one block; smaller in tests.
    block_bytes: u64,
}

impl<'a> Adapter<'a> {
    /// One that tells `warn` why it had to leave the work to the processor.
    pub fn new(choice: Choice, warn: &'a (dyn Fn(&str) + Sync)) -> Self {
        Self { choice, warn, block_bytes: BLOCK_BYTES }
    }

    fn wants(&self, points: &Points) -> bool {
        let least = match self.choice {
            Choice::Cpu => return false,
            Choice::Auto => FROM_POINTS,
            Choice::Gpu => 2,
        };
        points.metric() == Metric::Euclidean && points.len() >= least
    }
}

impl Distances for Adapter<'_> {
    fn measure(&self, points: &Points, each: &mut EachBlock) -> Result<bool, TopologyError> {
        if !self.wants(points) {
            return Ok(false);
        }
        let Some(device) = Device::open(self.choice == Choice::Gpu) else {
            if self.choice == Choice::Gpu {
                (self.warn)("no graphics adapter was found; the distances are measured on the processor");
            }
            return Ok(false);
        };
        match device.measure(points, self.block_bytes, each) {
            Ok(()) => Ok(true),
            Err(Failure::Caller(error)) => Err(error),
            Err(Failure::Device(why)) => {
                (self.warn)(&format!("{why}; the distances are measured on the processor"));
                Ok(false)
            }
        }
    }
}

enum Failure {
    /// The engine was told to stop.
    Caller(TopologyError),
    /// The adapter cannot.
    Device(String),
}

/// The cloud about its mean, as shares of its extent, in f32; and the extent.
fn scaled(points: &Points) -> (Vec<f32>, f64) {
    let (n, d) = (points.len(), points.dim());
    let mut mean = vec![0.0; d];
    for i in 0..n {
        for (m, v) in mean.iter_mut().zip(points.row(i)) {
            *m += v / n as f64;
        }
    }
    let apart = |i: usize| points.row(i).iter().zip(&mean).map(|(v, m)| v - m);
    let extent = (0..n).flat_map(apart).fold(0.0_f64, |most, v| most.max(v.abs()));
    let extent = if extent > 0.0 { extent } else { 1.0 };
    ((0..n).flat_map(apart).map(|v| (v / extent) as f32).collect(), extent)
}

struct Device {
    device: wgpu::Device,
    queue: wgpu::Queue,
    name: String,
    /// The first thing that went wrong on it.
    wrong: Arc<Mutex<Option<String>>>,
}

/// The buffers of one cloud.
struct Buffers {
    shape: wgpu::Buffer,
    out: wgpu::Buffer,
    back: wgpu::Buffer,
    bindings: wgpu::BindGroup,
}

impl Device {
    /// The best hardware adapter, or with `any` also a software renderer.
    fn open(any: bool) -> Option<Self> {
        let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
        descriptor.backends = wgpu::Backends::PRIMARY;
        let instance = wgpu::Instance::new(descriptor);
        let mut adapters = pollster::block_on(instance.enumerate_adapters(wgpu::Backends::PRIMARY));
        let rank = |a: &wgpu::Adapter| match a.get_info().device_type {
            wgpu::DeviceType::DiscreteGpu => 0,
            wgpu::DeviceType::IntegratedGpu => 1,
            wgpu::DeviceType::VirtualGpu => 2,
            wgpu::DeviceType::Cpu | wgpu::DeviceType::Other => 3,
        };
        adapters.sort_by_key(rank);
        let adapter = adapters.into_iter().find(|a| any || rank(a) < 3)?;
        let asked = wgpu::DeviceDescriptor {
            label: Some("distances"),
            required_limits: adapter.limits(),
            ..Default::default()
        };
        let (device, queue) = pollster::block_on(adapter.request_device(&asked)).ok()?;
        let wrong = Arc::new(Mutex::new(None));
        let note = Arc::clone(&wrong);
        device.on_uncaptured_error(Arc::new(move |error| {
            note.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error.to_string());
        }));
        Some(Self { device, queue, name: adapter.get_info().name, wrong })
    }

    fn measure(&self, points: &Points, block_bytes: u64, each: &mut EachBlock) -> Result<(), Failure> {
        let (n, d) = (points.len(), points.dim());
        let limits = self.device.limits();
        let most = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size);
        let row_bytes = n as u64 * 4;
        if row_bytes * d as u64 > most || row_bytes > most {
            return Err(Failure::Device(format!(
                "{} points of {d} columns are too many for {}",
                n, self.name
            )));
        }
        let groups = u64::from(limits.max_compute_workgroups_per_dimension) * 16;
        let rows = (block_bytes.min(most) / row_bytes).clamp(1, groups.min(n as u64)) as usize;
        if n as u64 > groups {
            return Err(Failure::Device(format!("{n} points are too many for {}", self.name)));
        }
        let (coordinates, extent) = scaled(points);
        let pipeline = self.pipeline();
        let buffers = self.buffers(&pipeline, &coordinates, rows as u64 * row_bytes);
        for first in (0..n).step_by(rows) {
            let count = rows.min(n - first);
            let mut block = self.block(&pipeline, &buffers, [n, d, first, count])?;
            check(&mut block, first, n, extent)?;
            each(first, &block).map_err(Failure::Caller)?;
        }
        Ok(())
    }

    fn pipeline(&self) -> wgpu::ComputePipeline {
        let module = self.device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("distances"),
            source: wgpu::ShaderSource::Wgsl(include_str!("../../shaders/distances.wgsl").into()),
        });
        self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some("distances"),
            layout: None,
            module: &module,
            entry_point: Some("main"),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        })
    }

    fn buffers(&self, pipeline: &wgpu::ComputePipeline, coordinates: &[f32], bytes: u64) -> Buffers {
        use wgpu::BufferUsages as Usage;
        let buffer = |label, size, usage| {
            let asked = wgpu::BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false };
            self.device.create_buffer(&asked)
        };
        let shape = buffer("shape", 16, Usage::UNIFORM | Usage::COPY_DST);
        let points = buffer("points", coordinates.len() as u64 * 4, Usage::STORAGE | Usage::COPY_DST);
        self.queue.write_buffer(&points, 0, bytemuck::cast_slice(coordinates));
        let out = buffer("distances", bytes, Usage::STORAGE | Usage::COPY_SRC);
        let back = buffer("read back", bytes, Usage::MAP_READ | Usage::COPY_DST);
        let bindings = self.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("distances"),
            layout: &pipeline.get_bind_group_layout(0),
            entries: &[entry(0, &shape), entry(1, &points), entry(2, &out)],
        });
        Buffers { shape, out, back, bindings }
    }

    /// The distances of `count` points from `first` on to all.
    fn block(
        &self,
        pipeline: &wgpu::ComputePipeline,
        buffers: &Buffers,
        [n, d, first, count]: [usize; 4],
    ) -> Result<Vec<f32>, Failure> {
        let shape = [n as u32, d as u32, first as u32, count as u32];
        self.queue.write_buffer(&buffers.shape, 0, bytemuck::cast_slice(&shape));
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, &buffers.bindings, &[]);
            pass.dispatch_workgroups(shape[0].div_ceil(16), shape[3].div_ceil(16), 1);
        }
        let bytes = (n * count * 4) as u64;
        encoder.copy_buffer_to_buffer(&buffers.out, 0, &buffers.back, 0, bytes);
        self.queue.submit([encoder.finish()]);
        self.read(&buffers.back, bytes)
    }

    fn read(&self, back: &wgpu::Buffer, bytes: u64) -> Result<Vec<f32>, Failure> {
        let failed = |why: String| Failure::Device(format!("{} failed: {why}", self.name));
        let mapped = Arc::new(Mutex::new(None));
        let note = Arc::clone(&mapped);
        back.map_async(wgpu::MapMode::Read, ..bytes, move |result| {
            *note.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        });
        self.device.poll(wgpu::PollType::wait_indefinitely()).map_err(|e| failed(e.to_string()))?;
        if let Some(wrong) = self.wrong.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(failed(wrong));
        }
        match mapped.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(Ok(())) => {}
            Some(Err(error)) => return Err(failed(error.to_string())),
            None => return Err(failed("the distances did not come back".to_owned())),
        }
        let values = match back.get_mapped_range(..bytes) {
            Ok(range) => bytemuck::cast_slice::<u8, f32>(&range).to_vec(),
            Err(error) => return Err(failed(error.to_string())),
        };
        back.unmap();
        Ok(values)
    }
}

fn entry(binding: u32, buffer: &wgpu::Buffer) -> wgpu::BindGroupEntry<'_> {
    wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() }
}

/// Gives a block its extent back; refuses one in which f32 cannot tell points apart.
fn check(block: &mut [f32], first: usize, n: usize, extent: f64) -> Result<(), Failure> {
    for (at, v) in block.iter_mut().enumerate() {
        let (i, j) = (first + at / n, at % n);
        let length = (f64::from(*v) * extent) as f32;
        if i != j && !(*v > SMALLEST && length.is_normal()) {
            return Err(Failure::Device(format!("points {i} and {j} are too close or too far for 32 bits")));
        }
        *v = length;
    }
    Ok(())
}

#[cfg(test)]
#[path = "adapter_tests.rs"]
mod tests;
