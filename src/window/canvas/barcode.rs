//! Barcode: a horizontal bar for every piece and loop, over the lengths that chance gives.

use super::axes::{self, AxisLook, Plot};
use super::diagram::dimension_color;
use super::numbers;
use super::paint::{self, run};
use crate::core::bar::Bar;
use crate::window::theme::{Tokens, blend, font, stroke};
use egui::{Align2, Painter, Pos2, Rect, Stroke, StrokeKind, pos2, vec2};

/// The bars shown of one dimension.
#[derive(Clone, Debug, PartialEq)]
pub struct BarGroup {
    /// Homological dimension.
    pub dim: u8,
    /// Bars of that dimension in the whole diagram.
    pub total: usize,
    /// How many of them never end.
    pub infinite: usize,
    /// Indices of the longest, longest first.
    pub shown: Vec<usize>,
}

impl BarGroup {
    /// The `limit` longest bars of one dimension, infinite ones first, ties in the diagram's order.
    pub fn longest(bars: &[Bar], dim: u8, limit: usize) -> Self {
        let mut all: Vec<usize> = (0..bars.len()).filter(|&i| bars[i].dim == dim).collect();
        let length = |i: usize| bars[i].length().unwrap_or(f64::INFINITY);
        all.sort_by(|&i, &j| length(j).total_cmp(&length(i)));
        let (total, infinite) = (all.len(), all.iter().filter(|&&i| bars[i].death.is_none()).count());
        all.truncate(limit);
        Self { dim, total, infinite, shown: all }
    }

    /// "36 longest of 233, loops".
    pub fn words(&self) -> String {
        let what = match self.dim {
            0 => "pieces",
            1 => "loops",
            _ => "voids",
        };
        let mut words = if self.shown.len() < self.total {
            format!("{} longest of {}, {what}", self.shown.len(), numbers::count(self.total))
        } else {
            format!("all {}, {what}", numbers::count(self.total))
        };
        match self.infinite {
            0 => {}
            1 => words.push_str(", one infinite"),
            n => words.push_str(&format!(", {n} infinite")),
        }
        words
    }
}

/// What the barcode shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BarcodePlot {
    /// Groups from the top, H0 first.
    pub groups: Vec<BarGroup>,
    /// Length that chance (or the confidence band) explains.
    pub band: Option<f64>,
    /// The axis runs from 0 to here.
    pub limit: f64,
}

impl BarcodePlot {
    /// The same with as many bars as stand apart in a plot this high: at least a fixed few of pieces, and of loops.
    pub fn fitted(&self, height: f32) -> Self {
        let mut fitted = self.clone();
        let thick = fitted.groups.iter().filter(|g| g.dim > 0).count().max(1);
        let room = height - FOOT - HEADING * fitted.groups.len() as f32;
        let pieces = if room > TALL { usize::MAX } else { FEWEST.0 };
        for group in fitted.groups.iter_mut().filter(|g| g.dim == 0) {
            group.shown.truncate(pieces);
        }
        let thin: usize = fitted.groups.iter().filter(|g| g.dim == 0).map(|g| g.shown.len()).sum();
        let rows = ((room - thin as f32 * THIN) / APART) as usize;
        for group in fitted.groups.iter_mut().filter(|g| g.dim > 0) {
            group.shown.truncate((rows / thick).max(FEWEST.1));
        }
        fitted
    }
}

/// Where each shown bar stands; computed once for a size.
#[derive(Clone, Debug, Default)]
pub struct BarcodeLayout {
    /// The plot inside the room.
    pub plot: Option<Plot>,
    /// Bar, dimension and its middle line.
    pub rows: Vec<(usize, u8, f32)>,
    /// Half the height of an H1 row.
    half: f32,
    /// Group headings.
    headings: Vec<(usize, f32)>,
}

const HEADING: f32 = 20.0;
/// Height of a row of pieces.
const THIN: f32 = 3.5;
/// Height at which rows of loops stand well apart.
const APART: f32 = 7.0;
/// Below and above the rows together.
const FOOT: f32 = 54.0;
/// From this height of the rows on there is room for more pieces.
const TALL: f32 = 420.0;
/// Bars of pieces and of loops that are shown however low the plot is.
const FEWEST: (usize, usize) = (14, 36);

/// Lays the rows out: thin rows for pieces, what is left for loops and voids.
pub fn layout(rect: Rect, data: &BarcodePlot) -> BarcodeLayout {
    let plot_rect = Rect::from_min_max(rect.min + vec2(4.0, 4.0), rect.max - vec2(4.0, 36.0));
    let plot = Plot { rect: plot_rect, x: (0.0, data.limit), y: (0.0, 1.0) };
    let thin = THIN;
    let pieces: usize = data.groups.iter().filter(|g| g.dim == 0).map(|g| g.shown.len()).sum();
    let thick: usize = data.groups.iter().filter(|g| g.dim > 0).map(|g| g.shown.len()).sum();
    let room = plot_rect.height() - HEADING * data.groups.len() as f32 - pieces as f32 * thin - 14.0;
    let step = (room / thick.max(1) as f32).clamp(3.0, 9.0);
    let mut out = BarcodeLayout { plot: Some(plot), half: step / 2.0, ..BarcodeLayout::default() };
    let mut y = plot_rect.top();
    for (i, group) in data.groups.iter().enumerate() {
        out.headings.push((i, y + HEADING / 2.0 - 2.0));
        y += HEADING;
        let height = if group.dim == 0 { thin } else { step };
        for &bar in &group.shown {
            if y + height > plot_rect.bottom() {
                break;
            }
            out.rows.push((bar, group.dim, y + height / 2.0));
            y += height;
        }
        y += 6.0;
    }
    out
}

/// What is marked in the barcode.
#[derive(Clone, Debug, Default)]
pub struct BarcodeMarks<'a> {
    /// The selected bar and its name ("loop 1").
    pub selected: Option<(usize, &'a str)>,
    /// The bar under the pointer, here or in another view.
    pub hovered: Option<usize>,
    /// Bars whose representative passes through the selected turn.
    pub related: &'a [usize],
}

/// Paints the barcode.
pub fn barcode(
    painter: &Painter,
    tokens: &Tokens,
    data: &BarcodePlot,
    bars: &[Bar],
    layout: &BarcodeLayout,
    marks: &BarcodeMarks<'_>,
) {
    let Some(plot) = layout.plot else { return };
    axes::axes(
        painter,
        tokens,
        &plot,
        &AxisLook {
            x_ticks: 6,
            x_grid: true,
            x_name: "scale, distance between rows of D",
            ..AxisLook::default()
        },
    );
    for (group, y) in &layout.headings {
        heading(painter, tokens, plot.rect.left(), *y, &data.groups[*group]);
    }
    if let Some(length) = data.band {
        let color = blend(tokens.plot_band, tokens.view_bg, 0.55);
        for (bar, _, y) in layout.rows.iter().filter(|(_, dim, _)| *dim > 0) {
            let from = plot.sx(bars[*bar].birth);
            let to = plot.sx((bars[*bar].birth + length).min(data.limit));
            let band = Rect::from_min_max(pos2(from, y - layout.half), pos2(to, y + layout.half));
            paint::fill(painter, band, color);
        }
    }
    for &(bar, dim, y) in &layout.rows {
        draw_bar(painter, tokens, &plot, &bars[bar], dim, y, marks.related.contains(&bar));
    }
    let row_of = |bar: usize| layout.rows.iter().find(|r| r.0 == bar).map(|r| r.2);
    if let Some((bar, y)) = marks.hovered.and_then(|b| row_of(b).map(|y| (b, y))) {
        outline(painter, &plot, &bars[bar], y, layout.half, Stroke::new(1.0, tokens.text));
    }
    if let Some((bar, name, y)) = marks.selected.and_then(|(b, n)| row_of(b).map(|y| (b, n, y))) {
        selected_bar(painter, tokens, &plot, &bars[bar], name, y, layout.half);
    }
}

fn heading(painter: &Painter, tokens: &Tokens, x: f32, y: f32, group: &BarGroup) {
    let name = format!("H{}", group.dim);
    let words = group.words();
    paint::line(
        painter,
        pos2(x, y),
        Align2::LEFT_CENTER,
        &[
            run(&name, font::small_strong(), tokens.text),
            run(&words, font::small(), tokens.text_subdued).after(6.0),
        ],
        f32::INFINITY,
    );
}

fn draw_bar(painter: &Painter, tokens: &Tokens, plot: &Plot, bar: &Bar, dim: u8, y: f32, related: bool) {
    let from = plot.sx(bar.birth);
    let to = plot.sx(bar.death.unwrap_or(plot.x.1).min(plot.x.1)).max(from + 1.0);
    let width = if dim == 0 { 1.5 } else { stroke::BAR_H1 };
    let color = if related { tokens.accent } else { dimension_color(tokens, dim) };
    painter.hline(from..=to, y, Stroke::new(width, color));
    if bar.death.is_none() {
        let tip = vec![pos2(to - 1.0, y - 3.5), pos2(to + 6.0, y), pos2(to - 1.0, y + 3.5)];
        painter.add(egui::Shape::convex_polygon(tip, color, Stroke::NONE));
    }
}

fn bar_rect(plot: &Plot, bar: &Bar, y: f32, half: f32) -> Rect {
    let from = plot.sx(bar.birth);
    let to = plot.sx(bar.death.unwrap_or(plot.x.1).min(plot.x.1)).max(from + 1.0);
    Rect::from_min_max(pos2(from - 3.0, y - half - 1.0), pos2(to + 3.0, y + half + 1.0))
}

fn outline(painter: &Painter, plot: &Plot, bar: &Bar, y: f32, half: f32, stroke: Stroke) {
    painter.rect_stroke(bar_rect(plot, bar, y, half), 1.0, stroke, StrokeKind::Middle);
}

fn selected_bar(painter: &Painter, tokens: &Tokens, plot: &Plot, bar: &Bar, name: &str, y: f32, half: f32) {
    let rect = bar_rect(plot, bar, y, half);
    paint::fill(painter, rect, tokens.view_bg);
    painter.rect_stroke(rect, 1.0, Stroke::new(1.5, tokens.accent), StrokeKind::Middle);
    painter.hline(rect.left() + 3.0..=rect.right() - 3.0, y, Stroke::new(stroke::BAR_H1, tokens.accent));
    let words = match bar.death {
        Some(death) => format!("{name}, {} to {}", numbers::fixed(bar.birth, 3), numbers::fixed(death, 3)),
        None => format!("{name}, from {} on", numbers::fixed(bar.birth, 3)),
    };
    let shape = |words: String| painter.layout_no_wrap(words, font::small_strong(), tokens.accent_text);
    let mut galley = shape(words);
    let fits = |width: f32| {
        rect.right() + 8.0 + width <= plot.rect.right() || rect.left() - 8.0 - width >= plot.rect.left()
    };
    if !fits(galley.size().x) {
        galley = shape(name.to_owned());
    }
    let right = rect.right() + 8.0 + galley.size().x <= plot.rect.right();
    let x = if right { rect.right() + 8.0 } else { rect.left() - 8.0 - galley.size().x };
    let ground = Rect::from_min_size(pos2(x, y - galley.size().y / 2.0), galley.size());
    paint::fill(painter, ground.expand2(vec2(3.0, 0.0)), tokens.view_bg);
    painter.galley(paint::snap(painter, ground.min), galley, tokens.accent_text);
}

/// The bar whose row is under the pointer.
pub fn bar_at(layout: &BarcodeLayout, pointer: Pos2) -> Option<usize> {
    let plot = layout.plot?;
    if !plot.rect.expand(4.0).contains(pointer) {
        return None;
    }
    layout
        .rows
        .iter()
        .map(|(bar, dim, y)| {
            ((pointer.y - y).abs(), *bar, if *dim == 0 { 2.0 } else { layout.half.max(3.0) })
        })
        .filter(|(d, _, reach)| d <= reach)
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, bar, _)| bar)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(dim: u8, birth: f64, death: Option<f64>) -> Bar {
        Bar { dim, birth, death, birth_simplex: vec![], death_simplex: vec![] }
    }

    #[test]
    fn the_longest_bars_come_first_and_infinite_ones_before_all() {
        let bars =
            [bar(0, 0.0, Some(0.2)), bar(0, 0.0, None), bar(1, 0.1, Some(0.4)), bar(0, 0.0, Some(0.5))];
        let group = BarGroup::longest(&bars, 0, 2);
        assert_eq!(group.shown, [1, 3]);
        assert_eq!(group.words(), "2 longest of 3, pieces, one infinite");
        assert_eq!(BarGroup::longest(&bars, 1, 5).words(), "all 1, loops");
    }

    #[test]
    fn the_pointer_finds_the_bar_it_is_on() {
        let bars = [bar(1, 0.1, Some(0.4)), bar(1, 0.1, Some(0.3))];
        let data = BarcodePlot { groups: vec![BarGroup::longest(&bars, 1, 9)], band: None, limit: 0.5 };
        let l = layout(Rect::from_min_size(Pos2::ZERO, vec2(300.0, 200.0)), &data);
        let (first, _, y) = l.rows[0];
        assert_eq!(bar_at(&l, pos2(100.0, y)), Some(first));
        assert_eq!(bar_at(&l, pos2(100.0, 190.0)), None);
    }
}
