//! What the picture shows, pixel by pixel, and how the pointer finds its way back.

use super::*;
use crate::core::matrix::Matrix;
use crate::core::seed::{normal, permutation, stream};
use proptest::prelude::*;
use std::sync::Arc;

/// A map whose red channel is the code itself.
pub(super) fn red_ramp() -> Palette {
    Palette {
        map: std::array::from_fn(|i| [i as u8, (i / 3) as u8, 255 - i as u8]),
        hatch: [[120, 120, 120], [150, 150, 150]],
        gap: [1, 2, 3, 0],
    }
}

/// Values about zero with a share of missing ones.
pub(super) fn noise(rows: usize, cols: usize, missing: u64) -> Matrix {
    use rand::RngExt;
    let mut rng = stream(17, "vpm");
    Matrix::from_fn(rows, cols, |_, c| {
        let v = 0.4 * normal(&mut rng) as f32 + 0.05 * c as f32;
        match rng.random_range(0..100_u64) {
            n if n + 1 < missing => f32::NAN,
            n if n < missing => f32::INFINITY,
            _ => v,
        }
    })
}

fn code(m: &Matrix, layout: &Layout, limits: &Limits, reducer: Reducer, x: u32, y: u32) -> [u8; 4] {
    let rgba = raster::draw_rgba(m, layout, limits, reducer, &red_ramp()).unwrap();
    let at = ((y * layout.width() + x) * 4) as usize;
    [rgba[at], rgba[at + 1], rgba[at + 2], rgba[at + 3]]
}

#[test]
fn each_reducer_keeps_what_it_promises() {
    let m = Matrix::from_vec(4, 1, vec![0.25, -0.75, f32::NAN, 0.5]).unwrap();
    let layout = Layout::plain(1, 1, 4, 1).unwrap();
    let limits = Limits::fixed(1, -1.0, 1.0);
    let red = |reducer| code(&m, &layout, &limits, reducer, 0, 0)[0];
    // (v + 1) * 127.5, rounded to even: the mean of the three present is 0.
    assert_eq!(red(Reducer::Mean), 128);
    assert_eq!(red(Reducer::MaxAbs), 32);
    assert_eq!(red(Reducer::Min), 32);
    assert_eq!(red(Reducer::Max), 191);
}

#[test]
fn one_hot_row_of_many_is_never_lost() {
    let mut m = Matrix::zeros(100_000, 12);
    m.set(77_777, 4, -0.9);
    let layout = Layout::plain(120, 300, 100_000, 12).unwrap();
    let limits = Limits::fixed(12, -1.0, 1.0);
    let rgba = raster::draw_rgba(&m, &layout, &limits, Reducer::MaxAbs, &red_ramp()).unwrap();
    let hot = rgba.chunks(4).filter(|p| p[0] < 20).count();
    assert_eq!(hot, 10, "one pixel row of one column");
}

#[test]
fn missing_is_hatched_at_45_degrees_with_a_period_of_4_px() {
    let m = Matrix::filled(1, 1, f32::NAN);
    let layout = Layout::plain(16, 16, 1, 1).unwrap();
    let rgba =
        raster::draw_rgba(&m, &layout, &Limits::of(&[&m], Normalisation::Unit), Reducer::Mean, &red_ramp());
    let rgba = rgba.unwrap();
    let at = |x: usize, y: usize| rgba[(y * 16 + x) * 4];
    for y in 0..12 {
        for x in 4..12 {
            assert_eq!(at(x, y), at(x + 4, y));
            assert_eq!(at(x, y), at(x - 1, y + 1), "stripes run along x + y");
            assert_eq!(at(x, y) == 120, at(x + 2, y) == 150);
        }
    }
}

#[test]
fn gaps_stand_between_groups_and_vanish_when_there_is_no_room() {
    let order = Arc::new(vec![0]);
    let m = Matrix::from_vec(1, 3, vec![0.0, 1.0, 0.5]).unwrap();
    let limits = Limits::fixed(3, 0.0, 1.0);
    let layout = Layout::new(8, 1, &order, 0..1, &[vec![1, 0], vec![2]], 2).unwrap();
    let rgba = raster::draw_rgba(&m, &layout, &limits, Reducer::Mean, &red_ramp()).unwrap();
    let reds: Vec<u8> = rgba.chunks(4).map(|p| p[0]).collect();
    assert_eq!(reds, [255, 255, 0, 0, 1, 1, 128, 128]);
    assert_eq!(rgba[4 * 4 + 3], 0, "the gap lets the background through");
    let narrow = Layout::new(2, 1, &order, 0..1, &[vec![1, 0], vec![2]], 2).unwrap();
    assert_eq!(code(&m, &narrow, &limits, Reducer::Max, 0, 0)[0], 255);
    assert_eq!(code(&m, &narrow, &limits, Reducer::Max, 1, 0)[0], 128);
}

#[test]
fn limits_follow_their_definitions() {
    let a = Matrix::from_fn(101, 2, |r, c| r as f32 / 100.0 * (c + 1) as f32);
    let b = Matrix::from_fn(101, 2, |r, _| -(r as f32) / 50.0);
    let close = |got: Option<(f32, f32)>, low: f32, high: f32| {
        let (l, h) = got.unwrap();
        assert!((l - low).abs() < 1e-5 && (h - high).abs() < 1e-5, "{l} {h}, not {low} {high}");
    };
    close(Limits::of(&[&a], Normalisation::Unit).common_range(), 0.0, 1.0);
    close(Limits::of(&[&a], Normalisation::MinMax(Scope::Column)).range(1), 0.0, 2.0);
    close(Limits::of(&[&a, &b], Normalisation::MinMax(Scope::Run)).range(0), -2.0, 2.0);
    let robust = Limits::of(&[&a], Normalisation::Robust(Band::P10To90, Scope::Column));
    close(robust.range(0), 0.1, 0.9);
    assert_eq!(robust.clamped(), (true, true));
    assert_eq!(robust.common_range(), None);
    close(Limits::of(&[&a], Normalisation::Robust(Band::P1To99, Scope::Column)).range(1), 0.02, 1.98);
    // p1 of b is -1.98, p99 -0.02: the larger absolute value rules both ends.
    close(Limits::of(&[&b], Normalisation::Symmetric(Scope::Run)).range(0), -1.98, 1.98);
    let constant = Limits::of(&[&Matrix::filled(3, 1, 0.2)], Normalisation::MinMax(Scope::Column));
    let one = Layout::plain(1, 1, 3, 1).unwrap();
    assert_eq!(
        code(&Matrix::filled(3, 1, 0.2), &one, &constant, Reducer::Mean, 0, 0)[0],
        128,
        "middle colour"
    );
    let none = Limits::of(&[&Matrix::filled(3, 1, f32::NAN)], Normalisation::Symmetric(Scope::Run));
    assert!(none.range(0).unwrap().1 > 0.0);
}

#[test]
fn zero_is_the_middle_of_a_symmetric_scale() {
    let d = Matrix::from_fn(50, 1, |r, _| if r == 0 { 0.0 } else { (r as f32 - 10.0) / 40.0 });
    let limits = Limits::of(&[&d], Normalisation::Symmetric(Scope::Run));
    let layout = Layout::plain(1, 50, 50, 1).unwrap();
    assert_eq!(code(&d, &layout, &limits, Reducer::MaxAbs, 0, 0)[0], 128);
}

#[test]
fn canvases_and_layouts_that_cannot_be_drawn_say_so() {
    assert_eq!(Layout::plain(0, 5, 3, 3), Err(VpmError::Canvas { width: 0, height: 5 }));
    assert_eq!(Layout::plain(5, 8193, 3, 3), Err(VpmError::Canvas { width: 5, height: 8193 }));
    assert_eq!(Layout::plain(5, 5, 0, 3), Err(VpmError::Empty));
    let layout = Layout::plain(5, 5, 3, 3).unwrap();
    let small = Matrix::zeros(2, 3);
    let got = raster::reduce(&small, &layout, &Limits::fixed(3, 0.0, 1.0), Reducer::Mean);
    assert_eq!(got, Err(VpmError::Layout { rows: 3, columns: 3 }));
}

#[test]
fn an_indexed_picture_is_the_rgba_picture() {
    let m = noise(90, 12, 5);
    let order = Arc::new((0..90).collect());
    let layout = Layout::new(100, 60, &order, 0..90, &[(0..6).collect(), (6..12).collect()], 3).unwrap();
    let limits = Limits::of(&[&m], Normalisation::Robust(Band::P1To99, Scope::Run));
    // A map with 3 pairs of equal neighbours loses nothing in 253 entries.
    let mut palette = red_ramp();
    for i in [10, 100, 200] {
        palette.map[i] = palette.map[i - 1];
    }
    let table = IndexTable::new(&palette);
    assert_eq!(table.palette.len(), 256);
    let cells = raster::reduce(&m, &layout, &limits, Reducer::MaxAbs).unwrap();
    assert!(cells.has_missing());
    let rgba = raster::paint_rgba(&cells, &layout, &palette);
    let image = raster::paint_indexed(&cells, &layout, &table);
    for (pixel, index) in rgba.chunks(4).zip(&image.indices) {
        assert_eq!(&pixel[..3], table.palette[*index as usize]);
    }
}

#[test]
fn maps_share_a_palette_of_256_and_stay_close() {
    let (first, mut second) = (red_ramp(), red_ramp());
    second.map.reverse();
    let tables = IndexTable::shared(&[&first, &first, &second]);
    assert_eq!(tables.len(), 3);
    assert!(tables[0].palette.len() <= 256 && tables.iter().all(|t| t.palette == tables[0].palette));
    for (table, palette) in tables.iter().zip([&first, &first, &second]) {
        for (code, colour) in palette.map.iter().enumerate() {
            let got = table.palette[table.map[code] as usize];
            let off = got.iter().zip(colour).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
            assert!(off <= 2, "code {code}: {colour:?} became {got:?}");
        }
        assert_eq!(table.palette[table.hatch[1] as usize], [150; 3]);
    }
    assert!(IndexTable::shared(&[]).is_empty());
}

proptest! {
    #[test]
    fn every_visible_cell_has_a_pixel_and_every_pixel_its_cells(
        rows in 1_usize..200, start in 0_usize..50, len in 1_usize..200,
        width in 1_u32..90, height in 1_u32..90, split in 0_usize..9, columns in 1_usize..40, gap in 0_u32..5, seed in any::<u64>()
    ) {
        let order: Arc<Vec<u32>> =
            Arc::new(permutation(&mut stream(seed, "o"), rows).into_iter().map(|r| r as u32).collect());
        let shown = permutation(&mut stream(seed, "c"), columns);
        let (left, right) = shown.split_at(split.min(columns));
        let groups = [left.to_vec(), right.to_vec()];
        let layout = match Layout::new(width, height, &order, start..start + len, &groups, gap) {
            Ok(layout) => layout,
            Err(e) => {
                prop_assert_eq!(e, VpmError::Empty);
                prop_assert!(start >= rows);
                return Ok(());
            }
        };
        // Forward: every visible cell has a rectangle, and each of its corners finds the cell again.
        for position in layout.visible() {
            for &column in &shown {
                let r = layout.rect(position, column).unwrap();
                prop_assert!(r.x0 < r.x1 && r.x1 <= width && r.y0 < r.y1 && r.y1 <= height);
                for (x, y) in [(r.x0, r.y0), (r.x1 - 1, r.y1 - 1)] {
                    let spot = layout.locate(x, y).unwrap();
                    prop_assert!(spot.positions.contains(&position) && spot.columns.contains(&column));
                    prop_assert!(spot.rows.contains(&(order[position] as usize)));
                }
            }
        }
        // Back: every pixel shows something visible; pixels outside any group are gaps.
        for y in 0..height {
            let spot = layout.locate(0, y).unwrap();
            prop_assert!(spot.positions.start >= layout.visible().start && spot.positions.end <= layout.visible().end);
        }
        let gaps = (0..width).filter(|x| layout.locate(*x, 0).is_none()).count() as u32;
        prop_assert!(gaps == 0 || (gaps == gap && split > 0 && split < columns));
        prop_assert_eq!(layout.locate(width, 0), None);
        prop_assert_eq!(layout.locate(0, height), None);
    }
}
