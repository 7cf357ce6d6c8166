//! BLAKE3 hashes of files and values, as lower-case hex.

use super::error::RunError;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Hash of bytes.
pub fn of_bytes(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// Size and hash of a file, read in pieces.
///
/// # Errors
/// [`RunError::Io`] when it cannot be read.
pub fn of_file(path: &Path) -> Result<(u64, String), RunError> {
    let failed = |e: std::io::Error| RunError::io("read", path, &e);
    let mut file = File::open(path).map_err(failed)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0_u8; 1 << 18];
    let mut bytes = 0;
    loop {
        let n = file.read(&mut buffer).map_err(failed)?;
        if n == 0 {
            return Ok((bytes, hasher.finalize().to_hex().to_string()));
        }
        bytes += n as u64;
        hasher.update(&buffer[..n]);
    }
}

/// Hash of several parts; their borders count, so ("ab", "c") differs from ("a", "bc").
pub fn of_parts<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}
