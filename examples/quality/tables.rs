//! Tables over the runs of several seeds.

use gapfield::core::dimension::Dimension;
use gapfield::core::stats;
use gapfield::core::turn::Split;
use gapfield::run::contents::RunContents;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Share of the way from no skill to perfection below which a head counts as without skill, as in the window.
const WEAK: f64 = 0.2;

/// Mean and half-width of its 95% interval (Student's t) over seeds.
pub fn mean_and_half(values: &[f64]) -> (f64, f64) {
    const T: [f64; 9] = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];
    let n = values.len();
    let mean = values.iter().sum::<f64>() / n.max(1) as f64;
    let square: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    let half = match n {
        0 | 1 => f64::NAN,
        _ => T.get(n - 2).copied().unwrap_or(1.96) * (square / (n - 1) as f64 / n as f64).sqrt(),
    };
    (mean, half)
}

/// "0.123 ± 0.045".
pub fn with_half(values: &[f64]) -> String {
    let (mean, half) = mean_and_half(values);
    if half.is_finite() { format!("{mean:.3} ± {half:.3}") } else { format!("{mean:.3}") }
}

/// A difference with its interval, in bold when the interval excludes 0 on the better side.
fn difference(values: &[f64], better: f64) -> String {
    let (mean, half) = mean_and_half(values);
    let text = format!("{mean:+.3} ± {half:.3}");
    if mean * better > 0.0 && mean.abs() > half { format!("**{text}**") } else { text }
}

fn all(runs: &[RunContents], path: &str) -> Vec<f64> {
    runs.iter().filter_map(|r| r.number("scorers", path)).collect()
}

/// Scorers against baselines, Spearman and RMSE, with a verdict.
pub fn quality(runs: &[RunContents]) -> String {
    let mut text = String::new();
    let mut verdicts = String::new();
    for (measure, better, title) in
        [("spearman", 1.0, "Spearman (more is better)"), ("rmse", -1.0, "RMSE (less is better)")]
    {
        let _ = writeln!(
            text,
            "\n## {title}\n| scorer, dimension | scorer | mean predictor | ridge | ridge, all inputs | scorer - ridge | scorer - ridge, all inputs |\n|---|---|---|---|---|---|---|"
        );
        for pass in ["A", "B"] {
            let mut won = [[0; 2]; 2];
            for d in Dimension::ALL {
                let of = |who: &str| all(runs, &format!("/{pass}/{d}/{who}{measure}"));
                let (own, simple) = (of(""), of("mean_predictor/"));
                let mut cells = vec![with_half(&own)];
                cells.push(if simple.is_empty() { "-".to_owned() } else { with_half(&simple) });
                let others = [of("ridge/"), of("ridge_all/")];
                cells.extend(others.iter().map(|o| with_half(o)));
                for (k, other) in others.iter().enumerate() {
                    let gained: Vec<f64> = own.iter().zip(other).map(|(a, b)| a - b).collect();
                    let (mean, half) = mean_and_half(&gained);
                    won[k][0] += usize::from(mean * better > 0.0);
                    won[k][1] += usize::from(mean * better > half);
                    cells.push(difference(&gained, better));
                }
                let _ = writeln!(text, "| {pass} {d} | {} |", cells.join(" | "));
            }
            for (k, name) in ["ridge", "ridge, all inputs"].iter().enumerate() {
                let _ = writeln!(
                    verdicts,
                    "- {pass}, {measure}: better than {name} in {} of 5 dimensions, in {} of them with an interval that excludes 0.",
                    won[k][0], won[k][1]
                );
            }
        }
    }
    text + "\n## Verdict\n" + &verdicts
}

/// How far the minds lie apart on test turns, and whether their gap means anything.
pub fn gap(runs: &[RunContents]) -> String {
    let mut text = "\n## The gap\nOn test turns: mean abs(A - B), Pearson of A and B, and Spearman of abs(A - B) with the absolute error of their mean.\n\n| dimension | mean gap | Pearson of A and B | gap against error |\n|---|---|---|---|\n".to_owned();
    for d in Dimension::ALL {
        let mut figures: [Vec<f64>; 3] = Default::default();
        for run in runs {
            let (Some(a), Some(b)) = (&run.a, &run.b) else { continue };
            let judge = run.judgements.first().map(|j| j.judge.as_str()).unwrap_or_default();
            let mut columns: [Vec<f64>; 3] = Default::default();
            for (row, turn) in
                run.turns.iter().enumerate().filter(|(r, _)| run.splits.get(*r) == Some(&Split::Test))
            {
                let truth = run
                    .judgements
                    .iter()
                    .find(|j| j.turn_id == turn.turn_id && j.dimension == d && j.judge == judge);
                let pair = [a, b].map(|p| f64::from(p.scm.get(row, d.index())));
                if let Some(truth) = truth.filter(|_| pair.iter().all(|v| v.is_finite())) {
                    columns[0].push(pair[0]);
                    columns[1].push(pair[1]);
                    columns[2].push(truth.score01());
                }
            }
            let [a, b, truth] = &columns;
            let gaps: Vec<f64> = a.iter().zip(b).map(|(x, y)| (x - y).abs()).collect();
            let errors: Vec<f64> =
                a.iter().zip(b).zip(truth).map(|((x, y), t)| ((x + y) / 2.0 - t).abs()).collect();
            figures[0].extend(stats::mean(&gaps));
            figures[1].extend(stats::pearson(a, b));
            figures[2].extend(stats::spearman(&gaps, &errors));
        }
        let cells: Vec<String> = figures.iter().map(|f| with_half(f)).collect();
        let _ = writeln!(text, "| {d} | {} |", cells.join(" | "));
    }
    text
}

/// The skill of every head.
pub fn heads(runs: &[RunContents]) -> String {
    let mut text = format!(
        "\n## Heads\nEach figure is the mean over the dimensions, then over the seeds. A head **without skill** (less than {:.0}% of the way from no skill \
         to perfect, or an interval that includes no skill) is marked; the window greys it. Disagree and agree are measured after the second phase, \
         against the real abs(A - B) of test turns, which neither mind was taught.\n\n| pass, head | what is measured | value | no skill | verdict |\n|---|---|---|---|---|\n",
        100.0 * WEAK
    );
    for pass in ["A", "B"] {
        let of_run =
            |run: &RunContents| run.metrics.get("scorers")?.pointer(&format!("/{pass}/heads")).cloned();
        let found: Vec<Value> = runs.iter().filter_map(of_run).collect();
        let names: BTreeSet<&String> =
            found.iter().filter_map(Value::as_object).flat_map(|o| o.keys()).collect();
        for head in names {
            let numbers = |key: &str| -> Vec<f64> {
                found.iter().filter_map(|v| v.pointer(&format!("/{head}/{key}"))?.as_f64()).collect()
            };
            let measure = found
                .iter()
                .find_map(|v| v.pointer(&format!("/{head}/measure"))?.as_str())
                .unwrap_or_default();
            let (value, none) = (numbers("value"), numbers("no_skill"));
            let (mean, half) = mean_and_half(&value);
            let base = mean_and_half(&none).0;
            let weak =
                value.is_empty() || (mean - base) / (1.0 - base).max(1e-9) < WEAK || mean - half < base;
            let verdict = if weak { "**without skill**" } else { "skill" };
            let _ = writeln!(
                text,
                "| {pass} {head} | {measure} | {} | {base:.2} | {verdict} |",
                with_half(&value)
            );
            let also: BTreeSet<String> = found
                .iter()
                .filter_map(|v| v.pointer(&format!("/{head}/also"))?.as_object())
                .flat_map(|o| o.keys().cloned())
                .collect();
            for name in also {
                let values: Vec<f64> = found
                    .iter()
                    .filter_map(|v| v.pointer(&format!("/{head}/also"))?.get(&name)?.as_f64())
                    .collect();
                let _ = writeln!(text, "| {pass} {head} | {name} | {} | | |", with_half(&values));
            }
        }
    }
    text
}
