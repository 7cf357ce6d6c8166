//! What comes in: turns and judgements from tables, the bundled corpus, embeddings, point clouds; and how turns are split.

pub mod corpus;
pub mod embed;
pub mod import;
pub mod judge;
pub mod measures;
pub mod pass_table;
pub mod points;
pub mod split;
