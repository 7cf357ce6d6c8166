//! The metrics in a sentence that anyone can read.

use super::{Estimate, Intensity};
use crate::core::dimension::Dimension;
use crate::core::scm;
use serde::{Deserialize, Serialize};

/// A field whose delta mass lies surely below this (in score units) is nearly empty.
pub const NEARLY_EMPTY: f64 = 0.05;
/// Above this, surely, it is strong.
const STRONG: f64 = 0.15;

/// How much there is to see in the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// No cell to compare.
    NoData,
    /// The whole interval of delta mass is below [`NEARLY_EMPTY`].
    NearlyEmpty,
    /// In between.
    Visible,
    /// The whole interval is above 0.15.
    Strong,
    /// D is standardised or weighted, so its mass says nothing in score units.
    OtherUnits,
}

/// Verdict and summary from the numbers.
pub(super) fn write(m: &Intensity) -> (Verdict, String) {
    let (Some(mass), Some(low), Some(high)) = (m.delta_mass.value, m.delta_mass.low, m.delta_mass.high)
    else {
        return (
            Verdict::NoData,
            "No turn has a score in both passes, so there is nothing to compare.".to_owned(),
        );
    };
    let plain = !m.delta.standardised && m.delta.weights.is_none();
    let verdict = match (plain, low, high) {
        (false, ..) => Verdict::OtherUnits,
        (_, _, high) if high < NEARLY_EMPTY => Verdict::NearlyEmpty,
        (_, low, _) if low > STRONG => Verdict::Strong,
        _ => Verdict::Visible,
    };
    let opening = match verdict {
        Verdict::NearlyEmpty => "The field is nearly empty",
        Verdict::Strong => "The field is strong",
        Verdict::OtherUnits if m.delta.standardised => "With bias and scale of each column removed",
        Verdict::OtherUnits => "With weighted columns",
        _ => "The field is visible",
    };
    let colon = if plain { ":" } else { "," };
    let mut text = format!(
        "{opening}{colon} A and B differ by {mass:.3} [{low:.3}, {high:.3}] {} on average over {} turns.",
        if plain { "of the score range" } else { &m.unit },
        m.turns
    );
    if plain && let Some(bias) = bias_words(m) {
        text.push(' ');
        text.push_str(&bias);
    }
    if let Some(rate) = m.agreement_rate.value {
        text.push_str(&format!(" They stand on the same side of 0.5 in {:.0} % of cells.", 100.0 * rate));
    }
    if !m.self_check.passed {
        text.push_str(
            " Beware: the length column differs between the passes, which it never should; check that both scored the same texts.",
        );
    }
    (verdict, text)
}

/// The dimension with the largest bias whose interval leaves out zero.
fn bias_words(m: &Intensity) -> Option<String> {
    let sure = |e: &Estimate| e.low.zip(e.high).is_some_and(|(low, high)| low > 0.0 || high < 0.0);
    let (dimension, bias) = Dimension::ALL
        .iter()
        .filter_map(|d| Some((d, m.bias.get(scm::COLUMNS[d.index()])?)))
        .filter(|(_, e)| sure(e))
        .filter_map(|(d, e)| Some((d, e.value?)))
        .reduce(|best, next| if next.1.abs() > best.1.abs() { next } else { best })?;
    let higher = if bias > 0.0 { "A" } else { "B" };
    Some(format!("The largest bias is on {dimension}: {higher} is higher by {:.3}.", bias.abs()))
}
