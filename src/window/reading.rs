//! What the window has read on threads of its own: runs, tables, devices; asked for here, and taken in before each frame.

use crate::window::app::{App, dropped};
use crate::window::command::Severity;
use crate::window::library::{self, Library};
use crate::window::services::{self, DeviceReport};
use std::path::PathBuf;
use std::sync::Arc;

impl App {
    /// Reads the list of runs again, on a thread.
    pub(crate) fn rescan(&mut self, ctx: &egui::Context) {
        let load = self.services.load_run;
        let roots = vec![self.services.runs_dir.clone()];
        let extra = self.layout.recent.clone();
        let samples = self.services.samples_dir.clone();
        let work = move || {
            let samples: Vec<PathBuf> = samples.into_iter().collect();
            let mut samples = library::scan(load, &samples, &[]);
            library::sort_samples(&mut samples);
            (library::scan(load, &roots, &extra), samples)
        };
        match self.scan.start("list runs", ctx, work) {
            Ok(()) => self.library.scanning = true,
            Err(error) => self.log.push(Severity::Error, format!("the list of runs was not read: {error}")),
        }
    }

    /// Reads the run that the job makes as far as it is there: splits, labels and config are shown while it trains.
    fn read_job(&mut self, ctx: &egui::Context) {
        let (load, folder) = (self.services.load_run, self.jobs.folder.clone());
        if let Err(error) = self.reading_job.start("read job", ctx, move || load(&folder)) {
            self.log.push(Severity::Warning, format!("the run under way was not read: {error}"));
        }
    }

    /// Counts the bundled corpus, which is what a new run reads until a file is chosen.
    pub(crate) fn count_bundled(&mut self, ctx: &egui::Context) {
        let count = self.services.preview_bundled;
        self.bundled = true;
        if let Err(error) = self.preview.start("count corpus", ctx, count) {
            self.log.push(Severity::Error, format!("the bundled corpus was not counted: {error}"));
        }
    }

    pub(super) fn probe_devices(&mut self, ctx: &egui::Context) {
        let probe = self.services.devices;
        if let Err(error) = self.probing.start("probe devices", ctx, probe) {
            self.log.push(Severity::Error, format!("devices were not probed: {error}"));
        }
    }

    /// Puts the outcome of background work where views see it. Runs before each frame, also while the window is hidden.
    pub fn logic(&mut self, ctx: &egui::Context) {
        if let Some((folder, result)) = self.reading.poll() {
            self.run_was_read(&folder, result);
        }
        if let Some((runs, samples)) = self.scan.poll() {
            self.library = Library { runs, samples, scanning: false, version: self.library.version + 1 };
        }
        if let Some(result) = self.preview.poll() {
            self.turns_were_previewed(ctx, result);
        }
        if let Some(report) = self.probing.poll() {
            let window = self.gpu.as_ref().map(|g| services::describe(&g.render_state.adapter));
            self.devices = Some(DeviceReport { window: report.window.clone().or(window), ..report });
        }
        self.hear_of_motion(ctx);
        if let Some((path, result)) = self.exporting.poll() {
            self.figure_was_written(&path, result);
        }
        if let Some(found) = self.finding.poll() {
            self.figure_was_found(found);
        }
        if let Some(result) = self.saving_slices.poll() {
            self.slices_were_saved(ctx, result);
        }
        if let Some((question, path)) = self.dialogs.poll() {
            self.question_was_answered(ctx, question, path);
        }
        if let Some(ended) = self.jobs.poll(&mut self.log) {
            self.job_ended(ctx, ended);
        }
        if let Some(outcome) = self.exploring.poll() {
            self.explored(outcome);
        }
        self.watch_folder(ctx);
        if self.projections.poll() {
            ctx.request_repaint_after(std::time::Duration::from_millis(60));
        }
        let fresh = self.projections.take_fresh();
        if let Some(run) = self.run.as_mut().filter(|_| !fresh.is_empty()) {
            // Figures are drawn of what the run holds; nothing that is shown depends on these, so its version stays.
            Arc::make_mut(run).projections.extend(fresh);
            ctx.request_repaint();
        }
        let stages = self.jobs.status.stages.len();
        if self.jobs.is_running() && stages > 0 && self.stages_seen == 0 {
            // The first stage is done, so the folder can be listed as a run that is being made.
            self.rescan(ctx);
        }
        if self.jobs.is_running() && stages > self.stages_seen {
            self.read_job(ctx);
        }
        if let Some(Ok(run)) = self.reading_job.poll() {
            self.jobs.status.run = Some(Arc::new(run));
        }
        self.stages_seen = stages;
        if self.jobs.is_running() || self.exploring.is_running() {
            ctx.request_repaint_after(self.pace(ctx));
        }
        let dropped_paths: Vec<PathBuf> =
            ctx.input(|i| i.raw.dropped_files.iter().map(|f| f.path().to_owned()).collect());
        for path in dropped_paths.iter().filter(|p| !p.as_os_str().is_empty()) {
            self.commands.push(dropped(path));
        }
    }
}
