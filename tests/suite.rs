//! Black-box tests, one module a topic, in one binary (each test binary links the whole stack).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may fail loudly

#[path = "suite/bad_input.rs"]
mod bad_input;
#[path = "suite/checkpoints.rs"]
mod checkpoints;
#[path = "suite/cli.rs"]
mod cli;
#[path = "suite/determinism.rs"]
mod determinism;
#[path = "suite/given.rs"]
mod given;
#[path = "suite/kills.rs"]
mod kills;
#[path = "suite/main_job.rs"]
mod main_job;
#[path = "suite/nn_golden.rs"]
mod nn_golden;
#[path = "suite/product.rs"]
mod product;
#[path = "suite/topology_golden.rs"]
mod topology_golden;
#[path = "suite/training.rs"]
mod training;
#[path = "suite/walk.rs"]
mod walk;
#[path = "suite/window.rs"]
mod window;
