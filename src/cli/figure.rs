//! `gapfield figure RUN --kind KIND --out FILE`: a figure as PNG, SVG or GIF.

use super::args::{Common, FigureArgs, Theme};
use crate::figure::spec::{FigureSpec, Kind, Size};
use crate::figure::{Format, render, spec};
use crate::job::JobContext;
use crate::pipeline::projection::with_projection;
use crate::run::contents::RunContents;
use crate::run::projection::{Method, ProjectionKey, Source};
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
    let source = Source::from_name(&args.source).with_context(|| {
        format!("\"{}\" cannot be projected; choose one of D, A, B, goals, answers", args.source)
    })?;
    let method = Method::from_name(&args.method)
        .with_context(|| format!("there is no method \"{}\"; choose umap or pca", args.method))?;
    let projection = ProjectionKey { source, method };
    let mut run = RunContents::load(&args.run)?;
    if kind == Kind::Projection {
        run = with_projection(run, projection, &JobContext::detached())?;
    }
    let spec = FigureSpec {
        size,
        theme,
        projection,
        dimension: args.dimension.unwrap_or_default(),
        color: args.color.unwrap_or_default(),
        ..FigureSpec::of(kind)
    };
    let bytes = render(&run, &spec, format)?;
    crate::run::atomic::write(&args.out, &bytes)?;
    if common.json {
        println!("{}", serde_json::json!({"file": args.out, "bytes": bytes.len()}));
    } else if !common.quiet {
        println!("{}  {} kB", args.out.display(), bytes.len().div_ceil(1000));
    }
    Ok(())
}
