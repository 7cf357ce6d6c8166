//! A bar 4 high that says how far work has come.

use crate::window::theme::{self, height};
use egui::{Rect, Response, Role, Sense, Ui, WidgetInfo, vec2};

/// How the work stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProgressState {
    /// Going on.
    Running,
    /// Held by the user.
    Paused,
    /// Ended badly.
    Failed,
    /// Done.
    Done,
}

/// A progress bar of this width; `fraction` from 0 to 1, `None` when the total is unknown (then only the track).
pub fn progress_bar(ui: &mut Ui, width: f32, fraction: Option<f32>, state: ProgressState) -> Response {
    let t = theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, height::PROGRESS), Sense::hover());
    response.widget_info(|| {
        let mut info = WidgetInfo::new(Role::ProgressIndicator);
        info.value = fraction.map(f64::from);
        info
    });
    let radius = height::PROGRESS / 2.0;
    ui.painter().rect_filled(rect, radius, t.track_bg);
    let color = match state {
        ProgressState::Running => t.accent,
        ProgressState::Paused => t.text_subdued,
        ProgressState::Failed => t.error,
        ProgressState::Done => t.ok,
    };
    if let Some(f) = fraction.filter(|f| *f > 0.0) {
        let w = (rect.width() * f.clamp(0.0, 1.0)).max(height::PROGRESS);
        ui.painter().rect_filled(Rect::from_min_size(rect.min, vec2(w, rect.height())), radius, color);
    }
    response
}
