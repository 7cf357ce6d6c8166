//! Numbers of a report: read from `metrics/*.json` by JSON pointer, never computed here.

use crate::figure::canvas::number;
use crate::run::contents::RunContents;
use serde_json::Value;

/// What stands where a number is absent.
pub const ABSENT: &str = "absent";

/// Reader of one metrics file.
#[derive(Clone, Copy)]
pub struct Numbers<'a> {
    file: Option<&'a Value>,
}

impl<'a> Numbers<'a> {
    /// The file `metrics/<stem>.json`.
    pub fn of(run: &'a RunContents, stem: &str) -> Self {
        Self { file: run.metrics.get(stem) }
    }

    /// Whether the file is there.
    pub fn exists(&self) -> bool {
        self.file.is_some_and(Value::is_object)
    }

    /// Any value at a pointer; null counts as absent.
    pub fn at(&self, pointer: &str) -> Option<&'a Value> {
        self.file?.pointer(pointer).filter(|v| !v.is_null())
    }

    /// A number at a pointer.
    pub fn value(&self, pointer: &str) -> Option<f64> {
        self.at(pointer)?.as_f64().filter(|v| v.is_finite())
    }

    /// A text at a pointer.
    pub fn text(&self, pointer: &str) -> Option<&'a str> {
        self.at(pointer)?.as_str()
    }

    /// A number as printed, three decimals; [`ABSENT`] when it is not there.
    pub fn show(&self, pointer: &str) -> String {
        self.value(pointer).map_or_else(|| ABSENT.to_owned(), |v| number(v, 3))
    }

    /// A count as printed.
    pub fn count(&self, pointer: &str) -> String {
        self.value(pointer).map_or_else(|| ABSENT.to_owned(), |v| number(v, 0))
    }

    /// A metric with its interval: `value [low, high]`, as [`crate::field::metrics`] writes it.
    pub fn estimate(&self, pointer: &str) -> String {
        let end = |name: &str| self.value(&format!("{pointer}/{name}"));
        let Some(value) = end("value") else { return ABSENT.to_owned() };
        with_interval(value, end("low").zip(end("high")))
    }
}

/// `value [low, high]`, or the value alone where there is no interval.
pub fn with_interval(value: f64, interval: Option<(f64, f64)>) -> String {
    match interval {
        Some((low, high)) => format!("{} [{}, {}]", number(value, 3), number(low, 3), number(high, 3)),
        None => number(value, 3),
    }
}

/// A p-value of a test by `n` random draws, as the fraction it is: (1 + draws at least as extreme)/(1 + n). Never zero.
pub fn p_value(p: f64, n: Option<f64>) -> String {
    let decimals = (3..9).find(|d| p * 10_f64.powi(*d) >= 0.5).unwrap_or(9) as usize;
    let Some(n) = n else { return format!("p = {}", number(p, decimals)) };
    let hits = p * (n + 1.0);
    if (hits - hits.round()).abs() < 1e-6 {
        return format!("p = {}/{} = {}", number(hits, 0), number(n + 1.0, 0), number(p, decimals));
    }
    format!("p = {}", number(p, decimals))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_p_value_is_a_fraction_and_never_zero() {
        assert_eq!(p_value(0.005, Some(199.0)), "p = 1/200 = 0.005");
        assert_eq!(p_value(1.0 / 10_000.0, Some(9999.0)), "p = 1/10000 = 0.0001");
        assert_eq!(p_value(0.98, Some(199.0)), "p = 196/200 = 0.980");
        assert_eq!(p_value(0.0432, None), "p = 0.043");
    }
}
