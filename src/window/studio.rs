//! The figure studio: what any view shows as a figure for print or slides, with a live preview at its true size.

mod options;
mod preview;

use crate::figure::spec::Size;
use crate::figure::{FigureSpec, Format, Kind};
use crate::run::contents::RunContents;
use crate::window::app::App;
use crate::window::command::Command;
use crate::window::dialogs::Question;
use crate::window::theme::{self, font, height, radius};
use crate::window::widgets::paint::{hline, text_in, vline};
use crate::window::widgets::{Button, IconButton, segmented};
use egui::{
    Align, Align2, Area, Color32, Context, Frame, Id, Key, Layout, Modal, Order, Rect, Role, Sense, Stroke,
    Ui, UiBuilder, WidgetInfo, pos2, vec2,
};
use preview::Preview;
use std::path::PathBuf;
use std::sync::Arc;

/// Width of the column of options.
const OPTIONS: f32 = 316.0;
/// Height of head and foot.
const BAR: f32 = 52.0;

/// The studio, when it is open.
#[derive(Default)]
pub struct Studio(Option<Open>);

struct Open {
    spec: FigureSpec,
    format: Format,
    /// Where it will be written, as typed.
    path: String,
    /// Whether the path follows kind and format because nobody typed one.
    path_follows: bool,
    preview: Preview,
    fit: bool,
}

impl Studio {
    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.0.is_some()
    }

    /// Whether a preview is being drawn.
    pub fn is_busy(&self) -> bool {
        self.0.as_ref().is_some_and(|o| o.preview.is_busy())
    }

    /// Closes it; true when it was open.
    pub fn close(&mut self) -> bool {
        self.0.take().is_some()
    }

    /// Takes the path that the file dialog gave.
    pub fn set_path(&mut self, path: PathBuf) {
        if let Some(open) = &mut self.0 {
            if let Some(format) = Format::of_path(&path) {
                open.format = format;
            }
            open.path = path.display().to_string();
            open.path_follows = false;
        }
    }
}

impl App {
    /// Opens the studio on a figure.
    pub(crate) fn open_studio(&mut self, spec: FigureSpec) {
        let Some(run) = &self.run else {
            self.tell("No figure to draw", "open a run first");
            return;
        };
        let format = Format::default_of(spec.kind);
        let path = default_path(run, spec.kind, format);
        self.studio = Studio(Some(Open {
            path: path.display().to_string(),
            path_follows: true,
            spec,
            format,
            preview: Preview::default(),
            fit: false,
        }));
    }

    /// The figure that the focused view shows now, or one of the kind named.
    pub(crate) fn figure_of_view(&mut self, kind: &str) -> FigureSpec {
        let focused = self.focused;
        let of_view = self.views.get(focused).and_then(|v| v.figure());
        let named = Kind::from_name(kind);
        match (of_view, named) {
            (Some(spec), None) => spec,
            (Some(spec), Some(kind)) if spec.kind == kind => spec,
            (_, named) => FigureSpec::of(named.unwrap_or_else(|| crate::window::figures::kind_of(focused))),
        }
    }

    /// Writes the figure of the studio on a thread, and closes the studio.
    fn write_studio(&mut self, ctx: &Context) {
        let (Some(open), Some(run)) = (&self.studio.0, self.run.clone()) else { return };
        let path = PathBuf::from(open.path.trim());
        let (spec, format) = (open.spec.clone(), Format::of_path(&path).unwrap_or(open.format));
        let work = move || {
            let result = preview::with_what_it_needs(&run, &spec)
                .and_then(|run| Ok(crate::figure::render(&run, &spec, format)?))
                .and_then(|bytes| Ok(crate::run::atomic::write(&path, &bytes)?));
            (path, result)
        };
        if let Err(error) = self.exporting.start("write figure", ctx, work) {
            self.fail("The figure was not written", &error.to_string(), None);
        } else {
            self.studio = Studio::default();
        }
    }
}

/// `figures/` beside the run's own figures would change the run: a figure of the reader goes to the home folder's
/// pictures, else to where the program was started.
fn default_path(run: &RunContents, kind: Kind, format: Format) -> PathBuf {
    let folder = std::env::var_os("HOME").map(|h| PathBuf::from(h).join("Pictures")).filter(|p| p.is_dir());
    let folder = folder.or_else(|| std::env::current_dir().ok()).unwrap_or_default();
    let name: String =
        run.title().to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let name = name.split('-').filter(|p| !p.is_empty()).collect::<Vec<_>>().join("-");
    folder.join(format!("{name}-{}.{}", kind.name(), format.name()))
}

/// Draws the studio, when it is open.
pub fn studio_ui(app: &mut App, ctx: &Context) {
    let Some(run) = app.run.clone() else {
        app.studio.close();
        return;
    };
    let slices: Vec<(String, Vec<usize>)> =
        app.slices.iter().map(|s| (s.name.clone(), s.rows.clone())).collect();
    let brushed = app.selection.brushed.clone();
    let Some(open) = &mut app.studio.0 else { return };
    let t = theme::of_context(ctx);
    let screen = ctx.content_rect().size();
    let size = vec2((screen.x - 48.0).min(1280.0), (screen.y - 48.0).min(860.0)).floor();
    let area = Area::new(Id::unique("figure studio"))
        .kind(egui::UiKind::Modal)
        .sense(Sense::hover())
        .anchor(Align2::CENTER_CENTER, vec2(0.0, 0.0))
        .order(Order::Foreground)
        .interactable(true);
    let frame =
        Frame::NONE.fill(t.overlay_bg).stroke(Stroke::new(1.0, t.line_strong)).corner_radius(radius::WINDOW);
    let mut wish = Wish::Nothing;
    let modal = Modal::new(Id::unique("figure studio")).area(area).frame(frame);
    let shown =
        modal.backdrop_color(Color32::from_black_alpha(if t.dark { 140 } else { 80 })).show(ctx, |ui| {
            let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Dialog, true, "Figure studio"));
            let head = Rect::from_min_size(rect.min, vec2(rect.width(), BAR));
            let foot = Rect::from_min_max(pos2(rect.left(), rect.bottom() - BAR), rect.max);
            let middle = Rect::from_min_max(head.left_bottom(), foot.right_top());
            head_ui(ui, head, open, &run, &mut wish);
            let edge = middle.right() - OPTIONS;
            let canvas = Rect::from_min_max(middle.min, pos2(edge, middle.bottom()));
            open.preview.ui(ui, canvas, &run, &open.spec, open.fit);
            vline(ui, edge, middle.top()..=middle.bottom(), t.line);
            let column = Rect::from_min_max(pos2(edge + 1.0, middle.top()), middle.max);
            let before = (open.spec.kind, open.format);
            options::options_ui(ui, column, &run, &mut open.spec, &mut open.format, &brushed, &slices);
            if open.spec.kind != Kind::Timeline && matches!(open.format, Format::Gif | Format::Apng) {
                open.format = Format::Png;
            }
            if before != (open.spec.kind, open.format) {
                if open.path_follows {
                    open.path = default_path(&run, open.spec.kind, open.format).display().to_string();
                } else {
                    let path = PathBuf::from(&open.path).with_extension(open.format.name());
                    open.path = path.display().to_string();
                }
            }
            foot_ui(ui, foot, open, &mut wish);
        });
    // A list that is open above the studio takes Esc first.
    let escape = ctx.input(|i| i.key_pressed(Key::Escape)) && !egui::Popup::is_any_open(ctx);
    if escape || shown.backdrop_response.clicked() {
        wish = Wish::Close;
    }
    match wish {
        Wish::Nothing => {}
        Wish::Close => {
            app.studio.close();
        }
        Wish::Browse(kind) => app.commands.push(Command::BrowseFigure(kind)),
        Wish::Write => app.write_studio(ctx),
    }
}

enum Wish {
    Nothing,
    Close,
    Browse(String),
    Write,
}

fn head_ui(ui: &mut Ui, rect: Rect, open: &mut Open, run: &Arc<RunContents>, wish: &mut Wish) {
    let t = theme::of(ui);
    hline(ui, rect.left()..=rect.right(), rect.bottom() - 1.0, t.line);
    let at = rect.left_center() + vec2(20.0, 0.0);
    let taken = text_in(ui, at, Align2::LEFT_CENTER, "Figure", font::title(), t.text_strong, 120.0);
    let words = format!("of {}", run.title());
    let at = pos2(taken.right() + 10.0, rect.center().y + 1.0);
    let room = rect.width() - 380.0;
    text_in(ui, at, Align2::LEFT_CENTER, &words, font::label_regular(), t.text_subdued, room);
    let inner = rect.shrink2(vec2(14.0, 0.0));
    let mut right =
        ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::right_to_left(Align::Center)));
    right.spacing_mut().item_spacing.x = 12.0;
    if right.add(IconButton::new("x", "Close without writing")).clicked() {
        *wish = Wish::Close;
    }
    segmented(&mut right, &mut open.fit, &[(false, "True size"), (true, "Fit")]);
}

fn foot_ui(ui: &mut Ui, rect: Rect, open: &mut Open, wish: &mut Wish) {
    let t = theme::of(ui);
    hline(ui, rect.left()..=rect.right(), rect.top(), t.line);
    let inner = rect.shrink2(vec2(20.0, 0.0));
    let mut right =
        ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::right_to_left(Align::Center)));
    right.spacing_mut().item_spacing.x = 8.0;
    let why = why_not(open);
    let write = Button::new("Write the figure").icon("export").primary().height(30.0).disabled(why);
    if right.add(write).clicked() && why.is_none() {
        *wish = Wish::Write;
    }
    if right.add(Button::new("Browse...").height(30.0)).clicked() {
        *wish = Wish::Browse(open.spec.kind.name().to_owned());
    }
    let edge = right.min_rect().left() - 12.0;
    let label = text_in(
        ui,
        inner.left_center(),
        Align2::LEFT_CENTER,
        "File",
        font::label_regular(),
        t.text_subdued,
        60.0,
    );
    let field = Rect::from_min_max(
        pos2(label.right() + 10.0, rect.center().y - height::CONTROL / 2.0 - 1.0),
        pos2(edge, rect.center().y + height::CONTROL / 2.0 + 1.0),
    );
    ui.painter().rect(
        field,
        f32::from(radius::CONTROL),
        t.input_bg,
        Stroke::new(1.0, t.line_strong),
        egui::StrokeKind::Inside,
    );
    let edit = egui::TextEdit::singleline(&mut open.path)
        .id(Id::unique("figure file"))
        .frame(Frame::NONE)
        .margin(egui::Margin::ZERO)
        .font(font::mono_small())
        .text_color(t.text_strong)
        .align(Align2::LEFT_CENTER)
        .min_size(field.shrink2(vec2(8.0, 0.0)).size())
        .desired_width(field.width() - 16.0);
    let response = crate::window::widgets::paint::put_at(ui, field.shrink2(vec2(8.0, 0.0)), edit);
    response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "File of the figure"));
    if response.changed() {
        open.path_follows = false;
        if let Some(format) = Format::of_path(&PathBuf::from(open.path.trim())) {
            open.format = format;
        }
    }
    if response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter)) && why.is_none() {
        *wish = Wish::Write;
    }
}

/// Why the figure cannot be written now.
fn why_not(open: &Open) -> Option<&'static str> {
    if open.path.trim().is_empty() {
        return Some("Say where the file goes");
    }
    if Format::of_path(&PathBuf::from(open.path.trim())).is_none() {
        return Some("The file's name must end in .png, .svg, .gif or .apng");
    }
    if open.preview.has_failed() {
        return Some("This figure cannot be drawn, see the preview");
    }
    match open.spec.size {
        Size::Px { width, height } if width == 0 || height == 0 => Some("A side of the figure is 0 px"),
        _ => None,
    }
}

/// Where the file dialog begins.
pub(crate) fn question(kind: &str) -> Question {
    Question::Figure(kind.to_owned())
}
