//! Judgements: tables of them, which judge supervises, how judges agree, and how the labels are spread.

pub mod agreement;
pub mod histogram;
pub mod labels;
pub mod table;
