//! `gapfield topology --calibrate FIELDS`: does the test reject as often as it promises?

use crate::cli::args::Common;
use crate::cli::printer;
use crate::figure::kinds::p_calibration;
use crate::figure::spec::Size;
use crate::figure::writers::{scene_png, scene_svg};
use crate::figure::{FigureSpec, Kind};
use crate::job::{Cancelled, JobHandle};
use crate::pipeline::topology::Exploration;
use crate::topology::calibration::calibrate;
use crate::topology::{Hooks, TopologyError};
use anyhow::Context;
use serde_json::json;
use std::path::Path;

/// Tests the fields, writes `p-calibration.png` and `.svg` where figures are asked for, and prints the outcome.
pub(super) fn execute(
    fields: usize,
    wanted: &Exploration,
    figures: Option<&Path>,
    common: &Common,
) -> anyhow::Result<()> {
    if fields == 0 || fields > 100_000 {
        anyhow::bail!("{fields} fields calibrate nothing or never end; give --calibrate 300");
    }
    let (nulls, seed) = (wanted.nulls, wanted.seed.unwrap_or(1));
    let job = JobHandle::spawn("gapfield-calibrate", move |ctx| {
        let cancelled = || ctx.is_cancelled();
        let progress = |_: &str, done: u64, total: u64| ctx.progress("calibration", done, total, "fields");
        let hooks = Hooks { cancelled: &cancelled, progress: &progress, distances: None };
        calibrate(fields, nulls, seed, &hooks).map_err(|e| match e {
            TopologyError::Cancelled => anyhow::Error::from(Cancelled),
            other => other.into(),
        })
    })?;
    crate::cli::cancel_on_signal(job.cancel_token());
    let found = printer::follow(job, common.quiet)?;
    let mut written = Vec::new();
    if let Some(folder) = figures {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("the folder for the figures cannot be made: {}", folder.display()))?;
        let size = Size::Mm { width: 90.0, height: None, dpi: 300.0 };
        let scene = p_calibration::draw(&found, &FigureSpec { size, ..FigureSpec::of(Kind::Diagram) })?;
        let from =
            json!({"kind": "p-calibration", "fields": fields, "nulls": nulls, "seed": seed}).to_string();
        for (name, bytes) in [
            ("p-calibration.png", scene_png(&scene, &from)?),
            ("p-calibration.svg", scene_svg(&scene, &from)?),
        ] {
            let path = folder.join(name);
            crate::run::atomic::write(&path, &bytes)?;
            written.push(path);
        }
    }
    if common.json {
        println!("{}", json!({"calibration": found, "figures": written}));
        return Ok(());
    }
    println!(
        "{fields} fields without structure, {nulls} null fields each: largest distance to uniform {:.3} (95 of 100 \
         uniform samples stay below {:.3}), {:.1} % rejected at .05",
        found.ks,
        found.ks_95,
        100.0 * found.rejected
    );
    for path in &written {
        println!("{}", path.display());
    }
    Ok(())
}
