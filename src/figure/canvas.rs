//! The sheet on which a kind lays out its marks: sizes, inks, title and caption line, the same for every kind.

use super::FigureError;
use super::ink::Inks;
use super::scene::{Anchor, Color, Mark, Rect, Scene, Stroke, Text, Weight};
use super::spec::{FigureSpec, PT_PER_MM, PX_PER_PT, Size};
use super::text;
use crate::run::contents::RunContents;

/// Width of axis lines, pt.
pub const AXIS_PT: f64 = 0.5;
/// Width of curves, pt.
pub const CURVE_PT: f64 = 0.75;
/// Distance between panels, pt (4 mm).
pub const GAP_PT: f64 = 4.0 * PT_PER_MM;

/// Margin of dark sheets, whose edge is seen, pt (3 mm); white ones end where their content ends.
const DARK_MARGIN_PT: f64 = 3.0 * PT_PER_MM;

/// A sheet being drawn.
pub struct Canvas<'a> {
    /// The run drawn.
    pub run: &'a RunContents,
    /// What was asked.
    pub spec: &'a FigureSpec,
    /// Colours.
    pub inks: Inks,
    /// Width inside the margins, pt.
    pub width: f64,
    /// Margin on every side, pt; a whole number of pixels.
    pub margin: f64,
    /// Height inside the margins, pt, when the spec fixes it.
    pub fixed_height: Option<f64>,
    /// Pixels a point.
    pub px_per_pt: f64,
    /// Size of labels, pt.
    pub label: f64,
    /// Size of ticks, pt.
    pub tick: f64,
    /// Size of the caption, pt.
    pub small: f64,
    /// Marks so far.
    pub marks: Vec<Mark>,
}

impl<'a> Canvas<'a> {
    /// An empty sheet of the spec's size.
    ///
    /// # Errors
    /// When the size or the font size cannot be drawn.
    pub fn new(run: &'a RunContents, spec: &'a FigureSpec) -> Result<Self, FigureError> {
        let (width, fixed_height, px_per_pt) = match spec.size {
            Size::Mm { width, height, dpi } => (width * PT_PER_MM, height.map(|h| h * PT_PER_MM), dpi / 72.0),
            Size::Px { width, height } => {
                (f64::from(width) / PX_PER_PT, Some(f64::from(height) / PX_PER_PT), PX_PER_PT)
            }
        };
        let px = |v: f64| v * px_per_pt;
        let fits = |v: f64| v.is_finite() && (32.0..=16_384.0).contains(&px(v));
        if !fits(width) || !fixed_height.is_none_or(fits) {
            let height = fixed_height.unwrap_or(width);
            return Err(FigureError::Size { width: px(width) as i64, height: px(height) as i64 });
        }
        if !(4.0..=48.0).contains(&spec.font_pt) {
            return Err(FigureError::Spec {
                field: "font_pt",
                value: spec.font_pt.to_string(),
                hint: "it takes 4 to 48 points".to_owned(),
            });
        }
        let inks = Inks::of(spec.theme);
        let margin =
            if inks.dark && !spec.bare { (DARK_MARGIN_PT * px_per_pt).round() / px_per_pt } else { 0.0 };
        Ok(Self {
            run,
            spec,
            inks,
            width: width - 2.0 * margin,
            margin,
            fixed_height: fixed_height.map(|h| h - 2.0 * margin),
            px_per_pt,
            label: spec.font_pt,
            tick: spec.font_pt * 7.0 / 8.0,
            small: spec.font_pt * 6.0 / 8.0,
            marks: Vec::new(),
        })
    }

    /// The nearest pixel edge, pt: edges of fields and axes lie on whole pixels.
    pub fn snap(&self, v: f64) -> f64 {
        (v * self.px_per_pt).round() / self.px_per_pt
    }

    /// Number of whole pixels in a length, at least one.
    pub fn px(&self, v: f64) -> u32 {
        ((v * self.px_per_pt).round() as u32).max(1)
    }

    /// Puts a line of text; `at` is on the baseline.
    pub fn text(&mut self, at: (f64, f64), words: &str, size: f64, color: Color, anchor: Anchor) {
        self.write(at, words, size, Weight::Regular, color, anchor, 0.0);
    }

    /// Puts a line of bold text; `at` is on the baseline.
    pub fn bold(&mut self, at: (f64, f64), words: &str, size: f64, color: Color, anchor: Anchor) {
        self.write(at, words, size, Weight::SemiBold, color, anchor, 0.0);
    }

    /// Puts text that reads upwards; `at` is on its baseline.
    pub fn upwards(&mut self, at: (f64, f64), words: &str, size: f64, color: Color, anchor: Anchor) {
        self.write(at, words, size, Weight::Regular, color, anchor, -90.0);
    }

    #[allow(clippy::too_many_arguments)] // the parts of one text mark
    fn write(
        &mut self,
        at: (f64, f64),
        words: &str,
        size: f64,
        weight: Weight,
        color: Color,
        anchor: Anchor,
        rotation: f64,
    ) {
        if !words.is_empty() {
            let text = words.to_owned();
            self.marks.push(Mark::Text(Text { at, text, size, weight, color, anchor, rotation }));
        }
    }

    /// Puts a solid line.
    pub fn rule(&mut self, from: (f64, f64), to: (f64, f64), color: Color, width: f64) {
        self.marks.push(Mark::Line(vec![from, to], Stroke::solid(color, width)));
    }

    /// Puts a filled rectangle.
    pub fn rect(&mut self, rect: Rect, color: Color) {
        self.marks.push(Mark::Rect(rect, color));
    }

    /// Puts a panel's letter and its words; `at` is on the baseline, `max` the width for both.
    pub fn heading(&mut self, at: (f64, f64), letter: &str, words: &str, max: f64) {
        let (label, ink) = (self.label, self.inks.strong);
        let indent = if letter.is_empty() { 0.0 } else { text::width(letter, label, Weight::SemiBold) + 4.0 };
        self.bold(at, letter, label, ink, Anchor::Start);
        let words = text::fit(words, label, Weight::SemiBold, max - indent);
        self.bold((at.0 + indent, at.1), &words, label, ink, Anchor::Start);
    }

    /// The error for a sheet too small for what it shall hold; `height` in pt.
    pub fn too_small(&self, height: f64) -> FigureError {
        let px = |v: f64| (v * self.px_per_pt).round() as i64;
        FigureError::Size {
            width: px(self.width + 2.0 * self.margin),
            height: px(height + 2.0 * self.margin),
        }
    }

    /// Draws the title, if asked for, and returns where the body begins.
    pub fn title(&mut self) -> f64 {
        if self.spec.title.is_empty() {
            return 0.0;
        }
        let words = text::fit(&self.spec.title, self.label + 1.0, Weight::SemiBold, self.width);
        let y = self.label + 1.0;
        self.bold((0.0, y), &words, self.label + 1.0, self.inks.strong, Anchor::Start);
        y + self.label
    }

    /// The lines of the caption, the run's id and config hash added at its end; none when captions are off.
    pub fn caption_lines(&self, parts: &[String]) -> Vec<String> {
        if !self.spec.caption {
            return Vec::new();
        }
        let mut parts: Vec<String> = parts.iter().filter(|p| !p.is_empty()).cloned().collect();
        let id = self.run.result_id();
        parts.push(if id.is_empty() { "run without id".to_owned() } else { format!("run {id}") });
        if let Some(hash) = self.run.manifest.get("config_hash").and_then(serde_json::Value::as_str) {
            let short: String = hash.trim_start_matches("blake3:").chars().take(6).collect();
            parts.push(format!("config {short}"));
        }
        text::wrap(&parts.join("; "), self.small, Weight::Regular, self.width)
    }

    /// Height of a caption, the space above it included.
    pub fn caption_height(&self, lines: &[String]) -> f64 {
        if lines.is_empty() { 0.0 } else { self.small * (0.9 + 1.35 * lines.len() as f64) }
    }

    /// Draws the caption at the foot and closes the sheet; `body` is where the body ends when the height is free.
    pub fn finish(mut self, body: f64, caption: &[String], alt: String) -> Scene {
        let height = self.fixed_height.unwrap_or(body + self.caption_height(caption));
        // A whole number of pixels, so that the sheet has no half-covered last row.
        let height = self.snap(height).max(1.0 / self.px_per_pt);
        let foot = height - text::DESCENT * self.small - 0.3;
        let (small, color) = (self.small, self.inks.subdued);
        for (i, line) in caption.iter().enumerate() {
            let above = (caption.len() - 1 - i) as f64;
            self.text((0.0, foot - above * 1.35 * small), line, small, color, Anchor::Start);
        }
        let Self { width, margin, px_per_pt, inks, marks, .. } = self;
        let marks = marks.into_iter().map(|m| m.moved(margin, margin)).collect();
        let (width, height) = (width + 2.0 * margin, height + 2.0 * margin);
        Scene { width, height, px_per_pt, ground: inks.ground, alt, marks }
    }
}

/// A number for a label: a real minus sign, no negative zero.
pub fn number(v: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", v.abs());
    let zero = text.chars().all(|c| c == '0' || c == '.');
    if v < 0.0 && !zero { format!("−{text}") } else { text }
}

/// A number with its sign, plus included; zero has none.
pub fn signed(v: f64, decimals: usize) -> String {
    let text = number(v, decimals);
    let zero = text.chars().all(|c| c == '0' || c == '.');
    if v > 0.0 && !zero { format!("+{text}") } else { text }
}

/// A count with its noun in the right number.
pub fn count(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}
