//! The key of a cloud's colours: a bar that ends in words, or the groups by name; a click on a group brushes its turns.

use crate::core::item::Item;
use crate::figure::color_by::{ColorBy, Coloring};
use crate::figure::colormap::ColorMap;
use crate::run::contents::RunContents;
use crate::window::canvas::cloud::mark;
use crate::window::canvas::colour_bar::{Scale, colour_bar};
use crate::window::canvas::{numbers, paint};
use crate::window::command::Command;
use crate::window::theme::font;
use crate::window::view::ViewContext;
use crate::window::widgets::paint::text_in;
use crate::window::widgets::{choice, choice_row, focus_ring};
use egui::{Align2, Rect, Role, Sense, Ui, WidgetInfo, pos2};

/// Height of one group.
const ROW: f32 = 22.0;
/// Height of the heading above the key.
const HEADING: f32 = 24.0;

/// A choice of what colours the points; true when it changed.
pub fn color_choice(ui: &mut Ui, by: &mut ColorBy, offered: &[ColorBy]) -> bool {
    let before = by.clone();
    choice(ui, "Colour", &title(by), |ui| {
        for option in offered {
            if choice_row(ui, by == option, &title(option)).clicked() {
                *by = option.clone();
            }
        }
    });
    *by != before
}

/// The name of a choice in menus.
pub fn title(by: &ColorBy) -> String {
    match by {
        ColorBy::Delta => "D, mean of five".to_owned(),
        ColorBy::Cluster => "cluster of D".to_owned(),
        other => other.name(),
    }
}

/// Height of the key.
pub fn height(coloring: &Coloring) -> f32 {
    match coloring {
        Coloring::Groups { names, .. } => HEADING + ROW * names.len() as f32,
        _ => HEADING + 26.0,
    }
}

/// Draws the key at the top of `rect`.
pub fn key_ui(ui: &Ui, context: &mut ViewContext<'_>, rect: Rect, by: &ColorBy, coloring: &Coloring) {
    let t = context.tokens;
    let at = pos2(rect.left(), rect.top() + 9.0);
    text_in(ui, at, Align2::LEFT_CENTER, &title(by), font::heading(), t.text_strong, rect.width());
    let body = Rect::from_min_max(pos2(rect.left(), rect.top() + HEADING), rect.max);
    match coloring {
        Coloring::Delta { limit, clamped, .. } => {
            let scale = Scale::Delta { limit: *limit, clamped: *clamped };
            colour_bar(ui, t, body, ColorMap::delta(t.dark), scale);
        }
        Coloring::Magnitude { .. } => {
            colour_bar(ui, t, body, ColorMap::Batlow, Scale::Magnitude { low: 0.0, high: 1.0 });
        }
        Coloring::Groups { of_row, names } => groups(ui, context, body, of_row, names),
    }
}

fn groups(ui: &Ui, context: &mut ViewContext<'_>, rect: Rect, of_row: &[Option<usize>], names: &[String]) {
    let t = context.tokens;
    for (g, name) in names.iter().enumerate() {
        let top = rect.top() + ROW * g as f32;
        let row = Rect::from_min_max(pos2(rect.left(), top), pos2(rect.right(), top + ROW));
        if row.bottom() > rect.bottom() + 1.0 {
            return;
        }
        let size = of_row.iter().filter(|x| **x == Some(g)).count();
        let response = ui.interact(row, ui.scope_id().with(("group", g)), Sense::click());
        let words = format!("brush {name}, {}", numbers::counted(size, "turn", "turns"));
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &words));
        if response.hovered() {
            ui.painter().rect_filled(row, 3.0, t.hover_bg);
        }
        focus_ring(ui, &response);
        mark(ui.painter(), g, pos2(row.left() + 8.0, row.center().y), 4.0, t.series(g));
        let count = numbers::count(size);
        let pos = pos2(row.right() - 4.0, row.center().y);
        let face = font::label_number();
        let taken = paint::text(ui.painter(), pos, Align2::RIGHT_CENTER, &count, face, t.text_subdued);
        let pos = pos2(row.left() + 20.0, row.center().y);
        let room = taken.left() - 8.0 - pos.x;
        text_in(ui, pos, Align2::LEFT_CENTER, name, font::label_regular(), t.text, room);
        if response.clicked() {
            let rows: Vec<usize> = (0..of_row.len()).filter(|r| of_row[*r] == Some(g)).collect();
            context.commands.push(Command::Select(Some(Item::turns(rows.clone()))));
            context.commands.push(Command::Brush(rows));
        }
    }
}

/// The colours of a choice, or those of D when the run does not have what the choice is made of.
pub fn coloring_of(run: &RunContents, by: &mut ColorBy) -> Option<Coloring> {
    if let Some(found) = Coloring::of(run, by) {
        return Some(found);
    }
    // Another run may lack clusters or domains: its points are shown all the same.
    let first = ColorBy::offered(run).into_iter().next()?;
    *by = first;
    Coloring::of(run, by)
}
