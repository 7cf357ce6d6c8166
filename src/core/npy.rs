//! NumPy's `.npy` files: dense arrays of f32 or f64 in C order, read and written without NumPy.
//!
//! Format: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html> (versions 1.0 to 3.0).

use std::path::{Path, PathBuf};

use crate::core::matrix::Matrix;

/// The longest header accepted, bytes; NumPy's own limit for trusted-looking files.
const MAX_HEADER: usize = 10_000;

/// Why an array cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum NpyError {
    /// The file cannot be opened, read or written.
    #[error("the array file {path} cannot be used ({source}): check the path and its permissions")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The bytes are not a supported array.
    #[error(
        "not a readable .npy array ({0}): save a two-dimensional float32 or float64 array with numpy.save"
    )]
    Format(String),
}

/// A dense array, C order, values widened to f64 (every f32 is exact in f64).
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Length of every axis; empty for a single number.
    pub shape: Vec<usize>,
    /// Values, last axis fastest; `shape.iter().product()` of them.
    pub data: Vec<f64>,
}

impl Array {
    /// Rows and columns of a table; a one-dimensional array is one column. Errors on any other number of axes.
    pub fn table(&self) -> Result<(usize, usize), NpyError> {
        match self.shape[..] {
            [rows] => Ok((rows, 1)),
            [rows, cols] => Ok((rows, cols)),
            _ => Err(NpyError::Format(format!("it has {} axes, not two", self.shape.len()))),
        }
    }

    /// The table as a [`Matrix`] of f32 (f64 values are rounded).
    pub fn to_matrix(&self) -> Result<Matrix, NpyError> {
        let (rows, cols) = self.table()?;
        let data = self.data.iter().map(|v| *v as f32).collect();
        Matrix::from_vec(rows, cols, data).ok_or_else(|| NpyError::Format("its shape and size differ".into()))
    }
}

/// Reads a `.npy` file.
pub fn read(path: &Path) -> Result<Array, NpyError> {
    let bytes = std::fs::read(path).map_err(|source| NpyError::Io { path: path.to_path_buf(), source })?;
    parse(&bytes)
}

/// Writes a matrix as a little-endian float32 `.npy` file (version 1.0).
pub fn write(path: &Path, matrix: &Matrix) -> Result<(), NpyError> {
    std::fs::write(path, bytes_of(matrix)).map_err(|source| NpyError::Io { path: path.to_path_buf(), source })
}

/// The bytes [`write()`] writes.
pub fn bytes_of(matrix: &Matrix) -> Vec<u8> {
    let dict = format!(
        "{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}",
        matrix.rows(),
        matrix.cols()
    );
    // Magic 6, version 2, length 2, dictionary, padding and a newline: together a multiple of 64.
    let padding = (64 - (10 + dict.len() + 1) % 64) % 64;
    let length = (dict.len() + padding + 1) as u16;
    let mut out = b"\x93NUMPY\x01\x00".to_vec();
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(dict.as_bytes());
    out.resize(out.len() + padding, b' ');
    out.push(b'\n');
    for value in matrix.data() {
        out.extend_from_slice(&value.to_le_bytes());
    }
    out
}

/// Reads an array from the bytes of a `.npy` file.
pub fn parse(bytes: &[u8]) -> Result<Array, NpyError> {
    let bad = |what: &str| NpyError::Format(what.into());
    let prefix = bytes.get(..10).ok_or_else(|| bad("the file is shorter than a header"))?;
    if &prefix[..6] != b"\x93NUMPY" {
        return Err(bad("it does not start with NumPy's mark"));
    }
    let (length, start) = match prefix[6] {
        1 => (u16::from_le_bytes([prefix[8], prefix[9]]) as usize, 10),
        2 | 3 => {
            let more = bytes.get(8..12).ok_or_else(|| bad("the header is cut off"))?;
            (u32::from_le_bytes([more[0], more[1], more[2], more[3]]) as usize, 12)
        }
        v => return Err(NpyError::Format(format!("its format version is {v}"))),
    };
    if length > MAX_HEADER {
        return Err(bad("its header is implausibly long"));
    }
    let header = bytes.get(start..start + length).ok_or_else(|| bad("the header is cut off"))?;
    let header = std::str::from_utf8(header).map_err(|_| bad("its header is not text"))?;
    if field(header, "fortran_order") == Some("True") {
        return Err(bad("it is in Fortran order; use numpy.ascontiguousarray"));
    }
    let descr =
        field(header, "descr").ok_or_else(|| bad("its header names no type"))?.trim_matches(['\'', '"']);
    let shape = shape(header).ok_or_else(|| bad("its header names no shape"))?;
    let count =
        shape.iter().try_fold(1_usize, |n, d| n.checked_mul(*d)).ok_or_else(|| bad("its shape overflows"))?;
    let body = &bytes[start + length..];
    let size = match descr {
        "<f4" => 4,
        "<f8" => 8,
        other => return Err(NpyError::Format(format!("its type is {other}, not float32 or float64"))),
    };
    if count.checked_mul(size) != Some(body.len()) {
        return Err(NpyError::Format(format!(
            "its shape {shape:?} needs {} values of {size} bytes but {} bytes follow the header",
            count,
            body.len()
        )));
    }
    let data = if size == 4 {
        body.chunks_exact(4).map(|b| f64::from(f32::from_le_bytes([b[0], b[1], b[2], b[3]]))).collect()
    } else {
        body.chunks_exact(8)
            .map(|b| f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]))
            .collect()
    };
    Ok(Array { shape, data })
}

/// The raw value after `'name':` up to the next comma or brace.
fn field<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let rest = after(header, name)?;
    Some(rest[..rest.find([',', '}'])?].trim())
}

fn shape(header: &str) -> Option<Vec<usize>> {
    let rest = after(header, "shape")?.strip_prefix('(')?;
    let inner = &rest[..rest.find(')')?];
    inner.split(',').map(str::trim).filter(|t| !t.is_empty()).map(|t| t.parse().ok()).collect()
}

fn after<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let at = header.find(&format!("'{name}'")).or_else(|| header.find(&format!("\"{name}\"")))?;
    Some(header[at + name.len() + 2..].trim_start().strip_prefix(':')?.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let m = Matrix::from_fn(3, 2, |r, c| r as f32 * 1.5 - c as f32);
        let bytes = bytes_of(&m);
        assert_eq!(bytes.len() % 64, 24, "a header padded to 64 bytes, then 24 bytes of values");
        let a = parse(&bytes).unwrap();
        assert_eq!(a.shape, vec![3, 2]);
        assert_eq!(a.to_matrix().unwrap(), m);
    }

    #[test]
    fn broken_arrays_are_named() {
        let m = Matrix::from_fn(3, 2, |r, _| r as f32);
        let good = bytes_of(&m);
        let cut = parse(&good[..good.len() - 1]).unwrap_err().to_string();
        assert!(cut.contains("23 bytes follow"), "{cut}");
        assert!(parse(b"").unwrap_err().to_string().contains("shorter"));
        assert!(parse(b"not an array at all").unwrap_err().to_string().contains("mark"));
        let text = String::from_utf8_lossy(&good[10..74]).replace("<f4", "<i4");
        let mut ints = good.clone();
        ints[10..74].copy_from_slice(&text.as_bytes()[..64]);
        assert!(parse(&ints).unwrap_err().to_string().contains("<i4"));
        let mut fortran = good.clone();
        let text = String::from_utf8_lossy(&good[10..128]).replace("False", "True ");
        fortran[10..128].copy_from_slice(text.as_bytes());
        assert!(parse(&fortran).unwrap_err().to_string().contains("Fortran"));
    }

    #[test]
    fn float64_and_one_axis_are_read() {
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        let dict = "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }\n";
        bytes.extend_from_slice(&(dict.len() as u16).to_le_bytes());
        bytes.extend_from_slice(dict.as_bytes());
        for v in [0.1_f64, -2.0] {
            bytes.extend_from_slice(&v.to_le_bytes());
        }
        let a = parse(&bytes).unwrap();
        assert_eq!((a.table().unwrap(), a.data.clone()), ((2, 1), vec![0.1, -2.0]));
    }
}
