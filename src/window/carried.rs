//! What outlives a window whose graphics device was lost, or that had a fault: run, selection, jobs, drafts and layout,
//! but no texture.

use crate::core::item::Item;
use crate::run::config::RunConfig;
use crate::run::contents::RunContents;
use crate::window::app::{App, Slice};
use crate::window::command::Command;
use crate::window::exploring::Exploring;
use crate::window::jobs::Jobs;
use crate::window::layout::Layout;
use crate::window::log::Log;
use crate::window::look::{ViewLooks, looks_of};
use crate::window::selection::SelectionState;
use crate::window::services::Services;
use crate::window::trouble::Kind;
use crate::window::view::{ViewKind, WindowGpu};
use egui_tiles::Tree;
use std::sync::Arc;

/// Everything of an app that the next window goes on with.
pub struct Carried {
    run: Option<Arc<RunContents>>,
    slices: Vec<Slice>,
    selected: Option<Item>,
    selection: SelectionState,
    jobs: Jobs,
    exploring: Exploring,
    log: Log,
    draft: RunConfig,
    layout: Layout,
    tree: Tree<ViewKind>,
    looks: ViewLooks,
    focused: ViewKind,
}

impl App {
    /// Takes out what outlives this window; the app is empty afterwards.
    pub(crate) fn carry(&mut self) -> Carried {
        Carried {
            run: self.run.take(),
            slices: std::mem::take(&mut self.slices),
            selected: self.selection.selected.take(),
            selection: std::mem::take(&mut self.selection),
            jobs: std::mem::take(&mut self.jobs),
            exploring: std::mem::take(&mut self.exploring),
            log: std::mem::take(&mut self.log),
            draft: self.draft.clone(),
            layout: self.layout.clone(),
            tree: self.tree.clone(),
            looks: looks_of(&mut self.views),
            focused: self.focused,
        }
    }

    /// The app in a new window, as it was in the lost one, with a word about it.
    pub(crate) fn again(
        ctx: &egui::Context,
        services: Services,
        gpu: Option<WindowGpu>,
        carried: Carried,
    ) -> Self {
        // The layout on disk still says "in session", which is no crash of the last session but this one.
        let mut app = Self::new(ctx, Services { config_dir: None, ..services.clone() }, gpu);
        app.services = services;
        app.layout = carried.layout;
        app.tree = carried.tree;
        ctx.set_theme(if app.layout.dark { egui::Theme::Dark } else { egui::Theme::Light });
        ctx.set_zoom_factor(app.layout.ui_scale);
        for (kind, look) in &carried.looks {
            if let Some(view) = app.views.get(*kind) {
                view.set_look(look);
            }
        }
        app.data_words = crate::window::app::data_words(carried.run.as_deref());
        app.run = carried.run;
        app.run_version += 1;
        app.new_ground = true;
        app.slices = carried.slices;
        app.selection = SelectionState { selected: carried.selected, ..carried.selection };
        app.jobs = carried.jobs;
        app.exploring = carried.exploring;
        app.log = carried.log;
        app.draft = carried.draft;
        app.focused = carried.focused;
        let device = Some(("Device", Command::Show(ViewKind::Device)));
        let detail = "The graphics device was lost or a view had a fault; nothing in it is lost, a running job went on";
        app.trouble(Kind::DeviceLost, "The window had to open again.", detail, device);
        app
    }
}
