//! Persistent reduction of boundary columns over Z/2, with the columns that can matter only.
//!
//! Rows are the edges that opened a loop, in the order of their birth. A column is a loop, written as the set of
//! those edges in it (which determines the loop: the rest of it lies in the spanning tree). The standard algorithm
//! (Edelsbrunner, Letscher and Zomorodian 2002): a loop that becomes a boundary is reduced by the loops that became
//! boundaries before; what is left, if anything, ends the youngest edge in it.

/// The columns reduced so far, one at most for every row.
#[derive(Default)]
pub struct Reduction {
    /// For every row the reduced column whose youngest row it is, ascending, and the step at which it was stored.
    columns: Vec<Option<Column>>,
    /// The loop being reduced, one bit a row.
    work: Vec<u64>,
    /// No bit is set in words after this one.
    top: usize,
    open: usize,
}

/// A reduced column.
pub struct Column {
    /// Rows of the loop, ascending; the last is its pivot.
    pub rows: Vec<u32>,
    /// Rank of the edge whose triangle closed the loop.
    pub death: u32,
}

impl Reduction {
    /// Adds a row: a loop has opened.
    pub fn open_row(&mut self) -> usize {
        self.columns.push(None);
        self.work.resize(self.columns.len().div_ceil(64), 0);
        self.open += 1;
        self.columns.len() - 1
    }

    /// Loops that are open.
    pub fn open(&self) -> usize {
        self.open
    }

    /// The reduced column that ended a row, if one did.
    pub fn column(&self, row: usize) -> Option<&Column> {
        self.columns[row].as_ref()
    }

    /// Adds one row to the loop at work (mod 2).
    pub fn toggle(&mut self, row: usize) {
        let word = row >> 6;
        self.work[word] ^= 1 << (row & 63);
        if word > self.top {
            self.top = word;
        }
    }

    /// Reduces the loop at work by every stored column; when an open row is its youngest, stores it there with the
    /// given death and returns that row. The work is empty afterwards.
    pub fn reduce_and_store(&mut self, death: u32) -> Option<usize> {
        let pivot = self.reduce(u32::MAX)?;
        let mut rows = Vec::new();
        for word in 0..=self.top {
            let mut bits = std::mem::take(&mut self.work[word]);
            while bits != 0 {
                rows.push((word * 64) as u32 + bits.trailing_zeros());
                bits &= bits - 1;
            }
        }
        self.top = 0;
        self.columns[pivot] = Some(Column { rows, death });
        self.open -= 1;
        Some(pivot)
    }

    /// Whether the loop at work is a boundary of what was there before rank `before`. The work is empty afterwards.
    pub fn is_boundary(&mut self, before: u32) -> bool {
        let answer = self.reduce(before).is_none();
        self.work.fill(0);
        self.top = 0;
        answer
    }

    /// Reduces by columns stored before rank `before`; the youngest row that is left.
    fn reduce(&mut self, before: u32) -> Option<usize> {
        loop {
            while self.work.get(self.top).copied().unwrap_or(0) == 0 {
                if self.top == 0 {
                    return None;
                }
                self.top -= 1;
            }
            let pivot = self.top * 64 + 63 - self.work[self.top].leading_zeros() as usize;
            match &self.columns[pivot] {
                Some(column) if column.death < before => {
                    for &row in &column.rows {
                        self.work[(row >> 6) as usize] ^= 1 << (row & 63);
                    }
                }
                _ => return Some(pivot),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_youngest_open_row_ends_and_repeats_vanish() {
        let mut r = Reduction::default();
        for _ in 0..130 {
            r.open_row();
        }
        let mut close = |rows: &[usize], death| {
            rows.iter().for_each(|x| r.toggle(*x));
            r.reduce_and_store(death)
        };
        assert_eq!(close(&[3, 128], 200), Some(128));
        assert_eq!(close(&[3, 128], 201), None);
        assert_eq!(close(&[128, 5], 202), Some(5), "128 is replaced by 3, and 5 is younger than 3");
        assert_eq!(r.column(5).unwrap().rows, vec![3, 5]);
        assert_eq!(r.open(), 128);
        r.toggle(128);
        r.toggle(3);
        assert!(!r.is_boundary(200));
        r.toggle(128);
        r.toggle(3);
        assert!(r.is_boundary(201));
    }
}
