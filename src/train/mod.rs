//! Teaching the two minds: losses, optimiser, the epoch loop, its telemetry, and the simple models they must beat.

pub mod adamw;
pub mod baseline;
pub mod batch;
pub mod data;
pub mod head_skill;
pub mod last_heads;
pub mod learner;
pub mod loss;
pub mod novelty;
pub mod plan;
pub mod recalibrate;
pub mod ridge;
pub mod second_phase;
pub mod state;
pub mod telemetry;
pub mod trainer;
pub mod wide;
