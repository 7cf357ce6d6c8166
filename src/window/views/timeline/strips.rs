//! The whole run as three strips of one pixel a row, made once: playing then only moves a window over textures.

use super::rows_in_order;
use crate::core::matrix::Matrix;
use crate::core::scm;
use crate::field::order::{RowOrder, mean_scores};
use crate::field::timeline::Timeline;
use crate::field::vpm::raster::draw_rgba;
use crate::field::vpm::{Layout, Limits, Reducer};
use crate::run::contents::RunContents;
use crate::window::theme::Tokens;
use crate::window::views::field::palette;
use egui::ColorImage;
use std::sync::Arc;

/// Rows of one texture; graphics cards of today draw at least 8192.
pub const TILE: usize = 4096;

/// What decides the strips.
#[derive(Clone, Debug, PartialEq)]
pub struct StripsKey {
    /// Version of the run.
    pub version: u64,
    /// Order of its rows.
    pub order: RowOrder,
    /// Theme of the colours.
    pub dark: bool,
}

/// A, B and D of a run in one order, one pixel a cell.
pub struct Strips {
    /// What they were made for.
    pub key: StripsKey,
    /// Position -> row.
    pub order: Arc<Vec<u32>>,
    position_of: Vec<u32>,
    /// Tiles of A, B and D, top to bottom.
    pub tiles: [Vec<Arc<ColorImage>>; 3],
    /// Mean D of the five scores by position.
    pub means: Vec<f32>,
    /// Names of A and B.
    pub names: [String; 2],
}

impl Strips {
    /// Draws them; about a tenth of a second for 100 000 turns.
    pub fn new(key: StripsKey, run: &RunContents, tokens: &Tokens) -> Self {
        let order = Arc::new(rows_in_order(&key.order, run));
        let mut position_of = vec![0; order.len()];
        for (position, row) in order.iter().enumerate() {
            if let Some(slot) = position_of.get_mut(*row as usize) {
                *slot = position as u32;
            }
        }
        let (a, b) = (run.a.as_ref().map(|p| &p.scm), run.b.as_ref().map(|p| &p.scm));
        let passes: Vec<&Matrix> = a.into_iter().chain(b).collect();
        let scores = Timeline::score_limits(&passes);
        let strip = |m: Option<&Matrix>, limits: &Limits, is_delta: bool| {
            m.map_or_else(Vec::new, |m| tiles(m, &order, limits, &palette(tokens, is_delta)))
        };
        let d = run.delta.as_deref();
        let means = d.map(mean_scores).unwrap_or_default();
        let name = |p: &Option<Arc<crate::run::contents::Pass>>| {
            p.as_ref().map(|p| p.name.clone()).unwrap_or_default()
        };
        let delta_limits = d.map(Timeline::delta_limits);
        Self {
            tiles: [
                strip(a, &scores, false),
                strip(b, &scores, false),
                delta_limits.map_or_else(Vec::new, |limits| strip(d, &limits, true)),
            ],
            means: order.iter().map(|r| means.get(*r as usize).map_or(f32::NAN, |v| *v as f32)).collect(),
            names: [name(&run.a), name(&run.b)],
            key,
            order,
            position_of,
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.order.len()
    }

    /// The row at a position.
    pub fn row(&self, position: usize) -> Option<usize> {
        self.order.get(position).map(|r| *r as usize)
    }

    /// The position of a row.
    pub fn position(&self, row: usize) -> Option<usize> {
        self.position_of.get(row).map(|p| *p as usize)
    }
}

fn tiles(
    m: &Matrix,
    order: &Arc<Vec<u32>>,
    limits: &Limits,
    palette: &crate::field::vpm::Palette,
) -> Vec<Arc<ColorImage>> {
    let columns: Vec<usize> = (0..m.cols().min(scm::N_COLUMNS)).collect();
    let mut tiles = Vec::new();
    let mut from = 0;
    while from < order.len() {
        let to = (from + TILE).min(order.len());
        let size = [columns.len(), to - from];
        let layout =
            Layout::new(size[0] as u32, size[1] as u32, order, from..to, std::slice::from_ref(&columns), 0);
        let drawn = layout.and_then(|layout| draw_rgba(m, &layout, limits, Reducer::Mean, palette));
        match drawn {
            Ok(rgba) => tiles.push(Arc::new(ColorImage::from_rgba_unmultiplied(size, &rgba))),
            Err(error) => {
                tracing::warn!("rows {from} to {to} of the timeline were not drawn: {error}");
                tiles.push(Arc::new(ColorImage::filled(size, egui::Color32::TRANSPARENT)));
            }
        }
        from = to;
    }
    tiles
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::contents::Pass;

    #[test]
    fn every_row_is_one_line_of_pixels_in_the_order_shown() {
        let n = TILE + 10;
        let scm_of = |scale: f32| Matrix::from_fn(n, scm::N_COLUMNS, |r, _| scale * r as f32 / n as f32);
        let pass = |scm| Some(Arc::new(Pass { name: "P".into(), kind: "table".into(), scm, history: None }));
        let run = RunContents {
            a: pass(scm_of(1.0)),
            b: pass(scm_of(0.5)),
            delta: Some(Arc::new(scm_of(0.5))),
            ..RunContents::default()
        };
        let key = |order| StripsKey { version: 1, order, dark: true };
        let tokens = crate::window::theme::tokens(true);
        let time = Strips::new(key(RowOrder::Time), &run, tokens);
        assert_eq!(time.tiles.each_ref().map(Vec::len), [2, 2, 2]);
        assert_eq!(time.tiles[0][1].size, [scm::N_COLUMNS, 10]);
        let by_delta = Strips::new(key(RowOrder::Delta), &run, tokens);
        assert_eq!((by_delta.row(0), by_delta.position(0)), (Some(n - 1), Some(n - 1)));
        let (first, last) = (time.tiles[0][0].pixels[0], time.tiles[0][1].pixels[9 * scm::N_COLUMNS]);
        assert_eq!(by_delta.tiles[0][0].pixels[0], last);
        assert_eq!(by_delta.tiles[0][1].pixels[9 * scm::N_COLUMNS], first);
    }
}
