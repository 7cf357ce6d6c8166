//! Black-box tests, one module a topic, in one binary (each test binary links the whole stack).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may fail loudly

#[path = "suite/nn_golden.rs"]
mod nn_golden;
#[path = "suite/topology_golden.rs"]
mod topology_golden;
#[path = "suite/training.rs"]
mod training;
#[path = "suite/window.rs"]
mod window;
