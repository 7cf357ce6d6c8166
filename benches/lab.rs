//! Timings of the lab's own engines: persistence, nulls, the VPM raster, bootstrap metrics, embeddings.
//!
//! `make bench`. Ratios against named peers come with the issues that make speed claims; these are for profiling.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gapfield::core::matrix::Matrix;
use gapfield::core::seed;
use gapfield::data::embed::{EmbeddingProvider, StaticEmbedder};
use gapfield::field::delta::DeltaOptions;
use gapfield::field::metrics::{Measured, intensity};
use gapfield::field::vpm::{IndexTable, Layout, Limits, Normalisation, Palette, Reducer, Scope, raster};
use gapfield::figure::colormap::ColorMap;
use gapfield::topology::{Hooks, Options, Points, SignificanceOptions, analyse, significance};
use rand::RngExt;
use std::hint::black_box;

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

criterion_group!(benches, topology, field, embed);
criterion_main!(benches);
