//! The black-box tests in one binary: one link instead of many.

#[path = "suite/nn_golden.rs"]
mod nn_golden;
#[path = "suite/training.rs"]
mod training;
