//! `barcode`: one bar a class, from the scale of its birth to that of its death, over what chance gives.

use super::persistence::{self, SCALE, class};
use crate::core::bar::Bar;
use crate::figure::canvas::Canvas;
use crate::figure::chart::{self, Axes, Frame};
use crate::figure::scene::{Anchor, Mark, Rect, Weight};
use crate::figure::spec::FigureSpec;
use crate::figure::{FigureError, Scene, text};
use crate::run::contents::RunContents;

/// Most bars drawn of H0 and of each higher dimension; the heading says of how many.
const MOST: [usize; 3] = [16, 36, 20];

/// Draws the barcode.
///
/// # Errors
/// When the run has no persistence diagram.
pub fn draw(run: &RunContents, spec: &FigureSpec) -> Result<Scene, FigureError> {
    let diagram = persistence::diagram(run, spec)?;
    let mut canvas = Canvas::new(run, spec)?;
    let caption = canvas.caption_lines(&diagram.caption(run));
    let shown: Vec<usize> = diagram.by_dim.iter().zip(MOST).map(|(b, most)| b.len().min(most)).collect();
    let top = canvas.title();
    let heading = canvas.label * 1.9;
    let legend = if spec.legend && diagram.band.is_some() { canvas.tick * 1.6 } else { 0.0 };
    let foot = chart::bottom_space(&canvas, true);
    let n: usize = shown.iter().sum();
    let fixed = top + legend + heading * shown.len() as f64 + foot;
    let (pitch, body) = match canvas.fixed_height {
        Some(h) => {
            let room = h - fixed - canvas.caption_height(&caption);
            if room < n as f64 * 0.8 {
                return Err(canvas.too_small(h));
            }
            (room / n.max(1) as f64, h - canvas.caption_height(&caption))
        }
        None => (4.2, fixed + 4.2 * n as f64),
    };
    if legend > 0.0 {
        band_legend(&mut canvas, top);
    }
    let end = chart::round_up(diagram.end * 1.02);
    let outer = Rect { x: 0.0, y: top + legend, w: canvas.width - 6.0, h: body - top - legend };
    let axes = Axes { outer, x: 0.0..end, y: 0.0..1.0, x_title: SCALE, y_title: "", x_ticks: 8, y_ticks: 0 };
    let frame = chart::axes(&mut canvas, &axes)?;
    let mut y = frame.area.y;
    for (dim, (bars, shown)) in diagram.by_dim.iter().zip(shown).enumerate() {
        let baseline = y + canvas.label * 1.35;
        section_heading(&mut canvas, (dim, bars.len(), shown), (0.0, baseline));
        y += heading;
        for bar in bars.iter().take(shown) {
            let band = if dim == 1 { diagram.band } else { None };
            one_bar(&mut canvas, &frame, bar, (y, pitch, end), band);
            y += pitch;
        }
    }
    let alt = diagram.alt("Barcode");
    Ok(canvas.finish(body, &caption, alt))
}

fn section_heading(canvas: &mut Canvas<'_>, (dim, all, shown): (usize, usize, usize), at: (f64, f64)) {
    let name = format!("H{dim}");
    canvas.bold(at, &name, canvas.label, canvas.inks.strong, Anchor::Start);
    let x = at.0 + text::width(&name, canvas.label, Weight::SemiBold) + 4.0;
    let words = match (all, shown) {
        (0, _) => format!("no {}", class(dim)),
        (all, shown) if all > shown => format!("{shown} longest of {all} {}", class(dim)),
        (all, _) => format!("{all} {}", class(dim)),
    };
    canvas.text((x, at.1), &words, canvas.tick, canvas.inks.subdued, Anchor::Start);
}

fn one_bar(
    canvas: &mut Canvas<'_>,
    frame: &Frame,
    bar: &Bar,
    (y, pitch, end): (f64, f64, f64),
    band: Option<f64>,
) {
    let series = canvas.inks.homology(bar.dim);
    let x = |v: f64| frame.at(v.min(end), 0.0).0;
    if let Some(band) = band {
        let (from, to) = (x(bar.birth), x(bar.birth + band));
        let rect = Rect { x: from, y: y + pitch * 0.06, w: to - from, h: pitch * 0.88 };
        canvas.rect(rect, canvas.inks.null_band);
    }
    let thick = if bar.dim == 0 { pitch * 0.28 } else { pitch * 0.52 };
    let (from, to) = (x(bar.birth), x(bar.death.unwrap_or(end)));
    let middle = y + pitch / 2.0;
    canvas.rect(Rect { x: from, y: middle - thick / 2.0, w: (to - from).max(0.3), h: thick }, series.color);
    if bar.death.is_none() {
        let head = vec![(to, middle - 2.2), (to + 4.4, middle), (to, middle + 2.2)];
        canvas.marks.push(Mark::Polygon(head, series.color));
    }
}

fn band_legend(canvas: &mut Canvas<'_>, top: f64) {
    let (tick, ink) = (canvas.tick, canvas.inks.text);
    let words = "length that 95 of 100 null fields stay below";
    let x = canvas.width - text::width(words, tick, Weight::Regular);
    let baseline = top + tick;
    canvas.text((x, baseline), words, tick, ink, Anchor::Start);
    let h = text::CAP_HEIGHT * tick;
    canvas.rect(Rect { x: x - 15.0, y: baseline - h, w: 12.0, h }, canvas.inks.null_band);
}
