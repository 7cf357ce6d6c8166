//! The parts of the forms of a new run: rows with a name and a control, below the button that opens them.

use crate::window::theme::{self, font, height};
use crate::window::widgets::{Mind, choice, choice_row, menu, mind_chip};
use egui::{Align, Layout, PopupCloseBehavior, Response, Ui, vec2};

/// The mind whose fields follow.
pub fn field_head(ui: &mut Ui, mind: Mind, name: &str) {
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), height::ROW),
        Layout::left_to_right(Align::Center),
        |ui| {
            ui.add_space(10.0);
            mind_chip(ui, mind, name);
        },
    );
}

/// Which judge, the first one unless another was chosen.
pub fn judge_choice(ui: &mut Ui, judge: &mut Option<String>, judges: &[String]) {
    let first = judges.first().cloned().unwrap_or_else(|| "the first".to_owned());
    let shown = judge.clone().unwrap_or(first);
    choice(ui, "", &shown, |ui| {
        for name in judges {
            if choice_row(ui, *name == shown, name).clicked() {
                *judge = Some(name.clone());
            }
        }
    });
}

/// A row of the form: name left, control right.
pub fn field(ui: &mut Ui, name: &str, control: impl FnOnce(&mut Ui)) {
    let t = theme::of(ui);
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), 30.0),
        Layout::left_to_right(Align::Center),
        |ui| {
            ui.add_space(10.0);
            ui.label(egui::RichText::new(name).font(font::label_regular()).color(t.text_subdued));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add_space(8.0);
                control(ui);
            });
        },
    );
}

/// A form that opens below its button and stays open while it is filled in.
pub fn form_popup(button: &Response, width: f32, body: impl FnOnce(&mut Ui)) {
    menu(button).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_width(width);
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        body(ui);
        ui.add_space(4.0);
    });
}
