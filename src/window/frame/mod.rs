//! The frame around the views: top bar, rail, tabs, inspector, timeline, job strip, and what floats above them.

pub mod help;
pub mod job_strip;
pub mod log_panel;
pub mod palette;
pub mod rail;
mod rail_slices;
pub mod tabs;
pub mod top_bar;

use crate::window::app::App;
use crate::window::command::{self, Command};
use crate::window::theme::{self, height, panel};
use crate::window::view::ViewKind;
use crate::window::{inspector, timeline};
use egui::{Area, Context, Frame, Id, Key, Order, Panel, Rect, Ui, pos2, vec2};

/// How much room the window has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Room {
    /// Under 900: the rail folds.
    Small,
    /// Under 1100: the inspector lies over the view.
    Medium,
    /// Up to 1280: narrow panels, chips show only A and B.
    Narrow,
    /// Wider.
    Wide,
}

impl Room {
    /// The room at this width in points.
    pub fn of(width: f32) -> Self {
        if width < panel::RAIL_FOLDS {
            Self::Small
        } else if width < panel::INSPECTOR_OVERLAY {
            Self::Medium
        } else if width <= panel::NARROW {
            Self::Narrow
        } else {
            Self::Wide
        }
    }
}

/// Turns pressed keys into commands, by the one table; plain letters only while no text is being written.
pub fn shortcuts(app: &mut App, ctx: &Context) {
    // A canvas or button with the focus leaves letters free; only a text field takes them.
    let writing = ctx.text_edit_focused();
    for entry in command::table() {
        let Some(shortcut) = entry.shortcut else { continue };
        let plain = !shortcut.modifiers.command;
        let above = app.palette.is_open() || app.studio.is_open();
        if plain && (writing || above) && shortcut.logical_key != Key::Escape {
            continue;
        }
        // What is open above closes itself on Esc, a menu too; a focused text field lets go of the focus first.
        let above = above || egui::Popup::is_any_open(ctx);
        if shortcut.logical_key == Key::Escape && (writing || above) {
            continue;
        }
        // A text field undoes its own words.
        if writing && matches!(entry.command, Command::Undo | Command::Redo) {
            continue;
        }
        if ctx.input_mut(|i| i.consume_shortcut(&shortcut)) {
            app.commands.push(entry.command);
        }
    }
    // A question mark needs different modifiers on different keyboards.
    if !writing && ctx.input(|i| i.events.iter().any(|e| matches!(e, egui::Event::Text(t) if t == "?"))) {
        app.commands.push(Command::ToggleHelp);
    }
}

/// Draws the whole window.
pub fn frame_ui(app: &mut App, ui: &mut Ui) {
    let t = theme::of(ui);
    let whole = ui.max_rect();
    let room = Room::of(whole.width());
    ui.painter().rect_filled(whole, 0.0, t.app_bg);
    ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
    if app.bare {
        tabs::only_view_ui(app, ui);
        return;
    }
    let bar = Frame::NONE.fill(t.bar_bg);
    let fixed =
        |p: Panel, size: f32| p.exact_size(size).resizable(false).show_separator_line(false).frame(bar);
    fixed(Panel::top("top bar"), height::TOP_BAR + 1.0).show(ui, |ui| top_bar::top_bar_ui(app, ui, room));
    fixed(Panel::bottom("job strip"), height::JOB_STRIP + 1.0)
        .show(ui, |ui| job_strip::job_strip_ui(app, ui, room));
    fixed(Panel::bottom("timeline"), height::TIMELINE + 1.0).show(ui, |ui| {
        let rect = ui.max_rect();
        super::widgets::paint::hline(ui, rect.left()..=rect.right(), rect.top(), t.line);
        let (mut context, ..) = app.split();
        timeline::timeline_ui(ui, &mut context);
    });
    if app.log_open {
        log_panel::log_panel_ui(app, ui);
    }
    if !app.focus_mode {
        rail::rail_panel(app, ui, room);
        if room >= Room::Narrow && inspector_wanted(app) {
            inspector_panel(app, ui, room);
        }
    }
    let centre = egui::CentralPanel::default().frame(Frame::NONE.fill(t.view_bg)).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        app.troubles_ui(ui);
        tabs::tabs_ui(app, ui);
        ui.max_rect()
    });
    let overlay = room < Room::Narrow && inspector_wanted(app) && app.selection.selected.is_some();
    if overlay && !app.focus_mode {
        inspector_overlay(app, ui.ctx(), centre.inner);
    }
    help::help_ui(app, ui.ctx(), centre.inner);
    super::studio::studio_ui(app, ui.ctx());
    palette::palette_ui(app, ui.ctx());
    drop_hint(app, ui.ctx(), whole);
    let corner = pos2(whole.right(), whole.bottom() - height::JOB_STRIP);
    app.toasts.ui(ui.ctx(), corner, &mut app.commands);
}

/// The inspector belongs to views of turns.
fn inspector_wanted(app: &App) -> bool {
    let views =
        !matches!(app.focused, ViewKind::Start | ViewKind::Runs | ViewKind::Report | ViewKind::Device);
    app.layout.inspector_open && app.run.is_some() && views
}

fn inspector_panel(app: &mut App, ui: &mut Ui, room: Room) {
    let t = theme::of(ui);
    let narrow = room == Room::Narrow;
    let (id, size) = if narrow {
        ("inspector narrow", panel::INSPECTOR_NARROW)
    } else {
        ("inspector", app.layout.inspector_width)
    };
    let shown = Panel::right(id)
        .default_size(size)
        .size_range(panel::INSPECTOR_MIN..=panel::INSPECTOR_MAX)
        .resizable(true)
        .show_separator_line(false)
        .frame(Frame::NONE.fill(t.panel_bg))
        .show(ui, |ui| inspector_content(app, ui));
    if !narrow {
        app.layout.inspector_width = shown.response.rect.width();
    }
}

fn inspector_content(app: &mut App, ui: &mut Ui) {
    let t = theme::of(ui);
    let rect = ui.max_rect();
    super::widgets::paint::vline(ui, rect.left(), rect.top()..=rect.bottom(), t.line);
    let inner = Rect::from_min_max(rect.min + vec2(1.0, 0.0), rect.max);
    ui.scope_builder(egui::UiBuilder::new().max_rect(inner), |ui| {
        let (mut context, ..) = app.split();
        inspector::inspector_ui(ui, &mut context);
    });
    ui.expand_to_include_rect(rect);
}

/// The inspector over the right edge of the centre, when there is no room beside it.
fn inspector_overlay(app: &mut App, ctx: &Context, centre: Rect) {
    let t = theme::of_context(ctx);
    let w = panel::INSPECTOR_NARROW.min(centre.width());
    let at = pos2(centre.right() - w, centre.top() + height::TAB_BAR);
    Area::new(Id::unique("inspector overlay")).order(Order::Middle).fixed_pos(at).show(ctx, |ui| {
        let size = vec2(w, (centre.height() - height::TAB_BAR).max(40.0));
        ui.set_min_size(size);
        ui.set_max_size(size);
        ui.painter().rect_filled(ui.max_rect(), 0.0, t.panel_bg);
        inspector_content(app, ui);
    });
}

/// What would happen if the files over the window were dropped.
fn drop_hint(app: &App, ctx: &Context, whole: Rect) {
    let hovering = ctx.input(|i| !i.raw.hovered_files.is_empty());
    if !hovering || app.palette.is_open() {
        return;
    }
    let t = theme::of_context(ctx);
    let layer = egui::LayerId::new(Order::Foreground, Id::unique("drop hint"));
    let painter = ctx.layer_painter(layer);
    let stroke = egui::Stroke::new(2.0, t.accent);
    painter.rect_stroke(whole.shrink(4.0), 8.0, stroke, egui::StrokeKind::Inside);
    let words = "Drop a run folder to open it, a turns file to start a run from it, a figure to see its run as it shows it";
    let galley = painter.layout_no_wrap(words.to_owned(), theme::font::body_medium(), t.text_strong);
    let rect = Rect::from_center_size(whole.center(), galley.size() + vec2(32.0, 20.0));
    painter.rect(rect, 8.0, t.overlay_bg, egui::Stroke::new(1.0, t.line_strong), egui::StrokeKind::Inside);
    painter.galley(rect.center() - galley.size() / 2.0, galley, t.text_strong);
}
