//! The runs view: every run with its numbers in one table, and the chosen ones side by side below.

mod compare;
mod moved;

use crate::core::dimension::N_DIMENSIONS;
use crate::window::command::{Command, CommandQueue};
use crate::window::format;
use crate::window::library::{RunState, RunSummary};
use crate::window::theme::{Tokens, font, height, panel};
use crate::window::view::{View, ViewContext, ViewKind};
use crate::window::widgets::legend::series_marker;
use crate::window::widgets::paint::{hline, icon_at, text_in};
use crate::window::widgets::table::{CELL_PAD, Sort};
use crate::window::widgets::{
    Button, EmptyState, Mind, checkbox, mind_mark, search_box, segmented, skeleton, table, toolbar,
};
use egui::{Align2, Rect, Role, Ui, WidgetInfo, pos2, vec2};
use egui_extras::Column;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::SystemTime;

/// Runs compared at most: more than three pictures side by side say nothing.
const MOST_CHOSEN: usize = 3;

/// The runs view.
pub struct Runs {
    words: String,
    sort: Sort,
    chosen: Vec<PathBuf>,
    chose: bool,
    overlay: bool,
    whole: moved::Whole,
}

/// What a session keeps of the view.
#[derive(Serialize, Deserialize)]
struct RunsLook {
    column: usize,
    descending: bool,
    chosen: Option<Vec<PathBuf>>,
    overlay: bool,
}

impl Default for Runs {
    fn default() -> Self {
        Self {
            words: String::new(),
            sort: Sort { column: FINISHED, descending: true },
            chosen: Vec::new(),
            chose: false,
            overlay: false,
            whole: moved::Whole::default(),
        }
    }
}

const NAME: usize = 1;
const TURNS: usize = 4;
const MEAN: usize = 5;
const LOOP: usize = 8;
const FINISHED: usize = 9;

impl View for Runs {
    fn kind(&self) -> ViewKind {
        ViewKind::Runs
    }

    fn help(&self) -> &'static str {
        "Every run the window knows of. Mean |D| is how far the two minds are apart on the five scores, with its 95% \
         interval by bootstrap over conversations where the run measured one. Bias shows the mean of D for each \
         dimension, warm upwards where A is higher. Loop p says how often a shuffled field has a loop as long. Tick up \
         to three runs to see them side by side, or overlaid. A click on a name opens the run.\n\n\
         The first ticked run is the baseline. What moved pairs the turns that both runs share: the mean of |D| in \
         one minus the other, with the interval of that difference by resampling conversations. Where the interval \
         holds zero, nothing moved that these turns could show."
    }

    fn is_busy(&self) -> bool {
        self.whole.is_busy()
    }

    fn look(&self) -> serde_json::Value {
        let look = RunsLook {
            column: self.sort.column,
            descending: self.sort.descending,
            chosen: self.chose.then(|| self.chosen.clone()),
            overlay: self.overlay,
        };
        serde_json::to_value(look).unwrap_or_default()
    }

    fn set_look(&mut self, look: &serde_json::Value) {
        let Ok(look) = serde_json::from_value::<RunsLook>(look.clone()) else { return };
        self.sort = Sort { column: look.column, descending: look.descending };
        self.chose = look.chosen.is_some();
        self.chosen = look.chosen.unwrap_or_default();
        self.chosen.truncate(MOST_CHOSEN);
        self.overlay = look.overlay;
    }

    fn summary(&self, context: &ViewContext<'_>) -> String {
        format!("Runs view, {}", format::counted(context.library.runs.len(), "run", "runs"))
    }

    fn ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        let view = ui.max_rect();
        let all: Vec<&RunSummary> = context.library.runs.iter().chain(&context.library.samples).collect();
        self.choose_first(context, &all);
        let words = self.words.to_lowercase();
        let mut shown: Vec<&RunSummary> = all
            .iter()
            .copied()
            .filter(|r| words.is_empty() || r.title.to_lowercase().contains(&words))
            .collect();
        sort_runs(&mut shown, self.sort);
        self.toolbar_ui(ui, context.commands, shown.len(), all.len());
        if all.is_empty() {
            nothing(ui, context);
            return;
        }
        let chosen: Vec<&RunSummary> =
            self.chosen.iter().filter_map(|f| all.iter().copied().find(|r| r.folder == *f)).collect();
        let rows = height::TABLE_HEADER + height::ROW * shown.len() as f32 + 14.0;
        let below = if chosen.is_empty() { 0.0 } else { 340.0 };
        let tall = rows.min((ui.available_height() - below).max(160.0)).min(ui.available_height());
        let area = Rect::from_min_size(
            ui.cursor().min + vec2(panel::VIEW_PADDING, 0.0),
            vec2(ui.available_width() - 2.0 * panel::VIEW_PADDING, tall),
        );
        ui.scope_builder(egui::UiBuilder::new().max_rect(area), |ui| {
            self.table_ui(
                ui,
                context.tokens,
                context.commands,
                &shown,
                context.run.map(|r| r.folder.clone()),
                &context.library.samples.iter().map(|r| r.folder.clone()).collect::<Vec<_>>(),
            );
        });
        let rest = Rect::from_min_max(pos2(view.left(), area.bottom()), view.max);
        if !chosen.is_empty() && rest.height() > 120.0 {
            hline(ui, rest.left()..=rest.right(), rest.top(), context.tokens.line);
            ui.scope_builder(
                egui::UiBuilder::new().max_rect(rest.shrink2(vec2(panel::VIEW_PADDING, 0.0))),
                |ui| {
                    self.whole.update(ui.ctx(), context.services.load_run, &chosen);
                    let look = compare::Look {
                        version: context.library.version,
                        overlay: self.overlay,
                        whole: &self.whole,
                    };
                    compare::compare_ui(ui, context.tokens, &chosen, &look);
                },
            );
        }
    }
}

fn nothing(ui: &mut Ui, context: &mut ViewContext<'_>) {
    if context.library.scanning {
        skeleton(ui, "Reading the list of runs");
        return;
    }
    let needs =
        "A run trains two minds on the same turns and subtracts them; the bundled corpus takes a few minutes";
    if EmptyState::new("list-bullets", "No runs yet", needs).action("New run").ui(ui) {
        context.commands.push(Command::Show(ViewKind::Start));
    }
}

impl Runs {
    /// Before the user has chosen, the open run and the newest with a field are.
    fn choose_first(&mut self, context: &ViewContext<'_>, all: &[&RunSummary]) {
        if self.chose {
            return;
        }
        let open = context.run.map(|r| r.folder.clone());
        let first = all.iter().filter(|r| Some(&r.folder) == open.as_ref());
        let others = all.iter().filter(|r| r.thumbnail.is_some() && Some(&r.folder) != open.as_ref());
        self.chosen = first.chain(others).take(MOST_CHOSEN).map(|r| r.folder.clone()).collect();
    }

    fn toolbar_ui(&mut self, ui: &mut Ui, commands: &mut CommandQueue, shown: usize, all: usize) {
        let chosen = self.chosen.len();
        let words = &mut self.words;
        let overlay = &mut self.overlay;
        let mut clear = false;
        toolbar(
            ui,
            commands,
            None,
            |ui, _| {
                search_box(ui, words, "Search runs", 240.0);
                let t = crate::window::theme::of(ui);
                let text = if shown == all {
                    format::counted(all, "run", "runs")
                } else {
                    format!("{shown} of {}", format::counted(all, "run", "runs"))
                };
                ui.label(egui::RichText::new(text).font(font::small()).color(t.text_subdued));
            },
            |ui, commands| {
                if ui.add(Button::new("Read again").icon("arrows-clockwise")).clicked() {
                    commands.push(Command::RescanRuns);
                }
                ui.add_space(4.0);
                if chosen > 0 {
                    let label = format!("{chosen} chosen");
                    let button = Button::new(&label).icon("check").on(true);
                    clear = ui.add(button).on_hover_text("Choose none").clicked();
                    ui.add_space(4.0);
                    segmented(ui, overlay, &[(false, "Side by side"), (true, "Overlay")]);
                }
            },
        );
        if clear {
            self.chosen.clear();
            self.chose = true;
        }
    }

    fn toggle(&mut self, folder: &PathBuf) {
        self.chose = true;
        if let Some(at) = self.chosen.iter().position(|f| f == folder) {
            self.chosen.remove(at);
        } else {
            self.chosen.push(folder.clone());
            if self.chosen.len() > MOST_CHOSEN {
                self.chosen.remove(0);
            }
        }
    }

    fn table_ui(
        &mut self,
        ui: &mut Ui,
        t: &Tokens,
        commands: &mut CommandQueue,
        shown: &[&RunSummary],
        open: Option<PathBuf>,
        samples: &[PathBuf],
    ) {
        let room = ui.available_width();
        let (minds, interval, bias) = (room > 910.0, room > 1046.0, room > 690.0);
        let mut b = table::builder(ui, "runs")
            .column(Column::exact(56.0))
            .column(Column::remainder().at_least(160.0).clip(true));
        if minds {
            b = b.columns(Column::exact(110.0).clip(true), 2);
        }
        b = b.column(Column::exact(72.0)).column(Column::exact(90.0));
        if interval {
            b = b.column(Column::exact(136.0));
        }
        if bias {
            b = b.column(Column::exact(116.0));
        }
        b = b.column(Column::exact(86.0)).column(Column::exact(104.0));
        let sort = &mut self.sort;
        let body = b.header(height::TABLE_HEADER, |mut row| {
            let mut head = |text: &str, id: usize, sortable: bool, right: bool| {
                row.col(|ui| {
                    table::header(ui, text, id, sortable.then_some(&mut *sort), right);
                });
            };
            head("", 0, false, false);
            head("run", NAME, true, false);
            if minds {
                head("A", 2, false, false);
                head("B", 3, false, false);
            }
            head("turns", TURNS, true, true);
            head("mean |D|", MEAN, true, true);
            if interval {
                head("95% interval", 6, false, false);
            }
            if bias {
                head("bias", 7, false, false);
            }
            head("loop p", LOOP, true, true);
            head("finished", FINISHED, true, true);
        });
        let most = shown
            .iter()
            .filter_map(|r| r.mean_abs)
            .map(|(m, ci)| ci.map_or(m, |c| c[1]))
            .fold(0.05, f64::max);
        let most_bias = shown
            .iter()
            .filter_map(|r| r.bias)
            .flatten()
            .filter(|v| v.is_finite())
            .fold(0.05, |m: f64, v| m.max(v.abs()));
        let now = SystemTime::now();
        let mut toggled = None;
        body.body(|body| {
            body.rows(height::ROW, shown.len(), |mut row| {
                let Some(run) = shown.get(row.index()) else { return };
                let is_open = open.as_ref() == Some(&run.folder);
                let chosen = self.chosen.iter().position(|f| *f == run.folder);
                row.set_selected(is_open);
                row.col(|ui| {
                    if tick(ui, t, run, chosen, is_open) {
                        toggled = Some(run.folder.clone());
                    }
                });
                row.col(|ui| name(ui, t, run, is_open || chosen.is_some(), samples.contains(&run.folder)));
                if minds {
                    for (mind, text) in [(Mind::A, &run.minds[0]), (Mind::B, &run.minds[1])] {
                        row.col(|ui| mind_cell(ui, t, mind, text));
                    }
                }
                row.col(|ui| {
                    let text = if run.turns > 0 { format::count(run.turns) } else { "–".to_owned() };
                    table::number(ui, &text, t.text);
                });
                row.col(|ui| {
                    let text = run.mean_abs.map_or("–".to_owned(), |(m, _)| format::fixed(m, 3));
                    table::number(ui, &text, t.text_strong);
                });
                if interval {
                    row.col(|ui| interval_cell(ui, t, run, most));
                }
                if bias {
                    row.col(|ui| bias_cell(ui, t, run, most_bias));
                }
                row.col(|ui| {
                    let text = run.loop_p.map_or("–".to_owned(), format::p_value);
                    let strong = run.loop_p.is_some_and(|p| p < 0.05);
                    let at = table::number(ui, &text, if strong { t.text_strong } else { t.text });
                    if strong {
                        icon_at(
                            ui.painter(),
                            pos2(at.left() - 11.0, at.center().y),
                            "seal-check",
                            13.0,
                            t.text_strong,
                        );
                    }
                });
                row.col(|ui| {
                    table::number(ui, &run.age(now), t.text_subdued);
                });
                let response = row.response();
                response.widget_info(|| {
                    WidgetInfo::selected(Role::Row, true, is_open, format!("run {}", run.title))
                });
                if response.clicked() {
                    commands.push(Command::OpenRun(run.folder.clone()));
                }
            });
        });
        if let Some(folder) = toggled {
            self.toggle(&folder);
        }
    }
}

/// Tick and marker of a run; true when the tick was pressed.
fn tick(ui: &mut Ui, t: &Tokens, run: &RunSummary, chosen: Option<usize>, open: bool) -> bool {
    table::rule(ui);
    let rect = ui.max_rect();
    if open {
        ui.painter().rect_filled(Rect::from_min_size(rect.min, vec2(2.0, rect.height())), 0.0, t.accent);
    }
    let at = Rect::from_min_size(rect.min + vec2(10.0, 0.0), vec2(18.0, height::ROW));
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(at));
    let mut on = chosen.is_some();
    let response = checkbox(&mut child, &mut on, "");
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, on, format!("compare {}", run.title)));
    if let Some(i) = chosen {
        series_marker(ui.painter(), i, pos2(rect.left() + 42.0, rect.center().y), 9.0, t.series(i));
    }
    response.changed()
}

fn name(ui: &mut Ui, t: &Tokens, run: &RunSummary, strong: bool, sample: bool) {
    let (font, color) = if strong { (font::label(), t.text_strong) } else { (font::label_regular(), t.text) };
    let used = table::text(ui, &run.title, font, color);
    let rect = ui.max_rect();
    let mut left = used.right() + 10.0;
    if sample && rect.right() - left > 50.0 {
        let at = pos2(left, rect.center().y);
        let room = rect.right() - left;
        let tag = text_in(ui, at, Align2::LEFT_CENTER, "sample", font::small(), t.text_subdued, room);
        left = tag.right() + 10.0;
    }
    if run.state == RunState::Done || rect.right() - left < 60.0 {
        return;
    }
    let color = match run.state {
        RunState::Warning => t.warn,
        RunState::Broken => t.error,
        _ => t.text_subdued,
    };
    icon_at(ui.painter(), pos2(left + 7.0, rect.center().y), run.state.icon(), 13.0, color);
    let at = pos2(left + 18.0, rect.center().y);
    text_in(ui, at, Align2::LEFT_CENTER, &run.note, font::small(), color, rect.right() - at.x - CELL_PAD);
}

fn mind_cell(ui: &mut Ui, t: &Tokens, mind: Mind, text: &str) {
    table::rule(ui);
    let rect = ui.max_rect();
    if text.is_empty() {
        return;
    }
    mind_mark(ui.painter(), t, mind, pos2(rect.left() + CELL_PAD + 4.0, rect.center().y), 8.0);
    let at = pos2(rect.left() + CELL_PAD + 14.0, rect.center().y);
    text_in(ui, at, Align2::LEFT_CENTER, text, font::label_regular(), t.text, rect.right() - at.x - 4.0);
}

/// The mean as a bar and its interval as a box on it, on one scale down the column.
fn interval_cell(ui: &mut Ui, t: &Tokens, run: &RunSummary, most: f64) {
    table::rule(ui);
    let rect = ui.max_rect();
    let Some((mean, ci)) = run.mean_abs else {
        let at = pos2(rect.left() + CELL_PAD, rect.center().y);
        text_in(ui, at, Align2::LEFT_CENTER, "not yet", font::small(), t.text_subdued, rect.width());
        return;
    };
    let track = Rect::from_center_size(rect.center(), vec2(rect.width() - 2.0 * CELL_PAD, 4.0));
    let x = |v: f64| track.left() + track.width() * (v / most).clamp(0.0, 1.0) as f32;
    ui.painter().rect_filled(track, 0.0, t.track_bg);
    ui.painter().rect_filled(Rect::from_min_max(track.min, pos2(x(mean), track.bottom())), 0.0, t.text);
    if let Some([low, high]) = ci {
        let y = track.y_range().expand(3.0);
        let band = Rect::from_x_y_ranges(x(low)..=x(high).max(x(low) + 2.0), y);
        ui.painter().rect_filled(band, 0.0, crate::window::theme::blend(t.text_subdued, t.view_bg, 0.7));
        let tick = Rect::from_center_size(pos2(x(mean), track.center().y), vec2(2.0, 10.0));
        ui.painter().rect_filled(tick, 0.0, t.text_strong);
    }
}

/// Mean D of the five dimensions as small bars, warm upwards, blue downwards.
fn bias_cell(ui: &mut Ui, t: &Tokens, run: &RunSummary, most: f64) {
    table::rule(ui);
    let rect = ui.max_rect();
    let Some(bias) = run.bias else { return };
    let slot = (rect.width() - 2.0 * CELL_PAD) / N_DIMENSIONS as f32;
    let y = crate::window::widgets::paint::pixel_center(ui, rect.center().y);
    for (i, v) in bias.iter().enumerate().filter(|(_, v)| v.is_finite()) {
        let x = rect.left() + CELL_PAD + slot * (i as f32 + 0.5);
        let h = ((v.abs() / most).min(1.0) * 10.0).max(1.0) as f32;
        let color = if *v > 0.0 { t.mind_a } else { t.mind_b };
        let (top, bottom) = if *v > 0.0 { (y - h, y) } else { (y, y + h) };
        ui.painter().rect_filled(Rect::from_min_max(pos2(x - 5.0, top), pos2(x + 5.0, bottom)), 0.0, color);
    }
}

fn sort_runs(runs: &mut [&RunSummary], sort: Sort) {
    let number = |r: &RunSummary| match sort.column {
        TURNS => Some(r.turns as f64),
        MEAN => r.mean_abs.map(|(m, _)| m),
        LOOP => r.loop_p,
        _ => None,
    };
    runs.sort_by(|a, b| {
        let ordering = match sort.column {
            NAME => a.title.to_lowercase().cmp(&b.title.to_lowercase()),
            FINISHED => a.modified.cmp(&b.modified),
            _ => {
                // Missing numbers come last either way.
                let (x, y) = (number(a), number(b));
                let missing = x.is_none().cmp(&y.is_none());
                let value = x.unwrap_or(0.0).total_cmp(&y.unwrap_or(0.0));
                return missing.then(if sort.descending { value.reverse() } else { value });
            }
        };
        if sort.descending { ordering.reverse() } else { ordering }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn summary(name: &str, mean: Option<f64>) -> RunSummary {
        let mut s = RunSummary::broken(Path::new(name), "");
        s.mean_abs = mean.map(|m| (m, None));
        s
    }

    #[test]
    fn runs_without_a_number_come_last_either_way() {
        let (a, b, c) = (summary("a", Some(0.1)), summary("b", None), summary("c", Some(0.3)));
        for (descending, expected) in [(true, ["c", "a", "b"]), (false, ["a", "c", "b"])] {
            let mut runs = vec![&a, &b, &c];
            sort_runs(&mut runs, Sort { column: MEAN, descending });
            assert_eq!(runs.iter().map(|r| r.title.as_str()).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn a_fourth_choice_lets_the_first_go() {
        let mut view = Runs::default();
        for name in ["a", "b", "c", "d"] {
            view.toggle(&PathBuf::from(name));
        }
        assert_eq!(view.chosen, ["b", "c", "d"].map(PathBuf::from));
    }
}
