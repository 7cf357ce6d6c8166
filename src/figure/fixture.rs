//! A small run made up by rule, for the tests of figures and reports.

use crate::core::bar::Bar;
use crate::core::dimension::Dimension;
use crate::core::matrix::Matrix;
use crate::core::scm;
use crate::core::seed;
use crate::core::turn::Turn;
use crate::field::projection::table::complete;
use crate::field::projection::{Options, project};
use crate::job::JobContext;
use crate::run::contents::{History, Orders, Pass, RunContents};
use crate::run::projection::{Method, Projection, ProjectionFacts, ProjectionKey, Source};
use serde_json::{Value, json};
use std::sync::Arc;

/// Turns of the fixture.
pub const TURNS: usize = 48;

/// A finished run of two trained scorers with a field, a diagram, nulls and all metrics.
pub fn run() -> RunContents {
    let (a, b) = (scm_of("a", 0.08), scm_of("b", -0.02));
    let d = Matrix::from_fn(TURNS, scm::N_COLUMNS, |r, c| a.get(r, c) - b.get(r, c));
    let turns = (0..TURNS).map(turn).collect();
    let by_mean = order_by_mean(&d);
    let clusters: Vec<usize> = {
        let mut of = vec![0; TURNS];
        for (position, row) in by_mean.iter().enumerate() {
            of[*row] = position * 3 / TURNS;
        }
        of
    };
    RunContents {
        folder: "fixture".into(),
        manifest: json!({
            "run_id": "20260101-0900-abcd", "title": "Fixture", "config_hash": "4be19a77c0ffee", "git_commit": "0123abc",
            "seed": 7, "device": "CPU, 2 threads", "product_version": "0.1.0",
            "scorers": {
                "A": {"kind": "hrm", "name": "HRM h256", "weights_hash": "9b41e0aa"},
                "B": {"kind": "tiny", "name": "Tiny d256", "weights_hash": "22d7fabb"}
            },
            "recipes": {"A": "heads/1", "B": "heads/1"},
            "dataset": {"hash": "d1d2d3", "counts": {"turns": TURNS, "conversations": 6}},
            "warnings": []
        }),
        turns: Arc::new(turns),
        a: Some(Arc::new(Pass {
            name: "HRM h256".into(),
            kind: "hrm".into(),
            scm: a,
            history: Some(history(0.9)),
        })),
        b: Some(Arc::new(Pass {
            name: "Tiny d256".into(),
            kind: "tiny".into(),
            scm: b,
            history: Some(history(1.1)),
        })),
        delta: Some(Arc::new(d.clone())),
        orders: Orders {
            rows: vec![
                ("time".into(), (0..TURNS).collect()),
                ("D".into(), by_mean.clone()),
                ("cluster".into(), by_mean),
            ],
            phos_columns: (0..scm::N_COLUMNS).collect(),
            phos_kept: true,
            clusters,
        },
        bars: bars(),
        nulls: (0..99).map(|i| 0.04 + 0.001 * f64::from(i)).collect(),
        projections: projections(&d),
        metrics: metrics(),
        ..RunContents::default()
    }
}

/// The projections a run of this size keeps of D.
fn projections(d: &Matrix) -> Vec<Arc<Projection>> {
    let table = complete(d);
    let of = |method: Method| {
        let options = Options { method, seed: 7, ..Options::default() };
        let found = project(&table.points, &options, &JobContext::detached()).ok()?;
        let facts = ProjectionFacts {
            trustworthiness: found.trust.value,
            k: found.trust.k,
            turns_checked: found.trust.rows,
            turns: table.rows.len(),
            left_out: TURNS - table.rows.len(),
            columns: table.columns.iter().map(|c| scm::SHORT[*c].to_owned()).collect(),
            explained: found.explained,
            parameters: "15 neighbours, min_dist 0.2, seeded".to_owned(),
        };
        let key = ProjectionKey { source: Source::D, method, ..ProjectionKey::default() };
        Some(Arc::new(Projection { key, rows: table.rows.clone(), xy: found.xy, facts }))
    };
    Method::ALL.into_iter().filter_map(of).collect()
}

/// Smooth waves with noise; one cell is missing, one row is hot.
fn scm_of(name: &str, shift: f32) -> Matrix {
    let mut rng = seed::stream(7, name);
    let mut m = Matrix::from_fn(TURNS, scm::N_COLUMNS, |r, c| {
        let wave = ((r as f32 * 0.23 + c as f32 * 0.7).sin() * 0.25 + 0.55) + shift * (c as f32 - 4.0);
        (wave + seed::normal(&mut rng) as f32 * 0.06).clamp(0.0, 1.0)
    });
    for r in 0..TURNS {
        m.set(r, scm::LENGTH, 0.5 + r as f32 / 400.0);
    }
    if name == "b" {
        m.set(5, scm::OOD, f32::NAN);
        for c in scm::SCORES {
            m.set(20, c, 0.02);
        }
    }
    m
}

fn order_by_mean(d: &Matrix) -> Vec<usize> {
    let mean = |r: usize| scm::SCORES.map(|c| d.get(r, c)).sum::<f32>();
    let mut order: Vec<usize> = (0..TURNS).collect();
    order.sort_by(|a, b| mean(*b).total_cmp(&mean(*a)));
    order
}

fn turn(i: usize) -> Turn {
    Turn {
        turn_id: format!("c{:02}-t{}", i / 8, i % 8 + 1),
        conversation_id: format!("c{:02}", i / 8),
        turn_index: (i % 8 + 1) as i64,
        goal_text: format!("Question {i}"),
        response_text: format!("Answer {i}"),
        source: "fixture".into(),
        ..Turn::default()
    }
}

fn history(scale: f64) -> History {
    let names = [
        "loss.main",
        "loss.total",
        "val.mae",
        "val.mae.reasoning",
        "val.mae.knowledge",
        "val.mae.clarity",
        "val.mae.faithfulness",
        "val.mae.coverage",
    ];
    let values = (0..24)
        .map(|e| {
            let fall = (-f64::from(e) / 6.0).exp();
            (0..names.len())
                .map(|k| scale * (0.1 + 0.02 * k as f64 + fall * (0.5 + 0.05 * k as f64)))
                .collect()
        })
        .collect();
    History { names: names.map(str::to_owned).to_vec(), values }
}

fn bars() -> Vec<Bar> {
    let bar =
        |dim, birth: f64, death| Bar { dim, birth, death, birth_simplex: vec![0, 1], death_simplex: vec![] };
    let mut bars = vec![bar(0, 0.0, None)];
    bars.extend((1..TURNS).map(|i| bar(0, 0.0, Some(0.35 - 0.005 * i as f64))));
    bars.push(bar(1, 0.15, Some(0.42)));
    bars.extend((0..12).map(|i| {
        let birth = 0.12 + 0.012 * f64::from(i);
        bar(1, birth, Some(birth + 0.02 + 0.004 * f64::from(i % 5)))
    }));
    bars
}

/// Metrics in the shapes of the run folder.
pub fn metrics() -> std::collections::BTreeMap<String, Value> {
    [
        ("scorers", scorers()),
        ("intensity", intensity()),
        ("topology", topology()),
        ("significance", significance()),
    ]
    .map(|(k, v)| (k.to_owned(), v))
    .into()
}

fn scorers() -> Value {
    let of_dimension = |base: f64| {
        json!({
            "n": 12, "n_conversations": 3, "mae": base, "rmse": base + 0.031, "spearman": 0.5 - base,
            "ci95": {"mae": [base - 0.017, base + 0.019], "rmse": [base, base + 0.05], "spearman": [0.11, 0.62]},
            "mean_predictor": {"mae": base + 0.043, "rmse": base + 0.047},
            "ridge": {"mae": base + 0.009, "rmse": base + 0.013, "spearman": 0.37},
        })
    };
    let of_pass = |base: f64| {
        let dimensions = Dimension::ALL.iter().enumerate();
        Value::Object(
            dimensions.map(|(i, d)| (d.name().to_owned(), of_dimension(base + 0.0123 * i as f64))).collect(),
        )
    };
    json!({
        "A": of_pass(0.1234), "B": of_pass(0.1567),
        "heads": {
            "uncertainty": {"measure": "Spearman with absolute error", "value": 0.287, "no_skill": 0.0, "n": 60},
            "ood": {"measure": "AUROC", "value": 0.494, "no_skill": 0.5, "n": 60},
        },
    })
}

fn intensity() -> Value {
    let estimate = |value: f64, unit: &str| {
        json!({
            "value": value, "low": value - 0.021, "high": value + 0.023, "n": TURNS, "n_of": "turns",
            "resamples": 2000, "unit": unit, "definition": "as defined", "higher_is_better": null,
        })
    };
    let by_column = |base: f64| {
        let columns = scm::COLUMNS.iter().enumerate();
        Value::Object(
            columns.map(|(i, c)| ((*c).to_owned(), estimate(base + 0.004 * i as f64, "score"))).collect(),
        )
    };
    let rank = |base: f64| {
        let dimensions = Dimension::ALL.iter().enumerate();
        let one = |i: usize| {
            let rho = base + 0.01 * i as f64;
            json!({"spearman": estimate(rho, "correlation"), "kendall_tau_b": estimate(rho * 0.7, "correlation")})
        };
        Value::Object(dimensions.map(|(i, d)| (d.name().to_owned(), one(i))).collect())
    };
    json!({
        "summary": "The field is visible.", "verdict": "visible", "turns": TURNS, "resamples": 2000, "seed": 7,
        "interval": "95 % percentile bootstrap over turns", "standardised": false,
        "delta_mass": estimate(0.2173, "score"),
        "delta_mass_by_column": by_column(0.1811), "bias": by_column(-0.0219),
        "cosine_overlap": {"flattened": estimate(0.731, "cosine"), "rowwise": estimate(0.642, "cosine")},
        "agreement_rate": estimate(0.813, "share"), "kappa": estimate(0.557, "kappa"),
        "close_share": estimate(0.2917, "share"), "rank_agreement": rank(0.611),
        "uncertainty_gap": {"mean": estimate(-0.0713, "score"), "mean_abs": estimate(0.0937, "score")},
        "sensitivity_index": null, "top_columns": [], "top_rows": [],
        "self_check": {"largest_abs": 0.0, "n": TURNS, "passed": true, "definition": "length"},
    })
}

fn topology() -> Value {
    let scales: Vec<f64> = (0..40).map(|i| 0.011 * f64::from(i)).collect();
    let band = |dim: u8, height: f64| {
        let hill = |s: &f64| height * (-((s - 0.2) / 0.08).powi(2)).exp();
        let low: Vec<f64> = scales.iter().map(|s| 0.4 * hill(s)).collect();
        let high: Vec<f64> = scales.iter().map(|s| 1.3 * hill(s)).collect();
        json!({"dim": dim, "scales": scales, "q05": low, "q95": high})
    };
    json!({
        "n_points": TURNS, "n_merged": 0, "n_left_out": 0, "columns": &scm::COLUMNS[scm::SCORES],
        "bars": {"0": TURNS, "1": 13}, "longest": {"0": 0.345, "1": 0.27},
        "total_persistence": {"0": 11.23, "1": 0.631}, "entropy": {"0": 3.71, "1": 2.29},
        "betti_bands": [band(1, 5.0)],
        "cloud": {"columns": [], "standardise": false, "weights": [], "metric": "euclidean"},
        "band": {"alpha": 0.05, "subsample": 7, "n_subsamples": 200, "hausdorff": 0.05, "length": 0.2},
        "beyond_band": [{"dim": 1, "finite": 1, "infinite": 0, "total_persistence": 0.27, "max_persistence": 0.27, "entropy": 0.0}],
        "stability": {"dim": 1, "half": 24, "distances": [0.04, 0.05], "median": 0.045, "largest": 0.05},
    })
}

fn significance() -> Value {
    json!({
        "primary": {
            "null": "structureless field with the same margins and correlations",
            "question": "is the longest loop longer than chance gives?", "statistic": "longest H1 bar",
            "tail": "upper", "observed": 0.27, "p": 0.01, "p_holm": null, "n_nulls": 99, "q50": 0.089,
            "q95": 0.1331, "effect": 4.7,
        },
        "secondary": [{
            "null": "pairing", "question": "does the structure need the true pairing of turns?",
            "statistic": "longest H1 bar over RMS distance", "tail": "upper", "observed": 0.411, "p": 0.34,
            "p_holm": null, "n_nulls": 99, "q50": 0.387, "q95": 0.466, "effect": 0.41,
        }],
        "universal": {"dim": 1, "n_bars": 1, "conservative": true, "bars": [{"bar": 48, "p": 0.01, "p_bonferroni": 0.13}]},
    })
}
