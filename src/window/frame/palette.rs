//! The palette (Ctrl+K): commands, runs and turns by a few letters, chosen with the arrow keys.

use crate::core::item::Item;
use crate::core::turn::Turn;
use crate::window::app::App;
use crate::window::command::{self, Command};
use crate::window::library::RunSummary;
use crate::window::theme::{self, font, radius};
use crate::window::widgets::button::shortcut_box;
use crate::window::widgets::paint::{hline, icon_at, text_in};
use egui::{
    Align2, Area, Color32, Context, Frame, Id, Key, Modal, Modifiers, Order, Role, ScrollArea, Sense, Stroke,
    TextEdit, Ui, WidgetInfo, vec2,
};

const WIDTH: f32 = 560.0;
const ROW: f32 = 32.0;
/// Turns looked at in one frame, so that a large table never holds it up.
const TURNS_A_FRAME: usize = 8_000;
/// Turns listed at most.
const MOST_TURNS: usize = 20;

/// State of the palette.
#[derive(Default)]
pub struct Palette {
    open: bool,
    query: String,
    chosen: usize,
    searched: String,
    searched_version: u64,
    turns: Vec<usize>,
    next_turn: usize,
}

impl Palette {
    /// Opens it empty, or closes it.
    pub fn toggle(&mut self) {
        *self = Self { open: !self.open, ..Self::default() };
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Looks at some more turns; true when there are more to look at.
    fn search_turns(&mut self, turns: &[Turn], version: u64) -> bool {
        if self.searched != self.query || self.searched_version != version {
            self.searched.clone_from(&self.query);
            self.searched_version = version;
            self.turns.clear();
            self.next_turn = 0;
        }
        if self.query.trim().is_empty() {
            return false;
        }
        let end = (self.next_turn + TURNS_A_FRAME).min(turns.len());
        let words = self.query.to_lowercase();
        for (row, turn) in turns.iter().enumerate().take(end).skip(self.next_turn) {
            if self.turns.len() >= MOST_TURNS {
                break;
            }
            if contains(&turn.turn_id, &words)
                || contains(&turn.goal_text, &words)
                || contains(&turn.title, &words)
            {
                self.turns.push(row);
            }
        }
        self.next_turn = end;
        end < turns.len() && self.turns.len() < MOST_TURNS
    }
}

/// Whether `text` holds `lower` (already in small letters), ignoring case.
fn contains(text: &str, lower: &str) -> bool {
    if text.is_ascii() && lower.is_ascii() {
        let (text, lower) = (text.as_bytes(), lower.as_bytes());
        return text.windows(lower.len().max(1)).any(|w| w.eq_ignore_ascii_case(lower));
    }
    text.to_lowercase().contains(lower)
}

struct Hit {
    icon: &'static str,
    text: String,
    detail: String,
    shortcut: Option<String>,
    command: Command,
}

/// Draws the palette, when it is open.
pub fn palette_ui(app: &mut App, ctx: &Context) {
    if !app.palette.open {
        return;
    }
    let t = theme::of_context(ctx);
    if let Some(run) = app.run.clone()
        && app.palette.search_turns(&run.turns, app.run_version)
    {
        ctx.request_repaint();
    }
    let hits = hits(app);
    let screen = ctx.content_rect();
    let w = WIDTH.min(screen.width() - 32.0);
    let area = Area::new(Id::unique("palette"))
        .kind(egui::UiKind::Modal)
        .sense(Sense::hover())
        .anchor(Align2::CENTER_TOP, vec2(0.0, 52.0))
        .order(Order::Foreground)
        .interactable(true);
    let frame =
        Frame::NONE.fill(t.overlay_bg).stroke(Stroke::new(1.0, t.line_strong)).corner_radius(radius::WINDOW);
    let mut picked = None;
    let shown = Modal::new(Id::unique("palette"))
        .area(area)
        .frame(frame)
        .backdrop_color(Color32::from_black_alpha(if t.dark { 110 } else { 60 }))
        .show(ctx, |ui| {
            ui.set_width(w);
            ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
            query_ui(&mut app.palette, ui, hits.len());
            hline(ui, ui.max_rect().left()..=ui.max_rect().left() + w, ui.cursor().top(), t.line);
            ui.add_space(5.0);
            // Without the least height the list could shrink with its hits but never grow again.
            let list = ScrollArea::vertical().max_height(ROW * 11.0).min_scrolled_height(ROW * 11.0);
            list.auto_shrink([false, true]).show(ui, |ui| {
                for (i, hit) in hits.iter().enumerate() {
                    if hit_ui(ui, hit, i == app.palette.chosen) {
                        picked = Some(i);
                    }
                }
                if hits.is_empty() {
                    let (rect, _) = ui.allocate_exact_size(vec2(w, 64.0), Sense::hover());
                    let words = "Nothing with these words";
                    ui.painter().text(
                        rect.center(),
                        Align2::CENTER_CENTER,
                        words,
                        font::label_regular(),
                        t.text_subdued,
                    );
                }
            });
            ui.add_space(5.0);
        });
    if ctx.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Enter)) {
        picked = picked.or(Some(app.palette.chosen));
    }
    let close = shown.should_close();
    if let Some(hit) = picked.and_then(|i| hits.into_iter().nth(i)) {
        app.palette = Palette::default();
        // Closing the palette is already what this command would do.
        if hit.command != Command::TogglePalette {
            app.commands.push(hit.command);
        }
    } else if close {
        app.palette = Palette::default();
    }
}

fn query_ui(palette: &mut Palette, ui: &mut Ui, hits: usize) {
    let t = theme::of(ui);
    let down = ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::ArrowDown));
    let up = ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::ArrowUp));
    if down {
        palette.chosen = (palette.chosen + 1).min(hits.saturating_sub(1));
    }
    if up {
        palette.chosen = palette.chosen.saturating_sub(1);
    }
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 46.0), Sense::hover());
    icon_at(ui.painter(), rect.left_center() + vec2(24.0, 0.0), "magnifying-glass", 16.0, t.text_subdued);
    let field = egui::Rect::from_min_max(rect.min + vec2(44.0, 8.0), rect.max - vec2(16.0, 8.0));
    let edit = TextEdit::singleline(&mut palette.query)
        .id(Id::unique("palette query"))
        .frame(Frame::NONE)
        .margin(egui::Margin::ZERO)
        .font(font::body())
        .text_color(t.text_strong)
        .align(egui::Align2::LEFT_CENTER)
        .min_size(field.size())
        .desired_width(field.width())
        .hint_text(
            egui::RichText::new("Search turns, runs and commands").font(font::body()).color(t.text_subdued),
        );
    let response = crate::window::widgets::paint::put_at(ui, field, edit);
    if response.changed() {
        palette.chosen = 0;
    }
    response.request_focus();
}

fn hit_ui(ui: &mut Ui, hit: &Hit, chosen: bool) -> bool {
    let t = theme::of(ui);
    let (outer, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::MenuItem, true, chosen, &hit.text));
    let rect = outer.shrink2(vec2(5.0, 0.0));
    let fill = if chosen {
        t.accent_fill
    } else if response.hovered() {
        t.hover_bg
    } else {
        t.overlay_bg
    };
    ui.painter().rect_filled(rect, f32::from(radius::CONTROL), fill);
    icon_at(ui.painter(), rect.left_center() + vec2(19.0, 0.0), hit.icon, 16.0, t.text);
    let mut right = rect.right() - 10.0;
    if let Some(shortcut) = &hit.shortcut {
        right = shortcut_box(ui, egui::pos2(right, rect.center().y), shortcut, t) - 10.0;
    }
    let at = rect.left_center() + vec2(39.0, 0.0);
    let room = right - at.x;
    let share = if hit.detail.is_empty() { room } else { room * 0.7 };
    let used = text_in(ui, at, Align2::LEFT_CENTER, &hit.text, font::body(), t.text_strong, share);
    let left = right - used.right() - 12.0;
    if !hit.detail.is_empty() && left > 30.0 {
        let at = egui::pos2(right, rect.center().y);
        text_in(ui, at, Align2::RIGHT_CENTER, &hit.detail, font::small(), t.text_subdued, left);
    }
    if chosen && ui.input(|i| i.key_pressed(Key::ArrowDown) || i.key_pressed(Key::ArrowUp)) {
        response.scroll_to_me(None);
    }
    response.clicked()
}

fn hits(app: &App) -> Vec<Hit> {
    let words = app.palette.query.trim().to_lowercase();
    let mut hits: Vec<Hit> = Vec::new();
    hits.extend(path_hit(app.palette.query.trim()));
    let commands = command::table().into_iter().filter(|e| words.is_empty() || contains(e.text, &words));
    let commands = commands.filter(|e| applies(app, &e.command));
    hits.extend(commands.map(|e| Hit {
        icon: e.icon,
        text: e.text.to_owned(),
        detail: String::new(),
        shortcut: e.shortcut.map(command::words),
        command: e.command,
    }));
    let runs = app.library.runs.iter().chain(&app.library.samples);
    hits.extend(runs.filter(|r| words.is_empty() || contains(&r.title, &words)).take(12).map(run_hit));
    if let Some(run) = &app.run {
        hits.extend(
            app.palette.turns.iter().filter_map(|row| Some((*row, run.turns.get(*row)?))).map(turn_hit),
        );
    }
    hits
}

/// Whether a command would do anything now: what acts on a job is offered while there is one.
fn applies(app: &App, command: &Command) -> bool {
    let job = &app.jobs.status;
    match command {
        Command::CancelJob | Command::RateFactor(_) => job.running,
        Command::PauseJob(pause) => job.running && job.paused != *pause,
        _ => true,
    }
}

/// A path that was typed or pasted: opened like a dropped one, for machines without a file dialog.
fn path_hit(text: &str) -> Option<Hit> {
    let home = || std::env::var_os("HOME").map(std::path::PathBuf::from);
    let path = match text.strip_prefix("~/") {
        Some(rest) => home()?.join(rest),
        None => std::path::PathBuf::from(text),
    };
    (path.is_absolute() && path.exists()).then(|| Hit {
        icon: "folder-open",
        text: format!("Open {text}"),
        detail: String::new(),
        shortcut: None,
        command: crate::window::app::dropped(&path),
    })
}

fn run_hit(run: &RunSummary) -> Hit {
    Hit {
        icon: "hard-drives",
        text: run.title.clone(),
        detail: run.subtitle.clone(),
        shortcut: None,
        command: Command::OpenRun(run.folder.clone()),
    }
}

fn turn_hit((row, turn): (usize, &Turn)) -> Hit {
    Hit {
        icon: "chat-text",
        text: turn.goal_text.split_whitespace().take(24).collect::<Vec<_>>().join(" "),
        detail: turn.turn_id.clone(),
        shortcut: None,
        command: Command::Select(Some(Item::Turn(row))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whatever_their_case() {
        assert!(
            contains("Water Rocket", "rocket") && contains("Straße", "straße") && !contains("rock", "rocket")
        );
    }

    #[test]
    fn a_large_table_is_searched_over_several_frames() {
        let turns: Vec<Turn> =
            (0..20_000).map(|i| Turn { turn_id: format!("t{i}"), ..Turn::default() }).collect();
        let mut palette = Palette { open: true, query: "t19999".to_owned(), ..Palette::default() };
        let mut frames = 1;
        while palette.search_turns(&turns, 1) {
            frames += 1;
        }
        assert_eq!((palette.turns.as_slice(), frames), (&[19_999][..], 3));
    }
}
