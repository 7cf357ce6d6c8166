//! One VPM of the field: where rows and columns stand on whole pixels, its texture, names, brackets and means.

use super::numbers;
use super::paint::{self, run};
use crate::window::theme::{Tokens, font};
use crate::window::widgets::chip::{Mind, delta_mark, mind_mark};
use egui::{Align2, Color32, Painter, Rect, TextureId, pos2};
use std::ops::Range;

/// A run of rows that stand together, separated from the next by a gap (a cluster).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowSegment {
    /// Shown positions.
    pub positions: Range<usize>,
    /// Index of the segment in the whole order (a cluster's place).
    pub index: usize,
}

/// Where rows stand: positions to whole pixels, segments with gaps between them.
#[derive(Clone, Debug, PartialEq)]
pub struct RowGeometry {
    /// First visible position and how many are visible.
    pub visible: Range<usize>,
    /// Pixel rows the visible rows share, gaps not counted.
    pub pixels: usize,
    /// Pixels of a gap between segments.
    pub gap: usize,
    /// Segments that are at least partly visible, clipped to what is visible.
    pub segments: Vec<RowSegment>,
    /// Screen y of the first pixel, points.
    pub top: f32,
    /// Pixels a point.
    pub scale: f32,
}

impl RowGeometry {
    /// Lays `visible` positions out over `height` points; `segments` cover the whole order.
    pub fn new(visible: Range<usize>, segments: &[RowSegment], top: f32, height: f32, scale: f32) -> Self {
        let mut inside: Vec<RowSegment> = segments
            .iter()
            .filter_map(|s| {
                let positions = s.positions.start.max(visible.start)..s.positions.end.min(visible.end);
                (!positions.is_empty()).then_some(RowSegment { positions, index: s.index })
            })
            .collect();
        if inside.is_empty() {
            inside.push(RowSegment { positions: visible.clone(), index: 0 });
        }
        let total = (height * scale).floor().max(1.0) as usize;
        let gap = if inside.len() > 24 { 0 } else { (4.0 * scale).round() as usize };
        let pixels = total.saturating_sub(gap * (inside.len() - 1)).max(1);
        Self { visible, pixels, gap, segments: inside, top, scale }
    }

    /// Content pixel at which a visible position starts (gaps not counted), by the rule of `field::vpm::Layout`:
    /// pixel row y starts with position floor(y n / pixels).
    pub fn pixel_of(&self, position: usize) -> usize {
        let n = self.visible.len().max(1);
        let at = position.clamp(self.visible.start, self.visible.end) - self.visible.start;
        (at * self.pixels).div_ceil(n)
    }

    /// Which clipped segment holds a position.
    fn segment_of(&self, position: usize) -> usize {
        self.segments.partition_point(|s| s.positions.end <= position).min(self.segments.len() - 1)
    }

    fn y(&self, content_pixel: usize, segment: usize) -> f32 {
        self.top + (content_pixel + segment * self.gap) as f32 / self.scale
    }

    /// Top and bottom of one row on the screen; `None` when it is not visible.
    pub fn row(&self, position: usize) -> Option<(f32, f32)> {
        if !self.visible.contains(&position) {
            return None;
        }
        let segment = self.segment_of(position);
        let (from, to) = (self.pixel_of(position), self.pixel_of(position + 1));
        Some((self.y(from, segment), self.y(to.max(from + 1), segment)))
    }

    /// Top and bottom of a segment on the screen.
    pub fn segment(&self, at: usize) -> (f32, f32) {
        let positions = &self.segments[at].positions;
        (self.y(self.pixel_of(positions.start), at), self.y(self.pixel_of(positions.end), at))
    }

    /// Content pixels of a segment.
    pub fn segment_pixels(&self, at: usize) -> Range<usize> {
        let positions = &self.segments[at].positions;
        self.pixel_of(positions.start)..self.pixel_of(positions.end)
    }

    /// Screen y below the last row.
    pub fn bottom(&self) -> f32 {
        self.y(self.pixels, self.segments.len() - 1)
    }

    /// The position under a screen y, the nearest one inside a gap or outside.
    pub fn position_at(&self, y: f32) -> usize {
        let last = self.visible.end.saturating_sub(1);
        for at in 0..self.segments.len() {
            let (_, bottom) = self.segment(at);
            if y < bottom || at + 1 == self.segments.len() {
                let (top, _) = self.segment(at);
                let pixels = self.segment_pixels(at);
                let inside = ((y - top) * self.scale).floor().max(0.0) as usize;
                let pixel = (pixels.start + inside).min(pixels.end.saturating_sub(1));
                return self.position_of_pixel(pixel, &self.segments[at].positions).min(last);
            }
        }
        last
    }

    /// The position that owns a content pixel.
    fn position_of_pixel(&self, pixel: usize, within: &Range<usize>) -> usize {
        let n = self.visible.len().max(1);
        let mut at = self.visible.start + pixel * n / self.pixels.max(1);
        at = at.clamp(within.start, within.end - 1);
        while at > within.start && self.pixel_of(at) > pixel {
            at -= 1;
        }
        while at + 1 < within.end && self.pixel_of(at + 1) <= pixel {
            at += 1;
        }
        at
    }

    /// Shown positions (sorted) as screen ranges, neighbours joined across gaps.
    pub fn ranges(&self, positions: &[usize]) -> Vec<(f32, f32)> {
        let mut out: Vec<(usize, usize)> = Vec::new();
        for &p in positions.iter().filter(|p| self.visible.contains(p)) {
            match out.last_mut() {
                Some(last) if last.1 + 1 == p => last.1 = p,
                _ => out.push((p, p)),
            }
        }
        out.into_iter().filter_map(|(a, b)| Some((self.row(a)?.0, self.row(b)?.1))).collect()
    }
}

/// Where columns stand: whole pixels a column, gaps between groups.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnGeometry {
    /// Shown columns of the SCM.
    pub columns: Vec<usize>,
    /// Runs of shown places that stand together, with the group's name (empty for none).
    pub groups: Vec<(Range<usize>, String)>,
    /// Pixels a column.
    pub width: usize,
    /// Pixels between groups.
    pub gap: usize,
    /// Screen x of the first pixel, points.
    pub left: f32,
    /// Pixels a point.
    pub scale: f32,
}

impl ColumnGeometry {
    fn group_of(&self, place: usize) -> usize {
        self.groups.iter().position(|g| g.0.contains(&place)).unwrap_or(0)
    }

    fn x(&self, place: usize, group: usize) -> f32 {
        self.left + (place * self.width + group * self.gap) as f32 / self.scale
    }

    /// Left and right of a shown place.
    pub fn column(&self, place: usize) -> (f32, f32) {
        let group = self.group_of(place);
        (self.x(place, group), self.x(place + 1, group))
    }

    /// Left and right of a group.
    pub fn group(&self, at: usize) -> (f32, f32) {
        let places = &self.groups[at].0;
        (self.x(places.start, at), self.x(places.end, at))
    }

    /// Right edge.
    pub fn right(&self) -> f32 {
        self.x(self.columns.len(), self.groups.len().saturating_sub(1))
    }

    /// Pixels of the texture, gaps not counted.
    pub fn pixels(&self) -> usize {
        self.columns.len() * self.width
    }

    /// Width on the screen in pixels for so many columns and groups.
    pub fn total(columns: usize, groups: usize, width: usize, gap: usize) -> usize {
        columns * width + groups.saturating_sub(1) * gap
    }

    /// The shown place under a screen x; `None` in gaps and outside.
    pub fn place_at(&self, x: f32) -> Option<usize> {
        (0..self.columns.len()).find(|&p| {
            let (left, right) = self.column(p);
            (left..right).contains(&x)
        })
    }

    /// The same columns further right.
    pub fn at_left(&self, left: f32) -> Self {
        Self { left, ..self.clone() }
    }
}

/// Paints the texture (content pixels, gaps not counted) block by block into its gaps' grid.
pub fn texture_blocks(painter: &Painter, texture: TextureId, rows: &RowGeometry, columns: &ColumnGeometry) {
    let (w, h) = (columns.pixels().max(1) as f32, rows.pixels.max(1) as f32);
    let mut mesh = egui::Mesh::with_texture(texture);
    for s in 0..rows.segments.len() {
        let (top, bottom) = rows.segment(s);
        let v = rows.segment_pixels(s);
        for (g, (places, _)) in columns.groups.iter().enumerate() {
            let (left, right) = columns.group(g);
            let uv = Rect::from_min_max(
                pos2((places.start * columns.width) as f32 / w, v.start as f32 / h),
                pos2((places.end * columns.width) as f32 / w, v.end as f32 / h),
            );
            let rect = Rect::from_min_max(pos2(left, top), pos2(right, bottom));
            mesh.add_rect_with_uv(rect, uv, Color32::WHITE);
        }
    }
    painter.add(mesh);
}

/// Paints group names with their brackets; `y` is the middle of the names' line.
pub fn brackets(painter: &Painter, tokens: &Tokens, columns: &ColumnGeometry, y: f32) {
    for (g, (_, name)) in columns.groups.iter().enumerate() {
        if name.is_empty() {
            continue;
        }
        let (left, right) = columns.group(g);
        let middle = pos2(f32::midpoint(left, right), y);
        let room = right - left + 6.0;
        let galley = painter.layout_no_wrap(name.clone(), font::small(), tokens.text);
        if galley.size().x <= room {
            let at = Align2::CENTER_CENTER.anchor_size(middle, galley.size()).min;
            painter.galley(paint::snap(painter, at), galley, tokens.text);
        }
        let line = y + 11.0;
        paint::hline(painter, left..=right, line, tokens.line_strong);
        for x in [left + 0.5, right - 0.5] {
            paint::vline(painter, x, line..=line + 4.0, tokens.line_strong);
        }
    }
}

/// Paints column names reading upwards from `foot`; the marked place is strong and underlined.
pub fn column_names(
    painter: &Painter,
    tokens: &Tokens,
    columns: &ColumnGeometry,
    names: &[&str],
    foot: f32,
    marked: Option<usize>,
) {
    if (columns.width as f32 / columns.scale) < 9.0 {
        return;
    }
    for (place, column) in columns.columns.iter().enumerate() {
        let Some(name) = names.get(*column) else { continue };
        let (left, right) = columns.column(place);
        let is_marked = marked == Some(place);
        let (face, color) =
            if is_marked { (font::small_strong(), tokens.text_strong) } else { (font::small(), tokens.text) };
        paint::text_up(painter, pos2(f32::midpoint(left, right), foot - 3.0), name, face, color);
        if is_marked {
            let under = Rect::from_min_max(pos2(left + 1.0, foot - 1.5), pos2(right - 1.0, foot));
            paint::fill(painter, under, tokens.text_strong);
        }
    }
}

/// Paints small columns of means in \[0,1\] over a track of `height`.
pub fn mean_bars(
    painter: &Painter,
    tokens: &Tokens,
    columns: &ColumnGeometry,
    means: &[f64],
    top: f32,
    height: f32,
    color: Color32,
) {
    for (place, column) in columns.columns.iter().enumerate() {
        let (left, right) = columns.column(place);
        let track = Rect::from_min_max(pos2(left + 1.5, top), pos2(right - 1.5, top + height));
        paint::fill(painter, track, tokens.hover_bg);
        let mean = means.get(*column).copied().unwrap_or(f64::NAN);
        if mean.is_finite() {
            let y = track.bottom() - height * mean.clamp(0.0, 1.0) as f32;
            paint::fill(painter, Rect::from_min_max(pos2(track.left(), y), track.max), color);
        }
    }
}

/// Paints small columns of mean differences from zero; a difference of exactly zero says "0".
pub fn delta_bars(
    painter: &Painter,
    tokens: &Tokens,
    columns: &ColumnGeometry,
    means: &[f64],
    top: f32,
    height: f32,
    limit: f64,
) {
    let zero = paint::snap1(painter, top + height / 2.0);
    paint::hline(painter, columns.left..=columns.right(), zero, tokens.line_strong);
    for (place, column) in columns.columns.iter().enumerate() {
        let (left, right) = columns.column(place);
        let mean = means.get(*column).copied().unwrap_or(f64::NAN);
        if !mean.is_finite() {
            continue;
        }
        if mean == 0.0 {
            let pos = pos2(f32::midpoint(left, right), zero - 2.0);
            paint::text(painter, pos, Align2::CENTER_BOTTOM, "0", font::tick(), tokens.text_subdued);
            continue;
        }
        let reach = (mean.abs() / limit.max(1e-9)).min(1.0) as f32 * height / 2.0;
        let (y0, y1) = if mean > 0.0 { (zero - reach.max(1.0), zero) } else { (zero, zero + reach.max(1.0)) };
        let bar = Rect::from_min_max(pos2(left + 1.5, y0), pos2(right - 1.5, y1));
        paint::fill(painter, bar, paint::delta_fill(tokens, mean));
    }
}

/// Paints the head of a panel: mark, letter, name at the left; a number at the right.
pub fn head(painter: &Painter, tokens: &Tokens, rect: Rect, letter: &str, name: &str, note: &str) {
    let y = rect.center().y;
    let mark = pos2(rect.left() + 5.0, y);
    match letter {
        "A" => mind_mark(painter, tokens, Mind::A, mark, 10.0),
        "B" => mind_mark(painter, tokens, Mind::B, mark, 10.0),
        _ => delta_mark(painter, tokens, mark, 10.0),
    }
    let note_galley = painter.layout_no_wrap(note.to_owned(), font::small(), tokens.text_subdued);
    let room = rect.width() - 18.0 - note_galley.size().x - 8.0;
    paint::line(
        painter,
        pos2(rect.left() + 18.0, y),
        Align2::LEFT_CENTER,
        &[run(letter, font::heading(), tokens.text_strong), run(name, font::label(), tokens.text).after(7.0)],
        room.max(20.0),
    );
    let at = Align2::RIGHT_CENTER.anchor_size(pos2(rect.right(), y), note_galley.size()).min;
    painter.galley(paint::snap(painter, at), note_galley, tokens.text_subdued);
}

/// "rows 1 to 272 of 480".
pub fn rows_words(visible: &Range<usize>, total: usize) -> String {
    if visible.len() >= total {
        format!("all {} rows", numbers::count(total))
    } else {
        format!(
            "rows {} to {} of {}",
            numbers::count(visible.start + 1),
            numbers::count(visible.end),
            numbers::count(total)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(cuts: &[usize]) -> Vec<RowSegment> {
        cuts.windows(2).enumerate().map(|(index, w)| RowSegment { positions: w[0]..w[1], index }).collect()
    }

    #[test]
    fn every_position_is_found_again_under_its_own_pixels() {
        for (n, height) in [(480, 556.0), (480, 300.0), (7, 100.0), (100, 1000.0)] {
            let g = RowGeometry::new(0..n, &segments(&[0, n / 3, n / 2, n]), 40.0, height, 1.0);
            assert!(g.bottom() <= 40.0 + height + 0.5);
            for p in 0..n {
                let (top, bottom) = g.row(p).unwrap();
                assert!(bottom > top);
                if g.pixel_of(p + 1) > g.pixel_of(p) {
                    assert_eq!(g.position_at(f32::midpoint(top, bottom)), p, "{n} rows in {height}");
                }
            }
        }
    }

    #[test]
    fn only_visible_segments_are_laid_out() {
        let g = RowGeometry::new(10..20, &segments(&[0, 5, 12, 40]), 0.0, 100.0, 2.0);
        assert_eq!(g.segments.len(), 2);
        assert_eq!(g.segments[0], RowSegment { positions: 10..12, index: 1 });
        assert_eq!(g.row(9), None);
        assert_eq!(g.ranges(&[10, 11, 15]).len(), 2);
    }

    #[test]
    fn gaps_between_groups_belong_to_no_column() {
        let c = ColumnGeometry {
            columns: vec![0, 1, 2],
            groups: vec![(0..2, "a".into()), (2..3, "b".into())],
            width: 10,
            gap: 6,
            left: 100.0,
            scale: 1.0,
        };
        assert_eq!(c.column(2), (126.0, 136.0));
        assert_eq!(c.right(), 136.0);
        assert_eq!(c.place_at(123.0), None);
        assert_eq!(c.place_at(119.0), Some(1));
        assert_eq!(ColumnGeometry::total(3, 2, 10, 6), 36);
    }

    #[test]
    fn rows_are_named_from_one() {
        assert_eq!(rows_words(&(0..272), 480), "rows 1 to 272 of 480");
        assert_eq!(rows_words(&(0..480), 480), "all 480 rows");
    }
}
