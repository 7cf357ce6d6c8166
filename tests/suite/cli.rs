//! The command line: exit statuses, JSON for machines, pictures of the size asked for.

use super::product::*;
use serde_json::{Value, json};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;

const COMMANDS: [&str; 9] =
    ["run", "topology", "project", "compare", "figure", "shot", "verify", "device", "samples"];

/// Arguments of mixed kinds.
macro_rules! args {
    ($($arg:expr),* $(,)?) => { [$(OsString::from($arg)),*] };
}

fn image_size(path: &Path) -> (u32, u32) {
    let image = image::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    (image.width(), image.height())
}

#[test]
fn help_names_every_command_and_option() {
    let help = gapfield(["--help"]).ok().stdout;
    for name in COMMANDS {
        assert!(help.lines().any(|l| l.trim_start().starts_with(&format!("{name} "))), "{name}: {help}");
        let own = gapfield([name, "--help"]).ok().stdout;
        for option in ["--json", "--quiet", "--seed"] {
            assert!(own.contains(option), "{name} {option}");
        }
    }
    let version = gapfield(["--version"]).ok().stdout;
    assert_eq!(version.trim(), format!("gapfield {}", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_usage_ends_with_2() {
    let wrong: [&[&str]; 8] = [
        &["run", "--bogus"],
        &["figure"],
        &["figure", "x", "--kind", "vpm", "--out", "y.png", "--px", "10"],
        &["figure", "x", "--kind", "vpm", "--out", "y.png", "--px", "10x10", "--size-mm", "10x10"],
        &["topology", "--points", "x.csv", "--max-dim", "7"],
        &["run", "--device", "abacus"],
        &["run", "--seed", "-1"],
        &["verify"],
    ];
    for args in wrong {
        let outcome = gapfield(args);
        assert_eq!(outcome.code, Some(2), "{args:?}: {outcome:?}");
        assert!(outcome.stdout.is_empty() && outcome.stderr.starts_with("error: "), "{args:?}: {outcome:?}");
    }
}

#[test]
fn two_runs_are_compared_turn_by_turn() {
    let sample = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_runs").join(name);
    let (run, baseline) = (sample("exploded"), sample("healthy"));
    let out = place().join("moved.json");
    let found = gapfield(args!["compare", &run, &baseline, "--json", "--out", &out]).ok().json();
    let kept: Value = serde_json::from_slice(&fs::read(&out).unwrap()).unwrap();
    assert_eq!(kept, found);
    let dimensions = found["dimensions"].as_array().unwrap();
    assert_eq!(dimensions.len(), 5);
    for d in dimensions {
        let [low, change, high] =
            [&d["interval"][0], &d["change"], &d["interval"][1]].map(|v| v.as_f64().unwrap());
        assert!(low <= change && change <= high && d["turns"].as_u64().unwrap() > 100, "{d}");
    }
    let same = gapfield(args!["compare", &run, &run, "--json"]).ok().json();
    assert!(same["dimensions"].as_array().unwrap().iter().all(|d| d["change"] == json!(0.0)), "{same}");
    let words = gapfield(args!["compare", &run, &baseline]).ok().stdout;
    assert!(words.contains("knowledge") && words.contains("conversations"), "{words}");
    let outcome = gapfield(args!["compare", &run, "/nowhere/at/all"]);
    assert!(outcome.code == Some(1) && outcome.stderr.contains("/nowhere/at/all"), "{outcome:?}");
}

#[test]
fn the_topology_of_a_square() {
    let points = write("square.csv", "x,y\n0,0\n1,0\n1,1\n0,1\n1,1\n");
    let found = gapfield(args!["topology", "--points", &points, "--cycles", "--json"]).ok().json();
    assert_eq!((&found["n_points"], &found["n_merged"]), (&json!(5), &json!(1)));
    for number in ["threshold", "elapsed_ms", "peak_bytes"] {
        assert!(found[number].as_f64().unwrap() > 0.0, "{number}: {found}");
    }
    let bars = found["bars"].as_array().unwrap();
    let of = |dim: u64| -> Vec<&Value> { bars.iter().filter(|b| b["dim"] == dim).collect() };
    let pieces = of(0);
    assert_eq!(pieces.len(), 4);
    assert_eq!(pieces.iter().filter(|b| b["death"].is_null()).count(), 1, "one piece never ends, as null");
    assert!(
        pieces
            .iter()
            .all(|b| b["birth"] == 0.0 && b["death"].as_f64().is_none_or(|d| (d - 1.0).abs() < 1e-6))
    );
    let [ring] = of(1)[..] else { panic!("one loop: {found}") };
    assert!((ring["birth"].as_f64().unwrap() - 1.0).abs() < 1e-6);
    assert!((ring["death"].as_f64().unwrap() - 2.0_f64.sqrt()).abs() < 1e-6);
    assert_eq!(ring["cycle"]["vertices"].as_array().unwrap().len(), 4, "{found}");
    assert_eq!(ring["cycle"]["edges"].as_array().unwrap().len(), 4, "{found}");

    let nan = write("nan-points.csv", "x,y\n0,0\n1,NaN\n");
    let outcome = gapfield(args!["topology", "--points", &nan]);
    assert_eq!((outcome.code, outcome.stderr.lines().count()), (Some(1), 1), "{outcome:?}");
}

#[test]
fn verify_names_what_is_missing_changed_and_extra() {
    let run = copy_of(judges_run(), "tampered");
    assert_eq!(verify(&run).ok().json()["missing"], json!([]));
    let turns = run.join("turns.parquet");
    let mut bytes = fs::read(&turns).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(turns, bytes).unwrap();
    fs::remove_file(run.join("metrics/topology.json")).unwrap();
    fs::write(run.join("field/notes.txt"), "mine").unwrap();

    let outcome = verify(&run);
    assert_eq!(outcome.code, Some(1));
    let found = outcome.json();
    assert_eq!(found["changed"], json!(["turns.parquet"]));
    assert_eq!(found["missing"], json!(["metrics/topology.json"]));
    assert_eq!(found["extra"], json!(["field/notes.txt"]));
    let words = gapfield(args!["verify", &run]);
    for line in ["missing  metrics/topology.json", "changed  turns.parquet", "extra    field/notes.txt"] {
        assert!(words.stdout.lines().any(|l| l == line), "{line}: {words:?}");
    }
    assert!(words.stderr.contains("1 missing, 1 changed, 1 extra") && words.stderr.lines().count() == 1);
}

#[test]
fn figures_are_written_as_png_svg_and_gif() {
    let run = judges_run();
    let png = fresh("vpm.png");
    let told = gapfield(args!["figure", run, "--kind", "vpm", "--px", "640x300", "--out", &png, "--json"])
        .ok()
        .json();
    assert_eq!(told["bytes"].as_u64().unwrap(), fs::metadata(&png).unwrap().len());
    assert_eq!(image_size(&png), (640, 300));
    let dark = fresh("vpm-dark.png");
    gapfield(args!["figure", run, "--kind", "vpm", "--px", "640x300", "--theme", "dark", "--out", &dark])
        .ok();
    assert!(fs::read(&dark).unwrap() != fs::read(&png).unwrap(), "the theme shows");
    let svg = fresh("barcode.svg");
    gapfield(args!["figure", run, "--kind", "barcode", "--size-mm", "80x60", "--out", &svg]).ok();
    let text = fs::read_to_string(svg).unwrap();
    assert!(
        text.contains("<svg") && text.contains("width=\"226.772pt\"") && text.trim_end().ends_with("</svg>")
    );
    let gif = fresh("timeline.gif");
    gapfield(args!["figure", run, "--kind", "timeline", "--px", "320x200", "--out", &gif]).ok();
    assert!(fs::read(gif).unwrap().starts_with(b"GIF89a"));
}

#[test]
fn a_figure_that_cannot_be_is_one_sentence() {
    let run = judges_run();
    for (kind, name, words) in [
        ("pie", "x.png", "choose one of vpm"),
        ("vpm", "x.bmp", "must end in .png, .svg, .gif or .apng"),
        ("training-curves", "x.png", "training"),
    ] {
        let out = fresh(&format!("impossible-{kind}-{name}"));
        let outcome = gapfield(args!["figure", run, "--kind", kind, "--out", &out]);
        assert_eq!((outcome.code, outcome.stderr.lines().count()), (Some(1), 1), "{outcome:?}");
        assert!(outcome.stderr.starts_with("gapfield: ") && outcome.stderr.contains(words), "{outcome:?}");
        assert!(!out.exists());
    }
}

#[test]
fn a_shot_has_the_size_and_theme_asked_for() {
    let run = judges_run();
    let mut corners = Vec::new();
    for theme in ["light", "dark"] {
        let out = fresh(&format!("shot-{theme}.png"));
        let args = args![
            "shot", run, "--panel", "field", "--px", "900x600", "--theme", theme, "--out", &out, "--json"
        ];
        let told = gapfield(args).ok().json();
        assert_eq!((&told["width"], &told["height"]), (&json!(900), &json!(600)));
        assert_eq!(image_size(&out), (900, 600));
        let pixels = image::open(&out).unwrap().to_luma8();
        let colours: std::collections::BTreeSet<u8> = pixels.pixels().map(|p| p.0[0]).collect();
        assert!(colours.len() > 30, "a picture of a view is not blank");
        corners.push(pixels.pixels().map(|p| u64::from(p.0[0])).sum::<u64>() / (900 * 600));
    }
    assert!(corners[0] > corners[1] + 60, "light is lighter than dark: {corners:?}");
    let outcome = gapfield(args!["shot", "--panel", "nowhere", "--out", fresh("nowhere.png")]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("choose one of start, data"), "{outcome:?}");
}

#[test]
fn a_cloud_is_projected_the_same_every_time_and_says_how_far_it_can_be_trusted() {
    let rows: String = (0..80)
        .map(|i| {
            let (angle, side) = (f64::from(i) * 0.31, f64::from(i % 2) * 6.0);
            format!("{},{},{}\n", side + angle.cos(), angle.sin(), 0.1 * angle)
        })
        .collect();
    let points = write("cloud.csv", format!("x,y,z\n{rows}"));
    let out = |name: &str| fresh(&format!("projected-{name}"));
    let (once, again, plane) = (out("once.npy"), out("again.npy"), out("pca.csv"));
    let told =
        gapfield(args!["project", "--points", &points, "--out", &once, "--seed", "7", "--json"]).ok().json();
    assert_eq!((&told["points"], &told["k"]), (&json!(80), &json!(15)));
    assert!(told["trustworthiness"].as_f64().is_some_and(|t| t > 0.9), "{told}");
    gapfield(args!["project", "--points", &points, "--out", &again, "--seed", "7", "--quiet"]).ok();
    assert_eq!(fs::read(&once).unwrap(), fs::read(&again).unwrap());
    gapfield(args!["project", "--points", &points, "--method", "pca", "--out", &plane, "--quiet"]).ok();
    let text = fs::read_to_string(&plane).unwrap();
    assert!(text.starts_with("x,y\n") && text.lines().count() == 81);
    let few = write("few.csv", "1,2\n3,4\n");
    for (args, words) in [
        (args!["project", "--points", &few, "--out", out("few.npy")].to_vec(), "at least 5 turns"),
        (args!["project", "--points", &points, "--out", out("x.txt")].to_vec(), "must end in .npy or .csv"),
        (
            args!["project", "--points", &points, "--method", "tsne", "--out", out("x.npy")].to_vec(),
            "choose umap or pca",
        ),
    ] {
        let outcome = gapfield(args);
        assert_eq!((outcome.code, outcome.stderr.lines().count()), (Some(1), 1), "{outcome:?}");
        assert!(outcome.stderr.contains(words), "{outcome:?}");
    }
}

#[test]
fn projections_and_frontier_maps_of_a_run_are_there_for_machines_and_as_figures() {
    let run = judges_run();
    let json = |name: &str| -> Value {
        serde_json::from_slice(&fs::read(run.join("metrics").join(name)).unwrap()).unwrap()
    };
    let frontier = json("frontier.json");
    let correlations = frontier["canonical"]["correlations"].as_array().unwrap();
    assert!(correlations.iter().all(|r| (0.0..=1.0).contains(&r.as_f64().unwrap())), "{frontier}");
    assert_eq!(frontier["agreement"]["clarity"]["n"], frontier["turns"]);
    let projection = json("projection.json");
    assert!(projection["umap.D"]["trustworthiness"].as_f64().is_some_and(|t| t > 0.8), "{projection}");
    for (kind, extra) in [
        ("projection", "--source=answers"),
        ("frontier", "--dimension=clarity"),
        ("arrows", "--color=domain"),
    ] {
        let out = fresh(&format!("map-{kind}.png"));
        gapfield(args!["figure", run, "--kind", kind, extra, "--px", "900x700", "--out", &out, "--quiet"])
            .ok();
        assert_eq!(image_size(&out), (900, 700));
    }
    let out = fresh("nothing.png");
    let outcome = gapfield(args!["figure", run, "--kind", "projection", "--color", "beauty", "--out", &out]);
    assert!(outcome.code == Some(1) && outcome.stderr.contains("cluster, domain or split"), "{outcome:?}");
}

#[test]
fn device_tells_what_it_chose_and_why() {
    let told = gapfield(["device", "--json"]).ok().json();
    assert!(told["choice"]["reason"].as_str().is_some_and(|r| !r.is_empty()), "{told}");
    assert!(told["choice"]["threads"].as_u64().unwrap() >= 1);
    assert!(told["adapters"].as_array().unwrap().iter().all(|a| a["is_software"].is_boolean()));
    let mut asked = command(["device", "--json"]);
    asked.env("GAPFIELD_DEVICE", "cpu");
    assert_eq!(done(asked).ok().json()["choice"]["backend"], "cpu");
}

#[test]
fn a_run_tells_machines_what_it_made() {
    let run = copy_of(judges_run(), "told");
    let mut args = judges_args(&run);
    args.push("--json".into());
    let told = gapfield(args).ok().json();
    assert_eq!(told["fingerprint"], manifest(&run)["fingerprint"]);
    assert!(Path::new(told["report"].as_str().unwrap()).is_file());
    assert!(told["figures"].as_array().unwrap().len() >= 10);
    assert!(told["stages"].as_array().unwrap().iter().all(|s| s["status"] == "ok"));
    assert!(told["delta_mass"].is_number() && told["p"].is_number());
}

#[test]
fn quiet_prints_nothing_but_results() {
    let run = copy_of(judges_run(), "quiet");
    let mut args = judges_args(&run);
    args.push("--quiet".into());
    let outcome = gapfield(args).ok();
    assert_eq!(outcome.stderr, "");
    assert_eq!(gapfield([OsStr::new("verify"), run.as_os_str(), OsStr::new("--quiet")]).ok().stdout, "");
}

#[cfg(unix)]
#[test]
fn an_interrupt_in_training_ends_with_130_and_leaves_the_run_resumable() {
    use std::process::{Command, Stdio};
    let out = fresh("interrupted");
    let config = write("long.toml", "nulls = 9\n[a]\nepochs = 1000\n");
    let mut args = trained_args(&out);
    let at = args.iter().position(|a| a == "--config").unwrap() + 1;
    args[at] = config.clone().into();
    let child = command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let log = out.join("log.jsonl");
    while !fs::read_to_string(&log).unwrap_or_default().contains("train A begins") {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(stderr.lines().last().unwrap().contains("cancelled; the run can be resumed"), "{stderr}");
    let stopped = manifest(&out);
    assert_eq!(stage(&stopped, "import")["status"], "ok");
    assert_eq!(stage(&stopped, "train A")["status"], "cancelled");
    let verified = verify(&out).json();
    assert_eq!((&verified["missing"], &verified["changed"]), (&json!([]), &json!([])));

    // It goes on: with nothing to train from here on, it ends, and what was finished is kept.
    let judge =
        "nulls = 9\n[a]\nkind = \"judge\"\nsource = \"table\"\n[b]\nkind = \"judge\"\nsource = \"table\"\n";
    fs::write(config, judge).unwrap();
    let resumed = gapfield(&args).ok();
    let kept = |l: &str| l.starts_with("embed ") && l.ends_with("unchanged, kept");
    assert!(resumed.stderr.lines().any(kept), "{}", resumed.stderr);
}
