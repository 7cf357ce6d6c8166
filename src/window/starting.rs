//! The main job from the window: starting it, going on with it, and what its end changes.

use crate::job::JobHandle;
use crate::run::config::RunConfig;
use crate::window::app::App;
use crate::window::command::{Command, Severity, Toast};
use crate::window::jobs::Ended;
use crate::window::trouble::Kind;
use crate::window::view::ViewKind;
use crate::window::widgets::toast;
use std::path::PathBuf;

impl App {
    pub(super) fn start_run(&mut self, config: RunConfig) {
        if self.jobs.is_running() {
            self.fail("A job is running", "stop it or wait for its end", None);
            return;
        }
        let folder = self.services.runs_dir.join(folder_name(&config.title));
        let (start, title, out) = (self.services.start_run, config.title.clone(), folder.clone());
        self.begin_job(JobHandle::spawn("run", move |ctx| start(config, out, ctx)), title, folder);
    }

    pub(super) fn resume_run(&mut self, folder: PathBuf) {
        if self.jobs.is_running() {
            self.fail("A job is running", "stop it or wait for its end", None);
            return;
        }
        let (resume, path) = (self.services.resume_run, folder.clone());
        let title = self.library.runs.iter().find(|r| r.folder == folder).map_or_else(
            || folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
            |r| r.title.clone(),
        );
        self.begin_job(JobHandle::spawn("run", move |ctx| resume(&path, ctx)), title, folder);
    }

    fn begin_job(&mut self, handle: std::io::Result<JobHandle<PathBuf>>, title: String, folder: PathBuf) {
        match handle {
            Ok(handle) => {
                self.trouble_is_over(Kind::JobFailed);
                self.log.push(Severity::Info, format!("{title} started"));
                self.jobs.begin(handle, title, folder);
                self.train_page = None;
                self.show_view(ViewKind::Train);
            }
            Err(error) => self.fail("The run did not start", &error.to_string(), None),
        }
    }

    pub(crate) fn job_ended(&mut self, ctx: &egui::Context, ended: Ended) {
        self.rescan(ctx);
        match ended {
            Ended::Done(folder) => {
                let took = self.jobs.status.ended.clone().unwrap_or_default();
                self.commands.push(toast::done(format!("{} is there", self.jobs.status.title), took));
                self.commands.push(Command::OpenRun(folder));
                self.commands.push(Command::Show(ViewKind::Field));
            }
            Ended::Cancelled(folder) => {
                let action = Some(("Resume".to_owned(), Box::new(Command::ResumeRun(folder))));
                self.commands.push(Command::Toast(Toast {
                    severity: Severity::Info,
                    what: format!("{} stopped", self.jobs.status.title),
                    detail: "nothing was lost".to_owned(),
                    action,
                }));
            }
            Ended::Failed(folder, sentence) => {
                let action = folder.join("manifest.json").is_file().then_some(Command::ResumeRun(folder));
                self.trouble(Kind::JobFailed, "The run failed.", &sentence, action.map(|c| ("Resume", c)));
            }
        }
    }
}

/// A folder name from a title and the time, in small letters.
fn folder_name(title: &str) -> String {
    let slug: String =
        title.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let slug = slug.split('-').filter(|p| !p.is_empty()).collect::<Vec<_>>().join("-");
    let seconds =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_secs());
    format!("{}-{seconds:x}", if slug.is_empty() { "run" } else { &slug })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_names_are_plain() {
        let name = folder_name("Deep / and  tiny: ü");
        assert!(name.starts_with("deep-and-tiny-"), "{name}");
        assert!(folder_name("///").starts_with("run-"));
    }
}
