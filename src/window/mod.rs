//! The window: panels that show a run and start jobs; no work of its own.

pub mod theme;
