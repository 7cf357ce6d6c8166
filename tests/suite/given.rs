//! A run whose minds start from the weights of an earlier run scores as that run did.

use super::product::*;
use std::fs;

#[test]
fn the_weights_of_an_earlier_run_give_its_scores_without_a_training() {
    let earlier = trained_run();
    let out = fresh("given");
    let mut args = trained_args(&out);
    args.extend([
        "--weights-a".into(),
        earlier.into(),
        "--weights-b".into(),
        earlier.join("models/B").into(),
    ]);
    gapfield(args).ok();
    for pass in ["A", "B"] {
        let scores =
            |run: &std::path::Path| fs::read(run.join(format!("passes/{pass}/scm.parquet"))).unwrap();
        assert!(scores(&out) == scores(earlier), "{pass} scores otherwise");
        assert!(
            !out.join(format!("models/{pass}/reasoning/history.parquet")).exists(),
            "nothing was trained"
        );
    }
    let manifest = manifest(&out);
    let stages = manifest["stages"].as_array().unwrap();
    assert!(stages.iter().all(|s| s["name"] != "second phase"), "{stages:?}");
    let given = &stages.iter().find(|s| s["name"] == "train A").unwrap()["numbers"]["given"];
    assert_eq!(given["from"].as_str().unwrap(), earlier.display().to_string());
    assert_eq!(given["blake3"].as_str().unwrap().len(), 64);
    gapfield(["verify".into(), out.clone().into_os_string()]).ok();
    remove(&out);
}

#[test]
fn weights_of_another_width_are_refused_in_one_sentence() {
    let out = fresh("given-narrow");
    let mut args = trained_args(&out);
    let narrow = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/torch/tiny.pt");
    args.extend(["--weights-b".into(), narrow.into()]);
    let told = gapfield(args);
    assert_ne!(told.code, Some(0));
    assert!(
        told.stderr.contains("embeddings of width 8") && told.stderr.contains("give weights"),
        "{}",
        told.stderr
    );
    remove(&out);
}
