//! Making the surface round a void smaller without leaving its class.
//!
//! One rule: a change adds the boundaries of tetrahedra that are older than the opening triangle. Write T for that
//! triangle, e for its longest edge (of rank r), k for its third vertex, and call a simplex older than T when its longest
//! edge has a rank below r, or is e and every other vertex comes before k. A side of an older simplex is older (it lacks
//! e, and then no edge of it reaches r, or it contains e and has fewer other vertices), so the older simplices are a
//! complex L, and so are L and T together, the sides of T being older; both are there at the scale of birth.
//! What follows, whatever tetrahedra of L are chosen:
//! - *The class stays.* The surfaces before and after differ by a boundary of L, so they are homologous at the birth.
//! - *It stays closed*, a boundary being closed.
//! - *It contains T, and every other triangle is older.* The faces of a tetrahedron of L are in L, and T is not.
//! - *It is no boundary before the void ends*, as follows from the line above alone (see [`super::surfaces`]).
//!
//! Which tetrahedra: the triangles of the surface at a vertex v are a cone over edges, the link of v. For a vertex w and
//! some edges A of the link, adding the boundaries of the tetrahedra over v, w and each edge of A carries the triangles
//! from v over to w, and leaves behind the triangles on v, w and each end of A (mod 2). With A the whole link this is the
//! contraction of v into w (for three triangles and w in the link: 3 become 1); with one edge it is a flip inside one
//! tetrahedron (2 become 2, or 3 become 1, or 4 vanish). A change is made when there are fewer triangles afterwards, or
//! as many and the sum of their perimeters falls, until none helps. As a way out of such a local minimum the perimeters
//! are then made longer and shorter again, triangles still never becoming more, as long as fewer come of it. So it ends;
//! the fewest triangles of the class are not promised (finding them is hard in general; Chen and Freedman 2011).

use std::collections::{BTreeMap, BTreeSet};

use super::cycles::Edge;
use super::error::TopologyError;
use super::filtration::Filtration;
use super::hooks::Hooks;
use super::surfaces::{Face, Opening};

/// Steps (edges of links looked at, below 50 ns each) after which a surface is taken as it is.
const STEPS: u64 = 1 << 25;

/// Steps between two looks at the cancel flag, some ten milliseconds.
const STEPS_BETWEEN_CHECKS: u64 = 1 << 18;

/// Share of the birth scale by which the perimeters must fall, so that rounding cannot make a change undo another.
const LEAST_GAIN: f64 = 1e-9;

/// A surface of fewer or as many triangles in the class of `faces`, a closed surface that contains the opening triangle
/// and otherwise older triangles only; the same on every machine. Memory is proportional to the number of triangles,
/// which never rises. Errors on cancel.
pub fn shorten(
    filtration: &Filtration,
    faces: &BTreeSet<Face>,
    opening: Opening,
    hooks: &Hooks,
) -> Result<BTreeSet<Face>, TopologyError> {
    let mut surface = Surface::new(filtration, opening);
    for (at, face) in faces.iter().enumerate() {
        if at % 4096 == 0 {
            hooks.check()?;
        }
        surface.flip(*face);
    }
    // Fewer triangles first: what is only shorter is looked for on the small surface that is left.
    surface.settle(Aim::Fewer, hooks)?;
    surface.settle(Aim::Shorter, hooks)?;
    loop {
        let before = surface.faces();
        surface.settle(Aim::Longer, hooks)?;
        surface.settle(Aim::Shorter, hooks)?;
        let after = surface.faces();
        if after.len() >= before.len() {
            return Ok(before);
        }
    }
}

/// What changes are for. Triangles never become more, and fewer of them are always welcome.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Aim {
    /// Fewer triangles only.
    Fewer,
    /// Also shorter perimeters.
    Shorter,
    /// Also longer perimeters.
    Longer,
}

/// A change of a surface: triangles to add (mod 2).
struct Change {
    /// Triangles more (negative: fewer).
    count: i64,
    /// How much the sum of perimeters grows; shrinks where longer ones are wanted.
    length: f64,
    flips: Vec<Face>,
}

/// The best change found so far.
struct Best {
    change: Option<Change>,
    aim: Aim,
}

impl Best {
    /// Whether a change in the number of triangles is worth a closer look.
    fn could_be(&self, count: i64) -> bool {
        let most = if self.aim == Aim::Fewer { -1 } else { 0 };
        count <= self.change.as_ref().map_or(most, |c| c.count)
    }
}

/// The link of one vertex of a surface.
struct Link {
    /// The vertices of its edges, ascending.
    ends: Vec<usize>,
    /// Its edges, as places in `ends`, and the rank of the longest edge of the triangle over each.
    edges: Vec<(usize, usize, u32)>,
}

/// What one other vertex could take over from a vertex; kept to spare allocations.
#[derive(Default)]
struct Scratch {
    /// For every end of the link, the triangles more if the one on both vertices and it is flipped: 1 or -1.
    tips: Vec<i64>,
    /// The edges of the link that have a tetrahedron with the other vertex, and the triangles more if it is added,
    /// tips aside: 0 or -2.
    open: Vec<(usize, i64)>,
    /// The pieces of the open edges: for every end the end that stands for its piece.
    piece: Vec<usize>,
    /// For every end whether an odd number of open edges meet there; for every piece the triangles more.
    odd: Vec<bool>,
    sums: Vec<Option<i64>>,
}

/// A surface being made smaller.
struct Surface<'a> {
    filtration: &'a Filtration<'a>,
    opening: Opening,
    /// For every vertex of the surface the edges opposite to it; a triangle is there three times.
    links: BTreeMap<usize, BTreeSet<Edge>>,
    steps: u64,
    next_check: u64,
    scratch: Scratch,
}

impl<'a> Surface<'a> {
    fn new(filtration: &'a Filtration<'a>, opening: Opening) -> Self {
        let (links, scratch) = (BTreeMap::new(), Scratch::default());
        Self { filtration, opening, links, steps: 0, next_check: 0, scratch }
    }

    fn faces(&self) -> BTreeSet<Face> {
        let lowest = |(v, link): (&usize, &BTreeSet<Edge>)| {
            let v = *v;
            link.iter().filter(|(a, _)| v < *a).map(|(a, b)| [v, *a, *b]).collect::<Vec<Face>>()
        };
        self.links.iter().flat_map(lowest).collect()
    }

    fn contains(&self, v: usize, a: usize, b: usize) -> bool {
        self.links.get(&v).is_some_and(|link| link.contains(&(a.min(b), a.max(b))))
    }

    /// Adds a triangle mod 2.
    fn flip(&mut self, [a, b, c]: Face) {
        for (v, edge) in [(a, (b, c)), (b, (a, c)), (c, (a, b))] {
            let link = self.links.entry(v).or_default();
            if !link.remove(&edge) {
                link.insert(edge);
            } else if link.is_empty() {
                self.links.remove(&v);
            }
        }
    }

    /// Makes changes until none helps or the steps are used up.
    fn settle(&mut self, aim: Aim, hooks: &Hooks) -> Result<(), TopologyError> {
        loop {
            let mut awake: BTreeSet<usize> = self.links.keys().copied().collect();
            let mut changed = false;
            while let Some(v) = awake.pop_first() {
                let best = self.best_change(v, aim, hooks)?;
                if self.steps > STEPS {
                    return Ok(());
                }
                for face in best.map(|b| b.flips).unwrap_or_default() {
                    self.flip(face);
                    awake.extend(face);
                    changed = true;
                }
            }
            // A change can also help vertices across from the triangles it flipped, so only a whole round says that
            // nothing helps.
            if !changed {
                return Ok(());
            }
        }
    }

    /// The best change that carries triangles from a vertex to another; of equal ones that of the first other vertex.
    fn best_change(&mut self, v: usize, aim: Aim, hooks: &Hooks) -> Result<Option<Change>, TopologyError> {
        let Some(link) = self.links.get(&v).map(|edges| self.link(v, edges)) else { return Ok(None) };
        let mut best = Best { change: None, aim };
        let mut scratch = std::mem::take(&mut self.scratch);
        let (to_v, latest) = (self.filtration.ranks_of(v), self.opening.rank);
        for w in (0..to_v.len()).filter(|w| to_v[*w] <= latest) {
            self.steps += link.edges.len() as u64;
            if self.steps > self.next_check {
                self.next_check = self.steps + STEPS_BETWEEN_CHECKS;
                hooks.check()?;
            }
            if self.look(v, w, &link, &mut scratch) {
                self.steps += 4 * scratch.open.len() as u64;
                self.try_flips((v, w), &link, &scratch, &mut best);
                self.try_pieces((v, w), &link, &mut scratch, &mut best);
            }
        }
        self.scratch = scratch;
        Ok(best.change)
    }

    fn link(&self, v: usize, edges: &BTreeSet<Edge>) -> Link {
        let mut ends: Vec<usize> = edges.iter().flat_map(|(a, b)| [*a, *b]).collect();
        ends.sort_unstable();
        ends.dedup();
        let place = |x: usize| ends.partition_point(|e| *e < x);
        let to_v = self.filtration.ranks_of(v);
        let longest = |a: usize, b: usize| to_v[a].max(to_v[b]).max(self.filtration.rank(a, b));
        let edges = edges.iter().map(|(a, b)| (place(*a), place(*b), longest(*a, *b))).collect();
        Link { ends, edges }
    }

    /// Finds out what `w` could take over from `v`; whether that is anything.
    fn look(&self, v: usize, w: usize, link: &Link, scratch: &mut Scratch) -> bool {
        let to_w = self.filtration.ranks_of(w);
        let to_v = to_w[v];
        let others = self.links.get(&w);
        scratch.open.clear();
        for (at, (a, b, longest)) in link.edges.iter().enumerate() {
            let (a, b) = (link.ends[*a], link.ends[*b]);
            // The rank of a vertex with itself is above all others, so edges of the link that contain `w` are left out.
            let longest = (*longest).max(to_v).max(to_w[a]).max(to_w[b]);
            if longest < self.opening.rank || (longest == self.opening.rank && self.is_older([v, w, a, b])) {
                let there = others.is_some_and(|o| o.contains(&(a, b)));
                scratch.open.push((at, if there { -2 } else { 0 }));
            }
        }
        if scratch.open.is_empty() {
            return false;
        }
        scratch.tips.clear();
        let over =
            |x: &usize| if others.is_some_and(|o| o.contains(&(v.min(*x), v.max(*x)))) { -1 } else { 1 };
        scratch.tips.extend(link.ends.iter().map(over));
        true
    }

    /// Whether a tetrahedron that contains the longest edge of the opening triangle is older than that triangle.
    fn is_older(&self, tetrahedron: [usize; 4]) -> bool {
        let (i, j) = self.filtration.edge(self.opening.rank as usize);
        tetrahedron.iter().all(|x| *x == i || *x == j || *x < self.opening.third)
    }

    /// Takes the change inside one tetrahedron where that is better.
    fn try_flips(&mut self, at: (usize, usize), link: &Link, scratch: &Scratch, best: &mut Best) {
        let (v, w) = at;
        for (edge, more) in &scratch.open {
            let (a, b, _) = link.edges[*edge];
            let count = more + scratch.tips[a] + scratch.tips[b];
            if best.could_be(count) {
                let (a, b) = (link.ends[a], link.ends[b]);
                self.take_better(count, vec![[v, a, b], [w, a, b], [v, w, a], [v, w, b]], best);
            }
        }
    }

    /// Takes the change that carries a whole connected piece of the open edges over where that is better.
    fn try_pieces(&mut self, at: (usize, usize), link: &Link, scratch: &mut Scratch, best: &mut Best) {
        let ((v, w), ends) = (at, &link.ends);
        let Scratch { tips, open, piece, odd, sums } = scratch;
        piece.clear();
        piece.extend(0..ends.len());
        odd.clear();
        odd.resize(ends.len(), false);
        for (edge, _) in &*open {
            let (a, b, _) = link.edges[*edge];
            (odd[a], odd[b]) = (!odd[a], !odd[b]);
            let (a, b) = (root(piece, a), root(piece, b));
            piece[a.max(b)] = a.min(b);
        }
        sums.clear();
        sums.resize(ends.len(), None);
        for (edge, more) in &*open {
            *sums[root(piece, link.edges[*edge].0)].get_or_insert(0) += more;
        }
        // An end is odd only where open edges meet, so its piece has a sum already.
        for x in (0..ends.len()).filter(|x| odd[*x]) {
            *sums[root(piece, x)].get_or_insert(0) += tips[x];
        }
        for (r, sum) in sums.iter().enumerate() {
            let Some(count) = sum.filter(|count| best.could_be(*count)) else { continue };
            self.steps += (open.len() + ends.len()) as u64;
            let mut flips = Vec::new();
            for (edge, _) in &*open {
                let (a, b, _) = link.edges[*edge];
                if root(piece, a) == r {
                    flips.extend([[v, ends[a], ends[b]], [w, ends[a], ends[b]]]);
                }
            }
            for x in (0..ends.len()).filter(|x| odd[*x]) {
                if root(piece, x) == r {
                    flips.push([v, w, ends[x]]);
                }
            }
            self.take_better(count, flips, best);
        }
    }

    /// Takes a change that alters the number of triangles by `count` where it is better than the best so far.
    fn take_better(&mut self, count: i64, mut flips: Vec<Face>, best: &mut Best) {
        self.steps += 4 * flips.len() as u64;
        let scale = |a: usize, b: usize| self.filtration.scale(self.filtration.rank(a, b) as usize);
        let mut length = 0.0;
        for face in &mut flips {
            face.sort_unstable();
            let [a, b, c] = *face;
            let perimeter = scale(a, b) + scale(b, c) + scale(a, c);
            let more = self.contains(a, b, c) == (best.aim == Aim::Longer);
            length += if more { perimeter } else { -perimeter };
        }
        let least = LEAST_GAIN * self.filtration.scale(self.opening.rank as usize);
        let helps = count < 0 || length < -least;
        let better =
            best.change.as_ref().is_none_or(|b| count < b.count || (count == b.count && length < b.length));
        if helps && better {
            best.change = Some(Change { count, length, flips });
        }
    }
}

/// The end that stands for the piece of an end.
fn root(piece: &mut [usize], x: usize) -> usize {
    let mut x = x;
    while piece[x] != x {
        piece[x] = piece[piece[x]];
        x = piece[x];
    }
    x
}
