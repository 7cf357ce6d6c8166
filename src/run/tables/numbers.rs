//! Tables of plain numbers: training histories (one row an epoch) and null statistics (one row a null field).

use super::columns::{read_numbers, wide_numbers};
use super::{TableError, parquet};
use crate::run::contents::History;

/// Parquet bytes of a table of numbers; NaN becomes null.
///
/// # Errors
/// [`TableError::Shape`] when a row has another length than the names.
pub fn to_parquet(file: &str, table: &History) -> Result<Vec<u8>, TableError> {
    if let Some(row) = table.values.iter().find(|r| r.len() != table.names.len()) {
        let reason = format!("a row of {} values for {} names", row.len(), table.names.len());
        return Err(TableError::shape(file, reason));
    }
    let column = |(c, name): (usize, &String)| {
        wide_numbers(name, &table.values.iter().map(|row| row[c]).collect::<Vec<_>>())
    };
    parquet::to_bytes(file, table.names.iter().enumerate().map(column).collect())
}

/// A table of numbers from Parquet bytes; columns of another type are left out.
///
/// # Errors
/// [`TableError`].
pub fn from_parquet(file: &str, bytes: &[u8]) -> Result<History, TableError> {
    let frame = parquet::from_bytes(file, bytes)?;
    let mut table = History { names: Vec::new(), values: vec![Vec::new(); frame.height()] };
    for name in frame.get_column_names_owned() {
        match read_numbers(file, &frame, &name) {
            Ok(column) => {
                table.names.push(name.to_string());
                for (row, value) in table.values.iter_mut().zip(column) {
                    row.push(value);
                }
            }
            Err(TableError::WrongType { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_reads_back() {
        let history = History {
            names: vec!["epoch".to_owned(), "val.mae".to_owned()],
            values: vec![vec![1.0, 0.31], vec![2.0, 0.29]],
        };
        assert_eq!(from_parquet("h", &to_parquet("h", &history).unwrap()).unwrap(), history);
        let ragged = History { values: vec![vec![1.0]], ..history };
        assert!(to_parquet("h", &ragged).is_err());
    }
}
