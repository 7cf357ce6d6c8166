//! Training: the curves, the validation field by epoch, what each head has learnt, and what was asked for.

mod charts;
mod facts;
mod film;
mod heads;
mod source;

use crate::window::canvas::paint;
use crate::window::command::Command;
use crate::window::format;
use crate::window::theme::font;
use crate::window::view::{View, ViewContext, ViewKind};
use crate::window::widgets::{self, Button, EmptyState};
use egui::{Align2, Rect, Sense, Ui, pos2, vec2};
use source::{Mind, Training};

/// The Train view.
#[derive(Default)]
pub struct TrainView {
    /// Whose training the charts show.
    mind: Mind,
    /// Epoch the filmstrip shows, from 0; `None` follows the newest.
    epoch: Option<usize>,
    film: film::Film,
    charts: Option<charts::Charts>,
}

impl View for TrainView {
    fn kind(&self) -> ViewKind {
        ViewKind::Train
    }

    fn help(&self) -> &'static str {
        "Both minds learn the same judgements, one small model a dimension. The score loss falls while they learn; the \
         validation error is measured on conversations that training never sees, and the grey dashes are what always \
         answering the mean would give.\n\n\
         The filmstrip shows the scores of the validation turns epoch by epoch beside the target: drag the handle to go \
         back.\n\n\
         A head is shown with its skill beyond no skill (the tick). Heads whose skill is weak are greyed, because what \
         they say about a turn should not be believed."
    }

    fn summary(&self, context: &ViewContext<'_>) -> String {
        match Training::of(context, self.mind) {
            Some(training) => training.summary(),
            None => empty_words(context).1,
        }
    }

    fn ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        ui.spacing_mut().item_spacing.y = 0.0;
        if Training::of(context, self.mind).is_none() && Training::of(context, self.mind.other()).is_some() {
            self.mind = self.mind.other();
        }
        let training = Training::of(context, self.mind);
        self.toolbar(ui, context, training.as_ref());
        match training {
            Some(training) => self.body(ui, context, &training),
            None => empty_ui(ui, context),
        }
    }
}

impl TrainView {
    fn toolbar(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>, training: Option<&Training>) {
        let t = context.tokens;
        let labels = [Mind::A, Mind::B].map(|m| match source::pass(context, m) {
            Some(pass) => format!("{}, {}", m.letter(), pass.name),
            None => m.letter().to_owned(),
        });
        let words = training.map(|training| epoch_words(context, training));
        let live = training.is_some_and(|t| t.live);
        widgets::toolbar(
            ui,
            context.commands,
            training.map(|_| "training"),
            |ui, _| {
                if training.is_none() {
                    return;
                }
                let options = [(Mind::A, labels[0].as_str()), (Mind::B, labels[1].as_str())];
                if widgets::segmented(ui, &mut self.mind, &options) {
                    self.epoch = None;
                }
                if let Some((strong, rest)) = &words {
                    let line = [
                        paint::run(strong, font::label_number_strong(), t.text_strong),
                        paint::run(rest, font::label_number(), t.text_subdued).after(8.0),
                    ];
                    let galley = paint::line_of(ui.painter(), &line, ui.available_width().max(20.0));
                    let (rect, _) = ui.allocate_exact_size(galley.size() + vec2(12.0, 0.0), Sense::hover());
                    ui.painter().galley(rect.min + vec2(8.0, 0.0), galley, t.text);
                }
            },
            |ui, commands| {
                if live && ui.add(Button::new("Stop").icon("stop")).clicked() {
                    commands.push(Command::CancelJob);
                }
            },
        );
    }

    fn body(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>, training: &Training) {
        let t = context.tokens;
        let full = ui.available_rect_before_wrap();
        ui.advance_cursor_after_rect(full);
        let inner = Rect::from_min_max(full.min + vec2(16.0, 4.0), full.max - vec2(16.0, 8.0));
        self.film.update(ui.ctx(), context, training);
        let has_film = self.film.has_frames();
        let shares = if has_film { [0.33, 0.30] } else { [0.42, 0.0] };
        let chart_height = (inner.height() * shares[0]).floor();
        let film_height = (inner.height() * shares[1]).floor();
        let charts = Rect::from_min_size(inner.min, vec2(inner.width(), chart_height));
        let shown = self.epoch.unwrap_or(training.epochs_done.saturating_sub(1));
        let cursor = has_film.then_some(shown);
        let key = charts::Key::of(context, training, self.mind);
        if self.charts.as_ref().is_none_or(|c| c.key != key) {
            self.charts = Some(charts::Charts::new(key, context, training, self.mind));
        }
        if let Some(prepared) = &self.charts {
            charts::charts_ui(ui, context, charts, prepared, cursor);
        }
        let mut top = charts.bottom();
        paint::hline(ui.painter(), inner.left()..=inner.right(), top, t.line);
        if has_film {
            let film = Rect::from_min_size(pos2(inner.left(), top), vec2(inner.width(), film_height));
            if let Some(epoch) = self.film.ui(ui, context, film, training, shown) {
                self.epoch = Some(epoch);
            }
            top = film.bottom();
            paint::hline(ui.painter(), inner.left()..=inner.right(), top, t.line);
        }
        let rest = Rect::from_min_max(pos2(inner.left(), top), inner.max);
        let left = Rect::from_min_size(rest.min, vec2((rest.width() * 0.6).floor(), rest.height()));
        let right = Rect::from_min_max(pos2(left.right() + 32.0, rest.top()), rest.max);
        heads::heads_ui(ui, context, left, self.mind);
        facts::facts_ui(ui, context, right, training, self.mind);
    }
}

/// "Epoch 13 of 20" and what follows it.
fn epoch_words(context: &ViewContext<'_>, training: &Training) -> (String, String) {
    if !training.live {
        let epochs = format::counted(training.epochs_done, "epoch", "epochs");
        return (format!("Trained for {epochs}"), String::new());
    }
    let strong = if training.epochs_planned > 0 {
        format!("Epoch {} of {}", training.epochs_done, training.epochs_planned)
    } else {
        format!("Epoch {}", training.epochs_done)
    };
    let rest = context.job.eta_s.map_or_else(String::new, |s| format!("{} left", format::duration(s)));
    (strong, rest)
}

fn empty_words(context: &ViewContext<'_>) -> (&'static str, String, bool) {
    if context.loading {
        return ("Reading the run", "The curves appear as soon as it is read".to_owned(), false);
    }
    if context.job.running {
        return (
            "No training yet",
            "The first epoch is on its way; its curves appear here".to_owned(),
            false,
        );
    }
    let Some(run) = context.run else {
        let needs = "Both minds are trained when a run starts; a few minutes for the bundled corpus";
        return ("No training yet", needs.to_owned(), true);
    };
    let passes = [run.a.as_ref(), run.b.as_ref()];
    if passes.iter().all(Option::is_none) {
        return match run.problems.first() {
            Some(problem) => ("The training of this run cannot be read", problem.clone(), false),
            None => ("No training yet", "The run has not come to its training; resume it".to_owned(), false),
        };
    }
    let needs = "Their scores come from judges or tables, so there are no curves to show";
    ("These passes were not trained here", needs.to_owned(), false)
}

fn empty_ui(ui: &mut Ui, context: &mut ViewContext<'_>) {
    let (what, needs, start) = empty_words(context);
    let mut state = EmptyState::new("graduation-cap", what, &needs);
    if start {
        state = state.action("Go to Start");
    }
    if state.ui(ui) {
        context.commands.push(Command::Show(ViewKind::Start));
    }
}

/// Heading of a block with a subdued note right after it.
fn block_head(
    painter: &egui::Painter,
    t: &crate::window::theme::Tokens,
    at: egui::Pos2,
    title: &str,
    note: &str,
    room: f32,
) {
    let words = [
        paint::run(title, font::heading(), t.text_strong),
        paint::run(note, font::small(), t.text_subdued).after(8.0),
    ];
    paint::line(painter, at, Align2::LEFT_CENTER, &words, room);
}
