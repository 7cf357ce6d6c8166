//! Columns to Parquet bytes and back; the only place that calls the Parquet reader on whole files.

use super::guard::guarded;
use super::{TableError, pages};
use polars::io::mmap::MmapBytesReader;
use polars::prelude::*;
use std::io::{Cursor, Read, Seek, SeekFrom};

const MAGIC: [u8; 4] = *b"PAR1";

/// Parquet bytes of columns of equal length.
///
/// # Errors
/// [`TableError::Shape`] when lengths differ or names repeat.
pub fn to_bytes(file: &str, columns: Vec<Column>) -> Result<Vec<u8>, TableError> {
    let mut frame = DataFrame::new_infer_height(columns).map_err(|e| TableError::shape(file, e))?;
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame).map_err(|e| TableError::shape(file, e))?;
    Ok(bytes)
}

/// The table in Parquet bytes.
///
/// # Errors
/// [`TableError::Damaged`] for anything but a whole Parquet file.
pub fn from_bytes(file: &str, bytes: &[u8]) -> Result<DataFrame, TableError> {
    check_ends(&mut Cursor::new(bytes), bytes.len() as u64)
        .map_err(|reason| TableError::damaged(file, reason))?;
    guarded(|| {
        open(Cursor::new(bytes), bytes.len() as u64)?.set_rechunk(true).finish().map_err(|e| e.to_string())
    })
    .and_then(|result| result)
    .map_err(|reason| TableError::damaged(file, reason))
}

/// A reader whose footer and page headers were checked: the numbers they promise agree with each other and with the
/// size of the file. Unchecked, one flipped bit makes the reader ask for exabytes, which ends the process.
/// To be called, as everything done with the reader, inside [`guarded`].
///
/// # Errors
/// What is wrong, in plain words.
pub fn open<R: MmapBytesReader>(mut source: R, bytes: u64) -> Result<ParquetReader<R>, String> {
    let metadata = ParquetReader::new(&mut source).get_metadata().map_err(|e| e.to_string())?.clone();
    let disagrees = || "its Parquet footer contradicts itself".to_owned();
    let mut rows = 0_usize;
    for group in &metadata.row_groups {
        rows = rows.checked_add(group.num_rows()).ok_or_else(disagrees)?;
        for column in group.parquet_columns() {
            if group.num_rows() == 0 && column.num_values() == 0 {
                continue; // Nothing to read, and writers put no offset there.
            }
            let start = column
                .dictionary_page_offset()
                .filter(|at| *at > 0)
                .unwrap_or(i64::MAX)
                .min(column.data_page_offset());
            let end = start.checked_add(column.compressed_size()).ok_or_else(disagrees)?;
            let fits = start >= 4
                && column.compressed_size() >= 0
                && end as u64 <= bytes
                && column.num_values() >= 0;
            let is_flat = column.descriptor().descriptor.max_rep_level == 0;
            if !fits || (is_flat && column.num_values() != group.num_rows() as i64) {
                return Err(disagrees());
            }
            pages::check(
                &mut source,
                start as u64,
                column.compressed_size() as u64,
                column.num_values() as u64,
            )?;
        }
    }
    // Even a column of one repeated value stays far above a byte for a thousand rows when rows carry ids.
    if rows != metadata.num_rows || rows as u64 > bytes.saturating_mul(1000) {
        return Err(disagrees());
    }
    // On one thread, so that the guard sees every panic of the reader.
    let mut reader = ParquetReader::new(source).read_parallel(ParallelStrategy::None);
    reader.set_metadata(metadata);
    Ok(reader)
}

/// Whether `bytes` bytes begin and end as a Parquet file does.
///
/// # Errors
/// What is wrong, in plain words.
pub fn check_ends(source: &mut (impl Read + Seek), bytes: u64) -> Result<(), String> {
    let (mut head, mut tail) = ([0; 4], [0; 8]);
    let mut read = || -> std::io::Result<()> {
        source.rewind()?;
        source.read_exact(&mut head[..bytes.min(4) as usize])?;
        if bytes >= 12 {
            source.seek(SeekFrom::End(-8))?;
            source.read_exact(&mut tail)?;
        }
        source.rewind()
    };
    read().map_err(|e| e.to_string())?;
    let [l0, l1, l2, l3, magic @ ..] = tail;
    if bytes == 0 {
        return Err("it is empty".to_owned());
    }
    if head != MAGIC {
        return Err("it is no Parquet file".to_owned());
    }
    if magic != MAGIC {
        return Err("it is cut off: the end of the Parquet file is missing".to_owned());
    }
    let footer = u64::from(u32::from_le_bytes([l0, l1, l2, l3]));
    if footer + 12 > bytes { Err("its Parquet footer does not fit into it".to_owned()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::tables::columns;

    fn sample() -> Vec<u8> {
        let text: Vec<String> = (0..90).map(|i| format!("turn {i} of a run")).collect();
        let numbers: Vec<f32> =
            (0..90).map(|i| if i % 7 == 0 { f32::NAN } else { i as f32 / 90.0 }).collect();
        let columns = vec![columns::text("id", &text), columns::numbers("value", &numbers)];
        to_bytes("sample.parquet", columns).unwrap()
    }

    #[test]
    fn equal_values_give_equal_bytes() {
        assert_eq!(sample(), sample());
        assert_eq!(from_bytes("s", &sample()).unwrap().height(), 90);
    }

    #[test]
    fn a_truncated_file_is_one_sentence_at_every_length() {
        let whole = sample();
        for end in 0..whole.len() {
            let error = from_bytes("turns.parquet", &whole[..end]).unwrap_err().to_string();
            assert!(error.starts_with("turns.parquet is damaged (") && !error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn flipped_bytes_never_panic() {
        let whole = sample();
        let mut refused = 0;
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= [0xFF, 0x01, 0x80][at % 3];
            if let Err(error) = from_bytes("x", &bytes) {
                refused += 1;
                assert!(!error.to_string().contains('\n'), "{error}");
            }
        }
        assert!(refused > whole.len() / 3, "most damage is seen: {refused} of {}", whole.len());
    }
}
