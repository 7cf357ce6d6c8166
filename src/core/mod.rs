//! The words of the product as types: turns, dimensions, the shared metric columns, items, seeds and statistics.

pub mod bar;
pub mod cloud;
pub mod dimension;
pub mod eigen;
pub mod item;
pub mod matrix;
pub mod metric;
pub mod npy;
pub mod scm;
pub mod seed;
pub mod stats;
pub mod turn;
