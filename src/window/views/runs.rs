//! The runs view: every run with its numbers in one table, and the chosen ones side by side below.

mod cells;
mod compare;
mod moved;

use crate::window::command::{Command, CommandQueue};
use crate::window::format;
use crate::window::library::RunSummary;
use crate::window::theme::{Tokens, font, height, panel};
use crate::window::view::{View, ViewContext, ViewKind};
use crate::window::widgets::paint::{hline, icon_at};
use crate::window::widgets::table::Sort;
use crate::window::widgets::{
    Button, EmptyState, Mind, search_box, segmented, skeleton_table, table, toolbar,
};
use cells::{bias_cell, interval_cell, mind_cell, name, tick};
use egui::{Rect, Role, Ui, WidgetInfo, pos2, vec2};
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
        let counted = (shown.len(), all.len());
        let unread = all.is_empty() && context.library.scanning;
        self.toolbar_ui(ui, context.commands, (!unread).then_some(counted));
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
        skeleton_table(ui, "Reading the list of runs");
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

    /// `counted` runs are shown of all; nothing is counted before the list was read.
    fn toolbar_ui(&mut self, ui: &mut Ui, commands: &mut CommandQueue, counted: Option<(usize, usize)>) {
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
                let text = match counted {
                    None => String::new(),
                    Some((shown, all)) if shown == all => format::counted(all, "run", "runs"),
                    Some((shown, all)) => format!("{shown} of {}", format::counted(all, "run", "runs")),
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
