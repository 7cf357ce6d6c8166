//! Icons by name: the Phosphor subset that ships with the window.

use std::collections::HashMap;
use std::sync::LazyLock;

static TABLE: LazyLock<HashMap<&'static str, char>> =
    LazyLock::new(|| parse(include_str!("../../../assets/fonts/phosphor.csv")));

fn parse(csv: &'static str) -> HashMap<&'static str, char> {
    csv.lines()
        .filter_map(|line| {
            let (name, code) = line.split_once(',')?;
            let code = u32::from_str_radix(code.trim(), 16).ok()?;
            Some((name, char::from_u32(code)?))
        })
        .collect()
}

/// The character of the icon of that name in the icon font; a question mark when there is none (a bug: the test
/// of every name used in the window catches it).
pub fn icon(name: &str) -> char {
    TABLE.get(name).or_else(|| TABLE.get("question")).copied().unwrap_or('?')
}

/// Whether there is an icon of that name.
pub fn exists(name: &str) -> bool {
    TABLE.contains_key(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_an_icon_of_the_font() {
        let csv = include_str!("../../../assets/fonts/phosphor.csv");
        assert_eq!(TABLE.len(), csv.lines().count());
        let bytes = include_bytes!("../../../assets/fonts/phosphor.ttf");
        let font = skrifa::FontRef::new(bytes).unwrap();
        for (name, c) in TABLE.iter() {
            assert!(skrifa::MetadataProvider::charmap(&font).map(*c).is_some(), "{name} is not in the font");
        }
    }

    #[test]
    fn views_have_icons() {
        for view in crate::window::view::ViewKind::ALL {
            assert!(exists(view.icon()), "{}", view.icon());
        }
    }
}
