//! `intensity-bars`: how large D is in each column, and in which direction.

use super::shown;
use crate::core::scm;
use crate::figure::canvas::{Canvas, count, number, signed};
use crate::figure::chart::{self, Axes};
use crate::figure::scene::{Anchor, Mark, Rect, Shape, Stroke, Weight};
use crate::figure::spec::FigureSpec;
use crate::figure::{FigureError, Scene, text};
use crate::run::contents::RunContents;

struct Row {
    column: usize,
    /// Mean absolute D.
    mass: f64,
    /// Mean D.
    bias: f64,
    /// 95% interval of the mass, when the run measured it.
    interval: Option<(f64, f64)>,
}

/// Draws the bars.
///
/// # Errors
/// When the run has no field, or the spec names something unknown.
pub fn draw(run: &RunContents, spec: &FigureSpec) -> Result<Scene, FigureError> {
    let d = shown::delta(run, spec)?;
    let mut canvas = Canvas::new(run, spec)?;
    let columns = shown::columns(spec)?;
    let rows = shown::rows(run, &FigureSpec { order: "time".into(), ..spec.clone() }, d.rows(), None)?.all;
    let whole = rows.len() == d.rows();
    let bars: Vec<Row> = columns.iter().map(|c| measure(run, d, &rows, *c, whole)).collect();
    let intervals = bars.iter().any(|b| b.interval.is_some());
    let caption = canvas.caption_lines(&[
        format!("N = {}", count(rows.len(), "turn")),
        "bar: mean |D|; mark: mean D, A higher to the right of 0".to_owned(),
        if intervals { "line: 95% bootstrap interval over turns".to_owned() } else { String::new() },
    ]);
    let top = canvas.title();
    let groups = shown::groups(&columns);
    let group_gap = canvas.tick * 0.6;
    let gaps = group_gap * (groups.len() as f64 - 1.0);
    let foot = chart::bottom_space(&canvas, true);
    let pitch = match canvas.fixed_height {
        Some(h) => (h - top - foot - gaps - canvas.caption_height(&caption) - 3.0) / bars.len() as f64,
        None => canvas.tick * 1.75,
    };
    if pitch < canvas.tick * 0.8 {
        return Err(canvas.too_small(canvas.fixed_height.unwrap_or(0.0)));
    }
    let names = text::widest(columns.iter().map(|c| scm::SHORT[*c]), canvas.tick, Weight::Regular) + 5.0;
    let words: Vec<String> = bars.iter().map(bias_words).collect();
    let numbers = text::widest(words.iter().map(String::as_str), canvas.tick, Weight::Regular)
        + text::width("0.000", canvas.tick, Weight::Regular)
        + 14.0;
    let end = chart::round_up(
        bars.iter().map(|b| b.interval.map_or(b.mass, |i| i.1.max(b.mass))).fold(0.0, f64::max),
    );
    let least = bars.iter().map(|b| b.bias).fold(0.0, f64::min);
    let start = if least < 0.0 { -chart::round_up(-least) } else { 0.0 };
    let height = pitch * bars.len() as f64 + gaps + 3.0;
    let outer = Rect { x: names, y: top, w: canvas.width - names - numbers, h: height + foot };
    if outer.w < 40.0 {
        return Err(canvas.too_small(height));
    }
    let axes = Axes {
        outer,
        x: start..end,
        y: 0.0..1.0,
        x_title: "D, score units",
        y_title: "",
        x_ticks: 7,
        y_ticks: 0,
    };
    let frame = chart::axes(&mut canvas, &axes)?;
    let (zero, _) = frame.at(0.0, 0.0);
    canvas.rule((zero, top), (zero, frame.area.bottom()), canvas.inks.axis, 0.5);
    let mut y = top + 1.5;
    let mut last = "";
    for bar in &bars {
        let group = shown::groups(&[bar.column]).first().map_or("", |g| g.name);
        if !last.is_empty() && group != last {
            y += group_gap;
        }
        last = group;
        let right = canvas.width - numbers + 6.0;
        one(&mut canvas, &frame, bar, (y, pitch), right);
        y += pitch;
    }
    let alt = alt(&bars, rows.len());
    Ok(canvas.finish(top + height + foot, &caption, alt))
}

fn measure(
    run: &RunContents,
    d: &crate::core::matrix::Matrix,
    rows: &[usize],
    column: usize,
    whole: bool,
) -> Row {
    let values: Vec<f64> =
        rows.iter().map(|r| f64::from(d.get(*r, column))).filter(|v| v.is_finite()).collect();
    let absolute: Vec<f64> = values.iter().map(|v| v.abs()).collect();
    let at =
        |end: &str| run.number("intensity", &format!("/delta_mass_by_column/{}/{end}", scm::COLUMNS[column]));
    Row {
        column,
        mass: crate::core::stats::mean(&absolute).unwrap_or(f64::NAN),
        bias: crate::core::stats::mean(&values).unwrap_or(f64::NAN),
        // The run's interval is over all turns: it says nothing about a slice.
        interval: at("low").zip(at("high")).filter(|_| whole),
    }
}

fn one(canvas: &mut Canvas<'_>, frame: &chart::Frame, bar: &Row, (y, pitch): (f64, f64), numbers: f64) {
    let inks = canvas.inks.clone();
    let tick = canvas.tick;
    let middle = y + pitch / 2.0;
    let baseline = middle + text::CAP_HEIGHT * tick / 2.0;
    canvas.text((frame.area.x - 5.0, baseline), scm::SHORT[bar.column], tick, inks.text, Anchor::End);
    if !bar.mass.is_finite() {
        canvas.text((numbers, baseline), "missing", tick, inks.subdued, Anchor::Start);
        return;
    }
    let (from, to) = (frame.at(0.0, 0.0).0, frame.at(bar.mass, 0.0).0);
    let h = pitch * 0.56;
    canvas
        .rect(Rect { x: from, y: middle - h / 2.0, w: to - from, h }, inks.series[7].color.with_alpha(0.55));
    if let Some((low, high)) = bar.interval {
        let (low, high) = (frame.at(low, 0.0).0, frame.at(high, 0.0).0);
        canvas.marks.push(Mark::Line(vec![(low, middle), (high, middle)], Stroke::solid(inks.text, 0.6)));
    }
    let (shape, ink) = match bar.bias {
        _ if is_even(bar) => (Shape::Diamond, inks.subdued),
        b if b > 0.0 => (Shape::Square, inks.mind_a),
        _ => (Shape::Circle, inks.mind_b),
    };
    let at = (frame.at(bar.bias, 0.0).0, middle);
    canvas.marks.push(Mark::Marker { at, size: 4.2, shape, color: ink });
    let mass = number(bar.mass, 3);
    canvas.text((numbers, baseline), &mass, tick, inks.text, Anchor::Start);
    let after = numbers + text::width("0.000", tick, Weight::Regular) + 7.0;
    canvas.text((after, baseline), &bias_words(bar), tick, ink, Anchor::Start);
}

/// Whether the mean of D is zero to the digits shown.
fn is_even(bar: &Row) -> bool {
    bar.bias.abs() < 0.0005
}

fn bias_words(bar: &Row) -> String {
    match bar.bias {
        b if b.is_nan() => String::new(),
        _ if is_even(bar) => "even".to_owned(),
        b if b > 0.0 => format!("{}, A higher", signed(b, 3)),
        b => format!("{}, B higher", signed(b, 3)),
    }
}

fn alt(bars: &[Row], n: usize) -> String {
    let largest = bars.iter().filter(|b| b.mass.is_finite()).max_by(|a, b| a.mass.total_cmp(&b.mass));
    let largest = largest.map_or_else(
        || "no column has values".to_owned(),
        |b| {
            format!(
                "largest in {}, {}, mean D {}",
                scm::SHORT[b.column],
                number(b.mass, 3),
                signed(b.bias, 3)
            )
        },
    );
    format!("Mean absolute difference of each metric over {n} turns; {largest}.")
}
