//! What each part of the wide path is worth: scores of the closed-form start, before any epoch, with one part left out.

use crate::SEEDS;
use crate::tables::with_half;
use gapfield::core::matrix::Matrix;
use gapfield::core::stats;
use gapfield::core::turn::Split;
use gapfield::data::corpus;
use gapfield::job::JobContext;
use gapfield::nn::device::DeviceChoice;
use gapfield::nn::params::Params;
use gapfield::nn::readings;
use gapfield::nn::scorer::ScorerKind;
use gapfield::nn::wide::Wide;
use gapfield::pipeline::prepare::train_data;
use gapfield::run::config::PassConfig;
use gapfield::train::baseline::baselines;
use gapfield::train::data::TrainData;
use gapfield::train::plan::Plan;
use gapfield::train::recalibrate::recalibrate;
use gapfield::train::trainer::{Control, Setting, train_scorer};
use gapfield::train::wide::start;
use std::fmt::Write;

/// Figures of one variant: Spearman and RMSE (means over the dimensions), by seed, on validation and test turns.
#[derive(Default)]
struct Figures([Vec<f64>; 4]);

impl Figures {
    fn add(&mut self, data: &TrainData, said: &Matrix) {
        for (at, part) in [Split::Validation, Split::Test].into_iter().enumerate() {
            let rows = data.rows_of(part);
            let mut sums = [0.0; 2];
            for d in 0..data.models() {
                let pick = |m: &Matrix| rows.iter().map(|r| f64::from(m.get(*r, d))).collect::<Vec<f64>>();
                let (s, t) = (pick(said), pick(&data.targets));
                sums[0] += stats::spearman(&s, &t).unwrap_or(0.0) / data.models() as f64;
                sums[1] += stats::rmse(&s, &t).unwrap_or(f64::NAN) / data.models() as f64;
            }
            self.0[2 * at].push(sums[0]);
            self.0[2 * at + 1].push(sums[1]);
        }
    }

    fn row(&self, name: &str) -> String {
        let cells: Vec<String> = self.0.iter().map(|v| with_half(v)).collect();
        format!("| {name} | {} |\n", cells.join(" | "))
    }
}

fn variants(kind: ScorerKind, full: &Wide) -> Vec<(&'static str, Wide)> {
    let mut list = vec![
        ("closed-form start, whole", full.clone()),
        ("- waves", Wide { waves: 0, wave: 0.0, ..full.clone() }),
        ("- measurements (and their waves)", Wide { linear: 0.0, waves: 0, wave: 0.0, ..full.clone() }),
        ("- answer and difference to the goal", Wide { answer: 0.0, difference: 0.0, ..full.clone() }),
        ("- difference to the goal", Wide { difference: 0.0, ..full.clone() }),
    ];
    if kind == ScorerKind::Hrm {
        let without = Wide { grounding: false, ground: 0.0, ..full.clone() };
        list.push(("- differences to context and previous answer", without));
    }
    list
}

/// The table; with `cores` also the core alone, trained.
pub fn table(cores: bool) -> anyhow::Result<String> {
    let mut text = "\n## Ablation\nMeans over the five dimensions. The rows \"closed-form start\" are the scores before the first epoch, so that each part can be \
        left out at little cost; \"trained\" adds the core as a run does. Shares were chosen by the validation columns.\n\n\
        | variant | validation Spearman | validation RMSE | test Spearman | test RMSE |\n|---|---|---|---|---|\n"
        .to_owned();
    let (turns, judgements) = (corpus::turns()?, corpus::judgements()?);
    let sets = SEEDS
        .into_iter()
        .map(|seed| Ok((seed, train_data(&turns, &judgements, None, seed)?)))
        .collect::<anyhow::Result<Vec<(u64, TrainData)>>>()?;
    let mut simple: [Figures; 3] = Default::default();
    for (_, data) in &sets {
        let b = baselines(data);
        simple.iter_mut().zip([&b.mean, &b.ridge, &b.ridge_all]).for_each(|(f, said)| f.add(data, said));
    }
    for (figures, name) in simple[1..].iter().zip(["ridge", "ridge, all inputs"]) {
        text += &figures.row(name);
    }
    for (pass, kind) in [("A", ScorerKind::Hrm), ("B", ScorerKind::Tiny)] {
        let full = Plan::wide(kind, sets[0].1.measures());
        for (name, wide) in variants(kind, &full) {
            eprintln!("ablation {pass} {name}");
            let mut figures = Figures::default();
            for (seed, data) in &sets {
                figures.add(data, &closed_form(kind, &wide, data, *seed));
            }
            text += &figures.row(&format!("{pass} {name}"));
        }
        if cores {
            for (name, wide) in [("core alone, trained", false), ("whole, trained", true)] {
                eprintln!("ablation {pass} {name}");
                let mut figures = Figures::default();
                for (seed, data) in &sets {
                    figures.add(data, &trained(kind, wide, data, *seed)?);
                }
                text += &figures.row(&format!("{pass} {name}"));
            }
        }
    }
    let _ = writeln!(
        text,
        "\nWhat the core adds to the scores beside a wide path is small: on 336 turns the closed form knows nearly all there is to know. The core gives the state that the reconstruction is read from and what the readouts of the other heads miss, and it is what a larger corpus would teach."
    );
    Ok(text)
}

fn closed_form(kind: ScorerKind, wide: &Wide, data: &TrainData, seed: u64) -> Matrix {
    let plan = Plan::resolve(kind, data.embedding(), 0, &PassConfig::default(), false);
    let config = plan.scorer.with_wide(Some(wide.clone()));
    let mut weights = config.specs().init(seed, &data.names);
    start(&mut weights, wide, data, kind, seed);
    let device = DeviceChoice::processor().burn();
    readings::scores(&config, &Params::from_host(&weights, &device), &data.x, &data.y, &device)
}

fn trained(kind: ScorerKind, wide: bool, data: &TrainData, seed: u64) -> anyhow::Result<Matrix> {
    let asked = PassConfig { wide, ..PassConfig::default() };
    let plan = Plan::resolve(kind, data.embedding(), data.measures(), &asked, false);
    let device = DeviceChoice::processor();
    let setting = Setting { pass: "A", seed, device: &device, resume: None, control: Control::default() };
    let trained = train_scorer(data, &plan, setting, &JobContext::detached(), &mut |_, _| ())?;
    let (weights, _) = recalibrate(&plan.scorer, &trained.best, data, &device);
    let burn = device.burn();
    Ok(readings::scores(&plan.scorer, &Params::from_host(&weights, &burn), &data.x, &data.y, &burn))
}
