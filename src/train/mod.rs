//! Teaching the two minds: losses, optimiser, the epoch loop, its telemetry, and the simple models they must beat.

pub mod adamw;
pub mod learner;
pub mod loss;
