//! Whose bars the view shows: the open run's, or those of a job that is still drawing its null fields.

use crate::job::Live;
use crate::pipeline::topology::Exploration;
use crate::run::contents::RunContents;
use crate::window::view::ViewContext;
use serde_json::json;
use std::sync::Arc;

/// A run to show and how far its test has come.
#[derive(Clone)]
pub struct Source {
    /// The run; while a job draws null fields, with the bars and nulls so far and no test.
    pub run: Arc<RunContents>,
    /// Changes with the content.
    pub version: (u64, u64),
    /// Null fields wanted, while they are drawn.
    pub growing: Option<usize>,
}

/// What is shown now. `last` is what was shown in the frame before, so that nothing is copied twice.
pub fn source(context: &ViewContext<'_>, last: Option<&Source>) -> Option<Source> {
    let exploring = context.exploring;
    if exploring.running && !exploring.live.bars.is_empty() {
        let version = (context.run_version, 1 + exploring.live_version);
        let wanted = exploring.wanted.clone().unwrap_or_default();
        return Some(grown(context, last, version, &exploring.live, &wanted));
    }
    let job = context.job;
    let is_its = context.run.is_none_or(|r| r.bars.is_empty() && Some(&r.folder) == job.folder.as_ref());
    if job.running && is_its && !job.live.bars.is_empty() {
        let nulls = job.progress.as_ref().filter(|p| p.unit == "null fields").map_or(0, |p| p.total as usize);
        let version = (context.run_version, u64::MAX - job.live.nulls.len() as u64);
        let wanted = Exploration { nulls, ..Exploration::default() };
        return Some(grown(context, last, version, &job.live, &wanted));
    }
    let run = context.run.filter(|r| !r.bars.is_empty())?;
    Some(Source { run: Arc::clone(run), version: (context.run_version, 0), growing: None })
}

fn grown(
    context: &ViewContext<'_>,
    last: Option<&Source>,
    version: (u64, u64),
    live: &Live,
    wanted: &Exploration,
) -> Source {
    let growing = Some(wanted.nulls.max(live.nulls.len()));
    if let Some(last) = last.filter(|l| l.version == version && l.growing == growing) {
        return last.clone();
    }
    let mut run = context.run.map_or_else(RunContents::default, |r| RunContents::clone(r));
    run.bars.clone_from(&live.bars);
    run.cycles.clone_from(&live.cycles);
    run.nulls.clone_from(&live.nulls);
    run.metrics.remove("significance");
    let topology = json!({
        "cloud": wanted.cloud, "columns": wanted.cloud.columns,
    });
    run.metrics.insert("topology".to_owned(), topology);
    Source { run: Arc::new(run), version, growing }
}
