//! Training: the curves, the validation field by epoch, what each head has learnt, and what was asked for.

mod charts;
mod controls;
mod facts;
mod film;
mod heads;
mod multiples;
mod setup;
pub use setup::{KERNELS, weights_ui, wide_path_ui};
mod source;

use crate::window::canvas::paint;
use crate::window::command::{Command, Severity};
use crate::window::format;
use crate::window::theme::{font, height};
use crate::window::view::{TrainPage as Page, View, ViewContext, ViewKind};
use crate::window::widgets::{self, Banner, EmptyState, choice, choice_row};
use egui::{Align2, Rect, Sense, Ui, UiBuilder, pos2, vec2};
use source::{Mind, Training};
use std::path::PathBuf;

/// Room below which buttons lose their words.
const NARROW: f32 = 980.0;

/// The Train view.
#[derive(Default)]
pub struct TrainView {
    /// Whose training the charts show.
    mind: Mind,
    /// Whether the user chose that mind; else the view follows the one that learns now.
    chosen: bool,
    /// Epoch the filmstrip shows, from 0; `None` follows the newest.
    epoch: Option<usize>,
    /// Runs whose trainings lie over this one.
    compared: Vec<PathBuf>,
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
         back. \"Every figure\" shows each loss term, gradient norms and the learning rate; \"next training\" shows what \
         there is to learn from, what was left out and why, and the config beside its defaults.\n\n\
         A head is shown with its skill beyond no skill (the tick). Heads whose skill is weak are greyed, because what \
         they say about a turn should not be believed.\n\n\
         A paused training waits where it stands; a stopped one goes on from its last saved epoch, bit for bit. A \
         changed learning rate holds from the next epoch on and is kept in the run's history."
    }

    fn summary(&self, context: &ViewContext<'_>) -> String {
        match Training::of(context, self.mind) {
            Some(training) => training.summary(),
            None => empty_words(context).1,
        }
    }

    fn ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        ui.spacing_mut().item_spacing.y = 0.0;
        let learns = context.job.progress.as_ref().filter(|_| context.job.running).map(|p| p.stage.as_str());
        match learns {
            _ if self.chosen => {}
            Some("train A") => self.mind = Mind::A,
            Some("train B") => self.mind = Mind::B,
            _ => {}
        }
        if Training::of(context, self.mind).is_none() && Training::of(context, self.mind.other()).is_some() {
            self.mind = self.mind.other();
        }
        let training = Training::of(context, self.mind);
        let nothing = training.is_none() && context.run.is_none() && !context.job.running && !context.loading;
        let page = context.train_page.unwrap_or(if nothing { Page::Setup } else { Page::Overview });
        self.toolbar(ui, context, training.as_ref(), page);
        self.banner(ui, context);
        if page == Page::Setup {
            let full = ui.available_rect_before_wrap();
            ui.advance_cursor_after_rect(full);
            setup::setup_ui(ui, context, inner(full));
            return;
        }
        match training {
            Some(training) => self.body(ui, context, &training, page),
            None => {
                if empty_ui(ui, context) {
                    context.commands.push(Command::TrainPage(Page::Setup));
                }
            }
        }
    }
}

/// The room of a page inside the view.
fn inner(full: Rect) -> Rect {
    Rect::from_min_max(full.min + vec2(16.0, 4.0), full.max - vec2(16.0, 8.0))
}

impl TrainView {
    fn toolbar(
        &mut self,
        ui: &mut Ui,
        context: &mut ViewContext<'_>,
        training: Option<&Training>,
        page: Page,
    ) {
        let t = context.tokens;
        let wide = ui.available_width() >= NARROW;
        let labels = [Mind::A, Mind::B].map(|m| match source::name(context, m).filter(|_| wide) {
            Some(name) => format!("{}, {name}", m.letter()),
            None => m.letter().to_owned(),
        });
        let words = training.map(|training| epoch_words(context, training));
        let unfinished = unfinished(context);
        let (job, library_view) = (context.job, &*context);
        let mut compared = self.compared.clone();
        let mut commands = crate::window::command::CommandQueue::default();
        let mind = self.mind;
        let has_training = training.is_some();
        let right = |ui: &mut Ui| {
            if job.running {
                controls::run_buttons(ui, &mut commands, job, wide);
            } else if let Some(folder) = unfinished {
                let resume = widgets::Button::new("Resume").icon("play");
                if ui.add(resume).on_hover_text("Goes on where the run stopped").clicked() {
                    commands.push(Command::ResumeRun(folder));
                }
            }
            if has_training && page != Page::Setup {
                // Only the controls of a running job leave no room for the word.
                controls::compare(ui, library_view, &mut compared, mind, wide || !job.running);
            }
            if let Some(training) = training.filter(|t| t.live && t.epochs_planned > 0) {
                controls::rate_edit(ui, &mut commands, job, training, wide);
            }
        };
        let mut queue = crate::window::command::CommandQueue::default();
        let mut wished = None;
        widgets::toolbar(
            ui,
            &mut queue,
            training.map(|_| "training"),
            |ui, _| {
                if has_training && page != Page::Setup {
                    let options = [(Mind::A, labels[0].as_str()), (Mind::B, labels[1].as_str())];
                    if widgets::segmented(ui, &mut self.mind, &options) {
                        self.epoch = None;
                        self.chosen = true;
                    }
                }
                choice(ui, "Show", page.words(), |ui| {
                    for other in Page::ALL {
                        if choice_row(ui, other == page, other.words()).clicked() {
                            wished = Some(other);
                        }
                    }
                });
                if let Some((strong, rest)) = words.as_ref().filter(|_| page != Page::Setup) {
                    let line = [
                        paint::run(strong, font::label_number_strong(), t.text_strong),
                        paint::run(rest, font::label_number(), t.text_subdued).after(8.0),
                    ];
                    let galley = paint::line_of(ui.painter(), &line, ui.available_width().max(20.0));
                    let (rect, _) = ui.allocate_exact_size(galley.size() + vec2(4.0, 0.0), Sense::hover());
                    ui.painter().galley(rect.min, galley, t.text);
                }
            },
            |ui, _| right(ui),
        );
        self.compared = compared;
        if let Some(page) = wished {
            context.commands.push(Command::TrainPage(page));
        }
        commands.drain().into_iter().chain(queue.drain()).for_each(|c| context.commands.push(c));
    }

    /// What went wrong with the training that is shown, and what can be done about it.
    fn banner(&self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        let job = context.job;
        let words = if job.failed && source::job_matters(context) {
            let sentence = job.ended.clone().unwrap_or_default();
            Some((Severity::Error, "The training did not finish", sentence))
        } else {
            let status = source::run(context).map(|r| r.status.clone()).unwrap_or_default();
            let failed = !job.running && (status.contains("train") || status.contains("second phase"));
            failed.then_some((Severity::Warning, "This training is not complete", status))
        };
        let Some((severity, what, detail)) = words else { return };
        let folder = unfinished(context);
        let width = ui.available_width();
        ui.allocate_ui(vec2(width, height::BANNER + 12.0), |ui| {
            let at =
                Rect::from_min_size(ui.max_rect().min + vec2(16.0, 8.0), vec2(width - 32.0, height::BANNER));
            let mut child = ui.new_child(UiBuilder::new().max_rect(at));
            let mut banner = Banner::new(severity, what, &detail);
            if folder.is_some() {
                banner = banner.action("Resume");
            }
            if banner.ui(&mut child)
                && let Some(folder) = folder
            {
                context.commands.push(Command::ResumeRun(folder));
            }
            ui.allocate_exact_size(vec2(width, height::BANNER + 12.0), Sense::hover());
        });
    }

    fn body(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>, training: &Training, page: Page) {
        let t = context.tokens;
        let full = ui.available_rect_before_wrap();
        ui.advance_cursor_after_rect(full);
        let inner = inner(full);
        if page == Page::Figures {
            multiples::multiples_ui(ui, context, inner, self.mind);
            return;
        }
        self.film.update(ui.ctx(), context, training);
        let has_film = self.film.has_frames();
        let shares = if has_film { [0.33, 0.30] } else { [0.42, 0.0] };
        let chart_height = (inner.height() * shares[0]).floor();
        let film_height = (inner.height() * shares[1]).floor();
        let charts = Rect::from_min_size(inner.min, vec2(inner.width(), chart_height));
        let shown = self.epoch.unwrap_or(training.epochs_done.saturating_sub(1));
        let cursor = has_film.then_some(shown);
        let key = charts::Key::of(context, training, self.mind, &self.compared);
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
        heads::heads_ui(ui, context, left, training, self.mind);
        facts::facts_ui(ui, context, right, training, self.mind);
    }
}

/// The folder of what is shown, when its run can be gone on with.
fn unfinished(context: &ViewContext<'_>) -> Option<PathBuf> {
    let job = context.job;
    if job.running {
        return None;
    }
    let ended = job.folder.as_ref().filter(|_| job.failed && source::job_matters(context));
    if let Some(folder) = ended.filter(|f| f.join("manifest.json").is_file()) {
        return Some(folder.clone());
    }
    let run = source::run(context)?;
    (!run.status.is_empty() && run.status != "complete" && run.folder.is_dir()).then(|| run.folder.clone())
}

/// "Epoch 13 of 20" and what follows it.
fn epoch_words(context: &ViewContext<'_>, training: &Training) -> (String, String) {
    // While the other mind learns, this one's training is over.
    if !training.live || training.epochs_planned == 0 {
        let epochs = format::counted(training.epochs_done, "epoch", "epochs");
        return (format!("Trained for {epochs}"), String::new());
    }
    let strong = format!("Epoch {} of {}", training.epochs_done, training.epochs_planned);
    if context.job.paused {
        return (strong, "paused".to_owned());
    }
    let left = context.job.eta_s.map(|s| format!("{} left", format::duration(s)));
    let speed = training.last("turns_per_second").map(|v| format!("{} turns per s", format::number(v, 0)));
    (strong, left.into_iter().chain(speed).collect::<Vec<_>>().join(", "))
}

fn empty_words(context: &ViewContext<'_>) -> (&'static str, String, bool) {
    if context.loading {
        return ("Reading the run", "The curves appear as soon as it is read".to_owned(), false);
    }
    if context.job.running {
        let what = if context.job.paused { "The job is paused" } else { "No training yet" };
        return (what, "The first epoch is on its way; its curves appear here".to_owned(), false);
    }
    let Some(run) = source::run(context) else {
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
    ("These passes were not trained here", needs.to_owned(), true)
}

/// True when the next training was asked for.
fn empty_ui(ui: &mut Ui, context: &mut ViewContext<'_>) -> bool {
    let (what, needs, start) = empty_words(context);
    let mut state = EmptyState::new("graduation-cap", what, &needs);
    if start {
        state = state.action("Set up a training");
    }
    state.ui(ui)
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
