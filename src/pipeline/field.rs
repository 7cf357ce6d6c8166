//! The stage "field": the difference of the two passes, its orders and its metrics.

use super::driver::{Driver, setting};
use super::learn::kind;
use crate::core::dimension::{Dimension, N_DIMENSIONS};
use crate::core::matrix::Matrix;
use crate::core::scm;
use crate::core::stats;
use crate::field::align::{PassRows, align};
use crate::field::delta::{DeltaOptions, delta};
use crate::field::frontier;
use crate::field::metrics::sensitivity::{EPS, sensitivity_of_samples};
use crate::field::metrics::{Estimate, Measured, intensity};
use crate::field::order::{RowOrder, row_order};
use crate::field::phos;
use crate::run::contents::Orders;
use crate::run::folder::RunFolder;
use crate::run::tables::excluded::Excluded;
use crate::run::{paths, tables};
use serde_json::json;
use std::collections::HashMap;

/// Does the stage.
pub(super) fn stage(driver: &mut Driver<'_>) -> anyhow::Result<()> {
    let cubes = ["A", "B"].map(paths::cube);
    let cubes_there = cubes.iter().all(|c| driver.run.has(c));
    let mut files = vec![paths::TURNS.to_owned(), paths::scm("A"), paths::scm("B")];
    if cubes_there {
        files.extend(cubes);
    }
    let moved = ["A", "B"].iter().all(|name| kind(driver.pass(name)).is_some());
    if moved {
        files.extend(["A", "B"].map(paths::moved));
    }
    let mut inputs = driver.files(&files.iter().map(String::as_str).collect::<Vec<_>>())?;
    setting(&mut inputs, "frontier", &frontier::canonical::RIDGE)?;
    let seed = driver.config.seed;
    setting(&mut inputs, "seed", &seed)?;
    driver.stage("field", &inputs, |run, _, out| {
        let turns = tables::turns::from_parquet(paths::TURNS, &run.read(paths::TURNS)?)?;
        let ids: Vec<String> = turns.into_iter().map(|t| t.turn_id).collect();
        let read = |name: &str| -> anyhow::Result<(Vec<String>, Matrix)> {
            let path = paths::scm(name);
            let (ids, matrix) = tables::matrix::scm_from_parquet(&path, &run.read(&path)?)?;
            // A turn without a single score was not scored: it has no place in the join.
            let scored: Vec<usize> = (0..ids.len())
                .filter(|&r| matrix.row(r)[scm::SCORES].iter().any(|v| v.is_finite()))
                .collect();
            Ok((scored.iter().map(|&r| ids[r].clone()).collect(), matrix.select_rows(&scored)))
        };
        let ((a_ids, a), (b_ids, b)) = (read("A")?, read("B")?);
        let joined = align(
            &ids,
            PassRows { turn_ids: &a_ids, values: &a },
            PassRows { turn_ids: &b_ids, values: &b },
        )?;
        let options = DeltaOptions::default();
        let d = delta(&joined.a, &joined.b, &options)?;

        // In the run every table has one row a turn; turns left out of the join are missing, hatched in pictures.
        let mut whole = Matrix::filled(ids.len(), scm::N_COLUMNS, f32::NAN);
        for (from, &to) in joined.turn_rows.iter().enumerate() {
            whole.row_mut(to).copy_from_slice(d.row(from));
        }
        out.write(run, paths::DELTA, &tables::matrix::scm_to_parquet(paths::DELTA, &ids, &whole)?)?;
        let excluded: Vec<Excluded> = joined
            .excluded
            .iter()
            .map(|e| Excluded { turn_id: e.turn_id.clone(), reason: e.reason.clone() })
            .collect();
        out.write(run, paths::EXCLUDED, &tables::excluded::to_parquet(&excluded)?)?;

        let (orders, clusters) = orders(&whole, seed);
        out.write_json(run, paths::ORDER, &orders.to_json())?;
        let measured =
            Measured { a: &joined.a, b: &joined.b, d: &d, turn_ids: &joined.turn_ids, options: &options };
        let mut metrics = intensity(measured, seed)?;
        if moved {
            metrics.sensitivity_index = Some(sensitivity_index(run, seed)?);
        }
        let own = if cubes_there { Some(uncertainty_gap(run, &ids)?) } else { None };
        if let Some(own) = &own {
            let names = Dimension::ALL.map(Dimension::name);
            let table = tables::matrix::to_parquet(paths::UNCERTAINTY_GAP, &ids, &names, own)?;
            out.write(run, paths::UNCERTAINTY_GAP, &table)?;
        }
        let own = own.map(|m| m.select_rows(&joined.turn_rows));
        let maps = frontier::measure(&joined.a, &joined.b, own.as_ref(), seed);
        out.write_json(run, &paths::metrics("frontier"), &maps)?;
        out.number("turns", joined.turn_ids.len());
        out.number("excluded", joined.excluded.len());
        out.number("delta_mass", json!(metrics.delta_mass.value));
        out.write_json(run, &paths::metrics("intensity"), &metrics)?;
        out.write_json(run, &paths::metrics("clusters"), &json!({"clusters": clusters}))
    })
}

/// How strongly D answers when an answer's embedding moves, from the moved scores of both passes.
fn sensitivity_index(run: &RunFolder, seed: u64) -> anyhow::Result<Estimate> {
    let read = |name: &str| -> anyhow::Result<_> {
        let path = paths::moved(name);
        Ok(tables::cube::from_parquet(&path, &run.read(&path)?)?)
    };
    let ((a_ids, a), (b_ids, b)) = (read("A")?, read("B")?);
    anyhow::ensure!(
        a_ids == b_ids && a.attributes == b.attributes,
        "the passes moved different turns; run them again"
    );
    let field = |n: usize| {
        Matrix::from_fn(a_ids.len(), a.dimensions.len(), |r, d| {
            a.dimensions[d].get(r, n) - b.dimensions[d].get(r, n)
        })
    };
    let samples: Vec<Matrix> = (1..a.attributes.len()).map(field).collect();
    Ok(sensitivity_of_samples(&field(0), &samples, EPS, seed))
}

/// Attribute of the cube from which a model's uncertainty is made.
const LOG_VAR: &str = "log_var";

/// Uncertainty (sigma of the predicted log variance, as in the shared metric) of A minus that of B, each dimension's own,
/// `[ids, 5]`; NaN where a pass did not read a turn.
fn uncertainty_gap(run: &RunFolder, ids: &[String]) -> anyhow::Result<Matrix> {
    let read = |name: &str| -> anyhow::Result<Matrix> {
        let path = paths::cube(name);
        let (cube_ids, cube) = tables::cube::from_parquet(&path, &run.read(&path)?)?;
        let row_of: HashMap<&str, usize> =
            cube_ids.iter().enumerate().map(|(row, id)| (id.as_str(), row)).collect();
        let at = cube.attributes.iter().position(|a| a == LOG_VAR);
        Ok(Matrix::from_fn(ids.len(), N_DIMENSIONS, |r, d| match (row_of.get(ids[r].as_str()), at) {
            (Some(row), Some(at)) => stats::sigmoid(f64::from(cube.dimensions[d].get(*row, at))) as f32,
            _ => f32::NAN,
        }))
    };
    let (a, b) = (read("A")?, read("B")?);
    Ok(Matrix::from_fn(ids.len(), N_DIMENSIONS, |r, d| a.get(r, d) - b.get(r, d)))
}

/// The orders offered for the rows, and the clusters in words.
fn orders(d: &Matrix, seed: u64) -> (Orders, Vec<crate::field::cluster::Cluster>) {
    let clustered = row_order(&RowOrder::Cluster, d, seed);
    let learnt = phos::learn(d);
    let rows = vec![
        ("time".to_owned(), row_order(&RowOrder::Time, d, seed).rows),
        ("D".to_owned(), row_order(&RowOrder::Delta, d, seed).rows),
        ("PHOS".to_owned(), learnt.rows),
        ("cluster".to_owned(), clustered.rows),
    ];
    let orders =
        Orders { rows, phos_columns: learnt.columns, phos_kept: learnt.kept, clusters: clustered.cluster_of };
    (orders, clustered.clusters)
}
