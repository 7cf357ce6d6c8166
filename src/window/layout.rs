//! Where panels and tabs are, the theme and the scale: kept between sessions in one JSON file, checked when read.

use crate::window::theme::panel;
use crate::window::view::ViewKind;
use egui_tiles::{Tile, Tiles, Tree};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Format of the file.
const VERSION: u32 = 1;
/// Runs remembered.
const MOST_RECENT: usize = 24;

/// How the window looks, apart from any data.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Layout {
    version: u32,
    /// Dark theme.
    pub dark: bool,
    /// Scale of everything, 0.75 to 2.
    pub ui_scale: f32,
    /// Whether panels and menus move without animation.
    pub reduced_motion: bool,
    /// Whether the rail is unfolded.
    pub rail_open: bool,
    /// Whether the inspector may show.
    pub inspector_open: bool,
    /// Width of the rail.
    pub rail_width: f32,
    /// Width of the inspector.
    pub inspector_width: f32,
    /// Tabs of the centre.
    pub tabs: Option<Tree<ViewKind>>,
    /// Settings of the views.
    pub views: crate::window::look::ViewLooks,
    /// Run folders opened, newest first.
    pub recent: Vec<PathBuf>,
    /// The run that was open.
    pub last_run: Option<PathBuf>,
    /// Set while the window runs; still set at start-up means that it crashed.
    pub in_session: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            version: VERSION,
            dark: true,
            ui_scale: 1.0,
            reduced_motion: false,
            rail_open: true,
            inspector_open: true,
            rail_width: panel::RAIL,
            inspector_width: panel::INSPECTOR,
            tabs: None,
            views: Default::default(),
            recent: Vec::new(),
            last_run: None,
            in_session: false,
        }
    }
}

impl Layout {
    /// The layout kept in the folder, or the default when there is none or it does not make sense. The flag says
    /// whether the last session crashed: then tabs and the last run are not restored.
    pub fn read(folder: &Path) -> (Self, bool) {
        let Ok(text) = std::fs::read_to_string(file(folder)) else { return (Self::default(), false) };
        let Some(mut layout) = parse(&text) else { return (Self::default(), false) };
        if layout.version != VERSION {
            return (Self::default(), false);
        }
        let crashed = layout.in_session;
        layout.validate();
        if crashed {
            layout.tabs = None;
            layout.views.clear();
            layout.last_run = None;
        }
        (layout, crashed)
    }

    fn validate(&mut self) {
        let fresh = Self::default();
        let or = |v: f32, low: f32, high: f32, default: f32| {
            if v.is_finite() && (low..=high).contains(&v) { v } else { default }
        };
        self.ui_scale = or(self.ui_scale, 0.75, 2.0, fresh.ui_scale);
        self.rail_width = or(self.rail_width, panel::RAIL_NARROW, panel::RAIL_MAX, fresh.rail_width);
        self.inspector_width =
            or(self.inspector_width, panel::INSPECTOR_MIN, panel::INSPECTOR_MAX, fresh.inspector_width);
        self.recent.truncate(MOST_RECENT);
        if self.tabs.as_ref().is_some_and(|tree| !is_sound(tree)) {
            self.tabs = None;
        }
    }

    /// Writes the layout into the folder (temp file, then rename).
    ///
    /// # Errors
    /// When the folder cannot be made or written.
    pub fn write(&self, folder: &Path) -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let text = serde_json::to_string_pretty(self).map_err(std::io::Error::other)?;
        let temporary = folder.join("window.json.tmp");
        std::fs::write(&temporary, text)?;
        std::fs::rename(temporary, file(folder))
    }

    /// Puts a run to the front of the recent ones.
    pub fn remember(&mut self, run: &Path) {
        self.recent.retain(|r| r != run);
        self.recent.insert(0, run.to_owned());
        self.recent.truncate(MOST_RECENT);
    }
}

/// The layout of a file; tabs and settings of views that this version does not know are left out, the rest stays.
fn parse(text: &str) -> Option<Layout> {
    let mut value: serde_json::Value = serde_json::from_str(text).ok()?;
    let whole = serde_json::from_value(value.clone()).ok();
    whole.or_else(|| {
        let map = value.as_object_mut()?;
        map.remove("tabs");
        map.remove("views");
        serde_json::from_value(value).ok()
    })
}

fn file(folder: &Path) -> PathBuf {
    folder.join("window.json")
}

/// Whether a tree shows each view at most once, has a root, and nothing in it hangs loose.
fn is_sound(tree: &Tree<ViewKind>) -> bool {
    let Some(root) = tree.root() else { return false };
    let mut seen = BTreeSet::new();
    let mut visited = std::collections::HashSet::new();
    let mut todo = vec![root];
    while let Some(id) = todo.pop() {
        if !visited.insert(id) {
            return false;
        }
        match tree.tiles.get(id) {
            None => return false,
            Some(Tile::Pane(kind)) => {
                if !seen.insert(*kind) {
                    return false;
                }
            }
            Some(Tile::Container(c)) => todo.extend(c.children().copied()),
        }
    }
    !seen.is_empty()
}

/// The tabs of a fresh window: with a run the views that show it, else Start, Data and Train.
pub fn default_tabs(with_run: bool) -> Tree<ViewKind> {
    use ViewKind::{Data, Field, Frontier, Projection, Report, Runs, Start, Timeline, Topology, Train};
    let kinds: &[ViewKind] = if with_run {
        &[Start, Field, Frontier, Topology, Projection, Timeline, Train, Data, Runs, Report]
    } else {
        &[Start, Data, Train]
    };
    tabs_of(kinds, if with_run { Field } else { Start })
}

/// One row of tabs with `active` in front.
pub fn tabs_of(kinds: &[ViewKind], active: ViewKind) -> Tree<ViewKind> {
    let mut tiles = Tiles::default();
    let ids: Vec<_> = kinds.iter().map(|k| tiles.insert_pane(*k)).collect();
    let root = tiles.insert_tab_tile(ids);
    let mut tree = Tree::new(egui::Id::unique("centre"), root, tiles);
    tree.make_active(|_, tile| matches!(tile, Tile::Pane(k) if *k == active));
    tree
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layout_survives_being_written_and_read() {
        let folder = tempfile::tempdir().unwrap();
        let mut layout = Layout { dark: false, rail_width: 250.0, ..Layout::default() };
        layout.tabs = Some(default_tabs(true));
        layout.remember(Path::new("/runs/a"));
        layout.write(folder.path()).unwrap();
        let (read, crashed) = Layout::read(folder.path());
        assert!(!read.dark && !crashed && read.tabs.is_some());
        assert_eq!((read.rail_width, read.recent), (250.0, vec![PathBuf::from("/runs/a")]));
    }

    #[test]
    fn nonsense_is_replaced_and_a_crash_starts_safely() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            file(folder.path()),
            "{\"version\":1,\"ui_scale\":-3,\"rail_width\":1e9,\"in_session\":true,\"last_run\":\"/x\"}",
        )
        .unwrap();
        let (layout, crashed) = Layout::read(folder.path());
        assert!(crashed && layout.last_run.is_none());
        assert_eq!((layout.ui_scale, layout.rail_width), (1.0, panel::RAIL));
        std::fs::write(file(folder.path()), "{\"version\":1,\"dark\":false,\"tabs\":7}").unwrap();
        let (layout, _) = Layout::read(folder.path());
        assert!(!layout.dark && layout.tabs.is_none(), "only what is nonsense is dropped");
        std::fs::write(file(folder.path()), "not json").unwrap();
        assert!(!Layout::read(folder.path()).1);
    }

    #[test]
    fn a_view_shown_twice_is_not_a_sound_layout() {
        assert!(is_sound(&default_tabs(false)));
        assert!(!is_sound(&tabs_of(&[ViewKind::Field, ViewKind::Field], ViewKind::Field)));
    }
}
