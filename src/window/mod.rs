//! The window: panels that show a run and start jobs; no work of its own.
//!
//! Views never change the app: they read a [`view::ViewContext`] and push [`command::Command`]s, which one place
//! (`app`) applies after the frame. Hover and selection are double-buffered, so that every view of a frame sees the same.

pub mod command;
pub mod format;
pub mod selection;
pub mod theme;
pub mod view;
pub mod widgets;
