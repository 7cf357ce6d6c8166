//! What the metrics say about fields whose answer is known.

use super::*;
use crate::core::seed::{normal, stream};
use crate::core::stats;
use crate::field::delta::{DeltaOptions, delta};
use proptest::prelude::*;

struct Passes {
    a: Matrix,
    b: Matrix,
    d: Matrix,
    ids: Vec<String>,
}

impl Passes {
    fn new(a: Matrix, b: Matrix) -> Self {
        let d = delta(&a, &b, &DeltaOptions::default()).unwrap();
        let ids = (0..a.rows()).map(|r| format!("t{r}")).collect();
        Self { a, b, d, ids }
    }

    /// B is A plus noise of the given size on all columns but length.
    fn noisy(turns: usize, noise: f32) -> Self {
        let mut rng = stream(2, "passes");
        let a = Matrix::from_fn(turns, 12, |_, _| (0.5 + 0.2 * normal(&mut rng) as f32).clamp(0.0, 1.0));
        let b = Matrix::from_fn(turns, 12, |r, c| {
            let e = if c == scm::LENGTH { 0.0 } else { noise * normal(&mut rng) as f32 };
            if c == scm::LENGTH { a.get(r, c) } else { (a.get(r, c) + e).clamp(0.0, 1.0) }
        });
        Self::new(a, b)
    }

    fn measure(&self, seed: u64) -> Intensity {
        self.measure_as(&DeltaOptions::default(), seed)
    }

    fn measure_as(&self, options: &DeltaOptions, seed: u64) -> Intensity {
        let d = delta(&self.a, &self.b, options).unwrap();
        intensity(Measured { a: &self.a, b: &self.b, d: &d, turn_ids: &self.ids, options }, seed).unwrap()
    }
}

fn scores(m: &Matrix, c: usize) -> Vec<f64> {
    m.column(c).into_iter().map(f64::from).collect()
}

#[test]
fn values_are_those_of_the_plain_formulas() {
    let p = Passes::noisy(150, 0.1);
    let got = p.measure(1);
    let cells: Vec<f64> = (0..5).flat_map(|c| scores(&p.d, c)).collect();
    let mass = cells.iter().map(|v| v.abs()).sum::<f64>() / cells.len() as f64;
    assert!((got.delta_mass.value.unwrap() - mass).abs() < 1e-12);
    assert_eq!(got.delta_mass.n, 750);
    for (c, name) in scm::COLUMNS.iter().enumerate() {
        let bias = stats::mean(&scores(&p.d, c)).unwrap();
        assert!((got.bias[*name].value.unwrap() - bias).abs() < 1e-12);
    }
    let (mut fa, mut fb) = (vec![], vec![]);
    for c in 0..5 {
        let (a, b) = (scores(&p.a, c), scores(&p.b, c));
        let (ma, mb) = (stats::mean(&a).unwrap(), stats::mean(&b).unwrap());
        fa.extend(a.iter().map(|v| v - ma));
        fb.extend(b.iter().map(|v| v - mb));
        let name = Dimension::ALL[c].name();
        let rank = &got.rank_agreement[name];
        assert!((rank.spearman.value.unwrap() - stats::spearman(&a, &b).unwrap()).abs() < 1e-12);
        assert!((rank.kendall_tau_b.value.unwrap() - stats::kendall_tau_b(&a, &b).unwrap()).abs() < 1e-12);
    }
    // Columns are centred, so the cosine of the flattened matrices is their correlation.
    assert!((got.cosine_overlap.flattened.value.unwrap() - stats::pearson(&fa, &fb).unwrap()).abs() < 1e-12);
    let side = |m: &Matrix| -> Vec<bool> { (0..5).flat_map(|c| m.column(c)).map(|v| v >= 0.5).collect() };
    let (sa, sb) = (side(&p.a), side(&p.b));
    let same = sa.iter().zip(&sb).filter(|(x, y)| x == y).count() as f64 / sa.len() as f64;
    assert!((got.agreement_rate.value.unwrap() - same).abs() < 1e-12);
    assert!((got.kappa.value.unwrap() - stats::cohen_kappa(&sa, &sb).unwrap()).abs() < 1e-12);
    assert!(got.self_check.passed && got.self_check.largest_abs == Some(0.0));
}

#[test]
fn intervals_hold_the_value_and_shrink_with_more_turns() {
    let width = |turns| {
        let e = Passes::noisy(turns, 0.1).measure(3).delta_mass;
        let (low, high) = (e.low.unwrap(), e.high.unwrap());
        assert!(low < e.value.unwrap() && e.value.unwrap() < high && e.resamples == RESAMPLES);
        high - low
    };
    let (few, many) = (width(50), width(800));
    let ratio = few / many;
    assert!(
        (2.5..6.5).contains(&ratio),
        "16 times the turns should give a quarter of the width, got 1/{ratio:.1}"
    );
}

#[test]
fn the_interval_of_a_mean_is_the_textbook_one() {
    let p = Passes::noisy(400, 0.1);
    let e = p.measure(8).bias["scm.clarity.score01"].clone();
    let half = 1.96 * stats::std_dev(&scores(&p.d, 2)).unwrap() / 20.0;
    let got = (e.high.unwrap() - e.low.unwrap()) / 2.0;
    assert!((got / half - 1.0).abs() < 0.08, "{got} against {half}");
}

#[test]
fn nothing_depends_on_the_number_of_threads_and_bytes_repeat() {
    let p = Passes::noisy(60, 0.1);
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        to_sorted_json(&pool.install(|| p.measure(5))).unwrap()
    };
    assert_eq!(on(1), on(3));
    assert_ne!(on(1), to_sorted_json(&p.measure(6)).unwrap(), "the seed counts");
}

#[test]
fn keys_are_sorted_at_every_depth() {
    fn check(v: &Value) {
        match v {
            Value::Object(map) => {
                assert!(map.keys().is_sorted());
                map.values().for_each(check);
            }
            Value::Array(items) => items.iter().for_each(check),
            _ => {}
        }
    }
    let text = to_sorted_json(&Passes::noisy(10, 0.1).measure(1)).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    check(&value);
    assert!(value.pointer("/delta_mass/value").is_some_and(Value::is_f64));
    let mut at = 0;
    for key in ["\"agreement_rate\"", "\"bias\"", "\"delta_mass\"", "\"summary\"", "\"verdict\""] {
        let next = text.find(key).unwrap();
        assert!(next > at, "{key}");
        at = next;
    }
}

#[test]
fn nearly_identical_passes_are_called_nearly_empty() {
    let same = Passes::noisy(200, 0.02).measure(1);
    assert_eq!(same.verdict, Verdict::NearlyEmpty);
    assert!(
        same.summary.starts_with("The field is nearly empty: A and B differ by 0.01"),
        "{}",
        same.summary
    );
    let apart = Passes::new(Matrix::filled(50, 12, 0.9), Matrix::filled(50, 12, 0.3)).measure(1);
    assert_eq!(apart.verdict, Verdict::Strong);
    assert!(apart.summary.contains("A is higher by 0.600"), "{}", apart.summary);
    assert!(apart.summary.contains("Beware: the length column"), "{}", apart.summary);
    let between = Passes::noisy(200, 0.12).measure(1);
    assert_eq!(between.verdict, Verdict::Visible, "{}", between.summary);
}

#[test]
fn other_units_get_no_verdict_in_score_units() {
    let p = Passes::noisy(80, 0.02);
    let standardised = p.measure_as(&DeltaOptions { standardised: true, weights: None }, 1);
    assert_eq!(
        (standardised.verdict, standardised.delta_mass.unit.as_str()),
        (Verdict::OtherUnits, "standard deviations")
    );
    assert!(
        standardised.summary.starts_with("With bias and scale of each column removed, A and B differ by 0.")
    );
    let weighted = p.measure_as(&DeltaOptions { standardised: false, weights: Some(vec![2.0; 12]) }, 1);
    assert!(weighted.summary.contains("weighted score on average"), "{}", weighted.summary);
}

#[test]
fn what_is_undefined_is_absent_and_missing_cells_are_not_counted() {
    let mut p = Passes::noisy(30, 0.1);
    for r in 0..30 {
        p.b.set(r, 1, f32::NAN);
        p.a.set(r, 2, 0.4);
    }
    let got = Passes::new(p.a, p.b).measure(1);
    assert_eq!(got.delta_mass.n, 120);
    let knowledge = &got.delta_mass_by_column["scm.knowledge.score01"];
    assert_eq!((knowledge.value, knowledge.low, knowledge.n), (None, None, 0));
    assert_eq!(got.rank_agreement["clarity"].spearman.value, None, "a constant column has no ranks");
    assert!(got.top_columns.iter().all(|c| c.column != "scm.knowledge.score01"));
    let nothing = Passes::new(Matrix::filled(4, 12, f32::NAN), Matrix::zeros(4, 12)).measure(1);
    assert_eq!(nothing.verdict, Verdict::NoData);
    assert!(!to_sorted_json(&nothing).unwrap().contains("NaN"));
}

#[test]
fn the_hottest_turn_stands_first_with_its_strongest_column() {
    let mut p = Passes::noisy(90, 0.05);
    (0..5).for_each(|c| p.a.set(41, c, 1.0));
    (0..5).for_each(|c| p.b.set(41, c, 0.1));
    p.b.set(41, 3, 0.0);
    let got = Passes::new(p.a, p.b).measure(1);
    let first = &got.top_rows[0];
    assert_eq!(
        (first.row, first.turn_id.as_str(), first.column.as_str()),
        (41, "t41", "scm.faithfulness.score01")
    );
    assert_eq!(got.top_rows.len(), 25);
    assert!(got.top_rows.is_sorted_by(|a, b| a.mean_abs >= b.mean_abs));
    assert_eq!(got.top_columns.len(), 12);
}

#[test]
fn passes_of_other_sizes_are_refused() {
    let p = Passes::noisy(5, 0.1);
    let short = Matrix::zeros(4, 12);
    let options = DeltaOptions::default();
    let measured = Measured { a: &p.a, b: &short, d: &p.d, turn_ids: &p.ids, options: &options };
    assert_eq!(intensity(measured, 0), Err(MetricsError::Shape { rows: 5, columns: 12 }));
}

proptest! {
    #[test]
    fn fast_tau_b_is_the_slow_one(pairs in proptest::collection::vec((0_u8..7, 0_u8..9), 2..60)) {
        let a: Vec<f32> = pairs.iter().map(|p| f32::from(p.0)).collect();
        let b: Vec<f32> = pairs.iter().map(|p| f32::from(p.1)).collect();
        let wide = |x: &[f32]| x.iter().map(|v| f64::from(*v)).collect::<Vec<_>>();
        let slow = stats::kendall_tau_b(&wide(&a), &wide(&b));
        match (kendall_tau_b(&a, &b), slow) {
            (Some(x), Some(y)) => prop_assert!((x - y).abs() < 1e-12),
            (x, y) => prop_assert_eq!(x, y),
        }
    }

    #[test]
    fn weights_are_copies(pairs in proptest::collection::vec((0_u8..5, 0_u8..5, 0_u32..4), 3..30)) {
        let column = |f: fn(&(u8, u8, u32)) -> u8| pairs.iter().map(|p| f32::from(f(p))).collect::<Vec<_>>();
        let (a, b) = (column(|p| p.0), column(|p| p.1));
        let counts: Vec<u32> = pairs.iter().map(|p| p.2).collect();
        let copied = |x: &[f32]| -> Vec<f64> {
            x.iter().zip(&counts).flat_map(|(v, n)| vec![f64::from(*v); *n as usize]).collect()
        };
        let same = |got: f64, want: Option<f64>| match want {
            Some(w) => (got - w).abs() < 1e-12,
            None => got.is_nan(),
        };
        let (ca, cb) = (copied(&a), copied(&b));
        prop_assert!(same(kendall::TauTable::new(&a, &b).tau_b(&counts), stats::kendall_tau_b(&ca, &cb)));
        prop_assert!(same(rank::RankTable::new(&a, &b).spearman(&counts), stats::spearman(&ca, &cb)));
    }
}
