//! The inspector: everything about the one turn that is selected, texts first, provenance last.

mod judge;
mod provenance;
mod scores;
mod texts;

use crate::core::item::Item;
use crate::core::scm;
use crate::run::contents::RunContents;
use crate::window::canvas::numbers;
use crate::window::command::Command;
use crate::window::theme::{Tokens, font};
use crate::window::view::ViewContext;
use crate::window::widgets::paint::{hline, text_in};
use crate::window::widgets::property_row::property_row_with;
use crate::window::widgets::{EmptyState, IconButton};
use egui::{Align2, Rect, ScrollArea, Sense, Ui, pos2, vec2};

/// Space at the left and right of what is written.
const PAD: f32 = 14.0;

/// Draws the inspector of what is selected.
pub fn inspector_ui(ui: &mut Ui, ctx: &mut ViewContext<'_>) {
    let Some(run) = ctx.run.cloned() else {
        EmptyState::new(
            "crosshair-simple",
            "Nothing selected",
            "Open a run and select a turn in any view to read it here",
        )
        .ui(ui);
        return;
    };
    let row = ctx.selection.focused_turn().filter(|r| *r < run.turns.len());
    let Some(row) = row else {
        nothing(ui, ctx, &run);
        return;
    };
    head_ui(ui, ctx, &run, row);
    let width = ui.available_width();
    ScrollArea::vertical().id_salt("inspector").auto_shrink([false, false]).show(ui, |ui| {
        ui.set_width(width);
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        let mut padded = ui.new_child(
            egui::UiBuilder::new()
                .max_rect(ui.available_rect_before_wrap().shrink2(vec2(PAD, 0.0)))
                .layout(egui::Layout::top_down(egui::Align::Min)),
        );
        let ui_in = &mut padded;
        texts::texts_ui(ui_in, ctx, &run, row);
        section(ui_in, ctx.tokens);
        let active = scores::scores_ui(ui_in, ctx, &run, row);
        judge::judge_ui(ui_in, ctx, &run, row, active);
        part_ui(ui_in, ctx, &run, row);
        topology_ui(ui_in, ctx, &run, row);
        difference_ui(ui_in, ctx, &run, row);
        section(ui_in, ctx.tokens);
        provenance::provenance_ui(ui_in, ctx, &run, row);
        ui_in.add_space(16.0);
        let used = padded.min_rect();
        ui.advance_cursor_after_rect(used);
    });
}

/// A run is open, but no turn is selected.
fn nothing(ui: &mut Ui, ctx: &ViewContext<'_>, run: &RunContents) {
    let n = ctx.selection.brushed.len();
    if n > 0 {
        let what = format!("{} brushed", numbers::counted(n, "turn", "turns"));
        EmptyState::new("selection", &what, "Click one of them to read it here").ui(ui);
    } else if run.turns.is_empty() {
        EmptyState::new(
            "crosshair-simple",
            "No turns to read",
            "The turns of this run are not there or cannot be read",
        )
        .ui(ui);
    } else {
        EmptyState::new("crosshair-simple", "Nothing selected", "Select a turn in any view to read it here")
            .ui(ui);
    }
}

/// A line between two sections.
pub(crate) fn section(ui: &mut Ui, t: &Tokens) {
    ui.add_space(12.0);
    let x = ui.max_rect().left() - PAD..=ui.max_rect().right() + PAD;
    hline(ui, x, ui.cursor().top(), t.line);
    ui.add_space(14.0);
}

/// Heading of a section with a note at the right end.
pub(crate) fn heading(ui: &mut Ui, t: &Tokens, name: &str, note: &str) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 18.0), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Heading, true, name));
    let taken = text_in(
        ui,
        rect.left_center(),
        Align2::LEFT_CENTER,
        name,
        font::small_medium(),
        t.text_subdued,
        rect.width(),
    );
    let room = rect.right() - taken.right() - 12.0;
    if !note.is_empty() && room > 20.0 {
        text_in(ui, rect.right_center(), Align2::RIGHT_CENTER, note, font::small(), t.text_subdued, room);
    }
    ui.add_space(4.0);
}

/// "Turn d06-t3" with previous and next in time.
fn head_ui(ui: &mut Ui, ctx: &mut ViewContext<'_>, run: &RunContents, row: usize) {
    let t = ctx.tokens;
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 34.0), Sense::hover());
    let y = rect.center().y;
    let title = text_in(
        ui,
        pos2(rect.left() + PAD, y),
        Align2::LEFT_CENTER,
        "Turn",
        font::heading(),
        t.text_strong,
        60.0,
    );
    let id = &run.turns[row].turn_id;
    let room = rect.right() - title.right() - 84.0;
    text_in(ui, pos2(title.right() + 8.0, y), Align2::LEFT_CENTER, id, font::mono(), t.text, room.max(20.0));
    let last = run.turns.len() - 1;
    let mut step = |ui: &mut Ui, right: f32, icon: &str, name: &str, to: Option<usize>| {
        let at = Rect::from_center_size(pos2(rect.right() - right, y), vec2(26.0, 26.0));
        if ui.put(at, IconButton::new(icon, name).enabled(to.is_some())).clicked()
            && let Some(row) = to
        {
            let column = ctx.selection.cursor_column;
            ctx.commands.push(Command::Cursor { row, column });
            ctx.commands.push(Command::Select(Some(Item::Turn(row))));
        }
    };
    step(ui, 50.0, "caret-left", "Previous turn in time", row.checked_sub(1));
    step(ui, 22.0, "caret-right", "Next turn in time", (row < last).then_some(row + 1));
}

/// Which part of the split the turn belongs to.
fn part_ui(ui: &mut Ui, ctx: &ViewContext<'_>, run: &RunContents, row: usize) {
    use crate::core::turn::Split;
    let Some(part) = run.splits.get(row) else { return };
    section(ui, ctx.tokens);
    heading(ui, ctx.tokens, "Split", "");
    let all = run.splits.iter().filter(|s| *s == part).count();
    let place = run.splits[..row].iter().filter(|s| *s == part).count() + 1;
    let (title, words) = match part {
        Split::Train => ("Training turn", "weights were fitted to it"),
        Split::Validation => ("Validation turn", "only used to stop early"),
        Split::Test => ("Test turn", "never seen in training"),
    };
    let title = format!("{title}, {} of {}", numbers::count(place), numbers::count(all));
    card(ui, ctx.tokens, "eye", &title, words, false);
}

/// The loop whose representative passes through the turn.
fn topology_ui(ui: &mut Ui, ctx: &mut ViewContext<'_>, run: &RunContents, row: usize) {
    let Some((bar, step, n)) = loop_of(run, row, ctx.selection.selected.as_ref()) else { return };
    section(ui, ctx.tokens);
    heading(ui, ctx.tokens, "Topology", "");
    let rank = crate::window::canvas::barcode::BarGroup::longest(&run.bars, 1, usize::MAX)
        .shown
        .iter()
        .position(|b| *b == bar)
        .map_or(0, |r| r + 1);
    let title = format!("In loop {rank}, step {step} of {n}");
    if card(ui, ctx.tokens, "graph", &title, "one representative of many", true) {
        ctx.commands.push(Command::Select(Some(Item::Bar(bar))));
        ctx.commands.push(Command::Show(crate::window::view::ViewKind::Topology));
    }
}

/// Bar, step from 1 and number of steps of the loop through a row; the selected bar wins.
pub fn loop_of(run: &RunContents, row: usize, selected: Option<&Item>) -> Option<(usize, usize, usize)> {
    let chosen = match selected {
        Some(Item::Bar(bar)) => Some(*bar),
        _ => None,
    };
    let found = |c: &&crate::core::bar::Cycle| {
        run.bars.get(c.bar).is_some_and(|b| b.dim == 1) && c.vertices.iter().any(|v| *v as usize == row)
    };
    let cycles: Vec<_> = run.cycles.iter().filter(found).collect();
    let cycle = cycles.iter().find(|c| Some(c.bar) == chosen).or_else(|| cycles.first())?;
    let step = cycle.vertices.iter().position(|v| *v as usize == row)? + 1;
    Some((cycle.bar, step, cycle.vertices.len()))
}

/// Mean difference of the five scores.
fn difference_ui(ui: &mut Ui, ctx: &ViewContext<'_>, run: &RunContents, row: usize) {
    let Some(d) = run.delta.as_ref().filter(|d| row < d.rows() && d.cols() >= scm::SCORES.end) else {
        return;
    };
    let values: Vec<f64> =
        d.row(row)[scm::SCORES].iter().map(|v| f64::from(*v)).filter(|v| v.is_finite()).collect();
    let mean = crate::core::stats::mean(&values).unwrap_or(f64::NAN);
    let color = crate::window::canvas::paint::delta_color(ctx.tokens, mean);
    ui.add_space(6.0);
    property_row_with(ui, "D, mean of five", &numbers::delta_words(mean), font::label_number(), color);
}

/// A tinted card: icon, title, subdued words; true when a clickable one was clicked.
fn card(ui: &mut Ui, t: &Tokens, icon: &str, title: &str, words: &str, clickable: bool) -> bool {
    let sense = if clickable { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 42.0), sense);
    let fill = if clickable { t.accent_fill } else { t.hover_bg };
    ui.painter().rect_filled(rect, 4.0, fill);
    let color = if clickable { t.accent_text } else { t.text_subdued };
    crate::window::widgets::paint::icon_at(
        ui.painter(),
        pos2(rect.left() + 18.0, rect.center().y),
        icon,
        16.0,
        color,
    );
    let x = rect.left() + 34.0;
    let room = rect.right() - x - 8.0;
    text_in(ui, pos2(x, rect.top() + 14.0), Align2::LEFT_CENTER, title, font::label(), t.text_strong, room);
    text_in(ui, pos2(x, rect.top() + 29.0), Align2::LEFT_CENTER, words, font::small(), t.text_subdued, room);
    let role = if clickable { egui::Role::Button } else { egui::Role::Label };
    response.widget_info(|| egui::WidgetInfo::labeled(role, true, format!("{title}, {words}")));
    crate::window::widgets::focus_ring(ui, &response);
    response.clicked()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::bar::{Bar, Cycle};

    #[test]
    fn the_selected_loop_wins_over_another_through_the_same_turn() {
        let bar =
            |dim| Bar { dim, birth: 0.1, death: Some(0.2), birth_simplex: vec![], death_simplex: vec![] };
        let cycle = |bar, vertices: &[u32]| Cycle { bar, vertices: vertices.to_vec(), edges: vec![] };
        let run = RunContents {
            bars: vec![bar(1), bar(1), bar(0)],
            cycles: vec![cycle(0, &[4, 7, 9]), cycle(1, &[7, 1, 2, 3]), cycle(2, &[8])],
            ..RunContents::default()
        };
        assert_eq!(loop_of(&run, 7, None), Some((0, 2, 3)));
        assert_eq!(loop_of(&run, 7, Some(&Item::Bar(1))), Some((1, 1, 4)));
        assert_eq!(loop_of(&run, 5, None), None);
        assert_eq!(loop_of(&run, 8, None), None, "a piece is no loop");
    }
}
