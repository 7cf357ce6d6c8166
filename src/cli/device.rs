//! `gapfield device`: adapters found, the one chosen and why.

use super::args::Common;
use crate::nn::device::{Request, adapters, choose};
use serde_json::json;

pub(super) fn execute(common: &Common) -> anyhow::Result<()> {
    let found = adapters();
    let choice = choose(Request::from_env()?)?;
    let machine = crate::run::machine::Machine::detect();
    if common.json {
        println!(
            "{}",
            serde_json::to_string_pretty(&json!({"adapters": found, "choice": choice, "machine": machine}))?
        );
        return Ok(());
    }
    println!("chosen    {} ({:?}): {}", choice.name, choice.backend, choice.reason);
    println!("machine   {} threads, {} MB memory", choice.threads, machine.memory / 1_000_000);
    for a in &found {
        let kind = if a.is_software { "software renderer" } else { a.kind.as_str() };
        println!(
            "adapter   {}, {kind}, {}, {}, largest binding {} MB",
            a.name,
            a.api,
            a.driver,
            a.max_binding_bytes / 1_000_000
        );
    }
    if found.is_empty() {
        println!("adapter   none found; a window needs one (on Debian: mesa-vulkan-drivers)");
    }
    Ok(())
}
