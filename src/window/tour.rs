//! A film of the window: the real app drawn offscreen, step by step through a run, for the README and for talks.

use crate::core::item::Item;
use crate::figure::writers::{Still, write_film};
use crate::run::contents::RunContents;
use crate::window::command::Command;
use crate::window::services::Services;
use crate::window::shot::{ShotSpec, shots};
use crate::window::view::ViewKind;

/// One step: what is wished for, and how long its picture stays, hundredths of a second.
pub struct Step {
    /// Wishes.
    pub commands: Vec<Command>,
    /// How long.
    pub delay_cs: u16,
}

fn step(delay_cs: u16, commands: impl IntoIterator<Item = Command>) -> Step {
    Step { commands: commands.into_iter().collect(), delay_cs }
}

/// The walk of a first visit through a run: the field, its strangest turn, the longest loop, a slice, the run played,
/// a figure and the report.
pub fn walk(run: &RunContents) -> Vec<Step> {
    let mut steps = vec![step(160, [Command::Show(ViewKind::Field)])];
    if let Some(row) = strangest(run) {
        let there = [Command::Cursor { row, column: None }, Command::Select(Some(Item::Turn(row)))];
        steps.push(step(180, there));
    }
    if let Some(bar) = longest_loop(run) {
        steps.push(step(120, [Command::Show(ViewKind::Topology)]));
        steps.push(step(180, [Command::Select(Some(Item::Bar(bar)))]));
        let rows: Vec<usize> = run
            .cycles
            .iter()
            .find(|c| c.bar == bar)
            .map_or_else(Vec::new, |c| c.vertices.iter().map(|v| *v as usize).collect());
        steps.push(step(150, [Command::Brush(rows), Command::Show(ViewKind::Field)]));
    }
    steps.push(step(
        60,
        [Command::Show(ViewKind::Timeline), Command::Select(None), Command::Cursor { row: 0, column: None }],
    ));
    let n = run.turns.len();
    for i in 1..=4 {
        let row = (n / 3 + i * n / 40).min(n.saturating_sub(1));
        steps.push(step(30, [Command::Cursor { row, column: None }]));
    }
    steps.push(step(220, [Command::Show(ViewKind::Field), Command::ExportFigure(String::new())]));
    steps.push(step(220, [Command::Escape, Command::Brush(Vec::new()), Command::Show(ViewKind::Report)]));
    steps
}

/// The turn whose five differences are largest in the mean.
fn strangest(run: &RunContents) -> Option<usize> {
    let means = crate::field::order::mean_scores(run.delta.as_ref()?);
    let known = means.into_iter().enumerate().filter(|(_, v)| v.is_finite());
    known.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())).map(|(row, _)| row)
}

fn longest_loop(run: &RunContents) -> Option<usize> {
    let length = |bar: &crate::core::bar::Bar| bar.death.map(|d| d - bar.birth);
    let loops = run.bars.iter().enumerate().filter(|(_, b)| b.dim == 1);
    loops.filter_map(|(i, b)| Some((i, length(b)?))).max_by(|a, b| a.1.total_cmp(&b.1)).map(|(i, _)| i)
}

/// Draws the steps one after the other and writes them as GIF.
///
/// # Errors
/// When there is no graphics adapter, the size cannot be drawn, or the encoder refuses.
pub fn film(
    services: Services,
    run: RunContents,
    spec: &ShotSpec,
    steps: &[Step],
) -> anyhow::Result<Vec<u8>> {
    let scenes: Vec<Vec<Command>> = steps.iter().map(|s| s.commands.clone()).collect();
    let pictures = shots(services, Some(run), spec, &scenes)?;
    let stills: Vec<Still> = pictures
        .into_iter()
        .zip(steps)
        .map(|(image, step)| Still { rgba: image.into_raw(), delay_cs: step.delay_cs })
        .collect();
    let side =
        |px: u32| u16::try_from(px).map_err(|_| anyhow::anyhow!("a GIF is at most 65535 px wide and high"));
    Ok(write_film(side(spec.size_px[0])?, side(spec.size_px[1])?, &stills)?)
}
