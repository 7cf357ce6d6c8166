//! Axes of a plot: round ticks, one axis line, a faint grid, the name at the end of the axis.

use super::numbers;
use super::paint;
use crate::window::theme::{Tokens, font};
use egui::{Align2, Painter, Pos2, Rect, Stroke, pos2};

/// A linear mapping of a range of values onto a rectangle; y grows upwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plot {
    /// Where values are drawn.
    pub rect: Rect,
    /// Values at the left and right edge.
    pub x: (f64, f64),
    /// Values at the lower and upper edge.
    pub y: (f64, f64),
}

impl Plot {
    /// Screen x of a value.
    pub fn sx(&self, x: f64) -> f32 {
        let span = self.x.1 - self.x.0;
        let at = if span > 0.0 { (x - self.x.0) / span } else { 0.5 };
        self.rect.left() + at as f32 * self.rect.width()
    }

    /// Screen y of a value.
    pub fn sy(&self, y: f64) -> f32 {
        let span = self.y.1 - self.y.0;
        let at = if span > 0.0 { (y - self.y.0) / span } else { 0.5 };
        self.rect.bottom() - at as f32 * self.rect.height()
    }

    /// Screen position of a point.
    pub fn at(&self, x: f64, y: f64) -> Pos2 {
        pos2(self.sx(x), self.sy(y))
    }

    /// Value under a screen y.
    pub fn value_y(&self, sy: f32) -> f64 {
        let at = f64::from((self.rect.bottom() - sy) / self.rect.height().max(1.0));
        self.y.0 + at * (self.y.1 - self.y.0)
    }

    /// Value under a screen x.
    pub fn value_x(&self, sx: f32) -> f64 {
        let at = f64::from((sx - self.rect.left()) / self.rect.width().max(1.0));
        self.x.0 + at * (self.x.1 - self.x.0)
    }
}

/// Round ticks inside a range, about `wanted` of them, and the decimals that write them.
pub fn ticks(range: (f64, f64), wanted: usize) -> (Vec<f64>, usize) {
    let span = range.1 - range.0;
    if !span.is_finite() || span <= 0.0 || wanted == 0 {
        return (vec![range.0], 2);
    }
    let power = 10_f64.powf((span / wanted as f64).log10().floor());
    let inside = |step: f64| ((range.1 / step + 1e-6).floor() - (range.0 / step - 1e-6).ceil()) as i64 + 1;
    // The round step whose number of ticks comes closest to what was asked for.
    let step = [0.5, 1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|m| m * power)
        .min_by_key(|step| (inside(*step) - wanted as i64 - 1).abs())
        .unwrap_or(power);
    let decimals = (-(step * 1.001).log10().floor()).max(0.0) as usize;
    let first = (range.0 / step - 1e-6).ceil() as i64;
    let last = (range.1 / step + 1e-6).floor() as i64;
    ((first..=last).map(|i| i as f64 * step).collect(), decimals)
}

/// A limit just above `max` that ends on a round tick.
pub fn round_up(max: f64, wanted: usize) -> f64 {
    if !max.is_finite() || max <= 0.0 {
        return 1.0;
    }
    let (t, _) = ticks((0.0, max), wanted);
    let step = if t.len() > 1 { t[1] - t[0] } else { max };
    (max / step - 1e-9).ceil() * step
}

/// How the axes of a plot look.
#[derive(Clone, Debug, Default)]
pub struct AxisLook<'a> {
    /// About how many ticks on x.
    pub x_ticks: usize,
    /// About how many ticks on y; 0 for no y axis.
    pub y_ticks: usize,
    /// Name or unit at the end of x.
    pub x_name: &'a str,
    /// Whether vertical grid lines are drawn.
    pub x_grid: bool,
    /// Plus signs on positive ticks (axes of differences).
    pub signed: bool,
    /// The tick labels of y are whole numbers.
    pub whole_y: bool,
}

/// Distance of the labels of an upward axis at least.
const ROW_APART: f32 = 16.0;

/// Paints grid, axis line, tick labels and names.
pub fn axes(painter: &Painter, tokens: &Tokens, plot: &Plot, look: &AxisLook<'_>) {
    let label = |v: f64, decimals: usize| {
        if v.abs() < 1e-12 {
            "0".to_owned()
        } else if look.signed {
            numbers::signed(v, decimals)
        } else {
            numbers::fixed(v, decimals)
        }
    };
    let r = plot.rect;
    let widest = |(ticks, decimals): &(Vec<f64>, usize)| {
        let widths = ticks.iter().map(|v| paint::width(painter, &label(*v, *decimals), font::tick()));
        widths.fold(0.0, f32::max)
    };
    // Fewer ticks where their labels would touch.
    let (x_ticks, x_decimals) = (look.x_ticks.min(2)..=look.x_ticks)
        .rev()
        .map(|wanted| ticks(plot.x, wanted))
        .find(|t| t.0.windows(2).next().is_none_or(|w| plot.sx(w[1]) - plot.sx(w[0]) >= widest(t) + 10.0))
        .unwrap_or_else(|| ticks(plot.x, look.x_ticks.min(1)));
    for &x in &x_ticks {
        let sx = plot.sx(x);
        if look.x_grid {
            paint::vline(painter, sx, r.top()..=r.bottom(), tokens.plot_grid);
        }
        let anchor = Align2::CENTER_TOP;
        paint::text(
            painter,
            pos2(sx, r.bottom() + 4.0),
            anchor,
            &label(x, x_decimals),
            font::tick(),
            tokens.text_subdued,
        );
    }
    if look.y_ticks > 0 {
        let (y_ticks, y_decimals) = (look.y_ticks.min(2)..=look.y_ticks)
            .rev()
            .map(|wanted| ticks(plot.y, wanted))
            .find(|t| t.0.windows(2).next().is_none_or(|w| plot.sy(w[0]) - plot.sy(w[1]) >= ROW_APART))
            .unwrap_or_else(|| ticks(plot.y, 1));
        for &y in &y_ticks {
            let sy = plot.sy(y);
            paint::hline(painter, r.left()..=r.right(), sy, tokens.plot_grid);
            let words = label(y, if look.whole_y { 0 } else { y_decimals });
            let pos = pos2(r.left() - 6.0, sy);
            paint::text(painter, pos, Align2::RIGHT_CENTER, &words, font::tick(), tokens.text_subdued);
        }
    }
    painter.hline(
        r.left()..=r.right(),
        painter.round_to_pixel_center(r.bottom()),
        Stroke::new(1.0, tokens.plot_axis),
    );
    if !look.x_name.is_empty() {
        let pos = pos2(r.right(), r.bottom() + 17.0);
        paint::text(painter, pos, Align2::RIGHT_TOP, look.x_name, font::small(), tokens.text_subdued);
    }
}

/// Title at the left and what bands mean (or N) at the right, on one line above a plot. A note may end in `|` and a
/// shorter one, shown where the long one would be cut.
pub fn caption(painter: &Painter, tokens: &Tokens, rect: Rect, title: &str, note: &str) {
    let y = rect.top() + 9.0;
    let title_rect = paint::text(
        painter,
        pos2(rect.left(), y),
        Align2::LEFT_CENTER,
        title,
        font::heading(),
        tokens.text_strong,
    );
    if !note.is_empty() {
        let room = rect.right() - title_rect.right() - 12.0;
        let fits = |words: &&str| paint::width(painter, words, font::small()) <= room;
        let note = note.split('|').find(fits).or_else(|| note.split('|').next_back()).unwrap_or_default();
        if room > 40.0 {
            let pos = pos2(rect.right(), y);
            paint::text_cut(
                painter,
                pos,
                Align2::RIGHT_CENTER,
                note,
                font::small(),
                tokens.text_subdued,
                room,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        let (t, decimals) = ticks((0.0, 0.6), 6);
        assert_eq!(t.len(), 7);
        assert!((t[6] - 0.6).abs() < 1e-9);
        assert_eq!(decimals, 1);
        let (t, decimals) = ticks((-0.47, 0.52), 4);
        assert!(t.iter().all(|v| (-0.47..=0.52).contains(v)), "{t:?}");
        assert_eq!(decimals, 1);
        assert_eq!(ticks((1.0, 1.0), 5).0, vec![1.0]);
    }

    #[test]
    fn limits_end_on_a_tick() {
        assert!((round_up(0.53, 6) - 0.6).abs() < 1e-9);
        assert!((round_up(57.0, 3) - 60.0).abs() < 1e-9);
        assert_eq!(round_up(0.0, 4), 1.0);
    }

    #[test]
    fn a_plot_maps_there_and_back() {
        let plot = Plot {
            rect: Rect::from_min_max(pos2(10.0, 20.0), pos2(110.0, 70.0)),
            x: (0.0, 2.0),
            y: (-1.0, 1.0),
        };
        assert_eq!(plot.at(1.0, 0.0), pos2(60.0, 45.0));
        assert!((plot.value_x(60.0) - 1.0).abs() < 1e-9);
    }
}
