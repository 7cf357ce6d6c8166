//! Persistence diagram: a point a bar, birth against death; what chance gives lies in the band at the diagonal.

use super::axes::{self, AxisLook, Plot};
use super::paint;
use crate::window::theme::{Tokens, blend, font};
use egui::{Align2, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

/// One point of the diagram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DiagramPoint {
    /// Index of its bar.
    pub bar: usize,
    /// Homological dimension.
    pub dim: u8,
    /// Birth.
    pub birth: f64,
    /// Death.
    pub death: f64,
}

/// What the diagram shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DiagramPlot {
    /// Points with finite deaths.
    pub points: Vec<DiagramPoint>,
    /// Length below which a bar is within chance (or within the confidence band).
    pub band: Option<f64>,
    /// Both axes run from 0 to here.
    pub limit: f64,
}

/// Colour of a homological dimension.
pub fn dimension_color(tokens: &Tokens, dim: u8) -> egui::Color32 {
    match dim {
        0 => tokens.series_8,
        1 => tokens.series_2,
        _ => tokens.series_5,
    }
}

/// The plot inside the whole room.
pub fn plot_of(rect: Rect, limit: f64) -> Plot {
    let inner = Rect::from_min_max(
        pos2(rect.left() + 34.0, rect.top() + 4.0),
        pos2(rect.right() - 4.0, rect.bottom() - 32.0),
    );
    Plot { rect: inner, x: (0.0, limit), y: (0.0, limit) }
}

/// Paints the diagram.
pub fn diagram(
    painter: &Painter,
    tokens: &Tokens,
    rect: Rect,
    data: &DiagramPlot,
    selected: Option<(usize, &str)>,
    hovered: Option<usize>,
) {
    let plot = plot_of(rect, data.limit);
    let clipped = painter.with_clip_rect(plot.rect.expand(0.5).intersect(painter.clip_rect()));
    if let Some(length) = data.band {
        let l = data.limit;
        let band = vec![
            plot.at(0.0, 0.0),
            plot.at(0.0, length.min(l)),
            plot.at((l - length).max(0.0), l),
            plot.at(l, l),
        ];
        let color = blend(tokens.plot_band, tokens.view_bg, 0.55);
        clipped.add(Shape::convex_polygon(band, color, Stroke::NONE));
    }
    let look = AxisLook { x_ticks: 3, y_ticks: 3, x_name: "birth", x_grid: true, ..AxisLook::default() };
    axes::axes(painter, tokens, &plot, &look);
    let diagonal = [plot.at(0.0, 0.0), plot.at(data.limit, data.limit)];
    clipped.line_segment(diagonal, Stroke::new(1.0, tokens.plot_axis));
    for point in data.points.iter().filter(|p| p.dim == 0) {
        let y = plot.sy(point.death);
        let color = dimension_color(tokens, 0);
        clipped.hline(plot.rect.left() - 3.0..=plot.rect.left() + 4.0, y, Stroke::new(1.0, color));
    }
    for point in data.points.iter().filter(|p| p.dim > 0) {
        mark(&clipped, plot.at(point.birth, point.death), dimension_color(tokens, point.dim), point.dim);
    }
    let find = |bar: usize| data.points.iter().find(|p| p.bar == bar && p.dim > 0);
    if let Some(p) = hovered.and_then(find) {
        painter.circle_stroke(plot.at(p.birth, p.death), 6.0, Stroke::new(1.0, tokens.text));
    }
    if let Some((p, name)) = selected.and_then(|(bar, name)| find(bar).map(|p| (p, name))) {
        let at = plot.at(p.birth, p.death);
        painter.circle_filled(at, 8.0, tokens.view_bg);
        painter.circle_filled(at, 5.0, tokens.accent);
        painter.circle_stroke(at, 8.0, Stroke::new(1.5, tokens.accent));
        let clear = data.band.is_none_or(|band| p.death - p.birth > band);
        let right = clear && at.x + 70.0 < plot.rect.right();
        let (anchor, away) = if right {
            (Align2::LEFT_CENTER, vec2(13.0, 0.0))
        } else {
            (Align2::RIGHT_BOTTOM, vec2(-6.0, -7.0))
        };
        let pos = at + away;
        paint::text(painter, pos, anchor, name, font::small_strong(), tokens.accent_text);
    }
}

fn mark(painter: &Painter, at: Pos2, color: egui::Color32, dim: u8) {
    if dim == 1 {
        painter.circle_filled(at, 2.75, color);
    } else {
        painter.rect_filled(Rect::from_center_size(at, vec2(5.0, 5.0)), 0.0, color);
    }
}

/// The bar whose point is nearest to the pointer within 8 points.
pub fn bar_at(rect: Rect, data: &DiagramPlot, pointer: Pos2) -> Option<usize> {
    let plot = plot_of(rect, data.limit);
    data.points
        .iter()
        .filter(|p| p.dim > 0)
        .map(|p| (plot.at(p.birth, p.death).distance(pointer), p.bar))
        .filter(|(d, _)| *d < 8.0)
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, bar)| bar)
}
