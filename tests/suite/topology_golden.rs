//! Bars equal the reference values of every case folder, dimension by dimension, to 1e-5.

use std::fs;
use std::path::{Path, PathBuf};

use gapfield::core::bar::Bar;
use gapfield::core::npy;
use gapfield::topology::{CycleChoice, Hooks, Options, Points, analyse_points};

const TOLERANCE: f64 = 1e-5;

fn cases() -> Vec<PathBuf> {
    let root = std::env::var_os("GAPFIELD_GOLDEN")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden"), PathBuf::from);
    let folder = root.join("topology");
    let mut cases: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|p| p.join("case.json").is_file())
        .collect();
    cases.sort();
    assert!(!cases.is_empty(), "no case folder under {}", folder.display());
    cases
}

/// (birth, death) rows, ascending; death is infinite for a bar that never ends.
fn expected(file: &Path) -> Vec<(f64, f64)> {
    let text = fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let mut bars: Vec<(f64, f64)> = text
        .lines()
        .skip(1)
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let (birth, death) = line.split_once(',').expect("birth,death");
            (birth.trim().parse().expect("birth"), death.trim().parse().expect("death"))
        })
        .collect();
    bars.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    bars
}

fn found(bars: &[Bar], dim: u8) -> Vec<(f64, f64)> {
    let mut out: Vec<(f64, f64)> =
        bars.iter().filter(|b| b.dim == dim).map(|b| (b.birth, b.death.unwrap_or(f64::INFINITY))).collect();
    out.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    out
}

fn close(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= TOLERANCE
}

/// Matches two multisets of bars: every bar has its own partner within the tolerance. Births ascend, so candidates lie
/// in a window of births; among them any partner within tolerance of both ends will do for bars this far apart.
fn unmatched(got: &[(f64, f64)], want: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut used = vec![false; got.len()];
    let mut missing = Vec::new();
    for w in want {
        let from = got.partition_point(|g| g.0 < w.0 - TOLERANCE);
        let candidates = (from..got.len()).take_while(|g| got[*g].0 <= w.0 + TOLERANCE);
        let partner = candidates
            .filter(|g| !used[*g] && close(got[*g].0, w.0) && close(got[*g].1, w.1))
            .min_by(|a, b| {
                let off = |g: usize| if got[g].1 == w.1 { 0.0 } else { (got[g].1 - w.1).abs() };
                off(*a).total_cmp(&off(*b))
            });
        match partner {
            Some(g) => used[g] = true,
            None => missing.push(*w),
        }
    }
    missing
}

#[test]
fn bars_equal_the_reference_on_every_case() {
    for case in cases() {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let json: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(case.join("case.json")).unwrap()).unwrap();
        let array = npy::read(&case.join("points.npy")).unwrap();
        let (rows, cols) = array.table().unwrap();
        let points = Points::new(rows, cols, array.data).unwrap();
        let max_dim = json["max_dim"].as_u64().unwrap() as u8;
        let options = Options {
            max_dim,
            threshold: json["threshold"].as_f64(),
            cycles: CycleChoice::Longest(3),
            ..Options::default()
        };
        let analysis = analyse_points(&points, &options, &Hooks::none()).unwrap();
        if let Some(radius) = json["enclosing_radius"].as_f64() {
            assert!(close(analysis.enclosing_radius, radius), "{name}: enclosing radius");
        }
        for dim in 0..=max_dim {
            let want = expected(&case.join(format!("H{dim}.csv")));
            let got = found(&analysis.bars, dim);
            assert_eq!(got.len(), want.len(), "{name}: number of H{dim} bars");
            let missing = unmatched(&got, &want);
            assert!(missing.is_empty(), "{name}: H{dim} bars without a partner: {missing:?}");
        }
        for bar in &analysis.bars {
            assert_eq!(bar.birth_simplex.len(), usize::from(bar.dim) + 1, "{name}");
            assert_eq!(bar.death_simplex.is_empty(), bar.death.is_none(), "{name}");
        }
    }
}
