//! Where the picture and its key stand: side by side or below each other, whichever shows the points larger.

use crate::window::canvas::axes::Plot;
use crate::window::canvas::cloud::{Cloud, square_plot};
use egui::{Rect, pos2};

/// Width of the key and the brushed turns beside the picture.
const SIDE: f32 = 250.0;
/// Below this width the picture has all the room.
const NARROW: f32 = 720.0;
/// Height of the key and the brushed turns below the picture, at least.
const BELOW: f32 = 104.0;
/// Between the picture and what goes with it.
const GAP: f32 = 24.0;
/// How much larger the points must stand before the key goes below.
const WORTH: f32 = 1.15;

/// Rectangles of the view's body.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Places {
    /// The picture.
    pub room: Rect,
    /// The key and the brushed turns, when there is room for them.
    pub beside: Option<(Rect, Rect)>,
}

/// Parts `inner` for a cloud `wide` times as wide as high; the key is `key` high.
pub fn places(inner: Rect, wide: f32, key: f32) -> Places {
    if inner.width() < NARROW {
        return Places { room: inner, beside: None };
    }
    let edge = inner.right() - SIDE - GAP;
    let side = Rect::from_min_max(pos2(inner.left(), inner.top()), pos2(edge, inner.bottom()));
    let foot = inner.bottom() - key.max(BELOW);
    let above = Rect::from_min_max(inner.min, pos2(inner.right(), foot - GAP / 2.0));
    let height_in = |r: Rect| r.height().min(r.width() / wide.max(1e-3));
    if height_in(above) > WORTH * height_in(side) {
        let cut = inner.left() + SIDE;
        let key_at = Rect::from_min_max(pos2(inner.left(), foot), pos2(cut, inner.bottom()));
        let list = Rect::from_min_max(pos2(cut + GAP, foot), inner.max);
        return Places { room: above, beside: Some((key_at, list)) };
    }
    let column = Rect::from_min_max(pos2(edge + GAP, inner.top()), inner.max);
    let top = (column.top() + key + GAP).min(column.bottom());
    let list = Rect::from_min_max(pos2(column.left(), top), column.max);
    Places { room: side, beside: Some((column, list)) }
}

/// Axes of one scale on which the whole cloud fills `area` but for `margin` on every side.
pub fn fitted(area: Rect, cloud: &Cloud, margin: f32) -> Plot {
    let (x, y) = cloud.extent();
    let inner = square_plot(area.shrink(margin.min(area.width().min(area.height()) / 3.0)), x, y);
    Plot {
        rect: area,
        x: (inner.value_x(area.left()), inner.value_x(area.right())),
        y: (inner.value_y(area.bottom()), inner.value_y(area.top())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::canvas::cloud::Dot;
    use egui::{Color32, Rect};

    fn cloud(at: &[(f64, f64)]) -> Cloud {
        let dot = |(row, at): (usize, &(f64, f64))| Dot { row, at: *at, color: Color32::WHITE, shape: 0 };
        Cloud { dots: at.iter().enumerate().map(dot).collect(), ..Cloud::default() }
    }

    #[test]
    fn a_flat_cloud_has_the_whole_width_and_a_round_one_the_whole_height() {
        let inner = Rect::from_min_max(pos2(0.0, 0.0), pos2(775.0, 500.0));
        let flat = places(inner, 2.8, 52.0);
        assert_eq!(flat.room.width(), 775.0);
        let round = places(inner, 1.0, 52.0);
        assert_eq!(round.room.height(), 500.0);
        for p in [flat, round] {
            let (key, list) = p.beside.unwrap();
            for r in [key, list] {
                assert!(inner.contains_rect(r) && !p.room.intersects(r), "{p:?}");
            }
        }
        assert_eq!(places(inner.with_max_x(600.0), 1.0, 52.0).beside, None);
        // A key that would eat the picture stays beside it.
        assert_eq!(places(inner, 2.8, 400.0).room.height(), 500.0);
    }

    #[test]
    fn every_point_is_inside_and_the_cloud_reaches_two_edges() {
        let area = Rect::from_min_max(pos2(10.0, 20.0), pos2(610.0, 320.0));
        let cloud = cloud(&[(-9.0, 1.0), (3.0, -2.0), (40.0, 0.5)]);
        let plot = fitted(area, &cloud, 15.0);
        let seen: Vec<_> = cloud.dots.iter().map(|d| plot.at(d.at.0, d.at.1)).collect();
        assert!(seen.iter().all(|p| area.shrink(14.9).contains(*p)), "{seen:?}");
        assert!((seen[0].x - 25.0).abs() < 0.1 && (seen[2].x - 595.0).abs() < 0.1, "{seen:?}");
        let (dx, dy) = (plot.sx(1.0) - plot.sx(0.0), plot.sy(0.0) - plot.sy(1.0));
        assert!((dx - dy).abs() < 1e-3, "one scale for both axes");
    }
}
