//! A tinted strip in the view it concerns: one sentence and one button. Never a modal dialog.

use super::button::Button;
use super::paint::{icon_at, text_in, width};
use crate::window::command::Severity;
use crate::window::theme::{self, Tokens, font, height};
use egui::{Align2, Color32, Role, Sense, Ui, WidgetInfo, pos2, vec2};

/// Colour and icon of a severity.
pub fn severity_look(t: &Tokens, severity: Severity) -> (Color32, Color32, &'static str) {
    match severity {
        Severity::Ok => (t.ok, t.ok_fill, "check"),
        Severity::Info => (t.text_subdued, t.hover_bg, "info"),
        Severity::Warning => (t.warn, t.warn_fill, "warning"),
        Severity::Error => (t.error, t.error_fill, "warning-circle"),
    }
}

/// A banner: severity, what happened, detail, and a button.
pub struct Banner<'a> {
    severity: Severity,
    what: &'a str,
    detail: &'a str,
    action: Option<&'a str>,
}

impl<'a> Banner<'a> {
    /// What happened in strong text, and a detail in normal text (may be empty).
    pub fn new(severity: Severity, what: &'a str, detail: &'a str) -> Self {
        Self { severity, what, detail, action: None }
    }

    /// With a button.
    pub fn action(mut self, text: &'a str) -> Self {
        self.action = Some(text);
        self
    }

    /// Draws it over the whole width; true when its button was pressed.
    pub fn ui(self, ui: &mut Ui) -> bool {
        let t = theme::of(ui);
        let (rect, response) =
            ui.allocate_exact_size(vec2(ui.available_width(), height::BANNER), Sense::hover());
        let words = format!("{} {}", self.what, self.detail);
        response.widget_info(|| WidgetInfo::labeled(Role::Alert, true, words.trim()));
        let (mark, fill, icon) = severity_look(t, self.severity);
        ui.painter().rect_filled(rect, f32::from(theme::radius::CONTROL), fill);
        icon_at(ui.painter(), rect.left_center() + vec2(20.0, 0.0), icon, 16.0, mark);
        let mut right = rect.right() - 8.0;
        let mut clicked = false;
        if let Some(action) = self.action {
            let w = (width(ui, action, font::label()) + 20.0).ceil();
            let at = egui::Rect::from_min_size(pos2(right - w, rect.center().y - 13.0), vec2(w, 26.0));
            clicked = super::paint::put_at(ui, at, Button::new(action)).clicked();
            right -= w + 12.0;
        }
        let x = rect.left() + 40.0;
        let taken = text_in(
            ui,
            pos2(x, rect.center().y),
            Align2::LEFT_CENTER,
            self.what,
            font::label(),
            t.text_strong,
            right - x,
        );
        let x = taken.right() + 6.0;
        if right - x > 30.0 {
            text_in(
                ui,
                pos2(x, rect.center().y),
                Align2::LEFT_CENTER,
                self.detail,
                font::label_regular(),
                t.text,
                right - x,
            );
        }
        response.on_hover_text(words);
        clicked
    }
}
