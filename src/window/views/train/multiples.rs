//! Every figure of a training as a small chart: each loss term, gradient norms, validation quality, learning rate.

use super::charts::{by_epoch, range_of};
use super::source::{Mind, Training};
use crate::core::scm;
use crate::window::canvas::line_chart::{LineChart, Series, line_chart};
use crate::window::canvas::{axes, numbers, paint};
use crate::window::theme::{Tokens, font};
use crate::window::view::ViewContext;
use crate::window::widgets::legend::series_dash;
use crate::window::widgets::{self, mind_mark};
use egui::{Align2, Rect, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

/// Title, column, decimals and what it is, in the order shown.
const FIGURES: [(&str, &str, usize, &str); 15] = [
    ("Total loss", "loss.total", 3, "weighted sum of the terms"),
    ("Score", "loss.main", 3, "squared error weighed by the predicted variance"),
    ("aux3", "loss.aux3", 3, "cross-entropy of bad, medium, good"),
    ("Disagree", "loss.disagree", 3, "smooth L1"),
    ("Reconstruction", "loss.recon", 3, "1 − cosine"),
    ("Consistency", "loss.consistency", 4, "squared error"),
    ("ood", "loss.ood", 3, "cross-entropy"),
    ("Sensitivity", "loss.sensitivity", 4, "squared error"),
    ("Halt", "loss.halt", 3, "cross-entropy"),
    ("Gradient norm", "grad_norm", 2, "before clipping, mean over steps and models"),
    ("Validation MAE", "val.mae", 3, "mean of five dimensions"),
    ("Validation RMSE", "val.rmse", 3, "mean of five dimensions"),
    ("Validation Spearman", "val.spearman", 3, "mean of five dimensions"),
    ("Learning rate", "learning_rate", 6, "at the end of the epoch"),
    ("Turns per second", "turns_per_second", 0, "all dimensions together"),
];

/// Draws the grid; figures that no training has are left out.
pub fn multiples_ui(ui: &mut Ui, context: &ViewContext<'_>, rect: Rect, mind: Mind) {
    let t = context.tokens;
    let both: Vec<(Mind, Training)> =
        [Mind::A, Mind::B].into_iter().filter_map(|m| Training::of(context, m).map(|x| (m, x))).collect();
    let own = both.iter().find(|(m, _)| *m == mind).map(|(_, x)| x);
    let shown: Vec<_> =
        FIGURES.iter().filter(|(_, column, ..)| both.iter().any(|(_, x)| x.last(column).is_some())).collect();
    legend(ui, t, rect, &both);
    let grid = Rect::from_min_max(pos2(rect.left(), rect.top() + 30.0), rect.max);
    let across = ((grid.width() + 24.0) / 260.0).floor().clamp(1.0, 5.0) as usize;
    // Gradient norms by dimension close the grid: which of the five models runs away is seen nowhere else.
    let cells = shown.len() + usize::from(own.is_some_and(|x| x.last("grad_norm.reasoning").is_some()));
    let rows = cells.div_ceil(across).max(1);
    let width = (grid.width() - 24.0 * (across - 1) as f32) / across as f32;
    // Charts fill the room, but a curve in a tall and narrow chart looks steeper than it is.
    let size = vec2(width, (grid.height() / rows as f32).clamp(132.0, (1.1 * width).max(230.0)));
    let mut inner = ui.new_child(egui::UiBuilder::new().max_rect(grid));
    ScrollArea::vertical().auto_shrink(false).show(&mut inner, |ui| {
        let (all, _) = ui.allocate_exact_size(vec2(grid.width(), size.y * rows as f32), Sense::hover());
        let cell = |at: usize| {
            let (row, column) = (at / across, at % across);
            let corner = all.min + vec2(column as f32 * (size.x + 24.0), row as f32 * size.y);
            Rect::from_min_size(corner, size - vec2(0.0, 10.0))
        };
        for (at, (title, column, decimals, what)) in shown.iter().enumerate() {
            let chart = of_both(t, &both, column, *decimals);
            small(ui, t, cell(at), &chart, title, what);
        }
        if let Some(training) = own.filter(|_| cells > shown.len()) {
            let title = format!("Gradient norm of {} by dimension", mind.letter());
            small(ui, t, cell(shown.len()), &by_dimension(t, training), &title, "");
        }
    });
}

fn legend(ui: &Ui, t: &Tokens, rect: Rect, both: &[(Mind, Training)]) {
    let mut x = rect.left();
    let y = rect.top() + 15.0;
    for (mind, training) in both {
        let mark = if *mind == Mind::A { widgets::Mind::A } else { widgets::Mind::B };
        mind_mark(ui.painter(), t, mark, pos2(x + 5.0, y), 9.0);
        let epochs = numbers::counted(training.epochs_done, "epoch", "epochs");
        let words = format!("{}, {epochs}", training.letter());
        let taken =
            paint::text(ui.painter(), pos2(x + 15.0, y), Align2::LEFT_CENTER, &words, font::small(), t.text);
        x = taken.right() + 20.0;
    }
}

fn of_both(t: &Tokens, both: &[(Mind, Training)], column: &str, decimals: usize) -> LineChart {
    let mut series = Vec::new();
    let mut last: f64 = 2.0;
    for (mind, training) in both {
        let Some(values) = training.history.series(column) else { continue };
        last = last.max(values.len().max(training.epochs_planned) as f64);
        let Some(end) = values.iter().rev().find(|v| v.is_finite()) else { continue };
        let (color, dash): (_, &'static [f32]) =
            if *mind == Mind::A { (t.mind_a, &[]) } else { (t.mind_b, &[6.0, 3.0]) };
        let value = if column == "learning_rate" {
            super::controls::rate_words(*end)
        } else {
            numbers::fixed(*end, decimals)
        };
        series.push(Series {
            name: training.letter().to_owned(),
            value,
            points: by_epoch(&values),
            color,
            dash,
            width: 1.5,
            ..Series::default()
        });
    }
    let mut y = range_of(&series, &[]);
    if y.0 < 0.0 && series.iter().all(|s| s.points.iter().all(|p| p.1.is_nan() || p.1 >= 0.0)) {
        y.0 = 0.0;
    }
    LineChart { series, x: (0.0, last), y, label_room: 66.0, ..LineChart::default() }
}

fn by_dimension(t: &Tokens, training: &Training) -> LineChart {
    let series: Vec<Series> = scm::SCORES
        .filter_map(|c| {
            let values = training.history.series(&format!("grad_norm.{}", scm::SHORT[c]))?;
            let end = values.iter().rev().find(|v| v.is_finite()).copied()?;
            Some(Series {
                name: scm::SHORT[c].to_owned(),
                value: numbers::fixed(end, 2),
                points: by_epoch(&values),
                color: t.series(c),
                dash: series_dash(c),
                width: 1.5,
                ..Series::default()
            })
        })
        .collect();
    let y = range_of(&series, &[]);
    let x = (0.0, training.epochs_done.max(training.epochs_planned).max(2) as f64);
    LineChart { series, x, y, label_room: 106.0, ..LineChart::default() }
}

fn small(ui: &Ui, t: &Tokens, rect: Rect, chart: &LineChart, title: &str, what: &str) {
    axes::caption(ui.painter(), t, Rect::from_min_size(rect.min, vec2(rect.width(), 18.0)), title, "");
    let plot = Rect::from_min_max(rect.min + vec2(0.0, 20.0), rect.max + vec2(0.0, 12.0));
    line_chart(ui.painter(), t, plot, chart);
    let response = ui.interact(rect, ui.scope_id().with(("multiple", title)), Sense::hover());
    let ends: Vec<String> = chart.series.iter().map(|s| format!("{} {}", s.name, s.value)).collect();
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("{title}, {}", ends.join(", "))));
    if !what.is_empty() {
        response.on_hover_text(format!("{title}, {what}; last epoch {}", ends.join(", ")));
    }
}
