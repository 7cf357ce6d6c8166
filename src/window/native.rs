//! The app in a real window: eframe on wgpu.

use crate::window::app::App;
use crate::window::command::Command;
use crate::window::services::Services;
use crate::window::theme;
use crate::window::view::WindowGpu;
use anyhow::Context as _;
use eframe::egui_wgpu::{SurfaceConfig, WgpuConfiguration};
use std::path::PathBuf;

/// The app as eframe runs it.
pub struct GapfieldApp {
    app: App,
}

impl GapfieldApp {
    /// The app in the context of a window that was just made.
    pub fn new(cc: &eframe::CreationContext<'_>, services: Services, initial: Option<PathBuf>) -> Self {
        let gpu = cc.wgpu_render_state.clone().map(|render_state| WindowGpu { render_state });
        let mut app = App::new(&cc.egui_ctx, services, gpu);
        theme::system_fonts::install_later(&cc.egui_ctx);
        match initial {
            Some(path) => app.wish(crate::window::app::dropped(&path)),
            None => app.restore_session(),
        }
        Self { app }
    }

    /// The app itself.
    pub fn app_mut(&mut self) -> &mut App {
        &mut self.app
    }
}

impl eframe::App for GapfieldApp {
    fn logic(&mut self, ctx: &egui::Context, _: &mut eframe::Frame) {
        self.app.logic(ctx);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _: &mut eframe::Frame) {
        self.app.ui(ui);
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        theme::tokens(visuals.dark_mode).app_bg.to_normalized_gamma_f32()
    }

    fn on_exit(&mut self) {
        self.app.close();
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
        ..eframe::NativeOptions::default()
    };
    let make: eframe::AppCreator<'_> =
        Box::new(move |cc| Ok(Box::new(GapfieldApp::new(cc, services, initial))));
    // An eframe error is not Send + Sync on every platform: carry its words.
    eframe::run_native("gapfield", options, make).map_err(|error| anyhow::anyhow!("{error}")).context(
        "the window did not open; it needs a display (DISPLAY or WAYLAND_DISPLAY) and a graphics driver or a \
         software renderer such as mesa-vulkan-drivers",
    )
}
