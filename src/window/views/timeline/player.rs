//! Playing: the rows that are due since the last frame, and the cursor that goes with them.

use super::TimelineView;
use super::strips::Strips;
use crate::window::command::Command;
use crate::window::view::{ViewContext, ViewKind};
use egui::Ui;

impl TimelineView {
    pub(super) fn toggle(&mut self, ui: &Ui) {
        self.playing = !self.playing;
        self.due = ui.input(|i| i.time);
    }

    /// Space plays and pauses while this view is in front and nothing else takes the key.
    pub(super) fn keys(&mut self, ui: &Ui, context: &ViewContext<'_>) {
        let free = ui.memory(|m| m.focused().is_none()) && !ui.ctx().text_edit_focused();
        if context.focused == ViewKind::Timeline && free && ui.input(|i| i.key_pressed(egui::Key::Space)) {
            self.toggle(ui);
        }
    }

    /// Keeps a cursor that was moved elsewhere in sight.
    pub(super) fn follow(&mut self, context: &ViewContext<'_>, strips: &Strips) {
        let cursor = context.selection.cursor_row;
        if cursor == self.last_cursor {
            return;
        }
        self.last_cursor = cursor;
        let Some(position) = cursor.and_then(|r| strips.position(r)) else { return };
        let seen = self.visible(strips.rows());
        if !seen.contains(&position) {
            self.at = (position + seen.len() / 2).min(strips.rows().saturating_sub(1));
        }
    }

    /// Moves on by the rows that are due.
    pub(super) fn play(&mut self, ui: &Ui, context: &mut ViewContext<'_>, strips: &Strips) {
        if !self.playing {
            return;
        }
        let n = strips.rows();
        let now = ui.input(|i| i.time);
        let each = 1.0 / f64::from(self.settings.rows_per_second);
        let due = ((now - self.due) / each).floor().clamp(0.0, n as f64) as usize;
        if due > 0 {
            // After a pause of the machine it goes on from here instead of jumping.
            self.due = if due as f64 * each > 1.0 { now } else { self.due + due as f64 * each };
            match advanced(self.at, due.min(n), n, self.settings.window, self.settings.looping) {
                Some(at) => self.go(context, strips, at),
                None => {
                    self.go(context, strips, n.saturating_sub(1));
                    self.playing = false;
                    return;
                }
            }
        }
        let wait = (self.due + each - now).max(1.0 / 240.0);
        ui.ctx().request_repaint_after(std::time::Duration::from_secs_f64(wait));
    }

    /// Puts the newest row there and the cursor on it.
    pub(super) fn go(&mut self, context: &mut ViewContext<'_>, strips: &Strips, at: usize) {
        self.at = at.min(strips.rows().saturating_sub(1));
        if let Some(row) = strips.row(self.at) {
            self.last_cursor = Some(row);
            context.commands.push(Command::Cursor { row, column: None });
        }
    }
}

/// Where the newest row stands after so many more; from the first full window again in a loop, `None` at the end.
fn advanced(at: usize, by: usize, n: usize, window: usize, looping: bool) -> Option<usize> {
    // The first frame of the film is the first full window.
    let first = window.min(n).saturating_sub(1);
    let next = at.max(first) + by;
    if next < n {
        Some(next)
    } else if at + 1 < n {
        Some(n - 1)
    } else {
        looping.then_some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn playing_ends_with_the_last_row_and_loops_from_the_first_window() {
        assert_eq!(advanced(0, 1, 100, 24, false), Some(24));
        assert_eq!(advanced(98, 5, 100, 24, false), Some(99));
        assert_eq!(advanced(99, 1, 100, 24, false), None);
        assert_eq!(advanced(99, 1, 100, 24, true), Some(23));
        assert_eq!(advanced(0, 1, 1, 24, true), Some(0));
    }
}
