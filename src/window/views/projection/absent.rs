//! What the Projection view shows while there is no picture.

use crate::run::projection::{ProjectionKey, Source};
use crate::window::canvas::numbers;
use crate::window::command::Command;
use crate::window::projections::ProjectionState;
use crate::window::theme::font;
use crate::window::view::{ViewContext, ViewKind};
use crate::window::widgets::{Button, EmptyState, ProgressState, progress_bar};
use egui::{Rect, Ui, UiBuilder, vec2};

/// No picture yet: why, progress while it is computed, and the one button that helps.
pub fn absent_ui(ui: &mut Ui, context: &mut ViewContext<'_>, key: ProjectionKey) {
    if let (Some(_), ProjectionState::Running(progress)) = (context.run, context.projections.state(key)) {
        let progress = progress.cloned();
        running_ui(ui, context, key, progress.as_ref());
        return;
    }
    let (what, needs, action) = empty_words(key, context);
    let icon = if context.run.is_some() && action.is_some() { "warning-circle" } else { "lasso" };
    let mut state = EmptyState::new(icon, &what, &needs);
    if let Some(words) = action {
        state = state.action(words);
    }
    if state.ui(ui) {
        context.commands.push(match (context.run, action) {
            (Some(_), Some("Try again")) => Command::Project(key),
            (Some(run), _) => Command::ResumeRun(run.folder.clone()),
            (None, _) => Command::Show(ViewKind::Start),
        });
    }
}

fn running_ui(
    ui: &mut Ui,
    context: &mut ViewContext<'_>,
    key: ProjectionKey,
    progress: Option<&crate::job::Progress>,
) {
    let t = context.tokens;
    let full = ui.available_rect_before_wrap();
    let room = Rect::from_center_size(full.center(), vec2(320.0, 90.0));
    let mut ui = ui.new_child(UiBuilder::new().max_rect(room));
    ui.spacing_mut().item_spacing.y = 8.0;
    let title = format!("Computing the {} of {}", key.method.title(), key.source.title());
    ui.label(egui::RichText::new(title).font(font::heading()).color(t.text_strong));
    let share = progress.filter(|p| p.total > 0).map(|p| p.done as f32 / p.total as f32);
    progress_bar(&mut ui, room.width(), share, ProgressState::Running);
    let words = progress.map_or_else(
        || "starting".to_owned(),
        |p| {
            format!(
                "{}, {} of {} {}",
                p.stage,
                numbers::count(p.done as usize),
                numbers::count(p.total as usize),
                p.unit
            )
        },
    );
    ui.label(egui::RichText::new(words).font(font::label_number()).color(t.text_subdued));
    if ui.add(Button::new("Stop")).clicked() {
        context.commands.push(Command::StopProjecting);
    }
}

/// What is missing, what it needs, and the button that makes it.
pub fn empty_words(key: ProjectionKey, context: &ViewContext<'_>) -> (String, String, Option<&'static str>) {
    let no = "No projection yet".to_owned();
    if context.loading {
        return (
            "Reading the run".to_owned(),
            "The projection appears as soon as it is read".to_owned(),
            None,
        );
    }
    let Some(run) = context.run else {
        let needs = "Open a run or start one; the projection of a finished run opens at once".to_owned();
        return (no, needs, Some("Go to Start"));
    };
    if let ProjectionState::Failed(why) = context.projections.state(key) {
        let what = format!("No {} of {}", key.method.title(), key.source.title());
        return (what, why.to_owned(), Some("Try again"));
    }
    if let Some(problem) = run.problems.first().filter(|_| run.delta.is_none()) {
        return ("This run cannot be projected".to_owned(), problem.clone(), Some("Resume the run"));
    }
    let missing = match key.source {
        Source::D => "It needs both passes; then it takes a few seconds",
        Source::A => "It needs pass A, which is not there yet",
        Source::B => "It needs pass B, which is not there yet",
        Source::Goals | Source::Answers => "It needs the texts of the turns",
    };
    let action = (!context.job.running).then_some("Resume the run");
    (no, missing.to_owned(), action)
}
