//! The log: what happened in this session, newest last.

use crate::window::app::App;
use crate::window::command::Command;
use crate::window::log::clock;
use crate::window::theme::{self, font, height};
use crate::window::widgets::banner::severity_look;
use crate::window::widgets::paint::{hline, icon_at, text_in};
use crate::window::widgets::{EmptyState, IconButton};
use egui::{Align, Align2, Frame, Layout, Panel, ScrollArea, Sense, Ui, vec2};

/// Draws the log above the timeline.
pub fn log_panel_ui(app: &mut App, ui: &mut Ui) {
    let t = theme::of(ui);
    Panel::bottom("log")
        .default_size(180.0)
        .size_range(90.0..=480.0)
        .resizable(true)
        .show_separator_line(false)
        .frame(Frame::NONE.fill(t.bar_bg))
        .show(ui, |ui| {
            let rect = ui.max_rect();
            hline(ui, rect.left()..=rect.right(), rect.top(), t.line);
            head(app, ui);
            if app.log.is_empty() {
                EmptyState::new("list-bullets", "Nothing happened yet", "Jobs and warnings are written here")
                    .ui(ui);
                return;
            }
            let rows = app.log.len();
            ui.spacing_mut().item_spacing.y = 0.0;
            ScrollArea::vertical().auto_shrink([false, false]).stick_to_bottom(true).show_rows(
                ui,
                height::ROW_DENSE,
                rows,
                |ui, range| {
                    for i in range {
                        line(app, ui, i);
                    }
                },
            );
        });
}

fn head(app: &mut App, ui: &mut Ui) {
    let t = theme::of(ui);
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), height::RAIL_HEADER),
        Layout::left_to_right(Align::Center),
        |ui| {
            ui.add_space(12.0);
            ui.label(egui::RichText::new("Log").font(font::label()).color(t.text));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add_space(8.0);
                if ui.add(IconButton::new("x", "Close the log").small()).clicked() {
                    app.commands.push(Command::ToggleLog);
                }
            });
        },
    );
}

fn line(app: &App, ui: &mut Ui, index: usize) {
    let Some(line) = app.log.get(index) else { return };
    let t = theme::of(ui);
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), height::ROW_DENSE), Sense::click());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &line.text));
    if response.hovered() {
        ui.painter().rect_filled(rect, 0.0, t.hover_bg);
    }
    let (color, _, icon) = severity_look(t, line.severity);
    let y = rect.left_center();
    let at = y + vec2(12.0, 0.0);
    text_in(ui, at, Align2::LEFT_CENTER, &clock(line.at), font::mono_small(), t.text_subdued, 70.0);
    icon_at(ui.painter(), y + vec2(86.0, 0.0), icon, 13.0, color);
    let at = y + vec2(100.0, 0.0);
    text_in(ui, at, Align2::LEFT_CENTER, &line.text, font::mono_small(), t.text, rect.width() - 112.0);
    if response.on_hover_text(&line.text).clicked() {
        ui.ctx().copy_text(line.text.clone());
    }
}
