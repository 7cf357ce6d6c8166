//! Score loss of both minds and validation error of the chosen one, with other trainings laid over them.

use super::source::{self, Mind, Training, loss_name};
use crate::core::scm;
use crate::run::contents::History;
use crate::window::canvas::axes;
use crate::window::canvas::line_chart::{LineChart, Series, line_chart, smoothed};
use crate::window::canvas::numbers;
use crate::window::library::Library;
use crate::window::theme::Tokens;
use crate::window::view::ViewContext;
use crate::window::widgets;
use crate::window::widgets::legend::series_dash;
use egui::{Rect, Role, Sense, Ui, WidgetInfo, pos2};
use std::path::PathBuf;
use std::sync::Arc;

/// Weight of the past in the smoothed curve.
const SMOOTHING: f64 = 0.6;
/// Epochs from which on the loss is smoothed: on fewer, smoothing only lags behind what was measured.
const SMOOTHED_FROM: usize = 12;

/// What decides the charts.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    stamp: (u64, usize),
    library: u64,
    mind: Mind,
    epochs: [usize; 2],
    live: bool,
    dark: bool,
    compared: Vec<PathBuf>,
}

impl Key {
    /// Of what is shown now.
    pub fn of(context: &ViewContext<'_>, training: &Training, mind: Mind, compared: &[PathBuf]) -> Self {
        let count = |name: &str| {
            context.job.history.iter().find(|(n, _)| n == name).map_or(0, |(_, h)| h.values.len())
        };
        Self {
            stamp: source::stamp(context),
            library: context.library.version,
            mind,
            epochs: [count("A"), count("B")],
            live: training.live,
            dark: context.tokens.dark,
            compared: compared.to_vec(),
        }
    }
}

/// Another training laid over this one.
pub struct Overlay {
    /// Title of its run.
    pub title: String,
    /// Its numbers.
    pub history: Arc<History>,
}

/// The trainings of a mind in these runs, in their order; runs that are gone are left out.
pub fn overlays(library: &Library, compared: &[PathBuf], mind: Mind) -> Vec<Overlay> {
    let all = || library.runs.iter().chain(&library.samples);
    let one = |folder: &PathBuf| {
        let run = all().find(|r| r.folder == *folder)?;
        let history = run.trainings[mind.index()].clone()?;
        Some(Overlay { title: run.title.clone(), history })
    };
    compared.iter().filter_map(one).collect()
}

/// Both charts with their captions, made once.
pub struct Charts {
    /// What they were made for.
    pub key: Key,
    loss: LineChart,
    loss_title: String,
    loss_note: &'static str,
    error: LineChart,
    error_title: String,
    error_note: String,
}

impl Charts {
    /// Makes them.
    pub fn new(key: Key, context: &ViewContext<'_>, training: &Training, mind: Mind) -> Self {
        let t = context.tokens;
        let others = overlays(context.library, &key.compared, mind);
        let both: Vec<(Mind, Training)> = [Mind::A, Mind::B]
            .into_iter()
            .filter(|m| others.is_empty() || *m == mind)
            .filter_map(|m| Training::of(context, m).map(|x| (m, x)))
            .collect();
        let own = both.iter().map(|(_, x)| x.epochs_done.max(x.epochs_planned));
        let epochs = own.chain(others.iter().map(|o| o.history.values.len())).max().unwrap_or(1).max(2);
        let constant = source::run(context).and_then(|r| source::constant_predictor(r));
        let turns = training.validation_n();
        let mut note =
            turns.map_or_else(String::new, |n| format!("N = {}", numbers::counted(n, "turn", "turns")));
        if let Some(v) = constant {
            let value = numbers::fixed(v, 2);
            let words = format!("grey dashes: constant predictor, {value}");
            let short = turns.map_or_else(String::new, |n| format!("N = {}; ", numbers::count(n)));
            note = if note.is_empty() { words } else { format!("{note}; {words}") };
            note = format!("{note}|{short}grey dashes: constant, {value}|dashes: constant, {value}");
        }
        let letter = mind.letter();
        let (loss_title, error_title) = if others.is_empty() {
            ("Score loss".to_owned(), format!("Validation MAE of {letter}"))
        } else {
            (format!("Score loss of {letter}"), format!("Validation MAE of {letter}, mean of five"))
        };
        let error = if others.is_empty() {
            error_chart(t, training, epochs, constant)
        } else {
            compared_chart(t, training, mind, &others, |_| Some("val.mae"), epochs, constant)
        };
        let loss = if others.is_empty() {
            loss_chart(t, &both, epochs)
        } else {
            compared_chart(t, training, mind, &others, loss_name, epochs, None)
        };
        let loss_note = match epochs {
            SMOOTHED_FROM.. if others.is_empty() => "thin: as measured, thick: smoothed",
            _ => "mean of each epoch",
        };
        Self { key, loss, loss_title, loss_note, error, error_title, error_note: note }
    }
}

/// A series by epoch, counted from 1.
pub fn by_epoch(values: &[f64]) -> Vec<(f64, f64)> {
    values.iter().enumerate().map(|(i, v)| ((i + 1) as f64, *v)).collect()
}

/// A name that leaves room for its number.
fn shortened(title: &str) -> String {
    const MOST: usize = 18;
    if title.chars().count() <= MOST {
        return title.to_owned();
    }
    title.chars().take(MOST - 1).chain(['…']).collect()
}

/// One figure of this training beside that of others: this one in the colour of its mind, the others in series.
fn compared_chart(
    t: &Tokens,
    training: &Training,
    mind: Mind,
    others: &[Overlay],
    name: impl Fn(&History) -> Option<&'static str>,
    epochs: usize,
    constant: Option<f64>,
) -> LineChart {
    let color = if mind == Mind::A { t.mind_a } else { t.mind_b };
    let this = (training.history.as_ref(), "this run".to_owned(), color, [].as_slice(), 2.0);
    let others = others
        .iter()
        .enumerate()
        .map(|(i, o)| (o.history.as_ref(), shortened(&o.title), t.series(i + 1), series_dash(i + 1), 1.5));
    let series: Vec<Series> = std::iter::once(this)
        .chain(others)
        .filter_map(|(history, title, color, dash, width)| {
            let values = history.series(name(history)?)?;
            let end = values.iter().rev().find(|v| v.is_finite()).copied()?;
            Some(Series {
                name: title,
                value: numbers::fixed(end, 3),
                points: by_epoch(&values),
                color,
                dash,
                width,
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
        label_room: 168.0,
        ..LineChart::default()
    }
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
pub fn range_of(series: &[Series], others: &[f64]) -> (f64, f64) {
    let values = series.iter().flat_map(|s| s.points.iter().map(|p| p.1)).chain(others.iter().copied());
    let (low, high) = values
        .filter(|v| v.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    if low > high {
        return (0.0, 1.0);
    }
    // A single epoch spans nothing: a tenth of its value around it keeps the ticks short.
    let least = if high - low < 0.02 * high.abs() { 0.1 * high.abs() } else { 0.0 };
    let margin = ((high - low) * 0.12).max(least);
    let margin = if margin > 0.0 { margin } else { 1e-3 };
    let floor = if low >= 0.0 && low < (high - low) * 0.8 { 0.0 } else { low - margin };
    (floor, high + margin)
}

/// Draws both charts side by side.
pub fn charts_ui(ui: &Ui, context: &ViewContext<'_>, rect: Rect, charts: &Charts, cursor: Option<usize>) {
    let t = context.tokens;
    let gap = 44.0;
    let left = Rect::from_min_max(rect.min, pos2(rect.left() + (rect.width() - gap) * 0.46, rect.bottom()));
    let right = Rect::from_min_max(pos2(left.right() + gap, rect.top()), rect.max);
    let cursor = cursor.map(|e| (e + 1) as f64);
    let parts = [
        (left, &charts.loss, charts.loss_title.as_str(), charts.loss_note),
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
