//! The colours of both themes, one field an alias of the design tokens; code names aliases only, never primitives.

use egui::Color32;

/// Every colour of one theme.
#[derive(Clone, Debug, PartialEq)]
pub struct Tokens {
    /// Whether this is the dark theme.
    pub dark: bool,
    /// Ground of the whole window.
    pub app_bg: Color32,
    /// Alias `bar_bg` of the design tokens.
    pub bar_bg: Color32,
    /// Alias `panel_bg` of the design tokens.
    pub panel_bg: Color32,
    /// Alias `view_bg` of the design tokens.
    pub view_bg: Color32,
    /// Alias `canvas_bg` of the design tokens.
    pub canvas_bg: Color32,
    /// Ground of a D matrix: agreement melts into it.
    pub field_zero: Color32,
    /// Alias `raised_bg` of the design tokens.
    pub raised_bg: Color32,
    /// Alias `input_bg` of the design tokens.
    pub input_bg: Color32,
    /// Alias `hover_bg` of the design tokens.
    pub hover_bg: Color32,
    /// Alias `pressed_bg` of the design tokens.
    pub pressed_bg: Color32,
    /// Alias `track_bg` of the design tokens.
    pub track_bg: Color32,
    /// Alias `overlay_bg` of the design tokens.
    pub overlay_bg: Color32,
    /// Alias `line_faint` of the design tokens.
    pub line_faint: Color32,
    /// Alias `line` of the design tokens.
    pub line: Color32,
    /// Alias `line_strong` of the design tokens.
    pub line_strong: Color32,
    /// Alias `line_control` of the design tokens.
    pub line_control: Color32,
    /// Alias `text_strong` of the design tokens.
    pub text_strong: Color32,
    /// Alias `text` of the design tokens.
    pub text: Color32,
    /// Alias `text_subdued` of the design tokens.
    pub text_subdued: Color32,
    /// Alias `text_disabled` of the design tokens.
    pub text_disabled: Color32,
    /// Alias `plot_grid` of the design tokens.
    pub plot_grid: Color32,
    /// Alias `plot_axis` of the design tokens.
    pub plot_axis: Color32,
    /// Alias `plot_band` of the design tokens.
    pub plot_band: Color32,
    /// Alias `missing_a` of the design tokens.
    pub missing_a: Color32,
    /// Alias `missing_b` of the design tokens.
    pub missing_b: Color32,
    /// Alias `accent` of the design tokens.
    pub accent: Color32,
    /// Alias `accent_text` of the design tokens.
    pub accent_text: Color32,
    /// Alias `accent_fill` of the design tokens.
    pub accent_fill: Color32,
    /// Alias `on_accent` of the design tokens.
    pub on_accent: Color32,
    /// Alias `focus_ring` of the design tokens.
    pub focus_ring: Color32,
    /// Alias `mind_a` of the design tokens.
    pub mind_a: Color32,
    /// Alias `mind_a_text` of the design tokens.
    pub mind_a_text: Color32,
    /// Alias `mind_a_fill` of the design tokens.
    pub mind_a_fill: Color32,
    /// Alias `mind_b` of the design tokens.
    pub mind_b: Color32,
    /// Alias `mind_b_text` of the design tokens.
    pub mind_b_text: Color32,
    /// Alias `mind_b_fill` of the design tokens.
    pub mind_b_fill: Color32,
    /// Alias `ok` of the design tokens.
    pub ok: Color32,
    /// Alias `warn` of the design tokens.
    pub warn: Color32,
    /// Alias `error` of the design tokens.
    pub error: Color32,
    /// Alias `ok_fill` of the design tokens.
    pub ok_fill: Color32,
    /// Alias `warn_fill` of the design tokens.
    pub warn_fill: Color32,
    /// Alias `error_fill` of the design tokens.
    pub error_fill: Color32,
    /// Alias `series_1` of the design tokens.
    pub series_1: Color32,
    /// Alias `series_2` of the design tokens.
    pub series_2: Color32,
    /// Alias `series_3` of the design tokens.
    pub series_3: Color32,
    /// Alias `series_4` of the design tokens.
    pub series_4: Color32,
    /// Alias `series_5` of the design tokens.
    pub series_5: Color32,
    /// Alias `series_6` of the design tokens.
    pub series_6: Color32,
    /// Alias `series_7` of the design tokens.
    pub series_7: Color32,
    /// Alias `series_8` of the design tokens.
    pub series_8: Color32,
}

impl Tokens {
    /// The dark theme.
    pub fn dark() -> Self {
        Self {
            dark: true,
            app_bg: hex(0x0e0c0b),
            bar_bg: hex(0x121010),
            panel_bg: hex(0x171514),
            view_bg: hex(0x171514),
            canvas_bg: hex(0x0e0c0b),
            field_zero: hex(0x190c09),
            raised_bg: hex(0x1d1b1a),
            input_bg: hex(0x121010),
            hover_bg: hex(0x262322),
            pressed_bg: hex(0x302d2b),
            track_bg: hex(0x302d2b),
            overlay_bg: hex(0x1d1b1a),
            line_faint: hex(0x262322),
            line: hex(0x302d2b),
            line_strong: hex(0x3e3a38),
            line_control: hex(0x736c68),
            text_strong: hex(0xffffff),
            text: hex(0xd9d4d0),
            text_subdued: hex(0xaca6a1),
            text_disabled: hex(0x736c68),
            plot_grid: hex(0x262322),
            plot_axis: hex(0x736c68),
            plot_band: hex(0x3e3a38),
            missing_a: hex(0x3e3a38),
            missing_b: hex(0x524d4a),
            accent: hex(0x3fcfbc),
            accent_text: hex(0x7fe3d4),
            accent_fill: hex(0x12312d),
            on_accent: hex(0x06302b),
            focus_ring: hex(0x3fcfbc),
            mind_a: hex(0xf5a08a),
            mind_a_text: hex(0xf9b9a8),
            mind_a_fill: hex(0x4a2318),
            mind_b: hex(0x94aeff),
            mind_b_text: hex(0xb4c4ff),
            mind_b_fill: hex(0x22305c),
            ok: hex(0x86c871),
            warn: hex(0xebb64a),
            error: hex(0xff7188),
            ok_fill: hex(0x1b2c17),
            warn_fill: hex(0x33270f),
            error_fill: hex(0x3a161c),
            series_1: hex(0x56b4e9),
            series_2: hex(0xe9a227),
            series_3: hex(0x35bf95),
            series_4: hex(0xefe35a),
            series_5: hex(0xde8fbe),
            series_6: hex(0x7e9bff),
            series_7: hex(0xf2783f),
            series_8: hex(0xb9b3ae),
        }
    }

    /// The light theme.
    pub fn light() -> Self {
        Self {
            dark: false,
            app_bg: hex(0xf0edea),
            bar_bg: hex(0xf6f4f2),
            panel_bg: hex(0xfbfaf9),
            view_bg: hex(0xfbfaf9),
            canvas_bg: hex(0xffffff),
            field_zero: hex(0xece5e0),
            raised_bg: hex(0xffffff),
            input_bg: hex(0xffffff),
            hover_bg: hex(0xf0edea),
            pressed_bg: hex(0xe1dbd6),
            track_bg: hex(0xe1dbd6),
            overlay_bg: hex(0xffffff),
            line_faint: hex(0xebe6e2),
            line: hex(0xe1dbd6),
            line_strong: hex(0xbfb7b0),
            line_control: hex(0x857c75),
            text_strong: hex(0x0b0a09),
            text: hex(0x2e2a27),
            text_subdued: hex(0x655d57),
            text_disabled: hex(0xa39a93),
            plot_grid: hex(0xebe6e2),
            plot_axis: hex(0x857c75),
            plot_band: hex(0xe1dbd6),
            missing_a: hex(0xd3ccc6),
            missing_b: hex(0xbfb7b0),
            accent: hex(0x0e8375),
            accent_text: hex(0x0a6a5f),
            accent_fill: hex(0xd5efea),
            on_accent: hex(0xffffff),
            focus_ring: hex(0x0e8375),
            mind_a: hex(0xa2411d),
            mind_a_text: hex(0xa2411d),
            mind_a_fill: hex(0xf6e0d6),
            mind_b: hex(0x22599c),
            mind_b_text: hex(0x22599c),
            mind_b_fill: hex(0xdbe6f4),
            ok: hex(0x2f7327),
            warn: hex(0x8a5a00),
            error: hex(0xbe1e3c),
            ok_fill: hex(0xe1f0dc),
            warn_fill: hex(0xfbefd3),
            error_fill: hex(0xfbe0e3),
            series_1: hex(0x2a86c2),
            series_2: hex(0xac6e00),
            series_3: hex(0x00694e),
            series_4: hex(0x4a4300),
            series_5: hex(0xb34a87),
            series_6: hex(0x2e3a9e),
            series_7: hex(0xa33a08),
            series_8: hex(0x7f7872),
        }
    }

    /// Every alias by name, for the contrast test and the components page.
    pub fn named(&self) -> Vec<(&'static str, Color32)> {
        vec![
            ("app_bg", self.app_bg),
            ("bar_bg", self.bar_bg),
            ("panel_bg", self.panel_bg),
            ("view_bg", self.view_bg),
            ("canvas_bg", self.canvas_bg),
            ("field_zero", self.field_zero),
            ("raised_bg", self.raised_bg),
            ("input_bg", self.input_bg),
            ("hover_bg", self.hover_bg),
            ("pressed_bg", self.pressed_bg),
            ("track_bg", self.track_bg),
            ("overlay_bg", self.overlay_bg),
            ("line_faint", self.line_faint),
            ("line", self.line),
            ("line_strong", self.line_strong),
            ("line_control", self.line_control),
            ("text_strong", self.text_strong),
            ("text", self.text),
            ("text_subdued", self.text_subdued),
            ("text_disabled", self.text_disabled),
            ("plot_grid", self.plot_grid),
            ("plot_axis", self.plot_axis),
            ("plot_band", self.plot_band),
            ("missing_a", self.missing_a),
            ("missing_b", self.missing_b),
            ("accent", self.accent),
            ("accent_text", self.accent_text),
            ("accent_fill", self.accent_fill),
            ("on_accent", self.on_accent),
            ("focus_ring", self.focus_ring),
            ("mind_a", self.mind_a),
            ("mind_a_text", self.mind_a_text),
            ("mind_a_fill", self.mind_a_fill),
            ("mind_b", self.mind_b),
            ("mind_b_text", self.mind_b_text),
            ("mind_b_fill", self.mind_b_fill),
            ("ok", self.ok),
            ("warn", self.warn),
            ("error", self.error),
            ("ok_fill", self.ok_fill),
            ("warn_fill", self.warn_fill),
            ("error_fill", self.error_fill),
            ("series_1", self.series_1),
            ("series_2", self.series_2),
            ("series_3", self.series_3),
            ("series_4", self.series_4),
            ("series_5", self.series_5),
            ("series_6", self.series_6),
            ("series_7", self.series_7),
            ("series_8", self.series_8),
        ]
    }

    /// The colour of series 1 to 8 (wraps around).
    pub fn series(&self, index: usize) -> Color32 {
        [
            self.series_1,
            self.series_2,
            self.series_3,
            self.series_4,
            self.series_5,
            self.series_6,
            self.series_7,
            self.series_8,
        ][index % 8]
    }
}

/// The one place where a colour is made from numbers.
#[allow(clippy::disallowed_methods)]
const fn hex(rgb: u32) -> Color32 {
    Color32::from_rgb((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
}

/// A colour with this opacity (0 to 1) laid over a ground, once and for all.
#[allow(clippy::disallowed_methods)]
pub fn blend(over: Color32, ground: Color32, alpha: f32) -> Color32 {
    let mix = |a: u8, b: u8| (f32::from(a) * alpha + f32::from(b) * (1.0 - alpha)).round() as u8;
    Color32::from_rgb(mix(over.r(), ground.r()), mix(over.g(), ground.g()), mix(over.b(), ground.b()))
}

/// A colour from a colour-map entry.
#[allow(clippy::disallowed_methods)]
pub fn from_map(rgb: [u8; 3]) -> Color32 {
    Color32::from_rgb(rgb[0], rgb[1], rgb[2])
}
