//! The GPU draws what the CPU draws.

use super::gpu::{DrawParams, VpmGpu};
use super::tests::{noise, red_ramp};
use super::*;
use crate::core::matrix::Matrix;
use crate::core::seed::{permutation, stream};
use std::sync::{Arc, OnceLock};

/// One device for all tests of this file.
fn device() -> &'static (wgpu::Device, wgpu::Queue) {
    static DEVICE: OnceLock<(wgpu::Device, wgpu::Queue)> = OnceLock::new();
    DEVICE.get_or_init(|| {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let adapter = pollster::block_on(instance.request_adapter(&wgpu::RequestAdapterOptions::default()))
            .expect("a graphics adapter: on a machine without one install mesa-vulkan-drivers");
        pollster::block_on(
            adapter
                .request_device(&wgpu::DeviceDescriptor { label: Some("vpm parity"), ..Default::default() }),
        )
        .expect("a device with default limits")
    })
}

/// Reads a texture back row by row, so that the largest needs little memory.
fn compare(texture: &wgpu::Texture, want: &[u8]) -> u8 {
    let (device, queue) = device();
    let (width, height) = (texture.width(), texture.height());
    let stride = (width * 4).next_multiple_of(wgpu::COPY_BYTES_PER_ROW_ALIGNMENT);
    let band = 1024.min(height);
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("read back"),
        size: u64::from(stride * band),
        usage: wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::MAP_READ,
        mapped_at_creation: false,
    });
    let mut worst = 0;
    for y0 in (0..height).step_by(band as usize) {
        let rows = band.min(height - y0);
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.copy_texture_to_buffer(
            wgpu::TexelCopyTextureInfo {
                texture,
                mip_level: 0,
                origin: wgpu::Origin3d { x: 0, y: y0, z: 0 },
                aspect: wgpu::TextureAspect::All,
            },
            wgpu::TexelCopyBufferInfo {
                buffer: &buffer,
                layout: wgpu::TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(stride),
                    rows_per_image: Some(rows),
                },
            },
            wgpu::Extent3d { width, height: rows, depth_or_array_layers: 1 },
        );
        queue.submit([encoder.finish()]);
        buffer.map_async(wgpu::MapMode::Read, .., |r| r.expect("map"));
        device.poll(wgpu::PollType::wait_indefinitely()).expect("poll");
        {
            let got = buffer.get_mapped_range(..).expect("mapped");
            let row = width as usize * 4;
            for y in 0..rows as usize {
                let got = &got[y * stride as usize..][..row];
                let want = &want[(y0 as usize + y) * row..][..row];
                if got != want {
                    worst = got.iter().zip(want).map(|(a, b)| a.abs_diff(*b)).fold(worst, u8::max);
                }
            }
        }
        buffer.unmap();
    }
    worst
}

const NORMALISATIONS: [Normalisation; 9] = [
    Normalisation::Unit,
    Normalisation::MinMax(Scope::Column),
    Normalisation::MinMax(Scope::Run),
    Normalisation::Robust(Band::P1To99, Scope::Column),
    Normalisation::Robust(Band::P1To99, Scope::Run),
    Normalisation::Robust(Band::P10To90, Scope::Column),
    Normalisation::Robust(Band::P10To90, Scope::Run),
    Normalisation::Symmetric(Scope::Column),
    Normalisation::Symmetric(Scope::Run),
];

/// Draws a layout on both sides with every normalisation and reducer; the largest difference of a channel.
fn worst(m: &Matrix, layout: &Layout, normalisations: &[Normalisation], reducers: &[Reducer]) -> u8 {
    let (device, queue) = device();
    let palette = red_ramp();
    let mut gpu = VpmGpu::new(device);
    gpu.upload(device, queue, m).unwrap();
    let mut worst = 0;
    for normalisation in normalisations {
        let limits = Limits::of(&[m], *normalisation);
        for reducer in reducers {
            let want = raster::draw_rgba(m, layout, &limits, *reducer, &palette).unwrap();
            let params = DrawParams { layout, limits: &limits, reducer: *reducer, palette: &palette };
            gpu.draw(device, queue, params).unwrap();
            assert!(gpu.shows(params));
            worst = worst.max(compare(gpu.texture().unwrap(), &want));
        }
    }
    assert_eq!(gpu.textures_made(), 1, "one size, one texture");
    worst
}

fn shuffled(rows: usize) -> Arc<Vec<u32>> {
    Arc::new(permutation(&mut stream(4, "order"), rows).into_iter().map(|r| r as u32).collect())
}

/// Rows, columns, column groups, width, height, gap, per cent missing.
type Case<'a> = (usize, usize, &'a [Vec<usize>], u32, u32, u32, u64);

#[test]
fn every_normalisation_and_reducer_agrees_to_one_level() {
    let groups = [(0..6).collect::<Vec<_>>(), (6..9).collect(), (9..12).collect()];
    let wide: Vec<Vec<usize>> = vec![(0..40).rev().collect(), (40..64).collect()];
    // More rows than pixels, fewer, as many; more columns than pixels; a single cell.
    let cases: [Case<'_>; 5] = [
        (1000, 12, &groups, 131, 97, 3, 8),
        (13, 12, &groups, 90, 200, 5, 20),
        (64, 12, &groups, 12, 64, 0, 0),
        (300, 64, &wide, 23, 41, 4, 60),
        (1, 12, &groups, 1, 1, 2, 0),
    ];
    for (rows, columns, groups, width, height, gap, missing) in cases {
        let m = noise(rows, columns, missing);
        let layout = Layout::new(width, height, &shuffled(rows), 0..rows, groups, gap).unwrap();
        let off = worst(&m, &layout, &NORMALISATIONS, &Reducer::ALL);
        assert!(off <= 1, "{rows}x{columns} on {width}x{height}: {off}/255 apart");
    }
}

#[test]
fn another_picture_is_told_apart() {
    let (device, queue) = device();
    let m = noise(300, 12, 5);
    let layout = Layout::plain(40, 30, 300, 12).unwrap();
    let (palette, limits) = (red_ramp(), Limits::of(&[&m], Normalisation::Symmetric(Scope::Run)));
    let mut gpu = VpmGpu::new(device);
    assert!(VpmGpu::is_supported(device));
    gpu.upload(device, queue, &m).unwrap();
    let params = DrawParams { layout: &layout, limits: &limits, reducer: Reducer::MaxAbs, palette: &palette };
    gpu.draw(device, queue, params).unwrap();
    let mean = raster::draw_rgba(&m, &layout, &limits, Reducer::Mean, &palette).unwrap();
    assert!(compare(gpu.texture().unwrap(), &mean) > 1);
}

#[test]
fn a_zoomed_window_of_rows_agrees() {
    let m = noise(500, 12, 5);
    let layout = Layout::new(77, 50, &shuffled(500), 123..301, &[(2..9).collect()], 0).unwrap();
    assert!(worst(&m, &layout, &[Normalisation::Symmetric(Scope::Run)], &Reducer::ALL) <= 1);
}

#[test]
fn the_largest_canvases_agree() {
    let symmetric = [Normalisation::Symmetric(Scope::Run)];
    let tall = noise(20_000, 64, 2);
    let layout = Layout::plain(64, MAX_SIDE, 20_000, 64).unwrap();
    assert!(worst(&tall, &layout, &symmetric, &[Reducer::Mean, Reducer::MaxAbs]) <= 1, "64x8192");
    let flat = noise(40, 9000, 2);
    let layout = Layout::plain(MAX_SIDE, 64, 40, 9000).unwrap();
    assert!(worst(&flat, &layout, &symmetric, &[Reducer::Mean, Reducer::Min]) <= 1, "8192x64");
    let few = noise(50, 12, 10);
    let layout = Layout::plain(MAX_SIDE, MAX_SIDE, 50, 12).unwrap();
    assert!(worst(&few, &layout, &symmetric, &[Reducer::MaxAbs]) <= 1, "8192x8192");
}

#[test]
fn a_cell_for_each_pixel_goes_in_bands_and_agrees() {
    // 4096 x 4096 cells are more than one band.
    let m = noise(60, 5000, 1);
    let layout = Layout::plain(4096, 4096, 60, 5000).unwrap();
    assert!(worst(&m, &layout, &[Normalisation::Unit], &[Reducer::Max]) <= 1);
}

#[test]
fn a_matrix_beyond_one_binding_is_read_from_several() {
    // 600,000 x 64 values are 154 MB; the device is asked for the default limit of 128 MiB a binding.
    let rows = 600_000;
    let m = Matrix::from_fn(rows, 64, |r, c| ((r * 31 + c * 17) % 1009) as f32 / 1009.0);
    let layout = Layout::new(64, 32, &shuffled(rows), 0..rows, &[(0..64).step_by(16).collect()], 0).unwrap();
    assert!(worst(&m, &layout, &[Normalisation::Unit], &[Reducer::Mean]) <= 1);
}

#[test]
fn rows_that_arrive_later_fill_the_picture() {
    let (device, queue) = device();
    let (palette, limits) = (red_ramp(), Limits::fixed(12, 0.0, 1.0));
    let done = noise(40, 12, 0);
    let mut growing = Matrix::filled(40, 12, f32::NAN);
    let layout = Layout::plain(60, 80, 40, 12).unwrap();
    let params = DrawParams { layout: &layout, limits: &limits, reducer: Reducer::Mean, palette: &palette };
    let mut gpu = VpmGpu::new(device).another(device);
    assert_eq!(gpu.draw(device, queue, params).err(), Some(VpmError::Empty), "nothing uploaded yet");
    gpu.upload(device, queue, &growing).unwrap();
    for first in (0..40).step_by(10) {
        let rows: Vec<usize> = (first..first + 10).collect();
        rows.iter().for_each(|&r| growing.row_mut(r).copy_from_slice(done.row(r)));
        gpu.upload_rows(queue, first, &done.select_rows(&rows)).unwrap();
        assert!(!gpu.shows(params));
        gpu.draw(device, queue, params).unwrap();
        let want = raster::draw_rgba(&growing, &layout, &limits, Reducer::Mean, &palette).unwrap();
        assert!(compare(gpu.texture().unwrap(), &want) <= 1);
    }
    let beyond = gpu.upload_rows(queue, 35, &done.select_rows(&[0, 1, 2, 3, 4, 5]));
    assert_eq!(beyond, Err(VpmError::Layout { rows: 41, columns: 12 }));
}
