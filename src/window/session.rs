//! The session: what is written between frames and at the end, and how often a frame is due.

use crate::window::app::App;
use crate::window::command::Severity;
use std::time::Duration;

impl App {
    /// How soon to draw again while a job runs. A software renderer draws on the cores that the job computes on, so
    /// it draws once a second; a window nobody sees only takes in what the job tells.
    pub(crate) fn pace(&self, ctx: &egui::Context) -> Duration {
        let seen = ctx.input(|i| {
            let viewport = i.viewport();
            viewport.minimized != Some(true) && viewport.occluded != Some(true)
        });
        match (seen, self.gpu.as_ref().is_some_and(|g| g.is_software())) {
            (false, _) => Duration::from_secs(2),
            (true, true) => Duration::from_secs(1),
            (true, false) => Duration::from_millis(120),
        }
    }

    /// Writes the layout, when it is kept at all.
    pub(crate) fn save_layout(&mut self) {
        self.layout.tabs = (self.layout.tabs.is_some() || self.run.is_some()).then(|| self.tree.clone());
        self.layout.views = crate::window::look::looks_of(&mut self.views);
        if let Some(folder) = self.services.config_dir.clone()
            && let Err(error) = self.layout.write(&folder)
        {
            self.log.push(Severity::Warning, format!("the layout was not saved: {error}"));
        }
    }

    /// The session ends well: remembers that.
    pub fn close(&mut self) {
        self.jobs.cancel();
        self.exploring.cancel();
        self.layout.in_session = false;
        self.save_layout();
    }
}
