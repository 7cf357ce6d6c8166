//! Everything the user can ask for; one enum gives menu, tooltip, shortcut and palette entry.

use crate::core::item::Item;
use crate::run::config::RunConfig;
use crate::window::view::ViewKind;
use std::path::PathBuf;

/// A wish of the user, applied by the app after the frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Opens a run folder (read off the thread).
    OpenRun(PathBuf),
    /// Asks for a run folder with the native dialog.
    OpenRunDialog,
    /// Opens one of the bundled sample runs by folder name.
    OpenSample(String),
    /// Asks for a turns table with the native dialog.
    ImportTurnsDialog,
    /// Reads a turns table for a new run.
    ImportTurns(PathBuf),
    /// Starts a new run.
    StartRun(Box<RunConfig>),
    /// Goes on with an unfinished run.
    ResumeRun(PathBuf),
    /// Asks the running job to stop.
    CancelJob,
    /// Shows a view (and opens its tab when closed).
    Show(ViewKind),
    /// Selects an item; `None` clears.
    Select(Option<Item>),
    /// Hovers an item; must be repeated every frame.
    Hover(Item),
    /// Moves the cursor to a row and, when known, a column.
    Cursor {
        /// Row of the run.
        row: usize,
        /// SCM column.
        column: Option<usize>,
    },
    /// Brushes rows (ascending); empty clears.
    Brush(Vec<usize>),
    /// Keeps the brushed rows as a named slice.
    KeepSlice(String),
    /// Clears selection first, then the brush.
    Escape,
    /// Next or previous row in the shown order.
    StepRow(i64),
    /// Writes a figure of this kind from the current view ("vpm", "delta", "barcode", ...), asking where.
    ExportFigure(String),
    /// Opens or closes the command palette.
    TogglePalette,
    /// Opens or closes the help of the focused view.
    ToggleHelp,
    /// Dark to light and back.
    ToggleTheme,
    /// Gives the focused view the whole centre, and back.
    ToggleFocus,
    /// Opens or closes the log.
    ToggleLog,
    /// Copies text to the clipboard.
    Copy(String),
    /// Shows a short message.
    Toast(Toast),
    /// Quits.
    Quit,
}

/// How a message is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Something was done.
    Ok,
    /// Worth knowing.
    Info,
    /// Survived.
    Warning,
    /// Failed; stays until dismissed.
    Error,
}

/// A short message at the lower right.
#[derive(Clone, Debug, PartialEq)]
pub struct Toast {
    /// How it is meant.
    pub severity: Severity,
    /// What happened, in strong text.
    pub what: String,
    /// Detail, subdued.
    pub detail: String,
    /// One action: its label and what it does.
    pub action: Option<(String, Box<Command>)>,
}

/// The wishes of one frame, in order.
#[derive(Debug, Default)]
pub struct CommandQueue(Vec<Command>);

impl CommandQueue {
    /// Adds a wish.
    pub fn push(&mut self, command: Command) {
        self.0.push(command);
    }

    /// Takes all wishes.
    pub fn drain(&mut self) -> Vec<Command> {
        std::mem::take(&mut self.0)
    }
}
