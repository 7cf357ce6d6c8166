//! A run whose process is killed at a random moment opens again, keeps what was finished, and can be completed.

use super::folder::RunFolder;
use super::manifest::{Manifest, StageStatus};
use super::verify::verify;
use crate::core::seed;
use rand::RngExt;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

const ROOT: &str = "GAPFIELD_TEST_KILL_ROOT";
const STAGES: [&str; 6] = ["import", "train A", "train B", "pass A", "pass B", "field"];

/// Does whatever is left to do, as the pipeline does it.
fn complete(root: &Path) {
    let mut run = match RunFolder::open_for_writing(root) {
        Ok(run) => run,
        Err(_) => RunFolder::create(root, Manifest::new("killed", 1)).unwrap(),
    };
    run.plan_stages(&STAGES).unwrap();
    let mut inputs = BTreeMap::from([("seed".to_owned(), "1".to_owned())]);
    for stage in STAGES {
        let files = ["a", "b"].map(|part| format!("work/{stage}/{part}.bin"));
        let files = [files[0].as_str(), files[1].as_str()];
        if !run.stage_is_current(stage, &inputs) {
            run.begin_stage(stage, &inputs).unwrap();
            for file in files {
                run.write(file, &file.as_bytes().repeat(3000)).unwrap();
            }
            run.finish_stage(stage, &files, BTreeMap::new(), 0.0).unwrap();
        }
        inputs = run.hashes(&files).unwrap();
    }
    run.finish().unwrap();
}

#[test]
fn a_kill_at_any_moment_loses_nothing_that_was_finished() {
    if let Some(root) = std::env::var_os(ROOT) {
        complete(Path::new(&root));
        return;
    }
    let (_crate, module) = module_path!().split_once("::").unwrap();
    let name = format!("{module}::a_kill_at_any_moment_loses_nothing_that_was_finished");
    let mut rng = seed::stream(1, "kills");
    let mut was_stopped = 0;
    for _ in 0..20 {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("run");
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &name])
            .env(ROOT, &root)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // Count from its first write, so that the moments spread over the work and not over the start.
        while !root.exists() && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_micros(200));
        }
        std::thread::sleep(Duration::from_micros(rng.random_range(0..60_000)));
        child.kill().unwrap(); // SIGKILL
        child.wait().unwrap();

        let mut finished = Vec::new();
        if let Ok(run) = RunFolder::open(&root) {
            let done = |s: &&super::manifest::StageRecord| s.status == StageStatus::Ok;
            for stage in run.manifest().stages.iter().filter(done) {
                assert!(run.stage_is_current(&stage.name, &stage.inputs), "{} was lost", stage.name);
                finished.push((stage.name.clone(), stage.finished.clone(), stage.outputs.clone()));
            }
            was_stopped += usize::from(!run.manifest().is_complete());
        }
        complete(&root);
        let verification = verify(&root).unwrap();
        assert!(verification.passes() && verification.intact == 12, "{}", verification.summary());
        let run = RunFolder::open(&root).unwrap();
        assert!(run.manifest().is_complete());
        for (name, ended, outputs) in finished {
            let stage = run.manifest().stage(&name).unwrap();
            assert_eq!((&stage.finished, &stage.outputs), (&ended, &outputs), "{name} was not done again");
        }
    }
    assert!(was_stopped > 0, "some kills fell into the work");
}
