//! Small strokes shared by all canvases: text in the type scale, runs of mixed text, brackets, chips, hatch.

use crate::window::theme::Tokens;
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, Color32, FontId, Galley, Painter, Pos2, Rect, Shape, Stroke, pos2};
use std::sync::Arc;

/// A piece of text with its face and colour.
#[derive(Clone, Debug)]
pub struct Run<'a> {
    /// The words.
    pub text: &'a str,
    /// Face and size.
    pub font: FontId,
    /// Colour.
    pub color: Color32,
    /// Space before it, points.
    pub space: f32,
}

/// A run of text with no space before it.
pub fn run(text: &str, font: FontId, color: Color32) -> Run<'_> {
    Run { text, font, color, space: 0.0 }
}

impl Run<'_> {
    /// The same run with so much space before it.
    pub fn after(mut self, space: f32) -> Self {
        self.space = space;
        self
    }
}

/// Runs on one line, cut with an ellipsis at `max_width`, centred on one baseline.
pub fn line_of(painter: &Painter, runs: &[Run<'_>], max_width: f32) -> Arc<Galley> {
    let mut job = LayoutJob { wrap: TextWrapping::truncate_at_width(max_width), ..LayoutJob::default() };
    for r in runs {
        let format =
            TextFormat { valign: egui::Align::BOTTOM, ..TextFormat::simple(r.font.clone(), r.color) };
        job.append(r.text, r.space, format);
    }
    painter.layout_job(job)
}

/// Paints [`line_of`] anchored at `pos`; gives the rectangle it takes.
pub fn line(painter: &Painter, pos: Pos2, anchor: Align2, runs: &[Run<'_>], max_width: f32) -> Rect {
    let galley = line_of(painter, runs, max_width);
    let rect = anchor.anchor_size(pos, galley.size());
    painter.galley(snap(painter, rect.min), galley, Color32::PLACEHOLDER);
    rect
}

/// Text in one face.
pub fn text(painter: &Painter, pos: Pos2, anchor: Align2, words: &str, font: FontId, color: Color32) -> Rect {
    let galley = painter.layout_no_wrap(words.to_owned(), font, color);
    let rect = anchor.anchor_size(pos, galley.size());
    painter.galley(snap(painter, rect.min), galley, color);
    rect
}

/// Width of one line of text.
pub fn width(painter: &Painter, words: &str, font: FontId) -> f32 {
    painter.layout_no_wrap(words.to_owned(), font, Color32::PLACEHOLDER).size().x
}

/// Text cut with an ellipsis at `max_width`.
pub fn text_cut(
    painter: &Painter,
    pos: Pos2,
    anchor: Align2,
    words: &str,
    font: FontId,
    color: Color32,
    max_width: f32,
) -> Rect {
    line(painter, pos, anchor, &[run(words, font, color)], max_width)
}

/// Text reading upwards whose foot (the start of the word) is centred at `foot`.
pub fn text_up(painter: &Painter, foot: Pos2, words: &str, font: FontId, color: Color32) {
    let galley = painter.layout_no_wrap(words.to_owned(), font, color);
    let pos = snap(painter, pos2(foot.x - galley.size().y / 2.0, foot.y));
    // Turned by a quarter to the left around its upper left corner, the text runs up from `pos`.
    let mut shape = egui::epaint::TextShape::new(pos, galley, color);
    shape.angle = -std::f32::consts::FRAC_PI_2;
    painter.add(shape);
}

/// The nearest whole pixel.
pub fn snap(painter: &Painter, p: Pos2) -> Pos2 {
    let scale = painter.pixels_per_point();
    pos2((p.x * scale).round() / scale, (p.y * scale).round() / scale)
}

/// The nearest whole pixel of one coordinate.
pub fn snap1(painter: &Painter, v: f32) -> f32 {
    let scale = painter.pixels_per_point();
    (v * scale).round() / scale
}

/// A one-pixel horizontal line on pixel centres.
pub fn hline(painter: &Painter, x: std::ops::RangeInclusive<f32>, y: f32, color: Color32) {
    painter.hline(x, painter.round_to_pixel_center(y), Stroke::new(1.0, color));
}

/// A one-pixel vertical line on pixel centres.
pub fn vline(painter: &Painter, x: f32, y: std::ops::RangeInclusive<f32>, color: Color32) {
    painter.vline(painter.round_to_pixel_center(x), y, Stroke::new(1.0, color));
}

/// A filled rectangle without rounded corners.
pub fn fill(painter: &Painter, rect: Rect, color: Color32) {
    painter.rect_filled(rect, 0.0, color);
}

/// A dashed line.
pub fn dashed(painter: &Painter, points: &[Pos2], stroke: Stroke, dash: f32, gap: f32) {
    painter.extend(Shape::dashed_line(points, stroke, dash, gap));
}

/// The text colour of a difference: its sign's mind.
pub fn delta_color(tokens: &Tokens, delta: f64) -> Color32 {
    match super::numbers::who_is_higher(delta) {
        "A higher" => tokens.mind_a_text,
        "B higher" => tokens.mind_b_text,
        _ => tokens.text_subdued,
    }
}

/// The fill of a difference: its sign's mind.
pub fn delta_fill(tokens: &Tokens, delta: f64) -> Color32 {
    if delta >= 0.0 { tokens.mind_a } else { tokens.mind_b }
}

/// The two-pixel outline of what is brushed, with its halo.
pub fn brush_outline(painter: &Painter, tokens: &Tokens, rect: Rect) {
    let stroke = Stroke::new(1.0, tokens.view_bg);
    painter.rect_stroke(rect, 0.0, stroke, egui::StrokeKind::Inside);
    painter.rect_stroke(rect, 0.0, Stroke::new(2.0, tokens.accent), egui::StrokeKind::Outside);
}
