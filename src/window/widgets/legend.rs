//! A legend: line, dash and marker of each series with its name, in one row that wraps.

use super::paint::width;
use crate::window::theme::{self, Tokens, font};
use egui::{Align2, Color32, Painter, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

/// The marker of series 1 to 8.
pub fn series_marker(painter: &Painter, index: usize, at: Pos2, side: f32, color: Color32) {
    let h = side / 2.0;
    let polygon = |points: Vec<Pos2>| Shape::convex_polygon(points, color, Stroke::NONE);
    let cross = |a: egui::Vec2, b: egui::Vec2| {
        painter.line_segment([at - a, at + a], Stroke::new(2.0, color));
        painter.line_segment([at - b, at + b], Stroke::new(2.0, color));
    };
    match index % 8 {
        0 => {
            painter.circle_filled(at, h, color);
        }
        1 => {
            painter.rect_filled(Rect::from_center_size(at, vec2(side, side)), 0.0, color);
        }
        2 => {
            painter.add(polygon(vec![at + vec2(0.0, -h), at + vec2(h, h), at + vec2(-h, h)]));
        }
        3 => {
            painter.add(polygon(vec![
                at + vec2(0.0, -h),
                at + vec2(h, 0.0),
                at + vec2(0.0, h),
                at + vec2(-h, 0.0),
            ]));
        }
        4 => {
            painter.add(polygon(vec![at + vec2(-h, -h), at + vec2(h, -h), at + vec2(0.0, h)]));
        }
        5 => cross(vec2(h, 0.0), vec2(0.0, h)),
        6 => cross(vec2(h, h) * 0.8, vec2(h, -h) * 0.8),
        _ => {
            cross(vec2(h, 0.0), vec2(0.0, h));
            cross(vec2(h, h) * 0.7, vec2(h, -h) * 0.7);
        }
    }
}

/// Dash lengths of series 1 to 8 in points, alternating on and off; empty is solid.
pub fn series_dash(index: usize) -> &'static [f32] {
    const DASHES: [&[f32]; 8] = [
        &[],
        &[8.0, 4.0],
        &[2.0, 3.0],
        &[10.0, 3.0, 2.0, 3.0],
        &[6.0, 3.0],
        &[1.0, 2.0],
        &[12.0, 4.0],
        &[4.0, 4.0],
    ];
    DASHES[index % 8]
}

/// A line in the dash of a series.
pub fn series_line(painter: &Painter, points: &[Pos2], index: usize, stroke: Stroke) {
    let dash = series_dash(index);
    if dash.is_empty() {
        painter.add(Shape::line(points.to_vec(), stroke));
        return;
    }
    let (on, off): (Vec<f32>, Vec<f32>) =
        dash.chunks(2).map(|c| (c[0], c.get(1).copied().unwrap_or(c[0]))).unzip();
    painter.extend(Shape::dashed_line_with_offset(points, stroke, &on, &off, 0.0));
}

/// Names of series (index from 0 into the tokens' series) in one row.
pub fn legend(ui: &mut Ui, entries: &[(usize, &str)]) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 16.0;
        for (index, name) in entries {
            entry(ui, theme::of(ui), *index, name);
        }
    });
}

fn entry(ui: &mut Ui, t: &Tokens, index: usize, name: &str) {
    let w = 34.0 + width(ui, name, font::small());
    let (rect, response) = ui.allocate_exact_size(vec2(w, 18.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, name));
    let y = rect.center().y;
    let color = t.series(index);
    let line = [pos2(rect.left(), y), pos2(rect.left() + 28.0, y)];
    series_line(ui.painter(), &line, index, Stroke::new(theme::stroke::CURVE, color));
    series_marker(ui.painter(), index, pos2(rect.left() + 14.0, y), 8.0, color);
    ui.painter().text(pos2(rect.left() + 34.0, y), Align2::LEFT_CENTER, name, font::small(), t.text);
}
