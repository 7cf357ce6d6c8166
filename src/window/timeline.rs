//! The timeline: mean D of every turn in time, with the cursor that all row pictures share.

use crate::window::theme;
use crate::window::theme::font;
use crate::window::view::ViewContext;
use crate::window::widgets::IconButton;

/// Draws the timeline strip.
pub fn timeline_ui(ui: &mut egui::Ui, context: &mut ViewContext<'_>) {
    let _ = context;
    let t = theme::of(ui);
    ui.horizontal_centered(|ui| {
        ui.add_space(12.0);
        ui.spacing_mut().item_spacing.x = 2.0;
        ui.add(IconButton::new("skip-back", "First turn").enabled(false));
        ui.add(IconButton::new("play", "Play").enabled(false));
        ui.add(IconButton::new("skip-forward", "Last turn").enabled(false));
        ui.add_space(12.0);
        let words = egui::RichText::new("The timeline appears with the first turns");
        ui.label(words.font(font::small()).color(t.text_subdued));
    });
}
