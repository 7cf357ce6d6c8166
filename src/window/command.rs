//! Everything the user can ask for; one enum and one table give menu, tooltip, shortcut and palette entry.

use crate::core::item::Item;
use crate::pipeline::topology::Exploration;
use crate::run::config::RunConfig;
use crate::run::projection::ProjectionKey;
use crate::window::view::{TrainPage, ViewKind};
use egui::{Key, KeyboardShortcut, Modifiers};
use std::path::PathBuf;
use std::sync::Arc;

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
    /// Changes the draft of the next run.
    DraftRun(Box<RunConfig>),
    /// Asks for weights that mind A (0) or B (1) of the next run scores with: a folder (true) or a file.
    WeightsDialog(usize, bool),
    /// Starts a new run.
    StartRun(Box<RunConfig>),
    /// Goes on with an unfinished run.
    ResumeRun(PathBuf),
    /// Asks the running job to stop.
    CancelJob,
    /// Lets the running job wait where it stands (true) or go on.
    PauseJob(bool),
    /// Multiplies the learning rate of the running training from its next epoch on.
    RateFactor(f64),
    /// Computes the topology of the open run under another choice.
    ExploreTopology(Box<Exploration>),
    /// Stops that computation.
    StopExploring,
    /// Shows the topology as it was declared again.
    DeclaredTopology,
    /// Shows a page of the Train view.
    TrainPage(TrainPage),
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
    /// Gives a slice another name.
    RenameSlice {
        /// Its name now.
        from: String,
        /// The name wished for.
        to: String,
    },
    /// Removes a slice; its turns stay.
    RemoveSlice(String),
    /// Brings a removed slice back.
    RestoreSlice(String, Vec<usize>),
    /// Writes the slices into the run folder again.
    SaveSlices,
    /// Writes these rows under this name, asking where.
    ExportRows(String, Arc<Vec<usize>>),
    /// Writes the rows that are selected, asking where.
    ExportSelection,
    /// Opens the figure studio on this figure.
    OpenStudio(Box<crate::figure::FigureSpec>),
    /// Asks where the figure of the studio goes.
    BrowseFigure(String),
    /// Writes the report, asking where.
    ExportReport,
    /// Takes back the last change of how things are shown.
    Undo,
    /// Makes it again.
    Redo,
    /// Opens the run of a figure that carries its provenance, as the figure shows it.
    OpenFigure(PathBuf),
    /// Clears selection first, then the brush.
    Escape,
    /// Next or previous row in the shown order.
    StepRow(i64),
    /// Tells the order in which a view shows the rows now (position to row), for stepping.
    RowOrder(ViewKind, Arc<Vec<usize>>),
    /// Opens the studio on a figure of this kind ("vpm", "delta", "barcode", ...); empty takes what the view shows.
    ExportFigure(String),
    /// Computes a projection of the open run, unless it is there or under way.
    Project(ProjectionKey),
    /// Stops the projection under way.
    StopProjecting,
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
    /// Opens or folds the left rail.
    ToggleRail,
    /// Opens or closes the inspector.
    ToggleInspector,
    /// Closes a tab.
    CloseView(ViewKind),
    /// Opens the next (+1) or previous (-1) run of the list.
    StepRun(i64),
    /// Forgets the open run.
    CloseRun,
    /// Reads the list of runs again.
    RescanRuns,
    /// Sets the scale of the whole window, 0.75 to 2.
    UiScale(f32),
    /// Animations of the frame off, and back on.
    ToggleMotion,
    /// Puts panels and tabs back to where they were at first.
    ResetLayout,
    /// Puts the cursor into the search field of the top bar.
    Search,
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

    /// Adds wishes.
    pub fn extend(&mut self, commands: impl IntoIterator<Item = Command>) {
        self.0.extend(commands);
    }

    /// Takes all wishes.
    pub fn drain(&mut self) -> Vec<Command> {
        std::mem::take(&mut self.0)
    }
}

/// One line of the table of commands: what palette, menus, tooltips and shortcuts are made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What it is called ("Open a run...").
    pub text: &'static str,
    /// What it does, for the tooltip.
    pub tooltip: &'static str,
    /// Its key.
    pub shortcut: Option<KeyboardShortcut>,
    /// Its icon.
    pub icon: &'static str,
    /// What is wished for.
    pub command: Command,
}

const fn plain(key: Key) -> Option<KeyboardShortcut> {
    Some(KeyboardShortcut::new(Modifiers::NONE, key))
}

const fn ctrl(key: Key) -> Option<KeyboardShortcut> {
    Some(KeyboardShortcut::new(Modifiers::COMMAND, key))
}

/// All commands that need no argument, in the order of the palette.
pub fn table() -> Vec<Entry> {
    let e = |text, tooltip, shortcut, icon, command| Entry { text, tooltip, shortcut, icon, command };
    let mut table = vec![
        e("Open a run...", "Choose a run folder", ctrl(Key::O), "folder-open", Command::OpenRunDialog),
        e(
            "Import turns...",
            "Choose a turns table for a new run",
            ctrl(Key::I),
            "upload-simple",
            Command::ImportTurnsDialog,
        ),
        e(
            "Search turns, runs and commands",
            "Opens the palette",
            ctrl(Key::K),
            "magnifying-glass",
            Command::TogglePalette,
        ),
        e("Stop the job", "What is finished stays; the run can be resumed", None, "x", Command::CancelJob),
        e(
            "Pause the job",
            "It waits where it stands and loses nothing",
            None,
            "pause",
            Command::PauseJob(true),
        ),
        e("Go on with the job", "A paused job goes on", None, "play", Command::PauseJob(false)),
        e(
            "Halve the learning rate",
            "Of the training under way, from its next epoch on",
            None,
            "caret-down",
            Command::RateFactor(0.5),
        ),
        e(
            "Planned learning rate",
            "Takes back every change of the rate",
            None,
            "arrow-counter-clockwise",
            Command::RateFactor(1.0),
        ),
        e(
            "Show the declared topology",
            "Leaves an exploration of the Topology view",
            None,
            "graph",
            Command::DeclaredTopology,
        ),
        e(
            "Every figure of the training",
            "Loss terms, gradient norms, validation quality, learning rate",
            None,
            "chart-line",
            Command::TrainPage(TrainPage::Figures),
        ),
        e(
            "Set up the next training",
            "Labels, what is left out, config beside its defaults",
            None,
            "sliders-horizontal",
            Command::TrainPage(TrainPage::Setup),
        ),
        e(
            "Next run",
            "Opens the next run of the list",
            plain(Key::CloseBracket),
            "caret-right",
            Command::StepRun(1),
        ),
        e(
            "Previous run",
            "Opens the previous run of the list",
            plain(Key::OpenBracket),
            "caret-left",
            Command::StepRun(-1),
        ),
        e("Next row", "Moves the cursor one row down", plain(Key::J), "arrow-down", Command::StepRow(1)),
        e("Previous row", "Moves the cursor one row up", plain(Key::K), "arrow-up", Command::StepRow(-1)),
        e("Clear", "Clears the selection first, then the brush", plain(Key::Escape), "x", Command::Escape),
        e(
            "Give the view all the room",
            "Hides rail and inspector, and back",
            plain(Key::F),
            "corners-out",
            Command::ToggleFocus,
        ),
        e(
            "Help for this view",
            "A few plain sentences",
            Some(KeyboardShortcut::new(Modifiers::SHIFT, Key::Questionmark)),
            "question",
            Command::ToggleHelp,
        ),
        e("Dark or light", "Changes the theme", ctrl(Key::D), "sun", Command::ToggleTheme),
        e("Log", "Opens or closes the log", ctrl(Key::L), "list-bullets", Command::ToggleLog),
        e("Rail", "Opens or folds the list of runs", ctrl(Key::B), "sidebar-simple", Command::ToggleRail),
        e("Inspector", "Opens or closes the inspector", ctrl(Key::J), "sidebar", Command::ToggleInspector),
        e(
            "Figure...",
            "Opens the figure studio on what the view shows",
            ctrl(Key::E),
            "export",
            Command::ExportFigure(String::new()),
        ),
        e(
            "Export selection...",
            "Writes the selected turns as CSV, JSON lines, Parquet or ids",
            Some(KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::E)),
            "download-simple",
            Command::ExportSelection,
        ),
        e(
            "Keep as slice",
            "Keeps the brushed rows under a name",
            plain(Key::S),
            "selection",
            Command::KeepSlice(String::new()),
        ),
        // Before undo: a shortcut with fewer modifiers would take this one's key as well.
        e(
            "Redo",
            "Makes the change of view again",
            Some(KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z)),
            "arrow-clockwise",
            Command::Redo,
        ),
        e(
            "Undo",
            "Takes back the last change of how things are shown",
            ctrl(Key::Z),
            "arrow-counter-clockwise",
            Command::Undo,
        ),
        e(
            "Read the list of runs again",
            "Looks for new run folders",
            ctrl(Key::R),
            "arrows-clockwise",
            Command::RescanRuns,
        ),
        e("Close the run", "Forgets the open run", ctrl(Key::W), "x", Command::CloseRun),
        e("Larger", "Raises the scale of the window", ctrl(Key::Plus), "plus", Command::UiScale(1.25)),
        e("Smaller", "Lowers the scale of the window", ctrl(Key::Minus), "minus", Command::UiScale(0.8)),
        e("Reduced motion", "Turns animations off, and back on", None, "pause", Command::ToggleMotion),
        e("Reset the layout", "Puts panels and tabs back", None, "layout", Command::ResetLayout),
        e(
            "Quit",
            "Closes the window; a running job stops and can be resumed",
            ctrl(Key::Q),
            "x",
            Command::Quit,
        ),
    ];
    for (kind, text) in ViewKind::ALL.into_iter().zip(SHOW) {
        table.push(e(text, "Shows this view", None, kind.icon(), Command::Show(kind)));
    }
    table
}

/// Palette texts of the views, in the order of [`ViewKind::ALL`].
const SHOW: [&str; 11] = [
    "Show Start",
    "Show Data",
    "Show Train",
    "Show Field",
    "Show Frontier",
    "Show Topology",
    "Show Projection",
    "Show Timeline",
    "Show Report",
    "Show Runs",
    "Show Device",
];

/// The shortcut of a command as words ("Ctrl K"), if it has one.
pub fn shortcut_text(command: &Command) -> Option<String> {
    table().into_iter().find(|e| e.command == *command)?.shortcut.map(words)
}

/// A shortcut as words.
pub fn words(shortcut: KeyboardShortcut) -> String {
    let key = match shortcut.logical_key {
        Key::Escape => "Esc",
        other => other.symbol_or_name(),
    };
    match (shortcut.modifiers.command, shortcut.modifiers.shift) {
        (true, true) => format!("Ctrl Shift {key}"),
        (true, false) => format!("Ctrl {key}"),
        _ => key.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_commands_share_a_shortcut_and_each_has_an_icon() {
        let table = table();
        for (i, a) in table.iter().enumerate() {
            assert!(crate::window::theme::icons::exists(a.icon), "{} has no icon {}", a.text, a.icon);
            for b in &table[i + 1..] {
                assert!(a.shortcut.is_none() || a.shortcut != b.shortcut, "{} and {}", a.text, b.text);
                assert_ne!(a.text, b.text);
            }
        }
    }

    #[test]
    fn every_view_can_be_shown_from_the_palette() {
        for kind in ViewKind::ALL {
            let entry = table().into_iter().find(|e| e.command == Command::Show(kind)).unwrap();
            assert!(entry.text.ends_with(kind.title()), "{}", entry.text);
        }
    }
}
