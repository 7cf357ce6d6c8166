//! Fields as palette indices: which rows and columns are shown, on which scale, in how many pixels.

use super::FigureError;
use super::colormap::ColorMap;
use super::ink::Inks;
use super::scene::Indexed;
use super::spec::{FigureSpec, Normalisation, Reduce};
use crate::core::matrix::Matrix;
use crate::core::stats;

/// Colours of a map in a field's palette; the last two of 256 are the hatch of missing cells.
pub const LEVELS: usize = 254;

/// The interval of values that a column's colours span.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// Value at the map's first colour.
    pub low: f64,
    /// Value at the map's last colour.
    pub high: f64,
}

/// A palette section: the first index and the number of levels of a map, and the two hatch indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// Index of the map's first colour.
    pub first: u8,
    /// Number of colours, at least 2.
    pub levels: usize,
    /// Indices of the hatch's ground and lines.
    pub missing: [u8; 2],
}

/// The section of a palette that holds one map.
pub const WHOLE: Section = Section { first: 0, levels: LEVELS, missing: [254, 255] };

/// `levels` colours spread evenly over a map.
pub fn colors(map: ColorMap, levels: usize) -> Vec<[u8; 3]> {
    let table = map.table();
    (0..levels).map(|i| table[(i as f64 * 255.0 / (levels - 1) as f64).round() as usize]).collect()
}

/// The palette of one map with the hatch at its end.
pub fn palette(map: ColorMap, inks: &Inks) -> Vec<[u8; 3]> {
    let mut palette = colors(map, LEVELS);
    palette.push(inks.missing_a.rgb);
    palette.push(inks.missing_b.rgb);
    palette
}

/// The maps of magnitudes and of differences that a spec asks for.
///
/// # Errors
/// When a map's name is not known.
pub fn maps(spec: &FigureSpec, inks: &Inks) -> Result<(ColorMap, ColorMap), FigureError> {
    let named = |field, name: &str, otherwise| {
        if name.is_empty() {
            return Ok(otherwise);
        }
        ColorMap::from_name(name).ok_or_else(|| FigureError::Spec {
            field,
            value: name.to_owned(),
            hint: "take batlow, viridis, vik, berlin, romaO or grayC".to_owned(),
        })
    };
    Ok((
        named("palette", &spec.palette, ColorMap::Batlow)?,
        named("palette_delta", &spec.palette_delta, ColorMap::delta(inks.dark))?,
    ))
}

/// Values of a column over the rows shown, missing ones left out.
fn present(m: &Matrix, rows: &[usize], column: usize) -> Vec<f64> {
    rows.iter().map(|r| f64::from(m.get(*r, column))).filter(|v| v.is_finite()).collect()
}

/// The span of each column for matrices that are compared with each other (A and B share their spans).
pub fn spans(matrices: &[&Matrix], rows: &[usize], columns: &[usize], how: Normalisation) -> Vec<Span> {
    let stretch = |column: usize, q: f64| {
        let values: Vec<f64> = matrices.iter().flat_map(|m| present(m, rows, column)).collect();
        match (stats::quantile(&values, q), stats::quantile(&values, 1.0 - q)) {
            (Some(low), Some(high)) if high > low => Span { low, high },
            (Some(only), _) => Span { low: only - 0.5, high: only + 0.5 },
            _ => Span { low: 0.0, high: 1.0 },
        }
    };
    columns
        .iter()
        .map(|c| match how {
            Normalisation::Unit => Span { low: 0.0, high: 1.0 },
            Normalisation::Minmax => stretch(*c, 0.0),
            Normalisation::Robust => stretch(*c, 0.01),
        })
        .collect()
}

/// The limit of a symmetric scale and how many cells lie beyond it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// Colours span `-limit..=limit`; above 0.
    pub limit: f64,
    /// Cells whose absolute value exceeds it.
    pub beyond: usize,
    /// Whether there is no difference at all, so that the limit is only a convention.
    pub empty: bool,
}

/// The larger of |p1| and |p99| over the cells shown, or the largest absolute value for [`Normalisation::Minmax`].
pub fn symmetric(d: &Matrix, rows: &[usize], columns: &[usize], how: Normalisation) -> Limit {
    let values: Vec<f64> = columns.iter().flat_map(|c| present(d, rows, *c)).collect();
    let q = if how == Normalisation::Minmax { 0.0 } else { 0.01 };
    let at = |q| stats::quantile(&values, q).unwrap_or(0.0).abs();
    let largest = values.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
    let limit = match at(q).max(at(1.0 - q)) {
        l if l > 0.0 => l,
        // All but a hundredth of the cells are zero: take what there is.
        _ => largest,
    };
    if limit <= 0.0 {
        return Limit { limit: 1.0, beyond: 0, empty: true };
    }
    Limit { limit, beyond: values.iter().filter(|v| v.abs() > limit + 1e-12).count(), empty: false }
}

/// One block of a field to be drawn.
pub struct Block<'a> {
    /// Values, `[turns, columns]`.
    pub matrix: &'a Matrix,
    /// Rows in drawing order.
    pub rows: &'a [usize],
    /// Columns in drawing order.
    pub columns: &'a [usize],
    /// Span of each of those columns.
    pub spans: &'a [Span],
    /// What a pixel shows when several rows fall into it.
    pub reduce: Reduce,
    /// Where the colours stand in the palette.
    pub section: Section,
    /// Period of the missing hatch, px.
    pub hatch_px: u32,
}

impl Block<'_> {
    /// Indices of `width` x `height` pixels, row-major.
    pub fn indices(&self, width: u32, height: u32) -> Vec<u8> {
        let (w, h) = (width as usize, height as usize);
        let column_of: Vec<usize> = (0..w).map(|x| x * self.columns.len() / w.max(1)).collect();
        let mut out = Vec::with_capacity(w * h);
        for y in 0..h {
            let first = y * self.rows.len() / h;
            let end = ((y + 1) * self.rows.len() / h).max(first + 1).min(self.rows.len());
            let colors: Vec<Option<u8>> = (0..self.columns.len())
                .map(|c| self.index(self.reduced(&self.rows[first..end], c), c))
                .collect();
            for (x, column) in column_of.iter().enumerate() {
                out.push(colors[*column].unwrap_or_else(|| self.hatch(x, y)));
            }
        }
        out
    }

    fn reduced(&self, rows: &[usize], column: usize) -> f64 {
        let values = rows.iter().map(|r| f64::from(self.matrix.get(*r, self.columns[column])));
        let mut present = values.filter(|v| v.is_finite());
        let Some(first) = present.next() else { return f64::NAN };
        match self.reduce {
            Reduce::Mean => {
                let (sum, n) = present.fold((first, 1.0), |(s, n), v| (s + v, n + 1.0));
                sum / n
            }
            Reduce::MaxAbs => present.fold(first, |m, v| if v.abs() > m.abs() { v } else { m }),
            Reduce::Min => present.fold(first, f64::min),
            Reduce::Max => present.fold(first, f64::max),
        }
    }

    fn index(&self, value: f64, column: usize) -> Option<u8> {
        if !value.is_finite() {
            return None;
        }
        let Span { low, high } = self.spans[column];
        let t = ((value - low) / (high - low)).clamp(0.0, 1.0);
        let level = (t * (self.section.levels - 1) as f64).round() as usize;
        Some((usize::from(self.section.first) + level).min(255) as u8)
    }

    fn hatch(&self, x: usize, y: usize) -> u8 {
        let period = self.hatch_px.max(2) as usize;
        self.section.missing[usize::from((x + y) % period >= period / 2)]
    }

    /// The block as a picture in the colours of `map`.
    pub fn picture(&self, width: u32, height: u32, map: ColorMap, inks: &Inks) -> Indexed {
        Indexed { width, height, indices: self.indices(width, height), palette: palette(map, inks) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block<'a>(m: &'a Matrix, rows: &'a [usize], spans: &'a [Span], reduce: Reduce) -> Block<'a> {
        Block { matrix: m, rows, columns: &[0], spans, reduce, section: WHOLE, hatch_px: 4 }
    }

    #[test]
    fn one_hot_row_among_thousands_survives_the_default_reducer_of_d() {
        let mut m = Matrix::zeros(5000, 1);
        m.set(2613, 0, -1.0);
        let rows: Vec<usize> = (0..5000).collect();
        let spans = [Span { low: -1.0, high: 1.0 }];
        let hot =
            |reduce| block(&m, &rows, &spans, reduce).indices(1, 100).iter().filter(|i| **i == 0).count();
        assert_eq!(hot(Reduce::MaxAbs), 1);
        assert_eq!(hot(Reduce::Mean), 0, "the mean loses it");
    }

    #[test]
    fn a_missing_cell_never_takes_a_colour_of_the_map() {
        let m = Matrix::from_vec(2, 1, vec![f32::NAN, 0.5]).unwrap();
        let indices = block(&m, &[0, 1], &[Span { low: 0.0, high: 1.0 }], Reduce::Mean).indices(8, 8);
        assert!(indices[..32].iter().all(|i| *i >= 254), "hatched above");
        assert!(indices[..32].contains(&254) && indices[..32].contains(&255), "in two greys");
        assert!(indices[32..].iter().all(|i| *i < 254), "coloured below");
    }

    #[test]
    fn the_limit_of_d_is_the_larger_tail_and_counts_what_it_cuts() {
        let m = Matrix::from_fn(1000, 1, |r, _| if r < 5 { -9.0 } else { r as f32 / 1000.0 });
        let rows: Vec<usize> = (0..1000).collect();
        let limit = symmetric(&m, &rows, &[0], Normalisation::Unit);
        assert!((limit.limit - 0.99).abs() < 0.01 && limit.beyond > 5, "{limit:?}");
        assert_eq!(symmetric(&m, &rows, &[0], Normalisation::Minmax).limit, 9.0);
        let none = symmetric(&Matrix::zeros(4, 1), &[0, 1, 2, 3], &[0], Normalisation::Unit);
        assert!(none.empty && none.limit == 1.0);
    }
}
