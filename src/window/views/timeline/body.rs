//! Lays the three panels and the scrub strip out and paints them.

use super::TimelineView;
use super::strips::{Strips, StripsKey, TILE};
use crate::core::item::Item;
use crate::core::scm;
use crate::figure::colormap::ColorMap;
use crate::window::canvas::colour_bar::{Scale, colour_bar};
use crate::window::canvas::vpm_panel::{self, ColumnGeometry};
use crate::window::canvas::{numbers, paint};
use crate::window::command::Command;
use crate::window::theme::{font, panel};
use crate::window::view::ViewContext;
use crate::window::widgets::focus_ring;
use egui::{
    Align2, Color32, EventFilter, Key, Mesh, Rect, Role, Sense, Shape, Stroke, TextureHandle, TextureOptions,
    Ui, WidgetInfo, pos2, vec2,
};
use std::ops::Range;

/// From the top: middle of the heads, colour bar, group names, foot of the column names, first row.
const HEAD: f32 = 15.0;
const BAR: f32 = 35.0;
const GROUPS: f32 = 69.0;
const NAMES: f32 = 155.0;
const ROWS: f32 = 158.0;
/// Below the rows: the scrub strip and its words.
const SCRUB: f32 = 46.0;
const FOOT: f32 = SCRUB + 30.0;
/// Left of the rows: the number of a turn.
const NUMBERS: f32 = 56.0;

/// The strips as textures of this context.
#[derive(Default)]
pub struct Textures {
    key: Option<StripsKey>,
    tiles: [Vec<TextureHandle>; 3],
}

impl Textures {
    fn update(&mut self, ui: &Ui, strips: &Strips) {
        if self.key.as_ref() == Some(&strips.key) {
            return;
        }
        self.key = Some(strips.key.clone());
        self.tiles = strips.tiles.each_ref().map(|tiles| {
            let load = |image| {
                ui.ctx().load_texture("timeline", std::sync::Arc::clone(image), TextureOptions::NEAREST)
            };
            tiles.iter().map(load).collect()
        });
    }
}

/// Where rows stand: whole pixels, every row of the window as high as its neighbours to a pixel.
struct Rows {
    visible: Range<usize>,
    top: f32,
    pixels: f32,
    scale: f32,
}

impl Rows {
    fn y(&self, position: usize) -> f32 {
        let share = (position - self.visible.start) as f32 / self.visible.len().max(1) as f32;
        self.top + (share * self.pixels).round() / self.scale
    }

    fn position_at(&self, y: f32) -> Option<usize> {
        let share = (y - self.top) * self.scale / self.pixels;
        let at = self.visible.start + (share * self.visible.len() as f32).floor().max(0.0) as usize;
        (share >= 0.0 && at < self.visible.end).then_some(at)
    }

    fn bottom(&self) -> f32 {
        self.top + self.pixels / self.scale
    }
}

/// Draws panels and scrub strip.
pub fn body_ui(view: &mut TimelineView, ui: &mut Ui, context: &mut ViewContext<'_>, strips: &Strips) {
    let full = ui.available_rect_before_wrap();
    ui.advance_cursor_after_rect(full);
    view.textures.update(ui, strips);
    let body = full.shrink2(vec2(panel::VIEW_PADDING, 0.0));
    let scale = ui.pixels_per_point();
    let height = body.height() - ROWS - FOOT;
    if height < 32.0 || strips.rows() == 0 {
        return;
    }
    let rows = Rows {
        visible: view.visible(strips.rows()),
        top: paint::snap1(ui.painter(), body.top() + ROWS),
        pixels: (height * scale).floor(),
        scale,
    };
    let columns = columns(ui, body);
    let area = Rect::from_min_max(pos2(columns[0].left, rows.top), pos2(columns[2].right(), rows.bottom()));
    let response = ui.interact(area, ui.scope_id().with("timeline panels"), Sense::click());
    let hovered = pointer(context, strips, &rows, &columns, &response);
    keys(view, ui, context, strips, &response);
    for (slot, tiles) in view.textures.tiles.iter().enumerate() {
        panel_ui(ui, &rows, &columns[slot], tiles);
    }
    heads(ui, context, strips, &columns, body.top(), hovered);
    row_numbers(ui, context, strips, &rows, body.left());
    marks(ui, context, strips, &rows, &columns);
    response.widget_info(|| {
        let seen = &rows.visible;
        let words = format!("timeline, rows {} to {} of {}", seen.start + 1, seen.end, strips.rows());
        WidgetInfo::labeled(Role::Canvas, true, words)
    });
    focus_ring(ui, &response);
    let strip = Rect::from_min_max(
        pos2(body.left() + NUMBERS, rows.bottom() + 22.0),
        pos2(columns[2].right(), rows.bottom() + 22.0 + SCRUB),
    );
    scrub(view, ui, context, strips, strip, &rows.visible);
}

fn columns(ui: &Ui, body: Rect) -> [ColumnGeometry; 3] {
    let scale = ui.pixels_per_point();
    let gap = 4.0;
    let between = if body.width() < 860.0 { 24.0 } else { 36.0 };
    let groups: Vec<(Range<usize>, String)> =
        scm::GROUPS.iter().map(|g| (g.start..g.end, g.name.to_owned())).collect();
    let gaps = gap * (groups.len() - 1) as f32 * 3.0;
    let room = body.width() - NUMBERS - 2.0 * between - gaps;
    let width = (room * scale / (3 * scm::N_COLUMNS) as f32).floor().clamp(2.0, 64.0 * scale) as usize;
    let first = ColumnGeometry {
        columns: (0..scm::N_COLUMNS).collect(),
        groups,
        width,
        gap: (gap * scale).round() as usize,
        left: paint::snap1(ui.painter(), body.left() + NUMBERS),
        scale,
    };
    let second = first.at_left(paint::snap1(ui.painter(), first.right() + between));
    let third = first.at_left(paint::snap1(ui.painter(), second.right() + between));
    [first, second, third]
}

/// Hover and click; gives the hovered column.
fn pointer(
    context: &mut ViewContext<'_>,
    strips: &Strips,
    rows: &Rows,
    columns: &[ColumnGeometry; 3],
    response: &egui::Response,
) -> Option<usize> {
    let at = response.hover_pos()?;
    let row = rows.position_at(at.y).and_then(|p| strips.row(p))?;
    let column = columns.iter().find_map(|c| c.place_at(at.x));
    context.commands.push(Command::Hover(Item::Turn(row)));
    if response.clicked() {
        response.request_focus();
        context.commands.push(Command::Cursor { row, column });
        context.commands.push(Command::Select(Some(Item::Turn(row))));
    }
    column
}

/// Arrow keys move through the run while the picture has the focus.
fn keys(
    view: &mut TimelineView,
    ui: &Ui,
    context: &mut ViewContext<'_>,
    strips: &Strips,
    response: &egui::Response,
) {
    if !response.has_focus() {
        return;
    }
    let filter = EventFilter { vertical_arrows: true, horizontal_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|m| m.set_focus_lock_filter(response.id, filter));
    let pressed = |key: Key| ui.input(|i| i.num_presses(key)) as i64;
    let page = view.settings.window as i64 / 2;
    let by = pressed(Key::ArrowDown) - pressed(Key::ArrowUp) + pressed(Key::ArrowRight)
        - pressed(Key::ArrowLeft)
        + page * (pressed(Key::PageDown) - pressed(Key::PageUp));
    if by != 0 {
        let at = (view.at as i64 + by).clamp(0, strips.rows() as i64 - 1);
        view.go(context, strips, at as usize);
    }
}

/// The visible rows of one strip, group by group, tile by tile.
fn panel_ui(ui: &Ui, rows: &Rows, columns: &ColumnGeometry, tiles: &[TextureHandle]) {
    let n = columns.columns.len() as f32;
    for (group, (places, _)) in columns.groups.iter().enumerate() {
        let (left, right) = columns.group(group);
        let u = places.start as f32 / n..places.end as f32 / n;
        let mut from = rows.visible.start;
        while from < rows.visible.end {
            let tile = from / TILE;
            let to = rows.visible.end.min((tile + 1) * TILE);
            let Some(texture) = tiles.get(tile) else { break };
            let tall = texture.size()[1].max(1) as f32;
            let v = (from - tile * TILE) as f32 / tall..(to - tile * TILE) as f32 / tall;
            let rect = Rect::from_min_max(pos2(left, rows.y(from)), pos2(right, rows.y(to)));
            let uv = Rect::from_min_max(pos2(u.start, v.start), pos2(u.end, v.end));
            ui.painter().image(texture.id(), rect, uv, Color32::WHITE);
            from = to;
        }
    }
}

fn heads(
    ui: &Ui,
    context: &ViewContext<'_>,
    strips: &Strips,
    columns: &[ColumnGeometry; 3],
    top: f32,
    hovered: Option<usize>,
) {
    let t = context.tokens;
    for (slot, columns) in columns.iter().enumerate() {
        let (left, right) = (columns.left, columns.right());
        let rect = Rect::from_min_max(pos2(left, top + HEAD - 9.0), pos2(right, top + HEAD + 9.0));
        let name = strips.names.get(slot).map_or("A − B", String::as_str);
        vpm_panel::head(ui.painter(), t, rect, ["A", "B", "D"][slot], name, "");
        let bar = Rect::from_min_max(pos2(left, top + BAR), pos2(right, top + BAR + 24.0));
        let map = if slot == 2 { ColorMap::delta(t.dark) } else { ColorMap::Batlow };
        let scale = if slot == 2 { Scale::DeltaPerColumn } else { Scale::PerColumn };
        colour_bar(ui, t, bar, map, scale);
        vpm_panel::brackets(ui.painter(), t, columns, top + GROUPS);
        let marked = hovered.or(context.selection.cursor_column);
        vpm_panel::column_names(ui.painter(), t, columns, &scm::SHORT, top + NAMES, marked);
    }
}

/// The number of every so many turns at the left.
fn row_numbers(ui: &Ui, context: &ViewContext<'_>, strips: &Strips, rows: &Rows, left: f32) {
    let t = context.tokens;
    let each = (rows.pixels / rows.scale / rows.visible.len().max(1) as f32).max(0.01);
    let step =
        [1, 5, 10, 20, 50, 100, 200, 500].into_iter().find(|s| *s as f32 * each >= 18.0).unwrap_or(1000);
    for position in rows.visible.clone().filter(|p| (p + 1).is_multiple_of(step)) {
        let Some(row) = strips.row(position) else { continue };
        let y = f32::midpoint(rows.y(position), rows.y(position + 1));
        let at = pos2(left + NUMBERS - 14.0, y);
        let words = numbers::count(row + 1);
        paint::text(ui.painter(), at, Align2::RIGHT_CENTER, &words, font::tick(), t.text_subdued);
    }
}

/// Brush, hover and cursor through all three panels.
fn marks(ui: &Ui, context: &ViewContext<'_>, strips: &Strips, rows: &Rows, columns: &[ColumnGeometry; 3]) {
    let t = context.tokens;
    let brushed = |position: &usize| {
        strips.row(*position).is_some_and(|r| context.selection.brushed.binary_search(&r).is_ok())
    };
    if !context.selection.brushed.is_empty() {
        let mut mesh = Mesh::default();
        for position in rows.visible.clone().filter(brushed) {
            let (top, bottom) = (rows.y(position), rows.y(position + 1).max(rows.y(position) + 1.0));
            let x = columns[0].left;
            mesh.add_colored_rect(Rect::from_min_max(pos2(x - 8.0, top), pos2(x - 6.0, bottom)), t.accent);
        }
        ui.painter().add(mesh);
    }
    let line = |row: usize, strong: bool| {
        let Some(position) = strips.position(row).filter(|p| rows.visible.contains(p)) else { return };
        let (top, bottom) = (rows.y(position), rows.y(position + 1));
        for columns in columns {
            let x = columns.left..=columns.right();
            let color = if strong { t.text_strong } else { t.text };
            paint::hline(ui.painter(), x.clone(), top - 1.0, color);
            paint::hline(ui.painter(), x, bottom, color);
        }
        if strong {
            let y = f32::midpoint(top, bottom);
            for (x, side) in [(columns[0].left - 2.0, -1.0), (columns[2].right() + 2.0, 1.0)] {
                let points = vec![pos2(x, y), pos2(x + 6.0 * side, y - 4.0), pos2(x + 6.0 * side, y + 4.0)];
                ui.painter().add(Shape::convex_polygon(points, t.text_strong, Stroke::NONE));
            }
        }
    };
    if let Some(Item::Turn(row)) = context.selection.hovered {
        line(row, false);
    }
    if let Some(row) = context.selection.cursor_row {
        line(row, true);
    }
}

/// The whole run as bars of mean D with the window in sight; dragging it scrubs.
fn scrub(
    view: &mut TimelineView,
    ui: &mut Ui,
    context: &mut ViewContext<'_>,
    strips: &Strips,
    rect: Rect,
    visible: &Range<usize>,
) {
    let t = context.tokens;
    let n = strips.rows().max(1);
    let response = ui.interact(rect, ui.scope_id().with("scrub"), Sense::click_and_drag());
    if let (true, Some(at)) = (response.dragged() || response.clicked(), response.interact_pointer_pos()) {
        let share = ((at.x - rect.left()) / rect.width().max(1.0)).clamp(0.0, 1.0);
        view.playing = false;
        let middle = (share * n as f32) as usize + visible.len() / 2;
        view.go(context, strips, middle.clamp(visible.len().saturating_sub(1), n - 1));
    }
    let slots = (rect.width() / 2.0).max(1.0) as usize;
    let values = crate::window::timeline::reduced(&strips.means, slots);
    let most = values.iter().filter(|v| v.is_finite()).fold(1e-6_f32, |m, v| m.max(v.abs()));
    let zero = paint::snap1(ui.painter(), rect.center().y);
    let each = rect.width() / values.len().max(1) as f32;
    let mut mesh = Mesh::default();
    mesh.add_colored_rect(
        Rect::from_min_max(pos2(rect.left(), zero), pos2(rect.right(), zero + 1.0)),
        t.line,
    );
    for (i, v) in values.iter().enumerate().filter(|(_, v)| v.is_finite()) {
        let reach = (v.abs() / most * (rect.height() / 2.0 - 2.0)).max(0.5);
        let x = paint::snap1(ui.painter(), rect.left() + i as f32 * each);
        let (top, bottom) = if *v >= 0.0 { (zero - reach, zero) } else { (zero, zero + reach) };
        let bar = Rect::from_min_max(pos2(x, top), pos2(x + (each - 1.0).clamp(1.0, 6.0), bottom));
        mesh.add_colored_rect(bar, paint::delta_fill(t, f64::from(*v)));
    }
    ui.painter().add(mesh);
    let x = |position: usize| rect.left() + position as f32 / n as f32 * rect.width();
    let frame =
        Rect::from_x_y_ranges(x(visible.start)..=x(visible.end).max(x(visible.start) + 3.0), rect.y_range());
    ui.painter().rect_stroke(frame, 2.0, Stroke::new(1.0, t.text), egui::StrokeKind::Inside);
    focus_ring(ui, &response);
    response.widget_info(|| {
        let words = format!("scrub, mean D of {n} turns, window ends at {}", visible.end);
        WidgetInfo::labeled(Role::Slider, true, words)
    });
    let words = format!(
        "{} to {} of {}",
        numbers::count(visible.start + 1),
        numbers::count(visible.end),
        numbers::counted(n, "turn", "turns")
    );
    let foot = pos2(rect.right(), rect.top() - 10.0);
    paint::text(ui.painter(), foot, Align2::RIGHT_CENTER, &words, font::small(), t.text_subdued);
    let order = format!("mean D, rows by {}", view.settings.order.name());
    let foot = pos2(rect.left(), rect.top() - 10.0);
    paint::text(ui.painter(), foot, Align2::LEFT_CENTER, &order, font::small(), t.text_subdued);
}
