//! The VPM on the GPU: the compute shader `shaders/vpm_raster.wgsl` into a texture that the window shows.

use super::raster::reciprocals;
use super::{Layout, Limits, Palette, Reducer, VpmError};
use crate::core::matrix::Matrix;
use std::sync::Arc;

/// Data buffers the shader can read; a software renderer binds 128 MiB each.
const CHUNKS: usize = 4;
/// Cells reduced by one dispatch (32 MiB of codes).
const BAND_CELLS: u32 = 8 << 20;

/// Everything that decides how an uploaded matrix looks.
#[derive(Clone, Copy, Debug)]
pub struct DrawParams<'a> {
    /// Where rows and columns stand.
    pub layout: &'a Layout,
    /// The scale of each column.
    pub limits: &'a Limits,
    /// What stands for several values in one pixel.
    pub reducer: Reducer,
    /// The colours.
    pub palette: &'a Palette,
}

/// The parameters of the picture that is in the texture.
#[derive(PartialEq)]
struct Drawn {
    layout: Layout,
    limits: Limits,
    reducer: Reducer,
    palette: Palette,
}

/// Word for word the `Params` of the shader.
#[repr(C)]
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
struct Uniforms {
    width: u32,
    height: u32,
    band_y: u32,
    band_height: u32,
    slots: u32,
    stride: u32,
    chunk_rows: u32,
    reducer: u32,
    row_start_at: u32,
    slots_at: u32,
    columns_at: u32,
    low_at: u32,
    scale_at: u32,
    reciprocal_at: u32,
    slot_of_x_at: u32,
    map_at: u32,
    hatch_a: u32,
    hatch_b: u32,
    gap: u32,
    spare: u32,
}

/// The compiled shader, shared by all panels of one device.
struct Program {
    bindings: wgpu::BindGroupLayout,
    reduce: wgpu::ComputePipeline,
    paint: wgpu::ComputePipeline,
}

/// The uploaded matrix, in chunks of whole rows.
struct Uploaded {
    chunks: Vec<wgpu::Buffer>,
    chunk_rows: usize,
    rows: usize,
    columns: usize,
}

/// One panel: an uploaded matrix and the texture it is drawn into.
pub struct VpmGpu {
    program: Arc<Program>,
    uniforms: wgpu::Buffer,
    uploaded: Option<Uploaded>,
    order: Option<(Arc<Vec<u32>>, wgpu::Buffer)>,
    tables: Option<wgpu::Buffer>,
    cells: Option<wgpu::Buffer>,
    picture: Option<(wgpu::Texture, wgpu::TextureView)>,
    drawn: Option<Drawn>,
    textures_made: u64,
}

impl VpmGpu {
    /// Whether the device can run the shader (a WebGL-class one cannot; use the CPU raster there).
    pub fn is_supported(device: &wgpu::Device) -> bool {
        let limits = device.limits();
        limits.max_storage_buffers_per_shader_stage >= 7
            && limits.max_storage_textures_per_shader_stage >= 1
            && limits.max_bindings_per_bind_group >= 9
            && limits.max_compute_invocations_per_workgroup >= 256
    }

    /// Compiles the shader; ask [`VpmGpu::is_supported`] first. Further panels of the same device come from [`VpmGpu::another`].
    pub fn new(device: &wgpu::Device) -> Self {
        Self::with(device, Arc::new(Program::new(device)))
    }

    /// A second panel with its own matrix and texture and the same compiled shader.
    pub fn another(&self, device: &wgpu::Device) -> Self {
        Self::with(device, Arc::clone(&self.program))
    }

    fn with(device: &wgpu::Device, program: Arc<Program>) -> Self {
        let uniforms = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("vpm params"),
            size: size_of::<Uniforms>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        Self {
            program,
            uniforms,
            uploaded: None,
            order: None,
            tables: None,
            cells: None,
            picture: None,
            drawn: None,
            textures_made: 0,
        }
    }

    /// Replaces the matrix. Row order, columns and scale are applied while drawing, so this is needed only for new values.
    ///
    /// # Errors
    /// [`VpmError::Empty`] for a matrix without values, [`VpmError::TooLarge`] beyond four bindings of the device.
    pub fn upload(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, m: &Matrix) -> Result<(), VpmError> {
        if m.is_empty() {
            return Err(VpmError::Empty);
        }
        let row_bytes = m.cols() as u64 * 4;
        let chunk_rows = (binding_bytes(device) / row_bytes).min(m.rows() as u64) as usize;
        if chunk_rows == 0 || m.rows().div_ceil(chunk_rows) > CHUNKS {
            return Err(VpmError::TooLarge { rows: m.rows(), columns: m.cols() });
        }
        let same = |u: &Uploaded| u.rows == m.rows() && u.columns == m.cols() && u.chunk_rows == chunk_rows;
        if !self.uploaded.as_ref().is_some_and(same) {
            let chunks = (0..m.rows().div_ceil(chunk_rows))
                .map(|i| {
                    let rows = chunk_rows.min(m.rows() - i * chunk_rows);
                    storage(device, "vpm data", rows as u64 * row_bytes)
                })
                .collect();
            self.uploaded = Some(Uploaded { chunks, chunk_rows, rows: m.rows(), columns: m.cols() });
        }
        self.upload_rows(queue, 0, m)
    }

    /// Replaces some rows from `first` on, as a pass fills its matrix live.
    ///
    /// # Errors
    /// [`VpmError::Layout`] when the rows do not lie inside the uploaded matrix.
    pub fn upload_rows(&mut self, queue: &wgpu::Queue, first: usize, rows: &Matrix) -> Result<(), VpmError> {
        let needed = VpmError::Layout { rows: first + rows.rows(), columns: rows.cols() };
        let Some(u) =
            self.uploaded.as_ref().filter(|u| u.columns == rows.cols() && first + rows.rows() <= u.rows)
        else {
            return Err(needed);
        };
        let (mut row, end) = (first, first + rows.rows());
        while row < end {
            let chunk = row / u.chunk_rows;
            let until = end.min((chunk + 1) * u.chunk_rows);
            let values = &rows.data()[(row - first) * u.columns..(until - first) * u.columns];
            let offset = ((row % u.chunk_rows) * u.columns * 4) as u64;
            queue.write_buffer(&u.chunks[chunk], offset, bytemuck::cast_slice(values));
            row = until;
        }
        self.drawn = None;
        Ok(())
    }

    /// Draws into the texture, unless the same picture is already there. The view stays the same until the size of the
    /// canvas changes (see [`VpmGpu::textures_made`]).
    ///
    /// # Errors
    /// [`VpmError::Empty`] before an upload, [`VpmError::Layout`] when layout or limits do not fit the uploaded matrix,
    /// [`VpmError::Canvas`] when the device has no texture of that size, [`VpmError::TooLarge`] for an order it cannot bind.
    pub fn draw(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        params: DrawParams<'_>,
    ) -> Result<&wgpu::TextureView, VpmError> {
        let layout = params.layout;
        let Some(uploaded) = &self.uploaded else { return Err(VpmError::Empty) };
        layout.check(uploaded.rows, uploaded.columns.min(params.limits.columns()))?;
        let (width, height) = (layout.width(), layout.height());
        if width.max(height) > device.limits().max_texture_dimension_2d {
            return Err(VpmError::Canvas { width, height });
        }
        if layout.order().len() as u64 * 4 > binding_bytes(device) {
            return Err(VpmError::TooLarge { rows: layout.order().len(), columns: uploaded.columns });
        }
        if !self.shows(params) {
            self.make_picture(device, width, height);
            self.make_order(device, queue, layout);
            self.dispatch(device, queue, params);
            self.drawn = Some(Drawn {
                layout: layout.clone(),
                limits: params.limits.clone(),
                reducer: params.reducer,
                palette: params.palette.clone(),
            });
        }
        self.view().ok_or(VpmError::Empty)
    }

    /// Whether the texture already holds this picture.
    pub fn shows(&self, params: DrawParams<'_>) -> bool {
        self.drawn.as_ref().is_some_and(|d| {
            d.reducer == params.reducer
                && d.palette == *params.palette
                && d.limits == *params.limits
                && d.layout == *params.layout
        })
    }

    /// The texture of the last draw (`Rgba8Unorm`, sRGB bytes).
    pub fn texture(&self) -> Option<&wgpu::Texture> {
        self.picture.as_ref().map(|(texture, _)| texture)
    }

    /// The view of the last draw.
    pub fn view(&self) -> Option<&wgpu::TextureView> {
        self.picture.as_ref().map(|(_, view)| view)
    }

    /// Counts the textures made so far: when it changes, register the new view with whoever shows it.
    pub fn textures_made(&self) -> u64 {
        self.textures_made
    }

    fn make_picture(&mut self, device: &wgpu::Device, width: u32, height: u32) {
        if self.texture().is_some_and(|t| (t.width(), t.height()) == (width, height)) {
            return;
        }
        let texture = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("vpm picture"),
            size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: wgpu::TextureFormat::Rgba8Unorm,
            usage: wgpu::TextureUsages::STORAGE_BINDING
                | wgpu::TextureUsages::TEXTURE_BINDING
                | wgpu::TextureUsages::COPY_SRC,
            view_formats: &[],
        });
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        self.picture = Some((texture, view));
        self.textures_made += 1;
    }

    fn make_order(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, layout: &Layout) {
        if self.order.as_ref().is_some_and(|(order, _)| Arc::ptr_eq(order, layout.order())) {
            return;
        }
        let bytes: &[u8] = bytemuck::cast_slice(layout.order());
        let buffer = match self.order.take() {
            Some((_, buffer)) if buffer.size() == bytes.len() as u64 => buffer,
            _ => storage(device, "vpm order", bytes.len() as u64),
        };
        queue.write_buffer(&buffer, 0, bytes);
        self.order = Some((Arc::clone(layout.order()), buffer));
    }

    fn dispatch(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, params: DrawParams<'_>) {
        let (Some(uploaded), Some((_, order)), Some((_, view))) =
            (&self.uploaded, &self.order, &self.picture)
        else {
            return;
        };
        let (words, mut uniforms) = tables(params, uploaded);
        let tables = at_least(device, &mut self.tables, "vpm tables", words.len() as u64 * 4);
        queue.write_buffer(tables, 0, bytemuck::cast_slice(&words));
        let band = (BAND_CELLS / uniforms.slots).clamp(1, uniforms.height);
        let cells =
            at_least(device, &mut self.cells, "vpm cells", u64::from(band) * u64::from(uniforms.slots) * 4);
        let data = |i: usize| uploaded.chunks.get(i).unwrap_or(&uploaded.chunks[0]);
        let buffers = [&self.uniforms, tables, cells, order, data(0), data(1), data(2), data(3)];
        let mut entries: Vec<wgpu::BindGroupEntry<'_>> = (0..)
            .zip(buffers)
            .map(|(binding, b)| wgpu::BindGroupEntry { binding, resource: b.as_entire_binding() })
            .collect();
        entries.push(wgpu::BindGroupEntry { binding: 8, resource: wgpu::BindingResource::TextureView(view) });
        let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("vpm"),
            layout: &self.program.bindings,
            entries: &entries,
        });
        for band_y in (0..uniforms.height).step_by(band as usize) {
            uniforms.band_y = band_y;
            uniforms.band_height = band.min(uniforms.height - band_y);
            // Each band is its own submission: the write happens before it and after the one before.
            queue.write_buffer(&self.uniforms, 0, bytemuck::bytes_of(&uniforms));
            let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
            {
                let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
                pass.set_bind_group(0, &group, &[]);
                pass.set_pipeline(&self.program.reduce);
                pass.dispatch_workgroups(uniforms.slots.div_ceil(8), uniforms.band_height.div_ceil(8), 1);
                pass.set_pipeline(&self.program.paint);
                pass.dispatch_workgroups(uniforms.width.div_ceil(16), uniforms.band_height.div_ceil(16), 1);
            }
            queue.submit([encoder.finish()]);
        }
    }
}

impl Program {
    fn new(device: &wgpu::Device) -> Self {
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("vpm_raster"),
            source: wgpu::ShaderSource::Wgsl(include_str!("../../../shaders/vpm_raster.wgsl").into()),
        });
        let buffer = |ty| wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None };
        let read = || buffer(wgpu::BufferBindingType::Storage { read_only: true });
        let entry = |binding, ty| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty,
            count: None,
        };
        let picture = wgpu::BindingType::StorageTexture {
            access: wgpu::StorageTextureAccess::WriteOnly,
            format: wgpu::TextureFormat::Rgba8Unorm,
            view_dimension: wgpu::TextureViewDimension::D2,
        };
        let mut entries = vec![
            entry(0, buffer(wgpu::BufferBindingType::Uniform)),
            entry(1, read()),
            entry(2, buffer(wgpu::BufferBindingType::Storage { read_only: false })),
            entry(8, picture),
        ];
        entries.extend((3..8).map(|binding| entry(binding, read())));
        let bindings = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("vpm"),
            entries: &entries,
        });
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("vpm"),
            bind_group_layouts: &[Some(&bindings)],
            immediate_size: 0,
        });
        let pipeline = |entry_point| {
            device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some(entry_point),
                layout: Some(&layout),
                module: &module,
                entry_point: Some(entry_point),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                cache: None,
            })
        };
        let (reduce, paint) = (pipeline("reduce_cells"), pipeline("paint"));
        Self { bindings, reduce, paint }
    }
}

/// The most bytes one storage binding may have.
fn binding_bytes(device: &wgpu::Device) -> u64 {
    let limits = device.limits();
    limits.max_storage_buffer_binding_size.min(limits.max_buffer_size)
}

fn storage(device: &wgpu::Device, label: &str, size: u64) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor {
        label: Some(label),
        size: size.max(16),
        usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

/// The buffer in the slot, replaced by a larger one if it is too small.
fn at_least<'a>(
    device: &wgpu::Device,
    slot: &'a mut Option<wgpu::Buffer>,
    label: &str,
    size: u64,
) -> &'a wgpu::Buffer {
    if slot.as_ref().is_some_and(|b| b.size() < size) {
        *slot = None;
    }
    slot.get_or_insert_with(|| storage(device, label, size))
}

/// All small tables of a draw in one array of words, and where each begins.
fn tables(params: DrawParams<'_>, uploaded: &Uploaded) -> (Vec<u32>, Uniforms) {
    let DrawParams { layout, limits, reducer, palette } = params;
    let mut words: Vec<u32> = Vec::new();
    let mut put = |table: &mut dyn Iterator<Item = u32>| {
        let at = words.len() as u32;
        words.extend(table);
        at
    };
    let rgba = |[r, g, b]: [u8; 3]| u32::from_le_bytes([r, g, b, 255]);
    let columns = 0..limits.columns();
    let uniforms = Uniforms {
        width: layout.width(),
        height: layout.height(),
        band_y: 0,
        band_height: layout.height(),
        slots: layout.slots().len() as u32,
        stride: uploaded.columns as u32,
        chunk_rows: uploaded.chunk_rows as u32,
        reducer: match reducer {
            Reducer::Mean => 0,
            Reducer::MaxAbs => 1,
            Reducer::Min => 2,
            Reducer::Max => 3,
        },
        row_start_at: put(&mut layout.row_start().iter().copied()),
        slots_at: put(&mut layout.slots().iter().flat_map(|s| [s.first, s.end])),
        columns_at: put(&mut layout.column_at().iter().copied()),
        low_at: put(&mut columns.clone().map(|c| limits.low(c).to_bits())),
        scale_at: put(&mut columns.map(|c| limits.scale(c).to_bits())),
        reciprocal_at: put(&mut reciprocals(layout).into_iter().map(f32::to_bits)),
        slot_of_x_at: put(&mut layout.slot_of_x().iter().copied()),
        map_at: put(&mut palette.map.iter().map(|c| rgba(*c))),
        hatch_a: rgba(palette.hatch[0]),
        hatch_b: rgba(palette.hatch[1]),
        gap: u32::from_le_bytes(palette.gap),
        spare: 0,
    };
    (words, uniforms)
}
