//! What the toolbar of the Train view does to a training: its learning rate, pause, stop, and the runs beside it.

use super::source::{Mind, Training};
use crate::window::command::{Command, CommandQueue};
use crate::window::format;
use crate::window::theme::{self, font};
use crate::window::view::{JobStatus, ViewContext};
use crate::window::widgets::{Button, IconButton, choice_row, menu};
use egui::{Align, DragValue, Layout, PopupCloseBehavior, Ui, vec2};
use std::path::PathBuf;

/// How many other trainings are laid over this one at most.
const MOST_COMPARED: usize = 4;

/// A learning rate as people write it: "1.0e−4".
pub fn rate_words(rate: f64) -> String {
    format!("{rate:.1e}").replace('-', "\u{2212}")
}

/// Pause or go on, and stop, of a running job.
pub fn run_buttons(ui: &mut Ui, commands: &mut CommandQueue, job: &JobStatus, wide: bool) {
    let (icon, text) = if job.paused { ("play", "Resume") } else { ("pause", "Pause") };
    let stop = "Stop; what is finished stays, and the run can be resumed";
    if wide {
        if ui.add(Button::new("Stop").icon("stop")).on_hover_text(stop).clicked() {
            commands.push(Command::CancelJob);
        }
        if ui.add(Button::new(text).icon(icon).on(job.paused)).clicked() {
            commands.push(Command::PauseJob(!job.paused));
        }
    } else {
        if ui.add(IconButton::new("stop", "Stop")).clicked() {
            commands.push(Command::CancelJob);
        }
        if ui.add(IconButton::new(icon, text)).clicked() {
            commands.push(Command::PauseJob(!job.paused));
        }
    }
}

/// The learning rate of the running training, and its edit.
pub fn rate_edit(ui: &mut Ui, commands: &mut CommandQueue, job: &JobStatus, training: &Training, wide: bool) {
    let now = training.last("learning_rate");
    let factor = job.rate_factor;
    let mut words = now.map_or_else(|| "not known yet".to_owned(), rate_words);
    let edited = (factor - 1.0).abs() > 1e-9;
    if edited {
        words = format!("{words} × {}", format::number(factor, 3));
    }
    let text = if wide { format!("Learning rate {words}") } else { words };
    let name = format!("Edit the learning rate, now {text}");
    let button = ui.add(Button::new(&text).icon("pencil-simple").on(edited).name(&name));
    menu(&button).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        let t = theme::of(ui);
        ui.set_width(236.0);
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        for (preset, words) in
            [(1.0, "As planned"), (0.1, "A tenth"), (0.5, "Half"), (2.0, "Twice"), (10.0, "Ten times")]
        {
            if choice_row(ui, (factor - preset).abs() < 1e-9, words).clicked() {
                commands.push(Command::RateFactor(preset));
                ui.close();
            }
        }
        ui.allocate_ui_with_layout(vec2(236.0, 32.0), Layout::left_to_right(Align::Center), |ui| {
            ui.add_space(10.0);
            ui.label(egui::RichText::new("Factor").font(font::label_regular()).color(t.text_subdued));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add_space(10.0);
                let mut wanted = factor;
                let edit = DragValue::new(&mut wanted).range(0.0..=1000.0).speed(0.01).max_decimals(4);
                if ui.add(edit).changed() {
                    commands.push(Command::RateFactor(wanted));
                }
            });
        });
        ui.horizontal(|ui| {
            ui.add_space(10.0);
            let words = "From the next epoch on; kept in the run's history";
            ui.label(egui::RichText::new(words).font(font::small()).color(t.text_subdued));
        });
        ui.add_space(8.0);
    });
}

/// Chooses the runs whose trainings are laid over this one.
pub fn compare(ui: &mut Ui, context: &ViewContext<'_>, compared: &mut Vec<PathBuf>, mind: Mind, wide: bool) {
    let open = super::source::run(context).map(|r| r.folder.clone());
    let runs: Vec<(PathBuf, String)> = (context.library.runs.iter().chain(&context.library.samples))
        .filter(|r| r.trainings[mind.index()].is_some() && Some(&r.folder) != open.as_ref())
        .map(|r| (r.folder.clone(), r.title.clone()))
        .collect();
    let chosen = compared.iter().filter(|c| runs.iter().any(|(f, _)| f == *c)).count();
    let why = runs.is_empty().then_some("There is no other training to compare with");
    let text = match (wide, chosen) {
        (true, 0) => "Compare".to_owned(),
        (true, n) => format!("Compare {n}"),
        (false, 0) => String::new(),
        (false, n) => n.to_string(),
    };
    let button = Button::new(&text)
        .icon("chart-line")
        .on(chosen > 0)
        .disabled(why)
        .name("Compare with earlier trainings");
    let button = ui.add(button);
    if why.is_some() {
        button.on_hover_text(why.unwrap_or_default());
        return;
    }
    menu(&button).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_width(250.0);
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
            for (folder, title) in &runs {
                let on = compared.contains(folder);
                if choice_row(ui, on, title).clicked() {
                    toggle(compared, folder);
                }
            }
        });
    });
}

/// Adds or takes away a run; the oldest choice goes when there are too many.
pub fn toggle(compared: &mut Vec<PathBuf>, folder: &PathBuf) {
    if compared.contains(folder) {
        compared.retain(|c| c != folder);
        return;
    }
    if compared.len() == MOST_COMPARED {
        compared.remove(0);
    }
    compared.push(folder.clone());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_training_lets_the_first_go() {
        let mut chosen = Vec::new();
        for name in ["a", "b", "c", "d", "e"] {
            toggle(&mut chosen, &PathBuf::from(name));
        }
        assert_eq!(chosen, ["b", "c", "d", "e"].map(PathBuf::from));
        toggle(&mut chosen, &PathBuf::from("c"));
        assert_eq!(chosen.len(), 3);
        assert_eq!(rate_words(1e-4), "1.0e−4");
    }
}
