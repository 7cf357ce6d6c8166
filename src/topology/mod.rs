//! The shape of a cloud of points: pieces, loops and voids, how long they last as the scale grows, and whether they
//! are more than chance.
//!
//! The way through: [`points`] (finite rows, duplicates merged, [`landmarks`] above 5,000) -> [`filtration`] (all edges,
//! shortest first) -> [`rips`] (pieces and loops in one walk over the edges; [`lune`] says why most edges need no more
//! than a few words of bits, [`gradient`] and [`reduction`] do the linear algebra for the rest) -> [`voids`] on request
//! -> [`cycles`] and [`surfaces`] (made smaller by [`mod@shorten`]) on request -> [`diagram`] and [`landscape`] (what bars add up to), all behind [`analyse`]. Chance: [`nulls`] ->
//! [`significance`](mod@significance), [`universal`]; sampling: [`stability`](mod@stability) with [`bottleneck`].
//! A difference field becomes a cloud in [`field`]; all of it in one call is [`study`](mod@study).
//!
//! Words: a *vertex* is a distinct point (or a landmark), a *row* is a row of the input; a *rank* is an edge's place in
//! the filtration; a *scale* is a distance. Coefficients are Z/2 throughout.

pub mod adapter;
pub mod analysis;
pub mod bottleneck;
pub mod calibration;
pub mod cycles;
pub mod diagram;
pub mod distances;
pub mod error;
pub mod field;
pub mod filtration;
pub mod gaussian;
pub mod gradient;
pub mod hooks;
pub mod landmarks;
pub mod landscape;
pub mod lune;
pub mod metrics;
pub mod nulls;
pub mod paths;
pub mod points;
pub mod reduction;
pub mod rips;
pub mod shorten;
pub mod significance;
pub mod stability;
pub mod study;
pub mod surfaces;
pub mod universal;
pub mod voids;

pub use analysis::{Analysis, LandmarkChoice, Options, analyse, analyse_points};
pub use cycles::CycleChoice;
pub use error::TopologyError;
pub use field::Field;
pub use hooks::Hooks;
pub use metrics::{SignificanceMetrics, TopologyMetrics};
pub use points::Points;
pub use significance::{Significance, SignificanceOptions, significance};
pub use stability::{ConfidenceBand, Stability, confidence_band, stability};
pub use study::{Study, Unwatched, Watcher, study};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_significance;
#[cfg(test)]
mod tests_surfaces;
