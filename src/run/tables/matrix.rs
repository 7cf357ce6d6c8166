//! Matrices with a name a column and a turn a row: passes (`scm.parquet`), the field (`delta.parquet`), projections.

use super::columns::{numbers, read_numbers, read_text, text};
use super::{TableError, parquet};
use crate::core::matrix::Matrix;
use crate::core::scm;

/// Parquet bytes: `turn_id` and one f32 column a name; NaN becomes null.
///
/// # Errors
/// [`TableError::Shape`] when ids or names do not fit the matrix, [`TableError::Value`] for an infinite value.
pub fn to_parquet<S: AsRef<str>>(
    file: &str,
    ids: &[S],
    names: &[&str],
    matrix: &Matrix,
) -> Result<Vec<u8>, TableError> {
    if ids.len() != matrix.rows() || names.len() != matrix.cols() {
        let (rows, cols) = (matrix.rows(), matrix.cols());
        let reason = format!("{} ids and {} names for a {rows} x {cols} matrix", ids.len(), names.len());
        return Err(TableError::shape(file, reason));
    }
    let mut columns = vec![text("turn_id", ids)];
    for (c, name) in names.iter().enumerate() {
        let values = matrix.column(c);
        if let Some(row) = values.iter().position(|v| v.is_infinite()) {
            return Err(TableError::value(
                file,
                row,
                name,
                "the value is infinite; it can only be finite or missing",
            ));
        }
        columns.push(numbers(name, &values));
    }
    parquet::to_bytes(file, columns)
}

/// Ids and the named columns, in that order, whatever else the table holds; null becomes NaN.
///
/// # Errors
/// [`TableError`].
pub fn from_parquet(file: &str, bytes: &[u8], names: &[&str]) -> Result<(Vec<String>, Matrix), TableError> {
    let frame = parquet::from_bytes(file, bytes)?;
    let ids = read_text(file, &frame, "turn_id")?;
    let mut matrix = Matrix::filled(ids.len(), names.len(), f32::NAN);
    for (c, name) in names.iter().enumerate() {
        for (row, value) in read_numbers(file, &frame, name)?.into_iter().enumerate() {
            if value.is_infinite() {
                return Err(TableError::value(file, row, name, "the value is infinite; correct it"));
            }
            matrix.set(row, c, value as f32);
        }
    }
    Ok((ids, matrix))
}

/// [`to_parquet`] with the twelve SCM columns.
///
/// # Errors
/// As [`to_parquet`].
pub fn scm_to_parquet<S: AsRef<str>>(file: &str, ids: &[S], matrix: &Matrix) -> Result<Vec<u8>, TableError> {
    to_parquet(file, ids, &scm::COLUMNS, matrix)
}

/// [`from_parquet`] with the twelve SCM columns.
///
/// # Errors
/// As [`from_parquet`].
pub fn scm_from_parquet(file: &str, bytes: &[u8]) -> Result<(Vec<String>, Matrix), TableError> {
    from_parquet(file, bytes, &scm::COLUMNS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_reads_back_bit_by_bit_with_its_gaps() {
        let matrix = Matrix::from_fn(5, 12, |r, c| {
            if (r + c) % 5 == 0 { f32::NAN } else { (r as f32 + 0.1) / (c as f32 + 7.3) }
        });
        let ids = ["a", "b", "c", "d", "e"];
        let bytes = scm_to_parquet("passes/A/scm.parquet", &ids, &matrix).unwrap();
        let (back_ids, back) = scm_from_parquet("x", &bytes).unwrap();
        assert_eq!(back_ids, ids);
        let bits = |m: &Matrix| m.data().iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&back), bits(&matrix));
        assert_eq!(bytes, scm_to_parquet("y", &ids, &matrix).unwrap());
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let matrix = Matrix::zeros(2, 12);
        assert!(matches!(scm_to_parquet("x", &["a"], &matrix), Err(TableError::Shape { .. })));
        let infinite = Matrix::filled(1, 12, f32::INFINITY);
        let error = scm_to_parquet("x", &["a"], &infinite).unwrap_err().to_string();
        assert!(error.starts_with("row 1, column `scm.reasoning.score01`"), "{error}");
        let part = to_parquet("x", &["a"], &["one"], &Matrix::zeros(1, 1)).unwrap();
        assert!(matches!(scm_from_parquet("x", &part), Err(TableError::NoColumn { .. })));
    }
}
