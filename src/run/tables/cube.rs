//! `cube.parquet`: every per-dimension value of a pass (turns x dimensions x attributes), so that nothing is lost in
//! the mean of the SCM. Long format: one row a turn and dimension, one column an attribute.

use super::columns::{numbers, read_numbers, read_text, text};
use super::{TableError, parquet};
use crate::core::dimension::{Dimension, N_DIMENSIONS};
use crate::core::matrix::Matrix;

/// All values of one pass.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cube {
    /// Attribute names ("score01", "uncertainty01", ...).
    pub attributes: Vec<String>,
    /// One `[turns, attributes]` matrix a dimension, in the order of [`Dimension::ALL`]; NaN where missing.
    pub dimensions: Vec<Matrix>,
}

/// Parquet bytes of a cube.
///
/// # Errors
/// [`TableError::Shape`] unless there are five matrices of `[ids, attributes]`.
pub fn to_parquet<S: AsRef<str>>(file: &str, ids: &[S], cube: &Cube) -> Result<Vec<u8>, TableError> {
    let n = cube.attributes.len();
    let fits = cube.dimensions.len() == N_DIMENSIONS
        && cube.dimensions.iter().all(|m| m.rows() == ids.len() && m.cols() == n);
    if !fits {
        return Err(TableError::shape(
            file,
            format!("a cube needs {N_DIMENSIONS} matrices of {} x {n}", ids.len()),
        ));
    }
    let rows =
        || ids.iter().enumerate().flat_map(|(row, id)| Dimension::ALL.into_iter().map(move |d| (row, id, d)));
    let mut columns = vec![
        text("turn_id", &rows().map(|(_, id, _)| id.as_ref()).collect::<Vec<_>>()),
        text("dimension", &rows().map(|(_, _, d)| d.name()).collect::<Vec<_>>()),
    ];
    for (c, name) in cube.attributes.iter().enumerate() {
        let values: Vec<f32> = rows().map(|(row, _, d)| cube.dimensions[d.index()].get(row, c)).collect();
        columns.push(numbers(name, &values));
    }
    parquet::to_bytes(file, columns)
}

/// Ids and cube from Parquet bytes.
///
/// # Errors
/// [`TableError`], also when a turn does not have its five rows in order.
pub fn from_parquet(file: &str, bytes: &[u8]) -> Result<(Vec<String>, Cube), TableError> {
    let frame = parquet::from_bytes(file, bytes)?;
    let long_ids = read_text(file, &frame, "turn_id")?;
    let dimensions = read_text(file, &frame, "dimension")?;
    for (row, (id, dimension)) in long_ids.iter().zip(&dimensions).enumerate() {
        let first = &long_ids[row - row % N_DIMENSIONS];
        if id != first || dimension != Dimension::ALL[row % N_DIMENSIONS].name() {
            return Err(TableError::value(file, row, "dimension", "each turn needs its five rows in order"));
        }
    }
    if long_ids.len() % N_DIMENSIONS != 0 {
        return Err(TableError::damaged(file, "the last turn lacks some of its five rows"));
    }
    let names = frame.get_column_names_owned();
    let attributes: Vec<String> =
        names.iter().map(ToString::to_string).filter(|n| n != "turn_id" && n != "dimension").collect();
    let turns = long_ids.len() / N_DIMENSIONS;
    let mut matrices = vec![Matrix::filled(turns, attributes.len(), f32::NAN); N_DIMENSIONS];
    for (c, name) in attributes.iter().enumerate() {
        for (row, value) in read_numbers(file, &frame, name)?.into_iter().enumerate() {
            matrices[row % N_DIMENSIONS].set(row / N_DIMENSIONS, c, value as f32);
        }
    }
    let ids = long_ids.into_iter().step_by(N_DIMENSIONS).collect();
    Ok((ids, Cube { attributes, dimensions: matrices }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cube_reads_back() {
        let cube = Cube {
            attributes: vec!["score01".to_owned(), "log_var".to_owned()],
            dimensions: (0..5)
                .map(|d| Matrix::from_fn(3, 2, |r, c| (d * 100 + r * 10 + c) as f32 - 7.5))
                .collect(),
        };
        let bytes = to_parquet("cube", &["x", "y", "z"], &cube).unwrap();
        let (ids, back) = from_parquet("cube", &bytes).unwrap();
        assert_eq!((ids.len(), back), (3, cube.clone()));
        assert!(to_parquet("cube", &["x"], &cube).is_err());
    }
}
