//! The program as a user starts it, and the small inputs and finished runs that the black-box tests share.

use serde_json::Value;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The five dimensions, in the product's order.
pub const DIMENSIONS: [&str; 5] = ["reasoning", "knowledge", "clarity", "faithfulness", "coverage"];

/// Conversations of the bundled corpus in the small inputs, 8 turns each: 40 turns are left to train on, above the 30
/// that training asks for.
const CONVERSATIONS: usize = 7;

/// One epoch of each mind and few nulls: everything a run does, at the smallest size.
pub const TRAINED: &str = "nulls = 9\nfigure_dpi = 72.0\n[a]\nepochs = 1\n[b]\nepochs = 1\n";

/// Two judges as passes: a whole run in which nothing is trained.
pub const JUDGES: &str = "nulls = 9\nfigure_dpi = 72.0\n[a]\nkind = \"judge\"\nsource = \"judge-1\"\n\
                          [b]\nkind = \"judge\"\nsource = \"judge-2\"\n";

/// How a command ended and what it said.
#[derive(Debug)]
pub struct Outcome {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    /// Standard output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("stdout is not JSON ({e}): {self:?}"))
    }

    /// Asserts that the command did what was asked.
    pub fn ok(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }
}

/// The program; when the test binary is started by hand, the variable may name another build of it.
fn program() -> OsString {
    std::env::var_os("CARGO_BIN_EXE_gapfield").unwrap_or_else(|| env!("CARGO_BIN_EXE_gapfield").into())
}

/// The program with its arguments, kept away from the user's own runs and settings.
pub fn command<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    apart(program(), args)
}

/// A command of the system that starts the program as `$GAPFIELD`.
pub fn shell(script: &str) -> Command {
    let mut command = apart("unshare", ["--map-root-user", "--mount", "sh", "-c", script]);
    command.env("GAPFIELD", program());
    command
}

fn apart<S: AsRef<OsStr>>(name: impl AsRef<OsStr>, args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(name);
    command
        .args(args)
        .env("GAPFIELD_RUNS", place().join("runs"))
        .env("XDG_CONFIG_HOME", place().join("config"))
        .env_remove("GAPFIELD_DEVICE")
        .env_remove("RUST_LOG")
        .stdin(Stdio::null());
    command
}

/// Waits for a command.
pub fn done(mut command: Command) -> Outcome {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Outcome { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Runs the program to its end.
pub fn gapfield<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Outcome {
    done(command(args))
}

/// `gapfield verify RUN --json`.
pub fn verify(run: &Path) -> Outcome {
    gapfield([OsStr::new("verify"), run.as_os_str(), OsStr::new("--json")])
}

/// A folder of this test process; those of processes that are gone are removed.
pub fn place() -> &'static Path {
    static PLACE: OnceLock<PathBuf> = OnceLock::new();
    PLACE.get_or_init(|| {
        let base = Path::new(env!("CARGO_TARGET_TMPDIR"));
        for entry in fs::read_dir(base).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(pid) = name.strip_prefix("suite-") else { continue };
            if Path::new("/proc/self").exists() && !Path::new("/proc").join(pid).exists() {
                let _another_process_was_faster = fs::remove_dir_all(entry.path());
            }
        }
        let place = base.join(format!("suite-{}", std::process::id()));
        fs::create_dir_all(&place).unwrap();
        place
    })
}

/// A new path in the place of this process; nothing is there yet.
pub fn fresh(name: &str) -> PathBuf {
    let path = place().join(name);
    assert!(!path.exists(), "{name} is used by another test");
    path
}

/// Writes a small input file and gives its path.
pub fn write(name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = place().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

/// JSON objects as a JSONL file.
pub fn write_rows(name: &str, rows: &[Value]) -> PathBuf {
    write(name, rows.iter().map(|r| format!("{r}\n")).collect::<String>())
}

fn corpus(file: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/corpus").join(file);
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

/// The first turns of the bundled corpus, as they are.
fn turns() -> Vec<Value> {
    let mut kept: Vec<String> = Vec::new();
    let mut rows = corpus("turns.jsonl");
    rows.retain(|row| {
        let conversation = row["conversation_id"].as_str().unwrap().to_owned();
        if !kept.contains(&conversation) {
            kept.push(conversation.clone());
        }
        kept.iter().position(|c| *c == conversation).unwrap() < CONVERSATIONS
    });
    assert_eq!(rows.len(), 8 * CONVERSATIONS);
    rows
}

/// The same turns with the scores of the first judge as columns: a turns table with judgements in one file.
pub fn scored_rows() -> Vec<Value> {
    let mut rows = turns();
    let judgements = corpus("judgements.jsonl");
    for row in &mut rows {
        row["planted"].take();
        let id = row["turn_id"].clone();
        for j in judgements.iter().filter(|j| j["judge"] == "judge-1" && j["turn_id"] == id) {
            row[j["dimension"].as_str().unwrap()] = j["score"].clone();
        }
        assert!(DIMENSIONS.iter().all(|d| row[d].is_number()));
    }
    rows
}

/// Arguments of the small run in which both minds are trained.
pub fn trained_args(out: &Path) -> Vec<OsString> {
    static INPUTS: OnceLock<(PathBuf, PathBuf)> = OnceLock::new();
    let (turns, config) =
        INPUTS.get_or_init(|| (write_rows("scored.jsonl", &scored_rows()), write("trained.toml", TRAINED)));
    let mut args = run_args(turns, config, out);
    args.push("--quick".into());
    args
}

/// Arguments of the small run of two judges.
pub fn judges_args(out: &Path) -> Vec<OsString> {
    static INPUTS: OnceLock<[PathBuf; 3]> = OnceLock::new();
    let [turns, judgements, config] = INPUTS.get_or_init(|| {
        let turns = turns();
        let mut judgements = corpus("judgements.jsonl");
        judgements.retain(|j| turns.iter().any(|t| t["turn_id"] == j["turn_id"]));
        [
            write_rows("turns.jsonl", &turns),
            write_rows("judgements.jsonl", &judgements),
            write("judges.toml", JUDGES),
        ]
    });
    let mut args = run_args(turns, config, out);
    args.extend(["--judgements".into(), judgements.into()]);
    args
}

fn run_args(turns: &Path, config: &Path, out: &Path) -> Vec<OsString> {
    let text = ["run", "--device", "cpu", "--turns"].map(OsString::from);
    let mut args = text.to_vec();
    args.extend([turns.into(), "--config".into(), config.into(), "--out".into(), out.into()]);
    args
}

/// A finished small run in which both minds were trained, on two threads. Only to be read.
pub fn trained_run() -> &'static Path {
    static RUN: OnceLock<PathBuf> = OnceLock::new();
    RUN.get_or_init(|| {
        let out = fresh("trained");
        let mut command = command(trained_args(&out));
        command.env("RAYON_NUM_THREADS", "2");
        done(command).ok();
        out
    })
}

/// A finished small run of two judges. Only to be read.
pub fn judges_run() -> &'static Path {
    static RUN: OnceLock<PathBuf> = OnceLock::new();
    RUN.get_or_init(|| {
        let out = fresh("judges");
        gapfield(judges_args(&out)).ok();
        out
    })
}

/// The manifest of a run.
pub fn manifest(run: &Path) -> Value {
    let bytes = fs::read(run.join("manifest.json")).unwrap_or_else(|e| panic!("{}: {e}", run.display()));
    serde_json::from_slice(&bytes).unwrap_or_else(|e| panic!("the manifest of {}: {e}", run.display()))
}

/// The record of a stage.
pub fn stage<'a>(manifest: &'a Value, name: &str) -> &'a Value {
    let stages = manifest["stages"].as_array().unwrap();
    stages.iter().find(|s| s["name"] == name).unwrap_or_else(|| panic!("no stage {name}"))
}

/// Files below a folder by relative path, sorted; empty where there is no folder.
pub fn files(folder: &Path) -> Vec<String> {
    fn walk(folder: &Path, prefix: &str, out: &mut Vec<String>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                walk(&entry.path(), &format!("{name}/"), out);
            } else {
                out.push(name);
            }
        }
    }
    let mut out = Vec::new();
    walk(folder, "", &mut out);
    out.sort();
    out
}

/// A copy of a run that a test may change.
pub fn copy_of(run: &Path, name: &str) -> PathBuf {
    let to = fresh(name);
    for file in files(run) {
        let target = to.join(&file);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(run.join(&file), target).unwrap();
    }
    to
}

/// Removes a run of a test that went well: runs with trained minds are large.
pub fn remove(run: &Path) {
    fs::remove_dir_all(run).unwrap();
}

/// Asserts that two runs hold the same files below `folders`, byte for byte.
pub fn assert_same(a: &Path, b: &Path, folders: &[&str]) {
    for folder in folders {
        let names = files(&a.join(folder));
        assert!(!names.is_empty(), "{folder} of {} is empty", a.display());
        assert_eq!(names, files(&b.join(folder)), "files of {folder}");
        for name in names {
            let [x, y] = [a, b].map(|run| fs::read(run.join(folder).join(&name)).unwrap());
            assert!(x == y, "{folder}/{name} differs between {} and {}", a.display(), b.display());
        }
    }
}
