//! Text and marks painted at exact places: galleys cut with an ellipsis, icons centred in a box, hatching.

use crate::window::theme::{Tokens, font, icon};
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, Color32, FontId, Galley, Painter, Pos2, Rect, Shape, Stroke, Ui, pos2, vec2};
use std::sync::Arc;

/// One line of text cut with an ellipsis where `max_width` ends.
pub fn one_line(ui: &Ui, text: &str, font: FontId, color: Color32, max_width: f32) -> Arc<Galley> {
    lines(ui, text, font, color, max_width, 1, None)
}

/// Up to `max_rows` lines of text, the last cut with an ellipsis.
pub fn lines(
    ui: &Ui,
    text: &str,
    font: FontId,
    color: Color32,
    max_width: f32,
    max_rows: usize,
    line_height: Option<f32>,
) -> Arc<Galley> {
    let format = TextFormat { font_id: font, color, line_height, ..TextFormat::default() };
    let mut job = LayoutJob::single_section(text.to_owned(), format);
    job.wrap = TextWrapping {
        max_width: max_width.max(1.0),
        max_rows,
        break_anywhere: max_rows == 1,
        overflow_character: Some('…'),
    };
    ui.fonts_mut(|f| f.layout_job(job))
}

/// Paints one line, cut at `max_width`, anchored at `pos`; gives the rect it took.
pub fn text_in(
    ui: &Ui,
    pos: Pos2,
    anchor: Align2,
    text: &str,
    font: FontId,
    color: Color32,
    max_width: f32,
) -> Rect {
    let galley = one_line(ui, text, font, color, max_width);
    let rect = anchor.anchor_size(pos, galley.size());
    ui.painter().galley(rect.min, galley, color);
    rect
}

/// Paints an icon centred at `center`.
pub fn icon_at(painter: &Painter, center: Pos2, name: &str, size: f32, color: Color32) -> Rect {
    painter.text(center, Align2::CENTER_CENTER, icon(name), font::icon(size), color)
}

/// Puts a widget at an exact place without moving the cursor of the `Ui`.
pub fn put_at(ui: &mut Ui, rect: Rect, widget: impl egui::Widget) -> egui::Response {
    let layout = egui::Layout::centered_and_justified(egui::Direction::TopDown);
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(rect).layout(layout));
    child.add(widget)
}

/// Width of one line of text.
pub fn width(ui: &Ui, text: &str, font: FontId) -> f32 {
    ui.fonts_mut(|f| f.layout_no_wrap(text.to_owned(), font, Color32::PLACEHOLDER)).size().x
}

/// Horizontal hairline on a pixel row.
pub fn hline(ui: &Ui, x: std::ops::RangeInclusive<f32>, y: f32, color: Color32) {
    let y = pixel_center(ui, y);
    ui.painter().hline(x, y, Stroke::new(1.0, color));
}

/// Vertical hairline on a pixel column.
pub fn vline(ui: &Ui, x: f32, y: std::ops::RangeInclusive<f32>, color: Color32) {
    let x = pixel_center(ui, x);
    ui.painter().vline(x, y, Stroke::new(1.0, color));
}

/// The middle of the pixel that holds this coordinate, so that a 1 px line is one pixel.
pub fn pixel_center(ui: &Ui, v: f32) -> f32 {
    let ppp = ui.pixels_per_point();
    ((v * ppp).floor() + 0.5) / ppp
}

/// A rect with its edges on whole pixels.
pub fn pixel_rect(ui: &Ui, rect: Rect) -> Rect {
    let ppp = ui.pixels_per_point();
    let round = |v: f32| (v * ppp).round() / ppp;
    Rect::from_min_max(pos2(round(rect.min.x), round(rect.min.y)), pos2(round(rect.max.x), round(rect.max.y)))
}

/// 45 degree hatching in the colours of missing values, 4 points apart.
pub fn hatch(painter: &Painter, t: &Tokens, rect: Rect) {
    painter.rect_filled(rect, 0.0, t.missing_a);
    let painter = painter.with_clip_rect(rect.intersect(painter.clip_rect()));
    let mut x = rect.left() - rect.height();
    let mut shapes = Vec::new();
    while x < rect.right() {
        let a = pos2(x, rect.bottom());
        shapes.push(Shape::line_segment(
            [a, a + vec2(rect.height(), -rect.height())],
            Stroke::new(1.6, t.missing_b),
        ));
        x += 5.66;
    }
    painter.extend(shapes);
}

/// Dashed outline of a rect with rounded corners (drop zones).
pub fn dashed_rect(painter: &Painter, rect: Rect, radius: f32, stroke: Stroke, dash: f32, gap: f32) {
    let mut points = Vec::new();
    let corners = [
        (pos2(rect.right() - radius, rect.top() + radius), -90.0_f32),
        (pos2(rect.right() - radius, rect.bottom() - radius), 0.0),
        (pos2(rect.left() + radius, rect.bottom() - radius), 90.0),
        (pos2(rect.left() + radius, rect.top() + radius), 180.0),
    ];
    for (center, start) in corners {
        for step in 0..=8 {
            let angle = (start + 90.0 * step as f32 / 8.0).to_radians();
            points.push(center + radius * vec2(angle.cos(), angle.sin()));
        }
    }
    if let Some(first) = points.first().copied() {
        points.push(first);
    }
    painter.extend(Shape::dashed_line(&points, stroke, dash, gap));
}
