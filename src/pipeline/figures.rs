//! The stages "figures" and "report": pictures of the run, and what it found in words.

use super::driver::{Driver, Inputs, setting};
use crate::figure::spec::Size;
use crate::figure::{FigureError, FigureSpec, Format, Kind, render};
use crate::job::Event;
use crate::report::{self, illustrations::illustrate};
use crate::run::contents::RunContents;
use crate::run::paths;

/// The figures every run gets, in the order of the report.
const FIGURES: [(Kind, Format); 21] = [
    (Kind::Vpm, Format::Png),
    (Kind::Vpm, Format::Svg),
    (Kind::Delta, Format::Png),
    (Kind::IntensityBars, Format::Png),
    (Kind::Frontier, Format::Png),
    (Kind::Arrows, Format::Png),
    (Kind::Canonical, Format::Png),
    (Kind::Epistemic, Format::Png),
    (Kind::Projection, Format::Png),
    (Kind::Projection, Format::Svg),
    (Kind::Histograms, Format::Png),
    (Kind::Barcode, Format::Png),
    (Kind::Barcode, Format::Svg),
    (Kind::Diagram, Format::Png),
    (Kind::Diagram, Format::Svg),
    (Kind::Betti, Format::Png),
    (Kind::Landscape, Format::Png),
    (Kind::PersistenceImage, Format::Png),
    (Kind::TrainingCurves, Format::Png),
    (Kind::TrainingCurves, Format::Svg),
    (Kind::Timeline, Format::Gif),
];

/// Everything a figure or the report is made from.
fn inputs(driver: &Driver<'_>) -> Inputs {
    let is_made_here = |path: &str| {
        path.starts_with(paths::FIGURES)
            || path.starts_with("report.")
            || path.starts_with("models/") && !path.ends_with("history.parquet")
    };
    let timing = |path: &str| path.ends_with("timing.json");
    driver
        .run
        .manifest()
        .files
        .iter()
        .filter(|(path, _)| !is_made_here(path) && !timing(path))
        .map(|(path, record)| (path.clone(), record.blake3.clone()))
        .collect()
}

/// Draws the figures.
pub(super) fn figures(driver: &mut Driver<'_>) -> anyhow::Result<()> {
    let mut inputs = inputs(driver);
    let size = Size::Mm { width: 170.0, height: None, dpi: driver.config.figure_dpi };
    setting(&mut inputs, "figures", &(env!("CARGO_PKG_VERSION"), size))?;
    driver.stage("figures", &inputs, |run, ctx, out| {
        let contents = RunContents::load(run.root())?;
        let mut drawn = 0;
        for (at, (kind, format)) in FIGURES.into_iter().enumerate() {
            ctx.check()?;
            ctx.progress("figures", at as u64, FIGURES.len() as u64, "figures");
            match render(&contents, &FigureSpec { size, ..FigureSpec::of(kind) }, format) {
                Ok(bytes) => {
                    let name = format!("{}/{}.{}", paths::FIGURES, kind.name(), format.name());
                    out.write(run, &name, &bytes)?;
                    drawn += 1;
                }
                // A run of imported passes has no training to draw: that is no fault of the run.
                Err(FigureError::Missing { what, .. }) => {
                    ctx.event(Event::Info(format!("no {} figure: this run lacks {what}", kind.name())));
                }
                Err(error) => return Err(error.into()),
            }
        }
        out.number("figures", drawn);
        Ok(())
    })
}

/// Writes the report.
pub(super) fn report(driver: &mut Driver<'_>) -> anyhow::Result<()> {
    let mut inputs = inputs(driver);
    for (path, record) in &driver.run.manifest().files {
        if path.starts_with(paths::FIGURES) {
            inputs.insert(path.clone(), record.blake3.clone());
        }
    }
    setting(&mut inputs, "report", &env!("CARGO_PKG_VERSION"))?;
    driver.stage("report", &inputs, |run, _, out| {
        let mut contents = RunContents::load(run.root())?;
        // The report is the last stage: whoever reads it holds a complete run.
        contents.status = "complete".to_owned();
        let report = report::report(&contents, &illustrate(&contents));
        out.write(run, paths::REPORT_MD, report.markdown.as_bytes())?;
        out.write(run, paths::REPORT_HTML, report.html.as_bytes())?;
        Ok(())
    })
}
