//! The real window, driven by a real pointer and keyboard on a virtual display: the walk of a first visit.
//!
//! Widgets are found by role and name in the file that `GAPFIELD_WIDGETS` names, which holds what a screen reader is
//! given. Without Xvfb and xdotool the walk cannot be made; `make test` installs them, and in CI that is a failure.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a step may take: a software renderer on a busy machine is slow.
const PATIENCE: Duration = Duration::from_secs(180);

fn have(program: &str) -> bool {
    Command::new(program).arg("-help").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// Whether the walk can be made here; says why not.
fn can_walk() -> bool {
    let missing: Vec<&str> = ["Xvfb", "xdotool"].into_iter().filter(|p| !have(p)).collect();
    if missing.is_empty() {
        return true;
    }
    let why = format!("the walk through the window was not made: {} not installed", missing.join(" and "));
    assert!(std::env::var_os("CI").is_none(), "{why}; run `make test`, which installs it");
    eprintln!("{why}; `make test` installs it");
    false
}

/// A display, a window on it, and a folder of its own for everything it reads and writes.
struct Desk {
    dir: tempfile::TempDir,
    display: String,
    xvfb: Child,
    app: Child,
}

impl Drop for Desk {
    fn drop(&mut self) {
        for child in [&mut self.app, &mut self.xvfb] {
            let _already_gone = child.kill();
            let _reaped = child.wait();
        }
    }
}

#[derive(Clone, Debug)]
struct Widget {
    role: String,
    name: String,
    about: String,
    rect: [f64; 4],
}

impl Widget {
    fn center(&self) -> (f64, f64) {
        (self.rect[0] + self.rect[2] / 2.0, self.rect[1] + self.rect[3] / 2.0)
    }
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

impl Desk {
    fn new(variables: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_runs");
        for name in ["healthy", "planted-ring"] {
            copy_folder(&samples.join(name), &dir.path().join("samples").join(name));
        }
        for folder in ["home/Pictures", "runs", "config"] {
            std::fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        let (xvfb, display) = display();
        let mut command = Command::new(env!("CARGO_BIN_EXE_gapfield"));
        command
            .env("DISPLAY", &display)
            .env_remove("WAYLAND_DISPLAY")
            .env("HOME", dir.path().join("home"))
            .env("XDG_CONFIG_HOME", dir.path().join("config"))
            .env("XDG_RUNTIME_DIR", dir.path())
            .env("GAPFIELD_RUNS", dir.path().join("runs"))
            .env("GAPFIELD_SAMPLES", dir.path().join("samples"))
            .env("GAPFIELD_WIDGETS", dir.path().join("widgets.json"))
            .current_dir(dir.path())
            .stderr(std::fs::File::create(dir.path().join("stderr.txt")).unwrap());
        for (name, value) in variables {
            command.env(name, value);
        }
        let app = command.spawn().unwrap();
        let mut desk = Self { dir, display, xvfb, app };
        desk.wait("the first frame", |w| {
            w.iter().any(|w| w.name.contains("No job is running")).then_some(())
        });
        // There is no window manager to give the keyboard to the window.
        desk.xdotool(&["search", "--sync", "--onlyvisible", "--name", "Gapfield", "windowfocus"]);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn xdotool(&self, words: &[&str]) {
        let out = Command::new("xdotool").env("DISPLAY", &self.display).args(words).output().unwrap();
        assert!(out.status.success(), "xdotool {words:?}: {}", String::from_utf8_lossy(&out.stderr));
    }

    fn widgets(&self) -> Vec<Widget> {
        let text = std::fs::read_to_string(self.path("widgets.json")).unwrap_or_default();
        let value: Value = serde_json::from_str(&text).unwrap_or_default();
        let scale = value["scale"].as_f64().unwrap_or(1.0);
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        let one = |w: &Value| Widget {
            role: text(&w["role"]),
            name: text(&w["name"]),
            about: text(&w["about"]),
            rect: std::array::from_fn(|i| w["rect"][i].as_f64().unwrap_or(0.0) * scale),
        };
        value["widgets"].as_array().map(|all| all.iter().map(one).collect()).unwrap_or_default()
    }

    /// Waits until `found` finds something among the widgets.
    fn wait<T>(&mut self, what: &str, found: impl Fn(&[Widget]) -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            let widgets = self.widgets();
            if let Some(found) = found(&widgets) {
                return found;
            }
            if let Some(status) = self.app.try_wait().unwrap() {
                panic!("the window ended ({status}) while waiting for {what}: {}", self.stderr());
            }
            if began.elapsed() > PATIENCE {
                let names: Vec<String> =
                    widgets.iter().map(|w| format!("{} {} {}", w.role, w.name, w.about)).collect();
                panic!("{what} never came; there is {names:#?}\n{}", self.stderr());
            }
            std::thread::sleep(Duration::from_millis(60));
        }
    }

    fn stderr(&self) -> String {
        std::fs::read_to_string(self.path("stderr.txt")).unwrap_or_default()
    }

    /// Waits for a widget of that role whose name or description holds the words.
    fn see(&mut self, role: &str, words: &str) -> Widget {
        self.wait(&format!("{role} \"{words}\""), |widgets| {
            let fits = |w: &&Widget| w.role == role && (w.name.contains(words) || w.about.contains(words));
            widgets.iter().find(fits).cloned()
        })
    }

    fn sees_not(&mut self, role: &str, words: &str) {
        self.wait(&format!("{role} \"{words}\" to go"), |widgets| {
            widgets.iter().all(|w| w.role != role || !w.name.contains(words)).then_some(())
        });
    }

    fn click_at(&self, (x, y): (f64, f64)) {
        let (x, y) = (format!("{x:.0}"), format!("{y:.0}"));
        self.xdotool(&["mousemove", &x, &y]);
        // The window learns where the pointer is before it is pressed.
        std::thread::sleep(Duration::from_millis(120));
        self.xdotool(&["click", "1"]);
    }

    /// Moves the pointer onto the widget and presses the button; widgets that still move are waited for.
    fn click(&mut self, role: &str, words: &str) {
        let mut at = self.see(role, words);
        loop {
            std::thread::sleep(Duration::from_millis(150));
            let again = self.see(role, words);
            if again.rect == at.rect {
                break;
            }
            at = again;
        }
        self.click_at(at.center());
    }

    /// Presses "Stop the job" until it stops: a click into a window that is just coming back may be lost.
    fn stop_the_job(&mut self) {
        let stopped = |w: &[Widget]| w.iter().any(|w| w.role == "Status" && w.name.contains("stopped after"));
        let button = |w: &Widget| w.role == "Button" && w.name.contains("Stop the job");
        let began = Instant::now();
        while !stopped(&self.widgets()) {
            assert!(began.elapsed() < PATIENCE, "the job did not stop: {}", self.stderr());
            if let Some(at) = self.widgets().iter().find(|w| button(w)) {
                self.click_at(at.center());
            }
            std::thread::sleep(Duration::from_millis(700));
        }
    }

    fn key(&self, key: &str) {
        self.xdotool(&["key", "--clearmodifiers", key]);
    }
}

/// A virtual display that picks its own number, and its name.
fn display() -> (Child, String) {
    let mut xvfb = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "1600x1000x24", "-nolisten", "tcp"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(xvfb.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (xvfb, format!(":{}", line.trim()))
}

/// Epochs done, as the job strip says them ("12 of 40 epochs").
fn epochs(widgets: &[Widget]) -> Option<u64> {
    let label = widgets.iter().find(|w| w.name.contains(" of ") && w.name.ends_with(" epochs"))?;
    label.name.split(' ').next()?.parse().ok()
}

#[test]
fn a_first_visit_with_pointer_and_keyboard() {
    if !can_walk() {
        return;
    }
    let mut desk = Desk::new(&[]);

    // Open a sample.
    desk.click("Button", "Open sample run Planted ring");
    desk.see("Group", "Field view");
    desk.see("Canvas", "field, ");

    // Select the longest loop in the barcode: its turns are brushed in every view.
    desk.click("Tab", "Topology");
    let barcode = desk.see("Canvas", "barcode, H0");
    let mut y = barcode.rect[1] + 40.0;
    let brushed =
        |widgets: &[Widget]| widgets.iter().any(|w| w.name.contains("slice Brushed now")).then_some(());
    while y < barcode.rect[1] + barcode.rect[3] {
        desk.click_at((barcode.rect[0] + barcode.rect[2] * 0.4, y));
        std::thread::sleep(Duration::from_millis(400));
        if brushed(&desk.widgets()).is_some() {
            break;
        }
        y += 5.0;
    }
    desk.wait("the turns of the loop", brushed);

    // Read a turn: step through the field, the inspector follows.
    desk.click("Tab", "Field");
    let field = desk.see("Canvas", "field, ");
    desk.click_at((field.rect[0] + 20.0, field.rect[1] + field.rect[3] / 3.0));
    let turn = |widgets: &[Widget]| {
        let said = widgets.iter().find(|w| w.role == "Canvas" && w.name.contains("Cursor at "))?;
        said.name.split("Cursor at ").nth(1).map(str::to_owned)
    };
    let first = desk.wait("the turn under the cursor", turn);
    desk.key("j");
    desk.wait("the next turn", |w| turn(w).filter(|now| *now != first));
    desk.see("Heading", "Judge on");

    // Keep the brushed turns as a slice; it is in the run folder.
    desk.key("s");
    desk.see("ListItem", "slice Slice, ");
    let slices = desk.path("samples/planted-ring/slices.json");
    let began = Instant::now();
    while !slices.is_file() && began.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(50));
    }
    let kept: Value = serde_json::from_slice(&std::fs::read(&slices).unwrap()).unwrap();
    assert!(!kept["slices"][0]["turns"].as_array().unwrap().is_empty());

    // Export a figure of what is shown.
    desk.key("ctrl+e");
    desk.see("Dialog", "Figure studio");
    desk.see("Image", "preview of the vpm figure");
    // Without another name it goes to the pictures of the home folder.
    let figure = desk.path("home/Pictures/planted-ring-vpm.png");
    desk.click("Button", "Write the figure");
    let began = Instant::now();
    while !figure.is_file() && began.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(50));
    }
    let bytes = std::fs::read(&figure).unwrap();
    let carried = gapfield::figure::provenance::of_file(&bytes).unwrap().unwrap();
    assert_eq!(carried["spec"]["kind"], "vpm");
    desk.sees_not("Dialog", "Figure studio");

    // Start a run, hide the window while it trains, stop it, go on with it.
    desk.click("Tab", "Start");
    desk.click("Button", "Quick run");
    desk.wait("training", |w| epochs(w).filter(|n| *n >= 1));
    desk.xdotool(&["search", "--name", "Gapfield", "windowunmap"]);
    let manifest = std::fs::read_dir(desk.path("runs")).unwrap().next().unwrap().unwrap().path();
    let done = |stage: &str| {
        let text = std::fs::read(manifest.join("manifest.json")).unwrap_or_default();
        let value: Value = serde_json::from_slice(&text).unwrap_or_default();
        let stages = value["stages"].as_array().cloned().unwrap_or_default();
        stages.iter().any(|s| s["name"] == stage && s["status"] == "ok")
    };
    // Nobody sees the window, and the training comes to its end and the next one begins.
    let began = Instant::now();
    while !done("train A") {
        assert!(began.elapsed() < 2 * PATIENCE, "training stands still while the window is hidden");
        std::thread::sleep(Duration::from_millis(100));
    }
    desk.xdotool(&["search", "--name", "Gapfield", "windowmap", "windowfocus"]);
    desk.stop_the_job();
    // The stopped run is resumed from Start, what was finished is not made again, and it comes to its end.
    desk.click("Tab", "Start");
    desk.click("Button", "Resume");
    desk.see("Status", "running ");
    desk.click("Button", "Log");
    desk.wait("the kept stage", |w| {
        w.iter().any(|w| w.name.contains("train A, unchanged, kept")).then_some(())
    });
    desk.see("Status", "done in");
    // The finished run opens by itself, with nothing to undo yet.
    desk.see("Label", "is there");
    assert!(done("train A") && done("report"));

    // Undo goes through how things were shown, and the window closes when asked.
    desk.key("ctrl+d");
    desk.see("Button", "Dark theme");
    desk.key("ctrl+z");
    desk.see("Button", "Light theme");
    desk.key("ctrl+q");
    let began = Instant::now();
    while desk.app.try_wait().unwrap().is_none() {
        assert!(began.elapsed() < PATIENCE, "the window did not close");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(desk.app.try_wait().unwrap().unwrap().success(), "{}", desk.stderr());
}

#[test]
fn a_lost_graphics_device_opens_the_window_again_with_the_run_in_it() {
    if !can_walk() {
        return;
    }
    let mut desk = Desk::new(&[("GAPFIELD_LOSE_GPU_AFTER_S", "25")]);
    desk.click("Button", "Open sample run Planted ring");
    desk.see("Canvas", "field, ");
    desk.see("Alert", "The window had to open again");
    let field = desk.see("Canvas", "field, ");
    assert!(field.rect[3] > 100.0);
    desk.xdotool(&["search", "--sync", "--onlyvisible", "--name", "Gapfield", "windowfocus"]);
    desk.click("Tab", "Topology");
    desk.see("Canvas", "barcode, H0");
    assert!(desk.app.try_wait().unwrap().is_none(), "the window stays");
}
