//! Where the brushed rows stand in the shown order, recomputed only when brush, order or layout change.

use super::prepared::Prepared;
use crate::window::canvas::vpm_panel::RowGeometry;

/// Screen ranges of the brushed rows.
#[derive(Default)]
pub struct BrushRanges {
    key: Option<(u64, u64, RowGeometry)>,
    /// Top and bottom of each run of brushed rows that is visible, points.
    pub shown: Vec<(f32, f32)>,
    /// The same for the overview, as shares of its height.
    pub overview: Vec<(f32, f32)>,
}

impl BrushRanges {
    /// Brings the ranges up to date.
    pub fn update(&mut self, brushed: &[usize], prepared: &Prepared, rows: &RowGeometry) {
        let print = fingerprint(brushed);
        if self.key.as_ref().is_some_and(|k| k.0 == print && k.1 == prepared.serial && k.2 == *rows) {
            return;
        }
        let mut positions: Vec<usize> = brushed.iter().filter_map(|r| prepared.position(*r)).collect();
        positions.sort_unstable();
        // Rows that share a pixel are one range, so that there are never more ranges than pixels.
        self.shown = joined(rows.ranges(&positions).into_iter(), 0.5 / rows.scale);
        let total = prepared.rows().max(1) as f32;
        let shares = positions.iter().map(|p| (*p as f32 / total, (*p + 1) as f32 / total));
        self.overview = joined(shares, 0.0015);
        self.key = Some((print, prepared.serial, rows.clone()));
    }
}

/// Ascending ranges, those closer than `gap` joined.
fn joined(ranges: impl Iterator<Item = (f32, f32)>, gap: f32) -> Vec<(f32, f32)> {
    let mut out: Vec<(f32, f32)> = Vec::new();
    for (top, bottom) in ranges {
        match out.last_mut() {
            Some(last) if top - last.1 < gap => last.1 = last.1.max(bottom),
            _ => out.push((top, bottom)),
        }
    }
    out
}

/// FNV-1a over the rows: tells brushes apart without keeping a copy.
fn fingerprint(rows: &[usize]) -> u64 {
    rows.iter().fold(0xcbf2_9ce4_8422_2325, |h, r| (h ^ *r as u64).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_ranges_become_one() {
        let ranges = [(0.0, 1.0), (1.2, 2.0), (5.0, 6.0)];
        assert_eq!(joined(ranges.into_iter(), 0.5), [(0.0, 2.0), (5.0, 6.0)]);
    }

    #[test]
    fn brushes_are_told_apart() {
        assert_ne!(fingerprint(&[1, 2]), fingerprint(&[2, 1]));
        assert_ne!(fingerprint(&[]), fingerprint(&[0]));
    }
}
