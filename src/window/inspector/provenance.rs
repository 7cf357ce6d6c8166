//! Where the numbers come from: run, weights, recipe, seed; a click copies the whole value.

use super::heading;
use crate::run::contents::RunContents;
use crate::window::canvas::numbers;
use crate::window::command::Command;
use crate::window::theme::font;
use crate::window::view::ViewContext;
use crate::window::widgets::property_row::property_row_with;
use egui::Ui;
use serde_json::Value;

/// Name, what is shown and what a click copies.
pub type Fact = (&'static str, String, String);

/// What the manifest knows.
pub fn facts(run: &RunContents) -> Vec<Fact> {
    let text = |path: &str| run.manifest.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut facts: Vec<Fact> = Vec::new();
    let id = if run.run_id().is_empty() { run.title() } else { run.run_id().to_owned() };
    facts.push(("Run", id.clone(), id));
    let hashes = ["A", "B"].map(|m| text(&format!("/scorers/{m}/weights_hash")));
    if hashes.iter().any(|h| !h.is_empty()) {
        let shown =
            hashes.each_ref().map(|h| if h.is_empty() { "–".to_owned() } else { numbers::short_hash(h) });
        facts.push(("Weights A, B", shown.join(" / "), hashes.join("\n")));
    }
    let recipes = ["A", "B"].map(|m| text(&format!("/recipes/{m}")));
    let recipe = if recipes[0] == recipes[1] { recipes[0].clone() } else { recipes.join(" / ") };
    if !recipe.trim_matches([' ', '/']).is_empty() {
        facts.push(("Recipe", recipe.clone(), recipe));
    }
    if let Some(seed) = run.manifest.get("seed").filter(|s| !s.is_null()) {
        let seed = seed.to_string();
        facts.push(("Seed", seed.clone(), seed));
    }
    facts
}

/// Draws the rows.
pub fn provenance_ui(ui: &mut Ui, ctx: &mut ViewContext<'_>, run: &RunContents, row: usize) {
    let t = ctx.tokens;
    heading(ui, t, "Provenance", "a click copies");
    let turn = run.turns.get(row).map(|t| ("Turn", t.turn_id.clone(), t.turn_id.clone()));
    for (name, shown, whole) in turn.into_iter().chain(facts(run)) {
        let response = property_row_with(ui, name, &shown, font::mono_small(), t.text).on_hover_text(&whole);
        if response.clicked() {
            ctx.commands.push(Command::Copy(whole));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn hashes_are_shortened_but_copied_whole() {
        let run = RunContents {
            manifest: json!({"run_id": "20261118-0914-7f3c", "seed": 8_412_067_713_905_526_142_u64,
                "scorers": {"A": {"weights_hash": "9b41e0c2aa11"}, "B": {"weights_hash": "22d7fa0011ff"}},
                "recipes": {"A": "heads/1", "B": "heads/1"}}),
            ..RunContents::default()
        };
        let found = facts(&run);
        assert_eq!(found[0].1, "20261118-0914-7f3c");
        assert_eq!(
            found[1],
            ("Weights A, B", "9b41e0… / 22d7fa…".to_owned(), "9b41e0c2aa11\n22d7fa0011ff".to_owned())
        );
        assert_eq!(found[2].1, "heads/1");
        assert_eq!(found[3].2, "8412067713905526142");
    }

    #[test]
    fn an_unreadable_manifest_gives_no_invented_facts() {
        let run = RunContents { folder: "/x/my run".into(), ..RunContents::default() };
        assert_eq!(facts(&run), [("Run", "my run".to_owned(), "my run".to_owned())]);
    }
}
