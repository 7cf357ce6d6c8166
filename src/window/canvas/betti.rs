//! Betti curve: how many loops are open at each scale, with the band in which 95 of 100 nulls stay.

use super::axes::{self, AxisLook, Plot};
use super::paint;
use crate::core::bar::Bar;
use crate::window::theme::{Tokens, blend, font};
use egui::{Align2, Mesh, Painter, Rect, Shape, Stroke, pos2};

/// Open bars of one dimension at each scale of a grid.
pub fn betti_curve(bars: &[Bar], dim: u8, scales: &[f64]) -> Vec<usize> {
    let mut births: Vec<f64> = bars.iter().filter(|b| b.dim == dim).map(|b| b.birth).collect();
    let mut deaths: Vec<f64> = bars.iter().filter(|b| b.dim == dim).filter_map(|b| b.death).collect();
    births.sort_by(f64::total_cmp);
    deaths.sort_by(f64::total_cmp);
    scales
        .iter()
        .map(|s| births.partition_point(|b| b <= s).saturating_sub(deaths.partition_point(|d| d <= s)))
        .collect()
}

/// What the plot shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BettiPlot {
    /// Scales of the grid, ascending.
    pub scales: Vec<f64>,
    /// Open loops at each scale.
    pub curve: Vec<usize>,
    /// Lower and upper edge of the null band on a grid of its own; empty when unknown.
    pub band: Vec<(f64, f64, f64)>,
    /// Scales between which the selected loop is open, with its name.
    pub selected: Option<(String, f64, f64)>,
}

/// Paints the plot; `rect` is the whole room including tick labels.
pub fn betti(painter: &Painter, tokens: &Tokens, rect: Rect, data: &BettiPlot, limit: f64) {
    let plot_rect = Rect::from_min_max(
        pos2(rect.left() + 34.0, rect.top() + 4.0),
        pos2(rect.right() - 4.0, rect.bottom() - 32.0),
    );
    let top = data.curve.iter().map(|n| *n as f64).chain(data.band.iter().map(|b| b.2)).fold(1.0, f64::max);
    let plot = Plot { rect: plot_rect, x: (0.0, limit), y: (0.0, axes::round_up(top, 3)) };
    let clipped = painter.with_clip_rect(plot_rect.expand(1.0).intersect(painter.clip_rect()));
    if let Some((_, from, to)) = &data.selected {
        let open = Rect::from_min_max(
            pos2(plot.sx(*from), plot_rect.top()),
            pos2(plot.sx(to.min(limit)), plot_rect.bottom()),
        );
        paint::fill(&clipped, open, blend(tokens.accent, tokens.view_bg, 0.14));
    }
    let look = AxisLook {
        x_ticks: 3,
        y_ticks: 3,
        x_name: "scale",
        x_grid: true,
        whole_y: true,
        ..AxisLook::default()
    };
    axes::axes(painter, tokens, &plot, &look);
    band_mesh(&clipped, tokens, &plot, &data.band);
    let points = data.scales.iter().zip(&data.curve).map(|(s, n)| plot.at(*s, *n as f64)).collect();
    clipped.add(Shape::line(points, Stroke::new(1.75, tokens.series_2)));
    if let Some((name, from, to)) = &data.selected {
        let middle = plot.sx(from.midpoint(to.min(limit)));
        let half = 46.0;
        let x = middle.clamp(plot_rect.left() + half, plot_rect.right() - half);
        let words = format!("{name} open");
        let pos = pos2(x, plot_rect.top() + 3.0);
        paint::text(painter, pos, Align2::CENTER_TOP, &words, font::tick(), tokens.accent_text);
    }
}

fn band_mesh(painter: &Painter, tokens: &Tokens, plot: &Plot, band: &[(f64, f64, f64)]) {
    let color = blend(tokens.plot_band, tokens.view_bg, 0.55);
    let mut mesh = Mesh::default();
    for (i, (x, low, high)) in band.iter().enumerate() {
        mesh.colored_vertex(plot.at(*x, *low), color);
        mesh.colored_vertex(plot.at(*x, *high), color);
        if i > 0 {
            let k = 2 * i as u32;
            mesh.add_triangle(k - 2, k - 1, k);
            mesh.add_triangle(k - 1, k, k + 1);
        }
    }
    painter.add(mesh);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_open_from_birth_until_death() {
        let bar = |birth, death| Bar { dim: 1, birth, death, birth_simplex: vec![], death_simplex: vec![] };
        let bars = [bar(0.1, Some(0.3)), bar(0.2, None)];
        assert_eq!(betti_curve(&bars, 1, &[0.0, 0.1, 0.25, 0.3, 9.0]), [0, 1, 2, 1, 1]);
        assert_eq!(betti_curve(&bars, 0, &[0.1]), [0]);
    }
}
