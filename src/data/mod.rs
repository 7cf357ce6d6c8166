//! Placeholder until the room is built.

pub mod embed;
