//! The bodies of both scorers on the processor, forward and backward, without a graph: every model's rows run through
//! all recursions on one thread while its weights are warm, and each weight's gradient is one product over all steps.
//!
//! Nothing here knows burn; `nn::fused` binds it to tensors.

pub mod hrm;
mod hrm_back;
pub mod tape;
#[cfg(test)]
mod tests;
pub mod tiny;
mod tiny_back;
pub mod update;
