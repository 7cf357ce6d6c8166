//! How well each scorer predicts its labels on test conversations, beside a constant and ridge regression.

use crate::core::dimension::Dimension;
use crate::report::document::Document;
use crate::report::numbers::{ABSENT, Numbers, with_interval};
use crate::run::contents::RunContents;
use crate::train::head_skill::is_weak;
use serde_json::Value;

pub fn write(run: &RunContents, doc: &mut Document) {
    doc.section("Training and quality");
    let scorers = Numbers::of(run, "scorers");
    if !scorers.exists() {
        doc.say("No scorer was evaluated in this run (metrics/scorers.json is absent).");
        return;
    }
    doc.say(
        "Measured on test conversations, which no training step saw, in score units from 0 to 1. The constant predicts the \
         training mean; ridge is ridge regression on the same embeddings; with all inputs it also gets what the scorers read \
         beside them. Brackets are 95% intervals from resampling whole \
         conversations.",
    );
    for (side, pass) in [("A", &run.a), ("B", &run.b)] {
        let name = pass.as_ref().map_or_else(|| side.to_owned(), |p| format!("{side}, {}", p.name));
        doc.part(&name);
        if scorers.at(&format!("/{side}")).is_none() {
            doc.say("This pass was not trained here, so there is nothing to evaluate.");
            continue;
        }
        let rows = Dimension::ALL.iter().map(|d| row(scorers, side, d.name())).collect();
        doc.table(
            &[
                "Dimension",
                "turns",
                "conversations",
                "MAE",
                "RMSE",
                "Spearman",
                "constant MAE",
                "constant RMSE",
                "ridge MAE",
                "ridge RMSE",
                "ridge Spearman",
                "ridge, all inputs, RMSE",
                "ridge, all inputs, Spearman",
                "RMSE below constant",
            ],
            rows,
        );
    }
    heads(run, doc);
}

fn row(scorers: Numbers<'_>, side: &str, dimension: &str) -> Vec<String> {
    let at = |name: &str| format!("/{side}/{dimension}/{name}");
    let measured = |name: &str| match scorers.value(&at(name)) {
        Some(value) => with_interval(value, interval(scorers, &at("ci95"), name)),
        None => ABSENT.to_owned(),
    };
    let beats = match (scorers.value(&at("rmse")), scorers.value(&at("mean_predictor/rmse"))) {
        (Some(ours), Some(constant)) if ours < constant => "yes",
        (Some(_), Some(_)) => "no",
        _ => ABSENT,
    };
    vec![
        dimension.to_owned(),
        scorers.count(&at("n")),
        scorers.count(&at("n_conversations")),
        measured("mae"),
        measured("rmse"),
        measured("spearman"),
        scorers.show(&at("mean_predictor/mae")),
        scorers.show(&at("mean_predictor/rmse")),
        scorers.show(&at("ridge/mae")),
        scorers.show(&at("ridge/rmse")),
        scorers.show(&at("ridge/spearman")),
        scorers.show(&at("ridge_all/rmse")),
        scorers.show(&at("ridge_all/spearman")),
        beats.to_owned(),
    ]
}

/// `ci95/<name>` as `[low, high]` or `{low, high}`.
fn interval(scorers: Numbers<'_>, ci: &str, name: &str) -> Option<(f64, f64)> {
    let end = |a: &str, b: &str| {
        scorers.value(&format!("{ci}/{name}/{a}")).or_else(|| scorers.value(&format!("{ci}/{name}/{b}")))
    };
    end("0", "low").zip(end("1", "high"))
}

/// A head's reading: where it stands, what it measures, what a head without skill would reach.
struct Head<'a> {
    name: String,
    entry: &'a Value,
}

fn heads(run: &RunContents, doc: &mut Document) {
    doc.part("Heads");
    let mut found = Vec::new();
    if let Some(scorers) = run.metrics.get("scorers") {
        collect(scorers, &mut Vec::new(), &mut found);
    }
    if found.is_empty() {
        doc.say("No head besides the score was evaluated.");
        return;
    }
    let rows: Vec<Vec<String>> =
        found.iter().flat_map(|head| std::iter::once(head_row(head)).chain(further(head))).collect();
    doc.table(&["Head", "Measure", "Value", "Without skill", "n", "Verdict"], rows);
    let idle: Vec<&str> =
        found.iter().filter(|h| skill(h.entry) == Some(false)).map(|h| h.name.as_str()).collect();
    if !idle.is_empty() {
        doc.say(format!(
            "Without skill on these conversations, so not to be read as evidence: {}.",
            idle.join(", ")
        ));
    }
}

/// Entries with a measure and a value, wherever they stand below `heads` or a pass.
fn collect<'a>(value: &'a Value, path: &mut Vec<String>, out: &mut Vec<Head<'a>>) {
    let Some(map) = value.as_object() else { return };
    if map.contains_key("measure") && map.contains_key("value") {
        let words: Vec<&str> = path.iter().map(String::as_str).filter(|p| *p != "heads").collect();
        out.push(Head { name: words.join(" "), entry: value });
        return;
    }
    let mut keys: Vec<&String> = map.keys().collect();
    keys.sort();
    for key in keys {
        path.push(key.clone());
        collect(&map[key], path, out);
        path.pop();
    }
}

fn head_row(head: &Head<'_>) -> Vec<String> {
    let number = |key: &str, decimals| {
        let value = head.entry.get(key).and_then(Value::as_f64).filter(|v| v.is_finite());
        value.map_or_else(|| ABSENT.to_owned(), |v| crate::figure::canvas::number(v, decimals))
    };
    let verdict = match skill(head.entry) {
        Some(true) => "skill",
        Some(false) => "no skill",
        None => "unknown",
    };
    vec![
        head.name.clone(),
        head.entry.get("measure").and_then(Value::as_str).unwrap_or(ABSENT).to_owned(),
        number("value", 3),
        number("no_skill", 3),
        number("n", 0),
        verdict.to_owned(),
    ]
}

/// Further figures of the same head, a row each.
fn further<'a>(head: &Head<'a>) -> impl Iterator<Item = Vec<String>> + use<'a> {
    let all = head.entry.get("also").and_then(Value::as_object);
    let name = head.name.clone();
    all.into_iter().flatten().map(move |(measure, value)| {
        let number = value.as_f64().filter(|v| v.is_finite());
        let number = number.map_or_else(|| ABSENT.to_owned(), |v| crate::figure::canvas::number(v, 3));
        vec![name.clone(), measure.clone(), number, String::new(), String::new(), String::new()]
    })
}

/// Whether the value is clearly better than without skill: as the run says, else by the measure's direction. What the
/// window greys has no skill here either.
fn skill(entry: &Value) -> Option<bool> {
    if let Some(said) = ["skill", "has_skill"].iter().find_map(|k| entry.get(*k)?.as_bool()) {
        return Some(said);
    }
    let (value, idle) = (entry.get("value")?.as_f64()?, entry.get("no_skill")?.as_f64()?);
    let measure = entry.get("measure").and_then(Value::as_str).unwrap_or_default().to_lowercase();
    let small_is_good = ["mae", "rmse", "brier", "nll", "loss"]
        .iter()
        .any(|word| measure.split(|c: char| !c.is_alphanumeric()).any(|part| part == *word));
    let gain = if small_is_good { idle - value } else { value - idle };
    // Without an interval, one over the root of n is about one standard error of a correlation or a share.
    let margin = entry.get("n").and_then(Value::as_f64).filter(|n| *n > 0.0).map_or(0.0, |n| 1.0 / n.sqrt());
    Some(gain > margin && (small_is_good || !is_weak(value, idle)))
}
