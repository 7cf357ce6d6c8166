//! The command line: the same jobs as the window, one file a command.

mod args;
mod checkpoint;
mod compare;
mod device;
mod export;
mod figure;
mod motion;
mod open;
mod printer;
mod project;
mod run;
mod samples;
mod shot;
mod slice;
mod topology;
mod train;
mod train_table;
mod verify;

pub use args::{Args, Command, Common};
pub use open::open_window;

use crate::job::{CancelToken, Cancelled};
use std::process::ExitCode;

/// Runs one command and turns its outcome into the exit status: 0 done, 1 failed, 130 cancelled (2, wrong usage, is
/// decided while parsing).
pub fn execute(command: Command, common: &Common) -> ExitCode {
    let outcome = match command {
        Command::Figure(args) => figure::execute(&args, common),
        Command::Verify(args) => verify::execute(&args, common),
        Command::Device => device::execute(common),
        Command::Checkpoint(args) => checkpoint::execute(&args, common),
        Command::Topology(args) => topology::execute(&args, common),
        Command::Project(args) => project::execute(args, common),
        Command::Run(args) => run::execute(args, common),
        Command::Train(args) => train::execute(*args, common),
        Command::Shot(args) => shot::execute(args, common),
        Command::Samples(args) => samples::execute(args, common),
        Command::Slice(args) => slice::execute(&args, common),
        Command::Compare(args) => compare::execute(&args, common),
        Command::Export(args) => export::execute(&args, common),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gapfield: {}", sentence(&error));
            ExitCode::from(if error.chain().any(|e| e.is::<Cancelled>()) { 130 } else { 1 })
        }
    }
}

/// Environment variables that choose among words, and the words.
const CHOICES: [(&str, &[&str]); 2] = [
    ("GAPFIELD_DISTANCES", &["auto", "cpu", "gpu"]),
    ("GAPFIELD_SIMD", &["portable", "avx2", "avx512", "matrix"]),
];

/// Says so on stderr when an environment variable holds a word that nothing knows; whether there was none.
pub fn environment() -> bool {
    for (name, words) in CHOICES {
        let Ok(value) = std::env::var(name) else { continue };
        if !value.is_empty() && !words.contains(&value.as_str()) {
            eprintln!(
                "gapfield: {name} is \"{value}\"; it may be {}, or not be set at all",
                words.join(", ")
            );
            return false;
        }
    }
    true
}

/// Warnings and errors of the libraries go to stderr; `RUST_LOG` asks for more.
pub fn logging(quiet: bool) {
    use tracing_subscriber::EnvFilter;
    let default = if quiet { "error" } else { "warn,wgpu_hal=error,wgpu_core=error" };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let _already_set =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

/// Interrupt and terminate ask the job to stop; it then leaves its run resumable.
fn cancel_on_signal(token: CancelToken) {
    if let Err(error) = ctrlc::set_handler(move || token.cancel()) {
        tracing::warn!("Ctrl+C cannot be caught ({error}); it will stop the program at once");
    }
}

/// The whole chain of an error as one line, without saying the same twice.
fn sentence(error: &anyhow::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in error.chain() {
        let text = cause.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        if !parts.iter().any(|p| p.contains(&text)) {
            parts.push(text);
        }
    }
    parts.join(": ")
}
