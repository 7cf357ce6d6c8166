//! The config of both minds as a table: field, A, B; what differs from the default stands out and can be put back.

use super::super::block_head;
use super::super::facts::{MEASURED, scorer_kind};
use crate::run::config::{Kernels, PassConfig, PassKind, RunConfig};
use crate::train::plan::Plan;
use crate::window::canvas::paint;
use crate::window::command::Command;
use crate::window::library::RunSummary;
use crate::window::theme::{Tokens, font};
use crate::window::view::ViewContext;
use crate::window::widgets::{Button, Mind, checkbox, choice, choice_row, mind_mark, segmented};
use egui::{Align, Align2, DragValue, Layout, Rect, Ui, UiBuilder, pos2, vec2};
use std::path::Path;

const ROW: f32 = 30.0;
/// Rows with a cell for each mind.
const NAMES: [&str; 8] = [
    "kind",
    "weights",
    "epochs at most",
    "learning rate",
    "turns a batch",
    "dropout",
    "guardrails",
    "wide path",
];
/// Those, and the kernels, which serve both minds.
const ROWS: usize = NAMES.len() + 1;
/// Runs offered for their weights, the newest first; the dialog finds the others.
const MOST_RUNS: usize = 8;
/// Room the form takes.
pub const HEIGHT: f32 = 40.0 + 26.0 + ROW * ROWS as f32 + 14.0;

/// The kernels in words.
pub const KERNELS: [(Kernels, &str); 2] = [(Kernels::Fused, "fused"), (Kernels::Plain, "plain")];

/// What these kernels are called.
pub fn kernels_word(kernels: Kernels) -> &'static str {
    KERNELS.iter().find(|k| k.0 == kernels).map_or("", |k| k.1)
}

/// Draws the form; every change is a new draft.
pub fn form_ui(ui: &mut Ui, context: &mut ViewContext<'_>, rect: Rect) {
    let t = context.tokens;
    let mut draft = context.draft.clone();
    let changed = differing(&draft);
    let note = match changed {
        0 => "as the defaults say".to_owned(),
        1 => "1 differs from the defaults".to_owned(),
        n => format!("{n} differ from the defaults"),
    };
    block_head(ui.painter(), t, pos2(rect.left(), rect.top() + 21.0), "Config", &note, rect.width() - 150.0);
    if changed > 0 {
        let w = 140.0;
        let at = Rect::from_min_size(pos2(rect.right() - w, rect.top() + 9.0), vec2(w, 24.0));
        let mut child =
            ui.new_child(UiBuilder::new().max_rect(at).layout(Layout::right_to_left(Align::Center)));
        if child.add(Button::new("Back to defaults").height(24.0)).clicked() {
            put_back(&mut draft);
        }
    }
    let name_width = (rect.width() * 0.24).max(96.0);
    let w = (rect.width() - name_width) / 2.0;
    let top = rect.top() + 40.0;
    let heads = [(Mind::A, &draft.a), (Mind::B, &draft.b)];
    for (i, (mind, pass)) in heads.into_iter().enumerate() {
        let x = rect.left() + name_width + w * i as f32;
        mind_mark(ui.painter(), t, mind, pos2(x + 5.0, top + 12.0), 9.0);
        let words = crate::window::views::start::pass_name(pass);
        let at = pos2(x + 16.0, top + 12.0);
        paint::text_cut(
            ui.painter(),
            at,
            Align2::LEFT_CENTER,
            &words,
            font::small_medium(),
            t.text,
            w - 20.0,
        );
    }
    let line = |row: usize| {
        let y = top + 26.0 + ROW * row as f32;
        Rect::from_min_size(pos2(rect.left(), y), vec2(rect.width(), ROW))
    };
    for (row, name) in NAMES.into_iter().enumerate() {
        let at = line(row);
        row_name(ui, t, at, name, name_width);
        for (i, pass) in [&mut draft.a, &mut draft.b].into_iter().enumerate() {
            let x = rect.left() + name_width + w * i as f32;
            let cell = Rect::from_min_size(pos2(x, at.top() + 1.0), vec2(w - 12.0, ROW - 1.0));
            in_cell(ui, cell, (name, i), |ui| match (row, pass.weights.is_some()) {
                (1, _) => weights_ui(ui, context, [Mind::A, Mind::B][i], pass),
                (2, true) => {
                    let words = "as the weights were trained";
                    ui.label(egui::RichText::new(words).font(font::label_regular()).color(t.text_subdued));
                }
                (0, _) | (_, false) => cell_ui(ui, t, row, pass),
                _ => {}
            });
        }
    }
    let at = line(NAMES.len());
    row_name(ui, t, at, "kernels", name_width);
    let cell = Rect::from_min_max(pos2(rect.left() + name_width, at.top() + 1.0), at.max);
    in_cell(ui, cell, ("kernels", 0), |ui| kernels_ui(ui, t, &mut draft.kernels));
    if draft != *context.draft {
        context.commands.push(Command::DraftRun(Box::new(draft)));
    }
}

fn row_name(ui: &Ui, t: &Tokens, line: Rect, name: &str, width: f32) {
    paint::hline(ui.painter(), line.left()..=line.right(), line.top(), t.line_faint);
    let face = font::label_regular();
    paint::text_cut(ui.painter(), line.left_center(), Align2::LEFT_CENTER, name, face, t.text_subdued, width);
}

fn in_cell(ui: &mut Ui, cell: Rect, id: (&str, usize), add: impl FnOnce(&mut Ui)) {
    let builder = UiBuilder::new().max_rect(cell).layout(Layout::left_to_right(Align::Center));
    let mut child = ui.new_child(builder);
    child.spacing_mut().item_spacing.x = 8.0;
    child.push_id(id, add);
}

/// One choice for both minds: the two forms of the inner loops agree within rounding.
fn kernels_ui(ui: &mut Ui, t: &Tokens, kernels: &mut Kernels) {
    segmented(ui, kernels, &KERNELS);
    let usual = Kernels::default();
    let differs = *kernels != usual;
    put_back_ui(ui, t, differs, kernels_word(usual), || *kernels = usual);
}

fn plan_of(pass: &PassConfig) -> Option<(Plan, Plan)> {
    let kind = scorer_kind(pass.kind)?;
    // None of the fields shown depends on the width of the embeddings.
    let resolve = |p: &PassConfig| Plan::resolve(kind, 1, MEASURED, p, false);
    Some((resolve(&PassConfig::default()), resolve(pass)))
}

fn cell_ui(ui: &mut Ui, t: &Tokens, row: usize, pass: &mut PassConfig) {
    let Some((usual, now)) = plan_of(pass) else {
        if row == 0 {
            let words = match pass.kind {
                PassKind::Judge => "a judge, not trained",
                _ => "a table, not trained",
            };
            ui.label(egui::RichText::new(words).font(font::label_regular()).color(t.text_subdued));
        }
        return;
    };
    match row {
        0 => {
            let mut kind = pass.kind;
            if segmented(ui, &mut kind, &[(PassKind::Hrm, "HRM"), (PassKind::Tiny, "Tiny")]) {
                pass.kind = kind;
                pass.weights = None;
            }
        }
        2 => {
            let mut epochs = now.epochs;
            let edit = DragValue::new(&mut epochs).range(1..=1000).speed(0.1);
            if ui.add(edit).changed() {
                pass.epochs = if epochs == usual.epochs { 0 } else { epochs };
            }
            put_back_ui(ui, t, now.epochs != usual.epochs, &usual.epochs.to_string(), || pass.epochs = 0);
        }
        3 => {
            let mut rate = now.learning_rate;
            let speed = rate * 0.02;
            let edit = DragValue::new(&mut rate)
                .range(1e-7..=0.1)
                .speed(speed)
                .custom_formatter(|v, _| super::super::controls::rate_words(v))
                .custom_parser(|text| text.trim().replace('\u{2212}', "-").parse().ok());
            if ui.add(edit).changed() {
                pass.learning_rate = if rate == usual.learning_rate { 0.0 } else { rate };
            }
            let words = super::super::controls::rate_words(usual.learning_rate);
            let differs = now.learning_rate != usual.learning_rate;
            put_back_ui(ui, t, differs, &words, || pass.learning_rate = 0.0);
        }
        4 => {
            let mut batch = now.batch;
            let edit = DragValue::new(&mut batch).range(1..=4096).speed(0.2);
            if ui.add(edit).changed() {
                pass.batch = if batch == usual.batch { 0 } else { batch };
            }
            put_back_ui(ui, t, now.batch != usual.batch, &usual.batch.to_string(), || pass.batch = 0);
        }
        5 => {
            let mut dropout = now.dropout;
            let edit = DragValue::new(&mut dropout).range(0.0..=0.95).speed(0.005).fixed_decimals(2);
            if ui.add(edit).changed() {
                pass.dropout = if dropout == usual.dropout { -1.0 } else { dropout };
            }
            let words = format!("{:.2}", usual.dropout);
            put_back_ui(ui, t, now.dropout != usual.dropout, &words, || pass.dropout = -1.0);
        }
        6 => {
            let words = if pass.guardrails { "on" } else { "off, only to teach" };
            checkbox(ui, &mut pass.guardrails, words);
        }
        _ => wide_path_ui(ui, pass),
    }
}

/// Whether a mind is trained in the run or scores with weights that are there already: of another run, a folder or a
/// file.
pub fn weights_ui(ui: &mut Ui, context: &mut ViewContext<'_>, mind: Mind, pass: &mut PassConfig) {
    if scorer_kind(pass.kind).is_none() {
        pass.weights = None;
        return;
    }
    let name = |path: &Path| {
        let run = context.library.runs.iter().find(|r| r.folder == path).map(|r| r.title.clone());
        let file = || path.file_name().map(|n| n.to_string_lossy().into_owned());
        run.or_else(file).unwrap_or_else(|| path.display().to_string())
    };
    let shown = pass.weights.as_deref().map_or_else(|| "trained here".to_owned(), name);
    let at = usize::from(mind == Mind::B);
    let mut asked = None;
    let shut = choice(ui, "", &shown, |ui| {
        if choice_row(ui, pass.weights.is_none(), "trained here").clicked() {
            pass.weights = None;
        }
        // Whether the weights are still there is the run's to say: no disk is asked between two frames.
        let trained = |r: &&RunSummary| r.trainings[at].is_some();
        for run in context.library.runs.iter().filter(trained).take(MOST_RUNS) {
            let chosen = pass.weights.as_deref() == Some(run.folder.as_path());
            let words = format!("{} of {}", mind.letter(), run.title);
            if choice_row(ui, chosen, &words).clicked() {
                pass.weights = Some(run.folder.clone());
            }
        }
        if choice_row(ui, false, "A run or a folder...").clicked() {
            asked = Some(true);
        }
        if choice_row(ui, false, "A file...").clicked() {
            asked = Some(false);
        }
    });
    let full = pass.weights.as_ref().map(|p| p.display().to_string());
    let usual = "The mind is trained on the turns of this run".to_owned();
    shut.response
        .on_hover_text(full.map_or(usual, |p| format!("Scores with the weights in {p}, as they are")));
    if let Some(folder) = asked {
        context.commands.push(Command::WeightsDialog(at, folder));
    }
}

/// The wide path of a mind; it goes with the guardrails.
pub fn wide_path_ui(ui: &mut Ui, pass: &mut PassConfig) {
    let words = match (pass.wide, pass.guardrails) {
        (_, false) => "off with the guardrails",
        (true, true) => "on",
        (false, true) => "off, the core alone",
    };
    let guarded = pass.guardrails;
    let mut on = pass.wide && guarded;
    let row = ui.add_enabled_ui(guarded, |ui| checkbox(ui, &mut on, words));
    if guarded {
        pass.wide = on;
    }
    row.response.on_hover_text(
        "Beside its core the mind reads measurements of the texts, and HRM also the context and the answer before",
    );
}

/// After a changed value: its default, and a button that puts it back.
fn put_back_ui(ui: &mut Ui, t: &Tokens, differs: bool, usual: &str, put_back: impl FnOnce()) {
    if !differs {
        ui.label(egui::RichText::new("default").font(font::small()).color(t.text_subdued));
        return;
    }
    let name = format!("Back to the default, {usual}");
    let icon = crate::window::widgets::IconButton::new("arrow-counter-clockwise", &name).small();
    if ui.add(icon).clicked() {
        put_back();
    }
    let words = format!("default {usual}");
    ui.label(egui::RichText::new(words).font(font::small_strong()).color(t.text_strong));
}

/// How many fields of both minds differ from the defaults.
fn differing(draft: &RunConfig) -> usize {
    let usual = RunConfig::default();
    let of = |pass: &PassConfig, usual: &PassConfig| {
        let trained = plan_of(pass);
        let numbers = trained.map_or(0, |(usual, now)| {
            [
                usual.epochs != now.epochs,
                usual.learning_rate != now.learning_rate,
                usual.batch != now.batch,
                usual.dropout != now.dropout,
                usual.guardrails != now.guardrails,
                usual.rate_steps != now.rate_steps,
                // Without guardrails there is none, and it is they that differ.
                pass.guardrails && !pass.wide,
            ]
            .into_iter()
            .filter(|d| *d)
            .count()
        });
        // Numbers of a training that does not happen do not differ.
        let numbers = if pass.weights.is_some() { 1 } else { numbers };
        numbers + usize::from(pass.kind != usual.kind)
    };
    of(&draft.a, &usual.a) + of(&draft.b, &usual.b) + usize::from(draft.kernels != usual.kernels)
}

/// Puts everything back that this form shows.
fn put_back(draft: &mut RunConfig) {
    let usual = RunConfig::default();
    draft.a = usual.a;
    draft.b = usual.b;
    draft.kernels = usual.kernels;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_counted_and_put_back() {
        let mut draft = RunConfig::default();
        assert_eq!(differing(&draft), 0);
        draft.a.epochs = 3;
        draft.a.guardrails = false;
        draft.b.kind = PassKind::Judge;
        draft.b.source = Some("judge-1".to_owned());
        assert_eq!(differing(&draft), 3);
        put_back(&mut draft);
        assert_eq!(differing(&draft), 0);
    }

    #[test]
    fn a_core_alone_and_plain_kernels_are_two_differences() {
        let mut draft = RunConfig { kernels: Kernels::Plain, ..RunConfig::default() };
        draft.b.wide = false;
        // Without a wide path the core also trains longer.
        assert_eq!(differing(&draft), 3);
        put_back(&mut draft);
        assert_eq!((differing(&draft), draft.kernels, draft.b.wide), (0, Kernels::Fused, true));
    }

    #[test]
    fn given_weights_are_one_difference_whatever_the_training_would_have_been() {
        let mut draft = RunConfig::default();
        draft.a.epochs = 3;
        draft.a.weights = Some("runs/earlier".into());
        assert_eq!(differing(&draft), 1);
        put_back(&mut draft);
        assert_eq!(differing(&draft), 0);
    }

    #[test]
    fn asking_for_the_default_by_number_is_no_difference() {
        let mut draft = RunConfig::default();
        draft.a.epochs = plan_of(&draft.a).unwrap().0.epochs;
        assert_eq!(differing(&draft), 0);
    }
}
