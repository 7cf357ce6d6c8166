//! The adapter's distances against the processor's, on whatever adapter there is (a software renderer mostly).

use super::*;
use crate::core::seed;
use crate::topology::{Hooks, Options, analyse_points};

fn cloud(n: usize, d: usize, offset: f64) -> Points {
    let mut rng = seed::stream(3, "adapter.cloud");
    Points::new(n, d, (0..n * d).map(|_| offset + seed::normal(&mut rng)).collect()).unwrap()
}

fn has_adapter() -> bool {
    let there = Device::open(true).is_some();
    if !there {
        eprintln!("skipped: this machine has no adapter, not even a software renderer");
    }
    there
}

#[test]
fn distances_are_those_of_the_processor() {
    if !has_adapter() {
        return;
    }
    // A block of 7 rows divides neither size; a cloud far from the origin keeps its digits.
    for (n, d, offset) in [(2, 1, 0.0), (203, 5, 0.0), (150, 64, 1e4)] {
        let points = cloud(n, d, offset);
        let adapter =
            Adapter { choice: Choice::Gpu, warn: &|w| panic!("{w}"), block_bytes: n as u64 * 4 * 7 };
        let (mut next, mut worst) = (0, 0.0_f64);
        let served = adapter
            .measure(&points, &mut |first, block| {
                assert_eq!((first, block.len() % n), (next, 0));
                next += block.len() / n;
                for (at, got) in block.iter().enumerate() {
                    let want = points.distance(first + at / n, at % n);
                    worst = worst.max((f64::from(*got) - want).abs() / want.max(1e-300));
                    assert!(want > 0.0 || *got == 0.0);
                }
                Ok(())
            })
            .unwrap();
        assert!(served && next == n, "every row once");
        assert!(worst < 1e-5, "{n} x {d}: {worst}");
    }
}

#[test]
fn bars_are_those_of_the_processor_to_five_digits() {
    if !has_adapter() {
        return;
    }
    let points = cloud(220, 4, 2.0);
    for (max_dim, threshold) in [(1, None), (1, Some(1.7)), (2, Some(1.5))] {
        let options = Options { max_dim, threshold, ..Options::default() };
        let adapter = Adapter::new(Choice::Gpu, &|w| panic!("{w}"));
        let hooks = Hooks { distances: Some(&adapter), ..Hooks::none() };
        let got = analyse_points(&points, &options, &hooks).unwrap();
        let want = analyse_points(&points, &options, &Hooks::none()).unwrap();
        assert!((got.enclosing_radius - want.enclosing_radius).abs() < 1e-5);
        // Bars shorter than the rounding may come and go; all others are there in both.
        let long = |a: &crate::topology::Analysis| -> Vec<(u8, f64, f64)> {
            let ends = |b: &crate::core::bar::Bar| (b.dim, b.birth, b.death.unwrap_or(f64::INFINITY));
            let mut bars: Vec<_> = a.bars.iter().map(ends).filter(|b| b.2 - b.1 > 1e-4).collect();
            bars.sort_by(|a, b| (a.0, b.2 - b.1).partial_cmp(&(b.0, a.2 - a.1)).unwrap());
            bars
        };
        let (got, want) = (long(&got), long(&want));
        assert!(want.len() > 100 && got.len() == want.len(), "{} and {}", got.len(), want.len());
        for w in &want {
            let near = |g: &(u8, f64, f64)| {
                g.0 == w.0 && (g.1 - w.1).abs() < 1e-5 && (g.2 == w.2 || (g.2 - w.2).abs() < 1e-5)
            };
            assert!(got.iter().any(near), "{w:?} is missing");
        }
    }
}

#[test]
fn what_the_adapter_cannot_do_is_told_and_left_to_the_processor() {
    if !has_adapter() {
        return;
    }
    let told = Mutex::new(Vec::new());
    let warn = |w: &str| told.lock().unwrap().push(w.to_owned());
    let adapter = Adapter::new(Choice::Gpu, &warn);
    let hooks = Hooks { distances: Some(&adapter), ..Hooks::none() };
    // 1e-12 apart in a cloud of extent 1: different in 64 bits, the same in 32.
    let points = Points::new(3, 1, vec![0.0, 0.5, 0.5 + 1e-12]).unwrap();
    let got = analyse_points(&points, &Options::default(), &hooks).unwrap();
    assert_eq!(got, analyse_points(&points, &Options::default(), &Hooks::none()).unwrap());
    let told = told.lock().unwrap();
    assert!(told.len() == 1 && told[0].contains("too close") && told[0].contains("processor"), "{told:?}");
}

#[test]
fn small_clouds_and_other_metrics_stay_on_the_processor() {
    let adapter = |choice| Adapter { choice, warn: &|_| {}, block_bytes: BLOCK_BYTES };
    assert!(!adapter(Choice::Auto).wants(&cloud(FROM_POINTS - 1, 1, 0.0)));
    assert!(adapter(Choice::Auto).wants(&cloud(FROM_POINTS, 1, 0.0)));
    assert!(!adapter(Choice::Cpu).wants(&cloud(FROM_POINTS, 1, 0.0)));
    assert!(!adapter(Choice::Gpu).wants(&cloud(9, 2, 0.0).with_metric(Metric::Manhattan)));
    assert_eq!(Choice::from_word("GPU"), Some(Choice::Gpu));
    assert_eq!(Choice::from_word("tpu"), None);
}

#[test]
fn a_lost_device_is_a_failure_and_no_panic() {
    let Some(device) = Device::open(true) else {
        eprintln!("skipped: this machine has no adapter, not even a software renderer");
        return;
    };
    device.device.destroy();
    let outcome = device.measure(&cloud(40, 2, 0.0), BLOCK_BYTES, &mut |_, _| Ok(()));
    assert!(matches!(outcome, Err(Failure::Device(_))), "a destroyed device measures nothing");
}
