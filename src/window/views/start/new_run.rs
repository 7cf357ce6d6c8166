//! A new run in three steps: turns, minds, look. Every control changes the draft that the app holds.

use super::form::{field, field_head, form_popup, judge_choice};
use crate::run::config::{PassConfig, PassKind, RunConfig};
use crate::window::command::Command;
use crate::window::format;
use crate::window::services::TurnsPreview;
use crate::window::theme::{self, Tokens, font, radius};
use crate::window::view::ViewContext;
use crate::window::views::train::{KERNELS, weights_ui, wide_path_ui};
use crate::window::widgets::paint::{hline, text_in, width};
use crate::window::widgets::{
    Button, Mind, checkbox, choice_row, mind_chip, section_heading, segmented, text_field,
};
use egui::{
    Align, Align2, DragValue, Layout, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

/// Width of a field of text in a form.
const FIELD: f32 = 170.0;

/// What is typed but not yet a number.
#[derive(Default)]
pub struct Form {
    seed: Option<String>,
}

/// Name a pass gets when none is given.
pub fn pass_name(pass: &PassConfig) -> String {
    if !pass.name.is_empty() {
        return pass.name.clone();
    }
    match pass.kind {
        PassKind::Hrm => "HRM".to_owned(),
        PassKind::Tiny => "Tiny".to_owned(),
        PassKind::Judge => pass.source.clone().unwrap_or_else(|| "judge".to_owned()),
        PassKind::Table => "table".to_owned(),
    }
}

impl Form {
    /// Draws the card; wishes change the draft or start the run.
    pub fn ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        let t = theme::of(ui);
        section_heading(ui, "New run", &machine_note(context));
        ui.add_space(9.0);
        let heights = [80.0, 80.0, 76.0, 60.0];
        let (card, _) =
            ui.allocate_exact_size(vec2(ui.available_width(), heights.iter().sum()), Sense::hover());
        let stroke = Stroke::new(1.0, t.line);
        ui.painter().rect(card, f32::from(radius::CARD), t.raised_bg, stroke, StrokeKind::Inside);
        let mut y = card.top();
        let mut rows = heights.iter().map(|h| {
            let rect = Rect::from_min_size(pos2(card.left(), y), vec2(card.width(), *h));
            y += h;
            rect
        });
        let mut draft = context.draft.clone();
        let mut next = || rows.next().unwrap_or(card);
        self.turns(ui, next(), context, &mut draft);
        minds(ui, next(), context, &mut draft);
        self.look(ui, next(), &mut draft);
        if draft != *context.draft {
            context.commands.push(Command::DraftRun(Box::new(draft)));
        }
        start(ui, next(), context);
    }

    fn turns(&mut self, ui: &mut Ui, rect: Rect, context: &mut ViewContext<'_>, draft: &mut RunConfig) {
        let t = theme::of(ui);
        let name = draft.turns.as_ref().map_or("Bundled corpus".to_owned(), |p| {
            p.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
        });
        let forms = context.draft_turns.map_or_else(|| vec!["reading the file".to_owned()], counted);
        let button = step(ui, t, rect, 1, true, "Turns", "Change...", "Change turns");
        let room = text_room(rect, &button);
        line(ui, rect, 40.5, &name, font::label(), t.text_strong, room);
        line(ui, rect, 59.0, widest(ui, &forms, room), font::small(), t.text_subdued, room);
        hline(ui, rect.left() + 1.0..=rect.right() - 1.0, rect.bottom() - 1.0, t.line);
        let judges: Vec<String> = context.draft_turns.map(|p| p.judges.clone()).unwrap_or_default();
        form_popup(&button, 260.0, |ui| {
            if choice_row(ui, draft.turns.is_none(), "Bundled corpus").clicked() {
                draft.turns = None;
                draft.judge = None;
            }
            if choice_row(ui, false, "Choose a file...").clicked() {
                context.commands.push(Command::ImportTurnsDialog);
                ui.close();
            }
            field(ui, "Supervised by", |ui| judge_choice(ui, &mut draft.judge, &judges));
            field(ui, "At most", |ui| {
                let limit = DragValue::new(&mut draft.limit).range(0..=1_000_000).speed(10);
                ui.add(limit.custom_formatter(|v, _| {
                    if v < 1.0 {
                        "all turns".to_owned()
                    } else {
                        format::counted(v as usize, "turn", "turns")
                    }
                }));
            });
        });
    }

    fn look(&mut self, ui: &mut Ui, rect: Rect, draft: &mut RunConfig) {
        let t = theme::of(ui);
        let button = step(ui, t, rect, 3, false, "Look", "Options...", "Options of the run");
        let room = text_room(rect, &button);
        line(ui, rect, 36.5, "Field, topology, report", font::label(), t.text_strong, room);
        line(ui, rect, 55.0, &format!("seed {}", draft.seed), font::small(), t.text_subdued, room);
        hline(ui, rect.left() + 1.0..=rect.right() - 1.0, rect.bottom() - 1.0, t.line);
        form_popup(&button, 300.0, |ui| {
            field(ui, "Title", |ui| {
                text_field(ui, &mut draft.title, "none", FIELD, font::label_regular(), t.text_strong);
            });
            field(ui, "Seed", |ui| self.seed_field(ui, draft));
            field(ui, "Nulls", |ui| {
                ui.add(DragValue::new(&mut draft.nulls).range(19..=9999).suffix(" shuffles"));
            });
            field(ui, "Loops up to", |ui| {
                segmented(ui, &mut draft.max_dim, &[(1, "H1"), (2, "H2")]);
            });
            field(ui, "Kernels", |ui| {
                segmented(ui, &mut draft.kernels, &KERNELS);
            });
        });
    }

    fn seed_field(&mut self, ui: &mut Ui, draft: &mut RunConfig) {
        let t = theme::of(ui);
        let mut text = self.seed.clone().unwrap_or_else(|| draft.seed.to_string());
        let valid = text.trim().parse::<u64>().is_ok();
        let color = if valid { t.text_strong } else { t.error };
        let response = text_field(ui, &mut text, "", FIELD, font::mono_small(), color);
        if response.changed() {
            if let Ok(seed) = text.trim().parse() {
                draft.seed = seed;
            }
            self.seed = Some(text);
        }
        if response.lost_focus() {
            self.seed = None;
        }
        response.on_hover_text("A whole number up to 18446744073709551615; the same seed gives the same run");
    }
}

/// Time and size as the last finished run of this machine took them, when there is one.
fn machine_note(context: &ViewContext<'_>) -> String {
    match context.devices {
        Some(d) => format!("on {}, {}", d.chosen, format::counted(d.threads, "thread", "threads")),
        None => "looking for devices".to_owned(),
    }
}

/// What the turns hold, in many words and in fewer.
fn counted(turns: &TurnsPreview) -> Vec<String> {
    let judges = match turns.judges.len() {
        0 => "no judgements".to_owned(),
        1 => "one judge".to_owned(),
        2 => "two judges".to_owned(),
        n => format!("{n} judges"),
    };
    let n = format::counted(turns.turns, "turn", "turns");
    let conversations = format::counted(turns.conversations, "conversation", "conversations");
    vec![format!("{n}, {conversations}, {judges}"), format!("{n}, {judges}")]
}

/// The first of these forms of a sentence that is not cut in this room, else the last.
fn widest<'a>(ui: &Ui, forms: &'a [String], room: f32) -> &'a str {
    let fits = |words: &&String| width(ui, words, font::small()) <= room;
    forms.iter().find(fits).or(forms.last()).map_or("", String::as_str)
}

fn text_room(rect: Rect, button: &Response) -> f32 {
    button.rect.left() - (rect.left() + 49.0) - 8.0
}

fn line(ui: &Ui, rect: Rect, y: f32, text: &str, font: egui::FontId, color: egui::Color32, room: f32) {
    let at = pos2(rect.left() + 49.0, rect.top() + y);
    text_in(ui, at, Align2::LEFT_CENTER, text, font, color, room);
}

/// Circle with the number, name of the step, and its button at the right.
#[allow(clippy::too_many_arguments)]
fn step(
    ui: &mut Ui,
    t: &Tokens,
    rect: Rect,
    number: usize,
    settled: bool,
    name: &str,
    button: &str,
    button_name: &str,
) -> Response {
    let lift = if number == 1 { 0.0 } else { 5.0 };
    let center = rect.left_top() + vec2(26.0, 28.0 - lift);
    if settled {
        ui.painter().circle_filled(center, 11.0, t.accent_fill);
    } else {
        ui.painter().circle_stroke(center, 10.5, Stroke::new(1.0, t.line_control));
    }
    let color = if settled { t.accent_text } else { t.text };
    ui.painter().text(center, Align2::CENTER_CENTER, number.to_string(), font::small_strong(), color);
    line(ui, rect, 23.5 - lift, name, font::small(), t.text_subdued, rect.width() - 140.0);
    let w = (width(ui, button, font::label()) + 20.0).ceil();
    let at = Rect::from_min_size(pos2(rect.right() - 14.0 - w, rect.top() + 17.0 - lift), vec2(w, 24.0));
    crate::window::widgets::paint::put_at(ui, at, Button::new(button).name(button_name).height(24.0))
}

fn minds(ui: &mut Ui, rect: Rect, context: &mut ViewContext<'_>, draft: &mut RunConfig) {
    let t = theme::of(ui);
    let button = step(ui, t, rect, 2, true, "Minds", "Change...", "Change minds");
    let chips = Rect::from_min_size(rect.min + vec2(49.0, 29.5), vec2(text_room(rect, &button), 20.0));
    let mut row = ui.new_child(UiBuilder::new().max_rect(chips).layout(Layout::left_to_right(Align::Center)));
    row.spacing_mut().item_spacing.x = 8.0;
    mind_chip(&mut row, Mind::A, &pass_name(&draft.a));
    mind_chip(&mut row, Mind::B, &pass_name(&draft.b));
    let first = context.draft_turns.and_then(|p| p.judges.first().cloned());
    let judge = draft.judge.clone().or(first).unwrap_or_else(|| "the first judge".to_owned());
    let room = text_room(rect, &button);
    let forms = match (draft.a.weights.is_some(), draft.b.weights.is_some()) {
        (false, false) => [
            format!("trained on {judge}, the same split for both"),
            format!("trained on {judge}, same split"),
        ],
        (true, true) => ["both with given weights".to_owned(), "given weights".to_owned()],
        (a, _) => {
            let (given, trained) = if a { ("A", "B") } else { ("B", "A") };
            [
                format!("{given} with given weights, {trained} trained on {judge}"),
                format!("{given} given, {trained} trained on {judge}"),
            ]
        }
    };
    line(ui, rect, 59.0, widest(ui, &forms, room), font::small(), t.text_subdued, room);
    hline(ui, rect.left() + 1.0..=rect.right() - 1.0, rect.bottom() - 1.0, t.line);
    let judges: Vec<String> = context.draft_turns.map(|p| p.judges.clone()).unwrap_or_default();
    form_popup(&button, 320.0, |ui| {
        pass_form(ui, context, Mind::A, &mut draft.a, &judges);
        ui.add_space(8.0);
        pass_form(ui, context, Mind::B, &mut draft.b, &judges);
    });
}

fn pass_form(
    ui: &mut Ui,
    context: &mut ViewContext<'_>,
    mind: Mind,
    pass: &mut PassConfig,
    judges: &[String],
) {
    ui.push_id(mind.letter(), |ui| {
        field_head(ui, mind, &pass_name(pass));
        field(ui, "Kind", |ui| {
            let mut kind = pass.kind;
            let options = [(PassKind::Hrm, "HRM"), (PassKind::Tiny, "Tiny"), (PassKind::Judge, "Judge")];
            if segmented(ui, &mut kind, &options) {
                pass.kind = kind;
                pass.source = (kind == PassKind::Judge).then(|| judges.first().cloned()).flatten();
                pass.weights = None;
            }
        });
        if pass.kind == PassKind::Judge {
            field(ui, "Judge", |ui| judge_choice(ui, &mut pass.source, judges));
            return;
        }
        field(ui, "Weights", |ui| weights_ui(ui, context, mind, pass));
        if pass.weights.is_some() {
            return;
        }
        field(ui, "Epochs at most", |ui| {
            let epochs = DragValue::new(&mut pass.epochs).range(0..=1000);
            ui.add(
                epochs
                    .custom_formatter(|v, _| if v < 1.0 { "default".to_owned() } else { format!("{v:.0}") }),
            );
        });
        field(ui, "Learning rate", |ui| {
            let rate = DragValue::new(&mut pass.learning_rate).range(0.0..=0.1).speed(1e-5);
            ui.add(
                rate.custom_formatter(
                    |v, _| if v <= 0.0 { "default".to_owned() } else { format!("{v:.1e}") },
                ),
            );
        });
        field(ui, "Guardrails", |ui| {
            let words = if pass.guardrails { "on" } else { "off, only to teach" };
            checkbox(ui, &mut pass.guardrails, words);
        });
        field(ui, "Wide path", |ui| wide_path_ui(ui, pass));
    });
}

fn start(ui: &mut Ui, rect: Rect, context: &mut ViewContext<'_>) {
    let t = theme::of(ui);
    let inner = Rect::from_min_max(rect.min + vec2(14.0, 0.0), rect.max - vec2(14.0, 1.0));
    let mut row = ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::left_to_right(Align::Center)));
    row.spacing_mut().item_spacing.x = 8.0;
    let why = if context.job.running {
        Some("A job is running; stop it or wait for its end")
    } else if context.draft_turns.is_none() {
        Some("The turns file is being read")
    } else if context.draft_turns.is_some_and(|p| p.judges.is_empty()) {
        Some("The turns have no judgements to train on")
    } else {
        None
    };
    if row.add(Button::new("Start the run").icon("play").primary().height(30.0).disabled(why)).clicked() {
        let config = RunConfig { quick: false, ..context.draft.clone() };
        context.commands.push(Command::StartRun(Box::new(config)));
    }
    let quick = row.add(Button::new("Quick run").height(30.0).disabled(why));
    if quick.on_hover_text("Fewer epochs, done in about two minutes").clicked() {
        let config = RunConfig { quick: true, ..context.draft.clone() };
        context.commands.push(Command::StartRun(Box::new(config)));
    }
    // Samples were slimmed to ship, so only runs made here tell what a run writes, and only those that trained both
    // minds, as this one will.
    let trained = context.library.runs.iter().filter(|r| r.trainings.iter().all(Option::is_some));
    let last = trained.map(|r| r.bytes).find(|b| *b > 0);
    if let Some(bytes) = last {
        let text = format!("writes about {}", format::bytes(bytes));
        let room = inner.right() - row.min_rect().right() - 12.0;
        if room > width(ui, &text, font::small()) {
            let at = inner.right_center();
            let r = text_in(ui, at, Align2::RIGHT_CENTER, &text, font::small(), t.text_subdued, room);
            let response = ui.interact(r, ui.scope_id().with("writes"), Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &text));
        }
    }
}
