//! Black-box tests: the product as its users meet it.

#[path = "suite/topology_golden.rs"]
mod topology_golden;
