//! Whatever is wrong with the input, the disk or the run: one clear sentence, exit status 1, nothing half-written.

use super::product::*;
use serde_json::{Value, json};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

/// Asserts one sentence on stderr that starts with the program's name and holds the words; gives it.
fn one_sentence(outcome: &Outcome, words: &[&str]) -> String {
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    let lines: Vec<&str> = outcome.stderr.lines().collect();
    let [line] = lines[..] else { panic!("not one line: {outcome:?}") };
    assert!(line.starts_with("gapfield: "), "{line}");
    for word in words {
        assert!(line.contains(word), "\"{word}\" is missing in: {line}");
    }
    for noise in ["panicked", "RUST_BACKTRACE", "unwrap", "Err(", "Some(", "os error"] {
        assert!(!line.contains(noise), "{line}");
    }
    line.to_owned()
}

/// Asserts that a folder holds no temporary file, and either nothing or a run that says where it stopped.
fn nothing_half_written(out: &Path, stage_failed: Option<&str>) {
    let names = files(out);
    assert!(!names.iter().any(|n| n.contains("tmp") || n.ends_with(".lock")), "{names:?}");
    let Some(failed) = stage_failed else {
        assert!(!out.exists(), "{names:?}");
        return;
    };
    let manifest = manifest(out);
    let record = stage(&manifest, failed);
    assert_eq!(record["status"], "failed");
    assert!(record["error"].as_str().is_some_and(|e| e.len() > 20), "{record}");
    assert_eq!(manifest["finished"], Value::Null);
    let verified = verify(out);
    assert_eq!(verified.code, Some(0), "a failed stage leaves no file of its own: {verified:?}");
}

fn run(table: &Path, out: &Path, more: &[&str]) -> Outcome {
    let mut args: Vec<OsString> =
        ["run", "--quiet", "--quick", "--device", "cpu", "--turns"].map(OsString::from).to_vec();
    args.extend([table.into(), "--out".into(), out.into()]);
    args.extend(more.iter().map(OsString::from));
    gapfield(args)
}

/// Runs on a table and checks sentence and folder.
fn refused(table: &Path, name: &str, failed: &str, words: &[&str]) {
    let out = fresh(&format!("refused-{name}"));
    one_sentence(&run(table, &out, &[]), words);
    nothing_half_written(&out, Some(failed));
}

#[test]
fn an_unknown_word_in_the_environment() {
    for (name, word) in [("GAPFIELD_DISTANCES", "abacus"), ("GAPFIELD_SIMD", "mmx")] {
        let mut verify = command(["verify", "nowhere"]);
        verify.env(name, word);
        one_sentence(&done(verify), &[name, word, "it may be"]);
    }
}

#[test]
fn an_empty_file() {
    let table = write("empty.jsonl", "");
    refused(&table, "empty", "import", &["table is empty", "choose a file", "empty.jsonl"]);
}

#[test]
fn a_truncated_parquet_table() {
    let whole = fs::read(judges_run().join("turns.parquet")).unwrap();
    for (name, length) in [("half", whole.len() / 2), ("last-byte", whole.len() - 1), ("start", 6)] {
        let table = write(&format!("cut-{name}.parquet"), &whole[..length]);
        refused(&table, &format!("cut-{name}"), "import", &["Parquet", "restore it", "cut-"]);
    }
}

#[test]
fn a_table_without_a_goal_column() {
    let mut rows = scored_rows();
    for row in &mut rows {
        row.as_object_mut().unwrap().remove("goal_text");
    }
    let table = write_rows("no-goal.jsonl", &rows);
    refused(&table, "no-goal", "import", &["no goal column", "rename one to `goal_text`", "no-goal.jsonl"]);
}

#[test]
fn judgements_that_are_not_numbers() {
    let rows = scored_rows();
    let text: String = rows.iter().map(|r| format!("{r}\n")).collect();
    let at = text.find("\"clarity\":").unwrap() + "\"clarity\":".len();
    let end = at + text[at..].find([',', '}']).unwrap();
    let table = write("nan.jsonl", format!("{}NaN{}", &text[..at], &text[end..]));
    refused(&table, "nan", "import", &["row 1", "`clarity`", "NaN is not a score", "leave the field empty"]);

    let csv: String = rows.iter().map(|r| format!("{},{},nan\n", r["goal_text"], r["turn_id"])).collect();
    let csv = csv.replace("\\\"", "\"\"").replace("\\n", " ");
    let table = write("nan.csv", format!("goal_text,response_text,clarity\n{csv}"));
    refused(&table, "nan-csv", "import", &["row 2", "`clarity`", "is not a score", "nan.csv"]);
}

#[test]
fn judgements_out_of_range() {
    for (name, score) in [("above", json!(170)), ("below", json!(-3))] {
        let mut rows = scored_rows();
        rows[5]["clarity"] = score;
        let table = write_rows(&format!("{name}.jsonl"), &rows);
        refused(&table, name, "import", &["row 6", "`clarity`", "outside 0 to 100", "correct or remove it"]);
    }
}

#[test]
fn too_few_labelled_turns() {
    let table = write_rows("few.jsonl", &scored_rows()[..20]);
    refused(&table, "few", "train A", &["labelled training turns", "needs at least 30", "judge more turns"]);
}

#[test]
fn one_constant_label() {
    let mut rows = scored_rows();
    for row in &mut rows {
        row["clarity"] = json!(50);
    }
    let table = write_rows("constant.jsonl", &rows);
    refused(
        &table,
        "constant",
        "train A",
        &["every judgement", "clarity", "0.5", "cannot learn from a constant"],
    );
}

#[test]
fn one_id_in_two_parts_of_a_given_split() {
    let mut rows = scored_rows();
    for (at, row) in rows.iter_mut().enumerate() {
        row["split"] = ["train", "val", "test"][at % 3].into();
    }
    let mut again = rows[0].clone();
    again["split"] = "test".into();
    rows.push(again);
    let table = write_rows("two-parts.jsonl", &rows);
    refused(
        &table,
        "two-parts",
        "import",
        &["`train` and `test`", "give each turn one part", "two-parts.jsonl"],
    );
    rows.pop();
    let table = write_rows("cut.jsonl", &rows);
    refused(
        &table,
        "cut-conversation",
        "import",
        &["column `split`", "whole conversations must go together"],
    );
}

#[test]
fn no_judgements_at_all() {
    let mut rows = scored_rows();
    for row in &mut rows {
        for dimension in DIMENSIONS {
            row.as_object_mut().unwrap().remove(dimension);
        }
    }
    let table = write_rows("unjudged.jsonl", &rows);
    refused(&table, "unjudged", "import", &["no judgements", "give a judgements table"]);
}

#[test]
fn an_unknown_judge() {
    let table = write_rows("scored-for-judge.jsonl", &scored_rows());
    let out = fresh("refused-judge");
    let outcome = run(&table, &out, &["--judge", "nobody"]);
    one_sentence(&outcome, &["no judge `nobody`", "there are: table", "choose one"]);
    nothing_half_written(&out, Some("import"));
}

#[test]
fn a_table_that_is_not_there() {
    let out = fresh("refused-missing");
    one_sentence(&run(&fresh("missing.jsonl"), &out, &[]), &["nothing at this path", "missing.jsonl"]);
    assert!(!files(&out).iter().any(|n| n.contains("tmp") || n.ends_with("parquet")), "{:?}", files(&out));
}

#[test]
fn a_config_with_an_unknown_key() {
    let config = write("odd.toml", "nulls = 9\nnulll = 9\n");
    let out = fresh("refused-config");
    let outcome = run(&fresh("never-read.jsonl"), &out, &["--config", config.to_str().unwrap()]);
    one_sentence(&outcome, &["config", "nulll", "correct it", "odd.toml"]);
    nothing_half_written(&out, None);
}

#[test]
fn an_out_folder_below_a_file() {
    let file = write("a-file.txt", "not a folder");
    let out = file.join("run");
    let outcome = run(&write_rows("scored-below.jsonl", &scored_rows()), &out, &[]);
    one_sentence(&outcome, &["cannot create the run folder", "a file, not a folder", "a-file.txt"]);
    nothing_half_written(&out, None);
    assert_eq!(fs::read_to_string(file).unwrap(), "not a folder");
}

#[test]
fn an_out_folder_with_other_things() {
    let out = fresh("thesis");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("thesis.tex"), "years of work").unwrap();
    let outcome = run(&write_rows("scored-thesis.jsonl", &scored_rows()), &out, &[]);
    one_sentence(&outcome, &["not empty", "choose an empty or new folder", "thesis"]);
    assert_eq!(files(&out), ["thesis.tex"]);
}

/// Runs two judges into `$MNT/run` on a file system mounted for this process alone; prints the files left and their
/// manifest. `None` where this user may mount nothing.
fn on_a_mount(name: &str, options: &str) -> Option<(Outcome, Vec<String>, Option<Value>)> {
    let mount = fresh(name);
    fs::create_dir(&mount).unwrap();
    let can = done(shell(&format!("mount -t tmpfs -o size=64k tmpfs '{}'", mount.display())));
    if can.code != Some(0) {
        eprintln!("skipped: this user may not mount a file system ({})", can.stderr.trim());
        return None;
    }
    let mut script = shell(
        "mount -t tmpfs -o \"$OPTIONS\" tmpfs \"$MNT\" && eval \"$RUN\"; code=$?; echo; echo ==FILES; \
         cd \"$MNT\" && find . -type f; echo ==MANIFEST; cat run/manifest.json 2>/dev/null; exit $code",
    );
    let quoted: Vec<String> =
        judges_args(&mount.join("run")).iter().map(|a| format!("'{}'", a.to_str().unwrap())).collect();
    script.env("OPTIONS", options).env("MNT", &mount);
    script.env("RUN", format!("\"$GAPFIELD\" {} --quiet", quoted.join(" ")));
    let outcome = done(script);
    let (_, rest) = outcome.stdout.split_once("==FILES").unwrap();
    let (names, manifest) = rest.split_once("==MANIFEST").unwrap();
    let names = names.lines().filter(|l| !l.is_empty()).map(str::to_owned).collect();
    let manifest = manifest.trim();
    let manifest =
        (!manifest.is_empty()).then(|| serde_json::from_str(manifest).expect("the manifest is whole"));
    Some((outcome, names, manifest))
}

#[test]
fn a_read_only_disk() {
    let Some((outcome, names, manifest)) = on_a_mount("read-only", "ro,size=8m") else { return };
    one_sentence(&outcome, &["cannot create the run folder", "read-only", "choose another folder"]);
    assert!(names.is_empty() && manifest.is_none(), "{names:?}");
}

#[test]
fn a_full_disk() {
    // Room for nothing, for the config, for the first tables, for all but the figures.
    for size in [4, 16, 100, 200, 500] {
        let options = format!("size={size}k");
        let Some((outcome, names, manifest)) = on_a_mount(&format!("full-{size}"), &options) else { return };
        one_sentence(&outcome, &["the disk is full", "free some space"]);
        assert!(!names.iter().any(|n| n.contains("tmp") || n.ends_with(".lock")), "{size} kB: {names:?}");
        let Some(manifest) = manifest else {
            assert!(names.is_empty(), "{size} kB, no manifest, but {names:?}");
            continue;
        };
        assert_eq!(manifest["finished"], Value::Null);
        let listed = manifest["files"].as_object().unwrap();
        for path in listed.keys() {
            assert!(names.contains(&format!("./run/{path}")), "{size} kB: {path} is listed and not there");
        }
        let stages = manifest["stages"].as_array().unwrap();
        let stopped = stages.iter().filter(|s| s["status"] == "failed" || s["status"] == "running").count();
        assert!(stopped <= 1 && stages.iter().all(|s| s["status"] != "cancelled"), "{size} kB: {stages:?}");
    }
}

/// A copy of the judges' run whose manifest was changed.
fn with_manifest(name: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> PathBuf {
    let run = copy_of(judges_run(), name);
    let path = run.join("manifest.json");
    let bytes = change(fs::read(&path).unwrap());
    fs::write(path, bytes).unwrap();
    run
}

/// Every command that reads the run refuses it in the same words, and the run stays as it is.
fn refused_by_all(run: &Path, words: &[&str]) {
    let before = files(run);
    let bytes = fs::read(run.join("manifest.json")).unwrap();
    let picture = run.with_extension("png");
    let path = run.as_os_str();
    let arg = OsStr::new;
    let commands: [Vec<&OsStr>; 4] = [
        vec![arg("verify"), path],
        vec![arg("figure"), path, arg("--kind"), arg("vpm"), arg("--out"), picture.as_os_str()],
        vec![arg("shot"), path, arg("--out"), picture.as_os_str()],
        vec![arg("run"), arg("--quiet"), arg("--out"), path],
    ];
    for command in commands {
        one_sentence(&gapfield(command), words);
    }
    assert!(!picture.exists());
    assert_eq!(files(run), before);
    assert_eq!(fs::read(run.join("manifest.json")).unwrap(), bytes);
}

#[test]
fn a_run_of_a_newer_format() {
    let run = with_manifest("newer", |bytes| {
        let mut manifest: Value = serde_json::from_slice(&bytes).unwrap();
        manifest["format_version"] = json!(99);
        manifest.to_string().into_bytes()
    });
    refused_by_all(&run, &["format 99", "newer than", "update Gapfield", "manifest.json"]);
}

#[test]
fn a_damaged_manifest() {
    for (name, length) in [("cut-manifest", 700), ("empty-manifest", 0)] {
        let run = with_manifest(name, |bytes| bytes[..length].to_vec());
        refused_by_all(&run, &["manifest is damaged", "restore it", "manifest.json"]);
    }
}

#[test]
fn a_folder_that_is_no_run() {
    let folder = fresh("no-run");
    fs::create_dir(&folder).unwrap();
    let outcome = gapfield([OsStr::new("verify"), folder.as_os_str()]);
    one_sentence(&outcome, &["no manifest.json", "choose a run folder"]);
    let outcome = gapfield([OsStr::new("verify"), fresh("nowhere").as_os_str()]);
    one_sentence(&outcome, &["no run folder", "check the path"]);
}
