//! Every WGSL kernel against the plain tensor operations it stands for, on the graphics adapter:
//! `cargo bench --profile dev --bench kernels`, with `-- --models N --rows N --width N --seconds S` for other sizes. One row a kernel and
//! direction, plain over fused; then Tiny's and HRM's own launches in one training step of each form.

use burn::tensor::{Device, TensorData};
use gapfield::core::seed;
use gapfield::nn::device::{Request, choose, on_lab_thread};
use gapfield::nn::kernels::Kernels;
use gapfield::nn::ops::Activation;
use gapfield::nn::pairs::{PAIRS, Pair, weighed};
use gapfield::nn::params::Params;
use gapfield::nn::scorer::{Forward, ScorerConfig, ScorerKind};
use gapfield::nn::wgsl;
use std::time::Instant;

#[derive(Clone, Copy)]
struct Sizes {
    models: usize,
    rows: usize,
    width: usize,
    seconds: f64,
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let number = |name: &str, default: f64| {
        let at = args.iter().position(|a| a == &format!("--{name}"));
        at.and_then(|at| args.get(at + 1)?.parse().ok()).unwrap_or(default)
    };
    let sizes = Sizes {
        models: number("models", 5.0) as usize,
        rows: number("rows", 80.0) as usize,
        width: number("width", 384.0) as usize,
        seconds: number("seconds", 1.0),
    };
    let choice = match choose(Request::Wgpu) {
        Ok(choice) => choice,
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    };
    println!("{}, {}", choice.name, if choice.is_software { "a software renderer" } else { "hardware" });
    println!("{} models, {} rows, width {}", sizes.models, sizes.rows, sizes.width);
    let done = on_lab_thread(move || {
        let device = choice.burn();
        kernels(sizes, &device);
        launches(sizes, &device);
    });
    if let Err(error) = done {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

fn random(shape: [usize; 3], name: &str, device: &Device) -> Activation {
    let mut rng = seed::stream(1, name);
    let values: Vec<f32> = (0..shape.iter().product()).map(|_| seed::normal(&mut rng) as f32).collect();
    Activation::from_data(TensorData::new(values, shape), device)
}

/// Median seconds of one run after two warm-ups, over about so long.
fn median(seconds: f64, device: &Device, mut run: impl FnMut()) -> f64 {
    let mut once = || {
        let at = Instant::now();
        run();
        if device.sync().is_err() {
            eprintln!("the device failed");
        }
        at.elapsed().as_secs_f64()
    };
    for _warm_up in 0..2 {
        once();
    }
    let (started, mut times) = (Instant::now(), Vec::new());
    while times.len() < 5 || started.elapsed().as_secs_f64() < seconds {
        times.push(once());
    }
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn kernels(sizes: Sizes, device: &Device) {
    println!("{:<12} {:<9} {:>10} {:>10}  plain / fused", "kernel", "", "fused ms", "plain ms");
    for pair in &PAIRS {
        for (way, both) in [("forward", false), ("and back", true)] {
            let [fused, plain] = [pair.fused, pair.plain].map(|form| timed(form, pair, sizes, device, both));
            let (name, ratio) = (pair.name, plain / fused);
            println!("{name:<12} {way:<9} {:>10.3} {:>10.3}  {ratio:.2}", fused * 1e3, plain * 1e3);
        }
    }
}

fn timed(
    form: fn(&[Activation]) -> Activation,
    pair: &Pair,
    sizes: Sizes,
    device: &Device,
    both: bool,
) -> f64 {
    let on = if both { device.clone().autodiff() } else { device.clone() };
    let inputs: Vec<Activation> = (pair.shapes)(sizes.models, sizes.rows, sizes.width)
        .into_iter()
        .enumerate()
        .map(|(at, shape)| {
            let t = random(shape, &at.to_string(), &on);
            if both && at < pair.tracked { t.require_grad() } else { t }
        })
        .collect();
    let weights = random(form(&inputs).dims(), "weights", &on);
    median(sizes.seconds, device, || {
        let out = form(&inputs);
        if both {
            let gradients = weighed(out, &weights).backward();
            drop(inputs[0].grad(&gradients));
        }
    })
}

/// Launches of the kernels of `shaders/` in a forward pass and its way back, and the time in both forms. What burn launches
/// besides is not counted: it tells only in its test builds.
fn launches(sizes: Sizes, device: &Device) {
    println!("\n{:<6} {:<6} {:>22} {:>12}", "scorer", "form", "own launches a step", "ms a step");
    for kind in [ScorerKind::Hrm, ScorerKind::Tiny] {
        for (name, form) in [("fused", Kernels::Fused), ("plain", Kernels::Plain)] {
            let config = ScorerConfig::for_width(kind, sizes.width);
            let names: Vec<String> = (0..sizes.models).map(|m| m.to_string()).collect();
            let on = device.clone().autodiff();
            let params = Params::from_host(&config.specs().init(1, &names), &on).with_gradients(&|_| true);
            let [x, y] = ["x", "y"].map(|n| random([1, sizes.rows, sizes.width], n, &on));
            let how = Forward { kernels: Some(form), ..Forward::scoring() };
            let step = || {
                let heads = config.forward(&params, &x, &y, &how);
                let loss = heads.score.sum() + heads.log_var.sum() + heads.aux3.sum() + heads.y_recon.sum();
                drop(loss.backward());
            };
            let before = wgsl::launches();
            step();
            if device.sync().is_err() {
                eprintln!("the device failed");
            }
            let own = wgsl::launches() - before;
            let seconds = median(sizes.seconds, device, step);
            println!("{:<6} {name:<6} {own:>22} {:>12.2}", kind.name(), seconds * 1e3);
        }
    }
}
