//! `validation.parquet`: what a scorer in training said of the validation turns, epoch by epoch.

use super::{TableError, matrix};
use crate::core::dimension::{Dimension, N_DIMENSIONS};
use crate::core::matrix::Matrix;

/// The columns: the epoch from 1, then the five scores.
fn names() -> Vec<&'static str> {
    std::iter::once("epoch").chain(Dimension::ALL.map(Dimension::name)).collect()
}

/// Parquet bytes of one `[ids, 5]` matrix an epoch, in long format: one row an epoch and turn.
///
/// # Errors
/// [`TableError::Shape`] when an epoch has another shape than `[ids, 5]`.
pub fn to_parquet<S: AsRef<str>>(file: &str, ids: &[S], epochs: &[Matrix]) -> Result<Vec<u8>, TableError> {
    let rows = ids.len();
    if epochs.iter().any(|m| m.rows() != rows || m.cols() != N_DIMENSIONS) {
        return Err(TableError::shape(file, format!("every epoch needs a {rows} x {N_DIMENSIONS} matrix")));
    }
    let all: Vec<&str> = epochs.iter().flat_map(|_| ids.iter().map(AsRef::as_ref)).collect();
    let table = Matrix::from_fn(all.len(), N_DIMENSIONS + 1, |row, column| {
        let epoch = row / rows;
        match column.checked_sub(1) {
            None => (epoch + 1) as f32,
            Some(dimension) => epochs[epoch].get(row % rows, dimension),
        }
    });
    matrix::to_parquet(file, &all, &names(), &table)
}

/// The turns and one `[turns, 5]` matrix an epoch from Parquet bytes.
///
/// # Errors
/// [`TableError`], also when the epochs do not name the same turns in the same order.
pub fn from_parquet(file: &str, bytes: &[u8]) -> Result<(Vec<String>, Vec<Matrix>), TableError> {
    let (all, table) = matrix::from_parquet(file, bytes, &names())?;
    let rows = (0..all.len()).take_while(|r| table.get(*r, 0) == 1.0).count();
    let ids: Vec<String> = all.iter().take(rows).cloned().collect();
    if rows == 0 || all.len() % rows != 0 {
        return if all.is_empty() {
            Ok((ids, Vec::new()))
        } else {
            Err(TableError::damaged(file, "its epochs do not have the same number of turns"))
        };
    }
    if let Some(row) = all.iter().enumerate().position(|(row, id)| *id != ids[row % rows]) {
        return Err(TableError::value(file, row, "turn_id", "each epoch needs the same turns in order"));
    }
    let epoch = |e: usize| Matrix::from_fn(rows, N_DIMENSIONS, |r, d| table.get(e * rows + r, d + 1));
    Ok((ids, (0..all.len() / rows).map(epoch).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epochs_read_back() {
        let epochs: Vec<Matrix> = (0..3)
            .map(|e| Matrix::from_fn(2, 5, |r, d| e as f32 * 0.1 + r as f32 * 0.01 + d as f32))
            .collect();
        let bytes = to_parquet("v", &["x", "y"], &epochs).unwrap();
        let (ids, back) = from_parquet("v", &bytes).unwrap();
        assert_eq!((ids.join(" "), back), ("x y".to_owned(), epochs.clone()));
        assert!(to_parquet("v", &["x"], &epochs).is_err());
        let none = to_parquet("v", &["x"], &[]).unwrap();
        assert_eq!(from_parquet("v", &none).unwrap().1.len(), 0);
    }

    #[test]
    fn an_epoch_that_names_other_turns_is_refused() {
        let table = Matrix::from_fn(4, 6, |r, c| if c == 0 { (r / 2 + 1) as f32 } else { 0.5 });
        let bytes = matrix::to_parquet("v", &["x", "y", "y", "x"], &names(), &table).unwrap();
        assert!(from_parquet("v", &bytes).is_err());
    }
}
