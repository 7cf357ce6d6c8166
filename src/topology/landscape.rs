//! Two summaries of a diagram that can be averaged and compared: persistence landscapes and persistence images.

use crate::core::bar::Bar;

/// The bars of a dimension that end.
fn finite(bars: &[Bar], dim: u8) -> Vec<(f64, f64)> {
    bars.iter().filter(|b| b.dim == dim).filter_map(|b| Some((b.birth, b.death?))).collect()
}

/// The first `levels` persistence landscapes of the bars of dimension `dim` that end: at every scale t the k-th largest of
/// max(0, min(t - birth, death - t)) (Bubenik 2015). `[levels][scales]`, in units of scale; the first one peaks at half
/// the length of the longest bar.
pub fn landscape(bars: &[Bar], dim: u8, levels: usize, scales: &[f64]) -> Vec<Vec<f64>> {
    let bars = finite(bars, dim);
    let mut out = vec![vec![0.0; scales.len()]; levels];
    let mut tents = Vec::with_capacity(bars.len());
    for (at, t) in scales.iter().enumerate() {
        tents.clear();
        tents.extend(bars.iter().map(|(b, d)| (t - b).min(d - t)).filter(|h| *h > 0.0));
        tents.sort_by(|a, b| b.total_cmp(a));
        for (level, height) in out.iter_mut().zip(&tents) {
            level[at] = *height;
        }
    }
    out
}

/// A diagram as a picture: every bar that ends is a bump at (birth, length), as high as it is long.
#[derive(Clone, Debug, PartialEq)]
pub struct PersistenceImage {
    /// Cells along either axis.
    pub side: usize,
    /// Births from 0 to this lie on the picture.
    pub births: f64,
    /// Lengths from 0 to this lie on the picture.
    pub lengths: f64,
    /// Standard deviation of a bump, in cells.
    pub sigma_cells: f64,
    /// `[side, side]`: row 0 has the shortest lengths. Length-weighted density of bars, in units of scale a cell.
    pub values: Vec<f64>,
}

/// The persistence image of the bars of dimension `dim` (Adams et al. 2017): Gaussian bumps of `sigma_cells` cells,
/// weighted by length, so that the diagonal does not count. `births` and `lengths` are the ends of the axes.
pub fn persistence_image(
    bars: &[Bar],
    dim: u8,
    (births, lengths): (f64, f64),
    side: usize,
    sigma_cells: f64,
) -> PersistenceImage {
    let mut values = vec![0.0; side * side];
    let cell = |v: f64, end: f64| v / end.max(f64::MIN_POSITIVE) * side as f64 - 0.5;
    let bump = |centre: f64| -> Vec<f64> {
        let weight = |i: usize| (-((i as f64 - centre) / sigma_cells).powi(2) / 2.0).exp();
        (0..side).map(|i| weight(i) / (sigma_cells * std::f64::consts::TAU.sqrt())).collect()
    };
    for (birth, death) in finite(bars, dim) {
        let (across, up) = (bump(cell(birth, births)), bump(cell(death - birth, lengths)));
        for (row, u) in values.chunks_exact_mut(side.max(1)).zip(&up) {
            for (value, a) in row.iter_mut().zip(&across) {
                *value += (death - birth) * u * a;
            }
        }
    }
    PersistenceImage { side, births, lengths, sigma_cells, values }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bars(pairs: &[(f64, f64)]) -> Vec<Bar> {
        let bar = |(birth, death): &(f64, f64)| Bar {
            dim: 1,
            birth: *birth,
            death: death.is_finite().then_some(*death),
            birth_simplex: vec![],
            death_simplex: vec![],
        };
        pairs.iter().map(bar).collect()
    }

    #[test]
    fn a_landscape_is_tents_sorted_by_height() {
        let b = bars(&[(0.0, 4.0), (1.0, 3.0), (0.5, f64::INFINITY)]);
        let scales = [0.0, 1.0, 2.0, 3.0, 4.0];
        let l = landscape(&b, 1, 3, &scales);
        assert_eq!(l[0], [0.0, 1.0, 2.0, 1.0, 0.0]);
        assert_eq!(l[1], [0.0, 0.0, 1.0, 0.0, 0.0]);
        assert_eq!(l[2], [0.0; 5], "a bar that never ends has no tent");
        assert_eq!(landscape(&b, 2, 1, &scales)[0], [0.0; 5]);
    }

    #[test]
    fn an_image_holds_the_total_length_and_peaks_at_the_longest_bar() {
        let b = bars(&[(0.21, 0.82), (0.25, 0.3), (0.5, 0.52)]);
        let i = persistence_image(&b, 1, (1.0, 1.0), 50, 1.5);
        let sum: f64 = i.values.iter().sum();
        let inside = 0.61 + 0.05 + 0.02;
        assert!((sum - inside).abs() < 0.03, "{sum}: what hangs over the diagonal is lost, no more");
        let at = (0..i.values.len()).max_by(|x, y| i.values[*x].total_cmp(&i.values[*y])).unwrap();
        assert_eq!((at % 50, at / 50), (10, 30), "birth 0.21 and length 0.61 are the middles of these cells");
        assert!(persistence_image(&[], 1, (1.0, 1.0), 8, 1.0).values.iter().all(|v| *v == 0.0));
    }
}
