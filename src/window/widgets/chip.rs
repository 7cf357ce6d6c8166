//! The two minds as chips and marks: A is warm and a square, B is blue and a circle, everywhere.

use super::paint::width;
use crate::window::theme::{self, Tokens, font, radius};
use egui::{Align2, Color32, Painter, Pos2, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

/// One of the two minds of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mind {
    /// The reference mind.
    A,
    /// The mind compared with it.
    B,
}

impl Mind {
    /// Its letter.
    pub fn letter(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
        }
    }
    /// Colour of its marks.
    pub fn color(self, t: &Tokens) -> Color32 {
        match self {
            Self::A => t.mind_a,
            Self::B => t.mind_b,
        }
    }
    /// Colour of its words and numbers.
    pub fn text(self, t: &Tokens) -> Color32 {
        match self {
            Self::A => t.mind_a_text,
            Self::B => t.mind_b_text,
        }
    }
    /// Ground of its chips.
    pub fn fill(self, t: &Tokens) -> Color32 {
        match self {
            Self::A => t.mind_a_fill,
            Self::B => t.mind_b_fill,
        }
    }
}

/// Paints the mark of a mind, `side` wide, centred.
pub fn mind_mark(painter: &Painter, t: &Tokens, mind: Mind, center: Pos2, side: f32) {
    match mind {
        Mind::A => {
            painter.rect_filled(Rect::from_center_size(center, vec2(side, side)), 0.0, mind.color(t));
        }
        Mind::B => {
            painter.circle_filled(center, side / 2.0, mind.color(t));
        }
    }
}

/// The mark of D: a corner of each colour.
pub fn delta_mark(painter: &Painter, t: &Tokens, center: Pos2, side: f32) {
    let r = Rect::from_center_size(center, vec2(side, side));
    painter.add(egui::Shape::convex_polygon(
        vec![r.left_top(), r.left_bottom(), pos2(r.center().x, r.bottom())],
        t.mind_b,
        egui::Stroke::NONE,
    ));
    painter.add(egui::Shape::convex_polygon(
        vec![r.left_top(), r.right_top(), r.right_bottom()],
        t.mind_a,
        egui::Stroke::NONE,
    ));
}

/// A chip "A HRM h256"; without a name only the letter.
pub fn mind_chip(ui: &mut Ui, mind: Mind, name: &str) -> Response {
    let t = theme::of(ui);
    let text = if name.is_empty() { mind.letter().to_owned() } else { format!("{} {name}", mind.letter()) };
    let w = (26.0 + width(ui, &text, font::small_medium())).ceil();
    let (rect, response) = ui.allocate_exact_size(vec2(w, 20.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("mind {text}")));
    ui.painter().rect_filled(rect, f32::from(radius::CHIP), mind.fill(t));
    mind_mark(ui.painter(), t, mind, pos2(rect.left() + 11.0, rect.center().y), 9.0);
    ui.painter().text(
        pos2(rect.left() + 20.0, rect.center().y),
        Align2::LEFT_CENTER,
        &text,
        font::small_medium(),
        mind.text(t),
    );
    response
}
