//! `gapfield shot`: a picture of a view of the window, drawn offscreen by the window's own code.

use super::args::{Above, Common, ShotArgs, Theme};
use crate::run::contents::RunContents;
use crate::window::command::Command;
use crate::window::services::Services;
use crate::window::shot::{ShotSpec, shot};
use crate::window::tour;
use crate::window::view::ViewKind;
use anyhow::{Context, bail};

pub(super) fn execute(args: ShotArgs, common: &Common) -> anyhow::Result<()> {
    let (view, panel_only) = match args.panel.strip_suffix("-only") {
        Some(name) => (ViewKind::from_name(name), true),
        None => (ViewKind::from_name(&args.panel), false),
    };
    let Some(view) = view else {
        let known: Vec<String> = ViewKind::ALL.iter().map(|v| v.title().to_lowercase()).collect();
        bail!("there is no panel \"{}\"; choose one of {}", args.panel, known.join(", "));
    };
    let is = |wanted: &str| args.out.extension().is_some_and(|e| e.eq_ignore_ascii_case(wanted));
    if !is("png") && !is("gif") {
        bail!("the picture's name must end in .png, or in .gif for a film: {}", args.out.display());
    }
    let run = args.run.as_deref().map(RunContents::load).transpose()?;
    let spec = ShotSpec {
        view,
        panel_only,
        size_px: [args.px.0 as u32, args.px.1 as u32],
        dark: args.theme == Theme::Dark,
        ui_scale: args.scale,
        commands: args.open.map(above).into_iter().collect(),
    };
    // A picture shows the machine's runs but keeps no layout.
    let services = Services { config_dir: None, ..super::open::services() };
    if is("gif") {
        let run = run.context("a film needs a run to walk through; name its folder")?;
        let steps = tour::walk(&run);
        let bytes = tour::film(services, run, &spec, &steps)?;
        crate::run::atomic::write(&args.out, &bytes)?;
        if common.json {
            println!(
                "{}",
                serde_json::json!({"file": args.out, "frames": steps.len(), "bytes": bytes.len()})
            );
        } else if !common.quiet {
            println!("{}  {} kB", args.out.display(), bytes.len().div_ceil(1000));
        }
        return Ok(());
    }
    let image = shot(services, run, &spec)?;
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).context("the picture could not be encoded")?;
    crate::run::atomic::write(&args.out, bytes.get_ref())?;
    if common.json {
        println!(
            "{}",
            serde_json::json!({"file": args.out, "width": image.width(), "height": image.height()})
        );
    } else if !common.quiet {
        println!("{}", args.out.display());
    }
    Ok(())
}

fn above(above: Above) -> Command {
    match above {
        Above::Figure => Command::ExportFigure(String::new()),
        Above::Palette => Command::TogglePalette,
        Above::Help => Command::ToggleHelp,
        Above::Log => Command::ToggleLog,
    }
}
