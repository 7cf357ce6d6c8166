//! Density of a cloud on the plane, and the contours that hold a given share of it.

/// A density on a square grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Density {
    /// Grid points a side.
    pub side: usize,
    /// Left and right end.
    pub x: (f64, f64),
    /// Lower and upper end.
    pub y: (f64, f64),
    /// `[side, side]`, row by row from the lowest y; sums to 1.
    pub values: Vec<f64>,
}

/// A line on the plane.
pub type Path = Vec<(f64, f64)>;

/// Grid points a side.
const SIDE: usize = 72;
/// Gaussians are cut off beyond so many bandwidths.
const REACH: f64 = 3.5;

impl Density {
    /// Gaussian kernel density of points within the window, bandwidth by Scott's rule (Scott 1992) on each axis; `None`
    /// with fewer than five points or no spread.
    pub fn of(points: &[(f64, f64)], x: (f64, f64), y: (f64, f64)) -> Option<Self> {
        if points.len() < 5 || x.1 <= x.0 || y.1 <= y.0 {
            return None;
        }
        let step = ((x.1 - x.0) / (SIDE - 1) as f64, (y.1 - y.0) / (SIDE - 1) as f64);
        let factor = (points.len() as f64).powf(-1.0 / 6.0);
        let spread = |v: Vec<f64>| crate::core::stats::std_dev(&v).unwrap_or(0.0) * factor;
        let (bx, by) =
            (spread(points.iter().map(|p| p.0).collect()), spread(points.iter().map(|p| p.1).collect()));
        if bx <= 0.0 || by <= 0.0 || !(bx + by).is_finite() {
            return None;
        }
        // Narrower than the grid a kernel would fall between its points.
        let (bx, by) = (bx.max(step.0 * 0.7), by.max(step.1 * 0.7));
        let mut values = vec![0.0; SIDE * SIDE];
        let (mut row, mut column) = (vec![0.0; SIDE], vec![0.0; SIDE]);
        for (px, py) in points {
            let from = weights(&mut column, *px, x.0, step.0, bx);
            let rows = weights(&mut row, *py, y.0, step.1, by);
            for j in rows {
                let line = &mut values[j * SIDE..(j + 1) * SIDE];
                line[from.clone()].iter_mut().zip(&column[from.clone()]).for_each(|(v, w)| *v += row[j] * w);
            }
        }
        let total: f64 = values.iter().sum();
        if total <= 0.0 {
            return None;
        }
        values.iter_mut().for_each(|v| *v /= total);
        Some(Self { side: SIDE, x, y, values })
    }

    /// The level above which the densest part holds `share` of the whole (a highest-density region).
    pub fn level(&self, share: f64) -> f64 {
        let mut sorted = self.values.clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let mut sum = 0.0;
        for v in sorted {
            sum += v;
            if sum >= share {
                return v;
            }
        }
        0.0
    }

    /// Lines of one level by marching squares (Lorensen and Cline 1987, in two dimensions), joined end to end.
    pub fn contour(&self, level: f64) -> Vec<Path> {
        let at = |i: usize, j: usize| self.values[j * self.side + i];
        let mut pieces: Vec<[Crossing; 2]> = Vec::new();
        for j in 0..self.side - 1 {
            for i in 0..self.side - 1 {
                let corners = [at(i, j), at(i + 1, j), at(i + 1, j + 1), at(i, j + 1)];
                let above = corners.map(|v| v >= level);
                let edges = [(i, j, true), (i + 1, j, false), (i, j + 1, true), (i, j, false)];
                let crossed: Vec<Crossing> =
                    (0..4).filter(|&k| above[k] != above[(k + 1) % 4]).map(|k| edges[k]).collect();
                match crossed[..] {
                    [p, q] => pieces.push([p, q]),
                    // A saddle: the middle decides which corners belong together.
                    [p, q, r, s] => {
                        let joined = (corners.iter().sum::<f64>() / 4.0 >= level) == above[0];
                        pieces.extend(if joined { [[p, q], [r, s]] } else { [[s, p], [q, r]] });
                    }
                    _ => {}
                }
            }
        }
        let lines = joined(pieces);
        lines.into_iter().map(|line| line.into_iter().map(|c| self.place(c, level)).collect()).collect()
    }

    /// Where the level crosses an edge of the grid.
    fn place(&self, (i, j, across): Crossing, level: f64) -> (f64, f64) {
        let at = |i: usize, j: usize| self.values[j * self.side + i];
        let (from, to) = (at(i, j), if across { at(i + 1, j) } else { at(i, j + 1) });
        let t = if from == to { 0.5 } else { ((level - from) / (to - from)).clamp(0.0, 1.0) };
        let (gx, gy) = if across { (i as f64 + t, j as f64) } else { (i as f64, j as f64 + t) };
        let last = (self.side - 1) as f64;
        (self.x.0 + gx / last * (self.x.1 - self.x.0), self.y.0 + gy / last * (self.y.1 - self.y.0))
    }
}

/// An edge of the grid: its lower left point, and whether it runs across (else upwards).
type Crossing = (usize, usize, bool);

/// Fills `out` with the kernel along one axis; gives the range that is not negligible.
fn weights(out: &mut [f64], at: f64, start: f64, step: f64, bandwidth: f64) -> std::ops::Range<usize> {
    let place = |v: f64| ((v - start) / step).clamp(0.0, out.len() as f64);
    let range = place(at - REACH * bandwidth).ceil() as usize..place(at + REACH * bandwidth).ceil() as usize;
    for i in range.clone() {
        let z = (start + step * i as f64 - at) / bandwidth;
        out[i] = (-0.5 * z * z).exp();
    }
    range
}

/// Pieces that share a crossing, joined into lines; closed ones end where they begin.
fn joined(pieces: Vec<[Crossing; 2]>) -> Vec<Vec<Crossing>> {
    let mut at: std::collections::BTreeMap<Crossing, Vec<usize>> = Default::default();
    for (k, piece) in pieces.iter().enumerate() {
        piece.iter().for_each(|c| at.entry(*c).or_default().push(k));
    }
    let mut used = vec![false; pieces.len()];
    let mut lines = Vec::new();
    // Open lines first, from their ends, so that none is cut in two.
    let open = pieces.iter().enumerate().filter(|(_, p)| p.iter().any(|c| at[c].len() == 1)).map(|(k, _)| k);
    let order: Vec<usize> = open.chain(0..pieces.len()).collect();
    for first in order {
        if used[first] {
            continue;
        }
        used[first] = true;
        let [p, q] = pieces[first];
        let (from, mut end) = if at[&q].len() == 1 && at[&p].len() > 1 { (q, p) } else { (p, q) };
        let mut line = vec![from, end];
        while let Some(next) = at[&end].iter().copied().find(|k| !used[*k]) {
            used[next] = true;
            let [p, q] = pieces[next];
            end = if p == end { q } else { p };
            line.push(end);
        }
        lines.push(line);
    }
    lines
}
