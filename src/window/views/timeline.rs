//! The timeline view: a window of turns scrolls through A, B and D side by side, played, scrubbed and exported.

mod body;
mod player;
mod strips;

use crate::core::scm;
use crate::field::order::{RowOrder, row_order};
use crate::figure::spec::Frames;
use crate::figure::{FigureSpec, Kind};
use crate::window::background::Background;
use crate::window::command::Command;
use crate::window::view::{View, ViewContext, ViewKind};
use crate::window::widgets::{self, Button, EmptyState, choice, choice_row};
use egui::Ui;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use strips::{Strips, StripsKey};

/// Windows offered, rows.
const WINDOWS: [usize; 6] = [24, 48, 96, 192, 384, 768];
/// Speeds offered, rows a second.
const SPEEDS: [u32; 6] = [4, 12, 30, 60, 120, 240];
/// Up to this many rows the pictures are made within a frame.
const AT_ONCE: usize = 10_000;

/// How the view shows the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Settings {
    order: RowOrder,
    window: usize,
    rows_per_second: u32,
    looping: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { order: RowOrder::Time, window: 96, rows_per_second: 30, looping: true }
    }
}

/// The timeline view.
#[derive(Default)]
pub struct TimelineView {
    settings: Settings,
    strips: Option<Arc<Strips>>,
    making: Background<Strips>,
    wanted: Option<StripsKey>,
    textures: body::Textures,
    /// Position of the newest row in sight.
    at: usize,
    playing: bool,
    /// Time at which the next row is due.
    due: f64,
    last_cursor: Option<usize>,
    told: Option<StripsKey>,
}

impl View for TimelineView {
    fn kind(&self) -> ViewKind {
        ViewKind::Timeline
    }

    fn help(&self) -> &'static str {
        "The run as it happened: turns scroll upwards, the newest at the bottom, the same turn on the same line of A, \
         B and D. Each column has its own colour limits over the whole run (percentiles 1 to 99), so that a quiet \
         column is seen as well as a loud one.\n\n\
         Space plays and pauses. Drag the strip below the pictures to scrub; the frame on it is the window in sight. \
         The cursor is the one of all views: while it plays it stands on the newest turn and the inspector reads it. \
         Rows by mean D or by a column shows the run from one end of that value to the other.\n\n\
         Figure... writes what scrolls here as GIF or animated PNG, one frame a step of rows and never by the clock."
    }

    fn summary(&self, context: &ViewContext<'_>) -> String {
        match &self.strips {
            Some(s) if context.run.is_some() => format!(
                "Timeline view, {} rows of {} turns by {}, newest in sight {}",
                self.settings.window.min(s.rows()),
                s.rows(),
                self.settings.order.name(),
                self.at + 1
            ),
            _ => "Timeline view, no field to play".to_owned(),
        }
    }

    fn is_busy(&self) -> bool {
        self.making.is_running()
    }

    fn look(&self) -> serde_json::Value {
        serde_json::to_value(&self.settings).unwrap_or_default()
    }

    fn set_look(&mut self, look: &serde_json::Value) {
        if let Ok(settings) = serde_json::from_value::<Settings>(look.clone()) {
            self.settings = settings.sound();
        }
    }

    fn figure(&self) -> Option<FigureSpec> {
        let window =
            self.strips.as_ref().map_or(self.settings.window, |s| self.settings.window.min(s.rows()));
        let hundredths = 100.0 * self.step() as f64 / f64::from(self.settings.rows_per_second);
        let frames = Frames {
            window,
            step: self.step(),
            delay_cs: hundredths.round().clamp(2.0, 100.0) as u16,
            repeat: self.settings.looping,
            ..Frames::default()
        };
        Some(FigureSpec { order: self.settings.order.name(), frames, ..FigureSpec::of(Kind::Timeline) })
    }

    fn show_figure(&mut self, figure: &FigureSpec) {
        if figure.frames.window > 0 {
            self.settings.window = figure.frames.window;
        }
        self.settings.looping = figure.frames.repeat;
        if let Some(order) = order_of(&figure.order) {
            self.settings.order = order;
        }
        self.settings = self.settings.clone().sound();
    }

    fn ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        ui.spacing_mut().item_spacing.y = 0.0;
        let has_field = context.run.is_some_and(|r| r.delta.is_some() && r.a.is_some() && r.b.is_some());
        self.prepare(ui.ctx(), context, has_field);
        self.toolbar(ui, context, has_field);
        let Some(strips) = self.strips.clone().filter(|_| has_field) else {
            nothing(ui, context, has_field);
            return;
        };
        self.tell_order(context, &strips);
        self.keys(ui, context);
        self.follow(context, &strips);
        self.play(ui, context, &strips);
        body::body_ui(self, ui, context, &strips);
    }
}

impl Settings {
    /// The same with numbers that make sense.
    fn sound(mut self) -> Self {
        self.window = self.window.clamp(4, 8192);
        self.rows_per_second = self.rows_per_second.clamp(1, 1000);
        self
    }
}

/// The order that a figure names.
fn order_of(name: &str) -> Option<RowOrder> {
    let columns = (0..scm::N_COLUMNS).map(RowOrder::Column);
    let all = [RowOrder::Time, RowOrder::Delta, RowOrder::Cluster, RowOrder::Phos].into_iter().chain(columns);
    all.into_iter().find(|o| o.name().eq_ignore_ascii_case(name))
}

fn nothing(ui: &mut Ui, context: &mut ViewContext<'_>, preparing: bool) {
    let (what, needs, action) = if preparing || context.loading {
        ("Preparing the timeline", "Limits and colours of a large run take a moment", None)
    } else if context.run.is_some() {
        (
            "No field to play",
            "The timeline needs both passes of the run and their difference",
            Some("Resume the run"),
        )
    } else {
        (
            "No field to play",
            "Open a run or start one; the timeline plays its turns one after the other",
            Some("Go to Start"),
        )
    };
    let mut state = EmptyState::new("film-strip", what, needs);
    if let Some(words) = action.filter(|_| !context.job.running) {
        state = state.action(words);
    }
    if state.ui(ui) {
        context.commands.push(match context.run {
            Some(run) => Command::ResumeRun(run.folder.clone()),
            None => Command::Show(ViewKind::Start),
        });
    }
}

impl TimelineView {
    /// Makes the pictures of the whole run when the run, the order or the theme changed; a large run on a thread.
    fn prepare(&mut self, ctx: &egui::Context, context: &ViewContext<'_>, has_field: bool) {
        let Some(run) = context.run.filter(|_| has_field).cloned() else {
            self.strips = None;
            self.wanted = None;
            return;
        };
        let key = StripsKey {
            version: context.run_version,
            order: self.settings.order.clone(),
            dark: context.tokens.dark,
        };
        if let Some(ready) = self.making.poll()
            && self.wanted.as_ref() == Some(&ready.key)
        {
            self.strips = Some(Arc::new(ready));
        }
        if self.strips.as_ref().is_some_and(|s| s.key == key) || self.wanted.as_ref() == Some(&key) {
            return;
        }
        if self.strips.as_ref().is_some_and(|s| s.key.version != key.version) {
            self.strips = None;
            self.at = 0;
            self.playing = false;
        }
        self.wanted = Some(key.clone());
        let tokens = crate::window::theme::tokens(context.tokens.dark);
        let rows = run.turns.len();
        let work = move || Strips::new(key, &run, tokens);
        if rows <= AT_ONCE {
            self.strips = Some(Arc::new(work()));
        } else if let Err(error) = self.making.start("prepare timeline", ctx, work) {
            tracing::error!("no thread to prepare the timeline: {error}");
        }
    }

    fn tell_order(&mut self, context: &mut ViewContext<'_>, strips: &Strips) {
        if self.told.as_ref() == Some(&strips.key) {
            return;
        }
        self.told = Some(strips.key.clone());
        let order = strips.order.iter().map(|r| *r as usize).collect();
        context.commands.push(Command::RowOrder(ViewKind::Timeline, Arc::new(order)));
    }

    fn toolbar(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>, has_field: bool) {
        let settings = &mut self.settings;
        let (playing, mut toggle) = (self.playing, false);
        let narrow = ui.available_width() < 700.0;
        widgets::toolbar(
            ui,
            context.commands,
            has_field.then_some("timeline"),
            |ui, _| {
                ui.add_enabled_ui(has_field, |ui| {
                    let (icon, text) = if playing { ("pause", "Pause") } else { ("play", "Play") };
                    let play = ui.add(Button::new(text).icon(icon).primary());
                    toggle = play.on_hover_text("Space plays and pauses").clicked();
                    choice(ui, "Rows", &format!("by {}", settings.order.name()), |ui| {
                        let plain = [RowOrder::Time, RowOrder::Delta, RowOrder::Cluster];
                        let columns = (0..scm::N_COLUMNS).map(RowOrder::Column);
                        for order in plain.into_iter().chain(columns) {
                            let words = match &order {
                                RowOrder::Column(_) => format!("by D {}", order.name()),
                                _ => format!("by {}", order.name()),
                            };
                            if choice_row(ui, settings.order == order, &words).clicked() {
                                settings.order = order;
                            }
                        }
                    });
                    choice(ui, "Window", &format!("{} rows", settings.window), |ui| {
                        for rows in WINDOWS {
                            if choice_row(ui, settings.window == rows, &format!("{rows} rows")).clicked() {
                                settings.window = rows;
                            }
                        }
                    });
                    choice(
                        ui,
                        if narrow { "" } else { "Speed" },
                        &format!("{} rows a second", settings.rows_per_second),
                        |ui| {
                            for speed in SPEEDS {
                                let chosen = settings.rows_per_second == speed;
                                if choice_row(ui, chosen, &format!("{speed} rows a second")).clicked() {
                                    settings.rows_per_second = speed;
                                }
                            }
                        },
                    );
                    if ui.add(Button::new("Loop").icon("repeat").on(settings.looping)).clicked() {
                        settings.looping = !settings.looping;
                    }
                });
            },
            |_, _| {},
        );
        if toggle {
            self.toggle(ui);
        }
    }

    /// Positions in sight, newest last.
    fn visible(&self, n: usize) -> std::ops::Range<usize> {
        let window = self.settings.window.min(n);
        let end = (self.at + 1).clamp(window, n.max(window));
        end - window..end
    }

    /// Rows a frame of the exported film, for about thirty frames a second at most.
    fn step(&self) -> usize {
        (self.settings.rows_per_second as usize).div_ceil(30).max(1)
    }
}

/// The order of rows of a run by name, learned on D.
fn rows_in_order(order: &RowOrder, run: &crate::run::contents::RunContents) -> Vec<u32> {
    let Some(d) = &run.delta else { return Vec::new() };
    let stored = run.orders.rows.iter().find(|(name, _)| *name == order.name()).map(|(_, rows)| rows);
    let sound = stored.filter(|_| matches!(order, RowOrder::Cluster | RowOrder::Phos)).filter(|rows| {
        let mut seen = vec![false; d.rows()];
        rows.len() == d.rows() && rows.iter().all(|&r| r < d.rows() && !std::mem::replace(&mut seen[r], true))
    });
    let rows = sound.cloned().unwrap_or_else(|| row_order(order, d, 0).rows);
    rows.into_iter().map(|r| r as u32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_found_by_the_names_figures_use() {
        assert_eq!(order_of("d"), Some(RowOrder::Delta));
        assert_eq!(order_of("coverage"), Some(RowOrder::Column(4)));
        assert_eq!(order_of(""), None);
    }

    #[test]
    fn a_look_of_nonsense_numbers_is_brought_into_range() {
        let mut view = TimelineView::default();
        view.set_look(&serde_json::json!({"window": 0, "rows_per_second": 99999}));
        assert_eq!((view.settings.window, view.settings.rows_per_second), (4, 1000));
        let look = view.look();
        view.set_look(&serde_json::json!("nonsense"));
        assert_eq!(view.look(), look);
    }
}
