//! Colour maps as tables of 256 colours: perceptually uniform for magnitudes, diverging for differences.

/// A named table of 256 RGB entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ColorMap {
    /// Magnitudes (Crameri).
    Batlow,
    /// Magnitudes (matplotlib).
    Viridis,
    /// Differences on light ground (Crameri); positive is warm.
    Vik,
    /// Differences on dark ground (Crameri); positive is warm.
    Berlin,
    /// Angles (Crameri).
    RomaO,
    /// Grey, perceptually uniform (Crameri).
    GrayC,
}

impl ColorMap {
    /// The map's name in specs and on pictures.
    pub fn name(self) -> &'static str {
        match self {
            Self::Batlow => "batlow",
            Self::Viridis => "viridis",
            Self::Vik => "vik",
            Self::Berlin => "berlin",
            Self::RomaO => "romaO",
            Self::GrayC => "grayC",
        }
    }

    /// The map of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Batlow, Self::Viridis, Self::Vik, Self::Berlin, Self::RomaO, Self::GrayC]
            .into_iter()
            .find(|m| m.name() == name)
    }

    /// The map for differences: `berlin` on dark, `vik` on light.
    pub fn delta(dark: bool) -> Self {
        if dark { Self::Berlin } else { Self::Vik }
    }

    /// The 256 entries.
    pub fn table(self) -> [[u8; 3]; 256] {
        let bytes: &[u8; 768] = match self {
            Self::Batlow => include_bytes!("../../assets/colormaps/batlow.rgb"),
            Self::Viridis => include_bytes!("../../assets/colormaps/viridis.rgb"),
            Self::Vik => include_bytes!("../../assets/colormaps/vik.rgb"),
            Self::Berlin => include_bytes!("../../assets/colormaps/berlin.rgb"),
            Self::RomaO => include_bytes!("../../assets/colormaps/romaO.rgb"),
            Self::GrayC => include_bytes!("../../assets/colormaps/grayC.rgb"),
        };
        std::array::from_fn(|i| [bytes[3 * i], bytes[3 * i + 1], bytes[3 * i + 2]])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diverging_maps_are_cold_below_and_warm_above() {
        for map in [ColorMap::Vik, ColorMap::Berlin] {
            let t = map.table();
            assert!(t[30][2] > t[30][0], "{} starts blue", map.name());
            assert!(t[225][0] > t[225][2], "{} ends warm", map.name());
        }
    }
}
