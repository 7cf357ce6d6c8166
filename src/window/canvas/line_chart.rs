//! Line chart with labels at the ends of its lines, sorted by height, leaders where they would collide.

use super::axes::{self, AxisLook, Plot};
use super::paint::{self, run};
use crate::window::theme::{Tokens, blend, font};
use crate::window::widgets::{Mind, mind_mark};
use egui::{Align2, Color32, Painter, Pos2, Rect, Shape, Stroke, pos2};

/// One line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// Name at its end; empty for none.
    pub name: String,
    /// Value at its end as written; empty for none.
    pub value: String,
    /// Points in ascending x; not finite ones break the line.
    pub points: Vec<(f64, f64)>,
    /// Colour of line and name.
    pub color: Color32,
    /// Lengths on and off, points; empty for one stroke.
    pub dash: &'static [f32],
    /// Stroke width.
    pub width: f32,
    /// Mark of a mind at the end.
    pub mark: Option<Mind>,
    /// Drawn faintly behind the others, without a label.
    pub ghost: bool,
    /// Label in the line's colour (minds) rather than in the text's (names and numbers in columns).
    pub colored_label: bool,
}

/// What the chart shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LineChart {
    /// Lines.
    pub series: Vec<Series>,
    /// Range of x.
    pub x: (f64, f64),
    /// Range of y.
    pub y: (f64, f64),
    /// Name of the x axis.
    pub x_name: String,
    /// Horizontal dashes with no label of their own (a constant predictor).
    pub references: Vec<f64>,
    /// Vertical cursor in the accent.
    pub cursor: Option<f64>,
    /// Points kept free at the right for labels.
    pub label_room: f32,
}

/// The plot inside the whole room.
pub fn plot_of(rect: Rect, chart: &LineChart) -> Plot {
    let inner = Rect::from_min_max(
        pos2(rect.left() + 36.0, rect.top() + 6.0),
        pos2(rect.right() - chart.label_room.max(6.0), rect.bottom() - 32.0),
    );
    Plot { rect: inner, x: chart.x, y: chart.y }
}

/// Paints the chart.
pub fn line_chart(painter: &Painter, tokens: &Tokens, rect: Rect, chart: &LineChart) -> Plot {
    let plot = plot_of(rect, chart);
    let look =
        AxisLook { x_ticks: 4, y_ticks: 4, x_name: &chart.x_name, x_grid: true, ..AxisLook::default() };
    axes::axes(painter, tokens, &plot, &look);
    let clipped = painter.with_clip_rect(plot.rect.expand(2.0).intersect(painter.clip_rect()));
    for &y in &chart.references {
        let ends = [plot.at(chart.x.0, y), plot.at(chart.x.1, y)];
        paint::dashed(&clipped, &ends, Stroke::new(1.0, tokens.text_subdued), 4.0, 3.0);
    }
    for s in chart.series.iter().filter(|s| s.ghost).chain(chart.series.iter().filter(|s| !s.ghost)) {
        draw_line(&clipped, tokens, &plot, s);
    }
    if let Some(x) = chart.cursor {
        let x = painter.round_to_pixel_center(plot.sx(x));
        painter.vline(x, plot.rect.top()..=plot.rect.bottom(), Stroke::new(1.5, tokens.accent));
    }
    for s in &chart.series {
        if let (Some(end), Some(mind)) = (end_of(s), s.mark) {
            mind_mark(painter, tokens, mind, plot.at(end.0, end.1), 8.0);
        }
    }
    labels(painter, tokens, &plot, rect, chart);
    plot
}

fn end_of(s: &Series) -> Option<(f64, f64)> {
    s.points.iter().rev().copied().find(|(x, y)| x.is_finite() && y.is_finite())
}

fn draw_line(painter: &Painter, tokens: &Tokens, plot: &Plot, s: &Series) {
    let color = if s.ghost { blend(s.color, tokens.view_bg, 0.38) } else { s.color };
    let stroke = Stroke::new(s.width, color);
    let mut part: Vec<Pos2> = Vec::new();
    let flush = |part: &mut Vec<Pos2>| {
        let points = std::mem::take(part);
        if points.len() == 1 {
            painter.circle_filled(points[0], s.width.max(1.5), color);
        } else if points.len() > 1 {
            if s.dash.is_empty() {
                painter.add(Shape::line(points, stroke));
            } else {
                let on: Vec<f32> = s.dash.iter().step_by(2).copied().collect();
                let off: Vec<f32> = s.dash.iter().skip(1).step_by(2).copied().collect();
                painter.extend(Shape::dashed_line_with_offset(&points, stroke, &on, &off, 0.0));
            }
        }
    };
    for &(x, y) in &s.points {
        if x.is_finite() && y.is_finite() {
            part.push(plot.at(x, y));
        } else {
            flush(&mut part);
        }
    }
    flush(&mut part);
}

/// Moves wanted heights apart so that neighbours keep `gap`, staying between `low` and `high`; keeps their order.
pub fn spread(wanted: &[f32], gap: f32, low: f32, high: f32) -> Vec<f32> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|&i, &j| wanted[i].total_cmp(&wanted[j]));
    let mut placed = wanted.to_vec();
    let mut floor = low;
    for &i in &order {
        placed[i] = placed[i].max(floor);
        floor = placed[i] + gap;
    }
    let mut ceiling = high;
    for &i in order.iter().rev() {
        placed[i] = placed[i].min(ceiling);
        ceiling = placed[i] - gap;
    }
    placed
}

fn labels(painter: &Painter, tokens: &Tokens, plot: &Plot, rect: Rect, chart: &LineChart) {
    let ends: Vec<(&Series, (f64, f64))> = chart
        .series
        .iter()
        .filter(|s| !s.ghost && !s.name.is_empty())
        .filter_map(|s| end_of(s).map(|e| (s, e)))
        .collect();
    let wanted: Vec<f32> = ends.iter().map(|(_, e)| plot.sy(e.1)).collect();
    let placed = spread(&wanted, 14.0, plot.rect.top() + 4.0, plot.rect.bottom() - 4.0);
    for ((s, end), y) in ends.iter().zip(&placed) {
        let from = plot.at(end.0, end.1);
        if s.colored_label {
            // A mind's label stands right after its mark: there are at most two of them.
            let label = format!("{} {}", s.name, s.value);
            let room = rect.right() - from.x;
            let (pos, anchor) = if room > 60.0 {
                (pos2(from.x + 9.0, *y), Align2::LEFT_CENTER)
            } else {
                (pos2(rect.right(), y - 13.0), Align2::RIGHT_CENTER)
            };
            paint::text(painter, pos, anchor, label.trim_end(), font::small_strong(), s.color);
            continue;
        }
        let x = plot.rect.right() + 6.0;
        let leader = blend(s.color, tokens.view_bg, 0.55);
        if plot.rect.right() - from.x > 3.0 || (from.y - y).abs() > 3.0 {
            painter.line_segment([from, pos2(x - 2.0, *y)], Stroke::new(1.0, leader));
        }
        paint::line(
            painter,
            pos2(x, *y),
            Align2::LEFT_CENTER,
            &[run(&s.name, font::small(), tokens.text)],
            rect.right() - x,
        );
        paint::text(
            painter,
            pos2(rect.right(), *y),
            Align2::RIGHT_CENTER,
            &s.value,
            font::small_strong(),
            tokens.text_strong,
        );
    }
}

/// A running mean that gives `weight` to the past; what was smoothed stays visible behind it.
pub fn smoothed(values: &[f64], weight: f64) -> Vec<f64> {
    let mut out = Vec::with_capacity(values.len());
    let (mut sum, mut mass) = (0.0, 0.0);
    for &v in values {
        if v.is_finite() {
            sum = weight * sum + (1.0 - weight) * v;
            mass = weight * mass + (1.0 - weight);
        }
        out.push(if mass > 0.0 { sum / mass } else { f64::NAN });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_their_distance_and_order() {
        let placed = spread(&[50.0, 52.0, 10.0, 51.0], 14.0, 0.0, 100.0);
        assert_eq!(placed[2], 10.0);
        let mut sorted = placed.clone();
        sorted.sort_by(f32::total_cmp);
        assert!(sorted.windows(2).all(|w| w[1] - w[0] >= 13.99), "{placed:?}");
        assert!(placed[0] < placed[3] && placed[3] < placed[1]);
    }

    #[test]
    fn labels_stay_inside_when_crowded_at_the_bottom() {
        let placed = spread(&[98.0, 99.0, 100.0], 14.0, 0.0, 100.0);
        assert!(placed.iter().all(|y| *y <= 100.0), "{placed:?}");
    }

    #[test]
    fn smoothing_starts_unbiased_and_skips_gaps() {
        let s = smoothed(&[2.0, 2.0, f64::NAN, 2.0], 0.6);
        assert!(s.iter().all(|v| (v - 2.0).abs() < 1e-12), "{s:?}");
        assert!(smoothed(&[f64::NAN], 0.5)[0].is_nan());
    }
}
