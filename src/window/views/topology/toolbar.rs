//! The choices above the Topology view.

use super::plots::Curve;
use super::{BandChoice, TopologyView, choose, claim};
use crate::window::command::Command;
use crate::window::theme::{self, font};
use crate::window::view::ViewContext;
use crate::window::widgets::progress::{ProgressState, progress_bar};
use crate::window::widgets::{self, IconButton, choice, choice_row, segmented};
use egui::Ui;

impl TopologyView {
    /// Draws them.
    pub(super) fn toolbar(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        let has = self.prepared.is_some();
        let running = context.exploring.running;
        let figure = match (self.as_table, self.curve) {
            (true, _) | (_, Curve::Betti) => "barcode",
            (_, Curve::Landscape) => "landscape",
            (_, Curve::Image) => "persistence-image",
        };
        // The toolbar borrows the queue of wishes while the form has wishes of its own.
        let mut commands = std::mem::take(context.commands);
        let progress = context.exploring.progress.clone();
        widgets::toolbar(
            ui,
            &mut commands,
            has.then_some(figure),
            |ui, _| self.left(ui, context),
            |ui, commands| {
                if !running {
                    return;
                }
                if ui.add(IconButton::new("x", "Stop computing")).clicked() {
                    commands.push(Command::StopExploring);
                }
                let share = progress.as_ref().filter(|p| p.total > 0).map(|p| p.done as f32 / p.total as f32);
                progress_bar(ui, 90.0, share, ProgressState::Running);
                let words =
                    progress.map_or_else(String::new, |p| format!("{} of {} {}", p.done, p.total, p.unit));
                let t = theme::of(ui);
                ui.label(egui::RichText::new(words).font(font::small()).color(t.text_subdued));
            },
        );
        for wish in commands.drain() {
            context.commands.push(wish);
        }
    }

    fn left(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        let Some(prepared) = self.prepared.as_ref() else { return };
        let room = ui.available_width();
        let tests = claim::tests(&prepared.run);
        choose::choose_ui(ui, context, &mut self.form, prepared);
        let max_dim = prepared.max_dim.max(1);
        if max_dim > 1 || room > 700.0 {
            choice(ui, "Up to", &format!("H{}", self.up_to.min(max_dim)), |ui| {
                for dim in 0..=max_dim {
                    if choice_row(ui, self.up_to == dim, &format!("H{dim}")).clicked() {
                        self.up_to = dim;
                    }
                }
            });
        }
        if let Some(now) = tests.get(self.test) {
            let short =
                if room < 900.0 { if self.test == 0 { "primary" } else { "secondary" } } else { &now.short };
            choice(ui, "Test", short, |ui| {
                for (i, test) in tests.iter().enumerate() {
                    if choice_row(ui, self.test == i, &test.menu).clicked() {
                        self.test = i;
                    }
                }
            });
        }
        segmented(ui, &mut self.as_table, &[(false, "Barcode"), (true, "Table")]);
        let options = [(Curve::Betti, "Betti"), (Curve::Landscape, "Landscape"), (Curve::Image, "Image")];
        if room > 860.0 {
            segmented(ui, &mut self.curve, &options);
        } else {
            let now = options.iter().find(|(c, _)| *c == self.curve).map_or("", |(_, words)| words);
            choice(ui, "", now, |ui| {
                for (curve, words) in options {
                    if choice_row(ui, self.curve == curve, words).clicked() {
                        self.curve = curve;
                    }
                }
            });
        }
        if prepared.has_confidence && room > 1040.0 {
            let options = [(BandChoice::Null, "Null band"), (BandChoice::Confidence, "Confidence band")];
            segmented(ui, &mut self.band, &options);
        }
    }
}
