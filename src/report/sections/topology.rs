//! What the shape of D says, and whether chance says the same.

use crate::core::metric::Metric;
use crate::report::document::Document;
use crate::report::numbers::{ABSENT, Numbers, p_value};
use crate::run::contents::RunContents;
use serde_json::Value;

/// Level of the declared test.
const LEVEL: f64 = 0.05;

pub fn write(run: &RunContents, doc: &mut Document) {
    doc.section("Topology");
    let shape = Numbers::of(run, "topology");
    if !shape.exists() {
        doc.say("The topology of D was not computed in this run (metrics/topology.json is absent).");
        return;
    }
    let tests = Numbers::of(run, "significance");
    doc.say(verdict(shape, tests));
    let columns = shape.at("/columns").and_then(Value::as_array).map_or(0, Vec::len);
    let columns = if columns > 0 { format!(" on {columns} columns") } else { String::new() };
    doc.say(format!(
        "Persistent homology (Vietoris-Rips, {}) of {} rows of D{columns}; exact duplicates merged: {}. The number of \
         bars alone is not structure.",
        cloud_words(shape),
        shape.count("/n_points"),
        shape.count("/n_merged")
    ));
    dimensions(shape, doc);
    sampling(shape, tests, doc);
    secondary(tests, doc);
}

/// One sentence on the declared test: its null, p and n.
fn verdict(shape: Numbers<'_>, tests: Numbers<'_>) -> String {
    let Some(p) = tests.value("/primary/p") else {
        return "No test against chance was made, so nothing about the shape of D is claimed.".to_owned();
    };
    let null = tests.text("/primary/null").unwrap_or("the declared null");
    let n = tests.value("/primary/n_nulls");
    let drawn = tests.count("/primary/n_nulls");
    let points = shape.count("/n_points");
    let (observed, q95) = (tests.show("/primary/observed"), tests.show("/primary/q95"));
    let p_words = p_value(p, n);
    if p > LEVEL {
        return format!(
            "The longest loop of D (length {observed}) is not distinguishable from chance under \"{null}\", n = {drawn} null \
             fields, {p_words}, N = {points} turns; 95% of the null fields stay below {q95}."
        );
    }
    format!(
        "The longest loop of D (length {observed}) is longer than chance gives under \"{null}\": {p_words}, n = {drawn} null \
         fields, N = {points} turns; 95% of the null fields stay below {q95}."
    )
}

fn dimensions(shape: Numbers<'_>, doc: &mut Document) {
    let Some(bars) = shape.at("/bars").and_then(Value::as_object) else { return };
    let mut dims: Vec<&String> = bars.keys().collect();
    dims.sort();
    let rows = dims
        .iter()
        .map(|d| {
            vec![
                format!("H{d}"),
                shape.count(&format!("/bars/{d}")),
                shape.show(&format!("/longest/{d}")),
                shape.show(&format!("/total_persistence/{d}")),
                shape.show(&format!("/entropy/{d}")),
            ]
        })
        .collect();
    doc.table(&["Dimension", "bars", "longest finite", "total persistence", "entropy"], rows);
}

/// How the points were made: the metric, and scaling where there was any.
fn cloud_words(shape: Numbers<'_>) -> String {
    let metric =
        shape.text("/cloud/metric").and_then(Metric::from_name).unwrap_or_default().title().to_owned();
    let standardised = shape.at("/cloud/standardise").and_then(Value::as_bool).unwrap_or(false);
    let weighted = shape.at("/cloud/weights").and_then(Value::as_array).is_some_and(|w| !w.is_empty());
    let mut words = metric;
    for (is, word) in [(standardised, ", columns standardised"), (weighted, ", columns weighted")] {
        words.push_str(if is { word } else { "" });
    }
    words
}

/// What sampling alone explains, how far half-samples are away, and what single bars say.
fn sampling(shape: Numbers<'_>, tests: Numbers<'_>, doc: &mut Document) {
    if shape.value("/band/length").is_some() {
        let beyond = shape.at("/beyond_band").and_then(Value::as_array).into_iter().flatten();
        let loops = beyond.filter(|s| s.get("dim").and_then(Value::as_u64) == Some(1));
        let longer: u64 = loops.filter_map(|s| s.get("finite")?.as_u64()).sum();
        doc.say(format!(
            "Sampling alone explains bars up to length {} (confidence band, alpha {}); {longer} of {} loops are longer. The              band covers the worst turn, so a bar within it is not shown to be noise.",
            shape.show("/band/length"),
            shape.show("/band/alpha"),
            shape.count("/bars/1")
        ));
    }
    if shape.value("/stability/median").is_some() {
        let n = shape.at("/stability/distances").and_then(Value::as_array).map_or(0, Vec::len);
        doc.say(format!(
            "The diagrams of {n} half-samples are {} away in the median, {} at most (bottleneck distance).",
            shape.show("/stability/median"),
            shape.show("/stability/largest")
        ));
    }
    let single = tests.at("/universal/bars").and_then(Value::as_array).filter(|b| !b.is_empty());
    if let Some(bars) = single {
        let p = |b: &Value| b.get("p_bonferroni").and_then(Value::as_f64);
        let beyond = bars.iter().filter(|b| p(b).is_some_and(|p| p <= LEVEL)).count();
        let careful = tests.at("/universal/conservative").and_then(Value::as_bool).unwrap_or(true);
        let careful = if careful { ", conservative with so few" } else { "" };
        doc.say(format!(
            "Taken one by one, {beyond} of {} loops last longer than noise does by the universal law of death over birth              (Bonferroni-corrected{careful}).",
            bars.len()
        ));
    }
}

fn secondary(tests: Numbers<'_>, doc: &mut Document) {
    let Some(list) = tests.at("/secondary").and_then(Value::as_array).filter(|l| !l.is_empty()) else {
        return;
    };
    doc.part("Other tests, each with its own question");
    let rows = (0..list.len())
        .map(|i| {
            let at = |key: &str| format!("/secondary/{i}/{key}");
            let word = |key: &str| tests.text(&at(key)).unwrap_or(ABSENT).to_owned();
            let p = |key: &str| {
                tests
                    .value(&at(key))
                    .map_or_else(|| ABSENT.to_owned(), |p| p_value(p, None).replace("p = ", ""))
            };
            let holm =
                if tests.at(&at("p_holm")).is_some() { p("p_holm") } else { "not corrected".to_owned() };
            vec![
                word("question"),
                word("null"),
                word("statistic"),
                tests.show(&at("observed")),
                tests.show(&at("q95")),
                p("p"),
                holm,
                tests.count(&at("n_nulls")),
            ]
        })
        .collect();
    doc.table(&["Question", "Null", "Statistic", "observed", "null's 95%", "p", "p, Holm", "n"], rows);
}
