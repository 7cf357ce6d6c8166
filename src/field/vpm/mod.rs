//! The visual policy map: a matrix drawn as an image, rows = turns, columns = metrics.
//!
//! The picture is made in two steps, alike on the CPU ([`raster`]) and on the GPU ([`gpu`]):
//! *reduce* gives each cell (one pixel row x one slot of columns) a code 0..=255 of the colour map or [`MISSING`],
//! *paint* spreads the cells over the pixels. All arithmetic that decides which turn falls into which pixel is
//! done once, in whole numbers, by [`layout::Layout`]; the rest is one subtraction, one multiplication and
//! one rounding in f32, so that both sides agree.

pub mod gpu;
pub mod layout;
pub mod limits;
pub mod palette;
pub mod raster;

pub use layout::{Layout, MAX_SIDE, PxRect, Spot};
pub use limits::{Band, Limits, Normalisation, Scope};
pub use palette::{IndexTable, Palette};
pub use raster::{CellGrid, IndexedImage};

use serde::{Deserialize, Serialize};

/// Code of a cell without any finite value; drawn hatched.
pub const MISSING: u16 = 256;

/// What stands for several values that fall into one pixel. Missing values are left out; a pixel is missing only when all
/// of its values are.
///
/// Rows are reduced column by column on the values as they are; columns that share a pixel are then reduced on their
/// place in the colour map (for [`Reducer::MaxAbs`]: the column with the largest absolute value). The first of equals wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reducer {
    /// Arithmetic mean.
    Mean,
    /// The value farthest from zero, with its sign: one hot row is never lost. Default for D.
    MaxAbs,
    /// Smallest.
    Min,
    /// Largest.
    Max,
}

impl Reducer {
    /// All reducers in the order of menus.
    pub const ALL: [Reducer; 4] = [Self::Mean, Self::MaxAbs, Self::Min, Self::Max];

    /// Name in menus and captions.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::MaxAbs => "max abs",
            Self::Min => "min",
            Self::Max => "max",
        }
    }
}

/// Why no picture can be drawn.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum VpmError {
    /// The canvas is empty or larger than a texture may be.
    #[error("a canvas of {width}x{height} px cannot be drawn; choose sides from 1 to {max} px", max = MAX_SIDE)]
    Canvas {
        /// Width asked for.
        width: u32,
        /// Height asked for.
        height: u32,
    },
    /// No row or no column is visible.
    #[error("no turn or no column is selected; show at least one of each")]
    Empty,
    /// The layout names a row or column that the matrix lacks.
    #[error(
        "the layout needs {rows} rows and {columns} columns, the matrix and its limits have fewer; lay it out again"
    )]
    Layout {
        /// Rows needed.
        rows: usize,
        /// Columns needed.
        columns: usize,
    },
    /// The matrix does not fit the GPU.
    #[error("a matrix of {rows}x{columns} is larger than this graphics device can bind; draw it on the CPU")]
    TooLarge {
        /// Rows.
        rows: usize,
        /// Columns.
        columns: usize,
    },
}

#[cfg(test)]
mod parity;
#[cfg(test)]
mod tests;
