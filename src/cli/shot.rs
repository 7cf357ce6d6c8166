//! `gapfield shot`: a picture of a view of the window, drawn offscreen by the window's own code.

use super::args::{Above, Common, MindArg, PageArg, ShotArgs, Theme};
use crate::job::{Live, Progress};
use crate::run::contents::{History, RunContents};
use crate::window::command::Command;
use crate::window::services::Services;
use crate::window::shot::{ShotSpec, shot};
use crate::window::tour;
use crate::window::view::{JobStatus, TrainPage, ViewKind};
use anyhow::{Context, bail};
use std::sync::Arc;

pub(super) fn execute(args: ShotArgs, common: &Common) -> anyhow::Result<()> {
    let (view, panel_only) = match args.panel.strip_suffix("-only") {
        Some(name) => (ViewKind::from_name(name), true),
        None => (ViewKind::from_name(&args.panel), false),
    };
    let Some(view) = view else {
        let known: Vec<String> = ViewKind::ALL.iter().map(|v| v.title().to_lowercase()).collect();
        bail!("there is no panel \"{}\"; choose one of {}", args.panel, known.join(", "));
    };
    let is = |wanted: &str| args.out.extension().is_some_and(|e| e.eq_ignore_ascii_case(wanted));
    if !is("png") && !is("gif") {
        bail!("the picture's name must end in .png, or in .gif for a film: {}", args.out.display());
    }
    let run = args.run.as_deref().map(RunContents::load).transpose()?;
    let job = match (&run, args.training, args.epoch) {
        (Some(run), Some(mind), Some(epoch)) => Some(replayed(run, mind, epoch as usize)?),
        (None, Some(_), _) => bail!("--training shows a run as it was; name the run"),
        _ => None,
    };
    let spec = ShotSpec {
        view,
        panel_only,
        size_px: [args.px.0 as u32, args.px.1 as u32],
        dark: args.theme == Theme::Dark,
        ui_scale: args.scale,
        job,
        reading: false,
        commands: args
            .page
            .map(|p| Command::TrainPage(page(p)))
            .into_iter()
            .chain(args.open.map(above))
            .collect(),
    };
    // A picture shows the machine's runs but keeps no layout.
    let services = Services { config_dir: None, ..super::open::services() };
    if is("gif") {
        let run = run.context("a film needs a run to walk through; name its folder")?;
        let steps = tour::walk(&run);
        let bytes = tour::film(services, run, &spec, &steps)?;
        crate::run::atomic::write(&args.out, &bytes)?;
        if common.json {
            println!(
                "{}",
                serde_json::json!({"file": args.out, "frames": steps.len(), "bytes": bytes.len()})
            );
        } else if !common.quiet {
            println!("{}  {} kB", args.out.display(), bytes.len().div_ceil(1000));
        }
        return Ok(());
    }
    let image = shot(services, run, &spec)?;
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).context("the picture could not be encoded")?;
    crate::run::atomic::write(&args.out, bytes.get_ref())?;
    if common.json {
        println!(
            "{}",
            serde_json::json!({"file": args.out, "width": image.width(), "height": image.height()})
        );
    } else if !common.quiet {
        println!("{}", args.out.display());
    }
    Ok(())
}

fn page(asked: PageArg) -> TrainPage {
    match asked {
        PageArg::Overview => TrainPage::Overview,
        PageArg::Figures => TrainPage::Figures,
        PageArg::Setup => TrainPage::Setup,
    }
}

/// The job as the window saw it when an epoch of a stored training had ended.
fn replayed(run: &RunContents, mind: MindArg, epoch: usize) -> anyhow::Result<JobStatus> {
    let letters = ["A", "B"];
    let at = usize::from(mind == MindArg::B);
    let stored = |i: usize| run.trainings.get(i).and_then(Option::as_ref);
    let whole =
        stored(at).with_context(|| format!("mind {} of this run was not trained here", letters[at]))?;
    let epochs = whole.values.len();
    anyhow::ensure!(epoch <= epochs, "the training of {} ended after {epochs} epochs", letters[at]);
    let cut = |h: &History, n: usize| History { names: h.names.clone(), values: h.values[..n].to_vec() };
    let mut history = Vec::new();
    let mut validation = Vec::new();
    for (i, letter) in letters.into_iter().enumerate().take(at + 1) {
        let Some(h) = stored(i) else { continue };
        let n = if i == at { epoch } else { h.values.len() };
        history.push((letter.to_owned(), cut(h, n)));
        let frames = run.validation.iter().filter(|(pass, _)| pass == letter);
        validation.extend(frames.take(n).cloned());
    }
    let stage = format!("train {}", letters[at]);
    let record = run.manifest.get("stages").and_then(serde_json::Value::as_array);
    let record =
        record.into_iter().flatten().find(|s| s.get("name").and_then(|n| n.as_str()) == Some(&stage));
    let number = |path: &str| record.and_then(|s| s.pointer(path)).and_then(serde_json::Value::as_f64);
    let total = number("/numbers/plan/epochs").map_or(epochs, |n| n as usize);
    let rate = number("/seconds").filter(|s| *s > 0.0).map(|s| epochs as f64 / s);
    // Metrics and passes did not exist yet.
    let made = RunContents {
        a: None,
        b: None,
        metrics: Default::default(),
        trainings: Default::default(),
        validation: Vec::new(),
        status: format!("running {stage}"),
        ..run.clone()
    };
    Ok(JobStatus {
        running: true,
        title: run.title(),
        folder: Some(run.folder.clone()),
        progress: Some(Progress { stage, done: epoch as u64, total: total as u64, unit: "epochs" }),
        rate,
        eta_s: rate.map(|r| (total - epoch.min(total)) as f64 / r),
        live: Live { validation, ..Live::default() },
        history,
        rate_factor: 1.0,
        run: Some(Arc::new(made)),
        ..JobStatus::default()
    })
}

fn above(above: Above) -> Command {
    match above {
        Above::Figure => Command::ExportFigure(String::new()),
        Above::Palette => Command::TogglePalette,
        Above::Help => Command::ToggleHelp,
        Above::Log => Command::ToggleLog,
    }
}
