//! The shape of the field: the claim in one sentence first, then barcode, diagram, Betti curve, chance, and one loop.

mod bar_rows;
mod bar_table;
mod choose;
mod claim;
mod loop_panel;
mod plots;
mod prepared;
mod source;
mod toolbar;

use crate::core::item::Item;
use crate::window::canvas::paint;
use crate::window::command::Command;
use crate::window::theme::font;
use crate::window::view::{View, ViewContext, ViewKind};
use crate::window::widgets::EmptyState;
use crate::window::widgets::paint::{icon_at, lines};
use bar_table::BarTable;
use egui::{Align2, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};
use plots::Curve;
use prepared::Prepared;
use source::Source;

/// Which lengths are greyed as explained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BandChoice {
    /// The length below which 95 of 100 null fields stay.
    #[default]
    Null,
    /// The confidence band of the diagram.
    Confidence,
}

/// The Topology view.
pub struct TopologyView {
    /// Highest dimension shown.
    up_to: u8,
    band: BandChoice,
    /// 0 the primary test, then the secondary ones.
    test: usize,
    curve: Curve,
    as_table: bool,
    table: BarTable,
    form: Option<choose::Form>,
    source: Option<Source>,
    prepared: Option<Prepared>,
}

impl Default for TopologyView {
    fn default() -> Self {
        Self {
            up_to: 1,
            band: BandChoice::Null,
            test: 0,
            curve: Curve::Betti,
            as_table: false,
            table: BarTable::default(),
            form: None,
            source: None,
            prepared: None,
        }
    }
}

/// Height of the sentence and its numbers.
const SENTENCE: f32 = 70.0;

impl View for TopologyView {
    fn kind(&self) -> ViewKind {
        ViewKind::Topology
    }

    fn help(&self) -> &'static str {
        "Rows of D are points, one a turn. As the scale grows, points closer than it are joined: pieces (H0) merge and \
         loops (H1) open and close. A bar is one piece or loop, from the scale at which it appears to the scale at which \
         it goes.\n\n\
         The sentence at the top is the result of one test that was fixed beforehand: is the longest loop longer than \
         null fields give, which have the same columns, the same values and correlations, and no other structure? Grey \
         is what chance explains. A number of bars alone is never structure.\n\n\
         Click a bar or a point of the diagram: the turns of its loop are brushed in every view. The loop drawn is one \
         representative of many. Select a turn, or brush some, to see the loops that pass through them.\n\n\
         Points opens a form: other columns, weights, scaling or distance are computed beside the run, and say that they \
         were chosen after looking. The table holds every bar with a p-value of its own, a conservative one."
    }

    fn summary(&self, context: &ViewContext<'_>) -> String {
        match &self.prepared {
            Some(p) => format!("topology, {} {}. {}", p.claim.sentence, p.claim.p_words, p.claim.detail),
            None => empty_words(context).1,
        }
    }

    fn ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        ui.spacing_mut().item_spacing.y = 0.0;
        self.prepare(context);
        self.toolbar(ui, context);
        if self.prepared.is_none() {
            empty_ui(ui, context);
            return;
        }
        self.body(ui, context);
    }
}

impl TopologyView {
    fn prepare(&mut self, context: &ViewContext<'_>) {
        let source = source::source(context, self.source.as_ref());
        let key = prepared::Key {
            version: source.as_ref().map_or((0, 0), |s| s.version),
            up_to: self.up_to,
            band: self.band,
            test: self.test,
        };
        if self.prepared.as_ref().is_none_or(|p| p.key != key || source.is_none()) {
            self.prepared = source.as_ref().and_then(|s| Prepared::new(key, &s.run, s.growing));
        }
        self.source = source;
    }

    fn body(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        let Some(prepared) = self.prepared.as_mut() else { return };
        let full = ui.available_rect_before_wrap();
        ui.advance_cursor_after_rect(full);
        let inner = full.shrink2(vec2(16.0, 0.0));
        let sentence = Rect::from_min_size(inner.min, vec2(inner.width(), SENTENCE));
        sentence_ui(ui, context, sentence, prepared);
        let rest = Rect::from_min_max(pos2(inner.left(), sentence.bottom()), inner.max);
        let t = context.tokens;
        let gap = 28.0;
        let left_width = ((rest.width() - gap) * 0.64).floor();
        let left = Rect::from_min_size(rest.min, vec2(left_width, rest.height()));
        let right = Rect::from_min_max(pos2(left.right() + gap, rest.top()), rest.max);
        let loop_height = (rest.height() * 0.39).clamp(150.0, 300.0);
        let cut = (left.bottom() - loop_height).floor();
        let barcode = Rect::from_min_max(left.min, pos2(left.right(), cut));
        let marks = plots::Marks::of(prepared, context);
        if self.as_table {
            self.table.ui(ui, context, barcode, prepared, &marks);
        } else {
            plots::barcode_ui(ui, context, barcode, prepared, &marks);
        }
        paint::hline(ui.painter(), left.left()..=left.right(), cut, t.line);
        let loop_rect = Rect::from_min_max(pos2(left.left(), cut), left.max);
        loop_panel::loop_ui(ui, context, loop_rect, prepared, &marks);
        plots::right_ui(ui, context, right, prepared, &marks, self.curve);
    }
}

/// The claim, its reason and its numbers.
fn sentence_ui(ui: &mut Ui, context: &ViewContext<'_>, rect: Rect, prepared: &Prepared) {
    let t = context.tokens;
    let claim = &prepared.claim;
    let mut x = rect.right();
    for (value, name) in claim.facts.iter().rev() {
        let painter = ui.painter();
        let pos = pos2(x, rect.top() + 25.0);
        let a = paint::text(
            painter,
            pos,
            Align2::RIGHT_CENTER,
            value,
            font::label_number_strong(),
            t.text_strong,
        );
        let pos = pos2(x, rect.top() + 41.0);
        let b = paint::text(painter, pos, Align2::RIGHT_CENTER, name, font::small(), t.text_subdued);
        x = a.left().min(b.left()) - 22.0;
    }
    let (icon, color) = match claim.found {
        Some(true) => ("seal-check", t.accent),
        Some(false) => ("minus", t.text_subdued),
        None => ("question", t.text_subdued),
    };
    icon_at(ui.painter(), pos2(rect.left() + 8.0, rect.top() + 26.0), icon, 18.0, color);
    let left = rect.left() + 28.0;
    let room = (x - left).max(80.0);
    let words = [
        paint::run(&claim.sentence, font::title(), t.text_strong),
        paint::run(&claim.p_words, font::body_number(), t.text_subdued).after(10.0),
    ];
    let detail = lines(ui, &claim.detail, font::label_number(), t.text_subdued, room, 2, Some(15.0));
    let tall = detail.size().y;
    // Two lines of detail lift the sentence, so that they keep their distance from the rule below.
    let y = if tall > 18.0 { rect.top() + 20.0 } else { rect.top() + 26.0 };
    paint::line(ui.painter(), pos2(left, y), Align2::LEFT_CENTER, &words, room);
    let top = if tall > 18.0 { rect.top() + 35.0 } else { rect.top() + 42.0 };
    ui.painter().galley(paint::snap(ui.painter(), pos2(left, top)), detail, t.text_subdued);
    paint::hline(ui.painter(), rect.left()..=rect.right(), rect.bottom() - 1.0, t.line);
    let id = ui.scope_id().with("topology claim");
    let response = ui.interact(Rect::from_min_max(rect.min, pos2(x, rect.bottom())), id, Sense::hover());
    response.widget_info(|| {
        let words = format!("{} {}. {}", claim.sentence, claim.p_words, claim.detail);
        WidgetInfo::labeled(Role::Label, true, words)
    });
    response.on_hover_text(&claim.question);
}

/// What is missing and what it needs.
fn empty_words(context: &ViewContext<'_>) -> (&'static str, String) {
    if context.loading {
        return ("Reading the run", "The barcode appears as soon as it is read".to_owned());
    }
    let Some(run) = context.run else {
        return (
            "No topology yet",
            "Open a run or start one; the planted ring among the sample runs shows a find".to_owned(),
        );
    };
    if run.delta.is_none()
        && let Some(problem) = run.problems.first()
    {
        return ("The topology of this run cannot be read", problem.clone());
    }
    match &run.delta {
        Some(d) => {
            let turns = crate::window::format::counted(d.rows(), "turn", "turns");
            (
                "No topology yet",
                format!("The field is there; bars and 199 null fields take about 10 s for {turns}"),
            )
        }
        None => (
            "No topology yet",
            "It needs both passes; about 10 s for 480 turns and 199 null fields".to_owned(),
        ),
    }
}

fn empty_ui(ui: &mut Ui, context: &mut ViewContext<'_>) {
    let (what, needs) = empty_words(context);
    let busy = context.loading || context.job.running;
    let broken = context.run.is_some_and(|r| r.delta.is_none() && !r.problems.is_empty());
    let mut state = EmptyState::new(if broken { "warning-circle" } else { "graph" }, what, &needs);
    if !busy {
        state = state.action(if context.run.is_some() { "Compute" } else { "Go to Start" });
    }
    if state.ui(ui) {
        context.commands.push(match context.run {
            Some(run) => Command::ResumeRun(run.folder.clone()),
            None => Command::Show(ViewKind::Start),
        });
    }
}

/// Selects a bar and brushes the turns of its representative.
fn select_bar(context: &mut ViewContext<'_>, prepared: &Prepared, bar: usize) {
    context.commands.push(Command::Select(Some(Item::Bar(bar))));
    if let Some(rows) = prepared.rows_of(bar) {
        context.commands.push(Command::Brush(rows));
    }
}
