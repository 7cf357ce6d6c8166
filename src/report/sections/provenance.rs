//! Where everything comes from: enough to find the run and make it again.

use crate::report::document::Document;
use crate::run::contents::RunContents;
use serde_json::Value;

/// Fields of the manifest in the order of the report: name and pointer.
const FIELDS: [(&str, &str); 13] = [
    ("run", "/run_id"),
    ("made", "/created"),
    ("product version", "/product_version"),
    ("commit", "/git_commit"),
    ("seed", "/seed"),
    ("device", "/device"),
    ("config hash", "/config_hash"),
    ("dataset hash", "/dataset/hash"),
    ("A, weights or source", "/scorers/A/weights_hash"),
    ("A, recipe", "/recipes/A"),
    ("B, weights or source", "/scorers/B/weights_hash"),
    ("B, recipe", "/recipes/B"),
    ("format", "/format_version"),
];

pub fn write(run: &RunContents, doc: &mut Document) {
    doc.section("Provenance");
    let rows = FIELDS
        .iter()
        .filter_map(|(name, pointer)| {
            let value = match run.manifest.pointer(pointer)? {
                Value::String(s) if !s.is_empty() => s.clone(),
                Value::Number(n) => n.to_string(),
                _ => return None,
            };
            Some(vec![(*name).to_owned(), value])
        })
        .collect::<Vec<_>>();
    if rows.is_empty() {
        doc.say("The manifest is absent or unreadable: this report cannot say where its run comes from.");
        return;
    }
    doc.table(&["What", "Value"], rows);
    doc.say(
        "Every result above stands in metrics/*.json of the run folder, counts of data in manifest.json; gapfield verify checks \
         the hash of every file.",
    );
}
