//! The plots of the Topology view with what is selected and hovered in them.

use super::prepared::Prepared;
use super::select_bar;
use crate::core::item::Item;
use crate::window::canvas::{
    axes, barcode, betti, diagram, histogram, landscape, numbers, persistence_image,
};
use crate::window::command::Command;
use crate::window::view::ViewContext;
use crate::window::widgets::focus_ring;
use egui::{Rect, Role, Sense, Ui, WidgetInfo, pos2};

/// Which summary of the bars stands between diagram and null fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Curve {
    /// Open loops at each scale.
    #[default]
    Betti,
    /// Tents sorted by height.
    Landscape,
    /// The diagram as a picture.
    Image,
}

/// What is marked now.
pub struct Marks {
    /// The bar the loop panel shows: the selected one, else the longest loop.
    pub shown: Option<usize>,
    /// Whether it was selected by the user.
    pub chosen: bool,
    /// Its name.
    pub name: String,
    /// The bar under the pointer.
    pub hovered: Option<usize>,
    /// Bars through the turn under the cursor.
    pub related: Vec<usize>,
}

impl Marks {
    /// Of the selection of this frame.
    pub fn of(prepared: &Prepared, context: &ViewContext<'_>) -> Self {
        let n = prepared.run.bars.len();
        let chosen = match &context.selection.selected {
            Some(Item::Bar(bar)) if *bar < n => Some(*bar),
            _ => None,
        };
        let shown = chosen.or_else(|| prepared.loops.first().copied());
        let hovered = match &context.selection.hovered {
            Some(Item::Bar(bar)) if *bar < n => Some(*bar),
            _ => None,
        };
        // A chosen turn asks for the bars through it; so does a brush that was not made by choosing a bar.
        let turns = match &context.selection.selected {
            Some(Item::Turn(row)) => vec![*row],
            Some(Item::Bar(_)) => Vec::new(),
            _ => context.selection.brushed.clone(),
        };
        Self {
            name: shown.map_or_else(String::new, |b| prepared.name_of(b)),
            shown,
            chosen: chosen.is_some(),
            hovered,
            related: prepared.bars_through(&turns),
        }
    }
}

/// The barcode with its caption.
pub fn barcode_ui(
    ui: &mut Ui,
    context: &mut ViewContext<'_>,
    rect: Rect,
    prepared: &Prepared,
    marks: &Marks,
) {
    let t = context.tokens;
    let head =
        Rect::from_min_max(pos2(rect.left(), rect.top() + 10.0), pos2(rect.right(), rect.top() + 28.0));
    axes::caption(ui.painter(), t, head, "Barcode", &prepared.band_words);
    let plot = Rect::from_min_max(pos2(rect.left(), head.bottom() + 2.0), pos2(rect.right(), rect.bottom()));
    let barcode = prepared.barcode.fitted(plot.height());
    let layout = barcode::layout(plot, &barcode);
    let response = ui.interact(plot, ui.scope_id().with("barcode"), Sense::click());
    let pointed = response.hover_pos().and_then(|p| barcode::bar_at(&layout, p));
    react(context, prepared, &response, pointed);
    let marked = barcode::BarcodeMarks {
        selected: marks.shown.map(|b| (b, marks.name.as_str())),
        hovered: pointed.or(marks.hovered),
        related: &marks.related,
    };
    barcode::barcode(ui.painter(), t, &barcode, &prepared.run.bars, &layout, &marked);
    keys(ui, context, prepared, &response, marks);
    focus_ring(ui, &response);
    response.widget_info(|| {
        let groups: Vec<String> =
            barcode.groups.iter().map(|g| format!("H{} {}", g.dim, g.words())).collect();
        WidgetInfo::labeled(Role::Canvas, true, format!("barcode, {}", groups.join("; ")))
    });
}

fn react(
    context: &mut ViewContext<'_>,
    prepared: &Prepared,
    response: &egui::Response,
    pointed: Option<usize>,
) {
    if let Some(bar) = pointed {
        context.commands.push(Command::Hover(Item::Bar(bar)));
        if response.clicked() {
            response.request_focus();
            select_bar(context, prepared, bar);
        }
    }
}

/// Up and down walk through the loops by length while the barcode has the focus.
fn keys(
    ui: &Ui,
    context: &mut ViewContext<'_>,
    prepared: &Prepared,
    response: &egui::Response,
    marks: &Marks,
) {
    if !response.has_focus() {
        return;
    }
    let filter = egui::EventFilter { vertical_arrows: true, ..egui::EventFilter::default() };
    ui.memory_mut(|m| m.set_focus_lock_filter(response.id, filter));
    let presses = |key| ui.input(|i| i.num_presses(key)) as i64;
    let by = presses(egui::Key::ArrowDown) - presses(egui::Key::ArrowUp);
    if by == 0 || prepared.loops.is_empty() {
        return;
    }
    let last = prepared.loops.len() as i64 - 1;
    let now = marks.shown.and_then(|b| prepared.loops.iter().position(|x| *x == b));
    let next = match (now, marks.chosen) {
        (Some(at), true) => (at as i64 + by).clamp(0, last) as usize,
        _ => 0,
    };
    select_bar(context, prepared, prepared.loops[next]);
}

/// Diagram, Betti curve and null histogram below each other.
pub fn right_ui(
    ui: &mut Ui,
    context: &mut ViewContext<'_>,
    rect: Rect,
    prepared: &Prepared,
    marks: &Marks,
    curve: Curve,
) {
    let t = context.tokens;
    let top = rect.top() + 10.0;
    let room = rect.bottom() - top - 8.0;
    let heights = [room * 0.42, room * 0.29, room * 0.29];
    let block = |from: f32, height: f32| {
        let head = Rect::from_min_max(pos2(rect.left(), from), pos2(rect.right(), from + 18.0));
        let plot = Rect::from_min_max(
            pos2(rect.left(), head.bottom() + 4.0),
            pos2(rect.right(), from + height - 6.0),
        );
        (head, plot)
    };
    let (head, plot) = block(top, heights[0]);
    let note = if prepared.diagram.band.is_some() { "grey: within chance" } else { "" };
    axes::caption(ui.painter(), t, head, "Persistence diagram", note);
    let response = ui.interact(plot, ui.scope_id().with("diagram"), Sense::click());
    let pointed = response.hover_pos().and_then(|p| diagram::bar_at(plot, &prepared.diagram, p));
    react(context, prepared, &response, pointed);
    let selected = marks.shown.map(|b| (b, marks.name.as_str()));
    diagram::diagram(ui.painter(), t, plot, &prepared.diagram, selected, pointed.or(marks.hovered));
    response.widget_info(|| {
        let n = prepared.diagram.points.iter().filter(|p| p.dim > 0).count();
        let words = format!("persistence diagram, {}", numbers::counted(n, "loop", "loops"));
        WidgetInfo::labeled(Role::Canvas, true, words)
    });
    focus_ring(ui, &response);

    let (head, plot) = block(top + heights[0], heights[1]);
    curve_ui(ui, context, (head, plot), prepared, marks, curve);

    let (head, plot) = block(top + heights[0] + heights[1], heights[2]);
    match &prepared.nulls {
        Some(nulls) => {
            let title = format!("{} null fields", numbers::count(prepared.run.nulls.len()));
            axes::caption(ui.painter(), t, head, &title, "same margins and correlations");
            histogram::histogram(ui.painter(), t, plot, nulls, "longest H1 bar");
            named(
                ui,
                plot,
                "nulls",
                &format!("{title}, longest H1 bar here {}", numbers::fixed(nulls.observed, 3)),
            );
        }
        None => {
            axes::caption(ui.painter(), t, head, "Null fields", "");
            let words = "No null fields were drawn, so chance is not known";
            let font = crate::window::theme::font::label_regular();
            let pos = pos2(plot.left(), plot.top() + 8.0);
            crate::window::canvas::paint::text(
                ui.painter(),
                pos,
                egui::Align2::LEFT_TOP,
                words,
                font,
                t.text_subdued,
            );
        }
    }
}

/// Betti curve, landscape or image: three summaries of the same bars.
fn curve_ui(
    ui: &Ui,
    context: &ViewContext<'_>,
    (head, plot): (Rect, Rect),
    prepared: &Prepared,
    marks: &Marks,
    curve: Curve,
) {
    let t = context.tokens;
    let loop_of = |bar: usize| prepared.run.bars.get(bar).filter(|b| b.dim == 1);
    let shown = marks.shown.and_then(loop_of);
    let limit = prepared.barcode.limit;
    match curve {
        Curve::Betti => {
            let note = if prepared.betti.band.is_empty() {
                "open loops at a scale"
            } else {
                "open loops; grey: 90 of 100 null fields|grey: 90 of 100 null fields"
            };
            axes::caption(ui.painter(), t, head, "Betti curve, H1", note);
            let mut data = prepared.betti.clone();
            data.selected = shown.map(|b| (marks.name.clone(), b.birth, b.death.unwrap_or(limit)));
            betti::betti(ui.painter(), t, plot, &data, limit);
            named(ui, plot, "betti", "Betti curve, open loops at each scale");
        }
        Curve::Landscape => {
            let note = if prepared.landscape.chance.is_some() { "grey: within chance" } else { "" };
            axes::caption(ui.painter(), t, head, "Landscape, H1", note);
            let mut data = prepared.landscape.clone();
            data.selected = shown.and_then(|b| Some((b.birth, b.death?)));
            landscape::landscape(ui.painter(), t, plot, &data, limit);
            named(ui, plot, "landscape", "Persistence landscapes of the loops");
        }
        Curve::Image => {
            axes::caption(
                ui.painter(),
                t,
                head,
                "Persistence image, H1",
                "length over birth, weighted by length",
            );
            let selected = shown.and_then(|b| Some((b.birth, b.length()?)));
            let chance = prepared.landscape.chance.map(|c| 2.0 * c);
            persistence_image::persistence_image(ui.painter(), t, plot, &prepared.image, chance, selected);
            named(ui, plot, "image", "Persistence image of the loops");
        }
    }
}

fn named(ui: &Ui, rect: Rect, id: &str, words: &str) {
    let response = ui.interact(rect, ui.scope_id().with(id), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, words));
}
