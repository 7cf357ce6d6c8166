//! The preview: the figure drawn on a thread at the resolution of this screen, shown at its true size or fitted.

use crate::figure::spec::Size;
use crate::figure::writers::scene_rgb;
use crate::figure::{FigureSpec, Kind, draw};
use crate::job::JobContext;
use crate::pipeline::projection::with_projection;
use crate::run::contents::RunContents;
use crate::window::background::Background;
use crate::window::format;
use crate::window::theme::{self, font};
use crate::window::widgets::paint::{lines, text_in};
use egui::{
    Align2, Color32, ColorImage, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, TextureHandle,
    TextureOptions, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};
use std::borrow::Cow;
use std::sync::Arc;

/// Dots an inch of a point: what operating systems take a screen to have.
const POINTS_PER_INCH: f32 = 96.0;
/// Space around the sheet.
const MARGIN: f32 = 28.0;

/// What a preview was drawn for.
#[derive(Clone, Debug, PartialEq)]
struct Key {
    spec: FigureSpec,
    /// Dots a point, in 64ths.
    scale: u32,
    fingerprint: String,
}

/// The sheet as a texture and its size in points, or why it cannot be drawn.
type Drawn = Result<(TextureHandle, Vec2), String>;

struct Ready {
    key: Key,
    result: Result<(ColorImage, Vec2), String>,
}

/// The last preview, and the one under way.
#[derive(Default)]
pub struct Preview {
    shown: Option<(Key, Drawn)>,
    drawing: Background<Ready>,
    wanted: Option<Key>,
}

impl Preview {
    /// Whether one is being drawn.
    pub fn is_busy(&self) -> bool {
        self.drawing.is_running()
    }

    /// Whether the figure as asked for cannot be drawn.
    pub fn has_failed(&self) -> bool {
        self.shown.as_ref().is_some_and(|(_, result)| result.is_err())
    }

    /// Draws the sheet in `rect`.
    pub fn ui(&mut self, ui: &mut Ui, rect: Rect, run: &Arc<RunContents>, spec: &FigureSpec, fit: bool) {
        let t = theme::of(ui);
        ui.painter().rect_filled(rect, 0.0, t.canvas_bg);
        self.update(ui, run, spec);
        let foot = Rect::from_min_max(pos2(rect.left(), rect.bottom() - 30.0), rect.max);
        let sheet = Rect::from_min_max(rect.min, foot.right_top());
        match &self.shown {
            Some((_, Ok((texture, size)))) => {
                let room = sheet.shrink(MARGIN).size();
                let zoom = if fit { (room.x / size.x).min(room.y / size.y) } else { 1.0 };
                picture(ui, sheet, texture, *size * zoom, spec);
                let words = size_words(spec, *size, zoom);
                let at = foot.left_center() + vec2(20.0, 0.0);
                text_in(
                    ui,
                    at,
                    Align2::LEFT_CENTER,
                    &words,
                    font::small(),
                    t.text_subdued,
                    foot.width() - 40.0,
                );
            }
            Some((_, Err(why))) => {
                let galley =
                    lines(ui, why, font::body(), t.text, (sheet.width() - 96.0).min(440.0), 6, Some(20.0));
                let at = sheet.center() - galley.size() / 2.0;
                crate::window::widgets::paint::icon_at(
                    ui.painter(),
                    pos2(sheet.center().x, at.y - 26.0),
                    "warning-circle",
                    26.0,
                    t.error,
                );
                let taken = Rect::from_min_size(at, galley.size());
                let response = ui.interact(taken, ui.scope_id().with("preview problem"), Sense::hover());
                response.widget_info(|| WidgetInfo::labeled(Role::Alert, true, why.as_str()));
                ui.painter().galley(at, galley, t.text);
            }
            None => {
                text_in(
                    ui,
                    sheet.center(),
                    Align2::CENTER_CENTER,
                    "Drawing the preview",
                    font::small(),
                    t.text_subdued,
                    300.0,
                );
            }
        }
    }

    /// Asks for a new preview when the spec changed; the last one stays until it is there.
    fn update(&mut self, ui: &Ui, run: &Arc<RunContents>, spec: &FigureSpec) {
        if let Some(ready) = self.drawing.poll() {
            let result = ready.result.map(|(image, size)| {
                (ui.ctx().load_texture("figure preview", image, TextureOptions::LINEAR), size)
            });
            self.shown = Some((ready.key, result));
        }
        let key = Key {
            spec: spec.clone(),
            scale: (ui.pixels_per_point() * 64.0).round() as u32,
            fingerprint: run.result_id().to_owned(),
        };
        // One at a time: while an option is dragged only the newest wish is drawn after the one under way.
        if self.drawing.is_running() || self.wanted.as_ref() == Some(&key) {
            return;
        }
        self.wanted = Some(key.clone());
        let (run, scale) = (Arc::clone(run), ui.pixels_per_point());
        let work = move || {
            let result = at_screen(&run, &key.spec, scale);
            Ready { key, result }
        };
        if let Err(error) = self.drawing.start("draw preview", ui.ctx(), work) {
            tracing::error!("no thread for the preview: {error}");
        }
    }
}

/// The run with the projection that a figure asks for, computed now when the run does not keep it.
pub(super) fn with_what_it_needs<'a>(
    run: &'a RunContents,
    spec: &FigureSpec,
) -> anyhow::Result<Cow<'a, RunContents>> {
    if spec.kind != Kind::Projection || run.projection(spec.projection).is_some() {
        return Ok(Cow::Borrowed(run));
    }
    Ok(Cow::Owned(with_projection(run.clone(), spec.projection, &JobContext::detached())?))
}

/// The figure at this screen's resolution and its true size in points.
fn at_screen(run: &RunContents, spec: &FigureSpec, scale: f32) -> Result<(ColorImage, Vec2), String> {
    let dots_per_inch = f64::from(POINTS_PER_INCH * scale);
    let size = match spec.size {
        Size::Mm { width, height, .. } => Size::Mm { width, height, dpi: dots_per_inch },
        px @ Size::Px { .. } => px,
    };
    let run = with_what_it_needs(run, spec).map_err(|e| format!("{e:#}"))?;
    let scene = draw(&run, &FigureSpec { size, ..spec.clone() }).map_err(|e| e.to_string())?;
    let ((w, h), rgb) = scene_rgb(&scene).map_err(|e| e.to_string())?;
    let image = ColorImage::from_rgb([w as usize, h as usize], &rgb);
    Ok((image, vec2(w as f32, h as f32) / scale))
}

fn picture(ui: &mut Ui, rect: Rect, texture: &TextureHandle, size: Vec2, spec: &FigureSpec) {
    let t = theme::of(ui);
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect));
    child.set_clip_rect(rect.intersect(ui.clip_rect()));
    ScrollArea::both().id_salt("preview").auto_shrink([false, false]).show(&mut child, |ui| {
        let full = (size + Vec2::splat(2.0 * MARGIN)).max(rect.size() - Vec2::splat(2.0));
        let (area, response) = ui.allocate_exact_size(full, Sense::hover());
        response.widget_info(|| {
            WidgetInfo::labeled(Role::Image, true, format!("preview of the {} figure", spec.kind.name()))
        });
        let at = Rect::from_center_size(area.center(), size);
        let at = crate::window::widgets::paint::pixel_rect(ui, at);
        let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        ui.painter().image(texture.id(), at, uv, Color32::WHITE);
        ui.painter().rect_stroke(at, 0.0, Stroke::new(1.0, t.line_strong), StrokeKind::Outside);
    });
}

/// "170 x 89 mm at 300 DPI, 2008 x 1052 px, shown at 71%".
fn size_words(spec: &FigureSpec, points: Vec2, zoom: f32) -> String {
    let shown = if (zoom - 1.0).abs() < 0.005 {
        "shown at true size".to_owned()
    } else {
        format!("shown at {:.0}%", zoom * 100.0)
    };
    match spec.size {
        Size::Mm { dpi, .. } => {
            let mm = points / POINTS_PER_INCH * 25.4;
            let px = |mm: f32| format::count((f64::from(mm) / 25.4 * dpi).round() as usize);
            format!("{:.0} × {:.0} mm at {dpi:.0} DPI, {} × {} px, {shown}", mm.x, mm.y, px(mm.x), px(mm.y))
        }
        Size::Px { width, height } => {
            format!("{} × {} px, {shown}", format::count(width as usize), format::count(height as usize))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::fixture;

    #[test]
    fn a_millimetre_is_a_millimetre_whatever_the_screens_scale() {
        let spec = FigureSpec::of(Kind::Barcode);
        for scale in [1.0, 2.0] {
            let (image, size) = at_screen(&fixture::run(), &spec, scale).unwrap();
            assert!((size.x - 170.0 / 25.4 * 96.0).abs() < 1.5, "{size:?}");
            assert_eq!(image.size[0], (size.x * scale).round() as usize);
        }
        let words = size_words(&spec, vec2(642.5, 336.0), 1.0);
        assert!(words.starts_with("170 × 89 mm at 300 DPI, 2\u{2009}008 × "), "{words}");
    }
}
