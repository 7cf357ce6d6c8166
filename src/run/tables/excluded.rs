//! `excluded.parquet`: turns left out of the field, each with the reason.

use super::columns::{read_text, text};
use super::{TableError, parquet};

/// One turn left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excluded {
    /// The turn.
    pub turn_id: String,
    /// Why ("missing in pass B").
    pub reason: String,
}

/// Parquet bytes of turns left out.
///
/// # Errors
/// [`TableError::Shape`] (never for lists made by this product).
pub fn to_parquet(excluded: &[Excluded]) -> Result<Vec<u8>, TableError> {
    let ids: Vec<&str> = excluded.iter().map(|e| e.turn_id.as_str()).collect();
    let reasons: Vec<&str> = excluded.iter().map(|e| e.reason.as_str()).collect();
    parquet::to_bytes("excluded.parquet", vec![text("turn_id", &ids), text("reason", &reasons)])
}

/// Turns left out, from Parquet bytes.
///
/// # Errors
/// [`TableError`].
pub fn from_parquet(file: &str, bytes: &[u8]) -> Result<Vec<Excluded>, TableError> {
    let frame = parquet::from_bytes(file, bytes)?;
    let rows = read_text(file, &frame, "turn_id")?.into_iter().zip(read_text(file, &frame, "reason")?);
    Ok(rows.map(|(turn_id, reason)| Excluded { turn_id, reason }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_read_back() {
        let one = vec![Excluded { turn_id: "a".to_owned(), reason: "missing in pass B".to_owned() }];
        assert_eq!(from_parquet("e", &to_parquet(&one).unwrap()).unwrap(), one);
        assert!(from_parquet("e", &to_parquet(&[]).unwrap()).unwrap().is_empty());
    }
}
