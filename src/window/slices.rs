//! Named slices in the window: kept, renamed, removed, and written into the run folder on a thread of their own.

use crate::core::item::Item;
use crate::run::export::{self, Format};
use crate::run::slices::{self, Slice as Kept};
use crate::window::app::{App, Slice};
use crate::window::command::Command;
use crate::window::dialogs::Question;
use crate::window::format;
use crate::window::trouble::Kind;
use crate::window::widgets::toast;
use std::path::{Path, PathBuf};
use std::sync::Arc;

impl App {
    /// Keeps the brushed rows under a name, made unique.
    pub(crate) fn keep_slice(&mut self, ctx: &egui::Context, name: &str) {
        if self.selection.brushed.is_empty() {
            self.tell("Nothing to keep", "brush some rows in any view first");
            return;
        }
        let taken: Vec<&str> = self.slices.iter().map(|s| s.name.as_str()).collect();
        let name = slices::free_name(name, &taken);
        let rows = self.selection.brushed.clone();
        let n = format::counted(rows.len(), "turn", "turns");
        self.slices.push(Slice { name: name.clone(), rows });
        self.selection.selected = Some(Item::Slice(name.clone()));
        self.commands.push(toast::done(format!("{name} kept"), n));
        self.save_slices(ctx);
    }

    pub(crate) fn rename_slice(&mut self, ctx: &egui::Context, from: &str, to: &str) {
        let others: Vec<&str> = self.slices.iter().map(|s| s.name.as_str()).filter(|n| *n != from).collect();
        let name = slices::free_name(to, &others);
        let Some(slice) = self.slices.iter_mut().find(|s| s.name == from) else { return };
        slice.name.clone_from(&name);
        if self.selection.selected == Some(Item::Slice(from.to_owned())) {
            self.selection.selected = Some(Item::Slice(name));
        }
        self.save_slices(ctx);
    }

    /// Removes a slice; the toast can bring it back.
    pub(crate) fn remove_slice(&mut self, ctx: &egui::Context, name: &str) {
        let Some(at) = self.slices.iter().position(|s| s.name == name) else { return };
        let slice = self.slices.remove(at);
        if self.selection.selected == Some(Item::Slice(name.to_owned())) {
            self.selection.selected = None;
        }
        let back = Command::RestoreSlice(slice.name.clone(), slice.rows);
        self.commands.push(Command::Toast(crate::window::command::Toast {
            severity: crate::window::command::Severity::Info,
            what: format!("{name} removed"),
            detail: String::new(),
            action: Some(("Bring back".to_owned(), Box::new(back))),
        }));
        self.save_slices(ctx);
    }

    pub(crate) fn restore_slice(&mut self, ctx: &egui::Context, name: &str, rows: Vec<usize>) {
        let taken: Vec<&str> = self.slices.iter().map(|s| s.name.as_str()).collect();
        let name = slices::free_name(name, &taken);
        self.slices.push(Slice { name, rows });
        self.save_slices(ctx);
    }

    /// Writes the slices into the run folder, one writer at a time.
    pub(crate) fn save_slices(&mut self, ctx: &egui::Context) {
        if self.saving_slices.is_running() {
            self.slices_unsaved = true;
            return;
        }
        self.slices_unsaved = false;
        let Some(run) = &self.run else { return };
        let kept: Vec<Kept> = self.slices.iter().map(|s| Kept::of_rows(&s.name, run, &s.rows)).collect();
        let folder = run.folder.clone();
        let work = move || slices::write(&folder, &kept).map_err(|e| e.to_string());
        if let Err(error) = self.saving_slices.start("save slices", ctx, work) {
            self.slices_were_saved(ctx, Err(error.to_string()));
        }
    }

    pub(crate) fn slices_were_saved(&mut self, ctx: &egui::Context, result: Result<(), String>) {
        match result {
            Ok(()) => self.trouble_is_over(Kind::NotSaved),
            Err(error) => self.trouble(
                Kind::NotSaved,
                "The slices are kept only until the window closes.",
                &error,
                Some(("Save again", Command::SaveSlices)),
            ),
        }
        if self.slices_unsaved {
            self.save_slices(ctx);
        }
    }

    /// The rows that are selected together, and what they are called; `None` when nothing is.
    pub(crate) fn selected_rows(&self) -> Option<(String, Vec<usize>)> {
        let run = self.run.as_ref()?;
        let known = |rows: Vec<usize>| rows.into_iter().filter(|r| *r < run.turns.len()).collect::<Vec<_>>();
        let (name, rows) = match &self.selection.selected {
            Some(Item::Slice(name)) => {
                (name.clone(), self.slices.iter().find(|s| s.name == *name)?.rows.clone())
            }
            Some(Item::Turns(rows)) => ("selection".to_owned(), rows.clone()),
            Some(Item::Bar(bar)) => {
                let cycle = run.cycles.iter().find(|c| c.bar == *bar)?;
                let mut rows: Vec<usize> = cycle.vertices.iter().map(|v| *v as usize).collect();
                rows.sort_unstable();
                rows.dedup();
                (format!("bar-{bar}"), rows)
            }
            _ if !self.selection.brushed.is_empty() => ("brushed".to_owned(), self.selection.brushed.clone()),
            Some(Item::Turn(row)) => (run.turns.get(*row)?.turn_id.clone(), vec![*row]),
            _ => return None,
        };
        Some((name, known(rows))).filter(|(_, rows)| !rows.is_empty())
    }

    pub(crate) fn export_selection(&mut self, ctx: &egui::Context) {
        match self.selected_rows() {
            Some((name, rows)) => self.ask(ctx, Question::Rows(name, Arc::new(rows))),
            None => self.tell("Nothing is selected", "brush rows, or select a turn, a bar or a slice first"),
        }
    }

    pub(crate) fn write_rows_later(&mut self, ctx: &egui::Context, rows: Arc<Vec<usize>>, path: PathBuf) {
        let Some(run) = self.run.clone() else { return };
        let work = move || {
            let result = write_rows(&run, &rows, &path);
            (path, result)
        };
        if let Err(error) = self.exporting.start("write rows", ctx, work) {
            self.fail("The turns were not written", &error.to_string(), None);
        }
    }
}

fn write_rows(run: &crate::run::contents::RunContents, rows: &[usize], path: &Path) -> anyhow::Result<()> {
    let format = Format::of_path(path).ok_or_else(|| {
        anyhow::anyhow!(
            "the file's name must end in .csv, .jsonl, .parquet or .txt (ids): {}",
            path.display()
        )
    })?;
    crate::run::atomic::write(path, &export::selection(run, rows, format)?)?;
    Ok(())
}
