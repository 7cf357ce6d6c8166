//! Every turn on the plane, by UMAP or PCA of D, A, B or the texts: a picture to look around in, not to measure on.

mod absent;
mod options;
mod places;

use super::colour_key::{self, color_choice, coloring_of};
use super::map_head;
use super::plane::Plane;
use super::turn_list;
use crate::figure::color_by::{ColorBy, Coloring};
use crate::figure::{FigureSpec, Kind};
use crate::run::projection::{Method, Projection, ProjectionKey, Source, UmapChoice};
use crate::window::canvas::axes::{self, AxisLook};
use crate::window::canvas::cloud::{Cloud, Inks, lower_right, square_plot};
use crate::window::canvas::{numbers, paint};
use crate::window::command::Command;
use crate::window::projections::ProjectionState;
use crate::window::theme::{font, height};
use crate::window::view::{View, ViewContext, ViewKind};
use crate::window::widgets::{self, IconButton, choice, choice_row, segmented};
use absent::{absent_ui, empty_words};
use egui::{Align2, Rect, Ui, pos2, vec2};
use options::{Form, options_ui};
use places::{Places, fitted, places};

/// The Projection view.
#[derive(Default)]
pub struct ProjectionView {
    key: ProjectionKey,
    /// UMAP's options, kept while PCA is shown.
    umap: UmapChoice,
    form: Option<Form>,
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

/// Around the cloud: a point's size and the line printed at the lower edge, points.
const MARGIN: f32 = 22.0;
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
         Of chooses the table: the difference D, the scores of A or B, or the embeddings of the texts. Options sets UMAP's \
         neighbours, smallest distance and seed. Runs keep the common projections; others are computed once, on a thread of \
         their own, and found again."
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
        if let Some(Ok(key)) =
            look.get("projection").map(|k| serde_json::from_value::<ProjectionKey>(k.clone()))
        {
            (self.key, self.umap) = (key, key.umap);
        }
        if let Some(by) = look.get("color").and_then(|c| ColorBy::from_name(c.as_str()?)) {
            self.by = by;
        }
    }

    fn figure(&self) -> Option<FigureSpec> {
        Some(FigureSpec { projection: self.key, color: self.by.name(), ..FigureSpec::of(Kind::Projection) })
    }

    fn show_figure(&mut self, figure: &FigureSpec) {
        (self.key, self.umap) = (figure.projection, figure.projection.umap);
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
            _ => return absent_ui(ui, context, self.key),
        };
        if self.prepared.is_some() {
            self.body(ui, context, &found);
        } else {
            absent_ui(ui, context, self.key);
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
        let (form, umap) = (&mut self.form, &mut self.umap);
        let from = (context.run_version, context.run.map_or(0, |r| r.seed()));
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
                    if key.method == Method::Umap {
                        options_ui(ui, form, umap, from);
                    }
                    color_choice(ui, by, &offered);
                });
            },
            |ui, _| {
                if shown && ui.add(IconButton::new("frame-corners", "Show all turns")).clicked() {
                    plane.zoom = None;
                }
            },
        );
        self.key.umap = if self.key.method == Method::Umap { self.umap } else { UmapChoice::default() };
    }

    fn body(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>, found: &Projection) {
        let Some(prepared) = &self.prepared else { return };
        let full = ui.available_rect_before_wrap();
        ui.advance_cursor_after_rect(full);
        let foot = Rect::from_min_max(pos2(full.left(), full.bottom() - height::READ_OUT), full.max);
        let inner = Rect::from_min_max(full.min, pos2(full.right(), foot.top())).shrink2(vec2(16.0, 0.0));
        head_ui(ui, context, Rect::from_min_size(inner.min, vec2(inner.width(), map_head::HEIGHT)), found);
        let below = inner.with_min_y(inner.top() + map_head::HEIGHT + 8.0).with_max_y(inner.bottom() - 8.0);
        let Places { room, beside } =
            places(below, prepared.cloud.wideness(), colour_key::height(&prepared.coloring));
        let pca = found.facts.explained.filter(|_| found.key.method == Method::Pca);
        let area = match pca {
            Some(_) => Rect::from_min_max(
                pos2(room.left() + 36.0, room.top() + 18.0),
                pos2(room.right(), room.bottom() - 32.0),
            ),
            None => room,
        };
        let plot = match self.plane.zoom {
            Some((x, y)) => square_plot(area, x, y),
            None => fitted(area, &prepared.cloud, MARGIN),
        };
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
        if let Some((key, list)) = beside {
            colour_key::key_ui(ui, context, key, &prepared.shown.2, &prepared.coloring);
            turn_list::brushed_ui(ui, context, list, &prepared.delta);
        }
        turn_list::read_out_ui(
            ui,
            context,
            foot,
            "Point at a turn to read it, draw around turns to brush them",
        );
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
    let facts = &found.facts;
    let title = format!("{} of {}", found.key.method.title(), found.key.source.title());
    let columns = match found.key.source {
        Source::Goals | Source::Answers => facts.columns.first().cloned().unwrap_or_default(),
        _ => format!("{} shared metrics", facts.columns.len()),
    };
    let detail = format!("{PICTURE_ONLY}. {columns}, {}", facts.parameters);
    let mut values = vec![
        (numbers::fixed(facts.trustworthiness, 3), "trustworthiness"),
        (numbers::count(facts.turns), "turns"),
    ];
    if facts.left_out > 0 {
        values.push((numbers::count(facts.left_out), "left out"));
    }
    map_head::map_head_ui(ui, context, rect, "projection", (&title, &detail), &values);
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
