//! The device view: which adapters there are, which one works and why, memory, and whether a software renderer draws.

use crate::window::command::Severity;
use crate::window::format;
use crate::window::services::{Adapter, DeviceReport};
use crate::window::theme::{font, height, panel};
use crate::window::view::{View, ViewContext, ViewKind};
use crate::window::widgets::{Banner, EmptyState, property_row, section_heading, table, toolbar};
use egui::{ScrollArea, Ui, vec2};
use egui_extras::Column;

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
            EmptyState::new(
                "cpu",
                "Looking for devices",
                "Drivers are loaded once, which takes a second or two",
            )
            .ui(ui);
            return;
        };
        ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
            let pad = panel::VIEW_PADDING;
            let full = ui.available_width();
            let inner = egui::Rect::from_min_size(
                ui.cursor().min + vec2(pad, pad),
                vec2((full - 2.0 * pad).clamp(200.0, 1040.0), 4000.0),
            );
            let out =
                ui.scope_builder(egui::UiBuilder::new().max_rect(inner), |ui| body(ui, context, report));
            ui.expand_to_include_rect(out.response.rect.expand(pad));
        });
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
    ui.allocate_ui(vec2(ui.available_width(), tall), |ui| {
        table::builder(ui, "adapters")
            .vscroll(false)
            .column(Column::remainder().at_least(180.0).clip(true))
            .column(Column::exact(90.0))
            .column(Column::exact(90.0))
            .column(Column::exact(200.0).clip(true))
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
