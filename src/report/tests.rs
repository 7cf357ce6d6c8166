//! The report tells what the run holds: its numbers come from the metrics, and what is absent is named.

use super::illustrations::{Illustrations, illustrate};
use super::report;
use crate::figure::fixture;
use crate::run::contents::RunContents;
use serde_json::Value;
use std::collections::BTreeSet;

fn markdown(run: &RunContents) -> String {
    report(run, &Illustrations::default()).markdown
}

/// Numbers with a decimal point in a text, as written.
fn decimals(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !(c.is_ascii_digit() || c == '.' || c == '−'))
        .map(|t| t.trim_matches('.'))
        .filter(|t| t.contains('.') && t.chars().any(|c| c.is_ascii_digit()))
        .map(str::to_owned)
        .collect()
}

/// Every number in a JSON value, and those that follow from it, as the report would print them.
fn leaves(value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::Number(n) => {
            let v = n.as_f64().unwrap();
            out.extend((3..9).map(|d| crate::figure::canvas::number(v, d)));
        }
        Value::Array(items) => items.iter().for_each(|v| leaves(v, out)),
        Value::Object(map) => map.values().for_each(|v| leaves(v, out)),
        _ => {}
    }
}

fn changed(value: &mut Value) {
    match value {
        Value::Number(n) if n.is_f64() => *value = Value::from(n.as_f64().unwrap() * 0.83 + 0.00437),
        Value::Array(items) => items.iter_mut().for_each(changed),
        Value::Object(map) => map.values_mut().for_each(changed),
        _ => {}
    }
}

#[test]
fn every_number_in_the_report_comes_from_the_metrics() {
    let run = fixture::run();
    let text = report(&run, &illustrate(&run)).markdown;
    let results = text.split("## Provenance").next().unwrap();
    let mut known = BTreeSet::new();
    run.metrics.values().for_each(|v| leaves(v, &mut known));
    let printed = decimals(results);
    assert!(printed.len() > 100, "the report has numbers: {}", printed.len());
    let unknown: Vec<&String> = printed.iter().filter(|t| !known.contains(*t)).collect();
    assert!(unknown.is_empty(), "not in metrics/*.json: {unknown:?}");
}

#[test]
fn other_metrics_give_another_report() {
    let run = fixture::run();
    let mut other = run.clone();
    other.metrics.values_mut().for_each(changed);
    let (before, after) = (decimals(&markdown(&run)), decimals(&markdown(&other)));
    let mut known = BTreeSet::new();
    other.metrics.values().for_each(|v| leaves(v, &mut known));
    let stale: Vec<&String> = after
        .iter()
        .filter(|t| before.contains(*t) && !known.contains(*t))
        .filter(|t| !run.manifest.to_string().contains(t.as_str()))
        .collect();
    assert!(stale.is_empty(), "printed although the metrics no longer hold it: {stale:?}");
    assert!(after.difference(&before).count() > 100);
}

#[test]
fn the_table_of_a_scorer_stands_beside_the_constant_and_ridge() {
    let text = markdown(&fixture::run());
    let row = text.lines().find(|l| l.starts_with("| reasoning | 12 | 3 |")).unwrap();
    assert!(row.contains("0.123 \\[0.106, 0.142\\]") && row.ends_with("| yes |"), "{row}");
    let ood = text.lines().find(|l| l.starts_with("| ood | AUROC")).unwrap();
    assert!(ood.ends_with("| no skill |"), "{ood}");
    assert!(text.contains("not to be read as evidence: ood."));
}

#[test]
fn what_chance_gives_too_is_called_so() {
    let mut run = fixture::run();
    let text = markdown(&run);
    assert!(text.contains("longer than chance gives") && text.contains("p = 1/100 = 0.010"), "{text}");
    let tests = run.metrics.get_mut("significance").unwrap();
    tests["primary"]["p"] = 0.98.into();
    tests["primary"]["n_nulls"] = 199.into();
    let text = markdown(&run);
    assert!(text.contains("is not distinguishable from chance under \"structureless field"), "{text}");
    assert!(text.contains("n = 199 null fields, p = 196/200 = 0.980"), "{text}");
    tests_never_say_zero(&mut run);
}

fn tests_never_say_zero(run: &mut RunContents) {
    run.metrics.get_mut("significance").unwrap()["primary"]["p"] = 1e-5.into();
    let text = markdown(run);
    assert!(text.contains("p = 0.00001,") && !text.contains("p = 0.000,"), "{text}");
}

#[test]
fn an_empty_run_is_reported_as_empty() {
    let run = RunContents { folder: "nothing-yet".into(), ..RunContents::default() };
    let figures = illustrate(&run);
    assert!(figures.drawn.is_empty() && !figures.missing.is_empty());
    let text = report(&run, &figures).markdown;
    for words in [
        "metrics/scorers.json is absent",
        "metrics/intensity.json is absent",
        "metrics/topology.json is absent",
    ] {
        assert!(text.contains(words), "{words}");
    }
    assert!(text.contains("# nothing-yet") && text.contains("the vpm figure needs pass A"), "{text}");
}

#[test]
fn the_page_is_self_contained_and_its_figures_have_words() {
    let run = fixture::run();
    let figures = illustrate(&run);
    assert_eq!(figures.missing, Vec::<String>::new());
    let html = report(&run, &figures).html;
    assert_eq!(html.matches("<img alt=\"").count(), figures.drawn.len());
    assert!(!html.contains("<img alt=\"\"") && !html.contains("src=\"http") && !html.contains("href=\"http"));
    assert!(report(&run, &figures).markdown.contains("](figures/vpm.png)"));
}

#[test]
fn text_from_the_run_cannot_become_markup() {
    let mut run = fixture::run();
    run.manifest["title"] = "<script>alert(1)</script> | a*b".into();
    let both = report(&run, &Illustrations::default());
    assert!(!both.html.contains("<script>"));
    assert!(both.markdown.starts_with("# \\<script\\>alert(1)\\</script\\> \\| a\\*b"));
}
