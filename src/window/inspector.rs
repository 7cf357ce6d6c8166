//! The inspector: everything about the one turn that is selected.

use crate::window::view::ViewContext;
use crate::window::widgets::EmptyState;

/// Draws the inspector of what is selected.
pub fn inspector_ui(ui: &mut egui::Ui, context: &mut ViewContext<'_>) {
    let _ = context;
    EmptyState::new("crosshair-simple", "Nothing selected", "Select a turn in any view to read it here")
        .ui(ui);
}
