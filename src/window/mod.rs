//! The window: panels that show a run and start jobs; no work of its own.
//!
//! Views never change the app: they read a [`view::ViewContext`] and push [`command::Command`]s, which one place
//! (`apply`) turns into changes after the frame. Hover and selection are double-buffered, so that every view of a
//! frame sees the same.

pub mod app;
mod apply;
mod background;
pub mod canvas;
mod carried;
pub mod command;
mod dialogs;
mod explored;
pub mod exploring;
pub mod figures;
pub mod format;
mod frame;
pub mod inspector;
mod jobs;
pub mod layout;
pub mod library;
pub mod log;
mod look;
mod motion;
pub mod native;
pub mod projections;
mod reading;
pub mod selection;
pub mod services;
mod session;
pub mod shot;
mod slices;
mod starting;
mod studio;
pub mod theme;
pub mod thumbnail;
pub mod timeline;
pub mod tour;
mod trouble;
pub mod view;
pub mod views;
pub mod widget_map;
pub mod widgets;

pub use native::run;
