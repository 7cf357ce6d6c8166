//! The field between two passes: join them turn by turn, subtract, measure, order and draw the difference.

pub mod align;
pub mod cluster;
pub mod delta;
pub mod frontier;
pub mod metrics;
pub mod moved;
pub mod order;
pub mod phos;
pub mod projection;
pub mod timeline;
pub mod vpm;
