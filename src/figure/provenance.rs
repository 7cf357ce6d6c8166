//! Provenance inside a figure: which run, which config, which commit and which spec it was drawn from.

use super::FigureError;
use super::spec::FigureSpec;
use crate::run::contents::RunContents;
use serde_json::{Value, json};

/// Keyword of the PNG's iTXt chunk and id of the SVG's metadata.
pub const KEYWORD: &str = "gapfield";

/// What a figure's file carries: `{commit, config_hash, fingerprint, spec, title}`, keys sorted.
pub fn of(run: &RunContents, spec: &FigureSpec) -> Value {
    let text = |key: &str| run.manifest.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    json!({
        "fingerprint": run.result_id(),
        "title": run.title(),
        "config_hash": text("config_hash"),
        "commit": text("git_commit"),
        "spec": spec,
    })
}

/// The provenance a figure's PNG carries; `None` when the file is a PNG without it.
///
/// # Errors
/// When the bytes are no readable PNG or what they carry is no JSON.
pub fn provenance_of_png(bytes: &[u8]) -> Result<Option<Value>, FigureError> {
    let fail = |why: String| FigureError::Encode { format: "provenance", why };
    let reader = png::Decoder::new(std::io::Cursor::new(bytes))
        .read_info()
        .map_err(|e| fail(format!("not a readable PNG ({e})")))?;
    let Some(chunk) = reader.info().utf8_text.iter().find(|c| c.keyword == KEYWORD) else { return Ok(None) };
    let text = chunk.get_text().map_err(|e| fail(e.to_string()))?;
    serde_json::from_str(&text)
        .map(Some)
        .map_err(|e| fail(format!("its chunk \"{KEYWORD}\" is no JSON ({e})")))
}

/// The provenance that the bytes of a figure's file carry, whichever format it is; `None` when it is a picture
/// without it.
///
/// # Errors
/// When the bytes are no PNG, SVG or GIF, or what they carry is no JSON.
pub fn of_file(bytes: &[u8]) -> Result<Option<Value>, FigureError> {
    if bytes.starts_with(b"\x89PNG") {
        return provenance_of_png(bytes);
    }
    let fail = |why: &str| FigureError::Encode { format: "provenance", why: why.to_owned() };
    let text = if bytes.starts_with(b"GIF8") {
        gif_comment(bytes).ok_or_else(|| fail("the GIF is cut short"))?
    } else {
        let svg = std::str::from_utf8(bytes).ok().filter(|s| s.contains("<svg"));
        svg_metadata(svg.ok_or_else(|| fail("not a PNG, SVG or GIF"))?)
    };
    let Some(text) = text else { return Ok(None) };
    serde_json::from_str(&text).map(Some).map_err(|e| fail(&format!("it is no JSON ({e})")))
}

/// The comment of ours among the blocks before the first frame; the outer `None` when the file ends too early.
fn gif_comment(bytes: &[u8]) -> Option<Option<String>> {
    let flags = *bytes.get(10)?;
    let palette = if flags & 0x80 != 0 { 3 << ((flags & 7) + 1) } else { 0 };
    let mut at = 13 + palette;
    while *bytes.get(at)? == 0x21 {
        let is_comment = *bytes.get(at + 1)? == 0xFE;
        at += 2;
        let mut data = Vec::new();
        loop {
            let n = usize::from(*bytes.get(at)?);
            at += 1;
            if n == 0 {
                break;
            }
            data.extend_from_slice(bytes.get(at..at + n)?);
            at += n;
        }
        let text = String::from_utf8(data).unwrap_or_default();
        if let Some(ours) = text.strip_prefix(KEYWORD).filter(|_| is_comment) {
            return Some(Some(ours.trim_start().to_owned()));
        }
    }
    Some(None)
}

/// The text of the metadata element that the SVG writer makes, unescaped.
fn svg_metadata(svg: &str) -> Option<String> {
    let from = svg.find(&format!("<metadata id=\"{KEYWORD}\">"))?;
    let text = svg.get(from..)?.split_once('>')?.1.split_once("</metadata>")?.0;
    let plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    Some(plain.replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::{Format, Kind, fixture, render};

    #[test]
    fn every_format_carries_the_same_provenance_and_foreign_files_carry_none() {
        let mut run = fixture::run();
        run.manifest["title"] = json!("A \"quoted\" <title> & more");
        let spec = FigureSpec { rows: vec![1, 2, 3], ..FigureSpec::of(Kind::Timeline) };
        for format in [Format::Png, Format::Svg, Format::Gif] {
            let bytes = render(&run, &spec, format).unwrap();
            assert_eq!(of_file(&bytes).unwrap(), Some(of(&run, &spec)), "{}", format.name());
        }
        assert_eq!(of_file(b"<svg xmlns='x'></svg>").unwrap(), None);
        assert!(of_file(b"GIF89a").is_err());
        assert!(of_file(b"hello").is_err());
    }
}
