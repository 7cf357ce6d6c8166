//! The line under the field that says in words what is under the pointer or the cursor.

use super::FieldView;
use super::prepared::Prepared;
use crate::core::scm;
use crate::field::vpm::Limits;
use crate::figure::colormap::ColorMap;
use crate::window::canvas::numbers;
use crate::window::canvas::paint::{self, run};
use crate::window::canvas::vpm_panel::rows_words;
use crate::window::theme::{Tokens, font, from_map};
use crate::window::view::ViewContext;
use crate::window::widgets::Button;
use crate::window::widgets::paint::icon_at;
use egui::{Align2, Color32, Rect, Ui, pos2, vec2};
use std::ops::Range;

/// What the read-out says about one cell.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadOut {
    /// Id of the turn.
    pub turn: String,
    /// Name of the column.
    pub column: &'static str,
    /// Score of A.
    pub a: f64,
    /// Score of B.
    pub b: f64,
    /// A - B.
    pub d: f64,
}

impl ReadOut {
    /// Of a row and a column (the mean of the five without one).
    pub fn of(prepared: &Prepared, context: &ViewContext<'_>, row: usize, column: Option<usize>) -> Self {
        let column = column.filter(|c| *c < scm::N_COLUMNS).unwrap_or(scm::AGGREGATE);
        let turn = context
            .run
            .filter(|_| prepared.scored.is_none())
            .and_then(|r| r.turns.get(row))
            .map_or_else(|| format!("row {}", numbers::count(row + 1)), |t| t.turn_id.clone());
        let [a, b, d] = [0, 1, 2].map(|p| prepared.value(p, row, column));
        Self { turn, column: scm::SHORT[column], a, b, d }
    }

    /// The whole line as one sentence.
    pub fn sentence(&self) -> String {
        format!(
            "{}, {}, A {}, B {}, D {}",
            self.turn,
            self.column,
            numbers::value(self.a),
            numbers::value(self.b),
            numbers::delta_words(self.d)
        )
    }
}

/// Colour of a difference in the map that the picture uses.
pub fn swatch(tokens: &Tokens, limits: &Limits, column: usize, d: f64) -> Option<Color32> {
    let (low, high) = limits.range(column)?;
    if !d.is_finite() || high <= low {
        return None;
    }
    let at = ((d - f64::from(low)) / f64::from(high - low)).clamp(0.0, 1.0);
    Some(from_map(ColorMap::delta(tokens.dark).table()[(at * 255.0).round() as usize]))
}

/// Paints the line; the cell is the hovered one, else the cursor's.
pub fn read_out_ui(
    ui: &mut Ui,
    context: &mut ViewContext<'_>,
    rect: Rect,
    prepared: &Prepared,
    cell: Option<(usize, Option<usize>)>,
    visible: &Range<usize>,
) {
    let t = context.tokens;
    paint::hline(ui.painter(), rect.left()..=rect.right(), rect.top(), t.line);
    let y = rect.center().y + 0.5;
    let mut x = rect.left() + 16.0;
    icon_at(ui.painter(), pos2(x + 7.0, y), "crosshair", 14.0, t.text_subdued);
    x += 22.0;
    let right = right_part(ui, context, rect, prepared, visible);
    match cell.filter(|(row, _)| *row < prepared.rows()) {
        None => {
            let hint = "Point at a row to read it, click to keep it, drag to brush";
            paint::text_cut(
                ui.painter(),
                pos2(x, y),
                Align2::LEFT_CENTER,
                hint,
                font::label_regular(),
                t.text_subdued,
                (right - x - 12.0).max(10.0),
            );
        }
        Some((row, column)) => {
            let words = ReadOut::of(prepared, context, row, column);
            cell_words(ui, t, prepared, &words, pos2(x, y), right);
        }
    }
}

fn cell_words(ui: &Ui, t: &Tokens, prepared: &Prepared, words: &ReadOut, at: egui::Pos2, right: f32) {
    let painter = ui.painter();
    let (a, b) = (format!("A {}", numbers::value(words.a)), format!("B {}", numbers::value(words.b)));
    let d = if words.d.is_finite() {
        format!("D {}", numbers::signed(words.d, 2))
    } else {
        format!("D {}", numbers::MISSING)
    };
    let gap = if right - at.x < 420.0 { 12.0 } else { 20.0 };
    let line = [
        run(&words.turn, font::mono(), t.text),
        run(words.column, font::label_number_medium(), t.text_strong).after(gap),
        run(&a, font::label_number(), t.mind_a_text).after(gap),
        run(&b, font::label_number(), t.mind_b_text).after(gap),
        run(&d, font::label_number_strong(), t.text_strong).after(gap),
    ];
    let taken = paint::line(painter, at, Align2::LEFT_CENTER, &line, (right - at.x - 12.0).max(10.0));
    if right - taken.right() < 110.0 || !words.d.is_finite() {
        return;
    }
    let column = scm::SHORT.iter().position(|n| *n == words.column).unwrap_or(0);
    let mut x = taken.right() + gap;
    let limits = prepared.panels[2].as_ref().map(|p| &p.limits);
    let word = numbers::who_is_higher(words.d);
    // Agreement has the colour of the ground: a swatch of it would look like an empty checkbox.
    let differs = word != numbers::who_is_higher(0.0);
    if let Some(color) = limits.filter(|_| differs).and_then(|l| swatch(t, l, column, words.d)) {
        let square = Rect::from_center_size(pos2(x + 6.0, at.y), vec2(11.0, 11.0));
        painter.rect_filled(square, 2.0, color);
        painter.rect_stroke(square, 2.0, egui::Stroke::new(1.0, t.line_strong), egui::StrokeKind::Outside);
        x += 18.0;
    }
    let color = paint::delta_color(t, words.d);
    paint::text(painter, pos2(x, at.y), Align2::LEFT_CENTER, word, font::label_number(), color);
}

/// Visible rows, brush count and the button that keeps it; gives the left edge of what it took.
fn right_part(
    ui: &mut Ui,
    context: &mut ViewContext<'_>,
    rect: Rect,
    prepared: &Prepared,
    visible: &Range<usize>,
) -> f32 {
    let t = context.tokens;
    let y = rect.center().y + 0.5;
    let mut x = rect.right() - 14.0;
    let brushed = context.selection.brushed.len();
    let wide = rect.width() > 860.0;
    if brushed > 0 {
        if wide {
            let button = Rect::from_min_max(pos2(x - 96.0, y - 11.0), pos2(x, y + 11.0));
            if ui.put(button, Button::new("Keep as slice").height(22.0)).clicked() {
                FieldView::keep_slice(context);
            }
            x = button.left() - 14.0;
        }
        let words = format!("{} brushed", numbers::count(brushed));
        let face = font::label_number_medium();
        let taken = paint::text(ui.painter(), pos2(x, y), Align2::RIGHT_CENTER, &words, face, t.accent_text);
        icon_at(ui.painter(), pos2(taken.left() - 12.0, y), "selection", 14.0, t.accent_text);
        x = taken.left() - 34.0;
    }
    if wide || brushed == 0 {
        let words = match prepared.scored {
            Some([a, b]) => format!(
                "A {} and B {} of {} rows",
                numbers::count(a),
                numbers::count(b),
                numbers::count(prepared.rows())
            ),
            None => rows_words(visible, prepared.rows()),
        };
        let face = font::label_number();
        let taken = paint::text(ui.painter(), pos2(x, y), Align2::RIGHT_CENTER, &words, face, t.text_subdued);
        x = taken.left() - 16.0;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_read_out_says_who_is_higher() {
        let words = ReadOut { turn: "d06-t3".to_owned(), column: "faithfulness", a: 0.08, b: 0.72, d: -0.64 };
        assert_eq!(words.sentence(), "d06-t3, faithfulness, A 0.08, B 0.72, D −0.64, B higher");
        let missing = ReadOut { b: f64::NAN, d: f64::NAN, ..words };
        assert_eq!(missing.sentence(), "d06-t3, faithfulness, A 0.08, B missing, D missing");
    }

    #[test]
    fn the_swatch_is_warm_where_a_is_higher() {
        let limits = Limits::fixed(12, -0.5, 0.5);
        for t in [Tokens::dark(), Tokens::light()] {
            let warm = swatch(&t, &limits, 0, 0.3).unwrap();
            let cold = swatch(&t, &limits, 0, -0.3).unwrap();
            assert!(warm.r() > warm.b() && cold.b() > cold.r());
            assert_eq!(swatch(&t, &limits, 0, f64::NAN), None);
        }
    }
}
