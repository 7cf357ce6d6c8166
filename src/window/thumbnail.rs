//! Small pictures of D for cards: turns from left to right, columns from top to bottom.

use crate::core::matrix::Matrix;
use crate::core::stats;
use crate::figure::colormap::ColorMap;
use crate::window::theme::{Tokens, from_map};
use crate::window::widgets::paint::hatch;
use egui::{Color32, ColorImage, Context, Id, Painter, Rect, TextureHandle, TextureOptions};

/// The texture of a thumbnail, made once for each run, theme and version of the list; its colours end at the larger
/// of |p1| and |p99| of this field.
pub fn texture(
    ctx: &Context,
    t: &Tokens,
    key: &str,
    version: u64,
    d: &Matrix,
    upright: bool,
) -> TextureHandle {
    let id = Id::unique(("thumbnail limit", key, version));
    let limit = ctx.data(|data| data.get_temp::<f32>(id)).unwrap_or_else(|| {
        let values: Vec<f64> = d.data().iter().map(|v| f64::from(*v)).filter(|v| v.is_finite()).collect();
        let edge = |q| stats::quantile(&values, q).unwrap_or(0.0).abs();
        let limit = edge(0.01).max(edge(0.99)).max(1e-6) as f32;
        ctx.data_mut(|data| data.insert_temp(id, limit));
        limit
    });
    texture_within(ctx, t, key, version, d, upright, limit)
}

/// A thumbnail whose colours end at `limit`, for fields that are compared. `upright` puts turns downwards.
pub fn texture_within(
    ctx: &Context,
    t: &Tokens,
    key: &str,
    version: u64,
    d: &Matrix,
    upright: bool,
    limit: f32,
) -> TextureHandle {
    let id = Id::unique(("thumbnail", key, version, t.dark, upright, limit.to_bits()));
    if let Some(texture) = ctx.data(|data| data.get_temp::<TextureHandle>(id)) {
        return texture;
    }
    let texture = ctx.load_texture("thumbnail", image(t, d, upright, limit), TextureOptions::NEAREST);
    ctx.data_mut(|data| data.insert_temp(id, texture.clone()));
    texture
}

/// Hatches the columns without a single value, to be drawn before the picture. `upright` as in [`texture`].
pub fn hatch_missing(painter: &Painter, t: &Tokens, rect: Rect, d: &Matrix, upright: bool) {
    let is_missing = |c: usize| (0..d.rows()).all(|r| !d.get(r, c).is_finite());
    let share = |c: usize| c as f32 / d.cols().max(1) as f32;
    let mut c = 0;
    while c < d.cols() {
        let from = c;
        while c < d.cols() && is_missing(c) {
            c += 1;
        }
        if c == from {
            c += 1;
            continue;
        }
        let (low, high) = (share(from), share(c));
        let band = if upright {
            let x = |s: f32| rect.left() + rect.width() * s;
            Rect::from_x_y_ranges(x(low)..=x(high), rect.y_range())
        } else {
            let y = |s: f32| rect.top() + rect.height() * s;
            Rect::from_x_y_ranges(rect.x_range(), y(low)..=y(high))
        };
        hatch(painter, t, band);
    }
}

/// D as an image in the map of the theme, symmetric at `limit`.
fn image(t: &Tokens, d: &Matrix, upright: bool, limit: f32) -> ColorImage {
    let table = ColorMap::delta(t.dark).table();
    let color = |row: usize, column: usize| {
        let v = d.get(row, column);
        if !v.is_finite() {
            // The hatch behind the picture shows through.
            return Color32::TRANSPARENT;
        }
        let at = ((v / limit).clamp(-1.0, 1.0) * 0.5 + 0.5) * 255.0;
        from_map(table[at.round() as usize])
    };
    let (width, height) = if upright { (d.cols(), d.rows()) } else { (d.rows(), d.cols()) };
    let pixels: Vec<Color32> = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .map(|(x, y)| if upright { color(y, x) } else { color(x, y) })
        .collect();
    ColorImage::new([width, height], pixels)
}
