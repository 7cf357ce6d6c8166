//! What was asked for: config that differs from the defaults, guardrail counters, the split.

use super::source::{self, Mind, Training};
use crate::core::turn::Split;
use crate::nn::scorer::ScorerKind;
use crate::run::config::{PassConfig, PassKind, RunConfig};
use crate::run::contents::RunContents;
use crate::train::plan::Plan;
use crate::window::canvas::{numbers, paint};
use crate::window::theme::{Tokens, font};
use crate::window::view::ViewContext;
use egui::{Align2, Rect, Role, Sense, Ui, WidgetInfo, pos2};
use serde_json::Value;

const ROW: f32 = 23.0;
/// Between a name and its number, points.
const GAP: f32 = 8.0;
/// Between two columns of them, points.
const GUTTER: f32 = 16.0;

/// Measurements beside the embeddings: any number but none, which is what every run made by this version has.
pub const MEASURED: usize = 1;

/// A field of the config: name, default, value of this run.
pub type Difference = (String, String, String);

/// The numbers of a mind's training and those of an untouched config; `None` for a mind that is not trained here.
fn plans(run: &RunContents, mind: Mind) -> Option<(Plan, Plan)> {
    let asked = run.config.as_ref().map(|c| mind.of(c));
    let stage = format!("train {}", mind.letter());
    let stages = run.manifest.get("stages").and_then(Value::as_array);
    let record = stages.into_iter().flatten().find(|s| s.get("name").and_then(Value::as_str) == Some(&stage));
    let used = record.and_then(|s| s.pointer("/numbers/plan"));
    let used: Option<Plan> = used.and_then(|p| serde_json::from_value(p.clone()).ok());
    let kind = used.as_ref().map(|p| p.scorer.kind()).or(asked.and_then(|p| scorer_kind(p.kind)))?;
    // Of the numbers shown here none depends on the width of the embeddings.
    let width = used.as_ref().map_or(1, |p| p.scorer.embedding());
    let resolve = |pass: &PassConfig, quick| Plan::resolve(kind, width, MEASURED, pass, quick);
    let quick = run.config.as_ref().is_some_and(|c| c.quick);
    let this = used.or_else(|| asked.map(|p| resolve(p, quick)))?;
    Some((resolve(&PassConfig::default(), false), this))
}

/// The scorer that a kind of pass trains.
pub fn scorer_kind(kind: PassKind) -> Option<ScorerKind> {
    match kind {
        PassKind::Hrm => Some(ScorerKind::Hrm),
        PassKind::Tiny => Some(ScorerKind::Tiny),
        PassKind::Judge | PassKind::Table => None,
    }
}

/// What a mind was trained by that differs from the defaults, and the seed.
pub fn differences(run: &RunContents, mind: Mind) -> Vec<Difference> {
    let Some((default, this)) = plans(run, mind) else { return Vec::new() };
    let table = |plan: &Plan| serde_json::to_value(plan).unwrap_or(Value::Null);
    let (default, this) = (table(&default), table(&this));
    let fields = this.as_object().into_iter().flatten().filter(|(name, _)| name.as_str() != "scorer");
    let mut found: Vec<Difference> = fields
        .filter_map(|(name, value)| {
            let usual = default.get(name)?;
            (usual != value && !same_number(usual, value))
                .then(|| (name.replace('_', " "), written(usual), written(value)))
        })
        .collect();
    if let Some(config) = &run.config {
        found.extend(beside_the_plan(config, mind));
    }
    found
}

/// What differs from the defaults and is no number of the training.
fn beside_the_plan(config: &RunConfig, mind: Mind) -> Vec<Difference> {
    let usual = RunConfig::default();
    let pass = mind.of(config);
    let mut found = Vec::new();
    // Without guardrails there is no wide path, and it is they that differ.
    if !pass.wide && pass.guardrails {
        found.push(("wide path".to_owned(), "on".to_owned(), "off".to_owned()));
    }
    if config.kernels != usual.kernels {
        let [usual, this] = [usual.kernels, config.kernels].map(|k| super::setup::kernels_word(k).to_owned());
        found.push(("kernels".to_owned(), usual, this));
    }
    if config.seed != usual.seed {
        found.push(("seed".to_owned(), usual.seed.to_string(), config.seed.to_string()));
    }
    found
}

fn same_number(a: &Value, b: &Value) -> bool {
    matches!((a.as_f64(), b.as_f64()), (Some(x), Some(y)) if x == y)
}

/// A value as people write it.
fn written(value: &Value) -> String {
    match value {
        Value::Bool(true) => "on".to_owned(),
        Value::Bool(false) => "off".to_owned(),
        Value::Number(n) => match n.as_f64() {
            Some(v) if v != 0.0 && v.abs() < 0.01 => super::controls::rate_words(v),
            Some(v) if v.fract() == 0.0 && v >= 0.0 => numbers::count(v as usize),
            Some(v) => crate::window::format::number(v, 4),
            None => n.to_string(),
        },
        Value::String(s) => s.clone(),
        Value::Array(steps) if steps.is_empty() => "none".to_owned(),
        // Steps of the learning rate: epoch and factor.
        Value::Array(steps) => {
            let one = |s: &Value| {
                let [epoch, factor] = [0, 1].map(|i| s.get(i).map(written).unwrap_or_default());
                format!("{epoch}: × {factor}")
            };
            steps.iter().map(one).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

/// Sum over the epochs of a counter.
pub fn counter(training: &Training, names: &[&str]) -> Option<f64> {
    let series = names.iter().find_map(|n| training.history.series(n))?;
    Some(series.into_iter().filter(|v| v.is_finite()).sum())
}

/// Draws the three blocks below each other.
pub fn facts_ui(ui: &Ui, context: &ViewContext<'_>, rect: Rect, training: &Training, mind: Mind) {
    let t = context.tokens;
    let mut y = rect.top();
    let run = source::run(context);
    let found = run.map_or_else(Vec::new, |r| differences(r, mind));
    // What a running job was asked for is known here once its run is read.
    if run.is_some() {
        y = config_ui(ui, t, rect, y, &found);
    }
    let off = found.iter().any(|(name, _, value)| name == "guardrails" && value == "off");
    let state = run.map_or("", |_| if off { "off" } else { "on" });
    y = guards_ui(ui, t, rect, y, training, state);
    if let Some(run) = run {
        split_ui(ui, t, rect, y, &run.splits);
    }
}

fn config_ui(ui: &Ui, t: &Tokens, rect: Rect, top: f32, found: &[Difference]) -> f32 {
    let painter = ui.painter();
    let note = match found.len() {
        0 => "as the defaults say".to_owned(),
        1 => "1 differs from the defaults".to_owned(),
        n => format!("{n} differ from the defaults"),
    };
    super::block_head(painter, t, pos2(rect.left(), top + 21.0), "Config", &note, rect.width());
    if found.is_empty() {
        return top + 36.0;
    }
    let y = top + 45.0;
    let face = font::small_medium();
    let default_x = rect.left() + rect.width() * 0.56;
    paint::text(painter, pos2(rect.left(), y), Align2::LEFT_CENTER, "field", face.clone(), t.text_subdued);
    paint::text(painter, pos2(default_x, y), Align2::RIGHT_CENTER, "default", face.clone(), t.text_subdued);
    paint::text(painter, pos2(rect.right(), y), Align2::RIGHT_CENTER, "this run", face, t.text_subdued);
    let fits = ((rect.height() - 190.0) / ROW).max(1.0) as usize;
    let shown = found.len().min(fits);
    for (i, (name, default, value)) in found.iter().take(shown).enumerate() {
        let line = top + 57.0 + i as f32 * ROW;
        let y = line + ROW / 2.0;
        paint::hline(painter, rect.left()..=rect.right(), line, t.line_faint);
        paint::text(painter, pos2(rect.left(), y), Align2::LEFT_CENTER, name, font::label(), t.text);
        let pos = pos2(default_x, y);
        paint::text(painter, pos, Align2::RIGHT_CENTER, default, font::label_number(), t.text_subdued);
        paint::text(
            painter,
            pos2(rect.right(), y),
            Align2::RIGHT_CENTER,
            value,
            font::mono_small(),
            t.text_strong,
        );
    }
    top + 57.0 + shown as f32 * ROW + 6.0
}

fn guards_ui(ui: &Ui, t: &Tokens, rect: Rect, top: f32, training: &Training, state: &str) -> f32 {
    let painter = ui.painter();
    super::block_head(painter, t, pos2(rect.left(), top + 19.0), "Guardrails", state, rect.width());
    let counters = [
        ("Batches skipped", counter(training, &["guard.skipped"])),
        ("Gradient clipped", counter(training, &["guard.clipped"])),
        ("log_var clamped", counter(training, &["guard.log_var", "guard.log_var_clamped"])),
        ("Loss capped", counter(training, &["guard.capped", "guard.loss_capped"])),
    ];
    let words = counters
        .map(|(_, v)| v.map_or_else(|| "–".to_owned(), |v| numbers::count(v.max(0.0).round() as usize)));
    let wide = |text: &str, face| painter.layout_no_wrap(text.to_owned(), face, t.text).size().x;
    let need = |i: usize| {
        wide(counters[i].0, font::label_regular()) + wide(&words[i], font::label_number_medium()) + GAP
    };
    // Two columns where every number stays clear of its name, else one below the other.
    let half = (rect.width() - GUTTER) / 2.0;
    let left = half.max(need(0)).max(need(2));
    let right = rect.width() - GUTTER - left;
    let two = right >= need(1).max(need(3));
    for (i, (name, _)) in counters.iter().enumerate() {
        let (column, line) = if two { (i % 2, i / 2) } else { (0, i) };
        let x = rect.left() + if column == 0 { 0.0 } else { left + GUTTER };
        let end = if !two || column == 1 { rect.right() } else { rect.left() + left };
        let y = top + 44.0 + line as f32 * ROW;
        let face = font::label_regular();
        paint::text(painter, pos2(x, y), Align2::LEFT_CENTER, name, face, t.text_subdued);
        let face = font::label_number_medium();
        paint::text(painter, pos2(end, y), Align2::RIGHT_CENTER, &words[i], face, t.text);
    }
    top + 44.0 + if two { 2.0 } else { 4.0 } * ROW
}

/// Turns of each part: train, validation, test.
pub fn split_counts(splits: &[Split]) -> [usize; 3] {
    let count = |part| splits.iter().filter(|s| **s == part).count();
    [count(Split::Train), count(Split::Validation), count(Split::Test)]
}

fn split_ui(ui: &Ui, t: &Tokens, rect: Rect, top: f32, splits: &[Split]) {
    let counts = split_counts(splits);
    let total = counts.iter().sum::<usize>();
    if total == 0 || top + 54.0 > rect.bottom() + 4.0 {
        return;
    }
    let painter = ui.painter();
    super::block_head(painter, t, pos2(rect.left(), top + 15.0), "Split by conversation", "", rect.width());
    let y = top + 29.0;
    let colors = [t.text_disabled, t.accent, t.text_subdued];
    let room = rect.width() - 4.0;
    let mut x = rect.left();
    let mut ends = [0.0; 3];
    for (i, n) in counts.iter().enumerate() {
        let width = room * *n as f32 / total as f32;
        paint::fill(painter, Rect::from_min_max(pos2(x, y), pos2(x + width, y + 8.0)), colors[i]);
        x += width;
        ends[i] = x;
        x += 2.0;
    }
    let words = [
        format!("{} train", numbers::count(counts[0])),
        format!("{} validation", numbers::count(counts[1])),
        format!("{} test", numbers::count(counts[2])),
    ];
    let face = font::small();
    let line = y + 13.0;
    paint::text(painter, pos2(rect.left(), line), Align2::LEFT_TOP, &words[0], face.clone(), t.text_subdued);
    let test = paint::text(
        painter,
        pos2(rect.right(), line),
        Align2::RIGHT_TOP,
        &words[2],
        face.clone(),
        t.text_subdued,
    );
    let middle = ends[1].min(test.left() - 12.0);
    paint::text(painter, pos2(middle, line), Align2::RIGHT_TOP, &words[1], face, t.text_subdued);
    let area = Rect::from_min_max(pos2(rect.left(), top), pos2(rect.right(), line + 16.0));
    let response = ui.interact(area, ui.scope_id().with("split"), Sense::hover());
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Image, true, format!("split by conversation, {}", words.join(", ")))
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::config::Kernels;
    use serde_json::json;

    #[test]
    fn only_what_differs_from_the_defaults_is_listed() {
        let a = PassConfig {
            dropout: 0.35,
            guardrails: false,
            rate_steps: vec![(6, 0.5)],
            ..PassConfig::default()
        };
        let config = RunConfig { a, seed: 7, ..RunConfig::default() };
        let run = RunContents { config: Some(config), ..RunContents::default() };
        let found = differences(&run, Mind::A);
        let names: Vec<&str> = found.iter().map(|f| f.0.as_str()).collect();
        assert_eq!(names, ["dropout", "epochs", "guardrails", "rate steps", "seed"]);
        assert_eq!((found[0].1.as_str(), found[0].2.as_str()), ("0.1", "0.35"));
        // Without guardrails there is no wide path, so the core trains longer.
        assert_eq!((found[1].1.as_str(), found[1].2.as_str()), ("6", "10"));
        assert_eq!((found[2].2.as_str(), found[3].2.as_str()), ("off", "6: × 0.5"));
        assert_eq!(differences(&run, Mind::B).len(), 1, "only the seed");
        assert!(
            differences(&RunContents::default(), Mind::A).is_empty(),
            "nothing is known, nothing is claimed"
        );
    }

    #[test]
    fn a_core_alone_and_plain_kernels_are_listed() {
        let b = PassConfig { kind: PassKind::Tiny, wide: false, ..PassConfig::default() };
        let config = RunConfig { b, kernels: Kernels::Plain, ..RunConfig::default() };
        let run = RunContents { config: Some(config), ..RunContents::default() };
        let found = differences(&run, Mind::B);
        let of = |name: &str| found.iter().find(|f| f.0 == name).map(|f| (f.1.as_str(), f.2.as_str()));
        assert_eq!(of("wide path"), Some(("on", "off")));
        assert_eq!(of("kernels"), Some(("fused", "plain")));
        assert_eq!(differences(&run, Mind::A).len(), 1, "only the kernels, which serve both");
    }

    #[test]
    fn what_a_stage_recorded_wins_over_what_was_asked() {
        let asked = PassConfig { epochs: 3, ..PassConfig::default() };
        let used =
            Plan::resolve(ScorerKind::Hrm, 8, MEASURED, &PassConfig { epochs: 4, ..asked.clone() }, false);
        let manifest = json!({"stages": [{"name": "train A", "numbers": {"plan": used}}]});
        let config = Some(RunConfig { a: asked, ..RunConfig::default() });
        let run = RunContents { config, manifest, ..RunContents::default() };
        assert_eq!(differences(&run, Mind::A)[0].2, "4");
    }

    #[test]
    fn the_split_counts_turns() {
        let s = [Split::Train, Split::Test, Split::Train, Split::Validation];
        assert_eq!(split_counts(&s), [2, 1, 1]);
    }
}
