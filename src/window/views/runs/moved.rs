//! What moved against the baseline (the first chosen run), paired by turn, and the fields of all chosen runs overlaid.

use crate::core::dimension::Dimension;
use crate::field::moved::{Moved, Turns, moved};
use crate::field::order::mean_scores;
use crate::run::contents::RunContents;
use crate::window::background::Background;
use crate::window::canvas::axes::round_up;
use crate::window::canvas::line_chart::{LineChart, Series, line_chart};
use crate::window::format;
use crate::window::library::RunSummary;
use crate::window::theme::{Tokens, font, height};
use crate::window::widgets::legend::{series_dash, series_marker};
use crate::window::widgets::paint::{hline, text_in};
use crate::window::widgets::section_heading;
use egui::{Align2, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};
use std::path::{Path, PathBuf};

/// Points of a curve.
const POINTS: usize = 120;

/// What is known of the chosen runs once they are read whole.
#[derive(Default)]
pub struct Whole {
    wanted: Vec<PathBuf>,
    reading: Background<(Vec<PathBuf>, Vec<Read>)>,
    ready: Option<(Vec<PathBuf>, Vec<Read>)>,
}

/// One chosen run, or why it could not be read.
type Read = Result<One, String>;

struct One {
    /// Against the baseline; empty for the baseline itself.
    moved: Vec<Moved>,
    /// |mean D| of the turns, largest first, thinned: share of turns and value.
    curve: Vec<(f64, f64)>,
}

impl Whole {
    /// Reads the chosen runs on a thread when the choice or the list changed.
    pub fn update(
        &mut self,
        ctx: &egui::Context,
        load: fn(&Path) -> anyhow::Result<RunContents>,
        chosen: &[&RunSummary],
    ) {
        if let Some(ready) = self.reading.poll() {
            self.ready = Some(ready);
        }
        let folders: Vec<PathBuf> = chosen.iter().map(|r| r.folder.clone()).collect();
        if folders == self.wanted {
            return;
        }
        self.wanted.clone_from(&folders);
        let work = move || {
            let runs: Vec<Result<RunContents, String>> =
                folders.iter().map(|f| load(f).map_err(|e| format!("{e:#}"))).collect();
            let baseline = runs.first().and_then(|r| r.as_ref().ok()).and_then(Turns::of);
            let read = runs.iter().enumerate().map(|(i, r)| one(i, r, baseline.as_ref())).collect();
            (folders, read)
        };
        if let Err(error) = self.reading.start("compare runs", ctx, work) {
            tracing::error!("no thread to compare runs: {error}");
        }
    }

    /// Whether runs are being read.
    pub fn is_busy(&self) -> bool {
        self.reading.is_running()
    }

    fn of(&self, chosen: &[&RunSummary]) -> Option<&[Read]> {
        let (folders, read) = self.ready.as_ref()?;
        folders.iter().eq(chosen.iter().map(|r| &r.folder)).then_some(read)
    }
}

fn one(index: usize, run: &Result<RunContents, String>, baseline: Option<&Turns>) -> Read {
    let run = run.as_ref().map_err(Clone::clone)?;
    let turns = Turns::of(run).ok_or_else(|| "no field yet".to_owned())?;
    let moved = match baseline {
        Some(baseline) if index > 0 => moved(baseline, &turns),
        _ => Vec::new(),
    };
    Ok(One { moved, curve: curve(&turns) })
}

/// |mean D| of the five scores, largest first: which share of the turns lies at least so far apart.
fn curve(turns: &Turns) -> Vec<(f64, f64)> {
    let mut values: Vec<f64> =
        mean_scores(&turns.delta).into_iter().filter(|v| v.is_finite()).map(f64::abs).collect();
    values.sort_by(|a, b| b.total_cmp(a));
    let n = values.len();
    let points = POINTS.min(n);
    (0..points)
        .map(|i| i * (n - 1) / (points - 1).max(1))
        .map(|at| ((at + 1) as f64 / n as f64 * 100.0, values[at]))
        .collect()
}

/// Draws the table of what moved.
pub fn moved_ui(ui: &mut Ui, t: &Tokens, runs: &[&RunSummary], whole: &Whole) {
    let paired = if runs.len() < 2 { "" } else { "same turns, by conversation|same turns" };
    section_heading(ui, "What moved against the baseline", paired);
    if runs.len() < 2 {
        note(ui, t, "Tick a second run to see what moved");
        return;
    }
    let Some(read) = whole.of(runs) else { return note(ui, t, "Reading the runs") };
    if read.iter().flatten().any(|one| !one.moved.is_empty()) {
        head(ui, t);
    }
    ScrollArea::vertical().id_salt("moved").auto_shrink([false, false]).show(ui, |ui| {
        for (i, read) in read.iter().enumerate().skip(1) {
            match read {
                Ok(one) if one.moved.is_empty() => note(ui, t, "No turn is in both runs"),
                Ok(one) => one.moved.iter().for_each(|m| row(ui, t, i, m)),
                Err(why) => note(ui, t, &format!("{}, {why}", runs[i].title)),
            }
        }
    });
}

/// Where the change ends, and where its interval does, as shares of this width; the interval is never cut.
fn columns(width: f32) -> (f32, f32) {
    if width < 420.0 { (0.44, 0.8) } else { (0.48, 0.8) }
}

fn head(ui: &mut Ui, t: &Tokens) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height::TABLE_HEADER), Sense::hover());
    hline(ui, rect.left()..=rect.right(), rect.bottom() - 1.0, t.line);
    let (y, w) = (rect.center().y, rect.width());
    let cells = [
        (rect.left() + 18.0, Align2::LEFT_CENTER, "dimension"),
        (rect.left() + w * columns(w).0, Align2::RIGHT_CENTER, "mean |D|"),
        (rect.left() + w * columns(w).1, Align2::RIGHT_CENTER, "95% interval"),
    ];
    for (x, anchor, words) in cells {
        text_in(ui, pos2(x, y), anchor, words, font::small_medium(), t.text_subdued, w * 0.32);
    }
}

fn row(ui: &mut Ui, t: &Tokens, series: usize, moved: &Moved) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height::ROW), Sense::hover());
    let name = Dimension::ALL.get(moved.dimension).map_or("", |d| d.name());
    let change = format::signed(moved.change, 3);
    let verdict = moved.verdict();
    let interval = moved.interval.map_or_else(
        || "too few conversations".to_owned(),
        |[low, high]| format!("{} to {}", format::fixed(low, 3), format::fixed(high, 3)),
    );
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Row, true, format!("{name} {change}, {interval}, {verdict}"))
    });
    hline(ui, rect.left()..=rect.right(), rect.bottom() - 1.0, t.line_faint);
    let y = rect.center().y;
    series_marker(ui.painter(), series, pos2(rect.left() + 5.0, y), 9.0, t.series(series));
    let w = rect.width();
    let strong = moved.is_moved();
    let words = if strong { t.text_strong } else { t.text_subdued };
    text_in(
        ui,
        pos2(rect.left() + 18.0, y),
        Align2::LEFT_CENTER,
        name,
        font::label_regular(),
        t.text,
        w * 0.3,
    );
    let at = pos2(rect.left() + w * columns(w).0, y);
    text_in(ui, at, Align2::RIGHT_CENTER, &change, font::label_number(), words, w * 0.2);
    let at = pos2(rect.left() + w * columns(w).1, y);
    text_in(ui, at, Align2::RIGHT_CENTER, &interval, font::label_number(), t.text_subdued, w * 0.38);
    text_in(ui, pos2(rect.right(), y), Align2::RIGHT_CENTER, verdict, font::small_medium(), words, w * 0.2);
    response.on_hover_text(format!(
        "Mean of |D| here minus |D| in the baseline over {}; 95% interval by resampling conversations",
        format::counted(moved.turns, "shared turn", "shared turns")
    ));
}

/// One subdued line where there is nothing to list.
pub fn note(ui: &mut Ui, t: &Tokens, words: &str) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 28.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
    text_in(ui, rect.left_center(), Align2::LEFT_CENTER, words, font::small(), t.text_subdued, rect.width());
}

/// Draws the fields of all chosen runs over each other: how far apart the minds are on which share of the turns.
pub fn overlay_ui(ui: &mut Ui, t: &Tokens, runs: &[&RunSummary], whole: &Whole) {
    section_heading(ui, "Turns by |mean D|, overlaid", "largest first");
    let Some(read) = whole.of(runs) else { return note(ui, t, "Reading the runs") };
    let most = read.iter().flatten().filter_map(|o| o.curve.first()).map(|p| p.1).fold(0.01, f64::max);
    let series = read.iter().enumerate().filter_map(|(i, r)| {
        let one = r.as_ref().ok()?;
        Some(Series {
            name: String::new(),
            points: one.curve.clone(),
            color: t.series(i),
            dash: series_dash(i),
            width: 1.75,
            ..Series::default()
        })
    });
    let chart = LineChart {
        series: series.collect(),
        x: (0.0, 100.0),
        y: (0.0, round_up(most, 4)),
        x_name: "share of turns, %".to_owned(),
        ..LineChart::default()
    };
    let tall = ui.available_height().clamp(120.0, 420.0);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), tall - 24.0), Sense::hover());
    response.widget_info(|| {
        let half = |r: &Read| {
            let at = r.as_ref().ok()?.curve.iter().find(|p| p.0 >= 50.0)?;
            Some(format::fixed(at.1, 3))
        };
        let words: Vec<String> = runs
            .iter()
            .zip(read)
            .map(|(run, r)| format!("{} half of the turns above {}", run.title, half(r).unwrap_or_default()))
            .collect();
        WidgetInfo::labeled(Role::Image, true, format!("turns by mean D, {}", words.join(", ")))
    });
    line_chart(ui.painter(), t, rect, &chart);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::matrix::Matrix;

    #[test]
    fn a_curve_falls_from_the_largest_to_the_smallest_turn() {
        let turns = Turns {
            ids: Vec::new(),
            conversations: Vec::new(),
            delta: Matrix::from_fn(1000, 12, |r, _| if r == 3 { f32::NAN } else { -(r as f32) / 1000.0 }),
        };
        let curve = curve(&turns);
        assert_eq!(curve.len(), POINTS);
        assert!((curve[0].1 - 0.999).abs() < 1e-6 && curve[POINTS - 1].0 > 99.9);
        assert!(curve.windows(2).all(|w| w[1].1 <= w[0].1 && w[1].0 > w[0].0));
    }
}
