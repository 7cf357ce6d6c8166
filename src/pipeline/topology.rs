//! The stage "topology": persistence of D on the five score columns and the test whether its loops are more than chance.

use super::driver::{Driver, Inputs, setting};
use crate::core::bar::Cycle;
use crate::core::matrix::Matrix;
use crate::core::scm;
use crate::job::{Cancelled, JobContext};
use crate::run::contents::History;
use crate::run::folder::RunFolder;
use crate::run::load::NULL_STATISTIC;
use crate::run::{paths, tables};
use crate::topology::metrics::{SignificanceMetrics, TopologyMetrics};
use crate::topology::{
    self, Analysis, CycleChoice, Hooks, Options, Significance, SignificanceOptions, TopologyError,
};
use serde_json::json;
use std::sync::atomic::{AtomicU64, Ordering};

/// Loops that get a representative cycle.
const CYCLES: usize = 50;
/// Nulls of a quick run: p can still reach 0.02.
const QUICK_NULLS: usize = 49;

/// Does the stage.
pub(super) fn stage(driver: &mut Driver<'_>) -> anyhow::Result<()> {
    let mut inputs: Inputs = driver.files(&[paths::DELTA, &paths::scm("A"), &paths::scm("B")])?;
    let config = &driver.config;
    let options = SignificanceOptions {
        topology: Options {
            max_dim: u8::try_from(config.max_dim).unwrap_or(1),
            cycles: CycleChoice::Longest(CYCLES),
            ..Options::default()
        },
        nulls: if config.quick { config.nulls.min(QUICK_NULLS) } else { config.nulls },
        seed: config.seed,
        secondary: true,
    };
    setting(&mut inputs, "topology", &options)?;
    driver.stage("topology", &inputs, |run, ctx, out| {
        let field = Field::read(run)?;
        let (analysis, significance) = field.analyse(&options, ctx)?;
        let bars = analysis.bars.clone();
        out.write(run, paths::DIAGRAM, &tables::diagram::to_parquet(&bars)?)?;
        let cycles: Vec<Cycle> = analysis.cycles.iter().map(|c| field.in_run_rows(c)).collect();
        out.write_json(run, paths::CYCLES, &cycles)?;
        let nulls = significance.as_ref().map_or_else(Vec::new, |s| s.primary.null_values.clone());
        out.write(run, paths::NULLS, &tables::numbers::to_parquet(paths::NULLS, &null_table(&nulls))?)?;
        let columns: Vec<String> = scm::COLUMNS[scm::SCORES].iter().map(|c| (*c).to_owned()).collect();
        let mut metrics = json!(TopologyMetrics::new(&analysis, &columns, None, None));
        metrics["n_left_out"] = json!(field.left_out);
        metrics["betti"] = json!({"scales": analysis.scales, "curves": analysis.betti});
        if let Some(tests) = &significance {
            metrics["betti_bands"] = json!(tests.betti_bands);
            out.write_json(run, &paths::metrics("significance"), &SignificanceMetrics::from(tests))?;
        }
        out.write_json(run, &paths::metrics("topology"), &metrics)?;
        out.number("points", analysis.n_points);
        out.number("bars", analysis.bars.len());
        out.number("nulls", nulls.len());
        Ok(())
    })
}

/// The five score columns of D, A and B on the turns where all are present.
struct Field {
    rows: Vec<usize>,
    left_out: usize,
    d: Matrix,
    a: Matrix,
    b: Matrix,
}

impl Field {
    fn read(run: &RunFolder) -> anyhow::Result<Self> {
        let read = |path: &str| -> anyhow::Result<Matrix> {
            let (_, matrix) = tables::matrix::from_parquet(path, &run.read(path)?, &scm::COLUMNS)?;
            Ok(matrix.select_columns(&scm::SCORES.collect::<Vec<_>>()))
        };
        let (d, a, b) = (read(paths::DELTA)?, read(&paths::scm("A"))?, read(&paths::scm("B"))?);
        let rows: Vec<usize> = (0..d.rows()).filter(|&r| d.row(r).iter().all(|v| v.is_finite())).collect();
        let left_out = d.rows() - rows.len();
        Ok(Self { d: d.select_rows(&rows), a: a.select_rows(&rows), b: b.select_rows(&rows), rows, left_out })
    }

    /// Persistence first, then its test; a field of fewer than three turns has no loop to test.
    fn analyse(
        &self,
        options: &SignificanceOptions,
        ctx: &JobContext,
    ) -> anyhow::Result<(Analysis, Option<Significance>)> {
        let cancelled = || ctx.is_cancelled();
        let progress = |_: &str, done: u64, total: u64| ctx.progress("topology", done, total, "steps");
        let hooks = Hooks { cancelled: &cancelled, progress: &progress };
        let analysis = topology::analyse(&self.d, &options.topology, &hooks).map_err(cancel)?;
        if options.nulls == 0 || analysis.n_vertices < 3 {
            return Ok((analysis, None));
        }
        let done = AtomicU64::new(0);
        let total = options.nulls as u64;
        let on_null = |_: usize, _: f64| {
            ctx.progress("topology", done.fetch_add(1, Ordering::Relaxed) + 1, total, "nulls");
        };
        let quiet = hooks.quiet();
        let passes = Some((&self.a, &self.b));
        let tests = topology::significance(&self.d, passes, options, &quiet, &on_null).map_err(cancel)?;
        Ok((analysis, Some(tests)))
    }

    /// A cycle whose vertices are rows of the run.
    fn in_run_rows(&self, cycle: &Cycle) -> Cycle {
        let row = |v: u32| self.rows.get(v as usize).map_or(v, |r| *r as u32);
        Cycle {
            bar: cycle.bar,
            vertices: cycle.vertices.iter().map(|v| row(*v)).collect(),
            edges: cycle.edges.iter().map(|e| [row(e[0]), row(e[1])]).collect(),
        }
    }
}

/// A stop asked for is the job's own kind of ending, not a failure of the engine.
fn cancel(error: TopologyError) -> anyhow::Error {
    if matches!(error, TopologyError::Cancelled) { Cancelled.into() } else { error.into() }
}

/// The null statistic as a table of one column.
fn null_table(nulls: &[f64]) -> History {
    History { names: vec![NULL_STATISTIC.to_owned()], values: nulls.iter().map(|v| vec![*v]).collect() }
}
