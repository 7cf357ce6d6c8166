//! Colour bars with words on their ends, and line legends.

use crate::field::vpm::Normalisation;
use crate::figure::canvas::{Canvas, signed};
use crate::figure::colormap::ColorMap;
use crate::figure::raster::{self, DeltaScale};
use crate::figure::scene::{Anchor, Mark, Rect, Weight};
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
    let image = raster::gradient(map, &canvas.inks);
    canvas.marks.push(Mark::Image(rect, Arc::new(image)));
}

/// Words at the ends of the bar of magnitudes.
pub fn magnitude_words(normalisation: Normalisation) -> (&'static str, &'static str) {
    match normalisation {
        Normalisation::Unit => ("low 0", "1 high"),
        Normalisation::MinMax(_) => ("least", "greatest"),
        Normalisation::Robust(..) => ("low percentile", "high percentile"),
        Normalisation::Symmetric(_) => ("−limit", "+limit"),
    }
}

/// The bar of magnitudes, centred in `area`, a word and a number at each end.
pub fn magnitude_bar(canvas: &mut Canvas<'_>, area: Rect, map: ColorMap, (low, high): (&str, &str)) {
    let (tick, ink) = (canvas.tick, canvas.inks.text);
    let (wl, wh) = (text::width(low, tick, Weight::Regular), text::width(high, tick, Weight::Regular));
    let room = area.w - wl - wh - 10.0;
    let w = room.clamp(12.0, 136.0);
    let x = area.x + (area.w - (w + wl + wh + 8.0)) / 2.0 + wl + 4.0;
    let (x0, x1) = (canvas.snap(x), canvas.snap(x + w));
    let (y0, y1) = (canvas.snap(area.y), canvas.snap(area.y + area.h));
    gradient(canvas, Rect { x: x0, y: y0, w: x1 - x0, h: y1 - y0 }, map);
    let baseline = (y0 + y1) / 2.0 + text::CAP_HEIGHT * tick / 2.0;
    canvas.text((x0 - 4.0, baseline), low, tick, ink, Anchor::End);
    canvas.text((x1 + 4.0, baseline), high, tick, ink, Anchor::Start);
}

/// The bar of D: pointed where values are clamped, zero drawn, the limits and who is higher below.
pub fn delta_bar(canvas: &mut Canvas<'_>, area: Rect, map: ColorMap, scale: DeltaScale) {
    let inks = canvas.inks.clone();
    let tick = canvas.tick;
    let point = |clamped: bool| if clamped { area.h * 0.9 } else { 0.0 };
    let (x0, x1) =
        (canvas.snap(area.x + point(scale.clamped.0)), canvas.snap(area.right() - point(scale.clamped.1)));
    let (y0, y1) = (canvas.snap(area.y), canvas.snap(area.y + area.h));
    gradient(canvas, Rect { x: x0, y: y0, w: x1 - x0, h: y1 - y0 }, map);
    let middle = (y0 + y1) / 2.0;
    let (first, last) = raster::ends(map);
    if scale.clamped.0 {
        canvas.marks.push(Mark::Polygon(vec![(x0, y0), (area.x, middle), (x0, y1)], first));
    }
    if scale.clamped.1 {
        canvas.marks.push(Mark::Polygon(vec![(x1, y0), (area.right(), middle), (x1, y1)], last));
    }
    let baseline = y1 + 2.0 + tick * 0.95;
    if let Some(at) = scale.zero() {
        let zero = x0 + (x1 - x0) * at;
        canvas.rule((zero, y0 - 1.2), (zero, y1 + 1.2), inks.strong, 0.6);
        canvas.text((zero, baseline), "0", tick, inks.text, Anchor::Middle);
    }
    if scale.empty {
        canvas.text((area.x, baseline), "no difference", tick, inks.subdued, Anchor::Start);
        return;
    }
    let (low, high) = match scale.range {
        Some((low, high)) => {
            let places = decimals(low.abs().max(high.abs()));
            (signed(low, places), signed(high, places))
        }
        None => ("column's low".to_owned(), "high".to_owned()),
    };
    let space = tick * 0.45;
    canvas.text((area.x, baseline), &low, tick, inks.text, Anchor::Start);
    canvas.text((area.right(), baseline), &high, tick, inks.text, Anchor::End);
    if scale.range.is_some() {
        let after = area.x + text::width(&low, tick, Weight::Regular) + space;
        let before = area.right() - text::width(&high, tick, Weight::Regular) - space;
        canvas.bold((after, baseline), "B higher", tick, inks.mind_b, Anchor::Start);
        canvas.bold((before, baseline), "A higher", tick, inks.mind_a, Anchor::End);
    }
}

/// How values became colours, for a caption.
pub fn normalisation_words(normalisation: Normalisation) -> String {
    use crate::field::vpm::{Band, Scope};
    let scope = |s| if s == Scope::Column { "by column" } else { "over all columns" };
    match normalisation {
        Normalisation::Unit => "on 0 to 1".to_owned(),
        Normalisation::MinMax(s) => format!("stretched {}, least to greatest", scope(s)),
        Normalisation::Robust(Band::P1To99, s) => format!("stretched {}, 1st to 99th percentile", scope(s)),
        Normalisation::Robust(Band::P10To90, s) => format!("stretched {}, 10th to 90th percentile", scope(s)),
        Normalisation::Symmetric(s) => format!("symmetric {}, 1st to 99th percentile", scope(s)),
    }
}
