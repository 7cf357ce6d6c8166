//! Cards of runs: a picture of D above its name (recent), or beside what it teaches (samples).

use crate::window::command::Command;
use crate::window::format;
use crate::window::library::{RunState, RunSummary};
use crate::window::theme::{self, Tokens, font, radius};
use crate::window::thumbnail;
use crate::window::widgets::paint::{hatch, icon_at, lines, text_in, width};
use crate::window::widgets::{focus_ring, skeleton_block};
use egui::{
    Align2, Color32, CornerRadius, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2,
    vec2,
};
use std::path::Path;
use std::time::SystemTime;

/// Height of a recent card.
pub const RECENT: f32 = 170.0;
/// Height of the picture on a recent card.
const PICTURE: f32 = 121.0;
/// Height of a sample card.
const SAMPLE: f32 = 121.0;
/// The same where room is short.
const SAMPLE_SHORT: f32 = 102.0;
/// Space between cards.
pub const GAP: f32 = 17.0;

fn slot(ui: &mut Ui, columns: usize, height: f32) -> Vec<Rect> {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let w = ((rect.width() - GAP * (columns - 1) as f32) / columns as f32).floor();
    (0..columns)
        .map(|i| Rect::from_min_size(pos2(rect.left() + i as f32 * (w + GAP), rect.top()), vec2(w, height)))
        .collect()
}

/// One row of recent runs; gives the wish of a click.
pub fn recent_row(
    ui: &mut Ui,
    version: u64,
    runs: &[&RunSummary],
    columns: usize,
    open: Option<&Path>,
) -> Option<Command> {
    let mut wish = None;
    let now = SystemTime::now();
    for (rect, run) in slot(ui, columns, RECENT).into_iter().zip(runs) {
        let selected = open == Some(run.folder.as_path());
        if recent_card(ui, rect, run, version, selected, now).clicked() {
            wish = Some(Command::OpenRun(run.folder.clone()));
        }
    }
    wish
}

/// Cards whose runs are being read: the shape of a row, without anything in it.
pub fn recent_skeleton(ui: &mut Ui, columns: usize) {
    for (i, rect) in slot(ui, columns, RECENT).into_iter().enumerate() {
        unread(ui, rect, if i == 0 { "Reading the list of runs" } else { "" });
        let picture = Rect::from_min_size(rect.min, vec2(rect.width(), PICTURE)).shrink(1.0);
        skeleton_block(ui, picture);
        let line = |y: f32, w: f32| {
            skeleton_block(ui, Rect::from_min_size(rect.min + vec2(13.0, y), vec2(w, 10.0)));
        };
        line(PICTURE + 11.0, rect.width() * 0.5);
        line(PICTURE + 28.0, rect.width() * 0.7);
    }
}

/// Rows of sample cards that are being read.
pub fn sample_skeleton(ui: &mut Ui, columns: usize, short: bool) {
    let tall = if short { SAMPLE_SHORT } else { SAMPLE };
    for row in 0..2 {
        for (i, rect) in slot(ui, columns, tall).into_iter().enumerate() {
            unread(ui, rect, if row + i == 0 { "Reading the sample runs" } else { "" });
            let w = (rect.width() * 0.4).min(96.0);
            skeleton_block(ui, Rect::from_min_size(rect.min, vec2(w, rect.height())).shrink(1.0));
            let line = |y: f32, share: f32| {
                let at = Rect::from_min_size(
                    rect.min + vec2(w + 12.0, y),
                    vec2((rect.width() - w - 24.0) * share, 10.0),
                );
                skeleton_block(ui, at);
            };
            line(13.0, 0.5);
            line(32.0, 0.9);
            line(tall - 22.0, 0.2);
        }
        ui.add_space(if short { 12.0 } else { GAP });
    }
}

fn unread(ui: &mut Ui, rect: Rect, says: &str) {
    let t = theme::of(ui);
    let stroke = Stroke::new(1.0, t.line);
    ui.painter().rect(rect, f32::from(radius::CARD), t.raised_bg, stroke, StrokeKind::Inside);
    if !says.is_empty() {
        let response = ui.interact(rect, ui.scope_id().with(says), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Status, true, says));
    }
}

fn ground(ui: &Ui, t: &Tokens, rect: Rect, response: &Response) {
    let fill = if response.hovered() { t.hover_bg } else { t.raised_bg };
    ui.painter().rect_filled(rect, f32::from(radius::CARD), fill);
}

fn edge(ui: &Ui, t: &Tokens, rect: Rect, response: &Response, selected: bool) {
    let color = if selected {
        t.accent
    } else if response.hovered() {
        t.line_control
    } else {
        t.line
    };
    ui.painter().rect_stroke(rect, f32::from(radius::CARD), Stroke::new(1.0, color), StrokeKind::Inside);
}

/// D into `rect`, hatched where it does not exist, with rounded corners.
fn picture(
    ui: &Ui,
    t: &Tokens,
    rect: Rect,
    run: &RunSummary,
    version: u64,
    upright: bool,
    corner: CornerRadius,
) {
    let key = run.folder.to_string_lossy();
    match &run.thumbnail {
        Some(d) if d.rows() > 0 => {
            let texture = thumbnail::texture(ui.ctx(), t, &key, version, d, upright);
            let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            thumbnail::hatch_missing(ui.painter(), t, rect, d, upright);
            let shape =
                egui::epaint::RectShape::filled(rect, corner, Color32::WHITE).with_texture(texture.id(), uv);
            ui.painter().add(shape);
            if run.complete < 0.995 && !upright {
                let from = rect.left() + rect.width() * run.complete;
                hatch(ui.painter(), t, Rect::from_min_max(pos2(from, rect.top()), rect.max));
            }
        }
        _ => {
            ui.painter().rect_filled(rect, corner, t.field_zero);
            let (icon, color) = if run.state == RunState::Broken {
                ("warning-circle", t.error)
            } else {
                ("exclude", t.text_subdued)
            };
            icon_at(ui.painter(), rect.center(), icon, 24.0, color);
        }
    }
}

fn recent_card(
    ui: &mut Ui,
    rect: Rect,
    run: &RunSummary,
    version: u64,
    selected: bool,
    now: SystemTime,
) -> Response {
    let t = theme::of(ui);
    let response = ui.interact(rect, ui.scope_id().with(("recent", &run.folder)), Sense::click());
    response
        .widget_info(|| WidgetInfo::selected(Role::Button, true, selected, format!("Open {}", run.title)));
    ground(ui, t, rect, &response);
    let top = Rect::from_min_size(rect.min + vec2(1.0, 1.0), vec2(rect.width() - 2.0, PICTURE - 1.0));
    let corner = CornerRadius { nw: radius::CARD - 1, ne: radius::CARD - 1, sw: 0, se: 0 };
    picture(ui, t, top, run, version, false, corner);
    let (left, right) = (rect.left() + 13.0, rect.right() - 13.0);
    let y = rect.top() + PICTURE + 16.0;
    text_in(ui, pos2(left, y), Align2::LEFT_CENTER, &run.title, font::label(), t.text_strong, right - left);
    let age = run.age(now);
    let age_width = width(ui, &age, font::small());
    let y = y + 15.5;
    ui.painter().text(pos2(right, y), Align2::RIGHT_CENTER, &age, font::small(), t.text_subdued);
    let line = match run.state {
        RunState::Done => &run.subtitle,
        _ => &run.note,
    };
    text_in(
        ui,
        pos2(left, y),
        Align2::LEFT_CENTER,
        line,
        font::small(),
        t.text_subdued,
        right - left - age_width - 8.0,
    );
    edge(ui, t, rect, &response, selected);
    focus_ring(ui, &response);
    let folder = run.folder.display();
    // What is wrong with a run is longer than its card.
    response.on_hover_text(match run.state {
        RunState::Done | RunState::Unfinished => folder.to_string(),
        _ => format!("{}\n{folder}", run.note),
    })
}

/// What each sample run teaches, by folder name.
fn lesson(run: &RunSummary) -> (&str, String) {
    match run.folder_name().as_str() {
        "healthy" => {
            ("Deep and tiny", format!("HRM against Tiny on the bundled {} turns", format::count(run.turns)))
        }
        "exploded" => {
            ("log_var collapse", "guardrails off: uncertainty is one bright band in B's VPM".to_owned())
        }
        "judges" => ("Two judges", "judge 1 against judge 2, nearly empty, and it says so".to_owned()),
        "planted-ring" => {
            let p = run.loop_p.map(|p| format!(", p\u{a0}=\u{a0}{}", format::p_value(p))).unwrap_or_default();
            ("Planted ring", format!("a loop that the topology view finds{p}"))
        }
        _ => (run.title.as_str(), run.subtitle.clone()),
    }
}

/// One row of sample runs; gives the wish of a click.
pub fn sample_row(
    ui: &mut Ui,
    version: u64,
    runs: &[RunSummary],
    columns: usize,
    short: bool,
) -> Option<Command> {
    let mut wish = None;
    let tall = if short { SAMPLE_SHORT } else { SAMPLE };
    for (rect, run) in slot(ui, columns, tall).into_iter().zip(runs) {
        if sample_card(ui, rect, run, version).clicked() {
            wish = Some(Command::OpenRun(run.folder.clone()));
        }
    }
    wish
}

fn sample_card(ui: &mut Ui, rect: Rect, run: &RunSummary, version: u64) -> Response {
    let t = theme::of(ui);
    let (title, text) = lesson(run);
    let response = ui.interact(rect, ui.scope_id().with(("sample", &run.folder)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Open sample run {title}")));
    ground(ui, t, rect, &response);
    let w = (rect.width() * 0.4).min(96.0);
    let side = Rect::from_min_size(rect.min + vec2(1.0, 1.0), vec2(w, rect.height() - 2.0));
    let corner = CornerRadius { nw: radius::CARD - 1, sw: radius::CARD - 1, ne: 0, se: 0 };
    picture(ui, t, side, run, version, true, corner);
    let (x, right) = (side.right() + 12.0, rect.right() - 12.0);
    let at = pos2(x, rect.top() + 18.0);
    text_in(ui, at, Align2::LEFT_CENTER, title, font::label(), t.text_strong, right - x);
    let galley = lines(ui, &text, font::small(), t.text_subdued, right - x, 3, Some(15.0));
    ui.painter().galley(pos2(x, rect.top() + 28.0), galley, t.text_subdued);
    let y = rect.bottom() - 17.0;
    let color = if response.hovered() { t.text_strong } else { t.accent_text };
    ui.painter().text(pos2(x, y), Align2::LEFT_CENTER, "Open", font::small_medium(), color);
    let size = if run.bytes > 0 { format::bytes(run.bytes) } else { String::new() };
    ui.painter().text(pos2(right, y), Align2::RIGHT_CENTER, size, font::small(), t.text_subdued);
    edge(ui, t, rect, &response, false);
    focus_ring(ui, &response);
    response
}
