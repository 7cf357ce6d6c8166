//! How things are shown, as one value: what undo and redo step through and what a session keeps. Data and selection
//! are no part of it.

use crate::window::app::App;
use crate::window::layout;
use crate::window::view::ViewKind;
use crate::window::views::Views;
use egui_tiles::Tree;
use serde_json::Value;
use std::collections::BTreeMap;

/// Steps kept.
const MOST: usize = 200;

/// Settings of the views by kind.
pub type ViewLooks = BTreeMap<ViewKind, Value>;

/// How the window looks now.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    dark: bool,
    ui_scale: f32,
    rail_open: bool,
    inspector_open: bool,
    focus_mode: bool,
    /// Tabs and how they are docked, without which of them is in front.
    tabs: Value,
    views: ViewLooks,
}

impl Look {
    /// The first view whose settings differ.
    fn differs_in(&self, other: &Self) -> Option<ViewKind> {
        ViewKind::ALL.into_iter().find(|k| self.views.get(k) != other.views.get(k))
    }
}

/// Looks before and after the one shown.
#[derive(Debug, Default)]
pub struct History {
    past: Vec<Look>,
    now: Option<Look>,
    future: Vec<Look>,
}

impl History {
    /// Takes note of the look shown; a changed one becomes a step.
    fn observe(&mut self, look: Look) {
        if self.now.as_ref() == Some(&look) {
            return;
        }
        if let Some(before) = self.now.replace(look) {
            self.past.push(before);
            self.future.clear();
            if self.past.len() > MOST {
                self.past.remove(0);
            }
        }
    }

    fn step(&mut self, forward: bool) -> Option<(Look, Option<ViewKind>)> {
        let (from, to) =
            if forward { (&mut self.future, &mut self.past) } else { (&mut self.past, &mut self.future) };
        let look = from.pop()?;
        let before = self.now.replace(look.clone());
        let view = before.as_ref().and_then(|b| b.differs_in(&look));
        to.extend(before);
        Some((look, view))
    }
}

/// Settings of all views that have any.
pub fn looks_of(views: &mut Views) -> ViewLooks {
    let look = |kind| Some((kind, views.get(kind)?.look())).filter(|(_, look)| !look.is_null());
    ViewKind::ALL.into_iter().filter_map(look).collect()
}

impl App {
    /// After a frame in which something may have changed: remembers the look for undo, and in the layout.
    pub(crate) fn observe_look(&mut self, ctx: &egui::Context) {
        // A drag is one step, taken when it ends; so is a word typed into a field.
        if ctx.input(|i| i.pointer.any_down()) || ctx.text_edit_focused() {
            return;
        }
        let look = self.look();
        if std::mem::take(&mut self.new_ground) {
            self.looks.now = Some(look);
            return;
        }
        if self.looks.now.as_ref() != Some(&look) {
            let views_changed = self.looks.now.as_ref().is_some_and(|n| n.views != look.views);
            self.looks.observe(look);
            if views_changed {
                self.save_layout();
            }
        }
    }

    fn look(&mut self) -> Look {
        Look {
            dark: self.layout.dark,
            ui_scale: self.layout.ui_scale,
            rail_open: self.layout.rail_open,
            inspector_open: self.layout.inspector_open,
            focus_mode: self.focus_mode,
            tabs: without_front(serde_json::to_value(&self.tree).unwrap_or_default()),
            views: looks_of(&mut self.views),
        }
    }

    /// One step back, or forward again; says so when there is none.
    pub(crate) fn step_look(&mut self, ctx: &egui::Context, forward: bool) {
        let Some((look, view)) = self.looks.step(forward) else {
            let what = if forward { "Nothing to redo" } else { "Nothing to undo" };
            self.tell(what, "only how things are shown can be undone, data stays as it is");
            return;
        };
        self.layout.dark = look.dark;
        ctx.set_theme(if look.dark { egui::Theme::Dark } else { egui::Theme::Light });
        if (self.layout.ui_scale - look.ui_scale).abs() > f32::EPSILON {
            self.layout.ui_scale = look.ui_scale;
            ctx.set_zoom_factor(look.ui_scale);
        }
        self.layout.rail_open = look.rail_open;
        self.layout.inspector_open = look.inspector_open;
        self.focus_mode = look.focus_mode;
        let shown = without_front(serde_json::to_value(&self.tree).unwrap_or_default());
        if shown != look.tabs
            && let Ok(tree) = serde_json::from_value::<Tree<ViewKind>>(look.tabs)
        {
            self.tree = tree;
            let front = self.focused;
            crate::window::frame::tabs::bring_forward(&mut self.tree, front);
        }
        for (kind, settings) in &look.views {
            if let Some(view) = self.views.get(*kind) {
                view.set_look(settings);
            }
        }
        if let Some(view) = view {
            self.show_view(view);
        }
        if self.tree.is_empty() {
            self.tree = layout::default_tabs(self.run.is_some());
        }
        self.save_layout();
    }
}

/// The tabs without what is no way of showing: which tab is in front, and the size in points.
fn without_front(mut tabs: Value) -> Value {
    match &mut tabs {
        Value::Object(map) => {
            map.remove("active");
            for side in ["width", "height"] {
                // Null is how a tree says that it takes all the room there is.
                map.entry(side).and_modify(|v| *v = Value::Null);
            }
            map.values_mut().for_each(|v| *v = without_front(v.take()));
        }
        Value::Array(items) => items.iter_mut().for_each(|v| *v = without_front(v.take())),
        _ => {}
    }
    tabs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(rows: &str) -> Look {
        Look {
            dark: true,
            ui_scale: 1.0,
            rail_open: true,
            inspector_open: true,
            focus_mode: false,
            tabs: Value::Null,
            views: [(ViewKind::Field, Value::from(rows))].into(),
        }
    }

    #[test]
    fn undo_goes_back_redo_forward_and_a_new_step_forgets_the_future() {
        let mut history = History::default();
        for rows in ["a", "b", "b", "c"] {
            history.observe(look(rows));
        }
        assert_eq!(history.step(false), Some((look("b"), Some(ViewKind::Field))));
        assert_eq!(history.step(false), Some((look("a"), Some(ViewKind::Field))));
        assert_eq!(history.step(false), None);
        assert_eq!(history.step(true).unwrap().0, look("b"));
        history.observe(look("d"));
        assert_eq!(history.step(true), None);
        assert_eq!(history.step(false).unwrap().0, look("b"));
    }

    #[test]
    fn a_tree_without_its_front_still_reads_as_a_tree() {
        let tree = layout::default_tabs(true);
        let value = without_front(serde_json::to_value(&tree).unwrap());
        let back: Tree<ViewKind> = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(without_front(serde_json::to_value(&back).unwrap()), value);
        assert!(back.tiles.find_pane(&ViewKind::Field).is_some());
    }
}
