//! Buttons: secondary (outlined), primary (filled, at most one a view), switched on, icon only, and text links.

use super::focus_ring;
use super::paint::{icon_at, width};
use crate::window::theme::size::icon_size;
use crate::window::theme::{self, Tokens, font, height, radius};
use egui::{
    Align2, Color32, FontId, Response, Role, Sense, Stroke, StrokeKind, Ui, Widget, WidgetInfo, vec2,
};

/// A button with a text and, if wanted, an icon and its shortcut.
#[must_use = "put it into a Ui with ui.add"]
pub struct Button<'a> {
    text: &'a str,
    icon: Option<&'a str>,
    shortcut: Option<String>,
    primary: bool,
    on: bool,
    caret: bool,
    disabled: Option<&'a str>,
    tall: f32,
    name: Option<&'a str>,
}

impl<'a> Button<'a> {
    /// A secondary button.
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            icon: None,
            shortcut: None,
            primary: false,
            on: false,
            caret: false,
            disabled: None,
            tall: height::CONTROL,
            name: None,
        }
    }
    /// With an icon before the text.
    pub fn icon(mut self, icon: &'a str) -> Self {
        self.icon = Some(icon);
        self
    }
    /// With its shortcut in a small box after the text.
    pub fn shortcut(mut self, shortcut: impl Into<String>) -> Self {
        self.shortcut = Some(shortcut.into());
        self
    }
    /// Filled with the accent; at most one a view.
    pub fn primary(mut self) -> Self {
        self.primary = true;
        self
    }
    /// Shown as switched on.
    pub fn on(mut self, on: bool) -> Self {
        self.on = on;
        self
    }
    /// With a caret at the right, for what opens a list.
    pub fn caret(mut self) -> Self {
        self.caret = true;
        self
    }
    /// Cannot be pressed; the tooltip says why. `None` leaves it enabled.
    pub fn disabled(mut self, why: Option<&'a str>) -> Self {
        self.disabled = why;
        self
    }
    /// Another height than 26.
    pub fn height(mut self, height: f32) -> Self {
        self.tall = height;
        self
    }
    /// Name for screen readers when the text alone does not say it ("Change turns").
    pub fn name(mut self, name: &'a str) -> Self {
        self.name = Some(name);
        self
    }

    fn colors(&self, t: &Tokens, r: &Response) -> (Color32, Color32, Color32) {
        let down = r.is_pointer_button_down_on();
        if self.disabled.is_some() {
            (Color32::TRANSPARENT, t.line_strong, t.text_disabled)
        } else if self.primary {
            let fill = if down {
                theme::blend(t.canvas_bg, t.accent, 0.14)
            } else if r.hovered() {
                theme::blend(t.text_strong, t.accent, 0.10)
            } else {
                t.accent
            };
            (fill, fill, t.on_accent)
        } else if self.on {
            (t.accent_fill, t.accent_fill, t.accent_text)
        } else if down {
            (t.pressed_bg, t.line_control, t.text_strong)
        } else if r.hovered() {
            (t.hover_bg, t.line_control, t.text_strong)
        } else {
            (t.raised_bg, t.line_strong, t.text)
        }
    }
}

/// A shortcut in its small box, right-aligned at `right`; gives its left edge.
pub fn shortcut_box(ui: &Ui, right: egui::Pos2, text: &str, t: &Tokens) -> f32 {
    let w = width(ui, text, font::tick()) + 8.0;
    let rect = egui::Rect::from_min_max(right - vec2(w, 9.0), right + vec2(0.0, 9.0));
    ui.painter().rect_stroke(
        rect,
        f32::from(radius::CHIP),
        Stroke::new(1.0, t.line_strong),
        StrokeKind::Inside,
    );
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, text, font::tick(), t.text_subdued);
    rect.left()
}

impl Widget for Button<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let t = theme::of(ui);
        let text_width = width(ui, self.text, font::label());
        let icon_width = if self.icon.is_some() { icon_size::NORMAL + 5.0 } else { 0.0 };
        let short_width =
            self.shortcut.as_ref().map_or(0.0, |s| width(ui, s, font::tick()) + 8.0 + 8.0 - 2.0);
        let caret_width = if self.caret { 18.0 } else { 0.0 };
        let pad = 10.0;
        let size = vec2((text_width + icon_width + short_width + caret_width + 2.0 * pad).ceil(), self.tall);
        let sense = if self.disabled.is_some() { Sense::hover() } else { Sense::click() };
        let (rect, response) = ui.allocate_exact_size(size, sense);
        let enabled = self.disabled.is_none();
        let name = self.name.unwrap_or(self.text);
        response.widget_info(|| WidgetInfo::selected(Role::Button, enabled, self.on, name));
        if ui.is_rect_visible(rect) {
            let (fill, border, fg) = self.colors(t, &response);
            ui.painter().rect(
                rect,
                f32::from(radius::CONTROL),
                fill,
                Stroke::new(1.0, border),
                StrokeKind::Inside,
            );
            let mut x = rect.left() + pad;
            if let Some(icon) = self.icon {
                let center = egui::pos2(x + icon_size::NORMAL / 2.0, rect.center().y);
                icon_at(ui.painter(), center, icon, icon_size::NORMAL, fg);
                x += icon_width;
            }
            ui.painter().text(
                egui::pos2(x, rect.center().y),
                Align2::LEFT_CENTER,
                self.text,
                font::label(),
                fg,
            );
            if let Some(shortcut) = &self.shortcut {
                shortcut_box(ui, rect.right_center() - vec2(8.0, 0.0), shortcut, t);
            }
            if self.caret {
                icon_at(
                    ui.painter(),
                    rect.right_center() - vec2(15.0, 0.0),
                    "caret-down",
                    12.0,
                    t.text_subdued,
                );
            }
        }
        focus_ring(ui, &response);
        match self.disabled {
            Some(why) if !why.is_empty() => response.on_hover_text(why),
            _ => response,
        }
    }
}

/// A button that is only an icon; its tooltip and name for screen readers are the same words.
#[must_use = "put it into a Ui with ui.add"]
pub struct IconButton<'a> {
    icon: &'a str,
    name: &'a str,
    size: f32,
    hit: f32,
    on: bool,
    enabled: bool,
}

impl<'a> IconButton<'a> {
    /// An icon with the words that say what it does.
    pub fn new(icon: &'a str, name: &'a str) -> Self {
        Self { icon, name, size: icon_size::NORMAL, hit: height::CONTROL, on: false, enabled: true }
    }
    /// The small size of section headers.
    pub fn small(mut self) -> Self {
        self.size = icon_size::SMALL;
        self.hit = 24.0;
        self
    }
    /// Shown as switched on.
    pub fn on(mut self, on: bool) -> Self {
        self.on = on;
        self
    }
    /// Whether it can be pressed.
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }
}

impl Widget for IconButton<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let t = theme::of(ui);
        let sense = if self.enabled { Sense::click() } else { Sense::hover() };
        let (rect, response) = ui.allocate_exact_size(vec2(self.hit, self.hit), sense);
        response.widget_info(|| WidgetInfo::selected(Role::Button, self.enabled, self.on, self.name));
        if ui.is_rect_visible(rect) {
            let down = response.is_pointer_button_down_on();
            let (fill, fg) = if !self.enabled {
                (Color32::TRANSPARENT, t.text_disabled)
            } else if self.on {
                (t.accent_fill, t.accent_text)
            } else if down {
                (t.pressed_bg, t.text_strong)
            } else if response.hovered() {
                (t.hover_bg, t.text_strong)
            } else {
                (Color32::TRANSPARENT, t.text_subdued)
            };
            ui.painter().rect_filled(rect, f32::from(radius::CONTROL), fill);
            icon_at(ui.painter(), rect.center(), self.icon, self.size, fg);
        }
        focus_ring(ui, &response);
        response.on_hover_text(self.name)
    }
}

/// Words in the accent's text colour that do something.
pub fn link(ui: &mut Ui, text: &str, font: FontId) -> Response {
    let t = theme::of(ui);
    let galley = ui.fonts_mut(|f| f.layout_no_wrap(text.to_owned(), font, t.accent_text));
    let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Link, true, text));
    let color = if response.hovered() { t.text_strong } else { t.accent_text };
    ui.painter().galley_with_override_text_color(rect.min, galley, color);
    focus_ring(ui, &response);
    response.on_hover_cursor(egui::CursorIcon::PointingHand)
}
