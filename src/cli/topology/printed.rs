//! A topology on stdout: as JSON for programs, in words for people.

use crate::core::bar::{Bar, Cycle};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What is printed.
pub(super) struct Printed {
    pub(super) bars: Vec<Bar>,
    pub(super) cycles: Vec<Cycle>,
    /// As in `metrics/topology.json`.
    pub(super) topology: Value,
    /// As in `metrics/significance.json`, when tests were made.
    pub(super) significance: Option<Value>,
    pub(super) predicted_bytes: u64,
    /// Figures written.
    pub(super) written: Vec<PathBuf>,
}

/// The JSON of a topology. Plain structs: a cloud has thousands of bars, and a tree of values for each would cost more
/// than its persistence.
#[derive(Serialize)]
struct Json<'a> {
    n_points: &'a Value,
    n_merged: &'a Value,
    n_vertices: &'a Value,
    covering_radius: &'a Value,
    threshold: &'a Value,
    bars: Vec<JsonBar<'a>>,
    elapsed_ms: f64,
    peak_bytes: u64,
    predicted_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    topology: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    significance: Option<&'a Value>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    figures: &'a [PathBuf],
}

#[derive(Serialize)]
struct JsonBar<'a> {
    dim: u8,
    birth: f64,
    death: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cycle: Option<JsonCycle<'a>>,
}

#[derive(Serialize)]
struct JsonCycle<'a> {
    vertices: &'a [u32],
    edges: &'a [[u32; 2]],
}

impl Printed {
    pub(super) fn json(&self, elapsed_ms: f64) -> anyhow::Result<()> {
        let cycles: BTreeMap<usize, &Cycle> = self.cycles.iter().map(|c| (c.bar, c)).collect();
        let bar = |(at, bar): (usize, &Bar)| JsonBar {
            dim: bar.dim,
            birth: bar.birth,
            death: bar.death,
            cycle: cycles.get(&at).map(|c| JsonCycle { vertices: &c.vertices, edges: &c.edges }),
        };
        let of = |key: &str| self.topology.get(key).unwrap_or(&Value::Null);
        let out = Json {
            n_points: of("n_points"),
            n_merged: of("n_merged"),
            n_vertices: of("n_vertices"),
            covering_radius: of("covering_radius"),
            threshold: of("radius"),
            bars: self.bars.iter().enumerate().map(bar).collect(),
            elapsed_ms,
            peak_bytes: crate::run::machine::peak_bytes(),
            predicted_bytes: self.predicted_bytes,
            topology: self.significance.as_ref().map(|_| &self.topology),
            significance: self.significance.as_ref(),
            figures: &self.written,
        };
        println!("{}", serde_json::to_string(&out)?);
        Ok(())
    }

    pub(super) fn words(&self, elapsed_ms: f64) -> anyhow::Result<()> {
        let number = |pointer: &str| self.topology.pointer(pointer).and_then(Value::as_f64);
        let count = |pointer: &str| number(pointer).unwrap_or(0.0) as usize;
        println!(
            "{} points, {} merged with an equal one, scales 0 to {:.4}, {elapsed_ms:.0} ms",
            count("/n_points"),
            count("/n_merged"),
            number("/radius").unwrap_or(0.0)
        );
        if let Some(radius) = number("/covering_radius") {
            println!(
                "{} landmarks stand for all points; none is further than {radius:.4} from one",
                count("/n_vertices")
            );
        }
        let dims = self.topology.get("bars").and_then(Value::as_object).map_or(0, serde_json::Map::len);
        for dim in 0..dims {
            let of_dim = || self.bars.iter().filter(move |b| usize::from(b.dim) == dim);
            println!(
                "H{dim} {:<7} {:>6} bars, {} never end, longest {:.4}",
                ["pieces", "loops", "voids"].get(dim).copied().unwrap_or("classes"),
                of_dim().count(),
                of_dim().filter(|b| b.death.is_none()).count(),
                of_dim().filter_map(Bar::length).fold(0.0, f64::max)
            );
        }
        match &self.significance {
            Some(tests) => self.tests(tests),
            None => println!(
                "nothing was tested against chance, so no bar is called structure (--nulls 199 tests)"
            ),
        }
        for path in &self.written {
            println!("{}", path.display());
        }
        Ok(())
    }

    fn tests(&self, tests: &Value) {
        let number = |pointer: &str| self.topology.pointer(pointer).and_then(Value::as_f64);
        let words = |t: &Value| t.get("words").and_then(Value::as_str).unwrap_or_default().to_owned();
        println!("primary    {}", tests.get("primary").map(words).unwrap_or_default());
        for test in tests.get("secondary").and_then(Value::as_array).into_iter().flatten() {
            println!("secondary  {}", words(test));
        }
        if let Some(length) = number("/band/length") {
            let beyond = self.bars.iter().filter(|b| b.dim == 1 && b.length().is_some_and(|l| l > length));
            println!(
                "band       sampling alone explains lengths up to {length:.4}; {} loops are longer",
                beyond.count()
            );
        }
        if let Some(median) = number("/stability/median") {
            println!("stability  half-samples are {median:.4} away (median bottleneck distance of 20)");
        }
    }
}
