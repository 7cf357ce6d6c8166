//! The device view: which adapters there are, which one works and why, memory, and whether a software renderer draws.

use crate::window::command::Severity;
use crate::window::format;
use crate::window::services::{Adapter, DeviceReport};
use crate::window::theme::{font, height, panel};
use crate::window::view::{View, ViewContext, ViewKind};
use crate::window::widgets::{Banner, property_row, section_heading, skeleton_block, table, toolbar};
use egui::{ScrollArea, Ui, vec2};
use egui_extras::Column;

/// Width of the content at most.
const WIDEST: f32 = 1040.0;

/// The device view.
pub struct Device;

impl View for Device {
    fn kind(&self) -> ViewKind {
        ViewKind::Device
    }

    fn help(&self) -> &'static str {
        "Training and scoring run on a hardware adapter when there is one, else on the CPU. A software renderer draws \
         this window but never trains: it is slower than the CPU. The window and the lab use two devices, so that a \
         hidden window does not hold up training."
    }

    fn summary(&self, context: &ViewContext<'_>) -> String {
        match context.devices {
            Some(d) => format!(
                "Device view, {} trains, {}",
                d.chosen,
                format::counted(d.adapters.len(), "adapter", "adapters")
            ),
            None => "Device view, looking for devices".to_owned(),
        }
    }

    fn ui(&mut self, ui: &mut Ui, context: &mut ViewContext<'_>) {
        toolbar(ui, context.commands, None, |_, _| {}, |_, _| {});
        let Some(report) = context.devices else {
            looking(ui);
            return;
        };
        ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
            let pad = panel::VIEW_PADDING;
            let full = ui.available_width();
            let inner = egui::Rect::from_min_size(
                ui.cursor().min + vec2(pad, pad),
                vec2((full - 2.0 * pad).clamp(200.0, WIDEST), 4000.0),
            );
            let out =
                ui.scope_builder(egui::UiBuilder::new().max_rect(inner), |ui| body(ui, context, report));
            ui.expand_to_include_rect(out.response.rect.expand(pad));
        });
    }
}

/// The shape of the view until the drivers have answered.
fn looking(ui: &mut Ui) {
    let t = crate::window::theme::of(ui);
    let rect = ui.available_rect_before_wrap().shrink(panel::VIEW_PADDING);
    let wide = rect.width().min(WIDEST);
    let what = "Looking for devices";
    let response = ui.interact(rect, ui.scope_id().with("looking"), egui::Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Status, true, what));
    let at = rect.min + vec2(0.0, 12.0);
    ui.painter().text(at, egui::Align2::LEFT_CENTER, what, font::title(), t.text_strong);
    let at = rect.min + vec2(0.0, 34.0);
    let why = "Drivers are loaded once, which takes a second or two";
    ui.painter().text(at, egui::Align2::LEFT_CENTER, why, font::label_regular(), t.text_subdued);
    let block = |x: f32, y: f32, w: f32, h: f32| {
        skeleton_block(ui, egui::Rect::from_min_size(rect.min + vec2(x, y), vec2(w, h)));
    };
    let half = (wide - 56.0) / 2.0;
    for x in [0.0, half + 56.0] {
        block(x, 68.0, 80.0, 14.0);
        for row in 0..4 {
            let y = 98.0 + 24.0 * row as f32;
            block(x, y, half * 0.25, 10.0);
            block(x + half * 0.6, y, half * 0.4, 10.0);
        }
    }
    block(0.0, 224.0, 80.0, 14.0);
    for row in 0..3 {
        block(0.0, 258.0 + height::ROW * row as f32, wide, 10.0);
    }
}

fn body(ui: &mut Ui, context: &ViewContext<'_>, report: &DeviceReport) {
    let t = context.tokens;
    ui.spacing_mut().item_spacing = vec2(8.0, 0.0);
    let sentence = format!("{} trains and scores here: {}", report.chosen, report.why);
    let words = egui::RichText::new(sentence).font(font::title()).color(t.text_strong);
    ui.add(egui::Label::new(words).wrap());
    ui.add_space(16.0);
    let window = report.window.as_ref();
    if window.is_some_and(|a| a.software) {
        let detail = "Training runs on the CPU backend; drawing takes some of its time";
        Banner::new(Severity::Warning, "A software renderer draws this window.", detail).ui(ui);
        ui.add_space(24.0);
    }
    let columns = if ui.available_width() > 620.0 { 2 } else { 1 };
    ui.spacing_mut().item_spacing.x = 56.0;
    ui.columns(columns, |ui| {
        let (first, rest) = ui.split_at_mut(1);
        if let Some(ui) = first.first_mut() {
            machine(ui, report);
        }
        if let Some(ui) = rest.first_mut() {
            renderer(ui, window);
        }
    });
    if columns == 1 {
        ui.add_space(24.0);
        renderer(ui, window);
    }
    ui.add_space(24.0);
    section_heading(ui, "Adapters", &format::counted(report.adapters.len(), "found", "found"));
    ui.add_space(8.0);
    if report.adapters.is_empty() {
        let words = egui::RichText::new("No graphics adapter was found; the CPU does everything");
        ui.label(words.font(font::body()).color(t.text_subdued));
        return;
    }
    adapters(ui, context, &report.adapters);
}

fn machine(ui: &mut Ui, report: &DeviceReport) {
    section_heading(ui, "Machine", "");
    ui.add_space(4.0);
    property_row(ui, "CPU", if report.cpu.is_empty() { "unknown" } else { &report.cpu });
    property_row(ui, "Threads", &format::count(report.threads));
    property_row(ui, "Memory", &format::bytes(report.memory_total));
    property_row(ui, "Free when the window opened", &format::bytes(report.memory_free));
}

fn renderer(ui: &mut Ui, adapter: Option<&Adapter>) {
    section_heading(ui, "This window", "");
    ui.add_space(4.0);
    let Some(adapter) = adapter else {
        property_row(ui, "Drawn by", "no graphics device");
        return;
    };
    property_row(ui, "Drawn by", &adapter.name);
    property_row(ui, "Backend", &adapter.backend);
    property_row(ui, "Driver", &adapter.driver);
}

fn adapters(ui: &mut Ui, context: &ViewContext<'_>, adapters: &[Adapter]) {
    let t = context.tokens;
    let heads = ["adapter", "kind", "backend", "driver", "largest binding"];
    let tall = height::TABLE_HEADER + height::ROW * adapters.len() as f32 + 4.0;
    // Names and drivers are about as long as each other and share what the short columns leave.
    let names = ((ui.available_width() - 300.0) * 0.5).max(150.0);
    ui.allocate_ui(vec2(ui.available_width(), tall), |ui| {
        table::builder(ui, "adapters")
            .vscroll(false)
            .column(Column::exact(names).clip(true))
            .column(Column::exact(90.0))
            .column(Column::exact(90.0))
            .column(Column::remainder().at_least(140.0).clip(true))
            .column(Column::exact(120.0))
            .header(height::TABLE_HEADER, |mut row| {
                for (i, head) in heads.iter().enumerate() {
                    row.col(|ui| {
                        table::header(ui, head, i, None, i == 4);
                    });
                }
            })
            .body(|body| {
                body.rows(height::ROW, adapters.len(), |mut row| {
                    let Some(a) = adapters.get(row.index()) else { return };
                    for text in [&a.name, &a.kind, &a.backend, &a.driver] {
                        row.col(|ui| {
                            table::text(ui, text, font::label_regular(), t.text);
                        });
                    }
                    row.col(|ui| {
                        table::number(ui, &format::bytes(a.max_binding_bytes), t.text);
                    });
                });
            });
    });
}
