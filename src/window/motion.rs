//! Less motion: the window's own setting, or what the operating system asks for.

use super::app::App;
use super::theme;
use crate::window::command::Severity;

impl App {
    /// Asks the operating system, on a thread: it may have to start a program to say.
    pub(super) fn ask_for_motion(&mut self, ctx: &egui::Context) {
        let ask = self.services.reduced_motion;
        if let Err(error) = self.asking_motion.start("ask for motion", ctx, ask) {
            self.log.push(Severity::Error, format!("the system was not asked about motion: {error}"));
        }
    }

    /// Takes the answer in when it is there.
    pub(super) fn hear_of_motion(&mut self, ctx: &egui::Context) {
        if self.asking_motion.poll() == Some(true) {
            self.os_reduces_motion = true;
            self.apply_motion(ctx);
        }
    }

    /// Turns animations on or off; either wish for less is enough.
    pub(super) fn apply_motion(&self, ctx: &egui::Context) {
        theme::set_motion(ctx, !self.layout.reduced_motion && !self.os_reduces_motion);
    }
}
