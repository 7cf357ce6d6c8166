//! The pictures of A, B, D and the overview: drawn by the compute shader when the window has a GPU, else on the CPU,
//! and only when something they show has changed.

use super::gpu_panel::GpuPanels;
use super::prepared::Prepared;
use super::settings::{Settings, reducer_of_scores};
use crate::field::vpm::raster::draw_rgba;
use crate::field::vpm::{Layout, Palette, Reducer};
use crate::figure::colormap::ColorMap;
use crate::window::theme::Tokens;
use crate::window::view::ViewContext;
use egui::{ColorImage, Context, TextureHandle, TextureId, TextureOptions};
use std::ops::Range;

/// Index of the overview among the pictures.
pub const OVERVIEW: usize = 3;

/// What one picture shows.
#[derive(Clone, Debug, PartialEq)]
pub struct PictureKey {
    serial: u64,
    visible: Range<usize>,
    size: (u32, u32),
    dark: bool,
}

#[derive(Default)]
struct Slot {
    key: Option<PictureKey>,
    id: Option<TextureId>,
    cpu: Option<TextureHandle>,
}

/// The four pictures.
#[derive(Default)]
pub struct Textures {
    slots: [Slot; 4],
    gpu: Option<GpuPanels>,
}

/// What is asked of one picture.
pub struct Picture<'a> {
    /// 0 A, 1 B, 2 D, [`OVERVIEW`].
    pub slot: usize,
    /// What is shown.
    pub prepared: &'a Prepared,
    /// How.
    pub settings: &'a Settings,
    /// Visible positions.
    pub visible: Range<usize>,
    /// Width and height in pixels.
    pub size: (u32, u32),
}

impl Textures {
    /// The texture of a picture, redrawn only when needed; `None` when it cannot be drawn.
    pub fn picture(
        &mut self,
        ctx: &Context,
        context: &ViewContext<'_>,
        wanted: &Picture<'_>,
    ) -> Option<TextureId> {
        let key = PictureKey {
            serial: wanted.prepared.serial,
            visible: wanted.visible.clone(),
            size: wanted.size,
            dark: context.tokens.dark,
        };
        let slot = &mut self.slots[wanted.slot];
        if slot.key.as_ref() == Some(&key) {
            return slot.id;
        }
        let panel_index = wanted.slot.min(2);
        let panel = wanted.prepared.panels[panel_index].as_ref()?;
        let columns = [wanted.prepared.columns.clone()];
        let (width, height) = wanted.size;
        let layout =
            Layout::new(width, height, &wanted.prepared.order, wanted.visible.clone(), &columns, 0).ok()?;
        let is_delta = panel_index == 2;
        let palette = palette(context.tokens, is_delta);
        let reducer = match wanted.slot {
            OVERVIEW => Reducer::MaxAbs,
            2 => wanted.settings.reducer,
            _ => reducer_of_scores(wanted.settings.reducer),
        };
        let drawn = context.gpu.and_then(|gpu| {
            let gpu_panels = self.gpu.get_or_insert_with(|| GpuPanels::new(gpu));
            let serial = wanted.prepared.serial;
            let drawn = gpu_panels.draw(gpu, wanted.slot, serial, panel, &layout, reducer, &palette);
            drawn.inspect_err(|error| tracing::warn!("VPM drawn on the CPU instead: {error}")).ok()
        });
        slot.id = drawn.or_else(|| {
            let rgba = draw_rgba(&panel.values, &layout, &panel.limits, reducer, &palette).ok()?;
            let image = ColorImage::from_rgba_unmultiplied([width as usize, height as usize], &rgba);
            match &mut slot.cpu {
                Some(handle) => handle.set(image, TextureOptions::NEAREST),
                None => {
                    let name = format!("vpm {}", wanted.slot);
                    slot.cpu = Some(ctx.load_texture(name, image, TextureOptions::NEAREST));
                }
            }
            slot.cpu.as_ref().map(TextureHandle::id)
        });
        slot.key = Some(key);
        slot.id
    }
}

/// The colours of a panel in the current theme.
pub fn palette(tokens: &Tokens, is_delta: bool) -> Palette {
    let map = if is_delta { ColorMap::delta(tokens.dark) } else { ColorMap::Batlow };
    let rgb = |c: egui::Color32| [c.r(), c.g(), c.b()];
    Palette { map: map.table(), hatch: [rgb(tokens.missing_a), rgb(tokens.missing_b)], gap: [0; 4] }
}
