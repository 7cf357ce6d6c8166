//! Clicks and keys by accessible names: what a keyboard or a screen reader reaches, the tests reach.

use super::driven::{Window, app, opened, settle};
use super::{run_folders, services, synthetic};
use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{NodeT, Queryable};
use gapfield::core::item::Item;
use gapfield::job::{Event, JobContext};
use gapfield::run::config::RunConfig;
use gapfield::window::command::Command;
use gapfield::window::services::Services;
use gapfield::window::view::{TrainPage, ViewKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The window 1400 x 900 with these services, at rest.
pub(super) fn window(services: Services) -> Window {
    let mut harness = opened(services, 1400.0, 900.0);
    settle(&mut harness);
    harness
}

pub(super) fn with_run() -> (tempfile::TempDir, Window) {
    let (dir, runs) = run_folders(&["ab", "cd"]);
    let mut harness = window(services(&runs));
    app(&mut harness).show_run(synthetic::full(Path::new("/nowhere/ab"), "ab", 48, 7));
    settle(&mut harness);
    (dir, harness)
}

#[test]
fn a_click_on_a_tab_shows_its_view() {
    let (_guard, mut harness) = with_run();
    harness.get_by_role_and_label(Role::Tab, "Data").click();
    settle(&mut harness);
    assert_eq!(app(&mut harness).focused_view(), ViewKind::Data);
    harness.get_by_label_contains("48 turns in 6 conversations");
}

#[test]
fn the_palette_opens_by_keys_and_runs_a_command() {
    let (_guard, mut harness) = with_run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    settle(&mut harness);
    for c in "show runs".chars() {
        harness.event(egui::Event::Text(c.to_string()));
    }
    settle(&mut harness);
    assert!(harness.query_by_label("Show Start").is_none(), "only what matches is listed");
    harness.key_press(Key::Enter);
    settle(&mut harness);
    assert_eq!(app(&mut harness).focused_view(), ViewKind::Runs);
    assert!(harness.query_by_label("Show Runs").is_none(), "the palette closed");
}

#[test]
fn a_menu_is_as_wide_as_its_words_and_closes_with_escape() {
    let (_guard, mut harness) = with_run();
    app(&mut harness).wish(Command::Select(Some(Item::Turn(3))));
    settle(&mut harness);
    harness.get_by_label("Settings").click();
    settle(&mut harness);
    let row = harness.get_by_label("Reset the layout").rect();
    assert!(row.width() < 260.0, "{row:?}");
    harness.key_press(Key::Escape);
    settle(&mut harness);
    assert!(harness.query_by_label("Reset the layout").is_none(), "the menu is still open");
    assert_eq!(app(&mut harness).selection().selected, Some(Item::Turn(3)), "Esc closes one thing");
    harness.key_press(Key::Escape);
    settle(&mut harness);
    assert_eq!(app(&mut harness).selection().selected, None);
}

#[test]
fn the_theme_turns_with_one_click() {
    let (_guard, mut harness) = with_run();
    harness.get_by_label("Light theme").click();
    settle(&mut harness);
    assert_eq!(harness.ctx.theme(), egui::Theme::Light);
    harness.get_by_label("Dark theme").click();
    settle(&mut harness);
    assert_eq!(harness.ctx.theme(), egui::Theme::Dark);
}

#[test]
fn a_row_of_the_table_is_selected_everywhere_and_escape_clears_it() {
    let (_guard, mut harness) = with_run();
    app(&mut harness).wish(Command::Show(ViewKind::Data));
    settle(&mut harness);
    harness.get_by_label_contains("turn d01-t3,").click();
    settle(&mut harness);
    assert_eq!(app(&mut harness).selection().selected, Some(Item::Turn(2)));
    harness.key_press(Key::J);
    settle(&mut harness);
    assert_eq!(app(&mut harness).selection().selected, Some(Item::Turn(3)), "j moves the cursor down");
    harness.key_press(Key::Escape);
    settle(&mut harness);
    assert_eq!(app(&mut harness).selection().selected, None);
    assert_eq!(app(&mut harness).selection().cursor_row, Some(3), "the cursor stays");
}

#[test]
fn stepping_follows_the_order_that_is_shown() {
    let (_guard, mut harness) = with_run();
    app(&mut harness).wish(Command::Show(ViewKind::Data));
    settle(&mut harness);
    harness.get_by_role_and_label(Role::ColumnHeader, "words").click();
    settle(&mut harness);
    app(&mut harness).wish(Command::Cursor { row: 3, column: None });
    settle(&mut harness);
    harness.key_press(Key::J);
    settle(&mut harness);
    let row = app(&mut harness).selection().cursor_row;
    assert!(row.is_some_and(|r| r % 4 == 3 && r != 4), "the next longest answer, not the next turn: {row:?}");
}

#[test]
fn letters_typed_into_a_search_field_are_no_shortcuts() {
    let (_guard, mut harness) = with_run();
    app(&mut harness).wish(Command::Show(ViewKind::Data));
    settle(&mut harness);
    let before = app(&mut harness).selection().cursor_row;
    harness.get_by_role(Role::TextInput).focus();
    settle(&mut harness);
    harness.key_press(Key::J);
    harness.event(egui::Event::Text("j".to_owned()));
    settle(&mut harness);
    assert_eq!(app(&mut harness).selection().cursor_row, before);
}

#[test]
fn a_run_is_opened_from_its_card_and_a_broken_one_says_why() {
    let (_guard, runs) = run_folders(&["ab", "bad-run"]);
    let mut harness = window(services(&runs));
    harness.get_by_label("Open ab").click();
    settle(&mut harness);
    assert_eq!(app(&mut harness).run().unwrap().title(), "ab");
    app(&mut harness).wish(Command::OpenRun(runs.join("bad-run")));
    settle(&mut harness);
    assert_eq!(app(&mut harness).run().unwrap().title(), "ab", "the open run stays");
    harness.get_by_label_contains("newer format");
}

#[test]
fn help_names_the_view_and_closes() {
    let (_guard, mut harness) = with_run();
    app(&mut harness).wish(Command::Show(ViewKind::Runs));
    settle(&mut harness);
    harness.event(egui::Event::Text("?".to_owned()));
    settle(&mut harness);
    harness.get_by_label_contains("Every run the window knows of");
    harness.key_press(Key::Escape);
    settle(&mut harness);
    assert!(harness.query_by_label_contains("Every run the window knows of").is_none());
}

/// A small job that really runs on its thread: it counts until it is stopped, or to the end when quick.
fn counting_job(config: RunConfig, out: PathBuf, ctx: &JobContext) -> anyhow::Result<PathBuf> {
    ctx.event(Event::StageStarted("train A".to_owned()));
    for i in 0..if config.quick { 3 } else { 100_000 } {
        ctx.check()?;
        ctx.progress("train A", i, 100_000, "epochs");
        ctx.event(Event::Epoch {
            pass: "A".to_owned(),
            epoch: 1,
            numbers: vec![("loss.main".to_owned(), 0.5)],
        });
        std::thread::sleep(Duration::from_millis(1));
    }
    ctx.event(Event::StageFinished { stage: "train A".to_owned(), seconds: 0.1, skipped: false });
    std::fs::create_dir_all(&out)?;
    std::fs::write(out.join("manifest.json"), "{}")?;
    Ok(out)
}

#[test]
fn a_run_is_started_watched_and_stopped() {
    let (_guard, runs) = run_folders(&[]);
    let mut harness = window(Services { start_run: counting_job, ..services(&runs) });
    harness.get_by_label("Start the run").click();
    harness.run_steps(8);
    assert_eq!(app(&mut harness).focused_view(), ViewKind::Train);
    harness.get_by_label("Stop the job").click();
    settle(&mut harness);
    assert!(!app(&mut harness).is_busy());
    harness.get_by_label_contains("stopped after");
    harness.get_by_label("Resume");
}

#[test]
fn a_job_is_paused_its_rate_changed_and_gone_on_with() {
    let (_guard, runs) = run_folders(&[]);
    let mut harness = window(Services { start_run: counting_job, ..services(&runs) });
    harness.get_by_label("Start the run").click();
    harness.run_steps(8);
    harness.get_by_label("Pause the job").click();
    harness.run_steps(4);
    let done = |harness: &mut Window| {
        std::thread::sleep(Duration::from_millis(120));
        harness.run_steps(4);
        harness.get_by_label_contains("100\u{2009}000 epochs").accesskit_node().value()
    };
    let first = done(&mut harness);
    assert_eq!(first, done(&mut harness), "a paused job does nothing");
    harness.get_by_label("Go on with the job").click();
    app(&mut harness).wish(Command::RateFactor(0.5));
    harness.run_steps(4);
    assert_ne!(first, done(&mut harness), "it goes on");
    harness.get_by_label("Stop the job").click();
    settle(&mut harness);
    assert!(!app(&mut harness).is_busy());
}

#[test]
fn the_next_training_is_set_up_by_keyboard() {
    let (_guard, runs) = run_folders(&[]);
    let mut harness = window(Services { start_run: counting_job, ..services(&runs) });
    app(&mut harness).wish(Command::Show(ViewKind::Train));
    settle(&mut harness);
    harness.get_by_label_contains("labels of reasoning, N = 480");
    harness.get_by_label_contains("left out, no score on faithfulness, 12");
    let guard = harness.get_all_by_label("on").next().unwrap();
    guard.focus();
    harness.run_steps(2);
    harness.key_press(Key::Space);
    settle(&mut harness);
    harness.get_by_label("off, only to teach");
    harness.get_by_label("Back to defaults").click();
    settle(&mut harness);
    assert!(harness.query_by_label("off, only to teach").is_none());
    harness.get_by_label("Start training").click();
    harness.run_steps(8);
    harness.get_by_label("Stop the job").click();
    settle(&mut harness);
}

#[test]
fn a_finished_run_opens_by_itself() {
    let (_guard, runs) = run_folders(&[]);
    let mut harness = window(Services { start_run: counting_job, ..services(&runs) });
    harness.get_by_label("Quick run").click();
    settle(&mut harness);
    settle(&mut harness);
    assert!(app(&mut harness).run().is_some());
    assert_eq!(app(&mut harness).focused_view(), ViewKind::Field);
}

#[test]
fn a_job_that_panics_leaves_the_window_and_one_sentence() {
    let (_guard, runs) = run_folders(&[]);
    let start_run = |_: RunConfig, _: PathBuf, _: &JobContext| -> anyhow::Result<PathBuf> { panic!("boom") };
    let mut harness = window(Services { start_run, ..services(&runs) });
    harness.get_by_label("Start the run").click();
    settle(&mut harness);
    harness.get_by_label_contains("The run failed");
    harness.get_by_role_and_label(Role::Tab, "Start").click();
    settle(&mut harness);
    assert_eq!(app(&mut harness).focused_view(), ViewKind::Start);
}

#[test]
fn a_turns_file_is_counted_before_a_run_is_made_of_it() {
    let (_guard, runs) = run_folders(&[]);
    let mut harness = window(services(&runs));
    app(&mut harness).wish(Command::ImportTurns(PathBuf::from("/tmp/mine.jsonl")));
    settle(&mut harness);
    harness.get_by_label_contains("Turns read");
    app(&mut harness).wish(Command::ImportTurns(PathBuf::from("/tmp/mine.exe")));
    settle(&mut harness);
    harness.get_by_label_contains("no table of turns");
}

#[test]
fn every_view_has_a_name_help_and_summary_on_nothing_and_on_a_broken_run() {
    let (_guard, runs) = run_folders(&[]);
    let mut harness = window(services(&runs));
    for broken in [false, true] {
        if broken {
            app(&mut harness).show_run(synthetic::broken(Path::new("/nowhere/broken")));
        }
        for kind in ViewKind::ALL {
            app(&mut harness).wish(Command::Show(kind));
            settle(&mut harness);
            harness.get_by_role_and_label(Role::Tab, kind.title());
            assert_eq!(app(&mut harness).focused_view(), kind);
            let name = format!("{} view", kind.title());
            let view = harness.get_by_role_and_label(Role::Group, &name);
            let named = view.accesskit_node().description().is_some_and(|d| !d.is_empty());
            assert!(named, "{} says what it shows", kind.title());
        }
    }
}

#[test]
fn the_layout_outlives_the_session() {
    let (_guard, runs) = run_folders(&[]);
    let config = tempfile::tempdir().unwrap();
    let services = Services { config_dir: Some(config.path().to_owned()), ..services(&runs) };
    let mut harness = window(services.clone());
    app(&mut harness).wish(Command::ToggleTheme);
    app(&mut harness).wish(Command::Show(ViewKind::Device));
    settle(&mut harness);
    app(&mut harness).close();
    drop(harness);
    let harness = window(services.clone());
    assert_eq!(harness.ctx.theme(), egui::Theme::Light);
    assert!(harness.query_by_label_contains("ended abruptly").is_none());
    drop(harness); // without close: as after a crash
    let harness = window(services);
    harness.get_by_label_contains("ended abruptly");
}

#[test]
fn a_system_that_asks_for_less_motion_gets_it() {
    let time = |harness: &Window| harness.ctx.style_of(egui::Theme::Dark).animation_time;
    let (_guard, runs) = run_folders(&[]);
    assert!(time(&window(services(&runs))) > 0.0);
    let mut harness = window(Services { reduced_motion: || true, ..services(&runs) });
    assert_eq!(time(&harness), 0.0);
    // The window's own switch asks for less motion too; it does not overrule the system.
    app(&mut harness).wish(Command::ToggleMotion);
    settle(&mut harness);
    app(&mut harness).wish(Command::ToggleMotion);
    settle(&mut harness);
    assert_eq!(time(&harness), 0.0);
}

#[test]
fn kernels_and_the_wide_path_are_chosen_before_a_training() {
    let (_guard, runs) = run_folders(&[]);
    let mut harness = window(services(&runs));
    app(&mut harness).wish(Command::Show(ViewKind::Train));
    app(&mut harness).wish(Command::TrainPage(TrainPage::Setup));
    settle(&mut harness);
    harness.get_by_role_and_label(Role::RadioButton, "plain").click();
    settle(&mut harness);
    harness.get_by_label("Back to the default, fused").click();
    settle(&mut harness);
    assert!(harness.query_by_label("Back to the default, fused").is_none());
    let wide = |harness: &Window| harness.query_all_by_label("off, the core alone").count();
    assert_eq!(wide(&harness), 0);
    // Each mind has two boxes that say "on": guardrails, then the wide path; these are A's and B's in turn.
    harness.get_all_by_role_and_label(Role::CheckBox, "on").last().unwrap().click();
    settle(&mut harness);
    assert_eq!(wide(&harness), 1);
}
