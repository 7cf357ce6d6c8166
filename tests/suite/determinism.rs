//! The same command on the same machine gives the same bytes, whatever the number of threads; another device gives the
//! same numbers within a tolerance.

use super::product::*;

#[test]
fn the_same_command_twice_gives_the_same_bytes() {
    let again = fresh("judges-again");
    gapfield(judges_args(&again)).ok();
    assert_same(judges_run(), &again, &["metrics", "figures", "topology", "field"]);
}

#[test]
fn the_number_of_threads_changes_no_byte_of_a_trained_run() {
    let out = fresh("one-thread");
    let mut one = command(trained_args(&out));
    one.env("RAYON_NUM_THREADS", "1");
    done(one).ok();
    assert_same(trained_run(), &out, &["metrics", "figures", "models", "topology", "field"]);
    let [a, b] = [trained_run(), &out].map(|run| manifest(run)["fingerprint"].clone());
    assert_eq!(a, b);
}

#[test]
fn another_seed_gives_other_nulls() {
    let out = fresh("other-seed");
    let mut args = judges_args(&out);
    args.extend(["--seed".into(), "7".into()]);
    gapfield(args).ok();
    let read = |run: &std::path::Path| std::fs::read(run.join("topology/null.parquet")).unwrap();
    assert!(read(&out) != read(judges_run()), "the comparison above can fail");
}
