//! A drop-down that says its name in subdued and its value in strong text ("Rows by cluster of D").

use super::focus_ring;
use super::paint::{icon_at, text_in, width};
use crate::window::theme::{self, font, height, radius};
use egui::{
    Align2, Color32, InnerResponse, Popup, PopupCloseBehavior, Response, Role, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

/// A choice of more than three options. `rows` draws the open list with [`choice_row`]; it closes on a click.
pub fn choice<R>(
    ui: &mut Ui,
    name: &str,
    value: &str,
    rows: impl FnOnce(&mut Ui) -> R,
) -> InnerResponse<Option<R>> {
    drop_down(ui, name, value, PopupCloseBehavior::CloseOnClick, rows)
}

/// The same with a small form below it that stays open while it is filled in.
pub fn choice_form<R>(
    ui: &mut Ui,
    name: &str,
    value: &str,
    form: impl FnOnce(&mut Ui) -> R,
) -> InnerResponse<Option<R>> {
    drop_down(ui, name, value, PopupCloseBehavior::CloseOnClickOutside, form)
}

fn drop_down<R>(
    ui: &mut Ui,
    name: &str,
    value: &str,
    close: PopupCloseBehavior,
    rows: impl FnOnce(&mut Ui) -> R,
) -> InnerResponse<Option<R>> {
    let t = theme::of(ui);
    let name_width = if name.is_empty() { 0.0 } else { width(ui, name, font::label_regular()) + 6.0 };
    let value_width = width(ui, value, font::label()).min(220.0);
    let size = vec2((10.0 + name_width + value_width + 8.0 + 12.0 + 8.0).ceil(), height::CONTROL);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let label = if name.is_empty() { value.to_owned() } else { format!("{name} {value}") };
    response.widget_info(|| WidgetInfo::labeled(Role::ComboBox, true, &label));
    let open = Popup::is_id_open(ui.ctx(), Popup::default_response_id(&response));
    let (fill, border) = if response.is_pointer_button_down_on() {
        (t.pressed_bg, t.line_control)
    } else if response.hovered() || open {
        (t.hover_bg, t.line_control)
    } else {
        (t.raised_bg, t.line_strong)
    };
    ui.painter().rect(rect, f32::from(radius::CONTROL), fill, Stroke::new(1.0, border), StrokeKind::Inside);
    let y = rect.center().y;
    let mut x = rect.left() + 10.0;
    if !name.is_empty() {
        ui.painter().text(pos2(x, y), Align2::LEFT_CENTER, name, font::label_regular(), t.text_subdued);
        x += name_width;
    }
    let room = rect.right() - 24.0 - x;
    text_in(ui, pos2(x, y), Align2::LEFT_CENTER, value, font::label(), t.text, room);
    icon_at(ui.painter(), pos2(rect.right() - 15.0, y), "caret-down", 12.0, t.text_subdued);
    focus_ring(ui, &response);
    let inner = menu(&response).close_behavior(close).show(|ui| {
        ui.set_min_width(rect.width().max(140.0));
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        egui::ScrollArea::vertical()
            .max_height(if close == PopupCloseBehavior::CloseOnClick { 360.0 } else { 620.0 })
            .show(ui, rows)
            .inner
    });
    InnerResponse { inner: inner.map(|i| i.inner), response }
}

/// What opens below a button: rows draw themselves, so the fields of a form keep the frames they have elsewhere.
pub fn menu(button: &Response) -> Popup<'_> {
    Popup::menu(button).gap(4.0).style(egui::style::StyleModifier::default())
}

/// One option of an open list; the chosen one has a tick.
pub fn choice_row(ui: &mut Ui, chosen: bool, text: &str) -> Response {
    let t = theme::of(ui);
    let own = width(ui, text, font::label_regular()) + 44.0;
    // While a menu measures itself, the room it is offered says nothing about how wide it has to be.
    let w = if ui.is_sizing_pass() { own } else { ui.available_width().max(own) };
    let (rect, response) = ui.allocate_exact_size(vec2(w, height::ROW), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::MenuItemRadio, true, chosen, text));
    let fill = if response.hovered() || response.has_focus() { t.hover_bg } else { Color32::TRANSPARENT };
    ui.painter().rect_filled(rect, f32::from(radius::CHIP), fill);
    let color = if chosen { t.text_strong } else { t.text };
    ui.painter().text(
        rect.left_center() + vec2(10.0, 0.0),
        Align2::LEFT_CENTER,
        text,
        font::label_regular(),
        color,
    );
    if chosen {
        icon_at(ui.painter(), rect.right_center() - vec2(14.0, 0.0), "check", 14.0, t.accent_text);
    }
    response
}
