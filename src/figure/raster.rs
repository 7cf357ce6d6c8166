//! Fields as palette indices: the rows and columns shown, their scale, and the VPM raster that draws them.

use super::FigureError;
use super::colormap::ColorMap;
use super::ink::Inks;
use super::scene::{Color, Indexed};
use super::spec::FigureSpec;
use crate::core::matrix::Matrix;
use crate::field::vpm::{self, IndexTable, Layout, Limits, Palette, Reducer};
use std::ops::Range;
use std::sync::Arc;

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

/// The colours of a map with the theme's hatch and ground.
pub fn palette(map: ColorMap, inks: &Inks) -> Palette {
    let [r, g, b] = inks.ground.rgb;
    Palette { map: map.table(), hatch: [inks.missing_a.rgb, inks.missing_b.rgb], gap: [r, g, b, 255] }
}

/// A map from low to high as a picture of 256 x 1.
pub fn gradient(map: ColorMap, inks: &Inks) -> Indexed {
    let table = IndexTable::new(&palette(map, inks));
    Indexed { width: 256, height: 1, indices: table.map.to_vec(), palette: table.palette }
}

/// The first and the last colour of a map.
pub fn ends(map: ColorMap) -> (Color, Color) {
    let table = map.table();
    (Color { rgb: table[0], alpha: 1.0 }, Color { rgb: table[255], alpha: 1.0 })
}

/// `levels` colours spread evenly over a map.
pub fn colors(map: ColorMap, levels: usize) -> Vec<[u8; 3]> {
    let table = map.table();
    (0..levels).map(|i| table[(i as f64 * 255.0 / (levels - 1) as f64).round() as usize]).collect()
}

/// The cells that are shown, in drawing order, and how they become colours.
#[derive(Clone, Debug)]
pub struct Shown {
    /// `[rows shown, columns shown]`.
    pub cells: Matrix,
    /// Scale of each column.
    pub limits: Limits,
    /// What a pixel shows when several rows fall into it.
    pub reducer: Reducer,
}

/// The scale of D as the colour bar tells it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeltaScale {
    /// Values at the ends, when all columns share them.
    pub range: Option<(f64, f64)>,
    /// Whether values lie below the first, above the last colour.
    pub clamped: (bool, bool),
    /// Number of those cells.
    pub beyond: usize,
    /// Whether D is zero wherever it is known.
    pub empty: bool,
}

impl DeltaScale {
    /// Where zero stands along the bar, 0 to 1; `None` when columns differ or zero is not on it.
    pub fn zero(&self) -> Option<f64> {
        let (low, high) = self.range?;
        (low <= 0.0 && high >= 0.0 && high > low).then(|| -low / (high - low))
    }
}

impl Shown {
    /// The chosen rows and columns of a matrix.
    pub fn cells(m: &Matrix, rows: &[usize], columns: &[usize]) -> Matrix {
        m.select_columns(columns).select_rows(rows)
    }

    /// What the colour bar of D says.
    pub fn delta_scale(&self) -> DeltaScale {
        let m = &self.cells;
        let (mut beyond, mut empty) = (0, true);
        for r in 0..m.rows() {
            for (c, v) in m.row(r).iter().enumerate().filter(|(_, v)| v.is_finite()) {
                empty &= *v == 0.0;
                let (low, high) = self.limits.range(c).unwrap_or((f32::NEG_INFINITY, f32::INFINITY));
                beyond += usize::from(*v < low || *v > high);
            }
        }
        let range = self.limits.common_range().map(|(low, high)| (f64::from(low), f64::from(high)));
        DeltaScale { range, clamped: self.limits.clamped(), beyond, empty }
    }

    /// Cells without a value.
    pub fn missing(&self) -> usize {
        self.cells.data().iter().filter(|v| !v.is_finite()).count()
    }

    /// Arranges some of the rows and the columns in groups on a canvas; groups hold positions of columns.
    ///
    /// # Errors
    /// When the canvas cannot be drawn.
    pub fn layout(
        &self,
        (width, height): (u32, u32),
        rows: Range<usize>,
        groups: &[Vec<usize>],
        gap_px: u32,
    ) -> Result<Layout, FigureError> {
        let order = Arc::new((0..self.cells.rows() as u32).collect());
        Ok(Layout::new(width, height, &order, rows, groups, gap_px)?)
    }

    /// Palette indices of a layout.
    ///
    /// # Errors
    /// When the layout does not fit the cells.
    pub fn indices(&self, layout: &Layout, table: &IndexTable) -> Result<Vec<u8>, FigureError> {
        Ok(vpm::raster::draw_indexed(&self.cells, layout, &self.limits, self.reducer, table)?.indices)
    }

    /// A layout as a picture in the colours of `map`.
    ///
    /// # Errors
    /// When the layout does not fit the cells.
    pub fn picture(&self, layout: &Layout, map: ColorMap, inks: &Inks) -> Result<Indexed, FigureError> {
        let table = IndexTable::new(&palette(map, inks));
        let indices = self.indices(layout, &table)?;
        Ok(Indexed { width: layout.width(), height: layout.height(), indices, palette: table.palette })
    }
}

/// The fields compared, cut to what is shown: minds share one scale, D has its own.
pub fn shown(panels: &[(&Matrix, bool)], rows: &[usize], columns: &[usize], spec: &FigureSpec) -> Vec<Shown> {
    let cells: Vec<(Matrix, bool)> =
        panels.iter().map(|(m, is_delta)| (Shown::cells(m, rows, columns), *is_delta)).collect();
    let of = |delta: bool| -> Vec<&Matrix> { cells.iter().filter(|c| c.1 == delta).map(|c| &c.0).collect() };
    let minds = Limits::of(&of(false), spec.normalisation);
    let deltas = Limits::of(&of(true), spec.normalisation_delta);
    cells
        .iter()
        .map(|(cells, is_delta)| Shown {
            cells: cells.clone(),
            limits: if *is_delta { deltas.clone() } else { minds.clone() },
            reducer: if *is_delta { spec.reduce_delta } else { spec.reduce },
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::spec::Theme;

    #[test]
    fn the_scale_of_d_tells_how_many_cells_it_cuts() {
        let d = Matrix::from_fn(1000, 1, |r, _| if r < 5 { -9.0 } else { r as f32 / 1000.0 });
        let rows: Vec<usize> = (0..1000).collect();
        let shown = shown(&[(&d, true)], &rows, &[0], &FigureSpec::default());
        let scale = shown[0].delta_scale();
        let (low, high) = scale.range.unwrap();
        assert!((high - 0.99).abs() < 0.01 && low == -high, "{scale:?}");
        assert!(scale.beyond > 5 && scale.clamped == (true, true) && !scale.empty);
    }

    #[test]
    fn a_missing_cell_is_hatched_and_never_takes_a_colour_of_the_map() {
        let m = Matrix::from_vec(2, 1, vec![f32::NAN, 0.5]).unwrap();
        let shown = shown(&[(&m, false)], &[0, 1], &[0], &FigureSpec::default());
        let layout = shown[0].layout((8, 8), 0..2, &[vec![0]], 0).unwrap();
        let inks = Inks::of(Theme::Light);
        let picture = shown[0].picture(&layout, ColorMap::Batlow, &inks).unwrap();
        let colors: std::collections::BTreeSet<[u8; 3]> =
            picture.indices[..32].iter().map(|i| picture.palette[usize::from(*i)]).collect();
        assert_eq!(colors, [inks.missing_a.rgb, inks.missing_b.rgb].into());
        assert!(
            picture.indices[32..]
                .iter()
                .all(|i| ColorMap::Batlow.table().contains(&picture.palette[usize::from(*i)]))
        );
    }
}
