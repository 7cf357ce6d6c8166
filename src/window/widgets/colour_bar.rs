//! Colour bars that end in words: "0 low" to "high 1" for magnitudes, "B higher" to "A higher" for D.

use crate::figure::colormap::ColorMap;
use crate::window::theme::{self, Tokens, font, from_map, height};
use egui::{
    Align2, Color32, ColorImage, Id, Rect, Response, Role, Sense, Shape, Stroke, TextureHandle,
    TextureOptions, Ui, WidgetInfo, pos2, vec2,
};

/// The 256 x 1 texture of a colour map, made once a context.
pub fn map_texture(ui: &Ui, map: ColorMap) -> TextureHandle {
    let id = Id::unique(("colour map texture", map.name()));
    if let Some(texture) = ui.data(|d| d.get_temp::<TextureHandle>(id)) {
        return texture;
    }
    let pixels: Vec<Color32> = map.table().into_iter().map(from_map).collect();
    let image = ColorImage::new([256, 1], pixels);
    let texture = ui.ctx().load_texture(map.name(), image, TextureOptions::LINEAR);
    ui.data_mut(|d| d.insert_temp(id, texture.clone()));
    texture
}

/// Paints only the strip of a map into `rect`.
pub fn paint_map(ui: &Ui, rect: Rect, map: ColorMap) {
    let texture = map_texture(ui, map);
    // Half a texel off both ends, so that the linear sampler never blends over the edge.
    let uv = Rect::from_min_max(pos2(0.5 / 256.0, 0.0), pos2(255.5 / 256.0, 1.0));
    ui.painter().image(texture.id(), rect, uv, Color32::WHITE);
}

fn words(ui: &Ui, at: egui::Pos2, anchor: Align2, text: &str, strong: bool, color: Color32) -> Rect {
    let font = if strong { font::tick_strong() } else { font::tick() };
    ui.painter().text(at, anchor, text, font, color)
}

/// A bar for magnitudes in [low, high] over the whole width, 24 high with its words.
pub fn magnitude_bar(ui: &mut Ui, width: f32, low: f64, high: f64) -> Response {
    let t = theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, height::COLOUR_BAR + 15.0), Sense::hover());
    let number = |v: f64| {
        if v.fract() == 0.0 { format!("{v:.0}") } else { crate::window::format::fixed(v, 2) }
    };
    let (a, b) = (format!("{} low", number(low)), format!("high {}", number(high)));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("colour bar from {a} to {b}")));
    let bar = Rect::from_min_size(rect.min, vec2(width, 8.0));
    paint_map(ui, bar, ColorMap::Batlow);
    let y = rect.top() + 10.0;
    words(ui, pos2(rect.left(), y), Align2::LEFT_TOP, &a, false, t.text_subdued);
    words(ui, pos2(rect.right(), y), Align2::RIGHT_TOP, &b, false, t.text_subdued);
    let middle = crate::window::format::number((low + high) / 2.0, 1);
    words(ui, pos2(rect.center().x, y), Align2::CENTER_TOP, &middle, false, t.text_subdued);
    response
}

/// A bar for D, symmetric at `limit`; pointed ends when values are `clamped`, a zero tick always.
pub fn delta_bar(ui: &mut Ui, width: f32, limit: f64, clamped: bool) -> Response {
    let t = theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, height::COLOUR_BAR + 15.0), Sense::hover());
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::Image,
            true,
            format!("colour bar of D from B higher, -{limit:.2}, to A higher, +{limit:.2}"),
        )
    });
    let bar = Rect::from_min_size(rect.min, vec2(width, 8.0));
    delta_strip(ui, t, bar, clamped);
    let y = rect.top() + 10.0;
    let left = words(ui, pos2(rect.left(), y), Align2::LEFT_TOP, "B higher", true, t.mind_b_text);
    let right = words(ui, pos2(rect.right(), y), Align2::RIGHT_TOP, "A higher", true, t.mind_a_text);
    let shown = crate::window::format::signed(limit, 2);
    let minus = crate::window::format::signed(-limit, 2);
    if width > 190.0 {
        words(ui, pos2(left.right() + 4.0, y), Align2::LEFT_TOP, &minus, false, t.text_subdued);
        words(ui, pos2(right.left() - 4.0, y), Align2::RIGHT_TOP, &shown, false, t.text_subdued);
        words(ui, pos2(rect.center().x, y), Align2::CENTER_TOP, "0", false, t.text_subdued);
    }
    response
}

/// Only the strip of the D bar, with pointed ends when `clamped` and the zero tick.
pub fn delta_strip(ui: &Ui, t: &Tokens, bar: Rect, clamped: bool) {
    let map = ColorMap::delta(t.dark);
    if clamped {
        let table = map.table();
        let inner = bar.shrink2(vec2(5.0, 0.0));
        paint_map(ui, inner, map);
        let end = |tip: f32, base: f32, color: [u8; 3]| {
            Shape::convex_polygon(
                vec![pos2(tip, bar.center().y), pos2(base, bar.top()), pos2(base, bar.bottom())],
                from_map(color),
                Stroke::NONE,
            )
        };
        ui.painter().add(end(bar.left(), inner.left(), table[0]));
        ui.painter().add(end(bar.right(), inner.right(), table[255]));
    } else {
        paint_map(ui, bar, map);
    }
    let x = super::paint::pixel_center(ui, bar.center().x);
    ui.painter().vline(x, bar.top() - 2.0..=bar.bottom() + 2.0, Stroke::new(1.0, t.text));
}
