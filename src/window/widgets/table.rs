//! Cells and headers of tables: text left, numbers right, a faint line below each row, the sorted header strong.

use super::paint::{hline, icon_at, text_in, width};
use crate::window::theme::{self, font, height};
use egui::{Align2, Color32, FontId, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};
use egui_extras::TableBuilder;

/// By which column a table is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Sort {
    /// Column of the table.
    pub column: usize,
    /// Largest first.
    pub descending: bool,
}

impl Sort {
    /// A click on a header: the same column turns around, another starts with its own better end first.
    pub fn clicked(&mut self, column: usize, descending_first: bool) {
        if self.column == column {
            self.descending = !self.descending;
        } else {
            *self = Self { column, descending: descending_first };
        }
    }
}

/// A virtualised table in the look of the window; add columns, then `.header(height::TABLE_HEADER, ..).body(..)`.
pub fn builder<'a>(ui: &'a mut Ui, name: &str) -> TableBuilder<'a> {
    ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
    TableBuilder::new(ui)
        .id_salt(name)
        .striped(false)
        .resizable(false)
        .sense(Sense::click())
        .auto_shrink([false, false])
        .min_scrolled_height(0.0)
        .cell_layout(egui::Layout::left_to_right(egui::Align::Center))
}

/// A header cell; clickable when `sort` is given. Numbers are `right` aligned like their column.
pub fn header(ui: &mut Ui, text: &str, column: usize, sort: Option<&mut Sort>, right: bool) -> Response {
    let t = theme::of(ui);
    let rect = ui.max_rect();
    let response = ui.interact(rect, ui.scope_id().with(("header", text, column)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, true, text));
    let active = sort.as_ref().is_some_and(|s| s.column == column);
    let descending = sort.as_ref().is_some_and(|s| s.descending);
    if let Some(sort) = sort
        && response.clicked()
    {
        sort.clicked(column, right);
    }
    let color = if active || response.hovered() { t.text_strong } else { t.text_subdued };
    let font = if active { font::small_strong() } else { font::small_medium() };
    let arrow = if descending { "arrow-down" } else { "arrow-up" };
    let y = rect.center().y;
    if right {
        let edge = rect.right() - CELL_PAD;
        let r = text_in(
            ui,
            pos2(edge, y),
            Align2::RIGHT_CENTER,
            text,
            font,
            color,
            rect.width() - 2.0 * CELL_PAD,
        );
        if active {
            icon_at(ui.painter(), pos2(r.left() - 9.0, y), arrow, 12.0, color);
        }
    } else {
        let x = rect.left() + CELL_PAD;
        let r =
            text_in(ui, pos2(x, y), Align2::LEFT_CENTER, text, font, color, rect.width() - 2.0 * CELL_PAD);
        if active {
            icon_at(ui.painter(), pos2(r.right() + 9.0, y), arrow, 12.0, color);
        }
    }
    hline(ui, rect.left()..=rect.right(), rect.bottom() - 1.0, t.line);
    response
}

/// Space left and right in a cell.
pub const CELL_PAD: f32 = 8.0;

/// The faint line below a row; call in every cell.
pub fn rule(ui: &Ui) {
    let t = theme::of(ui);
    let rect = ui.max_rect();
    hline(ui, rect.left()..=rect.right(), rect.bottom() - 1.0, t.line_faint);
}

/// A text cell, cut with an ellipsis.
pub fn text(ui: &mut Ui, text: &str, font: FontId, color: Color32) -> Rect {
    rule(ui);
    let rect = ui.max_rect();
    let at = pos2(rect.left() + CELL_PAD, rect.center().y);
    text_in(ui, at, Align2::LEFT_CENTER, text, font, color, rect.width() - 2.0 * CELL_PAD)
}

/// A right-aligned number cell.
pub fn number(ui: &mut Ui, text: &str, color: Color32) -> Rect {
    rule(ui);
    let rect = ui.max_rect();
    let at = pos2(rect.right() - CELL_PAD, rect.center().y);
    text_in(ui, at, Align2::RIGHT_CENTER, text, font::label_number(), color, rect.width() - 2.0 * CELL_PAD)
}

/// A number with a bar behind it from the left, `fraction` of the cell wide.
pub fn bar(ui: &mut Ui, text: &str, fraction: f32, color: Color32) -> Rect {
    let t = theme::of(ui);
    rule(ui);
    let rect = ui.max_rect();
    let number_width = width(ui, "0.00", font::label_number()) + 8.0;
    let track = Rect::from_min_max(
        pos2(rect.left() + CELL_PAD, rect.center().y - 2.0),
        pos2(rect.right() - CELL_PAD - number_width, rect.center().y + 2.0),
    );
    if track.width() > 8.0 {
        ui.painter().rect_filled(track, 0.0, t.track_bg);
        let mut fill = track;
        fill.set_width(track.width() * fraction.clamp(0.0, 1.0));
        ui.painter().rect_filled(fill, 0.0, color);
    }
    let at = pos2(rect.right() - CELL_PAD, rect.center().y);
    text_in(ui, at, Align2::RIGHT_CENTER, text, font::label_number(), t.text, number_width)
}

/// Height of a header row.
pub const HEADER: f32 = height::TABLE_HEADER;
