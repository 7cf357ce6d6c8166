//! The persistence diagram as a picture: every loop a bump at its birth and length, weighted by length.

use super::axes::{self, AxisLook, Plot};
use super::paint;
use crate::topology::landscape::PersistenceImage;
use crate::window::theme::{Tokens, blend, font};
use egui::{Align2, Mesh, Painter, Rect, Stroke, pos2};

/// Paints the picture; `rect` is the whole room including tick labels. The shade grows with the root of the density, so
/// that single loops are seen beside the crowd of short ones. `chance` is the length 95 of 100 null fields stay below.
pub fn persistence_image(
    painter: &Painter,
    tokens: &Tokens,
    rect: Rect,
    image: &PersistenceImage,
    chance: Option<f64>,
    selected: Option<(f64, f64)>,
) {
    let plot_rect = Rect::from_min_max(
        pos2(rect.left() + 34.0, rect.top() + 4.0),
        pos2(rect.right() - 4.0, rect.bottom() - 32.0),
    );
    let plot = Plot { rect: plot_rect, x: (0.0, image.births), y: (0.0, image.lengths) };
    let highest = image.values.iter().copied().fold(0.0, f64::max);
    let side = image.side.max(1);
    let (w, h) = (plot_rect.width() / side as f32, plot_rect.height() / side as f32);
    let mut mesh = Mesh::default();
    for (at, value) in image.values.iter().enumerate().filter(|(_, v)| highest > 0.0 && **v > highest * 1e-4)
    {
        let color = blend(tokens.series_2, tokens.view_bg, (value / highest).sqrt() as f32);
        let (x, y) = (plot_rect.left() + (at % side) as f32 * w, plot_rect.bottom() - (at / side) as f32 * h);
        mesh.add_colored_rect(Rect::from_min_max(pos2(x, y - h), pos2(x + w, y)), color);
    }
    painter.add(mesh);
    let look = AxisLook { x_ticks: 3, y_ticks: 3, x_name: "birth", ..AxisLook::default() };
    axes::axes(painter, tokens, &plot, &look);
    if let Some(chance) = chance.filter(|c| *c < image.lengths) {
        let line = [plot.at(0.0, chance), plot.at(image.births, chance)];
        paint::dashed(painter, &line, Stroke::new(1.0, tokens.text_subdued), 3.0, 3.0);
        let pos = pos2(plot_rect.right() - 3.0, plot.sy(chance) - 2.0);
        paint::text(
            painter,
            pos,
            Align2::RIGHT_BOTTOM,
            "95% of null fields",
            font::tick(),
            tokens.text_subdued,
        );
    }
    if let Some((birth, length)) = selected.filter(|(b, l)| *b <= image.births && *l <= image.lengths) {
        painter.circle_stroke(plot.at(birth, length), 6.0, Stroke::new(1.75, tokens.accent));
    }
}
