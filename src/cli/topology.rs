//! `gapfield topology`: persistence of a point cloud or of a run's field, with its tests against chance.

mod calibrate;
mod printed;

use super::args::{Common, TopologyArgs};
use super::printer;
use crate::core::cloud::CloudChoice;
use crate::core::metric::Metric;
use crate::core::stats;
use crate::data::points;
use crate::figure::{FigureSpec, Format, Kind, render};
use crate::job::{JobContext, JobHandle};
use crate::pipeline::topology::{Exploration, explore, study_points};
use crate::run::contents::RunContents;
use crate::topology::adapter;
use crate::topology::metrics::{SignificanceMetrics, Source, TopologyMetrics};
use crate::topology::{CycleChoice, LandmarkChoice, Points, TopologyError};
use anyhow::Context;
use printed::Printed;
use serde_json::json;
use std::path::Path;
use std::time::Instant;

/// The figures of a topology, each as PNG and SVG.
const FIGURES: [Kind; 5] =
    [Kind::Barcode, Kind::Diagram, Kind::Betti, Kind::Landscape, Kind::PersistenceImage];

pub(super) fn execute(args: &TopologyArgs, common: &Common) -> anyhow::Result<()> {
    let wanted = exploration(args, common)?;
    if let Some(distances) = args.distances {
        adapter::choose(distances.into());
    }
    if let Some(fields) = args.calibrate {
        return calibrate::execute(fields, &wanted, args.figures.as_deref(), common);
    }
    let started = Instant::now();
    let (points, run, cycles) = (args.points.clone(), args.run.clone(), args.cycles);
    let figures = args.figures.clone();
    let job = JobHandle::spawn("gapfield-topology", move |ctx| match (points, run) {
        (Some(path), _) => of_points(&path, &wanted, cycles, ctx),
        (None, Some(folder)) => of_run(&folder, &wanted, figures.as_deref(), ctx),
        (None, None) => anyhow::bail!("give --points FILE or --run FOLDER"),
    })?;
    super::cancel_on_signal(job.cancel_token());
    let printed = printer::follow(job, common.quiet)?;
    let elapsed_ms = started.elapsed().as_secs_f64() * 1e3;
    if common.json { printed.json(elapsed_ms) } else { printed.words(elapsed_ms) }
}

/// What is asked, checked.
fn exploration(args: &TopologyArgs, common: &Common) -> anyhow::Result<Exploration> {
    let metric = Metric::from_name(&args.metric).with_context(|| {
        let known: Vec<&str> = Metric::ALL.iter().map(|m| m.name()).collect();
        format!("there is no metric \"{}\"; choose one of {}", args.metric, known.join(", "))
    })?;
    let cloud = CloudChoice {
        columns: args.columns.clone(),
        standardise: args.standardise,
        weights: args.weights.clone(),
        metric,
    };
    if args.landmarks == Some(0) {
        anyhow::bail!("no landmark at all leaves no cloud; give --landmarks 1 or more");
    }
    let usual = if args.points.is_some() { 0 } else { Exploration::default().nulls };
    Ok(Exploration {
        cloud,
        max_dim: args.max_dim,
        threshold: args.threshold,
        landmarks: args.landmarks.map_or(LandmarkChoice::Automatic, LandmarkChoice::Count),
        budget_bytes: args.budget_mb.saturating_mul(1_000_000),
        nulls: args.nulls.unwrap_or(usual),
        seed: common.seed,
    })
}

fn of_points(path: &Path, wanted: &Exploration, cycles: bool, ctx: &JobContext) -> anyhow::Result<Printed> {
    let cloud = points::read(path)?;
    wanted.cloud.check_weights(cloud.cols).map_err(TopologyError::Choice)?;
    let column = |c: usize| -> Vec<f64> { (0..cloud.rows).map(|r| cloud.data[r * cloud.cols + c]).collect() };
    let factors = wanted.cloud.factors(cloud.cols, |c| stats::std_dev(&column(c)));
    let scaled = cloud.data.iter().enumerate().map(|(i, v)| v * factors[i % cloud.cols.max(1)]).collect();
    let points = Points::new(cloud.rows, cloud.cols, scaled)?.with_metric(wanted.cloud.metric);
    let mut options = wanted.options(wanted.seed.unwrap_or(0));
    options.topology.cycles = if cycles { CycleChoice::All } else { CycleChoice::None };
    let study = study_points(&points, &options, ctx)?;
    let columns: Vec<String> = (1..=cloud.cols).map(|c| format!("column {c}")).collect();
    let source = Source { columns: &columns, cloud: &wanted.cloud, left_out: 0 };
    Ok(Printed {
        topology: json!(TopologyMetrics::new(&study, &source)),
        significance: study.significance.as_ref().map(|s| json!(SignificanceMetrics::from(s))),
        predicted_bytes: study.analysis.predicted_bytes,
        bars: study.analysis.bars,
        cycles: study.analysis.cycles,
        written: Vec::new(),
    })
}

fn of_run(
    folder: &Path,
    wanted: &Exploration,
    figures: Option<&Path>,
    ctx: &JobContext,
) -> anyhow::Result<Printed> {
    let run = explore(&RunContents::load(folder)?, wanted, ctx)?;
    let mut written = Vec::new();
    for (kind, format) in
        figures.into_iter().flat_map(|_| FIGURES).flat_map(|k| [(k, Format::Png), (k, Format::Svg)])
    {
        let Some(folder) = figures else { break };
        std::fs::create_dir_all(folder)
            .with_context(|| format!("the folder for the figures cannot be made: {}", folder.display()))?;
        let path = folder.join(format!("{}.{}", kind.name(), format.name()));
        crate::run::atomic::write(&path, &render(&run, &FigureSpec::of(kind), format)?)?;
        written.push(path);
    }
    let n = run.number("topology", "/n_points").unwrap_or(0.0) as usize;
    Ok(Printed {
        topology: run.metrics.get("topology").cloned().unwrap_or_default(),
        significance: run.metrics.get("significance").cloned(),
        predicted_bytes: crate::pipeline::topology::predicted_bytes(n, wanted.max_dim),
        bars: run.bars,
        cycles: run.cycles,
        written,
    })
}
