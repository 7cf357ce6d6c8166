//! The deep views (Field, Topology, Train) with inspector and timeline: pictures, and what pointer and keys do in them.

use super::driven::{Window, app, opened};
use super::{run_folders, services, synthetic};
use egui::{Key, Modifiers, PointerButton, Pos2, Role, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use egui_kittest::{SnapshotOptions, SnapshotResults, try_image_snapshot_options};
use gapfield::core::bar::{Bar, Cycle};
use gapfield::core::item::Item;
use gapfield::core::matrix::Matrix;
use gapfield::core::scm::N_COLUMNS;
use gapfield::job::{Live, Progress};
use gapfield::run::config::{PassConfig, RunConfig};
use gapfield::run::contents::{History, Pass, RunContents};
use gapfield::window::command::Command;
use gapfield::window::shot::{ShotSpec, shot};
use gapfield::window::view::{JobStatus, TrainPage, ViewKind};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

const VIEWS: [ViewKind; 3] = [ViewKind::Train, ViewKind::Field, ViewKind::Topology];
/// What a screen reader hears on the picture of the ring's field with the cursor on its first turn.
const FIELD: &str = "field, 48 turns by 12 columns, largest difference 0.30, A higher, knowledge, turn d01-t1. \
    Cursor at d01-t1, aggregate, A 0.69, B 0.69, D 0.00, equal";
const DIMENSIONS: [&str; 5] = ["reasoning", "knowledge", "clarity", "faithfulness", "coverage"];

/// A run of 48 turns whose D holds a ring in knowledge and faithfulness, with everything a finished run stores.
fn ring() -> RunContents {
    let mut run = synthetic::full(Path::new("/nowhere/ring"), "ring", 48, 7);
    let n = run.turns.len();
    let around = |r: usize| r as f32 / n as f32 * std::f32::consts::TAU;
    let a = run.a.as_ref().unwrap().scm.clone();
    let d = Matrix::from_fn(n, N_COLUMNS, |r, c| match c {
        1 => 0.3 * around(r).cos(),
        3 => 0.3 * around(r).sin(),
        9 => 0.0,
        _ => 0.02 * ((r * (c + 3)) as f32).sin(),
    });
    let b = Matrix::from_fn(n, N_COLUMNS, |r, c| a.get(r, c) - d.get(r, c));
    run.a = Some(trained("HRM h256", "hrm", a, 0.0));
    run.b = Some(trained("Tiny d256", "tiny", b, 0.01));
    run.delta = Some(Arc::new(d));
    run.orders.clusters = (0..n).map(|r| r / 16).collect();
    run.orders.rows =
        vec![("cluster".to_owned(), (0..n).collect()), ("PHOS".to_owned(), (0..n).rev().collect())];
    let bar =
        |dim, birth: f64, death| Bar { dim, birth, death, birth_simplex: vec![], death_simplex: vec![] };
    run.bars =
        vec![bar(0, 0.0, None), bar(1, 0.07, Some(0.45)), bar(1, 0.1, Some(0.13)), bar(1, 0.09, Some(0.11))];
    run.bars.extend((1..n).map(|i| bar(0, 0.0, Some(0.02 + 0.001 * i as f64))));
    let walk: Vec<u32> = (0..n as u32).step_by(4).collect();
    let edges = (0..walk.len()).map(|i| [walk[i], walk[(i + 1) % walk.len()]]).collect();
    run.cycles = vec![Cycle { bar: 1, vertices: walk, edges }];
    run.nulls = (0..199).map(|i| 0.15 + 0.0005 * f64::from((i * 37) % 199)).collect();
    let primary = json!({"null": "same margins and correlations", "question": "Is the longest loop longer than chance?",
        "statistic": "longest H1 bar", "observed": 0.38, "p": 0.005, "p_holm": null, "n_nulls": 199, "q50": 0.2,
        "q95": 0.24, "effect": 6.1, "words": ""});
    run.metrics.insert("significance".to_owned(), json!({"primary": primary, "secondary": []}));
    let scales: Vec<f64> = (0..60).map(|i| 0.01 * f64::from(i)).collect();
    let hump = |height: f64| -> Vec<f64> {
        scales.iter().map(|s| height * (-((s - 0.2) / 0.06).powi(2)).exp()).collect()
    };
    let band = json!({"dim": 1, "scales": scales, "q05": hump(1.0), "q95": hump(3.0)});
    run.metrics.insert(
        "topology".to_owned(),
        json!({"n_points": n, "n_merged": 0, "columns": DIMENSIONS, "betti_bands": [band]}),
    );
    let quality = json!({"n": 8, "mae": 0.21, "spearman": 0.44, "mean_predictor": {"mae": 0.26}, "ridge": {"mae": 0.24}});
    let mut side: serde_json::Map<String, serde_json::Value> =
        DIMENSIONS.iter().map(|d| ((*d).to_owned(), quality.clone())).collect();
    let head = |measure: &str, value: f64, no_skill: f64| json!({"measure": measure, "value": value, "no_skill": no_skill, "n": 8});
    side.insert(
        "heads".to_owned(),
        json!({"score": head("Spearman", 0.61, 0.0), "halt": head("AUROC", 0.55, 0.5), "ood": head("AUROC", 0.9, 0.5)}),
    );
    run.metrics.insert("scorers".to_owned(), json!({"A": side, "B": side}));
    run
}

fn trained(name: &str, kind: &str, scm: Matrix, better: f64) -> Arc<Pass> {
    let mut names = vec!["loss.main".to_owned(), "guard.skipped".to_owned(), "guard.clipped".to_owned()];
    names.extend(DIMENSIONS.map(|d| format!("val.mae.{d}")));
    let values = (0..12)
        .map(|e| {
            let left = (-f64::from(e) / 5.0).exp();
            let mut row = vec![0.05 + 0.1 * left - better, 0.0, f64::from(u8::from(e == 1))];
            row.extend((0..5).map(|d| 0.15 + 0.02 * f64::from(d) + 0.12 * left - better));
            row
        })
        .collect();
    let history = Some(History { names, values });
    Arc::new(Pass { name: name.to_owned(), kind: kind.to_owned(), scm, history })
}

fn options() -> SnapshotOptions {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    SnapshotOptions::new().threshold(2.5).max_failed_pixels(400_usize).output_path(folder)
}

fn every_deep_view(theme: &str) {
    let broken = || Some(synthetic::broken(Path::new("/nowhere/broken")));
    #[allow(clippy::type_complexity)] // a table of three rows
    let states: [(&str, fn() -> Option<RunContents>); 3] =
        [("empty", || None), ("small", || Some(ring())), ("broken", broken)];
    let mut results = SnapshotResults::new();
    for (state, run) in states {
        let (_guard, runs) = run_folders(&[]);
        for view in VIEWS {
            let commands =
                vec![Command::Cursor { row: 20, column: Some(3) }, Command::Brush((18..24).collect())];
            let spec = ShotSpec {
                view,
                panel_only: true,
                size_px: [1000, 720],
                dark: theme == "dark",
                commands: if state == "empty" { Vec::new() } else { commands },
                ..ShotSpec::default()
            };
            let image = shot(services(&runs), run(), &spec).unwrap();
            let name = format!("{}-{state}-{theme}", view.title().to_lowercase());
            results.add(try_image_snapshot_options(&image, &name, &options()));
        }
    }
}

#[test]
fn every_deep_view_looks_as_stored_in_the_dark_theme() {
    every_deep_view("dark");
}

#[test]
fn every_deep_view_looks_as_stored_in_the_light_theme() {
    every_deep_view("light");
}

/// The job that trains the ring's mind A, after five of twelve epochs.
fn training_job() -> JobStatus {
    let run = ring();
    let whole = run.a.as_ref().unwrap().history.clone().unwrap();
    let mut names = whole.names;
    names.extend(
        ["learning_rate", "turns_per_second", "grad_norm", "val.spearman", "head.halt", "head.log_var"]
            .map(str::to_owned),
    );
    let more = |e: usize| [1e-4, 420.0, 1.0 / (e + 1) as f64, 0.1 + 0.06 * e as f64, 0.55, 0.3];
    let values =
        whole.values[..5].iter().enumerate().map(|(e, row)| row.iter().copied().chain(more(e)).collect());
    let history = History { names, values: values.collect() };
    let frame = |e: usize| Matrix::from_fn(8, 5, |r, c| 0.5 + 0.04 * e as f32 * ((r + c) as f32).sin());
    let validation = (0..5).map(|e| ("A".to_owned(), Arc::new(frame(e)))).collect();
    let config = RunConfig {
        a: PassConfig { epochs: 12, dropout: 0.35, ..PassConfig::default() },
        ..RunConfig::default()
    };
    let made = RunContents {
        a: None,
        b: None,
        metrics: Default::default(),
        config: Some(config),
        status: "running train A".to_owned(),
        ..run
    };
    JobStatus {
        running: true,
        title: "ring".to_owned(),
        folder: Some(made.folder.clone()),
        progress: Some(Progress { stage: "train A".to_owned(), done: 5, total: 12, unit: "epochs" }),
        rate: Some(0.5),
        eta_s: Some(14.0),
        live: Live { validation, ..Live::default() },
        history: vec![("A".to_owned(), history)],
        rate_factor: 1.0,
        run: Some(Arc::new(made)),
        ..JobStatus::default()
    }
}

#[test]
fn a_training_under_way_paused_and_failed_looks_as_stored() {
    let (_guard, runs) = run_folders(&[]);
    let mut results = SnapshotResults::new();
    let live = training_job();
    let paused = JobStatus { paused: true, rate_factor: 0.5, ..live.clone() };
    let ended = Some("training A did not finish: the disk is full; free some space and resume".to_owned());
    let failed = JobStatus { running: false, failed: true, ended, ..live.clone() };
    for (name, job, dark, size_px) in [
        ("train-live-dark", &live, true, [1600, 1000]),
        ("train-live-light", &live, false, [1280, 800]),
        ("train-paused-dark", &paused, true, [1280, 800]),
        ("train-failed-light", &failed, false, [1280, 800]),
    ] {
        let view = ViewKind::Train;
        let spec = ShotSpec { view, dark, size_px, job: Some(job.clone()), ..ShotSpec::default() };
        let image = shot(services(&runs), None, &spec).unwrap();
        results.add(try_image_snapshot_options(&image, name, &options()));
    }
    for (name, page, dark) in
        [("train-figures-dark", TrainPage::Figures, true), ("train-setup-light", TrainPage::Setup, false)]
    {
        let spec = ShotSpec {
            view: ViewKind::Train,
            dark,
            size_px: [1280, 800],
            commands: vec![Command::TrainPage(page)],
            ..ShotSpec::default()
        };
        let image = shot(services(&runs), Some(ring()), &spec).unwrap();
        results.add(try_image_snapshot_options(&image, name, &options()));
    }
}

#[test]
fn the_field_with_inspector_and_timeline_looks_as_stored() {
    let (_guard, runs) = run_folders(&["ring"]);
    let mut results = SnapshotResults::new();
    for (name, size_px, dark) in
        [("window-field-1600-dark", [1600, 1000], true), ("window-field-1280-light", [1280, 800], false)]
    {
        let commands = vec![Command::Cursor { row: 20, column: Some(3) }, Command::Brush((18..24).collect())];
        let spec = ShotSpec { view: ViewKind::Field, size_px, dark, commands, ..ShotSpec::default() };
        let image = shot(services(&runs), Some(ring()), &spec).unwrap();
        results.add(try_image_snapshot_options(&image, name, &options()));
    }
}

/// The window on the ring, drawn without a renderer (so VPMs come from the CPU).
fn window(view: ViewKind) -> (tempfile::TempDir, Window) {
    let (guard, runs) = run_folders(&[]);
    let mut harness = opened(services(&runs), 1400.0, 900.0);
    app(&mut harness).show_run(ring());
    app(&mut harness).wish(Command::Show(view));
    harness.run_steps(6);
    (guard, harness)
}

fn press(harness: &mut Window, at: Pos2, pressed: bool) {
    harness.event(egui::Event::PointerMoved(at));
    harness.event(egui::Event::PointerButton {
        pos: at,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    });
    harness.run_steps(2);
}

fn click(harness: &mut Window, at: Pos2) {
    harness.event(egui::Event::PointerMoved(at));
    harness.run_steps(2);
    press(harness, at, true);
    press(harness, at, false);
    harness.run_steps(2);
}

#[test]
fn a_click_on_the_field_selects_the_turn_under_it_and_arrows_move_on() {
    let (_guard, mut harness) = window(ViewKind::Field);
    let area = harness.get_by_role_and_label(Role::Canvas, FIELD).rect();
    click(&mut harness, area.left_top() + vec2(5.0, 3.0));
    let selection = app(&mut harness).selection().clone();
    assert_eq!(selection.selected, Some(Item::Turn(0)));
    assert_eq!((selection.cursor_row, selection.cursor_column), (Some(0), Some(0)));
    harness.key_press(Key::ArrowDown);
    harness.key_press(Key::ArrowRight);
    harness.run_steps(4);
    let selection = app(&mut harness).selection();
    assert_eq!((selection.cursor_row, selection.cursor_column), (Some(1), Some(1)));
}

#[test]
fn dragging_over_rows_brushes_them() {
    let (_guard, mut harness) = window(ViewKind::Field);
    let area = harness.get_by_role_and_label(Role::Canvas, FIELD).rect();
    let x = area.left() + 30.0;
    harness.event(egui::Event::PointerMoved(Pos2::new(x, area.top() + 2.0)));
    harness.run_steps(2);
    press(&mut harness, Pos2::new(x, area.top() + 2.0), true);
    for share in [0.1, 0.2, 0.25] {
        harness.event(egui::Event::PointerMoved(Pos2::new(x, area.top() + share * area.height())));
        harness.run_steps(2);
    }
    press(&mut harness, Pos2::new(x, area.top() + 0.25 * area.height()), false);
    let brushed = app(&mut harness).selection().brushed.clone();
    assert!(brushed.len() > 6 && brushed.len() < 18, "{brushed:?}");
    assert!(brushed.windows(2).all(|w| w[1] == w[0] + 1), "{brushed:?}");
    assert_eq!(brushed[0], 0);
}

#[test]
fn selecting_a_bar_brushes_the_turns_of_its_loop_everywhere() {
    let (_guard, mut harness) = window(ViewKind::Topology);
    let view = harness.get_by_role_and_label(egui::Role::Group, "Topology view");
    let said = view.accesskit_node().description().unwrap_or_default();
    assert!(said.contains("One loop is longer than chance gives p = 0.005"), "{said}");
    let area = harness.get_by_label_contains("barcode, H0").rect();
    // The longest loop stands in the first row below the second heading: look for it down the middle of its bar.
    let x = area.left() + area.width() * 0.4;
    let mut y = area.top() + 60.0;
    while y < area.bottom() && app(&mut harness).selection().selected != Some(Item::Bar(1)) {
        click(&mut harness, Pos2::new(x, y));
        y += 3.0;
    }
    let selection = app(&mut harness).selection();
    assert_eq!(selection.selected, Some(Item::Bar(1)));
    assert_eq!(selection.brushed, (0..48).step_by(4).collect::<Vec<_>>());
}

#[test]
fn the_inspector_reads_the_selected_turn_and_jumps_to_its_loop() {
    let (_guard, mut harness) = window(ViewKind::Field);
    app(&mut harness).wish(Command::Cursor { row: 8, column: Some(1) });
    app(&mut harness).wish(Command::Select(Some(Item::Turn(8))));
    harness.run_steps(4);
    harness.get_by_role_and_label(Role::Heading, "Judge on knowledge");
    assert!(harness.query_all_by_label_contains("knowledge, A ").count() > 0);
    assert!(harness.query_by_label_contains("Test turn").is_none(), "turn 9 is a validation turn");
    harness.get_by_label_contains("Validation turn, 1 of");
    harness.get_by_label_contains("In loop 1, step 3 of 12").click_accesskit();
    harness.run_steps(4);
    assert_eq!(app(&mut harness).selection().selected, Some(Item::Bar(1)));
    assert_eq!(app(&mut harness).focused_view(), ViewKind::Topology);
}

#[test]
fn the_timeline_moves_the_cursor_by_buttons() {
    let (_guard, mut harness) = window(ViewKind::Field);
    app(&mut harness).wish(Command::Cursor { row: 10, column: None });
    harness.run_steps(3);
    harness.get_all_by_label("Next turn in time").last().unwrap().click_accesskit();
    harness.run_steps(4);
    assert_eq!(app(&mut harness).selection().cursor_row, Some(11));
    let strip = harness.get_by_label_contains("timeline, mean D of 48 turns").rect();
    click(&mut harness, strip.center());
    assert_eq!(app(&mut harness).selection().cursor_row, Some(24));
}

#[test]
fn the_training_view_switches_minds() {
    let (_guard, mut harness) = window(ViewKind::Train);
    harness.get_by_label_contains("Validation MAE of A");
    harness.get_by_role_and_label(Role::RadioButton, "B").click();
    harness.run_steps(4);
    harness.get_by_label_contains("Validation MAE of B");
    harness.get_by_label_contains("head halt, AUROC 0.55, no skill 0.50, weak");
}

#[test]
fn a_large_field_is_prepared_beside_the_frames() {
    let (_guard, mut harness) = window(ViewKind::Field);
    let mut run = synthetic::full(Path::new("/nowhere/large"), "large", 12_000, 7);
    run.judgements = Arc::new(Vec::new());
    app(&mut harness).show_run(run);
    let began = std::time::Instant::now();
    let shown =
        |harness: &Window| harness.query_all_by_label_contains("field, 12\u{2009}000 turns").count() > 0;
    while !shown(&harness) && began.elapsed() < std::time::Duration::from_secs(30) {
        harness.run_steps(2);
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(shown(&harness), "the field of 12 000 turns never appeared");
    assert!(harness.query_by_label_contains("Preparing the field").is_none());
}
