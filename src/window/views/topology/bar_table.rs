//! Every bar as a row: sortable, virtualised, linked both ways.

use super::bar_rows::BarRow;
use super::plots::Marks;
use super::prepared::Prepared;
use super::select_bar;
use crate::core::item::Item;
use crate::window::canvas::numbers;
use crate::window::command::Command;
use crate::window::theme::{font, height};
use crate::window::view::ViewContext;
use crate::window::widgets::table::{self, Sort};
use egui::{Rect, Role, Ui, WidgetInfo, pos2, vec2};
use egui_extras::Column;

/// Columns by their place.
const BAR: usize = 0;
const DIM: usize = 1;
const BIRTH: usize = 2;
const DEATH: usize = 3;
const LENGTH: usize = 4;
const RATIO: usize = 5;
const P: usize = 6;
const TURNS: usize = 7;

/// The table's state: how it is sorted, and the order that gives.
#[derive(Clone, Debug)]
pub struct BarTable {
    sort: Sort,
    order: Vec<usize>,
    made_for: Option<((u64, u64), u8, Sort)>,
}

impl Default for BarTable {
    fn default() -> Self {
        Self { sort: Sort { column: LENGTH, descending: true }, order: Vec::new(), made_for: None }
    }
}

impl BarTable {
    fn arrange(&mut self, prepared: &Prepared) {
        let key = (prepared.key.version, prepared.key.up_to, self.sort);
        if self.made_for == Some(key) {
            return;
        }
        self.order = order_of(&prepared.rows, self.sort, prepared.key.up_to);
        self.made_for = Some(key);
    }

    /// Draws the table.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        context: &mut ViewContext<'_>,
        rect: Rect,
        prepared: &Prepared,
        marks: &Marks,
    ) {
        self.arrange(prepared);
        let t = context.tokens;
        let head =
            Rect::from_min_max(pos2(rect.left(), rect.top() + 10.0), pos2(rect.right(), rect.top() + 28.0));
        let note = match marks.related.len() {
            0 => format!(
                "{}; a number of bars is no structure",
                numbers::counted(self.order.len(), "bar", "bars")
            ),
            n => format!("marked: {} through the chosen turns", numbers::counted(n, "bar", "bars")),
        };
        crate::window::canvas::axes::caption(ui.painter(), t, head, "Bars", &note);
        let area = Rect::from_min_max(pos2(rect.left(), head.bottom() + 4.0), rect.max - vec2(0.0, 6.0));
        let (order, sort) = (&self.order, &mut self.sort);
        ui.scope_builder(egui::UiBuilder::new().max_rect(area), |ui| {
            let wide = area.width() > 560.0;
            let mut builder = table::builder(ui, "bars")
                .column(Column::remainder().at_least(90.0).clip(true))
                .column(Column::exact(46.0))
                .columns(Column::exact(74.0), 3);
            if wide {
                builder = builder.column(Column::exact(82.0));
            }
            let body = builder.columns(Column::exact(78.0), 2).header(height::TABLE_HEADER, |mut row| {
                let mut head = |text: &str, id: usize, right: bool, hint: &str| {
                    row.col(|ui| {
                        let response = table::header(ui, text, id, Some(&mut *sort), right);
                        if !hint.is_empty() {
                            response.on_hover_text(hint);
                        }
                    });
                };
                head("bar", BAR, false, "");
                head("H", DIM, true, "Dimension: 0 pieces, 1 loops, 2 voids");
                head("birth", BIRTH, true, "");
                head("death", DEATH, true, "");
                head("length", LENGTH, true, "");
                if wide {
                    head("death/birth", RATIO, true, "");
                }
                head("p of bar", P, true, &prepared.p_hint);
                head("turns", TURNS, true, "Turns of the representative cycle, one of many");
            });
            body.body(|body| {
                body.rows(height::ROW, order.len(), |mut row| {
                    let Some(r) = order.get(row.index()).and_then(|at| prepared.rows.get(*at)) else {
                        return;
                    };
                    row.set_selected(marks.shown == Some(r.bar) && marks.chosen);
                    row.set_hovered(marks.hovered == Some(r.bar));
                    let mut edge = marks.related.contains(&r.bar);
                    let beyond =
                        prepared.barcode.band.is_some_and(|b| r.dim > 0 && r.length.is_some_and(|l| l > b));
                    let strong = if beyond { t.text_strong } else { t.text };
                    row.col(|ui| {
                        if std::mem::take(&mut edge) {
                            let mark = Rect::from_min_size(ui.max_rect().min, vec2(2.0, height::ROW));
                            ui.painter().rect_filled(mark, 0.0, t.accent);
                        }
                        let font = if beyond { font::label() } else { font::label_regular() };
                        table::text(ui, &r.name, font, strong);
                    });
                    let mut number = |text: &str, color| {
                        row.col(|ui| {
                            table::number(ui, text, color);
                        });
                    };
                    let fixed =
                        |v: Option<f64>| v.map_or_else(|| "never".to_owned(), |v| numbers::fixed(v, 4));
                    number(&format!("H{}", r.dim), t.text_subdued);
                    number(&numbers::fixed(r.birth, 4), t.text);
                    number(&fixed(r.death), t.text);
                    number(&fixed(r.length), strong);
                    if wide {
                        number(&r.ratio.map_or_else(String::new, |v| numbers::fixed(v, 2)), t.text);
                    }
                    number(&r.p.map_or_else(String::new, p_text), t.text);
                    number(&r.turns.map_or_else(String::new, |n| n.to_string()), t.text_subdued);
                    touched(&row.response(), context, prepared, r);
                });
            });
        });
    }
}

/// A corrected p-value in a cell.
fn p_text(p: f64) -> String {
    if p < 0.001 { "< 0.001".to_owned() } else { numbers::fixed(p, 3) }
}

fn touched(response: &egui::Response, context: &mut ViewContext<'_>, prepared: &Prepared, row: &BarRow) {
    response.widget_info(|| {
        let words = format!("{}, born {:.4}", row.name, row.birth);
        WidgetInfo::labeled(Role::Row, true, words)
    });
    if response.hovered() {
        context.commands.push(Command::Hover(Item::Bar(row.bar)));
    }
    if response.clicked() {
        select_bar(context, prepared, row.bar);
    }
}

/// Places of the rows up to a dimension, sorted; what has no value comes last either way.
fn order_of(rows: &[BarRow], sort: Sort, up_to: u8) -> Vec<usize> {
    let value = |r: &BarRow| -> Option<f64> {
        match sort.column {
            BAR => Some(r.rank as f64),
            DIM => Some(f64::from(r.dim)),
            BIRTH => Some(r.birth),
            // What never ends is the largest of all.
            DEATH => Some(r.death.unwrap_or(f64::INFINITY)),
            LENGTH => Some(r.length.unwrap_or(f64::INFINITY)),
            RATIO => r.ratio,
            P => r.p,
            _ => r.turns.map(|n| n as f64),
        }
    };
    let mut order: Vec<usize> = (0..rows.len()).filter(|at| rows[*at].dim <= up_to).collect();
    order.sort_by(|a, b| match (value(&rows[*a]), value(&rows[*b])) {
        (Some(x), Some(y)) => {
            let by = x.total_cmp(&y);
            (if sort.descending { by.reverse() } else { by }).then(a.cmp(b))
        }
        (x, y) => y.is_some().cmp(&x.is_some()).then(a.cmp(b)),
    });
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(bar: usize, dim: u8, length: Option<f64>, p: Option<f64>) -> BarRow {
        let (name, ratio, turns) = (String::new(), None, None);
        BarRow { bar, rank: bar, name, dim, birth: 0.0, death: length, length, ratio, p, turns }
    }

    #[test]
    fn what_has_no_value_comes_last_and_what_never_ends_is_longest() {
        let rows = [
            row(0, 0, None, None),
            row(1, 1, Some(0.2), Some(0.5)),
            row(2, 1, Some(0.4), Some(0.01)),
            row(3, 2, Some(9.0), None),
        ];
        let by = |column, descending| order_of(&rows, Sort { column, descending }, 1);
        assert_eq!(by(LENGTH, true), [0, 2, 1], "H2 is not shown");
        assert_eq!(by(P, false), [2, 1, 0]);
        assert_eq!(by(P, true), [1, 2, 0]);
        assert_eq!(order_of(&rows, Sort { column: DIM, descending: true }, 2), [3, 1, 2, 0]);
    }
}
