//! Small runs made from a seed, for pictures and tests of the window: full, empty and broken.

use gapfield::core::bar::{Bar, Cycle};
use gapfield::core::dimension::Dimension;
use gapfield::core::matrix::Matrix;
use gapfield::core::scm::{self, N_COLUMNS};
use gapfield::core::seed::{normal, stream};
use gapfield::core::turn::{Judgement, Split, Turn};
use gapfield::run::contents::{History, Orders, Pass, RunContents};
use std::path::Path;
use std::sync::Arc;

/// Questions the synthetic turns ask.
const QUESTIONS: [&str; 6] = [
    "Write a short e-mail to our customers about this maintenance",
    "whats the difference between C3, C4 and CAM photosynthesis?",
    "How fast does the water leave if the bottle is at 4 bar gauge?",
    "Explain the birthday problem to a twelve year old",
    "Can you check whether this proof by induction holds?",
    "Summarise the meeting notes in five bullet points",
];

fn turns(n: usize) -> Vec<Turn> {
    (0..n)
        .map(|i| Turn {
            turn_id: format!("d{:02}-t{}", i / 8 + 1, i % 8 + 1),
            conversation_id: format!("d{:02}", i / 8 + 1),
            title: "Write the documentation and messages for a software product".to_owned(),
            turn_index: (i % 8 + 1) as i64,
            goal_text: QUESTIONS[i % QUESTIONS.len()].to_owned(),
            response_text:
                "Subject: Scheduled maintenance on Saturday 18 October, 06:00 to 09:00 UTC. Dear customer, \
                            we will carry out maintenance. "
                    .repeat(1 + i % 4),
            context: (i % 3 == 0)
                .then(|| "The dashboard is read-only, the API works, webhooks are delayed.".to_owned()),
            created_at: None,
            source: "synthetic".to_owned(),
            ..Turn::default()
        })
        .collect()
}

fn pass(name: &str, kind: &str, n: usize, lean: f32, seed: u64) -> Pass {
    let mut rng = stream(seed, name);
    let scm = Matrix::from_fn(n, N_COLUMNS, |row, column| {
        let base = 0.55 + 0.3 * ((row as f32) / 17.0).sin() + 0.05 * column as f32 * lean;
        let noise = 0.08 * normal(&mut rng) as f32;
        if column == scm::LENGTH { 0.6 } else { (base + noise + lean * 0.1).clamp(0.0, 1.0) }
    });
    let names: Vec<String> = ["loss.main", "val.loss.main", "grad_norm"].map(str::to_owned).to_vec();
    let values = (1..=20)
        .map(|e| {
            let e = f64::from(e);
            vec![0.14 * (-e / 8.0).exp() + 0.05, 0.14 * (-e / 9.0).exp() + 0.06, 1.0 / e]
        })
        .collect();
    Pass { name: name.to_owned(), kind: kind.to_owned(), scm, history: Some(History { names, values }) }
}

fn judgements(turns: &[Turn], judges: usize, seed: u64) -> Vec<Judgement> {
    let mut rng = stream(seed, "judgements");
    let mut all = Vec::new();
    for judge in 1..=judges {
        for (i, turn) in turns.iter().enumerate() {
            for dimension in Dimension::ALL {
                let score = 62.0 + 24.0 * ((i as f64) / 9.0).sin() + 9.0 * normal(&mut rng);
                all.push(Judgement {
                    turn_id: turn.turn_id.clone(),
                    dimension,
                    score: score.clamp(0.0, 100.0).round(),
                    rationale: "Context says read-only dashboard; the e-mail states the opposite.".to_owned(),
                    judge: format!("judge-{judge}"),
                });
            }
        }
    }
    all
}

/// A run with both passes, orders, bars and metrics.
pub fn full(folder: &Path, title: &str, n: usize, seed: u64) -> RunContents {
    let turns = turns(n);
    let a = pass("HRM h256", "hrm", n, 0.4, seed);
    let b = pass("Tiny d256", "tiny", n, -0.3, seed + 1);
    let delta = Matrix::from_fn(n, N_COLUMNS, |r, c| a.scm.get(r, c) - b.scm.get(r, c));
    let mut by_d: Vec<usize> = (0..n).collect();
    by_d.sort_by(|x, y| delta.get(*y, scm::AGGREGATE).total_cmp(&delta.get(*x, scm::AGGREGATE)));
    let clusters: Vec<usize> = (0..n).map(|r| usize::from(delta.get(r, 0) > 0.1)).collect();
    let mut by_cluster = by_d.clone();
    by_cluster.sort_by_key(|r| clusters[*r]);
    let splits = (0..n)
        .map(|i| match (i / 8) % 6 {
            0 => Split::Test,
            1 => Split::Validation,
            _ => Split::Train,
        })
        .collect();
    let by_column: serde_json::Map<String, serde_json::Value> = scm::SCORES
        .map(|c| {
            let mean = (0..n).map(|r| f64::from(delta.get(r, c).abs())).sum::<f64>() / n as f64;
            let interval = serde_json::json!({
                "value": mean, "low": mean - 0.012, "high": mean + 0.015, "n": n, "n_of": "turns",
            });
            (scm::COLUMNS[c].to_owned(), interval)
        })
        .collect();
    let mut metrics = std::collections::BTreeMap::new();
    metrics.insert(
        "intensity".to_owned(),
        serde_json::json!({
            "delta_mass": {"value": 0.172, "low": 0.162, "high": 0.182, "n": n, "n_of": "turns"},
            "delta_mass_by_column": by_column,
        }),
    );
    metrics.insert(
        "significance".to_owned(),
        serde_json::json!({"primary": {"null": "shuffle", "statistic": "longest H1", "observed": 0.12, "p": 0.98, "n_nulls": 199}}),
    );
    RunContents {
        slices: Vec::new(),
        folder: folder.to_owned(),
        manifest: serde_json::json!({
            "title": title, "run_id": "20261118-0914-7f3c", "version": 1, "seed": 8412067713905526142_u64,
            "stages": [{"name": "pass A", "status": "ok"}, {"name": "pass B", "status": "ok"}],
            "files": [{"path": "turns.parquet", "bytes": 4_100_000}],
        }),
        status: "complete".to_owned(),
        judgements: Arc::new(judgements(&turns, 2, seed)),
        turns: Arc::new(turns),
        splits,
        validation: Vec::new(),
        a: Some(Arc::new(a)),
        b: Some(Arc::new(b)),
        delta: Some(Arc::new(delta)),
        orders: Orders {
            rows: vec![
                ("time".to_owned(), (0..n).collect()),
                ("D".to_owned(), by_d.clone()),
                ("PHOS".to_owned(), by_d),
                ("cluster".to_owned(), by_cluster),
            ],
            phos_columns: (0..N_COLUMNS).rev().collect(),
            phos_kept: true,
            clusters,
        },
        projections: Vec::new(),
        uncertainty_gap: None,
        bars: bars(n),
        cycles: vec![Cycle {
            bar: 12,
            vertices: vec![0, 3, 7, 9],
            edges: vec![[0, 3], [3, 7], [7, 9], [9, 0]],
        }],
        nulls: (0..199).map(|i| 0.05 + 0.001 * f64::from(i % 60)).collect(),
        metrics,
        figures: Vec::new(),
        problems: Vec::new(),
        ..RunContents::default()
    }
}

fn bars(n: usize) -> Vec<Bar> {
    let mut bars: Vec<Bar> = (0..12.min(n))
        .map(|i| Bar {
            dim: 0,
            birth: 0.0,
            death: (i > 0).then_some(0.4 - 0.02 * i as f64),
            birth_simplex: vec![i as u32],
            death_simplex: vec![0, i as u32],
        })
        .collect();
    bars.extend((0..8).map(|i| Bar {
        dim: 1,
        birth: 0.1 + 0.01 * f64::from(i),
        death: Some(0.22 - 0.008 * f64::from(i)),
        birth_simplex: vec![0, 1],
        death_simplex: vec![0, 1, 2],
    }));
    bars
}

/// A run whose files contradict each other: passes of other lengths, orders that are no permutations, NaN everywhere.
pub fn broken(folder: &Path) -> RunContents {
    let mut run = full(folder, "broken run", 24, 3);
    run.a = Some(Arc::new(Pass {
        name: "HRM h256".to_owned(),
        kind: "hrm".to_owned(),
        scm: Matrix::filled(7, N_COLUMNS, f32::NAN),
        history: None,
    }));
    run.b = None;
    run.delta = Some(Arc::new(Matrix::filled(24, N_COLUMNS, f32::NAN)));
    run.orders.rows = vec![("time".to_owned(), vec![99, 3]), ("cluster".to_owned(), vec![])];
    run.orders.phos_columns = vec![40];
    run.splits.truncate(3);
    run.cycles = vec![Cycle { bar: 999, vertices: vec![5000], edges: vec![[5000, 1]] }];
    run.problems = vec!["passes/B/scm.parquet is missing".to_owned()];
    run
}
