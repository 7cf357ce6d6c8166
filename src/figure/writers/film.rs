//! A film of true-colour pictures (of a screen) as GIF: one palette for all, and of each frame only what changed.

use super::super::FigureError;
use std::collections::BTreeMap;

/// Colours of the palette; one more index is kept for "as before".
const COLORS: usize = 255;
/// Index of "as before".
const UNCHANGED: u8 = 255;

/// One picture and how long it stays.
pub struct Still {
    /// RGBA, row-major; opacity is not looked at.
    pub rgba: Vec<u8>,
    /// Hundredths of a second.
    pub delay_cs: u16,
}

/// The GIF of pictures of one size, started again at the end. Colours are chosen by median cut over all frames, so
/// that equal frames give equal bytes.
///
/// # Errors
/// When there is no picture, a picture has another size, or the encoder refuses.
pub fn write_film(width: u16, height: u16, stills: &[Still]) -> Result<Vec<u8>, FigureError> {
    let fail = |why: String| FigureError::Encode { format: "GIF", why };
    let pixels = usize::from(width) * usize::from(height);
    if stills.is_empty() || stills.iter().any(|s| s.rgba.len() != 4 * pixels) {
        return Err(fail("a film needs pictures of one size".to_owned()));
    }
    let (palette, index_of) = palette(stills);
    let bytes: Vec<u8> = palette.iter().flatten().copied().collect();
    let mut encoder =
        gif::Encoder::new(Vec::new(), width, height, &bytes).map_err(|e| fail(e.to_string()))?;
    encoder.set_repeat(gif::Repeat::Infinite).map_err(|e| fail(e.to_string()))?;
    let mut before: Option<Vec<u8>> = None;
    for still in stills {
        let now: Vec<u8> = still.rgba.chunks_exact(4).map(|p| index_of[&key(p)]).collect();
        let frame = changed(before.as_deref(), &now, usize::from(width), still.delay_cs);
        encoder.write_frame(&frame).map_err(|e| fail(e.to_string()))?;
        before = Some(now);
    }
    encoder.into_inner().map_err(|e| fail(e.to_string()))
}

fn key(p: &[u8]) -> [u8; 3] {
    [p[0], p[1], p[2]]
}

/// The smallest rectangle that holds every changed pixel, unchanged ones inside it left as they are.
fn changed(before: Option<&[u8]>, now: &[u8], width: usize, delay: u16) -> gif::Frame<'static> {
    let height = now.len() / width;
    let (mut left, mut right, mut top, mut bottom) = (width, 0, height, 0);
    for (i, index) in now.iter().enumerate() {
        if before.is_none_or(|b| b[i] != *index) {
            let (x, y) = (i % width, i / width);
            (left, right) = (left.min(x), right.max(x + 1));
            (top, bottom) = (top.min(y), bottom.max(y + 1));
        }
    }
    if left >= right {
        // Nothing changed: one pixel carries the time.
        (left, right, top, bottom) = (0, 1, 0, 1);
    }
    let mut buffer = Vec::with_capacity((right - left) * (bottom - top));
    for y in top..bottom {
        for i in y * width + left..y * width + right {
            buffer.push(if before.is_some_and(|b| b[i] == now[i]) { UNCHANGED } else { now[i] });
        }
    }
    gif::Frame {
        delay,
        left: left as u16,
        top: top as u16,
        width: (right - left) as u16,
        height: (bottom - top) as u16,
        transparent: before.map(|_| UNCHANGED),
        dispose: gif::DisposalMethod::Keep,
        buffer: buffer.into(),
        ..gif::Frame::default()
    }
}

type Counted = ([u8; 3], u64);

/// At most 255 colours by median cut, and the colour that stands for each that occurs.
fn palette(stills: &[Still]) -> (Vec<[u8; 3]>, BTreeMap<[u8; 3], u8>) {
    let mut counts: BTreeMap<[u8; 3], u64> = BTreeMap::new();
    for p in stills.iter().flat_map(|s| s.rgba.chunks_exact(4)) {
        *counts.entry(key(p)).or_default() += 1;
    }
    // A colour counts by the root of its pixels: large grounds need few colours, small marks some.
    let all: Vec<Counted> = counts.into_iter().map(|(c, n)| (c, (n as f64).sqrt().ceil() as u64)).collect();
    let mut boxes = vec![all];
    while boxes.len() < COLORS {
        let widest = boxes
            .iter()
            .enumerate()
            .filter(|(_, b)| b.len() > 1)
            .max_by_key(|(i, b)| (spread(b).1 * weight(b), std::cmp::Reverse(*i)));
        let Some((at, _)) = widest else { break };
        let mut full = boxes.swap_remove(at);
        let (channel, _) = spread(&full);
        full.sort_by_key(|(c, _)| (c[channel], *c));
        let half = weight(&full) / 2;
        let mut sum = 0;
        let cut = full.iter().position(|(_, n)| {
            sum += n;
            sum >= half
        });
        let cut = (cut.unwrap_or(0) + 1).clamp(1, full.len() - 1);
        let rest = full.split_off(cut);
        boxes.push(full);
        boxes.push(rest);
    }
    let mut index_of = BTreeMap::new();
    let mut palette = Vec::with_capacity(COLORS);
    for (i, colors) in boxes.iter().enumerate() {
        palette.push(mean(colors));
        index_of.extend(colors.iter().map(|(c, _)| (*c, i as u8)));
    }
    (palette, index_of)
}

fn weight(colors: &[Counted]) -> u64 {
    colors.iter().map(|(_, n)| n).sum()
}

/// The channel in which the colours lie farthest apart, and how far.
fn spread(colors: &[Counted]) -> (usize, u64) {
    let range = |k: usize| {
        let values = colors.iter().map(|(c, _)| c[k]);
        u64::from(values.clone().max().unwrap_or(0) - values.min().unwrap_or(0))
    };
    (0..3).map(|k| (k, range(k))).max_by_key(|(k, r)| (*r, std::cmp::Reverse(*k))).unwrap_or((0, 0))
}

fn mean(colors: &[Counted]) -> [u8; 3] {
    let total = weight(colors).max(1);
    std::array::from_fn(|k| {
        let sum: u64 = colors.iter().map(|(c, n)| u64::from(c[k]) * n).sum();
        ((sum + total / 2) / total) as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn still(f: impl Fn(usize, usize) -> [u8; 3]) -> Still {
        let rgba = (0..8 * 6).flat_map(|i| {
            let [r, g, b] = f(i % 8, i / 8);
            [r, g, b, 255]
        });
        Still { rgba: rgba.collect(), delay_cs: 7 }
    }

    #[test]
    fn few_colours_come_back_exactly_and_only_what_changed_is_written() {
        let first = still(|x, y| [x as u8 * 30, y as u8 * 40, 9]);
        let second =
            still(|x, y| if (x, y) == (3, 2) { [250, 1, 2] } else { [x as u8 * 30, y as u8 * 40, 9] });
        let bytes = write_film(8, 6, &[first, second]).unwrap();
        let mut options = gif::DecodeOptions::new();
        options.set_color_output(gif::ColorOutput::RGBA);
        let mut reader = options.read_info(bytes.as_slice()).unwrap();
        let whole = reader.read_next_frame().unwrap().unwrap().clone();
        assert_eq!((whole.width, whole.height, whole.delay), (8, 6, 7));
        assert_eq!(&whole.buffer[4 * (2 * 8 + 3)..][..3], [90, 80, 9]);
        let part = reader.read_next_frame().unwrap().unwrap();
        assert_eq!((part.left, part.top, part.width, part.height), (3, 2, 1, 1));
        assert_eq!(&part.buffer[..3], [250, 1, 2]);
    }

    #[test]
    fn more_colours_than_a_gif_has_stay_near() {
        let many = Still {
            rgba: (0..4096_u32).flat_map(|i| [(i % 64 * 4) as u8, (i / 64 * 4) as u8, 128, 255]).collect(),
            delay_cs: 1,
        };
        let bytes = write_film(64, 64, &[many]).unwrap();
        let mut options = gif::DecodeOptions::new();
        options.set_color_output(gif::ColorOutput::RGBA);
        let mut reader = options.read_info(bytes.as_slice()).unwrap();
        let frame = reader.read_next_frame().unwrap().unwrap();
        let far = |i: u32| {
            let p = &frame.buffer[4 * i as usize..];
            let off = |a: u8, b: u32| (i64::from(a) - i64::from(b)).abs();
            off(p[0], i % 64 * 4).max(off(p[1], i / 64 * 4))
        };
        assert!((0..4096).map(far).max().unwrap() <= 24);
        assert!(write_film(64, 64, &[]).is_err());
    }
}
