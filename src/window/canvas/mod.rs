//! Pictures that views are made of: each draws plain numbers into a rectangle and knows nothing of runs or commands.

pub mod axes;
pub mod barcode;
pub mod betti;
pub mod cloud;
pub mod colour_bar;
pub mod diagram;
pub mod dumbbell;
pub mod filmstrip;
pub mod histogram;
pub mod landscape;
pub mod line_chart;
pub mod loop_plot;
pub mod numbers;
pub mod paint;
pub mod persistence_image;
pub mod vpm_panel;
