//! A look at the page headers of a Parquet column before the real reader sees them.
//!
//! The reader trusts the numbers in a page header. One flipped bit there makes it ask for exabytes of memory, which
//! ends the process instead of panicking; so every header is checked first. Page headers are Thrift structs in the
//! compact protocol (Apache Parquet format, `PageHeader`; Apache Thrift compact protocol specification).

use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

/// Deepest nesting of structs and lists that a page header may have; real ones need three.
const MAX_DEPTH: usize = 8;
/// Longest text or list in a page header (statistics hold the smallest and largest value).
const MAX_LENGTH: u64 = 64 << 20;

/// Checks the pages of one column chunk: sizes fit into the chunk, counts are not negative and add up to `values`.
///
/// # Errors
/// One sentence without detail: damage has no name.
pub fn check(source: &mut (impl Read + Seek), start: u64, bytes: u64, values: u64) -> Result<(), String> {
    let damaged = || "one of its Parquet pages is damaged".to_owned();
    let mut at = 0;
    let mut counted = 0_u64;
    while at < bytes && counted < values {
        source.seek(SeekFrom::Start(start + at)).map_err(|e| e.to_string())?;
        let mut reader = Compact { source: BufReader::with_capacity(512, source.take(bytes - at)), read: 0 };
        let mut header = Header::default();
        reader.fields(&mut Vec::new(), &mut header).ok_or_else(damaged)?;
        let compressed = u64::try_from(header.compressed).map_err(|_| damaged())?;
        let count = u64::try_from(header.values).map_err(|_| damaged())?;
        at += reader.read + compressed;
        if header.uncompressed < 0 || at > bytes {
            return Err(damaged());
        }
        match header.kind {
            Some(0 | 3) => counted += count,
            // A dictionary may hold more entries than are used, but none takes less than a byte.
            Some(2) if count <= values.max(header.uncompressed.unsigned_abs()) => {}
            Some(1) => {}
            _ => return Err(damaged()),
        }
    }
    if counted == values { Ok(()) } else { Err(damaged()) }
}

/// What matters of a page header.
#[derive(Default)]
struct Header {
    /// 0 data page, 1 index, 2 dictionary, 3 data page of version 2.
    kind: Option<i64>,
    uncompressed: i64,
    compressed: i64,
    values: i64,
}

impl Header {
    fn set(&mut self, path: &[i16], value: i64) {
        match path {
            [1] => self.kind = Some(value),
            [2] => self.uncompressed = value,
            [3] => self.compressed = value,
            // num_values of data_page_header, dictionary_page_header and data_page_header_v2
            [5 | 7 | 8, 1] => self.values = value,
            _ => {}
        }
    }
}

/// A reader of the compact protocol; every method gives `None` on damage.
struct Compact<R> {
    source: R,
    read: u64,
}

impl<R: BufRead> Compact<R> {
    fn byte(&mut self) -> Option<u8> {
        let mut byte = [0];
        self.source.read_exact(&mut byte).ok()?;
        self.read += 1;
        Some(byte[0])
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn integer(&mut self) -> Option<i64> {
        let zigzag = self.varint()?;
        Some((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64))
    }

    fn skip(&mut self, bytes: u64) -> Option<()> {
        if bytes > MAX_LENGTH {
            return None;
        }
        let skipped = std::io::copy(&mut self.source.by_ref().take(bytes), &mut std::io::sink()).ok()?;
        self.read += skipped;
        (skipped == bytes).then_some(())
    }

    /// The fields of a struct up to its end; `path` holds the field numbers that lead here.
    fn fields(&mut self, path: &mut Vec<i16>, header: &mut Header) -> Option<()> {
        let mut field = 0_i16;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(());
            }
            let delta = i16::from(head >> 4);
            field =
                if delta == 0 { i16::try_from(self.integer()?).ok()? } else { field.checked_add(delta)? };
            path.push(field);
            self.value(head & 0x0F, path, header)?;
            path.pop();
        }
    }

    fn value(&mut self, kind: u8, path: &mut Vec<i16>, header: &mut Header) -> Option<()> {
        if path.len() > MAX_DEPTH {
            return None;
        }
        match kind {
            1 | 2 => Some(()), // A boolean lies in its type.
            3 => self.skip(1),
            4..=6 => {
                let value = self.integer()?;
                header.set(path, value);
                Some(())
            }
            7 => self.skip(8),
            8 => {
                let bytes = self.varint()?;
                self.skip(bytes)
            }
            12 => self.fields(path, header),
            // No page header holds a list, set or map.
            _ => None,
        }
    }
}
