//! A small run made up by rule, for the tests of figures and reports.

use crate::core::bar::Bar;
use crate::core::matrix::Matrix;
use crate::core::scm;
use crate::core::seed;
use crate::core::turn::Turn;
use crate::run::contents::{History, Orders, Pass, RunContents};
use serde_json::json;
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
            "run_id": "20260101-0900-abcd", "title": "Fixture", "config_hash": "4be19a77c0ffee", "commit": "0123abc",
            "seed": 7, "device": "CPU, 2 threads", "product_version": "0.1.0"
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
        delta: Some(Arc::new(d)),
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
        metrics: metrics(),
        ..RunContents::default()
    }
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
pub fn metrics() -> std::collections::BTreeMap<String, serde_json::Value> {
    std::collections::BTreeMap::new()
}
