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

/// Working memory for the lunes of one filtration.
pub struct Lune {
    /// Bits of the points of the lune.
    points: Vec<u64>,
    /// Bits of the piece that is being gathered.
    piece: Vec<u64>,
    /// Bits of the points not yet in any piece.
    rest: Vec<u64>,
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

fn intersects(a: &[u64], b: &[u64]) -> bool {
    for (x, y) in a.iter().zip(b) {
        if x & y != 0 {
            return true;
        }
    }
    false
}

impl Lune {
    /// Working memory for `n` vertices.
    pub fn new(n: usize) -> Self {
        let words = n.div_ceil(64).max(1);
        Self { points: vec![0; words], piece: vec![0; words], rest: vec![0; words] }
    }

    /// Looks at the lune of edge (i, j), whose own bits are not set yet.
    pub fn look(&mut self, adjacency: &Adjacency, i: usize, j: usize) -> LuneKind {
        let mut any = 0;
        for ((out, x), y) in self.points.iter_mut().zip(adjacency.row(i)).zip(adjacency.row(j)) {
            *out = x & y;
            any |= *out;
        }
        if any == 0 {
            return LuneKind::Empty;
        }
        self.rest.copy_from_slice(&self.points);
        self.gather(adjacency);
        if self.rest.iter().all(|w| *w == 0) { LuneKind::Connected } else { LuneKind::Split }
    }

    /// The points of the lune of edge (i, j) that are joined to no earlier point of it, ascending; the first point of
    /// the lune is always one of them.
    pub fn without_earlier_neighbour(&mut self, adjacency: &Adjacency, i: usize, j: usize) -> Vec<usize> {
        for ((out, x), y) in self.points.iter_mut().zip(adjacency.row(i)).zip(adjacency.row(j)) {
            *out = x & y;
        }
        let mut out = Vec::new();
        for (word, w) in self.points.iter().enumerate() {
            let mut open = *w;
            while open != 0 {
                let bit = open & open.wrapping_neg();
                open ^= bit;
                let vertex = word * 64 + bit.trailing_zeros() as usize;
                let row = adjacency.row(vertex);
                if row[word] & w & (bit - 1) == 0 && !intersects(&row[..word], &self.points[..word]) {
                    out.push(vertex);
                }
            }
        }
        out
    }

    /// The pieces of the lune last looked at, each as its ascending points; ordered by their first point.
    pub fn pieces(&mut self, adjacency: &Adjacency) -> Vec<Vec<usize>> {
        let mut out = Vec::new();
        self.rest.copy_from_slice(&self.points);
        while self.rest.iter().any(|w| *w != 0) {
            self.gather(adjacency);
            out.push(ones(&self.piece));
        }
        out
    }

    /// Moves the piece of the first point in `rest` from `rest` to `piece`.
    fn gather(&mut self, adjacency: &Adjacency) {
        let (piece, rest) = (&mut self.piece[..], &mut self.rest[..]);
        let Some(word) = rest.iter().position(|w| *w != 0) else { return };
        let first = word * 64 + rest[word].trailing_zeros() as usize;
        rest[word] &= rest[word] - 1;
        let mut left = 0;
        for ((p, r), a) in piece.iter_mut().zip(rest.iter_mut()).zip(adjacency.row(first)) {
            *p = *r & a;
            *r &= !a;
            left |= *r;
        }
        piece[word] |= 1 << (first & 63);
        // Points still outside join as soon as they touch the piece, and bring their own neighbours along; the piece
        // is soon large, so most questions are answered by the first words.
        while left != 0 {
            let mut grew = false;
            left = 0;
            for word in 0..rest.len() {
                let mut open = rest[word];
                while open != 0 {
                    let bit = open & open.wrapping_neg();
                    open ^= bit;
                    let vertex = word * 64 + bit.trailing_zeros() as usize;
                    let row = adjacency.row(vertex);
                    if intersects(row, piece) {
                        for ((p, r), a) in piece.iter_mut().zip(rest.iter_mut()).zip(row) {
                            *p |= *r & a;
                            *r &= !a;
                        }
                        piece[word] |= bit;
                        rest[word] &= !bit;
                        open &= rest[word];
                        grew = true;
                    }
                }
                left |= rest[word];
            }
            if !grew {
                return;
            }
        }
    }
}

/// Positions of the set bits, ascending.
fn ones(bits: &[u64]) -> Vec<usize> {
    let mut out = Vec::new();
    for (word, w) in bits.iter().enumerate() {
        let mut open = *w;
        while open != 0 {
            out.push(word * 64 + open.trailing_zeros() as usize);
            open &= open - 1;
        }
    }
    out
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
