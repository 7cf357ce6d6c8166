//! What went wrong and still matters: banners above the views, each one sentence and one action; the window stays.

use crate::window::app::App;
use crate::window::command::{Command, Severity};
use crate::window::theme::{self, height};
use crate::window::widgets::paint::put_at;
use crate::window::widgets::{Banner, IconButton};
use egui::{Rect, Ui, UiBuilder, pos2, vec2};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// What kind of trouble; a newer one of a kind takes the place of the older.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The folder of the open run is gone.
    FolderGone,
    /// A job ended badly.
    JobFailed,
    /// Notes of the reader could not be saved.
    NotSaved,
    /// The graphics device was lost.
    DeviceLost,
}

/// One banner.
#[derive(Clone, Debug)]
pub struct Trouble {
    kind: Kind,
    what: String,
    detail: String,
    action: Option<(String, Command)>,
}

/// The banners shown, oldest first.
#[derive(Default)]
pub struct Troubles {
    shown: Vec<Trouble>,
    watch: Option<Watch>,
}

/// How often the folder of the open run is looked for.
const EVERY: Duration = Duration::from_millis(1500);

/// Watches on a thread whether a folder is still there; ends when it is dropped.
struct Watch {
    folder: PathBuf,
    gone: Arc<AtomicBool>,
}

impl Watch {
    fn new(folder: &Path, ctx: &egui::Context) -> std::io::Result<Self> {
        let gone = Arc::new(AtomicBool::new(false));
        let (flag, manifest, ctx) = (Arc::downgrade(&gone), folder.join("manifest.json"), ctx.clone());
        std::thread::Builder::new()
            .name("watch run folder".to_owned())
            .spawn(move || watch(&flag, &manifest, &ctx))?;
        Ok(Self { folder: folder.to_owned(), gone })
    }
}

fn watch(gone: &Weak<AtomicBool>, manifest: &Path, ctx: &egui::Context) {
    loop {
        std::thread::sleep(EVERY);
        let Some(gone) = gone.upgrade() else { return };
        let now = !manifest.is_file();
        if gone.swap(now, Ordering::Relaxed) != now {
            ctx.request_repaint();
        }
    }
}

impl App {
    /// Shows a banner, in place of an older one of its kind, and writes it into the log.
    pub(crate) fn trouble(&mut self, kind: Kind, what: &str, detail: &str, action: Option<(&str, Command)>) {
        self.log.push(Severity::Error, format!("{what} {detail}").trim().to_owned());
        self.troubles.shown.retain(|t| t.kind != kind);
        self.troubles.shown.push(Trouble {
            kind,
            what: what.to_owned(),
            detail: detail.to_owned(),
            action: action.map(|(words, command)| (words.to_owned(), command)),
        });
    }

    /// Takes a banner back: what it says is over.
    pub(crate) fn trouble_is_over(&mut self, kind: Kind) {
        self.troubles.shown.retain(|t| t.kind != kind);
    }

    /// Looks whether the folder of the open run is still there.
    pub(crate) fn watch_folder(&mut self, ctx: &egui::Context) {
        let folder = self.run.as_ref().map(|r| r.folder.clone());
        if self.troubles.watch.as_ref().map(|w| &w.folder) != folder.as_ref() {
            // A run that never lay in a folder (made up by a test) cannot lose it.
            let there = folder.filter(|f| f.join("manifest.json").is_file());
            self.troubles.watch = there.and_then(|f| {
                Watch::new(&f, ctx).inspect_err(|e| tracing::warn!("the run folder is not watched: {e}")).ok()
            });
            self.trouble_is_over(Kind::FolderGone);
        }
        let gone = self.troubles.watch.as_ref().is_some_and(|w| w.gone.load(Ordering::Relaxed));
        let shown = self.troubles.shown.iter().any(|t| t.kind == Kind::FolderGone);
        match (gone, shown) {
            (true, false) => self.trouble(
                Kind::FolderGone,
                "The folder of this run is gone.",
                "What was read stays in sight, but nothing can be saved in it",
                Some(("Close the run", Command::CloseRun)),
            ),
            (false, true) => self.trouble_is_over(Kind::FolderGone),
            _ => {}
        }
    }

    /// Draws the banners; they take their height from the views.
    pub(crate) fn troubles_ui(&mut self, ui: &mut Ui) {
        let mut over = None;
        for trouble in &self.troubles.shown {
            let t = theme::of(ui);
            let (rect, _) = ui
                .allocate_exact_size(vec2(ui.available_width(), height::BANNER + 8.0), egui::Sense::hover());
            ui.painter().rect_filled(rect, 0.0, t.bar_bg);
            let inner = rect.shrink2(vec2(8.0, 4.0));
            let close =
                Rect::from_center_size(pos2(inner.right() - 16.0, inner.center().y), vec2(24.0, 24.0));
            let banner_rect = Rect::from_min_max(inner.min, pos2(close.left() - 6.0, inner.bottom()));
            let mut banner = Banner::new(Severity::Error, &trouble.what, &trouble.detail);
            if let Some((words, _)) = &trouble.action {
                banner = banner.action(words);
            }
            let pressed = ui.scope_builder(UiBuilder::new().max_rect(banner_rect), |ui| banner.ui(ui)).inner;
            if pressed {
                self.commands.extend(trouble.action.as_ref().map(|(_, command)| command.clone()));
                over = Some(trouble.kind);
            }
            if put_at(ui, close, IconButton::new("x", "Dismiss").small()).clicked() {
                over = Some(trouble.kind);
            }
        }
        if let Some(kind) = over {
            self.trouble_is_over(kind);
        }
    }
}
