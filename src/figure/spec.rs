//! What is asked of a figure: one small struct for the command line, the export dialog and the record inside the file.

use crate::field::vpm::{Normalisation, Reducer, Scope};
use crate::run::projection::ProjectionKey;
use serde::{Deserialize, Serialize};

/// Millimetres to points (72 points an inch).
pub const PT_PER_MM: f64 = 72.0 / 25.4;
/// Pixels a point when the size is given in pixels: 8 pt text is then 12 px high.
pub const PX_PER_PT: f64 = 1.5;

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A, B and D side by side.
    Vpm,
    /// D alone.
    Delta,
    /// Bars of the persistence diagram.
    Barcode,
    /// Birth against death.
    Diagram,
    /// Number of open classes over scale.
    Betti,
    /// Persistence landscapes.
    Landscape,
    /// The diagram as a picture.
    PersistenceImage,
    /// Losses and validation over epochs.
    TrainingCurves,
    /// A window of rows scrolling through A, B and D (GIF).
    Timeline,
    /// Score distributions of A and B a dimension.
    Histograms,
    /// Mean absolute D a column.
    IntensityBars,
    /// Each turn at (A score, B score).
    Frontier,
    /// Both passes in one plane, an arrow from B to A a turn.
    Arrows,
    /// Canonical correlations and what they leave over.
    Canonical,
    /// Score gap against uncertainty gap.
    Epistemic,
    /// Every turn on the plane, by UMAP or PCA.
    Projection,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 16] = [
        Self::Vpm,
        Self::Delta,
        Self::Barcode,
        Self::Diagram,
        Self::Betti,
        Self::Landscape,
        Self::PersistenceImage,
        Self::TrainingCurves,
        Self::Timeline,
        Self::Histograms,
        Self::IntensityBars,
        Self::Frontier,
        Self::Arrows,
        Self::Canonical,
        Self::Epistemic,
        Self::Projection,
    ];

    /// The name on the command line and in file names.
    pub fn name(self) -> &'static str {
        match self {
            Self::Vpm => "vpm",
            Self::Delta => "delta",
            Self::Barcode => "barcode",
            Self::Diagram => "diagram",
            Self::Betti => "betti",
            Self::Landscape => "landscape",
            Self::PersistenceImage => "persistence-image",
            Self::TrainingCurves => "training-curves",
            Self::Timeline => "timeline",
            Self::Histograms => "histograms",
            Self::IntensityBars => "intensity-bars",
            Self::Frontier => "frontier",
            Self::Arrows => "arrows",
            Self::Canonical => "canonical",
            Self::Epistemic => "epistemic",
            Self::Projection => "projection",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }
}

/// Ground and inks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// Dark ink on white: print.
    #[default]
    Light,
    /// Light ink on near-black: slides.
    Dark,
}

/// How large.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Size {
    /// For print.
    Mm {
        /// Width, mm.
        width: f64,
        /// Height, mm; `None` fits the content.
        height: Option<f64>,
        /// Dots an inch.
        dpi: f64,
    },
    /// For screens; text is drawn at 1.5 px a point.
    Px {
        /// Width, px.
        width: u32,
        /// Height, px.
        height: u32,
    },
}

impl Default for Size {
    fn default() -> Self {
        Self::Mm { width: 170.0, height: None, dpi: 300.0 }
    }
}

/// Frames of a GIF: by step of rows, never by the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Frames {
    /// Rows in the window; 0 takes an eighth of the rows, at least 24.
    pub window: usize,
    /// Rows a frame; 0 takes what gives about 90 frames.
    pub step: usize,
    /// Hundredths of a second a frame.
    pub delay_cs: u16,
    /// Hundredths of a second on the last frame.
    pub hold_cs: u16,
    /// Whether it starts again.
    pub repeat: bool,
}

impl Default for Frames {
    fn default() -> Self {
        Self { window: 0, step: 0, delay_cs: 6, hold_cs: 120, repeat: true }
    }
}

/// A figure, asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FigureSpec {
    /// What is drawn.
    pub kind: Kind,
    /// SCM columns by short name, in this order; empty takes the kind's own.
    pub columns: Vec<String>,
    /// Which of A, B and D the field sheet shows, by letter ("AD"); empty shows all three.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub panels: String,
    /// Slice: rows of the run shown; empty shows all.
    pub rows: Vec<usize>,
    /// Row order by name ("cluster", "time", "D", "PHOS", or a column, largest D first); empty takes "cluster" where
    /// there is one.
    pub order: String,
    /// How values of A and B become colours; both share one scale.
    pub normalisation: Normalisation,
    /// How values of D become colours.
    pub normalisation_delta: Normalisation,
    /// What a pixel of A or B shows when several rows fall into it.
    pub reduce: Reducer,
    /// The same for D; the default never loses a hot row.
    pub reduce_delta: Reducer,
    /// Colour map of A and B; empty takes batlow.
    pub palette: String,
    /// Colour map of D; empty takes vik on light and berlin on dark.
    pub palette_delta: String,
    /// Ground and inks.
    pub theme: Theme,
    /// How large.
    pub size: Size,
    /// Points of the labels; ticks take one less, the caption two less.
    pub font_pt: f64,
    /// Title above; empty for none.
    pub title: String,
    /// Whether legends and colour bars are drawn.
    pub legend: bool,
    /// Whether the caption line is drawn at the foot.
    pub caption: bool,
    /// Only the field itself, edge to edge (`delta` only).
    pub bare: bool,
    /// Dimension of the frontier and epistemic maps by name; empty shows all.
    pub dimension: String,
    /// What colours the points of maps and projections ("D", "D clarity", "A clarity", "cluster", "domain", "split"); empty
    /// takes D.
    pub color: String,
    /// Which projection.
    pub projection: ProjectionKey,
    /// Frames of the timeline.
    pub frames: Frames,
}

impl Default for FigureSpec {
    fn default() -> Self {
        Self {
            kind: Kind::Vpm,
            columns: Vec::new(),
            panels: String::new(),
            rows: Vec::new(),
            order: String::new(),
            normalisation: Normalisation::Unit,
            normalisation_delta: Normalisation::Symmetric(Scope::Run),
            reduce: Reducer::Mean,
            reduce_delta: Reducer::MaxAbs,
            palette: String::new(),
            palette_delta: String::new(),
            theme: Theme::Light,
            size: Size::default(),
            font_pt: 8.0,
            title: String::new(),
            legend: true,
            caption: true,
            bare: false,
            dimension: String::new(),
            color: String::new(),
            projection: ProjectionKey::default(),
            frames: Frames::default(),
        }
    }
}

impl FigureSpec {
    /// The default figure of a kind.
    pub fn of(kind: Kind) -> Self {
        Self { kind, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_survives_json_and_an_empty_object_is_the_default() {
        let spec = FigureSpec { columns: vec!["clarity".into()], ..FigureSpec::of(Kind::Barcode) };
        let json = serde_json::to_string(&spec).unwrap();
        assert_eq!(serde_json::from_str::<FigureSpec>(&json).unwrap(), spec);
        assert_eq!(serde_json::from_str::<FigureSpec>("{}").unwrap(), FigureSpec::default());
        assert!(
            serde_json::from_str::<FigureSpec>(r#"{"colour": 1}"#).is_err(),
            "unknown fields are refused"
        );
    }

    #[test]
    fn kinds_are_found_by_the_name_serde_writes() {
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
            assert_eq!(Kind::from_name(kind.name()), Some(kind));
        }
    }
}
