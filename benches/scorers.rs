//! Speed of the scorers: training steps and scored rows a second, five dimensions together. The peer in PyTorch is
//! `bench/torch_scorers.py`; `bench/run_scorers.sh` runs both and prints the ratios.
//!
//! One job a process, so that memory can be told: `--scorer hrm|tiny --job train|score --batch N --seconds S`, and
//! `--device cpu|wgpu --kernels fused|plain --turns N --width N`. Prints one line of JSON.

use gapfield::core::matrix::Matrix;
use gapfield::core::seed;
use gapfield::core::turn::Split;
use gapfield::nn::device::{DeviceChoice, Request, choose, on_lab_thread};
use gapfield::nn::kernels::{self, Kernels};
use gapfield::nn::params::Params;
use gapfield::nn::readings;
use gapfield::nn::scorer::{ScorerConfig, ScorerKind};
use gapfield::run::config::PassConfig;
use gapfield::train::adamw::AdamW;
use gapfield::train::batch::{Batches, Extra};
use gapfield::train::data::TrainData;
use gapfield::train::learner::Learner;
use gapfield::train::loss::{LossConfig, LossWeights};
use gapfield::train::plan::Plan;
use rand::RngExt;
use std::time::{Duration, Instant};

struct Job {
    kind: ScorerKind,
    trains: bool,
    batch: usize,
    seconds: f64,
    turns: usize,
    width: usize,
    device: DeviceChoice,
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let get = |name: &str, default: &str| {
        let at = args.iter().position(|a| a == &format!("--{name}"));
        at.and_then(|at| args.get(at + 1)).cloned().unwrap_or_else(|| default.to_owned())
    };
    let number = |name: &str, default: f64| get(name, &default.to_string()).parse().unwrap_or(default);
    let request = Request::from_word(&get("device", "cpu")).unwrap_or(Request::Cpu);
    let device = match choose(request) {
        Ok(device) => device,
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    };
    let form = get("kernels", "fused");
    kernels::choose(if form == "plain" { Kernels::Plain } else { Kernels::Fused });
    let kind = if get("scorer", "tiny") == "hrm" { ScorerKind::Hrm } else { ScorerKind::Tiny };
    let job = Job {
        kind,
        trains: get("job", "train") == "train",
        batch: number("batch", 16.0) as usize,
        seconds: number("seconds", 8.0),
        turns: number("turns", 2502.0) as usize,
        width: number("width", 384.0) as usize,
        device,
    };
    let (what, batch, name) =
        (if job.trains { "train" } else { "score" }, job.batch, job.device.name.clone());
    let times = on_lab_thread(move || if job.trains { train(&job) } else { score(&job) });
    let Ok((Times { wall: mut times, cpu }, work)) = times else { std::process::exit(1) };
    times.sort_by(f64::total_cmp);
    let (median, best) = (times[times.len() / 2], times[0]);
    println!(
        "{{\"side\": \"gapfield {form}\", \"device\": \"{name}\", \"scorer\": \"{}\", \"job\": \"{what}\", \
         \"batch\": {batch}, \"runs\": {}, \"median_s\": {median}, \"best_s\": {best}, \"per_s\": {}, \
         \"cpu_s\": {cpu}, \"peak_mib\": {:.1}}}",
        kind.name(),
        times.len(),
        work / median,
        peak_mib()
    );
}

/// Processor seconds of all threads of this process; 0 where the system does not tell.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

/// Largest resident memory so far, MiB; 0 where the system does not tell.
fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok()).map_or(0.0, |kib| kib / 1024.0)
}

/// Rows of length one.
fn embeddings(rows: usize, width: usize, name: &str) -> Matrix {
    let mut rng = seed::stream(1, name);
    let mut out = Matrix::from_fn(rows, width, |_, _| seed::normal(&mut rng) as f32);
    for r in 0..rows {
        let norm = out.row(r).iter().map(|v| v * v).sum::<f32>().sqrt();
        out.row_mut(r).iter_mut().for_each(|v| *v /= norm);
    }
    out
}

/// Wall seconds of each run, and processor seconds of one on average.
struct Times {
    wall: Vec<f64>,
    cpu: f64,
}

/// Seconds of each run after two warm-ups, for about so long.
fn timed(seconds: f64, least: usize, mut run: impl FnMut()) -> Times {
    (0..2).for_each(|_| run());
    let cpu = cpu_seconds();
    let (started, limit) = (Instant::now(), Duration::from_secs_f64(seconds));
    let mut times = Vec::new();
    while times.len() < least || started.elapsed() < limit {
        let at = Instant::now();
        run();
        times.push(at.elapsed().as_secs_f64());
    }
    let cpu = (cpu_seconds() - cpu) / times.len() as f64;
    Times { wall: times, cpu }
}

/// Whole training steps, as the trainer makes them: the batch, its made-up rows, masks, all losses, clipping, AdamW.
fn train(job: &Job) -> (Times, f64) {
    let turns = job.batch * 16;
    let names = TrainData::dimension_names();
    let mut rng = seed::stream(1, "targets");
    let data = TrainData {
        x: embeddings(turns, job.width, "x"),
        y: embeddings(turns, job.width, "y"),
        targets: Matrix::from_fn(turns, names.len(), |_, _| rng.random::<f32>()),
        names,
        split: vec![Split::Train; turns],
        conversations: (0..turns).map(|t| (t / 4).to_string()).collect(),
    };
    let asked = PassConfig { batch: job.batch, ..PassConfig::default() };
    let plan = Plan::resolve(job.kind, job.width, 0, &asked, false);
    let weights = plan.scorer.specs().init(1, &data.names);
    let device = job.device.burn();
    let rule =
        AdamW { weight_decay: plan.weight_decay as f32, clip: Some(plan.clip as f32), ..AdamW::default() };
    let mut learner = Learner::new(plan.scorer.clone(), &weights, None, rule, job.device.backend, &device);
    let loss = LossConfig { weights: LossWeights::first_phase(), cap: Some(10.0), recon_clamped: false };
    let rows: Vec<usize> = (0..turns).collect();
    let sensitivity = Matrix::filled(turns, data.names.len(), 0.5);
    let extra = Extra { sensitivity: Some(&sensitivity), gap: None };
    let (mut epoch, mut batches) = (1, Batches::new(&data, &plan, &rows, 1, 1));
    let times = timed(job.seconds, 5, || {
        let batch = batches.next(extra, &device).or_else(|| {
            epoch += 1;
            batches = Batches::new(&data, &plan, &rows, 1, epoch);
            batches.next(extra, &device)
        });
        let Some(batch) = batch else { return };
        let (leaves, mut gradients, losses, _) =
            learner.gradients(&batch.x, &batch.y, &batch.targets, &batch.how, &loss, &|_| true);
        learner.apply(&leaves, &mut gradients, 1e-4);
        // A trainer reads its losses once an epoch; here every step waits for its own work.
        drop(losses);
        if device.sync().is_err() {
            eprintln!("the device failed");
        }
    });
    (times, 1.0)
}

/// All readings of all turns and dimensions, as a pass makes them.
fn score(job: &Job) -> (Times, f64) {
    let config = ScorerConfig::for_width(job.kind, job.width);
    let device = job.device.burn();
    let params = Params::from_host(&config.specs().init(1, &TrainData::dimension_names()), &device);
    let (x, y) = (embeddings(job.turns, job.width, "x"), embeddings(job.turns, job.width, "y"));
    let times = timed(job.seconds, 3, || {
        let cube = readings::read_all(&config, &params, &x, &y, &device, &mut |_, _| true);
        assert_eq!(cube.non_finite, 0);
    });
    (times, job.turns as f64)
}
