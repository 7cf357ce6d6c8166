//! Pointer and keys on a cloud of turns, the same in every map: hover, click, lasso, zoom, pan; and what is marked on it.

use crate::core::item::Item;
use crate::window::canvas::axes::Plot;
use crate::window::canvas::cloud::{self, Cloud};
use crate::window::canvas::paint;
use crate::window::command::Command;
use crate::window::theme::font;
use crate::window::view::ViewContext;
use crate::window::widgets::focus_ring;
use egui::{
    Align2, EventFilter, Key, PointerButton, Pos2, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo,
};

/// How near the pointer must be to a point, points.
const REACH: f32 = 9.0;
/// Rings around brushed turns at most; more are dots of the accent.
const RINGS: usize = 400;
/// Steps of a lasso shorter than this are not kept, points.
const STEP: f32 = 2.5;

/// What a view keeps of one plane.
#[derive(Clone, Debug, Default)]
pub struct Plane {
    /// Ends of the axes while zoomed; `None` shows all.
    pub zoom: Option<((f64, f64), (f64, f64))>,
    lasso: Vec<Pos2>,
}

impl Plane {
    /// Takes the room of a plot on which turns can be pointed at; `words` is read by screen readers.
    pub fn sense(ui: &Ui, rect: Rect, name: &str, words: &str) -> Response {
        let response = ui.interact(rect, ui.scope_id().with(("plane", name)), Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("{name}. {words}")));
        response
    }

    /// Applies pointer and keys.
    pub fn interact(
        &mut self,
        ui: &Ui,
        context: &mut ViewContext<'_>,
        response: &Response,
        plot: &Plot,
        cloud: &Cloud,
    ) {
        if let Some(dot) = response.hover_pos().and_then(|p| cloud.nearest(plot, p, REACH)) {
            context.commands.push(Command::Hover(Item::Turn(dot.row)));
        }
        if response.clicked() {
            response.request_focus();
            if let Some(dot) = response.interact_pointer_pos().and_then(|p| cloud.nearest(plot, p, REACH)) {
                context.commands.push(Command::Cursor { row: dot.row, column: None });
                context.commands.push(Command::Select(Some(Item::Turn(dot.row))));
            }
        }
        if response.double_clicked() {
            self.zoom = None;
        }
        let pans = ui.input(|i| i.modifiers.shift) && self.lasso.is_empty();
        if response.dragged_by(PointerButton::Middle)
            || response.dragged_by(PointerButton::Secondary)
            || (pans && response.dragged_by(PointerButton::Primary))
        {
            self.pan(plot, response.drag_delta());
        } else {
            self.draw_lasso(ui, context, response, plot, cloud);
        }
        if response.hovered() {
            self.wheel(ui, response, plot);
        }
        self.keys(ui, context, response, plot, cloud);
        focus_ring(ui, response);
    }

    /// A drag draws the lasso; its end selects the turns inside, in every view.
    fn draw_lasso(
        &mut self,
        ui: &Ui,
        context: &mut ViewContext<'_>,
        response: &Response,
        plot: &Plot,
        cloud: &Cloud,
    ) {
        if response.drag_started_by(PointerButton::Primary) {
            self.lasso = ui.input(|i| i.pointer.press_origin()).into_iter().collect();
        }
        if response.dragged_by(PointerButton::Primary)
            && let Some(p) = response.interact_pointer_pos()
            && self.lasso.last().is_none_or(|last| last.distance(p) >= STEP)
        {
            self.lasso.push(p.clamp(plot.rect.min, plot.rect.max));
        }
        if response.drag_stopped() && !self.lasso.is_empty() {
            let line = std::mem::take(&mut self.lasso);
            let rows = cloud.inside(plot, &line);
            if !rows.is_empty() {
                context.commands.push(Command::Select(Some(Item::turns(rows.clone()))));
            }
            context.commands.push(Command::Brush(rows));
        }
    }

    fn pan(&mut self, plot: &Plot, by: egui::Vec2) {
        let dx = f64::from(by.x / plot.rect.width().max(1.0)) * (plot.x.1 - plot.x.0);
        let dy = f64::from(by.y / plot.rect.height().max(1.0)) * (plot.y.1 - plot.y.0);
        self.zoom = Some(((plot.x.0 - dx, plot.x.1 - dx), (plot.y.0 + dy, plot.y.1 + dy)));
    }

    /// The wheel zooms around the pointer.
    fn wheel(&mut self, ui: &Ui, response: &Response, plot: &Plot) {
        let (scroll, pinch) = ui.input(|i| (i.smooth_scroll_delta.y, i.zoom_delta()));
        let Some(p) = response.hover_pos().filter(|_| scroll != 0.0 || (pinch - 1.0).abs() > 1e-3) else {
            return;
        };
        let factor = f64::from((-scroll / 240.0).exp() / pinch);
        self.zoom = Some(zoomed(plot, (plot.value_x(p.x), plot.value_y(p.y)), factor));
    }

    /// Arrows walk from point to point, plus and minus zoom, 0 shows all.
    fn keys(
        &mut self,
        ui: &Ui,
        context: &mut ViewContext<'_>,
        response: &Response,
        plot: &Plot,
        cloud: &Cloud,
    ) {
        if !response.has_focus() {
            return;
        }
        let filter = EventFilter { vertical_arrows: true, horizontal_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|m| m.set_focus_lock_filter(response.id, filter));
        let pressed = |key: Key| ui.input(|i| i.num_presses(key)) as i64;
        let across = pressed(Key::ArrowRight) - pressed(Key::ArrowLeft);
        let up = pressed(Key::ArrowUp) - pressed(Key::ArrowDown);
        let step = if across != 0 { Some((across, false)) } else { (up != 0).then_some((up, true)) };
        let next = step.and_then(|(by, by_y)| cloud.step(context.selection.cursor_row, by, by_y));
        if let Some(row) = next {
            context.commands.push(Command::Cursor { row, column: None });
            context.commands.push(Command::Select(Some(Item::Turn(row))));
        }
        let zoom = pressed(Key::Plus) + pressed(Key::Equals) - pressed(Key::Minus);
        if zoom != 0 {
            let middle = (f64::midpoint(plot.x.0, plot.x.1), f64::midpoint(plot.y.0, plot.y.1));
            self.zoom = Some(zoomed(plot, middle, 0.8_f64.powi(zoom as i32)));
        }
        if pressed(Key::Num0) > 0 {
            self.zoom = None;
        }
    }

    /// Brushed turns, the hovered one, the cursor with its name, and the lasso under way.
    pub fn marks(&self, ui: &Ui, context: &ViewContext<'_>, plot: &Plot, cloud: &Cloud) {
        let t = context.tokens;
        let inside = plot.rect.expand(cloud.radius(plot) + 3.0);
        let painter = ui.painter().with_clip_rect(inside.intersect(ui.clip_rect()));
        let selection = context.selection;
        let r = cloud.radius(plot);
        if !selection.brushed.is_empty() {
            let few = selection.brushed.len() <= RINGS;
            for dot in cloud.dots.iter().filter(|d| selection.brushed.binary_search(&d.row).is_ok()) {
                let at = plot.at(dot.at.0, dot.at.1);
                if few {
                    painter.circle_stroke(at, r + 1.5, Stroke::new(1.0, t.view_bg));
                    painter.circle_stroke(at, r + 2.75, Stroke::new(1.5, t.accent));
                } else {
                    painter.circle_filled(at, (r * 0.55).max(1.0), t.accent);
                }
            }
        }
        if let Some(Item::Turn(row)) = &selection.hovered
            && let Some(at) = cloud.place(plot, *row)
        {
            painter.circle_stroke(at, r + 2.5, Stroke::new(1.0, t.text));
        }
        if let Some(row) = selection.focused_turn()
            && let Some(at) = cloud.place(plot, row)
            && inside.contains(at)
        {
            painter.circle_stroke(at, r + 3.5, Stroke::new(2.0, t.text_strong));
            if let Some(turn) = context.run.and_then(|run| run.turns.get(row)) {
                let right = at.x + 90.0 < plot.rect.right();
                let (anchor, dx) =
                    if right { (Align2::LEFT_CENTER, 1.0) } else { (Align2::RIGHT_CENTER, -1.0) };
                let pos = at + egui::vec2(dx * (r + 8.0), 0.0);
                let words = turn.turn_id.clone();
                let galley = painter.layout_no_wrap(words, font::mono_small(), t.text_strong);
                let room = anchor.anchor_size(pos, galley.size());
                painter.rect_filled(room.expand2(egui::vec2(3.0, 1.0)), 2.0, t.view_bg.gamma_multiply(0.8));
                painter.galley(paint::snap(&painter, room.min), galley, t.text_strong);
            }
        }
        cloud::lasso(&painter, t, &self.lasso);
    }
}

/// Ends of the axes after zooming by `factor` around a value that stays where it is.
fn zoomed(plot: &Plot, around: (f64, f64), factor: f64) -> ((f64, f64), (f64, f64)) {
    let one = |(low, high): (f64, f64), at: f64| (at + (low - at) * factor, at + (high - at) * factor);
    (one(plot.x, around.0), one(plot.y, around.1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::pos2;

    #[test]
    fn zooming_keeps_the_value_under_the_pointer() {
        let rect = Rect::from_min_max(pos2(0.0, 0.0), pos2(200.0, 100.0));
        let plot = Plot { rect, x: (0.0, 4.0), y: (-1.0, 1.0) };
        let (x, y) = zoomed(&plot, (1.0, 0.5), 0.5);
        assert_eq!((x, y), ((0.5, 2.5), (-0.25, 0.75)));
        let after = Plot { rect, x, y };
        assert!((after.sx(1.0) - plot.sx(1.0)).abs() < 1e-3 && (after.sy(0.5) - plot.sy(0.5)).abs() < 1e-3);
    }
}
