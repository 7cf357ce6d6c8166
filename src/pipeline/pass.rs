//! The stages "pass A" and "pass B": one scorer over all turns, alone on the device, written in SCM.

use super::driver::{Driver, setting};
use super::learn::{kind, learns};
use super::material::{Material, WEIGHTS, read_params, stored_scorer};
use crate::core::dimension::Dimension;
use crate::core::matrix::Matrix;
use crate::field::metrics::sensitivity;
use crate::job::JobContext;
use crate::nn::device::DeviceChoice;
use crate::nn::params::HostParams;
use crate::nn::readings::{self, ATTRIBUTES};
use crate::nn::scorer::ScorerConfig;
use crate::run::config::PassKind;
use crate::run::tables::cube::Cube;
use crate::run::{hash, paths, tables};
use crate::score::pass::{Turns, moved_scores, score_pass};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

/// Turns whose answers are moved to measure the sensitivity index: its interval says what so many leave open.
const MOVED_TURNS: usize = 128;

/// Does the stage of pass `name`.
pub(super) fn stage(
    driver: &mut Driver<'_>,
    name: &'static str,
    device: &DeviceChoice,
) -> anyhow::Result<()> {
    let pass = driver.pass(name).clone();
    let config = driver.config.clone();
    let mut files = vec![paths::TURNS.to_owned(), paths::JUDGEMENTS.to_owned(), paths::EMBEDDINGS.to_owned()];
    if kind(&pass).is_some() {
        files.extend(Dimension::ALL.into_iter().map(|d| paths::model(name, d, WEIGHTS)));
    }
    let mut inputs = driver.files(&files.iter().map(String::as_str).collect::<Vec<_>>())?;
    setting(&mut inputs, "pass", &(&pass.kind, &pass.source, device.backend, config.kernels))?;
    if kind(&pass).is_some() {
        setting(&mut inputs, "seed", &config.seed)?; // of the directions in which answers are moved
    }
    if let (PassKind::Table, Some(source)) = (pass.kind, &pass.source) {
        inputs.insert("file:table".to_owned(), hash::of_file(Path::new(source))?.1);
    }
    driver.stage(&format!("pass {name}"), &inputs, |run, ctx, out| {
        let material = Material::read(run, config.judge.as_deref())?;
        let (scm, timing) = if kind(&pass).is_some() {
            let scorer = stored_scorer(run, name)?;
            let weights = read_params(run, name, WEIGHTS, &scorer)?;
            let turns = material.turns_to_score();
            let stage = format!("pass {name}");
            let mut output = score_pass(&scorer, &weights, turns, device, &stage, ctx, &mut |partial| {
                publish(ctx, name, partial, material.ids.len());
            })?;
            if learns(&pass) {
                material.blank_untrained(&mut output);
            }
            let cube = per_dimension(&output.cube);
            out.write(
                run,
                &paths::cube(name),
                &tables::cube::to_parquet(&paths::cube(name), &material.ids, &cube)?,
            )?;
            let moved = moved(&scorer, &weights, &material, config.seed, device, ctx)?;
            let path = paths::moved(name);
            out.write(run, &path, &tables::cube::to_parquet(&path, &moved.0, &moved.1)?)?;
            let [before, during, after] = output.memory;
            let timing = json!({
                "seconds": output.seconds,
                "turns_per_second": output.turns_per_second,
                "memory_bytes": {"before": before, "during": during, "after": after},
            });
            if output.cube.non_finite > 0 {
                out.number("non_finite", output.cube.non_finite);
            }
            (output.scm, timing)
        } else {
            (material.imported(&pass)?, json!({"seconds": 0.0, "imported": true}))
        };
        publish(ctx, name, &scm, material.ids.len());
        let path = paths::scm(name);
        out.write(run, &path, &tables::matrix::scm_to_parquet(&path, &material.ids, &scm)?)?;
        for (key, value) in timing.as_object().into_iter().flatten() {
            out.number(key, value.clone());
        }
        out.write_json(run, &paths::pass(name, "timing.json"), &timing)
    })
}

/// Scores of up to [`MOVED_TURNS`] evenly spaced turns where nothing moved ("still") and where the answer's embedding
/// was moved along each seeded direction ("u1" ...), the same directions and turns for both passes.
fn moved(
    scorer: &ScorerConfig,
    weights: &HostParams,
    material: &Material,
    seed: u64,
    device: &DeviceChoice,
    ctx: &JobContext,
) -> anyhow::Result<(Vec<String>, Cube)> {
    let all = material.turns_to_score();
    let rows: Vec<usize> = (0..all.x.rows()).step_by(all.x.rows().div_ceil(MOVED_TURNS).max(1)).collect();
    let (x, y) = (all.x.select_rows(&rows), all.y.select_rows(&rows));
    let tokens: Vec<usize> = rows.iter().map(|r| all.tokens[*r]).collect();
    let turns = Turns { x: &x, y: &y, tokens: &tokens };
    let directions = sensitivity::directions(y.cols(), seed);
    let tables = moved_scores(scorer, weights, turns, &directions, sensitivity::EPS, device, ctx)?;
    let name = |n: usize| if n == 0 { "still".to_owned() } else { format!("u{n}") };
    let of_dimension = |d: usize| Matrix::from_fn(rows.len(), tables.len(), |r, n| tables[n].get(r, d));
    let cube = Cube {
        attributes: (0..tables.len()).map(name).collect(),
        dimensions: (0..Dimension::ALL.len()).map(of_dimension).collect(),
    };
    Ok((rows.iter().map(|r| material.ids[*r].clone()).collect(), cube))
}

/// Shows the pass so far to whoever watches; rows not scored yet are missing.
fn publish(ctx: &JobContext, name: &str, partial: &Matrix, turns: usize) {
    let mut live = ctx.live.newer_than(0).map(|(_, live)| live).unwrap_or_default();
    let mut whole = Matrix::filled(turns, partial.cols(), f32::NAN);
    for row in 0..partial.rows().min(turns) {
        whole.row_mut(row).copy_from_slice(partial.row(row));
    }
    let slot = if name == "A" { &mut live.a } else { &mut live.b };
    *slot = Some(Arc::new(whole));
    ctx.live.publish(live);
}

/// Readings of the models as the run's own table.
fn per_dimension(cube: &readings::Cube) -> Cube {
    let width = ATTRIBUTES.len();
    let one = |m: usize| cube.values.select_columns(&(m * width..(m + 1) * width).collect::<Vec<_>>());
    Cube {
        attributes: ATTRIBUTES.iter().map(|a| (*a).to_owned()).collect(),
        dimensions: (0..cube.models).map(one).collect(),
    }
}
