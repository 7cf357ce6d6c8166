//! Quality of the scorers over several runs (one a seed): mean and range on test conversations.
//!
//! `for s in 1 2 3 4 5; do gapfield run --seed $s --out runs/$s; done; cargo run --example quality -- runs/*`

use gapfield::core::dimension::Dimension;
use gapfield::core::stats;
use gapfield::run::contents::RunContents;
use std::path::Path;

fn main() -> anyhow::Result<()> {
    let runs: Vec<RunContents> =
        std::env::args().skip(1).map(|p| RunContents::load(Path::new(&p))).collect::<Result<_, _>>()?;
    anyhow::ensure!(!runs.is_empty(), "give the folders of the runs");
    println!(
        "| scorer, dimension | Spearman, mean (least to greatest) | ridge | RMSE | mean predictor | ridge | MAE | n runs |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for pass in ["A", "B"] {
        for dimension in Dimension::ALL {
            let all = |name: &str| -> Vec<f64> {
                runs.iter()
                    .filter_map(|r| r.number("scorers", &format!("/{pass}/{dimension}/{name}")))
                    .collect()
            };
            let mean = |name: &str| stats::mean(&all(name)).map_or("-".to_owned(), |v| format!("{v:.3}"));
            let rho = all("spearman");
            let ends =
                (rho.iter().copied().fold(f64::NAN, f64::min), rho.iter().copied().fold(f64::NAN, f64::max));
            println!(
                "| {pass} {dimension} | {} ({:.3} to {:.3}) | {} | {} | {} | {} | {} | {} |",
                mean("spearman"),
                ends.0,
                ends.1,
                mean("ridge/spearman"),
                mean("rmse"),
                mean("mean_predictor/rmse"),
                mean("ridge/rmse"),
                mean("mae"),
                rho.len(),
            );
        }
    }
    Ok(())
}
