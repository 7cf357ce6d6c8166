//! Fonts: Inter in three weights as families of their own, Inter with tabular figures for numbers, JetBrains Mono,
//! and the icons. egui has no OpenType feature switch, so tabular figures are a second family with them frozen in.

use egui::{FontData, FontDefinitions, FontFamily};
use std::sync::Arc;

/// Family names beyond `Proportional` (Inter regular) and `Monospace` (JetBrains Mono).
pub mod family {
    /// Inter, weight 500.
    pub const MEDIUM: &str = "inter-medium";
    /// Inter, weight 600.
    pub const SEMIBOLD: &str = "inter-semibold";
    /// Inter with tabular figures, weight 400.
    pub const NUMBER: &str = "inter-tabular";
    /// Inter with tabular figures, weight 500.
    pub const NUMBER_MEDIUM: &str = "inter-tabular-medium";
    /// Inter with tabular figures, weight 600.
    pub const NUMBER_SEMIBOLD: &str = "inter-tabular-semibold";
    /// Phosphor icons.
    pub const ICONS: &str = "icons";
}

/// All families with their files; Inter backs up JetBrains Mono and the tabular cuts.
pub fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    let files: [(&str, &'static [u8]); 8] = [
        ("inter", include_bytes!("../../../assets/fonts/Inter-Regular.otf")),
        (family::MEDIUM, include_bytes!("../../../assets/fonts/Inter-Medium.otf")),
        (family::SEMIBOLD, include_bytes!("../../../assets/fonts/Inter-SemiBold.otf")),
        (family::NUMBER, include_bytes!("../../../assets/fonts/InterTabular-Regular.otf")),
        (family::NUMBER_MEDIUM, include_bytes!("../../../assets/fonts/InterTabular-Medium.otf")),
        (family::NUMBER_SEMIBOLD, include_bytes!("../../../assets/fonts/InterTabular-SemiBold.otf")),
        ("mono", include_bytes!("../../../assets/fonts/JetBrainsMono-Regular.ttf")),
        (family::ICONS, include_bytes!("../../../assets/fonts/phosphor.ttf")),
    ];
    for (name, bytes) in files {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let chains: [(FontFamily, &[&str]); 8] = [
        (FontFamily::Proportional, &["inter"]),
        (FontFamily::Monospace, &["mono", "inter"]),
        (FontFamily::Name(family::MEDIUM.into()), &[family::MEDIUM, "inter"]),
        (FontFamily::Name(family::SEMIBOLD.into()), &[family::SEMIBOLD, "inter"]),
        (FontFamily::Name(family::NUMBER.into()), &[family::NUMBER, "inter"]),
        (FontFamily::Name(family::NUMBER_MEDIUM.into()), &[family::NUMBER_MEDIUM, family::MEDIUM, "inter"]),
        (
            FontFamily::Name(family::NUMBER_SEMIBOLD.into()),
            &[family::NUMBER_SEMIBOLD, family::SEMIBOLD, "inter"],
        ),
        (FontFamily::Name(family::ICONS.into()), &[family::ICONS, "inter"]),
    ];
    for (family, chain) in chains {
        fonts.families.insert(family, chain.iter().map(|s| (*s).to_owned()).collect());
    }
    fonts
}

/// The type scale: sizes and weights as `FontId`s. Numbers that stand in columns or change while live take a
/// `number` cut, whose figures all have one width.
pub mod font {
    use super::family;
    use egui::{FontFamily, FontId};

    fn named(size: f32, family: &'static str) -> FontId {
        FontId::new(size, FontFamily::Name(family.into()))
    }

    /// 26, semibold: the one sentence of the Start view.
    pub fn display() -> FontId {
        named(26.0, family::SEMIBOLD)
    }
    /// 17, semibold: the sentence a view opens with.
    pub fn title() -> FontId {
        named(17.0, family::SEMIBOLD)
    }
    /// 13, semibold: headings of blocks and plots.
    pub fn heading() -> FontId {
        named(13.0, family::SEMIBOLD)
    }
    /// 13, regular: texts.
    pub fn body() -> FontId {
        FontId::new(13.0, FontFamily::Proportional)
    }
    /// 13, medium: names in rows.
    pub fn body_medium() -> FontId {
        named(13.0, family::MEDIUM)
    }
    /// 13, tabular figures.
    pub fn body_number() -> FontId {
        named(13.0, family::NUMBER)
    }
    /// 12, medium: buttons, tabs, labels.
    pub fn label() -> FontId {
        named(12.0, family::MEDIUM)
    }
    /// 12, semibold.
    pub fn label_strong() -> FontId {
        named(12.0, family::SEMIBOLD)
    }
    /// 12, regular: table cells, property values.
    pub fn label_regular() -> FontId {
        FontId::new(12.0, FontFamily::Proportional)
    }
    /// 12, regular, tabular figures.
    pub fn label_number() -> FontId {
        named(12.0, family::NUMBER)
    }
    /// 12, medium, tabular figures.
    pub fn label_number_medium() -> FontId {
        named(12.0, family::NUMBER_MEDIUM)
    }
    /// 12, semibold, tabular figures.
    pub fn label_number_strong() -> FontId {
        named(12.0, family::NUMBER_SEMIBOLD)
    }
    /// 11, regular, tabular figures: second lines, captions.
    pub fn small() -> FontId {
        named(11.0, family::NUMBER)
    }
    /// 11, medium: headers of tables and sections.
    pub fn small_medium() -> FontId {
        named(11.0, family::NUMBER_MEDIUM)
    }
    /// 11, semibold.
    pub fn small_strong() -> FontId {
        named(11.0, family::NUMBER_SEMIBOLD)
    }
    /// 10.5, regular, tabular figures: ticks of plots; the smallest size there is.
    pub fn tick() -> FontId {
        named(10.5, family::NUMBER)
    }
    /// 10.5, semibold, tabular figures.
    pub fn tick_strong() -> FontId {
        named(10.5, family::NUMBER_SEMIBOLD)
    }
    /// 12, mono: ids, paths, log lines.
    pub fn mono() -> FontId {
        FontId::new(12.0, FontFamily::Monospace)
    }
    /// 11, mono: ids and hashes in rows.
    pub fn mono_small() -> FontId {
        FontId::new(11.0, FontFamily::Monospace)
    }
    /// Icons of this size.
    pub fn icon(size: f32) -> FontId {
        named(size, family::ICONS)
    }
}
