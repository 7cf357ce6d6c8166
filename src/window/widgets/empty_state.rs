//! What a view shows when it has nothing: what is missing, what it needs, and the one button that makes it.

use super::button::Button;
use super::paint::icon_at;
use crate::window::theme::size::icon_size;
use crate::window::theme::{self, font};
use egui::{Align2, Role, Sense, Ui, WidgetInfo, vec2};

fn centred(ui: &Ui, text: &str, width: f32, color: egui::Color32) -> std::sync::Arc<egui::Galley> {
    let format =
        egui::TextFormat { font_id: font::small(), color, line_height: Some(16.0), ..Default::default() };
    let mut job = egui::text::LayoutJob::single_section(text.to_owned(), format);
    job.wrap.max_width = width;
    job.wrap.max_rows = 4;
    job.halign = egui::Align::Center;
    ui.fonts_mut(|f| f.layout_job(job))
}

/// An empty state, centred in the room that is left.
pub struct EmptyState<'a> {
    icon: &'a str,
    what: &'a str,
    needs: &'a str,
    action: Option<&'a str>,
}

impl<'a> EmptyState<'a> {
    /// Icon, what is missing, and what it needs and how long it takes.
    pub fn new(icon: &'a str, what: &'a str, needs: &'a str) -> Self {
        Self { icon, what, needs, action: None }
    }

    /// With the one button that makes it.
    pub fn action(mut self, text: &'a str) -> Self {
        self.action = Some(text);
        self
    }

    /// Draws it; true when the button was pressed.
    pub fn ui(self, ui: &mut Ui) -> bool {
        let t = theme::of(ui);
        let rect = ui.available_rect_before_wrap();
        let response = ui.interact(rect, ui.scope_id().with(("empty state", self.what)), Sense::hover());
        response
            .widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{}. {}", self.what, self.needs)));
        let needs = centred(ui, self.needs, (rect.width() - 48.0).clamp(40.0, 340.0), t.text_subdued);
        let button_height = if self.action.is_some() { 38.0 } else { 0.0 };
        let words = 18.0 + 4.0 + needs.size().y + button_height;
        // Where there is room for words only, the icon goes first.
        let icon_room = if rect.height() < words + 44.0 + 12.0 { 0.0 } else { 32.0 + 12.0 };
        let total = icon_room + words;
        let least = if icon_room > 0.0 { 12.0 } else { 0.0 };
        let mut y = (rect.center().y - total / 2.0).max(rect.top() + least).round();
        let x = rect.center().x;
        if icon_room > 0.0 {
            let at = egui::pos2(x, y + 16.0);
            icon_at(ui.painter(), at, self.icon, icon_size::EMPTY_STATE, t.text_subdued);
        }
        y += icon_room;
        ui.painter().text(
            egui::pos2(x, y + 9.0),
            Align2::CENTER_CENTER,
            self.what,
            font::heading(),
            t.text_strong,
        );
        y += 18.0 + 4.0;
        let tall = needs.size().y;
        ui.painter().galley(egui::pos2(x, y), needs, t.text_subdued);
        y += tall + 12.0;
        let Some(action) = self.action else { return false };
        let width = super::paint::width(ui, action, font::label()) + 20.0;
        let at = egui::Rect::from_min_size(egui::pos2((x - width / 2.0).round(), y), vec2(width, 26.0));
        super::paint::put_at(ui, at, Button::new(action).primary()).clicked()
    }
}
