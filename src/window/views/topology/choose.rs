//! How the cloud is made: columns, weights, scaling and distance, computed anew as a job.

use super::prepared::Prepared;
use crate::core::cloud::CloudChoice;
use crate::core::metric::Metric;
use crate::core::scm;
use crate::pipeline::topology::{Exploration, predicted_bytes};
use crate::window::command::Command;
use crate::window::format;
use crate::window::theme::{self, font};
use crate::window::view::ViewContext;
use crate::window::widgets::paint::lines;
use crate::window::widgets::{Button, checkbox, choice_form, segmented};
use egui::{DragValue, Sense, Ui, vec2};

/// Width of the open form.
const WIDTH: f32 = 312.0;

/// What is being put together in the form.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    /// Run the form was filled from.
    version: u64,
    /// Whether each of the twelve columns is in, and its weight.
    columns: [(bool, f64); scm::N_COLUMNS],
    standardise: bool,
    metric: Metric,
    voids: bool,
    nulls: usize,
}

impl Form {
    /// As the shown run was made.
    pub fn of(version: u64, cloud: &CloudChoice, max_dim: u8, nulls: usize) -> Self {
        let chosen = cloud.indices().unwrap_or_else(|_| scm::SCORES.collect());
        let mut columns = [(false, 1.0); scm::N_COLUMNS];
        for (place, at) in chosen.into_iter().enumerate() {
            columns[at] = (true, cloud.weights.get(place).copied().unwrap_or(1.0));
        }
        let (standardise, metric) = (cloud.standardise, cloud.metric);
        let nulls = [0_usize, 99, 199, 499].into_iter().min_by_key(|n| n.abs_diff(nulls)).unwrap_or(199);
        Self { version, columns, standardise, metric, voids: max_dim > 1, nulls }
    }

    /// What is wished for.
    pub fn wanted(&self) -> Exploration {
        let chosen: Vec<usize> = (0..scm::N_COLUMNS).filter(|c| self.columns[*c].0).collect();
        let declared = chosen == scm::SCORES.collect::<Vec<_>>();
        let weights: Vec<f64> = chosen.iter().map(|c| self.columns[*c].1).collect();
        let cloud = CloudChoice {
            columns: if declared {
                Vec::new()
            } else {
                chosen.iter().map(|c| scm::SHORT[*c].to_owned()).collect()
            },
            standardise: self.standardise,
            weights: if weights.iter().all(|w| *w == 1.0) { Vec::new() } else { weights },
            metric: self.metric,
        };
        Exploration {
            cloud,
            max_dim: if self.voids { 2 } else { 1 },
            nulls: self.nulls,
            ..Exploration::default()
        }
    }
}

/// The control in the toolbar with its form.
pub fn choose_ui(ui: &mut Ui, context: &mut ViewContext<'_>, form: &mut Option<Form>, prepared: &Prepared) {
    let version = context.run_version;
    let nulls = prepared.run.nulls.len();
    if form.as_ref().is_none_or(|f| f.version != version) {
        *form = Some(Form::of(version, &prepared.cloud, prepared.max_dim, nulls));
    }
    let Some(form) = form.as_mut() else { return };
    let words = prepared.cloud.words();
    // Scores that no turn has are left out of the default cloud.
    let used = prepared.run.metrics.get("topology").and_then(|m| m.get("columns")?.as_array().map(Vec::len));
    let words = match used {
        Some(n) if prepared.cloud.columns.is_empty() && n < scm::SCORES.len() => {
            let all = format::counted(scm::SCORES.len(), "score", "scores");
            words.replacen(&all, &format::counted(n, "score", "scores"), 1)
        }
        _ => words,
    };
    let words = if ui.available_width() > 860.0 { format!("rows of D, {words}") } else { words };
    choice_form(ui, "Points", &words, |ui| {
        ui.set_width(WIDTH);
        ui.spacing_mut().item_spacing = vec2(8.0, 4.0);
        egui::Frame::new().inner_margin(10.0).show(ui, |ui| form_ui(ui, context, form, prepared));
    });
}

fn form_ui(ui: &mut Ui, context: &mut ViewContext<'_>, form: &mut Form, prepared: &Prepared) {
    heading(ui, "Columns and their weights");
    egui::Grid::new("topology columns").num_columns(4).spacing(vec2(10.0, 2.0)).show(ui, |ui| {
        for row in 0..scm::N_COLUMNS / 2 {
            for at in [row, row + scm::N_COLUMNS / 2] {
                let (chosen, weight) = &mut form.columns[at];
                checkbox(ui, chosen, scm::SHORT[at]);
                let drag = DragValue::new(weight).range(0.0..=100.0).speed(0.05).max_decimals(2);
                let name = format!("weight of {}", scm::SHORT[at]);
                ui.add_enabled(*chosen, drag).on_hover_text(name);
            }
            ui.end_row();
        }
    });
    checkbox(ui, &mut form.standardise, "Divide each by its standard deviation");
    heading(ui, "Distance");
    segmented(ui, &mut form.metric, &Metric::ALL.map(|m| (m, m.title())));
    checkbox(ui, &mut form.voids, "Voids too (H2), slower");
    heading(ui, "Null fields");
    segmented(ui, &mut form.nulls, &[(0, "none"), (99, "99"), (199, "199"), (499, "499")]);
    let wanted = form.wanted();
    let problem = if form.columns.iter().all(|c| !c.0) {
        Some("choose at least one column".to_owned())
    } else {
        wanted.cloud.indices().err()
    };
    let turns = prepared.run.delta.as_ref().map_or(0, |d| d.rows());
    let bytes = format::bytes(predicted_bytes(turns, wanted.max_dim));
    let note = problem.clone().unwrap_or_else(|| {
        format!("At most {bytes}. What is chosen after looking proves less than the test declared before")
    });
    said(ui, &note);
    ui.horizontal(|ui| {
        let start = Button::new("Compute").primary().disabled(problem.as_deref());
        if ui.add(start).clicked() {
            context.commands.push(Command::ExploreTopology(Box::new(wanted)));
            ui.close();
        }
        let other = prepared.exploratory || context.exploring.wanted.is_some();
        if other && ui.add(Button::new("Back to the declared")).clicked() {
            context.commands.push(Command::DeclaredTopology);
            ui.close();
        }
    });
}

fn heading(ui: &mut Ui, words: &str) {
    let t = theme::of(ui);
    ui.add_space(4.0);
    ui.label(egui::RichText::new(words).font(font::small_strong()).color(t.text_strong));
}

fn said(ui: &mut Ui, words: &str) {
    let t = theme::of(ui);
    let galley = lines(ui, words, font::small(), t.text_subdued, WIDTH - 24.0, 3, Some(15.0));
    let (rect, response) = ui.allocate_exact_size(vec2(WIDTH - 24.0, galley.size().y + 8.0), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, words));
    ui.painter().galley(rect.min + vec2(0.0, 4.0), galley, t.text_subdued);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_gives_back_the_choice_it_was_filled_from() {
        let declared = Form::of(1, &CloudChoice::default(), 1, 199).wanted();
        assert_eq!(declared, Exploration::default());
        let cloud = CloudChoice {
            columns: vec!["clarity".into(), "ood".into()],
            standardise: true,
            weights: vec![1.0, 2.5],
            metric: Metric::Chebyshev,
        };
        let wanted = Form::of(1, &cloud, 2, 50).wanted();
        assert_eq!((&wanted.cloud, wanted.max_dim, wanted.nulls), (&cloud, 2, 99));
    }
}
