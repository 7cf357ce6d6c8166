//! The stage "projection", and projections on demand: those a run keeps, those computed before, or computed now.

use super::driver::{Driver, setting};
use super::embed::{GOAL, RESPONSE};
use crate::core::matrix::Matrix;
use crate::core::scm;
use crate::data::embed::EmbeddingProvider;
use crate::field::projection::table::{Complete, complete};
use crate::field::projection::{Options, ProjectionError, project as on_plane};
use crate::job::JobContext;
use crate::run::contents::RunContents;
use crate::run::folder::RunFolder;
use crate::run::projection::{Method, Projection, ProjectionFacts, ProjectionKey, Source, column_names};
use crate::run::tables::embeddings;
use crate::run::{atomic, paths, tables};
use anyhow::Context;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// Up to this many turns a run keeps the projections of D, A, B and the answers; of more, only those of D.
const KEEPS_ALL: usize = 5_000;
/// Texts embedded between two looks at the cancel flag.
const CHUNK: usize = 32;
/// Changes whenever the same input would give other positions.
const VERSION: &str = "projection/1";

/// Does the stage.
pub(super) fn stage(driver: &mut Driver<'_>) -> anyhow::Result<()> {
    let mut inputs = driver.files(&[paths::DELTA, &paths::scm("A"), &paths::scm("B"), paths::EMBEDDINGS])?;
    let seed = driver.config.seed;
    setting(&mut inputs, "projection", &(VERSION, seed))?;
    driver.stage("projection", &inputs, |run, ctx, out| {
        let contents = RunContents::load(run.root())?;
        let turns = contents.turns.len();
        let sources: &[Source] = if turns <= KEEPS_ALL {
            &[Source::D, Source::A, Source::B, Source::Answers]
        } else {
            &[Source::D]
        };
        let (mut names, mut values, mut facts) = (Vec::new(), Vec::new(), Map::new());
        for source in sources {
            let table = match *source {
                Source::Goals | Source::Answers => embedded(run, *source)?,
                _ => scored(&contents, *source)?,
            };
            for method in Method::ALL {
                let key = ProjectionKey { source: *source, method, ..ProjectionKey::default() };
                match compute(key, &table, turns, seed, ctx) {
                    Ok(p) => {
                        names.extend(column_names(key));
                        values.push(p.to_columns(turns));
                        facts.insert(key.name(), json!(p.facts));
                    }
                    // A pass with too few complete turns has no picture; that is no fault of the run.
                    Err(ProjectionError::TooFew(_)) => {}
                    Err(ProjectionError::Cancelled(stop)) => return Err(stop.into()),
                    Err(error) => return Err(error.into()),
                }
            }
        }
        let ids: Vec<&str> = contents.turns.iter().map(|t| t.turn_id.as_str()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let whole = Matrix::from_fn(turns, names.len(), |r, c| values[c / 2].get(r, c % 2));
        out.number("projections", facts.len());
        out.write(
            run,
            paths::PROJECTION,
            &tables::matrix::to_parquet(paths::PROJECTION, &ids, &names, &whole)?,
        )?;
        out.write_json(run, &paths::metrics("projection"), &Value::Object(facts))
    })
}

/// The projection of a run: the one it keeps, else one computed before (found in `cache` by the content of the table),
/// else computed now and put into `cache`.
///
/// # Errors
/// When the run lacks the table, it has too few complete turns, or a stop was asked for.
pub fn project(
    run: &RunContents,
    key: ProjectionKey,
    cache: Option<&Path>,
    ctx: &JobContext,
) -> anyhow::Result<Projection> {
    if let Some(kept) = run.projection(key) {
        return Ok((**kept).clone());
    }
    let table = match key.source {
        Source::Goals | Source::Answers => texts(run, key.source, ctx)?,
        _ => scored(run, key.source)?,
    };
    let seed = run.seed();
    let file = cache.map(|folder| folder.join(format!("{}.json", fingerprint(key, &table, seed))));
    if let Some(found) = file.as_deref().and_then(|f| cached(f, key, run.turns.len())) {
        return Ok(found);
    }
    let found = compute(key, &table, run.turns.len(), seed, ctx).map_err(|e| match e {
        ProjectionError::Cancelled(stop) => stop.into(),
        other => anyhow::Error::from(other),
    })?;
    if let Some(file) = file
        && let Err(error) = store(&file, &found)
    {
        tracing::warn!("the projection was not kept for the next time: {error:#}");
    }
    Ok(found)
}

/// Adds the projection to what the run holds, computing it when it must, so that a figure can be drawn of it.
///
/// # Errors
/// As [`project`].
pub fn with_projection(
    mut run: RunContents,
    key: ProjectionKey,
    ctx: &JobContext,
) -> anyhow::Result<RunContents> {
    if run.projection(key).is_none() {
        let found = project(&run, key, cache_dir().as_deref(), ctx)?;
        run.projections.push(std::sync::Arc::new(found));
    }
    Ok(run)
}

/// Where projections computed on demand are kept, beside the runs and not in them: a run holds only what it was made with.
pub fn cache_dir() -> Option<PathBuf> {
    Some(super::cache_dir()?.join("projections"))
}

fn compute(
    key: ProjectionKey,
    table: &Complete,
    turns: usize,
    seed: u64,
    ctx: &JobContext,
) -> Result<Projection, ProjectionError> {
    let options = Options {
        method: key.method,
        n_neighbors: key.umap.neighbours,
        min_dist: key.umap.min_dist(),
        seed: key.umap.seed.unwrap_or(seed),
        ..Options::default()
    };
    let found = on_plane(&table.points, &options, ctx)?;
    let columns = match key.source {
        Source::Goals | Source::Answers => {
            vec![format!("{} dimensions of the embedding", table.points.cols())]
        }
        _ => table.columns.iter().map(|c| scm::SHORT[*c].to_owned()).collect(),
    };
    let facts = ProjectionFacts {
        trustworthiness: found.trust.value,
        k: found.trust.k,
        turns_checked: found.trust.rows,
        turns: table.rows.len(),
        left_out: turns.saturating_sub(table.rows.len()),
        columns,
        explained: found.explained,
        parameters: parameters(key, &options),
    };
    Ok(Projection { key, rows: table.rows.clone(), xy: found.xy, facts })
}

/// The options in words; those that no run keeps are marked as chosen after looking.
fn parameters(key: ProjectionKey, options: &Options) -> String {
    if key.method == Method::Pca {
        return "first two components".to_owned();
    }
    let main = format!("{} neighbours, min_dist {}", options.n_neighbors, options.min_dist);
    match (key.umap.is_kept(), key.umap.seed) {
        (true, _) => format!("{main}, seeded"),
        (false, None) => format!("{main}, seeded, chosen after looking"),
        (false, Some(seed)) => format!("{main}, seed {seed}, chosen after looking"),
    }
}

/// The complete part of D or a pass.
fn scored(run: &RunContents, source: Source) -> anyhow::Result<Complete> {
    let pass = |p: &Option<std::sync::Arc<crate::run::contents::Pass>>| p.as_ref().map(|p| complete(&p.scm));
    let (table, what) = match source {
        Source::A => (pass(&run.a), "pass A"),
        Source::B => (pass(&run.b), "pass B"),
        _ => (run.delta.as_deref().map(complete), "the difference field"),
    };
    table.with_context(|| {
        format!(
            "a projection of {} needs {what}, which this run does not have; resume the run",
            source.title()
        )
    })
}

/// Embeddings of a run that keeps them.
fn embedded(run: &RunFolder, source: Source) -> anyhow::Result<Complete> {
    let mut table = embeddings::from_safetensors(paths::EMBEDDINGS, &run.read(paths::EMBEDDINGS)?)?;
    let name = if source == Source::Goals { GOAL } else { RESPONSE };
    let points = table.tensors.remove(name).with_context(|| format!("the embeddings hold no `{name}`"))?;
    Ok(Complete { rows: (0..points.rows()).collect(), columns: (0..points.cols()).collect(), points })
}

/// Embeddings of the texts of a run: those it keeps when they are of its turns, else made again.
fn texts(run: &RunContents, source: Source, ctx: &JobContext) -> anyhow::Result<Complete> {
    if let Ok(folder) = RunFolder::open(&run.folder)
        && folder.has(paths::EMBEDDINGS)
        && let Ok(kept) = embedded(&folder, source)
        && kept.points.rows() == run.turns.len()
    {
        return Ok(kept);
    }
    let provider = super::embed::provider()?;
    let all: Vec<&str> = run
        .turns
        .iter()
        .map(|t| if source == Source::Goals { t.goal_text.as_str() } else { t.response_text.as_str() })
        .collect();
    anyhow::ensure!(
        all.iter().any(|t| !t.is_empty()),
        "the texts of this run cannot be read, so their embeddings cannot be projected; restore turns.parquet"
    );
    let mut vectors = Vec::with_capacity(all.len() * provider.width());
    for chunk in all.chunks(CHUNK) {
        ctx.check()?;
        vectors.extend_from_slice(provider.embed(chunk)?.vectors.data());
        ctx.progress("embed", (vectors.len() / provider.width().max(1)) as u64, all.len() as u64, "texts");
    }
    let points = Matrix::from_vec(all.len(), provider.width(), vectors).unwrap_or_default();
    Ok(Complete { rows: (0..points.rows()).collect(), columns: (0..points.cols()).collect(), points })
}

fn fingerprint(key: ProjectionKey, table: &Complete, seed: u64) -> String {
    let mut hasher = blake3::Hasher::new();
    let key = (key.name(), key.umap);
    hasher.update(format!("{VERSION} {key:?} {seed} {:?} {:?}", table.rows, table.columns).as_bytes());
    hasher.update(bytemuck::cast_slice(table.points.data()));
    hasher.finalize().to_hex().chars().take(32).collect()
}

/// A projection found in the cache; whatever does not fit is as good as not there.
fn cached(file: &Path, key: ProjectionKey, turns: usize) -> Option<Projection> {
    let found: Projection = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
    let fits = found.key == key
        && found.rows.len() == found.xy.len()
        && found.rows.iter().all(|r| *r < turns)
        && found.xy.iter().flatten().all(|v| v.is_finite());
    fits.then_some(found)
}

fn store(file: &Path, found: &Projection) -> anyhow::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    atomic::write(file, &serde_json::to_vec(found)?)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::seed::{normal, stream};
    use crate::job::Cancelled;
    use crate::run::projection::UmapChoice;
    use std::sync::Arc;

    fn run() -> RunContents {
        let mut rng = stream(1, "projection run");
        let d = Matrix::from_fn(60, scm::N_COLUMNS, |r, c| {
            if r == 7 && c == 2 { f32::NAN } else { normal(&mut rng) as f32 }
        });
        let turn = |i: usize| crate::core::turn::Turn {
            turn_id: format!("t{i}"),
            response_text: format!("answer {} about {}", i, ["rain", "bread", "planes"][i % 3]),
            ..Default::default()
        };
        RunContents {
            folder: "nowhere".into(),
            turns: Arc::new((0..60).map(turn).collect()),
            delta: Some(Arc::new(d)),
            ..RunContents::default()
        }
    }

    #[test]
    fn what_was_computed_once_is_found_again_and_damage_is_computed_anew() {
        let (dir, ctx, run) = (tempfile::tempdir().unwrap(), JobContext::detached(), run());
        let key = ProjectionKey::default();
        let first = project(&run, key, Some(dir.path()), &ctx).unwrap();
        assert_eq!((first.rows.len(), first.facts.left_out), (59, 1));
        assert!(!first.rows.contains(&7));
        let file = std::fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap().path();
        ctx.cancel_token().cancel();
        let again = project(&run, key, Some(dir.path()), &ctx).unwrap();
        assert_eq!(again, first, "a cancelled job can still give what is there");
        std::fs::write(&file, "{").unwrap();
        let error = project(&run, key, Some(dir.path()), &ctx).unwrap_err();
        assert!(error.is::<Cancelled>());
        assert_eq!(project(&run, key, Some(dir.path()), &JobContext::detached()).unwrap(), first);
    }

    #[test]
    fn other_options_are_another_picture_that_says_so_and_has_its_own_place_in_the_cache() {
        let (dir, ctx, run) = (tempfile::tempdir().unwrap(), JobContext::detached(), run());
        let kept = project(&run, ProjectionKey::default(), Some(dir.path()), &ctx).unwrap();
        let umap = UmapChoice { neighbours: 6, min_dist_hundredths: 5, seed: Some(9) };
        let key = ProjectionKey { umap, ..ProjectionKey::default() };
        let other = project(&run, key, Some(dir.path()), &ctx).unwrap();
        assert_ne!(other.xy, kept.xy);
        assert!(other.facts.parameters.contains("6 neighbours, min_dist 0.05, seed 9, chosen after looking"));
        assert!(!kept.facts.parameters.contains("chosen"), "{}", kept.facts.parameters);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
        ctx.cancel_token().cancel();
        assert_eq!(project(&run, key, Some(dir.path()), &ctx).unwrap(), other, "found again");
        let asked = ProjectionKey { umap: UmapChoice { neighbours: 1, ..umap }, ..key };
        assert!(
            project(&run, asked, None, &JobContext::detached()).is_err(),
            "one neighbour is the point itself"
        );
    }

    #[test]
    fn texts_are_embedded_where_the_run_keeps_no_embeddings_and_missing_tables_are_named() {
        let (ctx, run) = (JobContext::detached(), run());
        let key = |source| ProjectionKey { source, method: Method::Pca, ..ProjectionKey::default() };
        assert_eq!(project(&run, key(Source::Answers), None, &ctx).unwrap().rows.len(), 60);
        let error = project(&run, key(Source::Goals), None, &ctx).unwrap_err().to_string();
        assert!(error.contains("turns.parquet"), "{error}");
        let error = project(&run, key(Source::B), None, &ctx).unwrap_err().to_string();
        assert!(error.contains("pass B"), "{error}");
    }
}
