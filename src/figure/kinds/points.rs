//! Points coloured by a choice: their ink and shape, the order in which they are drawn, and the key that explains them.

use super::legend::{self, BAR_PT};
use super::missing;
use super::panels::{self, Key};
use crate::field::frontier::agreement::{Side, side};
use crate::figure::FigureError;
use crate::figure::canvas::{Canvas, number};
use crate::figure::color_by::{ColorBy, Coloring};
use crate::figure::colormap::ColorMap;
use crate::figure::ink::Series;
use crate::figure::raster::{self, DeltaScale};
use crate::figure::scene::{Color, Mark, Rect, Shape};
use crate::figure::spec::FigureSpec;
use crate::run::contents::RunContents;

/// The points of one figure.
pub struct Points {
    /// What they are coloured by.
    pub by: ColorBy,
    coloring: Coloring,
    maps: (ColorMap, ColorMap),
    table: [[u8; 3]; 256],
}

impl Points {
    /// The choice of the spec.
    ///
    /// # Errors
    /// When the choice is not known or the run does not have what it is made of.
    pub fn of(run: &RunContents, spec: &FigureSpec, canvas: &Canvas<'_>) -> Result<Self, FigureError> {
        let by = ColorBy::from_name(&spec.color).ok_or_else(|| FigureError::Spec {
            field: "color",
            value: spec.color.clone(),
            hint: "take D, a metric of D, A or B such as \"D clarity\", cluster, domain or split".to_owned(),
        })?;
        let coloring = Coloring::of(run, &by).ok_or_else(|| {
            missing(run, spec, &format!("what \"{}\" is made of", by.name()), "choose another colour")
        })?;
        let maps = raster::maps(spec, &canvas.inks)?;
        let map = if matches!(coloring, Coloring::Delta { .. }) { maps.1 } else { maps.0 };
        Ok(Self { by, coloring, maps, table: map.table() })
    }

    /// In words for a caption.
    pub fn words(&self) -> String {
        match self.by {
            ColorBy::Delta => "colour: mean of the five D".to_owned(),
            _ => format!("colour: {}", self.by.name()),
        }
    }

    /// Rows in the order in which they are drawn: strong differences last, so that none is hidden.
    pub fn order(&self, rows: &[usize]) -> Vec<usize> {
        let mut places: Vec<usize> = (0..rows.len()).collect();
        if let Coloring::Delta { values, .. } = &self.coloring {
            let size =
                |p: usize| values.get(rows[p]).map_or(0.0, |v| if v.is_finite() { v.abs() } else { 0.0 });
            places.sort_by(|a, b| size(*a).total_cmp(&size(*b)));
        }
        places
    }

    /// Puts the point of a row.
    pub fn dot(&self, canvas: &mut Canvas<'_>, at: (f64, f64), size: f64, row: usize) {
        let (color, shape) = self.look(canvas, row);
        if matches!(self.coloring, Coloring::Delta { .. }) {
            // Agreement has the colour of the ground: a rim keeps its points in sight.
            let rim = canvas.inks.axis;
            canvas.marks.push(Mark::Marker { at, size: size + 0.7, shape, color: rim });
        }
        canvas.marks.push(Mark::Marker { at, size, shape, color });
    }

    /// Colour and shape of a row; a missing value is a grey cross.
    pub fn look(&self, canvas: &Canvas<'_>, row: usize) -> (Color, Shape) {
        let unknown = (canvas.inks.missing_b, Shape::Cross);
        if let Some(place) = self.coloring.place(row) {
            let rgb = self.table[(place * 255.0).round() as usize];
            let shape = match &self.coloring {
                Coloring::Delta { values, .. } => shape_of(values[row]),
                _ => Shape::Circle,
            };
            return (Color { rgb, alpha: 1.0 }, shape);
        }
        self.coloring.group(row).map_or(unknown, |g| {
            let Series { color, shape, .. } = canvas.inks.series[g % 8];
            (color, shape)
        })
    }

    /// Height of the key.
    pub fn key_height(&self, canvas: &Canvas<'_>) -> f64 {
        if !canvas.spec.legend {
            return 0.0;
        }
        match &self.coloring {
            Coloring::Groups { names, .. } => {
                let words: Vec<&str> = names.iter().map(String::as_str).collect();
                panels::legend_height(canvas, panels::legend_lines(canvas, &words))
            }
            Coloring::Delta { .. } => BAR_PT + canvas.tick * 2.4,
            Coloring::Magnitude { .. } => BAR_PT + canvas.tick * 1.6,
        }
    }

    /// Draws the key below `y`.
    pub fn key(&self, canvas: &mut Canvas<'_>, y: f64) {
        if !canvas.spec.legend {
            return;
        }
        let w = canvas.width.min(220.0);
        let area = Rect { x: (canvas.width - w) / 2.0, y: y + canvas.tick * 0.9, w, h: BAR_PT };
        match &self.coloring {
            Coloring::Groups { names, .. } => {
                let keys: Vec<(Key, &str)> = names
                    .iter()
                    .enumerate()
                    .map(|(i, n)| (Key::Point(canvas.inks.series[i % 8]), n.as_str()))
                    .collect();
                panels::legend(canvas, y, &keys);
            }
            Coloring::Delta { limit, clamped, .. } => {
                let scale = DeltaScale {
                    range: Some((-limit, *limit)),
                    clamped: (*clamped, *clamped),
                    beyond: 0,
                    empty: false,
                };
                legend::delta_bar(canvas, area, self.maps.1, scale);
            }
            Coloring::Magnitude { .. } => {
                legend::magnitude_bar(canvas, area, self.maps.0, ("low 0", "1 high"))
            }
        }
    }
}

/// The shape of a difference: A's square, B's circle, a diamond where they are close.
fn shape_of(d: f64) -> Shape {
    match side(d) {
        Side::A => Shape::Square,
        Side::B => Shape::Circle,
        Side::Close => Shape::Diamond,
    }
}

/// Size of a point among `n`, pt.
pub fn size_among(n: usize) -> f64 {
    (4.4 - (n.max(1) as f64).log10() * 0.75).clamp(0.9, 3.6)
}

/// A share of variance for the title of an axis.
pub fn component(k: usize, share: f64) -> String {
    format!("component {}, {}% of variance", k + 1, number(100.0 * share, 0))
}

/// A range that holds all values with room around them.
pub fn range(values: impl Iterator<Item = f64>) -> std::ops::Range<f64> {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    values.filter(|v| v.is_finite()).for_each(|v| (low, high) = (low.min(v), high.max(v)));
    if low > high {
        return 0.0..1.0;
    }
    let room = ((high - low) * 0.05).max(1e-6);
    low - room..high + room
}
