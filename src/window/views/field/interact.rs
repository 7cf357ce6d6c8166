//! Pointer and keyboard on the field: hover, cursor, brush, zoom, pan.

use super::FieldView;
use super::prepared::Prepared;
use crate::core::item::Item;
use crate::window::canvas::vpm_panel::{ColumnGeometry, RowGeometry};
use crate::window::command::Command;
use crate::window::view::ViewContext;
use egui::{EventFilter, Key, Pos2, Rect, Response, Ui};
use std::ops::Range;

/// Fewest rows that can fill the picture.
const FEWEST_ROWS: usize = 4;

/// The cell under a screen position: its row and, when the pointer is on one, its column.
pub fn cell_at(
    prepared: &Prepared,
    rows: &RowGeometry,
    panels: &[ColumnGeometry],
    pointer: Pos2,
) -> Option<(usize, Option<usize>)> {
    let row = prepared.row_at(rows.position_at(pointer.y))?;
    let column = panels
        .iter()
        .find_map(|p| p.place_at(pointer.x))
        .and_then(|place| prepared.columns.get(place).copied());
    Some((row, column))
}

impl FieldView {
    /// Applies pointer and keys on the panels; gives the hovered cell.
    pub(super) fn interact(
        &mut self,
        ui: &Ui,
        context: &mut ViewContext<'_>,
        response: &Response,
        rows: &RowGeometry,
        panels: &[ColumnGeometry],
    ) -> Option<(usize, Option<usize>)> {
        let prepared = self.prepared.as_ref()?;
        let at = |pointer: Pos2| cell_at(prepared, rows, panels, pointer);
        let hovered = response.hover_pos().and_then(at);
        if let Some((row, _)) = hovered {
            context.commands.push(Command::Hover(Item::Turn(row)));
        }
        if response.clicked() {
            response.request_focus();
            if let Some((row, column)) = response.interact_pointer_pos().and_then(at) {
                context.commands.push(Command::Cursor { row, column });
                context.commands.push(Command::Select(Some(Item::Turn(row))));
            }
        }
        if response.drag_started() {
            let start = ui.input(|i| i.pointer.press_origin());
            self.brush_from = start.map(|p| rows.position_at(p.y));
        }
        if let (true, Some(from), Some(pointer)) =
            (response.dragged(), self.brush_from, response.interact_pointer_pos())
        {
            let to = rows.position_at(pointer.y);
            let mut brushed: Vec<usize> =
                (from.min(to)..=from.max(to)).filter_map(|p| prepared.row_at(p)).collect();
            brushed.sort_unstable();
            if brushed != context.selection.brushed {
                context.commands.push(Command::Brush(brushed));
            }
        }
        if response.drag_stopped() {
            self.brush_from = None;
        }
        if response.hovered() {
            self.zoom(ui, response, rows);
        }
        self.keys(ui, context, response);
        hovered
    }

    /// The wheel zooms rows around the pointer; with shift it moves.
    fn zoom(&mut self, ui: &Ui, response: &Response, rows: &RowGeometry) {
        let (scroll, pinch, shift) = ui.input(|i| (i.smooth_scroll_delta, i.zoom_delta(), i.modifiers.shift));
        let total = self.prepared.as_ref().map_or(0, Prepared::rows);
        let Some(pointer) = response.hover_pos() else { return };
        if shift && (scroll.x != 0.0 || scroll.y != 0.0) {
            let per_row = rows.pixels as f32 / rows.scale / rows.visible.len().max(1) as f32;
            let step = ((scroll.x + scroll.y) / per_row.max(0.05)).round() as i64;
            self.window = Some(moved(&rows.visible, -step, total));
        } else if scroll.y != 0.0 || (pinch - 1.0).abs() > 1e-3 {
            let factor = f64::from((-scroll.y / 240.0).exp() / pinch);
            let anchor = rows.position_at(pointer.y);
            let zoomed = zoomed(&rows.visible, anchor, factor, total);
            if zoomed != rows.visible {
                self.window = Some(zoomed);
            }
        }
    }

    /// Arrow keys move the cursor while the picture has the focus.
    fn keys(&mut self, ui: &Ui, context: &mut ViewContext<'_>, response: &Response) {
        if !response.has_focus() {
            return;
        }
        let filter = EventFilter { vertical_arrows: true, horizontal_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|m| m.set_focus_lock_filter(response.id, filter));
        let Some(prepared) = self.prepared.as_ref() else { return };
        let pressed = |key: Key| ui.input(|i| i.num_presses(key)) as i64;
        let page = 20;
        let down = pressed(Key::ArrowDown) - pressed(Key::ArrowUp)
            + page * (pressed(Key::PageDown) - pressed(Key::PageUp));
        let right = pressed(Key::ArrowRight) - pressed(Key::ArrowLeft);
        let ends = (pressed(Key::Home) > 0, pressed(Key::End) > 0);
        if down == 0 && right == 0 && ends == (false, false) {
            return;
        }
        let last = prepared.rows().saturating_sub(1);
        let position = context.selection.cursor_row.and_then(|r| prepared.position(r));
        let position = match (ends, position) {
            ((true, _), _) => 0,
            ((_, true), _) => last,
            (_, Some(p)) => step(p, down, last),
            (_, None) => 0,
        };
        let place =
            context.selection.cursor_column.and_then(|c| prepared.columns.iter().position(|x| *x == c));
        let place = if right == 0 {
            place
        } else {
            Some(place.map_or(0, |p| step(p, right, prepared.columns.len().saturating_sub(1))))
        };
        let shift = ui.input(|i| i.modifiers.shift);
        let before = context.selection.cursor_row.and_then(|r| prepared.position(r));
        if let (true, Some(before)) = (shift && before != Some(position), before) {
            // Shift brushes what the cursor passes.
            let mut brushed = context.selection.brushed.clone();
            brushed.extend((before.min(position)..=before.max(position)).filter_map(|p| prepared.row_at(p)));
            context.commands.push(Command::Brush(brushed));
        }
        if let Some(row) = prepared.row_at(position) {
            let column = place.and_then(|p| prepared.columns.get(p).copied());
            context.commands.push(Command::Cursor { row, column });
            context.commands.push(Command::Select(Some(Item::Turn(row))));
        }
    }

    /// The overview: a click or drag puts the window there.
    pub(super) fn overview(&mut self, response: &Response, rect: Rect, visible: &Range<usize>, total: usize) {
        let grabbed = response.dragged() || response.clicked();
        if let (true, Some(pointer)) = (grabbed, response.interact_pointer_pos()) {
            let at = f64::from(((pointer.y - rect.top()) / rect.height().max(1.0)).clamp(0.0, 1.0));
            let middle = (at * total as f64) as i64;
            let start = middle - (visible.len() / 2) as i64;
            self.window = Some(moved(visible, start - visible.start as i64, total));
        }
    }

    /// Moves the window so that a cursor set elsewhere comes into sight.
    pub(super) fn follow_cursor(&mut self, context: &ViewContext<'_>, visible: Range<usize>) -> Range<usize> {
        let cursor = context.selection.cursor_row;
        if cursor == self.last_cursor {
            return visible;
        }
        self.last_cursor = cursor;
        let Some(prepared) = self.prepared.as_ref() else { return visible };
        let Some(position) = cursor.and_then(|r| prepared.position(r)) else { return visible };
        if visible.contains(&position) || visible.is_empty() {
            return visible;
        }
        let start = position as i64 - (visible.len() / 2) as i64;
        let window = moved(&visible, start - visible.start as i64, prepared.rows());
        self.window = Some(window.clone());
        window
    }
}

fn step(at: usize, by: i64, last: usize) -> usize {
    (at as i64 + by).clamp(0, last as i64) as usize
}

/// The same number of positions, moved but kept inside `0..total`.
pub fn moved(visible: &Range<usize>, by: i64, total: usize) -> Range<usize> {
    let n = visible.len().min(total);
    let start = (visible.start as i64 + by).clamp(0, (total - n) as i64) as usize;
    start..start + n
}

/// `factor` times as many positions (at least a few), the anchor staying where it is.
pub fn zoomed(visible: &Range<usize>, anchor: usize, factor: f64, total: usize) -> Range<usize> {
    let n = visible.len() as f64;
    let mut wanted = (n * factor).round();
    if wanted == n {
        wanted += if factor > 1.0 { 1.0 } else { -1.0 };
    }
    let wanted = (wanted.max(1.0) as usize).clamp(FEWEST_ROWS.min(total), total);
    let share = (anchor as f64 - visible.start as f64) / n.max(1.0);
    let start = anchor as f64 - share * wanted as f64;
    let start = (start.round() as i64).clamp(0, (total - wanted) as i64) as usize;
    start..start + wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zooming_keeps_the_row_under_the_pointer_in_sight() {
        let zoomed_in = zoomed(&(0..480), 300, 0.5, 480);
        assert_eq!(zoomed_in.len(), 240);
        assert!(zoomed_in.contains(&300));
        assert_eq!(zoomed(&(100..110), 105, 0.01, 480).len(), FEWEST_ROWS);
        assert_eq!(zoomed(&(100..110), 105, 1e9, 480), 0..480);
        assert_eq!(zoomed(&(0..3), 1, 0.5, 3), 0..3);
    }

    #[test]
    fn the_window_never_leaves_the_rows() {
        assert_eq!(moved(&(10..20), -50, 100), 0..10);
        assert_eq!(moved(&(10..20), 500, 100), 90..100);
        assert_eq!(moved(&(0..20), 5, 10), 0..10);
    }
}
