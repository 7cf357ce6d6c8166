//! Every view in both themes, with nothing, with a small run and with a broken one, beside its stored picture.

use super::{run_folders, services, synthetic};
use egui_kittest::{SnapshotOptions, SnapshotResults, try_image_snapshot_options};
use gapfield::run::contents::RunContents;
use gapfield::window::command::Command;
use gapfield::window::services::DeviceReport;
use gapfield::window::shot::{ShotSpec, shot};
use gapfield::window::view::ViewKind;
use std::path::{Path, PathBuf};

/// Views of this file; Field, Topology and Train have theirs beside it.
const VIEWS: [ViewKind; 6] =
    [ViewKind::Start, ViewKind::Data, ViewKind::Timeline, ViewKind::Report, ViewKind::Runs, ViewKind::Device];

fn options() -> SnapshotOptions {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    // Versions of a software renderer differ by a shade at edges.
    SnapshotOptions::new().threshold(2.5).max_failed_pixels(400_usize).output_path(folder)
}

/// A machine on which no driver answers: something draws the window, nothing computes.
fn no_devices() -> DeviceReport {
    let found = services(Path::new("/nowhere"));
    DeviceReport { adapters: Vec::new(), why: "no graphics adapter answered".to_owned(), ..(found.devices)() }
}

fn draw(runs: &Path, run: Option<RunContents>, spec: &ShotSpec, name: &str) -> egui_kittest::SnapshotResult {
    let mut services = services(runs);
    if name.starts_with("device-broken") {
        services.devices = no_devices;
    }
    let image = shot(services, run, spec).unwrap();
    try_image_snapshot_options(&image, name, &options())
}

type State = (&'static str, &'static [&'static str], fn() -> Option<RunContents>);

fn every_view(theme: &str) {
    let full = || Some(synthetic::full(&PathBuf::from("/nowhere/ab"), "ab", 48, 7));
    let broken = || Some(synthetic::broken(&PathBuf::from("/nowhere/broken")));
    let states: [State; 3] = [
        ("empty", &[], || None),
        ("full", &["ab", "cd", "ef"], full),
        ("broken", &["bad-run", "cd"], broken),
    ];
    let mut results = SnapshotResults::new();
    for (state, folders, run) in states {
        let (_guard, runs) = run_folders(folders);
        for view in VIEWS {
            let spec = ShotSpec {
                view,
                panel_only: true,
                size_px: [1000, 640],
                dark: theme == "dark",
                ..ShotSpec::default()
            };
            let name = format!("{}-{state}-{theme}", view.title().to_lowercase());
            results.add(draw(&runs, run(), &spec, &name));
        }
    }
}

#[test]
fn every_view_looks_as_stored_in_the_dark_theme() {
    every_view("dark");
}

#[test]
fn every_view_looks_as_stored_in_the_light_theme() {
    every_view("light");
}

/// Views that say that a run is being read; what Start, Runs and Device wait for is not the open run.
const OF_A_RUN: [ViewKind; 8] = [
    ViewKind::Data,
    ViewKind::Train,
    ViewKind::Field,
    ViewKind::Frontier,
    ViewKind::Topology,
    ViewKind::Projection,
    ViewKind::Timeline,
    ViewKind::Report,
];

/// A disk on which a run takes longer to read than a picture to draw.
fn slow_disk(_folder: &Path) -> anyhow::Result<RunContents> {
    std::thread::sleep(std::time::Duration::from_secs(60));
    anyhow::bail!("nobody waits for this")
}

#[test]
fn every_view_of_a_run_looks_as_stored_while_the_run_is_read() {
    let (_guard, runs) = run_folders(&[]);
    let mut results = SnapshotResults::new();
    for theme in ["dark", "light"] {
        for view in OF_A_RUN {
            let spec = ShotSpec {
                view,
                panel_only: true,
                size_px: [1000, 640],
                dark: theme == "dark",
                commands: vec![Command::OpenRun("/nowhere/slow".into()), Command::Show(view)],
                reading: true,
                ..ShotSpec::default()
            };
            let services = gapfield::window::services::Services { load_run: slow_disk, ..services(&runs) };
            let image = shot(services, None, &spec).unwrap();
            let name = format!("{}-loading-{theme}", view.title().to_lowercase());
            results.add(try_image_snapshot_options(&image, &name, &options()));
        }
    }
}

/// Drivers that take longer to answer than a picture to draw.
fn slow_drivers() -> DeviceReport {
    std::thread::sleep(std::time::Duration::from_secs(60));
    DeviceReport::default()
}

/// The list of runs, the samples and the devices are read on threads; until the first answer their shape is shown.
#[test]
fn start_runs_and_device_look_as_stored_before_the_first_answer() {
    let (_guard, runs) = run_folders(&["ab"]);
    let mut results = SnapshotResults::new();
    for theme in ["dark", "light"] {
        for view in [ViewKind::Start, ViewKind::Runs, ViewKind::Device] {
            let spec = ShotSpec {
                view,
                panel_only: true,
                size_px: [1000, 640],
                dark: theme == "dark",
                reading: true,
                ..ShotSpec::default()
            };
            let services = gapfield::window::services::Services {
                load_run: slow_disk,
                devices: slow_drivers,
                ..services(&runs)
            };
            let image = shot(services, None, &spec).unwrap();
            let name = format!("{}-loading-{theme}", view.title().to_lowercase());
            results.add(try_image_snapshot_options(&image, &name, &options()));
        }
    }
}

/// The matrix that the pictures claim: every view in both themes, with nothing, while it is read, in full and broken.
#[test]
fn every_view_has_a_picture_of_every_state_in_both_themes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    let mut missing = Vec::new();
    for view in ViewKind::ALL {
        for state in ["empty", "loading", "full", "broken"] {
            for theme in ["dark", "light"] {
                let name = |state: &str| format!("{}-{state}-{theme}.png", view.title().to_lowercase());
                // The deep views draw a full run of their own, a small one with a ring in it.
                let there = folder.join(name(state)).is_file()
                    || (state == "full" && folder.join(name("small")).is_file());
                if !there {
                    missing.push(name(state));
                }
            }
        }
    }
    assert!(missing.is_empty(), "no picture of {missing:?}");
}

#[test]
fn the_whole_window_looks_as_stored() {
    let (_guard, runs) = run_folders(&["ab", "cd", "bad-run"]);
    let run = || Some(synthetic::full(&PathBuf::from("/nowhere/ab"), "ab", 48, 7));
    let mut results = SnapshotResults::new();
    let narrow = ShotSpec { view: ViewKind::Data, size_px: [1280, 800], ..ShotSpec::default() };
    results.add(draw(&runs, run(), &narrow, "window-1280-dark"));
    let small = ShotSpec { view: ViewKind::Runs, size_px: [840, 600], dark: false, ..ShotSpec::default() };
    results.add(draw(&runs, run(), &small, "window-840-light"));
    let palette =
        ShotSpec { commands: vec![Command::TogglePalette], size_px: [1100, 700], ..ShotSpec::default() };
    results.add(draw(&runs, None, &palette, "palette-dark"));
    let help = ShotSpec {
        commands: vec![Command::ToggleHelp],
        size_px: [1100, 700],
        dark: false,
        ..ShotSpec::default()
    };
    results.add(draw(&runs, None, &help, "help-light"));
}

#[test]
fn a_picture_of_no_size_is_refused_in_one_sentence() {
    let (_guard, runs) = run_folders(&[]);
    let spec = ShotSpec { size_px: [0, 10], ..ShotSpec::default() };
    let error = shot(services(&runs), None, &spec).unwrap_err().to_string();
    assert!(error.contains("0 x 10"), "{error}");
}

#[test]
fn two_pictures_of_the_same_are_the_same() {
    let (_guard, runs) = run_folders(&["ab", "cd"]);
    let spec = ShotSpec { view: ViewKind::Data, size_px: [900, 600], ..ShotSpec::default() };
    let draw = || {
        shot(services(&runs), Some(synthetic::full(Path::new("/nowhere/ab"), "ab", 48, 7)), &spec).unwrap()
    };
    assert_eq!(draw(), draw());
}
