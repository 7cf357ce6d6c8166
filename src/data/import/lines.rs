//! Lines of a text file one at a time, as UTF-8, and never more of one than fits into memory.

use super::error::Problem;
use std::io::{BufRead, Read};

/// Longest line taken in, in MiB.
pub const LIMIT_MIB: usize = 64;

/// Reads lines and counts them.
pub struct Lines<R> {
    source: R,
    number: u64,
    limit: usize,
}

impl<R: BufRead> Lines<R> {
    /// Lines of a source, of at most [`LIMIT_MIB`].
    pub fn new(source: R) -> Self {
        Self::with_limit(source, LIMIT_MIB << 20)
    }

    /// Lines of at most `limit` bytes.
    pub fn with_limit(source: R, limit: usize) -> Self {
        Self { source, number: 0, limit }
    }

    /// The next line without its end, and its number from 1; `None` at the end. A byte order mark is dropped.
    ///
    /// # Errors
    /// [`Problem::NotUtf8`], [`Problem::HugeLine`], [`Problem::Io`].
    pub fn next_line(&mut self) -> Result<Option<(u64, String)>, Problem> {
        let mut bytes = Vec::new();
        let read = self.source.by_ref().take(self.limit as u64 + 1).read_until(b'\n', &mut bytes);
        if read.map_err(|e| Problem::Io(crate::run::error::reason(&e)))? == 0 {
            return Ok(None);
        }
        self.number += 1;
        if bytes.len() > self.limit {
            return Err(Problem::HugeLine { line: self.number, limit_mib: self.limit >> 20 });
        }
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
        }
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
        let mut line = String::from_utf8(bytes).map_err(|_| Problem::NotUtf8(self.number))?;
        if self.number == 1 && line.starts_with('\u{FEFF}') {
            line.remove(0);
        }
        Ok(Some((self.number, line)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_and_cleaned() {
        let mut lines = Lines::new("\u{FEFF}a\r\n\nb".as_bytes());
        assert_eq!(lines.next_line().unwrap(), Some((1, "a".to_owned())));
        assert_eq!(lines.next_line().unwrap(), Some((2, String::new())));
        assert_eq!(lines.next_line().unwrap(), Some((3, "b".to_owned())));
        assert_eq!(lines.next_line().unwrap(), None);
    }

    #[test]
    fn a_line_without_end_is_refused_before_it_fills_the_memory() {
        let endless = std::io::BufReader::new(std::io::repeat(b'x'));
        let mut lines = Lines::with_limit(endless, 1 << 20);
        assert_eq!(lines.next_line(), Err(Problem::HugeLine { line: 1, limit_mib: 1 }));
    }
}
