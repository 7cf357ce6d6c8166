//! Persistence landscapes: the tents of the bars, sorted by height at every scale, over what chance reaches.

use super::axes::{self, AxisLook, Plot};
use super::paint;
use crate::window::theme::{Tokens, blend};
use crate::window::widgets::legend::{series_line, series_marker};
use egui::{Painter, Rect, Stroke, pos2};

/// What the plot shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LandscapePlot {
    /// Scales of the grid, ascending.
    pub scales: Vec<f64>,
    /// Heights at every scale, highest first.
    pub levels: Vec<Vec<f64>>,
    /// Height that 95 of 100 null fields stay below, where it is known.
    pub chance: Option<f64>,
    /// Birth and death of the selected loop.
    pub selected: Option<(f64, f64)>,
}

/// Paints the plot; `rect` is the whole room including tick labels.
pub fn landscape(painter: &Painter, tokens: &Tokens, rect: Rect, data: &LandscapePlot, limit: f64) {
    let plot_rect = Rect::from_min_max(
        pos2(rect.left() + 34.0, rect.top() + 4.0),
        pos2(rect.right() - 4.0, rect.bottom() - 32.0),
    );
    let highest = data.levels.iter().flatten().copied().fold(data.chance.unwrap_or(0.0), f64::max);
    let plot =
        Plot { rect: plot_rect, x: (0.0, limit), y: (0.0, axes::round_up(highest.max(1e-9) * 1.05, 3)) };
    let clipped = painter.with_clip_rect(plot_rect.expand(1.0).intersect(painter.clip_rect()));
    if let Some(chance) = data.chance {
        let belt = Rect::from_min_max(
            pos2(plot_rect.left(), plot.sy(chance)),
            pos2(plot_rect.right(), plot_rect.bottom()),
        );
        paint::fill(&clipped, belt, blend(tokens.plot_band, tokens.view_bg, 0.55));
    }
    let look = AxisLook { x_ticks: 3, y_ticks: 3, x_name: "scale", x_grid: true, ..AxisLook::default() };
    axes::axes(painter, tokens, &plot, &look);
    let colors = [tokens.series_2, tokens.series_1, tokens.series_3, tokens.series_4, tokens.series_5];
    for (k, (level, color)) in data.levels.iter().zip(colors).enumerate().rev() {
        let points: Vec<egui::Pos2> = data.scales.iter().zip(level).map(|(s, h)| plot.at(*s, *h)).collect();
        let stroke = Stroke::new(if k == 0 { 1.75 } else { 1.0 }, color);
        series_line(&clipped, &points, k, stroke);
        if let Some(at) = peak(level) {
            series_marker(&clipped, k, plot.at(data.scales[at], level[at]), 5.0, color);
        }
    }
    if let Some((birth, death)) = data.selected {
        let tent =
            [plot.at(birth, 0.0), plot.at(birth.midpoint(death), (death - birth) / 2.0), plot.at(death, 0.0)];
        paint::dashed(&clipped, &tent, Stroke::new(1.5, tokens.accent), 4.0, 3.0);
    }
}

/// Where a level is highest; `None` for one that is 0 everywhere.
fn peak(level: &[f64]) -> Option<usize> {
    (0..level.len()).filter(|i| level[*i] > 0.0).max_by(|a, b| level[*a].total_cmp(&level[*b]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_level_has_no_peak() {
        assert_eq!(peak(&[0.0, 0.3, 0.1]), Some(1));
        assert_eq!(peak(&[0.0, 0.0]), None);
    }
}
