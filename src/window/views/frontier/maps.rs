//! Frontier, arrow and epistemic map: clouds of turns under the same pointer.

use super::prepared::Prepared;
use crate::core::scm;
use crate::field::frontier::epistemic::Quadrant;
use crate::window::canvas::axes::{self, AxisLook, Plot};
use crate::window::canvas::cloud::{Cloud, square_plot};
use crate::window::canvas::{numbers, paint};
use crate::window::theme::{Tokens, blend, font};
use crate::window::view::ViewContext;
use crate::window::views::plane::Plane;
use egui::{Align2, Color32, Painter, Pos2, Rect, Shape, Stroke, Ui, pos2};

/// Room around a plot for its title, ticks and names.
fn inside(rect: Rect) -> Rect {
    Rect::from_min_max(
        pos2(rect.left() + 36.0, rect.top() + 38.0),
        pos2(rect.right() - 6.0, rect.bottom() - 34.0),
    )
}

/// The name of the vertical axis, above it.
fn y_name(painter: &Painter, t: &Tokens, rect: Rect, words: &str) {
    let pos = pos2(rect.left(), rect.top() + 21.0);
    paint::text_cut(painter, pos, Align2::LEFT_TOP, words, font::small(), t.text_subdued, rect.width() * 0.7);
}

/// Why a map is not there, in its place.
pub fn missing(ui: &Ui, t: &Tokens, rect: Rect, title: &str, why: &str) {
    axes::caption(ui.painter(), t, rect, title, "");
    let galley = crate::window::widgets::paint::lines(
        ui,
        why,
        font::label_regular(),
        t.text_subdued,
        (rect.width() - 20.0).min(300.0),
        3,
        Some(16.0),
    );
    let at = rect.center() - galley.size() / 2.0;
    ui.painter().galley(at, galley, t.text_subdued);
}

/// Each turn at (A, B).
pub fn frontier_ui(
    ui: &Ui,
    context: &mut ViewContext<'_>,
    rect: Rect,
    prepared: &Prepared,
    plane: &mut Plane,
) {
    let t = context.tokens;
    let map = &prepared.frontier;
    let (a, b) = prepared.key.columns;
    let name = if a == b {
        scm::SHORT[a].to_owned()
    } else {
        format!("{} against {}", scm::SHORT[a], scm::SHORT[b])
    };
    let n = numbers::count(map.cloud.dots.len());
    axes::caption(ui.painter(), t, rect, "Frontier", &format!("{name}, N = {n}; contours hold 50 and 90%"));
    let (x, y) = plane.zoom.unwrap_or(map.cloud.home);
    let plot = Plot { rect: inside(rect), x, y };
    let x_name = format!("A {}", scm::SHORT[a]);
    let look = AxisLook { x_ticks: 5, y_ticks: 5, x_name: &x_name, x_grid: true, ..AxisLook::default() };
    axes::axes(ui.painter(), t, &plot, &look);
    y_name(ui.painter(), t, rect, &format!("B {}", scm::SHORT[b]));
    let clipped = ui.painter().with_clip_rect(plot.rect.expand(4.0).intersect(ui.clip_rect()));
    if a == b {
        let far = [plot.at(-1.0, -1.0), plot.at(2.0, 2.0)];
        ui.painter()
            .with_clip_rect(plot.rect.intersect(ui.clip_rect()))
            .line_segment(far, Stroke::new(1.0, t.plot_axis));
    }
    let described = match &map.agreement {
        Some(g) => format!(
            "A higher on {}, B higher on {}, close on {} of {} turns",
            g.a_higher, g.b_higher, g.close, g.n
        ),
        None => format!("{n} turns"),
    };
    let response = Plane::sense(ui, plot.rect, "frontier map", &described);
    map.cloud.paint(&clipped, &plot, prepared.inks.rim);
    let line = Stroke::new(1.25, blend(t.text, t.view_bg, 0.8));
    for path in &map.contours {
        let points: Vec<Pos2> = path.iter().map(|p| plot.at(p.0, p.1)).collect();
        clipped.add(Shape::line(points, line));
    }
    if a == b {
        let corner = plot.rect.shrink(6.0);
        let face = font::small_strong();
        paint::text(
            ui.painter(),
            corner.right_bottom(),
            Align2::RIGHT_BOTTOM,
            "A higher",
            face.clone(),
            t.mind_a_text,
        );
        paint::text(ui.painter(), corner.left_top(), Align2::LEFT_TOP, "B higher", face, t.mind_b_text);
    }
    plane.interact(ui, context, &response, &plot, &map.cloud);
    plane.marks(ui, context, &plot, &map.cloud);
}

/// From B's to A's scores, a turn an arrow.
pub fn arrows_ui(ui: &Ui, context: &mut ViewContext<'_>, rect: Rect, prepared: &Prepared, plane: &mut Plane) {
    let t = context.tokens;
    let Some(arrows) = &prepared.statistics.arrows else {
        missing(ui, t, rect, "Arrows", "They need five turns with all five scores in both passes");
        return;
    };
    let m = &arrows.metrics;
    let drawn = &prepared.statistics.drawn;
    let sampled = if drawn.len() < m.n { format!("{} of ", drawn.len()) } else { String::new() };
    let note = format!(
        "B to A, {sampled}{} turns; {}% of D lies in this plane",
        numbers::count(m.n),
        numbers::fixed(100.0 * m.delta_shown, 0)
    );
    axes::caption(ui.painter(), t, rect, "Arrows", &note);
    let (x, y) = plane.zoom.unwrap_or(prepared.heads.home);
    let plot = square_plot(inside(rect), x, y);
    let component =
        |k: usize| format!("component {}, {}% of variance", k + 1, numbers::fixed(100.0 * m.explained[k], 0));
    let x_name = component(0);
    let look = AxisLook {
        x_ticks: 5,
        y_ticks: 5,
        x_name: &x_name,
        x_grid: true,
        signed: true,
        ..AxisLook::default()
    };
    axes::axes(ui.painter(), t, &plot, &look);
    y_name(ui.painter(), t, rect, &component(1));
    let described = format!(
        "{} turns, mean length {}, pointing one way to {} of 1",
        m.n,
        numbers::fixed(m.mean_length, 2),
        numbers::fixed(m.one_way, 2)
    );
    let response = Plane::sense(ui, plot.rect, "arrow map", &described);
    let clipped = ui.painter().with_clip_rect(plot.rect.expand(3.0).intersect(ui.clip_rect()));
    let at = |p: [f32; 2]| plot.at(f64::from(p[0]), f64::from(p[1]));
    let width = if drawn.len() > 150 { 1.0 } else { 1.5 };
    let mut order = drawn.clone();
    let size = |p: usize| prepared.delta.get(arrows.rows[p]).map_or(0.0, |v| v.abs());
    order.sort_by(|p, q| size(*p).total_cmp(&size(*q)));
    for place in order {
        let (color, _) = prepared.inks.look(&prepared.coloring, arrows.rows[place]);
        arrow(&clipped, at(arrows.from[place]), at(arrows.to[place]), readable(color, t), width);
    }
    let middle = |p: &[[f32; 2]]| {
        let mean = |k: usize| p.iter().map(|v| f64::from(v[k])).sum::<f64>() / p.len().max(1) as f64;
        plot.at(mean(0), mean(1))
    };
    let (from, to) = (middle(&arrows.from), middle(&arrows.to));
    arrow(&clipped, from, to, t.view_bg, 5.0);
    arrow(&clipped, from, to, t.text_strong, 2.5);
    plane.interact(ui, context, &response, &plot, &prepared.heads);
    plane.marks(ui, context, &plot, &prepared.heads);
}

/// A colour that stands out from the ground: agreement melts into it and would leave no arrow.
fn readable(color: Color32, t: &Tokens) -> Color32 {
    let far = |a: u8, b: u8| u32::from(a.abs_diff(b));
    let distance =
        far(color.r(), t.view_bg.r()) + far(color.g(), t.view_bg.g()) + far(color.b(), t.view_bg.b());
    if distance < 120 { t.plot_axis } else { color }
}

fn arrow(painter: &Painter, from: Pos2, to: Pos2, color: Color32, width: f32) {
    let along = to - from;
    let length = along.length();
    let head = 2.6 + 2.0 * width;
    painter.circle_filled(from, 0.9 + 0.5 * width, color);
    if length < head * 0.8 {
        return;
    }
    let unit = along / length;
    let neck = to - unit * head;
    painter.line_segment([from, neck], Stroke::new(width, color));
    let side = egui::vec2(-unit.y, unit.x) * head * 0.45;
    painter.add(Shape::convex_polygon(vec![to, neck + side, neck - side], color, Stroke::NONE));
}

/// Score gap against uncertainty gap.
pub fn epistemic_ui(
    ui: &Ui,
    context: &mut ViewContext<'_>,
    rect: Rect,
    prepared: &Prepared,
    plane: &mut Plane,
) {
    let t = context.tokens;
    let Some(map) = &prepared.epistemic else {
        missing(
            ui,
            t,
            rect,
            "Epistemic",
            "It needs an uncertainty in both passes; judges and tables of scores tell none",
        );
        return;
    };
    let column = prepared.key.columns.0;
    let own = scm::SCORES.contains(&column);
    let note = format!(
        "{}, N = {}; {}",
        scm::SHORT[column],
        numbers::count(map.counts.n),
        if own && context.run.is_some_and(|r| r.uncertainty_gap.is_some()) {
            "its own uncertainty"
        } else {
            "shared uncertainty"
        }
    );
    axes::caption(ui.painter(), t, rect, "Epistemic", &note);
    let area = inside(rect);
    let (x, y) = plane.zoom.unwrap_or((map.cloud.home.0, clear_of_corners(&map.cloud, area.height())));
    let plot = Plot { rect: area, x, y };
    let look = AxisLook {
        x_ticks: 5,
        y_ticks: 5,
        x_name: "dQ, score of A − B",
        x_grid: true,
        signed: true,
        ..AxisLook::default()
    };
    axes::axes(ui.painter(), t, &plot, &look);
    y_name(ui.painter(), t, rect, "dE, uncertainty of A − B");
    let inner = ui.painter().with_clip_rect(plot.rect.intersect(ui.clip_rect()));
    paint::vline(&inner, plot.sx(0.0), plot.rect.y_range().into(), t.plot_axis);
    paint::hline(&inner, plot.rect.x_range().into(), plot.sy(0.0), t.plot_axis);
    let counts = Quadrant::ALL.map(|q| format!("{} {}", q.name(), map.counts.count(q))).join(", ");
    let response = Plane::sense(ui, plot.rect, "epistemic map", &counts);
    let clipped = ui.painter().with_clip_rect(plot.rect.expand(4.0).intersect(ui.clip_rect()));
    map.cloud.paint(&clipped, &plot, prepared.inks.rim);
    corners(ui.painter(), t, plot.rect, map.counts.n, |q| map.counts.count(q));
    plane.interact(ui, context, &response, &plot, &map.cloud);
    plane.marks(ui, context, &plot, &map.cloud);
}

/// Height of the strip at the top and at the foot that belongs to the words in the corners.
const CORNER: f32 = 26.0;

/// Ends of the upward axis with which no point lies under the words in the corners.
fn clear_of_corners(cloud: &Cloud, height: f32) -> (f64, f64) {
    let (low, high) = cloud.extent().1;
    let most = low.abs().max(high.abs()).max(1e-6);
    let share = f64::from((1.0 - 2.0 * CORNER / height.max(1.0)).clamp(0.4, 1.0));
    (-most / share, most / share)
}

/// Name, count and share of each quadrant in its corner.
fn corners(painter: &Painter, t: &Tokens, rect: Rect, n: usize, count: impl Fn(Quadrant) -> usize) {
    let corner = rect.shrink(6.0);
    // Two corners share a line: where both do not fit, all four lose the share, then the count.
    let room = rect.width() / 2.0 - 12.0;
    let line = |q: Quadrant, form: usize, most: f32| {
        let share = numbers::fixed(100.0 * count(q) as f64 / n.max(1) as f64, 0);
        let words = match form {
            0 => format!("{} ({share}%)", numbers::count(count(q))),
            1 => numbers::count(count(q)),
            _ => String::new(),
        };
        let color = if q.is_a_higher() { t.mind_a_text } else { t.mind_b_text };
        let runs = [
            paint::run(q.name(), font::small_strong(), color),
            paint::run(&words, font::tick(), t.text).after(if words.is_empty() { 0.0 } else { 6.0 }),
        ];
        paint::line_of(painter, &runs, most)
    };
    let fits = |form: &usize| Quadrant::ALL.iter().all(|q| line(*q, *form, f32::INFINITY).size().x <= room);
    let form = (0..2).find(fits).unwrap_or(2);
    for q in Quadrant::ALL {
        let (pos, anchor) = match (q.is_a_higher(), q.is_a_less_sure()) {
            (true, true) => (corner.right_top(), Align2::RIGHT_TOP),
            (true, false) => (corner.right_bottom(), Align2::RIGHT_BOTTOM),
            (false, true) => (corner.left_top(), Align2::LEFT_TOP),
            (false, false) => (corner.left_bottom(), Align2::LEFT_BOTTOM),
        };
        let galley = line(q, form, room);
        let taken = anchor.anchor_size(pos, galley.size());
        painter.rect_filled(taken.expand2(egui::vec2(4.0, 2.0)), 2.0, t.view_bg.gamma_multiply(0.9));
        painter.galley(paint::snap(painter, taken.min), galley, t.text);
    }
}
