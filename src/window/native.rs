//! The app in a real window: eframe on wgpu, opened again with everything in it when the graphics device is lost.

use crate::window::app::App;
use crate::window::carried::Carried;
use crate::window::command::Command;
use crate::window::services::Services;
use crate::window::theme;
use crate::window::view::WindowGpu;
use crate::window::widget_map::WidgetMap;
use anyhow::Context as _;
use eframe::egui_wgpu::{SurfaceConfig, WgpuConfiguration};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// Environment variable for tests: seconds after which the window destroys its own graphics device.
const LOSE_GPU: &str = "GAPFIELD_LOSE_GPU_AFTER_S";
/// Times that the window is opened again; a device that is lost again and again will not come back.
const MOST_REOPENED: usize = 3;

/// What outlives one window, and why it had to.
#[derive(Default)]
struct Between(Mutex<Option<Carried>>);

impl Between {
    fn take(&self) -> Option<Carried> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
    }

    fn put(&self, carried: Carried) {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(carried);
    }
}

/// The app as eframe runs it.
pub struct GapfieldApp {
    app: App,
    device: Option<wgpu::Device>,
    lost: Arc<AtomicBool>,
    between: Arc<Between>,
    left: bool,
}

impl Drop for GapfieldApp {
    /// A fault while drawing (a device lost in the middle of a frame ends in one) takes the window, not what is in it.
    fn drop(&mut self) {
        if std::thread::panicking() && !self.left {
            self.between.put(self.app.carry());
        }
    }
}

impl GapfieldApp {
    fn new(
        cc: &eframe::CreationContext<'_>,
        services: Services,
        initial: Option<PathBuf>,
        between: Arc<Between>,
    ) -> Self {
        let lost = Arc::new(AtomicBool::new(false));
        if let Some(state) = &cc.wgpu_render_state {
            watch_device(&state.device, &cc.egui_ctx, &lost);
        }
        let gpu = cc.wgpu_render_state.clone().map(|render_state| WindowGpu { render_state });
        let carried = between.take();
        let again = carried.is_some();
        if let (false, Some(state)) = (again, &cc.wgpu_render_state) {
            lose_device_later(&state.device);
        }
        let mut app = match carried {
            Some(carried) => App::again(&cc.egui_ctx, services, gpu, carried),
            None => App::new(&cc.egui_ctx, services, gpu),
        };
        theme::system_fonts::install_later(&cc.egui_ctx);
        if let Some(map) = WidgetMap::from_env() {
            cc.egui_ctx.add_plugin(map);
        }
        match initial {
            _ if again => {}
            Some(path) => app.wish(crate::window::app::dropped(&path)),
            None => app.restore_session(),
        }
        let device = cc.wgpu_render_state.as_ref().map(|s| s.device.clone());
        Self { app, device, lost, between, left: false }
    }
}

/// Tells when the device is gone, and keeps errors of a dying device from ending the process.
fn watch_device(device: &wgpu::Device, ctx: &egui::Context, lost: &Arc<AtomicBool>) {
    let (flag, context) = (Arc::clone(lost), ctx.clone());
    device.set_device_lost_callback(move |reason, words| {
        tracing::error!("the graphics device was lost ({reason:?}): {words}");
        flag.store(true, Ordering::Relaxed);
        context.request_repaint();
    });
    let flag = Arc::clone(lost);
    device.on_uncaptured_error(Arc::new(move |error| {
        if !flag.load(Ordering::Relaxed) {
            tracing::error!("graphics: {error}");
        }
    }));
}

/// Loses the device as a driver would, when the environment asks for it: how the test of it works.
fn lose_device_later(device: &wgpu::Device) {
    let after = std::env::var(LOSE_GPU).ok().and_then(|s| s.parse::<f64>().ok());
    if let Some(seconds) = after.filter(|s| (0.0..1e4).contains(s)) {
        let device = device.clone();
        let wait = std::time::Duration::from_secs_f64(seconds);
        let spawned = std::thread::Builder::new().name("lose gpu".to_owned()).spawn(move || {
            std::thread::sleep(wait);
            device.destroy();
        });
        if let Err(error) = spawned {
            tracing::warn!("{LOSE_GPU} was ignored: {error}");
        }
    }
}

impl eframe::App for GapfieldApp {
    fn logic(&mut self, ctx: &egui::Context, _: &mut eframe::Frame) {
        self.app.logic(ctx);
        if let Some(device) = &self.device
            && let Err(error) = device.poll(wgpu::PollType::Poll)
        {
            tracing::debug!("graphics: {error}");
        }
        if self.lost.load(Ordering::Relaxed) && !self.left {
            // This window cannot draw any more: leave with everything, and open another one.
            self.left = true;
            self.between.put(self.app.carry());
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
            ctx.request_repaint();
        }
    }

    fn ui(&mut self, ui: &mut egui::Ui, _: &mut eframe::Frame) {
        if !self.left {
            self.app.ui(ui);
        }
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        theme::tokens(visuals.dark_mode).app_bg.to_normalized_gamma_f32()
    }

    fn on_exit(&mut self) {
        if !self.left {
            self.app.close();
        }
    }
}

impl App {
    /// Opens again the run that was open when the last session ended.
    fn restore_session(&mut self) {
        if let Some(run) = self.layout.last_run.clone().filter(|r| r.is_dir()) {
            self.wish(Command::OpenRun(run));
        }
    }
}

/// Opens the window on nothing, or on a run folder or turns file, and returns when it is closed.
///
/// # Errors
/// When there is no display or no graphics adapter (a software renderer counts as one).
pub fn run(services: Services, initial: Option<PathBuf>) -> anyhow::Result<()> {
    let between = Arc::new(Between::default());
    let mut initial = initial;
    for _ in 0..=MOST_REOPENED {
        let first = initial.take();
        let opened = std::panic::AssertUnwindSafe(|| open(services.clone(), first, &between));
        let fault = match std::panic::catch_unwind(opened) {
            Ok(closed) => closed.map(|()| None)?,
            Err(fault) => Some(fault),
        };
        let waits = between.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).is_some();
        match (waits, fault) {
            (true, _) => {}
            (false, None) => return Ok(()),
            (false, Some(fault)) => std::panic::resume_unwind(fault),
        }
    }
    anyhow::bail!(
        "the window had to open again {} times in a row; update the graphics driver, or start with a software \
         renderer (mesa-vulkan-drivers)",
        MOST_REOPENED + 1
    )
}

fn open(services: Services, initial: Option<PathBuf>, between: &Arc<Between>) -> anyhow::Result<()> {
    let options = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("Gapfield")
            .with_app_id("gapfield")
            .with_inner_size([1600.0, 1000.0])
            .with_min_inner_size([640.0, 480.0])
            .with_drag_and_drop(true),
        renderer: eframe::Renderer::Wgpu,
        wgpu_options: WgpuConfiguration {
            surface: SurfaceConfig {
                present_mode: wgpu::PresentMode::AutoVsync,
                ..SurfaceConfig::HIGH_THROUGHPUT
            },
            ..WgpuConfiguration::default()
        },
        // Fonts of the system are read by our own thread, see `theme::system_fonts`.
        system_font_fallback: false,
        dithering: false,
        run_and_return: true,
        ..eframe::NativeOptions::default()
    };
    let between = Arc::clone(between);
    let make: eframe::AppCreator<'_> =
        Box::new(move |cc| Ok(Box::new(GapfieldApp::new(cc, services, initial, between))));
    // An eframe error is not Send + Sync on every platform: carry its words.
    eframe::run_native("gapfield", options, make).map_err(|error| anyhow::anyhow!("{error}")).context(
        "the window did not open; it needs a display (DISPLAY or WAYLAND_DISPLAY) and a graphics driver or a \
         software renderer such as mesa-vulkan-drivers",
    )
}
