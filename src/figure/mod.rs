//! Figures: a pure function from run data and a spec to a scene, and writers for PNG, SVG and GIF.

pub mod colormap;
