//! Figures: a pure function from run data and a spec to a scene, and writers for PNG, SVG and GIF.
//!
//! [`draw`] gives one [`Scene`] whatever the format; [`render`] gives the bytes of a file. Same spec and same run give
//! the same bytes: nothing here reads a clock, the machine or the order of a map.

pub mod canvas;
pub mod chart;
pub mod color_by;
pub mod colormap;
pub mod error;
#[cfg(test)]
pub mod fixture;
#[cfg(test)]
mod goldens;
pub mod ink;
pub mod kinds;
pub mod provenance;
pub mod raster;
pub mod scene;
pub mod spec;
pub mod text;
pub mod writers;

pub use error::FigureError;
pub use kinds::draw;
pub use provenance::provenance_of_png;
pub use scene::Scene;
pub use spec::{FigureSpec, Kind};
pub use writers::{Format, render};
