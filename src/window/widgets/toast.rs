//! Short messages at the lower right, above the job strip; at most three, errors stay until dismissed.

use super::banner::severity_look;
use super::button::{Button, IconButton};
use super::paint::{icon_at, text_in, width};
use crate::window::command::{Command, CommandQueue, Severity, Toast};
use crate::window::theme::{self, font, height, radius};
use egui::{
    Align2, Area, Context, CornerRadius, Id, Order, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};

/// Seconds a message stays unless hovered.
const LIFE_S: f64 = 6.0;
/// Messages shown at once.
const MOST: usize = 3;
const WIDTH: f32 = 380.0;

/// The messages that are shown.
#[derive(Default)]
pub struct Toasts {
    shown: Vec<(Toast, f64, u64)>,
    next: u64,
}

impl Toasts {
    /// Adds a message at time `now` (seconds); the oldest goes when there are more than three.
    pub fn push(&mut self, toast: Toast, now: f64) {
        self.shown.retain(|(t, ..)| *t != toast);
        self.shown.push((toast, now + LIFE_S, self.next));
        self.next += 1;
        if self.shown.len() > MOST {
            self.shown.remove(0);
        }
    }

    /// Whether nothing is shown.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// Draws the stack with its lower right corner at `corner`.
    pub fn ui(&mut self, ctx: &Context, corner: egui::Pos2, commands: &mut CommandQueue) {
        let now = ctx.input(|i| i.time);
        self.shown.retain(|(t, until, _)| t.severity == Severity::Error || *until > now);
        let mut dismissed = None;
        let mut y = corner.y - 12.0;
        for (toast, until, id) in self.shown.iter_mut().rev() {
            y -= height::TOAST;
            let at = pos2(corner.x - WIDTH - 16.0, y);
            let area = Area::new(Id::unique(("toast", *id))).order(Order::Foreground).fixed_pos(at);
            let out = area.show(ctx, |ui| toast_ui(ui, toast, commands));
            if out.response.contains_pointer() {
                *until = until.max(now + 2.0);
            }
            if out.inner {
                dismissed = Some(*id);
            }
            y -= 8.0;
        }
        self.shown.retain(|(_, _, id)| Some(*id) != dismissed);
        if let Some(next) =
            self.shown.iter().filter(|(t, ..)| t.severity != Severity::Error).map(|s| s.1).reduce(f64::min)
        {
            ctx.request_repaint_after_secs((next - now).max(0.05) as f32);
        }
    }
}

/// Draws one toast; true when it should go.
fn toast_ui(ui: &mut Ui, toast: &Toast, commands: &mut CommandQueue) -> bool {
    let t = theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(WIDTH, height::TOAST), Sense::hover());
    response
        .widget_info(|| WidgetInfo::labeled(Role::Alert, true, format!("{} {}", toast.what, toast.detail)));
    let (mark, _, icon) = severity_look(t, toast.severity);
    let corner = CornerRadius::same(radius::CONTROL);
    ui.painter().rect(rect, corner, t.overlay_bg, Stroke::new(1.0, t.line_strong), StrokeKind::Inside);
    let edge = Rect::from_min_size(rect.min, vec2(3.0, rect.height()));
    ui.painter().rect_filled(
        edge,
        CornerRadius { nw: radius::CONTROL, sw: radius::CONTROL, ne: 0, se: 0 },
        mark,
    );
    icon_at(ui.painter(), rect.left_center() + vec2(22.0, 0.0), icon, 16.0, mark);
    let close = Rect::from_center_size(rect.right_center() - vec2(18.0, 0.0), vec2(24.0, 24.0));
    let mut done = super::paint::put_at(ui, close, IconButton::new("x", "Dismiss").small()).clicked();
    let mut right = close.left() - 4.0;
    if let Some((label, command)) = &toast.action {
        let w = (width(ui, label, font::label()) + 20.0).ceil();
        let at = Rect::from_min_size(pos2(right - w, rect.center().y - 13.0), vec2(w, 26.0));
        if super::paint::put_at(ui, at, Button::new(label)).clicked() {
            commands.push((**command).clone());
            done = true;
        }
        right -= w + 8.0;
    }
    let at = pos2(rect.left() + 38.0, rect.center().y);
    let used = text_in(ui, at, Align2::LEFT_CENTER, &toast.what, font::label(), t.text_strong, right - at.x);
    let at = pos2(used.right() + 6.0, at.y);
    if right - at.x > 24.0 {
        text_in(
            ui,
            at,
            Align2::LEFT_CENTER,
            &toast.detail,
            font::label_regular(),
            t.text_subdued,
            right - at.x,
        );
    }
    response.on_hover_text(format!("{} {}", toast.what, toast.detail));
    done
}

/// A toast that something was done.
pub fn done(what: impl Into<String>, detail: impl Into<String>) -> Command {
    toast(Severity::Ok, what, detail)
}

/// A toast of this severity.
pub fn toast(severity: Severity, what: impl Into<String>, detail: impl Into<String>) -> Command {
    Command::Toast(Toast { severity, what: what.into(), detail: detail.into(), action: None })
}
