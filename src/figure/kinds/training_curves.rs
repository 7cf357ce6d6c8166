//! `training-curves`: how the scorers learned, losses side by side and the validation error of each dimension.

use super::missing;
use super::panels::{self, Grid, Key};
use crate::core::dimension::Dimension;
use crate::figure::canvas::{CURVE_PT, Canvas};
use crate::figure::chart::{self, Axes};
use crate::figure::ink::Series;
use crate::figure::spec::FigureSpec;
use crate::figure::{FigureError, Scene};
use crate::run::contents::{History, Pass, RunContents};
use std::ops::Range;

/// One panel: a title, the words of its vertical axis and its curves by epoch.
struct Panel {
    title: String,
    y_title: &'static str,
    curves: Vec<(Series, Vec<f64>)>,
}

/// Draws the curves.
///
/// # Errors
/// When neither pass was trained in this run.
pub fn draw(run: &RunContents, spec: &FigureSpec) -> Result<Scene, FigureError> {
    let mut canvas = Canvas::new(run, spec)?;
    let trained: Vec<(bool, &Pass, &History)> = [(true, &run.a), (false, &run.b)]
        .into_iter()
        .filter_map(|(is_a, pass)| {
            let pass = pass.as_deref()?;
            let history = pass.history.as_ref().filter(|h| !h.values.is_empty())?;
            Some((is_a, pass, history))
        })
        .collect();
    let panels = panels_of(&canvas, &trained);
    if panels.is_empty() {
        let hint = "its scores come from judges or tables; train a scorer to see curves";
        return Err(missing(run, spec, "a training history", hint));
    }
    let caption = canvas.caption_lines(&caption(run, &trained));
    let keys = keys(&canvas, &trained);
    let words: Vec<&str> = keys.iter().map(|(_, w)| w.as_str()).collect();
    let legend = panels::legend_height(&canvas, panels::legend_lines(&canvas, &words));
    let top = canvas.title();
    let across = if canvas.width < 300.0 { 1 } else { panels.len() };
    let aspect = if across == 1 { 0.5 } else { 0.72 };
    let foot = legend + canvas.caption_height(&caption);
    let grid = Grid::new(&canvas, top, panels.len(), across, aspect, foot)?;
    // The panels of the minds share one scale, so that they can be compared by eye.
    let shared = panels.iter().skip(1).map(greatest).fold(0.0, f64::max);
    for (i, panel) in panels.iter().enumerate() {
        let end = if i == 0 || shared <= 0.0 { greatest(panel) } else { shared };
        let letter = panels::letter(i);
        one(&mut canvas, &grid, i, (letter, panel, ends(panel, end)))?;
    }
    let bottom = grid.bottom(panels.len());
    let keys: Vec<(Key, &str)> = keys.iter().map(|(s, w)| (Key::Curve(*s, CURVE_PT), w.as_str())).collect();
    panels::legend(&mut canvas, bottom, &keys);
    let alt = alt(&panels);
    Ok(canvas.finish(bottom + legend, &caption, alt))
}

fn panels_of(canvas: &Canvas<'_>, trained: &[(bool, &Pass, &History)]) -> Vec<Panel> {
    let mut panels = Vec::new();
    let names = ["loss.main", "train.loss.main", "loss.total", "train.loss", "loss", "train.total"];
    let loss: Vec<(Series, Vec<f64>)> = trained
        .iter()
        .filter_map(|(is_a, _, h)| {
            Some((panels::mind(canvas, *is_a), names.iter().find_map(|n| h.series(n))?))
        })
        .collect();
    if !loss.is_empty() {
        panels.push(Panel { title: "Training loss".to_owned(), y_title: "main loss", curves: loss });
    }
    for (is_a, pass, history) in trained {
        let curves: Vec<(Series, Vec<f64>)> = Dimension::ALL
            .iter()
            .filter_map(|d| {
                let series = ["val.mae", "validation.mae", "val_mae", "mae"]
                    .iter()
                    .find_map(|stem| history.series(&format!("{stem}.{d}")))?;
                Some((canvas.inks.dimension(d.index()), series))
            })
            .collect();
        let side = if *is_a { "A" } else { "B" };
        if !curves.is_empty() {
            let title = format!("{side}, {}", pass.name);
            panels.push(Panel { title, y_title: "validation MAE", curves });
        } else if let Some(series) = history.series("val.mae") {
            let curves = vec![(panels::mind(canvas, *is_a), series)];
            panels.push(Panel { title: format!("{side}, {}", pass.name), y_title: "validation MAE", curves });
        }
    }
    panels
}

fn greatest(panel: &Panel) -> f64 {
    panel.curves.iter().flat_map(|(_, v)| v).copied().filter(|v| v.is_finite()).fold(0.0, f64::max)
}

/// Ends of the vertical axis, with `end` the largest value to show. Errors begin at zero; a loss with a predicted
/// variance falls below it, and then the axis shows what the curves span.
fn ends(panel: &Panel, end: f64) -> Range<f64> {
    let values = panel.curves.iter().flat_map(|(_, v)| v).copied().filter(|v| v.is_finite());
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    if low >= 0.0 || low > high {
        return 0.0..chart::round_up(end * 1.02);
    }
    let margin = (0.08 * (high - low)).max(0.01 * low.abs());
    low - margin..high + margin
}

fn one(
    canvas: &mut Canvas<'_>,
    grid: &Grid,
    index: usize,
    (letter, panel, y): (&str, &Panel, Range<f64>),
) -> Result<(), FigureError> {
    let (at, outer) = grid.panel(canvas, index);
    canvas.heading(at, letter, &panel.title, grid.cell.0);
    let epochs = panel.curves.iter().map(|(_, v)| v.len()).max().unwrap_or(0).max(2);
    let axes = Axes {
        outer,
        x: 1.0..epochs as f64,
        y,
        x_title: "epoch",
        y_title: panel.y_title,
        x_ticks: 6,
        y_ticks: 5,
    };
    let frame = chart::axes(canvas, &axes)?;
    for (series, values) in &panel.curves {
        let points: Vec<(f64, f64)> = values
            .iter()
            .enumerate()
            .map(|(e, v)| if v.is_finite() { frame.at((e + 1) as f64, *v) } else { (f64::NAN, f64::NAN) })
            .collect();
        panels::curve(canvas, &points, series, CURVE_PT, 6);
    }
    Ok(())
}

fn keys(canvas: &Canvas<'_>, trained: &[(bool, &Pass, &History)]) -> Vec<(Series, String)> {
    let mut keys: Vec<(Series, String)> = trained
        .iter()
        .map(|(is_a, pass, _)| {
            (panels::mind(canvas, *is_a), format!("{}, {}", if *is_a { "A" } else { "B" }, pass.name))
        })
        .collect();
    keys.extend(Dimension::ALL.iter().map(|d| (canvas.inks.dimension(d.index()), d.name().to_owned())));
    keys
}

fn caption(run: &RunContents, trained: &[(bool, &Pass, &History)]) -> Vec<String> {
    use crate::core::turn::Split;
    let mut parts =
        vec!["One value an epoch, as measured, not smoothed; MAE on scores from 0 to 1".to_owned()];
    let of = |split| run.splits.iter().filter(|s| **s == split).count();
    if !run.splits.is_empty() {
        parts.push(format!(
            "N = {} training and {} validation turns",
            of(Split::Train),
            of(Split::Validation)
        ));
    }
    for (is_a, _, history) in trained {
        parts.push(format!("{} {} epochs", if *is_a { "A" } else { "B" }, history.values.len()));
    }
    parts
}

fn alt(panels: &[Panel]) -> String {
    let ends = |p: &Panel| {
        let first = p.curves.iter().filter_map(|(_, v)| v.first()).copied().fold(f64::NAN, f64::max);
        let last = p.curves.iter().filter_map(|(_, v)| v.last()).copied().fold(f64::NAN, f64::max);
        format!("{}: the highest curve goes from {first:.3} to {last:.3}", p.title)
    };
    format!("Training curves by epoch. {}.", panels.iter().map(ends).collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::fixture;
    use crate::figure::spec::Kind;

    #[test]
    fn a_loss_below_zero_has_an_axis_that_shows_it() {
        let run = fixture::run();
        let spec = FigureSpec::of(Kind::TrainingCurves);
        let canvas = Canvas::new(&run, &spec).unwrap();
        let panel = |values: Vec<f64>| Panel {
            title: String::new(),
            y_title: "",
            curves: vec![(panels::mind(&canvas, true), values)],
        };
        let y = ends(&panel(vec![-3.1, -3.6, -3.7]), 0.0);
        assert!(y.start < -3.7 && y.end > -3.1 && y.end < -2.9, "{y:?}");
        let y = ends(&panel(vec![0.4, 0.2]), 0.4);
        assert!(y.start == 0.0 && y.end >= 0.4);
    }
}
