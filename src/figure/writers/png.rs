//! PNG: the scene rasterised with smooth edges; pictures that are only a field stay palette indices.

use crate::figure::FigureError;
use crate::figure::provenance::KEYWORD;
use crate::figure::scene::{Color, Indexed, Mark, Rect, Scene, Shape, Stroke, Text};
use crate::figure::text::{self, Segment};
use tiny_skia::{
    FillRule, Mask, Paint, Path, PathBuilder, Pixmap, PremultipliedColorU8, StrokeDash, Transform,
};

/// The PNG file of a scene: 8-bit indexed when the scene is one picture edge to edge, else RGB; with `pHYs` and an
/// iTXt chunk that holds `provenance`.
///
/// # Errors
/// When the size cannot be drawn or the encoder refuses.
pub fn scene_png(scene: &Scene, provenance: &str) -> Result<Vec<u8>, FigureError> {
    if let Some(image) = only_picture(scene) {
        let palette: Vec<u8> = image.palette.iter().flatten().copied().collect();
        return encode(scene, (image.width, image.height), &image.indices, Some(palette), provenance);
    }
    let (size, rgb) = scene_rgb(scene)?;
    encode(scene, size, &rgb, None, provenance)
}

/// The scene as RGB bytes with its size in px.
///
/// # Errors
/// When the size cannot be drawn.
pub fn scene_rgb(scene: &Scene) -> Result<((u32, u32), Vec<u8>), FigureError> {
    let (width, height) = scene.size_px();
    let refused = || FigureError::Size { width: i64::from(width), height: i64::from(height) };
    if !(1..=16_384).contains(&width) || !(1..=16_384).contains(&height) {
        return Err(refused());
    }
    let mut sheet = Sheet {
        pixmap: Pixmap::new(width, height).ok_or_else(refused)?,
        scale: scene.px_per_pt as f32,
        mask: None,
        clip: None,
    };
    sheet.pixmap.fill(skia(scene.ground));
    sheet.marks(&scene.marks);
    let rgb = sheet.pixmap.pixels().iter().flat_map(|p| [p.red(), p.green(), p.blue()]).collect();
    Ok(((width, height), rgb))
}

fn only_picture(scene: &Scene) -> Option<&Indexed> {
    let [Mark::Image(rect, image)] = scene.marks.as_slice() else { return None };
    let covers = rect.x.abs() < 1e-6
        && rect.y.abs() < 1e-6
        && (rect.w - scene.width).abs() < 1e-6
        && (rect.h - scene.height).abs() < 1e-6;
    (covers && scene.size_px() == (image.width, image.height)).then_some(image)
}

fn encode(
    scene: &Scene,
    (width, height): (u32, u32),
    data: &[u8],
    palette: Option<Vec<u8>>,
    provenance: &str,
) -> Result<Vec<u8>, FigureError> {
    let fail = |e: png::EncodingError| FigureError::Encode { format: "PNG", why: e.to_string() };
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_depth(png::BitDepth::Eight);
    if let Some(palette) = palette {
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_palette(palette);
        // Indices have no gradient to predict: a fixed filter keeps the fast path fast.
        encoder.set_compression(png::Compression::Fast);
        encoder.set_filter(png::Filter::Sub);
    } else {
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::Fast);
        encoder.set_filter(png::Filter::Adaptive);
    }
    let per_metre = (scene.px_per_pt * 72.0 / 0.0254).round() as u32;
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: per_metre,
        yppu: per_metre,
        unit: png::Unit::Meter,
    }));
    encoder.add_itxt_chunk(KEYWORD.to_owned(), provenance.to_owned()).map_err(fail)?;
    let mut writer = encoder.write_header().map_err(fail)?;
    writer.write_image_data(data).map_err(fail)?;
    writer.finish().map_err(fail)?;
    Ok(out)
}

fn skia(color: Color) -> tiny_skia::Color {
    let [r, g, b] = color.rgb;
    tiny_skia::Color::from_rgba8(r, g, b, (color.alpha.clamp(0.0, 1.0) * 255.0).round() as u8)
}

fn paint(color: Color) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color(skia(color));
    paint
}

struct Sheet {
    pixmap: Pixmap,
    scale: f32,
    mask: Option<Mask>,
    /// Clip rectangle in px: left, top, right, bottom.
    clip: Option<[i64; 4]>,
}

impl Sheet {
    fn marks(&mut self, marks: &[Mark]) {
        for mark in marks {
            match mark {
                Mark::Rect(rect, color) => self.fill(rect_path(*rect, self.scale), *color),
                Mark::Line(points, stroke) => self.line(points, stroke),
                Mark::Polygon(points, color) => self.fill(poly_path(points, self.scale, true), *color),
                Mark::Marker { at, size, shape, color } => self.marker(*at, *size, *shape, *color),
                Mark::Text(text) => self.text(text),
                Mark::Image(rect, image) => self.image(*rect, image),
                Mark::Clip(rect, inner) => self.clipped(*rect, inner),
            }
        }
    }

    fn fill(&mut self, path: Option<Path>, color: Color) {
        let Some(path) = path else { return };
        self.pixmap.fill_path(
            &path,
            &paint(color),
            FillRule::Winding,
            Transform::identity(),
            self.mask.as_ref(),
        );
    }

    fn line(&mut self, points: &[(f64, f64)], stroke: &Stroke) {
        let Some(path) = poly_path(points, self.scale, false) else { return };
        let dash: Vec<f32> = stroke.dash.iter().map(|d| *d as f32 * self.scale).collect();
        let style = tiny_skia::Stroke {
            width: stroke.width as f32 * self.scale,
            dash: StrokeDash::new(dash, 0.0),
            line_join: tiny_skia::LineJoin::Round,
            ..tiny_skia::Stroke::default()
        };
        let paint = paint(stroke.color);
        self.pixmap.stroke_path(&path, &paint, &style, Transform::identity(), self.mask.as_ref());
    }

    fn marker(&mut self, at: (f64, f64), size: f64, shape: Shape, color: Color) {
        match marker_geometry(at, size, shape) {
            Geometry::Circle => {
                let (x, y) = (at.0 as f32 * self.scale, at.1 as f32 * self.scale);
                self.fill(PathBuilder::from_circle(x, y, size as f32 / 2.0 * self.scale), color);
            }
            Geometry::Polygon(points) => self.fill(poly_path(&points, self.scale, true), color),
            Geometry::Lines(lines) => {
                for line in lines {
                    self.line(&line, &Stroke::solid(color, size * 0.22));
                }
            }
        }
    }

    fn text(&mut self, t: &Text) {
        let scale = f64::from(self.scale);
        let mut path = PathBuilder::new();
        text::outline(&t.text, t.size * scale, t.weight, &mut |segment| match segment {
            Segment::Move(x, y) => path.move_to(x, y),
            Segment::Line(x, y) => path.line_to(x, y),
            Segment::Quad(a, b, x, y) => path.quad_to(a, b, x, y),
            Segment::Cubic(a, b, c, d, x, y) => path.cubic_to(a, b, c, d, x, y),
            Segment::Close => path.close(),
        });
        let Some(path) = path.finish() else { return };
        let shift = anchor_shift(t) * scale;
        let transform = Transform::from_translate(shift as f32, 0.0)
            .post_concat(Transform::from_rotate(t.rotation as f32))
            .post_concat(Transform::from_translate((t.at.0 * scale) as f32, (t.at.1 * scale) as f32));
        self.pixmap.fill_path(&path, &paint(t.color), FillRule::Winding, transform, self.mask.as_ref());
    }

    fn clipped(&mut self, rect: Rect, inner: &[Mark]) {
        let Some(path) = rect_path(rect, self.scale) else { return };
        let Some(mut mask) = Mask::new(self.pixmap.width(), self.pixmap.height()) else { return };
        mask.fill_path(&path, FillRule::Winding, true, Transform::identity());
        let before = (self.mask.replace(mask), self.clip.replace(self.edges(rect)));
        self.marks(inner);
        (self.mask, self.clip) = before;
    }

    fn edges(&self, rect: Rect) -> [i64; 4] {
        let px = |v: f64| (v * f64::from(self.scale)).round() as i64;
        [px(rect.x), px(rect.y), px(rect.right()), px(rect.bottom())]
    }

    /// Nearest pixel, edges on whole pixels: a cell's colour is exactly the map's.
    fn image(&mut self, rect: Rect, image: &Indexed) {
        let [x0, y0, x1, y1] = self.edges(rect);
        let (width, height) = (i64::from(self.pixmap.width()), i64::from(self.pixmap.height()));
        let clip = self.clip.unwrap_or([0, 0, width, height]);
        if x1 <= x0 || y1 <= y0 || image.width == 0 || image.height == 0 {
            return;
        }
        let colors: Vec<Option<PremultipliedColorU8>> =
            image.palette.iter().map(|c| PremultipliedColorU8::from_rgba(c[0], c[1], c[2], 255)).collect();
        let from = |at: i64, start: i64, end: i64, size: u32| {
            (((at - start) as f64 + 0.5) / (end - start) as f64 * f64::from(size)) as usize
        };
        let pixels = self.pixmap.pixels_mut();
        for y in y0.max(clip[1]).max(0)..y1.min(clip[3]).min(height) {
            let row = from(y, y0, y1, image.height) * image.width as usize;
            for x in x0.max(clip[0]).max(0)..x1.min(clip[2]).min(width) {
                let index =
                    image.indices.get(row + from(x, x0, x1, image.width)).copied().unwrap_or_default();
                if let Some(Some(color)) = colors.get(usize::from(index)) {
                    pixels[(y * width + x) as usize] = *color;
                }
            }
        }
    }
}

/// How far the text's origin lies from its anchor, pt.
pub(super) fn anchor_shift(t: &Text) -> f64 {
    use crate::figure::scene::Anchor;
    let width = text::width(&t.text, t.size, t.weight);
    match t.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => -width / 2.0,
        Anchor::End => -width,
    }
}

fn rect_path(r: Rect, scale: f32) -> Option<Path> {
    let at = |v: f64| v as f32 * scale;
    Some(PathBuilder::from_rect(tiny_skia::Rect::from_ltrb(at(r.x), at(r.y), at(r.right()), at(r.bottom()))?))
}

fn poly_path(points: &[(f64, f64)], scale: f32, close: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    for (i, (x, y)) in points.iter().enumerate() {
        let (x, y) = (*x as f32 * scale, *y as f32 * scale);
        if i == 0 {
            path.move_to(x, y);
        } else {
            path.line_to(x, y);
        }
    }
    if close {
        path.close();
    }
    path.finish()
}

/// What a marker is made of.
pub(super) enum Geometry {
    /// A circle of the marker's size.
    Circle,
    /// A filled polygon.
    Polygon(Vec<(f64, f64)>),
    /// Strokes.
    Lines(Vec<Vec<(f64, f64)>>),
}

/// The geometry of a marker; areas are roughly equal at equal size.
pub(super) fn marker_geometry((x, y): (f64, f64), size: f64, shape: Shape) -> Geometry {
    let r = size / 2.0;
    let at = |points: &[(f64, f64)]| points.iter().map(|(a, b)| (x + a * r, y + b * r)).collect::<Vec<_>>();
    match shape {
        Shape::Circle => Geometry::Circle,
        Shape::Square => Geometry::Polygon(at(&[(-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)])),
        Shape::TriangleUp => Geometry::Polygon(at(&[(0.0, -1.2), (1.1, 0.8), (-1.1, 0.8)])),
        Shape::TriangleDown => Geometry::Polygon(at(&[(0.0, 1.2), (1.1, -0.8), (-1.1, -0.8)])),
        Shape::Diamond => Geometry::Polygon(at(&[(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)])),
        Shape::Plus => Geometry::Lines(vec![at(&[(-1.1, 0.0), (1.1, 0.0)]), at(&[(0.0, -1.1), (0.0, 1.1)])]),
        Shape::Cross => {
            Geometry::Lines(vec![at(&[(-0.9, -0.9), (0.9, 0.9)]), at(&[(-0.9, 0.9), (0.9, -0.9)])])
        }
        Shape::Star => Geometry::Lines(vec![
            at(&[(0.0, -1.1), (0.0, 1.1)]),
            at(&[(-0.95, -0.55), (0.95, 0.55)]),
            at(&[(-0.95, 0.55), (0.95, -0.55)]),
        ]),
    }
}
