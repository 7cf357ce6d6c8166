//! Parquet tables, read a slice of rows at a time so that the table never stands in memory twice.

use super::error::Problem;
use super::row::{Cell, Row, Visit};
use crate::run::tables::guard::guarded;
use crate::run::tables::parquet::{check_ends, open};
use polars::io::parquet::metadata::FileMetadataRef;
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
    let columns = probe(&mut file, &metadata)?;
    let readable: Vec<usize> = (0..columns.len()).filter(|c| columns[*c].1.is_none()).collect();
    let unreadable: Vec<(Arc<str>, Cell)> = columns
        .iter()
        .filter_map(|(name, why)| Some((Arc::clone(name), Cell::Unreadable(Arc::clone(why.as_ref()?)))))
        .collect();
    let mut start = 0;
    while start < metadata.num_rows {
        let slice = read_slice(&mut file, &metadata, (start, SLICE), &readable).map_err(Problem::Damaged)?;
        let height = slice.first().map_or(0, |(_, column)| column.len());
        if height == 0 {
            return Err(Problem::Damaged("it has fewer rows than it says".to_owned()));
        }
        let mut columns: Vec<_> =
            slice.into_iter().map(|(name, column)| (name, column.into_iter())).collect();
        for at in 0..height {
            let read = columns
                .iter_mut()
                .map(|(name, column)| (Arc::clone(name), column.next().unwrap_or(Cell::Null)));
            let row = Row {
                number: (start + at + 1) as u64,
                cells: read.chain(unreadable.iter().cloned()).collect(),
            };
            if visit(row)?.is_break() {
                return Ok(());
            }
        }
        start += height;
    }
    Ok(())
}

/// A column's name and, when its type cannot be read here, the reason.
type Probed = (Arc<str>, Option<Arc<str>>);

/// The columns of the table.
fn probe(file: &mut File, metadata: &FileMetadataRef) -> Result<Vec<Probed>, Problem> {
    let names = guarded(|| {
        let mut reader = ParquetReader::new(&mut *file);
        reader.set_metadata(metadata.clone());
        let schema = reader.schema().map_err(|e| e.to_string())?;
        Ok(schema.iter_names().map(|n| Arc::from(n.as_str())).collect::<Vec<Arc<str>>>())
    })
    .and_then(|result: Result<_, String>| result)
    .map_err(|e| Problem::Damaged(one_line(&e)))?;
    let mut columns = Vec::with_capacity(names.len());
    for (at, name) in names.into_iter().enumerate() {
        let why = read_slice(file, metadata, (0, 1), &[at]).err().map(Arc::<str>::from);
        columns.push((name, why));
    }
    match columns.iter().find_map(|(_, why)| why.clone()) {
        Some(why) if columns.iter().all(|(_, why)| why.is_some()) => Err(Problem::Damaged(why.to_string())),
        _ => Ok(columns),
    }
}

fn read_slice(
    file: &mut File,
    metadata: &FileMetadataRef,
    slice: (usize, usize),
    columns: &[usize],
) -> Result<Vec<NamedCells>, String> {
    guarded(|| {
        let mut reader = ParquetReader::new(file)
            .read_parallel(ParallelStrategy::None)
            .with_projection(Some(columns.to_vec()))
            .with_slice(Some(slice));
        reader.set_metadata(metadata.clone());
        reader.finish().map_err(|e| e.to_string()).and_then(|frame| cells(&frame))
    })
    .and_then(|result| result)
    .map_err(|e| one_line(&e))
}

/// A column's name and its values.
type NamedCells = (Arc<str>, Vec<Cell>);

fn cells(frame: &DataFrame) -> Result<Vec<NamedCells>, String> {
    let column = |column: &Column| -> Result<NamedCells, String> {
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
