//! The command line: the same jobs as the window, one file a command.

mod args;
mod device;
mod figure;
mod printer;
mod run;
mod samples;
mod shot;
mod topology;
mod verify;

pub use args::{Args, Command};

use std::process::ExitCode;

/// Runs one command and turns its outcome into the exit status: 0 done, 1 failed, 130 cancelled (2, wrong usage, is
/// decided while parsing).
pub fn execute(command: Command, options: &args::Common) -> ExitCode {
    let outcome = match command {
        Command::Run(args) => run::execute(args, options),
        Command::Figure(args) => figure::execute(args, options),
        Command::Shot(args) => shot::execute(args, options),
        Command::Verify(args) => verify::execute(&args, options),
        Command::Device => device::execute(options),
        Command::Topology(args) => topology::execute(&args, options),
        Command::Samples(args) => samples::execute(&args, options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if error.chain().any(|e| e.is::<crate::job::Cancelled>()) {
                eprintln!("gapfield: {error:#}");
                return ExitCode::from(130);
            }
            eprintln!("gapfield: {}", sentence(&error));
            ExitCode::from(1)
        }
    }
}

/// The whole chain of an error as one line.
fn sentence(error: &anyhow::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in error.chain() {
        let text = cause.to_string().replace('\n', " ");
        if !parts.iter().any(|p| p.contains(&text)) {
            parts.push(text);
        }
    }
    parts.join(": ")
}
