//! Names and places of all widgets in a file, for programs that drive the real window with pointer and keyboard.
//!
//! Set `GAPFIELD_WIDGETS` to a path: after each frame that changed anything the file holds one JSON object,
//! `{"scale": pixels a point, "widgets": [{"role", "name", "about", "rect": [x, y, w, h] in points, "selected"}]}`.
//! It is the tree that a screen reader is given, so what a test can find a screen reader can find too.

use egui::{Context, FullOutput, Plugin, RawInput};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Environment variable that names the file.
pub const VARIABLE: &str = "GAPFIELD_WIDGETS";

/// Writes the file after frames.
pub struct WidgetMap {
    path: PathBuf,
    last: String,
}

impl WidgetMap {
    /// Into that file.
    pub fn new(path: PathBuf) -> Self {
        Self { path, last: String::new() }
    }

    /// Where the environment asks for it.
    pub fn from_env() -> Option<Self> {
        std::env::var_os(VARIABLE).filter(|v| !v.is_empty()).map(|v| Self::new(PathBuf::from(v)))
    }

    fn write(&self, text: &str) -> std::io::Result<()> {
        // Renamed into place, so that a reader never sees half of it.
        let temporary = self.path.with_extension("tmp");
        std::fs::write(&temporary, text)?;
        std::fs::rename(&temporary, &self.path)
    }
}

impl Plugin for WidgetMap {
    fn debug_name(&self) -> &'static str {
        "widget map"
    }

    fn input_hook(&mut self, ctx: &Context, _: &mut RawInput) {
        ctx.enable_accesskit();
    }

    fn output_hook(&mut self, _: &Context, output: &mut FullOutput) {
        let Some(update) = &output.platform_output.accesskit_update else { return };
        let widgets: Vec<Value> = update.nodes.iter().filter_map(|(_, node)| widget(node)).collect();
        let text = json!({"scale": output.pixels_per_point, "widgets": widgets}).to_string();
        if text == self.last {
            return;
        }
        match self.write(&text) {
            Ok(()) => self.last = text,
            Err(error) => tracing::warn!("{} was not written: {error}", self.path.display()),
        }
    }
}

fn widget(node: &egui::accesskit::Node) -> Option<Value> {
    let bounds = node.bounds()?;
    let name = node.label().or_else(|| node.value()).unwrap_or_default();
    let about = node.description().unwrap_or_default();
    if name.is_empty() && about.is_empty() {
        return None;
    }
    Some(json!({
        "role": format!("{:?}", node.role()),
        "name": name,
        "about": about,
        "rect": [bounds.x0, bounds.y0, bounds.x1 - bounds.x0, bounds.y1 - bounds.y0],
        "selected": node.is_selected(),
    }))
}
