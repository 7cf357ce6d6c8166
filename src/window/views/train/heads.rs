//! What each head has learnt beyond no skill, and how good the scores are on test conversations.

use super::source::{self, Mind, Training};
use crate::core::scm;
use crate::run::contents::RunContents;
use crate::train::head_skill::{FOLLOWED, MAJORITY, is_weak};
use crate::window::canvas::{numbers, paint};
use crate::window::theme::{Tokens, blend, font};
use crate::window::view::ViewContext;
use crate::window::widgets::paint::icon_at;
use egui::{Align2, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};
use serde_json::Value;

const ROW: f32 = 23.0;

/// Heads in the order in which they are explained; others follow by name.
const ORDER: [&str; 12] = [
    "score",
    "log_var",
    "aux3",
    "aux",
    "disagree",
    "recon",
    "reconstruction",
    "consistency",
    "ood",
    "sensitivity",
    "halt",
    "agree",
];

/// One head.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// Name.
    pub name: String,
    /// Measure ("Spearman").
    pub measure: String,
    /// Value; `None` when there is nothing to report.
    pub value: Option<f64>,
    /// What no skill gives.
    pub no_skill: f64,
    /// Further figures by name.
    pub also: Vec<(String, f64)>,
}

impl Head {
    /// The measure and the further figures, a line each.
    fn all_words(&self) -> String {
        let also = self.also.iter().map(|(name, v)| format!("\n{name}: {}", numbers::fixed(*v, 2)));
        std::iter::once(self.measure.clone()).chain(also).collect()
    }

    /// Whether what it says should not be believed.
    pub fn is_weak(&self) -> bool {
        self.value.is_none_or(|v| is_weak(v, self.no_skill))
    }
}

/// The heads of a mind in their fixed order.
pub fn heads(run: &RunContents, mind: Mind) -> Vec<Head> {
    let letter = mind.letter();
    let Some(all) = run.metrics.get("scorers") else { return Vec::new() };
    let found = [format!("/{letter}/heads"), format!("/heads/{letter}"), "/heads".to_owned()]
        .iter()
        .find_map(|path| all.pointer(path).and_then(Value::as_object));
    let Some(found) = found else { return Vec::new() };
    let place = |name: &str| ORDER.iter().position(|n| *n == name).unwrap_or(ORDER.len());
    let mut sorted: Vec<(&String, &Value)> = found.iter().collect();
    sorted.sort_by_key(|(name, _)| place(name));
    sorted
        .into_iter()
        .filter(|(_, v)| v.get("measure").is_some())
        .map(|(name, v)| Head {
            name: name.clone(),
            measure: v.get("measure").and_then(Value::as_str).unwrap_or_default().to_owned(),
            value: v.get("value").and_then(Value::as_f64),
            no_skill: v.get("no_skill").and_then(Value::as_f64).unwrap_or(0.0),
            also: v.get("also").and_then(Value::as_object).map_or_else(Vec::new, |all| {
                all.iter().filter_map(|(name, v)| Some((name.clone(), v.as_f64()?))).collect()
            }),
        })
        .collect()
}

/// The heads of a training under way, as the validation turns of its last epoch show them.
pub fn live_heads(training: &Training) -> Vec<Head> {
    let mut found = Vec::new();
    let mut add = |name: &str, measure: &str, value: Option<f64>, no_skill: f64| {
        if value.is_some() {
            let (name, measure) = (name.to_owned(), measure.to_owned());
            found.push(Head { name, measure, value, no_skill, also: Vec::new() });
        }
    };
    add("score", "Spearman of score and judgement", training.last("val.spearman"), 0.0);
    for (name, measure, no_skill) in FOLLOWED {
        let floor = if name == "aux3" { training.last(MAJORITY) } else { None };
        add(name, measure, training.last(&format!("head.{name}")), floor.unwrap_or(no_skill));
    }
    found
}

/// Draws heads, and quality by dimension when there is room or there are no heads.
pub fn heads_ui(ui: &Ui, context: &ViewContext<'_>, rect: Rect, training: &Training, mind: Mind) {
    let t = context.tokens;
    let measured = source::run(context).map_or_else(Vec::new, |r| heads(r, mind));
    let note = if measured.is_empty() {
        "skill on validation turns, the tick is no skill; the others are measured after the passes"
    } else {
        "skill on test turns, the tick is no skill"
    };
    let found = if measured.is_empty() { live_heads(training) } else { measured };
    let quality = source::run(context).map_or_else(Vec::new, |r| quality(r, mind));
    let mut area = rect;
    let tall = 62.0 + ROW * quality.len() as f32;
    let both = tall + 62.0 + ROW * found.len() as f32;
    if !quality.is_empty() && (found.is_empty() || rect.height() > both) {
        quality_ui(ui, t, Rect::from_min_size(area.min, vec2(area.width(), tall)), &quality, mind);
        area.min.y += tall + 6.0;
    }
    if found.is_empty() {
        if quality.is_empty() {
            let title = format!("Heads of {}", mind.letter());
            let at = pos2(rect.left(), rect.top() + 21.0);
            super::block_head(ui.painter(), t, at, &title, "", rect.width());
            let words = "Skill is measured on test conversations when the passes are done";
            let pos = pos2(rect.left(), rect.top() + 38.0);
            paint::text_cut(
                ui.painter(),
                pos,
                Align2::LEFT_TOP,
                words,
                font::label_regular(),
                t.text_subdued,
                rect.width(),
            );
        }
        return;
    }
    let title = format!("Heads of {}", mind.letter());
    let at = pos2(area.left(), area.top() + 21.0);
    let first = area.top() + 57.0;
    let fits = ((area.bottom() - first) / ROW).floor().max(0.0) as usize;
    let note = match found.len().checked_sub(fits) {
        Some(1..) => format!("{fits} of {} fit; {note}", found.len()),
        _ => note.to_owned(),
    };
    super::block_head(ui.painter(), t, at, &title, &note, area.width());
    let columns = Columns::of(area);
    columns.header(ui, t, area.top() + 45.0);
    for (i, head) in found.iter().take(fits).enumerate() {
        let line = Rect::from_min_size(pos2(area.left(), first + i as f32 * ROW), vec2(area.width(), ROW));
        head_row(ui, t, line, head, &columns);
    }
}

struct Columns {
    measure: f32,
    value: f32,
    bar: (f32, f32),
}

impl Columns {
    fn of(rect: Rect) -> Self {
        let w = rect.width();
        let bar = (rect.left() + w * 0.54, rect.left() + w * 0.79);
        Self { measure: rect.left() + w * 0.2, value: bar.0 - 16.0, bar }
    }

    fn header(&self, ui: &Ui, t: &Tokens, y: f32) {
        let left = ui.max_rect().left();
        let painter = ui.painter();
        let face = font::small_medium();
        let name_x = self.measure - (self.bar.1 - self.bar.0) * 0.8;
        let x = name_x.max(left);
        paint::text(painter, pos2(x, y), Align2::LEFT_CENTER, "head", face.clone(), t.text_subdued);
        paint::text(
            painter,
            pos2(self.measure, y),
            Align2::LEFT_CENTER,
            "measure",
            face.clone(),
            t.text_subdued,
        );
        paint::text(painter, pos2(self.value, y), Align2::RIGHT_CENTER, "skill", face, t.text_subdued);
    }
}

/// The measure without what it is taken of; the tooltip says all of it.
fn short_measure(measure: &str) -> &str {
    [" of ", " for "]
        .iter()
        .filter_map(|of| measure.split_once(of))
        .map(|(m, _)| m)
        .min_by_key(|m| m.len())
        .unwrap_or(measure)
}

fn head_row(ui: &Ui, t: &Tokens, line: Rect, head: &Head, columns: &Columns) {
    let painter = ui.painter();
    let y = line.center().y;
    paint::hline(painter, line.left()..=line.right(), line.top(), t.line_faint);
    let weak = head.is_weak();
    let (strong, plain) =
        if weak { (t.text_disabled, t.text_disabled) } else { (t.text_strong, t.text_subdued) };
    let room = columns.measure - line.left() - 8.0;
    let name = head.name.replace('_', " ");
    let cut = |x, words: &str, face, color, room| {
        paint::text_cut(painter, pos2(x, y), Align2::LEFT_CENTER, words, face, color, room);
    };
    cut(line.left(), &name, font::label(), strong, room);
    cut(
        columns.measure,
        short_measure(&head.measure),
        font::label_regular(),
        plain,
        columns.value - columns.measure - 44.0,
    );
    let id = ui.scope_id().with(("head", &head.name));
    let response = ui.interact(line, id, Sense::hover()).on_hover_text(head.all_words());
    let Some(value) = head.value else {
        cut(columns.bar.0, "not reported", font::small(), t.text_subdued, line.right() - columns.bar.0);
        return;
    };
    let number = numbers::fixed(value, 2);
    paint::text(
        painter,
        pos2(columns.value, y),
        Align2::RIGHT_CENTER,
        &number,
        font::label_number_strong(),
        strong,
    );
    let low = head.no_skill.min(0.0).min(value);
    let at = |v: f64| {
        columns.bar.0
            + (columns.bar.1 - columns.bar.0) * ((v - low) / (1.0 - low).max(1e-9)).clamp(0.0, 1.0) as f32
    };
    let track = Rect::from_min_max(pos2(columns.bar.0, y - 2.0), pos2(columns.bar.1, y + 2.0));
    paint::fill(painter, track, t.track_bg);
    let (from, to) = (at(head.no_skill.min(value)), at(head.no_skill.max(value)));
    let color = if weak { blend(t.text, t.view_bg, 0.38) } else { t.text };
    paint::fill(painter, Rect::from_min_max(pos2(from, y - 3.5), pos2(to.max(from + 1.0), y + 3.5)), color);
    paint::vline(painter, at(head.no_skill), y - 5.0..=y + 5.0, t.text_strong);
    let words_x = columns.bar.1 + 14.0;
    if weak {
        icon_at(painter, pos2(words_x + 6.0, y), "warning", 13.0, t.warn);
        let room = line.right() - words_x - 17.0;
        cut(words_x + 17.0, if room < 72.0 { "weak" } else { "weak, greyed" }, font::small(), t.warn, room);
    } else if head.no_skill != 0.0 {
        let words = format!("from {}", numbers::fixed(head.no_skill, 2));
        cut(words_x, &words, font::small(), t.text_subdued, line.right() - words_x);
    }
    response.widget_info(|| {
        let state = if weak { ", weak" } else { "" };
        let no_skill = numbers::fixed(head.no_skill, 2);
        let words = format!("head {name}, {} {number}, no skill {no_skill}{state}", head.measure);
        WidgetInfo::labeled(Role::Label, true, words)
    });
}

/// Quality of one dimension on test conversations.
#[derive(Clone, Debug, PartialEq)]
struct Quality {
    dimension: &'static str,
    n: usize,
    mae: f64,
    constant: f64,
    ridge: f64,
    spearman: f64,
}

fn quality(run: &RunContents, mind: Mind) -> Vec<Quality> {
    scm::SCORES
        .filter_map(|c| {
            let dimension = scm::SHORT[c];
            let number =
                |leaf: &str| run.number("scorers", &format!("/{}/{dimension}/{leaf}", mind.letter()));
            Some(Quality {
                dimension,
                mae: number("mae")?,
                n: number("n").unwrap_or(0.0) as usize,
                constant: number("mean_predictor/mae").unwrap_or(f64::NAN),
                ridge: number("ridge/mae").unwrap_or(f64::NAN),
                spearman: number("spearman").unwrap_or(f64::NAN),
            })
        })
        .collect()
}

fn quality_ui(ui: &Ui, t: &Tokens, rect: Rect, rows: &[Quality], mind: Mind) {
    let painter = ui.painter();
    let n = rows.iter().map(|q| q.n).max().unwrap_or(0);
    let note = format!("test conversations, N = {}", numbers::count(n));
    let at = pos2(rect.left(), rect.top() + 21.0);
    super::block_head(painter, t, at, &format!("Quality of {}", mind.letter()), &note, rect.width());
    let x = |share: f32| rect.left() + rect.width() * share;
    let columns = [(x(0.40), "MAE"), (x(0.58), "constant"), (x(0.74), "ridge"), (x(0.95), "Spearman")];
    let y = rect.top() + 45.0;
    let face = font::small_medium();
    paint::text(
        painter,
        pos2(rect.left(), y),
        Align2::LEFT_CENTER,
        "dimension",
        face.clone(),
        t.text_subdued,
    );
    for (x, name) in columns {
        paint::text(painter, pos2(x, y), Align2::RIGHT_CENTER, name, face.clone(), t.text_subdued);
    }
    for (i, q) in rows.iter().enumerate() {
        let top = rect.top() + 57.0 + i as f32 * ROW;
        let y = top + ROW / 2.0;
        paint::hline(painter, rect.left()..=rect.right(), top, t.line_faint);
        paint::text(painter, pos2(rect.left(), y), Align2::LEFT_CENTER, q.dimension, font::label(), t.text);
        let values = [q.mae, q.constant, q.ridge, q.spearman];
        for (j, ((x, _), v)) in columns.iter().zip(values).enumerate() {
            let words = if v.is_finite() { numbers::fixed(v, 3) } else { "–".to_owned() };
            let is_own = j == 0 || j == 3;
            let (face, color) = if is_own {
                (font::label_number_strong(), t.text_strong)
            } else {
                (font::label_number(), t.text_subdued)
            };
            paint::text(painter, pos2(*x, y), Align2::RIGHT_CENTER, &words, face, color);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_head_just_above_no_skill_is_weak() {
        let head = |value: Option<f64>, no_skill: f64| Head {
            name: "halt".to_owned(),
            measure: "AUROC".to_owned(),
            value,
            no_skill,
            also: vec![("AUROC for noise".to_owned(), 0.5)],
        };
        assert_eq!(head(None, 0.0).all_words(), "AUROC\nAUROC for noise: 0.50");
        assert!(head(Some(0.58), 0.5).is_weak());
        assert!(!head(Some(0.94), 0.5).is_weak());
        assert!(!head(Some(0.38), 0.0).is_weak());
        assert!(head(None, 0.0).is_weak());
    }

    #[test]
    fn a_measure_is_named_without_what_it_is_taken_of() {
        assert_eq!(short_measure("Spearman of score and judgement"), "Spearman");
        assert_eq!(short_measure("AUROC for halting of turns"), "AUROC");
        assert_eq!(short_measure("accuracy"), "accuracy");
    }

    #[test]
    fn heads_are_found_wherever_the_metrics_keep_them() {
        let score = json!({"score": {"measure": "Spearman", "value": 0.6, "no_skill": 0.0, "n": 72}});
        for metrics in
            [json!({"A": {"heads": score}}), json!({"heads": {"A": score}}), json!({"heads": score})]
        {
            let mut run = RunContents::default();
            run.metrics.insert("scorers".to_owned(), metrics);
            assert_eq!(heads(&run, Mind::A).len(), 1);
        }
        assert!(heads(&RunContents::default(), Mind::A).is_empty());
    }
}
