//! What comes in: turns and judgements from tables, the bundled corpus, embeddings, point clouds.

pub mod embed;
pub mod points;
