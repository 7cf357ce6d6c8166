//! What `?` shows: the help of the focused view and the keys, over the view, until Esc.

use crate::window::app::App;
use crate::window::command::{self, Command};
use crate::window::theme::{self, font, height, radius};
use crate::window::widgets::IconButton;
use crate::window::widgets::button::shortcut_box;
use egui::{
    Align, Align2, Area, Context, Frame, Id, Layout, Margin, Order, Rect, Sense, Stroke, Ui, pos2, vec2,
};

const WIDTH: f32 = 420.0;

/// Draws the help, when it is open, at the right of the centre.
pub fn help_ui(app: &mut App, ctx: &Context, centre: Rect) {
    let Some(kind) = app.help else { return };
    let Some(text) = app.views.get(kind).map(|v| v.help()) else { return };
    let t = theme::of_context(ctx);
    let w = WIDTH.min(centre.width() - 24.0);
    let at = pos2(centre.right() - w - 12.0, centre.top() + height::TAB_BAR + height::TOOLBAR + 8.0);
    let frame = Frame::NONE
        .fill(t.overlay_bg)
        .stroke(Stroke::new(1.0, t.line_strong))
        .corner_radius(radius::CARD)
        .inner_margin(Margin::same(16));
    let mut close = false;
    // Without a height of its own an area measures its list by a default that is too low for the keys.
    let tall = (centre.bottom() - at.y - 12.0).max(120.0);
    let area = Area::new(Id::unique("help")).order(Order::Foreground).fixed_pos(at);
    area.default_size(vec2(w, tall)).show(ctx, |ui| {
        frame.show(ui, |ui| {
            ui.set_width(w - 34.0);
            ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
            ui.horizontal(|ui| {
                ui.label(egui::RichText::new(kind.title()).font(font::title()).color(t.text_strong));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    close = ui.add(IconButton::new("x", "Close help").small()).clicked();
                });
            });
            let body = egui::RichText::new(text).font(font::body()).color(t.text).line_height(Some(19.0));
            ui.add(egui::Label::new(body).wrap());
            ui.add_space(4.0);
            let room = (centre.bottom() - ui.cursor().top() - 24.0).max(60.0);
            egui::ScrollArea::vertical().max_height(room).show(ui, keys);
        });
    });
    if close {
        app.commands.push(Command::ToggleHelp);
    }
}

fn keys(ui: &mut Ui) {
    let t = theme::of(ui);
    ui.label(egui::RichText::new("Keys").font(font::small_medium()).color(t.text_subdued));
    ui.spacing_mut().item_spacing.y = 0.0;
    for entry in command::table() {
        let Some(shortcut) = entry.shortcut else { continue };
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height::ROW_DENSE), Sense::hover());
        let text = entry.text.trim_end_matches("...");
        ui.painter().text(rect.left_center(), Align2::LEFT_CENTER, text, font::label_regular(), t.text);
        let words = if shortcut.logical_key == egui::Key::Questionmark {
            "?".to_owned()
        } else {
            command::words(shortcut)
        };
        shortcut_box(ui, rect.right_center(), &words, t);
    }
}
