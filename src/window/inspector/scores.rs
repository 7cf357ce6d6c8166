//! A against B on each dimension as dumbbells, the trust columns below on request.

use crate::core::dimension::{Dimension, N_DIMENSIONS};
use crate::core::item::Item;
use crate::run::contents::RunContents;
use crate::window::canvas::dumbbell::{self, Dumbbell};
use crate::window::canvas::numbers;
use crate::window::command::Command;
use crate::window::theme::font;
use crate::window::view::ViewContext;
use crate::window::widgets::paint::text_in;
use crate::window::widgets::{Mind, focus_ring, mind_mark};
use egui::{Align2, Role, Sense, Ui, WidgetInfo, pos2, vec2};

/// Draws the dumbbells; gives the dimension that is active (hovered here, else under the cursor).
pub fn scores_ui(ui: &mut Ui, ctx: &mut ViewContext<'_>, run: &RunContents, row: usize) -> Dimension {
    let t = ctx.tokens;
    let (head, _) = ui.allocate_exact_size(vec2(ui.available_width(), 18.0), Sense::hover());
    text_in(
        ui,
        head.left_center(),
        Align2::LEFT_CENTER,
        "Scores",
        font::small_medium(),
        t.text_subdued,
        100.0,
    );
    let y = head.center().y;
    let mut x = head.right();
    for (letter, mind) in [("D", None), ("B", Some(Mind::B)), ("A", Some(Mind::A))] {
        let taken =
            text_in(ui, pos2(x, y), Align2::RIGHT_CENTER, letter, font::small(), t.text_subdued, 20.0);
        x = taken.left();
        if let Some(mind) = mind {
            mind_mark(ui.painter(), t, mind, pos2(x - 9.0, y), 8.0);
            x -= 13.0;
        }
        x -= 12.0;
    }
    ui.add_space(4.0);
    let value = |pass: Option<&std::sync::Arc<crate::run::contents::Pass>>, d: Dimension| {
        pass.filter(|p| row < p.scm.rows() && d.index() < p.scm.cols())
            .map_or(f64::NAN, |p| f64::from(p.scm.get(row, d.index())))
    };
    let cursor = ctx.selection.cursor_column.filter(|c| *c < N_DIMENSIONS);
    let pointed = match &ctx.selection.hovered {
        Some(Item::Column(c)) if *c < N_DIMENSIONS => Some(*c),
        _ => None,
    };
    let active = pointed.or(cursor).unwrap_or(0);
    for d in Dimension::ALL {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::click());
        let (a, b) = (value(run.a.as_ref(), d), value(run.b.as_ref(), d));
        let row_data = Dumbbell { name: d.name(), a, b, active: d.index() == active };
        dumbbell::dumbbell(ui.painter(), t, rect, row_data);
        if response.hovered() {
            ctx.commands.push(Command::Hover(Item::Column(d.index())));
        }
        if response.clicked() {
            ctx.commands.push(Command::Cursor { row, column: Some(d.index()) });
        }
        response.widget_info(|| {
            let words = format!(
                "{}, A {}, B {}, D {}",
                d.name(),
                numbers::value(a),
                numbers::value(b),
                numbers::delta_words(a - b)
            );
            WidgetInfo::labeled(Role::Button, true, words)
        });
        focus_ring(ui, &response);
    }
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 16.0), Sense::hover());
    dumbbell::scale(ui.painter(), t, rect);
    Dimension::ALL[active]
}
