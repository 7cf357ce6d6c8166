//! UMAP's own options: how many neighbours, how tight, from which seed; another choice is computed as a job.

use crate::run::projection::UmapChoice;
use crate::window::theme::{self, font};
use crate::window::widgets::paint::lines;
use crate::window::widgets::{Button, choice_form};
use egui::{DragValue, Sense, Ui, vec2};

/// Width of the open form.
const WIDTH: f32 = 250.0;

/// What is being put together, and what it was filled from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Form {
    from: (u64, UmapChoice),
    neighbours: usize,
    min_dist: f64,
    seed: u64,
}

impl Form {
    /// As `shown`; a run's own seed stands where none was chosen.
    fn of(version: u64, shown: UmapChoice, run_seed: u64) -> Self {
        Self {
            from: (version, shown),
            neighbours: shown.neighbours,
            min_dist: shown.min_dist(),
            seed: shown.seed.unwrap_or(run_seed),
        }
    }

    /// What is wished for; the run's own seed is no choice.
    fn wanted(&self, run_seed: u64) -> UmapChoice {
        UmapChoice {
            neighbours: self.neighbours,
            min_dist_hundredths: (self.min_dist * 100.0).round().clamp(0.0, 100.0) as u32,
            seed: (self.seed != run_seed).then_some(self.seed),
        }
    }
}

/// The control in the toolbar with its form; changes `shown` when something else is to be computed.
pub fn options_ui(
    ui: &mut Ui,
    form: &mut Option<Form>,
    shown: &mut UmapChoice,
    (version, run_seed): (u64, u64),
) {
    if form.is_none_or(|f| f.from != (version, *shown)) {
        *form = Some(Form::of(version, *shown, run_seed));
    }
    let Some(form) = form.as_mut() else { return };
    let words = if shown.is_kept() { "as the run" } else { "chosen" };
    choice_form(ui, "Options", words, |ui| {
        ui.set_width(WIDTH);
        ui.spacing_mut().item_spacing = vec2(8.0, 6.0);
        egui::Frame::new().inner_margin(10.0).show(ui, |ui| form_ui(ui, form, shown, run_seed));
    });
}

fn form_ui(ui: &mut Ui, form: &mut Form, shown: &mut UmapChoice, run_seed: u64) {
    egui::Grid::new("umap options").num_columns(2).spacing(vec2(12.0, 6.0)).show(ui, |ui| {
        let field = |ui: &mut Ui, name: &str, value: DragValue<'_>| {
            let label = ui.label(name);
            ui.add(value).labelled_by(label.id);
            ui.end_row();
        };
        field(ui, "Neighbours", DragValue::new(&mut form.neighbours).range(2..=200).speed(0.2));
        let tight = DragValue::new(&mut form.min_dist).range(0.0..=1.0).speed(0.005).fixed_decimals(2);
        field(ui, "Smallest distance", tight);
        field(ui, "Seed", DragValue::new(&mut form.seed).speed(0.2));
    });
    let note = "Few neighbours show detail, many the whole. What is chosen after looking is marked as such; \
                the run keeps its own";
    said(ui, note);
    let wanted = form.wanted(run_seed);
    ui.horizontal(|ui| {
        let same = (wanted == *shown).then_some("this is what is shown");
        if ui.add(Button::new("Compute").primary().disabled(same)).clicked() {
            *shown = wanted;
            ui.close();
        }
        if !shown.is_kept() && ui.add(Button::new("Back to the run's")).clicked() {
            *shown = UmapChoice::default();
            ui.close();
        }
    });
}

fn said(ui: &mut Ui, words: &str) {
    let t = theme::of(ui);
    let wide = WIDTH - 24.0;
    let galley = lines(ui, words, font::small(), t.text_subdued, wide, 4, Some(15.0));
    let (rect, response) = ui.allocate_exact_size(vec2(wide, galley.size().y + 8.0), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, words));
    ui.painter().galley(rect.min + vec2(0.0, 4.0), galley, t.text_subdued);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_gives_back_what_it_was_filled_from_and_the_runs_seed_is_no_choice() {
        let chosen = UmapChoice { neighbours: 40, min_dist_hundredths: 57, seed: Some(3) };
        for shown in [UmapChoice::default(), chosen] {
            assert_eq!(Form::of(1, shown, 7).wanted(7), shown);
        }
        assert_eq!(Form::of(1, chosen, 3).wanted(3).seed, None);
    }
}
