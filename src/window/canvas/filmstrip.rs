//! Filmstrip: one small matrix an epoch side by side, the target at the end, a scrubber below.

use super::paint;
use crate::window::theme::{Tokens, font};
use egui::{Align2, Color32, Painter, Rect, Stroke, StrokeKind, TextureId, pos2};

/// Where frames, target and scrubber stand.
#[derive(Clone, Debug, PartialEq)]
pub struct FilmstripLayout {
    /// One rectangle an epoch, planned ones included.
    pub frames: Vec<Rect>,
    /// The target at the right end.
    pub target: Rect,
    /// The scrubber's track.
    pub track: Rect,
}

/// Height of labels and scrubber below the frames.
pub const FOOT: f32 = 44.0;

/// Lays `epochs` frames out in `rect`.
pub fn layout(rect: Rect, epochs: usize) -> FilmstripLayout {
    let n = epochs.max(1) as f32;
    let bottom = rect.bottom() - FOOT;
    // A frame is never wider than high; few epochs get wide frames, and the target is as wide as they are.
    let widest = (bottom - rect.top()).max(48.0);
    let width_of = |step: f32| (step - (step * 0.22).clamp(1.0, 10.0)).clamp(2.0, widest).floor();
    let target_width = width_of((rect.width() - 28.0) / (n + 1.0)).max(56.0);
    let room = rect.width() - target_width - 28.0;
    let step = room / n;
    let width = width_of(step);
    let frames = (0..epochs)
        .map(|i| {
            let x = (rect.left() + i as f32 * step).round();
            Rect::from_min_max(pos2(x, rect.top()), pos2(x + width, bottom))
        })
        .collect();
    let target =
        Rect::from_min_max(pos2(rect.right() - target_width, rect.top()), pos2(rect.right(), bottom));
    let track = Rect::from_min_max(
        pos2(rect.left(), rect.bottom() - 14.0),
        pos2((rect.left() + room).min(rect.right() - 112.0), rect.bottom() - 6.0),
    );
    FilmstripLayout { frames, target, track }
}

impl FilmstripLayout {
    /// The epoch (from 0) nearest to a screen x.
    pub fn frame_at(&self, x: f32) -> Option<usize> {
        let nearest = |r: &Rect| (r.center().x - x).abs();
        (0..self.frames.len()).min_by(|&i, &j| nearest(&self.frames[i]).total_cmp(&nearest(&self.frames[j])))
    }
}

/// Paints frames, labels and scrubber. `textures` are the frames that exist.
pub fn filmstrip(
    painter: &Painter,
    tokens: &Tokens,
    layout: &FilmstripLayout,
    textures: &[Option<TextureId>],
    target: Option<TextureId>,
    shown: usize,
) {
    let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    let every = layout.frames.first().map_or(1, |f| (20.0 / (f.width() + 4.0)).ceil().max(1.0) as usize);
    for (i, frame) in layout.frames.iter().enumerate() {
        match textures.get(i).copied().flatten() {
            Some(id) => {
                painter.image(id, *frame, uv, Color32::WHITE);
            }
            None => {
                painter.rect_stroke(*frame, 0.0, Stroke::new(1.0, tokens.line), StrokeKind::Inside);
            }
        }
        let here = i == shown;
        if here {
            let around = frame.expand(2.0);
            painter.rect_stroke(around, 2.0, Stroke::new(2.0, tokens.accent), StrokeKind::Outside);
        }
        if here || (i + 1).is_multiple_of(every) {
            let exists = i < textures.len();
            let (face, color) = match (here, exists) {
                (true, _) => (font::small_strong(), tokens.accent_text),
                (_, true) => (font::small(), tokens.text_subdued),
                _ => (font::small(), tokens.text_disabled),
            };
            let pos = pos2(frame.center().x, frame.bottom() + 5.0);
            paint::text(painter, pos, Align2::CENTER_TOP, &(i + 1).to_string(), face, color);
        }
    }
    let x = layout.target.left() - 14.0;
    paint::vline(painter, x, layout.target.top()..=layout.target.bottom(), tokens.line);
    match target {
        Some(id) => {
            painter.image(id, layout.target, uv, Color32::WHITE);
        }
        None => {
            painter.rect_stroke(layout.target, 0.0, Stroke::new(1.0, tokens.line), StrokeKind::Inside);
        }
    }
    let pos = pos2(layout.target.center().x, layout.target.bottom() + 5.0);
    paint::text(painter, pos, Align2::CENTER_TOP, "target", font::small_strong(), tokens.text);
    scrubber(painter, tokens, layout, textures.len(), shown);
}

fn scrubber(painter: &Painter, tokens: &Tokens, layout: &FilmstripLayout, existing: usize, shown: usize) {
    let y = layout.track.center().y;
    painter.hline(layout.track.left()..=layout.track.right(), y, Stroke::new(3.0, tokens.track_bg));
    if let Some(last) = existing.checked_sub(1).and_then(|i| layout.frames.get(i)) {
        painter.hline(
            layout.track.left()..=last.right().min(layout.track.right()),
            y,
            Stroke::new(3.0, tokens.text_disabled),
        );
    }
    if let Some(frame) = layout.frames.get(shown) {
        painter.circle(
            pos2(frame.center().x.min(layout.track.right()), y),
            6.5,
            tokens.accent,
            Stroke::new(2.0, tokens.view_bg),
        );
    }
    let words = format!("showing epoch {}", shown + 1);
    let pos = pos2(layout.target.right(), y);
    let room = layout.target.right() - layout.track.right() - 6.0;
    paint::text_cut(
        painter,
        pos,
        Align2::RIGHT_CENTER,
        &words,
        font::small(),
        tokens.text_subdued,
        room.max(80.0),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::vec2;

    #[test]
    fn frames_stand_apart_and_before_the_target() {
        let l = layout(Rect::from_min_size(pos2(0.0, 0.0), vec2(800.0, 160.0)), 20);
        assert_eq!(l.frames.len(), 20);
        assert!(l.frames.windows(2).all(|w| w[0].right() < w[1].left()));
        assert!(l.frames[19].right() < l.target.left());
        assert_eq!(l.frame_at(l.frames[7].center().x + 2.0), Some(7));
    }
}
