//! The figures of a training as lines of text: an epoch a line, and what was learnt when it ends.

use crate::core::dimension::Dimension;
use crate::job::Event;
use crate::train::head_skill::{FOLLOWED, MAJORITY};
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// Loss terms in the order of the columns, with the name of the column.
const TERMS: [(&str, &str); 9] = [
    ("total", "total"),
    ("main", "score"),
    ("aux3", "aux3"),
    ("disagree", "disagr"),
    ("recon", "recon"),
    ("consistency", "consis"),
    ("ood", "ood"),
    ("sensitivity", "sensit"),
    ("halt", "halt"),
];

/// The last numbers of one training.
struct Training {
    pass: String,
    epoch: usize,
    numbers: Vec<(String, f64)>,
}

impl Training {
    fn number(&self, name: &str) -> Option<f64> {
        self.numbers.iter().find(|(n, _)| n == name).map(|(_, v)| *v)
    }

    fn fixed(&self, name: &str, width: usize, decimals: usize) -> String {
        match self.number(name) {
            Some(v) => format!("{v:>width$.decimals$}"),
            None => format!("{:>width$}", "-"),
        }
    }
}

/// What the events of a job told of its trainings.
#[derive(Default)]
pub struct Table {
    trainings: Vec<Training>,
}

impl Table {
    /// The lines of an event that belongs to a training; `None` for all others.
    pub fn take_in(&mut self, event: &Event) -> Option<String> {
        match event {
            Event::Epoch { pass, epoch, numbers } => {
                let fresh = self.trainings.last().is_none_or(|t| t.pass != *pass);
                let training = Training { pass: pass.clone(), epoch: *epoch, numbers: numbers.clone() };
                let line = epoch_line(&training);
                if fresh {
                    self.trainings.push(training);
                    return Some(format!("{}\n{line}", header()));
                }
                *self.trainings.last_mut()? = training;
                Some(line)
            }
            Event::StageFinished { stage, seconds, skipped: false } => {
                let pass = stage.strip_prefix("train ")?;
                let training = self.trainings.iter().find(|t| t.pass == pass)?;
                Some(format!("{}{stage:<16} {seconds:>7.1} s", learnt(training)))
            }
            _ => None,
        }
    }

    /// By pass: epochs done and the last figures.
    pub fn summary(&self) -> Value {
        let one = |t: &Training| {
            let numbers: Map<String, Value> = t.numbers.iter().map(|(n, v)| (n.clone(), json!(v))).collect();
            (t.pass.clone(), json!({"epochs": t.epoch, "last": numbers}))
        };
        Value::Object(self.trainings.iter().map(one).collect())
    }
}

fn header() -> String {
    let mut line = "  epoch".to_owned();
    for (_, name) in TERMS {
        let _always_fits = write!(line, " {name:>6}");
    }
    line + "   grad | val MAE   RMSE Spearman    N |    rate turns/s"
}

fn epoch_line(t: &Training) -> String {
    let mut line = format!("{:>3} {:>3}", t.pass, t.epoch);
    for (term, _) in TERMS {
        let _always_fits = write!(line, " {}", t.fixed(&format!("loss.{term}"), 6, 3));
    }
    let count = |d: Dimension| t.number(&format!("val.n.{d}"));
    let n = Dimension::ALL.into_iter().filter_map(count).fold(f64::NAN, f64::min);
    let n = if n.is_finite() { format!("{n:>4.0}") } else { "   -".to_owned() };
    let rate = t.number("learning_rate").map_or_else(|| "-".to_owned(), |v| format!("{v:.1e}"));
    let edited = t.number("rate_factor").filter(|f| (f - 1.0).abs() > f64::EPSILON);
    let _always_fits = write!(
        line,
        " {} | {} {} {} {n} | {rate:>7} {}{}",
        t.fixed("grad_norm", 6, 2),
        t.fixed("val.mae", 7, 3),
        t.fixed("val.rmse", 6, 3),
        t.fixed("val.spearman", 8, 3),
        t.fixed("turns_per_second", 7, 0),
        edited.map_or_else(String::new, |f| format!("  rate x {f}")),
    );
    line
}

/// Validation quality by dimension and what each head can do already, after the last epoch.
fn learnt(t: &Training) -> String {
    let mut out = format!("    {:<14} val MAE   RMSE Spearman    N   grad norm\n", "dimension");
    for d in Dimension::ALL {
        let of = |measure: &str, width, decimals| t.fixed(&format!("{measure}.{d}"), width, decimals);
        let _always_fits = writeln!(
            out,
            "    {:<14} {} {} {} {}      {}",
            d.name(),
            of("val.mae", 7, 3),
            of("val.rmse", 6, 3),
            of("val.spearman", 8, 3),
            of("val.n", 4, 0),
            of("grad_norm", 6, 2),
        );
    }
    for (head, measure, no_skill) in FOLLOWED {
        let Some(value) = t.number(&format!("head.{head}")) else { continue };
        let floor = if head == "aux3" { t.number(MAJORITY).unwrap_or(no_skill) } else { no_skill };
        let weak = if crate::train::head_skill::is_weak(value, floor) { "   weak" } else { "" };
        let _always_fits = writeln!(out, "    {head:<14} {value:>7.2}  {measure}; no skill {floor:.2}{weak}");
    }
    let counts = ["skipped", "clipped", "log_var", "capped"];
    let found = counts.map(|c| format!("{c} {}", t.fixed(&format!("guard.{c}"), 0, 0)));
    let _always_fits = writeln!(out, "    guardrails in the last epoch: {}", found.join(", "));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_is_one_line_as_wide_as_its_header() {
        let mut table = Table::default();
        let numbers =
            [("loss.total", 1.25), ("val.mae", 0.21), ("val.n.clarity", 72.0), ("rate_factor", 0.5)];
        let numbers: Vec<(String, f64)> = numbers.map(|(n, v)| (n.to_owned(), v)).to_vec();
        let event = |epoch| Event::Epoch { pass: "A".to_owned(), epoch, numbers: numbers.clone() };
        let first = table.take_in(&event(1)).unwrap();
        let lines: Vec<&str> = first.lines().collect();
        assert_eq!(lines.len(), 2, "a header and the line");
        assert_eq!(lines[1].find('|'), lines[0].find('|'), "{first}");
        assert!(lines[1].contains("1.250") && lines[1].contains("  72") && lines[1].ends_with("rate x 0.5"));
        assert_eq!(table.take_in(&event(2)).unwrap().lines().count(), 1);
        assert_eq!(table.summary()["A"]["epochs"], 2);
        assert_eq!(table.take_in(&Event::Info(String::new())), None);
    }
}
