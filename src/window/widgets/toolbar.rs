//! The strip at the top of a view: choices left, help and export always last at the right.

use super::IconButton;
use crate::window::command::{Command, CommandQueue};
use crate::window::theme::{self, height, panel};
use egui::{Align, Layout, Rect, Sense, Ui, UiBuilder, vec2};

/// Draws a toolbar: `left` adds the choices, `right` extra buttons before help and export (right to left).
/// `export` names the figure kind that the export button writes, if the view has one.
pub fn toolbar(
    ui: &mut Ui,
    commands: &mut CommandQueue,
    export: Option<&str>,
    left: impl FnOnce(&mut Ui, &mut CommandQueue),
    right: impl FnOnce(&mut Ui, &mut CommandQueue),
) {
    let figure = |ui: &mut Ui, commands: &mut CommandQueue| {
        if let Some(kind) = export
            && ui.add(IconButton::new("export", "Figure...")).clicked()
        {
            commands.push(Command::ExportFigure(kind.to_owned()));
        }
    };
    toolbar_exporting(ui, commands, figure, left, right);
}

/// The same for a view whose export is not a figure: `export` draws its button, which stands last as everywhere.
pub fn toolbar_exporting(
    ui: &mut Ui,
    commands: &mut CommandQueue,
    export: impl FnOnce(&mut Ui, &mut CommandQueue),
    left: impl FnOnce(&mut Ui, &mut CommandQueue),
    right: impl FnOnce(&mut Ui, &mut CommandQueue),
) {
    let t = theme::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height::TOOLBAR), Sense::hover());
    super::paint::hline(ui, rect.left()..=rect.right(), rect.bottom() - 1.0, t.line);
    let inner = Rect::from_min_max(
        egui::pos2(rect.left() + panel::VIEW_PADDING - 4.0, rect.top()),
        egui::pos2(rect.right() - 8.0, rect.bottom() - 1.0),
    );
    let mut right_ui =
        ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::right_to_left(Align::Center)));
    right_ui.spacing_mut().item_spacing = vec2(4.0, 0.0);
    export(&mut right_ui, commands);
    if right_ui.add(IconButton::new("question", "Help for this view")).clicked() {
        commands.push(Command::ToggleHelp);
    }
    right(&mut right_ui, commands);
    let edge = right_ui.min_rect().left();
    let left_rect = Rect::from_min_max(inner.min, egui::pos2((edge - 8.0).max(inner.left()), inner.bottom()));
    let mut left_ui =
        ui.new_child(UiBuilder::new().max_rect(left_rect).layout(Layout::left_to_right(Align::Center)));
    left_ui.spacing_mut().item_spacing = vec2(8.0, 0.0);
    left_ui.set_clip_rect(left_rect.expand2(vec2(3.0, 0.0)).intersect(ui.clip_rect()));
    left(&mut left_ui, commands);
}
