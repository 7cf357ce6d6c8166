//! A loop in the plane of two columns of D: all turns faintly, the representative cycle as a closed line.

use super::axes::{self, AxisLook, Plot};
use super::paint;
use crate::window::theme::{Tokens, blend, font};
use egui::{Align2, Painter, Pos2, Rect, Shape, Stroke, pos2};

/// What the plot shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoopPlot {
    /// Every turn that is drawn, (x, y).
    pub cloud: Vec<(f64, f64)>,
    /// The cycle's turns in walking order, (row, x, y).
    pub cycle: Vec<(usize, f64, f64)>,
    /// Names of the two columns.
    pub names: (String, String),
    /// Both axes run from minus to plus this.
    pub limit: f64,
}

impl LoopPlot {
    /// The plot inside the whole room; square.
    pub fn plot_of(&self, rect: Rect) -> Plot {
        let inner = Rect::from_min_max(
            pos2(rect.left() + 34.0, rect.top() + 20.0),
            pos2(rect.right() - 8.0, rect.bottom() - 32.0),
        );
        let (x, y) = if inner.width() >= inner.height() {
            (f64::from(inner.width() / inner.height().max(1.0)), 1.0)
        } else {
            (1.0, f64::from(inner.height() / inner.width().max(1.0)))
        };
        Plot { rect: inner, x: (-self.limit * x, self.limit * x), y: (-self.limit * y, self.limit * y) }
    }

    /// The row of the cycle nearest to the pointer within 10 points.
    pub fn row_at(&self, rect: Rect, pointer: Pos2) -> Option<usize> {
        let plot = self.plot_of(rect);
        self.cycle
            .iter()
            .map(|(row, x, y)| (plot.at(*x, *y).distance(pointer), *row))
            .filter(|(d, _)| *d < 10.0)
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, row)| row)
    }
}

/// Paints the plot; `ringed` is the row under the cursor.
pub fn loop_plot(painter: &Painter, tokens: &Tokens, rect: Rect, data: &LoopPlot, ringed: Option<usize>) {
    let plot = data.plot_of(rect);
    let look = AxisLook {
        x_ticks: 3,
        y_ticks: 3,
        x_name: &data.names.0,
        x_grid: true,
        signed: true,
        ..AxisLook::default()
    };
    axes::axes(painter, tokens, &plot, &look);
    paint::text(
        painter,
        pos2(rect.left(), rect.top()),
        Align2::LEFT_TOP,
        &data.names.1,
        font::small(),
        tokens.text_subdued,
    );
    let clipped = painter.with_clip_rect(plot.rect.expand(2.0).intersect(painter.clip_rect()));
    let faint = blend(tokens.text_subdued, tokens.view_bg, 0.5);
    let mut dots = egui::Mesh::default();
    for &(x, y) in &data.cloud {
        dots.add_colored_rect(Rect::from_center_size(plot.at(x, y), egui::Vec2::splat(2.0)), faint);
    }
    clipped.add(dots);
    let points: Vec<Pos2> = data.cycle.iter().map(|(_, x, y)| plot.at(*x, *y)).collect();
    // Segment by segment: at a sharp turn one long line would be mitred far beyond its corner.
    for (from, to) in points.iter().zip(points.iter().cycle().skip(1)) {
        clipped.add(Shape::line_segment([*from, *to], Stroke::new(1.5, tokens.accent)));
    }
    for p in &points {
        clipped.circle_filled(*p, 2.75, tokens.accent);
    }
    if let Some((_, x, y)) = ringed.and_then(|row| data.cycle.iter().find(|c| c.0 == row)) {
        let at = plot.at(*x, *y);
        painter.circle_filled(at, 3.0, tokens.accent);
        painter.circle_stroke(at, 6.0, Stroke::new(2.0, tokens.text_strong));
    }
}
