//! Null distribution as a histogram with the observed value: how far from chance.

use super::axes::{self, AxisLook, Plot};
use super::numbers;
use super::paint;
use crate::window::theme::{Tokens, font};
use egui::{Align2, Painter, Rect, Stroke, pos2};

/// Values of the nulls and what was observed.
#[derive(Clone, Debug, PartialEq)]
pub struct NullHistogram {
    /// Left edge of the first bin and width of a bin.
    pub bins: (f64, f64),
    /// How many nulls fall into each bin.
    pub counts: Vec<usize>,
    /// The value below which 95 of 100 nulls stay.
    pub q95: f64,
    /// The observed value.
    pub observed: f64,
    /// Shown range.
    pub range: (f64, f64),
}

impl NullHistogram {
    /// Bins the nulls; `None` when there is none that is finite.
    pub fn new(nulls: &[f64], observed: f64) -> Option<Self> {
        let finite: Vec<f64> = nulls.iter().copied().filter(|v| v.is_finite()).collect();
        let low = finite.iter().copied().reduce(f64::min)?;
        let high = finite.iter().copied().reduce(f64::max)?;
        let width = ((high - low) / 14.0).max(1e-9);
        let mut counts = vec![0_usize; 15];
        for v in &finite {
            let bin = (((v - low) / width) as usize).min(counts.len() - 1);
            counts[bin] += 1;
        }
        let q95 = crate::core::stats::quantile(&finite, 0.95)?;
        let seen = if observed.is_finite() { observed } else { q95 };
        let (left, right) = (low.min(seen), high.max(seen));
        let margin = ((right - left) * 0.08).max(1e-6);
        Some(Self {
            bins: (low, width),
            counts,
            q95,
            observed,
            range: ((left - margin).max(0.0), right + margin),
        })
    }
}

/// Paints the histogram; `rect` is the whole room including tick labels.
pub fn histogram(painter: &Painter, tokens: &Tokens, rect: Rect, data: &NullHistogram, x_name: &str) {
    let plot_rect = Rect::from_min_max(
        pos2(rect.left() + 34.0, rect.top() + 12.0),
        pos2(rect.right() - 4.0, rect.bottom() - 32.0),
    );
    let top = data.counts.iter().copied().max().unwrap_or(1).max(1) as f64 * 1.45;
    let plot = Plot { rect: plot_rect, x: data.range, y: (0.0, top) };
    axes::axes(painter, tokens, &plot, &AxisLook { x_ticks: 4, x_grid: true, x_name, ..AxisLook::default() });
    for (i, &n) in data.counts.iter().enumerate() {
        if n == 0 {
            continue;
        }
        let x0 = plot.sx(data.bins.0 + i as f64 * data.bins.1);
        let x1 = plot.sx(data.bins.0 + (i + 1) as f64 * data.bins.1);
        let bar = Rect::from_min_max(pos2(x0 + 0.5, plot.sy(n as f64)), pos2(x1 - 0.5, plot_rect.bottom()));
        paint::fill(painter, bar, tokens.missing_b);
    }
    let q = plot.sx(data.q95);
    let up = [pos2(q, plot_rect.bottom()), pos2(q, plot_rect.top())];
    paint::dashed(painter, &up, Stroke::new(1.0, tokens.text_subdued), 3.0, 3.0);
    let here = plot.sx(data.observed);
    let here_is_right = here >= q;
    let q_anchor = if here_is_right { Align2::RIGHT_TOP } else { Align2::LEFT_TOP };
    let q_side = if here_is_right { -4.0 } else { 4.0 };
    let q_words = pos2(q + q_side, plot_rect.top());
    paint::text(painter, q_words, q_anchor, "95%", font::tick(), tokens.text_subdued);
    if !data.observed.is_finite() {
        return;
    }
    painter.vline(here, plot_rect.top()..=plot_rect.bottom(), Stroke::new(2.0, tokens.series_2));
    let words = format!("here {}", numbers::fixed(data.observed, 3));
    let near_right = here > plot_rect.center().x;
    let anchor = if near_right { Align2::RIGHT_TOP } else { Align2::LEFT_TOP };
    let side = if near_right { -6.0 } else { 6.0 };
    let lower = if (here - q).abs() < 90.0 && (here_is_right == near_right) { 14.0 } else { 0.0 };
    let pos = pos2(here + side, plot_rect.top() + lower);
    let galley = painter.layout_no_wrap(words, font::small_strong(), tokens.text_strong);
    let ground = anchor.anchor_size(pos, galley.size());
    paint::fill(painter, ground.expand2(egui::vec2(2.0, 0.0)), tokens.view_bg);
    painter.galley(paint::snap(painter, ground.min), galley, tokens.text_strong);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_null_is_counted_once() {
        let nulls: Vec<f64> = (0..199).map(|i| 0.1 + 0.001 * f64::from(i)).collect();
        let h = NullHistogram::new(&nulls, 0.376).unwrap();
        assert_eq!(h.counts.iter().sum::<usize>(), 199);
        assert!(h.range.1 > 0.376 && h.range.0 < 0.1);
        assert_eq!(NullHistogram::new(&[], 0.1), None);
        assert_eq!(NullHistogram::new(&[f64::NAN], 0.1), None);
    }
}
