//! Colour bars with words on their ends, and line legends.

use crate::figure::canvas::{Canvas, number, signed};
use crate::figure::colormap::ColorMap;
use crate::figure::raster::{self, LEVELS, Limit};
use crate::figure::scene::{Anchor, Indexed, Mark, Rect, Weight};
use crate::figure::text;
use std::sync::Arc;

/// Thickness of a colour bar, pt.
pub const BAR_PT: f64 = 4.6;

/// Decimals that show a limit with two significant digits.
pub fn decimals(limit: f64) -> usize {
    if limit >= 0.1 {
        2
    } else if limit >= 0.01 {
        3
    } else {
        4
    }
}

fn gradient(canvas: &mut Canvas<'_>, rect: Rect, map: ColorMap) {
    let indices = (0..LEVELS).map(|i| i as u8).collect();
    let image =
        Indexed { width: LEVELS as u32, height: 1, indices, palette: raster::palette(map, &canvas.inks) };
    canvas.marks.push(Mark::Image(rect, Arc::new(image)));
}

/// The bar of magnitudes, centred in `area`, a word and a number at each end.
pub fn magnitude_bar(canvas: &mut Canvas<'_>, area: Rect, map: ColorMap, (low, high): (&str, &str)) {
    let (tick, ink) = (canvas.tick, canvas.inks.text);
    let (wl, wh) = (text::width(low, tick, Weight::Regular), text::width(high, tick, Weight::Regular));
    let room = area.w - wl - wh - 8.0;
    let w = room.min(136.0).max(12.0);
    let x = area.x + (area.w - (w + wl + wh + 8.0)) / 2.0 + wl + 4.0;
    let (x0, x1) = (canvas.snap(x), canvas.snap(x + w));
    let (y0, y1) = (canvas.snap(area.y), canvas.snap(area.y + area.h));
    gradient(canvas, Rect { x: x0, y: y0, w: x1 - x0, h: y1 - y0 }, map);
    let baseline = (y0 + y1) / 2.0 + text::CAP_HEIGHT * tick / 2.0;
    canvas.text((x0 - 4.0, baseline), low, tick, ink, Anchor::End);
    canvas.text((x1 + 4.0, baseline), high, tick, ink, Anchor::Start);
}

/// The bar of D: pointed where values are clamped, zero drawn, the limits and who is higher below.
pub fn delta_bar(canvas: &mut Canvas<'_>, area: Rect, map: ColorMap, limit: Limit) {
    let inks = canvas.inks.clone();
    let tick = canvas.tick;
    let point = if limit.beyond > 0 { area.h * 0.9 } else { 0.0 };
    let (x0, x1) = (canvas.snap(area.x + point), canvas.snap(area.right() - point));
    let (y0, y1) = (canvas.snap(area.y), canvas.snap(area.y + area.h));
    gradient(canvas, Rect { x: x0, y: y0, w: x1 - x0, h: y1 - y0 }, map);
    let middle = (y0 + y1) / 2.0;
    if point > 0.0 {
        let ends = raster::colors(map, LEVELS);
        let ink = |i: usize| crate::figure::scene::Color { rgb: ends[i], alpha: 1.0 };
        canvas.marks.push(Mark::Polygon(vec![(x0, y0), (area.x, middle), (x0, y1)], ink(0)));
        canvas.marks.push(Mark::Polygon(vec![(x1, y0), (area.right(), middle), (x1, y1)], ink(LEVELS - 1)));
    }
    let zero = (x0 + x1) / 2.0;
    canvas.rule((zero, y0 - 1.2), (zero, y1 + 1.2), inks.strong, 0.6);
    let baseline = y1 + 2.0 + tick * 0.95;
    canvas.text((zero, baseline), "0", tick, inks.text, Anchor::Middle);
    if limit.empty {
        canvas.text((x0, baseline), "no difference", tick, inks.subdued, Anchor::Start);
        return;
    }
    let places = decimals(limit.limit);
    let (low, high) = (number(-limit.limit, places), signed(limit.limit, places));
    let space = tick * 0.45;
    canvas.text((area.x, baseline), &low, tick, inks.text, Anchor::Start);
    canvas.text((area.right(), baseline), &high, tick, inks.text, Anchor::End);
    let after = area.x + text::width(&low, tick, Weight::Regular) + space;
    let before = area.right() - text::width(&high, tick, Weight::Regular) - space;
    canvas.bold((after, baseline), "B higher", tick, inks.mind_b, Anchor::Start);
    canvas.bold((before, baseline), "A higher", tick, inks.mind_a, Anchor::End);
}
