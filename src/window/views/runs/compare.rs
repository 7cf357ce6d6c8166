//! The chosen runs side by side: mean |D| by dimension, what differs between their configs, and D with shared limits.

use super::moved::{Whole, moved_ui, overlay_ui};
use crate::core::dimension::Dimension;
use crate::core::stats;
use crate::window::format;
use crate::window::library::RunSummary;
use crate::window::theme::{Tokens, font, height};
use crate::window::thumbnail;
use crate::window::widgets::colour_bar::delta_strip;
use crate::window::widgets::legend::series_marker;
use crate::window::widgets::paint::{hline, text_in, vline, width};
use crate::window::widgets::section_heading;
use egui::{Align2, Color32, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

/// How the chosen runs are shown.
pub struct Look<'a> {
    /// Version of the list, key for pictures.
    pub version: u64,
    /// Curves over each other instead of pictures side by side.
    pub overlay: bool,
    /// The runs read whole.
    pub whole: &'a Whole,
}

/// Draws the three blocks side by side; under 760 wide only the first and the pictures.
pub fn compare_ui(ui: &mut Ui, t: &Tokens, runs: &[&RunSummary], look: &Look<'_>) {
    let rect = ui.max_rect();
    let gap = 36.0;
    let all = rect.width() > 860.0;
    let (each, most) = if rect.width() > 1600.0 { (150.0, 500.0) } else { (90.0, 360.0) };
    let pictures = (each * runs.len() as f32 + 20.0).clamp(300.0, most).min(rect.width() * 0.45);
    let rest = rect.width() - pictures - gap;
    let first = if all { (rest - gap) * 0.52 } else { rest };
    let block = |ui: &mut Ui, x: f32, w: f32, add: &mut dyn FnMut(&mut Ui)| {
        let at = Rect::from_min_max(pos2(x, rect.top() + 16.0), pos2(x + w, rect.bottom() - 8.0));
        let mut child = ui.new_child(UiBuilder::new().max_rect(at));
        child.spacing_mut().item_spacing = vec2(0.0, 0.0);
        child.set_clip_rect(at.expand(3.0).intersect(ui.clip_rect()));
        add(&mut child);
    };
    block(ui, rect.left(), first, &mut |ui| {
        means(ui, t, runs);
        if ui.available_height() > 120.0 {
            ui.add_space(22.0);
            moved_ui(ui, t, runs, look.whole);
        }
    });
    if all {
        block(ui, rect.left() + first + gap, rest - gap - first, &mut |ui| differences(ui, t, runs));
    }
    block(ui, rect.right() - pictures, pictures, &mut |ui| {
        if look.overlay {
            overlay_ui(ui, t, runs, look.whole);
        } else {
            fields(ui, t, look.version, runs);
        }
    });
}

/// Mean |D| of each dimension, one marker a run.
fn means(ui: &mut Ui, t: &Tokens, runs: &[&RunSummary]) {
    let mut n: Vec<String> = runs.iter().map(|r| format::count(r.turns)).collect();
    n.dedup();
    let what =
        if runs.iter().any(|r| r.intervals.iter().any(Option::is_some)) { "95% intervals, " } else { "" };
    section_heading(ui, "Mean |D| by dimension", &format!("{what}N = {}", n.join(", ")));
    let most = runs
        .iter()
        .filter_map(|r| r.mean_abs_by_dimension)
        .flatten()
        .chain(runs.iter().flat_map(|r| r.intervals).flatten().map(|[_, high]| high))
        .filter(|v| v.is_finite())
        .fold(0.0, f64::max);
    let limit = nice_limit(most);
    let names = 100.0;
    let each = if ui.available_height() > 900.0 { 48.0 } else { 34.0 };
    let rows = 5.0 * each;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), rows + 40.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, spoken(runs)));
    let plot = Rect::from_min_size(rect.min + vec2(names, 10.0), vec2(rect.width() - names - 12.0, rows));
    let x = |v: f64| plot.left() + plot.width() * (v / limit) as f32;
    for i in 0..=4 {
        let v = limit * f64::from(i) / 4.0;
        vline(ui, x(v), plot.top()..=plot.bottom(), if i == 0 { t.plot_axis } else { t.plot_grid });
        let text = format::fixed(v, 2);
        ui.painter().text(
            pos2(x(v), plot.bottom() + 9.0),
            Align2::CENTER_CENTER,
            text,
            font::tick(),
            t.text_subdued,
        );
    }
    hline(ui, plot.left()..=plot.right(), plot.bottom(), t.plot_axis);
    for (row, dimension) in Dimension::ALL.into_iter().enumerate() {
        let middle = plot.top() + each * (row as f32 + 0.5);
        text_in(
            ui,
            pos2(rect.left(), middle),
            Align2::LEFT_CENTER,
            dimension.name(),
            font::label_regular(),
            t.text,
            names,
        );
        for (i, run) in runs.iter().enumerate() {
            let Some(v) = run.mean_abs_by_dimension.map(|m| m[row]).filter(|v| v.is_finite()) else {
                continue;
            };
            let y = middle + 8.0 * (i as f32 - (runs.len() - 1) as f32 / 2.0);
            if let Some([low, high]) = run.intervals[row] {
                let whisker = Rect::from_min_max(pos2(x(low), y - 1.0), pos2(x(high), y + 1.0));
                ui.painter().rect_filled(whisker, 0.0, t.series(i));
            }
            series_marker(ui.painter(), i, pos2(x(v), y), 9.0, t.series(i));
        }
    }
    ui.painter().text(
        pos2(plot.right(), plot.bottom() + 24.0),
        Align2::RIGHT_CENTER,
        "mean |D|",
        font::tick(),
        t.text_subdued,
    );
    names_below(ui, t, runs);
}

fn names_below(ui: &mut Ui, t: &Tokens, runs: &[&RunSummary]) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 20.0), Sense::hover());
    let mut x = rect.left();
    let room = rect.width() / runs.len().max(1) as f32;
    for (i, run) in runs.iter().enumerate() {
        series_marker(ui.painter(), i, pos2(x + 5.0, rect.center().y), 9.0, t.series(i));
        let w = width(ui, &run.title, font::small()).min(room - 30.0);
        text_in(
            ui,
            pos2(x + 15.0, rect.center().y),
            Align2::LEFT_CENTER,
            &run.title,
            font::small(),
            t.text,
            w + 1.0,
        );
        x += w + 34.0;
    }
}

fn spoken(runs: &[&RunSummary]) -> String {
    let one = |r: &&RunSummary| {
        let mean = r.mean_abs.map_or("none".to_owned(), |(m, _)| format::fixed(m, 3));
        format!("{} {mean}", r.title)
    };
    format!("mean |D| by dimension; {}", runs.iter().map(one).collect::<Vec<_>>().join(", "))
}

/// The next limit above that parts well into four.
fn nice_limit(most: f64) -> f64 {
    let steps = [0.04, 0.08, 0.12, 0.16, 0.2, 0.24, 0.32, 0.4, 0.6, 0.8, 1.0];
    steps.into_iter().find(|s| *s >= most).unwrap_or(1.0)
}

/// What differs between the chosen runs, one column a run.
fn differences(ui: &mut Ui, t: &Tokens, runs: &[&RunSummary]) {
    let rows = differing(runs);
    let note = match rows.len() {
        _ if runs.len() < 2 => String::new(),
        0 => "none".to_owned(),
        n => format::counted(n, "field", "fields"),
    };
    section_heading(ui, "Config differences", &note);
    if runs.len() < 2 {
        super::moved::note(ui, t, "Tick a second run to see what differs");
        return;
    }
    let name_width = 120.0_f32.min(ui.available_width() * 0.36);
    let w = (ui.available_width() - name_width) / runs.len().max(1) as f32;
    let (head, _) = ui.allocate_exact_size(vec2(ui.available_width(), height::TABLE_HEADER), Sense::hover());
    for i in 0..runs.len() {
        let at = pos2(head.left() + name_width + w * i as f32 + 6.0, head.center().y);
        series_marker(ui.painter(), i, at, 9.0, t.series(i));
    }
    hline(ui, head.left()..=head.right(), head.bottom() - 1.0, t.line);
    if rows.is_empty() {
        super::moved::note(ui, t, "These runs were asked for the same");
    }
    egui::ScrollArea::vertical().auto_shrink([false, true]).show(ui, |ui| {
        for (name, values) in rows {
            let (rect, response) =
                ui.allocate_exact_size(vec2(ui.available_width(), height::ROW), Sense::hover());
            response.widget_info(|| {
                WidgetInfo::labeled(Role::Row, true, format!("{name} {}", values.join(", ")))
            });
            hline(ui, rect.left()..=rect.right(), rect.bottom() - 1.0, t.line_faint);
            text_in(
                ui,
                rect.left_center(),
                Align2::LEFT_CENTER,
                &name,
                font::label_regular(),
                t.text_subdued,
                name_width - 8.0,
            );
            for (i, value) in values.iter().enumerate() {
                let at = pos2(rect.left() + name_width + w * i as f32, rect.center().y);
                let same = values.first() == Some(value);
                if i > 0 && !same {
                    let cell =
                        Rect::from_min_max(pos2(at.x, rect.top()), pos2(at.x + w, rect.bottom() - 1.0));
                    ui.painter().rect_filled(cell, 0.0, t.hover_bg);
                }
                let color = if i > 0 && !same { t.text_strong } else { t.text };
                let shown = crate::window::widgets::property_row::shorten_middle(value, 18);
                text_in(
                    ui,
                    at + vec2(6.0, 0.0),
                    Align2::LEFT_CENTER,
                    &shown,
                    font::mono_small(),
                    color,
                    w - 10.0,
                );
            }
        }
    });
}

/// Facts that are not the same in all runs, by name, with "–" where a run lacks one.
fn differing(runs: &[&RunSummary]) -> Vec<(String, Vec<String>)> {
    let mut names: Vec<&str> = Vec::new();
    for fact in runs.iter().flat_map(|r| &r.facts) {
        if !names.contains(&fact.name.as_str()) {
            names.push(&fact.name);
        }
    }
    let value = |run: &RunSummary, name: &str| {
        run.facts.iter().find(|f| f.name == name).map_or("–".to_owned(), |f| f.value.clone())
    };
    names
        .into_iter()
        .map(|name| (name.to_owned(), runs.iter().map(|r| value(r, name)).collect::<Vec<_>>()))
        .filter(|(_, values)| values.windows(2).any(|w| w[0] != w[1]))
        .collect()
}

/// D of each run upright, all in the colours of one limit.
fn fields(ui: &mut Ui, t: &Tokens, version: u64, runs: &[&RunSummary]) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 22.0), Sense::hover());
    text_in(
        ui,
        rect.left_center(),
        Align2::LEFT_CENTER,
        "D, shared limits",
        font::heading(),
        t.text_strong,
        120.0,
    );
    let bar = Rect::from_center_size(pos2(rect.right() - 82.0, rect.center().y), vec2(56.0, 8.0));
    if bar.left() - rect.left() > 150.0 {
        delta_strip(ui, t, bar, false);
        let y = rect.center().y;
        ui.painter().text(
            pos2(bar.left() - 6.0, y),
            Align2::RIGHT_CENTER,
            "B higher",
            font::tick_strong(),
            t.mind_b_text,
        );
        ui.painter().text(
            pos2(bar.right() + 6.0, y),
            Align2::LEFT_CENTER,
            "A higher",
            font::tick_strong(),
            t.mind_a_text,
        );
    }
    ui.add_space(10.0);
    let folders: Vec<_> = runs.iter().map(|r| &r.folder).collect();
    let key = egui::Id::unique(("shared limit", version, folders));
    let limit = ui.data(|d| d.get_temp::<f32>(key)).unwrap_or_else(|| shared_limit(runs));
    ui.data_mut(|d| d.insert_temp(key, limit));
    let tall = ui.available_height().min(1000.0) - 26.0;
    let (area, _) = ui.allocate_exact_size(vec2(ui.available_width(), tall + 26.0), Sense::hover());
    let gap = 12.0;
    let w = ((area.width() - gap * (runs.len() - 1) as f32) / runs.len() as f32).min(160.0).floor();
    for (i, run) in runs.iter().enumerate() {
        let at = Rect::from_min_size(area.min + vec2(i as f32 * (w + gap), 0.0), vec2(w, tall));
        let response = ui.interact(at, ui.scope_id().with(("field", i)), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("D of {}", run.title)));
        match &run.thumbnail {
            Some(d) if d.rows() > 0 => {
                let key = run.folder.to_string_lossy();
                let texture = thumbnail::texture_within(ui.ctx(), t, &key, version, d, true, limit);
                let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
                thumbnail::hatch_missing(ui.painter(), t, at, d, true);
                ui.painter().image(texture.id(), at, uv, Color32::WHITE);
            }
            _ => crate::window::widgets::paint::hatch(ui.painter(), t, at),
        }
        let y = at.bottom() + 14.0;
        series_marker(ui.painter(), i, pos2(at.left() + 5.0, y), 9.0, t.series(i));
        let mean = run.mean_abs.map_or("–".to_owned(), |(m, _)| format::fixed(m, 3));
        ui.painter().text(pos2(at.right(), y), Align2::RIGHT_CENTER, mean, font::small(), t.text);
        response.on_hover_text(&run.title);
    }
}

/// The larger of |p1| and |p99| over all fields compared.
fn shared_limit(runs: &[&RunSummary]) -> f32 {
    let fields = runs.iter().filter_map(|r| r.thumbnail.as_ref());
    let values: Vec<f64> =
        fields.flat_map(|d| d.data().iter().map(|v| f64::from(*v))).filter(|v| v.is_finite()).collect();
    let edge = |q| stats::quantile(&values, q).unwrap_or(0.0).abs();
    edge(0.01).max(edge(0.99)).max(1e-6) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::library::Fact;
    use std::path::Path;

    #[test]
    fn only_what_differs_is_listed() {
        let run = |dropout: &str| {
            let mut r = RunSummary::broken(Path::new("r"), "");
            let fact =
                |name: &str, value: &str| Fact { group: "model", name: name.into(), value: value.into() };
            r.facts = vec![fact("seed", "1"), fact("dropout", dropout)];
            r
        };
        let (a, mut b) = (run("0.35"), run("0.00"));
        b.facts.push(Fact { group: "code", name: "commit".into(), value: "x".into() });
        let rows = differing(&[&a, &b]);
        assert_eq!(rows[0], ("dropout".to_owned(), vec!["0.35".to_owned(), "0.00".to_owned()]));
        assert_eq!(rows[1].1, ["–", "x"]);
        assert_eq!(rows.len(), 2);
    }

    #[test]
    fn limits_part_into_four() {
        assert_eq!((nice_limit(0.17), nice_limit(0.0), nice_limit(7.0)), (0.2, 0.04, 1.0));
    }
}
