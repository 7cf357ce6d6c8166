//! `gapfield figure RUN --kind KIND --out FILE`: a figure as PNG, SVG, GIF or APNG.

use super::args::{Common, FigureArgs, Theme};
use crate::figure::spec::{FigureSpec, Kind, Size};
use crate::figure::{Format, render, spec};
use crate::job::JobContext;
use crate::pipeline::projection::with_projection;
use crate::run::contents::RunContents;
use crate::run::export::parse_rows;
use crate::run::projection::{Method, Source};
use anyhow::{Context, anyhow};

pub(super) fn execute(args: &FigureArgs, common: &Common) -> anyhow::Result<()> {
    let format = Format::of_path(&args.out).with_context(|| {
        format!("the figure's name must end in .png, .svg, .gif or .apng: {}", args.out.display())
    })?;
    let spec = asked(args)?;
    let mut run = RunContents::load(&args.run)?;
    if spec.kind == Kind::Projection {
        run = with_projection(run, spec.projection, &JobContext::detached())?;
    }
    let spec = FigureSpec { rows: rows(args, &run, spec.rows.clone())?, ..spec };
    let bytes = render(&run, &spec, format)?;
    crate::run::atomic::write(&args.out, &bytes)?;
    if common.json {
        println!("{}", serde_json::json!({"file": args.out, "bytes": bytes.len()}));
    } else if !common.quiet {
        println!("{}  {} kB", args.out.display(), bytes.len().div_ceil(1000));
    }
    Ok(())
}

/// The spec as the file and the options together ask for it.
fn asked(args: &FigureArgs) -> anyhow::Result<FigureSpec> {
    let mut spec = match &args.spec {
        Some(path) => {
            let text =
                std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
            serde_json::from_str(&text).with_context(|| {
                format!("this is no figure's spec, take one that a figure carries: {}", path.display())
            })?
        }
        None => FigureSpec::default(),
    };
    if let Some(name) = &args.kind {
        spec.kind = Kind::from_name(name).with_context(|| {
            let known: Vec<&str> = Kind::ALL.iter().map(|k| k.name()).collect();
            format!("there is no figure of kind \"{name}\"; choose one of {}", known.join(", "))
        })?;
    }
    spec.size = match (args.px, args.size_mm, spec.size) {
        (Some((w, h)), ..) => Size::Px { width: w as u32, height: h as u32 },
        (None, Some((width, height)), _) => {
            Size::Mm { width, height: Some(height), dpi: args.dpi.unwrap_or(300.0) }
        }
        (None, None, Size::Mm { width, height, dpi }) => {
            Size::Mm { width, height, dpi: args.dpi.unwrap_or(dpi) }
        }
        (None, None, px @ Size::Px { .. }) => px,
    };
    match args.theme {
        Some(Theme::Dark) => spec.theme = spec::Theme::Dark,
        Some(Theme::Light) => spec.theme = spec::Theme::Light,
        None => {}
    }
    let words = [
        (&args.order, &mut spec.order),
        (&args.panels, &mut spec.panels),
        (&args.palette, &mut spec.palette),
        (&args.palette_delta, &mut spec.palette_delta),
        (&args.title, &mut spec.title),
        (&args.dimension, &mut spec.dimension),
        (&args.color, &mut spec.color),
    ];
    for (given, field) in words {
        if let Some(given) = given {
            field.clone_from(given);
        }
    }
    if let Some(name) = &args.source {
        spec.projection.source = Source::from_name(name).with_context(|| {
            format!("\"{name}\" cannot be projected; choose one of D, A, B, goals, answers")
        })?;
    }
    if let Some(name) = &args.method {
        spec.projection.method = Method::from_name(name)
            .with_context(|| format!("there is no method \"{name}\"; choose umap or pca"))?;
    }
    if !args.columns.is_empty() {
        spec.columns.clone_from(&args.columns);
    }
    spec.font_pt = args.font_pt.unwrap_or(spec.font_pt);
    spec.legend &= !args.no_legend;
    spec.caption &= !args.no_caption;
    spec.frames.window = args.window.unwrap_or(spec.frames.window);
    spec.frames.step = args.step.unwrap_or(spec.frames.step);
    Ok(spec)
}

fn rows(args: &FigureArgs, run: &RunContents, of_spec: Vec<usize>) -> anyhow::Result<Vec<usize>> {
    if let Some(name) = &args.slice {
        let slice = run.slices.iter().find(|s| s.name == *name);
        return Ok(slice.with_context(|| super::export::no_slice(run, name))?.rows(run));
    }
    match &args.rows {
        Some(text) => parse_rows(text, run.turns.len()).map_err(|e| anyhow!(e)),
        None => Ok(of_spec),
    }
}
