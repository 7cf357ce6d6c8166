//! Small multiples: equal panels on a grid, and the line of keys below them.

use crate::figure::FigureError;
use crate::figure::canvas::{Canvas, GAP_PT};
use crate::figure::chart;
use crate::figure::ink::Series;
use crate::figure::scene::{Anchor, Mark, Rect, Shape, Stroke, Weight};
use crate::figure::text;

/// Equal panels, filled row by row.
pub struct Grid {
    /// Panels side by side.
    pub across: usize,
    /// Size of a panel, heading and axis labels included, pt.
    pub cell: (f64, f64),
    top: f64,
}

impl Grid {
    /// A grid of `n` panels below `top`; a free height gives each plotting area `aspect` times the panel's width.
    /// `foot` is kept free below the panels.
    ///
    /// # Errors
    /// When the sheet is too small for them.
    pub fn new(
        canvas: &Canvas<'_>,
        top: f64,
        n: usize,
        across: usize,
        aspect: f64,
        foot: f64,
    ) -> Result<Self, FigureError> {
        let across = across.clamp(1, n.max(1));
        let rows = n.div_ceil(across).max(1) as f64;
        let width = (canvas.width - GAP_PT * (across as f64 - 1.0)) / across as f64;
        let fixed = canvas.label * 1.8 + chart::bottom_space(canvas, true);
        let height = match canvas.fixed_height {
            Some(h) => (h - top - foot - GAP_PT * 0.7 * (rows - 1.0)) / rows,
            None => fixed + width * aspect,
        };
        if width < 50.0 || height < fixed + 24.0 {
            return Err(canvas.too_small(canvas.fixed_height.unwrap_or(height)));
        }
        Ok(Self { across, cell: (width, height), top })
    }

    /// The panel at `index`: the heading's baseline at its left edge, and the area for axes.
    pub fn panel(&self, canvas: &Canvas<'_>, index: usize) -> ((f64, f64), Rect) {
        let x = (index % self.across) as f64 * (self.cell.0 + GAP_PT);
        let y = self.top + (index / self.across) as f64 * (self.cell.1 + GAP_PT * 0.7);
        let heading = canvas.label * 1.8;
        ((x, y + canvas.label), Rect { x, y: y + heading, w: self.cell.0 - 3.0, h: self.cell.1 - heading })
    }

    /// Lower end of the last row of `n` panels.
    pub fn bottom(&self, n: usize) -> f64 {
        let rows = n.div_ceil(self.across).max(1) as f64;
        self.top + rows * self.cell.1 + (rows - 1.0) * GAP_PT * 0.7
    }
}

/// Letter of the panel at `index`; none beyond h.
pub fn letter(index: usize) -> &'static str {
    ["a", "b", "c", "d", "e", "f", "g", "h"].get(index).copied().unwrap_or_default()
}

/// One key of a legend.
pub enum Key {
    /// A curve with its dash and marker.
    Curve(Series, f64),
    /// A curve with its dash alone.
    Line(Series, f64),
    /// A marker alone.
    Point(Series),
    /// An area.
    Area(crate::figure::scene::Color),
}

/// Height of a legend line.
pub fn legend_height(canvas: &Canvas<'_>, lines: usize) -> f64 {
    if canvas.spec.legend { canvas.tick * (0.7 + 1.5 * lines as f64) } else { 0.0 }
}

/// Lines that [`legend`] will take.
pub fn legend_lines(canvas: &Canvas<'_>, words: &[&str]) -> usize {
    let mut lines = 1;
    let mut x = 0.0;
    for word in words {
        let w = key_width(canvas, word);
        if x > 0.0 && x + w > canvas.width {
            lines += 1;
            x = 0.0;
        }
        x += w + 10.0;
    }
    lines
}

fn key_width(canvas: &Canvas<'_>, words: &str) -> f64 {
    22.0 + text::width(words, canvas.tick, Weight::Regular)
}

/// Draws keys from left to right, in as many lines as they need.
pub fn legend(canvas: &mut Canvas<'_>, y: f64, keys: &[(Key, &str)]) {
    if !canvas.spec.legend {
        return;
    }
    let (tick, ink) = (canvas.tick, canvas.inks.text);
    let (mut x, mut baseline) = (0.0, y + tick * 1.6);
    for (key, words) in keys {
        let w = key_width(canvas, words);
        if x > 0.0 && x + w > canvas.width {
            x = 0.0;
            baseline += tick * 1.5;
        }
        let middle = baseline - text::CAP_HEIGHT * tick / 2.0;
        match key {
            Key::Curve(series, width) => {
                let line = vec![(x, middle), (x + 18.0, middle)];
                canvas.marks.push(Mark::Line(line, chart::stroke(series, *width)));
                let (size, shape, color) = (3.2, series.shape, series.color);
                canvas.marks.push(Mark::Marker { at: (x + 9.0, middle), size, shape, color });
            }
            Key::Line(series, width) => {
                let line = vec![(x, middle), (x + 18.0, middle)];
                canvas.marks.push(Mark::Line(line, chart::stroke(series, *width)));
            }
            Key::Point(series) => {
                let (size, shape, color) = (3.6, series.shape, series.color);
                canvas.marks.push(Mark::Marker { at: (x + 14.0, middle), size, shape, color });
            }
            Key::Area(color) => {
                canvas.rect(Rect { x: x + 6.0, y: middle - 2.4, w: 12.0, h: 4.8 }, *color);
            }
        }
        canvas.text((x + 22.0, baseline), words, tick, ink, Anchor::Start);
        x += w + 10.0;
    }
}

/// Draws a curve with markers at about `markers` of its points; points that are not finite leave a gap.
pub fn curve(canvas: &mut Canvas<'_>, points: &[(f64, f64)], series: &Series, width: f64, markers: usize) {
    let mut piece: Vec<(f64, f64)> = Vec::new();
    for point in points.iter().chain(std::iter::once(&(f64::NAN, f64::NAN))) {
        if point.1.is_finite() {
            piece.push(*point);
        } else if !piece.is_empty() {
            canvas.marks.push(Mark::Line(std::mem::take(&mut piece), chart::stroke(series, width)));
        }
    }
    let step = points.len().div_ceil(markers.max(1)).max(1);
    for at in points.iter().skip(step / 2).step_by(step).filter(|p| p.1.is_finite()) {
        let (shape, color) = (series.shape, series.color);
        canvas.marks.push(Mark::Marker { at: *at, size: 2.6, shape, color });
    }
}

/// The series of a mind: A solid with squares, B dashed with circles.
pub fn mind(canvas: &Canvas<'_>, is_a: bool) -> Series {
    if is_a {
        Series { color: canvas.inks.mind_a, dash: &[], shape: Shape::Square }
    } else {
        Series { color: canvas.inks.mind_b, dash: crate::figure::ink::DASH_B, shape: Shape::Circle }
    }
}

/// A thin line in the axis' ink.
pub fn thin(canvas: &Canvas<'_>) -> Stroke {
    Stroke::solid(canvas.inks.axis, crate::figure::canvas::AXIS_PT)
}

/// Columns in words for a caption: all twelve by number, fewer by name.
pub fn column_words(columns: &[usize]) -> String {
    use crate::core::scm;
    if columns.len() == scm::N_COLUMNS {
        return "12 shared metrics".to_owned();
    }
    columns.iter().filter_map(|c| scm::SHORT.get(*c)).copied().collect::<Vec<_>>().join(", ")
}
