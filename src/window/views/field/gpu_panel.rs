//! The compute shader's textures, registered with egui's renderer.

use super::prepared::Panel;
use crate::field::vpm::gpu::{DrawParams, VpmGpu};
use crate::field::vpm::{Layout, Palette, Reducer, VpmError};
use crate::window::view::WindowGpu;
use egui::TextureId;

struct OnGpu {
    vpm: VpmGpu,
    /// Preparation whose matrix is uploaded.
    uploaded: Option<u64>,
    /// Texture as egui knows it, and which of the panel's textures that was.
    registered: Option<(TextureId, u64)>,
}

/// One panel of the compute shader for each picture.
pub struct GpuPanels(Vec<OnGpu>);

impl GpuPanels {
    /// Compiles the shader once for all panels.
    pub fn new(gpu: &WindowGpu) -> Self {
        let device = &gpu.render_state.device;
        let first = VpmGpu::new(device);
        let others: Vec<VpmGpu> = (0..3).map(|_| first.another(device)).collect();
        let panels = std::iter::once(first).chain(others);
        Self(panels.map(|vpm| OnGpu { vpm, uploaded: None, registered: None }).collect())
    }

    /// Draws one picture into its texture.
    ///
    /// # Errors
    /// When this device cannot draw it; the CPU then does.
    #[allow(clippy::too_many_arguments)]
    pub fn draw(
        &mut self,
        gpu: &WindowGpu,
        slot: usize,
        serial: u64,
        panel: &Panel,
        layout: &Layout,
        reducer: Reducer,
        palette: &Palette,
    ) -> Result<TextureId, VpmError> {
        let state = &gpu.render_state;
        let on_gpu = self.0.get_mut(slot).ok_or(VpmError::Empty)?;
        if on_gpu.uploaded != Some(serial) {
            on_gpu.vpm.upload(&state.device, &state.queue, &panel.values)?;
            on_gpu.uploaded = Some(serial);
        }
        let params = DrawParams { layout, limits: &panel.limits, reducer, palette };
        on_gpu.vpm.draw(&state.device, &state.queue, params)?;
        let made = on_gpu.vpm.textures_made();
        if let Some((id, at)) = on_gpu.registered
            && at == made
        {
            return Ok(id);
        }
        let mut renderer = state.renderer.write();
        if let Some((old, _)) = on_gpu.registered.take() {
            renderer.free_texture(&old);
        }
        let view = on_gpu.vpm.view().ok_or(VpmError::Empty)?;
        let id = renderer.register_native_texture(&state.device, view, wgpu::FilterMode::Nearest);
        on_gpu.registered = Some((id, made));
        Ok(id)
    }
}
