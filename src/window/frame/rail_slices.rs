//! Slices in the rail: what is brushed now, what was kept under a name, and what can be done with it.

use super::rail::{note, row_ground, section};
use crate::core::item::Item;
use crate::window::app::App;
use crate::window::command::Command;
use crate::window::format;
use crate::window::theme::{self, font, height, radius};
use crate::window::widgets::paint::{put_at, text_in, width};
use crate::window::widgets::{IconButton, choice_row, focus_ring};
use egui::{Align2, Id, Key, Popup, PopupCloseBehavior, Rect, Response, Role, Sense, Ui, WidgetInfo, vec2};
use std::sync::Arc;

/// Draws the section.
pub fn slices_ui(app: &mut App, ui: &mut Ui) {
    let brushed = app.selection.brushed.len();
    let mut keep = false;
    section(ui, "Slices", |ui| {
        let button = IconButton::new("plus", "Keep the brushed rows as a slice").small().enabled(brushed > 0);
        keep = ui.add(button).clicked();
    });
    if keep {
        app.commands.push(Command::KeepSlice(String::new()));
    }
    if brushed > 0 {
        slice_row(ui, None, "Brushed now", brushed, false);
    }
    if app.slices.is_empty() && brushed == 0 {
        let text = if app.run.is_some() {
            "Brush some rows in any view, then keep them here under a name"
        } else {
            "Open a run, brush some rows in any view, then keep them here under a name"
        };
        note(ui, text);
    }
    let mut wishes = Vec::new();
    for (i, slice) in app.slices.iter().enumerate() {
        let item = Item::Slice(slice.name.clone());
        let selected = app.selection.selected.as_ref() == Some(&item);
        let row = slice_row(ui, Some(i), &slice.name, slice.rows.len(), selected);
        if row.clicked() {
            wishes.push(Command::Select(Some(item)));
        }
        let rename = row.has_focus() && ui.input(|i| i.key_pressed(Key::F2));
        if row.has_focus() && ui.input(|i| i.key_pressed(Key::Delete)) {
            wishes.push(Command::RemoveSlice(slice.name.clone()));
        }
        let at = Rect::from_center_size(row.rect.right_center() - vec2(14.0, 0.0), vec2(20.0, 20.0));
        let more = put_at(
            ui,
            at,
            IconButton::new("dots-three", &format!("More about slice {}", slice.name)).small(),
        );
        let id = Popup::default_response_id(&more);
        if rename || row.secondary_clicked() {
            Popup::open_id(ui.ctx(), id);
        }
        let close = PopupCloseBehavior::CloseOnClickOutside;
        Popup::menu(&more)
            .gap(4.0)
            .close_behavior(close)
            .show(|ui| menu(ui, &slice.name, &slice.rows, &mut wishes));
    }
    for wish in wishes {
        app.commands.push(wish);
    }
}

/// Name, export and remove.
fn menu(ui: &mut Ui, name: &str, rows: &[usize], wishes: &mut Vec<Command>) {
    let t = theme::of(ui);
    ui.set_width(200.0);
    ui.spacing_mut().item_spacing = vec2(0.0, 2.0);
    let id = Id::unique(("slice name", name));
    let mut text = ui.data(|d| d.get_temp::<String>(id)).unwrap_or_else(|| name.to_owned());
    let edit = egui::TextEdit::singleline(&mut text)
        .id(id.with("field"))
        .font(font::label_regular())
        .text_color(t.text_strong)
        .hint_text("Name of the slice")
        .desired_width(184.0);
    let response = ui.add(edit);
    response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, format!("Name of slice {name}")));
    let done = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
    if done && text.trim() != name && !text.trim().is_empty() {
        wishes.push(Command::RenameSlice { from: name.to_owned(), to: text.clone() });
    }
    if done {
        ui.close();
        ui.data_mut(|d| d.remove::<String>(id));
    } else {
        ui.data_mut(|d| d.insert_temp(id, text));
    }
    ui.add_space(4.0);
    if choice_row(ui, false, "Select its turns").clicked() {
        wishes.push(Command::Select(Some(Item::Slice(name.to_owned()))));
        ui.close();
    }
    if choice_row(ui, false, "Export...").clicked() {
        wishes.push(Command::ExportRows(name.to_owned(), Arc::new(rows.to_vec())));
        ui.close();
    }
    if choice_row(ui, false, "Remove").clicked() {
        wishes.push(Command::RemoveSlice(name.to_owned()));
        ui.close();
    }
}

fn slice_row(ui: &mut Ui, series: Option<usize>, name: &str, n: usize, selected: bool) -> Response {
    let t = theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height::ROW), Sense::click());
    let label = format!("slice {name}, {}", format::counted(n, "turn", "turns"));
    response.widget_info(|| WidgetInfo::selected(Role::ListItem, true, selected, &label));
    row_ground(ui, t, rect, &response, selected);
    let color = series.map_or(t.accent, |i| t.series(i + 1));
    let square = Rect::from_center_size(egui::pos2(rect.left() + 16.0, rect.center().y), vec2(8.0, 8.0));
    ui.painter().rect_filled(square, f32::from(radius::MARK), color);
    let count = format::count(n);
    let end = if series.is_some() { 28.0 } else { 12.0 };
    let room = rect.width() - 40.0 - end - width(ui, &count, font::small());
    let at = rect.left_center() + vec2(28.0, 0.0);
    text_in(ui, at, Align2::LEFT_CENTER, name, font::label_regular(), t.text, room);
    let at = rect.right_center() - vec2(end, 0.0);
    ui.painter().text(at, Align2::RIGHT_CENTER, count, font::small(), t.text_subdued);
    focus_ring(ui, &response);
    response
}
