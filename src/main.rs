//! Arguments become a command or a window, nothing else.

use clap::Parser;
use gapfield::cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = cli::Args::parse();
    cli::logging(args.common.quiet);
    if !cli::environment() {
        return ExitCode::FAILURE;
    }
    match args.command {
        Some(command) => cli::execute(command, &args.common),
        None => cli::open_window(args.paths, &args.common),
    }
}
