//! APNG: the frames of a movie as one animated PNG of palette indices; programs that know no APNG show the first.

use super::Movie;
use crate::figure::FigureError;
use crate::figure::provenance::KEYWORD;

/// The APNG file of a movie; provenance goes into an iTXt chunk.
///
/// # Errors
/// When the movie has no frame or the encoder refuses.
pub fn write_apng(movie: &Movie, provenance: &str) -> Result<Vec<u8>, FigureError> {
    let fail = |e: png::EncodingError| FigureError::Encode { format: "APNG", why: e.to_string() };
    let frames = u32::try_from(movie.frames.len()).unwrap_or(u32::MAX);
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, u32::from(movie.width), u32::from(movie.height));
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette(movie.palette.iter().flatten().copied().collect::<Vec<u8>>());
    encoder.set_compression(png::Compression::Fast);
    encoder.set_filter(png::Filter::Sub);
    encoder.set_animated(frames, u32::from(!movie.repeat)).map_err(fail)?;
    encoder.add_itxt_chunk(KEYWORD.to_owned(), provenance.to_owned()).map_err(fail)?;
    let mut writer = encoder.write_header().map_err(fail)?;
    for (indices, delay) in &movie.frames {
        writer.set_frame_delay(*delay, 100).map_err(fail)?;
        writer.write_image_data(indices).map_err(fail)?;
    }
    writer.finish().map_err(fail)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use crate::figure::{FigureSpec, Format, Kind, fixture, render};

    #[test]
    fn every_frame_is_there_with_its_time_and_equal_runs_give_equal_bytes() {
        let spec = FigureSpec::of(Kind::Timeline);
        let bytes = render(&fixture::run(), &spec, Format::Apng).unwrap();
        let gif = render(&fixture::run(), &spec, Format::Gif).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().unwrap();
        let frames = reader.info().animation_control().unwrap().num_frames;
        let mut decoder = gif::DecodeOptions::new().read_info(gif.as_slice()).unwrap();
        let mut in_gif = 0;
        while decoder.read_next_frame().unwrap().is_some() {
            in_gif += 1;
        }
        assert!(frames > 1);
        assert_eq!(frames, in_gif);
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        assert_eq!(reader.info().frame_control().unwrap().delay_num, spec.frames.delay_cs);
        assert_eq!(bytes, render(&fixture::run(), &spec, Format::Apng).unwrap());
    }
}
