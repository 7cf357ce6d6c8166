//! Native file dialogs, asked on a thread of their own; the window goes on drawing behind them.

use crate::window::background::Background;
use crate::window::command::{Command, Severity, Toast};
use egui::Context;
use std::path::PathBuf;

/// What the user is asked for.
#[derive(Clone, Debug)]
pub enum Question {
    /// A run folder.
    Run,
    /// A turns table.
    Turns,
    /// Weights for mind A (0) or B (1): a folder, or else a file.
    Weights(usize, bool),
    /// Where to write a figure of this kind.
    Figure(String),
    /// Where to write the report.
    Report,
    /// Where to write these rows, and what they are called.
    Rows(String, std::sync::Arc<Vec<usize>>),
}

/// The dialog that is open, if any.
#[derive(Default)]
pub struct Dialogs(Background<Option<(Question, PathBuf)>>);

impl Dialogs {
    /// Opens the dialog; a toast when there is no thread for it.
    pub fn ask(&mut self, ctx: &Context, question: Question) -> Option<Command> {
        let work = move || pollster::block_on(answer(&question)).map(|path| (question, path));
        match self.0.start("file dialog", ctx, work) {
            Ok(()) => None,
            Err(error) => Some(Command::Toast(Toast {
                severity: Severity::Error,
                what: "No file dialog".to_owned(),
                detail: error.to_string(),
                action: None,
            })),
        }
    }

    /// The answer, once; nothing when the user cancelled.
    pub fn poll(&mut self) -> Option<(Question, PathBuf)> {
        self.0.poll().flatten()
    }
}

async fn answer(question: &Question) -> Option<PathBuf> {
    let dialog = rfd::AsyncFileDialog::new();
    let file = match question {
        Question::Run => dialog.set_title("Open a run").pick_folder().await,
        Question::Turns => {
            let dialog = dialog.set_title("Import turns");
            dialog.add_filter("Turns", &["jsonl", "json", "csv", "tsv", "parquet"]).pick_file().await
        }
        Question::Weights(_, true) => dialog.set_title("Weights: a run or a folder").pick_folder().await,
        Question::Weights(_, false) => {
            let dialog = dialog.set_title("Weights for all dimensions");
            dialog.add_filter("Weights", &["safetensors", "pt", "pth"]).pick_file().await
        }
        Question::Figure(kind) => {
            let dialog = dialog.set_title("Export figure").set_file_name(format!("{kind}.png"));
            dialog.add_filter("Figure", &["png", "svg", "gif", "apng"]).save_file().await
        }
        Question::Report => {
            let dialog = dialog.set_title("Export report").set_file_name("report.html");
            dialog.add_filter("Web page", &["html"]).add_filter("Markdown", &["md"]).save_file().await
        }
        Question::Rows(name, _) => {
            let dialog = dialog.set_title("Export selection").set_file_name(format!("{}.csv", plain(name)));
            let dialog = dialog.add_filter("CSV", &["csv"]).add_filter("JSON lines", &["jsonl"]);
            dialog.add_filter("Parquet", &["parquet"]).add_filter("Ids", &["txt"]).save_file().await
        }
    };
    file.map(|f| f.path().to_owned())
}

/// A name as part of a file name.
fn plain(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '-' }).collect();
    if plain.is_empty() { "turns".to_owned() } else { plain }
}
