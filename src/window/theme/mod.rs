//! Colours, sizes, fonts and icons of the window in one place.

pub mod fonts;
pub mod icons;
pub mod size;
pub mod style;
pub mod system_fonts;
pub mod tokens;

#[cfg(test)]
mod contrast;

pub use fonts::font;
pub use icons::icon;
pub use size::{height, panel, radius, space, stroke};
pub use tokens::{Tokens, blend, from_map};

use std::sync::LazyLock;

static DARK: LazyLock<Tokens> = LazyLock::new(Tokens::dark);
static LIGHT: LazyLock<Tokens> = LazyLock::new(Tokens::light);

/// The tokens of one theme.
pub fn tokens(dark: bool) -> &'static Tokens {
    if dark { &DARK } else { &LIGHT }
}

/// The tokens of the theme that this `Ui` is drawn in.
pub fn of(ui: &egui::Ui) -> &'static Tokens {
    tokens(ui.visuals().dark_mode)
}

/// The tokens of the context's theme, for overlays that have no `Ui` yet.
pub fn of_context(ctx: &egui::Context) -> &'static Tokens {
    tokens(ctx.theme() == egui::Theme::Dark)
}

/// Installs fonts and the styles of both themes; call once for a context.
pub fn install(ctx: &egui::Context) {
    ctx.set_fonts(fonts::definitions());
    ctx.set_style_of(egui::Theme::Dark, style::style(tokens(true)));
    ctx.set_style_of(egui::Theme::Light, style::style(tokens(false)));
}

/// Animations of panels and menus on, or off for those whom motion disturbs. Nothing that carries data ever moves.
pub fn set_motion(ctx: &egui::Context, on: bool) {
    ctx.all_styles_mut(|s| s.animation_time = if on { style::ANIMATION_S } else { 0.0 });
}
