//! Single columns: text and numbers to polars and back, with the row and column named when something is amiss.

use super::TableError;
use polars::prelude::*;

/// A column of text.
pub fn text<S: AsRef<str>>(name: &str, values: &[S]) -> Column {
    StringChunked::from_iter_values(name.into(), values.iter().map(AsRef::as_ref)).into_column()
}

/// A column of text with gaps.
pub fn optional_text(name: &str, values: &[Option<&str>]) -> Column {
    StringChunked::new(name.into(), values).into_column()
}

/// A column of f32; NaN becomes null.
pub fn numbers(name: &str, values: &[f32]) -> Column {
    Float32Chunked::from_iter_options(name.into(), values.iter().map(|v| (!v.is_nan()).then_some(*v)))
        .into_column()
}

/// A column of f64; NaN becomes null.
pub fn wide_numbers(name: &str, values: &[f64]) -> Column {
    Float64Chunked::from_iter_options(name.into(), values.iter().map(|v| (!v.is_nan()).then_some(*v)))
        .into_column()
}

/// A column of whole numbers.
pub fn integers(name: &str, values: &[i64]) -> Column {
    Int64Chunked::from_slice(name.into(), values).into_column()
}

/// The column of that name.
///
/// # Errors
/// [`TableError::NoColumn`].
pub fn find<'a>(file: &str, frame: &'a DataFrame, name: &str) -> Result<&'a Column, TableError> {
    frame.column(name).map_err(|_| TableError::NoColumn {
        file: file.to_owned(),
        column: name.to_owned(),
        found: frame.get_column_names().iter().map(|n| n.as_str()).collect::<Vec<_>>().join(", "),
    })
}

/// Text with gaps.
///
/// # Errors
/// [`TableError::NoColumn`], [`TableError::WrongType`].
pub fn read_optional_text(
    file: &str,
    frame: &DataFrame,
    name: &str,
) -> Result<Vec<Option<String>>, TableError> {
    let column = find(file, frame, name)?;
    if column.dtype() == &DataType::Null {
        return Ok(vec![None; frame.height()]);
    }
    let values = column.str().map_err(|_| wrong(file, column, "text"))?;
    Ok(values.iter().map(|v| v.map(str::to_owned)).collect())
}

/// Text without gaps.
///
/// # Errors
/// As [`read_optional_text`], and [`TableError::Value`] naming the first gap.
pub fn read_text(file: &str, frame: &DataFrame, name: &str) -> Result<Vec<String>, TableError> {
    let values = read_optional_text(file, frame, name)?;
    let missing = |row| TableError::value(file, row, name, "the text is missing; fill it in");
    values.into_iter().enumerate().map(|(row, v)| v.ok_or_else(|| missing(row))).collect()
}

/// Numbers as f64, null as NaN.
///
/// # Errors
/// [`TableError::NoColumn`], [`TableError::WrongType`].
pub fn read_numbers(file: &str, frame: &DataFrame, name: &str) -> Result<Vec<f64>, TableError> {
    let column = find(file, frame, name)?;
    if !column.dtype().is_primitive_numeric() && column.dtype() != &DataType::Null {
        return Err(wrong(file, column, "numbers"));
    }
    let column = column.cast(&DataType::Float64).map_err(|e| TableError::damaged(file, e))?;
    let values = column.f64().map_err(|e| TableError::damaged(file, e))?;
    Ok(values.iter().map(|v| v.unwrap_or(f64::NAN)).collect())
}

/// Whole numbers without gaps.
///
/// # Errors
/// As [`read_numbers`], and [`TableError::Value`] naming the first gap.
pub fn read_integers(file: &str, frame: &DataFrame, name: &str) -> Result<Vec<i64>, TableError> {
    let column = find(file, frame, name)?;
    if !column.dtype().is_integer() {
        return Err(wrong(file, column, "whole numbers"));
    }
    let column = column.cast(&DataType::Int64).map_err(|e| TableError::damaged(file, e))?;
    let values = column.i64().map_err(|e| TableError::damaged(file, e))?;
    let missing = |row| TableError::value(file, row, name, "the number is missing; fill it in");
    values.iter().enumerate().map(|(row, v)| v.ok_or_else(|| missing(row))).collect()
}

fn wrong(file: &str, column: &Column, wanted: &'static str) -> TableError {
    TableError::WrongType {
        file: file.to_owned(),
        column: column.name().to_string(),
        found: column.dtype().to_string(),
        wanted,
    }
}
