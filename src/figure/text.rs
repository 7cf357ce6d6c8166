//! Text as the figures set it: widths and outlines of the bundled Inter, without kerning, the same in every format.

use super::scene::Weight;
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, MetadataProvider};
use std::sync::LazyLock;

/// Height of capitals, in em (Inter).
pub const CAP_HEIGHT: f64 = 0.727;
/// Depth below the baseline, in em, that lines keep free.
pub const DESCENT: f64 = 0.24;

static REGULAR: &[u8] = include_bytes!("../../assets/fonts/Inter-Regular.otf");
static SEMIBOLD: &[u8] = include_bytes!("../../assets/fonts/Inter-SemiBold.otf");
static REGULAR_FONT: LazyLock<Option<FontRef<'static>>> = LazyLock::new(|| FontRef::new(REGULAR).ok());
static SEMIBOLD_FONT: LazyLock<Option<FontRef<'static>>> = LazyLock::new(|| FontRef::new(SEMIBOLD).ok());

fn font(weight: Weight) -> Option<&'static FontRef<'static>> {
    match weight {
        Weight::Regular => REGULAR_FONT.as_ref(),
        Weight::SemiBold => SEMIBOLD_FONT.as_ref(),
    }
}

/// Width of a line of text, pt. A character the font lacks takes the width of its missing-glyph box.
pub fn width(text: &str, size: f64, weight: Weight) -> f64 {
    let Some(font) = font(weight) else { return 0.0 };
    let charmap = font.charmap();
    // Measured at 1000 px an em: advances of a scalable font grow linearly.
    let metrics = font.glyph_metrics(Size::new(1000.0), LocationRef::default());
    let milli_em: f64 = text
        .chars()
        .filter_map(|c| metrics.advance_width(charmap.map(c).unwrap_or_default()))
        .map(f64::from)
        .sum();
    milli_em * size / 1000.0
}

/// Width of the widest of several lines, pt.
pub fn widest<'a>(lines: impl IntoIterator<Item = &'a str>, size: f64, weight: Weight) -> f64 {
    lines.into_iter().map(|l| width(l, size, weight)).fold(0.0, f64::max)
}

/// A piece of an outline, px, y downwards, the text's origin at (0, 0).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Segment {
    /// Starts a contour.
    Move(f32, f32),
    /// A straight line.
    Line(f32, f32),
    /// A quadratic curve.
    Quad(f32, f32, f32, f32),
    /// A cubic curve.
    Cubic(f32, f32, f32, f32, f32, f32),
    /// Closes the contour.
    Close,
}

struct Pen<'a> {
    x: f32,
    sink: &'a mut dyn FnMut(Segment),
}

impl OutlinePen for Pen<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        (self.sink)(Segment::Move(self.x + x, -y));
    }
    fn line_to(&mut self, x: f32, y: f32) {
        (self.sink)(Segment::Line(self.x + x, -y));
    }
    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        (self.sink)(Segment::Quad(self.x + cx, -cy, self.x + x, -y));
    }
    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        (self.sink)(Segment::Cubic(self.x + cx0, -cy0, self.x + cx1, -cy1, self.x + x, -y));
    }
    fn close(&mut self) {
        (self.sink)(Segment::Close);
    }
}

/// Hands the outline of a line of text, set at `size_px`, to `sink`.
pub fn outline(text: &str, size_px: f64, weight: Weight, sink: &mut dyn FnMut(Segment)) {
    let Some(font) = font(weight) else { return };
    let charmap = font.charmap();
    let metrics = font.glyph_metrics(Size::new(1000.0), LocationRef::default());
    let outlines = font.outline_glyphs();
    let mut x = 0.0;
    for c in text.chars() {
        let glyph = charmap.map(c).unwrap_or_default();
        if let Some(outline) = outlines.get(glyph) {
            let mut pen = Pen { x: x as f32, sink };
            // A glyph that cannot be drawn leaves its space: the text stays readable around it.
            let _ = outline
                .draw(DrawSettings::unhinted(Size::new(size_px as f32), LocationRef::default()), &mut pen);
        }
        x += f64::from(metrics.advance_width(glyph).unwrap_or_default()) * size_px / 1000.0;
    }
}

/// The text cut so that it fits `max` pt, with an ellipsis where something was left out.
pub fn fit(text: &str, size: f64, weight: Weight, max: f64) -> String {
    if width(text, size, weight) <= max {
        return text.to_owned();
    }
    let mut kept: Vec<char> = text.chars().collect();
    while kept.pop().is_some() {
        let shorter = format!("{}…", kept.iter().collect::<String>().trim_end());
        if width(&shorter, size, weight) <= max {
            return shorter;
        }
    }
    String::new()
}

/// The text broken between words into lines of at most `max` pt; a longer word stands alone on its line.
pub fn wrap(text: &str, size: f64, weight: Weight, max: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|w| !w.is_empty()) {
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size, weight) <= max => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_come_from_the_font() {
        let narrow = width("iii", 8.0, Weight::Regular);
        let wide = width("MMM", 8.0, Weight::Regular);
        assert!(narrow > 0.0 && wide > 2.0 * narrow, "{narrow} {wide}");
        assert!((width("ab", 16.0, Weight::Regular) - 2.0 * width("ab", 8.0, Weight::Regular)).abs() < 1e-9);
        assert!(width("ab", 8.0, Weight::SemiBold) > width("ab", 8.0, Weight::Regular));
    }

    #[test]
    fn text_is_cut_and_wrapped_to_the_width_given() {
        let long = "one two three four five six";
        let cut = fit(long, 8.0, Weight::Regular, 40.0);
        assert!(cut.ends_with('…') && width(&cut, 8.0, Weight::Regular) <= 40.0);
        let lines = wrap(long, 8.0, Weight::Regular, 40.0);
        assert!(lines.len() > 2 && lines.iter().all(|l| width(l, 8.0, Weight::Regular) <= 40.0));
        assert_eq!(lines.join(" "), long);
    }
}
