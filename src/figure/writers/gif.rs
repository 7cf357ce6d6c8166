//! GIF: frames of palette indices under one global palette, compressed in parallel.

use crate::figure::FigureError;
use crate::figure::provenance::KEYWORD;
use rayon::prelude::*;

/// A moving figure: every frame whole, every colour exact.
#[derive(Clone, Debug, PartialEq)]
pub struct Movie {
    /// Width, px.
    pub width: u16,
    /// Height, px.
    pub height: u16,
    /// At most 256 colours, the same for all frames.
    pub palette: Vec<[u8; 3]>,
    /// Indices of each frame, row-major, and how long it stays, in hundredths of a second.
    pub frames: Vec<(Vec<u8>, u16)>,
    /// Whether it starts again.
    pub repeat: bool,
}

/// Frames compressed at once: bounds the memory that waits for the file.
const BATCH: usize = 32;

/// The GIF file of a movie; provenance goes into a comment block.
///
/// # Errors
/// When the encoder refuses.
pub fn write_movie(movie: &Movie, provenance: &str) -> Result<Vec<u8>, FigureError> {
    let fail = |why: String| FigureError::Encode { format: "GIF", why };
    let palette: Vec<u8> = movie.palette.iter().flatten().copied().collect();
    let mut encoder = gif::Encoder::new(Vec::new(), movie.width, movie.height, &palette)
        .map_err(|e| fail(e.to_string()))?;
    let repeat = if movie.repeat { gif::Repeat::Infinite } else { gif::Repeat::Finite(0) };
    encoder.set_repeat(repeat).map_err(|e| fail(e.to_string()))?;
    let comment = format!("{KEYWORD} {provenance}");
    // A block of an extension holds 255 bytes at most.
    let blocks: Vec<&[u8]> = comment.as_bytes().chunks(255).collect();
    encoder.write_raw_extension(gif::Extension::Comment.into(), &blocks).map_err(|e| fail(e.to_string()))?;
    for batch in movie.frames.chunks(BATCH) {
        let packed: Vec<gif::Frame<'_>> =
            batch.par_iter().map(|(indices, delay)| pack(movie, indices, *delay)).collect();
        for frame in &packed {
            encoder.write_lzw_pre_encoded_frame(frame).map_err(|e| fail(e.to_string()))?;
        }
    }
    encoder.into_inner().map_err(|e| fail(e.to_string()))
}

fn pack<'a>(movie: &Movie, indices: &'a [u8], delay: u16) -> gif::Frame<'a> {
    let mut frame = gif::Frame {
        delay,
        width: movie.width,
        height: movie.height,
        buffer: indices.into(),
        ..gif::Frame::default()
    };
    frame.make_lzw_pre_encoded();
    frame
}
