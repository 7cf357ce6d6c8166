//! egui's own `Style` built from the tokens, for the few stock widgets (text edits, scroll bars, menus, tooltips).

use super::fonts::font;
use super::size::{height, radius, stroke};
use super::tokens::Tokens;
use egui::style::{ScrollStyle, Selection, TextCursorStyle, WidgetVisuals, Widgets};
use egui::{Color32, CornerRadius, Margin, Shadow, Stroke, Style, TextStyle, Visuals, vec2};

fn widget(bg: Color32, border: Color32, fg: Color32) -> WidgetVisuals {
    WidgetVisuals {
        bg_fill: bg,
        weak_bg_fill: bg,
        bg_stroke: Stroke::new(stroke::HAIRLINE, border),
        corner_radius: CornerRadius::same(radius::CONTROL),
        fg_stroke: Stroke::new(1.0, fg),
        expansion: 0.0,
    }
}

fn visuals(t: &Tokens) -> Visuals {
    let mut v = if t.dark { Visuals::dark() } else { Visuals::light() };
    v.dark_mode = t.dark;
    // Coverage as it is: the brightening that egui does on dark grounds makes small medium weights look bold.
    v.text_options.color_transfer_function = egui::epaint::FontColorTransferFunction::Off;
    v.override_text_color = None;
    v.weak_text_color = Some(t.text_subdued);
    v.hyperlink_color = t.accent_text;
    v.faint_bg_color = t.hover_bg;
    v.extreme_bg_color = t.input_bg;
    v.text_edit_bg_color = Some(t.input_bg);
    v.code_bg_color = t.hover_bg;
    v.warn_fg_color = t.warn;
    v.error_fg_color = t.error;
    v.panel_fill = t.panel_bg;
    v.window_fill = t.overlay_bg;
    v.window_stroke = Stroke::new(stroke::HAIRLINE, t.line_strong);
    v.window_corner_radius = CornerRadius::same(radius::WINDOW);
    v.menu_corner_radius = CornerRadius::same(radius::CONTROL);
    v.window_shadow = Shadow::NONE;
    v.popup_shadow = Shadow::NONE;
    v.selection = Selection { bg_fill: t.accent_fill, stroke: Stroke::new(1.0, t.accent_text) };
    v.text_cursor = TextCursorStyle { stroke: Stroke::new(1.5, t.text_strong), ..v.text_cursor };
    v.striped = false;
    v.slider_trailing_fill = true;
    v.image_loading_spinners = false;
    v.indent_has_left_vline = false;
    v.widgets = Widgets {
        noninteractive: widget(t.panel_bg, t.line, t.text),
        inactive: widget(t.raised_bg, t.line_strong, t.text),
        hovered: widget(t.hover_bg, t.line_control, t.text_strong),
        active: widget(t.pressed_bg, t.line_control, t.text_strong),
        open: widget(t.hover_bg, t.line_strong, t.text),
    };
    v
}

/// Seconds of an animation of the frame.
pub const ANIMATION_S: f32 = 0.1;

/// The `Style` of one theme.
pub fn style(t: &Tokens) -> Style {
    let mut s = Style { visuals: visuals(t), ..Style::default() };
    s.text_styles = [
        (TextStyle::Small, font::small()),
        (TextStyle::Body, font::body()),
        (TextStyle::Button, font::label()),
        (TextStyle::Heading, font::heading()),
        (TextStyle::Monospace, font::mono()),
    ]
    .into();
    s.spacing.item_spacing = vec2(8.0, 8.0);
    s.spacing.button_padding = vec2(10.0, 4.0);
    s.spacing.menu_margin = Margin::same(4);
    s.spacing.window_margin = Margin::same(12);
    s.spacing.interact_size = vec2(height::CONTROL, height::CONTROL);
    s.spacing.tooltip_width = 320.0;
    s.spacing.scroll = ScrollStyle { bar_width: 8.0, floating_width: 4.0, ..ScrollStyle::floating() };
    s.interaction.tooltip_delay = 0.35;
    s.interaction.selectable_labels = false;
    s.animation_time = ANIMATION_S;
    // Users run debug builds too: egui's layout warnings are for its own developers.
    #[cfg(debug_assertions)]
    {
        s.debug.show_unaligned = false;
        s.debug.warn_if_rect_changes_id = false;
    }
    s
}
