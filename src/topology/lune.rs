//! The lune of an edge: the points nearer to both its ends than the ends are to each other.
//!
//! When edge e enters a Rips complex, everything new is a cone over its lune L (the flag complex on the points joined
//! to both ends by earlier edges), attached along the suspension of L. The change in homology is therefore that of L:
//! H_k(after, before) is the reduced H_{k-2}(L). An empty lune joins two pieces or opens a loop; a connected lune
//! changes neither pieces nor loops; a lune in q + 1 pieces closes loops or opens voids, q of them in all. This is
//! what apparent pairs (Bauer 2021) and edge collapse (Boissonnat and Pritam 2020) exploit, taken as far as it goes
//! for loops: of the many triangles of an edge only one a piece of its lune needs to be looked at.

/// Who is joined to whom so far, one row of bits a vertex.
pub struct Adjacency {
    words: usize,
    bits: Vec<u64>,
}

/// What the lune of an edge does to loops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LuneKind {
    /// No point: the edge joins two pieces or opens a loop.
    Empty,
    /// One piece: nothing happens to pieces and loops.
    Connected,
    /// Several pieces: a loop may close.
    Split,
}

/// Working memory for the lunes of one filtration. Only words with points in them are kept, so that short edges, whose
/// lunes are small, cost little.
pub struct Lune {
    /// Which word of a row of bits each entry below is.
    place: Vec<usize>,
    /// Bits of the points of the lune.
    points: Vec<u64>,
    /// Bits of the piece that is being gathered.
    piece: Vec<u64>,
    /// Bits of the points not yet in any piece.
    rest: Vec<u64>,
    /// Entries in use.
    used: usize,
}

impl Adjacency {
    /// No edges among `n` vertices.
    pub fn new(n: usize) -> Self {
        let words = n.div_ceil(64).max(1);
        Self { words, bits: vec![0; n * words] }
    }

    /// Joins two vertices.
    pub fn join(&mut self, i: usize, j: usize) {
        self.bits[i * self.words + (j >> 6)] |= 1 << (j & 63);
        self.bits[j * self.words + (i >> 6)] |= 1 << (i & 63);
    }

    fn row(&self, i: usize) -> &[u64] {
        &self.bits[i * self.words..(i + 1) * self.words]
    }

    /// Whether some vertex is joined to both.
    pub fn have_common_neighbour(&self, i: usize, j: usize) -> bool {
        intersects(self.row(i), self.row(j))
    }
}

/// Whether two rows of bits share one. Plain loops here and below: they are the innermost of the engine, and stay fast
/// where iterators are not optimised away.
fn intersects(a: &[u64], b: &[u64]) -> bool {
    let n = a.len().min(b.len());
    let (a, b) = (&a[..n], &b[..n]);
    let mut w = 0;
    while w < n {
        if a[w] & b[w] != 0 {
            return true;
        }
        w += 1;
    }
    false
}

impl Lune {
    /// Working memory for `n` vertices.
    pub fn new(n: usize) -> Self {
        let words = n.div_ceil(64).max(1);
        let bits = || vec![0; words];
        Self { place: vec![0; words], points: bits(), piece: bits(), rest: bits(), used: 0 }
    }

    /// Looks at the lune of edge (i, j), whose own bits are not set yet.
    pub fn look(&mut self, adjacency: &Adjacency, i: usize, j: usize) -> LuneKind {
        self.find(adjacency, i, j);
        if self.used == 0 {
            return LuneKind::Empty;
        }
        self.rest[..self.used].copy_from_slice(&self.points[..self.used]);
        if self.gather(adjacency) { LuneKind::Connected } else { LuneKind::Split }
    }

    /// The points of the lune of edge (i, j) that are joined to no earlier point of it, ascending; the first point of
    /// the lune is always one of them.
    pub fn without_earlier_neighbour(&mut self, adjacency: &Adjacency, i: usize, j: usize) -> Vec<usize> {
        self.find(adjacency, i, j);
        let mut out = Vec::new();
        for at in 0..self.used {
            let mut open = self.points[at];
            while open != 0 {
                let bit = open & open.wrapping_neg();
                open ^= bit;
                let vertex = self.place[at] * 64 + bit.trailing_zeros() as usize;
                let row = adjacency.row(vertex);
                let earlier = row[self.place[at]] & self.points[at] & (bit - 1);
                if earlier == 0 && !touches(row, &self.place[..at], &self.points[..at]) {
                    out.push(vertex);
                }
            }
        }
        out
    }

    /// The pieces of the lune last looked at, each as its ascending points; ordered by their first point.
    pub fn pieces(&mut self, adjacency: &Adjacency) -> Vec<Vec<usize>> {
        let mut out = Vec::new();
        self.rest[..self.used].copy_from_slice(&self.points[..self.used]);
        let mut last = self.used == 0;
        while !last {
            last = self.gather(adjacency);
            out.push(self.points_of_piece());
        }
        out
    }

    /// Fills `place` and `points`.
    fn find(&mut self, adjacency: &Adjacency, i: usize, j: usize) {
        let words = adjacency.words;
        let (a, b) = (&adjacency.row(i)[..words], &adjacency.row(j)[..words]);
        let (place, points) = (&mut self.place[..words], &mut self.points[..words]);
        let mut used = 0;
        let mut w = 0;
        while w < words {
            let both = a[w] & b[w];
            if both != 0 {
                place[used] = w;
                points[used] = both;
                used += 1;
            }
            w += 1;
        }
        self.used = used;
    }

    /// Moves the piece of the first point in `rest` from `rest` to `piece`; whether nothing is left.
    fn gather(&mut self, adjacency: &Adjacency) -> bool {
        let used = self.used;
        let (place, piece, rest) = (&self.place[..used], &mut self.piece[..used], &mut self.rest[..used]);
        let mut at = 0;
        while at < used && rest[at] == 0 {
            at += 1;
        }
        if at == used {
            return true;
        }
        piece.fill(0);
        let bit = rest[at] & rest[at].wrapping_neg();
        piece[at] = bit;
        rest[at] ^= bit;
        let first = place[at] * 64 + bit.trailing_zeros() as usize;
        let mut left = bring_along(adjacency.row(first), place, piece, rest);
        // Points still outside join as soon as they touch the piece, and bring their own neighbours along; the piece
        // is soon large, so most questions are answered by the first words.
        while left {
            let mut grew = false;
            let mut at = 0;
            while at < used && left {
                let mut open = rest[at];
                while open != 0 {
                    let bit = open & open.wrapping_neg();
                    open ^= bit;
                    let row = adjacency.row(place[at] * 64 + bit.trailing_zeros() as usize);
                    if touches(row, place, piece) {
                        piece[at] |= bit;
                        rest[at] ^= bit;
                        left = bring_along(row, place, piece, rest);
                        open &= rest[at];
                        grew = true;
                    }
                }
                at += 1;
            }
            if !grew {
                return false;
            }
        }
        true
    }

    fn points_of_piece(&self) -> Vec<usize> {
        let mut out = Vec::new();
        for at in 0..self.used {
            let mut open = self.piece[at];
            while open != 0 {
                out.push(self.place[at] * 64 + open.trailing_zeros() as usize);
                open &= open - 1;
            }
        }
        out
    }
}

/// Whether a row of bits shares one with the words `bits` at `place`.
fn touches(row: &[u64], place: &[usize], bits: &[u64]) -> bool {
    let n = place.len().min(bits.len());
    let (place, bits) = (&place[..n], &bits[..n]);
    let mut at = 0;
    while at < n {
        if row[place[at]] & bits[at] != 0 {
            return true;
        }
        at += 1;
    }
    false
}

/// Moves the points of `rest` that are in the row to `piece`; whether any are left.
fn bring_along(row: &[u64], place: &[usize], piece: &mut [u64], rest: &mut [u64]) -> bool {
    let n = place.len();
    let (piece, rest) = (&mut piece[..n], &mut rest[..n]);
    let mut left = 0;
    let mut at = 0;
    while at < n {
        let neighbours = row[place[at]];
        piece[at] |= rest[at] & neighbours;
        rest[at] &= !neighbours;
        left |= rest[at];
        at += 1;
    }
    left != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lune_is_empty_connected_or_split() {
        let mut a = Adjacency::new(200);
        let mut lune = Lune::new(200);
        assert_eq!(lune.look(&a, 0, 199), LuneKind::Empty);
        for k in [5, 70, 150] {
            a.join(0, k);
            a.join(199, k);
        }
        assert_eq!(lune.look(&a, 0, 199), LuneKind::Split);
        assert_eq!(lune.pieces(&a), vec![vec![5], vec![70], vec![150]]);
        a.join(150, 5);
        assert_eq!(lune.look(&a, 0, 199), LuneKind::Split);
        assert_eq!(lune.pieces(&a), vec![vec![5, 150], vec![70]]);
        a.join(150, 70);
        assert_eq!(lune.look(&a, 0, 199), LuneKind::Connected);
        assert!(a.have_common_neighbour(0, 199) && !a.have_common_neighbour(1, 2));
    }
}
