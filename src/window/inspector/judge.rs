//! What each judge said on the active dimension, in its own words.

use super::{heading, section};
use crate::core::dimension::Dimension;
use crate::core::turn::Judgement;
use crate::run::contents::RunContents;
use crate::window::canvas::numbers;
use crate::window::theme::font;
use crate::window::view::ViewContext;
use crate::window::widgets::paint::lines;
use egui::{Role, Sense, Ui, WidgetInfo, vec2};

/// The judgements of a turn on a dimension. A table of judgements has tens of thousands of rows: they are looked for where
/// they stand when sorted by turn, else in one pass that is kept until another turn is selected.
fn found(ui: &Ui, run: &RunContents, run_version: u64, turn_id: &str) -> Vec<usize> {
    let id = egui::Id::unique("inspector judgements");
    let key = (run_version, turn_id.to_owned());
    type Kept = ((u64, String), Vec<usize>);
    if let Some((kept, places)) = ui.data(|d| d.get_temp::<Kept>(id))
        && kept == key
    {
        return places;
    }
    let of_turn = |i: &usize| run.judgements[*i].turn_id == turn_id;
    let places: Vec<usize> = (0..run.judgements.len()).filter(of_turn).collect();
    ui.data_mut(|d| d.insert_temp::<Kept>(id, (key, places.clone())));
    places
}

/// Draws one block a judge.
pub fn judge_ui(ui: &mut Ui, ctx: &ViewContext<'_>, run: &RunContents, row: usize, dimension: Dimension) {
    let t = ctx.tokens;
    let turn_id = &run.turns[row].turn_id;
    let places = found(ui, run, ctx.run_version, turn_id);
    let judgements: Vec<&Judgement> = places
        .iter()
        .filter_map(|i| run.judgements.get(*i))
        .filter(|j| j.dimension == dimension && j.turn_id == *turn_id)
        .collect();
    if judgements.is_empty() {
        return;
    }
    section(ui, t);
    for (i, j) in judgements.iter().enumerate() {
        if i > 0 {
            ui.add_space(10.0);
        }
        let title = if i == 0 { format!("Judge on {dimension}") } else { String::new() };
        heading(ui, t, &title, &format!("{}, score {}", j.judge, crate::window::format::number(j.score, 1)));
        let words = if j.rationale.trim().is_empty() { "No reason given" } else { j.rationale.as_str() };
        let color = if j.rationale.trim().is_empty() { t.text_subdued } else { t.text };
        let galley =
            lines(ui, words, font::label_regular(), color, ui.available_width(), usize::MAX, Some(18.0));
        let (rect, response) =
            ui.allocate_exact_size(vec2(ui.available_width(), galley.size().y), Sense::hover());
        response.widget_info(|| {
            let score = numbers::fixed(j.score, 0);
            WidgetInfo::labeled(Role::Label, true, format!("{}, score {score}, {words}", j.judge))
        });
        ui.painter().galley(rect.min, galley, color);
    }
}
