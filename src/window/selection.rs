//! What is selected and what is hovered: one thing, shared by all views.

use crate::core::item::Item;

/// Selection and hover of the app. Views read the state of the last frame and ask for changes by command.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SelectionState {
    /// The one selected item; `Esc` clears it first.
    pub selected: Option<Item>,
    /// Rows brushed together, ascending; `Esc` clears them second.
    pub brushed: Vec<usize>,
    /// What the pointer is over, in whichever view.
    pub hovered: Option<Item>,
    /// The row under the cursor that all row pictures and the timeline share.
    pub cursor_row: Option<usize>,
    /// The column under the cursor.
    pub cursor_column: Option<usize>,
}

impl SelectionState {
    /// The turn the inspector shows: hovered turns do not steal it, the selected or cursor row holds it.
    pub fn focused_turn(&self) -> Option<usize> {
        match &self.selected {
            Some(Item::Turn(row)) => Some(*row),
            _ => self.cursor_row,
        }
    }

    /// Whether a row is part of the selection (selected turn or set of turns).
    pub fn is_selected(&self, row: usize) -> bool {
        match &self.selected {
            Some(Item::Turn(r)) => *r == row,
            Some(Item::Turns(rows)) => rows.binary_search(&row).is_ok(),
            _ => false,
        }
    }
}
