//! Black-box tests, one module a topic, in one binary (each test binary links the whole stack).

#[path = "suite/nn_golden.rs"]
mod nn_golden;
#[path = "suite/topology_golden.rs"]
mod topology_golden;
#[path = "suite/training.rs"]
mod training;
#[path = "suite/window.rs"]
mod window;
