//! `gapfield figure RUN --kind KIND --out FILE`: a figure as PNG, SVG or GIF.

use super::args::{Common, FigureArgs, Theme};
use crate::figure::spec::{FigureSpec, Kind, Size};
use crate::figure::{Format, render, spec};
use crate::run::contents::RunContents;
use anyhow::Context;

pub(super) fn execute(args: FigureArgs, common: &Common) -> anyhow::Result<()> {
    let kind = Kind::from_name(&args.kind).with_context(|| {
        let known: Vec<&str> = Kind::ALL.iter().map(|k| k.name()).collect();
        format!("there is no figure of kind \"{}\"; choose one of {}", args.kind, known.join(", "))
    })?;
    let format = Format::of_path(&args.out).with_context(|| {
        format!("the figure's name must end in .png, .svg or .gif: {}", args.out.display())
    })?;
    let size = match (args.px, args.size_mm) {
        (Some((w, h)), _) => Size::Px { width: w as u32, height: h as u32 },
        (None, Some((w, h))) => Size::Mm { width: w, height: Some(h), dpi: args.dpi },
        (None, None) => Size::Mm { width: 170.0, height: None, dpi: args.dpi },
    };
    let theme = match args.theme {
        Theme::Dark => spec::Theme::Dark,
        Theme::Light => spec::Theme::Light,
    };
    let run = RunContents::load(&args.run)?;
    let bytes = render(&run, &FigureSpec { size, theme, ..FigureSpec::of(kind) }, format)?;
    crate::run::atomic::write(&args.out, &bytes)?;
    if common.json {
        println!("{}", serde_json::json!({"file": args.out, "bytes": bytes.len()}));
    } else if !common.quiet {
        println!("{}  {} kB", args.out.display(), bytes.len().div_ceil(1000));
    }
    Ok(())
}
