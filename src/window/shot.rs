//! Pictures of the window, drawn offscreen by the real app: no display, a headless wgpu device, frames until settled.

use crate::run::contents::RunContents;
use crate::window::app::App;
use crate::window::command::Command;
use crate::window::services::Services;
use crate::window::view::{JobStatus, ViewKind, WindowGpu};
use anyhow::{Context as _, anyhow};
use egui::{Context, FullOutput, RawInput, Rect, Vec2, pos2, vec2};
use egui_wgpu::{
    RenderState, RendererOptions, ScreenDescriptor, WgpuConfiguration, WgpuSetup, WgpuSetupCreateNew,
};
use image::RgbaImage;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What a picture shows.
#[derive(Clone, Debug)]
pub struct ShotSpec {
    /// The view in front.
    pub view: ViewKind,
    /// Only the view, without the frame around it.
    pub panel_only: bool,
    /// Width and height in pixels.
    pub size_px: [u32; 2],
    /// Dark theme.
    pub dark: bool,
    /// Pixels a point.
    pub ui_scale: f32,
    /// Wishes applied before the picture is taken.
    pub commands: Vec<Command>,
    /// A job shown as under way or ended.
    pub job: Option<JobStatus>,
    /// Taken while a run is being read, without waiting for it.
    pub reading: bool,
}

impl Default for ShotSpec {
    fn default() -> Self {
        Self {
            view: ViewKind::Start,
            panel_only: false,
            size_px: [1600, 1000],
            dark: true,
            ui_scale: 1.0,
            commands: Vec::new(),
            job: None,
            reading: false,
        }
    }
}

/// Frames drawn at most before the picture is taken.
const MOST_FRAMES: usize = 400;
/// Frames drawn of a window that is reading a run.
const READING_FRAMES: usize = 12;
/// Background work is waited for this long.
const PATIENCE: Duration = Duration::from_secs(30);

/// Draws the window on this run (or on nothing) as the spec says.
///
/// # Errors
/// When there is no graphics adapter (a software renderer counts as one), or the picture is larger than it can draw.
pub fn shot(services: Services, run: Option<RunContents>, spec: &ShotSpec) -> anyhow::Result<RgbaImage> {
    shots(services, run, spec, &[Vec::new()])?.pop().context("no picture was asked for")
}

/// Draws the window after the wishes of the spec and of each scene, one picture a scene.
///
/// # Errors
/// As [`shot`].
pub fn shots(
    services: Services,
    run: Option<RunContents>,
    spec: &ShotSpec,
    scenes: &[Vec<Command>],
) -> anyhow::Result<Vec<RgbaImage>> {
    let gpu = headless_gpu()?;
    let limit = gpu.device.limits().max_texture_dimension_2d;
    let [w, h] = spec.size_px;
    if w == 0 || h == 0 || w > limit || h > limit {
        return Err(anyhow!("a picture of {w} x {h} pixels cannot be drawn; each side may be 1 to {limit}"));
    }
    let ctx = Context::default();
    let services = Services { config_dir: None, ..services };
    let mut app = App::new(&ctx, services, Some(WindowGpu { render_state: gpu.clone() }));
    app.prepare_picture(&ctx, run, spec);
    let mut pictures = Vec::with_capacity(scenes.len());
    let mut frame = 0;
    for scene in scenes {
        for command in scene {
            app.wish(command.clone());
        }
        let output = settle(&ctx, &mut app, spec, &gpu, &mut frame);
        pictures.push(render(&ctx, &gpu, output, spec.size_px)?);
    }
    Ok(pictures)
}

impl App {
    fn prepare_picture(&mut self, ctx: &Context, run: Option<RunContents>, spec: &ShotSpec) {
        self.layout.dark = spec.dark;
        ctx.set_theme(if spec.dark { egui::Theme::Dark } else { egui::Theme::Light });
        // Animations would make the picture depend on how fast this machine draws.
        crate::window::theme::set_motion(ctx, false);
        if let Some(run) = run {
            self.show_run(run);
        }
        if let Some(job) = &spec.job {
            self.show_job(job.clone());
        }
        self.show_view(spec.view);
        self.bare = spec.panel_only;
        for command in &spec.commands {
            self.wish(command.clone());
        }
    }
}

/// Draws frames until nothing is read in the background and two frames in a row ask for nothing more.
fn settle(ctx: &Context, app: &mut App, spec: &ShotSpec, gpu: &RenderState, frame: &mut usize) -> FullOutput {
    let began = Instant::now();
    let mut quiet = 0;
    let first = *frame;
    let points = vec2(spec.size_px[0] as f32, spec.size_px[1] as f32) / spec.ui_scale;
    loop {
        let mut output =
            draw(ctx, app, points, *frame, spec.ui_scale, gpu.device.limits().max_texture_dimension_2d);
        update_textures(gpu, &mut output);
        let asked = output.viewport_output.values().any(|v| v.repaint_delay < Duration::from_millis(50));
        quiet = if asked || app.is_busy() { 0 } else { quiet + 1 };
        *frame += 1;
        if spec.reading && *frame - first >= READING_FRAMES {
            return output;
        }
        let patient = began.elapsed() < PATIENCE;
        if quiet >= 3 || !patient || (*frame - first >= MOST_FRAMES && !app.is_busy()) {
            return output;
        }
        if app.is_busy() {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn draw(ctx: &Context, app: &mut App, points: Vec2, frame: usize, scale: f32, side: u32) -> FullOutput {
    let mut input = RawInput {
        screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), points)),
        time: Some(frame as f64 / 30.0),
        max_texture_side: Some(side as usize),
        focused: true,
        ..RawInput::default()
    };
    if let Some(viewport) = input.viewports.get_mut(&input.viewport_id) {
        viewport.native_pixels_per_point = Some(scale);
    }
    app.logic(ctx);
    ctx.run_ui(input, |ui| app.ui(ui))
}

/// A device without a window; a hardware adapter when there is one.
///
/// # Errors
/// When no adapter is found.
pub fn headless_gpu() -> anyhow::Result<RenderState> {
    let setup = WgpuSetup::CreateNew(WgpuSetupCreateNew::without_display_handle());
    let config = WgpuConfiguration { wgpu_setup: setup.clone(), ..WgpuConfiguration::default() };
    let options = RendererOptions { dithering: false, msaa_samples: 1, ..RendererOptions::default() };
    let make = async {
        let instance = setup.new_instance().await;
        RenderState::create(&config, &instance, None, options).await
    };
    pollster::block_on(make)
        .map_err(|error| anyhow!("{error}"))
        .context("no graphics adapter; install a driver or a software renderer such as mesa-vulkan-drivers")
}

/// Uploads what the frame made. Textures to be freed are kept: the frame may still show them, and the renderer goes
/// with the picture.
fn update_textures(gpu: &RenderState, output: &mut FullOutput) {
    let mut renderer = gpu.renderer.write();
    let mut made: Vec<_> = output.textures_delta.set.drain().collect();
    made.sort_by_key(|(id, _)| *id);
    for (id, deltas) in made {
        for delta in deltas {
            renderer.update_texture(&gpu.device, &gpu.queue, id, &delta);
        }
    }
    output.textures_delta.free.clear();
}

fn render(
    ctx: &Context,
    gpu: &RenderState,
    output: FullOutput,
    size_px: [u32; 2],
) -> anyhow::Result<RgbaImage> {
    let scale = output.pixels_per_point;
    let meshes = ctx.tessellate(output.shapes, scale);
    let screen = ScreenDescriptor { size_in_pixels: size_px, pixels_per_point: scale };
    let extent = wgpu::Extent3d { width: size_px[0], height: size_px[1], depth_or_array_layers: 1 };
    let texture = gpu.device.create_texture(&wgpu::TextureDescriptor {
        label: Some("shot"),
        size: extent,
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: gpu.target_format,
        usage: wgpu::TextureUsages::RENDER_ATTACHMENT | wgpu::TextureUsages::COPY_SRC,
        view_formats: &[],
    });
    let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
    let mut encoder =
        gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("shot") });
    let mut renderer = gpu.renderer.write();
    let buffers = renderer.update_buffers(&gpu.device, &gpu.queue, &mut encoder, &meshes, &screen);
    {
        let pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("shot"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &view,
                resolve_target: None,
                ops: wgpu::Operations {
                    load: wgpu::LoadOp::Clear(wgpu::Color::BLACK),
                    store: wgpu::StoreOp::Store,
                },
                depth_slice: None,
            })],
            ..wgpu::RenderPassDescriptor::default()
        });
        renderer.render(&mut pass.forget_lifetime(), &meshes, &screen);
    }
    let (buffer, row) = copy_out(gpu, &mut encoder, &texture, extent);
    gpu.queue.submit(buffers.into_iter().chain([encoder.finish()]));
    read_back(gpu, &buffer, row, size_px)
}

fn copy_out(
    gpu: &RenderState,
    encoder: &mut wgpu::CommandEncoder,
    texture: &wgpu::Texture,
    extent: wgpu::Extent3d,
) -> (wgpu::Buffer, u32) {
    let align = wgpu::COPY_BYTES_PER_ROW_ALIGNMENT;
    let row = (extent.width * 4).div_ceil(align) * align;
    let buffer = gpu.device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("shot"),
        size: u64::from(row) * u64::from(extent.height),
        usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        mapped_at_creation: false,
    });
    encoder.copy_texture_to_buffer(
        texture.as_image_copy(),
        wgpu::TexelCopyBufferInfo {
            buffer: &buffer,
            layout: wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(row), rows_per_image: None },
        },
        extent,
    );
    (buffer, row)
}

fn read_back(
    gpu: &RenderState,
    buffer: &wgpu::Buffer,
    row: u32,
    size_px: [u32; 2],
) -> anyhow::Result<RgbaImage> {
    let (sender, receiver) = std::sync::mpsc::sync_channel(1);
    buffer.slice(..).map_async(wgpu::MapMode::Read, move |result| {
        // The receiver waits below; when it is gone the picture was given up.
        let _given_up = sender.send(result);
    });
    let wait = wgpu::PollType::Wait { submission_index: None, timeout: Some(Duration::from_secs(60)) };
    gpu.device.poll(wait).context("the picture was not drawn within a minute")?;
    receiver.recv().context("the picture was not read back")?.context("the picture was not read back")?;
    let bytes =
        buffer.slice(..).get_mapped_range().map_err(|e| anyhow!("the picture was not read back: {e}"))?;
    let swap =
        matches!(gpu.target_format, wgpu::TextureFormat::Bgra8Unorm | wgpu::TextureFormat::Bgra8UnormSrgb);
    let mut pixels = Vec::with_capacity(size_px[0] as usize * size_px[1] as usize * 4);
    for line in bytes.chunks(row as usize) {
        for p in line.chunks_exact(4).take(size_px[0] as usize) {
            pixels.extend(if swap { [p[2], p[1], p[0], 255] } else { [p[0], p[1], p[2], 255] });
        }
    }
    RgbaImage::from_raw(size_px[0], size_px[1], pixels).context("the picture has the wrong size")
}

/// Services that know nothing, for pictures that need no run folders: the list of runs is empty.
pub fn offline_services() -> Services {
    Services {
        load_run: |folder| {
            Err(anyhow!("{} was not read: pictures show only the run they are given", folder.display()))
        },
        start_run: |_, _, _| Err(anyhow!("a picture starts no job")),
        resume_run: |_, _| Err(anyhow!("a picture starts no job")),
        preview_turns: |_| Err(anyhow!("a picture reads no turns")),
        preview_bundled: || Err(anyhow!("a picture reads no turns")),
        explore: crate::pipeline::topology::explore,
        project: |run, key, ctx| crate::pipeline::projection::project(run, key, None, ctx),
        find_run: |_| None,
        devices: crate::window::services::probe_devices,
        reduced_motion: || false,
        runs_dir: PathBuf::new(),
        samples_dir: None,
        config_dir: None,
    }
}
