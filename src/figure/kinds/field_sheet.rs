//! The sheet of `vpm` and `delta`: equal panels of fields, column names above, clusters at the left, bars below.

use super::legend;
use super::shown::{self, ColumnGroup, Rows};
use crate::core::matrix::Matrix;
use crate::core::scm;
use crate::figure::canvas::{Canvas, GAP_PT, count, number};
use crate::figure::colormap::ColorMap;
use crate::figure::raster::{self, Block, Limit, Span, WHOLE};
use crate::figure::scene::{Anchor, Indexed, Mark, Rect, Weight};
use crate::figure::spec::{FigureSpec, Normalisation, Size};
use crate::figure::{FigureError, Scene, text};
use crate::run::contents::RunContents;
use std::sync::Arc;

/// Space between column groups, pt.
const GROUP_GAP: f64 = 2.4;
/// Space between clusters, pt.
const BLOCK_GAP: f64 = 1.4;
/// Least width of the bar of D with its words, pt at 8 pt labels.
const DELTA_BAR: f64 = 118.0;

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
    columns: Vec<usize>,
    groups: Vec<ColumnGroup>,
    rows: Rows,
    maps: (ColorMap, ColorMap),
    spans: Vec<Span>,
    limit: Limit,
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
        let minds: Vec<&Matrix> = panels.iter().filter(|p| !p.is_delta).map(|p| p.matrix).collect();
        let spans = raster::spans(&minds, &rows.all, &columns, spec.normalisation);
        let none = Limit { limit: 1.0, beyond: 0, empty: true };
        let limit = d.map_or(none, |d| raster::symmetric(d, &rows.all, &columns, spec.normalisation));
        Ok(Self { canvas, groups: shown::groups(&columns), columns, rows, maps, spans, limit, panels })
    }

    /// The first panel edge to edge: no words, no gaps, one colour map.
    ///
    /// # Errors
    /// When the size cannot be drawn.
    pub fn bare(self) -> Result<Scene, FigureError> {
        let height = self.canvas.fixed_height.unwrap_or(self.canvas.width * 0.6);
        let (w, h) = (self.canvas.px(self.canvas.width), self.canvas.px(height));
        let alt = self.alt();
        let mut marks = Vec::new();
        let px_per_pt = self.canvas.px_per_pt;
        // The sheet is as large as its whole pixels, so that the picture stays palette indices in the PNG.
        let (width, height) = (f64::from(w) / px_per_pt, f64::from(h) / px_per_pt);
        if let Some(panel) = self.panels.first() {
            let picture = self.picture(panel, &self.rows.all, &self.columns, (w, h));
            marks.push(Mark::Image(Rect { x: 0.0, y: 0.0, w: width, h: height }, Arc::new(picture)));
        }
        Ok(Scene { width, height, px_per_pt, ground: self.canvas.inks.ground, alt, marks })
    }

    /// The whole sheet.
    ///
    /// # Errors
    /// When the size leaves no room for the fields.
    pub fn draw(mut self) -> Result<Scene, FigureError> {
        let caption = self.canvas.caption_lines(&self.caption());
        let alt = self.alt();
        let (label, tick) = (self.canvas.label, self.canvas.tick);
        let top = self.canvas.title();
        let gutter = self.gutter();
        let n = self.panels.len() as f64;
        let wide = (self.canvas.width - gutter - GAP_PT * (n - 1.0)) / n;
        let group_gaps = GROUP_GAP * (self.groups.len() as f64 - 1.0);
        let cell = (wide - group_gaps) / self.columns.len() as f64;
        let by_column = cell >= tick * 0.98;
        let names: Vec<&str> = if by_column {
            self.columns.iter().map(|c| scm::SHORT[*c]).collect()
        } else {
            self.groups.iter().map(|g| g.name).collect()
        };
        let names_height = text::widest(names, tick, Weight::Regular);
        let y = self.canvas.snap(top + label * 1.15 + 6.0 + names_height + 3.0);
        let below = if self.canvas.spec.legend { 7.0 + legend::BAR_PT + tick * 1.6 } else { 0.0 };
        let height = match self.canvas.fixed_height {
            Some(h) => h - y - below - self.canvas.caption_height(&caption),
            None => (self.canvas.width * 0.36).min(self.rows.all.len() as f64 * 12.0).max(48.0),
        };
        if cell < 1.0 || height < 16.0 {
            return Err(self.canvas.too_small(self.canvas.fixed_height.unwrap_or(y + below)));
        }
        let height = self.canvas.snap(height);
        for i in 0..self.panels.len() {
            let x = self.canvas.snap(gutter + i as f64 * (wide + GAP_PT));
            let area = Rect { x, y, w: wide, h: height };
            self.heading(i, area, top + label * 0.95);
            self.field(i, area, by_column);
        }
        self.clusters(Rect { x: gutter, y, w: wide, h: height });
        let end = y + height;
        if self.canvas.spec.legend {
            self.bars(gutter, wide, end + 7.0);
        }
        Ok(self.canvas.finish(end + below, &caption, alt))
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
            let letter = ["a", "b", "c", "d"].get(i).copied().unwrap_or_default();
            self.canvas.bold((area.x - 3.5, baseline), letter, label, strong, Anchor::End);
        }
        self.canvas.bold((area.x, baseline), &title, label, strong, Anchor::Start);
    }

    fn picture(&self, panel: &Panel<'_>, rows: &[usize], columns: &[usize], (w, h): (u32, u32)) -> Indexed {
        let spec = self.canvas.spec;
        let symmetric = vec![Span { low: -self.limit.limit, high: self.limit.limit }; columns.len()];
        let spans: Vec<Span> = if panel.is_delta {
            symmetric
        } else {
            let at = |c: &usize| self.columns.iter().position(|k| k == c).and_then(|i| self.spans.get(i));
            columns.iter().map(|c| at(c).copied().unwrap_or(Span { low: 0.0, high: 1.0 })).collect()
        };
        let block = Block {
            matrix: panel.matrix,
            rows,
            columns,
            spans: &spans,
            reduce: if panel.is_delta { spec.reduce_delta } else { spec.reduce },
            section: WHOLE,
            // The window's hatch repeats every 4 px at 96 DPI, 3 pt.
            hatch_px: self.canvas.px(3.0).max(4),
        };
        let map = if panel.is_delta { self.maps.1 } else { self.maps.0 };
        block.picture(w, h, map, &self.canvas.inks)
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

    fn field(&mut self, i: usize, area: Rect, by_column: bool) {
        let edges = self.block_edges(area);
        let cell = (area.w - GROUP_GAP * (self.groups.len() as f64 - 1.0)) / self.columns.len() as f64;
        let (tick, ink) = (self.canvas.tick, self.canvas.inks.text);
        let middle = text::CAP_HEIGHT / 2.0 * tick;
        let mut x = area.x;
        for group in self.groups.clone() {
            let (x0, x1) = (self.canvas.snap(x), self.canvas.snap(x + cell * group.columns.len() as f64));
            for (block, (y, h)) in self.rows.blocks.iter().zip(&edges) {
                let rect = Rect { x: x0, y: *y, w: x1 - x0, h: *h };
                let size = (self.canvas.px(rect.w), self.canvas.px(rect.h));
                let picture = self.picture(&self.panels[i], &block.rows, &group.columns, size);
                self.canvas.marks.push(Mark::Image(rect, Arc::new(picture)));
            }
            if by_column {
                for (k, column) in group.columns.iter().enumerate() {
                    let at = (x + cell * (k as f64 + 0.5) + middle * 0.9, area.y - 3.0);
                    self.canvas.upwards(at, scm::SHORT[*column], tick, ink, Anchor::Start);
                }
            } else {
                let at = ((x0 + x1) / 2.0 + middle * 0.9, area.y - 3.0);
                self.canvas.upwards(at, group.name, tick, ink, Anchor::Start);
            }
            x += cell * group.columns.len() as f64 + GROUP_GAP;
        }
    }

    /// Names and counts of the clusters, left of the first panel.
    fn clusters(&mut self, area: Rect) {
        let (tick, inks) = (self.canvas.tick, self.canvas.inks.clone());
        let x = area.x - 9.0;
        if self.rows.blocks.len() < 2 {
            let words = count(self.rows.all.len(), "turn");
            self.canvas.upwards(
                (area.x - 5.0, area.y + area.h / 2.0),
                &words,
                tick,
                inks.text,
                Anchor::Middle,
            );
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
        let canvas = &mut self.canvas;
        let right = gutter + wide * self.panels.len() as f64 + GAP_PT * (self.panels.len() as f64 - 1.0);
        let w = wide.max(DELTA_BAR * canvas.label / 8.0).min(right - gutter);
        let w = if self.panels.len() == 1 { w.min(170.0) } else { w };
        let mut left_end = right;
        if self.panels.iter().any(|p| p.is_delta) {
            legend::delta_bar(
                canvas,
                Rect { x: right - w, y, w, h: legend::BAR_PT },
                self.maps.1,
                self.limit,
            );
            left_end = right - w - GAP_PT;
        }
        if self.panels.iter().any(|p| !p.is_delta) {
            let words = match canvas.spec.normalisation {
                Normalisation::Unit => ("low 0", "1 high"),
                Normalisation::Minmax => ("column's least", "greatest"),
                Normalisation::Robust => ("column's 1%", "99%"),
            };
            let area = Rect { x: gutter, y, w: left_end - gutter, h: legend::BAR_PT };
            legend::magnitude_bar(canvas, area, self.maps.0, words);
        }
    }

    /// Parts of the caption line.
    fn caption(&self) -> Vec<String> {
        let spec = self.canvas.spec;
        let n = self.rows.all.len();
        let mut parts = vec![format!("N = {} {}", count(n, "turn"), self.rows.order)];
        parts.push(match self.columns.len() {
            scm::N_COLUMNS => "12 shared metrics".to_owned(),
            k => format!("{k} of 12 shared metrics"),
        });
        if self.panels.iter().any(|p| !p.is_delta) {
            parts.push(match spec.normalisation {
                Normalisation::Unit => "A and B on 0 to 1".to_owned(),
                Normalisation::Minmax => "A and B stretched by column, least to greatest".to_owned(),
                Normalisation::Robust => "A and B stretched by column, 1st to 99th percentile".to_owned(),
            });
        }
        if self.limit.empty {
            parts.push("D is zero everywhere".to_owned());
        } else {
            let limit = number(self.limit.limit, legend::decimals(self.limit.limit));
            let beyond = match self.limit.beyond {
                0 => String::new(),
                k => format!(", {} beyond", count(k, "cell")),
            };
            let how = if spec.normalisation == Normalisation::Minmax { "largest |D|" } else { "p1 to p99" };
            parts.push(format!("limits of D ±{limit} ({how}{beyond})"));
        }
        parts.extend(self.sharing());
        if self.missing_cells() > 0 {
            parts.push("hatched: missing".to_owned());
        }
        parts
    }

    /// Says how rows that share a pixel were reduced, when some do.
    fn sharing(&self) -> Option<String> {
        let height = match self.canvas.spec.size {
            Size::Px { height, .. } => f64::from(height) * 0.6,
            Size::Mm { .. } => self.canvas.width * 0.36 * self.canvas.px_per_pt,
        };
        if (self.rows.all.len() as f64) < height {
            return None;
        }
        let (ab, d) = (self.canvas.spec.reduce.words(), self.canvas.spec.reduce_delta.words());
        Some(if self.panels.len() == 1 {
            format!("rows that share a pixel: {d}")
        } else {
            format!("rows that share a pixel: {ab} in A and B, {d} in D")
        })
    }

    fn missing_cells(&self) -> usize {
        let missing = |p: &Panel<'_>| {
            let cells = self.rows.all.iter().flat_map(|r| self.columns.iter().map(|c| p.matrix.get(*r, *c)));
            cells.filter(|v| !v.is_finite()).count()
        };
        self.panels.iter().map(missing).sum()
    }

    fn alt(&self) -> String {
        let n = count(self.rows.all.len(), "turn");
        let mean = self
            .panels
            .iter()
            .find(|p| p.is_delta)
            .map_or(f64::NAN, |p| shown::mean_score(p.matrix, &self.rows.all));
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
        let d = number(mean, 3);
        format!(
            "{what}, {n} {} by {} metrics; {side} (mean D of the scores {d}).",
            self.rows.order,
            self.columns.len()
        )
    }
}
