//! One scene for every format: a flat list of marks in points (72 an inch), the origin at the top left, y downwards.

use std::sync::Arc;

/// A colour with opacity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Color {
    /// sRGB.
    pub rgb: [u8; 3],
    /// Opacity in \[0,1\].
    pub alpha: f32,
}

impl Color {
    /// An opaque colour from 0xRRGGBB.
    pub const fn hex(value: u32) -> Self {
        Self { rgb: [(value >> 16) as u8, (value >> 8) as u8, value as u8], alpha: 1.0 }
    }

    /// The same colour, less opaque.
    pub const fn with_alpha(self, alpha: f32) -> Self {
        Self { rgb: self.rgb, alpha }
    }
}

/// A line's look.
#[derive(Clone, Debug, PartialEq)]
pub struct Stroke {
    /// Colour.
    pub color: Color,
    /// Width, pt.
    pub width: f64,
    /// Lengths on and off, pt; empty for solid.
    pub dash: Vec<f64>,
}

impl Stroke {
    /// A solid line.
    pub fn solid(color: Color, width: f64) -> Self {
        Self { color, width, dash: Vec::new() }
    }
}

/// A rectangle, pt.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Rect {
    /// Left.
    pub x: f64,
    /// Top.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Rect {
    /// Right edge.
    pub fn right(&self) -> f64 {
        self.x + self.w
    }

    /// Lower edge.
    pub fn bottom(&self) -> f64 {
        self.y + self.h
    }
}

/// Shapes of points: together with the dash they carry what colour cannot in a grey print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Filled circle.
    Circle,
    /// Filled square.
    Square,
    /// Filled triangle, point up.
    TriangleUp,
    /// Filled diamond.
    Diamond,
    /// Filled triangle, point down.
    TriangleDown,
    /// Upright cross.
    Plus,
    /// Diagonal cross.
    Cross,
    /// Six-pointed star of lines.
    Star,
}

/// Where a text's position lies along its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// At its beginning.
    Start,
    /// In its middle.
    Middle,
    /// At its end.
    End,
}

/// Weight of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// 400.
    Regular,
    /// 600.
    SemiBold,
}

/// One line of text.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// Anchor point on the baseline, pt.
    pub at: (f64, f64),
    /// What it says.
    pub text: String,
    /// Size, pt.
    pub size: f64,
    /// Weight.
    pub weight: Weight,
    /// Colour.
    pub color: Color,
    /// Anchor.
    pub anchor: Anchor,
    /// Degrees, clockwise, around the anchor point; -90 reads upwards.
    pub rotation: f64,
}

/// A picture of palette indices.
#[derive(Clone, Debug, PartialEq)]
pub struct Indexed {
    /// Columns of pixels.
    pub width: u32,
    /// Rows of pixels.
    pub height: u32,
    /// One index a pixel, row-major.
    pub indices: Vec<u8>,
    /// At most 256 colours.
    pub palette: Vec<[u8; 3]>,
}

/// One thing on the sheet.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// A filled rectangle.
    Rect(Rect, Color),
    /// A polyline.
    Line(Vec<(f64, f64)>, Stroke),
    /// A filled polygon.
    Polygon(Vec<(f64, f64)>, Color),
    /// A point.
    Marker {
        /// Centre.
        at: (f64, f64),
        /// Diameter, pt.
        size: f64,
        /// Shape.
        shape: Shape,
        /// Colour.
        color: Color,
    },
    /// A line of text.
    Text(Text),
    /// A picture stretched over a rectangle without smoothing.
    Image(Rect, Arc<Indexed>),
    /// Marks cut at a rectangle.
    Clip(Rect, Vec<Mark>),
}

impl Mark {
    /// The same mark, moved.
    pub fn moved(self, dx: f64, dy: f64) -> Self {
        let point = |(x, y): (f64, f64)| (x + dx, y + dy);
        let rect = |r: Rect| Rect { x: r.x + dx, y: r.y + dy, ..r };
        match self {
            Self::Rect(r, color) => Self::Rect(rect(r), color),
            Self::Line(points, stroke) => Self::Line(points.into_iter().map(point).collect(), stroke),
            Self::Polygon(points, color) => Self::Polygon(points.into_iter().map(point).collect(), color),
            Self::Marker { at, size, shape, color } => Self::Marker { at: point(at), size, shape, color },
            Self::Text(t) => Self::Text(Text { at: point(t.at), ..t }),
            Self::Image(r, image) => Self::Image(rect(r), image),
            Self::Clip(r, inner) => Self::Clip(rect(r), inner.into_iter().map(|m| m.moved(dx, dy)).collect()),
        }
    }
}

/// A whole figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Width, pt.
    pub width: f64,
    /// Height, pt.
    pub height: f64,
    /// Pixels a point when rasterised.
    pub px_per_pt: f64,
    /// Ground.
    pub ground: Color,
    /// What the figure shows, in one or two sentences, for readers who do not see it.
    pub alt: String,
    /// Marks, back to front.
    pub marks: Vec<Mark>,
}

impl Scene {
    /// Size in pixels.
    pub fn size_px(&self) -> (u32, u32) {
        ((self.width * self.px_per_pt).round() as u32, (self.height * self.px_per_pt).round() as u32)
    }

    /// Every text on the sheet, in drawing order.
    pub fn texts(&self) -> Vec<&Text> {
        fn walk<'a>(marks: &'a [Mark], out: &mut Vec<&'a Text>) {
            for mark in marks {
                match mark {
                    Mark::Text(t) => out.push(t),
                    Mark::Clip(_, inner) => walk(inner, out),
                    _ => {}
                }
            }
        }
        let mut out = Vec::new();
        walk(&self.marks, &mut out);
        out
    }
}
