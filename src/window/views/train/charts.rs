//! Score loss of both minds and validation error of the chosen one.

use super::source::{self, Mind, Training, loss_name};
use crate::core::scm;
use crate::core::turn::Split;
use crate::window::canvas::axes;
use crate::window::canvas::line_chart::{LineChart, Series, line_chart, smoothed};
use crate::window::canvas::numbers;
use crate::window::theme::Tokens;
use crate::window::view::ViewContext;
use crate::window::widgets;
use crate::window::widgets::legend::series_dash;
use egui::{Rect, Role, Sense, Ui, WidgetInfo, pos2};

/// Weight of the past in the smoothed curve.
const SMOOTHING: f64 = 0.6;
/// Epochs from which on the loss is smoothed: on fewer, smoothing only lags behind what was measured.
const SMOOTHED_FROM: usize = 12;

/// What decides the charts.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    version: u64,
    mind: Mind,
    epochs: [usize; 2],
    live: bool,
    dark: bool,
}

impl Key {
    /// Of what is shown now.
    pub fn of(context: &ViewContext<'_>, training: &Training, mind: Mind) -> Self {
        let count = |name: &str| {
            context.job.history.iter().find(|(n, _)| n == name).map_or(0, |(_, h)| h.values.len())
        };
        let epochs = [count("A"), count("B")];
        Self { version: context.run_version, mind, epochs, live: training.live, dark: context.tokens.dark }
    }
}

/// Both charts with their captions, made once.
pub struct Charts {
    /// What they were made for.
    pub key: Key,
    loss: LineChart,
    loss_note: &'static str,
    error: LineChart,
    error_title: String,
    error_note: String,
}

impl Charts {
    /// Makes them.
    pub fn new(key: Key, context: &ViewContext<'_>, training: &Training, mind: Mind) -> Self {
        let t = context.tokens;
        let both: Vec<(Mind, Training)> =
            [Mind::A, Mind::B].into_iter().filter_map(|m| Training::of(context, m).map(|x| (m, x))).collect();
        let epochs = both.iter().map(|(_, x)| x.epochs_done.max(x.epochs_planned)).max().unwrap_or(1).max(2);
        let constant = constant_predictor(context, mind);
        let turns = validation_turns(context);
        let mut note = if turns > 0 { numbers::counted(turns, "turn", "turns") } else { String::new() };
        if let Some(v) = constant {
            let words = format!("grey dashes: constant predictor, {}", numbers::fixed(v, 2));
            note = if note.is_empty() { words } else { format!("{note}; {words}") };
        }
        Self {
            key,
            loss: loss_chart(t, &both, epochs),
            loss_note: if epochs >= SMOOTHED_FROM {
                "thin: as measured, thick: smoothed"
            } else {
                "mean of each epoch"
            },
            error: error_chart(t, training, epochs, constant),
            error_title: format!("Validation MAE of {}", mind.letter()),
            error_note: note,
        }
    }
}

fn by_epoch(values: &[f64]) -> Vec<(f64, f64)> {
    values.iter().enumerate().map(|(i, v)| ((i + 1) as f64, *v)).collect()
}

fn loss_chart(t: &Tokens, both: &[(Mind, Training)], epochs: usize) -> LineChart {
    let mut series = Vec::new();
    for (mind, training) in both {
        let Some(values) = loss_name(&training.history).and_then(|n| training.history.series(n)) else {
            continue;
        };
        let (color, dash, mark): (_, &'static [f32], _) = match mind {
            Mind::A => (t.mind_a, &[], widgets::Mind::A),
            Mind::B => (t.mind_b, &[6.0, 3.0], widgets::Mind::B),
        };
        let smooth = if epochs >= SMOOTHED_FROM {
            series.push(Series {
                points: by_epoch(&values),
                color,
                width: 1.0,
                ghost: true,
                ..Series::default()
            });
            smoothed(&values, SMOOTHING)
        } else {
            values
        };
        let end = smooth.iter().rev().find(|v| v.is_finite()).copied().unwrap_or(f64::NAN);
        series.push(Series {
            name: mind.letter().to_owned(),
            value: numbers::fixed(end, 3),
            points: by_epoch(&smooth),
            color,
            dash,
            width: 1.75,
            mark: Some(mark),
            colored_label: true,
            ghost: false,
        });
    }
    let y = range_of(&series, &[]);
    LineChart {
        series,
        x: (0.0, epochs as f64),
        y,
        x_name: "epoch".to_owned(),
        label_room: 66.0,
        ..LineChart::default()
    }
}

fn error_chart(t: &Tokens, training: &Training, epochs: usize, constant: Option<f64>) -> LineChart {
    let series: Vec<Series> = scm::SCORES
        .filter_map(|c| {
            let values = training.history.series(&format!("val.mae.{}", scm::SHORT[c]))?;
            let end = values.iter().rev().find(|v| v.is_finite()).copied()?;
            Some(Series {
                name: scm::SHORT[c].to_owned(),
                value: numbers::fixed(end, 3),
                points: by_epoch(&values),
                color: t.series(c),
                dash: series_dash(c),
                width: 1.75,
                ..Series::default()
            })
        })
        .collect();
    let references: Vec<f64> = constant.into_iter().collect();
    let y = range_of(&series, &references);
    LineChart {
        series,
        x: (0.0, epochs as f64),
        y,
        x_name: "epoch".to_owned(),
        references,
        label_room: 118.0,
        ..LineChart::default()
    }
}

/// A range with a margin around all finite values.
fn range_of(series: &[Series], others: &[f64]) -> (f64, f64) {
    let values = series.iter().flat_map(|s| s.points.iter().map(|p| p.1)).chain(others.iter().copied());
    let (low, high) = values
        .filter(|v| v.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    if low > high {
        return (0.0, 1.0);
    }
    // A single epoch spans nothing: a tenth of its value around it keeps the ticks short.
    let least = if high - low < 0.02 * high.abs() { 0.1 * high.abs() } else { 0.0 };
    let margin = ((high - low) * 0.12).max(least).max(1e-3);
    let floor = if low >= 0.0 && low < (high - low) * 0.8 { 0.0 } else { low - margin };
    (floor, high + margin)
}

/// Mean over the dimensions of what always answering the mean would give, when it was measured.
fn constant_predictor(context: &ViewContext<'_>, mind: Mind) -> Option<f64> {
    let run = source::run(context)?;
    let values: Vec<f64> = scm::SCORES
        .filter_map(|c| {
            let path = format!("/{}/{}/mean_predictor/mae", mind.letter(), scm::SHORT[c]);
            run.number("scorers", &path)
        })
        .collect();
    crate::core::stats::mean(&values)
}

fn validation_turns(context: &ViewContext<'_>) -> usize {
    source::run(context).map_or(0, |r| r.splits.iter().filter(|s| **s == Split::Validation).count())
}

/// Draws both charts side by side.
pub fn charts_ui(ui: &Ui, context: &ViewContext<'_>, rect: Rect, charts: &Charts, cursor: Option<usize>) {
    let t = context.tokens;
    let gap = 44.0;
    let left = Rect::from_min_max(rect.min, pos2(rect.left() + (rect.width() - gap) * 0.46, rect.bottom()));
    let right = Rect::from_min_max(pos2(left.right() + gap, rect.top()), rect.max);
    let cursor = cursor.map(|e| (e + 1) as f64);
    let parts = [
        (left, &charts.loss, "Score loss", charts.loss_note),
        (right, &charts.error, charts.error_title.as_str(), charts.error_note.as_str()),
    ];
    for (area, chart, title, note) in parts {
        let head =
            Rect::from_min_max(pos2(area.left(), area.top() + 8.0), pos2(area.right(), area.top() + 26.0));
        axes::caption(ui.painter(), t, head, title, note);
        let plot = Rect::from_min_max(
            pos2(area.left(), head.bottom() + 4.0),
            pos2(area.right(), area.bottom() - 4.0),
        );
        let shown = LineChart { cursor, ..chart.clone() };
        line_chart(ui.painter(), t, plot, &shown);
        let response = ui.interact(plot, ui.scope_id().with(title), Sense::hover());
        response.widget_info(|| {
            let ends: Vec<String> = chart
                .series
                .iter()
                .filter(|s| !s.name.is_empty())
                .map(|s| format!("{} {}", s.name, s.value))
                .collect();
            WidgetInfo::labeled(Role::Image, true, format!("{title}, {}", ends.join(", ")))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_holds_every_finite_value() {
        let s = Series { points: vec![(1.0, 0.2), (2.0, f64::NAN), (3.0, 0.05)], ..Series::default() };
        let (low, high) = range_of(&[s], &[0.3]);
        assert!(low <= 0.05 && high >= 0.3);
        assert_eq!(range_of(&[], &[]), (0.0, 1.0));
        let negative = Series { points: vec![(1.0, -2.0), (2.0, -1.0)], ..Series::default() };
        let (low, high) = range_of(&[negative], &[]);
        assert!(low < -2.0 && high > -1.0);
    }
}
