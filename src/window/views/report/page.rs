//! The document of a report as a page: headings, paragraphs, points, tables and figures in one column.

use super::gallery::{Gallery, figure_ui};
use crate::report::document::{Block, Document, numeric_columns};
use crate::run::contents::RunContents;
use crate::window::theme::{self, font, height};
use crate::window::view::ViewContext;
use crate::window::widgets::paint::{hline, lines, text_in, width};
use egui::{Align2, FontId, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

/// Draws the page, its column `measure` wide at most; wide tables scroll on their own.
pub fn page_ui(
    ui: &mut Ui,
    context: &mut ViewContext<'_>,
    document: &Document,
    gallery: &mut Gallery,
    run: &RunContents,
    measure: f32,
) {
    let room = ui.available_width();
    let wide = (room - 64.0).clamp(200.0, measure);
    let margin = ((room - wide) / 2.0).floor();
    ui.horizontal_top(|ui| {
        ui.add_space(margin);
        ui.vertical(|ui| {
            ui.set_width(wide);
            ui.add_space(28.0);
            words(ui, &document.title, font::display(), true, 34.0, Role::Heading);
            ui.add_space(12.0);
            for (i, block) in document.blocks.iter().enumerate() {
                block_ui(ui, context, block, gallery, run, (wide, margin), i);
            }
            ui.add_space(48.0);
        });
    });
}

fn block_ui(
    ui: &mut Ui,
    context: &mut ViewContext<'_>,
    block: &Block,
    gallery: &mut Gallery,
    run: &RunContents,
    (wide, margin): (f32, f32),
    index: usize,
) {
    match block {
        Block::Heading(2, text) => {
            ui.add_space(26.0);
            words(ui, text, font::title(), true, 24.0, Role::Heading);
            ui.add_space(8.0);
        }
        Block::Heading(_, text) => {
            ui.add_space(16.0);
            words(ui, text, font::heading(), true, 20.0, Role::Heading);
            ui.add_space(6.0);
        }
        Block::Paragraph(text) => {
            // The claim at the top is read first.
            let first = index == 0;
            words(
                ui,
                text,
                if first { font::title() } else { font::body() },
                first,
                if first { 25.0 } else { 20.0 },
                Role::Paragraph,
            );
            ui.add_space(10.0);
        }
        Block::List(points) => {
            for point in points {
                let t = theme::of(ui);
                let galley = lines(ui, point, font::body(), t.text, wide - 18.0, usize::MAX, Some(20.0));
                let (rect, response) =
                    ui.allocate_exact_size(vec2(wide, galley.size().y + 4.0), Sense::hover());
                response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, point));
                ui.painter().circle_filled(rect.min + vec2(5.0, 10.0), 2.0, t.text_subdued);
                ui.painter().galley(rect.min + vec2(18.0, 0.0), galley, t.text);
            }
            ui.add_space(8.0);
        }
        Block::Table { head, rows } => {
            let widths = widths(ui, head, rows, wide);
            let total: f32 = widths.iter().sum();
            // A wide table takes the margins too before it scrolls.
            let side = ((total - wide) / 2.0).clamp(0.0, (margin - 24.0).max(0.0)).floor();
            let tall = height::TABLE_HEADER + height::ROW * rows.len() as f32;
            let at = egui::Rect::from_min_size(
                ui.cursor().min - vec2(side, 0.0),
                vec2(wide + 2.0 * side, tall + 12.0),
            );
            // The room is taken in the column of text: a table that reaches into the margins must not widen the column,
            // or all that follows would begin where the table did.
            ui.allocate_exact_size(vec2(wide, tall + 12.0), Sense::hover());
            let mut inner = ui.new_child(egui::UiBuilder::new().max_rect(at).id_salt(("table", index)));
            ScrollArea::horizontal()
                .id_salt(("table", index))
                .auto_shrink([false, true])
                .show(&mut inner, |ui| table(ui, head, rows, &widths));
            ui.add_space(6.0);
        }
        Block::Figure { file, alt, caption, .. } => {
            ui.add_space(8.0);
            figure_ui(gallery, ui, context, run, (file, alt), wide);
            ui.add_space(6.0);
            words(ui, caption, font::small(), false, 16.0, Role::Caption);
            ui.add_space(16.0);
        }
    }
}

/// Text wrapped over the column, read as one thing.
fn words(ui: &mut Ui, text: &str, font: FontId, strong: bool, line: f32, role: Role) {
    let t = theme::of(ui);
    let color = if strong { t.text_strong } else { t.text };
    let galley = lines(ui, text, font, color, ui.available_width(), usize::MAX, Some(line));
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), galley.size().y), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(role, true, text));
    ui.painter().galley(rect.min, galley, color);
}

/// Space in a cell, both sides together.
const PAD: f32 = 20.0;

/// Width of each column: its widest cell, the first one more where the table is narrower than the column of text.
fn widths(ui: &Ui, head: &[String], rows: &[Vec<String>], wide: f32) -> Vec<f32> {
    let mut widths: Vec<f32> = (0..head.len())
        .map(|c| {
            let cells = rows.iter().filter_map(|r| r.get(c));
            let most = cells.map(|s| width(ui, s, font::label_number())).fold(0.0, f32::max);
            most.max(width(ui, &head[c], font::small_medium())).min(320.0) + PAD
        })
        .collect();
    // A narrow table takes the whole column, its words the most of it.
    let left = wide - widths.iter().sum::<f32>();
    if let (true, Some(first)) = (left > 0.0, widths.first_mut()) {
        *first += left.min(240.0);
    }
    widths
}

fn table(ui: &mut Ui, head: &[String], rows: &[Vec<String>], widths: &[f32]) {
    let t = theme::of(ui);
    let right = numeric_columns(head.len(), rows);
    let (pad, total) = (PAD, widths.iter().sum::<f32>());
    let line = |ui: &mut Ui, cells: &[String], tall: f32, font: FontId, color: egui::Color32, rule| {
        let (rect, response) = ui.allocate_exact_size(vec2(total, tall), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Row, true, cells.join(", ")));
        hline(ui, rect.left()..=rect.right(), rect.bottom() - 1.0, rule);
        let mut x = rect.left();
        for (c, cell) in cells.iter().enumerate() {
            let w = widths.get(c).copied().unwrap_or(pad);
            let (at, anchor) = if right.get(c) == Some(&true) {
                (pos2(x + w - pad / 2.0, rect.center().y), Align2::RIGHT_CENTER)
            } else {
                // Words after a column of numbers keep their distance from it.
                let from = if c > 0 { x + pad / 2.0 } else { x };
                (pos2(from, rect.center().y), Align2::LEFT_CENTER)
            };
            text_in(ui, at, anchor, cell, font.clone(), color, w - pad / 2.0);
            x += w;
        }
    };
    line(ui, head, height::TABLE_HEADER, font::small_medium(), t.text_subdued, t.line);
    for row in rows {
        line(ui, row, height::ROW, font::label_number(), t.text, t.line_faint);
    }
}
