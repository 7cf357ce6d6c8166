//! A against B on one dimension: a square and a circle on one track, their bar in the colour of who is higher.

use super::numbers;
use super::paint;
use crate::window::theme::{Tokens, font};
use crate::window::widgets::{Mind, mind_mark};
use egui::{Align2, Painter, Rect, Stroke, pos2};

/// One row of dumbbells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dumbbell<'a> {
    /// Name at the left.
    pub name: &'a str,
    /// Value of A in \[0,1\], NaN when missing.
    pub a: f64,
    /// Value of B in \[0,1\], NaN when missing.
    pub b: f64,
    /// Hovered or under the cursor.
    pub active: bool,
}

/// Where the 0 and the 1 of the track stand inside a row this wide.
pub fn track(rect: Rect) -> (f32, f32) {
    (rect.left() + 88.0, rect.right() - 56.0)
}

/// Paints one row.
pub fn dumbbell(painter: &Painter, tokens: &Tokens, rect: Rect, row: Dumbbell<'_>) {
    if row.active {
        painter.rect_filled(rect.expand2(egui::vec2(8.0, 0.0)), 3.0, tokens.hover_bg);
    }
    let y = paint::snap1(painter, rect.center().y);
    let name_color = if row.active { tokens.text_strong } else { tokens.text };
    paint::text(painter, pos2(rect.left(), y), Align2::LEFT_CENTER, row.name, font::body(), name_color);
    let (x0, x1) = track(rect);
    let at = |v: f64| x0 + (x1 - x0) * v.clamp(0.0, 1.0) as f32;
    painter.hline(
        x0..=x1,
        y,
        Stroke::new(2.0, if row.active { tokens.line_strong } else { tokens.line_faint }),
    );
    let delta = row.a - row.b;
    if delta.is_finite() {
        painter.hline(
            at(row.a.min(row.b))..=at(row.a.max(row.b)),
            y,
            Stroke::new(3.0, paint::delta_fill(tokens, delta)),
        );
    }
    if row.a.is_finite() {
        mind_mark(painter, tokens, Mind::A, pos2(at(row.a), y), 9.0);
    }
    if row.b.is_finite() {
        mind_mark(painter, tokens, Mind::B, pos2(at(row.b), y), 9.0);
    }
    paint::text(
        painter,
        pos2(rect.right(), y),
        Align2::RIGHT_CENTER,
        &numbers::signed(delta, 2),
        font::body(),
        if delta.is_finite() { paint::delta_color(tokens, delta) } else { tokens.text_subdued },
    );
}

/// Paints the scale 0, 0.5, 1 under the rows.
pub fn scale(painter: &Painter, tokens: &Tokens, rect: Rect) {
    let (x0, x1) = track(rect);
    for (at, words) in [(0.0, "0"), (0.5, "0.5"), (1.0, "1")] {
        let pos = pos2(x0 + (x1 - x0) * at, rect.top() + 2.0);
        paint::text(painter, pos, Align2::CENTER_TOP, words, font::tick(), tokens.text_subdued);
    }
}
