//! Stands where a view of this window is still being built.

use crate::window::view::{View, ViewContext, ViewKind};
use crate::window::widgets::EmptyState;

/// A view that is not built yet.
pub struct Missing(pub ViewKind);

impl View for Missing {
    fn kind(&self) -> ViewKind {
        self.0
    }
    fn help(&self) -> &'static str {
        "This view is not built yet"
    }
    fn summary(&self, _: &ViewContext<'_>) -> String {
        format!("{} is not built yet", self.0.title())
    }
    fn ui(&mut self, ui: &mut egui::Ui, _: &mut ViewContext<'_>) {
        EmptyState::new(self.0.icon(), "Not built yet", "This view comes with a later version").ui(ui);
    }
}
