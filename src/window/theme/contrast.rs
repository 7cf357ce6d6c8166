//! Every pair of text, mark and ground of the design keeps its contrast (WCAG 2 relative luminance) in both themes.

use super::tokens::Tokens;
use egui::Color32;

/// Foreground, background, and the ratio they need: 4.5 for text, 3 for graphics and large text.
const PAIRS: [(&str, &str, f64); 123] = [
    ("text_strong", "app_bg", 4.5),
    ("text_strong", "bar_bg", 4.5),
    ("text_strong", "panel_bg", 4.5),
    ("text_strong", "raised_bg", 4.5),
    ("text_strong", "input_bg", 4.5),
    ("text_strong", "hover_bg", 4.5),
    ("text_strong", "canvas_bg", 4.5),
    ("text_strong", "accent_fill", 4.5),
    ("text_strong", "pressed_bg", 4.5),
    ("text_strong", "field_zero", 4.5),
    ("text", "app_bg", 4.5),
    ("text", "bar_bg", 4.5),
    ("text", "panel_bg", 4.5),
    ("text", "raised_bg", 4.5),
    ("text", "input_bg", 4.5),
    ("text", "hover_bg", 4.5),
    ("text", "canvas_bg", 4.5),
    ("text", "accent_fill", 4.5),
    ("text", "pressed_bg", 4.5),
    ("text", "field_zero", 4.5),
    ("text_subdued", "app_bg", 4.5),
    ("text_subdued", "bar_bg", 4.5),
    ("text_subdued", "panel_bg", 4.5),
    ("text_subdued", "raised_bg", 4.5),
    ("text_subdued", "input_bg", 4.5),
    ("text_subdued", "hover_bg", 4.5),
    ("text_subdued", "canvas_bg", 4.5),
    ("text_subdued", "accent_fill", 4.5),
    ("text_subdued", "pressed_bg", 4.5),
    ("text_subdued", "field_zero", 4.5),
    ("accent_text", "bar_bg", 4.5),
    ("accent_text", "panel_bg", 4.5),
    ("accent_text", "raised_bg", 4.5),
    ("accent_text", "hover_bg", 4.5),
    ("accent_text", "canvas_bg", 4.5),
    ("accent_text", "field_zero", 4.5),
    ("accent_text", "accent_fill", 4.5),
    ("mind_a_text", "bar_bg", 4.5),
    ("mind_a_text", "panel_bg", 4.5),
    ("mind_a_text", "raised_bg", 4.5),
    ("mind_a_text", "hover_bg", 4.5),
    ("mind_a_text", "canvas_bg", 4.5),
    ("mind_a_text", "field_zero", 4.5),
    ("mind_a_text", "accent_fill", 4.5),
    ("mind_b_text", "bar_bg", 4.5),
    ("mind_b_text", "panel_bg", 4.5),
    ("mind_b_text", "raised_bg", 4.5),
    ("mind_b_text", "hover_bg", 4.5),
    ("mind_b_text", "canvas_bg", 4.5),
    ("mind_b_text", "field_zero", 4.5),
    ("mind_b_text", "accent_fill", 4.5),
    ("mind_a_text", "mind_a_fill", 4.5),
    ("mind_b_text", "mind_b_fill", 4.5),
    ("on_accent", "accent", 4.5),
    ("ok", "bar_bg", 4.5),
    ("ok", "panel_bg", 4.5),
    ("ok", "raised_bg", 4.5),
    ("ok", "ok_fill", 4.5),
    ("warn", "bar_bg", 4.5),
    ("warn", "panel_bg", 4.5),
    ("warn", "raised_bg", 4.5),
    ("warn", "warn_fill", 4.5),
    ("error", "bar_bg", 4.5),
    ("error", "panel_bg", 4.5),
    ("error", "raised_bg", 4.5),
    ("error", "error_fill", 4.5),
    ("text_strong", "ok_fill", 4.5),
    ("text_strong", "warn_fill", 4.5),
    ("text_strong", "error_fill", 4.5),
    ("text_strong", "plot_band", 4.5),
    ("text", "ok_fill", 4.5),
    ("text", "warn_fill", 4.5),
    ("text", "error_fill", 4.5),
    ("text", "plot_band", 4.5),
    ("text_subdued", "ok_fill", 4.5),
    ("text_subdued", "warn_fill", 4.5),
    ("text_subdued", "error_fill", 4.5),
    ("text_subdued", "plot_band", 4.5),
    ("text", "mind_a_fill", 4.5),
    ("text", "mind_b_fill", 4.5),
    ("accent_text", "plot_band", 4.5),
    ("accent_text", "pressed_bg", 4.5),
    ("mind_a_text", "pressed_bg", 4.5),
    ("mind_b_text", "pressed_bg", 4.5),
    ("series_2", "plot_band", 3.0),
    ("accent", "plot_band", 3.0),
    ("mind_a", "panel_bg", 3.0),
    ("mind_a", "raised_bg", 3.0),
    ("mind_a", "canvas_bg", 3.0),
    ("mind_b", "panel_bg", 3.0),
    ("mind_b", "raised_bg", 3.0),
    ("mind_b", "canvas_bg", 3.0),
    ("accent", "panel_bg", 3.0),
    ("accent", "raised_bg", 3.0),
    ("accent", "canvas_bg", 3.0),
    ("focus_ring", "panel_bg", 3.0),
    ("focus_ring", "raised_bg", 3.0),
    ("focus_ring", "canvas_bg", 3.0),
    ("plot_axis", "panel_bg", 3.0),
    ("plot_axis", "raised_bg", 3.0),
    ("plot_axis", "canvas_bg", 3.0),
    ("line_control", "panel_bg", 3.0),
    ("line_control", "raised_bg", 3.0),
    ("line_control", "canvas_bg", 3.0),
    ("accent", "field_zero", 3.0),
    ("mind_a", "field_zero", 3.0),
    ("mind_b", "field_zero", 3.0),
    ("series_1", "panel_bg", 3.0),
    ("series_1", "canvas_bg", 3.0),
    ("series_2", "panel_bg", 3.0),
    ("series_2", "canvas_bg", 3.0),
    ("series_3", "panel_bg", 3.0),
    ("series_3", "canvas_bg", 3.0),
    ("series_4", "panel_bg", 3.0),
    ("series_4", "canvas_bg", 3.0),
    ("series_5", "panel_bg", 3.0),
    ("series_5", "canvas_bg", 3.0),
    ("series_6", "panel_bg", 3.0),
    ("series_6", "canvas_bg", 3.0),
    ("series_7", "panel_bg", 3.0),
    ("series_7", "canvas_bg", 3.0),
    ("series_8", "panel_bg", 3.0),
    ("series_8", "canvas_bg", 3.0),
];

fn luminance(c: Color32) -> f64 {
    let channel = |v: u8| {
        let s = f64::from(v) / 255.0;
        if s <= 0.040_45 { s / 12.92 } else { ((s + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(c.r()) + 0.7152 * channel(c.g()) + 0.0722 * channel(c.b())
}

fn ratio(a: Color32, b: Color32) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn every_pair_of_the_design_is_readable_in_both_themes() {
    for tokens in [Tokens::dark(), Tokens::light()] {
        let named = tokens.named();
        let colour = |name: &str| named.iter().find(|(n, _)| *n == name).map(|(_, c)| *c).unwrap();
        for (foreground, background, needs) in PAIRS {
            let r = ratio(colour(foreground), colour(background));
            assert!(
                r >= needs,
                "{foreground} on {background}: {r:.2}, needs {needs} (dark: {})",
                tokens.dark
            );
        }
    }
}

#[test]
fn black_on_white_is_the_largest_contrast() {
    assert!((ratio(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 1e-9);
}
