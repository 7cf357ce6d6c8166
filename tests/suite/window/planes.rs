//! Frontier and Projection: pictures in both themes, and what lasso, click and keys do on their planes.

use super::driven::{Window, app, opened, settle};
use super::{run_folders, services, synthetic};
use egui::{Key, Modifiers, PointerButton, Pos2, Rect, Role};
use egui_kittest::kittest::{NodeT, Queryable};
use egui_kittest::{SnapshotOptions, SnapshotResults, try_image_snapshot_options};
use gapfield::core::item::Item;
use gapfield::job::JobContext;
use gapfield::run::contents::RunContents;
use gapfield::run::projection::{Projection, ProjectionKey};
use gapfield::window::command::Command;
use gapfield::window::services::Services;
use gapfield::window::shot::{ShotSpec, shot};
use gapfield::window::view::ViewKind;
use std::path::Path;
use std::time::Duration;

const VIEWS: [ViewKind; 2] = [ViewKind::Frontier, ViewKind::Projection];

/// 48 turns whose passes told different things, with domains.
fn run() -> RunContents {
    let mut run = synthetic::full(Path::new("/nowhere/planes"), "planes", 48, 7);
    let mut turns = (*run.turns).clone();
    for (i, turn) in turns.iter_mut().enumerate() {
        turn.meta = Some(format!("{{\"domain\":\"{}\"}}", ["physics", "cooking", "law"][i % 3]));
    }
    run.turns = std::sync::Arc::new(turns);
    run
}

fn every_plane(theme: &str) {
    let broken = || Some(synthetic::broken(Path::new("/nowhere/broken")));
    #[allow(clippy::type_complexity)] // a table of three rows
    let states: [(&str, fn() -> Option<RunContents>); 3] =
        [("empty", || None), ("small", || Some(run())), ("broken", broken)];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    let options = SnapshotOptions::new().threshold(2.5).max_failed_pixels(400_usize).output_path(folder);
    let mut results = SnapshotResults::new();
    for (state, run) in states {
        let (_guard, runs) = run_folders(&[]);
        for view in VIEWS {
            let commands =
                vec![Command::Cursor { row: 20, column: None }, Command::Brush((18..24).collect())];
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
            results.add(try_image_snapshot_options(&image, &name, &options));
        }
    }
}

#[test]
fn both_planes_look_as_stored_in_the_dark_theme() {
    every_plane("dark");
}

#[test]
fn both_planes_look_as_stored_in_the_light_theme() {
    every_plane("light");
}

fn window_with(view: ViewKind, services: Services) -> Window {
    let mut harness = opened(services, 1500.0, 950.0);
    app(&mut harness).show_run(run());
    app(&mut harness).wish(Command::Show(view));
    harness
}

fn window(view: ViewKind) -> (tempfile::TempDir, Window) {
    let (guard, runs) = run_folders(&[]);
    let mut harness = window_with(view, services(&runs));
    settle(&mut harness);
    (guard, harness)
}

fn plane(harness: &Window, name: &str) -> Rect {
    harness.get_by_label_contains(name).rect()
}

fn pointer(harness: &mut Window, at: Pos2, pressed: Option<bool>) {
    harness.event(egui::Event::PointerMoved(at));
    if let Some(pressed) = pressed {
        harness.event(egui::Event::PointerButton {
            pos: at,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        });
    }
    harness.run_steps(2);
}

/// A lasso around the whole rectangle.
fn lasso(harness: &mut Window, rect: Rect) {
    let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom()];
    pointer(harness, corners[0], None);
    pointer(harness, corners[0], Some(true));
    for corner in &corners[1..] {
        pointer(harness, *corner, None);
    }
    pointer(harness, corners[3], Some(false));
    harness.run_steps(3);
}

#[test]
fn a_lasso_selects_the_turns_inside_in_every_view() {
    for (view, name) in [(ViewKind::Projection, "projection."), (ViewKind::Frontier, "frontier map")] {
        let (_guard, mut harness) = window(view);
        let rect = plane(&harness, name).shrink(1.0);
        lasso(&mut harness, rect);
        let all: Vec<usize> = (0..48).collect();
        assert_eq!(app(&mut harness).selection().brushed, all, "{name}: everything is inside");
        assert_eq!(app(&mut harness).selection().selected, Some(Item::Turns(all)));
        // Where the turns lie depends on the map; some part from the left holds some of them.
        let mut half = Vec::new();
        for share in [0.5, 0.6, 0.7, 0.8, 0.9] {
            let to = egui::pos2(rect.left() + share * rect.width(), rect.bottom());
            lasso(&mut harness, Rect::from_min_max(rect.min, to));
            half.clone_from(&app(&mut harness).selection().brushed);
            if !half.is_empty() {
                break;
            }
        }
        assert!(!half.is_empty() && half.len() < 48, "{name}: {}", half.len());
        app(&mut harness).wish(Command::Show(ViewKind::Field));
        settle(&mut harness);
        assert_eq!(app(&mut harness).selection().brushed, half, "the other views share the brush");
    }
}

#[test]
fn arrow_keys_walk_from_turn_to_turn_and_zooming_changes_no_selection() {
    let (_guard, mut harness) = window(ViewKind::Projection);
    harness.get_by_label_contains("projection.").focus();
    harness.run_steps(2);
    harness.key_press(Key::ArrowRight);
    harness.run_steps(3);
    let first = app(&mut harness).selection().cursor_row;
    for _ in 0..3 {
        harness.key_press(Key::ArrowRight);
        harness.run_steps(3);
    }
    let later = app(&mut harness).selection().selected.clone();
    assert!(matches!(later, Some(Item::Turn(row)) if Some(row) != first), "{first:?} {later:?}");
    harness.key_press(Key::Plus);
    harness.run_steps(3);
    harness.key_press(Key::Num0);
    harness.run_steps(3);
    assert_eq!(app(&mut harness).selection().selected, later);
}

#[test]
fn groups_of_the_key_brush_their_turns() {
    let (_guard, mut harness) = window(ViewKind::Projection);
    harness.get_by_role_and_label(Role::ComboBox, "Colour D, mean of five").click();
    harness.run_steps(4);
    harness.get_by_role_and_label(Role::MenuItemRadio, "domain").click_accesskit();
    harness.run_steps(4);
    harness.get_by_label_contains("brush law, 16 turns").click_accesskit();
    harness.run_steps(3);
    assert_eq!(app(&mut harness).selection().brushed, (0..48).filter(|r| r % 3 == 2).collect::<Vec<_>>());
}

#[test]
fn every_map_says_what_it_shows() {
    let (_guard, mut harness) = window(ViewKind::Frontier);
    for name in ["frontier map", "arrow map", "epistemic map", "canonical correlations", "residual field"] {
        let node = harness.get_by_label_contains(name);
        let words = node.accesskit_node().label().unwrap_or_default();
        assert!(words.len() > name.len() + 10, "{words}");
    }
    harness.get_by_role_and_label(Role::ComboBox, "Map all four").click();
    harness.run_steps(4);
    harness.get_by_role_and_label(Role::MenuItemRadio, "epistemic").click();
    harness.run_steps(4);
    harness.get_by_label_contains("A higher and surer");
    assert!(harness.query_by_label_contains("arrow map").is_none());
}

#[test]
fn the_picture_says_that_it_is_only_a_picture_and_how_far_it_can_be_trusted() {
    let (_guard, mut harness) = window(ViewKind::Projection);
    harness.get_by_role_and_label(Role::RadioButton, "PCA").click();
    settle(&mut harness);
    let words = harness.get_by_label_contains("projection.").accesskit_node().label().unwrap_or_default();
    assert!(words.contains("PCA of D") && words.contains("trustworthiness 0."), "{words}");
    assert!(words.contains("no statistic is computed on it"), "{words}");
}

/// Never ends by itself.
fn endless(_: &RunContents, _: ProjectionKey, ctx: &JobContext) -> anyhow::Result<Projection> {
    let mut done = 0;
    loop {
        ctx.check()?;
        done += 1;
        ctx.progress("layout", done % 100, 100, "epochs");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_projection_under_way_shows_its_progress_and_can_be_stopped() {
    let (_guard, runs) = run_folders(&[]);
    let services = Services { project: endless, ..services(&runs) };
    let mut harness = window_with(ViewKind::Projection, services);
    for _ in 0..10 {
        harness.run_steps(2);
        std::thread::sleep(Duration::from_millis(10));
    }
    harness.get_by_label_contains("Computing the UMAP of D");
    harness.get_by_label("Stop").click();
    harness.run_steps(4);
    assert!(harness.query_by_label_contains("Computing").is_none());
    harness.get_by_label("Try again");
}

#[test]
fn other_options_of_umap_are_computed_shown_as_chosen_and_put_back() {
    let (_guard, mut harness) = window(ViewKind::Projection);
    harness.get_by_role_and_label(Role::ComboBox, "Options as the run").click();
    settle(&mut harness);
    harness.get_by_role_and_label(Role::SpinButton, "Neighbours").set_value_accesskit(6.0);
    settle(&mut harness);
    harness.get_by_label("Compute").click();
    settle(&mut harness);
    harness.get_by_label_contains("6 neighbours, min_dist 0.2, seeded, chosen after looking");
    harness.get_by_role_and_label(Role::ComboBox, "Options chosen").click();
    settle(&mut harness);
    harness.get_by_label("Back to the run's").click();
    settle(&mut harness);
    harness.get_by_label_contains("15 neighbours, min_dist 0.2, seeded");
    assert!(harness.query_by_label_contains("chosen after looking. ").is_none());
    harness.get_by_role_and_label(Role::ComboBox, "Options as the run");
}
