//! Golden figures of every kind in both themes, and what must hold of all of them. `UPDATE_GOLDENS=1` writes the
//! pictures anew; look at them before committing.

use super::scene::{Anchor, Scene, Text};
use super::spec::{FigureSpec, Kind, Size, Theme};
use super::{Format, draw, fixture, provenance, provenance_of_png, render, text};
use crate::run::contents::RunContents;
use std::path::PathBuf;

fn small(kind: Kind, theme: Theme) -> FigureSpec {
    FigureSpec { theme, size: Size::Mm { width: 110.0, height: None, dpi: 72.0 }, ..FigureSpec::of(kind) }
}

fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/figures").join(name)
}

/// The committed file, or `None` after it was written because that was asked for.
fn expected(name: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let path = golden(name);
    if std::env::var_os("UPDATE_GOLDENS").is_some_and(|v| v == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        return None;
    }
    Some(
        std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}; run with UPDATE_GOLDENS=1", path.display())),
    )
}

fn rgb_of_png(bytes: &[u8]) -> ((u32, u32), Vec<u8>) {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut rgb).unwrap();
    rgb.truncate(info.buffer_size());
    ((info.width, info.height), rgb)
}

/// Edges are smoothed in f32, so another machine may round a few pixels differently; nothing else may differ.
fn assert_same_picture(name: &str, ours: &[u8], theirs: &[u8]) {
    let ((size, a), (golden_size, b)) = (rgb_of_png(ours), rgb_of_png(theirs));
    assert_eq!(size, golden_size, "{name}: size");
    let off = a.iter().zip(&b).filter(|(x, y)| x.abs_diff(**y) > 3).count();
    assert!(
        off * 2000 <= a.len(),
        "{name}: {off} of {} channels differ; UPDATE_GOLDENS=1 if that is meant",
        a.len()
    );
}

/// The SVG with its fonts cut out: they are assets, and would make every golden 50 kB larger.
fn without_fonts(svg: &[u8]) -> String {
    let svg = String::from_utf8(svg.to_vec()).unwrap();
    let mut out = String::new();
    for (i, part) in svg.split("data:font/woff2;base64,").enumerate() {
        let rest = if i == 0 { part } else { part.split_once(')').map_or("", |(_, rest)| rest) };
        out.push_str(if i == 0 { "" } else { "font)" });
        out.push_str(rest);
    }
    out
}

fn every(mut check: impl FnMut(Kind, Theme, &str)) {
    for kind in Kind::ALL {
        for (theme, name) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
            check(kind, theme, &format!("{}-{name}", kind.name()));
        }
    }
}

#[test]
fn every_kind_in_both_themes_looks_as_it_did() {
    let run = fixture::run();
    every(|kind, theme, name| {
        let spec = small(kind, theme);
        let png = render(&run, &spec, Format::Png).unwrap();
        if let Some(golden) = expected(&format!("{name}.png"), &png) {
            assert_same_picture(name, &png, &golden);
        }
        let svg = without_fonts(&render(&run, &spec, Format::Svg).unwrap());
        if let Some(golden) = expected(&format!("{name}.svg"), svg.as_bytes()) {
            assert!(svg.as_bytes() == golden, "{name}.svg differs; UPDATE_GOLDENS=1 if that is meant");
        }
    });
}

#[test]
fn the_same_spec_and_run_give_the_same_bytes() {
    every(|kind, theme, name| {
        let spec = small(kind, theme);
        for format in [Format::Png, Format::Svg, Format::Gif] {
            let once = render(&fixture::run(), &spec, format);
            let again = render(&fixture::run(), &spec, format);
            match (once, again) {
                (Ok(once), Ok(again)) => assert!(once == again, "{name} as {}", format.name()),
                (Err(_), Err(_)) => assert!(format == Format::Gif && kind != Kind::Timeline, "{name}"),
                _ => panic!("{name} as {} is drawn only sometimes", format.name()),
            }
        }
    });
}

#[test]
fn a_png_carries_its_size_and_where_it_comes_from() {
    let run = fixture::run();
    let spec = FigureSpec { title: "Zürich − ≥".into(), ..FigureSpec::of(Kind::Vpm) };
    let png = render(&run, &spec, Format::Png).unwrap();
    let found = provenance_of_png(&png).unwrap().unwrap();
    assert_eq!(found, provenance::of(&run, &spec));
    assert_eq!(found["fingerprint"], "20260101-0900-abcd");
    assert_eq!(found["commit"], "0123abc");
    assert_eq!(serde_json::from_value::<FigureSpec>(found["spec"].clone()).unwrap(), spec);
    let reader = png::Decoder::new(std::io::Cursor::new(&png)).read_info().unwrap();
    let dims = reader.info().pixel_dims.unwrap();
    assert_eq!((dims.xppu, reader.info().width), (11_811, 2008), "170 mm at 300 DPI");
    assert!(provenance_of_png(b"no png").is_err());
}

#[test]
fn an_svg_carries_it_too_and_its_text_stays_text() {
    let svg =
        String::from_utf8(render(&fixture::run(), &FigureSpec::default(), Format::Svg).unwrap()).unwrap();
    assert!(svg.contains("<metadata id=\"gapfield\">{&quot;commit&quot;:&quot;0123abc&quot;"));
    assert!(svg.contains(">faithfulness</text>") && svg.contains("data:font/woff2;base64,"));
    assert!(svg.contains("image-rendering:pixelated") && !svg.contains("http://127"), "self-contained");
}

#[test]
fn a_field_alone_is_a_picture_of_palette_indices() {
    let size = Size::Px { width: 300, height: 200 };
    let spec = FigureSpec { bare: true, size, ..FigureSpec::of(Kind::Delta) };
    let png = render(&fixture::run(), &spec, Format::Png).unwrap();
    let reader = png::Decoder::new(std::io::Cursor::new(&png)).read_info().unwrap();
    assert_eq!(reader.info().color_type, png::ColorType::Indexed);
    assert_eq!((reader.info().width, reader.info().height), (300, 200));
    assert!(provenance_of_png(&png).unwrap().is_some());
}

#[test]
fn a_run_without_the_data_says_what_is_missing() {
    let empty = RunContents { folder: "nothing-yet".into(), ..RunContents::default() };
    every(|kind, theme, _| {
        let message = draw(&empty, &small(kind, theme)).unwrap_err().to_string();
        assert!(message.contains(kind.name()) && message.contains("nothing-yet"), "{message}");
        assert!(message.contains("; "), "says what to do: {message}");
    });
}

#[test]
fn unknown_names_and_sizes_are_refused_in_a_sentence() {
    let run = fixture::run();
    let bad = [
        FigureSpec { columns: vec!["beauty".into()], ..FigureSpec::default() },
        FigureSpec { order: "alphabet".into(), ..FigureSpec::default() },
        FigureSpec { palette: "jet".into(), ..FigureSpec::default() },
        FigureSpec { rows: vec![900], ..FigureSpec::default() },
        FigureSpec { font_pt: 0.0, ..FigureSpec::default() },
        FigureSpec { size: Size::Px { width: 40, height: 40 }, ..FigureSpec::default() },
        FigureSpec { size: Size::Mm { width: f64::NAN, height: None, dpi: 300.0 }, ..FigureSpec::default() },
        FigureSpec { size: Size::Mm { width: 1e9, height: None, dpi: 300.0 }, ..FigureSpec::default() },
    ];
    for spec in bad {
        assert!(draw(&run, &spec).is_err(), "{spec:?}");
    }
}

/// Corners of a text's box, rotated as it is.
fn corners(t: &Text) -> Vec<(f64, f64)> {
    let w = text::width(&t.text, t.size, t.weight);
    let x = match t.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => -w / 2.0,
        Anchor::End => -w,
    };
    let (sin, cos) = t.rotation.to_radians().sin_cos();
    let box_of = [(x, -text::CAP_HEIGHT * t.size), (x + w, 0.15 * t.size)];
    box_of.map(|(x, y)| (t.at.0 + x * cos - y * sin, t.at.1 + x * sin + y * cos)).to_vec()
}

fn assert_text_on_sheet(scene: &Scene, name: &str) {
    for t in scene.texts() {
        for (x, y) in corners(t) {
            let inside = x >= -0.2 && x <= scene.width + 0.2 && y >= -0.2 && y <= scene.height + 0.2;
            assert!(
                inside,
                "{name}: \"{}\" at ({x:.1}, {y:.1}) of {:.1} x {:.1}",
                t.text, scene.width, scene.height
            );
        }
    }
}

#[test]
fn no_word_leaves_the_sheet() {
    let run = fixture::run();
    let mm = |width| Size::Mm { width, height: None, dpi: 100.0 };
    let sizes = [mm(85.0), mm(120.0), mm(170.0), Size::Px { width: 1280, height: 800 }];
    for size in sizes {
        for order in ["", "time"] {
            every(|kind, theme, name| {
                let spec = FigureSpec { size, order: order.into(), ..small(kind, theme) };
                let spec = FigureSpec { size, ..spec };
                let scene = draw(&run, &spec).unwrap_or_else(|e| panic!("{name} at {size:?}: {e}"));
                assert_text_on_sheet(&scene, &format!("{name} at {size:?}"));
            });
        }
    }
}

#[test]
fn the_movie_ends_with_the_last_row_and_has_one_palette() {
    let run = fixture::run();
    let bytes = render(&run, &small(Kind::Timeline, Theme::Light), Format::Gif).unwrap();
    let mut decoder = gif::DecodeOptions::new().read_info(bytes.as_slice()).unwrap();
    let global = decoder.global_palette().unwrap().to_vec();
    assert_eq!(global.len(), 768);
    let (mut frames, mut delays) = (Vec::new(), Vec::new());
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        assert!(frame.palette.is_none());
        delays.push(frame.delay);
        frames.push(frame.buffer.to_vec());
    }
    assert_eq!(frames.len(), fixture::TURNS - 24 + 1, "24 of 48 rows, one row a frame");
    assert!(frames.windows(2).all(|w| w[0] != w[1]), "every frame moves on");
    let spec = FigureSpec::of(Kind::Timeline);
    assert_eq!(delays.first(), Some(&spec.frames.delay_cs));
    assert_eq!(delays.last(), Some(&spec.frames.hold_cs));
}

#[test]
fn a_pass_of_another_shape_is_no_pass() {
    let mut run = fixture::run();
    let narrow = crate::core::matrix::Matrix::zeros(fixture::TURNS, 5);
    run.b = Some(std::sync::Arc::new(crate::run::contents::Pass {
        scm: narrow,
        ..run.b.as_deref().unwrap().clone()
    }));
    for kind in [Kind::Vpm, Kind::Frontier, Kind::Histograms, Kind::Timeline] {
        assert!(draw(&run, &FigureSpec::of(kind)).unwrap_err().to_string().contains("pass B"));
    }
}

#[test]
fn a_slice_shows_only_its_rows_and_says_how_many() {
    let run = fixture::run();
    let spec = FigureSpec { rows: vec![3, 4, 5, 6], ..FigureSpec::default() };
    let texts: Vec<String> = draw(&run, &spec).unwrap().texts().iter().map(|t| t.text.clone()).collect();
    assert!(texts.iter().any(|t| t.starts_with("N = 4 turns")), "{texts:?}");
}
