//! The scorers on other people's judgements, with the split and the missing dimensions that the table gives; and those
//! turns as another domain for the minds of the bundled corpus.

use crate::make;
use anyhow::Context;
use gapfield::core::dimension::Dimension;
use gapfield::core::stats;
use gapfield::core::turn::Split;
use gapfield::data::judge::labels::{ANY, Labels};
use gapfield::nn::checkpoint;
use gapfield::nn::device::DeviceChoice;
use gapfield::nn::params::{HostParams, Params};
use gapfield::nn::readings;
use gapfield::pipeline::prepare::train_data;
use gapfield::run::config::{PassConfig, RunConfig};
use gapfield::run::contents::RunContents;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Labelled test turns below which a source is not reported alone.
const FEWEST: usize = 20;
/// Epochs: ten times as many turns as the bundled corpus.
const EPOCHS: usize = 3;

/// Trains both minds on the table and reports by source.
pub fn section(table: &Path, folder: &Path, corpus_run: &Path) -> anyhow::Result<String> {
    let config = RunConfig {
        turns: Some(table.to_owned()),
        judge: Some(ANY.to_owned()),
        seed: 1,
        nulls: 19,
        figure_dpi: 72.0,
        a: PassConfig { epochs: EPOCHS, ..RunConfig::default().a },
        b: PassConfig { epochs: EPOCHS, ..RunConfig::default().b },
        ..RunConfig::default()
    };
    let run = make(config, folder)?;
    let targets = Labels::choose(&run.turns, &run.judgements, Some(ANY))?.targets;
    let mut text = format!(
        "\n## Other people's judgements\n{} turns of many sources and judges (human, model and derived), the split that the table gives, null dimensions left out of the loss; one seed, \
         {EPOCHS} epochs. Test turns; sources with at least {FEWEST} labelled test turns. The judges differ from source to source, so read each source alone.\n\n\
         | dimension, source | n | A Spearman | B Spearman | A RMSE | B RMSE |\n|---|---|---|---|---|---|\n",
        run.turns.len()
    );
    for d in Dimension::ALL {
        let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (row, turn) in run.turns.iter().enumerate() {
            if run.splits.get(row) == Some(&Split::Test) && targets.get(row, d.index()).is_finite() {
                groups.entry(&turn.source).or_default().push(row);
                groups.entry("all sources").or_default().push(row);
            }
        }
        for (source, rows) in groups.iter().filter(|(_, rows)| rows.len() >= FEWEST) {
            let truth: Vec<f64> = rows.iter().map(|r| f64::from(targets.get(*r, d.index()))).collect();
            let show = |v: Option<f64>| v.map_or_else(|| "-".to_owned(), |v| format!("{v:.3}"));
            let said = |run: &RunContents, a: bool| {
                let pass = if a { run.a.as_ref() } else { run.b.as_ref() };
                rows.iter()
                    .map(|r| pass.map_or(f64::NAN, |p| f64::from(p.scm.get(*r, d.index()))))
                    .collect::<Vec<f64>>()
            };
            let (a, b) = (said(&run, true), said(&run, false));
            let _ = writeln!(
                text,
                "| {d}, {source} | {} | {} | {} | {} | {} |",
                rows.len(),
                show(stats::spearman(&a, &truth)),
                show(stats::spearman(&b, &truth)),
                show(stats::rmse(&a, &truth)),
                show(stats::rmse(&b, &truth))
            );
        }
        let of = |pass: &str, who: &str| run.number("scorers", &format!("/{pass}/{d}/{who}"));
        let line: Vec<String> = ["ridge", "ridge_all", "mean_predictor"]
            .into_iter()
            .map(|who| {
                let figure =
                    |m: &str| of("A", &format!("{who}/{m}")).map_or("-".to_owned(), |v| format!("{v:.3}"));
                format!("{who} {} / {}", figure("spearman"), figure("rmse"))
            })
            .collect();
        let _ =
            writeln!(text, "| {d}, all sources, baselines (Spearman / RMSE) | | {} | | | |", line.join("; "));
    }
    text += &other_domain(&run, corpus_run)?;
    Ok(text)
}

/// AUROC of the ood heads of a corpus run between its own test turns and test turns of the other table.
fn other_domain(other: &RunContents, corpus_run: &Path) -> anyhow::Result<String> {
    let run = RunContents::load(corpus_run)?;
    let strangers: Vec<usize> =
        (0..other.turns.len()).filter(|r| other.splits.get(*r) == Some(&Split::Test)).take(200).collect();
    let turns: Vec<_> = strangers.iter().map(|r| other.turns[*r].clone()).collect();
    let mut text = "\nThe same turns as another domain: AUROC of the `ood` head of the minds of the bundled corpus (seed 1), its test turns against 200 of these; no skill is 0.5.\n\n| pass | AUROC, mean over the dimensions |\n|---|---|\n".to_owned();
    let device = DeviceChoice::processor().burn();
    let judgements: Vec<_> = other.judgements.to_vec();
    let far = train_data(&turns, &judgements, Some(ANY), 1)?;
    let near = train_data(&run.turns, &run.judgements, None, 1)?;
    let own: Vec<usize> = (0..run.splits.len()).filter(|r| run.splits[*r] == Split::Test).collect();
    for pass in ["A", "B"] {
        let read = |file: &str| {
            std::fs::read(corpus_run.join("models").join(pass).join(file))
                .with_context(|| format!("{pass}/{file}"))
        };
        let config = checkpoint::config_from_json(&String::from_utf8(read("scorer.json")?)?)?;
        let parts = Dimension::ALL
            .into_iter()
            .map(|d| Ok(checkpoint::from_bytes(&read(&format!("{d}/weights.safetensors"))?, &config)?))
            .collect::<anyhow::Result<Vec<HostParams>>>()?;
        let params = Params::from_host(
            &HostParams::stack(&parts).context("the five models differ in shape")?,
            &device,
        );
        let ood = |x, y| {
            readings::read_all(&config, &params, x, y, &device, &mut |_, _| true)
                .attribute("ood")
                .unwrap_or_default()
        };
        let (inside, outside) = (ood(&near.x, &near.y), ood(&far.x, &far.y));
        let figures: Vec<f64> = (0..5)
            .filter_map(|d| {
                let mut score: Vec<f64> = own.iter().map(|r| f64::from(inside.get(*r, d))).collect();
                score.extend((0..far.turns()).map(|r| f64::from(outside.get(r, d))));
                let label: Vec<bool> = (0..score.len()).map(|at| at >= own.len()).collect();
                stats::auroc(&score, &label)
            })
            .collect();
        let _ = writeln!(text, "| {pass} | {:.3} |", stats::mean(&figures).unwrap_or(f64::NAN));
    }
    Ok(text)
}
