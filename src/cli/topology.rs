//! `gapfield topology`: persistence of a point cloud.

use super::args::{Common, TopologyArgs};
use super::printer;
use crate::data::points;
use crate::job::{Cancelled, JobHandle};
use crate::topology::{CycleChoice, Hooks, Options, Points, TopologyError, analyse_points};
use serde_json::{Value, json};
use std::time::Instant;

pub(super) fn execute(args: &TopologyArgs, common: &Common) -> anyhow::Result<()> {
    let options = Options {
        max_dim: args.max_dim,
        threshold: args.threshold,
        cycles: if args.cycles { CycleChoice::All } else { CycleChoice::None },
        ..Options::default()
    };
    let path = args.points.clone();
    let started = Instant::now();
    let job = JobHandle::spawn("gapfield-topology", move |ctx| {
        let cloud = points::read(&path)?;
        let cloud = Points::new(cloud.rows, cloud.cols, cloud.data)?;
        let cancelled = || ctx.is_cancelled();
        let progress = |_: &str, done: u64, total: u64| ctx.progress("topology", done, total, "steps");
        analyse_points(&cloud, &options, &Hooks { cancelled: &cancelled, progress: &progress }).map_err(|e| {
            match e {
                TopologyError::Cancelled => anyhow::Error::from(Cancelled),
                other => other.into(),
            }
        })
    })?;
    super::cancel_on_signal(job.cancel_token());
    let a = printer::follow(job, common.quiet)?;
    let elapsed_ms = started.elapsed().as_secs_f64() * 1e3;
    if common.json {
        let bars: Vec<Value> = a
            .bars
            .iter()
            .enumerate()
            .map(|(at, bar)| {
                let mut value = json!({"dim": bar.dim, "birth": bar.birth, "death": bar.death});
                if let Some(c) = a.cycles.iter().find(|c| c.bar == at) {
                    value["cycle"] = json!({"vertices": c.vertices, "edges": c.edges});
                }
                value
            })
            .collect();
        let out = json!({
            "n_points": a.n_points, "n_merged": a.n_merged, "n_vertices": a.n_vertices,
            "covering_radius": a.covering_radius, "threshold": a.radius, "bars": bars,
            "elapsed_ms": elapsed_ms, "peak_bytes": crate::run::machine::peak_bytes(),
        });
        println!("{}", serde_json::to_string(&out)?);
        return Ok(());
    }
    println!(
        "{} points, {} merged with an equal one, scales 0 to {:.4}, {elapsed_ms:.0} ms",
        a.n_points, a.n_merged, a.radius
    );
    if let Some(radius) = a.covering_radius {
        println!(
            "{} landmarks stand for all points; none is further than {radius:.4} from one",
            a.n_vertices
        );
    }
    for s in &a.summaries {
        let noun = ["pieces", "loops", "voids"].get(usize::from(s.dim)).copied().unwrap_or("classes");
        println!(
            "H{} {noun:<7} {:>6} bars, {} never end, longest {:.4}",
            s.dim,
            s.finite + s.infinite,
            s.infinite,
            s.max_persistence
        );
    }
    Ok(())
}
