//! What the report cannot show: said as plainly as what it can.

use crate::report::document::Document;
use crate::report::illustrations::Illustrations;
use crate::run::contents::RunContents;
use serde_json::Value;

pub fn write(run: &RunContents, figures: &Illustrations, doc: &mut Document) {
    doc.section("What this cannot show");
    let mut points = vec![
        "A difference is not an error: D says that the minds disagree, not which of them is right.".to_owned(),
        "The labels are judgements, not truth; a scorer that agrees with its judge shares the judge's blind spots.".to_owned(),
        "Intervals of the field's metrics resample turns and take them as independent; turns of one conversation are not, so \
         the true intervals are wider. No interval here says anything about other corpora or other seeds."
            .to_owned(),
        "A p-value answers the question of its own null and no other; no test here shows what a loop means.".to_owned(),
        "A cycle drawn for a bar is one representative of many; projections are pictures, and nothing is measured on them."
            .to_owned(),
        "A head without skill is drawn like the others; the table above says which ones to leave aside.".to_owned(),
    ];
    if [&run.a, &run.b].iter().any(|p| p.as_ref().is_some_and(|p| p.kind == "judge")) {
        points.push("One side is a judge's own judgements: only its scores are its own, other columns may be missing.".to_owned());
    }
    doc.list(points);
    let warnings: Vec<String> = run
        .manifest
        .get("warnings")
        .and_then(Value::as_array)
        .map(|w| w.iter().filter_map(|w| w.as_str().map(str::to_owned)).collect())
        .unwrap_or_default();
    if !warnings.is_empty() {
        doc.part("Warnings of the run");
        doc.list(warnings);
    }
    let absent: Vec<String> = run.problems.iter().chain(&figures.missing).cloned().collect();
    if !absent.is_empty() {
        doc.part("Not in this report");
        doc.list(absent);
    }
}
