//! Every turn on the plane, by UMAP or PCA of D, A, B or the texts: a picture to look around in, not to measure on.

use super::colour_key::{self, color_choice, coloring_of};
use super::plane::Plane;
use super::turn_list;
use crate::figure::color_by::{ColorBy, Coloring};
use crate::figure::{FigureSpec, Kind};
use crate::run::projection::{Method, Projection, ProjectionKey, Source};
use crate::window::canvas::axes::{self, AxisLook};
use crate::window::canvas::cloud::{Cloud, Inks, lower_right, square_plot};
use crate::window::canvas::{numbers, paint};
use crate::window::command::Command;
use crate::window::projections::ProjectionState;
use crate::window::theme::{font, height};
use crate::window::view::{View, ViewContext, ViewKind};
use crate::window::widgets::paint::text_in;
use crate::window::widgets::{
    self, Button, EmptyState, IconButton, ProgressState, choice, choice_row, progress_bar, segmented,
};
use egui::{Align2, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

/// The Projection view.
#[derive(Default)]
pub struct ProjectionView {
    key: ProjectionKey,
    by: ColorBy,
    plane: Plane,
    prepared: Option<Prepared>,
    /// Run for which the first projection was asked.
    asked: Option<(u64, ProjectionKey)>,
}

/// What is drawn, made once a run, projection, colour and theme.
struct Prepared {
    shown: (u64, ProjectionKey, ColorBy, bool),
    cloud: Cloud,
    coloring: Coloring,
    inks: Inks,
    delta: Vec<f64>,
}

/// Height of the title and its numbers.
const HEAD: f32 = 62.0;
/// Width of the key and the brushed turns beside the picture.
const SIDE: f32 = 250.0;
/// Below this width the picture has all the room.
const NARROW: f32 = 720.0;
/// Said wherever a projection is shown.
const PICTURE_ONLY: &str = "A picture only: no statistic is computed on it";

impl View for ProjectionView {
    fn kind(&self) -> ViewKind {
        ViewKind::Projection
    }

    fn help(&self) -> &'static str {
        "Each point is a turn; turns that are alike lie together. UMAP keeps neighbourhoods: distances between far groups and \
         the two axes mean nothing. PCA keeps distances along the two directions in which the turns differ most. Neither is \
         measured on: every statistic of the lab is computed on the scores themselves. Trustworthiness says how far the \
         neighbours on the picture are neighbours in the table (1 is all of them, about 0.5 is chance).\n\n\
         Draw around turns to brush them in every view, click a turn to read it, click a group in the key to brush it. The \
         wheel zooms, shift and drag moves, a double click shows all. With the keyboard: arrows walk from turn to turn, plus \
         and minus zoom, 0 shows all.\n\n\
         Of chooses the table: the difference D, the scores of A or B, or the embeddings of the texts. Runs keep the common ones; \
         others are computed once, on a thread of their own, and found again."
    }

    fn summary(&self, context: &ViewContext<'_>) -> String {
        match (&self.prepared, context.projections.state(self.key)) {
            (Some(p), ProjectionState::Ready(found)) if context.run.is_some() => {
                picture_words(found, &p.shown.2, context.selection.brushed.len())
            }
            _ => empty_words(self.key, context).1,
        }
    }

    fn look(&self) -> serde_json::Value {
        serde_json::json!({ "projection": self.key, "color": self.by.name() })
    }

    fn set_look(&mut self, look: &serde_json::Value) {
        if let Some(Ok(key)) = look.get("projection").map(|k| serde_json::from_value(k.clone())) {
            self.key = key;
        }
        if let Some(by) = look.get("color").and_then(|c| ColorBy::from_name(c.as_str()?)) {
            self.by = by;
        }
    }

    fn figure(&self) -> Option<FigureSpec> {
        Some(FigureSpec { projection: self.key, color: self.by.name(), ..FigureSpec::of(Kind::Projection) })
    }

    fn show_figure(&mut self, figure: &FigureSpec) {
        self.key = figure.projection;
        self.by = ColorBy::from_name(&figure.color).unwrap_or_default();
        self.plane = Plane::default();
    }

    fn ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        ui.spacing_mut().item_spacing.y = 0.0;
        self.ask(context);
        self.prepare(context);
        self.toolbar(ui, context);
        let found = match context.projections.state(self.key) {
            ProjectionState::Ready(found) => found.clone(),
            _ => return self.absent_ui(ui, context),
        };
        if self.prepared.is_some() {
            self.body(ui, context, &found);
        } else {
            self.absent_ui(ui, context);
        }
    }
}

impl ProjectionView {
    /// Asks for the projection once a run and choice; a failed or stopped one is asked for again by its button.
    fn ask(&mut self, context: &mut ViewContext<'_>) {
        let Some(run) = context.run.filter(|r| r.delta.is_some() || !r.turns.is_empty()) else { return };
        let wanted = (context.run_version, self.key);
        let lacks = match self.key.source {
            Source::D => run.delta.is_none(),
            Source::A => run.a.is_none(),
            Source::B => run.b.is_none(),
            Source::Goals | Source::Answers => run.turns.is_empty(),
        };
        if self.asked != Some(wanted) && !lacks {
            self.asked = Some(wanted);
            if !matches!(context.projections.state(self.key), ProjectionState::Ready(_)) {
                context.commands.push(Command::Project(self.key));
            }
        }
    }

    fn prepare(&mut self, context: &ViewContext<'_>) {
        let (Some(run), ProjectionState::Ready(found)) = (context.run, context.projections.state(self.key))
        else {
            self.prepared = None;
            return;
        };
        let fits =
            |p: &Prepared| p.shown == (context.run_version, self.key, self.by.clone(), context.tokens.dark);
        if self.prepared.as_ref().is_some_and(fits) {
            return;
        }
        let same =
            self.prepared.as_ref().is_some_and(|p| p.shown.0 == context.run_version && p.shown.1 == self.key);
        if !same {
            self.plane = Plane::default();
        }
        self.prepared = coloring_of(run, &mut self.by).map(|coloring| {
            let inks = Inks::of(&coloring, context.tokens);
            let at: Vec<(f64, f64)> = found.xy.iter().map(|p| (f64::from(p[0]), f64::from(p[1]))).collect();
            Prepared {
                shown: (context.run_version, self.key, self.by.clone(), context.tokens.dark),
                cloud: Cloud::new(&found.rows, &at, &coloring, &inks),
                coloring,
                inks,
                delta: turn_list::deltas(run),
            }
        });
    }

    fn toolbar(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        let has = context.run.is_some();
        let offered = context.run.map_or_else(Vec::new, |r| ColorBy::offered(r));
        let (key, by, plane) = (&mut self.key, &mut self.by, &mut self.plane);
        let shown = self.prepared.is_some();
        widgets::toolbar(
            ui,
            context.commands,
            shown.then_some("projection"),
            |ui, _| {
                ui.add_enabled_ui(has, |ui| {
                    choice(ui, "Of", key.source.title(), |ui| {
                        for source in Source::ALL {
                            if choice_row(ui, key.source == source, source_title(source)).clicked() {
                                key.source = source;
                            }
                        }
                    });
                    segmented(ui, &mut key.method, &[(Method::Umap, "UMAP"), (Method::Pca, "PCA")]);
                    color_choice(ui, by, &offered);
                });
            },
            |ui, _| {
                if shown && ui.add(IconButton::new("frame-corners", "Show all turns")).clicked() {
                    plane.zoom = None;
                }
            },
        );
    }

    fn body(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>, found: &Projection) {
        let Some(prepared) = &self.prepared else { return };
        let full = ui.available_rect_before_wrap();
        ui.advance_cursor_after_rect(full);
        let foot = Rect::from_min_max(pos2(full.left(), full.bottom() - height::READ_OUT), full.max);
        let inner = Rect::from_min_max(full.min, pos2(full.right(), foot.top())).shrink2(vec2(16.0, 0.0));
        head_ui(ui, context, Rect::from_min_size(inner.min, vec2(inner.width(), HEAD)), found);
        let wide = inner.width() >= NARROW;
        let edge = if wide { inner.right() - SIDE - 24.0 } else { inner.right() };
        let room = Rect::from_min_max(
            pos2(inner.left(), inner.top() + HEAD + 8.0),
            pos2(edge, inner.bottom() - 8.0),
        );
        let pca = found.facts.explained.filter(|_| found.key.method == Method::Pca);
        let area = match pca {
            Some(_) => Rect::from_min_max(
                pos2(room.left() + 36.0, room.top() + 18.0),
                pos2(room.right(), room.bottom() - 32.0),
            ),
            None => room,
        };
        let (x, y) = self.plane.zoom.unwrap_or(prepared.cloud.home);
        let plot = square_plot(area, x, y);
        if let Some(shares) = pca {
            component_axes(ui, context, room, &plot, shares);
        }
        let words = picture_words(found, &prepared.shown.2, context.selection.brushed.len());
        let response = Plane::sense(ui, area, "projection", &words);
        let clipped = ui.painter().with_clip_rect(area.expand(5.0).intersect(ui.clip_rect()));
        prepared.cloud.paint(&clipped, &plot, prepared.inks.rim);
        self.plane.interact(ui, context, &response, &plot, &prepared.cloud);
        self.plane.marks(ui, context, &plot, &prepared.cloud);
        let t = context.tokens;
        let trust = format!(
            "trustworthiness {} at k {}",
            numbers::fixed(found.facts.trustworthiness, 3),
            found.facts.k
        );
        let face = font::small();
        paint::text(ui.painter(), lower_right(area), Align2::RIGHT_BOTTOM, &trust, face, t.text_subdued);
        if wide {
            let side = Rect::from_min_max(pos2(edge + 24.0, room.top()), pos2(inner.right(), room.bottom()));
            colour_key::key_ui(ui, context, side, &prepared.shown.2, &prepared.coloring);
            let top = side.top() + colour_key::height(&prepared.coloring) + 24.0;
            let rest = Rect::from_min_max(pos2(side.left(), top.min(side.bottom())), side.max);
            turn_list::brushed_ui(ui, context, rest, &prepared.delta);
        }
        turn_list::read_out_ui(
            ui,
            context,
            foot,
            "Point at a turn to read it, draw around turns to brush them",
        );
    }

    /// No picture yet: why, progress while it is computed, and the one button that helps.
    fn absent_ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        if let (Some(_), ProjectionState::Running(progress)) =
            (context.run, context.projections.state(self.key))
        {
            let progress = progress.cloned();
            running_ui(ui, context, self.key, progress.as_ref());
            return;
        }
        let (what, needs, action) = empty_words(self.key, context);
        let icon = if context.run.is_some() && action.is_some() { "warning-circle" } else { "lasso" };
        let mut state = EmptyState::new(icon, &what, &needs);
        if let Some(words) = action {
            state = state.action(words);
        }
        if state.ui(ui) {
            context.commands.push(match (context.run, action) {
                (Some(_), Some("Try again")) => Command::Project(self.key),
                (Some(run), _) => Command::ResumeRun(run.folder.clone()),
                (None, _) => Command::Show(ViewKind::Start),
            });
        }
    }
}

fn source_title(source: Source) -> &'static str {
    match source {
        Source::D => "D, all shared metrics",
        Source::A => "A's shared metrics",
        Source::B => "B's shared metrics",
        Source::Goals => "goal texts, embedded",
        Source::Answers => "answer texts, embedded",
    }
}

/// Title, what it is made of, and its numbers at the right.
fn head_ui(ui: &Ui, context: &ViewContext<'_>, rect: Rect, found: &Projection) {
    let t = context.tokens;
    let facts = &found.facts;
    let title = format!("{} of {}", found.key.method.title(), found.key.source.title());
    let columns = match found.key.source {
        Source::Goals | Source::Answers => facts.columns.first().cloned().unwrap_or_default(),
        _ => format!("{} shared metrics", facts.columns.len()),
    };
    let detail = format!("{PICTURE_ONLY}. {columns}, {}", facts.parameters);
    let mut numbers_right = vec![
        (numbers::fixed(facts.trustworthiness, 3), "trustworthiness"),
        (numbers::count(facts.turns), "turns"),
    ];
    if facts.left_out > 0 {
        numbers_right.push((numbers::count(facts.left_out), "left out"));
    }
    let mut x = rect.right();
    for (value, name) in numbers_right.iter().rev() {
        let painter = ui.painter();
        let pos = pos2(x, rect.top() + 22.0);
        let a = paint::text(
            painter,
            pos,
            Align2::RIGHT_CENTER,
            value,
            font::label_number_strong(),
            t.text_strong,
        );
        let pos = pos2(x, rect.top() + 38.0);
        let b = paint::text(painter, pos, Align2::RIGHT_CENTER, name, font::small(), t.text_subdued);
        x = a.left().min(b.left()) - 22.0;
    }
    let room = (x - rect.left()).max(60.0);
    let at = pos2(rect.left(), rect.top() + 22.0);
    text_in(ui, at, Align2::LEFT_CENTER, &title, font::title(), t.text_strong, room);
    let at = pos2(rect.left(), rect.top() + 41.0);
    text_in(ui, at, Align2::LEFT_CENTER, &detail, font::label_number(), t.text_subdued, room);
    paint::hline(ui.painter(), rect.left()..=rect.right(), rect.bottom() - 1.0, t.line);
    let response = ui.interact(rect, ui.scope_id().with("projection head"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{title}. {detail}")));
}

fn component_axes(ui: &Ui, context: &ViewContext<'_>, room: Rect, plot: &axes::Plot, shares: [f64; 2]) {
    let t = context.tokens;
    let name =
        |k: usize| format!("component {}, {}% of variance", k + 1, numbers::fixed(100.0 * shares[k], 0));
    let (x_name, y_name) = (name(0), name(1));
    let look = AxisLook {
        x_ticks: 5,
        y_ticks: 5,
        x_name: &x_name,
        x_grid: true,
        signed: true,
        ..AxisLook::default()
    };
    axes::axes(ui.painter(), t, plot, &look);
    paint::text(ui.painter(), room.min, Align2::LEFT_TOP, &y_name, font::small(), t.text_subdued);
}

/// One sentence for readers who do not see the picture.
fn picture_words(found: &Projection, by: &ColorBy, brushed: usize) -> String {
    let facts = &found.facts;
    let brushed = if brushed > 0 { format!(", {brushed} brushed") } else { String::new() };
    format!(
        "{} of {}, {} turns, trustworthiness {}, coloured by {}{brushed}. {PICTURE_ONLY}",
        found.key.method.title(),
        found.key.source.title(),
        facts.turns,
        numbers::fixed(facts.trustworthiness, 3),
        colour_key::title(by),
    )
}

fn running_ui(
    ui: &mut Ui,
    context: &mut ViewContext<'_>,
    key: ProjectionKey,
    progress: Option<&crate::job::Progress>,
) {
    let t = context.tokens;
    let full = ui.available_rect_before_wrap();
    let room = Rect::from_center_size(full.center(), vec2(320.0, 90.0));
    let mut ui = ui.new_child(UiBuilder::new().max_rect(room));
    ui.spacing_mut().item_spacing.y = 8.0;
    let title = format!("Computing the {} of {}", key.method.title(), key.source.title());
    ui.label(egui::RichText::new(title).font(font::heading()).color(t.text_strong));
    let share = progress.filter(|p| p.total > 0).map(|p| p.done as f32 / p.total as f32);
    progress_bar(&mut ui, room.width(), share, ProgressState::Running);
    let words = progress.map_or_else(
        || "starting".to_owned(),
        |p| {
            format!(
                "{}, {} of {} {}",
                p.stage,
                numbers::count(p.done as usize),
                numbers::count(p.total as usize),
                p.unit
            )
        },
    );
    ui.label(egui::RichText::new(words).font(font::label_number()).color(t.text_subdued));
    if ui.add(Button::new("Stop")).clicked() {
        context.commands.push(Command::StopProjecting);
    }
}

/// What is missing, what it needs, and the button that makes it.
fn empty_words(key: ProjectionKey, context: &ViewContext<'_>) -> (String, String, Option<&'static str>) {
    let no = "No projection yet".to_owned();
    if context.loading {
        return (
            "Reading the run".to_owned(),
            "The projection appears as soon as it is read".to_owned(),
            None,
        );
    }
    let Some(run) = context.run else {
        let needs = "Open a run or start one; the projection of a finished run opens at once".to_owned();
        return (no, needs, Some("Go to Start"));
    };
    if let ProjectionState::Failed(why) = context.projections.state(key) {
        let what = format!("No {} of {}", key.method.title(), key.source.title());
        return (what, why.to_owned(), Some("Try again"));
    }
    if let Some(problem) = run.problems.first().filter(|_| run.delta.is_none()) {
        return ("This run cannot be projected".to_owned(), problem.clone(), Some("Resume the run"));
    }
    let missing = match key.source {
        Source::D => "It needs both passes; then it takes a few seconds",
        Source::A => "It needs pass A, which is not there yet",
        Source::B => "It needs pass B, which is not there yet",
        Source::Goals | Source::Answers => "It needs the texts of the turns",
    };
    let action = (!context.job.running).then_some("Resume the run");
    (no, missing.to_owned(), action)
}
