//! What a reader keeps and takes back: slices, undo and redo, figures that open again, and trouble that leaves the
//! window standing.

use super::driven::{Window, app, settle};
use super::interactions::{window, with_run};
use super::{run_folders, services, synthetic};
use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{NodeT, Queryable};
use gapfield::core::item::Item;
use gapfield::figure::{FigureSpec, Format, Kind, render};
use gapfield::job::JobContext;
use gapfield::run::config::RunConfig;
use gapfield::run::error::RunError;
use gapfield::run::{export, slices};
use gapfield::window::command::Command;
use gapfield::window::services::Services;
use gapfield::window::view::ViewKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A window on a run that lies in a real folder.
fn with_folder() -> (tempfile::TempDir, PathBuf, Window) {
    let (dir, runs) = run_folders(&["ab"]);
    let folder = runs.join("ab");
    let mut harness = window(services(&runs));
    app(&mut harness).show_run(synthetic::full(&folder, "ab", 48, 7));
    settle(&mut harness);
    (dir, folder, harness)
}

fn wait_for(harness: &mut Window, what: &str, done: impl Fn(&Window) -> bool) {
    let began = Instant::now();
    while !done(harness) {
        assert!(began.elapsed() < Duration::from_secs(30), "{what} never came");
        settle(harness);
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_slice_is_kept_in_the_run_folder_renamed_removed_and_brought_back() {
    let (_guard, folder, mut harness) = with_folder();
    app(&mut harness).wish(Command::Brush(vec![3, 5, 9]));
    harness.key_press(Key::S);
    settle(&mut harness);
    harness.get_by_label("slice Slice, 3 turns");
    assert_eq!(slices::read(&folder).unwrap()[0].turns.len(), 3);

    harness.get_by_label("More about slice Slice").click();
    settle(&mut harness);
    harness.get_by_label("Name of slice Slice").focus();
    settle(&mut harness);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.event(egui::Event::Text("hard ones".to_owned()));
    settle(&mut harness);
    harness.key_press(Key::Enter);
    settle(&mut harness);
    harness.get_by_label("slice hard ones, 3 turns");
    assert_eq!(slices::read(&folder).unwrap()[0].name, "hard ones");

    app(&mut harness).wish(Command::Brush(Vec::new()));
    settle(&mut harness);
    harness.get_by_label("slice hard ones, 3 turns").click();
    settle(&mut harness);
    assert_eq!(app(&mut harness).selection().brushed, [3, 5, 9], "selecting a slice brushes its turns");

    app(&mut harness).wish(Command::RemoveSlice("hard ones".to_owned()));
    settle(&mut harness);
    assert!(slices::read(&folder).unwrap().is_empty());
    harness.get_by_label("Bring back").click();
    settle(&mut harness);
    assert_eq!(slices::read(&folder).unwrap()[0].name, "hard ones");
}

#[test]
fn a_selection_goes_out_with_its_texts_and_numbers() {
    let run = synthetic::full(Path::new("/nowhere/ab"), "ab", 48, 7);
    let csv = export::selection(&run, &[2, 4], export::Format::Csv).unwrap();
    let text = String::from_utf8(csv).unwrap();
    assert_eq!(text.lines().next().unwrap().split(',').filter(|c| c.starts_with("d_")).count(), 12);
    assert!(text.contains(&run.turns[4].turn_id) && !text.contains(&run.turns[3].turn_id));
}

#[test]
fn how_things_are_shown_can_be_undone_and_made_again_but_no_data() {
    let (_guard, mut harness) = with_run();
    app(&mut harness).wish(Command::Show(ViewKind::Field));
    settle(&mut harness);
    let tab = |harness: &Window, name: &str| harness.query_by_role_and_label(Role::Tab, name).is_some();
    app(&mut harness).wish(Command::ToggleTheme);
    settle(&mut harness);
    app(&mut harness).wish(Command::CloseView(ViewKind::Runs));
    settle(&mut harness);
    app(&mut harness).wish(Command::Brush(vec![1, 2]));
    harness.get_by_label("PHOS").click();
    settle(&mut harness);
    assert_eq!((harness.ctx.theme(), tab(&harness, "Runs")), (egui::Theme::Light, false));

    let undo = |harness: &mut Window| {
        harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
        settle(harness);
    };
    undo(&mut harness);
    assert!(!tab(&harness, "Runs"), "first the PHOS order goes");
    undo(&mut harness);
    assert!(tab(&harness, "Runs"), "then the tab comes back");
    undo(&mut harness);
    assert_eq!(harness.ctx.theme(), egui::Theme::Dark);
    assert_eq!(app(&mut harness).selection().brushed, [1, 2], "the brush is no way of showing");
    for _ in 0..2 {
        harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
        settle(&mut harness);
    }
    assert_eq!((harness.ctx.theme(), tab(&harness, "Runs")), (egui::Theme::Light, false));
}

#[test]
fn settings_of_views_outlive_the_session() {
    let (_guard, runs) = run_folders(&[]);
    let config = tempfile::tempdir().unwrap();
    let services = Services { config_dir: Some(config.path().to_owned()), ..services(&runs) };
    let mut harness = window(services.clone());
    app(&mut harness).show_run(synthetic::full(Path::new("/nowhere/ab"), "ab", 48, 7));
    app(&mut harness).wish(Command::Show(ViewKind::Field));
    settle(&mut harness);
    harness.get_by_label_contains("Rows by cluster").click();
    settle(&mut harness);
    harness.get_by_label("by mean D").click();
    settle(&mut harness);
    app(&mut harness).close();
    drop(harness);
    let mut harness = window(services);
    app(&mut harness).show_run(synthetic::full(Path::new("/nowhere/ab"), "ab", 48, 7));
    app(&mut harness).wish(Command::Show(ViewKind::Field));
    settle(&mut harness);
    harness.get_by_label("Rows by mean D");
}

#[test]
fn a_dropped_figure_opens_its_run_as_it_shows_it() {
    let (_guard, runs) = run_folders(&["ab"]);
    let folder = runs.join("ab");
    let run = synthetic::full(&folder, "ab", 48, 7);
    let spec = FigureSpec { order: "clarity".to_owned(), rows: vec![4, 8], ..FigureSpec::of(Kind::Vpm) };
    let figure = runs.join("figure.svg");
    std::fs::write(&figure, render(&run, &spec, Format::Svg).unwrap()).unwrap();
    let mut harness = window(services(&runs));
    app(&mut harness).show_run(run);
    app(&mut harness).wish(Command::Show(ViewKind::Runs));
    settle(&mut harness);
    app(&mut harness).wish(Command::OpenFigure(figure.clone()));
    settle(&mut harness);
    settle(&mut harness);
    assert_eq!(app(&mut harness).focused_view(), ViewKind::Field);
    assert_eq!(app(&mut harness).selection().brushed, [4, 8]);
    harness.get_by_label("Rows by D clarity");

    app(&mut harness).wish(Command::CloseRun);
    settle(&mut harness);
    app(&mut harness).wish(Command::OpenFigure(figure));
    settle(&mut harness);
    harness.get_by_label_contains("is not on this machine; open its folder first");
}

#[test]
fn the_studio_draws_a_preview_and_writes_what_it_shows() {
    let (_guard, mut harness) = with_run();
    let out = tempfile::tempdir().unwrap();
    app(&mut harness).wish(Command::Show(ViewKind::Field));
    settle(&mut harness);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::E);
    settle(&mut harness);
    harness.get_by_role_and_label(Role::Dialog, "Figure studio");
    harness.get_by_label("preview of the vpm figure");
    harness.get_by_label("A D").click();
    harness.get_by_label("SVG").click();
    settle(&mut harness);
    harness.get_by_label("File of the figure").focus();
    settle(&mut harness);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    let path = out.path().join("two.svg");
    harness.event(egui::Event::Text(path.display().to_string()));
    settle(&mut harness);
    harness.get_by_label("Write the figure").click();
    settle(&mut harness);
    wait_for(&mut harness, "the file", |_| path.is_file());
    let svg = std::fs::read(&path).unwrap();
    let carried = gapfield::figure::provenance::of_file(&svg).unwrap().unwrap();
    assert_eq!(
        (carried["spec"]["panels"].as_str(), carried["spec"]["order"].as_str()),
        (Some("AD"), Some("cluster"))
    );
    assert!(harness.query_by_role_and_label(Role::Dialog, "Figure studio").is_none());
    harness.get_by_label_contains("two.svg written");
}

#[test]
fn a_run_folder_removed_underneath_is_said_and_what_was_read_stays() {
    let (_guard, folder, mut harness) = with_folder();
    app(&mut harness).wish(Command::Show(ViewKind::Field));
    settle(&mut harness);
    std::fs::remove_dir_all(&folder).unwrap();
    wait_for(&mut harness, "the banner", |h| {
        h.query_by_label_contains("The folder of this run is gone").is_some()
    });
    harness.get_by_label_contains("field, 48 turns");
    app(&mut harness).wish(Command::Brush(vec![1]));
    app(&mut harness).wish(Command::KeepSlice("kept".to_owned()));
    settle(&mut harness);
    harness.get_by_label_contains("The slices are kept only until the window closes");
    harness.get_by_label("slice kept, 1 turn");
    harness.get_by_label("Close the run").click();
    settle(&mut harness);
    assert!(app(&mut harness).run().is_none());
    assert!(harness.query_by_label_contains("The folder of this run is gone").is_none());
}

#[test]
fn a_full_disk_ends_the_job_with_one_sentence_and_the_window_stays() {
    let (_guard, runs) = run_folders(&[]);
    let start_run = |_: RunConfig, out: PathBuf, _: &JobContext| -> anyhow::Result<PathBuf> {
        std::fs::create_dir_all(&out)?;
        std::fs::write(out.join("manifest.json"), "{}")?;
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        Err(RunError::io("write", &out.join("passes/A/scm.parquet"), &full).into())
    };
    let mut harness = window(Services { start_run, ..services(&runs) });
    harness.get_by_label("Start the run").click();
    settle(&mut harness);
    harness.get_by_label_contains("The run failed. cannot write: the disk is full; free some space");
    assert!(harness.query_all_by_label("Resume").next().is_some());
    harness.get_by_label("Dismiss").click();
    settle(&mut harness);
    assert!(harness.query_by_label_contains("The run failed. ").is_none());
    harness.get_by_role_and_label(Role::Tab, "Start").click();
    settle(&mut harness);
    assert_eq!(app(&mut harness).focused_view(), ViewKind::Start);
}

/// Presses Tab until the widget of that role and name has the focus.
fn tab_to(harness: &mut Window, role: Role, words: &str) {
    for _ in 0..160 {
        harness.key_press(Key::Tab);
        harness.run_steps(2);
        let focused = harness
            .query_all_by_role(role)
            .any(|n| n.is_focused() && n.accesskit_node().label().is_some_and(|l| l.contains(words)));
        if focused {
            return;
        }
    }
    panic!("Tab never reaches {role:?} {words}");
}

#[test]
fn the_main_job_goes_by_keyboard_alone() {
    let (_guard, folder, mut harness) = with_folder();
    // To the field by the palette, into the picture by Tab, a turn by arrows, a brush with Shift.
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    settle(&mut harness);
    harness.event(egui::Event::Text("show field".to_owned()));
    settle(&mut harness);
    harness.key_press(Key::Enter);
    settle(&mut harness);
    tab_to(&mut harness, Role::Canvas, "field, 48 turns");
    harness.key_press(Key::Home);
    settle(&mut harness);
    harness.key_press(Key::ArrowDown);
    settle(&mut harness);
    assert!(matches!(app(&mut harness).selection().selected, Some(Item::Turn(_))));
    for _ in 0..3 {
        harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowDown);
        settle(&mut harness);
    }
    assert_eq!(app(&mut harness).selection().brushed.len(), 4);
    // Kept, and on to the studio and out again.
    harness.key_press(Key::S);
    settle(&mut harness);
    assert_eq!(slices::read(&folder).unwrap()[0].turns.len(), 4);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::E);
    settle(&mut harness);
    tab_to(&mut harness, Role::Button, "Write the figure");
    harness.key_press(Key::Escape);
    settle(&mut harness);
    assert!(harness.query_by_role_and_label(Role::Dialog, "Figure studio").is_none());
    // The tabs of the views are reached too.
    tab_to(&mut harness, Role::Tab, "Runs");
    harness.key_press(Key::Enter);
    settle(&mut harness);
    assert_eq!(app(&mut harness).focused_view(), ViewKind::Runs);
}

#[test]
fn every_view_stands_at_every_scale_of_the_window() {
    let (_guard, mut harness) = with_run();
    for scale in [0.75_f32, 1.25, 1.5, 2.0] {
        app(&mut harness).wish(Command::UiScale(100.0));
        app(&mut harness).wish(Command::UiScale(scale / 2.0));
        settle(&mut harness);
        assert!((harness.ctx.zoom_factor() - scale).abs() < 0.01);
        for kind in ViewKind::ALL {
            app(&mut harness).wish(Command::Show(kind));
            settle(&mut harness);
            let whole = harness.ctx.content_rect();
            let view = harness.get_by_role_and_label(Role::Group, &format!("{} view", kind.title())).rect();
            assert!(whole.expand(1.0).contains_rect(view), "{kind:?} at {scale}: {view:?} in {whole:?}");
            assert!(view.width() > 200.0 && view.height() > 120.0, "{kind:?} at {scale}: {view:?}");
        }
    }
}
