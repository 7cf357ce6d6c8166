//! `splits.parquet`: which part of the data each turn belongs to.

use super::columns::{read_text, text};
use super::{TableError, parquet};
use crate::core::turn::Split;

/// Parquet bytes of splits.
///
/// # Errors
/// [`TableError::Shape`] when ids and splits differ in number.
pub fn to_parquet<S: AsRef<str>>(ids: &[S], splits: &[Split]) -> Result<Vec<u8>, TableError> {
    let names: Vec<_> = splits.iter().map(|s| s.name()).collect();
    parquet::to_bytes("splits.parquet", vec![text("turn_id", ids), text("split", &names)])
}

/// Ids and splits from Parquet bytes.
///
/// # Errors
/// [`TableError`].
pub fn from_parquet(file: &str, bytes: &[u8]) -> Result<(Vec<String>, Vec<Split>), TableError> {
    let frame = parquet::from_bytes(file, bytes)?;
    let ids = read_text(file, &frame, "turn_id")?;
    let names = read_text(file, &frame, "split")?;
    let parse = |(row, name): (usize, &String)| {
        [Split::Train, Split::Validation, Split::Test].into_iter().find(|s| s.name() == name).ok_or_else(
            || TableError::value(file, row, "split", format!("`{name}` is none of train, validation, test")),
        )
    };
    let splits = names.iter().enumerate().map(parse).collect::<Result<_, _>>()?;
    Ok((ids, splits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_read_back() {
        let splits = [Split::Train, Split::Test, Split::Validation];
        let bytes = to_parquet(&["a", "b", "c"], &splits).unwrap();
        let (ids, back) = from_parquet("splits.parquet", &bytes).unwrap();
        assert_eq!((ids.join(""), back.as_slice()), ("abc".to_owned(), splits.as_slice()));
        assert!(to_parquet(&["a"], &splits).is_err());
    }
}
