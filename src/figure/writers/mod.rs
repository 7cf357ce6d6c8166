//! Writers: one scene, several formats.

mod apng;
mod film;
mod gif;
mod png;
mod svg;

use super::spec::{FigureSpec, Kind};
use super::{FigureError, kinds, provenance};
use crate::run::contents::RunContents;

pub use film::{Still, write_film};
pub use gif::{Movie, write_movie};
pub use png::{scene_png, scene_rgb};
pub use svg::scene_svg;
pub(crate) use svg::{base64, escape};

/// A file format of figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Pixels, with physical size and provenance.
    Png,
    /// Vectors; text stays text.
    Svg,
    /// Frames.
    Gif,
    /// Frames as animated PNG.
    Apng,
}

impl Format {
    /// The format of a file name by its extension.
    pub fn of_path(path: &std::path::Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_lowercase().as_str() {
            "png" => Some(Self::Png),
            "svg" => Some(Self::Svg),
            "gif" => Some(Self::Gif),
            "apng" => Some(Self::Apng),
            _ => None,
        }
    }

    /// The extension.
    pub fn name(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Svg => "svg",
            Self::Gif => "gif",
            Self::Apng => "apng",
        }
    }

    /// The format in which a kind is written unless asked otherwise.
    pub fn default_of(kind: Kind) -> Self {
        if kind == Kind::Timeline { Self::Gif } else { Self::Png }
    }
}

/// The bytes of a figure's file.
///
/// # Errors
/// When the run lacks what the kind draws, the spec names something unknown, or the format does not suit the kind.
pub fn render(run: &RunContents, spec: &FigureSpec, format: Format) -> Result<Vec<u8>, FigureError> {
    let provenance = provenance::of(run, spec).to_string();
    match format {
        Format::Gif if spec.kind == Kind::Timeline => {
            write_movie(&kinds::timeline::movie(run, spec)?, &provenance)
        }
        Format::Apng if spec.kind == Kind::Timeline => {
            apng::write_apng(&kinds::timeline::movie(run, spec)?, &provenance)
        }
        Format::Gif | Format::Apng => Err(FigureError::Format {
            kind: spec.kind.name(),
            format: format.name(),
            hint: "only the timeline moves; write it as png or svg",
        }),
        Format::Png => scene_png(&kinds::draw(run, spec)?, &provenance),
        Format::Svg => scene_svg(&kinds::draw(run, spec)?, &provenance),
    }
}
