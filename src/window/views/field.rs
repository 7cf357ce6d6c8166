//! The field: VPMs of A, B and D side by side under one cursor, one brush and one zoom.

mod body;
mod brush;
mod empty;
mod gpu_panel;
mod interact;
mod prepared;
mod read_out;
mod settings;
mod texture;

use crate::figure::FigureSpec;
use crate::window::background::Background;
use crate::window::command::Command;
use crate::window::view::{View, ViewContext, ViewKind};
use crate::window::widgets::{self, EmptyState, IconButton, choice, choice_row, segmented};
use egui::{Popup, Ui};
use prepared::{Prepared, Source};
use settings::{ColumnSet, LimitsChoice, RowsBy, Settings};
use std::ops::Range;
use std::time::Duration;

pub use read_out::swatch;
pub use settings::reducer_name;
pub use texture::palette;

/// The Field view.
#[derive(Default)]
pub struct FieldView {
    settings: Settings,
    prepared: Option<Prepared>,
    prepared_count: u64,
    /// What is being prepared on a thread, and for which key.
    preparing: Background<Prepared>,
    wanted: Option<prepared::Key>,
    textures: texture::Textures,
    /// Visible positions; `None` takes the default for the size.
    window: Option<Range<usize>>,
    /// Row at which a brush by dragging started.
    brush_from: Option<usize>,
    /// Where the brushed rows stand, until brush or layout change.
    brush: brush::BrushRanges,
    /// The cursor of the last frame, to follow it when it moves elsewhere.
    last_cursor: Option<usize>,
    /// Run and preparation whose order the app knows.
    told: Option<(u64, u64)>,
}

/// Up to this many rows everything is computed within the frame (a few milliseconds).
const PREPARE_AT_ONCE: usize = 10_000;
/// How soon to look again whether a large field is prepared.
const POLL: Duration = Duration::from_millis(20);
/// Below this width of the view the toolbar keeps only the four most used controls.
const NARROW: f32 = 860.0;
/// Below this width choices show their short names.
const TIGHT: f32 = 1016.0;
const ALL_ROWS: &str = "Show all rows";
const PIXEL_ROWS: &str = "Back to two pixels a row";

impl View for FieldView {
    fn kind(&self) -> ViewKind {
        ViewKind::Field
    }

    fn help(&self) -> &'static str {
        "Each row is a turn, each column one of the shared metrics; A, B and D = A − B show the same turn on the same \
         line. In D warm means A is higher, blue means B is higher, and agreement melts into the ground.\n\n\
         Click a row to read its turn in the inspector. Drag over rows to brush them: every other view marks the same \
         turns, and Keep as slice gives them a name. Scroll to zoom rows, drag the frame in the overview at the right to \
         move. Arrow keys move the cursor while the picture has the focus, with Shift they brush.\n\n\
         Rows by chooses the order, PHOS gathers intensity at the top left, Limits says which value gets the last colour, \
         Reducer what stands for several turns in one pixel. Standardised subtracts each column's own mean and divides by \
         its spread before A − B is taken. length is the same for both minds by design: if its column shows colour in D, \
         the instrument is wrong. Hatched cells are missing."
    }

    fn summary(&self, context: &ViewContext<'_>) -> String {
        match &self.prepared {
            Some(p) if Source::of(context).is_some() => p.summary(),
            _ => empty::reason(context).1,
        }
    }

    fn is_busy(&self) -> bool {
        self.preparing.is_running()
    }

    fn look(&self) -> serde_json::Value {
        let window = self.window.as_ref().map(|w| (w.start, w.end));
        serde_json::json!({ "settings": self.settings, "window": window })
    }

    fn set_look(&mut self, look: &serde_json::Value) {
        let part = |name: &str| look.get(name).cloned().unwrap_or_default();
        if let Ok(settings) = serde_json::from_value(part("settings")) {
            self.settings = settings;
        }
        let window: Option<(usize, usize)> = serde_json::from_value(part("window")).unwrap_or_default();
        self.window = window.filter(|(from, to)| from < to).map(|(from, to)| from..to);
    }

    fn figure(&self) -> Option<FigureSpec> {
        Some(self.settings.figure())
    }

    fn show_figure(&mut self, figure: &FigureSpec) {
        self.settings.show(figure);
        self.window = None;
    }

    fn ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        ui.spacing_mut().item_spacing.y = 0.0;
        let source = Source::of(context);
        let has_field = source.is_some();
        self.prepare(ui.ctx(), context, source);
        self.tell_order(context);
        self.toolbar(ui, context, has_field);
        if self.prepared.is_some() {
            body::body_ui(self, ui, context);
        } else if has_field {
            EmptyState::new(
                "table",
                "Preparing the field",
                "Orders, limits and means of a large field take a moment",
            )
            .ui(ui);
        } else {
            empty::empty_ui(ui, context);
        }
    }
}

impl FieldView {
    /// Recomputes what is shown when the run, the live picture or a setting changed: at once for a small field, on a
    /// thread of its own for a large one, whose last picture stays meanwhile.
    fn prepare(&mut self, ctx: &egui::Context, context: &ViewContext<'_>, source: Option<Source>) {
        let Some(source) = source else {
            self.prepared = None;
            self.wanted = None;
            return;
        };
        let key = source.key(context, &self.settings);
        if let Some(ready) = self.preparing.poll() {
            self.show(ready);
        }
        if self.prepared.as_ref().is_some_and(|p| p.key == key) {
            return;
        }
        if self.prepared.as_ref().is_some_and(|p| !p.key.same_run(&key)) {
            self.prepared = None;
        }
        if self.wanted.as_ref() == Some(&key) && self.preparing.is_running() {
            ctx.request_repaint_after(POLL);
            return;
        }
        self.prepared_count += 1;
        let (serial, settings, run) = (self.prepared_count, self.settings.clone(), context.run.cloned());
        let large = source.a.rows() > PREPARE_AT_ONCE;
        self.wanted = Some(key.clone());
        let work = move || Prepared::new(key, serial, &source, run.as_deref(), &settings);
        if !large {
            let ready = work();
            self.show(ready);
        } else if let Err(error) = self.preparing.start("prepare field", ctx, work) {
            tracing::error!("no thread to prepare the field: {error}");
        } else {
            ctx.request_repaint_after(POLL);
        }
    }

    /// Tells the app the order shown, so that stepping from row to row follows it.
    fn tell_order(&mut self, context: &mut ViewContext<'_>) {
        let shown = self.prepared.as_ref().map(|p| (context.run_version, p.serial));
        if shown == self.told {
            return;
        }
        self.told = shown;
        let order = self.prepared.as_ref().map(|p| p.order.iter().map(|r| *r as usize).collect());
        context
            .commands
            .push(Command::RowOrder(ViewKind::Field, std::sync::Arc::new(order.unwrap_or_default())));
    }

    fn show(&mut self, ready: Prepared) {
        if self.wanted.as_ref() != Some(&ready.key) {
            return;
        }
        if self.prepared.as_ref().is_none_or(|p| p.rows() != ready.rows()) {
            self.window = None;
        }
        self.prepared = Some(ready);
    }

    fn toolbar(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>, has_field: bool) {
        let (narrow, tight) = (ui.available_width() < NARROW, ui.available_width() < TIGHT);
        let phos = self.prepared.as_ref().map_or(Err("There is no field yet"), |p| p.phos);
        let (settings, window) = (&mut self.settings, &mut self.window);
        // Both halves of the toolbar change the columns; the menu's choice is taken over after them.
        let mut menu_columns = settings.columns;
        let rows = self.prepared.as_ref().map_or(0, Prepared::rows);
        let live = self.prepared.as_ref().is_some_and(|p| p.scored.is_some());
        widgets::toolbar(
            ui,
            context.commands,
            has_field.then_some("vpm"),
            |ui, _| {
                ui.add_enabled_ui(has_field, |ui| {
                    rows_choice(ui, settings, phos.is_ok(), live);
                    phos_button(ui, settings, phos.err());
                    if !narrow {
                        columns_choice(ui, settings);
                    }
                    limits_choice(ui, settings, tight);
                    reducer_choice(ui, settings);
                    let words = if narrow { "z" } else { "Standardised" };
                    segmented(ui, &mut settings.standardised, &[(false, "Raw"), (true, words)]);
                });
            },
            |ui, _| {
                if !has_field {
                    return;
                }
                if narrow {
                    more_menu(ui, &mut menu_columns, window, rows);
                    return;
                }
                if ui.add(IconButton::new("arrows-out-simple", ALL_ROWS)).clicked() {
                    *window = Some(0..rows);
                }
                if ui.add(IconButton::new("frame-corners", PIXEL_ROWS)).clicked() {
                    *window = None;
                }
            },
        );
        if narrow {
            settings.columns = menu_columns;
        }
    }

    /// Keeps the brushed rows as a slice named by what they are.
    fn keep_slice(context: &mut ViewContext<'_>) {
        let n = context.selection.brushed.len();
        context.commands.push(Command::KeepSlice(format!("Brushed {n}")));
    }
}

fn rows_choice(ui: &mut Ui, settings: &mut Settings, has_phos: bool, live: bool) {
    if live {
        // Rows stand where they will stay until both passes are done; other orders would shuffle them meanwhile.
        ui.add_enabled_ui(false, |ui| choice(ui, "Rows", "by time", |_| {}));
        return;
    }
    let value = if settings.phos { RowsBy::Phos.name() } else { settings.rows_by.name() };
    choice(ui, "Rows", &value, |ui| {
        for option in RowsBy::menu(has_phos) {
            if choice_row(ui, settings.rows_by == option, &option.name()).clicked() {
                settings.rows_by = option;
                settings.phos = false;
            }
        }
    });
}

fn phos_button(ui: &mut Ui, settings: &mut Settings, why_not: Option<&'static str>) {
    let button = widgets::Button::new("PHOS").icon("sort-descending").on(settings.phos).disabled(why_not);
    let response = ui.add(button);
    let hint =
        "Order rows and columns so that intensity gathers top left; kept only if concentration rises by 2%";
    if response.clicked() && why_not.is_none() {
        settings.phos = !settings.phos;
    }
    if why_not.is_none() {
        response.on_hover_text(hint);
    }
}

fn columns_choice(ui: &mut Ui, settings: &mut Settings) {
    choice(ui, "Columns", settings.columns.name(), |ui| {
        for option in ColumnSet::ALL {
            if choice_row(ui, settings.columns == option, option.name()).clicked() {
                settings.columns = option;
            }
        }
    });
}

/// What a narrow toolbar has no room for: columns and the two ways to zoom.
fn more_menu(ui: &mut Ui, columns: &mut ColumnSet, window: &mut Option<Range<usize>>, rows: usize) {
    let button = ui.add(IconButton::new("dots-three", "More"));
    Popup::menu(&button).gap(4.0).show(|ui| {
        ui.set_min_width(210.0);
        ui.spacing_mut().item_spacing = egui::vec2(0.0, 0.0);
        for option in ColumnSet::ALL {
            if choice_row(ui, *columns == option, &format!("Columns {}", option.name())).clicked() {
                *columns = option;
            }
        }
        if choice_row(ui, false, ALL_ROWS).clicked() {
            *window = Some(0..rows);
        }
        if choice_row(ui, false, PIXEL_ROWS).clicked() {
            *window = None;
        }
    });
}

fn limits_choice(ui: &mut Ui, settings: &mut Settings, short: bool) {
    let value = if short { settings.limits.short_name() } else { settings.limits.name() };
    choice(ui, "Limits", value, |ui| {
        for option in LimitsChoice::ALL {
            if choice_row(ui, settings.limits == option, option.name()).clicked() {
                settings.limits = option;
            }
        }
    });
}

fn reducer_choice(ui: &mut Ui, settings: &mut Settings) {
    choice(ui, "Reducer", reducer_name(settings.reducer), |ui| {
        for option in crate::field::vpm::Reducer::ALL {
            if choice_row(ui, settings.reducer == option, reducer_name(option)).clicked() {
                settings.reducer = option;
            }
        }
    });
}
