//! The Field view without a field: what is missing, what it needs, and the one button that makes it.

use crate::window::command::Command;
use crate::window::view::{ViewContext, ViewKind};
use crate::window::widgets::EmptyState;

/// What is missing and what it needs.
pub fn reason(context: &ViewContext<'_>) -> (String, String) {
    if context.loading {
        return (
            "Reading the run".to_owned(),
            "The field appears as soon as both passes are read".to_owned(),
        );
    }
    if context.job.running {
        let stage = context.job.progress.as_ref().map_or("preparing", |p| p.stage.as_str());
        return (
            "No field yet".to_owned(),
            format!("It fills row by row once pass A starts; the job is now at {stage}"),
        );
    }
    let Some(run) = context.run else {
        return (
            "No field yet".to_owned(),
            "Open a run or start one; a sample run opens at once, a new run takes a few minutes".to_owned(),
        );
    };
    let of_field = |p: &&String| p.contains("passes/") || p.contains("field/");
    if let Some(problem) = run.problems.iter().find(of_field).or(run.problems.first()) {
        return ("The field of this run cannot be read".to_owned(), problem.clone());
    }
    let missing = match (&run.a, &run.b) {
        (None, None) => "It needs both passes; this run has none yet",
        (None, Some(_)) => "It needs both passes; pass A is not there yet",
        (Some(_), None) => "It needs both passes; pass B is not there yet",
        (Some(_), Some(_)) => "Both passes are there, their difference is not computed yet",
    };
    ("No field yet".to_owned(), missing.to_owned())
}

/// Draws the empty state.
pub fn empty_ui(ui: &mut egui::Ui, context: &mut ViewContext<'_>) {
    let (what, needs) = reason(context);
    let broken = context.run.is_some_and(|r| !r.problems.is_empty()) && !context.loading;
    let icon = if broken { "warning-circle" } else { "table" };
    let action = match context.run {
        _ if context.loading || context.job.running => None,
        Some(_) => Some(("Resume the run", true)),
        None => Some(("Go to Start", false)),
    };
    let mut state = EmptyState::new(icon, &what, &needs);
    if let Some((words, _)) = action {
        state = state.action(words);
    }
    if state.ui(ui) {
        let resume = context.run.filter(|_| action.is_some_and(|a| a.1)).map(|r| r.folder.clone());
        context.commands.push(match resume {
            Some(folder) => Command::ResumeRun(folder),
            None => Command::Show(ViewKind::Start),
        });
    }
}
