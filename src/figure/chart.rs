//! Axes of charts: plotters lays out coordinates, ticks and labels and records them into the scene.
//!
//! plotters counts whole pixels; here its pixel is a hundredth of a point, so nothing is lost. Series are put on the
//! scene by the kinds themselves through [`Frame::at`], because plotters has no dashes.

use super::canvas::{AXIS_PT, Canvas, number};
use super::ink::Series;
use super::scene::{Anchor, Color, Mark, Rect, Stroke, Text, Weight};
use super::{FigureError, text};
use plotters::coord::ranged1d::{BoldPoints, Ranged};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::{ChartBuilder, IntoDrawingArea, IntoFont, RGBAColor, RGBColor, ShapeStyle};
use plotters::style::TextStyle;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontStyle,
    FontTransform,
};
use std::convert::Infallible;
use std::ops::Range;

/// Units of plotters a point.
const UNITS: f64 = 100.0;
/// Length of ticks, pt.
const TICK_PT: f64 = 2.0;

/// Axes to be drawn.
pub struct Axes<'a> {
    /// Where, labels included.
    pub outer: Rect,
    /// Values at the left and right end.
    pub x: Range<f64>,
    /// Values at the lower and upper end.
    pub y: Range<f64>,
    /// Words below; empty for none.
    pub x_title: &'a str,
    /// Words at the left, reading upwards; empty for none.
    pub y_title: &'a str,
    /// Ticks at most.
    pub x_ticks: usize,
    /// Ticks at most; 0 draws no vertical axis.
    pub y_ticks: usize,
}

/// The plotting area of drawn axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Where values are drawn.
    pub area: Rect,
    x: Range<f64>,
    y: Range<f64>,
}

impl Frame {
    /// Position of a value, pt.
    pub fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let along = |v: f64, r: &Range<f64>| (v - r.start) / (r.end - r.start);
        (self.area.x + along(x, &self.x) * self.area.w, self.area.bottom() - along(y, &self.y) * self.area.h)
    }
}

/// Space left of the plotting area for the ticks' labels and the title of a vertical axis.
pub fn left_space(canvas: &Canvas<'_>, y: &Range<f64>, ticks: usize, title: bool) -> f64 {
    if ticks == 0 {
        return 0.0;
    }
    let (points, decimals) = key_points(y, ticks);
    let labels: Vec<String> = points.iter().map(|p| tick_label(*p, decimals)).collect();
    let widest = text::widest(labels.iter().map(String::as_str), canvas.tick, Weight::Regular);
    widest + 2.0 * TICK_PT + if title { canvas.tick * 1.5 } else { 0.0 } + 0.5
}

/// Space below the plotting area.
pub fn bottom_space(canvas: &Canvas<'_>, title: bool) -> f64 {
    2.0 * TICK_PT + canvas.tick * 0.85 + if title { canvas.tick * 1.5 } else { 0.0 }
}

/// Draws axes and gives the area for the series.
///
/// # Errors
/// When plotters cannot lay the chart out.
pub fn axes(canvas: &mut Canvas<'_>, a: &Axes<'_>) -> Result<Frame, FigureError> {
    let kind = canvas.spec.kind.name();
    let left = left_space(canvas, &a.y, a.y_ticks, !a.y_title.is_empty());
    let bottom = bottom_space(canvas, !a.x_title.is_empty());
    let (axis, ink, size) = (rgb(canvas.inks.axis), rgb(canvas.inks.text), canvas.tick * UNITS);
    let (start, end) = overhang(canvas, a, left);
    let outer = Rect { x: a.outer.x + start, w: a.outer.w - start - end, ..a.outer };
    let recorder = Recorder { marks: &mut canvas.marks, outer };
    let area = draw_axes(recorder, (a, outer), left, bottom, axis, ink, size)
        .map_err(|why| FigureError::Chart { kind, why })?;
    Ok(Frame { area, x: a.x.clone(), y: a.y.clone() })
}

/// How far the labels of the first and last tick would stand out of the outer rectangle, pt.
fn overhang(canvas: &Canvas<'_>, a: &Axes<'_>, left: f64) -> (f64, f64) {
    let (points, decimals) = key_points(&a.x, a.x_ticks);
    let width = a.outer.w - left;
    let out = |v: f64, end: f64| {
        let half = text::width(&tick_label(v, decimals), canvas.tick, Weight::Regular) / 2.0;
        (half - (v - end).abs() / (a.x.end - a.x.start) * width).max(0.0)
    };
    let start = points.first().map_or(0.0, |v| (out(*v, a.x.start) - left).max(0.0));
    (start, points.last().map_or(0.0, |v| out(*v, a.x.end)) + 0.4)
}

/// A tick's label; zero is just 0.
fn tick_label(v: f64, decimals: usize) -> String {
    let text = number(v, decimals);
    if text.chars().all(|c| c == '0' || c == '.') { "0".to_owned() } else { text }
}

fn units(pt: f64) -> u32 {
    (pt * UNITS).round().max(0.0) as u32
}

fn rgb(c: Color) -> RGBColor {
    RGBColor(c.rgb[0], c.rgb[1], c.rgb[2])
}

fn draw_axes(
    recorder: Recorder<'_>,
    (a, outer): (&Axes<'_>, Rect),
    left: f64,
    bottom: f64,
    axis: RGBColor,
    ink: RGBColor,
    size: f64,
) -> Result<Rect, String> {
    let root = recorder.into_drawing_area();
    let mut builder = ChartBuilder::on(&root);
    builder.x_label_area_size(units(bottom));
    if a.y_ticks > 0 {
        builder.y_label_area_size(units(left));
    }
    let mut chart = builder.build_cartesian_2d(a.x.clone(), a.y.clone()).map_err(|e| e.to_string())?;
    let (x_decimals, y_decimals) = (key_points(&a.x, a.x_ticks).1, key_points(&a.y, a.y_ticks.max(1)).1);
    let label = TextStyle::from(("Inter", size).into_font()).color(&ink);
    let line = ShapeStyle {
        color: RGBAColor(axis.0, axis.1, axis.2, 1.0),
        filled: false,
        stroke_width: units(AXIS_PT),
    };
    chart
        .configure_mesh()
        .disable_mesh()
        .axis_style(line)
        .set_all_tick_mark_size(units(TICK_PT))
        .x_labels(a.x_ticks)
        .y_labels(a.y_ticks)
        .x_label_formatter(&|v| tick_label(*v, x_decimals))
        .y_label_formatter(&|v| tick_label(*v, y_decimals))
        .x_desc(a.x_title)
        .y_desc(a.y_title)
        .label_style(label.clone())
        .axis_desc_style(label)
        .draw()
        .map_err(|e| e.to_string())?;
    let (x, y) = chart.plotting_area().get_pixel_range();
    let pt = |v: i32| f64::from(v) / UNITS;
    Ok(Rect {
        x: outer.x + pt(x.start),
        y: outer.y + pt(y.start),
        w: pt(x.end - x.start),
        h: pt(y.end - y.start),
    })
}

/// Values at which plotters puts ticks, and the decimals that tell them apart.
fn key_points(range: &Range<f64>, most: usize) -> (Vec<f64>, usize) {
    let points = RangedCoordf64::from(range.clone()).key_points(BoldPoints(most));
    let exact = |d: usize| {
        points.iter().all(|p| {
            (p * 10_f64.powi(d as i32)).fract().abs() % 1.0 < 1e-6
                || (p * 10_f64.powi(d as i32)).fract().abs() > 1.0 - 1e-6
        })
    };
    let decimals = (0..6).find(|d| exact(*d)).unwrap_or(6);
    (points, decimals)
}

/// A round upper end for an axis that starts at 0: 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6 or 8 times a power of ten.
pub fn round_up(v: f64) -> f64 {
    if !(v > 0.0 && v.is_finite()) {
        return 1.0;
    }
    let power = 10_f64.powf(v.log10().floor());
    let steps = [1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    steps.into_iter().find(|s| s * power >= v * (1.0 - 1e-9)).unwrap_or(10.0) * power
}

/// A series' stroke: its colour and its dash scaled from the window's 1.75 pt curves to `width`.
pub fn stroke(series: &Series, width: f64) -> Stroke {
    Stroke { color: series.color, width, dash: dash(series.dash, width) }
}

/// A dash pattern scaled from the window's 1.75 pt curves; never so short that it closes up in print.
pub fn dash(pattern: &[f64], width: f64) -> Vec<f64> {
    pattern.iter().map(|d| d * (width / 1.75).max(0.5)).collect()
}

/// Records what plotters draws.
struct Recorder<'a> {
    marks: &'a mut Vec<Mark>,
    outer: Rect,
}

impl Recorder<'_> {
    fn pt(&self, (x, y): BackendCoord) -> (f64, f64) {
        (self.outer.x + f64::from(x) / UNITS, self.outer.y + f64::from(y) / UNITS)
    }
}

fn color(c: BackendColor) -> Color {
    Color { rgb: [c.rgb.0, c.rgb.1, c.rgb.2], alpha: c.alpha as f32 }
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for Recorder<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (units(self.outer.w), units(self.outer.h))
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, c: BackendColor) -> Drawn {
        let (x, y) = self.pt(point);
        self.marks.push(Mark::Rect(Rect { x, y, w: 1.0 / UNITS, h: 1.0 / UNITS }, color(c)));
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        a: BackendCoord,
        b: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        if !fill {
            return self.draw_path([a, (b.0, a.1), b, (a.0, b.1), a], style);
        }
        let ((x, y), (right, bottom)) = (self.pt(a), self.pt(b));
        self.marks.push(Mark::Rect(Rect { x, y, w: right - x, h: bottom - y }, color(style.color())));
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        if style.color().alpha > 0.0 {
            let points = path.into_iter().map(|p| self.pt(p)).collect();
            let width = f64::from(style.stroke_width()) / UNITS;
            self.marks.push(Mark::Line(points, Stroke::solid(color(style.color()), width)));
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let points = path.into_iter().map(|p| self.pt(p)).collect();
        self.marks.push(Mark::Polygon(points, color(style.color())));
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, words: &str, style: &T, pos: BackendCoord) -> Drawn {
        if words.is_empty() {
            return Ok(());
        }
        let size = style.size() / UNITS;
        let anchor = match style.anchor().h_pos {
            HPos::Left => Anchor::Start,
            HPos::Center => Anchor::Middle,
            HPos::Right => Anchor::End,
        };
        // From plotters' box to the baseline, across the line of text.
        let down = match style.anchor().v_pos {
            // Ascenders reach above the capitals.
            VPos::Top => 0.78 * size,
            VPos::Center => text::CAP_HEIGHT * size / 2.0,
            VPos::Bottom => -text::DESCENT * size,
        };
        let (x, y) = self.pt(pos);
        let (at, rotation) = match style.transform() {
            FontTransform::None => ((x, y + down), 0.0),
            FontTransform::Rotate90 => ((x - down, y), 90.0),
            FontTransform::Rotate180 => ((x, y - down), 180.0),
            FontTransform::Rotate270 => ((x + down, y), -90.0),
        };
        let weight =
            if matches!(style.style(), FontStyle::Bold) { Weight::SemiBold } else { Weight::Regular };
        let text = words.to_owned();
        self.marks.push(Mark::Text(Text {
            at,
            text,
            size,
            weight,
            color: color(style.color()),
            anchor,
            rotation,
        }));
        Ok(())
    }

    fn estimate_text_size<T: BackendTextStyle>(
        &self,
        words: &str,
        style: &T,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let size = style.size() / UNITS;
        Ok((units(text::width(words, size, Weight::Regular)), units(size)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axis_ends_are_round_and_ticks_tell_themselves_apart() {
        assert_eq!(round_up(0.231), 0.25);
        assert_eq!(round_up(480.0), 500.0);
        assert_eq!(round_up(0.0), 1.0);
        let (points, decimals) = key_points(&(0.0..0.25), 6);
        let labels: std::collections::BTreeSet<String> =
            points.iter().map(|p| number(*p, decimals)).collect();
        assert_eq!(labels.len(), points.len(), "{labels:?}");
    }
}
