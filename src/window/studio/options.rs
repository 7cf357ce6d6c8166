//! The options of a figure: everything the figure's spec knows, grouped as one thinks of it.

use crate::core::scm;
use crate::field::vpm::{Band, Normalisation, Reducer, Scope};
use crate::figure::colormap::ColorMap;
use crate::figure::spec::{Size, Theme};
use crate::figure::{FigureSpec, Format, Kind};
use crate::run::contents::RunContents;
use crate::window::theme::{self, font, height};
use crate::window::views::report::figure_words;
use crate::window::widgets::{checkbox, choice, choice_row, segmented, text_field};
use egui::{Align, DragValue, Layout, Rect, ScrollArea, Ui, UiBuilder, vec2};

/// Widths offered, mm.
const WIDTHS: [f64; 3] = [85.0, 120.0, 170.0];

/// Draws the column of options; everything is written into `spec` and `format`.
pub fn options_ui(
    ui: &mut Ui,
    rect: Rect,
    run: &RunContents,
    spec: &mut FigureSpec,
    format: &mut Format,
    brushed: &[usize],
    slices: &[(String, Vec<usize>)],
) {
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect));
    child.set_clip_rect(rect.intersect(ui.clip_rect()));
    ScrollArea::vertical().id_salt("figure options").auto_shrink([false, false]).show(&mut child, |ui| {
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        group(ui, "What");
        kind(ui, spec);
        let is_field = matches!(spec.kind, Kind::Vpm | Kind::Delta | Kind::Timeline);
        if spec.kind == Kind::Vpm {
            row(ui, "Panels", |ui| {
                let options = [(0, "A B D"), (1, "D"), (2, "A D"), (3, "A B")];
                let letters = ["", "D", "AD", "AB"];
                let mut at = letters.iter().position(|l| *l == spec.panels).unwrap_or(0);
                if segmented(ui, &mut at, &options) {
                    letters[at].clone_into(&mut spec.panels);
                }
            });
        }
        rows(ui, run, spec, brushed, slices);
        if is_field {
            field_options(ui, run, spec);
        }
        if spec.kind == Kind::Frontier {
            dimension(ui, spec);
        }
        group(ui, "Sheet");
        formats(ui, spec.kind, format);
        sheet(ui, spec);
        if spec.kind == Kind::Timeline {
            group(ui, "Film");
            film(ui, run, spec);
        }
        ui.add_space(16.0);
    });
}

fn group(ui: &mut Ui, name: &str) {
    let t = theme::of(ui);
    ui.add_space(14.0);
    ui.horizontal(|ui| {
        ui.add_space(18.0);
        ui.label(egui::RichText::new(name).font(font::small_medium()).color(t.text_subdued));
    });
    ui.add_space(4.0);
}

/// Name left, control right, 34 high.
fn row(ui: &mut Ui, name: &str, control: impl FnOnce(&mut Ui)) {
    let t = theme::of(ui);
    let size = vec2(ui.available_width(), height::CONTROL + 8.0);
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        ui.add_space(18.0);
        ui.label(egui::RichText::new(name).font(font::label_regular()).color(t.text));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.add_space(16.0);
            ui.spacing_mut().item_spacing.x = 6.0;
            control(ui);
        });
    });
}

fn kind(ui: &mut Ui, spec: &mut FigureSpec) {
    row(ui, "Figure", |ui| {
        choice(ui, "", &figure_words(spec.kind.name()), |ui| {
            for kind in Kind::ALL {
                if choice_row(ui, spec.kind == kind, &figure_words(kind.name())).clicked() {
                    spec.kind = kind;
                }
            }
        });
    });
}

/// All turns, the brushed ones, or a slice.
fn rows(
    ui: &mut Ui,
    run: &RunContents,
    spec: &mut FigureSpec,
    brushed: &[usize],
    slices: &[(String, Vec<usize>)],
) {
    row(ui, "Turns", |ui| {
        let value = if spec.rows.is_empty() {
            format!("all {}", run.turns.len())
        } else {
            let slice = slices.iter().find(|(_, rows)| *rows == spec.rows).map(|(name, _)| name.clone());
            slice.unwrap_or_else(|| format!("{} brushed", spec.rows.len()))
        };
        choice(ui, "", &value, |ui| {
            if choice_row(ui, spec.rows.is_empty(), &format!("all {}", run.turns.len())).clicked() {
                spec.rows.clear();
            }
            if !brushed.is_empty()
                && choice_row(ui, spec.rows == brushed, &format!("{} brushed", brushed.len())).clicked()
            {
                spec.rows = brushed.to_vec();
            }
            for (name, rows) in slices {
                if choice_row(ui, spec.rows == *rows, name).clicked() {
                    spec.rows.clone_from(rows);
                }
            }
        });
    });
}

fn field_options(ui: &mut Ui, run: &RunContents, spec: &mut FigureSpec) {
    row(ui, "Rows", |ui| {
        let value = if spec.order.is_empty() {
            "as the run has them".to_owned()
        } else {
            format!("by {}", spec.order)
        };
        choice(ui, "", &value, |ui| {
            if choice_row(ui, spec.order.is_empty(), "as the run has them").clicked() {
                spec.order.clear();
            }
            let mut names: Vec<String> = vec!["time".to_owned(), "D".to_owned()];
            names.extend(run.orders.rows.iter().map(|(n, _)| n.clone()).filter(|n| n != "time" && n != "D"));
            names.extend(scm::SHORT.iter().map(|s| (*s).to_owned()));
            for name in names {
                if choice_row(ui, spec.order == name, &format!("by {name}")).clicked() {
                    spec.order = name;
                }
            }
        });
    });
    row(ui, "Columns", |ui| {
        let sets: [(&str, std::ops::Range<usize>); 3] =
            [("all 12", 0..0), ("scores", 0..6), ("scores and trust", 0..9)];
        let names = |range: &std::ops::Range<usize>| -> Vec<String> {
            scm::SHORT[range.clone()].iter().map(|s| (*s).to_owned()).collect()
        };
        let now = sets.iter().find(|(_, r)| names(r) == spec.columns).map_or("chosen", |(n, _)| n);
        choice(ui, "", now, |ui| {
            for (name, range) in &sets {
                if choice_row(ui, now == *name, name).clicked() {
                    spec.columns = names(range);
                }
            }
        });
    });
    row(ui, "Colours of A and B", |ui| {
        let options = [
            ("whole range", Normalisation::Unit),
            ("lowest to highest", Normalisation::MinMax(Scope::Run)),
            ("p1 to p99", Normalisation::Robust(Band::P1To99, Scope::Run)),
            ("p1 to p99 by column", Normalisation::Robust(Band::P1To99, Scope::Column)),
        ];
        normalisation(ui, &mut spec.normalisation, &options);
    });
    row(ui, "Colours of D", |ui| {
        let options = [
            ("symmetric", Normalisation::Symmetric(Scope::Run)),
            ("symmetric by column", Normalisation::Symmetric(Scope::Column)),
        ];
        normalisation(ui, &mut spec.normalisation_delta, &options);
    });
    row(ui, "Map of A and B", |ui| {
        map(ui, &mut spec.palette, "batlow", &[ColorMap::Batlow, ColorMap::Viridis, ColorMap::GrayC]);
    });
    row(ui, "Map of D", |ui| {
        map(ui, &mut spec.palette_delta, "as the theme", &[ColorMap::Vik, ColorMap::Berlin]);
    });
    row(ui, "Turns in one pixel", |ui| {
        let name = crate::window::views::field::reducer_name(spec.reduce_delta);
        choice(ui, "", name, |ui| {
            for reducer in Reducer::ALL {
                let words = crate::window::views::field::reducer_name(reducer);
                if choice_row(ui, spec.reduce_delta == reducer, words).clicked() {
                    spec.reduce_delta = reducer;
                }
            }
        });
    });
}

fn normalisation(ui: &mut Ui, value: &mut Normalisation, options: &[(&str, Normalisation)]) {
    let now = options.iter().find(|(_, n)| n == value).map_or("other", |(name, _)| name);
    choice(ui, "", now, |ui| {
        for (name, normalisation) in options {
            if choice_row(ui, now == *name, name).clicked() {
                *value = *normalisation;
            }
        }
    });
}

fn map(ui: &mut Ui, value: &mut String, default: &str, maps: &[ColorMap]) {
    let now = if value.is_empty() { default.to_owned() } else { value.clone() };
    choice(ui, "", &now, |ui| {
        if choice_row(ui, value.is_empty(), default).clicked() {
            value.clear();
        }
        for map in maps.iter().filter(|m| m.name() != default) {
            if choice_row(ui, *value == map.name(), map.name()).clicked() {
                map.name().clone_into(value);
            }
        }
    });
}

fn dimension(ui: &mut Ui, spec: &mut FigureSpec) {
    row(ui, "Dimension", |ui| {
        let now = if spec.dimension.is_empty() { "all".to_owned() } else { spec.dimension.clone() };
        choice(ui, "", &now, |ui| {
            if choice_row(ui, spec.dimension.is_empty(), "all").clicked() {
                spec.dimension.clear();
            }
            for name in &scm::SHORT[..6] {
                if choice_row(ui, spec.dimension == *name, name).clicked() {
                    (*name).clone_into(&mut spec.dimension);
                }
            }
        });
    });
}

fn formats(ui: &mut Ui, kind: Kind, format: &mut Format) {
    row(ui, "Format", |ui| {
        let still = [(Format::Png, "PNG"), (Format::Svg, "SVG")];
        let moving =
            [(Format::Gif, "GIF"), (Format::Apng, "APNG"), (Format::Png, "PNG"), (Format::Svg, "SVG")];
        segmented(ui, format, if kind == Kind::Timeline { &moving } else { &still });
    });
}

fn sheet(ui: &mut Ui, spec: &mut FigureSpec) {
    row(ui, "Theme", |ui| {
        segmented(ui, &mut spec.theme, &[(Theme::Light, "Light"), (Theme::Dark, "Dark")]);
    });
    row(ui, "Size in", |ui| {
        let mut print = matches!(spec.size, Size::Mm { .. });
        if segmented(ui, &mut print, &[(true, "mm"), (false, "px")]) {
            spec.size = if print { Size::default() } else { Size::Px { width: 1600, height: 900 } };
        }
    });
    match &mut spec.size {
        Size::Mm { width, height, dpi } => {
            row(ui, "Width", |ui| {
                ui.add(DragValue::new(width).range(30.0..=600.0).speed(1.0).suffix(" mm").max_decimals(1));
                for preset in WIDTHS.into_iter().rev() {
                    let chosen = (*width - preset).abs() < 0.05;
                    let label = format!("{preset:.0}");
                    if ui.add(crate::window::widgets::Button::new(&label).on(chosen)).clicked() {
                        *width = preset;
                    }
                }
            });
            row(ui, "Height", |ui| {
                let mut own = height.is_some();
                if let Some(h) = height {
                    ui.add(DragValue::new(h).range(15.0..=600.0).speed(1.0).suffix(" mm").max_decimals(1));
                }
                if segmented(ui, &mut own, &[(false, "fits"), (true, "own")]) {
                    *height = own.then_some(90.0);
                }
            });
            row(ui, "Resolution", |ui| {
                ui.add(DragValue::new(dpi).range(72.0..=1200.0).speed(5.0).suffix(" DPI").max_decimals(0));
            });
        }
        Size::Px { width, height } => {
            row(ui, "Width", |ui| {
                ui.add(DragValue::new(width).range(64..=8192).speed(8.0).suffix(" px"));
            });
            row(ui, "Height", |ui| {
                ui.add(DragValue::new(height).range(64..=8192).speed(8.0).suffix(" px"));
            });
        }
    }
    row(ui, "Text", |ui| {
        ui.add(DragValue::new(&mut spec.font_pt).range(5.0..=24.0).speed(0.1).suffix(" pt").max_decimals(1));
    });
    row(ui, "Title", |ui| {
        let color = theme::of(ui).text_strong;
        text_field(ui, &mut spec.title, "none", 170.0, font::label_regular(), color);
    });
    row(ui, "Legend and bars", |ui| {
        checkbox(ui, &mut spec.legend, "");
    });
    row(ui, "Caption with N and limits", |ui| {
        checkbox(ui, &mut spec.caption, "");
    });
}

fn film(ui: &mut Ui, run: &RunContents, spec: &mut FigureSpec) {
    let n = run.turns.len().max(1);
    let frames = &mut spec.frames;
    row(ui, "Rows in sight", |ui| {
        let value = DragValue::new(&mut frames.window).range(0..=n).speed(1.0);
        ui.add(
            value.custom_formatter(
                |v, _| if v < 1.0 { "an eighth".to_owned() } else { format!("{v:.0} rows") },
            ),
        );
    });
    row(ui, "Rows a frame", |ui| {
        let value = DragValue::new(&mut frames.step).range(0..=n).speed(0.2);
        ui.add(value.custom_formatter(|v, _| {
            if v < 1.0 { "for 90 frames".to_owned() } else { format!("{v:.0} rows") }
        }));
    });
    row(ui, "A frame stays", |ui| {
        ui.add(DragValue::new(&mut frames.delay_cs).range(2..=500).speed(0.2).suffix("0 ms"));
    });
    row(ui, "The last frame stays", |ui| {
        ui.add(DragValue::new(&mut frames.hold_cs).range(2..=1000).speed(1.0).suffix("0 ms"));
    });
    row(ui, "Starts again", |ui| {
        checkbox(ui, &mut frames.repeat, "");
    });
}
