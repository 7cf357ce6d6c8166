//! The Frontier view in words: the sentence at its top, and what is missing when there is nothing to draw.

use super::MapChoice;
use super::prepared::Prepared;
use crate::core::scm;
use crate::window::canvas::numbers;
use crate::window::command::Command;
use crate::window::view::{ViewContext, ViewKind};
use crate::window::widgets::EmptyState;

/// The first thing one reads.
pub struct Head {
    /// In plain words.
    pub sentence: String,
    /// Its reason.
    pub detail: String,
    /// Values and names for the right.
    pub facts: Vec<(String, &'static str)>,
}

/// Sentence and numbers of a map; all four begin with who is higher.
pub fn head(p: &Prepared, map: MapChoice) -> Head {
    let (sentence, detail) = match map {
        MapChoice::All | MapChoice::Frontier => who_is_higher(p),
        MapChoice::Arrows => arrows(p),
        MapChoice::Canonical => canonical(p),
        MapChoice::Epistemic => epistemic(p),
    };
    let mut facts = vec![(numbers::count(p.frontier.cloud.dots.len()), "turns")];
    if let Some(x) = &p.statistics.arrows {
        facts.push((numbers::fixed(x.metrics.one_way, 2), "one way"));
    }
    if let Some(first) = p.statistics.canonical.as_ref().and_then(|c| c.metrics.correlations.first()) {
        facts.push((numbers::fixed(*first, 2), "first canonical"));
    }
    if let Some(share) = p.epistemic.as_ref().and_then(|e| e.counts.surer_is_higher()) {
        facts.push((format!("{}%", numbers::fixed(100.0 * share, 0)), "surer is higher"));
    }
    Head { sentence, detail, facts }
}

fn who_is_higher(p: &Prepared) -> (String, String) {
    let (a, b) = p.key.columns;
    let Some(g) = p.frontier.agreement else {
        let n = numbers::counted(p.frontier.cloud.dots.len(), "turn", "turns");
        let sentence = format!("A's {} against B's {}", scm::SHORT[a], scm::SHORT[b]);
        return (sentence, format!("{n}; two metrics have no diagonal on which they agree"));
    };
    let (mind, many, other, few) = if g.a_higher >= g.b_higher {
        ("A", g.a_higher, "B", g.b_higher)
    } else {
        ("B", g.b_higher, "A", g.a_higher)
    };
    let n = numbers::counted(g.n, "turn", "turns");
    let sentence = if 2 * g.close > g.n {
        format!("A and B agree on {} of {n}", numbers::count(g.close))
    } else {
        format!("{mind} is higher on {} of {n}", numbers::count(many))
    };
    let detail = if 2 * g.close > g.n {
        format!("{}, within 0.05; {mind} higher on {many}, {other} on {few}", scm::SHORT[a])
    } else {
        format!(
            "{}, {other} higher on {few}, {} within 0.05 of each other",
            scm::SHORT[a],
            numbers::count(g.close)
        )
    };
    (sentence, detail)
}

fn arrows(p: &Prepared) -> (String, String) {
    let Some(x) = &p.statistics.arrows else {
        return ("No arrows".to_owned(), "They need five turns with all scores in both passes".to_owned());
    };
    let m = &x.metrics;
    let way = match m.one_way {
        w if w > 0.75 => "Nearly all arrows point one way",
        w if w > 0.4 => "The arrows lean one way",
        _ => "The arrows point every way",
    };
    let detail = format!(
        "{} of 1; mean length {} from B to A, {}% of D lies in this plane",
        numbers::fixed(m.one_way, 2),
        numbers::fixed(m.mean_length, 2),
        numbers::fixed(100.0 * m.delta_shown, 0)
    );
    (way.to_owned(), detail)
}

fn canonical(p: &Prepared) -> (String, String) {
    let Some(c) = &p.statistics.canonical else {
        return ("No canonical map".to_owned(), "It needs 20 turns on which both passes vary".to_owned());
    };
    let m = &c.metrics;
    let above = m.correlations.iter().filter(|r| **r > m.chance_q95).count();
    let sentence = match above {
        0 => "A and B share no direction beyond chance".to_owned(),
        1 => "A and B share one direction beyond chance".to_owned(),
        n => format!("A and B share {n} directions beyond chance"),
    };
    let first = m.correlations.first().copied().unwrap_or(0.0);
    let detail = format!(
        "The first correlates at {}, {} of {} shuffles; ridge {}, {} and {} columns",
        numbers::fixed(first, 2),
        numbers::p_value(m.p),
        m.shuffles,
        m.ridge,
        m.columns_a.len(),
        m.columns_b.len()
    );
    (sentence, detail)
}

fn epistemic(p: &Prepared) -> (String, String) {
    let Some(e) = &p.epistemic else {
        return ("No epistemic map".to_owned(), "It needs an uncertainty in both passes".to_owned());
    };
    let q = &e.counts;
    let Some(share) = q.surer_is_higher() else {
        return ("No turn has both gaps".to_owned(), scm::SHORT[p.key.columns.0].to_owned());
    };
    let sentence =
        format!("The surer mind is the higher on {}% of the turns", numbers::fixed(100.0 * share, 0));
    let chance = q.surer_is_higher_by_chance().unwrap_or(0.5);
    let detail = format!(
        "{}, {}; {}% if score and uncertainty had nothing to do with each other",
        scm::SHORT[p.key.columns.0],
        numbers::counted(q.n, "turn", "turns"),
        numbers::fixed(100.0 * chance, 0)
    );
    (sentence, detail)
}

/// What is missing and what it needs.
pub fn empty(context: &ViewContext<'_>) -> (&'static str, String) {
    if context.loading {
        return ("Reading the run", "The maps appear as soon as both passes are read".to_owned());
    }
    let Some(run) = context.run else {
        let needs = "Open a run or start one; the maps need both passes and take a moment";
        return ("No maps yet", needs.to_owned());
    };
    if let Some(problem) = run.problems.iter().find(|p| p.contains("passes/")).or(run.problems.first()) {
        return ("The maps of this run cannot be drawn", problem.clone());
    }
    let missing = match (&run.a, &run.b) {
        (None, None) => "They need both passes; this run has none yet",
        (None, Some(_)) => "They need both passes; pass A is not there yet",
        (Some(_), None) => "They need both passes; pass B is not there yet",
        (Some(_), Some(_)) => "They need the difference of both passes, which is not computed yet",
    };
    ("No maps yet", missing.to_owned())
}

/// Draws the empty state.
pub fn empty_ui(ui: &mut egui::Ui, context: &mut ViewContext<'_>) {
    let (what, needs) = empty(context);
    let broken = context.run.is_some_and(|r| !r.problems.is_empty()) && !context.loading;
    let mut state = EmptyState::new(if broken { "warning-circle" } else { "chart-scatter" }, what, &needs);
    if !context.loading && !context.job.running {
        state = state.action(if context.run.is_some() { "Resume the run" } else { "Go to Start" });
    }
    if state.ui(ui) {
        context.commands.push(match context.run {
            Some(run) => Command::ResumeRun(run.folder.clone()),
            None => Command::Show(ViewKind::Start),
        });
    }
}
