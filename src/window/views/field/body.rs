//! Lays the three panels, their heads, the labels at the left and the overview at the right out, and paints them.

use super::FieldView;
use super::brush::BrushRanges;
use super::prepared::Prepared;
use super::read_out::read_out_ui;
use super::texture::{OVERVIEW, Picture};
use crate::core::item::Item;
use crate::core::scm;
use crate::figure::colormap::ColorMap;
use crate::window::canvas::colour_bar::{Scale, colour_bar};
use crate::window::canvas::numbers;
use crate::window::canvas::paint;
use crate::window::canvas::vpm_panel::{self, ColumnGeometry, RowGeometry};
use crate::window::theme::{Tokens, blend, font, height};
use crate::window::view::ViewContext;
use crate::window::widgets::focus_ring;
use egui::{Align2, Color32, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};
use std::ops::Range;

/// From the top of the body: middle of the heads, colour bar, group names, foot of the column names, first row.
const HEAD: f32 = 15.0;
const BAR: f32 = 35.0;
const GROUPS: f32 = 69.0;
const NAMES: f32 = 155.0;
const ROWS: f32 = 158.0;
/// Below the rows: means and their caption.
const FOOT: f32 = 58.0;

/// Where everything stands.
struct Places {
    body: Rect,
    rows: RowGeometry,
    panels: [ColumnGeometry; 3],
    overview: Rect,
    label_right: f32,
}

/// Draws the body below the toolbar.
pub fn body_ui(view: &mut FieldView, ui: &mut Ui, context: &mut ViewContext<'_>) {
    let full = ui.available_rect_before_wrap();
    ui.advance_cursor_after_rect(full);
    let read_out = Rect::from_min_max(pos2(full.left(), full.bottom() - height::READ_OUT), full.max);
    let body = Rect::from_min_max(full.min, pos2(full.right(), read_out.top()));
    let Some(places) = places(view, ui, context, body) else { return };
    let area = Rect::from_min_max(
        pos2(places.panels[0].left, places.rows.top),
        pos2(places.panels[2].right(), places.rows.bottom()),
    );
    let response = ui.interact(area, ui.scope_id().with("field panels"), Sense::click_and_drag());
    let hovered = view.interact(ui, context, &response, &places.rows, &places.panels);
    let overview_id = ui.scope_id().with("field overview");
    let overview = ui.interact(places.overview, overview_id, Sense::click_and_drag());
    let total = view.prepared.as_ref().map_or(0, Prepared::rows);
    view.overview(&overview, places.overview, &places.rows.visible, total);
    overview.widget_info(|| WidgetInfo::labeled(Role::Image, true, "overview of D, all turns"));

    pictures(view, ui, context, &places);
    if let Some(prepared) = view.prepared.as_ref() {
        view.brush.update(&context.selection.brushed, prepared, &places.rows);
    }
    let Some(prepared) = view.prepared.as_ref() else { return };
    let marked = hovered.and_then(|h| h.1).or(context.selection.cursor_column);
    heads(ui, context, prepared, &places, marked);
    labels(ui, context.tokens, prepared, &places);
    unscored(ui, context.tokens, prepared, &places);
    overlays(ui, context, prepared, &places, &view.brush);
    feet(ui, context.tokens, prepared, &places);
    overview_ui(ui, context, prepared, &places, &view.brush);
    let cell = hovered.or_else(|| context.selection.cursor_row.map(|r| (r, context.selection.cursor_column)));
    response.widget_info(|| {
        let mut words = prepared.summary();
        // Read aloud is where the keys are, not where a pointer happens to rest.
        let cursor = context.selection.cursor_row.filter(|r| *r < prepared.rows());
        if let Some((row, column)) = cursor.map(|r| (r, context.selection.cursor_column)) {
            words.push_str(". Cursor at ");
            words.push_str(&super::read_out::ReadOut::of(prepared, context, row, column).sentence());
        }
        WidgetInfo::labeled(Role::Canvas, true, words)
    });
    focus_ring(ui, &response);
    read_out_ui(ui, context, read_out, prepared, cell, &places.rows.visible);
}

/// Where everything stands for this size; `None` when there is no room.
fn places(view: &mut FieldView, ui: &Ui, context: &ViewContext<'_>, body: Rect) -> Option<Places> {
    let prepared = view.prepared.as_ref()?;
    let scale = ui.pixels_per_point();
    let narrow = body.width() < 860.0;
    let labels = match (prepared.labels.is_empty(), narrow) {
        (true, _) => 30.0,
        (false, true) => 82.0,
        (false, false) => 112.0,
    };
    let overview_width = 48.0_f32.min(body.width() * 0.06).floor();
    let panel_gap = if narrow { 30.0 } else { 36.0 };
    let gap = if narrow { 4.0 } else { 6.0 };
    let right = overview_width + 16.0 + 22.0;
    let (n, groups) = (prepared.columns.len(), prepared.groups.len());
    let gaps = gap * (groups.saturating_sub(1) * 3) as f32;
    let room = body.width() - labels - right - 2.0 * panel_gap - gaps;
    let width = (room * scale / (3 * n.max(1)) as f32).floor().clamp(2.0, 48.0 * scale) as usize;
    let height = body.height() - ROWS - FOOT;
    if height < 24.0 || n == 0 || prepared.rows() == 0 {
        return None;
    }
    let left = paint::snap1(ui.painter(), body.left() + labels);
    let first = ColumnGeometry {
        columns: prepared.columns.clone(),
        groups: prepared.groups.clone(),
        width,
        gap: (gap * scale).round() as usize,
        left,
        scale,
    };
    let second = first.at_left(paint::snap1(ui.painter(), first.right() + panel_gap));
    let third = first.at_left(paint::snap1(ui.painter(), second.right() + panel_gap));
    let total = prepared.rows();
    let pixels = (height * scale).floor() as usize;
    let shown = view.window.clone().unwrap_or_else(|| default_window(total, pixels));
    let shown = shown.start.min(total.saturating_sub(1))..shown.end.min(total);
    let visible = view.follow_cursor(context, shown);
    let prepared = view.prepared.as_ref()?;
    let top = paint::snap1(ui.painter(), body.top() + ROWS);
    let rows = RowGeometry::new(visible, &prepared.segments, top, height, scale);
    let overview_left = (third.right() + 22.0).round();
    let overview = Rect::from_min_size(pos2(overview_left, top), vec2(overview_width, height.floor()));
    Some(Places { body, rows, panels: [first, second, third], overview, label_right: left - 16.0 })
}

/// Two pixels a row when not all rows have one; all rows when that leaves most of them out.
fn default_window(total: usize, pixels: usize) -> Range<usize> {
    let at_two = (pixels / 2).max(1);
    if total <= at_two || total > 4 * at_two { 0..total } else { 0..at_two }
}

/// Draws the textures into their grids.
fn pictures(view: &mut FieldView, ui: &Ui, context: &ViewContext<'_>, places: &Places) {
    let Some(prepared) = view.prepared.as_ref() else { return };
    for (slot, columns) in places.panels.iter().enumerate() {
        let wanted = Picture {
            slot,
            prepared,
            settings: &view.settings,
            visible: places.rows.visible.clone(),
            size: (columns.pixels() as u32, places.rows.pixels as u32),
        };
        match view.textures.picture(ui.ctx(), context, &wanted) {
            Some(texture) => vpm_panel::texture_blocks(ui.painter(), texture, &places.rows, columns),
            None => waiting(ui, context.tokens, places, columns, slot),
        }
    }
    let scale = places.rows.scale;
    let n = prepared.columns.len().max(1);
    let width = ((places.overview.width() * scale) as usize / n).max(1) * n;
    let wanted = Picture {
        slot: OVERVIEW,
        prepared,
        settings: &view.settings,
        visible: 0..prepared.rows(),
        size: (width as u32, (places.overview.height() * scale).floor().max(1.0) as u32),
    };
    if let Some(texture) = view.textures.picture(ui.ctx(), context, &wanted) {
        let rect =
            Rect::from_min_size(places.overview.min, vec2(width as f32 / scale, places.overview.height()));
        let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        ui.painter().image(texture, rect, uv, Color32::WHITE);
    }
}

/// A panel whose pass has not begun.
fn waiting(ui: &Ui, t: &Tokens, places: &Places, columns: &ColumnGeometry, slot: usize) {
    let rect =
        Rect::from_min_max(pos2(columns.left, places.rows.top), pos2(columns.right(), places.rows.bottom()));
    paint::fill(ui.painter(), rect, t.hover_bg);
    let words = if slot == 2 { "waits for pass B" } else { "not scored yet" };
    paint::text(ui.painter(), rect.center(), Align2::CENTER_CENTER, words, font::small(), t.text_subdued);
}

/// Rows that a running pass has not reached, and the line at its growing edge.
fn unscored(ui: &Ui, t: &Tokens, prepared: &Prepared, places: &Places) {
    let Some([a, b]) = prepared.scored else { return };
    for (slot, columns) in places.panels.iter().enumerate() {
        let reached = [a, b, b][slot];
        if reached >= prepared.rows() || prepared.panels[slot].is_none() {
            continue;
        }
        let visible = &places.rows.visible;
        let from = reached.max(visible.start);
        let Some((top, _)) = places.rows.row(from) else { continue };
        let rect = Rect::from_min_max(pos2(columns.left, top), pos2(columns.right(), places.rows.bottom()));
        paint::fill(ui.painter(), rect, t.hover_bg);
        if visible.contains(&reached) {
            paint::hline(ui.painter(), rect.left()..=rect.right(), top, t.accent);
        }
    }
}

/// Heads, colour bars, brackets and column names.
fn heads(ui: &Ui, context: &ViewContext<'_>, prepared: &Prepared, places: &Places, marked: Option<usize>) {
    let t = context.tokens;
    let top = places.body.top();
    let marked = marked.and_then(|c| prepared.columns.iter().position(|x| *x == c));
    let short = places.panels[0].right() - places.panels[0].left < 230.0;
    for (slot, columns) in places.panels.iter().enumerate() {
        let (left, right) = (columns.left, columns.right());
        let rect = Rect::from_min_max(pos2(left, top + HEAD - 9.0), pos2(right, top + HEAD + 9.0));
        let panel = prepared.panels[slot].as_ref();
        let note = panel.map_or("", |p| if short { &p.short_note } else { &p.note });
        let name = prepared.names.get(slot).map_or("A − B", String::as_str);
        vpm_panel::head(ui.painter(), t, rect, ["A", "B", "D"][slot], name, note);
        if let Some(panel) = panel {
            let bar = Rect::from_min_max(pos2(left, top + BAR), pos2(right, top + BAR + 24.0));
            let common = panel.limits.common_range();
            let (map, scale) = match (slot, common) {
                (2, Some((_, high))) => {
                    let (below, above) = panel.limits.clamped();
                    let scale = Scale::Delta { limit: f64::from(high), clamped: below || above };
                    (ColorMap::delta(t.dark), scale)
                }
                (2, None) => (ColorMap::delta(t.dark), Scale::PerColumn),
                (_, Some((low, high))) => {
                    (ColorMap::Batlow, Scale::Magnitude { low: f64::from(low), high: f64::from(high) })
                }
                (_, None) => (ColorMap::Batlow, Scale::PerColumn),
            };
            colour_bar(ui, t, bar, map, scale);
        }
        vpm_panel::brackets(ui.painter(), t, columns, top + GROUPS);
        vpm_panel::column_names(ui.painter(), t, columns, &scm::SHORT, top + NAMES, marked);
    }
}

/// Cluster names at the left, as far as they have room.
fn labels(ui: &Ui, t: &Tokens, prepared: &Prepared, places: &Places) {
    let painter = ui.painter();
    let narrow = places.body.width() < 860.0;
    let mut free_from = places.body.top() + GROUPS;
    for at in 0..places.rows.segments.len() {
        let Some(label) = prepared.labels.get(places.rows.segments[at].index) else { continue };
        let (top, bottom) = places.rows.segment(at);
        let color = paint::delta_color(t, label.delta);
        let edge =
            Rect::from_min_max(pos2(places.label_right + 6.0, top), pos2(places.label_right + 8.0, bottom));
        let bar = if color == t.text_subdued { t.line_control } else { paint::delta_fill(t, label.delta) };
        paint::fill(painter, edge, bar);
        let mut lines = vec![(label.who.as_str(), font::small_strong(), color)];
        if !label.on.is_empty() && !narrow {
            lines.push((label.on.as_str(), font::small(), color));
        }
        lines.push((label.turns.as_str(), font::small(), t.text_subdued));
        let step = 14.0;
        while lines.len() > 1 && lines.len() as f32 * step > (bottom - top).max(step) {
            lines.pop();
        }
        let tall = lines.len() as f32 * step;
        let mut y = (f32::midpoint(top, bottom) - tall / 2.0).max(top.min(bottom - tall));
        if y < free_from {
            y = free_from;
        }
        if y + tall > bottom + 7.0 {
            continue;
        }
        for (words, face, color) in lines {
            let pos = pos2(places.label_right, y + step / 2.0);
            paint::text(painter, pos, Align2::RIGHT_CENTER, words, face, color);
            y += step;
        }
        free_from = y;
    }
}

/// Brush, hover and cursor through all three panels.
fn overlays(ui: &Ui, context: &ViewContext<'_>, prepared: &Prepared, places: &Places, brush: &BrushRanges) {
    let t = context.tokens;
    let painter = ui.painter();
    let selection = context.selection;
    let gaps = [
        (places.panels[0].right(), places.panels[1].left),
        (places.panels[1].right(), places.panels[2].left),
    ];
    let many = brush.shown.len() > 8;
    for (top, bottom) in &brush.shown {
        let edge = Rect::from_min_max(
            pos2(places.panels[0].left - 8.0, *top),
            pos2(places.panels[0].left - 6.0, *bottom),
        );
        paint::fill(painter, edge, t.accent);
        if many {
            continue;
        }
        for (left, right) in gaps {
            let rect = Rect::from_min_max(pos2(left + 2.0, *top), pos2(right - 2.0, *bottom));
            paint::fill(painter, rect, blend(t.accent, t.view_bg, 0.12));
        }
        for columns in &places.panels {
            let rect = Rect::from_min_max(pos2(columns.left, *top), pos2(columns.right(), *bottom));
            paint::brush_outline(painter, t, rect);
        }
    }
    if let Some(Item::Turn(row)) = &selection.hovered
        && Some(*row) != selection.cursor_row
        && let Some((top, bottom)) = prepared.position(*row).and_then(|p| places.rows.row(p))
    {
        for columns in &places.panels {
            let rect = Rect::from_min_max(pos2(columns.left, top), pos2(columns.right(), bottom));
            painter.rect_stroke(rect.expand(1.0), 0.0, Stroke::new(1.0, t.text), StrokeKind::Middle);
        }
    }
    let cursor = selection.cursor_row.and_then(|r| prepared.position(r)).and_then(|p| places.rows.row(p));
    if let Some((top, bottom)) = cursor {
        cursor_lines(ui, t, places, top, bottom, gaps);
    }
}

/// Lines above and below the row, paler between the panels, triangles at both ends.
fn cursor_lines(ui: &Ui, t: &Tokens, places: &Places, top: f32, bottom: f32, gaps: [(f32, f32); 2]) {
    let painter = ui.painter();
    let (above, below) = (top - 1.0, bottom);
    for columns in &places.panels {
        for y in [above, below] {
            paint::hline(painter, columns.left..=columns.right(), y, t.text_strong);
        }
    }
    let middle = f32::midpoint(top, bottom);
    for (left, right) in gaps {
        paint::hline(painter, left + 3.0..=right - 3.0, middle, t.line_control);
    }
    for (x, side) in [(places.panels[0].left - 2.0, -1.0), (places.panels[2].right() + 2.0, 1.0)] {
        let points =
            vec![pos2(x, middle), pos2(x + 6.0 * side, middle - 4.0), pos2(x + 6.0 * side, middle + 4.0)];
        painter.add(Shape::convex_polygon(points, t.text_strong, Stroke::NONE));
    }
}

/// Means of the columns under each panel.
fn feet(ui: &Ui, t: &Tokens, prepared: &Prepared, places: &Places) {
    let painter = ui.painter();
    let top = places.rows.top + places.body.height() - ROWS - FOOT + 10.0;
    let tall = 26.0;
    let caption = top + tall + 4.0;
    for (slot, columns) in places.panels.iter().enumerate() {
        let Some(panel) = prepared.panels[slot].as_ref() else { continue };
        let mut words = "column means".to_owned();
        if slot == 2 {
            let most = panel.means.iter().filter(|m| m.is_finite()).fold(0.0_f64, |m, v| m.max(v.abs()));
            vpm_panel::delta_bars(painter, t, columns, &panel.means, top, tall, most.max(1e-6));
            words = "bias, mean D".to_owned();
            self_check(painter, t, prepared, columns, caption);
        } else {
            let color = if slot == 0 { t.mind_a } else { t.mind_b };
            vpm_panel::mean_bars(painter, t, columns, &panel.means, top, tall, color);
        }
        let pos = pos2(columns.left, caption);
        paint::text(painter, pos, Align2::LEFT_TOP, &words, font::small(), t.text_subdued);
    }
}

/// Says that length is zero by design, or that it is not.
fn self_check(painter: &egui::Painter, t: &Tokens, prepared: &Prepared, columns: &ColumnGeometry, y: f32) {
    if !prepared.columns.contains(&scm::LENGTH) {
        return;
    }
    let (words, color) = match prepared.length_bias {
        Some(bias) => (format!("length differs by {}, should be 0", numbers::signed(bias, 3)), t.warn),
        None => ("length is 0 by design".to_owned(), t.text_subdued),
    };
    let room = columns.right() - columns.left - 80.0;
    paint::text_cut(painter, pos2(columns.right(), y), Align2::RIGHT_TOP, &words, font::small(), color, room);
}

/// The overview of all rows with the frame of what is visible.
fn overview_ui(
    ui: &Ui,
    context: &ViewContext<'_>,
    prepared: &Prepared,
    places: &Places,
    brush: &BrushRanges,
) {
    let t = context.tokens;
    let painter = ui.painter();
    let rect = places.overview;
    let words = format!("all {}", numbers::count(prepared.rows()));
    let above = pos2(rect.center().x, rect.top() - 4.0);
    paint::text(painter, above, Align2::CENTER_BOTTOM, &words, font::small(), t.text_subdued);
    let total = prepared.rows().max(1) as f32;
    let y = |position: usize| rect.top() + position as f32 / total * rect.height();
    if let Some([_, reached]) = prepared.scored
        && reached < prepared.rows()
    {
        let waits = Rect::from_min_max(pos2(rect.left(), y(reached)), rect.max);
        paint::fill(painter, waits.intersect(rect), t.hover_bg);
    }
    let visible = &places.rows.visible;
    let frame = Rect::from_min_max(
        pos2(rect.left() - 2.0, y(visible.start) - 1.0),
        pos2(rect.right() + 2.0, y(visible.end) + 1.0),
    );
    painter.rect_stroke(frame, 2.0, Stroke::new(1.0, t.text), StrokeKind::Inside);
    let mut marks = egui::Mesh::default();
    for (from, to) in &brush.overview {
        let (top, bottom) = (rect.top() + from * rect.height(), rect.top() + to * rect.height());
        let mark =
            Rect::from_min_max(pos2(rect.left() - 6.0, top), pos2(rect.left() - 4.0, bottom.max(top + 1.5)));
        marks.add_colored_rect(mark, t.accent);
    }
    painter.add(marks);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_get_two_pixels_unless_that_hides_most_of_them() {
        assert_eq!(default_window(100, 560), 0..100);
        assert_eq!(default_window(480, 560), 0..280);
        assert_eq!(default_window(100_000, 560), 0..100_000);
    }
}
