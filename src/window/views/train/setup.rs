//! Before a training: what there is to learn from, what was left out and why, and the config beside its defaults.

mod form;
pub use form::{KERNELS, kernels_word, weights_ui, wide_path_ui};

use super::block_head;
use crate::core::dimension::{Dimension, N_DIMENSIONS};
use crate::data::judge::histogram::BINS;
use crate::run::config::RunConfig;
use crate::window::canvas::paint;
use crate::window::command::Command;
use crate::window::format;
use crate::window::services::LabelPreview;
use crate::window::theme::{Tokens, blend, font};
use crate::window::view::ViewContext;
use crate::window::widgets::Button;
use crate::window::widgets::paint::{put_at, width};
use egui::{Align2, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

const GAP: f32 = 24.0;
/// Height of a histogram: what is left, within reason.
const PLOT: std::ops::RangeInclusive<f32> = 84.0..=260.0;

/// Draws the page.
pub fn setup_ui(ui: &mut Ui, context: &mut ViewContext<'_>, rect: Rect) {
    let t = context.tokens;
    let judge = judge_of(context).cloned();
    let judge = judge.as_ref();
    let left = rect.height() - form::HEIGHT - 160.0;
    let tall = left.clamp(*PLOT.start(), *PLOT.end());
    let label_height = 42.0 + 20.0 + tall + 22.0;
    let head = pos2(rect.left(), rect.top() + 21.0);
    block_head(ui.painter(), t, head, "Labels", &label_note(context, judge), rect.width());
    let plots = Rect::from_min_size(rect.min + vec2(0.0, 42.0), vec2(rect.width(), label_height - 42.0));
    match judge {
        Some(labels) => histograms(ui, t, plots, labels),
        None => {
            let words = if context.draft_turns.is_none() {
                "The turns are being read"
            } else {
                "These turns have no judgements to train on; choose a table with judgements on Start"
            };
            let at = plots.left_top() + vec2(0.0, 12.0);
            paint::text(ui.painter(), at, Align2::LEFT_CENTER, words, font::label_regular(), t.text_subdued);
        }
    }
    let top = rect.top() + label_height + 8.0;
    paint::hline(ui.painter(), rect.left()..=rect.right(), top, t.line);
    let below = Rect::from_min_max(pos2(rect.left(), top), rect.max);
    let split = (below.width() * 0.62).floor();
    let form = Rect::from_min_size(below.min, vec2(split, below.height() - 52.0));
    form::form_ui(ui, context, form);
    let out = Rect::from_min_max(pos2(form.right() + 32.0, below.top()), below.max);
    left_out(ui, context, judge, out);
    start(ui, context, pos2(below.left(), (form.top() + form::HEIGHT).min(below.bottom() - 40.0)));
}

/// What the judge that supervises the draft gives.
fn judge_of<'a>(context: &'a ViewContext<'_>) -> Option<&'a LabelPreview> {
    let labels = &context.draft_turns?.labels;
    match context.draft.judge.as_deref() {
        Some(asked) => labels.iter().find(|l| l.judge == asked),
        None => labels.first(),
    }
}

fn label_note(context: &ViewContext<'_>, judge: Option<&LabelPreview>) -> String {
    let Some(turns) = context.draft_turns else { return String::new() };
    let name = context.draft.turns.as_ref().and_then(|p| p.file_name());
    let name = name.map_or("the bundled corpus".to_owned(), |n| n.to_string_lossy().into_owned());
    let judged = judge.map_or(String::new(), |j| format!(", judged by {}", j.judge));
    format!(
        "{} in {} of {name}{judged}",
        format::counted(turns.turns, "turn", "turns"),
        format::counted(turns.conversations, "conversation", "conversations"),
    )
}

/// One histogram a dimension: 20 bins of five points, the mean marked.
fn histograms(ui: &Ui, t: &Tokens, rect: Rect, labels: &LabelPreview) {
    let w = (rect.width() - GAP * (N_DIMENSIONS - 1) as f32) / N_DIMENSIONS as f32;
    let most = labels.bins.iter().flatten().copied().max().unwrap_or(0).max(1);
    for dimension in Dimension::ALL {
        let i = dimension.index();
        let at = Rect::from_min_size(rect.min + vec2(i as f32 * (w + GAP), 0.0), vec2(w, rect.height()));
        one_histogram(ui, t, at, dimension, &labels.bins[i], labels.counts[i], most);
    }
}

fn one_histogram(
    ui: &Ui,
    t: &Tokens,
    rect: Rect,
    dimension: Dimension,
    bins: &[u64; BINS],
    n: usize,
    most: u64,
) {
    let painter = ui.painter();
    let i = dimension.index();
    let mean = mean_of(bins);
    let y = rect.top() + 7.0;
    paint::text(painter, pos2(rect.left(), y), Align2::LEFT_CENTER, dimension.name(), font::label(), t.text);
    let note = mean.map_or("no labels".to_owned(), |m| {
        format!("N = {}, mean {}", format::count(n), format::fixed(m / 100.0, 2))
    });
    let short = format!("N = {}", format::count(n));
    let name = width(ui, dimension.name(), font::label());
    let fits = |words: &str| rect.width() > name + width(ui, words, font::small()) + 12.0;
    let words = if fits(&note) { &note } else { &short };
    if fits(words) {
        paint::text(
            painter,
            pos2(rect.right(), y),
            Align2::RIGHT_CENTER,
            words,
            font::small(),
            t.text_subdued,
        );
    }
    let plot = Rect::from_min_size(rect.min + vec2(0.0, 20.0), vec2(rect.width(), rect.height() - 42.0));
    let step = plot.width() / BINS as f32;
    for (bin, count) in bins.iter().enumerate() {
        let h = plot.height() * *count as f32 / most as f32;
        let x = plot.left() + bin as f32 * step;
        let bar = Rect::from_min_max(pos2(x + 0.5, plot.bottom() - h), pos2(x + step - 0.5, plot.bottom()));
        paint::fill(painter, bar, blend(t.series(i), t.view_bg, 0.75));
    }
    if let Some(mean) = mean {
        let x = plot.left() + plot.width() * (mean / 100.0) as f32;
        paint::vline(painter, x, plot.top()..=plot.bottom(), t.text_strong);
    }
    paint::hline(painter, plot.left()..=plot.right(), plot.bottom(), t.plot_axis);
    let y = plot.bottom() + 9.0;
    let ticks = [
        (plot.left(), Align2::LEFT_CENTER, "0"),
        (plot.center().x, Align2::CENTER_CENTER, "0.5"),
        (plot.right(), Align2::RIGHT_CENTER, "1"),
    ];
    for (x, anchor, words) in ticks {
        paint::text(painter, pos2(x, y), anchor, words, font::tick(), t.text_subdued);
    }
    let response = ui.interact(rect, ui.scope_id().with(("label histogram", i)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("labels of {dimension}, {note}")));
    response.on_hover_text(format!("{dimension}, {note}"));
}

/// Mean of a histogram's labels, taken at the middle of the bins; close enough for a mark.
fn mean_of(bins: &[u64; BINS]) -> Option<f64> {
    let n: u64 = bins.iter().sum();
    let width = 100.0 / BINS as f64;
    let sum: f64 = bins.iter().enumerate().map(|(i, c)| (i as f64 + 0.5) * width * *c as f64).sum();
    (n > 0).then(|| sum / n as f64)
}

/// Rows that training will not see, with their reasons.
fn left_out(ui: &Ui, context: &ViewContext<'_>, judge: Option<&LabelPreview>, rect: Rect) {
    let t = context.tokens;
    let mut rows: Vec<(String, usize)> = context.draft_turns.map_or_else(Vec::new, |p| p.skipped.clone());
    rows.extend(judge.into_iter().flat_map(|j| j.dropped.clone()));
    let total: usize = rows.iter().map(|(_, n)| n).sum();
    let note = if rows.is_empty() {
        String::new()
    } else {
        format::counted(total, "row or label", "rows and labels")
    };
    let painter = ui.painter();
    block_head(painter, t, pos2(rect.left(), rect.top() + 21.0), "Left out", &note, rect.width());
    let first = rect.top() + 40.0;
    if rows.is_empty() {
        let words = if context.draft_turns.is_some() { "Every turn and every label is used" } else { "" };
        let at = pos2(rect.left(), first + 11.0);
        paint::text(painter, at, Align2::LEFT_CENTER, words, font::label_regular(), t.text_subdued);
        return;
    }
    let fits = ((rect.bottom() - first) / 26.0).max(1.0) as usize;
    for (i, (why, n)) in rows.iter().take(fits).enumerate() {
        let line = Rect::from_min_size(pos2(rect.left(), first + 26.0 * i as f32), vec2(rect.width(), 26.0));
        paint::hline(painter, line.left()..=line.right(), line.top(), t.line_faint);
        let y = line.center().y;
        let words = format::count(*n);
        let room = line.width() - width(ui, &words, font::label_number()) - 16.0;
        paint::text(
            painter,
            pos2(line.right(), y),
            Align2::RIGHT_CENTER,
            &words,
            font::label_number(),
            t.text_strong,
        );
        paint::text_cut(
            painter,
            pos2(line.left(), y),
            Align2::LEFT_CENTER,
            why,
            font::label_regular(),
            t.text,
            room,
        );
        let response = ui.interact(line, ui.scope_id().with(("left out", i)), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("left out, {why}, {words}")));
        response.on_hover_text(why);
    }
}

/// The one button of the page, and the smaller run.
fn start(ui: &mut Ui, context: &mut ViewContext<'_>, at: egui::Pos2) {
    let no_labels = context.draft_turns.is_some_and(|p| p.judges.is_empty());
    let why = if context.job.running {
        Some("A job is running; stop it or wait for its end")
    } else if context.draft_turns.is_none() {
        Some("The turns are being read")
    } else if no_labels {
        Some("The turns have no judgements to train on")
    } else if !context.draft.trains() {
        Some("Neither mind is trained here; choose HRM or Tiny")
    } else {
        None
    };
    let words = "Start training";
    let w = width(ui, words, font::label()) + 46.0;
    let button = Button::new(words).icon("play").primary().height(30.0).disabled(why);
    let full = put_at(ui, Rect::from_min_size(at, vec2(w, 30.0)), button);
    let quick_at = at + vec2(w + 8.0, 0.0);
    let quick_w = width(ui, "Quick run", font::label()) + 20.0;
    let button = Button::new("Quick run").height(30.0).disabled(why);
    let quick = put_at(ui, Rect::from_min_size(quick_at, vec2(quick_w, 30.0)), button);
    let note_at = pos2(quick_at.x + quick_w + 14.0, at.y + 15.0);
    let note =
        why.unwrap_or("then both minds score every turn, and the field, the topology and the report follow");
    let room = ui.max_rect().right() - note_at.x - 16.0;
    let t = context.tokens;
    paint::text_cut(ui.painter(), note_at, Align2::LEFT_CENTER, note, font::small(), t.text_subdued, room);
    for (response, quick) in [(full, false), (quick, true)] {
        if response.clicked() {
            let config = RunConfig { quick, ..context.draft.clone() };
            context.commands.push(Command::StartRun(Box::new(config)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_a_histogram_lies_where_its_labels_are() {
        let mut bins = [0; BINS];
        assert_eq!(mean_of(&bins), None);
        (bins[0], bins[19]) = (1, 1);
        assert_eq!(mean_of(&bins), Some(50.0));
    }
}
