//! Point clouds from files: one point a row, one coordinate a column.

use crate::core::npy;
use crate::run::tables::{columns, parquet};
use std::path::{Path, PathBuf};

/// Coordinates of a cloud, row-major `[rows, cols]`, float64.
#[derive(Clone, Debug, PartialEq)]
pub struct Cloud {
    /// Number of points.
    pub rows: usize,
    /// Coordinates of a point.
    pub cols: usize,
    /// All coordinates.
    pub data: Vec<f64>,
}

/// Why a cloud cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PointsError {
    /// The file cannot be read at all.
    #[error("the points cannot be read ({reason}): {}", path.display())]
    Io {
        /// Why.
        reason: String,
        /// On what.
        path: PathBuf,
    },
    /// The content is no table of numbers.
    #[error("{reason}: {}", path.display())]
    Content {
        /// What is wrong and what to do.
        reason: String,
        /// On what.
        path: PathBuf,
    },
}

/// Reads `.npy` (float32 or float64), Parquet (every numeric column) or text (comma, semicolon or tab; a header line
/// is skipped), told apart by content.
///
/// # Errors
/// When the file cannot be read or is no table of numbers.
pub fn read(path: &Path) -> Result<Cloud, PointsError> {
    let content = |reason: String| PointsError::Content { reason, path: path.to_owned() };
    let bytes = std::fs::read(path)
        .map_err(|e| PointsError::Io { reason: crate::run::error::reason(&e), path: path.to_owned() })?;
    if bytes.starts_with(b"\x93NUMPY") {
        let array = npy::parse(&bytes).map_err(|e| content(e.to_string()))?;
        let (rows, cols) = array.table().map_err(|e| content(e.to_string()))?;
        return Ok(Cloud { rows, cols, data: array.data });
    }
    if bytes.starts_with(b"PAR1") {
        return from_parquet(&bytes).map_err(content);
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| {
        content("this is neither .npy, Parquet nor a text table; give one of these".to_owned())
    })?;
    from_text(text).map_err(content)
}

fn from_parquet(bytes: &[u8]) -> Result<Cloud, String> {
    let frame = parquet::from_bytes("the points", bytes).map_err(|e| e.to_string())?;
    let names: Vec<String> = frame.get_column_names_owned().iter().map(ToString::to_string).collect();
    let numeric: Vec<Vec<f64>> =
        names.iter().filter_map(|n| columns::read_numbers("the points", &frame, n).ok()).collect();
    if numeric.is_empty() {
        return Err("the table has no column of numbers; give one coordinate a column".to_owned());
    }
    let (rows, cols) = (frame.height(), numeric.len());
    let data = (0..rows).flat_map(|r| numeric.iter().map(move |c| c[r])).collect();
    Ok(Cloud { rows, cols, data })
}

fn from_text(text: &str) -> Result<Cloud, String> {
    let mut cloud = Cloud { rows: 0, cols: 0, data: Vec::new() };
    for (number, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let separator = [',', ';', '\t'].into_iter().find(|s| line.contains(*s)).unwrap_or(' ');
        let cells: Vec<Result<f64, &str>> = line
            .split(separator)
            .map(str::trim)
            .filter(|c| separator != ' ' || !c.is_empty())
            .map(|c| c.parse().map_err(|_| c))
            .collect();
        if cloud.rows == 0 && cloud.cols == 0 && cells.iter().any(Result::is_err) {
            cloud.cols = cells.len(); // a header
            continue;
        }
        if cloud.rows > 0 && cells.len() != cloud.cols {
            let (found, wanted) = (cells.len(), cloud.cols);
            return Err(format!(
                "line {} has {found} values where others have {wanted}; correct it",
                number + 1
            ));
        }
        cloud.cols = cells.len();
        for cell in cells {
            cloud
                .data
                .push(cell.map_err(|c| format!("line {}: `{c}` is no number; correct it", number + 1))?);
        }
        cloud.rows += 1;
    }
    if cloud.rows == 0 {
        return Err("the table holds no point; give one point a row".to_owned());
    }
    Ok(cloud)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_tables_are_read_with_and_without_a_header() {
        let want = Cloud { rows: 2, cols: 2, data: vec![1.0, 2.0, 3.0, -4.5] };
        for text in ["1,2\n3,-4.5\n", "x,y\n1,2\n\n3,-4.5", "1\t2\n3\t-4.5", "1  2\n3 -4.5"] {
            assert_eq!(from_text(text), Ok(want.clone()), "{text:?}");
        }
    }

    #[test]
    fn broken_tables_name_the_line() {
        assert!(from_text("1,2\n3\n").unwrap_err().contains("line 2"));
        assert!(from_text("1,2\n3,x\n").unwrap_err().contains("`x` is no number"));
        assert!(from_text("x,y\n").unwrap_err().contains("no point"));
    }

    #[test]
    fn npy_and_parquet_and_junk() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("p");
        std::fs::write(
            &path,
            npy::bytes_of(&crate::core::matrix::Matrix::from_fn(3, 2, |r, c| (r * 2 + c) as f32)),
        )
        .unwrap();
        assert_eq!(read(&path).unwrap().data, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        std::fs::write(&path, [0xff, 0xfe, 0x00]).unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("neither"));
        std::fs::write(&path, b"PAR1 truncated").unwrap();
        assert!(read(&path).is_err());
        assert!(read(&dir.path().join("none")).is_err());
    }
}
