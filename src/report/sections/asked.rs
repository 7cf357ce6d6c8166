//! What was asked, and on which data and labels.

use crate::report::document::Document;
use crate::report::numbers::Numbers;
use crate::run::contents::{Pass, RunContents};
use serde_json::Value;
use std::collections::BTreeSet;

pub fn write(run: &RunContents, doc: &mut Document) {
    let summary = Numbers::of(run, "intensity");
    doc.say(summary.text("/summary").unwrap_or_default());
    if !run.status.is_empty() && run.status != "complete" {
        doc.say(format!("This run is not complete: {}.", run.status));
    }
    doc.section("What was asked");
    doc.say(
        "Two minds score the same conversation turns on five dimensions. Both are written in the twelve Shared Canonical \
         Metrics, and D = A − B is looked at turn by turn; A is the reference.",
    );
    doc.list(vec![mind("A", run.a.as_deref()), mind("B", run.b.as_deref())]);
    data(run, doc);
}

fn mind(side: &str, pass: Option<&Pass>) -> String {
    let Some(pass) = pass else { return format!("{side}: this pass is absent") };
    let how = match (pass.kind.as_str(), pass.history.is_some()) {
        ("judge", _) => "a judge's own judgements",
        ("table", _) => "scores imported from a table",
        (_, true) => "trained in this run",
        (_, false) => "no training history in this run",
    };
    format!("{side}: {} ({}), {how}", pass.name, pass.kind)
}

fn data(run: &RunContents, doc: &mut Document) {
    doc.section("Data and labels");
    let counts = run.manifest.pointer("/dataset/counts").and_then(Value::as_object);
    match counts.filter(|c| !c.is_empty()) {
        Some(counts) => {
            let rows = counts.iter().map(|(what, n)| vec![what.clone(), n.to_string()]).collect();
            doc.table(&["What", "Count"], rows);
        }
        None => doc.say("The manifest counts no data."),
    }
    let judges: BTreeSet<&str> = run.judgements.iter().map(|j| j.judge.as_str()).collect();
    if judges.is_empty() {
        doc.say("The run holds no judgements.");
    } else {
        let names: Vec<&str> = judges.into_iter().collect();
        doc.say(format!(
            "Judgements by {}, on a scale from 0 to 100, used as scores from 0 to 1.",
            names.join(", ")
        ));
    }
    if !run.splits.is_empty() {
        doc.say("Training, validation and test hold whole conversations; no conversation is cut.");
    }
}
