//! `gapfield project`: a point cloud on the plane, by UMAP or PCA.

use super::args::{Common, ProjectArgs};
use super::printer;
use crate::core::matrix::Matrix;
use crate::core::npy;
use crate::data::points;
use crate::field::projection::{Method, Options, Projected, ProjectionError, project};
use crate::job::JobHandle;
use anyhow::{Context, bail};
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Instant;

pub(super) fn execute(args: ProjectArgs, common: &Common) -> anyhow::Result<()> {
    let method = Method::from_name(&args.method)
        .with_context(|| format!("there is no method \"{}\"; choose umap or pca", args.method))?;
    let extension = args.out.extension().and_then(|e| e.to_str()).map(str::to_lowercase).unwrap_or_default();
    if !["npy", "csv"].contains(&extension.as_str()) {
        bail!("the positions' file must end in .npy or .csv: {}", args.out.display());
    }
    let options = Options {
        method,
        n_neighbors: args.neighbors,
        min_dist: args.min_dist,
        seed: common.seed.unwrap_or(0),
        ..Options::default()
    };
    let path = args.points.clone();
    let started = Instant::now();
    let job = JobHandle::spawn("gapfield-project", move |ctx| {
        let cloud = points::read(&path)?;
        let data = cloud.data.iter().map(|v| *v as f32).collect();
        let table = Matrix::from_vec(cloud.rows, cloud.cols, data).context("the points are no table")?;
        project(&table, &options, ctx).map_err(|e| match e {
            ProjectionError::Cancelled(stop) => anyhow::Error::from(stop),
            other => other.into(),
        })
    })?;
    super::cancel_on_signal(job.cancel_token());
    let found = printer::follow(job, common.quiet)?;
    write(&args.out, &extension, &found)?;
    let elapsed_ms = started.elapsed().as_secs_f64() * 1e3;
    let trust = found.trust;
    if common.json {
        let out = json!({
            "file": args.out, "points": found.xy.len(), "method": method.name(),
            "trustworthiness": trust.value, "k": trust.k, "points_checked": trust.rows,
            "explained": found.explained, "elapsed_ms": elapsed_ms,
        });
        println!("{}", serde_json::to_string(&out)?);
    } else if !common.quiet {
        println!(
            "{}  {} points, {}, trustworthiness {:.3} (k {}), {elapsed_ms:.0} ms",
            args.out.display(),
            found.xy.len(),
            method.title(),
            trust.value,
            trust.k
        );
    }
    Ok(())
}

fn write(path: &Path, extension: &str, found: &Projected) -> anyhow::Result<()> {
    let bytes = if extension == "npy" {
        npy::bytes_of(&Matrix::from_fn(found.xy.len(), 2, |r, c| found.xy[r][c]))
    } else {
        let mut text = String::from("x,y\n");
        for [x, y] in &found.xy {
            writeln!(text, "{x},{y}")?;
        }
        text.into_bytes()
    };
    crate::run::atomic::write(path, &bytes)?;
    Ok(())
}
