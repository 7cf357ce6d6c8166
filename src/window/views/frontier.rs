//! Where the two minds stand to each other: frontier, arrow, canonical and epistemic map, under one brush.

mod canonical_map;
mod choices;
mod maps;
mod prepared;
mod words;

use super::colour_key::{self, color_choice};
use super::map_head;
use super::plane::Plane;
use super::turn_list;
use crate::core::scm;
use crate::figure::color_by::ColorBy;
use crate::figure::{FigureSpec, Kind};
use crate::window::background::Background;
use crate::window::command::Command;
use crate::window::theme::height;
use crate::window::view::{View, ViewContext, ViewKind};
use crate::window::widgets::{self, EmptyState, IconButton, choice, choice_row};
pub use choices::MapChoice;
use choices::{against_choice, metric_choice};
use egui::{Rect, Ui, pos2, vec2};
use prepared::{Key, Prepared, Statistics};
use std::sync::Arc;
use std::time::Duration;

/// The Frontier view.
pub struct FrontierView {
    map: MapChoice,
    /// Metric across and, when another is chosen, up.
    columns: (usize, usize),
    by: ColorBy,
    planes: [Plane; 3],
    prepared: Option<Prepared>,
    preparing: Background<Option<Prepared>>,
    wanted: Option<Key>,
    /// Key for which nothing could be made.
    empty: Option<Key>,
    heat: canonical_map::Heat,
}

impl Default for FrontierView {
    fn default() -> Self {
        Self {
            map: MapChoice::All,
            columns: (scm::AGGREGATE, scm::AGGREGATE),
            by: ColorBy::Delta,
            planes: Default::default(),
            prepared: None,
            preparing: Background::default(),
            wanted: None,
            empty: None,
            heat: canonical_map::Heat::default(),
        }
    }
}

/// Up to this many turns everything is computed within the frame; the shuffles of more take their time on a thread.
const PREPARE_AT_ONCE: usize = 64;
/// How soon to look again whether the maps are prepared.
const POLL: Duration = Duration::from_millis(20);
/// Width of the key and the brushed turns beside the maps.
const SIDE: f32 = 220.0;
/// Below this width the maps have all the room.
const NARROW: f32 = 900.0;

impl View for FrontierView {
    fn kind(&self) -> ViewKind {
        ViewKind::Frontier
    }

    fn help(&self) -> &'static str {
        "Four maps of the same turns. Frontier: each turn at A's score (right) and B's score (up); on the diagonal they agree, \
         the contours hold the densest half and nine tenths. Arrows: from B's to A's scores in the plane that shows most of \
         both; the thick arrow is the mean. Canonical: how strongly combinations of A's and of B's metrics correlate, over the \
         level that shuffles of the pairing stay below, and what is left of A once B has spoken. Epistemic: the gap in score \
         against the gap in uncertainty: does the higher score come from the surer mind?\n\n\
         Draw around turns to brush them in every map and view, click a turn to read it. The wheel zooms, shift and drag moves, \
         a double click shows all. With the keyboard: arrows walk from turn to turn, plus and minus zoom, 0 shows all.\n\n\
         Metric chooses what the frontier and the epistemic map show; against chooses another metric of B."
    }

    fn summary(&self, context: &ViewContext<'_>) -> String {
        match &self.prepared {
            Some(p) if context.run.is_some() => {
                let head = words::head(p, self.map);
                format!("frontier, {}. {}", head.sentence, head.detail)
            }
            _ => words::empty(context).1,
        }
    }

    fn look(&self) -> serde_json::Value {
        let (a, b) = self.columns;
        serde_json::json!({
            "map": self.map.name(), "metrics": [scm::SHORT[a], scm::SHORT[b]], "color": self.by.name(),
        })
    }

    fn set_look(&mut self, look: &serde_json::Value) {
        let text = |pointer: &str| look.pointer(pointer).and_then(serde_json::Value::as_str);
        if let Some(map) = MapChoice::EVERY.into_iter().find(|m| Some(m.name()) == text("/map")) {
            self.map = map;
        }
        let column = |pointer| text(pointer).and_then(scm::column_index);
        if let (Some(a), Some(b)) = (column("/metrics/0"), column("/metrics/1")) {
            self.columns = (a, b);
        }
        if let Some(by) = text("/color").and_then(ColorBy::from_name) {
            self.by = by;
        }
    }

    fn figure(&self) -> Option<FigureSpec> {
        let kind = Kind::from_name(self.map.figure())?;
        let metric = scm::SHORT[self.columns.0];
        // The epistemic figure shows a dimension or all five; the others take no metric but the frontier.
        let named = match kind {
            Kind::Epistemic => scm::SCORES.contains(&self.columns.0),
            Kind::Frontier => self.map != MapChoice::All,
            _ => false,
        };
        let dimension = if named { metric.to_owned() } else { String::new() };
        Some(FigureSpec { dimension, color: self.by.name(), ..FigureSpec::of(kind) })
    }

    fn show_figure(&mut self, figure: &FigureSpec) {
        let map = MapChoice::EVERY.into_iter().find(|m| m.name() == figure.kind.name());
        self.map = map.unwrap_or_default();
        if let Some(column) = scm::column_index(&figure.dimension) {
            self.columns = (column, column);
        }
        self.by = ColorBy::from_name(&figure.color).unwrap_or_default();
        self.planes = Default::default();
    }

    fn is_busy(&self) -> bool {
        self.preparing.is_running()
    }

    fn ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        ui.spacing_mut().item_spacing.y = 0.0;
        self.prepare(ui.ctx(), context);
        self.toolbar(ui, context);
        if self.prepared.is_some() {
            self.body(ui, context);
        } else if self.preparing.is_running() {
            EmptyState::new("chart-scatter", "Preparing the maps", "Shuffles of the pairing take a moment")
                .ui(ui);
        } else {
            words::empty_ui(ui, context);
        }
    }
}

impl FrontierView {
    /// Recomputes what is shown when the run or a choice changed; the last picture stays meanwhile.
    fn prepare(&mut self, ctx: &egui::Context, context: &ViewContext<'_>) {
        let Some(run) = context.run else {
            (self.prepared, self.wanted) = (None, None);
            return;
        };
        let key = Key {
            version: context.run_version,
            columns: self.columns,
            by: self.by.clone(),
            dark: context.tokens.dark,
        };
        if let Some(ready) = self.preparing.poll() {
            self.show(ready, &key);
        }
        let fits = self.prepared.as_ref().is_some_and(|p| p.key == key) || self.empty.as_ref() == Some(&key);
        if fits {
            return;
        }
        if self.prepared.as_ref().is_some_and(|p| p.key.version != key.version) {
            self.prepared = None;
            self.planes = Default::default();
        }
        if self.wanted.as_ref() == Some(&key) && self.preparing.is_running() {
            ctx.request_repaint_after(POLL);
            return;
        }
        self.wanted = Some(key.clone());
        let known: Option<Arc<Statistics>> = self.prepared.as_ref().map(|p| Arc::clone(&p.statistics));
        let at_once = known.is_some() || run.turns.len() <= PREPARE_AT_ONCE;
        let (run, wanted) = (Arc::clone(run), key.clone());
        let work = move || Prepared::new(wanted, &run, known);
        if at_once {
            let ready = work();
            self.show(ready, &key);
        } else if let Err(error) = self.preparing.start("prepare frontier", ctx, work) {
            tracing::error!("no thread to prepare the maps: {error}");
        } else {
            ctx.request_repaint_after(POLL);
        }
    }

    fn show(&mut self, ready: Option<Prepared>, key: &Key) {
        match ready {
            Some(p) if p.key == *key => {
                self.by = p.by.clone();
                // A choice that this run does not have gave way to another: that is what is shown from now on.
                self.prepared = Some(Prepared { key: Key { by: p.by.clone(), ..p.key.clone() }, ..p });
            }
            Some(_) => {}
            None => (self.prepared, self.empty) = (None, Some(key.clone())),
        }
    }

    fn toolbar(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        let has = self.prepared.is_some();
        let narrow = ui.available_width() < 760.0;
        let offered = context.run.map_or_else(Vec::new, |r| ColorBy::offered(r));
        let mut show_all = false;
        let (map, columns, by, planes) = (&mut self.map, &mut self.columns, &mut self.by, &mut self.planes);
        widgets::toolbar(
            ui,
            context.commands,
            has.then_some(map.figure()),
            |ui, _| {
                ui.add_enabled_ui(has, |ui| {
                    choice(ui, "Map", map.name(), |ui| {
                        for option in MapChoice::EVERY {
                            if choice_row(ui, *map == option, option.name()).clicked() {
                                *map = option;
                            }
                        }
                    });
                    metric_choice(ui, columns, planes);
                    if !narrow {
                        against_choice(ui, columns, planes);
                    }
                    color_choice(ui, by, &offered);
                });
            },
            |ui, _| {
                show_all = has && ui.add(IconButton::new("frame-corners", "Show all turns")).clicked();
            },
        );
        if show_all {
            self.planes.iter_mut().for_each(|p| p.zoom = None);
        }
    }

    fn body(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        let Some(prepared) = self.prepared.take() else { return };
        let full = ui.available_rect_before_wrap();
        ui.advance_cursor_after_rect(full);
        let foot = Rect::from_min_max(pos2(full.left(), full.bottom() - height::READ_OUT), full.max);
        let inner = Rect::from_min_max(full.min, pos2(full.right(), foot.top())).shrink2(vec2(16.0, 0.0));
        let head = Rect::from_min_size(inner.min, vec2(inner.width(), map_head::HEIGHT));
        let words = words::head(&prepared, self.map);
        let said = (words.sentence.as_str(), words.detail.as_str());
        map_head::map_head_ui(ui, context, head, "frontier", said, &words.facts);
        let wide = inner.width() >= NARROW;
        let edge = if wide { inner.right() - SIDE - 24.0 } else { inner.right() };
        let room =
            Rect::from_min_max(pos2(inner.left(), head.bottom() + 10.0), pos2(edge, inner.bottom() - 8.0));
        match self.map {
            MapChoice::All => {
                let (w, h) = ((room.width() - 28.0) / 2.0, (room.height() - 16.0) / 2.0);
                let cell = |i: f32, j: f32| {
                    Rect::from_min_size(room.min + vec2(i * (w + 28.0), j * (h + 16.0)), vec2(w, h))
                };
                self.one(ui, context, MapChoice::Frontier, cell(0.0, 0.0), &prepared);
                self.one(ui, context, MapChoice::Arrows, cell(1.0, 0.0), &prepared);
                self.one(ui, context, MapChoice::Canonical, cell(0.0, 1.0), &prepared);
                self.one(ui, context, MapChoice::Epistemic, cell(1.0, 1.0), &prepared);
            }
            one => self.one(ui, context, one, room, &prepared),
        }
        if wide {
            let side = Rect::from_min_max(pos2(edge + 24.0, room.top()), pos2(inner.right(), room.bottom()));
            colour_key::key_ui(ui, context, side, &prepared.by, &prepared.coloring);
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
        self.prepared = Some(prepared);
    }

    fn one(
        &mut self,
        ui: &Ui,
        context: &mut ViewContext<'_>,
        map: MapChoice,
        rect: Rect,
        prepared: &Prepared,
    ) {
        match map {
            MapChoice::Frontier => maps::frontier_ui(ui, context, rect, prepared, &mut self.planes[0]),
            MapChoice::Arrows => maps::arrows_ui(ui, context, rect, prepared, &mut self.planes[1]),
            MapChoice::Epistemic => maps::epistemic_ui(ui, context, rect, prepared, &mut self.planes[2]),
            MapChoice::Canonical => canonical_map::canonical_ui(ui, context, rect, prepared, &mut self.heat),
            MapChoice::All => {}
        }
    }
}

/// Selects a row everywhere.
fn select_row(context: &mut ViewContext<'_>, row: usize) {
    context.commands.push(Command::Cursor { row, column: None });
    context.commands.push(Command::Select(Some(crate::core::item::Item::Turn(row))));
}
