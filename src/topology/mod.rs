//! The shape of a cloud of points: pieces, loops and voids, how long they last as the scale grows, and whether they
//! are more than chance.

pub mod analysis;
pub mod bottleneck;
pub mod cycles;
pub mod diagram;
pub mod error;
pub mod filtration;
pub mod gaussian;
pub mod gradient;
pub mod hooks;
pub mod landmarks;
pub mod lune;
pub mod nulls;
pub mod points;
pub mod reduction;
pub mod rips;
pub mod significance;
pub mod stability;
pub mod universal;
pub mod voids;

pub use analysis::{Analysis, LandmarkChoice, Options, analyse, analyse_points};
pub use cycles::CycleChoice;
pub use error::TopologyError;
pub use hooks::Hooks;
pub use points::Points;
pub use significance::{Significance, SignificanceOptions, significance};
pub use stability::{ConfidenceBand, Stability, confidence_band, stability};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_significance;
