//! The run folder: everything about one comparison in one place, described by its manifest (spec 8).

pub mod atomic;
pub mod clock;
pub mod config;
pub mod contents;
pub mod error;
pub mod export;
pub mod folder;
pub mod hash;
pub mod json;
pub mod load;
pub mod lock;
pub mod log;
pub mod machine;
pub mod manifest;
pub mod orders;
pub mod paths;
pub mod projection;
pub mod provenance;
pub mod recent;
pub mod slices;
pub mod stage;
pub mod tables;
pub mod verify;

#[cfg(test)]
#[cfg(unix)]
mod kill_tests;
