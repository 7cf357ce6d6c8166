//! Inks of the print themes: the design tokens' primitives under the names of their use.

use super::scene::{Color, Shape};
use super::spec::Theme;

/// One series of a chart: colour, dash and marker go together, so that a grey print reads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Series {
    /// Colour.
    pub color: Color,
    /// Lengths on and off in multiples of the line's width over 1.75 (the tokens' unit); empty for solid.
    pub dash: &'static [f64],
    /// Marker.
    pub shape: Shape,
}

/// Every colour a figure may use.
#[derive(Clone, Debug, PartialEq)]
pub struct Inks {
    /// Whether the ground is dark.
    pub dark: bool,
    /// Ground.
    pub ground: Color,
    /// Titles and letters.
    pub strong: Color,
    /// Labels.
    pub text: Color,
    /// Captions and counts.
    pub subdued: Color,
    /// Axis lines.
    pub axis: Color,
    /// Lightest lines.
    pub grid: Color,
    /// What chance gives.
    pub null_band: Color,
    /// Hatch ground of missing cells.
    pub missing_a: Color,
    /// Hatch lines of missing cells.
    pub missing_b: Color,
    /// Mind A and the positive sign of D.
    pub mind_a: Color,
    /// Mind B and the negative sign of D.
    pub mind_b: Color,
    /// Series 1 to 8.
    pub series: [Series; 8],
}

const DASHES: [&[f64]; 8] = [
    &[],
    &[8.0, 4.0],
    &[2.0, 3.0],
    &[10.0, 3.0, 2.0, 3.0],
    &[6.0, 3.0],
    &[1.0, 2.0],
    &[12.0, 4.0],
    &[4.0, 4.0],
];
const SHAPES: [Shape; 8] = [
    Shape::Circle,
    Shape::Square,
    Shape::TriangleUp,
    Shape::Diamond,
    Shape::TriangleDown,
    Shape::Plus,
    Shape::Cross,
    Shape::Star,
];
const SERIES_LIGHT: [u32; 8] =
    [0x2A86C2, 0xAC6E00, 0x00694E, 0x4A4300, 0xB34A87, 0x2E3A9E, 0xA33A08, 0x7F7872];
const SERIES_DARK: [u32; 8] =
    [0x56B4E9, 0xE9A227, 0x35BF95, 0xEFE35A, 0xDE8FBE, 0x7E9BFF, 0xF2783F, 0xB9B3AE];

/// Dash of mind B's curves; A's are solid.
pub const DASH_B: &[f64] = &[6.0, 3.0];

impl Inks {
    /// The inks of a theme.
    pub fn of(theme: Theme) -> Self {
        let dark = theme == Theme::Dark;
        let pick = |light: u32, on_dark: u32| Color::hex(if dark { on_dark } else { light });
        let colors = if dark { SERIES_DARK } else { SERIES_LIGHT };
        Self {
            dark,
            ground: pick(0xFFFFFF, 0x0E0C0B),
            strong: pick(0x0B0A09, 0xFFFFFF),
            text: pick(0x2E2A27, 0xD9D4D0),
            subdued: pick(0x655D57, 0xACA6A1),
            axis: pick(0x857C75, 0x736C68),
            grid: pick(0xEBE6E2, 0x262322),
            null_band: pick(0xE1DBD6, 0x3E3A38),
            missing_a: pick(0xD3CCC6, 0x3E3A38),
            missing_b: pick(0xBFB7B0, 0x524D4A),
            mind_a: pick(0xA2411D, 0xF5A08A),
            mind_b: pick(0x22599C, 0x94AEFF),
            series: std::array::from_fn(|i| Series {
                color: Color::hex(colors[i]),
                dash: DASHES[i],
                shape: SHAPES[i],
            }),
        }
    }

    /// The series of a dimension, by its index.
    pub fn dimension(&self, index: usize) -> Series {
        self.series[index % 8]
    }

    /// The series of a homological dimension: stone for H0, orange for H1, pink for H2.
    pub fn homology(&self, dim: u8) -> Series {
        match dim {
            0 => Series { dash: &[], ..self.series[7] },
            1 => Series { dash: &[], shape: Shape::Circle, ..self.series[1] },
            _ => self.series[4],
        }
    }

    /// The mind's colour by the sign of a difference.
    pub fn sign(&self, d: f64) -> Color {
        if d >= 0.0 { self.mind_a } else { self.mind_b }
    }
}
