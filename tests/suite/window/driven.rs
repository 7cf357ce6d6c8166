//! A window driven without a display: frames by hand, the app behind it, and waiting until nothing works any more.

use egui::vec2;
use egui_kittest::Harness;
use gapfield::window::app::App;
use gapfield::window::services::Services;
use std::time::{Duration, Instant};

pub type Window = Harness<'static, Option<App>>;

/// A window of that size in points, drawn without a renderer, in its first frames.
pub fn opened(services: Services, width: f32, height: f32) -> Window {
    let draw = move |ui: &mut egui::Ui, app: &mut Option<App>| match app {
        Some(app) => {
            app.logic(ui.ctx());
            app.ui(ui);
        }
        // The first frame only installs fonts: they are there from the second on.
        None => {
            *app = Some(App::new(ui.ctx(), services.clone(), None));
            ui.ctx().request_repaint();
        }
    };
    let mut harness = Harness::builder()
        .with_size(vec2(width, height))
        .with_max_steps(200)
        .allow_missing_glyphs()
        .build_ui_state(draw, None);
    harness.run_steps(4);
    harness
}

pub fn app(harness: &mut Window) -> &mut App {
    harness.state_mut().as_mut().unwrap()
}

/// Frames until nothing is read in the background any more.
pub fn settle(harness: &mut Window) {
    let began = Instant::now();
    loop {
        harness.run_steps(4);
        let busy = harness.state().as_ref().is_none_or(App::is_busy);
        if !busy || began.elapsed() > Duration::from_secs(20) {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    harness.run_steps(4);
}
