//! Turns, judgements and embeddings: how they come in, and how they are split.

pub mod corpus;
pub mod embed;
pub mod import;
pub mod judge;
pub mod pass_table;
pub mod split;
