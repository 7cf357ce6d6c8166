//! Parquet tables, read a slice of rows at a time so that the table never stands in memory twice.

use super::error::Problem;
use super::row::{Cell, Row, Visit};
use crate::run::tables::guard::guarded;
use crate::run::tables::parquet::{check_ends, open};
use polars::prelude::*;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// Rows read at a time.
const SLICE: usize = 1 << 15;

/// Reads rows and hands each to `visit`.
///
/// # Errors
/// [`Problem::Damaged`] for anything but a whole Parquet file, or the problem of `visit`.
pub fn read(path: &Path, visit: &mut Visit<'_>) -> Result<(), Problem> {
    let failed = |e: std::io::Error| Problem::Io(crate::run::error::reason(&e));
    let mut file = File::open(path).map_err(failed)?;
    let bytes = file.metadata().map_err(failed)?.len();
    check_ends(&mut file, bytes).map_err(Problem::Damaged)?;
    let metadata = guarded(|| open(&mut file, bytes)?.get_metadata().cloned().map_err(|e| e.to_string()))
        .and_then(|result| result)
        .map_err(|e| Problem::Damaged(one_line(&e)))?;
    let mut start = 0;
    while start < metadata.num_rows {
        let slice = guarded(|| {
            let mut reader = ParquetReader::new(&mut file)
                .read_parallel(ParallelStrategy::None)
                .with_slice(Some((start, SLICE)));
            reader.set_metadata(metadata.clone());
            reader.finish().map_err(|e| e.to_string()).and_then(|frame| cells(&frame))
        })
        .and_then(|result| result)
        .map_err(|e| Problem::Damaged(one_line(&e)))?;
        let height = slice.first().map_or(0, |(_, column)| column.len());
        let mut columns: Vec<_> =
            slice.into_iter().map(|(name, column)| (name, column.into_iter())).collect();
        for at in 0..height {
            let cells = columns
                .iter_mut()
                .map(|(name, column)| (Arc::clone(name), column.next().unwrap_or(Cell::Null)))
                .collect();
            if visit(Row { number: (start + at + 1) as u64, cells })?.is_break() {
                return Ok(());
            }
        }
        if height == 0 {
            break;
        }
        start += height;
    }
    Ok(())
}

fn cells(frame: &DataFrame) -> Result<Vec<(Arc<str>, Vec<Cell>)>, String> {
    let column = |column: &Column| -> Result<(Arc<str>, Vec<Cell>), String> {
        let failed = |e: PolarsError| e.to_string();
        let cells = match column.dtype() {
            DataType::Null => vec![Cell::Null; column.len()],
            DataType::String => {
                let text = |v: Option<&str>| v.map_or(Cell::Null, |t| Cell::Text(t.to_owned()));
                column.str().map_err(failed)?.iter().map(text).collect()
            }
            dtype if dtype.is_primitive_numeric() => {
                let numbers = column.cast(&DataType::Float64).map_err(failed)?;
                numbers.f64().map_err(failed)?.iter().map(|v| v.map_or(Cell::Null, Cell::Number)).collect()
            }
            _ => {
                let series = column.as_materialized_series();
                series
                    .iter()
                    .map(|v| if v.is_null() { Cell::Null } else { Cell::Text(v.to_string()) })
                    .collect()
            }
        };
        Ok((Arc::from(column.name().as_str()), cells))
    };
    frame.columns().iter().map(column).collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
