//! Timings of the lab's own engines: persistence, nulls, the VPM raster, bootstrap metrics, embeddings.
//!
//! `make bench`. Ratios against named peers come with the issues that make speed claims; these are for profiling.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gapfield::core::matrix::Matrix;
use gapfield::core::seed;
use gapfield::core::turn::Turn;
use gapfield::data::embed::{EmbeddingProvider, StaticEmbedder};
use gapfield::field::delta::DeltaOptions;
use gapfield::field::metrics::{Measured, intensity};
use gapfield::field::vpm::gpu::{DrawParams, VpmGpu};
use gapfield::field::vpm::{IndexTable, Layout, Limits, Normalisation, Palette, Reducer, Scope, raster};
use gapfield::figure::colormap::ColorMap;
use gapfield::run::contents::{Pass, RunContents};
use gapfield::topology::{Hooks, Options, Points, SignificanceOptions, analyse, significance};
use gapfield::window::app::App;
use gapfield::window::shot;
use gapfield::window::view::{ViewKind, WindowGpu};
use rand::RngExt;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

/// Gaussian points `[n, d]`.
fn cloud(n: usize, d: usize) -> Matrix {
    let mut rng = seed::stream(1, "bench cloud");
    Matrix::from_fn(n, d, |_, _| seed::normal(&mut rng) as f32)
}

fn topology(c: &mut Criterion) {
    let mut group = c.benchmark_group("topology");
    group.sample_size(10);
    let points = cloud(1000, 12);
    group.bench_function("H1, gaussian 1000 x 12", |b| {
        b.iter(|| analyse(black_box(&points), &Options::default(), &Hooks::none()));
    });
    let Ok(field) = Points::from_matrix(&cloud(480, 5)) else { return };
    let options = SignificanceOptions { nulls: 19, secondary: false, ..SignificanceOptions::default() };
    group.bench_function("19 nulls, 480 x 5", |b| {
        b.iter(|| significance(black_box(&field), None, &options, &Hooks::none(), &|_, _| {}));
    });
    group.finish();
}

fn field(c: &mut Criterion) {
    let mut group = c.benchmark_group("field");
    group.sample_size(10);
    let mut rng = seed::stream(1, "bench field");
    let d = Matrix::from_fn(2502, 64, |_, _| rng.random::<f32>() - 0.5);
    let Ok(layout) = Layout::plain(2400, 2400, 2502, 64) else { return };
    let limits = Limits::of(&[&d], Normalisation::Symmetric(Scope::Run));
    let palette = Palette { map: ColorMap::Vik.table(), hatch: [[90; 3], [110; 3]], gap: [0; 4] };
    let table = IndexTable::new(&palette);
    group.bench_function("VPM 2502 x 64 on 2400 x 2400, indexed", |b| {
        b.iter(|| raster::draw_indexed(black_box(&d), &layout, &limits, Reducer::MaxAbs, &table));
    });
    let tall = Matrix::from_fn(100_000, 64, |_, _| rng.random::<f32>() - 0.5);
    let Ok(in_window) = Layout::plain(640, 700, 100_000, 64) else { return };
    let limits_of_tall = Limits::of(&[&tall], Normalisation::Symmetric(Scope::Run));
    group.bench_function("VPM 100000 x 64 on 640 x 700, indexed, CPU", |b| {
        b.iter(|| {
            raster::draw_indexed(black_box(&tall), &in_window, &limits_of_tall, Reducer::MaxAbs, &table)
        });
    });
    let (a, b_pass) = (cloud(480, 12), cloud(480, 12));
    let delta = Matrix::from_fn(480, 12, |r, c| a.get(r, c) - b_pass.get(r, c));
    let ids: Vec<String> = (0..480).map(|i| i.to_string()).collect();
    let options = DeltaOptions::default();
    group.bench_function("metrics with 2000 resamples, 480 turns", |b| {
        b.iter(|| {
            let measured = Measured { a: &a, b: &b_pass, d: &delta, turn_ids: &ids, options: &options };
            intensity(measured, 1)
        });
    });
    group.finish();
}

/// 256 texts of 60 tokens; criterion prints texts a second, on one thread and on all.
fn embed(c: &mut Criterion) {
    let Ok(embedder) = StaticEmbedder::new() else { return };
    let text = "Split the flight into three phases: thrust, coast and fall. The push is mass flow times exhaust speed; when \
        the water is gone only gravity and drag act, and drag grows with the square of the speed. Step through the flight in \
        small slices of time, since mass, pressure and speed all change together.";
    let texts = vec![text; 256];
    let mut group = c.benchmark_group("embed");
    group.sample_size(10).throughput(Throughput::Elements(texts.len() as u64));
    if let Ok(one) = rayon::ThreadPoolBuilder::new().num_threads(1).build() {
        group.bench_function("256 texts of 60 tokens, static, one thread", |b| {
            b.iter(|| one.install(|| embedder.embed(black_box(&texts))));
        });
    }
    group.bench_function("256 texts of 60 tokens, static, all threads", |b| {
        b.iter(|| embedder.embed(black_box(&texts)))
    });
    group.finish();
}

/// A run of 100 000 turns as the window holds it, nothing read from disk.
fn large_run(rows: usize) -> RunContents {
    let mut rng = seed::stream(1, "bench window");
    let mut scm = || Matrix::from_fn(rows, 12, |_, _| rng.random::<f32>());
    let (a, b) = (scm(), scm());
    let delta = Matrix::from_fn(rows, 12, |r, c| a.get(r, c) - b.get(r, c));
    let turn = |i: usize| Turn {
        turn_id: format!("t{i}"),
        conversation_id: format!("c{}", i / 8),
        goal_text: format!("Question {i} about mass flow and exhaust speed"),
        response_text: "Split the flight into three phases: thrust, coast and fall.".to_owned(),
        ..Turn::default()
    };
    let pass = |name: &str, scm| {
        Some(Arc::new(Pass { name: name.to_owned(), kind: "table".to_owned(), scm, history: None }))
    };
    RunContents {
        turns: Arc::new((0..rows).map(turn).collect()),
        a: pass("A", a),
        b: pass("B", b),
        delta: Some(Arc::new(delta)),
        status: "complete".to_owned(),
        ..RunContents::default()
    }
}

/// Processor time of this thread in milliseconds; wall time where the system does not tell.
fn cpu_ms() -> f64 {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    std::thread::yield_now(); // Linux counts a running thread's time only now and then; a yield brings it up to date
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|line| line.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| START.elapsed().as_secs_f64() * 1e3, |ns| ns / 1e6)
}

/// Processor time of whole frames of the window (logic, layout, tessellation; without the GPU's work) on 100 000 turns, while
/// the pointer moves over the field, the wheel zooms and pans, the cursor steps, and the timeline plays. The budget of a
/// frame is 8 ms at the 99th percentile.
fn frames(_: &mut Criterion) {
    let gpu = match shot::headless_gpu() {
        Ok(render_state) => Some(WindowGpu { render_state }),
        Err(error) => {
            eprintln!("frames: drawn on the CPU alone, {error:#}");
            None
        }
    };
    let ctx = egui::Context::default();
    let mut app = App::new(&ctx, shot::offline_services(), gpu);
    app.show_run(large_run(100_000));
    app.show_view(ViewKind::Field);
    let size = egui::vec2(1600.0, 1000.0);
    let mut time = 0.0;
    let mut frame = |app: &mut App, events: Vec<egui::Event>| {
        time += 1.0 / 60.0;
        let input = egui::RawInput {
            screen_rect: Some(egui::Rect::from_min_size(egui::Pos2::ZERO, size)),
            time: Some(time),
            events,
            max_texture_side: Some(8192),
            focused: true,
            ..egui::RawInput::default()
        };
        let began = cpu_ms();
        app.logic(&ctx);
        let mut output = ctx.run_ui(input, |ui| app.ui(ui));
        output.textures_delta.clear(); // nothing is painted here
        black_box(ctx.tessellate(output.shapes, output.pixels_per_point));
        cpu_ms() - began
    };
    // Frames until the field is prepared on its thread and drawn.
    let began = Instant::now();
    while began.elapsed().as_secs_f64() < 4.0 {
        frame(&mut app, Vec::new());
        std::thread::sleep(std::time::Duration::from_millis(4));
    }
    let moved = |i: usize| {
        let at = egui::pos2(420.0 + (i * 7 % 700) as f32, 330.0 + (i * 5 % 480) as f32);
        egui::Event::PointerMoved(at)
    };
    let wheel = |i: usize| egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: egui::vec2(0.0, if i % 40 < 20 { 30.0 } else { -30.0 }),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: if i.is_multiple_of(2) { egui::Modifiers::NONE } else { egui::Modifiers::SHIFT },
    };
    let key = |i: usize| egui::Event::Key {
        key: if i % 50 < 40 { egui::Key::J } else { egui::Key::K },
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers: egui::Modifiers::NONE,
    };
    let mut phase = |app: &mut App, name: &str, events: &dyn Fn(usize) -> Vec<egui::Event>| {
        let mut times: Vec<f64> = (0..400).map(|i| frame(app, events(i))).collect();
        times.sort_by(f64::total_cmp);
        let at = |q: f64| times[((times.len() - 1) as f64 * q).round() as usize];
        println!(
            "frames, 100000 turns, {name}: p50 {:.2} ms, p99 {:.2} ms, longest {:.2} ms",
            at(0.5),
            at(0.99),
            at(1.0)
        );
    };
    phase(&mut app, "field, pointer moves", &|i| vec![moved(i)]);
    phase(&mut app, "field, wheel zooms and pans", &|i| vec![moved(3), wheel(i)]);
    phase(&mut app, "field, cursor steps", &|i| vec![key(i)]);
    app.show_view(ViewKind::Data);
    phase(&mut app, "data, table scrolls", &|i| vec![moved(3), wheel(i / 40 * 40)]);
    app.show_view(ViewKind::Timeline);
    let began = Instant::now();
    while began.elapsed().as_secs_f64() < 2.0 {
        app.logic(&ctx);
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let space = |i: usize| if i == 0 { vec![press(egui::Key::Space)] } else { Vec::new() };
    phase(&mut app, "timeline plays", &space);
}

/// The share of a frame that grows with the columns: three pictures of 100,000 x 64 laid out anew and sent to the GPU, as the
/// field does when it zooms and pans (a run itself has twelve columns). Processor time of this thread.
fn wide_pictures(_: &mut Criterion) {
    const ROWS: usize = 100_000;
    let Ok(state) = shot::headless_gpu() else { return };
    let (device, queue) = (&state.device, &state.queue);
    let matrix = cloud(ROWS, 64);
    let limits = Limits::of(&[&matrix], Normalisation::Symmetric(Scope::Run));
    let palette = Palette { map: ColorMap::Vik.table(), hatch: [[90; 3], [110; 3]], gap: [0; 4] };
    let mut panels: Vec<VpmGpu> = (0..3).map(|_| VpmGpu::new(device)).collect();
    for panel in &mut panels {
        if let Err(error) = panel.upload(device, queue, &matrix) {
            return eprintln!("pictures of 100000 x 64: {error}");
        }
    }
    let order: Arc<Vec<u32>> = Arc::new((0..ROWS as u32).rev().collect());
    let columns: Vec<Vec<usize>> = vec![(0..64).collect()];
    let mut times: Vec<f64> = (0..200)
        .map(|i| {
            let (from, rows) = (i * 331 % (ROWS / 2), if i % 2 == 0 { ROWS / 2 } else { 700 + i });
            let began = cpu_ms();
            if let Ok(layout) = Layout::new(320, 700, &order, from..from + rows, &columns, 0) {
                for panel in &mut panels {
                    let params = DrawParams {
                        layout: &layout,
                        limits: &limits,
                        reducer: Reducer::MaxAbs,
                        palette: &palette,
                    };
                    _ = black_box(panel.draw(device, queue, params));
                }
            }
            let spent = cpu_ms() - began;
            _ = device.poll(wgpu::PollType::wait_indefinitely());
            spent
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let at = |q: f64| times[((times.len() - 1) as f64 * q).round() as usize];
    println!(
        "three pictures of 100000 x 64 laid out and sent: p50 {:.2} ms, p99 {:.2} ms",
        at(0.5),
        at(0.99)
    );
}

fn press(key: egui::Key) -> egui::Event {
    egui::Event::Key {
        key,
        physical_key: None,
        pressed: true,
        repeat: false,
        modifiers: egui::Modifiers::NONE,
    }
}

criterion_group!(benches, topology, field, embed, frames, wide_pictures);
criterion_main!(benches);
