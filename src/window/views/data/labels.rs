//! Small multiples above the table: how the scores of each dimension are spread for every judge, and how far the
//! first two judges agree on it.

use super::summary::{BINS, Summary};
use crate::core::dimension::{Dimension, N_DIMENSIONS};
use crate::window::format;
use crate::window::theme::{Tokens, font, panel};
use crate::window::view::ViewContext;
use crate::window::widgets::legend::{series_line, series_marker};
use crate::window::widgets::paint::{hline, pixel_rect, text_in, width};
use egui::{Align2, Pos2, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

const PLOT: f32 = 72.0;
const GAP: f32 = 24.0;

/// Draws the block over the whole width, with the view's padding.
pub fn labels_ui(ui: &mut Ui, context: &ViewContext<'_>, summary: &Summary) {
    let t = context.tokens;
    let pad = panel::VIEW_PADDING;
    let tall = 18.0 + PLOT + 16.0 + if summary.agreement.is_some() { 20.0 } else { 0.0 } + 24.0;
    let (outer, _) = ui.allocate_exact_size(vec2(ui.available_width(), tall), Sense::hover());
    let rect = outer.shrink2(vec2(pad, 0.0));
    let w = (rect.width() - GAP * (N_DIMENSIONS - 1) as f32) / N_DIMENSIONS as f32;
    for (i, dimension) in Dimension::ALL.into_iter().enumerate() {
        let at = Rect::from_min_size(rect.min + vec2(i as f32 * (w + GAP), 0.0), vec2(w, tall - 24.0));
        multiple(ui, t, at, dimension, summary);
    }
    legend(ui, t, pos2(rect.left(), rect.bottom() - 8.0), rect.width(), summary);
}

fn multiple(ui: &mut Ui, t: &Tokens, rect: Rect, dimension: Dimension, summary: &Summary) {
    let response = ui.interact(rect, ui.scope_id().with(("labels", dimension.index())), Sense::hover());
    let agreement = summary.agreement.map(|a| a[dimension.index()]);
    let spoken = agreement
        .and_then(|a| a.spearman)
        .map_or(String::new(), |s| format!(", judges agree with Spearman {s:.2}"));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("scores on {dimension}{spoken}")));
    text_in(
        ui,
        rect.left_top() + vec2(0.0, 7.0),
        Align2::LEFT_CENTER,
        dimension.name(),
        font::label(),
        t.text,
        rect.width(),
    );
    let n = summary.histograms.first().map_or(0, |h| h[dimension.index()].iter().sum::<usize>());
    let note = format!("N = {}", format::count(n));
    if rect.width() > width(ui, dimension.name(), font::label()) + width(ui, &note, font::tick()) + 10.0 {
        ui.painter().text(
            rect.right_top() + vec2(0.0, 7.0),
            Align2::RIGHT_CENTER,
            note,
            font::tick(),
            t.text_subdued,
        );
    }
    let plot = Rect::from_min_size(rect.min + vec2(0.0, 20.0), vec2(rect.width(), PLOT));
    let most = summary.histograms.iter().flat_map(|h| h[dimension.index()]).max().unwrap_or(0).max(1);
    for (judge, histogram) in summary.histograms.iter().enumerate() {
        steps(ui, t, plot, &histogram[dimension.index()], most, judge);
    }
    hline(ui, plot.left()..=plot.right(), plot.bottom(), t.plot_axis);
    let y = plot.bottom() + 9.0;
    for (x, anchor, text) in [
        (plot.left(), Align2::LEFT_CENTER, "0"),
        (plot.center().x, Align2::CENTER_CENTER, "0.5"),
        (plot.right(), Align2::RIGHT_CENTER, "1"),
    ] {
        ui.painter().text(pos2(x, y), anchor, text, font::tick(), t.text_subdued);
    }
    if let Some(a) = agreement {
        let show = |v: Option<f64>| v.map_or("–".to_owned(), |v| format::fixed(v, 2));
        let text = if rect.width() > 150.0 {
            format!("Spearman {}, differ by {}", show(a.spearman), show(a.mae))
        } else {
            format!("ρ {}, MAE {}", show(a.spearman), show(a.mae))
        };
        let at = pos2(rect.left(), plot.bottom() + 27.0);
        text_in(ui, at, Align2::LEFT_CENTER, &text, font::small(), t.text, rect.width());
    }
    hover(&response, dimension, summary);
}

fn hover(response: &egui::Response, dimension: Dimension, summary: &Summary) {
    let Some(a) = summary.agreement.map(|a| a[dimension.index()]) else { return };
    let show = |v: Option<f64>| v.map_or("–".to_owned(), |v| format::fixed(v, 3));
    response.clone().on_hover_text(format!(
        "Agreement of {} and {} on {dimension}: Spearman {}, mean absolute difference {}, N = {}",
        summary.judges.first().map_or("", String::as_str),
        summary.judges.get(1).map_or("", String::as_str),
        show(a.spearman),
        show(a.mae),
        format::count(a.n)
    ));
}

/// A histogram as a line of steps in the series of the judge; the first judge is filled.
fn steps(ui: &Ui, t: &Tokens, plot: Rect, bins: &[usize; BINS], most: usize, judge: usize) {
    let color = t.series(judge);
    let w = plot.width() / BINS as f32;
    let mut points: Vec<Pos2> = Vec::new();
    for (i, n) in bins.iter().enumerate() {
        let h = plot.height() * *n as f32 / most as f32;
        let (x, y) = (plot.left() + i as f32 * w, plot.bottom() - h);
        if judge == 0 {
            let bar = pixel_rect(ui, Rect::from_min_max(pos2(x, y), pos2(x + w, plot.bottom())));
            ui.painter().rect_filled(bar, 0.0, crate::window::theme::blend(color, t.view_bg, 0.16));
        }
        points.push(pos2(x, y));
        points.push(pos2(x + w, y));
    }
    series_line(ui.painter(), &points, judge, Stroke::new(1.5, color));
}

fn legend(ui: &Ui, t: &Tokens, at: Pos2, room: f32, summary: &Summary) {
    let mut x = at.x;
    for (i, judge) in summary.judges.iter().enumerate().take(6) {
        let w = 34.0 + width(ui, judge, font::small()) + 16.0;
        if x + w > at.x + room {
            break;
        }
        series_line(ui.painter(), &[pos2(x, at.y), pos2(x + 26.0, at.y)], i, Stroke::new(1.5, t.series(i)));
        series_marker(ui.painter(), i, pos2(x + 13.0, at.y), 7.0, t.series(i));
        ui.painter().text(pos2(x + 33.0, at.y), Align2::LEFT_CENTER, judge, font::small(), t.text_subdued);
        x += w;
    }
}
