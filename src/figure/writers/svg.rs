//! SVG: text stays text in an embedded subset of Inter, fields are embedded PNGs, provenance is metadata.

use super::png::{Geometry, marker_geometry, scene_png};
use crate::figure::FigureError;
use crate::figure::provenance::KEYWORD;
use crate::figure::scene::{Anchor, Color, Indexed, Mark, Rect, Scene, Stroke, Text, Weight};
use std::fmt::Write as _;
use std::sync::Arc;

static REGULAR: &[u8] = include_bytes!("../../../assets/fonts/figure-Regular.woff2");
static SEMIBOLD: &[u8] = include_bytes!("../../../assets/fonts/figure-SemiBold.woff2");

/// The SVG file of a scene, one unit a point.
///
/// # Errors
/// When an embedded picture cannot be encoded.
pub fn scene_svg(scene: &Scene, provenance: &str) -> Result<Vec<u8>, FigureError> {
    let (w, h) = (num(scene.width), num(scene.height));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}pt\" height=\"{h}pt\" viewBox=\"0 0 {w} {h}\" \
         role=\"img\" aria-labelledby=\"alt\">\n<title id=\"alt\">{}</title>\n<metadata id=\"{KEYWORD}\">{}</metadata>\n",
        escape(&scene.alt),
        escape(provenance),
    );
    style(scene, &mut out);
    let mut writer = Writer { out, clips: 0, scene };
    writer.line(&format!("<rect width=\"{w}\" height=\"{h}\" {}/>", fill(scene.ground)));
    writer.marks(&scene.marks)?;
    writer.line("</svg>");
    Ok(writer.out.into_bytes())
}

/// Declares only the weights used. Kerning and ligatures are off, so that a browser sets a line as wide as it was
/// measured.
fn style(scene: &Scene, out: &mut String) {
    let mut weights: Vec<Weight> = scene.texts().iter().map(|t| t.weight).collect();
    weights.sort_unstable();
    weights.dedup();
    if weights.is_empty() {
        return;
    }
    out.push_str("<style>\n");
    for weight in weights {
        let (number, bytes) = match weight {
            Weight::Regular => (400, REGULAR),
            Weight::SemiBold => (600, SEMIBOLD),
        };
        let _ = writeln!(
            out,
            "@font-face{{font-family:\"Inter figure\";font-weight:{number};src:url(data:font/woff2;base64,{}) \
             format(\"woff2\")}}",
            base64(bytes)
        );
    }
    out.push_str(
        "text{font-family:\"Inter figure\",Inter,Helvetica,Arial,sans-serif;font-kerning:none;\
         font-variant-ligatures:none;white-space:pre}\n</style>\n",
    );
}

struct Writer<'a> {
    out: String,
    clips: usize,
    scene: &'a Scene,
}

impl Writer<'_> {
    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn marks(&mut self, marks: &[Mark]) -> Result<(), FigureError> {
        for mark in marks {
            match mark {
                Mark::Rect(r, color) => {
                    let text = format!("<rect {} {}/>", geometry(*r), fill(*color));
                    self.line(&text);
                }
                Mark::Line(points, stroke) => self.polyline(points, stroke),
                Mark::Polygon(points, color) => {
                    let text = format!("<polygon points=\"{}\" {}/>", list(points), fill(*color));
                    self.line(&text);
                }
                Mark::Marker { at, size, shape, color } => match marker_geometry(*at, *size, *shape) {
                    Geometry::Circle => {
                        let (x, y, r) = (num(at.0), num(at.1), num(size / 2.0));
                        self.line(&format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\" {}/>", fill(*color)));
                    }
                    Geometry::Polygon(p) => {
                        self.line(&format!("<polygon points=\"{}\" {}/>", list(&p), fill(*color)));
                    }
                    Geometry::Lines(lines) => {
                        for l in lines {
                            self.polyline(&l, &Stroke::solid(*color, size * 0.22));
                        }
                    }
                },
                Mark::Text(t) => self.text(t),
                Mark::Image(r, image) => self.image(*r, image)?,
                Mark::Clip(r, inner) => self.clip(*r, inner)?,
            }
        }
        Ok(())
    }

    fn polyline(&mut self, points: &[(f64, f64)], stroke: &Stroke) {
        let mut text = format!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\"",
            list(points),
            hex(stroke.color),
            num(stroke.width)
        );
        if stroke.color.alpha < 1.0 {
            let _ = write!(text, " stroke-opacity=\"{}\"", num(f64::from(stroke.color.alpha)));
        }
        if !stroke.dash.is_empty() {
            let dash: Vec<String> = stroke.dash.iter().map(|d| num(*d)).collect();
            let _ = write!(text, " stroke-dasharray=\"{}\"", dash.join(" "));
        }
        text.push_str("/>");
        self.line(&text);
    }

    fn text(&mut self, t: &Text) {
        let (x, y) = (num(t.at.0), num(t.at.1));
        let mut tag = format!("<text x=\"{x}\" y=\"{y}\" font-size=\"{}\" {}", num(t.size), fill(t.color));
        if t.weight == Weight::SemiBold {
            tag.push_str(" font-weight=\"600\"");
        }
        match t.anchor {
            Anchor::Start => {}
            Anchor::Middle => tag.push_str(" text-anchor=\"middle\""),
            Anchor::End => tag.push_str(" text-anchor=\"end\""),
        }
        if t.rotation != 0.0 {
            let _ = write!(tag, " transform=\"rotate({} {x} {y})\"", num(t.rotation));
        }
        let text = format!("{tag}>{}</text>", escape(&t.text));
        self.line(&text);
    }

    fn image(&mut self, r: Rect, image: &Arc<Indexed>) -> Result<(), FigureError> {
        let px_per_pt = f64::from(image.width) / r.w;
        let alone = Scene {
            width: f64::from(image.width) / px_per_pt,
            height: f64::from(image.height) / px_per_pt,
            px_per_pt,
            ground: self.scene.ground,
            alt: String::new(),
            marks: Vec::new(),
        };
        let rect = Rect { x: 0.0, y: 0.0, w: alone.width, h: alone.height };
        let png = scene_png(&Scene { marks: vec![Mark::Image(rect, image.clone())], ..alone }, "{}")?;
        let text = format!(
            "<image {} preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" \
             href=\"data:image/png;base64,{}\"/>",
            geometry(r),
            base64(&png)
        );
        self.line(&text);
        Ok(())
    }

    fn clip(&mut self, r: Rect, inner: &[Mark]) -> Result<(), FigureError> {
        self.clips += 1;
        let id = self.clips;
        self.line(&format!("<clipPath id=\"clip{id}\"><rect {}/></clipPath>", geometry(r)));
        self.line(&format!("<g clip-path=\"url(#clip{id})\">"));
        self.marks(inner)?;
        self.line("</g>");
        Ok(())
    }
}

fn geometry(r: Rect) -> String {
    format!("x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", num(r.x), num(r.y), num(r.w), num(r.h))
}

fn list(points: &[(f64, f64)]) -> String {
    points.iter().map(|(x, y)| format!("{},{}", num(*x), num(*y))).collect::<Vec<_>>().join(" ")
}

fn hex(color: Color) -> String {
    let [r, g, b] = color.rgb;
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn fill(color: Color) -> String {
    if color.alpha < 1.0 {
        format!("fill=\"{}\" fill-opacity=\"{}\"", hex(color), num(f64::from(color.alpha)))
    } else {
        format!("fill=\"{}\"", hex(color))
    }
}

/// Three decimals at most (a thousandth of a point), no trailing zeros, no negative zero.
fn num(v: f64) -> String {
    let text = format!("{v:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Text for XML; control characters XML forbids are left out.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

/// Base64 with padding (RFC 4648, section 4).
pub(crate) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().enumerate().fold(0_u32, |w, (i, b)| w | u32::from(*b) << (16 - 8 * i));
        for i in 0..4 {
            if i <= chunk.len() {
                out.push(char::from(ALPHABET[(word >> (18 - 6 * i)) as usize & 63]));
            } else {
                out.push('=');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_the_rfc_vectors() {
        // RFC 4648, section 10.
        let cases = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (plain, coded) in cases {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn numbers_are_short_and_text_is_safe() {
        assert_eq!((num(1.50), num(-0.0001), num(12.0)), ("1.5".into(), "0".into(), "12".into()));
        assert_eq!(escape("a<b & \"c\"\u{7}"), "a&lt;b &amp; &quot;c&quot;");
    }
}
