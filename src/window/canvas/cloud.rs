//! A cloud of turns on a plane: points in their colours, what is under the pointer, what lies inside a lasso.

use super::axes::Plot;
use crate::field::frontier::agreement::{Side, side};
use crate::figure::color_by::Coloring;
use crate::figure::colormap::ColorMap;
use crate::window::theme::{Tokens, from_map};
use crate::window::widgets::legend::series_marker;
use egui::{Color32, Mesh, Painter, Pos2, Rect, Stroke, Vec2, pos2};

/// Up to this many points have shapes; more are squares in one mesh.
const SHAPED: usize = 3_000;

/// How far the rim of a point reaches beyond it; a square is smaller than its radius, so it needs more than half a pixel.
const RIM: f32 = 1.0;

/// Distance between neighbours from which points are drawn larger.
const WELL_APART: f32 = 30.0;

/// One turn on the plane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dot {
    /// Row of the run.
    pub row: usize,
    /// Where.
    pub at: (f64, f64),
    /// Its colour.
    pub color: Color32,
    /// Its shape: 0 circle, 1 square, 2 and on the markers of the series.
    pub shape: usize,
}

/// The colours of all rows of a run, made once a choice and theme.
#[derive(Clone, Debug, PartialEq)]
pub struct Inks {
    table: Option<[[u8; 3]; 256]>,
    series: [Color32; 8],
    missing: Color32,
    /// Drawn around points whose colour may be the ground's.
    pub rim: Option<Color32>,
}

impl Inks {
    /// The inks of a choice.
    pub fn of(coloring: &Coloring, t: &Tokens) -> Self {
        let table = match coloring {
            Coloring::Delta { .. } => Some(ColorMap::delta(t.dark).table()),
            Coloring::Magnitude { .. } => Some(ColorMap::Batlow.table()),
            Coloring::Groups { .. } => None,
        };
        let is_delta = matches!(coloring, Coloring::Delta { .. });
        let series = std::array::from_fn(|i| t.series(i));
        Self { table, series, missing: t.missing_b, rim: is_delta.then_some(t.plot_axis) }
    }

    /// Colour and shape of a row.
    pub fn look(&self, coloring: &Coloring, row: usize) -> (Color32, usize) {
        if let (Some(table), Some(place)) = (&self.table, coloring.place(row)) {
            let shape = match coloring {
                Coloring::Delta { values, .. } => match side(values[row]) {
                    Side::A => 1,
                    Side::B => 0,
                    Side::Close => 3,
                },
                _ => 0,
            };
            return (from_map(table[(place * 255.0).round() as usize]), shape);
        }
        coloring.group(row).map_or((self.missing, 6), |g| (self.series[g % 8], g))
    }
}

/// A cloud ready to be drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cloud {
    /// Points in drawing order.
    pub dots: Vec<Dot>,
    /// Ends of both axes that show all of it.
    pub home: ((f64, f64), (f64, f64)),
}

impl Cloud {
    /// Points of `rows` at `at`; strong differences are drawn last, so that none is hidden.
    pub fn new(rows: &[usize], at: &[(f64, f64)], coloring: &Coloring, inks: &Inks) -> Self {
        let mut dots: Vec<Dot> = rows
            .iter()
            .zip(at)
            .filter(|(_, p)| p.0.is_finite() && p.1.is_finite())
            .map(|(row, at)| {
                let (color, shape) = inks.look(coloring, *row);
                Dot { row: *row, at: *at, color, shape }
            })
            .collect();
        if let Coloring::Delta { values, .. } = coloring {
            let size = |d: &Dot| values.get(d.row).map_or(0.0, |v| if v.is_finite() { v.abs() } else { 0.0 });
            dots.sort_by(|a, b| size(a).total_cmp(&size(b)));
        }
        let home = (ends(dots.iter().map(|d| d.at.0)), ends(dots.iter().map(|d| d.at.1)));
        Self { dots, home }
    }

    /// Ends of both axes with no room around the points.
    pub fn extent(&self) -> ((f64, f64), (f64, f64)) {
        (span(self.dots.iter().map(|d| d.at.0)), span(self.dots.iter().map(|d| d.at.1)))
    }

    /// How many times as wide as high it is.
    pub fn wideness(&self) -> f32 {
        let (x, y) = self.extent();
        ((x.1 - x.0) / (y.1 - y.0).max(1e-9)) as f32
    }

    /// Radius of a point among so many in this plot, points: where they stand far apart they are drawn larger.
    pub fn radius(&self, plot: &Plot) -> f32 {
        let n = self.dots.len().max(1) as f32;
        let apart = (plot.rect.area() / n).sqrt();
        (6.2 - n.log10() * 1.1).clamp(1.0, 5.0) * (apart / WELL_APART).clamp(1.0, 1.6)
    }

    /// The point nearest to the pointer within `reach` points of the screen.
    pub fn nearest(&self, plot: &Plot, pointer: Pos2, reach: f32) -> Option<&Dot> {
        self.dots
            .iter()
            .map(|d| (plot.at(d.at.0, d.at.1).distance_sq(pointer), d))
            .filter(|(d, _)| *d <= reach * reach)
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, dot)| dot)
    }

    /// Rows whose points lie inside the lasso (even-odd rule), ascending.
    pub fn inside(&self, plot: &Plot, lasso: &[Pos2]) -> Vec<usize> {
        let mut rows: Vec<usize> =
            self.dots.iter().filter(|d| contains(lasso, plot.at(d.at.0, d.at.1))).map(|d| d.row).collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    /// Row of the next point to the right (`step` 1) or left, for the keyboard; the ends stay.
    pub fn step(&self, row: Option<usize>, step: i64, by_y: bool) -> Option<usize> {
        let mut order: Vec<&Dot> = self.dots.iter().collect();
        let key = |d: &Dot| if by_y { d.at.1 } else { d.at.0 };
        order.sort_by(|a, b| key(a).total_cmp(&key(b)).then(a.row.cmp(&b.row)));
        let now = row.and_then(|r| order.iter().position(|d| d.row == r));
        let last = order.len().checked_sub(1)? as i64;
        let place = now.map_or(0, |p| (p as i64 + step).clamp(0, last));
        order.get(place as usize).map(|d| d.row)
    }

    /// Paints the points.
    pub fn paint(&self, painter: &Painter, plot: &Plot, rim: Option<Color32>) {
        let r = self.radius(plot);
        let seen = plot.rect.expand(r);
        if self.dots.len() > SHAPED {
            let mut mesh = Mesh::default();
            mesh.reserve_vertices(4 * self.dots.len());
            for d in &self.dots {
                let at = plot.at(d.at.0, d.at.1);
                if seen.contains(at) {
                    mesh.add_colored_rect(Rect::from_center_size(at, Vec2::splat(2.0 * r)), d.color);
                }
            }
            painter.add(mesh);
            return;
        }
        for d in &self.dots {
            let at = plot.at(d.at.0, d.at.1);
            if seen.contains(at) {
                if let Some(rim) = rim {
                    mark(painter, d.shape, at, r + RIM, rim);
                }
                mark(painter, d.shape, at, r, d.color);
            }
        }
    }

    /// Where a row stands on the screen, when it is part of the cloud.
    pub fn place(&self, plot: &Plot, row: usize) -> Option<Pos2> {
        self.dots.iter().find(|d| d.row == row).map(|d| plot.at(d.at.0, d.at.1))
    }
}

/// The marker of a shape, `r` its radius.
pub fn mark(painter: &Painter, shape: usize, at: Pos2, r: f32, color: Color32) {
    match shape {
        0 => {
            painter.circle_filled(at, r, color);
        }
        1 => {
            painter.rect_filled(Rect::from_center_size(at, Vec2::splat(1.8 * r)), 0.0, color);
        }
        other => series_marker(painter, other, at, 2.2 * r, color),
    }
}

/// Whether a point lies inside a closed line (even-odd rule); the line closes by itself.
pub fn contains(lasso: &[Pos2], p: Pos2) -> bool {
    let mut inside = false;
    for (a, b) in lasso.iter().zip(lasso.iter().cycle().skip(1)) {
        if (a.y > p.y) != (b.y > p.y) {
            let x = a.x + (p.y - a.y) / (b.y - a.y) * (b.x - a.x);
            inside ^= p.x < x;
        }
    }
    inside
}

/// The lasso while it is drawn: its line, and the line that would close it.
pub fn lasso(painter: &Painter, t: &Tokens, line: &[Pos2]) {
    if line.len() < 2 {
        return;
    }
    painter.add(egui::Shape::line(line.to_vec(), Stroke::new(2.0, t.accent)));
    if let (Some(first), Some(last)) = (line.first(), line.last()) {
        super::paint::dashed(painter, &[*last, *first], Stroke::new(1.0, t.accent), 4.0, 3.0);
    }
}

/// Ends of an axis with room around the values.
pub fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = span(values);
    let room = ((high - low) * 0.06).max(1e-3);
    (low - room, high + room)
}

/// Smallest and largest of the values, 0 and 1 where there is none.
fn span(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    values.filter(|v| v.is_finite()).for_each(|v| (low, high) = (low.min(v), high.max(v)));
    if low > high { (0.0, 1.0) } else { (low, high) }
}

/// A plot inside `rect` on which both axes have one scale, so that distances on the screen are distances on the plane.
pub fn square_plot(rect: Rect, x: (f64, f64), y: (f64, f64)) -> Plot {
    let scale = ((x.1 - x.0) / f64::from(rect.width().max(1.0)))
        .max((y.1 - y.0) / f64::from(rect.height().max(1.0)))
        .max(1e-12);
    let half = (scale * f64::from(rect.width()) / 2.0, scale * f64::from(rect.height()) / 2.0);
    let middle = (f64::midpoint(x.0, x.1), f64::midpoint(y.0, y.1));
    Plot { rect, x: (middle.0 - half.0, middle.0 + half.0), y: (middle.1 - half.1, middle.1 + half.1) }
}

/// The centre of a rectangle's lower right corner, for words printed on a picture.
pub fn lower_right(rect: Rect) -> Pos2 {
    pos2(rect.right() - 8.0, rect.bottom() - 6.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cloud() -> (Cloud, Plot) {
        let coloring = Coloring::Magnitude { values: (0..100).map(|i| f64::from(i) / 100.0).collect() };
        let inks = Inks::of(&coloring, &Tokens::dark());
        let rows: Vec<usize> = (0..100).collect();
        let at: Vec<(f64, f64)> = rows.iter().map(|r| ((r % 10) as f64, (r / 10) as f64)).collect();
        let rect = Rect::from_min_max(pos2(0.0, 0.0), pos2(100.0, 100.0));
        (Cloud::new(&rows, &at, &coloring, &inks), Plot { rect, x: (0.0, 10.0), y: (0.0, 10.0) })
    }

    #[test]
    fn a_square_lasso_holds_its_square_and_the_nearest_point_is_found() {
        let (cloud, plot) = cloud();
        let corner = |x, y| plot.at(x, y);
        let square = [corner(1.5, 1.5), corner(4.5, 1.5), corner(4.5, 3.5), corner(1.5, 3.5)];
        assert_eq!(cloud.inside(&plot, &square), [22, 23, 24, 32, 33, 34]);
        assert!(cloud.inside(&plot, &square[..1]).is_empty() && cloud.inside(&plot, &[]).is_empty());
        assert_eq!(cloud.nearest(&plot, corner(4.1, 6.2), 8.0).map(|d| d.row), Some(64));
        assert_eq!(cloud.nearest(&plot, corner(4.5, 6.5), 3.0).map(|d| d.row), None);
        assert_eq!(cloud.step(Some(0), 1, true), Some(1));
        assert_eq!((cloud.step(None, 1, false), cloud.step(Some(99), 1, false)), (Some(0), Some(99)));
    }

    #[test]
    fn one_scale_serves_both_axes_and_shows_all() {
        let rect = Rect::from_min_max(pos2(0.0, 0.0), pos2(300.0, 100.0));
        let plot = square_plot(rect, (0.0, 2.0), (-1.0, 1.0));
        let (dx, dy) = (plot.sx(1.0) - plot.sx(0.0), plot.sy(0.0) - plot.sy(1.0));
        assert!((dx - dy).abs() < 1e-3 && rect.contains(plot.at(2.0, -1.0)));
    }

    proptest! {
        #[test]
        fn a_lasso_holds_what_its_triangles_hold(p in proptest::collection::vec((0.0_f32..100.0, 0.0_f32..100.0), 4)) {
            // A point is inside a convex polygon exactly when it is on the same side of every edge.
            let centre = pos2(p.iter().map(|v| v.0).sum::<f32>() / 4.0, p.iter().map(|v| v.1).sum::<f32>() / 4.0);
            let mut corners: Vec<Pos2> = p[..3].iter().map(|v| pos2(v.0, v.1)).collect();
            let turn = |a: Pos2, b: Pos2, c: Pos2| (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
            if turn(corners[0], corners[1], corners[2]) < 0.0 {
                corners.swap(1, 2);
            }
            prop_assume!(turn(corners[0], corners[1], corners[2]) > 1.0);
            let sides: Vec<f32> = (0..3).map(|i| turn(corners[i], corners[(i + 1) % 3], centre)).collect();
            prop_assume!(sides.iter().all(|s| s.abs() > 1e-2));
            prop_assert_eq!(contains(&corners, centre), sides.iter().all(|s| *s > 0.0));
            // Walking the line backwards or from another corner changes nothing.
            let mut other = corners.clone();
            other.reverse();
            other.rotate_left(1);
            prop_assert_eq!(contains(&corners, centre), contains(&other, centre));
        }
    }
}
