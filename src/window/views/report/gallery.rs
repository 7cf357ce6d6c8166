//! The run's figures as textures, read on a thread one after the other, and shown as a gallery.

use crate::figure::{FigureSpec, Kind};
use crate::run::contents::RunContents;
use crate::window::background::Background;
use crate::window::command::Command;
use crate::window::theme::{self, font, panel, radius};
use crate::window::view::ViewContext;
use crate::window::widgets::paint::text_in;
use crate::window::widgets::{EmptyState, focus_ring, skeleton};
use egui::{
    Align2, Color32, ColorImage, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, TextureHandle,
    TextureOptions, Ui, WidgetInfo, pos2, vec2,
};
use std::collections::BTreeMap;
use std::path::Path;

/// Longest side of a figure's texture, px: print figures are larger than any window shows them.
const LONGEST: u32 = 1600;
/// Height of a card's picture in the gallery.
const TALL: f32 = 190.0;

/// A figure read, or why it was not.
type Read = (u64, String, Result<ColorImage, String>);

/// The pictures of one version of the run.
#[derive(Default)]
pub struct Gallery {
    version: u64,
    pictures: BTreeMap<String, Result<TextureHandle, String>>,
    reading: Background<Read>,
}

impl Gallery {
    /// Whether a figure is being read.
    pub fn is_busy(&self) -> bool {
        self.reading.is_running()
    }

    /// The picture of a figure's file once it is read; asks for it to be read.
    pub fn picture(
        &mut self,
        ui: &Ui,
        version: u64,
        run: &RunContents,
        file: &str,
    ) -> Option<&Result<TextureHandle, String>> {
        if self.version != version {
            *self = Self { version, ..Self::default() };
        }
        if let Some((of, name, result)) = self.reading.poll()
            && of == version
        {
            let made = result.map(|image| ui.ctx().load_texture(&name, image, TextureOptions::LINEAR));
            self.pictures.insert(name, made);
        }
        if !self.pictures.contains_key(file) && !self.reading.is_running() {
            let (path, name) = (run.folder.join(file), file.to_owned());
            let work = move || (version, name, read(&path));
            if let Err(error) = self.reading.start("read figure", ui.ctx(), work) {
                self.pictures.insert(file.to_owned(), Err(error.to_string()));
            }
        }
        self.pictures.get(file)
    }

    /// Draws the gallery: one card a figure, a click opens it in the studio.
    pub fn ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>, run: &RunContents) {
        let files: Vec<&String> =
            run.figures.iter().filter(|f| f.ends_with(".png") || f.ends_with(".gif")).collect();
        if files.is_empty() {
            let needs = "A run draws its figures at its end; any view can make one now";
            if EmptyState::new("image", "No figures in this run", needs).action("Figure...").ui(ui) {
                context.commands.push(Command::OpenStudio(Box::new(FigureSpec::of(Kind::Vpm))));
            }
            return;
        }
        let pad = panel::VIEW_PADDING;
        ScrollArea::vertical().id_salt("gallery").auto_shrink([false, false]).show(ui, |ui| {
            let columns = ((ui.available_width() - pad) / 340.0).floor().clamp(1.0, 5.0) as usize;
            let gap = 16.0;
            let wide = (ui.available_width() - 2.0 * pad - gap * (columns - 1) as f32) / columns as f32;
            ui.add_space(pad);
            for row in files.chunks(columns) {
                let (rect, _) =
                    ui.allocate_exact_size(vec2(ui.available_width(), TALL + 34.0), Sense::hover());
                for (i, file) in row.iter().enumerate() {
                    let at = pos2(rect.left() + pad + i as f32 * (wide + gap), rect.top());
                    self.card(ui, context, run, file, Rect::from_min_size(at, vec2(wide, TALL + 24.0)));
                }
                ui.add_space(8.0);
            }
        });
    }

    fn card(
        &mut self,
        ui: &mut Ui,
        context: &mut ViewContext<'_>,
        run: &RunContents,
        file: &str,
        rect: Rect,
    ) {
        let t = context.tokens;
        let name = words_of(file);
        let response = ui.interact(rect, ui.scope_id().with(("card", file)), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Open figure {name}")));
        let frame = Rect::from_min_size(rect.min, vec2(rect.width(), TALL));
        let edge = if response.hovered() { t.line_control } else { t.line };
        ui.painter().rect(
            frame,
            f32::from(radius::CARD),
            Color32::WHITE,
            Stroke::new(1.0, edge),
            StrokeKind::Inside,
        );
        let visible = ui.is_rect_visible(rect);
        match visible.then(|| self.picture(ui, context.run_version, run, file)).flatten() {
            Some(Ok(texture)) => {
                let room = frame.shrink(8.0);
                let [w, h] = texture.size();
                let fit = (room.width() / w as f32).min(room.height() / h as f32);
                let at = Rect::from_center_size(room.center(), vec2(w as f32 * fit, h as f32 * fit));
                ui.painter().image(
                    texture.id(),
                    at,
                    Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0)),
                    Color32::WHITE,
                );
            }
            Some(Err(why)) => {
                text_in(
                    ui,
                    frame.center(),
                    Align2::CENTER_CENTER,
                    why,
                    font::small(),
                    t.error,
                    frame.width() - 24.0,
                );
            }
            None => {}
        }
        let foot = pos2(rect.left() + 2.0, frame.bottom() + 13.0);
        text_in(ui, foot, Align2::LEFT_CENTER, &name, font::label(), t.text, rect.width() * 0.6);
        let extension = file.rsplit('.').next().unwrap_or_default().to_uppercase();
        let foot = pos2(rect.right() - 2.0, frame.bottom() + 13.0);
        text_in(ui, foot, Align2::RIGHT_CENTER, &extension, font::small(), t.text_subdued, 60.0);
        focus_ring(ui, &response);
        if response.on_hover_text("Open in the figure studio").clicked() {
            let stem = file.rsplit('/').next().and_then(|f| f.split('.').next()).unwrap_or_default();
            let kind = Kind::from_name(stem).unwrap_or(Kind::Vpm);
            context.commands.push(Command::OpenStudio(Box::new(FigureSpec::of(kind))));
        }
    }
}

/// "Training curves" of `figures/training-curves.png`.
pub fn words_of(file: &str) -> String {
    let stem = file.rsplit('/').next().and_then(|f| f.split('.').next()).unwrap_or(file);
    let mut words = stem.replace('-', " ");
    if words == "vpm" {
        return "A, B and D".to_owned();
    }
    if let Some(first) = words.get(..1).map(str::to_uppercase) {
        words.replace_range(..1, &first);
    }
    words
}

/// The first frame of a picture file, made smaller when it is large.
fn read(path: &Path) -> Result<ColorImage, String> {
    let bytes = std::fs::read(path).map_err(|e| crate::run::error::reason(&e))?;
    let image = image::load_from_memory(&bytes).map_err(|_| "this figure is damaged".to_owned())?;
    let image =
        if image.width().max(image.height()) > LONGEST { image.thumbnail(LONGEST, LONGEST) } else { image };
    let rgba = image.to_rgba8();
    Ok(ColorImage::from_rgba_unmultiplied([rgba.width() as usize, rgba.height() as usize], rgba.as_raw()))
}

/// Draws a figure of the page at its place, `wide` points wide at most.
pub fn figure_ui(
    gallery: &mut Gallery,
    ui: &mut Ui,
    context: &mut ViewContext<'_>,
    run: &RunContents,
    (file, alt): (&str, &str),
    wide: f32,
) {
    let t = theme::of(ui);
    let version = context.run_version;
    let (size, texture) = match gallery.picture(ui, version, run, file) {
        Some(Ok(texture)) => {
            let [w, h] = texture.size();
            (vec2(wide, wide * h as f32 / w.max(1) as f32), Some(texture.id()))
        }
        Some(Err(why)) => {
            let why = why.clone();
            let (rect, _) = ui.allocate_exact_size(vec2(wide, 40.0), Sense::hover());
            text_in(ui, rect.left_center(), Align2::LEFT_CENTER, &why, font::small(), t.error, wide);
            return;
        }
        None => (vec2(wide, wide * 0.5), None),
    };
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, alt));
    match texture {
        Some(id) => {
            let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            ui.painter().image(id, rect, uv, Color32::WHITE);
        }
        None => {
            ui.scope_builder(egui::UiBuilder::new().max_rect(rect), |ui| skeleton(ui, "Reading the figure"));
        }
    }
    focus_ring(ui, &response);
    if response.on_hover_text("Open in the figure studio").clicked() {
        let stem = file.rsplit('/').next().and_then(|f| f.split('.').next()).unwrap_or_default();
        let kind = Kind::from_name(stem).unwrap_or(Kind::Vpm);
        context.commands.push(Command::OpenStudio(Box::new(FigureSpec::of(kind))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_named_by_what_they_show() {
        assert_eq!(words_of("figures/training-curves.png"), "Training curves");
        assert_eq!(words_of("figures/vpm.svg"), "A, B and D");
    }
}
