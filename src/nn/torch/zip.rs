//! The stored entries of a ZIP archive, as `torch.save` writes them (never compressed, below 4 GB).

use super::TorchError;
use std::collections::BTreeMap;

const END: [u8; 4] = *b"PK\x05\x06";
const ENTRY: [u8; 4] = *b"PK\x01\x02";
const LOCAL: [u8; 4] = *b"PK\x03\x04";

/// Name to content of every entry.
pub(super) fn entries(bytes: &[u8]) -> Result<BTreeMap<String, &[u8]>, TorchError> {
    // The end record stands within the last 64 kB, before a comment of any length.
    let from = bytes.len().saturating_sub(65_557);
    let end = (from..bytes.len().saturating_sub(21)).rev().find(|at| bytes[*at..].starts_with(&END));
    let end = end.ok_or(TorchError::Damaged("it has no table of contents"))?;
    let count = u16_at(bytes, end + 10)?;
    let mut at = u32_at(bytes, end + 16)? as usize;
    let mut found = BTreeMap::new();
    for _ in 0..count {
        if !bytes.get(at..).is_some_and(|b| b.starts_with(&ENTRY)) {
            return Err(TorchError::Damaged("its table of contents is cut short"));
        }
        let (method, size) = (u16_at(bytes, at + 10)?, u32_at(bytes, at + 24)?);
        let lengths = [at + 28, at + 30, at + 32].map(|a| u16_at(bytes, a));
        let [name, extra, comment] = lengths;
        let (name, extra, comment) = (name? as usize, extra? as usize, comment? as usize);
        let start = u32_at(bytes, at + 42)?;
        let text = slice(bytes, at + 46, name)?;
        let text =
            String::from_utf8(text.to_vec()).map_err(|_| TorchError::Damaged("a name in it is no text"))?;
        if method != 0 {
            return Err(TorchError::Damaged("its entries are compressed, which torch.save never does"));
        }
        if size == u32::MAX || start == u32::MAX {
            return Err(TorchError::Damaged("it is larger than 4 GB, which no scorer is"));
        }
        found.insert(text, content(bytes, start as usize, size as usize)?);
        at += 46 + name + extra + comment;
    }
    Ok(found)
}

/// What follows an entry's local header; only that header says how long its own name and padding are.
fn content(bytes: &[u8], at: usize, size: usize) -> Result<&[u8], TorchError> {
    if !bytes.get(at..).is_some_and(|b| b.starts_with(&LOCAL)) {
        return Err(TorchError::Damaged("an entry is missing"));
    }
    let skip = 30 + usize::from(u16_at(bytes, at + 26)?) + usize::from(u16_at(bytes, at + 28)?);
    slice(bytes, at + skip, size)
}

fn slice(bytes: &[u8], at: usize, n: usize) -> Result<&[u8], TorchError> {
    let end = at.checked_add(n).ok_or(TorchError::Damaged("a size in it is impossible"))?;
    bytes.get(at..end).ok_or(TorchError::Damaged("it is cut short"))
}

fn u16_at(bytes: &[u8], at: usize) -> Result<u16, TorchError> {
    let b = slice(bytes, at, 2)?;
    Ok(u16::from_le_bytes([b[0], b[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32, TorchError> {
    let b = slice(bytes, at, 4)?;
    Ok(u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}
