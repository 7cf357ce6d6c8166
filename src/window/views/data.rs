//! The data view: how the judges' scores are spread and how far they agree, and every turn in one table.

mod columns;
mod labels;
mod summary;

use crate::core::item::Item;
use crate::core::turn::Split;
use crate::run::contents::RunContents;
use crate::window::background::Background;
use crate::window::command::{Command, CommandQueue, Severity};
use crate::window::format;
use crate::window::theme::{font, height, panel};
use crate::window::view::{View, ViewContext, ViewKind};
use crate::window::widgets::paint::lines;
use crate::window::widgets::table::Sort;
use crate::window::widgets::{
    Banner, Button, EmptyState, IconButton, choice, choice_row, search_box, skeleton, table,
    toolbar_exporting,
};
use egui::{Ui, vec2};
use std::sync::Arc;
use summary::{Filter, Summary};

/// Up to so many turns are worked out within the frame; more go to a thread.
const AT_ONCE: usize = 4_000;

/// The data view.
pub struct Data {
    filter: Filter,
    sort: Sort,
    labels_open: bool,
    summary: Option<Arc<Summary>>,
    summary_of: Option<u64>,
    summing: Background<Summary>,
    rows: Arc<Vec<usize>>,
    rows_of: Option<(u64, Filter, Sort)>,
    sifting: Background<Vec<usize>>,
    scrolled_to: Option<usize>,
    told: bool,
}

impl Default for Data {
    fn default() -> Self {
        Self {
            filter: Filter::default(),
            sort: Sort { column: columns::TIME, descending: false },
            labels_open: true,
            summary: None,
            summary_of: None,
            summing: Background::default(),
            rows: Arc::default(),
            rows_of: None,
            sifting: Background::default(),
            scrolled_to: None,
            told: false,
        }
    }
}

impl View for Data {
    fn kind(&self) -> ViewKind {
        ViewKind::Data
    }

    fn help(&self) -> &'static str {
        "Every turn of the run with what the chosen judge says on the five dimensions. Above the table, the spread of \
         each dimension for every judge, and how far two judges agree: Spearman's rank correlation and the mean \
         absolute difference over the turns both judged. A click on a header sorts, a click on a row selects the turn \
         in every view. Train, validation and test part whole conversations, never turns of one conversation."
    }

    fn summary(&self, context: &ViewContext<'_>) -> String {
        match context.run {
            Some(run) if !run.turns.is_empty() => {
                let shown = format::count(self.rows.len());
                format!("Data view, {shown} of {} shown", format::counted(run.turns.len(), "turn", "turns"))
            }
            _ => "Data view, no turns loaded".to_owned(),
        }
    }

    fn is_busy(&self) -> bool {
        self.summing.is_running() || self.sifting.is_running()
    }

    fn look(&self) -> serde_json::Value {
        serde_json::json!({ "filter": self.filter, "sort": self.sort, "labels": self.labels_open })
    }

    fn set_look(&mut self, look: &serde_json::Value) {
        let part = |name: &str| look.get(name).cloned().unwrap_or_default();
        if let (Ok(filter), Ok(sort)) =
            (serde_json::from_value(part("filter")), serde_json::from_value(part("sort")))
        {
            (self.filter, self.sort) = (filter, sort);
        }
        self.labels_open = part("labels").as_bool().unwrap_or(self.labels_open);
    }

    fn ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        let run = context.run.filter(|r| !r.turns.is_empty()).cloned();
        if let Some(run) = &run {
            self.refresh(ui, run, context.run_version);
            if !std::mem::replace(&mut self.told, true) {
                context.commands.push(Command::RowOrder(ViewKind::Data, Arc::clone(&self.rows)));
            }
        }
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        self.toolbar_ui(ui, context);
        let Some(run) = run else {
            nothing(ui, context);
            return;
        };
        problems(ui, &run, context.commands);
        let Some(summary) = self.summary.clone() else {
            skeleton(ui, "Counting the turns");
            return;
        };
        self.head_ui(ui, context, &summary);
        self.table_ui(ui, context, &run, &summary);
    }
}

impl Data {
    /// Works out what changed: the summary with the run, the shown rows with filter and order.
    fn refresh(&mut self, ui: &Ui, run: &Arc<RunContents>, version: u64) {
        if self.summary_of != Some(version) {
            self.summary_of = Some(version);
            self.summary = None;
            self.rows = Arc::new((0..run.turns.len()).collect());
            self.rows_of = None;
            let small = run.turns.len() <= AT_ONCE;
            let work = Arc::clone(run);
            if small || self.summing.start("summarise turns", ui.ctx(), move || Summary::of(&work)).is_err() {
                self.summary = Some(Arc::new(Summary::of(run)));
            }
        }
        if let Some(summary) = self.summing.poll() {
            self.summary = Some(Arc::new(summary));
        }
        if let Some(rows) = self.sifting.poll() {
            self.rows = Arc::new(rows);
            self.told = false;
        }
        let Some(summary) = self.summary.clone() else { return };
        if self.filter.judge.as_ref().is_none_or(|j| !summary.judges.contains(j)) {
            self.filter.judge = summary.judges.first().cloned();
        }
        let key = (version, self.filter.clone(), self.sort);
        if self.rows_of.as_ref() == Some(&key) {
            return;
        }
        self.rows_of = Some(key);
        let (filter, sort, work) = (self.filter.clone(), self.sort, Arc::clone(run));
        let sift = move || summary::sift(&work, &summary, &filter, sort);
        if run.turns.len() <= AT_ONCE {
            self.rows = Arc::new(sift());
            self.told = false;
        } else if let Err(error) = self.sifting.start("sift turns", ui.ctx(), sift) {
            tracing::warn!("the turns were not sifted: {error}");
        }
    }

    fn toolbar_ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        let total = context.run.map_or(0, |r| r.turns.len());
        let judges = self.summary.as_ref().map(|s| s.judges.clone()).unwrap_or_default();
        let has_splits = self.summary.as_ref().is_some_and(|s| s.has_splits);
        let shown = self.rows.len();
        let wide = ui.available_width() > 900.0;
        let (filter, labels_open) = (&mut self.filter, &mut self.labels_open);
        let rows = Arc::clone(&self.rows);
        toolbar_exporting(
            ui,
            context.commands,
            |ui, commands| {
                if total > 0 && ui.add(IconButton::new("export", "Export the turns shown...")).clicked() {
                    commands.push(Command::ExportRows("turns".to_owned(), Arc::clone(&rows)));
                }
            },
            |ui, _| {
                search_box(ui, &mut filter.words, "Search turns", if wide { 240.0 } else { 180.0 });
                if has_splits {
                    split_choice(ui, &mut filter.split);
                }
                if !judges.is_empty() {
                    let shown = filter.judge.clone().unwrap_or_default();
                    choice(ui, "Judge", &shown, |ui| {
                        for judge in &judges {
                            if choice_row(ui, *judge == shown, judge).clicked() {
                                filter.judge = Some(judge.clone());
                            }
                        }
                    });
                }
                if ui.add(Button::new("Labels").icon("chart-bar").on(*labels_open)).clicked() {
                    *labels_open = !*labels_open;
                }
            },
            |ui, commands| {
                if total == 0 {
                    return;
                }
                let narrowed = shown > 0 && shown < total;
                let select = IconButton::new("selection-all", "Brush the turns shown").enabled(narrowed);
                if ui.add(select).clicked() {
                    commands.push(Command::Brush(rows.to_vec()));
                }
                if wide {
                    let t = crate::window::theme::of(ui);
                    let all = format::counted(total, "turn", "turns");
                    let text =
                        if shown == total { all } else { format!("{} of {all}", format::count(shown)) };
                    ui.label(egui::RichText::new(text).font(font::small()).color(t.text_subdued));
                }
            },
        );
    }

    fn head_ui(&self, ui: &mut Ui, context: &ViewContext<'_>, summary: &Summary) {
        let t = context.tokens;
        let pad = panel::VIEW_PADDING;
        let room = ui.available_width() - 2.0 * pad;
        let words = lines(ui, &summary.sentence, font::title(), t.text_strong, room, 2, Some(24.0));
        let (rect, response) =
            ui.allocate_exact_size(vec2(ui.available_width(), words.size().y + 26.0), egui::Sense::hover());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Heading, true, &summary.sentence));
        ui.painter().galley(rect.min + vec2(pad, 14.0), words, t.text_strong);
        if self.labels_open && !summary.judges.is_empty() && ui.available_height() > 320.0 {
            labels::labels_ui(ui, context, summary);
            ui.add_space(16.0);
        }
    }

    fn table_ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>, run: &RunContents, summary: &Summary) {
        let rows = Arc::clone(&self.rows);
        if rows.is_empty() {
            let found =
                EmptyState::new("magnifying-glass", "No turn matches", "Change the search or the split");
            if found.action("Show all turns").ui(ui) {
                self.filter = Filter { judge: self.filter.judge.clone(), ..Filter::default() };
            }
            return;
        }
        let area = ui.available_rect_before_wrap().shrink2(vec2(panel::VIEW_PADDING, 0.0));
        let cursor = context.selection.focused_turn();
        let scroll =
            cursor.filter(|c| self.scrolled_to != Some(*c)).and_then(|c| rows.iter().position(|r| *r == c));
        let first = self.scrolled_to.is_none();
        self.scrolled_to = cursor;
        let sort = &mut self.sort;
        let judge = summary.judge_index(self.filter.judge.as_deref());
        ui.scope_builder(egui::UiBuilder::new().max_rect(area), |ui| {
            let shown = columns::shown(area.width(), summary);
            let mut builder = table::builder(ui, "turns");
            for column in &shown {
                builder = builder.column(column.width(area.width()));
            }
            if let Some(at) = scroll.filter(|_| !first) {
                builder = builder.scroll_to_row(at, None);
            }
            let body = builder.header(height::TABLE_HEADER, |mut row| {
                for column in &shown {
                    row.col(|ui| {
                        table::header(ui, column.title(), column.id(), Some(sort), column.is_number());
                    });
                }
            });
            body.body(|body| {
                body.rows(height::ROW, rows.len(), |mut row| {
                    let Some(&at) = rows.get(row.index()) else { return };
                    let Some(turn) = run.turns.get(at) else { return };
                    row.set_selected(context.selection.is_selected(at));
                    row.set_hovered(context.selection.hovered == Some(Item::Turn(at)));
                    let mut edge = cursor == Some(at) || context.selection.brushed.binary_search(&at).is_ok();
                    for column in &shown {
                        row.col(|ui| {
                            if std::mem::take(&mut edge) {
                                let r = egui::Rect::from_min_size(ui.max_rect().min, vec2(2.0, height::ROW));
                                ui.painter().rect_filled(r, 0.0, context.tokens.accent);
                            }
                            columns::cell(ui, context.tokens, *column, at, turn, run, summary, judge);
                        });
                    }
                    touched(&row.response(), at, turn, context.commands);
                });
            });
        });
    }
}

fn touched(
    response: &egui::Response,
    at: usize,
    turn: &crate::core::turn::Turn,
    commands: &mut CommandQueue,
) {
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Row, true, format!("turn {}, {}", turn.turn_id, turn.goal_text))
    });
    if response.hovered() {
        commands.push(Command::Hover(Item::Turn(at)));
    }
    if response.clicked() {
        commands.push(Command::Select(Some(Item::Turn(at))));
    }
}

fn split_choice(ui: &mut Ui, split: &mut Option<Split>) {
    let shown = split.map_or("all", Split::name);
    choice(ui, "Split", shown, |ui| {
        for option in [None, Some(Split::Train), Some(Split::Validation), Some(Split::Test)] {
            if choice_row(ui, *split == option, option.map_or("all", Split::name)).clicked() {
                *split = option;
            }
        }
    });
}

/// No turns: reading, failed, or nothing open.
fn nothing(ui: &mut Ui, context: &mut ViewContext<'_>) {
    if context.loading {
        skeleton(ui, "Reading the run");
        return;
    }
    if let Some(problem) = context.problem {
        let banner =
            Banner::new(Severity::Error, "The run was not opened.", problem).action("Open another...");
        if banner.ui(ui) {
            context.commands.push(Command::OpenRunDialog);
        }
    }
    let needs =
        "Open a run, or import a table of turns with judgements as JSONL, CSV or Parquet; a few seconds";
    if EmptyState::new("database", "No turns loaded", needs).action("Import turns...").ui(ui) {
        context.commands.push(Command::ImportTurnsDialog);
    }
}

/// What could not be read of the run, above everything else.
pub(super) fn problems(ui: &mut Ui, run: &RunContents, commands: &mut CommandQueue) {
    let Some(first) = run.problems.first() else { return };
    let more = match run.problems.len() {
        1 => String::new(),
        n => format!("and {}", format::counted(n - 1, "more problem", "more problems")),
    };
    if Banner::new(Severity::Warning, first, &more).action("Log").ui(ui) {
        commands.push(Command::ToggleLog);
    }
}
