//! The app: state of the window, one frame of it, and nothing that needs a real window (pictures and tests run it too).

use crate::core::item::Item;
use crate::run::config::RunConfig;
use crate::run::contents::RunContents;
use crate::window::background::Background;
use crate::window::command::{Command, CommandQueue, Severity, Toast};
use crate::window::dialogs::Dialogs;
use crate::window::exploring::Exploring;
use crate::window::format;
use crate::window::frame::{self, palette::Palette};
use crate::window::jobs::Jobs;
use crate::window::layout::{self, Layout};
use crate::window::library::{Library, RunSummary};
use crate::window::log::Log;
use crate::window::projections::Projections;
use crate::window::selection::SelectionState;
use crate::window::services::{DeviceReport, Services, TurnsPreview};
use crate::window::theme;
use crate::window::view::{JobStatus, TrainPage, ViewContext, ViewKind, WindowGpu};
use crate::window::views::Views;
use crate::window::widgets::toast::Toasts;
use egui_tiles::Tree;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A named set of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// Its name.
    pub name: String,
    /// Rows, ascending.
    pub rows: Vec<usize>,
}

/// Runs of the folder and samples, as read by the scanning thread.
pub(crate) type Scanned = (Vec<RunSummary>, Vec<RunSummary>);

/// All state of the window.
pub struct App {
    pub(crate) services: Services,
    pub(crate) layout: Layout,
    pub(crate) tree: Tree<ViewKind>,
    pub(crate) views: Views,
    pub(crate) run: Option<Arc<RunContents>>,
    pub(crate) run_version: u64,
    pub(crate) data_words: [String; 2],
    pub(crate) reading: Background<(PathBuf, anyhow::Result<RunContents>)>,
    pub(crate) scan: Background<Scanned>,
    pub(crate) preview: Background<anyhow::Result<TurnsPreview>>,
    pub(crate) probing: Background<DeviceReport>,
    pub(crate) reading_job: Background<anyhow::Result<RunContents>>,
    pub(crate) exporting: Background<(PathBuf, anyhow::Result<()>)>,
    pub(crate) finding: Background<crate::window::figures::Found>,
    /// The figure whose view is shown once its run is read.
    pub(crate) figure_to_show: Option<Box<crate::figure::FigureSpec>>,
    pub(crate) saving_slices: Background<Result<(), String>>,
    /// Whether the slices changed while they were being written.
    pub(crate) slices_unsaved: bool,
    pub(crate) looks: crate::window::look::History,
    /// The look shown next is where undo begins (another run was opened).
    pub(crate) new_ground: bool,
    pub(crate) library: Library,
    pub(crate) draft: RunConfig,
    pub(crate) draft_turns: Option<TurnsPreview>,
    /// Whether the preview under way counts the bundled corpus.
    pub(crate) bundled: bool,
    /// Finished stages of the job at the last frame.
    pub(crate) stages_seen: usize,
    pub(crate) devices: Option<DeviceReport>,
    pub(crate) problem: Option<String>,
    pub(crate) selection: SelectionState,
    pub(crate) orders: BTreeMap<ViewKind, Arc<Vec<usize>>>,
    pub(crate) next_hover: Option<Item>,
    pub(crate) slices: Vec<Slice>,
    pub(crate) jobs: Jobs,
    pub(crate) exploring: Exploring,
    pub(crate) projections: Projections,
    pub(crate) asking_motion: Background<bool>,
    /// Whether the operating system asks for less motion.
    pub(crate) os_reduces_motion: bool,
    pub(crate) commands: CommandQueue,
    pub(crate) dialogs: Dialogs,
    pub(crate) toasts: Toasts,
    pub(crate) troubles: crate::window::trouble::Troubles,
    pub(crate) palette: Palette,
    pub(crate) studio: crate::window::studio::Studio,
    pub(crate) log: Log,
    pub(crate) log_open: bool,
    pub(crate) focus_mode: bool,
    pub(crate) bare: bool,
    pub(crate) help: Option<ViewKind>,
    pub(crate) focused: ViewKind,
    pub(crate) train_page: Option<TrainPage>,
    pub(crate) gpu: Option<WindowGpu>,
}

impl App {
    /// A window on nothing yet. Installs fonts and styles into the context and starts reading the list of runs.
    pub fn new(ctx: &egui::Context, services: Services, gpu: Option<WindowGpu>) -> Self {
        theme::install(ctx);
        let (layout, crashed) = services.config_dir.as_deref().map(Layout::read).unwrap_or_default();
        let tree = layout.tabs.clone().unwrap_or_else(|| layout::default_tabs(false));
        let mut app = Self {
            draft: RunConfig::default(),
            draft_turns: None,
            bundled: false,
            stages_seen: 0,
            tree,
            views: Views::default(),
            run: None,
            run_version: 0,
            data_words: data_words(None),
            reading: Background::default(),
            scan: Background::default(),
            preview: Background::default(),
            probing: Background::default(),
            reading_job: Background::default(),
            exporting: Background::default(),
            finding: Background::default(),
            figure_to_show: None,
            saving_slices: Background::default(),
            slices_unsaved: false,
            looks: crate::window::look::History::default(),
            new_ground: false,
            library: Library::default(),
            devices: None,
            problem: None,
            selection: SelectionState::default(),
            orders: BTreeMap::new(),
            next_hover: None,
            slices: Vec::new(),
            jobs: Jobs::default(),
            exploring: Exploring::default(),
            projections: Projections::default(),
            asking_motion: Background::default(),
            os_reduces_motion: false,
            commands: CommandQueue::default(),
            dialogs: Dialogs::default(),
            toasts: Toasts::default(),
            troubles: crate::window::trouble::Troubles::default(),
            palette: Palette::default(),
            studio: crate::window::studio::Studio::default(),
            log: Log::default(),
            log_open: false,
            focus_mode: false,
            bare: false,
            help: None,
            focused: ViewKind::Start,
            train_page: None,
            gpu,
            services,
            layout,
        };
        for (kind, look) in app.layout.views.clone() {
            if let Some(view) = app.views.get(kind) {
                view.set_look(&look);
            }
        }
        ctx.set_theme(if app.layout.dark { egui::Theme::Dark } else { egui::Theme::Light });
        app.apply_motion(ctx);
        app.ask_for_motion(ctx);
        if (app.layout.ui_scale - 1.0).abs() > f32::EPSILON {
            ctx.set_zoom_factor(app.layout.ui_scale);
        }
        app.rescan(ctx);
        app.probe_devices(ctx);
        app.count_bundled(ctx);
        if crashed {
            app.commands.push(Command::Toast(Toast {
                severity: Severity::Warning,
                what: "The last session ended abruptly".to_owned(),
                detail: "tabs are back to their first order".to_owned(),
                action: None,
            }));
        }
        app.layout.in_session = true;
        app.save_layout();
        app
    }

    /// Shows this run now (pictures and tests; the window reads runs by [`Command::OpenRun`]).
    pub fn show_run(&mut self, run: RunContents) {
        let had = self.run.is_some();
        let empty = run.turns.is_empty();
        self.data_words = data_words(Some(&run));
        self.slices = run.slices.iter().map(|s| Slice { name: s.name.clone(), rows: s.rows(&run) }).collect();
        self.projections.reset(&run.projections);
        self.run = Some(Arc::new(run));
        self.exploring.reset();
        self.run_version += 1;
        self.problem = None;
        self.new_ground = true;
        self.orders.clear();
        self.selection = SelectionState { cursor_row: (!empty).then_some(0), ..SelectionState::default() };
        if !had && self.layout.tabs.is_none() {
            self.tree = layout::default_tabs(true);
        }
    }

    /// Shows a job as standing like this (pictures and tests; the window follows jobs it started).
    pub fn show_job(&mut self, status: JobStatus) {
        self.jobs.status = status;
    }

    /// Brings a view to the front, opening its tab when it is closed.
    pub fn show_view(&mut self, kind: ViewKind) {
        frame::tabs::show(&mut self.tree, kind);
        self.focused = kind;
    }

    /// Adds a wish from outside (command line, tests); applied at the end of the next frame.
    pub fn wish(&mut self, command: Command) {
        self.commands.push(command);
    }

    /// The state of hover and selection.
    pub fn selection(&self) -> &SelectionState {
        &self.selection
    }

    /// The open run.
    pub fn run(&self) -> Option<&Arc<RunContents>> {
        self.run.as_ref()
    }

    /// The view in front.
    pub fn focused_view(&self) -> ViewKind {
        self.focused
    }

    /// Whether anything is being read or made in the background.
    pub fn is_busy(&self) -> bool {
        self.reading.is_running()
            || self.scan.is_running()
            || self.probing.is_running()
            || self.preview.is_running()
            || self.reading_job.is_running()
            || self.jobs.is_running()
            || self.exploring.is_running()
            || self.views.is_busy()
            || self.exporting.is_running()
            || self.finding.is_running()
            || self.studio.is_busy()
            || self.saving_slices.is_running()
            || self.projections.is_running()
    }

    /// Draws one frame and applies what was wished for in it.
    pub fn ui(&mut self, ui: &mut egui::Ui) {
        self.selection.hovered = self.next_hover.take();
        frame::shortcuts(self, ui.ctx());
        frame::frame_ui(self, ui);
        let wished = self.apply_all(ui.ctx());
        if wished || self.new_ground || ui.ctx().input(|i| !i.events.is_empty()) {
            self.observe_look(ui.ctx());
        }
        if self.next_hover != self.selection.hovered {
            // Hover is shown by every view in the next frame.
            ui.ctx().request_repaint();
        }
    }

    /// The context a view draws with, beside the views themselves.
    pub(crate) fn split(&mut self) -> (ViewContext<'_>, &mut Views, &mut Tree<ViewKind>) {
        let context = ViewContext {
            tokens: theme::tokens(self.layout.dark),
            run: self.run.as_ref(),
            run_version: self.run_version,
            loading: self.reading.is_running(),
            selection: &self.selection,
            job: &self.jobs.status,
            exploring: &self.exploring.status,
            projections: &self.projections,
            library: &self.library,
            draft: &self.draft,
            draft_turns: self.draft_turns.as_ref(),
            devices: self.devices.as_ref(),
            focused: self.focused,
            problem: self.problem.as_deref(),
            services: &self.services,
            gpu: self.gpu.as_ref(),
            train_page: self.train_page,
            commands: &mut self.commands,
        };
        (context, &mut self.views, &mut self.tree)
    }
}

/// "480 turns, 60 conversations" for the foot of the rail, and the shorter form for a narrow one.
pub(crate) fn data_words(run: Option<&RunContents>) -> [String; 2] {
    let Some(run) = run.filter(|r| !r.turns.is_empty()) else {
        return ["No data loaded".to_owned(), "No data loaded".to_owned()];
    };
    let conversations: std::collections::BTreeSet<&str> =
        run.turns.iter().map(|t| t.conversation_id.as_str()).collect();
    let turns = format::counted(run.turns.len(), "turn", "turns");
    if conversations.iter().all(|c| c.is_empty()) {
        // Only the ids of the turns could be read.
        return [turns.clone(), turns];
    }
    let all = format!("{turns}, {}", format::counted(conversations.len(), "conversation", "conversations"));
    [all, turns]
}

/// What a dropped file or folder wishes for.
pub(crate) fn dropped(path: &Path) -> Command {
    let figure = crate::figure::Format::of_path(path).is_some();
    match path.to_owned() {
        folder if folder.is_dir() => Command::OpenRun(folder),
        file if figure => Command::OpenFigure(file),
        file => Command::ImportTurns(file),
    }
}
