//! How often the primary test gives a p-value up to each level on fields without structure: it should be that level.

use crate::figure::canvas::{CURVE_PT, Canvas, number};
use crate::figure::chart::{self, Axes};
use crate::figure::scene::{Anchor, Mark, Rect, Stroke};
use crate::figure::spec::FigureSpec;
use crate::figure::{FigureError, Scene};
use crate::run::contents::RunContents;
use crate::topology::calibration::{COLUMNS, Calibration, ROWS};

/// Draws the distribution function of the p-values over the diagonal, with the band that 95 of 100 uniform samples of
/// as many values stay within.
///
/// # Errors
/// When the sheet is too small.
pub fn draw(c: &Calibration, spec: &FigureSpec) -> Result<Scene, FigureError> {
    let nobody = RunContents::default();
    let mut canvas = Canvas::new(&nobody, spec)?;
    let n = c.p.len();
    let mut caption = canvas.caption_lines(&[
        format!(
            "{n} fields without structure ({ROWS} rows, {COLUMNS} columns, Gaussian copula, heavy-tailed margins), each \
             tested against {} null fields",
            c.nulls
        ),
        format!("grey: 95 of 100 samples of {n} uniform values stay within (Kolmogorov-Smirnov)"),
        format!("largest distance {}, at most {} expected", number(c.ks, 3), number(c.ks_95, 3)),
        format!("{} % rejected at .05", number(100.0 * c.rejected, 1)),
    ]);
    // No run stands behind this figure.
    for line in &mut caption {
        *line = line.replace("; run without id", "");
    }
    let top = canvas.title();
    let side = canvas.width.min(260.0);
    let body = canvas
        .fixed_height
        .map_or(top + side + chart::bottom_space(&canvas, true), |h| h - canvas.caption_height(&caption));
    let outer = Rect { x: 0.0, y: top + 4.0, w: side - 2.0, h: body - top - 4.0 };
    if outer.h < 60.0 {
        return Err(canvas.too_small(body));
    }
    let axes = Axes {
        outer,
        x: 0.0..1.0,
        y: 0.0..1.0,
        x_title: "level",
        y_title: "share of fields with p up to it",
        x_ticks: 6,
        y_ticks: 6,
    };
    let mark = canvas.marks.len();
    let frame = chart::axes(&mut canvas, &axes)?;
    let axis_marks = canvas.marks.split_off(mark);
    let band = c.ks_95.min(1.0);
    let corners = [(0.0, 0.0), (0.0, band), (1.0 - band, 1.0), (1.0, 1.0), (1.0, 1.0 - band), (band, 0.0)];
    let belt = corners.iter().map(|(x, y)| frame.at(*x, *y)).collect();
    canvas.marks.push(Mark::Polygon(belt, canvas.inks.null_band));
    canvas.marks.extend(axis_marks);
    let diagonal = vec![frame.at(0.0, 0.0), frame.at(1.0, 1.0)];
    let dashed = Stroke { color: canvas.inks.axis, width: 0.6, dash: vec![2.0, 1.6] };
    canvas.marks.push(Mark::Line(diagonal, dashed));
    let mut p = c.p.clone();
    p.sort_by(f64::total_cmp);
    let mut line = vec![frame.at(0.0, 0.0)];
    for (i, at) in p.iter().enumerate() {
        line.push(frame.at(*at, i as f64 / n as f64));
        line.push(frame.at(*at, (i + 1) as f64 / n as f64));
    }
    line.push(frame.at(1.0, 1.0));
    let ink = canvas.inks.homology(1).color;
    canvas.marks.push(Mark::Line(line, Stroke::solid(ink, CURVE_PT * 1.4)));
    let (tick, subdued) = (canvas.tick, canvas.inks.subdued);
    let at = frame.at(0.97, 0.05);
    canvas.text(at, "a test that keeps its promise follows the dashes", tick, subdued, Anchor::End);
    let alt = format!(
        "Distribution of {n} p-values of fields without structure against the uniform one: largest distance {}.",
        number(c.ks, 3)
    );
    Ok(canvas.finish(body, &caption, alt))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::Kind;

    #[test]
    fn the_plot_says_what_was_drawn_and_names_no_run() {
        let p: Vec<f64> = (1..=40).map(|i| f64::from(i) / 40.0).collect();
        let c = Calibration { p, nulls: 39, ks: 0.025, ks_95: 0.215, rejected: 0.05 };
        let scene = draw(&c, &FigureSpec::of(Kind::Diagram)).unwrap();
        let words: Vec<&str> = scene.texts().iter().map(|t| t.text.as_str()).collect();
        let said = words.join(" ");
        assert!(said.contains("40 fields without structure") && said.contains("39 null fields"), "{said}");
        assert!(!said.contains("run without id"), "{said}");
    }
}
