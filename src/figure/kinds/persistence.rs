//! What the topology figures share: the bars of a dimension, what chance gives, names of classes.

use super::missing;
use crate::core::bar::Bar;
use crate::core::cloud::CloudChoice;
use crate::core::stats;
use crate::figure::FigureError;
use crate::figure::canvas::number;
use crate::figure::spec::FigureSpec;
use crate::run::contents::RunContents;

/// Scale axis in words.
pub const SCALE: &str = "scale, distance between rows of D";

/// The bars of a diagram, by dimension, longest first; infinite ones lead.
pub struct Diagram<'a> {
    /// Bars of H0, H1, ... as far as there are any.
    pub by_dim: Vec<Vec<&'a Bar>>,
    /// Right end of the scale: the last finite birth or death.
    pub end: f64,
    /// Length of the longest H1 bar that 95 of 100 null fields stay below.
    pub band: Option<f64>,
    /// Number of null fields.
    pub nulls: usize,
}

/// Reads the diagram.
///
/// # Errors
/// When the run has none.
pub fn diagram<'a>(run: &'a RunContents, spec: &FigureSpec) -> Result<Diagram<'a>, FigureError> {
    let usable = |b: &&Bar| b.birth.is_finite() && b.death.is_none_or(f64::is_finite);
    let bars: Vec<&Bar> = run.bars.iter().filter(usable).collect();
    if bars.is_empty() {
        let hint = "resume the run until the topology stage is done";
        return Err(missing(run, spec, "a persistence diagram", hint));
    }
    let dims = bars.iter().map(|b| usize::from(b.dim)).max().unwrap_or(0).min(2) + 1;
    let mut by_dim: Vec<Vec<&Bar>> = vec![Vec::new(); dims];
    for bar in &bars {
        if let Some(of_dim) = by_dim.get_mut(usize::from(bar.dim)) {
            of_dim.push(bar);
        }
    }
    for of_dim in &mut by_dim {
        let length = |b: &Bar| b.length().unwrap_or(f64::INFINITY);
        of_dim.sort_by(|a, b| length(b).total_cmp(&length(a)).then(a.birth.total_cmp(&b.birth)));
    }
    let end = bars.iter().map(|b| b.death.unwrap_or(b.birth)).fold(0.0, f64::max);
    let nulls: Vec<f64> = run.nulls.iter().copied().filter(|v| v.is_finite()).collect();
    let band = stats::quantile(&nulls, 0.95);
    Ok(Diagram { by_dim, end: if end > 0.0 { end } else { 1.0 }, band, nulls: nulls.len() })
}

/// What a class of that dimension is.
pub fn class(dim: usize) -> &'static str {
    match dim {
        0 => "pieces",
        1 => "loops",
        _ => "voids",
    }
}

impl Diagram<'_> {
    /// Caption parts: points, bars, the band.
    pub fn caption(&self, run: &RunContents) -> Vec<String> {
        let cloud = run.metrics.get("topology").and_then(|t| t.get("cloud"));
        let choice: CloudChoice =
            cloud.and_then(|c| serde_json::from_value(c.clone()).ok()).unwrap_or_default();
        let of_what = if choice.is_declared() { "Euclidean".to_owned() } else { choice.words() };
        let mut parts = vec![format!("Persistent homology of the rows of D, Vietoris-Rips, {of_what}")];
        if run.metrics.get("topology").and_then(|t| t.get("exploratory")).is_some() {
            parts.push("exploratory, chosen after looking".to_owned());
        }
        if let Some(n) = run.number("topology", "/n_points") {
            parts.push(format!("N = {n} turns"));
        } else if !run.turns.is_empty() {
            parts.push(format!("N = {} turns", run.turns.len()));
        }
        let counts: Vec<String> =
            self.by_dim.iter().enumerate().map(|(d, bars)| format!("{} H{d}", bars.len())).collect();
        parts.push(format!("bars: {}", counts.join(", ")));
        parts.push(match self.band {
            Some(band) => format!(
                "grey: length {} that the longest H1 bar of 95 in 100 of {} null fields stays below",
                number(band, 3),
                self.nulls
            ),
            None => "no null fields were drawn, so nothing here is called structure".to_owned(),
        });
        parts
    }

    /// Words for readers who do not see the figure.
    pub fn alt(&self, what: &str) -> String {
        let longest = self.by_dim.get(1).and_then(|b| b.iter().find_map(|b| b.length()));
        let loops = self.by_dim.get(1).map_or(0, Vec::len);
        let longest = match (longest, self.band) {
            (Some(l), Some(band)) if l > band => {
                format!(
                    "the longest loop lasts {}, beyond the {} that chance gives",
                    number(l, 3),
                    number(band, 3)
                )
            }
            (Some(l), Some(band)) => {
                format!(
                    "the longest loop lasts {}, within the {} that chance gives",
                    number(l, 3),
                    number(band, 3)
                )
            }
            (Some(l), None) => format!("the longest loop lasts {}", number(l, 3)),
            (None, _) => "there is no loop".to_owned(),
        };
        format!("{what} of the difference field: {loops} loops (H1); {longest}.")
    }
}
