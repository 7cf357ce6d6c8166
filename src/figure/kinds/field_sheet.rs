//! The sheet of `vpm` and `delta`: equal panels of fields, column names above, clusters at the left, bars below.

use super::legend;
use super::shown::{self, ColumnGroup, Rows};
use crate::core::matrix::Matrix;
use crate::core::scm;
use crate::field::vpm::{Layout, Normalisation};
use crate::figure::canvas::{Canvas, GAP_PT, count, number};
use crate::figure::colormap::ColorMap;
use crate::figure::raster::{self, DeltaScale, Shown};
use crate::figure::scene::{Anchor, Mark, Rect, Weight};
use crate::figure::spec::FigureSpec;
use crate::figure::{FigureError, Scene, text};
use crate::run::contents::RunContents;
use std::sync::Arc;

/// Space between column groups, pt.
const GROUP_GAP: f64 = 2.4;
/// Space between clusters, pt.
const BLOCK_GAP: f64 = 1.4;
/// Least width of the bar of D with its words, pt at 8 pt labels.
const DELTA_BAR: f64 = 118.0;
/// Space between the fields and the bars, pt.
const ABOVE_BARS: f64 = 7.0;

/// One field of the sheet.
pub struct Panel<'a> {
    /// Title above.
    pub title: String,
    /// Values, `[turns, 12]`.
    pub matrix: &'a Matrix,
    /// Whether it is a difference.
    pub is_delta: bool,
}

/// Everything decided before the first mark.
pub struct FieldSheet<'a> {
    canvas: Canvas<'a>,
    panels: Vec<Panel<'a>>,
    shown: Vec<Shown>,
    columns: Vec<usize>,
    groups: Vec<ColumnGroup>,
    rows: Rows,
    maps: (ColorMap, ColorMap),
    delta: Option<DeltaScale>,
}

impl<'a> FieldSheet<'a> {
    /// Decides rows, columns and scales.
    ///
    /// # Errors
    /// When the spec names something unknown or the size cannot be drawn.
    pub fn new(
        run: &'a RunContents,
        spec: &'a FigureSpec,
        panels: Vec<Panel<'a>>,
    ) -> Result<Self, FigureError> {
        let canvas = Canvas::new(run, spec)?;
        let n = panels.iter().map(|p| p.matrix.rows()).min().unwrap_or(0);
        let d = panels.iter().find(|p| p.is_delta).map(|p| p.matrix);
        let columns = shown::columns(spec)?;
        let rows = shown::rows(run, spec, n, d)?;
        let maps = raster::maps(spec, &canvas.inks)?;
        let fields: Vec<(&Matrix, bool)> = panels.iter().map(|p| (p.matrix, p.is_delta)).collect();
        let shown = raster::shown(&fields, &rows.all, &columns, spec);
        let delta = panels.iter().zip(&shown).find(|(p, _)| p.is_delta).map(|(_, s)| s.delta_scale());
        Ok(Self { canvas, groups: shown::groups(&columns), columns, rows, maps, shown, delta, panels })
    }

    /// The first panel edge to edge: no words, no gaps, one colour map.
    ///
    /// # Errors
    /// When the size cannot be drawn.
    pub fn bare(self) -> Result<Scene, FigureError> {
        let height = self.canvas.fixed_height.unwrap_or(self.canvas.width * 0.6);
        let (w, h) = (self.canvas.px(self.canvas.width), self.canvas.px(height));
        let px_per_pt = self.canvas.px_per_pt;
        // The sheet is as large as its whole pixels, so that the picture stays palette indices in the PNG.
        let (width, height) = (f64::from(w) / px_per_pt, f64::from(h) / px_per_pt);
        let mut marks = Vec::new();
        if let (Some(panel), Some(shown)) = (self.panels.first(), self.shown.first()) {
            let positions: Vec<usize> = (0..self.columns.len()).collect();
            let layout = shown.layout((w, h), 0..self.rows.all.len(), &[positions], 0)?;
            let picture = shown.picture(&layout, self.map(panel), &self.canvas.inks)?;
            marks.push(Mark::Image(Rect { x: 0.0, y: 0.0, w: width, h: height }, Arc::new(picture)));
        }
        Ok(Scene { width, height, px_per_pt, ground: self.canvas.inks.ground, alt: self.alt(), marks })
    }

    /// The whole sheet.
    ///
    /// # Errors
    /// When the size leaves no room for the fields.
    pub fn draw(mut self) -> Result<Scene, FigureError> {
        let (label, tick) = (self.canvas.label, self.canvas.tick);
        let top = self.canvas.title();
        let gutter = self.gutter();
        let n = self.panels.len() as f64;
        let wide = (self.canvas.width - gutter - GAP_PT * (n - 1.0)) / n;
        let cell = (wide - GROUP_GAP * (self.groups.len() as f64 - 1.0)) / self.columns.len() as f64;
        let by_column = cell >= tick * 0.98;
        let names: Vec<&str> = if by_column {
            self.columns.iter().map(|c| scm::SHORT[*c]).collect()
        } else {
            self.groups.iter().map(|g| g.name).collect()
        };
        let names_height = text::widest(names, tick, Weight::Regular);
        let y = self.canvas.snap(top + label * 1.15 + 6.0 + names_height + 3.0);
        let below = if self.canvas.spec.legend { ABOVE_BARS + legend::BAR_PT + tick * 1.6 } else { 0.0 };
        let free = (self.canvas.width * 0.36).min(self.rows.all.len() as f64 * 12.0).max(48.0);
        let mut caption = self.canvas.caption_lines(&self.caption(free));
        let height = match self.canvas.fixed_height {
            Some(h) => {
                let height = h - y - below - self.canvas.caption_height(&caption);
                caption = self.canvas.caption_lines(&self.caption(height));
                h - y - below - self.canvas.caption_height(&caption)
            }
            None => free,
        };
        if cell < 1.0 || height < 16.0 {
            return Err(self.canvas.too_small(self.canvas.fixed_height.unwrap_or(y + below)));
        }
        let alt = self.alt();
        let height = self.canvas.snap(height);
        for i in 0..self.panels.len() {
            let x = self.canvas.snap(gutter + i as f64 * (wide + GAP_PT));
            let area = Rect { x, y, w: self.canvas.snap(x + wide) - x, h: height };
            self.heading(i, area, top + label * 0.95);
            self.field(i, area, by_column)?;
        }
        self.clusters(Rect { x: gutter, y, w: wide, h: height });
        if self.canvas.spec.legend {
            self.bars(gutter, wide, y + height + ABOVE_BARS);
        }
        Ok(self.canvas.finish(y + height + below, &caption, alt))
    }

    fn map(&self, panel: &Panel<'_>) -> ColorMap {
        if panel.is_delta { self.maps.1 } else { self.maps.0 }
    }

    /// Width left of the first panel: cluster names, or the word for what a row is.
    fn gutter(&self) -> f64 {
        let tick = self.canvas.tick;
        if self.rows.blocks.len() > 1 {
            let names = self.rows.blocks.iter().map(|b| b.words);
            text::widest(names, tick, Weight::Regular) + 9.0
        } else {
            tick + 6.0
        }
    }

    fn heading(&mut self, i: usize, area: Rect, baseline: f64) {
        let (label, strong) = (self.canvas.label, self.canvas.inks.strong);
        let title = text::fit(&self.panels[i].title, label, Weight::SemiBold, area.w);
        if self.panels.len() > 1 {
            let letter = super::panels::letter(i);
            self.canvas.bold((area.x - 3.5, baseline), letter, label, strong, Anchor::End);
        }
        self.canvas.bold((area.x, baseline), &title, label, strong, Anchor::Start);
    }

    /// Top and height of each block on whole pixels.
    fn block_edges(&self, area: Rect) -> Vec<(f64, f64)> {
        let blocks = &self.rows.blocks;
        let gaps = (blocks.len() as f64 - 1.0) * BLOCK_GAP;
        let gap = if gaps < area.h * 0.3 { BLOCK_GAP } else { 0.0 };
        let a_row = (area.h - gap * (blocks.len() as f64 - 1.0)) / self.rows.all.len() as f64;
        let mut y = area.y;
        let mut out = Vec::new();
        for block in blocks {
            let end = y + a_row * block.rows.len() as f64;
            let (y0, y1) = (self.canvas.snap(y), self.canvas.snap(end));
            out.push((y0, (y1 - y0).max(1.0 / self.canvas.px_per_pt)));
            y = end + gap;
        }
        out
    }

    fn field(&mut self, i: usize, area: Rect, by_column: bool) -> Result<(), FigureError> {
        let positions: Vec<Vec<usize>> = self
            .groups
            .iter()
            .scan(0, |at, g| {
                *at += g.columns.len();
                Some((*at - g.columns.len()..*at).collect())
            })
            .collect();
        let mut start = 0;
        let mut names = None;
        for (block, (y, h)) in self.rows.blocks.iter().zip(self.block_edges(area)) {
            let rows = start..start + block.rows.len();
            start = rows.end;
            let size = (self.canvas.px(area.w), self.canvas.px(h));
            let layout = self.shown[i].layout(size, rows, &positions, self.canvas.px(GROUP_GAP))?;
            let picture = self.shown[i].picture(&layout, self.map(&self.panels[i]), &self.canvas.inks)?;
            self.canvas.marks.push(Mark::Image(Rect { y, h, ..area }, Arc::new(picture)));
            names = Some(layout);
        }
        if let Some(layout) = names {
            self.names(&layout, area, by_column);
        }
        Ok(())
    }

    /// Names above the columns, or above the groups where columns are too narrow.
    fn names(&mut self, layout: &Layout, area: Rect, by_column: bool) {
        let (tick, ink, scale) = (self.canvas.tick, self.canvas.inks.text, self.canvas.px_per_pt);
        let centre = |first: usize, last: usize| -> Option<f64> {
            let (a, b) = (layout.x_of_column(first)?, layout.x_of_column(last)?);
            Some(area.x + f64::from(a.start + b.end) / 2.0 / scale + text::CAP_HEIGHT * 0.45 * tick)
        };
        let mut labels: Vec<(Option<f64>, &str)> = Vec::new();
        if by_column {
            labels.extend(self.columns.iter().enumerate().map(|(k, c)| (centre(k, k), scm::SHORT[*c])));
        } else {
            let mut first = 0;
            for group in &self.groups {
                labels.push((centre(first, first + group.columns.len() - 1), group.name));
                first += group.columns.len();
            }
        }
        for (x, name) in labels {
            if let Some(x) = x {
                self.canvas.upwards((x, area.y - 3.0), name, tick, ink, Anchor::Start);
            }
        }
    }

    /// Names and counts of the clusters, left of the first panel.
    fn clusters(&mut self, area: Rect) {
        let (tick, inks) = (self.canvas.tick, self.canvas.inks.clone());
        let x = area.x - 9.0;
        if self.rows.blocks.len() < 2 {
            let words = count(self.rows.all.len(), "turn");
            let at = (area.x - 5.0, area.y + area.h / 2.0);
            self.canvas.upwards(at, &words, tick, inks.text, Anchor::Middle);
            return;
        }
        let line = tick * 1.12;
        let cap = text::CAP_HEIGHT * tick;
        // The lowest line so far: a name that would run into the one above is left out.
        let mut taken = area.y - line;
        for (block, (y, h)) in self.rows.blocks.clone().iter().zip(self.block_edges(area)) {
            let ink = match block.words {
                "A higher" => inks.mind_a,
                "B higher" => inks.mind_b,
                _ => inks.subdued,
            };
            self.canvas.rect(Rect { x: area.x - 5.6, y, w: 1.6, h }, ink);
            let two = h >= 2.0 * line;
            let first = y + h / 2.0 + cap / 2.0 - if two { line / 2.0 } else { 0.0 };
            if first - cap < taken + 1.0 || h < cap * 0.5 {
                continue;
            }
            self.canvas.text((x, first), block.words, tick, inks.text, Anchor::End);
            taken = first;
            if two {
                let n = block.rows.len().to_string();
                self.canvas.text((x, first + line), &n, tick, inks.subdued, Anchor::End);
                taken = first + line;
            }
        }
    }

    fn bars(&mut self, gutter: f64, wide: f64, y: f64) {
        let n = self.panels.len() as f64;
        let right = gutter + wide * n + GAP_PT * (n - 1.0);
        let w = wide.max(DELTA_BAR * self.canvas.label / 8.0).min(right - gutter);
        let w = if self.panels.len() == 1 { w.min(170.0) } else { w };
        let canvas = &mut self.canvas;
        let mut left_end = right;
        if let Some(delta) = self.delta {
            legend::delta_bar(canvas, Rect { x: right - w, y, w, h: legend::BAR_PT }, self.maps.1, delta);
            left_end = right - w - GAP_PT;
        }
        if self.panels.iter().any(|p| !p.is_delta) {
            let area = Rect { x: gutter, y, w: left_end - gutter, h: legend::BAR_PT };
            let words = legend::magnitude_words(canvas.spec.normalisation);
            legend::magnitude_bar(canvas, area, self.maps.0, words);
        }
    }

    /// Parts of the caption line for fields `height` pt high.
    fn caption(&self, height: f64) -> Vec<String> {
        let spec = self.canvas.spec;
        let mut parts = vec![format!("N = {} {}", count(self.rows.all.len(), "turn"), self.rows.order)];
        parts.push(match self.columns.len() {
            scm::N_COLUMNS => "12 shared metrics".to_owned(),
            k => format!("{k} of 12 shared metrics"),
        });
        if self.panels.iter().any(|p| !p.is_delta) {
            parts.push(match spec.normalisation {
                Normalisation::Unit if spec.legend => String::new(),
                how => format!("A and B {}", legend::normalisation_words(how)),
            });
        }
        parts.extend(self.delta.map(|d| delta_words(d, spec.normalisation_delta)));
        if self.rows.all.len() as f64 > height * self.canvas.px_per_pt {
            let (ab, d) = (spec.reduce.name(), spec.reduce_delta.name());
            parts.push(if self.panels.len() == 1 {
                format!("rows that share a pixel: {d}")
            } else {
                format!("rows that share a pixel: {ab} in A and B, {d} in D")
            });
        }
        if self.shown.iter().any(|s| s.missing() > 0) {
            parts.push("hatched: missing".to_owned());
        }
        parts
    }

    fn alt(&self) -> String {
        let n = count(self.rows.all.len(), "turn");
        let d = self.panels.iter().find(|p| p.is_delta);
        let mean = d.map_or(f64::NAN, |p| shown::mean_score(p.matrix, &self.rows.all));
        let side = match mean {
            m if m > 0.0 => "A is higher on average",
            m if m < 0.0 => "B is higher on average",
            _ => "neither is higher on average",
        };
        let what = if self.panels.len() > 1 {
            "Three fields side by side: mind A, mind B and their difference D"
        } else {
            "The difference field D = A − B"
        };
        let (order, k, d) = (&self.rows.order, self.columns.len(), number(mean, 3));
        format!("{what}, {n} {order} by {k} metrics; {side} (mean D of the scores {d}).")
    }
}

fn delta_words(d: DeltaScale, how: Normalisation) -> String {
    if d.empty {
        return "D is zero everywhere".to_owned();
    }
    let beyond = match d.beyond {
        0 => String::new(),
        k => format!(", {} beyond", count(k, "cell")),
    };
    match (d.range, how) {
        (Some((low, high)), Normalisation::Symmetric(_)) if low == -high => {
            let limit = number(high, legend::decimals(high));
            format!("limits of D ±{limit} (p1 to p99{beyond})")
        }
        (Some((low, high)), how) => {
            let places = legend::decimals(low.abs().max(high.abs()));
            let (low, high) = (number(low, places), number(high, places));
            format!("D from {low} to {high}, {}{beyond}", legend::normalisation_words(how))
        }
        (None, how) => format!("D {}{beyond}", legend::normalisation_words(how)),
    }
}
