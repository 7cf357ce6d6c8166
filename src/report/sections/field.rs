//! How much the passes differ, in numbers with intervals.

use crate::core::dimension::Dimension;
use crate::core::scm;
use crate::report::document::Document;
use crate::report::numbers::{ABSENT, Numbers};
use crate::run::contents::RunContents;
use serde_json::Value;

/// Metrics in the order of the report: pointer and name.
const METRICS: [(&str, &str); 9] = [
    ("/delta_mass", "delta mass"),
    ("/agreement_rate", "agreement rate"),
    ("/kappa", "Cohen's kappa"),
    ("/close_share", "close share"),
    ("/cosine_overlap/flattened", "cosine overlap, flattened"),
    ("/cosine_overlap/rowwise", "cosine overlap, by row"),
    ("/uncertainty_gap/mean", "uncertainty gap"),
    ("/uncertainty_gap/mean_abs", "uncertainty gap, absolute"),
    ("/sensitivity_index", "sensitivity index"),
];

pub fn write(run: &RunContents, doc: &mut Document) {
    doc.section("The difference field");
    let field = Numbers::of(run, "intensity");
    if !field.exists() {
        doc.say("The field was not measured in this run (metrics/intensity.json is absent).");
        return;
    }
    let interval = field.text("/interval").map_or("95% interval", |i| i);
    doc.say(format!("Values with their interval ({interval}). D = A − B: positive means that A is higher."));
    let rows = METRICS
        .iter()
        .map(|(at, name)| {
            vec![
                (*name).to_owned(),
                field.estimate(at),
                field.count(&format!("{at}/n")),
                field.text(&format!("{at}/n_of")).unwrap_or(ABSENT).to_owned(),
                field.text(&format!("{at}/definition")).unwrap_or(ABSENT).to_owned(),
            ]
        })
        .collect();
    doc.table(&["Metric", "Value", "N", "of", "Definition"], rows);
    columns(field, doc);
    ranks(field, doc);
    top(field, doc);
    self_check(field, doc);
}

fn columns(field: Numbers<'_>, doc: &mut Document) {
    doc.part("By column");
    let rows = scm::COLUMNS
        .iter()
        .zip(scm::SHORT)
        .map(|(column, short)| {
            let bias = format!("/bias/{column}");
            let ends = (field.value(&format!("{bias}/low")), field.value(&format!("{bias}/high")));
            let words = match ends {
                (Some(low), _) if low > 0.0 => "A higher",
                (_, Some(high)) if high < 0.0 => "B higher",
                (Some(_), Some(_)) => "not told apart",
                _ => ABSENT,
            };
            let mass = field.estimate(&format!("/delta_mass_by_column/{column}"));
            vec![short.to_owned(), mass, field.estimate(&bias), words.to_owned()]
        })
        .collect();
    doc.table(&["Column", "mean |D|", "mean D", "Which is higher"], rows);
}

fn ranks(field: Numbers<'_>, doc: &mut Document) {
    doc.part("Rank agreement");
    let rows = Dimension::ALL
        .iter()
        .map(|d| {
            let at = |name: &str| field.estimate(&format!("/rank_agreement/{d}/{name}"));
            vec![d.name().to_owned(), at("spearman"), at("kendall_tau_b")]
        })
        .collect();
    doc.table(&["Dimension", "Spearman", "Kendall tau-b"], rows);
}

/// The turns with the largest differences; ten of those that the run keeps.
fn top(field: Numbers<'_>, doc: &mut Document) {
    let Some(rows) = field.at("/top_rows").and_then(Value::as_array).filter(|r| !r.is_empty()) else {
        return;
    };
    doc.part("Turns with the largest differences");
    let shown = rows.len().min(10);
    let lines = (0..shown)
        .map(|i| {
            let at = |key: &str| format!("/top_rows/{i}/{key}");
            vec![field.text(&at("turn_id")).unwrap_or(ABSENT).to_owned(), field.show(&at("mean_abs"))]
        })
        .collect();
    doc.table(&["Turn", "mean |D| of the scores"], lines);
}

fn self_check(field: Numbers<'_>, doc: &mut Document) {
    match field.at("/self_check/passed").and_then(Value::as_bool) {
        Some(true) => doc.say("Self-check passed: the length column, which says nothing about a scorer, is the same in A and B."),
        Some(false) => doc.say(format!(
            "Self-check failed: the length column differs between A and B by up to {}, which it never should; check that both \
             scored the same texts before reading anything else here.",
            field.show("/self_check/largest_abs")
        )),
        None => doc.say("The self-check on the length column is absent."),
    }
}
