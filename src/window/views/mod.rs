//! The views of the centre, one a file.

pub mod field;
pub mod topology;
pub mod train;
