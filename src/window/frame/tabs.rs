//! The dockable views in the centre: tabs 34 high, the active one in the view's ground with an accent line on top.

use crate::window::app::App;
use crate::window::command::Command;
use crate::window::theme::size::icon_size;
use crate::window::theme::{self, font, height};
use crate::window::view::{ViewContext, ViewKind};
use crate::window::views::Views;
use crate::window::widgets::paint::{icon_at, width};
use crate::window::widgets::{IconButton, choice_row, focus_ring, menu};
use egui::{
    Align2, Color32, Rect, Response, Role, Sense, Stroke, Ui, Visuals, WidgetInfo, WidgetText, pos2, vec2,
};
use egui_tiles::{
    Behavior, Container, EditAction, SimplificationOptions, TabState, Tabs, Tile, TileId, Tiles, Tree,
    UiResponse,
};

/// Space left of what stands in a tab.
const TAB_PAD: f32 = 11.5;
/// Space right of it, where the button that closes the tab appears.
const TAB_END: f32 = 16.5;
/// Space on both sides where tabs have to stand close.
const TAB_TIGHT: f32 = 7.0;
/// Space between its icon and its words.
const TAB_GAP: f32 = 4.5;

/// How much room a tab takes; the widest with which all tabs are in sight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Density {
    /// Icon, words, and room for the button that closes it.
    Full,
    /// Icon and words.
    Tight,
    /// Words; only the active tab keeps its icon.
    Words,
}

impl Density {
    /// For tabs with words of these widths in a bar this wide.
    fn of(words: &[f32], room: f32) -> Self {
        let total = |d: Self| {
            words.iter().map(|w| w + d.around(false)).sum::<f32>() + d.around(true) - d.around(false)
        };
        // The button that opens closed views stands after the tabs.
        [Self::Full, Self::Tight].into_iter().find(|d| total(*d) + 40.0 <= room).unwrap_or(Self::Words)
    }

    /// Width of a tab without its words.
    fn around(self, active: bool) -> f32 {
        let icon = icon_size::SMALL + TAB_GAP;
        match self {
            Self::Full => TAB_PAD + TAB_END + icon,
            Self::Tight => 2.0 * TAB_TIGHT + icon,
            Self::Words => 2.0 * TAB_TIGHT + if active { icon } else { 0.0 },
        }
    }

    fn pad(self) -> f32 {
        if self == Self::Full { TAB_PAD } else { TAB_TIGHT }
    }
}

struct Centre<'a> {
    context: ViewContext<'a>,
    views: &'a mut Views,
    focused: ViewKind,
    closed: Vec<ViewKind>,
    edited: bool,
    density: Density,
}

/// Draws the tabs and the views in them.
pub fn tabs_ui(app: &mut App, ui: &mut Ui) {
    let (focused, focus_mode) = (app.focused, app.focus_mode);
    let closed: Vec<ViewKind> =
        ViewKind::ALL.into_iter().filter(|k| app.tree.tiles.find_pane(k).is_none()).collect();
    let (context, views, tree) = app.split();
    let open = ViewKind::ALL.into_iter().filter(|k| !closed.contains(k));
    let words: Vec<f32> = open.map(|k| width(ui, k.title(), font::label_strong())).collect();
    let density = Density::of(&words, ui.available_width());
    let mut centre = Centre { context, views, focused, closed, edited: false, density };
    if focus_mode {
        view_ui(&mut centre, ui, focused);
    } else {
        tree.ui(&mut centre, ui);
    }
    let (edited, focused) = (centre.edited, centre.focused);
    let active: Vec<ViewKind> =
        tree.active_tiles().into_iter().filter_map(|id| tree.tiles.get_pane(&id).copied()).collect();
    app.focused =
        if active.contains(&focused) { focused } else { active.first().copied().unwrap_or(focused) };
    if edited {
        app.layout.tabs = Some(app.tree.clone());
        app.save_layout();
    }
}

/// Draws the focused view and nothing around it (pictures of one panel).
pub fn only_view_ui(app: &mut App, ui: &mut Ui) {
    let focused = app.focused;
    let (context, views, _) = app.split();
    let density = Density::Full;
    let mut centre = Centre { context, views, focused, closed: Vec::new(), edited: false, density };
    view_ui(&mut centre, ui, focused);
}

/// Brings a view to the front, adding its tab beside the others when it is closed.
pub fn show(tree: &mut Tree<ViewKind>, kind: ViewKind) {
    if tree.tiles.find_pane(&kind).is_none() {
        let id = tree.tiles.insert_pane(kind);
        let home = tree.tiles.iter().find_map(|(id, tile)| match tile {
            Tile::Container(Container::Tabs(_)) => Some(*id),
            _ => None,
        });
        match home {
            Some(tabs) => tree.move_tile_to_container(id, tabs, usize::MAX, true),
            None => {
                let mut children = vec![id];
                children.extend(tree.root());
                let root = tree.tiles.insert_tab_tile(children);
                tree.root = Some(root);
            }
        }
    }
    bring_forward(tree, kind);
}

/// Puts the tab of a view in front of its neighbours, if it is open.
pub fn bring_forward(tree: &mut Tree<ViewKind>, kind: ViewKind) {
    tree.make_active(|_, tile| matches!(tile, Tile::Pane(k) if *k == kind));
}

/// Closes the tab of a view.
pub fn close(tree: &mut Tree<ViewKind>, kind: ViewKind) {
    if let Some(id) = tree.tiles.find_pane(&kind) {
        tree.remove_recursively(id);
    }
}

fn view_ui(centre: &mut Centre<'_>, ui: &mut Ui, kind: ViewKind) {
    let t = theme::of(ui);
    let rect = ui.max_rect();
    ui.painter().rect_filled(rect, 0.0, t.view_bg);
    if let Some(view) = centre.views.get(kind) {
        let summary = view.summary(&centre.context);
        let response = ui.interact(rect, ui.scope_id().with(("view", kind)), Sense::hover());
        // The view's canvas says the summary as its name; here it describes, so that nothing is read twice.
        response.widget_info(|| WidgetInfo::labeled(Role::Group, true, format!("{} view", kind.title())));
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(summary));
        ui.push_id(kind, |ui| view.ui(ui, &mut centre.context));
    }
    let pressed = ui.input(|i| i.pointer.any_pressed());
    if pressed && ui.rect_contains_pointer(rect) {
        centre.focused = kind;
    }
}

impl Behavior<ViewKind> for Centre<'_> {
    fn pane_ui(&mut self, ui: &mut Ui, _: TileId, pane: &mut ViewKind) -> UiResponse {
        view_ui(self, ui, *pane);
        UiResponse::None
    }

    fn tab_title_for_pane(&mut self, pane: &ViewKind) -> WidgetText {
        pane.title().into()
    }

    fn tab_bar_height(&self, _: &egui::Style) -> f32 {
        height::TAB_BAR
    }

    fn gap_width(&self, _: &egui::Style) -> f32 {
        1.0
    }

    fn min_size(&self) -> f32 {
        160.0
    }

    fn tab_bar_color(&self, visuals: &Visuals) -> Color32 {
        theme::tokens(visuals.dark_mode).bar_bg
    }

    fn tab_bar_hline_stroke(&self, visuals: &Visuals) -> Stroke {
        Stroke::new(0.0, theme::tokens(visuals.dark_mode).view_bg)
    }

    fn resize_stroke(&self, style: &egui::Style, state: egui_tiles::ResizeState) -> Stroke {
        let t = theme::tokens(style.visuals.dark_mode);
        match state {
            egui_tiles::ResizeState::Idle => Stroke::new(1.0, t.line),
            _ => Stroke::new(2.0, t.accent),
        }
    }

    fn simplification_options(&self) -> SimplificationOptions {
        SimplificationOptions { all_panes_must_have_tabs: true, ..SimplificationOptions::default() }
    }

    fn is_tab_closable(&self, tiles: &Tiles<ViewKind>, _: TileId) -> bool {
        tiles.iter().filter(|(_, t)| matches!(t, Tile::Pane(_))).count() > 1
    }

    fn on_edit(&mut self, action: EditAction) {
        if !matches!(action, EditAction::TileResized) {
            self.edited = true;
        }
    }

    fn top_bar_right_ui(&mut self, _: &Tiles<ViewKind>, ui: &mut Ui, _: TileId, _: &Tabs, _: &mut f32) {
        // The line below the tabs is painted first; the active tab then covers its part of it.
        let rect = ui.max_rect();
        let line = theme::of(ui).line;
        crate::window::widgets::paint::hline(ui, rect.left()..=rect.right(), rect.bottom() - 1.0, line);
    }

    fn tab_bar_left_ui(&mut self, _: &Tiles<ViewKind>, ui: &mut Ui, _: TileId, _: &Tabs) {
        ui.add_space(4.0);
    }

    fn tab_bar_trailing_ui(&mut self, _: &Tiles<ViewKind>, ui: &mut Ui, _: TileId, _: &Tabs) {
        if self.closed.is_empty() {
            return;
        }
        ui.add_space(6.0);
        let plus = ui.add(IconButton::new("plus", "Open another view").small());
        menu(&plus).show(|ui| {
            ui.set_min_width(150.0);
            ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
            for kind in &self.closed {
                if choice_row(ui, false, kind.title()).clicked() {
                    self.context.commands.push(Command::Show(*kind));
                }
            }
        });
    }

    fn tab_ui(
        &mut self,
        tiles: &mut Tiles<ViewKind>,
        ui: &mut Ui,
        id: egui::Id,
        tile_id: TileId,
        state: &TabState,
    ) -> Response {
        let kind = tiles.get_pane(&tile_id).copied();
        let title = kind.map_or("Views", ViewKind::title);
        let w = (self.density.around(state.active) + width(ui, title, font::label_strong())).ceil();
        let (_, rect) = ui.allocate_space(vec2(w, ui.available_height()));
        let response = ui.interact(rect, id, Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::selected(Role::Tab, true, state.active, title));
        if state.is_being_dragged || !ui.is_rect_visible(rect) {
            return response;
        }
        let job_here = self.context.job.running && kind == Some(ViewKind::Train);
        tab_paint(
            ui,
            rect,
            kind.map_or("squares-four", ViewKind::icon),
            title,
            state.active,
            response.hovered(),
            job_here,
            self.density,
        );
        focus_ring(ui, &response);
        if let Some(kind) = kind {
            if response.clicked() {
                self.focused = kind;
            }
            let at = rect.right() - if self.density == Density::Full { 9.5 } else { 8.0 };
            let close = Rect::from_center_size(pos2(at, rect.center().y - 0.5), vec2(13.0, 16.0));
            let near = response.contains_pointer() && state.closable;
            if near {
                if self.density != Density::Full {
                    // The words end where the button stands: its own ground keeps it readable.
                    let t = theme::of(ui);
                    let ground = if state.active { t.view_bg } else { t.hover_bg };
                    ui.painter().rect_filled(close.expand2(vec2(1.0, 0.0)), 0.0, ground);
                }
                let x = ui.interact(close, id.with("close"), Sense::click());
                x.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Close {title}")));
                let t = theme::of(ui);
                let color = if x.hovered() { t.text_strong } else { t.text_subdued };
                icon_at(ui.painter(), close.center(), "x", 9.0, color);
                if x.clicked() || response.middle_clicked() {
                    self.context.commands.push(Command::CloseView(kind));
                }
            }
        }
        response
    }
}

#[allow(clippy::too_many_arguments)]
fn tab_paint(
    ui: &Ui,
    rect: Rect,
    icon: &str,
    title: &str,
    active: bool,
    hovered: bool,
    job: bool,
    density: Density,
) {
    let t = theme::of(ui);
    let painter = ui.painter();
    if active {
        painter.rect_filled(rect, 0.0, t.view_bg);
        painter.rect_filled(Rect::from_min_size(rect.min, vec2(rect.width(), 2.0)), 0.0, t.accent);
        for x in [rect.left(), rect.right() - 1.0] {
            let x = crate::window::widgets::paint::pixel_center(ui, x);
            painter.vline(x, rect.top() + 2.0..=rect.bottom(), Stroke::new(1.0, t.line));
        }
    } else if hovered {
        painter.rect_filled(rect, 0.0, t.hover_bg);
    }
    let color = if active || hovered { t.text_strong } else { t.text_subdued };
    let y = rect.center().y - 0.5;
    let mut x = rect.left() + density.pad() + if density == Density::Full { 1.5 } else { 0.0 };
    if active || density != Density::Words {
        icon_at(painter, pos2(x + icon_size::SMALL / 2.0, y), icon, icon_size::SMALL, color);
        x += icon_size::SMALL + TAB_GAP;
    }
    let font = if active { font::label_strong() } else { font::label() };
    let words = painter.text(pos2(x, y), Align2::LEFT_CENTER, title, font, color);
    if job {
        painter.circle_filled(pos2(words.right() + 7.0, y - 4.0), 3.0, t.accent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabs_stand_closer_before_one_is_out_of_sight() {
        let words = [40.0; 10];
        assert_eq!(Density::of(&words, 1200.0), Density::Full);
        assert_eq!(Density::of(&words, 800.0), Density::Tight);
        assert_eq!(Density::of(&words, 620.0), Density::Words);
    }
}
