//! Colours, sizes, fonts and icons of the window in one place.

pub mod tokens;

pub use tokens::Tokens;
