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
