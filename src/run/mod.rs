//! The run folder: everything about one comparison in one place, described by its manifest (spec 8).

pub mod config;
pub mod contents;
